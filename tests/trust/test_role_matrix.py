"""Every role by every operation by every kind of thing, tried on a store by somebody who is signed in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.errors import Refused
from kingshurst_tui.keyholding import users
from kingshurst_tui.permissions import TABLE
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing
from tests.trust.conftest import Open

EVERYTHING = list(product(Operation, Thing))
"""From the vocabulary and not from the table: what no row speaks of is tried as well."""

WHY = Reason(ReasonCode.OVERSIGHT)


def entries_after(session: Session, seq: int) -> list[dict[str, Any]]:
    def read(connection: Connection) -> list[dict[str, Any]]:
        found = connection.exec_driver_sql("SELECT body FROM audit_entry WHERE seq > ? ORDER BY seq", (seq,))
        return [json.loads(body) for (body,) in found]

    return session.look(read)


def last_entry(session: Session) -> int:
    return int(session.look(lambda c: c.exec_driver_sql("SELECT max(seq) FROM audit_entry").scalar()) or 0)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_does_what_the_table_says_and_all_else_is_refused_and_entered(role: Role, opened: Open) -> None:
    session = opened(role.value)
    before = last_entry(session)
    done = set()
    for operation, thing in EVERYTHING:
        try:
            with session.act(operation, thing, reason=WHY):
                done.add((operation, thing))
        except Refused:
            assert not session.may(operation, thing)
    assert done == {cell for cell, roles in TABLE.items() if role in roles}
    entered = [(e["actor"], e["role"], e["operation"], e["thing"], e["result"]) for e in entries_after(session, before)]
    assert entered == [
        (role.value, role.value, operation.value, thing.value, "done" if (operation, thing) in done else "refused")
        for operation, thing in EVERYTHING
    ]


@pytest.mark.parametrize("role", list(Role))
def test_a_piece_is_written_by_whom_the_table_lets_and_otherwise_refused_and_entered(role: Role, opened: Open) -> None:
    session = opened(role.value)
    before = last_entry(session)
    written, refused = set(), []
    for operation, thing in EVERYTHING:
        try:
            session.stage(operation, thing, lambda _, cell: written.add(cell), (operation, thing))
        except Refused:
            refused.append((operation.value, thing.value, "refused"))
    assert written == {cell for cell, roles in TABLE.items() if role in roles}
    entered = [(e["operation"], e["thing"], e["result"]) for e in entries_after(session, before)]
    assert entered == refused


WHILE_WAITING = {
    (Operation.CONSULT, Thing.STORE),  # entering what came before one's own signing in
    (Operation.ALTER, Thing.USER),  # one's own passphrase
    (Operation.ALTER, Thing.GRANT),  # confirming somebody else, where nobody else can
}
"""What somebody may whose role nobody has confirmed yet, whatever it is to be."""


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_a_role_that_waits_for_a_second_person_does_next_to_nothing(role: Role, opened: Open, folder: Path) -> None:
    words = "waiting lantern wet ferry hill"
    administrator = opened("administrator")
    users.add_user(administrator, "newcomer", "Newcomer", "SCH", role, words)
    session = vaults.open_session(folder, "newcomer", words, clock=administrator.clock)
    before = last_entry(session)
    done, written = set(), set()
    for operation, thing in EVERYTHING:
        with suppress(Refused), session.act(operation, thing, reason=WHY) as act:
            done.add((operation, thing))
            assert act.connection.exec_driver_sql("SELECT sight FROM acting").scalar() == "none"
    results = [e["result"] for e in entries_after(session, before)]
    for operation, thing in EVERYTHING:
        with suppress(Refused):
            session.stage(operation, thing, lambda _, cell: written.add(cell), (operation, thing))
    session.close()
    assert done == written == WHILE_WAITING
    assert results == ["done" if cell in WHILE_WAITING else "refused" for cell in EVERYTHING]


def _write_and_refuse(session: Session, operation: Operation, thing: Thing) -> None:
    with session.act(operation, thing, reason=WHY) as act:
        act.connection.exec_driver_sql("INSERT INTO setting VALUES ('left behind', 'x')")
        act.refuse("Not this one.")


@pytest.mark.parametrize("role", list(Role))
def test_what_an_act_did_before_it_was_refused_is_rolled_back(role: Role, opened: Open) -> None:
    session = opened(role.value)
    before = last_entry(session)
    cells = [cell for cell, roles in TABLE.items() if role in roles]
    for operation, thing in cells:
        with pytest.raises(Refused):
            _write_and_refuse(session, operation, thing)
    assert [e["result"] for e in entries_after(session, before)] == ["refused"] * len(cells)
    assert not session.look(
        lambda c: c.exec_driver_sql("SELECT count(*) FROM setting WHERE name = 'left behind'").scalar()
    )


def without_row(words: Iterable[StrEnum], table: Mapping[tuple[StrEnum, StrEnum], frozenset[Role]]) -> list[str]:
    """The words of the vocabulary that no row of the table speaks of."""
    spoken = {str(word) for cell in table for word in cell}
    return [word.value for word in words if word.value not in spoken]


def test_every_operation_and_every_kind_of_thing_has_a_row_and_somebody_who_may() -> None:
    table: Mapping[Any, frozenset[Role]] = TABLE
    assert not without_row([*Operation, *Thing], table)
    assert all(roles and roles <= frozenset(Role) for roles in TABLE.values())
    assert all(type(operation) is Operation and type(thing) is Thing for operation, thing in TABLE)


def test_a_new_word_without_a_row_is_found() -> None:
    class Newer(StrEnum):
        FORGET = "forget"
        LETTER = "letter"

    table: Mapping[Any, frozenset[Role]] = TABLE
    assert without_row([*Operation, *Newer], table) == ["forget", "letter"]


@pytest.mark.parametrize("role", list(Role))
def test_no_act_but_a_machines_own_sees_what_is_combined(role: Role, opened: Open) -> None:
    session = opened(role.value)
    machines = {
        ("collect", "batch"), ("erase", "batch"), ("combine", "link"), ("consult", "link"), ("alter", "link"),
        ("collect", "consent"), ("combine", "flag"), ("combine", "audit"), ("combine", "referral"),
        ("combine", "outcome"),
        ("combine", "overlap"), ("combine", "area-measure"), ("combine", "forecast"),
    }  # fmt: skip
    saw = set()
    for operation, thing in EVERYTHING:
        with suppress(Refused), session.act(operation, thing, reason=WHY, combine=True) as act:
            assert act.connection.exec_driver_sql("SELECT sight FROM acting").scalar() == "combine"
            saw.add((operation.value, thing.value))
        with suppress(Refused):
            sight = session.stage(operation, thing, lambda c: c.exec_driver_sql("SELECT sight FROM acting").scalar())
            assert (sight == "combine") <= ((operation.value, thing.value) in machines)
    assert saw == {cell for cell in machines if role in TABLE[Operation(cell[0]), Thing(cell[1])]}
    assert role is not Role.ADMINISTRATOR or not saw
