"""What came of a decision for the person: measured at 3, 6 and 12 months against their own before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import db.case_reading
import db.decisions
import db.outcomes
from db.outcomes import NewOutcome, OutcomeRow
from kingshurst_tui.acts import Act, Reason
from kingshurst_tui.casework.home_parts import HomeItem, HomeSection, section
from kingshurst_tui.casework.profiles_found import open_row
from kingshurst_tui.casework.sources import known_sources
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, NotFound, StaleRecord, differing
from kingshurst_tui.intake.text import clean
from kingshurst_tui.learning.rates import BeforeAndAfter, compare, exposure_around
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Domain, Effect, Operation, Thing

MONTHS = (3, 6, 12)
"""After how many months an outcome is asked for."""
SOON = timedelta(days=14)
LONGEST = 2_000

TITLES = {
    "effect": "What came of it",
    "measured_on": "Measured on",
    "baseline": "Before",
    "now": "Now",
    "person_view": "The person's own view",
    "source": "Where this is from",
}
"""The fields of an outcome as they are asked for."""


@dataclass(frozen=True, slots=True)
class OutcomeShown:
    """One outcome. ``version`` is passed on when it is recorded anew."""

    number: int
    decision: int
    domain: str
    months: int
    measured_on: date
    baseline: str
    now: str
    effect: str
    person_view: str
    source: str
    recorded_by: str
    recorded_at: str
    version: int


@dataclass(frozen=True, slots=True)
class Due:
    """An outcome that is to be asked after."""

    pseudonym: str
    decision: int
    months: int
    due_on: date


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What came of the decisions about one person.

    Attributes:
        profile_id: under which a form about the person keeps its draft.
        since: distinct incidents before and after each decision, by its number, the latest first.
        due: what is still to be recorded of them, the soonest first.
    """

    profile_id: int
    pseudonym: str
    outcomes: tuple[OutcomeShown, ...]
    since: tuple[tuple[int, date, BeforeAndAfter], ...]
    due: tuple[Due, ...]


def record(
    session: Session,
    decision: int,
    domain: Domain,
    months: int,
    effect: Effect,
    *,
    measured_on: date,
    baseline: str = "",
    now: str = "",
    person_view: str = "",
    source: str = "",
    reason: Reason,
    version: int = 0,
) -> int:
    """Record what came of a decision in one part of the person's life, and return the outcome's number.

    Args:
        session: who records it.
        decision: the decision's number; the profile must be open.
        domain: the part of life.
        months: after how many, one of MONTHS.
        effect: better, no effect, worse or unknown; "unknown" needs no measure.
        measured_on: the day it speaks of.
        baseline: what was so before, in words or a figure.
        now: what is so now.
        person_view: what the person says of it; "not asked" where nobody did.
        source: whose word or which record this is.
        reason: why one acts.
        version: of the outcome that is replaced; 0 where there is none.

    Raises: InputRejected, NotFound, StaleRecord (somebody recorded it meanwhile), Refused.
    """
    fields = {"baseline": baseline, "now": now, "person_view": person_view, "source": source}
    words = {name: clean(text)[:LONGEST] for name, text in fields.items()}
    _check(session, months, effect, measured_on, words)
    with session.act(Operation.ALTER, Thing.OUTCOME, reason=reason) as act:
        found = act.read(db.decisions.by_id, decision)
        if found is None or found.purpose != session.purpose:
            raise NotFound("There is no such decision about an open profile.", "Nothing was recorded.")
        person = act.read(db.case_reading.by_id, found.profile_id)
        act.concerns([person.pseudonym] if person else [])
        if measured_on.isoformat() < found.signed_at[:10]:
            raise InputRejected(
                "That day is before the decision.", "Nothing was recorded.", "Give the day that was measured."
            )
        was = act.read(db.outcomes.standing, decision, domain.value, months)
        if (was.version if was else 0) != version:
            raise _recorded_meanwhile(was, effect, measured_on, words)
        if was is not None:
            act.write(db.outcomes.replace, was.id)
        number = act.write(
            db.outcomes.add,
            NewOutcome(
                profile_id=found.profile_id,
                purpose=session.purpose,
                decision_id=decision,
                domain=domain.value,
                months=months,
                measured_on=measured_on.isoformat(),
                effect=effect.value,
                recorded_by=session.user.name,
                recorded_at=stamp(session.clock.now()),
                version=version + 1,
                **words,
            ),
        )
        act.note(outcome=number, decision=decision, months=months, effect=effect.value)
    return number


def of_person(session: Session, pseudonym: str, reason: Reason) -> Outcomes:
    """Return what came of the decisions about an open profile. Raises: NotFound, Refused."""
    with session.act(Operation.CONSULT, Thing.OUTCOME, reason=reason) as act:
        row = open_row(act, pseudonym, "followed up")
        return read(act, row.profile_id, row.pseudonym)


def read(act: Act, profile_id: int, pseudonym: str) -> Outcomes:
    """Return the same inside an act on an open profile."""
    decided = [each for each in act.read(db.decisions.of_profile, profile_id) if each.status in _COUNTS]
    known = act.read(known_sources)
    incidents = [date.fromisoformat(day) for _, day, _ in act.read(db.outcomes.incident_days, [profile_id])]
    since = tuple(
        (row.id, day, compare(incidents, exposure_around(day, act.session.clock.today(), known)))
        for row in decided
        for day in [date.fromisoformat(row.signed_at[:10])]
    )
    recorded = act.read(db.outcomes.recorded_months)
    due = [each for row in decided for each in _due(pseudonym, row.id, row.signed_at, recorded)]
    shown = tuple(_shown(row) for row in act.read(db.outcomes.of_profile, profile_id))
    return Outcomes(
        profile_id, pseudonym, shown, since, tuple(sorted(due, key=lambda each: (each.due_on, each.decision)))
    )


def due_by(session: Session, until: date | None, reason: Reason) -> tuple[Due, ...]:
    """Return the outcomes to be asked after by a day, two weeks from today if none. Raises: Refused."""
    with session.act(Operation.CONSULT, Thing.OUTCOME, reason=reason) as act:
        found = due(act, until or session.clock.today() + SOON)
        act.concerns(each.pseudonym for each in found)
    return found


def due(act: Act, until: date) -> tuple[Due, ...]:
    """Return the outcomes to be asked after by a day, of every open profile, the soonest first."""
    recorded = act.read(db.outcomes.recorded_months)
    found: list[Due] = []
    for row in act.read(db.decisions.for_purpose, act.session.purpose):
        if row.status in _COUNTS:
            person = act.read(db.case_reading.by_id, row.profile_id)
            if person is not None:
                found += _due(person.pseudonym, row.id, row.signed_at, recorded)
    return tuple(sorted((one for one in found if one.due_on <= until), key=lambda one: (one.due_on, one.decision)))


def waiting(act: Act) -> HomeSection | None:
    """Return what home says of outcomes that are due; None for whoever does not read them."""
    if not act.session.may(Operation.CONSULT, Thing.OUTCOME):
        return None
    found = due(act, act.session.clock.today() + SOON)
    act.concerns(each.pseudonym for each in found)
    items = [
        HomeItem(
            Thing.OUTCOME,
            each.pseudonym,
            each.pseudonym,
            f"what came of decision {each.decision} after {each.months} months",
            due=each.due_on,
        )
        for each in found
    ]
    return section("outcomes", "Outcomes to ask after", "No outcome is due.", items)


_COUNTS = ("signed", "reopened")


def month_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _due(pseudonym: str, decision: int, signed_at: str, recorded: set[tuple[int, int]]) -> list[Due]:
    day = date.fromisoformat(signed_at[:10])
    return [
        Due(pseudonym, decision, months, month_after(day, months))
        for months in MONTHS
        if (decision, months) not in recorded
    ]


def _check(session: Session, months: int, effect: Effect, measured_on: date, words: dict[str, str]) -> None:
    wrong: dict[str, str] = {}
    if months not in MONTHS:
        wrong["months"] = f"one of {', '.join(map(str, MONTHS))}"
    if measured_on > session.clock.today():
        wrong["measured_on"] = "lies in the future"
    if effect is not Effect.UNKNOWN:
        wrong |= {name: "is missing" for name in ("baseline", "now", "source") if not words[name]}
    if not words["person_view"]:
        wrong["person_view"] = 'is missing; where nobody asked, say "not asked"'
    if wrong:
        said = "\n".join(f"{TITLES.get(name, name.capitalize())}: {what}" for name, what in wrong.items())
        by_field = tuple(f"{name}: {what}" for name, what in wrong.items())
        raise InputRejected("The outcome was not recorded.", said, "Correct these.", by_field)


def _recorded_meanwhile(
    was: OutcomeRow | None, effect: Effect, measured_on: date, words: dict[str, str]
) -> StaleRecord:
    theirs = {name: str(getattr(was, name, "") or "") for name in TITLES}
    mine = {**words, "effect": effect.value, "measured_on": measured_on.isoformat()}
    return StaleRecord(
        "Somebody else recorded this outcome meanwhile.",
        "Yours was not kept.",
        "Look at both; yours over it replaces it, and theirs stays on record.",
        differing(TITLES, theirs=theirs, mine=mine),
        by=was.recorded_by if was else "",
        over=was.version if was else 0,
    )


def _shown(row: OutcomeRow) -> OutcomeShown:
    return OutcomeShown(
        row.id,
        row.decision_id,
        row.domain,
        row.months,
        date.fromisoformat(row.measured_on),
        row.baseline,
        row.now,
        row.effect,
        row.person_view,
        row.source,
        row.recorded_by,
        row.recorded_at,
        row.version,
    )
