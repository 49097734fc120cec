"""Users of a store for tests: added by its administrator, and confirmed by each other as in any store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from kingshurst_tui import vaults
from kingshurst_tui.clock import Clock
from kingshurst_tui.granting import grants
from kingshurst_tui.keyholding import users
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Role


class Person(NamedTuple):
    """Somebody to be added."""

    name: str
    display_name: str
    agency: str
    role: Role


AGENCIES = {
    Role.COORDINATOR: "KTP",
    Role.PRACTITIONER: "SCH",
    Role.SUPERVISOR: "WMP",
    Role.GOVERNANCE: "SMBC",
    Role.ADMINISTRATOR: "SMBC",
}

ONE_OF_EACH = tuple(
    Person(role.value, role.value.title(), AGENCIES[role], role) for role in Role if role is not Role.ADMINISTRATOR
)
"""One user of each role beside the administrator, named after it."""


def add_people(administrator: Session, passphrases: Mapping[str, str], people: Iterable[Person] = ONE_OF_EACH) -> None:
    """Add people; nobody can sign in as more than somebody who waits, until they are confirmed."""
    for each in people:
        users.add_user(administrator, *each, passphrases[each.name])


def confirm_people(
    folder: Path, passphrases: Mapping[str, str], clock: Clock | None, people: Iterable[Person] = ONE_OF_EACH
) -> None:
    """Have a supervisor and an information governance officer among them confirm each other, and then the rest."""
    names = [each.name for each in people]
    first, second = (next(p.name for p in people if p.role is role) for role in (Role.SUPERVISOR, Role.GOVERNANCE))
    for by, whom in ((first, [second]), (second, [name for name in names if name != second])):
        session = vaults.open_session(folder, by, passphrases[by], clock=clock)
        for name in whom:
            grants.confirm(session, name)
        session.close()


def populate(
    folder: Path,
    passphrases: Mapping[str, str],
    clock: Clock | None,
    people: Iterable[Person] = ONE_OF_EACH,
    administrator: str = "administrator",
) -> None:
    """Add people to a new store and have them confirmed: everybody is then what they are to be."""
    people = tuple(people)
    session = vaults.open_session(folder, administrator, passphrases[administrator], clock=clock)
    add_people(session, passphrases, people)
    session.close()
    confirm_people(folder, passphrases, clock, people)


def by_role(agencies: Mapping[str, str]) -> tuple[Person, ...]:
    """Return one person of each role named, of these agencies."""
    return tuple(Person(role, role.title(), agency, Role(role)) for role, agency in agencies.items())


def confirm_by(folder: Path, by: str, passphrase: str, name: str, clock: Clock | None) -> None:
    """Have one user confirm another's role."""
    session = vaults.open_session(folder, by, passphrase, clock=clock)
    grants.confirm(session, name)
    session.close()
