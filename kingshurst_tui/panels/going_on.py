"""What stops a decision of a panel, and going on all the same: a written reason, and a second person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import db.case_reading
import db.going_on
import db.manifests
import db.panels
from kingshurst_tui.casework.profiles_found import open_row
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import Changed, InputRejected, NotFound, Refused, StaleRecord
from kingshurst_tui.intake.text import clean
from kingshurst_tui.vocabulary import AgencyKind, Category, Operation, Thing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.going_on import GoingOnRow
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.casework.decision_form import Facts
    from kingshurst_tui.session import Session

NO_QUORUM, NO_HEALTH_MEMBER, POLICE_ON_CRISIS = "no-quorum", "no-health-member", "police-lead-on-crisis"

STOPS = {
    NO_QUORUM: "the panel has no quorum for this case",
    NO_HEALTH_MEMBER: "mental-health contacts weigh in this case and no health member of the panel is present",
    POLICE_ON_CRISIS: "police would lead on contacts of somebody in mental-health crisis and on nothing else",
}
"""What stops a decision, in words. The last is the Serenity Integrated Mentoring model, withdrawn after criticism."""

ASKED, AGREED, REFUSED, SPENT = "asked", "agreed", "refused", "spent"

HOLDS_FOR = timedelta(days=7)
"""How long a second person's agreement serves a decision that is signed outside a panel."""
LISTED_FOR = timedelta(days=92)
"""How long those who answer for it see that somebody went on."""
LONGEST = 2_000
"""Letters of a reason."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One thing that stops a decision: its code and, in words, why."""

    code: str
    words: str


class Stopped(Refused):
    """A rule of the panel's own stops this decision.

    Attributes:
        stops: what stops it and is not yet agreed by a second person.
    """

    code = "stopped"

    def __init__(self, stops: Sequence[Stop], waiting: Sequence[int] = ()) -> None:
        waits = f" Asked already, and waiting for a second person: {', '.join(map(str, waiting))}." if waiting else ""
        super().__init__(
            "This decision is stopped: " + "; ".join(each.words for each in stops) + ".",
            f"Nothing was signed.{waits}",
            "Going on needs a written reason and a second person: kingshurst going-on ask",
        )
        self.stops = tuple(stops)


@dataclass(frozen=True, slots=True)
class GoingOn:
    """One wish to go on.

    Attributes:
        why: as it was typed; empty where it is settled and the profile is closed to the reader.
        status: asked, agreed, refused, or spent by a decision.
    """

    number: int
    pseudonym: str
    case: int | None
    panel: int | None
    stop: str
    why: str
    asked_by: str
    asked_at: str
    second_person: str
    second_at: str
    status: str

    def in_words(self) -> str:
        """Return it in a line."""
        fate = {
            ASKED: "waits for a second person",
            AGREED: f"{self.second_person} agreed, and nothing is signed on it yet",
            REFUSED: f"{self.second_person} said no",
            SPENT: f"{self.second_person} agreed, and it was signed",
        }[self.status]
        return f"{self.asked_by} would go on although {STOPS.get(self.stop, self.stop)}: {fate}"

    def document(self) -> dict[str, Any]:
        """Return it as a decision's document names it."""
        return {
            "number": self.number,
            "stop": self.stop,
            "why": self.why,
            "asked_by": self.asked_by,
            "second_person": self.second_person,
            "second_at": self.second_at,
        }


def stops(act: Act, facts: Facts, lead_agency: str, *, panel: int | None, case: int | None) -> tuple[Stop, ...]:
    """Return what stops a decision with this lead agency; nothing where it may be signed.

    Mental-health contacts weigh where there is one among what the signer may see of the person, and where it is unknown
    because a data set that may hold them is not to be seen: unknown is not zero.
    """
    from kingshurst_tui.panels import attendance

    found = []
    if panel is not None:
        quorum = attendance.quorum(act, panel, case)
        if not quorum.met:
            found.append(Stop(NO_QUORUM, f"{STOPS[NO_QUORUM]} ({'; '.join(quorum.problems)})"))
        if not attendance.health_member_present(act, panel, case):
            alone = attendance.unknown_health_members(act, panel, case)
            only = f" ({'; '.join(f'{each.name} {attendance.ONE_WORD}' for each in alone)})" if alone else ""
            if Category.MENTAL_HEALTH.value in facts.categories:
                found.append(Stop(NO_HEALTH_MEMBER, f"{STOPS[NO_HEALTH_MEMBER]}{only}"))
            elif facts.crisis_unseen:
                hidden = f"{', '.join(facts.crisis_unseen)} is not to be seen here"
                unseen = f"no health member is present{only}, and {hidden}"
                found.append(Stop(NO_HEALTH_MEMBER, f"whether mental-health contacts weigh is unknown: {unseen}"))
    if facts.agencies.get(lead_agency) == AgencyKind.POLICE and facts.crisis_alone():
        found.append(Stop(POLICE_ON_CRISIS, STOPS[POLICE_ON_CRISIS]))
    return tuple(found)


def agreed(act: Act, profile_id: int, found: Sequence[Stop], *, case: int | None) -> tuple[GoingOn, ...]:
    """Return what two people agreed for each of these stops, to be spent by the decision that is being signed.

    Raises: Stopped (for one of them there is none).
    """
    rows = [row for row in act.read(db.going_on.of_profile, profile_id) if row.panel_case_id == case]
    since = stamp(act.session.clock.now() - HOLDS_FOR)
    serving = {
        row.stop: row for row in rows if row.status == AGREED and (case is not None or (row.second_at or "") >= since)
    }
    missing = [each for each in found if each.code not in serving]
    if missing:
        codes = {each.code for each in missing}
        raise Stopped(missing, [row.id for row in rows if row.status == ASKED and row.stop in codes])
    return _shown(act, [serving[each.code] for each in found])


def spend(act: Act, used: Sequence[GoingOn]) -> None:
    """Keep that a decision was signed on these."""
    for each in used:
        act.write(db.going_on.spend, each.number)


def ask(session: Session, pseudonym: str, stop: str, why: str, *, panel_case: int | None = None, reason: Reason) -> int:
    """Ask to go on although something stops a decision; a second person must agree before it can be signed.

    Raises: InputRejected, NotFound, Refused (masked, or asked already).
    """
    words = "\n".join(clean(line) for line in why.split("\n")).strip()
    wrong = []
    if stop not in STOPS:
        wrong.append(f"stop: is none of {', '.join(STOPS)}")
    elif panel_case is None and stop != POLICE_ON_CRISIS:
        wrong.append("case: a quorum and a health member are asked of a panel; say in which case")
    if not is_a_reason(words):
        wrong.append(f"why: {HINT}")
    if len(words) > LONGEST:
        wrong.append(f"why: is longer than {LONGEST:,} letters")
    if wrong:
        raise InputRejected("It was not asked.", "Nothing was changed.\n" + "\n".join(wrong), "", tuple(wrong))
    with session.act(Operation.COLLECT, Thing.GOING_ON, reason=reason) as act:
        row = open_row(act, pseudonym, "decided about")
        panel = _panel_of(act, panel_case, row.profile_id)
        for each in act.read(db.going_on.of_profile, row.profile_id):
            if (each.stop, each.panel_case_id) == (stop, panel_case) and each.status == ASKED:
                act.refuse(f"This is asked already, as number {each.id}.", "Nothing was changed.")
        number = act.write(
            db.going_on.add,
            panel_case_id=panel_case,
            panel_id=panel,
            profile_id=row.profile_id,
            stop=stop,
            why=words,
            asked_by=session.user.name,
            asked_at=stamp(session.clock.now()),
        )
        act.note(going_on=number, stop=stop, panel=panel)
        if panel is not None:
            act.write(db.panels.changed, panel)
    return number


def settle(session: Session, number: int, agree: bool, reason: Reason) -> GoingOn:
    """Agree or say no, as the second person.

    Raises: NotFound, Refused (one asked it oneself, or is not on a restricted case's list), StaleRecord (somebody else
        settled it).
    """
    with session.act(Operation.ALTER, Thing.GOING_ON, reason=reason) as act:
        row = act.read(db.going_on.by_id, number)
        person = act.read(db.case_reading.by_id, row.profile_id) if row else None
        if row is None or person is None:
            raise NotFound("There is no such wish to go on.", "Nothing was changed.", "Check its number.")
        act.concerns([person.pseudonym])
        if row.status != ASKED:
            shown = _one(row, person.pseudonym)
            raise StaleRecord(
                "Somebody has answered this already.",
                "Nothing was changed.",
                "",
                [Changed("", f"Going on {number}", ASKED, shown.in_words(), AGREED if agree else REFUSED)],
                by=row.second_person or "",
            )
        if not row.why:
            act.refuse(
                "This case is restricted, and you are not on its list.",
                "Nothing was changed.",
                "Somebody on its list is the second person.",
            )
        if row.asked_by == session.user.name:
            act.refuse("The second person must be somebody else.", "Nothing was changed.", "Ask a colleague.")
        at = stamp(session.clock.now())
        act.write(db.going_on.settle, number, AGREED if agree else REFUSED, session.user.name, at)
        act.note(going_on=number, stop=row.stop, agreed=agree)
        if row.panel_id is not None:
            act.write(db.panels.changed, row.panel_id)
        kept = act.read(db.going_on.by_id, number)
    return _one(kept or row, person.pseudonym)


def listed(session: Session, reason: Reason) -> tuple[GoingOn, ...]:
    """Return what was asked in the last three months, and what waits; the latest first."""
    with session.act(Operation.CONSULT, Thing.GOING_ON, reason=reason) as act:
        found = lately(act)
        act.concerns(each.pseudonym for each in found)
        act.note(going_on=len(found))
    return found


def lately(act: Act) -> tuple[GoingOn, ...]:
    """Return what was asked in the last three months, and what waits, inside an act; the latest first."""
    return _shown(act, act.read(db.going_on.since, stamp(act.session.clock.now() - LISTED_FOR)))


def asked(act: Act) -> tuple[GoingOn, ...]:
    """Return what waits for a second person other than whoever asked."""
    return tuple(each for each in lately(act) if each.status == ASKED and each.asked_by != act.session.user.name)


def of_case(act: Act, panel_case_id: int) -> tuple[GoingOn, ...]:
    """Return what was asked in one case of a panel, the latest first."""
    return _shown(act, act.read(db.going_on.of_case, panel_case_id))


def _panel_of(act: Act, panel_case: int | None, profile_id: int) -> int | None:
    if panel_case is None:
        return None
    case = act.read(db.manifests.case, panel_case)
    if case is None or case.profile_id != profile_id:
        raise NotFound("There is no such case of this person.", "Nothing was changed.", "Check its number.")
    return case.panel_id


def _shown(act: Act, rows: Sequence[GoingOnRow]) -> tuple[GoingOn, ...]:
    people = act.read(db.case_reading.by_ids, {row.profile_id for row in rows})
    return tuple(_one(row, people[row.profile_id].pseudonym) for row in rows if row.profile_id in people)


def _one(row: GoingOnRow, pseudonym: str) -> GoingOn:
    return GoingOn(
        row.id,
        pseudonym,
        row.panel_case_id,
        row.panel_id,
        row.stop,
        row.why,
        row.asked_by,
        row.asked_at,
        row.second_person or "",
        row.second_at or "",
        row.status,
    )
