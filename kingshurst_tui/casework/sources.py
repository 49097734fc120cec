"""How far each data set of contacts reaches, and whether a rule's answer can be known: unknown is not "not met"."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import db.case_reading
from kingshurst_tui.clock import plain_date
from kingshurst_tui.vocabulary import ANOTHER_AGENCY

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kingshurst_tui.casework.rules import Rule


@dataclass(frozen=True, slots=True)
class Source:
    """A data set of contacts, and the days it can speak for.

    Attributes:
        categories: the categories its agreement sends, empty where it does not say.
        covers_from: the first day its agreement covers, None where it does not say.
        known_to: the day its last accepted batch speaks for, None where there is none.
        fresh_to: the last day on which that batch is not stale: the refresh that was agreed, later.
        sensitive: the agency's name alone would tell something of a person's health.
        is_live: a gate is open for it today.
        is_shared: its agreement names the reader's agency as a recipient, or it is that agency's own.
    """

    reference: str
    title: str
    agency: str
    kind: str
    categories: frozenset[str]
    priority_areas: frozenset[str]
    covers_from: date | None
    known_to: date | None
    fresh_to: date | None
    sensitive: bool
    is_live: bool
    is_shared: bool

    def stale_on(self, day: date) -> bool:
        """Return whether the last batch is older than the refresh that was agreed."""
        return self.is_live and self.fresh_to is not None and day > self.fresh_to

    def gap(self, first: date, last: date) -> str:
        """Return why this source cannot speak for all days from first to last; empty where it can."""
        if not self.is_live:
            return "its gate is closed"
        if not self.is_shared:
            return "it is not shared with your agency"
        if self.known_to is None:
            return "nothing has been imported"
        if self.covers_from is not None and first < self.covers_from:
            return f"it begins on {plain_date(self.covers_from)}"
        if self.stale_on(last):
            return f"it is as at {plain_date(self.known_to)} and stale"
        return ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whether a rule's answer is known on a day, and what is missing if not.

    Attributes:
        gaps: (source, what is missing) for each source that cannot speak for the whole window.
        sources: how many sources the rule rests on.
    """

    gaps: tuple[tuple[Source, str], ...]
    sources: int

    @property
    def known(self) -> bool:
        """Whether "not met" may be said; otherwise it is "unknown"."""
        return self.sources > 0 and not self.gaps

    def in_words(self, *, own_agency: str, masked: bool) -> tuple[str, ...]:
        """Return the gaps as sentences; on a mask a health agency is not named to others."""
        if not self.sources:
            return ("No live data set could tell: unknown.",)
        said = []
        for source, gap in self.gaps:
            hidden = masked and source.sensitive and source.agency != own_agency
            name = ANOTHER_AGENCY if hidden else f"{source.title} ({source.agency})"
            said.append(f"Unknown from {name}: {gap}.")
        return tuple(dict.fromkeys(said))


def known_sources(connection: Connection) -> tuple[Source, ...]:
    """Return the data sets of contacts with a gate for the acting purpose; about no person."""
    last: dict[str, date] = {}
    for batch in db.case_reading.accepted_batches(connection):
        day = date.fromisoformat((batch.as_at or batch.last_day or batch.received_at)[:10])
        last[batch.agreement_ref] = max(day, last.get(batch.agreement_ref, day))
    found = []
    for row in db.case_reading.gated_data_sets(connection):
        stated = _stated(row.document)
        if stated.shape == "contacts":
            found.append(_source(row, stated, last.get(row.reference)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Stated:
    """What an agreement states of its data set that no import changes."""

    shape: str
    kind: str
    categories: frozenset[str]
    priority_areas: frozenset[str]
    begins: date | None
    refresh: timedelta


@lru_cache(maxsize=256)
def _stated(text: str) -> _Stated:
    document = _document(text)
    agreement = document.get("agreement", {})
    constants = document.get("constants", {})
    pairs = list(document.get("codes", {}).get("category", {}).values())
    categories = {str(pair[0]) for pair in pairs if len(pair) > 0} | {str(constants.get("contact.category", ""))}
    areas = {str(pair[1]) for pair in pairs if len(pair) > 1} | {str(constants.get("contact.priority_area", ""))}
    begins = agreement.get("coverage_from")
    return _Stated(
        str(document.get("format", {}).get("shape", "contacts")),
        str(document.get("agency", {}).get("kind", "")),
        frozenset(categories - {""}),
        frozenset(areas - {""}),
        begins if isinstance(begins, date) else None,
        timedelta(days=int(agreement.get("refresh_days", 0) or 0)),
    )


def _document(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _source(row: db.case_reading.GatedDataSet, stated: _Stated, known_to: date | None) -> Source:
    return Source(
        row.reference,
        row.title,
        row.agency_code,
        stated.kind,
        stated.categories,
        stated.priority_areas,
        stated.begins,
        known_to,
        known_to + stated.refresh if known_to is not None else None,
        bool(row.sensitive),
        bool(row.is_live),
        bool(row.is_shared),
    )


def of_rule(rule: Rule, known: tuple[Source, ...], as_of: date) -> Coverage:
    """Return whether the rule's longest window ending that day is covered by every source it rests on."""
    first = as_of - timedelta(days=rule.longest_window - 1)
    mine = [source for source in known if _feeds(source, rule)]
    gaps = [(source, source.gap(first, as_of)) for source in mine]
    return Coverage(tuple((source, gap) for source, gap in gaps if gap), len(mine))


def unknown_after(rule: Rule, known: tuple[Source, ...], as_of: date) -> date | None:
    """Return the day after which a stale source of the rule cannot tell; None where none is stale on the day."""
    days = [source.known_to for source in known if _feeds(source, rule) and source.stale_on(as_of)]
    return min((day for day in days if day is not None), default=None)


def _feeds(source: Source, rule: Rule) -> bool:
    """A source whose agreement does not say which categories it sends may send any."""
    return (
        (not rule.kinds or source.kind in rule.kinds)
        and (not rule.agencies or source.agency in rule.agencies)
        and (not rule.categories or not source.categories or bool(source.categories & set(rule.categories)))
        and (
            not rule.priority_areas
            or not source.priority_areas
            or bool(source.priority_areas & set(rule.priority_areas))
        )
    )
