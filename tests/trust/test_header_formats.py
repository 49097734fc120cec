"""A header of the first format opens, becomes one of the second at its next change, and no slot is lost on the way."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import keys
from db.slots import seal_slot
from db.vault import FORMAT, HEADER, changing_header, open_slot, read_header, write_header
from kingshurst_tui import vaults
from kingshurst_tui.errors import IntegrityFailure, KingshurstError
from kingshurst_tui.keyholding import users
from tests.conftest import ROOT
from tests.trust.conftest import PASSPHRASES, Open

LATER = ("kind", "factor", "factor_check")


def as_format_1(folder: Path) -> None:
    """Write the header as the first format wrote it: no later leaves, and two store keys in each slot."""
    header = read_header(folder)
    opened = {name: open_slot(header, name, PASSPHRASES[name]) for name in PASSPHRASES}
    store_keys = opened["administrator"][2]
    document = header.document() | {"format": 1}
    for slot in document["slots"]:
        for leaf in LATER:
            del slot[leaf]
    del document["mac"]
    mac = keys.mac(keys.derive(store_keys.data, "kingshurst/header/1"), keys.canonical(document)).hex()
    (folder / HEADER).write_text(json.dumps(document | {"mac": mac}))


def test_a_header_of_the_first_format_opens_and_is_written_as_the_second(folder: Path, opened: Open) -> None:
    as_format_1(folder)
    assert read_header(folder).format == 1
    opened("coordinator")
    users.change_passphrase(opened("practitioner"), "another lantern dry ferry hill")
    written = json.loads((folder / HEADER).read_text())
    assert written["format"] == FORMAT == 2
    assert all(leaf in slot for slot in written["slots"] for leaf in LATER)
    for name in ("coordinator", "supervisor", "governance", "administrator"):
        opened(name)
    vaults.open_session(folder, "practitioner", "another lantern dry ferry hill").close()


def test_a_slot_of_two_keys_has_the_data_key_as_the_one_that_lasts(folder: Path) -> None:
    header = read_header(folder)
    slot, pairs, store_keys = open_slot(header, "coordinator", PASSPHRASES["coordinator"])
    two = keys.seal_to(pairs.sealing_public, bytes(store_keys.data + store_keys.person), slot.about(header.vault))
    header = header.with_slot(replace(slot, sealed_store_keys=two.hex())).signed(store_keys)
    write_header(folder, header)
    found = open_slot(header, "coordinator", PASSPHRASES["coordinator"])[2]
    assert found.lasting == store_keys.data
    assert found.person == store_keys.person


def test_a_newer_header_cannot_be_passed_off_as_an_older_one(folder: Path) -> None:
    written = json.loads((folder / HEADER).read_text())
    written["format"] = 1
    for slot in written["slots"]:
        for leaf in LATER:
            del slot[leaf]
    (folder / HEADER).write_text(json.dumps(written))
    with pytest.raises(IntegrityFailure):
        vaults.open_session(folder, "coordinator", PASSPHRASES["coordinator"])


def test_an_altered_header_is_never_given_a_new_mac(folder: Path, opened: Open) -> None:
    administrator = opened("administrator")
    written = json.loads((folder / HEADER).read_text())
    slot = next(each for each in written["slots"] if each["user"] == "practitioner")
    slot["status"] = "suspended"
    (folder / HEADER).write_text(json.dumps(written))
    with pytest.raises(IntegrityFailure):
        users.set_user_status(administrator, "coordinator", "suspended")
    assert json.loads((folder / HEADER).read_text()) == written


ADDS = """
import sys
from pathlib import Path
from kingshurst_tui import vaults
from kingshurst_tui.keyholding import users
from kingshurst_tui.vocabulary import Role
folder, passphrase, first = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
session = vaults.open_session(folder, "administrator", passphrase)
print("ready", flush=True)
sys.stdin.readline()
for number in range(first, first + 2):
    words = f"lantern wet ferry {number} hill"
    users.add_user(session, f"person-{number}", "Somebody", "SCH", Role.PRACTITIONER, words)
session.close()
"""


def test_two_administrators_at_once_lose_no_slot(folder: Path) -> None:
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", ADDS, str(folder), PASSPHRASES["administrator"], str(first)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for first in (10, 20)
    ]
    for run in runs:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
    for run in runs:
        assert run.stdin is not None
        run.stdin.write("\n")
        run.stdin.flush()
    assert [run.wait(60) for run in runs] == [0, 0]
    for run in runs:
        run.communicate()
    names = {slot.user for slot in read_header(folder).slots}
    assert {f"person-{number}" for first in (10, 20) for number in range(first, first + 2)} <= names
    vaults.open_session(folder, "person-21", "lantern wet ferry 21 hill").close()


def test_what_a_failed_act_wrote_into_the_header_is_put_back(folder: Path, opened: Open) -> None:
    administrator = opened("administrator")
    before = (folder / HEADER).read_text()

    def fail_after_writing() -> None:
        with changing_header(folder, administrator._store_keys) as draft:
            draft.write(draft.header.without_slot("coordinator"))
            raise RuntimeError("the commit failed")

    with pytest.raises(RuntimeError):
        fail_after_writing()
    assert json.loads((folder / HEADER).read_text()) == json.loads(before)
    opened("coordinator")


def test_a_slot_without_a_user_does_not_open_and_the_name_can_be_added_again(folder: Path, opened: Open) -> None:
    administrator = opened("administrator")
    pairs = keys.UserKeys.generate()
    with changing_header(folder, administrator._store_keys) as draft:  # as a kill before the commit leaves it
        slot = seal_slot(
            draft.header.vault, "newcomer", "practitioner", "SCH", "lantern wet", pairs, administrator._store_keys
        )
        draft.write(draft.header.with_slot(slot))
    with pytest.raises(KingshurstError, match="never finished"):
        vaults.open_session(folder, "newcomer", "lantern wet")
    from kingshurst_tui.vocabulary import Role

    users.add_user(administrator, "newcomer", "New Comer", "SCH", Role.PRACTITIONER, "lantern wet ferry hill road")
    vaults.open_session(folder, "newcomer", "lantern wet ferry hill road").close()


@pytest.mark.parametrize(
    ("leaf", "value"),
    [
        ("user", "\ud800"),
        ("salt", ""),
        ("time", 2**70),
        ("time", True),
        ("time", 3.0),
        ("status", None),
        ("sealed_pairs", "zz"),
        ("factor", "retina"),
        ("kind", []),
        ("more", "than there should be"),
    ],
)
@pytest.mark.parametrize("place", [0, 1])
def test_what_no_header_ever_said_is_damage_and_never_a_fault(
    folder: Path, leaf: str, value: object, place: int
) -> None:
    written = json.loads((folder / HEADER).read_text())
    name = written["slots"][0]["user"]
    written["slots"][place][leaf] = value
    (folder / HEADER).write_text(json.dumps(written))
    with pytest.raises(KingshurstError) as refused:
        vaults.open_session(folder, name, PASSPHRASES[name])
    assert refused.value.exit_code in (5, 6)


@pytest.mark.parametrize("leaf", ["vault", "mac", "generation", "demonstration", "format"])
@pytest.mark.parametrize("value", ["\ud800", None, -1, 2**70, [], "", 1.5])
def test_nor_above_the_slots(folder: Path, leaf: str, value: object) -> None:
    written = json.loads((folder / HEADER).read_text())
    (folder / HEADER).write_text(json.dumps(written | {leaf: value}))
    with pytest.raises(KingshurstError):
        open_slot(read_header(folder), "coordinator", PASSPHRASES["coordinator"])


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_no_header(tmp_path: Path, found: bytes) -> None:
    (tmp_path / HEADER).write_bytes(found)
    with pytest.raises(KingshurstError):
        read_header(tmp_path)
