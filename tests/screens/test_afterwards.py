"""Actions, referrals and cases on their screens: by keyboard alone, at every size."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from textual.pilot import Pilot

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import (
    action_steps,
    actions,
    case_access,
    cases,
    decisions,
    lead_transfers,
    reconciling,
    referrals,
)
from kingshurst_tui.casework.agenda import open_agenda
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.vocabulary import ReasonCode
from screens.actions import ActionsScreen
from screens.app import KingshurstApp
from screens.cases import CasesScreen
from screens.further import FURTHER
from screens.profile import ProfileScreen
from screens.referrals import ReferralsScreen
from tests.casework.test_decisions import FIELDS, MARKED
from tests.screens.looking import SIZES, assert_harmless, lines, seen, settle

TownApp = Callable[..., KingshurstApp]
PANEL = Reason(ReasonCode.PANEL)
DUE = date(2026, 5, 20)
WHY = "Nobody of ours has the keys to the flat."
FORM = {
    "to": "SCH", "from_agency": "WMFS", "surname": "Quillfeather", "postcode": "B37 6AA", "person_knows": "agreed",
    "urgency": "today", "why": WHY, "asked": WHY, "lawful_basis": "Care Act 2014 s.42",
}  # fmt: skip


def somebody(town: DemoStore) -> str:
    with town.signed_in("coordinator") as session:
        return next(row.pseudonym for row in open_agenda(session).rows if row.is_open)


def given(town: DemoStore, agency: str = "SCH") -> tuple[str, int]:
    who = somebody(town)
    with town.signed_in("coordinator") as session:
        return who, actions.add(session, who, "Visit them", owner_agency=agency, due_on=DUE, reason=PANEL)


async def go(pilot: Pilot[int], app: KingshurstApp, title: str) -> None:
    await settle(pilot)
    app.go_further(next(each for each in FURTHER if each.title == title))
    await settle(pilot)


async def pick(pilot: Pilot[int], words: str) -> None:
    """Go to a line of the box by its words and choose it."""
    for _ in range(20):
        if any("▸" in line and words in line for line in lines(pilot.app)):  # type: ignore[arg-type]
            break
        await pilot.press("down")
        await settle(pilot)
    await pilot.press("enter")
    await settle(pilot)


def flat(app: KingshurstApp) -> str:
    return " ".join(seen(app).replace("┃", " ").replace("▌", " ").split())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("title", "screen"), [("Actions", ActionsScreen), ("Cases", CasesScreen), ("Referrals", ReferralsScreen)]
)
async def test_each_list_works_at_each_size(
    changing_app: TownApp, town_copy: DemoStore, title: str, screen: type, size: tuple[int, int]
) -> None:
    who, _ = given(town_copy)
    with town_copy.signed_in("coordinator") as session:
        cases.set_state(session, who, cases.OPEN, "The panel asked us to begin.", PANEL)
        referrals.send(session, FORM, PANEL)
    app = changing_app("practitioner")
    async with app.run_test(size=size) as pilot:
        await go(pilot, app, title)
        assert isinstance(app.screen, screen)
        assert {"Actions": "Visit", "Cases": who, "Referrals": "Quill"}[title] in seen(app)
        assert all(len(line) <= size[0] for line in lines(app))
        assert_harmless(app)
        await pilot.press("enter")
        await settle(pilot)
        assert app.faults == []
        await pilot.press("escape", "escape")
        await settle(pilot)
        assert app.current_mode == "home"


async def test_an_agency_refuses_an_action_and_the_coordinator_finds_it_at_home(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    who, number = given(town_copy)
    app = changing_app("practitioner")
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        assert "your agency is asked: Visit them" in flat(app)
        await go(pilot, app, "Actions")
        await pilot.press("r")
        await settle(pilot)
        await pilot.press(*WHY, "enter")
        await settle(pilot)
        assert "refused" in flat(app)
        assert "Refused because" in flat(app)
        assert app.faults == []
    app = changing_app()
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        assert f"action {number} of SCH, due 20 May 2026: the agency refused it" in flat(app)
        await go(pilot, app, "Actions")
        await pilot.press("o")
        await settle(pilot)
        assert isinstance(app.screen, ProfileScreen)
        assert app.screen.pseudonym == who
    with town_copy.signed_in("coordinator") as session:
        assert action_steps.read(session, number, PANEL).action.declined_why == WHY


async def test_a_table_that_came_back_is_taken_in_after_saying_what_it_changes(
    changing_app: TownApp, town_copy: DemoStore, tmp_path: Path
) -> None:
    _, number = given(town_copy)
    file = tmp_path / "r.csv"
    file.write_text(f"action,answer,because,words,evidence,your_reference\n{number},in-hand,,called twice,,\n")
    app = changing_app("practitioner")
    async with app.run_test(size=(100, 30)) as pilot:
        await go(pilot, app, "Actions")
        await pilot.press("f")
        await settle(pilot)
        await pilot.press(*str(file), "enter")
        await settle(pilot)
        assert "1 action would change" in flat(app)
        await pilot.press("y")
        await settle(pilot)
        assert app.faults == []
    with town_copy.signed_in("coordinator") as session:
        assert [each.step for each in action_steps.read(session, number, PANEL).steps] == ["accepted", "progress"]


async def test_a_lead_is_taken_over_from_home(changing_app: TownApp, town_copy: DemoStore) -> None:
    who = somebody(town_copy)
    with town_copy.signed_in("coordinator") as session:
        form = decisions.open_form(session, who, PANEL)
        fields = {**FIELDS, "lead_agency": "EDU"}
        decisions.sign(session, who, fields, MARKED, version=form.version, reason=PANEL)
        lead_transfers.ask(session, who, "SCH", WHY, "They trust Mrs Okafor of the school.", PANEL)
    app = changing_app("practitioner")
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        assert "EDU asks SCH to lead" in flat(app)
        await go(pilot, app, "Cases")
        assert "Okafor" in flat(app)
        await pilot.press("enter")
        await settle(pilot)
        await pick(pilot, "Take the lead over")
        await pilot.press("enter")
        await settle(pilot)
        assert app.faults == []
    with town_copy.signed_in("coordinator") as session:
        lead = cases.read(session, who, PANEL).lead
        assert lead is not None
        assert lead.agency == "SCH"


async def test_a_restricted_case_says_so_on_its_mask(changing_app: TownApp, town_copy: DemoStore) -> None:
    who = somebody(town_copy)
    with town_copy.signed_in("coordinator") as session:
        case_access.restrict(session, who, WHY, [], PANEL)
    app = changing_app("practitioner")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.push_screen(ProfileScreen(who))
        await settle(pilot)
        assert "RESTRICTED" in flat(app)
        assert "restricted to those on its list, by coordinator" in flat(app)
        assert WHY not in flat(app)


async def test_a_coordinator_says_whose_a_referral_is_and_the_referrer_sees_none_of_it(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    with town_copy.signed_in("practitioner") as session:
        number = referrals.send(session, {**FORM, "to": "panel", "from_agency": ""}, PANEL)
    app = changing_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        assert "1 referral waits for somebody to say whose it is" in flat(app)
        await go(pilot, app, "Referrals")
        assert "Whose is it? (1)" in flat(app)
        await pilot.press("enter")
        await settle(pilot)
        await pick(pilot, "Nobody here")
        assert "Whose is it?" not in flat(app)
        assert app.faults == []
    with town_copy.signed_in("coordinator") as session:
        assert reconciling.queue(session, PANEL) == ()
    app = changing_app("practitioner")
    async with app.run_test(size=(100, 30)) as pilot:
        await go(pilot, app, "Referrals")
        await pilot.press("h")
        await settle(pilot)
        shown = flat(app)
        assert f"Referral {number}" in shown
        assert "reconciled" not in shown
        assert "Whose is it" not in shown
