"""Earlier cases like this one and what was decided: one key away after the panel has spoken, never before.

The panel has spoken when the case's decision is signed, or when what is asked of every decision (which agency leads,
why, why not the agency contacted first, when and on what it is reviewed) is written in the reader's own kept draft.
What makes a case like another is a plain fact: a rule that flagged both or, where no rule flagged this one, a category
of contact in common and the same age band. What else they have in common is said beside it; nothing is weighed or
ranked, the latest stands first. Cases closed to the reader are counted, by who led, and the counts suppressed.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import db.agenda
import db.case_reading
import db.decisions
import db.similar
from kingshurst_tui.casework import drafts
from kingshurst_tui.casework.decision_form import ASKED
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from db.decisions import DecisionRow
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.session import Session

BANDS = ((18, "under 18"), (25, "18 to 24"), (40, "25 to 39"), (65, "40 to 64"), (200, "65 and over"))
"""Age bands: those who are younger than this, and how the band reads."""
MOST = 20
"""Lines shown at most."""

_STANDING = ("signed", "superseded", "reopened")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a case is compared by."""

    rules: frozenset[str]
    categories: frozenset[str]
    agencies: frozenset[str]
    band: str


@dataclass(frozen=True, slots=True)
class Alike:
    """One earlier decision about somebody whose profile is open.

    Attributes:
        in_common: what the two cases have in common, in words.
        status: whether it stands or was superseded since.
    """

    decision: int
    pseudonym: str
    name: str
    lead_agency: str
    why: str
    review_on: date
    signed_at: str
    status: str
    in_common: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Similar:
    """Earlier cases like one.

    Attributes:
        by: what was compared, in words.
        found: the latest of them; ``total`` says how many there are.
        closed: how often each agency led in cases closed to the reader, suppressed; None where the reader's role
            does not count these. The key "" is the total.
    """

    case: int
    by: tuple[str, ...]
    found: tuple[Alike, ...]
    total: int
    closed: Mapping[str, str] | None


def similar(session: Session, case_id: int, reason: Reason) -> Similar:
    """Return earlier cases like this one and what was decided about them.

    Raises: NotFound, Refused (masked; or the panel has not spoken).
    """
    with session.act(Operation.CONSULT, Thing.PANEL, reason=reason) as act:
        profile_id = _spoken(act, case_id)
        mine = _facts(act, [profile_id], {profile_id: _flags_now(act, profile_id)})[profile_id]
        latest = _latest(act, profile_id)
        found = _alike(act, mine, latest)
        act.concerns(each.pseudonym for each in found)
        act.note(case=case_id, similar=len(found))
        readable = {row.id for row in latest}
    session.held[_held(case_id)] = True
    return Similar(
        case_id, _in_words(mine), found[:MOST], len(found), _closed(session, mine, profile_id, readable, reason)
    )


def were_shown(session: Session, case_id: int) -> bool:
    """Say whether similar cases were shown in this session before; the decision's document says so too."""
    return bool(session.held.get(_held(case_id)))


def _held(case_id: int) -> str:
    return f"similar-shown/{case_id}"


def _spoken(act: Act, case_id: int) -> int:
    from kingshurst_tui.panels import cases

    case = cases.case(act, case_id)
    if not case.is_open:
        act.refuse("This profile is masked.", "Nothing was shown.")
    kept = act.read(drafts.of, Thing.DECISION.value, case.profile_id)
    written = kept[0].written.get("fields", {}) if kept else {}
    if case.decision is None and not all(str(written.get(name, "")).strip() for name in ASKED):
        act.refuse(
            "The panel has not spoken yet.",
            "What was decided about others is shown once the decision of this case is written: which agency leads, "
            "why, why not the agency contacted first, and when and on what it is reviewed. Nothing was shown.",
            "Write these first.",
        )
    return case.profile_id


def _flags_now(act: Act, profile_id: int) -> frozenset[str]:
    today = act.session.clock.today().isoformat()
    rows = act.read(db.case_reading.flags, profile_id, masked=False)
    return frozenset(row.rule_code for row in rows if row.raised_on <= today < row.lapses_on)


def _latest(act: Act, but: int) -> list[DecisionRow]:
    """Return the latest decision about everybody else that was in force, for the acting purpose."""
    seen: dict[int, DecisionRow] = {}
    for row in act.read(db.decisions.for_purpose, act.session.purpose):
        if row.profile_id != but and row.status in _STANDING:
            seen.setdefault(row.profile_id, row)
    return list(seen.values())


def _alike(act: Act, mine: Facts, rows: Sequence[DecisionRow]) -> tuple[Alike, ...]:
    facts = _facts(act, [row.profile_id for row in rows], {row.profile_id: _rested_on(row) for row in rows})
    people = act.read(db.case_reading.by_ids, [row.profile_id for row in rows])
    alike = [row for row in rows if is_alike(mine, facts[row.profile_id])]
    names = act.read(db.agenda.names, [row.profile_id for row in alike])
    return tuple(
        Alike(
            row.id,
            people[row.profile_id].pseudonym,
            names.get(row.profile_id, ""),
            row.lead_agency,
            str(json.loads(row.document)["fields"].get("why", "")),
            date.fromisoformat(row.review_on),
            row.signed_at,
            row.status,
            _in_common(mine, facts[row.profile_id]),
        )
        for row in alike
        if row.profile_id in people
    )


def is_alike(mine: Facts, theirs: Facts) -> bool:
    """Say whether two cases are alike: by a rule, or by a category and the age band where no rule flagged this one."""
    if mine.rules:
        return bool(mine.rules & theirs.rules)
    return bool(mine.categories & theirs.categories) and mine.band == theirs.band


def _closed(
    session: Session, mine: Facts, profile_id: int, readable: set[int], reason: Reason
) -> Mapping[str, str] | None:
    """Count who led in cases closed to the reader; the machine reads them, and nobody is shown fewer than ten."""
    from kingshurst_tui.leaving import suppression

    if not session.may(Operation.COMBINE, Thing.OUTCOME):
        return None
    with session.act(Operation.COMBINE, Thing.OUTCOME, reason=reason, combine=True) as act:
        rows = [row for row in _latest(act, profile_id) if row.id not in readable]
        facts = _facts(act, [row.profile_id for row in rows], {row.profile_id: _rested_on(row) for row in rows})
        led = Counter(row.lead_agency for row in rows if is_alike(mine, facts[row.profile_id]))
        act.note(counted="similar cases closed to the reader")
        shown = suppression.suppressed_list(dict(led))
    return shown


def _rested_on(row: DecisionRow) -> frozenset[str]:
    flags = json.loads(row.document).get("rests_on", {}).get("flags", ())
    return frozenset(str(flag).rpartition("/")[0] for flag in flags)


def _facts(act: Act, profile_ids: Sequence[int], rules: Mapping[int, frozenset[str]]) -> dict[int, Facts]:
    categories: dict[int, set[str]] = defaultdict(set)
    agencies: dict[int, set[str]] = defaultdict(set)
    for row in act.read(db.similar.contact_facts, profile_ids):
        categories[row.profile_id].add(row.category)
        agencies[row.profile_id].add(row.agency_code)
    born = act.read(db.similar.born, profile_ids)
    today = act.session.clock.today()
    return {
        number: Facts(
            rules.get(number, frozenset()),
            frozenset(categories[number]),
            frozenset(agencies[number]),
            _band(born.get(number), today),
        )
        for number in profile_ids
    }


def _band(born: str | None, today: date) -> str:
    if not born:
        return "age not known"
    day = date.fromisoformat(born)
    age = today.year - day.year - ((today.month, today.day) < (day.month, day.day))
    return next(words for under, words in BANDS if age < under)


def _in_words(facts: Facts) -> tuple[str, ...]:
    return (
        f"rules: {', '.join(sorted(facts.rules)) or 'none'}",
        f"contacts about: {', '.join(sorted(facts.categories)) or 'nothing on record'}",
        f"agencies: {', '.join(sorted(facts.agencies)) or 'none on record'}",
        f"age: {facts.band}",
    )


def _in_common(mine: Facts, theirs: Facts) -> tuple[str, ...]:
    said = []
    for title, both in (
        ("rules", mine.rules & theirs.rules),
        ("contacts about", mine.categories & theirs.categories),
        ("agencies", mine.agencies & theirs.agencies),
    ):
        if both:
            said.append(f"{title}: {', '.join(sorted(both))}")
    if mine.band == theirs.band:
        said.append(f"age: {mine.band}")
    return tuple(said)
