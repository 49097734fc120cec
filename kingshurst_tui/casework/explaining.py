"""A flag that explains itself: which rule, whose, on what incidents, until when, and what would clear it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import db.case_reading
from kingshurst_tui.casework import rulebook, sources
from kingshurst_tui.clock import plain_date
from kingshurst_tui.learning import said_of_flags
from kingshurst_tui.vocabulary import ContactRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kingshurst_tui.acts import Act
    from kingshurst_tui.casework.rules import Rule
    from kingshurst_tui.casework.sources import Source
    from kingshurst_tui.learning.said_of_flags import Word

HIDDEN_RULE = "A rule of another agency"
"""How a flag reads on a mask where the rule's name alone would tell."""


@dataclass(frozen=True, slots=True)
class IncidentShown:
    """One incident behind a flag.

    Attributes:
        reports: how many contacts told of it.
        incident_id: its id where several contacts are one incident, else None.
    """

    day: date
    agencies: tuple[str, ...]
    roles: tuple[str, ...]
    reports: int
    incident_id: int | None
    contact_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FlagShown:
    """One flag as a person reads it; a hidden rule leaves every word about it empty.

    Attributes:
        state: ``current``, ``lapsed``, or ``unknown`` where it would have lapsed but a source cannot tell.
        window: first and last day of the window ending on the day it is looked at.
        by_role: in how many of the incidents the person had each part, victims and suspects kept apart.
        clears: what would clear it.
        gaps: what is not known, in sentences.
        counterpart: the other party's profile id for a rule that goes by pairs, open profiles only.
        said: what people said of it, the latest first.
    """

    flag_id: int
    rule_code: str
    rule_version: int
    title: str
    source: str
    source_says: str
    threshold: str
    counts: str
    bearing: str
    tell: str
    untested: str
    state: str
    raised_on: date
    lapses_on: date
    window: tuple[date, date]
    incidents: tuple[IncidentShown, ...]
    by_role: tuple[tuple[str, int], ...]
    clears: str
    gaps: tuple[str, ...]
    counterpart: int | None
    said: tuple[Word, ...] = ()


def state_of(raised: date, lapses: date, as_of: date, unknown_after: date | None) -> str:
    """Return a flag's state on a day: current, lapsed, unknown, or "later" before it was raised.

    Args:
        raised: its first day.
        lapses: the first day after.
        as_of: the day.
        unknown_after: see ``sources.unknown_after``. A source that went stale before the flag lapsed may hold what
            keeps it up; one that spoke for that day does not.
    """
    if as_of < raised:
        return "later"
    if as_of < lapses:
        return "current"
    return "unknown" if unknown_after is not None and unknown_after < lapses else "lapsed"


def of_profile(act: Act, profile_id: int, *, masked: bool, as_of: date | None = None) -> tuple[FlagShown, ...]:
    """Return the flags of one profile that stand, current or not, the newest first.

    Args:
        act: the act that reads the profile.
        profile_id: whose.
        masked: the profile is not open to the acting user.
        as_of: the day it is looked at, today if none.
    """
    rules = act.read(rulebook.every_rule)
    known = act.read(sources.known_sources)
    said = said_of_flags.of_profile(act, profile_id, masked=masked)
    shown = (
        explain(
            rules,
            known,
            flag_id=row.id,
            rule_code=row.rule_code,
            rule_version=row.rule_version,
            raised_on=row.raised_on,
            lapses_on=row.lapses_on,
            evidence=row.evidence,
            as_of=as_of or act.session.clock.today(),
            own_agency=act.session.user.agency,
            masked=masked,
        )
        for row in act.read(db.case_reading.flags, profile_id, masked=masked)
    )
    # Who judged a flag whose rule is hidden would tell whose rule it is.
    return tuple(replace(flag, said=said.get(flag.flag_id, ())) if flag.rule_code else flag for flag in shown)


def explain(
    rules: Mapping[tuple[str, int], Rule],
    known: tuple[Source, ...],
    *,
    flag_id: int,
    rule_code: str,
    rule_version: int,
    raised_on: str,
    lapses_on: str,
    evidence: str,
    as_of: date,
    own_agency: str,
    masked: bool,
) -> FlagShown:
    """Return a flag with everything that explains it, as far as it may be shown.

    Args:
        rules: every version of every rule, by code and version (``rulebook.every_rule``).
        known: the data sets (``sources.known_sources``).
        flag_id: the flag's id.
        rule_code: its rule, empty where the view hides it.
        rule_version: the rule's version.
        raised_on: its first day.
        lapses_on: the first day after.
        evidence: its JSON, empty on a mask.
        as_of: the day it is looked at.
        own_agency: the acting agency, which reads its own name.
        masked: the profile is not open.
    """
    rule = rules.get((rule_code, rule_version))
    raised, lapses = date.fromisoformat(raised_on), date.fromisoformat(lapses_on)
    stale = sources.unknown_after(rule, known, as_of) if rule is not None else None
    state = state_of(raised, lapses, as_of, stale)
    stated = json.loads(evidence) if evidence and not masked else {}
    if rule is None:
        return FlagShown(
            flag_id, "", 0, HIDDEN_RULE, "", "", "", "", "", "", "", state, raised, lapses,
            (as_of, as_of), (), (), f"It lapses on {plain_date(lapses)} unless there is more contact.", (), None,
        )  # fmt: skip
    incidents = tuple(
        IncidentShown(
            date.fromisoformat(entry["day"]),
            tuple(entry["agencies"]),
            tuple(entry["roles"]),
            len(entry["contacts"]),
            entry["incident"],
            tuple(entry["contacts"]),
        )
        for entry in stated.get("incidents", ())
    )
    roles = [(role.value, sum(role in incident.roles for incident in incidents)) for role in ContactRole]
    return FlagShown(
        flag_id=flag_id,
        rule_code=rule.code,
        rule_version=rule.version,
        title=rule.title,
        source=rule.source + (f", {rule.sourced_on}" if rule.sourced_on else ""),
        source_says=rule.source_says,
        threshold=rule.threshold_in_words(),
        counts=rule.counts_in_words(),
        bearing=rule.bearing,
        tell=rule.tell,
        untested=rule.untested,
        state=state,
        raised_on=raised,
        lapses_on=lapses,
        window=(as_of - timedelta(days=rule.longest_window - 1), as_of),
        incidents=incidents,
        by_role=tuple((role, number) for role, number in roles if number),
        clears=_clears(state, lapses),
        gaps=(*_unshared(masked, evidence), *_gaps(rule, known, as_of, own_agency, masked)),
        counterpart=stated.get("counterpart"),
    )


def _unshared(masked: bool, evidence: str) -> tuple[str, ...]:
    if masked or evidence:
        return ()
    return ("Its incidents are not shown: it rests on a data set that is not shared with your agency.",)


def _gaps(rule: Rule, known: tuple[Source, ...], as_of: date, own_agency: str, masked: bool) -> tuple[str, ...]:
    return sources.of_rule(rule, known, as_of).in_words(own_agency=own_agency, masked=masked)


def _clears(state: str, lapses: date) -> str:
    if state == "current":
        return (
            f"It clears by itself on {plain_date(lapses)} if no further incident counts, "
            "or earlier if an incident behind it is corrected, taken back or found to be one with another."
        )
    if state == "unknown":
        return (
            f"As far as is known it lapsed on {plain_date(lapses)}; a source cannot tell since. Its next extract will."
        )
    return f"It lapsed on {plain_date(lapses)}."


def in_lines(shown: FlagShown) -> list[str]:
    """Return a flag as plain lines."""
    lines = [f"{shown.title}: {shown.state}, raised on {plain_date(shown.raised_on)}"]
    if shown.rule_code:
        lines += [
            f"  Rule      {shown.rule_code}, version {shown.rule_version}: {shown.threshold}",
            f"  Counts    {shown.counts}",
            f"  Source    {shown.source}",
            f"  Says      {shown.source_says}",
            f"  Window    {plain_date(shown.window[0])} to {plain_date(shown.window[1])}",
        ]
    for incident in shown.incidents:
        reports = f" ({incident.reports} reports of one incident)" if incident.reports > 1 else ""
        told = f"{', '.join(incident.agencies)}, as {' and '.join(incident.roles)}{reports}"
        lines.append(f"  Incident  {plain_date(incident.day)}: {told}")
    if shown.tell:
        lines.append(f"  Do        {shown.tell}")
    if shown.untested:
        lines.append(f"  Untested  {shown.untested}")
    lines.append(f"  Clears    {shown.clears}")
    lines += [f"  Unknown   {gap}" for gap in shown.gaps]
    for word in shown.said:
        said = f"{word.verdict.replace('-', ' ')}, by {word.by} on {plain_date(date.fromisoformat(word.at[:10]))}"
        lines.append(f"  Useful?   {said}{f': {word.why}' if word.why else ''}")
    return lines
