"""A role is what two people signed for: proposed, confirmed, changed, refused and ended."""

from __future__ import annotations

from pathlib import Path

import pytest

import db.role_grants
from db import role_trail
from kingshurst_tui import vaults
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.errors import InputRejected, NotFound, Refused, StoreLocked
from kingshurst_tui.granting import grants, role_lines
from kingshurst_tui.keyholding import users
from kingshurst_tui.oversight.trail import TrailFilter, open_trail, verify_trail
from kingshurst_tui.permissions import CONFIRMERS
from kingshurst_tui.upkeep.checking import check
from kingshurst_tui.vocabulary import Operation, Role, Thing
from tests.people import confirm_by
from tests.trust.attacks import consult
from tests.trust.conftest import PASSPHRASES, Open
from tests.trust.grant_rows import add, sign_in


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


def test_the_second_persons_roles_are_the_same_on_both_floors() -> None:
    assert {role.value for role in CONFIRMERS} == role_trail.SECONDS
