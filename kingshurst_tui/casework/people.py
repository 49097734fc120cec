"""The list of people: everybody, a page at a time, named where open and masked where not."""

from __future__ import annotations

import secrets
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

import db.search
from db.search import NamedRow
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework.search import usual_name
from kingshurst_tui.errors import UsageError
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, Thing

LISTS = db.search.LISTS
"""Which people: everybody, open, flagged, ours (known to the acting agency), caseload."""


@dataclass(frozen=True, slots=True)
class PeopleList:
    """A list that was opened under one entry; its pages are read with ``page``.

    Attributes:
        ids: everybody on it, the oldest profile first.
        reason: why it was opened; the pages that show names are entered with it.
    """

    within: str
    ids: tuple[int, ...]
    reason: Reason

    @property
    def total(self) -> int:
        """How many people are on it."""
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person on the list.

    Attributes:
        name: empty while the profile is masked, and then so are ``born`` and ``postcode``.
        own_references: under which the acting agency knows the person, masked or not.
        under_18: None where no date of birth is known.
        agencies: who has met the person, as far as they may be named.
        last_month: the month of the latest contact (YYYY-MM), empty where there is none.
        flags: flags today.
    """

    profile_id: int
    pseudonym: str
    name: str
    born: date | None
    postcode: str
    own_references: tuple[str, ...]
    is_open: bool
    under_18: bool | None
    do_not_approach: bool
    agencies: tuple[str, ...]
    last_month: str
    flags: int


def open_list(session: Session, reason: Reason, *, which: str = "everybody") -> PeopleList:
    """Open a list of people, under one entry; its pages add one each where they show names.

    Raises: Refused, UsageError (no such list).
    """
    if which not in LISTS:
        raise UsageError("There is no such list of people.", "Nothing was shown.", f"Choose one of {', '.join(LISTS)}.")
    within = f"people/{secrets.token_hex(4)}"
    with session.act(Operation.CONSULT, Thing.SEARCH, reason=reason, facts={"list": which}, within=within) as act:
        ids = tuple(act.read(db.search.ids, which))
        act.note(people=len(ids))
    return PeopleList(within, ids, reason)


def page(session: Session, people: PeopleList, first: int, count: int) -> tuple[PersonLine, ...]:
    """Return the lines from a place on.

    The list's own entry covers masked lines. Names are read in an act whose entry lists the pseudonyms of those named;
    reading the same page again adds none.

    Raises: Refused, StoreUnavailable.
    """
    wanted = people.ids[first : first + count]
    if not wanted:
        return ()
    lines = {row.profile_id: row for row in session.read_on(people.within, db.search.people, wanted)}
    opened = [number for number, row in lines.items() if row.is_open]
    names: dict[int, list[NamedRow]] = defaultdict(list)
    agencies: dict[int, dict[str, str]] = defaultdict(dict)
    for profile, agency, month in session.read_on(people.within, db.search.agencies, wanted):
        agencies[profile][agency] = month
    if opened:
        for row in _names(session, people, {number: lines[number].pseudonym for number in opened}):
            names[row.profile_id].append(row)
        for number in opened:
            agencies[number] = {}
        for profile, agency, month in session.read_on(people.within, db.search.agencies_open, opened):
            agencies[profile][agency] = month
    flags = session.read_on(people.within, db.search.flag_counts, wanted)
    references: dict[int, list[str]] = defaultdict(list)
    for profile, reference in session.read_on(people.within, db.search.own_references_of, wanted):
        references[profile].append(reference)
    return tuple(
        PersonLine(
            number,
            lines[number].pseudonym,
            usual_name(names[number]) if lines[number].is_open else "",
            _first_day(names[number]),
            next((row.postcode for row in names[number] if row.postcode), ""),
            tuple(references[number]),
            bool(lines[number].is_open),
            None if lines[number].under_18 is None else bool(lines[number].under_18),
            bool(lines[number].do_not_approach),
            tuple(sorted(agencies[number])),
            max(agencies[number].values(), default=""),
            flags.get(number, 0),
        )
        for number in wanted
        if number in lines
    )


def _names(session: Session, people: PeopleList, opened: dict[int, str]) -> list[NamedRow]:
    within = people.within
    with session.act(Operation.CONSULT, Thing.SEARCH, reason=people.reason, within=within) as act:
        rows = act.read(db.search.names, opened)
        named = {row.profile_id for row in rows}
        act.concerns(pseudonym for number, pseudonym in opened.items() if number in named)
        act.note(named=len(named))
    return rows


def _first_day(forms: list[NamedRow]) -> date | None:
    return next((date.fromisoformat(row.born) for row in forms if row.born), None)
