"""A rule: a cited, dated, versioned threshold on distinct incidents, as a record that people read and edit.

Months are counted in days, the last day included: 1 month is 31 days, 3 months are 92, 6 months are 183 and
12 months are 365.
"""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from kingshurst_tui.errors import InputRejected
from kingshurst_tui.vocabulary import AgencyKind, Category, ContactRole, PriorityArea, Standing

DAYS_OF_MONTHS = {1: 31, 3: 92, 6: 183, 12: 365}
"""How the rules count months: the longest month, the longest quarter, half a year and a year, in days."""

POLICE_AGE = 10
"""No rule resting on police contact applies to somebody younger: children are children."""

BEARINGS = ("entitles", "coordination")
"""What a flag means for the person: it entitles them to help, or it asks agencies to talk to each other.

There is no bearing that counts against a person, so no rule can be written that does.
"""


@dataclass(frozen=True, slots=True)
class Threshold:
    """So many distinct incidents, from so many agencies, in a window of so many days ending today."""

    at_least: int
    within_days: int
    agencies_at_least: int = 1

    def in_words(self) -> str:
        """Return the threshold as a person would say it."""
        months = {days: count for count, days in DAYS_OF_MONTHS.items()}.get(self.within_days)
        span = f"{self.within_days} days"
        if months:
            span = f"{months} month{'s' if months > 1 else ''} ({self.within_days} days)"
        incidents = f"{self.at_least} or more distinct incidents" if self.at_least > 1 else "one incident"
        agencies = f" from {self.agencies_at_least} or more agencies" if self.agencies_at_least > 1 else ""
        return f"{incidents}{agencies} within {span}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a rule; empty lists mean "any".

    Attributes:
        source_says: the source's own threshold, before it was carried over to what the data hold.
        bearing: see BEARINGS.
        tell: what a flag asks people to do or to tell the person.
        untested: what the source also asks for and the data cannot show.
        any_of: the rule holds on a day when any of these thresholds does.
        kinds: kinds of agency whose contacts count (vocabulary.AgencyKind).
        agencies: codes of agencies whose contacts count.
        min_age: youngest age in whole years on the day of the contact; people of unknown age are left out.
        max_age: oldest age in whole years on the day of the contact.
        by_counterpart: incidents count only together with others with the same other party.
        measure_at_least: the contact's own measure, such as the per cent of sessions missed, at the least.
        measure_above: the same, and more than this.
    """

    code: str
    version: int
    title: str
    source: str
    source_says: str
    bearing: str
    tell: str
    any_of: tuple[Threshold, ...]
    untested: str = ""
    sourced_on: str = ""
    read_on: str = ""
    kinds: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    priority_areas: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    standings: tuple[str, ...] = (Standing.FACT.value,)
    min_age: int | None = None
    max_age: int | None = None
    by_counterpart: bool = False
    measure_at_least: float | None = None
    measure_above: float | None = None

    @property
    def longest_window(self) -> int:
        """The longest window of the rule's thresholds, in days."""
        return max(threshold.within_days for threshold in self.any_of)

    @property
    def name(self) -> str:
        """Code and version in one word, as flags and entries cite it."""
        return f"{self.code}/{self.version}"

    def threshold_in_words(self) -> str:
        """Return what has to be met, in one sentence part."""
        words = ", or ".join(threshold.in_words() for threshold in self.any_of)
        if self.by_counterpart:
            words += ", each time with the same other party"
        if self.measure_at_least is not None:
            words += f", with a figure of {self.measure_at_least:g} per cent or more"
        if self.measure_above is not None:
            words += f", with a figure above {self.measure_above:g} per cent"
        return words

    def counts_in_words(self) -> str:
        """Return which contacts count, in one sentence part."""
        parts = []
        for label, values in (
            ("category", self.categories),
            ("priority area", self.priority_areas),
            ("as", self.roles),
            ("reported to", self.kinds + self.agencies),
        ):
            if values:
                parts.append(f"{label} {' or '.join(values)}".replace("-", " "))
        if self.min_age is not None:
            parts.append(f"aged {self.min_age} or over")
        if self.max_age is not None:
            parts.append(f"aged {self.max_age} or under")
        standing = "facts" if self.standings == (Standing.FACT.value,) else " and ".join(self.standings)
        return ", ".join([f"{standing} only" if standing == "facts" else standing, *parts])

    def as_document(self) -> dict[str, Any]:
        """Return the rule as plain JSON values; ``read_rule`` reads it back."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class IncidentRule:
    """When contacts are one incident; dated and editable like any other rule.

    Attributes:
        within_hours: hours apart at most, where both contacts state a time.
        within_days: days apart at most, where one of them states none.
        reference_within_days: days apart at most for a shared reference; partners use references again.
        at_most_days: days from first to last contact of one incident, so that near contacts never chain.
        compatible: groups of categories that may be two tellings of one event.
    """

    code: str
    version: int
    title: str
    source: str
    within_hours: int
    within_days: int
    reference_within_days: int
    at_most_days: int
    compatible: tuple[tuple[str, ...], ...] = field(default=())

    @property
    def days_of_reach(self) -> int:
        """Days apart at most for contacts of one person or place, whether they state a time or not."""
        return max(self.within_days, -(-self.within_hours // 24))

    @property
    def name(self) -> str:
        """Code and version in one word, as an incident's evidence cites it."""
        return f"{self.code}/{self.version}"

    def as_document(self) -> dict[str, Any]:
        """Return the rule as plain JSON values."""
        return asdict(self)


_LISTS: dict[str, frozenset[str]] = {
    "kinds": frozenset(AgencyKind),
    "categories": frozenset(Category),
    "priority_areas": frozenset(PriorityArea),
    "roles": frozenset(ContactRole),
    "standings": frozenset(Standing),
}
_TEXTS = ("code", "title", "source", "source_says", "tell")
_ALL = frozenset(Rule.__dataclass_fields__)


def read_rule(document: dict[str, Any]) -> Rule:
    """Return the rule that a document states.

    Raises:
        InputRejected: with everything that is wrong with it.
    """
    problems = _problems(document)
    if problems:
        raise InputRejected(
            f"The rule {document.get('code', 'without a code')!s} was not accepted.",
            problems=tuple(problems),
            hint="Correct the document and try again; the version in force stays as it was.",
        )
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in document.items() if name != "any_of"
    }
    return Rule(any_of=tuple(Threshold(**entry) for entry in document["any_of"]), **values)


def _problems(document: dict[str, Any]) -> list[str]:
    found = [f"{name}: no such field" for name in sorted(set(document) - _ALL)]
    found += [f"{name}: is missing" for name in _TEXTS if not _is_text(document.get(name))]
    if not _is_count(document.get("version")):
        found.append("version: a whole number from 1")
    if document.get("bearing") not in BEARINGS:
        found.append(f"bearing: one of {', '.join(BEARINGS)}; no rule may count against a person")
    for name, allowed in _LISTS.items():
        values = document.get(name, [])
        if not isinstance(values, list | tuple) or not all(isinstance(value, str) for value in values):
            found.append(f"{name}: a list of words")
        else:
            found += [f"{name}: {value} is not a word we use" for value in values if value not in allowed]
    if not document.get("standings", ["fact"]):
        found.append("standings: at least one of fact, assessment")
    codes = document.get("agencies", [])
    if not isinstance(codes, list | tuple) or not all(_is_text(code) for code in codes):
        found.append("agencies: a list of agency codes")
    for name in ("min_age", "max_age"):
        age = document.get(name)
        if age is not None and not (_is_count(age, least=0) and age <= 120):
            found.append(f"{name}: whole years from 0 to 120")
    for name in ("measure_at_least", "measure_above"):
        measure = document.get(name)
        if measure is not None and (isinstance(measure, bool) or not isinstance(measure, int | float)):
            found.append(f"{name}: a number")
    if not isinstance(document.get("by_counterpart", False), bool):
        found.append("by_counterpart: true or false")
    for name in ("untested", "sourced_on", "read_on"):
        if not isinstance(document.get(name, ""), str):
            found.append(f"{name}: text")
    return found + _threshold_problems(document.get("any_of"))


def _threshold_problems(entries: Any) -> list[str]:
    if not isinstance(entries, list | tuple) or not entries:
        return ["any_of: at least one threshold"]
    found = []
    for number, entry in enumerate(entries, start=1):
        where = f"any_of {number}"
        if not isinstance(entry, dict):
            found.append(f"{where}: at_least, within_days and, if wanted, agencies_at_least")
            continue
        extra = set(entry) - {"at_least", "within_days", "agencies_at_least"}
        found += [f"{where}: {name}: no such field" for name in sorted(extra)]
        for name in ("at_least", "within_days"):
            if not _is_count(entry.get(name)):
                found.append(f"{where}: {name}: a whole number from 1")
        if not _is_count(entry.get("agencies_at_least", 1)):
            found.append(f"{where}: agencies_at_least: a whole number from 1")
    return found


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_count(value: object, *, least: int = 1) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= 100_000


@cache
def _shipped() -> dict[str, Any]:
    text = resources.files("kingshurst_tui.casework").joinpath("shipped_rules.toml").read_text("utf-8")
    return tomllib.loads(text)


def shipped_rules() -> tuple[Rule, ...]:
    """Return the rules that come with the program, in the order in which people read them."""
    return tuple(read_rule(document) for document in _shipped()["rule"])


def shipped_incident_rule() -> IncidentRule:
    """Return the shipped rule of what one incident is."""
    return read_incident_rule(_shipped()["one_incident"])


def read_incident_rule(document: dict[str, Any]) -> IncidentRule:
    """Return the incident rule that a document states.

    Raises:
        InputRejected: with everything that is wrong with it.
    """
    problems = [f"{name}: is missing" for name in ("code", "title", "source") if not _is_text(document.get(name))]
    counts = ("version", "within_hours", "within_days", "reference_within_days", "at_most_days")
    problems += [f"{name}: a whole number" for name in counts if not _is_count(document.get(name), least=0)]
    groups = document.get("compatible", [])
    for group in groups:
        problems += [f"compatible: {word} is not a category" for word in group if word not in set(Category)]
    if problems:
        raise InputRejected("The incident rule was not accepted.", problems=tuple(problems))
    return IncidentRule(**{**document, "compatible": tuple(tuple(group) for group in groups)})
