"""A role is what two people signed for; each way round it is tried, and the class of what stops it is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

import db.audit
import db.role_grants
import db.users
from db import commitments, keys, role_trail
from db.role_grants import GrantRow
from db.vault import open_slot, read_header
from kingshurst_tui import vaults
from kingshurst_tui.acts import Fact, Reason
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.errors import InputRejected, IntegrityFailure, NotFound, Refused, StoreLocked
from kingshurst_tui.granting import chain, grants, role_lines
from kingshurst_tui.keyholding import users
from kingshurst_tui.oversight.export import export_trail
from kingshurst_tui.oversight.trail import TrailFilter, open_trail, verify_trail
from kingshurst_tui.permissions import CONFIRMERS
from kingshurst_tui.session import Session
from kingshurst_tui.upkeep.checking import check
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing
from tests.people import confirm_by
from tests.trust.attacks import consult, with_the_data_key
from tests.trust.conftest import PASSPHRASES, Open, verdict

WHY = Reason(ReasonCode.PANEL)
NEWCOMER = "seven lanterns under wet hill"


def add(
    administrator: Session, name: str = "newcomer", role: Role = Role.PRACTITIONER, shown: str = "New Comer"
) -> None:
    users.add_user(administrator, name, shown, "SCH", role, NEWCOMER)


def sign_in(folder: Path, clock: FixedClock, name: str = "newcomer") -> Session:
    return vaults.open_session(folder, name, NEWCOMER, clock=clock)


def pairs_of(folder: Path, name: str) -> keys.UserKeys:
    return open_slot(read_header(folder), name, PASSPHRASES[name])[1]


def recount(folder: Path, connection: Connection) -> None:
    """Make the totals of rows fit what was changed: the attacker has every key of the store."""
    _, _, store_keys = open_slot(read_header(folder), "administrator", PASSPHRASES["administrator"])
    commitments.recount(connection, store_keys.commitment_key())


def rows(connection: Connection) -> dict[str, GrantRow]:
    return {row.user_name: row for row in db.role_grants.every(connection)}


def rewrite(folder: Path, row: GrantRow) -> None:
    """Put a row of one's own making in the place of a grant, as somebody with the data key can."""
    with with_the_data_key(folder) as connection:
        connection.exec_driver_sql("DELETE FROM role_grant WHERE id = ?", (row.id,))
        connection.exec_driver_sql(f"INSERT INTO role_grant VALUES ({','.join('?' * 14)})", in_order(connection, row))
        recount(folder, connection)


def in_order(connection: Connection, row: GrantRow) -> tuple[Any, ...]:
    values = dict(zip(GrantRow.__dataclass_fields__, astuple(row), strict=True))
    columns = [column[1] for column in connection.exec_driver_sql("PRAGMA table_info(role_grant)")]
    return tuple(values[name] for name in columns)


def kept(session: Session, name: str) -> GrantRow:
    return session.look(rows)[name]


def no_role(folder: Path, name: str, clock: FixedClock, why: str) -> None:
    """The person gets none, opening says why, and a check names it to everybody else."""
    with pytest.raises(IntegrityFailure, match="not what two people signed for") as stopped:
        vaults.open_session(folder, name, PASSPHRASES[name], clock=clock)
    assert why in stopped.value.detail
    officer = vaults.open_session(folder, "governance", PASSPHRASES["governance"], clock=clock)
    wrong = [
        problem for each in check(officer).findings for problem in each.problems if each.check.startswith("grants")
    ]
    officer.close()
    assert any(name in problem for problem in wrong), wrong


# --- what two people do ----------------------------------------------------------------------------------------------


def test_until_a_second_person_confirms_it_a_role_is_none(folder: Path, opened: Open, clock: FixedClock) -> None:
    add(opened("administrator"))
    waiting = sign_in(folder, clock)
    assert waiting.user.is_waiting
    assert {cell for cell in grid() if waiting.may(*cell)} == {
        (Operation.CONSULT, Thing.STORE),
        (Operation.ALTER, Thing.USER),
        (Operation.ALTER, Thing.GRANT),
    }
    with pytest.raises(Refused, match="waits for a second person"):
        consult(waiting)
    add(opened("administrator"), "other", shown="Other Person")
    with pytest.raises(Refused, match="may not be the second"):
        grants.confirm(waiting, "other")
    users.change_passphrase(waiting, "nine lanterns under dry hill")
    line = next(line for line in role_lines.listing(waiting) if line.user == "newcomer")
    assert (line.role, line.waits_role, line.confirmers) == ("", "practitioner", ("governance", "supervisor"))
    assert grants.confirm(opened("supervisor"), "newcomer") == "practitioner"
    with pytest.raises(StoreLocked, match="changed meanwhile"):
        consult(waiting)
    again = vaults.open_session(folder, "newcomer", "nine lanterns under dry hill", clock=clock)
    consult(again)
    entries = open_trail(opened("supervisor"), TrailFilter(actor="newcomer")).lines
    assert {(each.role, each.result) for each in entries} == {
        ("awaiting", "refused"),
        ("awaiting", "done"),
        ("practitioner", "done"),
    }
    found = verify_trail(opened("supervisor"))
    assert found.holds, found.problem
    assert check(opened("governance")).whole


def grid() -> list[tuple[Operation, Thing]]:
    return [(operation, thing) for operation in Operation for thing in Thing]


def test_nobody_signs_twice_for_one_grant_nor_for_their_own(folder: Path, opened: Open, clock: FixedClock) -> None:
    administrator = opened("administrator")
    add(administrator)
    with pytest.raises(Refused, match="what they proposed"):
        grants.confirm(administrator, "newcomer")
    with pytest.raises(Refused, match="to themselves"):
        grants.propose(administrator, "administrator", Role.GOVERNANCE)
    grants.propose(administrator, "supervisor", Role.GOVERNANCE)
    with pytest.raises(Refused, match="a role of their own"):
        grants.confirm(opened("supervisor"), "supervisor")
    for name in ("coordinator", "practitioner"):
        with pytest.raises(Refused, match="may not alter"):
            grants.confirm(opened(name), "newcomer")
    with pytest.raises(Refused):
        grants.propose(opened("supervisor"), "coordinator", Role.PRACTITIONER)
    with pytest.raises(InputRejected, match="waits for newcomer already"):
        grants.propose(administrator, "newcomer", Role.COORDINATOR)
    with pytest.raises(NotFound):
        grants.confirm(opened("governance"), "coordinator")
    assert sign_in(folder, clock).user.is_waiting


def test_nobody_is_both_administrator_and_case_reader(opened: Open) -> None:
    administrator = opened("administrator")
    with pytest.raises(Refused, match="both administrator and case reader"):
        grants.propose(administrator, "coordinator", Role.ADMINISTRATOR)
    with pytest.raises(Refused, match="both administrator and case reader"):
        add(administrator, "second", Role.ADMINISTRATOR, shown="  COORDINATOR ")
    add(administrator, "keeper", Role.ADMINISTRATOR, shown="Keeper of Keys")
    with pytest.raises(Refused, match="both administrator and case reader"):
        add(administrator, "reader", Role.PRACTITIONER, shown="keeper  of keys")


def test_a_change_of_role_is_another_grant_and_ends_the_one_before(opened: Open) -> None:
    practitioner, administrator = opened("practitioner"), opened("administrator")
    consult(practitioner)
    grants.propose(administrator, "practitioner", Role.COORDINATOR)
    consult(practitioner)  # nothing has changed yet
    grants.confirm(opened("supervisor"), "practitioner")
    with pytest.raises(StoreLocked, match="changed meanwhile") as stopped:
        consult(practitioner)
    assert "Sign in again" in stopped.value.hint
    with pytest.raises(StoreLocked):  # the entry of a refusal would say a role that is theirs no more
        users.leave(practitioner, "coordinator")
    assert opened("practitioner").user.role is Role.COORDINATOR
    statuses = [row.status for row in administrator.look(db.role_grants.every) if row.user_name == "practitioner"]
    assert statuses == ["ended", "effective"]
    assert verify_trail(opened("supervisor")).holds
    assert check(opened("governance")).whole


def test_a_proposal_is_refused_by_a_second_person_or_taken_back(folder: Path, opened: Open, clock: FixedClock) -> None:
    administrator = opened("administrator")
    add(administrator)
    grants.refuse(opened("governance"), "newcomer")
    assert sign_in(folder, clock).user.is_waiting
    grants.propose(administrator, "newcomer", Role.COORDINATOR)
    grants.refuse(administrator, "newcomer")
    with pytest.raises(NotFound):
        grants.confirm(opened("supervisor"), "newcomer")
    assert verify_trail(opened("supervisor")).holds


def test_who_leaves_holds_nothing_and_what_waited_ends(opened: Open) -> None:
    administrator = opened("administrator")
    grants.propose(administrator, "practitioner", Role.COORDINATOR)
    users.leave(administrator, "practitioner")
    rows_of = [row.status for row in administrator.look(db.role_grants.every) if row.user_name == "practitioner"]
    assert rows_of == ["ended", "ended"]
    assert verify_trail(opened("supervisor")).holds
    assert check(opened("governance")).whole


def test_supervisor_and_officer_of_a_new_store_confirm_each_other(tmp_path: Path, clock: FixedClock) -> None:
    folder = tmp_path / "new"
    vaults.create(folder, "administrator", "SMBC", PASSPHRASES["administrator"], clock=clock)
    administrator = vaults.open_session(folder, "administrator", PASSPHRASES["administrator"], clock=clock)
    for name in ("supervisor", "governance", "coordinator"):
        users.add_user(administrator, name, name.title(), "SMBC", Role(name), PASSPHRASES[name])
    coordinator = vaults.open_session(folder, "coordinator", PASSPHRASES["coordinator"], clock=clock)
    with pytest.raises(Refused, match="may not be the second"):
        grants.confirm(coordinator, "supervisor")
    supervisor = vaults.open_session(folder, "supervisor", PASSPHRASES["supervisor"], clock=clock)
    with pytest.raises(Refused, match="may not be the second"):
        grants.confirm(supervisor, "coordinator")  # who waits lets in a second person, and nobody who reads cases
    grants.confirm(supervisor, "governance")
    with pytest.raises(Refused, match="may not be the second"):
        grants.confirm(supervisor, "coordinator")  # somebody holds such a role now
    confirm_by(folder, "governance", PASSPHRASES["governance"], "supervisor", clock)
    confirm_by(folder, "supervisor", PASSPHRASES["supervisor"], "coordinator", clock)
    for name in ("supervisor", "governance", "coordinator"):
        session = vaults.open_session(folder, name, PASSPHRASES[name], clock=clock)
        assert session.user.role is Role(name)
        assert not session.user.is_waiting
    assert check(session).whole


# --- ways round it ---------------------------------------------------------------------------------------------------


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


def test_the_second_persons_roles_are_the_same_on_both_floors() -> None:
    assert {role.value for role in CONFIRMERS} == role_trail.SECONDS
