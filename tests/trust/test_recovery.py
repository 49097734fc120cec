"""The printed recovery key: copied with care, tried before it counts, and a way back in that the trail tells of."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import db.users
from db import audit_verification, keys
from db.recovery_key import ALPHABET, GROUPS, NotRecoveryKey, new_recovery_key, read_recovery_key
from db.vault import HEADER, open_slot, read_header
from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.cli import main
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.errors import InputRejected, IntegrityFailure, KingshurstError, StoreLocked, WrongPassphrase
from kingshurst_tui.keyholding import recovery, users
from kingshurst_tui.oversight.trail import verify_trail
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from tests.conftest import NOON
from tests.trust.attacks import cut
from tests.trust.conftest import PASSPHRASES, Open

FRESH = "another lantern dry ferry hill"


@pytest.fixture
def paper(opened: Open) -> str:
    """The recovery key of the copy, written down."""
    proposed = recovery.propose()
    recovery.confirm(opened("administrator"), proposed, proposed)
    return proposed


# --- copying it ----------------------------------------------------------------------------------------------------


def test_a_key_has_at_least_128_bits() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert GROUPS * 4 * 5 >= 128
    assert len({new_recovery_key() for _ in range(200)}) == 200


@given(st.integers(0, 34), st.integers(1, 31))
def test_one_wrong_character_is_found_and_its_group_named(place: int, by: int) -> None:
    key = new_recovery_key().replace("-", "")
    wrong = ALPHABET[(ALPHABET.index(key[place]) + by) % 32]
    with pytest.raises(NotRecoveryKey, match=f"Group {place // 5 + 1} is"):
        read_recovery_key(key[:place] + wrong + key[place + 1 :])


@given(st.integers(0, 6), st.integers(0, 3))
def test_two_neighbours_changed_over_are_found(group: int, place: int) -> None:
    key = new_recovery_key().replace("-", "")
    at = group * 5 + place
    swapped = key[:at] + key[at + 1] + key[at] + key[at + 2 :]
    if swapped != key:
        with pytest.raises(NotRecoveryKey):
            read_recovery_key(swapped)


@given(st.permutations(range(GROUPS)))
def test_groups_in_another_order_are_found(order: list[int]) -> None:
    groups = new_recovery_key().split("-")
    if order != sorted(order):
        with pytest.raises(NotRecoveryKey):
            read_recovery_key("-".join(groups[at] for at in order))


@given(st.text(max_size=80))
def test_anything_else_is_no_key_and_is_not_repeated(text: str) -> None:
    with pytest.raises(NotRecoveryKey) as wrong:
        read_recovery_key(text)
    assert len(text) < 6 or text not in str(wrong.value)


def test_case_spacing_and_look_alikes_do_not_matter() -> None:
    key = next(key for key in iter(new_recovery_key, "") if "0" in key and "1" in key)
    typed = key.lower().replace("-", "  ").replace("0", "o").replace("1", "l")
    assert read_recovery_key(typed) == key


# --- making it -----------------------------------------------------------------------------------------------------


def test_it_counts_only_once_it_was_typed_back(opened: Open, folder: Path) -> None:
    administrator = opened("administrator")
    proposed = recovery.propose()
    with pytest.raises(InputRejected):
        recovery.confirm(administrator, proposed, recovery.propose())
    with pytest.raises(InputRejected):
        recovery.confirm(administrator, proposed, proposed[:-1])
    assert read_header(folder).recovery is None
    recovery.confirm(administrator, proposed, proposed.lower())
    assert read_header(folder).recovery is not None


def test_a_new_key_ends_the_earlier_one(opened: Open, folder: Path, paper: str, clock: FixedClock) -> None:
    newer = recovery.propose()
    recovery.confirm(opened("administrator"), newer, newer)
    assert sum(slot.kind == "recovery" for slot in read_header(folder).slots) == 1
    with pytest.raises(WrongPassphrase):
        recovery.recover(folder, "coordinator", paper, FRESH, clock=clock)
    clock.move(timedelta(minutes=1))
    recovery.recover(folder, "coordinator", newer, FRESH, clock=clock)


def test_only_an_administrator_makes_one(opened: Open, folder: Path) -> None:
    proposed = recovery.propose()
    with pytest.raises(KingshurstError, match="may not"):
        recovery.confirm(opened("coordinator"), proposed, proposed)
    assert read_header(folder).recovery is None


def test_every_leaf_of_its_slot_is_guarded(opened: Open, folder: Path, paper: str, clock: FixedClock) -> None:
    written = json.loads((folder / HEADER).read_text())
    place = next(at for at, slot in enumerate(written["slots"]) if slot["kind"] == "recovery")
    for leaf, value in written["slots"][place].items():
        document = json.loads(json.dumps(written))
        changed = value + 1 if isinstance(value, int) else ("0" if value[:1] != "0" else "1") + value[1:]
        document["slots"][place][leaf] = changed
        (folder / HEADER).write_text(json.dumps(document))
        clock.move(timedelta(hours=1))
        with pytest.raises((WrongPassphrase, IntegrityFailure, StoreLocked)) as refused:
            recovery.recover(folder, "coordinator", paper, FRESH, clock=clock)
        assert refused.value.code != "try-later", leaf
        with pytest.raises(IntegrityFailure):
            vaults.open_session(folder, "supervisor", PASSPHRASES["supervisor"], clock=clock)


# --- using it ------------------------------------------------------------------------------------------------------


def test_it_gives_a_user_a_new_passphrase_and_the_trail_verifies(
    opened: Open, folder: Path, paper: str, clock: FixedClock
) -> None:
    before = opened("coordinator")
    with before.act(Operation.CONSULT, Thing.AGENDA, reason=Reason(ReasonCode.PANEL)):
        pass
    before.close()
    signed_by = recovery.recover(folder, "coordinator", paper, FRESH, clock=clock)
    with pytest.raises(WrongPassphrase):
        vaults.open_session(folder, "coordinator", PASSPHRASES["coordinator"], clock=FixedClock(NOON))
    clock.move(timedelta(minutes=1))
    session = vaults.open_session(folder, "coordinator", FRESH, clock=clock)
    with session.act(Operation.CONSULT, Thing.AGENDA, reason=Reason(ReasonCode.PANEL)):
        pass
    session.close()
    supervisor = opened("supervisor")
    found = verify_trail(supervisor)
    assert found.holds, found.problem
    entries = [json.loads(each.body) for each in supervisor.look(lambda c: list(db.audit.entries(c)))]
    told = next(entry for entry in entries if entry["facts"].get("changed") == "recovered")
    assert told["actor"] == signed_by
    assert told["facts"]["user"] == "coordinator"
    introduced = next(entry for entry in entries if entry["facts"].get("user") == signed_by)
    assert introduced["actor"] == "administrator"
    # What the former key signed still has a key to verify it.
    assert len(supervisor.look(db.users.earlier_keys)["coordinator"]) == 1


def test_nobody_but_a_recovery_key_gives_somebody_another_key(opened: Open, folder: Path) -> None:
    administrator = opened("administrator")
    former = open_slot(read_header(folder), "coordinator", PASSPHRASES["coordinator"])[1].signing_public.hex()
    pairs = keys.UserKeys.generate()
    facts = {"user": "coordinator", "signing_public": pairs.signing_public.hex(), "replaces": former}
    with administrator.act(Operation.ADMINISTER, Thing.USER, reason=Reason(ReasonCode.MAINTENANCE), facts=facts):
        pass
    anchors = {slot.user: bytes.fromhex(slot.signing_public) for slot in read_header(folder).slots}
    found = administrator.look(audit_verification.verify, anchors)
    assert "a second time" in found.problem


def test_the_recovery_slot_opens_no_session_of_its_own(opened: Open, folder: Path, paper: str) -> None:
    slot = read_header(folder).recovery
    assert slot is not None
    with pytest.raises(WrongPassphrase):
        vaults.open_session(folder, slot.user, paper)


def test_it_brings_back_nobody_who_was_suspended_or_left(
    opened: Open, folder: Path, paper: str, clock: FixedClock
) -> None:
    administrator = opened("administrator")
    users.set_user_status(administrator, "practitioner", "suspended")
    users.leave(administrator, "coordinator")
    for name in ("practitioner", "coordinator", "nobody"):
        with pytest.raises(KingshurstError):
            recovery.recover(folder, name, paper, FRESH, clock=clock)
    assert read_header(folder).slot("coordinator") is None


def test_a_store_without_one_says_how_to_get_it(folder: Path) -> None:
    with pytest.raises(StoreLocked) as none:
        recovery.recover(folder, "coordinator", new_recovery_key(), FRESH)
    assert "user recovery" in none.value.hint


def _private(path: Path, words: str) -> str:
    path.write_text(words + "\n")
    path.chmod(0o600)
    return str(path)


def test_without_a_terminal_it_goes_to_a_private_file_and_comes_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, paper = tmp_path / "store", tmp_path / "recovery"
    first = _private(tmp_path / "first", PASSPHRASES["administrator"])
    second = _private(tmp_path / "second", FRESH)
    made = ["init", str(store), "--user", "adm", "--agency", "SMBC", "--passphrase-file", first]
    assert main(made) == 2
    assert not store.exists()
    assert main([*made, "--recovery-file", str(paper), "--json"]) == 0
    assert paper.stat().st_mode & 0o077 == 0
    assert read_recovery_key(paper.read_text())
    recovered = ["recover", str(store), "--user", "adm", "--recovery-file", str(paper)]
    assert main([*recovered, "--new-passphrase-file", second, "--json"]) == 0
    assert main(["user", "list", str(store), "--passphrase-file", first, "--json"]) == 5
    out = capsys.readouterr()
    assert paper.read_text().strip() not in out.out + out.err


def test_nobody_is_let_into_a_store_whose_trail_was_cut(folder: Path, opened: Open, paper: str) -> None:
    administrator = opened("administrator")
    for status in ("suspended", "active"):
        users.set_user_status(administrator, "supervisor", status)
    administrator.close()
    cut(folder, 8)
    before = (folder / HEADER).read_bytes()
    with pytest.raises(IntegrityFailure):
        recovery.recover(folder, "practitioner", paper, FRESH, clock=FixedClock(NOON))
    assert (folder / HEADER).read_bytes() == before
