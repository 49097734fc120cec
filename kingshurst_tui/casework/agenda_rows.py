"""What the agenda says of one flagged profile, and by which one fact its rows are sorted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import db.agenda
from kingshurst_tui.casework.standing_flags import AgendaFlag
from kingshurst_tui.casework.triage import TRIAGE, UNTRIAGED

if TYPE_CHECKING:
    from db.agenda import ContactMark, ItemRow
    from db.case_reading import MaskedRow
    from kingshurst_tui.acts import Act

DAYS_COUNTED = 365
"""Days before the day looked at in which the agenda counts contacts."""


@dataclass(frozen=True, slots=True)
class AgendaRow:
    """One flagged profile.

    Attributes:
        name: empty while the profile is masked.
        agencies: who met the person in the year before, "another agency" where the name would tell; None where it is
            unknown: no contact can be seen, and some source cannot speak for that year.
        incidents: distinct incidents in that year, as far as gates are open; None where it is unknown.
        contacts: the reports behind them; None where it is unknown.
        last_month: the latest month of contact, YYYY-MM, empty where none is in that year.
        triage_why: empty while the profile is masked, for all but who typed it.
        version: of the agenda item; triage compares it.
        triaged_by: who triaged it, and on which day; empty and None where nobody did, or it has come back.
        back_on: when "not now" comes back by itself.
    """

    profile_id: int
    pseudonym: str
    name: str
    is_open: bool
    under_18: bool | None
    do_not_approach: bool
    flags: tuple[AgendaFlag, ...]
    agencies: tuple[str, ...] | None
    incidents: int | None
    contacts: int | None
    last_month: str
    triage: str
    triage_why: str
    version: int
    triaged_by: str = ""
    triaged_on: date | None = None
    back_on: date | None = None

    @property
    def raised_on(self) -> date:
        """When the latest of its flags was raised."""
        return max(flag.raised_on for flag in self.flags)

    @property
    def lapses_on(self) -> date:
        """When the last of its flags lapses."""
        return max(flag.lapses_on for flag in self.flags)

    @property
    def who(self) -> str:
        """The name of an open profile, the pseudonym of a masked one."""
        return self.name or self.pseudonym


def _latest(row: AgendaRow) -> Any:
    return (-row.raised_on.toordinal(), row.pseudonym)


def _most(count: int | None, row: AgendaRow) -> Any:
    return (count is None, -(count or 0), row.pseudonym)


SORTS: dict[str, tuple[str, Callable[[AgendaRow], Any]]] = {
    "raised": ("when the latest flag was raised, the newest first", _latest),
    "lapses": ("when the last flag lapses, the soonest first", lambda row: (row.lapses_on, row.pseudonym)),
    "incidents": (
        "distinct incidents in the year before, the most first",
        lambda row: _most(row.incidents, row),
    ),
    "contacts": ("contacts in the year before, the most first", lambda row: _most(row.contacts, row)),
    "agencies": (
        "agencies in the year before, the most first",
        lambda row: _most(None if row.agencies is None else len(row.agencies), row),
    ),
    "last": (
        "the latest month of contact, the newest first",
        lambda row: (-int(row.last_month.replace("-", "") or 0), row.pseudonym),
    ),
    "who": ("name or pseudonym", lambda row: (row.who.casefold(), row.pseudonym)),
    "triage": ("triage", lambda row: (list(TRIAGE).index(row.triage), row.pseudonym)),
}
"""The facts an agenda may be sorted by, and how each is said."""

SORTS_THAT_COUNT = frozenset({"incidents", "contacts", "agencies", "last", "who"})
"""Those that need everybody's contacts or names; the others stand in the flags and the triage."""


def marks_of(act: Act, profiles: list[int], day: date) -> dict[int, list[ContactMark]]:
    """Return what contacts of the year before the day tell of these profiles."""
    since = day - timedelta(days=DAYS_COUNTED)
    marks: dict[int, list[ContactMark]] = defaultdict(list)
    for mark in act.read(db.agenda.contact_marks, profiles, f"{since:%Y-%m}", f"{day:%Y-%m}"):
        marks[mark.profile_id].append(mark)
    return marks


def row_of(
    person: MaskedRow,
    names: dict[int, str],
    flags: list[AgendaFlag],
    marks: list[ContactMark],
    item: ItemRow | None,
    *,
    all_known: bool,
    reader: str,
) -> AgendaRow:
    # Nothing seen is nothing there only where every source could say so.
    """Return the row of one flagged profile, as far as its mask lets the reader see."""
    unknown = not marks and not all_known
    return AgendaRow(
        person.profile_id,
        person.pseudonym,
        names.get(person.profile_id, "") if person.is_open else "",
        bool(person.is_open),
        None if person.under_18 is None else bool(person.under_18),
        bool(person.do_not_approach),
        tuple(sorted(flags, key=lambda flag: (flag.raised_on, flag.title))),
        None if unknown else tuple(sorted({mark.agency_shown for mark in marks})),
        None if unknown else len({mark.incident for mark in marks}),
        None if unknown else len(marks),
        max((mark.month for mark in marks), default=""),
        item.triage if item else UNTRIAGED,
        # A mask bears no name, and words that people type may: they are for whoever typed them until it opens.
        item.triage_why if item and (person.is_open or item.triaged_by == reader) else "",
        item.version if item else 0,
        (item.triaged_by or "") if item and item.triage != UNTRIAGED else "",
        date.fromisoformat(item.triaged_at[:10]) if item and item.triaged_at and item.triage != UNTRIAGED else None,
        date.fromisoformat(item.back_on) if item and item.back_on and item.triage == "not-now" else None,
    )
