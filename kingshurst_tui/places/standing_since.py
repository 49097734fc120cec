"""Since when a place stands out, by which version of the rule, and what cleared: kept at each look, like flags.

A place is found when somebody looks, so a day here is the day of a look. Each agency has its own: it sees only the data
sets that may go to it. What another agency found before rests on no more than one's own may see, or is not told.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import db.place_standing
import db.published
from db.place_standing import LookRow, NewStanding, StandingRow
from kingshurst_tui.acts import Reason
from kingshurst_tui.clock import plain_date
from kingshurst_tui.counting import some
from kingshurst_tui.places import place_rules
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from kingshurst_tui.places.place_rules import PlaceRule
    from kingshurst_tui.places.standing_out import Found, StandingOut
    from kingshurst_tui.session import Session

NEW_FOR = timedelta(days=28)
"""How long a place is said to stand out newly."""
TOLD_FOR = timedelta(days=366)
"""How long it is said of a place that it cleared."""
_STAGE = (Operation.COMBINE, Thing.AREA_MEASURE)


@dataclass(frozen=True, slots=True)
class Cleared:
    """A place that stood out and does so no more.

    Attributes:
        rule: code and version that found it.
        first_on: ISO day of the first look that found it; ``last_on`` of the last.
        cleared_on: of the look that did not.
        why: in a sentence.
        agencies: whose measures stood above when it was last found.
        evidence: what they were then, in sentences; none where a data set is shown no more.
        words: when it did, in a sentence.
    """

    code: str
    name: str
    rule: str
    first_on: str
    last_on: str
    cleared_on: str
    cleared_by: str
    why: str
    agencies: tuple[str, ...]
    evidence: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class News:
    """What home says of places.

    Attributes:
        new: codes of places that stand out newly, the newest first.
        since: ISO day of the newest of these.
        is_old: whether something came in since the last look, or nobody looked yet.
        looked_on: ISO day of the last look; empty where there is none.
    """

    new: tuple[str, ...]
    since: str
    is_old: bool
    looked_on: str


def kept(session: Session, found: Found, sets: Collection[str], names: Mapping[str, str]) -> Found:
    """Keep what a look found, and return it with since when, and with what cleared.

    Args:
        session: who looked.
        found: by the rule in force; none where no rule is.
        sets: the data sets that were looked at.
        names: of places, by code.
    """
    today, agency = session.clock.today().isoformat(), session.user.agency
    change = _change(session, session.look(db.place_standing.standings, session.purpose), found, sets)
    if change.new or change.cleared:
        facts: dict[str, Any] = {
            "rule": found.rule.name if found.rule else "",
            "stand_out": len(found.places),
            "new": len(change.new),
            "cleared": len(change.cleared),
        }
        with session.act(*_STAGE, reason=Reason(ReasonCode.MAINTENANCE), facts=facts) as act:
            # Somebody else may have looked at the same moment.
            change = _change(session, act.read(db.place_standing.standings, session.purpose), found, sets)
            act.write(db.place_standing.begin, session.purpose, agency, today, change.new)
            act.write(db.place_standing.clear, today, session.user.name, change.cleared)
    if change.again:
        session.stage(*_STAGE, db.place_standing.go_on, today, change.again)
    if found.rule is not None:
        _looked(session, found.rule, today)
    rows = session.look(db.place_standing.standings, session.purpose)
    mine = [row for row in rows if row.agency_code == agency]
    places = tuple(_since(each, [row for row in mine if row.code == each.code], today) for each in found.places)
    return replace(found, places=places, cleared=tuple(_cleared(mine, sets, names, today)))


def _looked(session: Session, rule: PlaceRule, today: str) -> None:
    agency, basis = session.user.agency, _basis(session, rule)
    last = session.look(db.place_standing.look_of, session.purpose, agency)
    if last is None or (last.basis, last.looked_on) != (basis, today):
        session.stage(
            *_STAGE, db.place_standing.looked, session.purpose, agency, LookRow(today, session.user.name, basis)
        )


def news(session: Session) -> News | None:
    """Return what is new of places that stand out, from what looks have kept; None where no rule is in force.

    It counts nothing, so that home is quick.
    """
    rule = place_rules.in_force(session)
    if rule is None:
        return None
    today, agency = session.clock.today(), session.user.agency
    live = {each.agreement_ref for each in _sources(session)}
    if not live:
        return None
    rows = session.look(db.place_standing.standings, session.purpose)
    first: dict[str, str] = {}
    for row in rows:
        if row.agency_code == agency and row.cleared_on is None and _may_be_told(row, live):
            first[row.code] = min(first.get(row.code, row.first_on), _began(row, rows))
    begins = (today - NEW_FOR).isoformat()
    new = sorted((code for code, day in first.items() if day >= begins), key=lambda code: (first[code], code))[::-1]
    last = session.look(db.place_standing.look_of, session.purpose, agency)
    is_old = last is None or last.basis != _basis(session, rule)
    return News(tuple(new), first[new[0]] if new else "", is_old, last.looked_on if last else "")


def of_place(session: Session, code: str) -> str:
    """Return since when a place stands out, as far as looks have kept it, in words; nothing where it does not."""
    rows = session.look(db.place_standing.standings, session.purpose)
    mine = [row for row in rows if row.agency_code == session.user.agency and row.code == code]
    now = [row for row in mine if row.cleared_on is None]
    if not now or not _may_be_told(now[-1], {each.agreement_ref for each in _sources(session)}):
        return ""
    return f"stands out since {plain_date(_began(now[-1], mine))}, last found on {plain_date(now[-1].last_on)}"


@dataclass(frozen=True, slots=True)
class _Change:
    new: list[NewStanding]
    again: list[tuple[int, str]]
    cleared: list[tuple[int, str]]


def _change(session: Session, rows: Sequence[StandingRow], found: Found, sets: Collection[str]) -> _Change:
    today, agency = session.clock.today().isoformat(), session.user.agency
    mine = [row for row in rows if row.agency_code == agency and row.cleared_on in (None, today)]
    change = _Change([], [], [])
    going_on = set()
    for place in found.places:
        evidence = _evidence(place)
        before = [row for row in mine if row.code == place.code and _rule(row) == place.rule]
        if not before:
            code, _, version = place.rule.rpartition("/")
            first_on, first_by = _seen_before(session, rows, place, sets)
            change.new.append(NewStanding(place.code, code, int(version), first_on, first_by, evidence))
            continue
        row = before[-1]
        going_on.add(row.id)
        if row.last_on != today or row.cleared_on is not None:
            change.again.append((row.id, evidence))
    change.cleared.extend(
        (row.id, _why(row, found, sets)) for row in mine if row.cleared_on is None and row.id not in going_on
    )
    return change


def _seen_before(
    session: Session, rows: Sequence[StandingRow], place: StandingOut, sets: Collection[str]
) -> tuple[str, str]:
    """Return when another agency first found the same by the same version, if on no more than one's own may see."""
    today, agency = session.clock.today().isoformat(), session.user.agency
    if any(row.agency_code == agency and row.code == place.code for row in rows):
        return today, session.user.name  # one's own record says when it stood out before
    others = [
        row
        for row in rows
        if row.code == place.code
        and _rule(row) == place.rule
        and row.cleared_on is None
        and set(json.loads(row.evidence_first)["agreements"]) <= set(sets)
    ]
    return min(((row.first_on, row.first_by) for row in others), default=(today, session.user.name))


def _evidence(place: StandingOut) -> str:
    return json.dumps(
        {
            "agreements": sorted({each.agreement_ref for each in place.evidence}),
            "agencies": place.agencies,
            "words": [each.words for each in place.evidence],
            "clears": place.clears,
        },
        ensure_ascii=False,
    )


def _why(row: StandingRow, found: Found, sets: Collection[str]) -> str:
    if found.rule is None:
        return "No rule for places is in force any more."
    if _rule(row) != found.rule.name:
        return f"Another version of the rule is in force: {found.rule.name}."
    gone = sorted(set(json.loads(row.evidence_last)["agreements"]) - set(sets))
    if gone:
        return f"{some(len(gone), 'data set', 'data sets')} that it was found by may not be looked at any more."
    return f"Fewer than {found.rule.agencies_at_least} agencies stood above what its residents explain."


def _since(place: StandingOut, rows: Sequence[StandingRow], today: str) -> StandingOut:
    """Return a place with since when it stands out, and by which version first."""
    now = [row for row in rows if row.cleared_on is None]
    if not now:
        return place
    row = now[-1]
    began, by = _began(row, rows), _rule(row)
    first = next((each for each in rows if each.first_on == began), row)
    words = f"Since {plain_date(began)}, by {_rule(first)}, first found by {first.first_by}"
    if _rule(first) != by:
        words += f"; by {by} since {plain_date(row.first_on)}"
    before = [each for each in rows if each.cleared_on is not None and each.cleared_on < began]
    if before:
        words += f"; before that from {plain_date(before[-1].first_on)} to {plain_date(before[-1].last_on)}"
    again = f" Found again on {plain_date(today)}." if began != today else ""
    return replace(place, since=began, since_words=f"{words}.{again}")


def _began(row: StandingRow, rows: Sequence[StandingRow]) -> str:
    """Return since when, over versions of the rule that followed each other on one day."""
    began = row.first_on
    for each in reversed(rows):
        same = each.code == row.code and each.agency_code == row.agency_code
        if same and each.cleared_on == began and _rule(each) != _rule(row):
            began = each.first_on
    return began


def _cleared(rows: Sequence[StandingRow], sets: Collection[str], names: Mapping[str, str], today: str) -> list[Cleared]:
    from datetime import date

    since = (date.fromisoformat(today) - TOLD_FOR).isoformat()
    standing = {row.code for row in rows if row.cleared_on is None}
    newest = {row.code: row for row in rows if row.cleared_on is not None and row.code not in standing}
    told = []
    for row in sorted(newest.values(), key=lambda each: (each.cleared_on or "", each.code), reverse=True):
        if row.cleared_on is None or row.cleared_on < since:
            continue
        last, may = json.loads(row.evidence_last), _may_be_told(row, sets)
        name = names.get(row.code, row.code)
        began = _began(row, rows)
        told.append(
            Cleared(
                row.code,
                name,
                _rule(row),
                began,
                row.last_on,
                row.cleared_on,
                row.cleared_by,
                row.cleared_why,
                tuple(last["agencies"]) if may else (),
                tuple(last["words"]) if may else (),
                f"{name} stood out from {plain_date(began)} to {plain_date(row.last_on)}, by {_rule(row)}; "
                f"it cleared by {plain_date(row.cleared_on)}: {row.cleared_why}",
            )
        )
    return told


def _may_be_told(row: StandingRow, live: Collection[str]) -> bool:
    """Say whether every data set that a place was last found by may be looked at today."""
    return set(json.loads(row.evidence_last)["agreements"]) <= set(live)


def _rule(row: StandingRow) -> str:
    return f"{row.rule_code}/{row.rule_version}"


def _sources(session: Session) -> list[db.published.Source]:
    today = session.clock.today().isoformat()
    return session.look(db.published.sources, session.purpose, today, session.user.agency)


def _basis(session: Session, rule: PlaceRule) -> str:
    """Return a digest of what a look rests on: the rule, and what came in of each data set."""
    rests_on = [rule.name, *sorted((each.agreement_ref, each.basis) for each in _sources(session))]
    return hashlib.sha256(json.dumps(rests_on).encode()).hexdigest()
