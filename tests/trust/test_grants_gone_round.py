"""Each way round two people's signatures is tried, and the class of what stops it is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import db.audit
import db.users
from db import keys
from db.role_grants import GrantRow
from db.vault import read_header
from kingshurst_tui import vaults
from kingshurst_tui.acts import Fact, Reason
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.errors import IntegrityFailure, Refused, StoreLocked
from kingshurst_tui.granting import chain, grants
from kingshurst_tui.keyholding import users
from kingshurst_tui.oversight.export import export_trail
from kingshurst_tui.oversight.trail import verify_trail
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing
from tests.trust.attacks import with_the_data_key
from tests.trust.conftest import PASSPHRASES, Open, verdict
from tests.trust.grant_rows import add, kept, no_role, pairs_of, recount, rewrite, sign_in

WHY = Reason(ReasonCode.PANEL)


Forge = Callable[[GrantRow, Path], GrantRow]


def _another_role(row: GrantRow, _: Path) -> GrantRow:
    return replace(row, role="governance")


def _another_document(row: GrantRow, _: Path) -> GrantRow:
    document = keys.canonical(json.loads(row.document) | {"role": "governance"}).decode()
    return replace(row, role="governance", document=document)


def _signed_oneself(row: GrantRow, folder: Path) -> GrantRow:
    """The document another, signed twice with the only key that the forger has: their own."""
    forged, own = _another_document(row, folder), pairs_of(folder, "coordinator")
    vault = read_header(folder).vault
    assert forged.confirmed_by is not None
    assert forged.confirmed_at is not None
    assert forged.confirmed_entry is not None
    said = chain.confirmation(vault, forged, forged.confirmed_by, forged.confirmed_at, forged.confirmed_entry)
    return replace(forged, signature=own.sign(forged.document.encode()), confirmation=own.sign(keys.canonical(said)))


def _confirmed_by_the_administrator(row: GrantRow, folder: Path) -> GrantRow:
    vault, pairs = read_header(folder).vault, pairs_of(folder, "administrator")
    assert row.confirmed_at is not None
    assert row.confirmed_entry is not None
    said = chain.confirmation(vault, row, "administrator", row.confirmed_at, row.confirmed_entry)
    return replace(row, confirmed_by="administrator", confirmation=pairs.sign(keys.canonical(said)))


def _unconfirmed(row: GrantRow, _: Path) -> GrantRow:
    return replace(row, confirmed_by=None, confirmed_at=None, confirmation=None, confirmed_entry=None)


@pytest.mark.parametrize(
    "forge",
    [_another_role, _another_document, _signed_oneself, _confirmed_by_the_administrator, _unconfirmed],
    ids=lambda forge: forge.__name__.strip("_"),
)
def test_a_grant_forged_with_the_data_key_gives_no_role(
    forge: Forge, folder: Path, opened: Open, clock: FixedClock
) -> None:
    """Cryptographic: the forger lacks the keys of those who have to sign. An honest program honours none of it."""
    rewrite(folder, forge(kept(opened("coordinator"), "coordinator"), folder))
    no_role(folder, "coordinator", clock, "gives no role")


def test_a_signature_moved_to_another_user_gives_no_role(folder: Path, opened: Open, clock: FixedClock) -> None:
    """Cryptographic: what was signed names whom it is for."""
    of_governance = kept(opened("coordinator"), "governance")
    own = kept(opened("coordinator"), "coordinator")
    rewrite(folder, replace(of_governance, id=own.id, user_name="coordinator"))
    no_role(folder, "coordinator", clock, "gives no role")


def test_an_ended_grant_put_back_gives_no_role(folder: Path, opened: Open, clock: FixedClock) -> None:
    """Cryptographic, as far as the trail is covered: the entry that ended it is signed and in the tree."""
    administrator = opened("administrator")
    grants.propose(administrator, "coordinator", Role.PRACTITIONER)
    grants.confirm(opened("supervisor"), "coordinator")
    newer = kept(administrator, "coordinator")
    with with_the_data_key(folder) as connection:
        connection.exec_driver_sql("UPDATE role_grant SET status = 'effective' WHERE user_name = 'coordinator'")
        connection.exec_driver_sql("DELETE FROM role_grant WHERE id = ?", (newer.id,))
        recount(folder, connection)
    no_role(folder, "coordinator", clock, "ended it")


def test_a_key_smuggled_among_somebodys_earlier_ones_signs_nothing(
    folder: Path, opened: Open, clock: FixedClock
) -> None:
    """Cryptographic: whose key is whose is what the trail's signed entries say, not what a table does."""
    row = _signed_oneself(kept(opened("coordinator"), "coordinator"), folder)
    rewrite(folder, row)
    own = pairs_of(folder, "coordinator").signing_public
    with with_the_data_key(folder) as connection:
        for name in ("administrator", "governance", "supervisor"):
            db.users.put_setting(connection, db.users.EARLIER_KEYS + name, own.hex())
        recount(folder, connection)
    no_role(folder, "coordinator", clock, "gives no role")


def test_entries_of_ones_own_writing_grant_nothing_and_are_named(folder: Path, opened: Open) -> None:
    """Cryptographic: whoever reads the trail knows what role its writer held, whatever their own program allowed."""
    session = opened("coordinator")
    facts: dict[str, Fact] = {
        "step": "confirm",
        "user": "coordinator",
        "role": "governance",
        "grant": 9,
        "document": "x",
    }
    with session.act(Operation.ALTER, Thing.GRANT, reason=WHY, facts=facts, signed_for=True):
        pass
    found = verify_trail(opened("supervisor"))
    assert found.first_bad == session.look(db.audit.size)
    assert "nobody proposed" in found.problem


@pytest.mark.parametrize(
    ("step", "wrong"),
    [
        ("propose", "and coordinator was coordinator"),
        ("found", "and coordinator was coordinator"),
    ],
)
def test_who_is_no_administrator_grants_nothing_in_the_trail(step: str, wrong: str, opened: Open) -> None:
    session = opened("coordinator")
    facts: dict[str, Fact] = {"step": step, "user": "practitioner", "role": "governance", "grant": 9, "document": "x"}
    with session.act(Operation.ADMINISTER, Thing.GRANT, reason=WHY, facts=facts, signed_for=True):
        pass
    assert wrong in verify_trail(opened("supervisor")).problem


@pytest.mark.parametrize("step", ["leave", "refuse", "confirm"])
def test_who_may_settle_no_role_ends_none(
    step: str, opened: Open, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Cryptographic: an entry that says so, by somebody who held no such role, ends nothing and is named."""
    session = opened("coordinator")
    number = kept(session, "supervisor").id
    facts: dict[str, Fact] = {"user": "supervisor", "role": "practitioner", "grant": number, "step": step}
    if step == "leave":
        facts = {"user": "supervisor", "status": "left"}
    thing = Thing.USER if step == "leave" else Thing.GRANT
    with session.act(Operation.ALTER, thing, reason=WHY, facts={**facts, "ends": str(number)}, signed_for=True):
        pass
    supervisor = opened("supervisor")
    assert supervisor.user.role is Role.SUPERVISOR
    assert not supervisor.user.is_waiting
    assert verify_trail(supervisor).first_bad == session.look(db.audit.size)
    export_trail(supervisor, tmp_path / "trail")
    code, said = verdict(capsys, tmp_path / "trail")
    assert code != 0
    assert ("ends what somebody was granted" if step == "leave" else "could not settle") in said


def test_a_store_is_founded_once(
    folder: Path, opened: Open, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An administrator who ends everybody's role has nobody of their own invention to confirm others."""
    administrator = opened("administrator")
    users.leave(administrator, "supervisor")
    with pytest.raises(Refused, match="Nobody else could be the second person"):
        users.leave(administrator, "governance")
    with monkeypatch.context() as own_program:
        own_program.setattr(grants, "refuse_the_last_second", lambda *_: None)
        users.leave(administrator, "governance")
    add(administrator, "invented", Role.SUPERVISOR, "Invented Person")
    add(administrator)
    invented = sign_in(folder, clock, "invented")
    with pytest.raises(Refused, match="may not be the second"):
        grants.confirm(invented, "newcomer")
    with monkeypatch.context() as own_program:
        own_program.setattr(grants, "_check_second", lambda *_: None)
        grants.confirm(invented, "newcomer")
    with pytest.raises(IntegrityFailure, match="not what two people signed for"):
        sign_in(folder, clock)
    assert "could not be the second" in verify_trail(opened("administrator")).problem


def test_one_person_who_waits_lets_nobody_in_who_reads_cases(
    tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "new"
    vaults.create(folder, "administrator", "SMBC", PASSPHRASES["administrator"], clock=clock)
    administrator = vaults.open_session(folder, "administrator", PASSPHRASES["administrator"], clock=clock)
    add(administrator, "invented", Role.SUPERVISOR, "Invented Person")
    add(administrator, "newcomer", Role.COORDINATOR)
    with monkeypatch.context() as own_program:
        own_program.setattr(grants, "_check_second", lambda *_: None)
        grants.confirm(sign_in(folder, clock, "invented"), "newcomer")
    with pytest.raises(IntegrityFailure, match="not what two people signed for"):
        sign_in(folder, clock)
    assert "could not be the second" in verify_trail(administrator).problem


def test_an_entry_that_claims_another_role_is_named(opened: Open) -> None:
    session = opened("coordinator")
    session.take_role(Role.SUPERVISOR, grant=session.grant[0] if session.grant else None, founded=True)
    with session.act(Operation.CONSULT, Thing.AUDIT, reason=WHY):
        pass
    assert "acted as supervisor" in verify_trail(opened("supervisor")).problem


def test_a_slot_that_says_another_role_gives_none(folder: Path, opened: Open) -> None:
    """Cryptographic: the slot is bound to its role by its owner's seals, and the role is not taken from it anyway."""
    session = opened("practitioner")
    from db.vault import changing_header

    with changing_header(folder, session.keys_for_upkeep()) as draft:
        slot = draft.header.slot("practitioner")
        assert slot is not None
        draft.write(draft.header.with_slot(replace(slot, role="governance")))
    with pytest.raises((IntegrityFailure, StoreLocked)):
        opened("practitioner")


def test_with_ones_own_sql_on_the_programs_connection_a_row_changes_and_a_role_does_not(
    folder: Path, opened: Open, clock: FixedClock
) -> None:
    """Client-enforced: whoever runs SQL in an act can write the row. Cryptographic: it gives no role all the same."""
    session = opened("coordinator")
    with session.act(Operation.CONSULT, Thing.PROFILE, reason=WHY) as act:
        act.connection.exec_driver_sql(
            "UPDATE role_grant SET role = 'governance' WHERE user_name = 'coordinator' AND status = 'effective'"
        )
    no_role(folder, "coordinator", clock, "gives no role")


def test_in_memory_a_role_is_what_the_program_says(opened: Open) -> None:
    """Client-enforced: whoever runs their own program takes any role in it. What they enter is named by the trail."""
    session = opened("coordinator")
    session.take_role(Role.GOVERNANCE, grant=session.grant[0] if session.grant else None, founded=True)
    assert session.may(Operation.CONSULT, Thing.AUDIT)
