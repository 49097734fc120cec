"""One guess at a passphrase costs the same wherever the slot was written: Argon2id, three passes over 64 MiB."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from db.slots import RECOVERY, seal_slot
from db.vault import HEADER, read_header
from kingshurst_tui import vaults
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.keyholding import recovery, users
from kingshurst_tui.keyholding.rotation import rotate
from kingshurst_tui.upkeep import backups
from kingshurst_tui.upkeep.drills import Opener
from kingshurst_tui.upkeep.restoring import restore
from kingshurst_tui.upkeep.upgrading import upgrade
from kingshurst_tui.vocabulary import Role
from tests.older import make_older
from tests.trust.conftest import PASSPHRASES, Open

ADMIN = PASSPHRASES["administrator"]
FRESH = "another lantern dry ferry hill"


def slots_in(document: Any) -> list[dict[str, Any]]:
    """Every slot in a document, however deep."""
    if isinstance(document, dict):
        here = [document] if "sealed_pairs" in document else []
        return here + [slot for value in document.values() for slot in slots_in(value)]
    return [slot for value in document for slot in slots_in(value)] if isinstance(document, list) else []


def dear_slots(file: Path, at_least: int) -> dict[str, dict[str, Any]]:
    """Read a header or a manifest as text; every slot in it costs what a guess must."""
    slots = slots_in(json.loads(file.read_text(encoding="utf-8")))
    assert len(slots) >= at_least
    for slot in slots:
        assert slot["time"] >= 3, slot["user"]
        assert slot["memory_kib"] >= 64 * 1024, slot["user"]
        assert slot["parallelism"] >= 4, slot["user"]
        assert len(bytes.fromhex(slot["salt"])) >= 16, slot["user"]
    assert len({slot["salt"] for slot in slots}) == len(slots)
    return {"" if slot["kind"] == RECOVERY else slot["user"]: slot for slot in slots}


def opens_at_that_cost(slot: dict[str, Any], vault: str, passphrase: str) -> bool:
    """Open a slot's pairs with nothing of the program's own: what it says is what was done."""
    key = hash_secret_raw(passphrase.encode(), bytes.fromhex(slot["salt"]), 3, 65_536, 4, 32, Type.ID)
    about = {"vault": vault, **{name: slot[name] for name in ("user", "role", "agency", "salt")}}
    about |= {
        "kdf": [slot["time"], slot["memory_kib"], slot["parallelism"]],
        "public": [slot["signing_public"], slot["sealing_public"]],
    }
    box = bytes.fromhex(slot["sealed_pairs"])
    canonical = json.dumps(about, sort_keys=True, separators=(",", ":")).encode()
    return len(AESGCM(key).decrypt(box[:12], box[12:], canonical)) == 64


def test_every_path_that_writes_a_slot_writes_a_dear_one(tmp_path: Path, clock: FixedClock) -> None:
    folder = tmp_path / "new"
    header = folder / HEADER
    vaults.create(folder, "administrator", "SMBC", ADMIN, clock=clock)
    assert opens_at_that_cost(dear_slots(header, 1)["administrator"], read_header(folder).vault, ADMIN)

    session = vaults.open_session(folder, "administrator", ADMIN, clock=clock)
    users.add_user(session, "practitioner", "Practitioner", "SCH", Role.PRACTITIONER, PASSPHRASES["practitioner"])
    added = dear_slots(header, 2)["practitioner"]
    users.change_passphrase(session, FRESH)
    changed = dear_slots(header, 2)["administrator"]
    assert opens_at_that_cost(changed, read_header(folder).vault, FRESH)

    proposed = recovery.propose()
    recovery.confirm(session, proposed, proposed)
    assert "" in dear_slots(header, 3)
    session.close()
    recovery.recover(folder, "practitioner", proposed, FRESH, clock=clock)
    assert dear_slots(header, 3)["practitioner"]["salt"] != added["salt"]

    session = vaults.open_session(folder, "administrator", FRESH, clock=clock)
    with session.header_work() as work:
        bound = seal_slot(
            work.draft.header.vault, "administrator", "administrator", "SMBC", FRESH, work.pairs, work.store_keys,
            secret=bytes(range(32)),
        )  # fmt: skip
        work.draft.write(work.draft.header.with_slot(bound))
    assert dear_slots(header, 3)["administrator"]["factor"] == "keyring"
    users.set_user_status(session, "practitioner", "suspended")
    dear_slots(header, 3)
    session.close()


def test_what_moves_slots_keeps_what_they_cost(folder: Path, opened: Open, tmp_path: Path, clock: FixedClock) -> None:
    before = dear_slots(folder / HEADER, len(Role))
    rotate(folder, "administrator", ADMIN, clock=clock)
    assert {name: slot["sealed_pairs"] for name, slot in dear_slots(folder / HEADER, len(Role)).items()} == {
        name: slot["sealed_pairs"] for name, slot in before.items()
    }
    administrator = opened("administrator")
    done = backups.backup(administrator, tmp_path / "copy")
    administrator.close()
    assert done.verified, done.problem
    dear_slots(tmp_path / "copy.manifest.json", 1)
    restore(tmp_path / "copy", tmp_path / "back", Opener("governance", PASSPHRASES["governance"]), clock=clock)
    dear_slots(tmp_path / "back" / HEADER, 1)


def test_bringing_a_store_to_a_newer_version_keeps_what_they_cost(folder: Path, clock: FixedClock) -> None:
    make_older(folder, PASSPHRASES)
    upgrade(folder, "administrator", ADMIN, clock=clock)
    dear_slots(folder / HEADER, len(Role))
