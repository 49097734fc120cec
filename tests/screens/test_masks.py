"""Nobody masked is named on any screen, and nothing that strangers wrote acts on the terminal."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from functools import partial
from typing import Any

import pytest
from textual.pilot import Pilot

from kingshurst_tui.casework import consents, decisions, search
from kingshurst_tui.casework.agenda import Agenda, open_agenda
from kingshurst_tui.casework.consents import ConsentList
from kingshurst_tui.casework.decisions import Form
from kingshurst_tui.casework.freshness import AgencyCounts
from kingshurst_tui.casework.profiles import MaskedProfile, Profile, open_profile
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.linkage import review
from kingshurst_tui.oversight.trail import TrailFilter, TrailPage, open_trail
from kingshurst_tui.session import Reason
from kingshurst_tui.vocabulary import ANOTHER_AGENCY, ReasonCode
from screens.agenda import AgendaScreen
from screens.app import KingshurstApp
from screens.audit import AuditScreen
from screens.base import KingshurstScreen
from screens.consents import ConsentsScreen
from screens.decision import DecisionScreen
from screens.places import PLACES
from screens.profile import ProfileScreen
from screens.profile_words import mask_facts
from screens.reason_prompt import ReasonPrompt
from screens.review import ReviewScreen
from tests.screens.hostile import HOSTILE
from tests.screens.looking import assert_harmless, seen, settle

TownApp = Callable[..., KingshurstApp]
SAFEGUARDING = Reason(ReasonCode.SAFEGUARDING)
PANEL = Reason(ReasonCode.PANEL)


# --- masks -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hidden(town: DemoStore) -> set[str]:
    """Whole names of people whom nobody may name: none of their namesakes, and nobody who gave a consent, is open."""
    with (town.folder / "truth" / "people.csv").open(encoding="utf-8") as file:
        names = {f"{row['forename']} {row['surname']}" for row in csv.DictReader(file)}
    with town.signed_in("coordinator") as session:
        shown = consents.listed(session, PANEL)
        index = search.index(session, Reason(ReasonCode.CASELOAD))
        said = {consent.given_by for consent in shown.consents}
        for consent in shown.consents:
            profile = open_profile(session, consent.pseudonym, SAFEGUARDING)
            if isinstance(profile, Profile):
                said |= {known.value for known in profile.who.names}
        return {name for name in names - said if not index.find(name).hits}


def surnames_shown(app: KingshurstApp, hidden: set[str]) -> set[str]:
    words = " ".join(seen(app).split())
    return {name for name in hidden if name in words}


@pytest.mark.parametrize("user", ["coordinator", "practitioner", "supervisor", "governance"])
async def test_no_screen_names_anybody_masked(town_app: TownApp, town: DemoStore, hidden: set[str], user: str) -> None:
    assert len(hidden) > 100
    with town.signed_in("coordinator") as session:
        masked = [row.pseudonym for row in open_agenda(session).rows if not row.is_open]
    app = town_app(user)
    async with app.run_test(size=(140, 70), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        for place in PLACES:
            if not place.is_for(app.session):
                continue
            await pilot.press(place.key)
            await settle(pilot)
            assert surnames_shown(app, hidden) == set(), place.mode
            for key in {"review": "c", "consents": "b"}.get(place.mode, ""):
                await pilot.press(key)
                await settle(pilot)
                assert surnames_shown(app, hidden) == set(), (place.mode, key)
        screen = ProfileScreen(masked[0], siblings=tuple(masked[:4]))
        await app.push_screen(screen)
        for _ in masked[:4]:
            await settle(pilot)
            if isinstance(app.screen, ReasonPrompt):
                await pilot.press("a")
                await settle(pilot)
            assert isinstance(screen.profile, MaskedProfile)
            for key in "tfc":
                await pilot.press(key)
                await settle(pilot)
                assert surnames_shown(app, hidden) == set(), (screen.pseudonym, key)
            await pilot.press("o", "right_square_bracket")


def test_a_mask_says_truly_who_can_ask(town: DemoStore) -> None:
    with town.signed_in("coordinator") as session:
        masked = next(row.pseudonym for row in open_agenda(session).rows if not row.is_open)
        mask = open_profile(session, masked, PANEL)
    assert isinstance(mask, MaskedProfile)
    said: dict[str, str] = {}
    for name in ("SCH", ANOTHER_AGENCY):
        met = AgencyCounts(name, (1,), (1,), ())
        said[name] = str(dict(mask_facts(replace(mask, own_references=(), counts=(met,))))["How to approach"])
    assert "agencies below" in said["SCH"]
    assert "agencies below" not in said[ANOTHER_AGENCY]
    assert "Another agency" in said[ANOTHER_AGENCY]
    nobody = replace(mask, own_references=(), counts=(AgencyCounts("SCH", (None,), (None,), ()),))
    assert str(dict(mask_facts(nobody))["How to approach"]).startswith("Unknown")


async def test_nothing_in_the_program_holds_a_masked_name(town_app: TownApp, town: DemoStore, hidden: set[str]) -> None:
    with town.signed_in("coordinator") as session:
        row = next(row for row in open_agenda(session).rows if not row.is_open)
    app = town_app()
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        screen = ProfileScreen(row.pseudonym)
        await app.push_screen(screen)
        await settle(pilot)
        held = repr(screen.profile)
        assert [name for name in hidden if name in held] == []


# --- hostile text ----------------------------------------------------------------------------------------

READ_BY_THE_PROGRAM = {
    "first_month", "last_month", "time", "recorded_at", "second_at", "signed_at", "state", "triage", "status",
    "standing", "role", "kind", "thing", "operation", "result", "month",
}  # fmt: skip
"""Fields whose words are the program's own (codes, moments), never a stranger's."""


class Joker:
    """Replaces every word of a record by hostile text, another one each time."""

    def __init__(self, first: int = 0) -> None:
        texts = [text for text in HOSTILE if text.strip()]
        self._texts = itertools.cycle(texts[first:] + texts[:first])

    def spoil(self, value: Any, name: str = "") -> Any:
        """The same record with other words."""
        if name in READ_BY_THE_PROGRAM:
            return value
        if isinstance(value, str):
            return next(self._texts)
        if isinstance(value, tuple | list):
            return type(value)(self.spoil(each, name) for each in value)
        if isinstance(value, dict):
            return {key: self.spoil(each, str(key)) for key, each in value.items()}
        if is_dataclass(value) and not isinstance(value, type):
            changed = {field.name: self.spoil(getattr(value, field.name), field.name) for field in fields(value)}
            return replace(value, **changed)
        return value


STARTS = (0, 9)
"""Where to begin in the hostile texts, so that each field gets several of them."""


async def put(pilot: Pilot[int], screen: KingshurstScreen[Any], show: Callable[[], Any], *keys: str) -> None:
    """Draw a spoiled record on a screen and look at every part of it."""
    drawn = show()
    if drawn is not None:
        await drawn
    await settle(pilot)
    assert_harmless(pilot.app)  # type: ignore[arg-type]
    for key in keys:
        await pilot.press(key)
        await settle(pilot)
        assert_harmless(pilot.app)  # type: ignore[arg-type]
        if pilot.app.screen is not screen:
            await pilot.press("escape")
            await settle(pilot)
    assert pilot.app.screen is screen


async def test_hostile_text_on_a_profile_only_draws(town_app: TownApp, town: DemoStore) -> None:
    with town.signed_in("coordinator") as session:
        rows = open_agenda(session).rows
        found = [open_profile(session, row.pseudonym, PANEL) for row in rows]
        whole = next(
            each for each in found if isinstance(each, Profile) and each.timeline and each.links and each.flags
        )
        mask = next(each for each in found if isinstance(each, MaskedProfile) and each.flags)
        pairs = review.links_of(session, whole.profile_id, PANEL)
    app = town_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        screen = ProfileScreen(whole.pseudonym)
        await app.push_screen(screen)
        await settle(pilot)
        for first in STARTS:
            for profile in (whole, mask):
                bad = Joker(first).spoil(profile)
                await put(pilot, screen, partial(screen.show_profile, bad), "t", "enter", "f", "enter", "c", "o")
        bad_pairs = Joker().spoil(pairs)
        await put(pilot, screen, lambda: screen.show_profile(whole), "l")
        await put(pilot, screen, lambda: screen.show_pairs(bad_pairs), "down")
        assert app.session is not None, "no text of a record pressed a key"
        assert app.faults == []


async def test_hostile_text_on_lists_only_draws(town_app: TownApp, town: DemoStore) -> None:
    with town.signed_in("coordinator") as session:
        agenda = open_agenda(session)
        queue = review.queue(session)
        given = consents.listed(session, PANEL)
        pseudonym = next(row.pseudonym for row in agenda.rows if row.is_open)
        form = decisions.open_form(session, pseudonym, PANEL)
    with town.signed_in("supervisor") as session:
        trail = open_trail(session, TrailFilter(), limit=20)
    app = town_app("supervisor")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        agenda_screen, review_screen, consents_screen = AgendaScreen(), ReviewScreen(), ConsentsScreen()
        audit_screen = AuditScreen()
        for screen in (agenda_screen, review_screen, consents_screen, audit_screen):
            await app.push_screen(screen)
            await settle(pilot)
            for first in STARTS:
                joker = Joker(first)
                if screen is agenda_screen:
                    bad: Agenda = joker.spoil(agenda)
                    await put(pilot, screen, partial(agenda_screen.show_agenda, bad), "down", "u")
                elif screen is review_screen:
                    pairs = joker.spoil(queue[0])
                    await put(pilot, screen, partial(review_screen.show_pairs, (pairs, 1)), "down", "enter")
                elif screen is consents_screen:
                    listed: ConsentList = joker.spoil(given)
                    await put(pilot, screen, partial(consents_screen.show_consents, listed), "down")
                else:
                    page: TrailPage = joker.spoil(trail)
                    show = partial(audit_screen.show_page, TrailFilter(), page)
                    await put(pilot, screen, show, "down", "enter")
            await pilot.press("escape")
            await settle(pilot)
        assert app.session is not None
        assert app.faults == []
    app = town_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        decision_screen = DecisionScreen(pseudonym)
        await app.push_screen(decision_screen)
        await settle(pilot)
        for first in STARTS:
            words = Joker(first).spoil({"why": "", "review_trigger": "", "options": [{"option": ""}]})
            bad_form: Form = replace(Joker(first).spoil(form), fields=words)
            await decision_screen.show_form(bad_form)
            await settle(pilot)
            assert_harmless(app)
        assert app.faults == []
