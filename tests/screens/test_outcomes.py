"""What came of a decision, by keyboard alone: due on home, recorded, said over; and whether flags were useful."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import decisions
from kingshurst_tui.casework.agenda import open_agenda
from kingshurst_tui.casework.profiles import open_profile
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.errors import StaleRecord
from kingshurst_tui.learning import outcomes, usefulness
from kingshurst_tui.learning.rates import REGRESSION, Exposure, compare
from kingshurst_tui.vocabulary import Domain, Effect, ReasonCode
from screens.app import KingshurstApp
from screens.conflict import Conflict
from screens.form_dialog import FormDialog
from screens.learning import LearningScreen
from screens.outcome_words import rows, since_facts
from screens.outcomes import OutcomesScreen
from screens.profile import ProfileScreen
from screens.widgets.virtual_table import VirtualTable
from tests.casework.test_decisions import FIELDS, MARKED
from tests.screens.looking import SIZES, assert_harmless, lines, settle
from tests.screens.test_afterwards import flat, pick, somebody

TownApp = Callable[..., KingshurstApp]
PANEL = Reason(ReasonCode.PANEL)
VIEW = "glad of the flat"


def decided(town: DemoStore) -> tuple[str, int]:
    """Sign a decision about somebody open, and let 85 days pass."""
    who = somebody(town)
    with town.signed_in("coordinator") as session:
        version = decisions.open_form(session, who, PANEL).version
        signed = decisions.sign(session, who, FIELDS, MARKED, version=version, reason=PANEL)
    town.clock.move(timedelta(days=85))  # type: ignore[attr-defined]
    return who, signed.number


def recorded(town: DemoStore, who: str, decision: int, user: str = "practitioner", **changed: Any) -> None:
    words = {"baseline": "9 nights out", "now": "2 nights out", "person_view": VIEW, "source": "the landlord"}
    with town.signed_in(user) as session:
        today = town.clock.today()
        given = {"effect": Effect.WORSE, "measured_on": today, "reason": PANEL, **words, **changed}
        outcomes.record(session, decision, Domain.HOUSING, 3, given.pop("effect"), **given)
        assert outcomes.of_person(session, who, PANEL).outcomes


def assert_at(app: KingshurstApp, kind: type) -> None:
    assert isinstance(app.screen, kind)


async def at_line(pilot: Pilot[int], words: str) -> None:
    """Go to a line of the list by its words and open it."""
    table = pilot.app.screen.query_one(VirtualTable)
    at = next(at for at in range(200) if (row := table.row_at(at)) and words in " ".join(row.cells))
    table.cursor = at
    await pilot.press("enter")
    await settle(pilot)


async def test_an_outcome_due_on_home_is_recorded_over_what_somebody_else_said_meanwhile(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    who, number = decided(town_copy)
    app = changing_app()
    async with app.run_test(size=(80, 40)) as pilot:
        await settle(pilot)
        assert app.current_mode == "home"
        await at_line(pilot, f"what came of decision {number} after 3 months")
        assert_at(app, OutcomesScreen)
        assert " ".join(REGRESSION.split()) in flat(app)
        await pilot.press("enter")
        await settle(pilot)
        await pick(pilot, "Housing")
        assert_at(app, FormDialog)
        await pilot.press("enter", "down", "down", "enter", "tab", *"27 July 2026", "tab")
        for words in ("9 nights out", "3 nights out", VIEW):
            await pilot.press(*words, "tab")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "is missing" in flat(app).lower(), "a measure without a source is none"
        await pilot.press(*"the landlord")
        recorded(town_copy, who, number)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert_at(app, Conflict)
        assert "2 nights out" in flat(app)
        await pilot.press("ctrl+s")
        await settle(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "0 better, 1 no effect, 0 worse, 0 unknown" in flat(app)
        assert "said anew once" in flat(app)
        assert_harmless(app)
        await pilot.press("escape")
        await settle(pilot)
        assert f"what came of decision {number} after 3 months" not in flat(app), "home asks for what is recorded"
        assert app.faults == []
    with town_copy.signed_in("coordinator") as session:
        (kept,) = outcomes.of_person(session, who, PANEL).outcomes
        assert (kept.effect, kept.now, kept.version) == ("no-effect", "3 nights out", 2)


async def test_what_is_recorded_is_read_by_a_supervisor_and_not_written(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    who, number = decided(town_copy)
    recorded(town_copy, who, number)
    app = changing_app("supervisor")
    for size in SIZES:
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            screen = ProfileScreen(who, reason=ReasonCode.OVERSIGHT)
            await app.push_screen(screen)
            await settle(pilot)
            await pilot.press("m")
            await settle(pilot)
            assert_at(app, OutcomesScreen)
            assert all(len(line) <= size[0] for line in lines(app))
            await pilot.press("n")
            await settle(pilot)
            assert_at(app, OutcomesScreen)
            await at_line(pilot, "Housing, after 3 months")
            assert VIEW in flat(app)
            assert app.faults == []
        app = changing_app("supervisor")


def test_a_picture_of_before_and_after_is_drawn_and_an_unknown_side_is_said() -> None:
    day = date(2026, 3, 1)
    exposure = Exposure(day - timedelta(100), day, day + timedelta(50), ())
    since = compare([day - timedelta(9 * each + 1) for each in range(10)] + [day + timedelta(3)], exposure)
    (before, drawn), (after, less) = since_facts(since)[:2]
    assert (before, after) == ("Before", "After")
    assert str(drawn).count("▇") > 3 * str(less).count("▇") > 0
    short = compare([day], Exposure(day - timedelta(5), day, day + timedelta(50), ()))
    assert str(since_facts(short)[0][1]).startswith("? unknown")
    found = outcomes.Outcomes(1, "KH-AAAA-AAAA", (), ((7, day, since),), ())
    assert [row.cells[2:] for row in rows(found)][1] == ("10 before, 1 after", "cannot tell")


async def test_a_flag_is_judged_where_it_is_shown(changing_app: TownApp, town_copy: DemoStore) -> None:
    who = somebody(town_copy)
    app = changing_app("practitioner")
    async with app.run_test(size=(80, 40)) as pilot:
        await settle(pilot)
        await app.push_screen(ProfileScreen(who, reason=ReasonCode.PANEL, section="flags"))
        await settle(pilot)
        await pilot.press("v")
        await settle(pilot)
        await pilot.press("enter", "down", "down", "enter", "ctrl+s")
        await settle(pilot)
        assert_at(app, FormDialog)  # of no use, and no reason
        await pilot.press(*"one lost key, told twice", "ctrl+s")
        await settle(pilot)
        assert "not useful, by practitioner on 4 May 2026: one lost key, told twice" in flat(app)
        assert app.faults == []


def test_on_a_mask_nobody_but_oneself_is_named_as_having_judged_a_flag(town_copy: DemoStore) -> None:
    with town_copy.signed_in("coordinator") as session:
        masked = [row for row in open_agenda(session).rows if not row.is_open]
        who, flag = next((row.pseudonym, each) for row in masked for each in row.flags if each.rule_code)
        usefulness.judge(session, flag.flag_id, "useful", "they asked for help themselves")
        with pytest.raises(StaleRecord) as stale:  # at another terminal, begun before
            usefulness.judge(session, flag.flag_id, "not-useful", "told twice, by one caller", over="")
        assert {each.name for each in stale.value.fields} == {"verdict", "why"}
    for user, by in (("coordinator", "coordinator"), ("practitioner", "somebody of the panel")):
        with town_copy.signed_in(user) as session:
            profile = open_profile(session, who, Reason(ReasonCode.SAFEGUARDING))
        (word,) = next(each.said for each in profile.flags if each.flag_id == flag.flag_id)
        assert (word.by, word.why, word.verdict) == (by, "", "useful")


async def test_a_rule_before_governance_is_reached_from_home_with_what_people_said(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    with town_copy.signed_in("coordinator") as session:
        by_rule: dict[str, list[int]] = {}
        for row in open_agenda(session).rows:
            for flag in row.flags:
                by_rule.setdefault(flag.rule_code, []).append(flag.flag_id)
        flags = max((found for code, found in by_rule.items() if code), key=len)
        for number in flags[: usefulness.FEWEST]:
            usefulness.judge(session, number, "not-useful", "one lost key, told twice")
    app = changing_app("governance")
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        await at_line(pilot, "judged found useful")
        assert_at(app, LearningScreen)
        assert "To be decided" in flat(app)
        await pilot.press("enter")
        await settle(pilot)
        assert "not useful, by coordinator on 4 May 2026" in flat(app)
        assert app.faults == []
