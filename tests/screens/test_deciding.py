"""Deciding at the terminal: one key for what was not discussed, stops, signing for all, dissent, what was seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from textual.pilot import Pilot
from textual.widgets import Checkbox, Input, Select, TextArea

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import decisions, dissent_shown, dissents
from kingshurst_tui.casework.agenda import open_agenda
from kingshurst_tui.casework.decision_form import DISCUSSED
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.panels import attendance, cases, going_on, manifest, manifest_shown, meetings, members, urgent
from kingshurst_tui.panels.records import PanelFacts, QuorumRule
from kingshurst_tui.vocabulary import ReasonCode
from screens.app import KingshurstApp
from screens.choose import Choose
from screens.decision import DecisionScreen
from screens.dissents import DissentsScreen
from screens.going_on import GoingOnScreen
from screens.manifest import ManifestScreen
from screens.profile import ProfileScreen
from screens.seen import SeenScreen
from screens.similar import SimilarScreen
from screens.urgent import UrgentScreen
from tests.conftest import NOON
from tests.screens.looking import SIZES, assert_harmless, lines, press, seen, settle

TownApp = Callable[..., KingshurstApp]
PANEL = Reason(ReasonCode.PANEL)
WORDS = "They know the family and the family asked for one visitor."
FIELDS = {
    "lead_agency": "SCH",
    "why": WORDS,
    "why_not_first_contacted": WORDS,
    "review_on": "2026-09-01",
    "review_trigger": "A move.",
}


@dataclass
class Held:
    """A meeting that is open, with one case."""

    town: DemoStore
    panel: int
    case: int
    pseudonym: str
    health: int

    def decided(self) -> int:
        """Sign a decision in the room, as the coordinator."""
        with self.town.signed_in("coordinator") as session:
            version = decisions.open_form(session, self.pseudonym, PANEL).version
            return decisions.sign(
                session, self.pseudonym, FIELDS, list(DISCUSSED), version=version, reason=PANEL, panel_case=self.case
            ).number


@pytest.fixture
def held(town_copy: DemoStore) -> Held:
    """A meeting in a copy of the town: police and housing are there, and somebody of health without an account."""
    with town_copy.signed_in("coordinator") as session:
        pseudonym = next(row.pseudonym for row in open_agenda(session).rows if row.is_open)
        facts = PanelFacts(
            "May panel",
            NOON.date(),
            chair="supervisor",
            minute_taker="coordinator",
            quorum=QuorumRule(2, ("police",), 9),
        )
        panel = meetings.new(session, facts)
        who = [
            members.invite(session, panel, agency="WMP", user_name="supervisor"),
            members.invite(session, panel, agency="SCH", user_name="practitioner"),
            members.invite(session, panel, agency="NHS", name="Invented Nurse"),
        ]
        case = cases.add(session, panel, pseudonym, question="Who leads, now that three agencies meet her?")
        with town_copy.signed_in("supervisor") as chair:
            attendance.all_present(chair, panel)
        meetings.open_panel(session, panel)
    return Held(town_copy, panel, case, pseudonym, who[2])


def absent(held: Held) -> None:
    """Let the police leave, so that there is no quorum."""
    with held.town.signed_in("coordinator") as session:
        police = next(each.number for each in meetings.one(session, held.panel).members if each.agency == "WMP")
        attendance.attend(session, police, "apologies")


def answer(screen: DecisionScreen) -> None:
    """Write what is asked of every decision."""
    screen.query_one("#field-lead_agency", Select).value = "SCH"
    for name in ("why", "why_not_first_contacted", "review_trigger"):
        screen.query_one(f"#field-{name}", TextArea).text = WORDS
    screen.query_one("#field-review_on", Input).value = "1 September 2026"


async def push(pilot: Pilot[int], screen: object) -> None:
    await settle(pilot)
    await pilot.app.push_screen(screen)  # type: ignore[call-overload]
    await settle(pilot)


async def test_five_answers_one_key_and_the_signature(changing_app: TownApp, held: Held) -> None:
    app = changing_app()
    async with app.run_test() as pilot:
        screen = DecisionScreen(held.pseudonym, held.case)
        await push(pilot, screen)
        answer(screen)
        screen.query_one("#field-necessity", TextArea).text = WORDS
        await settle(pilot)
        await press(pilot, "ctrl+n")
        marked = {name for name in DISCUSSED if screen.query_one(f"#skip-{name}", Checkbox).value}
        assert marked == set(DISCUSSED) - {"necessity"}
        await press(pilot, "ctrl+s", "y")
        assert not isinstance(app.screen, DecisionScreen), seen(app)
    with held.town.signed_in("coordinator") as session:
        signed = decisions.listed(session, PANEL)[0]
    assert signed.panel is not None
    assert (signed.panel["case"], signed.fields["necessity"]) == (held.case, WORDS)


async def test_where_each_agency_stands_is_put_down_in_one_box(changing_app: TownApp, held: Held) -> None:
    app = changing_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = DecisionScreen(held.pseudonym, held.case)
        await push(pilot, screen)
        area = screen.query_one("#field-supporting", TextArea)
        area.text = "The church | helps\nedu | Agrees | knows her"
        await press(pilot, "f8")
        assert "✓ agrees: knows her" in seen(app)
        assert_harmless(app)
        await pilot.press("down", "d", "a", "enter")
        await settle(pilot)
        await pilot.press(*"later", "enter")
        await settle(pilot)
        await press(pilot, "ctrl+s")
        told = area.text.splitlines()
        assert told[:2] == ["The church | helps", "EDU | agrees | knows her"]
        assert [line.split(" | ")[1:] for line in told[2:]] == [["dissents"], ["agrees"], ["agrees", "later"]]
        assert app.screen is screen, "nothing is signed by it"


async def test_a_stop_is_said_and_going_on_is_asked_for_from_the_form(changing_app: TownApp, held: Held) -> None:
    absent(held)
    app = changing_app()
    async with app.run_test() as pilot:
        screen = DecisionScreen(held.pseudonym, held.case)
        await push(pilot, screen)
        assert "Stopped: the panel has no quorum" in " ".join(seen(app).split())
        answer(screen)
        await pilot.press("ctrl+n")
        await press(pilot, "ctrl+s", "y")
        assert "Why go on all the same?" in seen(app)
        await pilot.press(*"It cannot wait a month", "enter")
        await settle(pilot)
        assert isinstance(app.screen, DecisionScreen)
    app = changing_app("supervisor")
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "Going on although a rule says stop" in seen(app)
        await push(pilot, GoingOnScreen())
        await press(pilot, "a", "y")
        assert_harmless(app)
    with held.town.signed_in("supervisor") as session:
        assert [each.status for each in going_on.listed(session, PANEL)] == ["agreed"]
    assert held.decided()


async def test_a_member_signs_everything_once(changing_app: TownApp, held: Held) -> None:
    number = held.decided()
    app = changing_app("supervisor")
    async with app.run_test() as pilot:
        await push(pilot, ManifestScreen(held.panel))
        assert "no manifest yet" in seen(app)
        await press(pilot, "s", "enter", "enter", "y")
        assert f"Decision {number}" in seen(app)
        await press(pilot, "d")
        assert isinstance(app.screen, DissentsScreen)
        assert [fault.title for fault in app.faults] == []
    with held.town.signed_in("coordinator") as session:
        shown = manifest.read(session, held.panel, PANEL)
    assert shown is not None
    assert [(each.signed_by, each.holds) for each in shown.signatures] == [("supervisor", True)]


async def test_an_answer_is_entered_for_somebody_without_an_account(changing_app: TownApp, held: Held) -> None:
    held.decided()
    app = changing_app()
    async with app.run_test() as pilot:
        await push(pilot, ManifestScreen(held.panel))
        await press(pilot, "m", "e")
        assert "Invented Nurse (NHS)" in seen(app)
        await press(pilot, "enter")
        await pilot.press("down", "down", "enter")
        await settle(pilot)
        assert "entered by you for Invented Nurse" in " ".join(seen(app).split())
        await press(pilot, "y")
    with held.town.signed_in("coordinator") as session:
        shown = manifest.read(session, held.panel, PANEL)
    assert shown is not None
    assert [(each.entered_for, each.stance) for each in shown.signatures] == [("Invented Nurse", "abstains")]


async def test_whoever_may_not_sign_is_told_before_anything_is_asked(changing_app: TownApp, held: Held) -> None:
    app = changing_app()
    async with app.run_test() as pilot:
        await push(pilot, ManifestScreen(held.panel))
        for wanted in ("no member of this panel", "no manifest yet"):
            await pilot.press("s" if wanted.startswith("no member") else "e")
            await settle(pilot)
            assert wanted in " ".join(seen(app).split())
            assert not isinstance(app.screen, Choose)
            await press(pilot, "escape")


async def test_the_next_answer_goes_by_the_list_as_the_last_one_left_it(changing_app: TownApp, held: Held) -> None:
    held.decided()
    with held.town.signed_in("coordinator") as session:
        manifest.make(session, held.panel, PANEL)
    app = changing_app()
    async with app.run_test() as pilot:
        await push(pilot, ManifestScreen(held.panel))
        for key in ("e", "enter", "enter", "enter"):
            await pilot.press(key)
            await settle(pilot)
        await pilot.press("y", "e")
        await settle(pilot)
        assert isinstance(app.screen, ManifestScreen), "somebody who has answered is not asked again"
        assert "Signed 1 of 3" in seen(app)


async def test_a_dissent_is_signed_answered_and_ended(changing_app: TownApp, held: Held) -> None:
    number = held.decided()
    app = changing_app("practitioner")
    async with app.run_test() as pilot:
        await push(pilot, DissentsScreen(decision=number))
        await press(pilot, "d")
        for name in dissent_shown.FIELDS:
            app.screen.query_one(f"#field-{name}", TextArea).text = WORDS
        await press(pilot, "ctrl+s")
        assert isinstance(app.screen, DissentsScreen), seen(app)
        await press(pilot, "u")
        await pilot.press(*"Nobody has answered us", "enter")
        await settle(pilot)
        assert [fault.title for fault in app.faults] == []
        assert_harmless(app)
    app = changing_app("supervisor")
    async with app.run_test() as pilot:
        await push(pilot, DissentsScreen())
        await press(pilot, "w")
        await pilot.press(*"We weighed all of that", "enter")
        await settle(pilot)
        assert [fault.title for fault in app.faults] == []
    # Whoever answered it does not end it before the agency could take the answer further; the agency itself does.
    app = changing_app("practitioner")
    async with app.run_test() as pilot:
        await push(pilot, DissentsScreen())
        await press(pilot, "x")
        await pilot.press("down", "down", "enter")
        await settle(pilot)
        await pilot.press(*"The agencies agree to differ", "enter")
        await settle(pilot)
        assert "No dissent is open" in " ".join(seen(app).split())
    with held.town.signed_in("coordinator") as session:
        ended = dissents.listed(session, PANEL, with_closed=True)
    assert [(each.level, each.status, each.answer) for each in ended] == [(1, "stands", "We weighed all of that")]


@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_of_deciding_fits(changing_app: TownApp, held: Held, size: tuple[int, int]) -> None:
    number = held.decided()
    with held.town.signed_in("practitioner") as session:
        dissents.dissent(session, number, WORDS, WORDS, WORDS, WORDS, PANEL)
    with held.town.signed_in("supervisor") as session:
        manifest.sign(session, held.panel, manifest_shown.AGREES, PANEL)
    app = changing_app("supervisor")
    async with app.run_test(size=size) as pilot:
        for screen in (
            ManifestScreen(held.panel),
            GoingOnScreen(),
            UrgentScreen(),
            DissentsScreen(),
            SimilarScreen(held.case),
            SeenScreen(held.case),
        ):
            await push(pilot, screen)
            assert [fault.title for fault in app.faults] == [], screen
            assert all(len(line) <= size[0] for line in lines(app))
            assert_harmless(app)
            await press(pilot, "escape")


async def test_what_the_panel_saw_is_drawn_by_the_rooms_own_hand(changing_app: TownApp, held: Held) -> None:
    number = held.decided()
    app = changing_app("supervisor")
    async with app.run_test() as pilot:
        await push(pilot, SeenScreen(held.case))
        assert f"decision {number} names it" in " ".join(seen(app).split())
        assert held.pseudonym in seen(app)
        for key in ("t", "k", "s", "i", "o", "c"):
            await pilot.press(key)
            await settle(pilot)
        assert [fault.title for fault in app.faults] == []
        assert_harmless(app)


async def test_a_profile_leads_to_what_was_said_of_its_decision(changing_app: TownApp, held: Held) -> None:
    held.decided()
    app = changing_app()
    async with app.run_test() as pilot:
        for ups, place in ((2, DissentsScreen), (1, SeenScreen)):
            await push(pilot, ProfileScreen(held.pseudonym))
            await press(pilot, "n")
            await pilot.press(*["up"] * ups, "enter")
            await settle(pilot)
            assert isinstance(app.screen, place), seen(app)
            await pilot.press("escape", "escape")
            await settle(pilot)


async def test_similar_cases_are_shut_until_the_panel_has_spoken(changing_app: TownApp, held: Held) -> None:
    app = changing_app()
    async with app.run_test() as pilot:
        await push(pilot, SimilarScreen(held.case))
        assert "The panel has not spoken yet" in seen(app)
        await pilot.press("escape")
        screen = DecisionScreen(held.pseudonym, held.case)
        await push(pilot, screen)
        answer(screen)
        await settle(pilot)
        await press(pilot, "f7")
        assert isinstance(app.screen, SimilarScreen)
        assert "This case:" in seen(app)
        assert "not spoken" not in seen(app)


async def test_an_urgent_decision_from_form_to_second_agency(changing_app: TownApp, held: Held) -> None:
    app = changing_app("practitioner")
    async with app.run_test() as pilot:
        screen = DecisionScreen(held.pseudonym)
        await push(pilot, screen)
        answer(screen)
        await pilot.press("ctrl+n")
        await press(pilot, "f6", "y")
        await pilot.press(*"Evicted tomorrow at noon", "enter")
        await settle(pilot)
        assert not isinstance(app.screen, DecisionScreen), seen(app)
    app = changing_app("supervisor")
    async with app.run_test() as pilot:
        await push(pilot, UrgentScreen())
        await press(pilot, "a", "y", "r", "enter")
        assert [fault.title for fault in app.faults] == []
    with held.town.signed_in("coordinator") as session:
        ratified = urgent.listed(session, PANEL)
        assert [each.status for each in ratified] == ["ratified"]
        case = next(each for each in meetings.one(session, held.panel).cases if each.number == held.case)
        assert (case.status, case.decision) == ("discussed", ratified[0].decision)
