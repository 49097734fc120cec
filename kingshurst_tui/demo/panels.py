"""Three panels that were held and one to come, by the same functions as real ones; every word of them is invented."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import (
    action_lists,
    action_steps,
    actions,
    agenda,
    decision_shown,
    decisions,
    dissents,
    triage,
)
from kingshurst_tui.clock import Clock
from kingshurst_tui.learning import usefulness
from kingshurst_tui.panels import (
    attendance,
    candidates,
    cases,
    first_views,
    information,
    manifest,
    meetings,
    members,
    minutes_shown,
)
from kingshurst_tui.panels import minutes as minutes_of
from kingshurst_tui.panels.records import PanelFacts, QuorumRule
from kingshurst_tui.vocabulary import ReasonCode

if TYPE_CHECKING:
    from kingshurst_tui.casework.agenda_rows import AgendaRow
    from kingshurst_tui.demo.build import DemoStore
    from kingshurst_tui.session import Session

HELD = (12, 8, 4)
"""Days before today on which a panel was held."""
BEGUN = 14
"""Days before today on which everything was set up; the extracts are as old, and none is stale yet."""
NEXT = 3
"""Days after today on which the next one is."""
CASES_HELD, CASES_NEXT = 3, 6
REVIEW_AFTER = timedelta(days=84)
PANEL = Reason(ReasonCode.PANEL)

MEMBERS = (
    ("WMP", "Sergeant P. Marsh (invented)"),
    ("WMFS", "Watch Commander R. Bell (invented)"),
    ("NHS", "T. Osei, community nursing (invented)"),
    ("SMBC", "L. Haddad, adult social care (invented)"),
    ("EDU", "J. Pike, school attendance (invented)"),
)
"""Who comes, by agency; they have no account, and what they say is entered for them."""

VIEWS = {
    "SCH": ("Rent paid late twice; the visiting officer is let in.", "That the tenancy ends."),
    "WMP": ("Calls about noise and one about a row in the street.", "That the calls come more often at night."),
    "SMBC": ("Assessed last winter; no services at present.", "That nobody sees the person between calls."),
}
"""What agencies wrote first: what they know, what worries them."""

WHY = (
    "Their housing officer is let in and trusted; the person asked for one visitor, not four. (Invented.)",
    "Most of what is asked concerns the home, and the landlord can change it. (Invented.)",
    "They hold the care plan, and every other agency already asks them. (Invented.)",
)
ACTIONS = (
    ("Visit with the housing officer and agree one name to call", "One call instead of four", "home-visit"),
    ("Ask the surgery which nurse knows the person", "A named contact in health", "single-point-of-contact"),
    ("Fit a smoke alarm and look at the cooker", "No further kitchen fire", "fire-safety"),
)
_NOT_DISCUSSED = ("equality", "safeguarding_threshold", "tool_showed", "tool_agreed", "dissent")


@dataclass(frozen=True, slots=True)
class Before:
    """A clock that says what another said so long before."""

    clock: Clock
    by: timedelta

    def now(self) -> datetime:
        """Return the moment so long before now."""
        return self.clock.now() - self.by

    def today(self) -> date:
        """Return the day so long before today."""
        return self.clock.today() - self.by


def hold(demo: DemoStore, clock: Clock, tell: Callable[[str], None]) -> list[int]:
    """Hold three panels and prepare the next; return their numbers. The demonstration's clock ends at ``clock``.

    A small town has few flagged people who agreed to be helped: its panels are shorter, and without any none is held.
    """
    taken: set[str] = set()
    held: list[int] = []
    with demo.signed_in("coordinator") as session:
        known = sum(row.is_open for row in agenda.open_agenda(session, limit=5_000).rows)
    each = min(CASES_HELD, known // (len(HELD) + 1))
    for number, days in enumerate(HELD if each else ()):
        demo.clock = Before(clock, timedelta(days=days))
        tell(f"Holding a panel, {days} days ago")
        held.append(_hold(demo, number, taken, each))
    demo.clock = clock
    tell("Preparing the next panel")
    return [*held, _prepare(demo, taken)]


def _facts(session: Session, day: date) -> PanelFacts:
    return PanelFacts(
        "Repeat contact panel",
        day,
        kind="repeat contact",
        areas=("anti-social-behaviour",),
        place="Council House, room 2 (invented)",
        begins_at="14:00",
        chair="coordinator",
        minute_taker="practitioner",
        quorum=QuorumRule(3, ("nhs",), 20),
        information_by=day,
    )


def _seated(session: Session, panel: int) -> dict[str, int]:
    """Ask everybody; return their numbers by agency."""
    seats = {"SCH": members.invite(session, panel, agency="SCH", user_name="practitioner")}
    for agency, name in MEMBERS:
        seats[agency] = members.invite(session, panel, agency=agency, name=name)
    return seats


def _open_people(session: Session, taken: set[str], count: int, *, masked: int = 0) -> list[AgendaRow]:
    """Return the newest flagged people whom no panel of the demonstration has had, open ones and some masked."""
    rows = [row for row in agenda.open_agenda(session, limit=5_000).rows if row.pseudonym not in taken]
    chosen = [row for row in rows if row.is_open][:count] + [row for row in rows if not row.is_open][:masked]
    taken.update(row.pseudonym for row in chosen)
    return chosen


def _listed(session: Session, panel: int, people: Sequence[AgendaRow]) -> list[int]:
    """Triage people for the panel and put them on its agenda; return the cases' numbers."""
    for row in people:
        triage.set_triage(session, row.pseudonym, "panel", version=row.version)
    wanted = {row.pseudonym for row in people}
    found = {each.pseudonym: each for each in candidates.candidates(session, panel) if each.pseudonym in wanted}
    question = "Who should lead, and what would make one visit enough? (Invented.)"
    return [candidates.add(session, panel, found[row.pseudonym], question=question) for row in people]


def _first_views(demo: DemoStore, session: Session, listed: Sequence[int], names: dict[str, str]) -> None:
    with demo.signed_in("practitioner") as practitioner:
        for case in listed:
            first_views.write(practitioner, case, _view("SCH"))
    for case in listed:
        for agency in ("WMP", "SMBC"):
            first_views.write(session, case, _view(agency), agency=agency, entered_for=names[agency])


def _view(agency: str) -> dict[str, str]:
    known, worry = VIEWS[agency]
    return {"known": known, "worry": worry, "position": "Would support whoever the person lets in."}


def _hold(demo: DemoStore, number: int, taken: set[str], decided: int) -> int:
    names = dict(MEMBERS)
    with demo.signed_in("coordinator") as session:
        today = session.clock.today()
        panel = meetings.new(session, _facts(session, today))
        seats = _seated(session, panel)
        people = _open_people(session, taken, decided + (decided == CASES_HELD))
        listed = _listed(session, panel, people)
        for case in listed:
            request, *_ = information.ask(session, case, ["SMBC"], "Is anybody seeing the person now?", today)
            information.answer(session, request, "sent", "No open service. (Invented.)", entered_for=names["SMBC"])
        _first_views(demo, session, listed, names)
        attendance.attend(session, seats["EDU"], "apologies")
        # A second person beside whoever asked them: the minute-taker writes down who is there.
        with demo.signed_in("practitioner") as taker:
            attendance.all_present(taker, panel)
        meetings.open_panel(session, panel, "agreed")
        first_views.reveal_all(session, panel, "The fire service sent its view by word of mouth. (Invented.)")
        signed = [
            _decide(session, row, case, number + at) for at, (row, case) in enumerate(zip(people, listed, strict=True))
            if at < decided
        ]  # fmt: skip
        for case in listed[decided:]:
            cases.defer(session, case, "The person is in hospital until next week. (Invented.)")
        meetings.close_panel(session, panel)
        manifest.make(session, panel, PANEL)
        for agency in ("WMP", "NHS", "SMBC"):
            manifest.sign(session, panel, "agrees", PANEL, member_id=seats[agency])
        if number == 1:
            _dissent(session, signed[0].number, names["WMFS"])
    _afterwards(demo, panel, number, signed, people)
    return panel


def _decide(session: Session, row: AgendaRow, case: int, at: int) -> decision_shown.DecisionShown:
    form = decisions.open_form(session, row.pseudonym, PANEL, panel_case=case)
    lead = ("SCH", "SCH", "SMBC")[at % 3]
    today = session.clock.today()
    fields = {
        "lead_agency": lead,
        "why": WHY[at % 3],
        "why_not_first_contacted": "They met the person in passing and closed each call. (Invented.)",
        "review_on": (today + REVIEW_AFTER).isoformat(),
        "review_trigger": "Two further incidents in a month, or the person asks. (Invented.)",
        "options": [
            {"option": "Housing leads", "for": "let in and trusted", "against": "no clinical training"},
            {"option": "Adult social care leads", "for": "holds the assessment", "against": "no visit since winter"},
        ],
        "supporting": [{"agency": "WMFS", "stance": "agrees", "words": "will visit once, with the lead"}],
        "necessity": "Four agencies call apart today; one can be told less and do more. (Invented.)",
        "person_view": "Wants one visitor and to be rung first. (Invented.)",
        "person_told_by": "The lead's visiting officer, by Friday. (Invented.)",
    }
    signed = decisions.sign(
        session, row.pseudonym, fields, _NOT_DISCUSSED, version=form.version, reason=PANEL, panel_case=case
    )
    for place, (text, sought, kind) in enumerate(ACTIONS[: 3 - at % 3]):
        actions.add(
            session,
            row.pseudonym,
            f"{text} (invented)",
            owner_agency=(lead, "NHS", "WMFS")[place],
            due_on=today + timedelta(days=3 + 4 * place),
            decision=signed.number,
            outcome_sought=sought,
            panel_case=case,
            intervention=kind,
            reason=PANEL,
        )
    return signed


def _dissent(session: Session, decision: int, name: str) -> None:
    made = dissents.dissent(
        session,
        decision,
        "The fire service would lead for the next three months.",
        "Two kitchen fires in a year weigh more than the tenancy.",
        "Whether the cooker was changed.",
        "Lead passes to housing once it is.",
        PANEL,
        agency="WMFS",
        entered_for=name,
    )
    words = "The cooker is looked at within the week; the panel comes back to it at its next meeting. (Invented.)"
    dissents.answer(session, made.number, words, version=made.version, reason=PANEL)


def _afterwards(
    demo: DemoStore,
    panel: int,
    number: int,
    signed: Sequence[decision_shown.DecisionShown],
    people: Sequence[AgendaRow],
) -> None:
    """Sign, accept, carry out and refuse, judge flags, and write the minutes down."""
    with demo.signed_in("practitioner") as session:
        manifest.sign(session, panel, "agrees", PANEL)
        mine = [each for each in action_lists.listed(session, PANEL) if each.status == "open"]
        for at, each in enumerate(mine):
            if number == 0 and at == 0:
                words = "The person moved in with a sister. (Invented.)"
                actions.close(
                    session, each.number, done=False, because="circumstances-changed", note=words, reason=PANEL
                )
            elif each.accepted == "asked":
                action_steps.accept(session, each.number, reason=PANEL)
        if number == 0 and len(mine) > 1:
            actions.close(session, mine[1].number, done=True, note="Visited twice. (Invented.)", reason=PANEL)
        minutes_of.draft(session, panel, PANEL)
    with demo.signed_in("coordinator") as session:
        for row in people:
            if row.flags and row.flags[0].rule_code:
                usefulness.judge(session, row.flags[0].flag_id, "useful")
        drafted = minutes_shown.read(session, panel, PANEL)
        if number < len(HELD) - 1:
            minutes_of.approve(session, drafted.number, PANEL)
        if number == 0:
            others = [each for each in action_lists.listed(session, PANEL, "every") if each.owner_agency == "NHS"]
            for each in others[:1]:
                words = "Nobody had it on their list. (Invented.)"
                actions.close(session, each.number, done=False, because="agency-did-not-act", note=words, reason=PANEL)


def _prepare(demo: DemoStore, taken: set[str]) -> int:
    names = dict(MEMBERS)
    with demo.signed_in("coordinator") as session:
        day = session.clock.today() + timedelta(days=NEXT)
        panel = meetings.new(session, replace(_facts(session, day), information_by=day - timedelta(days=1)))
        _seated(session, panel)
        people = _open_people(session, taken, CASES_NEXT, masked=1)
        listed = _listed(session, panel, people)
        known = [case for row, case in zip(people, listed, strict=True) if row.is_open][:2]
        for case in known:
            asked = information.ask(session, case, ["SMBC", "NHS"], "Who sees the person now?", day)
            information.answer(session, asked[0], "sent", "A social worker, monthly. (Invented.)",
                               entered_for=names["SMBC"])  # fmt: skip
        _first_views(demo, session, known, names)
    return panel
