"""A store whose partnership has met: panels, decisions, referrals, an outcome, a sample, copies that left."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import decisions, people, referrals
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.demo.build import DemoStore, build
from kingshurst_tui.learning import misses, outcomes
from kingshurst_tui.leaving import gate
from kingshurst_tui.leaving.gate import Recipient
from kingshurst_tui.panels import conflicts, going_on, meetings, urgent
from kingshurst_tui.vocabulary import Domain, Effect, ReasonCode
from tests.conftest import NOON
from tests.panels.deciding import FIELDS, MARKED

BUSINESS = Reason(ReasonCode.PANEL)
WHY = "Nobody of health could come, and the person is evicted this week."
REFERRED = {
    "to": "panel",
    "surname": "Someone",
    "postcode": "B37 6AA",
    "why": "Their neighbours call every week.",
    "asked": "Somebody who talks to them.",
    "person_knows": "told",
    "urgency": "routine",
    "lawful_basis": "Crime and Disorder Act 1998 s.115",
}


@dataclass(frozen=True, slots=True)
class Met:
    """What a walk through the screens of panels looks at.

    Attributes:
        held: a panel that was held.
        coming: one that is prepared.
        case: a case of the one held.
        unflagged: a sample of people whom no rule flagged.
        followed: the pseudonym of somebody of whose decision it is recorded what came.
    """

    held: int
    coming: int
    case: int
    unflagged: int
    followed: str


def panelled(folder: Path, size: int = 300) -> tuple[DemoStore, Met]:
    """Invent a town that has held three panels, and do once what their screens are about."""
    demo = build(folder, people=size, seed=11, clock=FixedClock(NOON), panels=True)
    with demo.signed_in("supervisor") as session:
        sample = misses.draw(session, 12)
    with demo.signed_in("coordinator") as session:
        every = meetings.panels(session)
        held = next(each.panel.number for each in every if each.panel.status == "closed")
        coming = next(each.panel.number for each in every if each.panel.status == "preparing")
        case, prepared = meetings.one(session, held).cases[0], meetings.one(session, coming).cases
        known = [each for each in prepared if each.is_open]
        member = meetings.one(session, coming).members[0].number
        conflicts.declare(session, member, "Their neighbour.", "stayed", case_id=known[0].number)
        going_on.ask(session, known[0].pseudonym, going_on.NO_QUORUM, WHY, panel_case=known[0].number, reason=BUSINESS)
        referrals.send(session, REFERRED, BUSINESS)
        assert case.decision is not None
        outcomes.record(
            session,
            case.decision,
            Domain.HOUSING,
            3,
            Effect.NONE,
            measured_on=session.clock.today(),
            baseline="Four calls a month.",
            now="Four calls a month.",
            person_view="It is as it was.",
            source="Housing's own record.",
            reason=BUSINESS,
        )
        copies = folder / "copies"
        copies.mkdir()
        gate.release(
            session,
            kind="actions",
            form="txt",
            body_for=lambda each: f"Copy {each.mark}\n".encode(),
            recipients=[Recipient("P. Example", "WMP")],
            why="Asked for by the panel for its meeting.",
            subjects=(),
            data_sets=(),
            into=copies,
            name="actions",
            reason=BUSINESS,
        )
    with demo.signed_in("practitioner") as session:
        listed = people.open_list(session, BUSINESS)
        spoken_of = {each.pseudonym for each in (case, *prepared)}
        found = people.page(session, listed, 0, len(listed.ids))
        evicted = next(line.pseudonym for line in found if line.is_open and line.pseudonym not in spoken_of)
        form = decisions.open_form(session, evicted, BUSINESS)
        urgent.decide(session, evicted, FIELDS, MARKED, WHY, version=form.version, reason=BUSINESS)
    return demo, Met(held, coming, case.number, sample.number, case.pseudonym)
