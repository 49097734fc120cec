"""The review queue and the consents: what people settle, and what stays masked while they do."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Select

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import consent_review, consents_shown
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.linkage import pairs_shown
from kingshurst_tui.vocabulary import ReasonCode
from screens.app import KingshurstApp
from screens.review import ReviewScreen
from tests.screens.looking import SIZES, assert_harmless, seen, settle
from tests.screens.test_profile import choose

TownApp = Callable[..., KingshurstApp]
REVIEW = Reason(ReasonCode.REVIEW)


async def go(pilot: Pilot[int], *keys: str) -> None:
    await settle(pilot)
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


def flat(app: KingshurstApp) -> str:
    return " ".join(seen(app).split())


@pytest.mark.parametrize("size", SIZES)
async def test_a_pair_stands_side_by_side_with_its_waterfall(
    town_app: TownApp, town: DemoStore, size: tuple[int, int]
) -> None:
    with town.signed_in("coordinator") as session:
        pairs, total = pairs_shown.queue(session)
    app = town_app()
    async with app.run_test(size=size) as pilot:
        await go(pilot, "4")
        assert f"Pairs of records {total}" in seen(app)
        assert (pairs[0].left.pseudonym or f"Masked, {pairs[0].left.agency}") in seen(app)
        await pilot.press("enter")
        await settle(pilot)
        assert "Two records" in seen(app)
        assert pairs[0].masked == ("Only how the fields compare" in flat(app))
        assert_harmless(app)
        assert app.faults == []


async def test_linking_shows_what_it_touches_asks_why_and_is_kept(changing_app: TownApp, town_copy: DemoStore) -> None:
    with town_copy.signed_in("coordinator") as session:
        pairs, total = pairs_shown.queue(session)
    app = changing_app()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await go(pilot, "4", "a")
        assert "Keep these two records apart?" in seen(app)
        await go(pilot, "n")
        assert isinstance(app.screen, ReviewScreen)
        await go(pilot, "a", "y", "enter")
        assert "Say it in a few words" in seen(app)
        await pilot.press(*"two sisters", "enter")
        await settle(pilot)
        assert "Kept apart." in seen(app)
        assert f"Pairs of records {total - 1}" in seen(app)
        assert app.faults == []
    with town_copy.signed_in("coordinator") as session:
        assert pairs_shown.explain(session, pairs[0].link_id, REVIEW).state == "kept-apart-by-person"


async def test_a_waiting_consent_is_settled_by_somebody_who_did_not_give_it(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    with town_copy.signed_in("coordinator") as session:
        waiting = consent_review.review_queue(session, REVIEW)
    wanted = next(each for each in waiting if each.candidates)
    app = changing_app()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await go(pilot, "4", "c")
        assert f"Waiting consents {len(waiting)}" in seen(app)
        assert wanted.surname not in seen(app), "how it compares, not what it holds"
        screen = app.screen
        assert isinstance(screen, ReviewScreen)
        screen.query_one("#consents").table.go_to(wanted.number)  # type: ignore[attr-defined]
        await settle(pilot)
        assert "surname: " in seen(app)
        await go(pilot, "enter")
        await choose(pilot, wanted.candidates[0].pseudonym)
        assert "Settled." in seen(app)
        assert app.faults == []
    app = changing_app("governance")
    async with app.run_test(size=(120, 40)) as pilot:
        await go(pilot, "4", "c")
        assert "No consent waits for you" in seen(app), "whoever handed it in does not settle it"


async def test_a_consent_is_received_alike_and_withdrawn_by_its_number(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    app = changing_app()
    async with app.run_test(size=(100, 40), notifications=True) as pilot:
        await go(pilot, "6", "n")
        form = app.screen
        form.query_one("#field-kind", Select).value = "engage"
        form.query_one("#field-purpose", Select).value = "repeat-contact"
        for name, words in (
            ("forename", "Nobody"),
            ("surname", "Here"),
            ("date_of_birth", "3 May 1980"),
            ("given_by", "self"),
            ("authority", "self"),
            ("given_on", "1 Jan 2030"),
            ("evidence", "a form"),
        ):
            form.query_one(f"#field-{name}", Input).value = words
        await go(pilot, "ctrl+s")
        assert "Lies in the future" in seen(app)
        form.query_one("#field-given_on", Input).value = "1 May 2026"
        await go(pilot, "ctrl+s")
        found = re.search(r"Received\. Its number is (\d+)", flat(app))
        assert found
        await go(pilot, "w")
        await pilot.press(*found[1], "enter")
        await settle(pilot)
        await pilot.press(*"she said so", "enter")
        await settle(pilot)
        assert f"consent {found[1]}, from today" in flat(app)
        assert app.faults == []


async def test_withdrawing_closes_the_profile(changing_app: TownApp, town_copy: DemoStore) -> None:
    app = changing_app()
    with town_copy.signed_in("coordinator") as session:
        first = consents_shown.listed(session, REVIEW).consents[0]
    async with app.run_test(size=(100, 40), notifications=True) as pilot:
        await go(pilot, "6")
        assert first.pseudonym in seen(app)
        await go(pilot, "enter")
        assert "The profile closes today" in flat(app)
        await go(pilot, "enter")
        assert "The consent is withdrawn" not in seen(app), "it is asked why"
        await pilot.press(*"she said so", "enter")
        await settle(pilot)
        assert "The consent is withdrawn" in seen(app)
        await go(pilot, "enter")
        assert first.pseudonym not in seen(app)
        assert app.faults == []
