"""Nobody masked is named on any screen, and nothing that strangers wrote acts on the terminal."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from enum import Enum
from functools import partial
from typing import Any, cast

import pytest
from textual.pilot import Pilot

import db.consents
from kingshurst_tui.acts import Reason
from kingshurst_tui.agreements.standing_today import listed as agreements_listed
from kingshurst_tui.casework import consents_shown, decisions
from kingshurst_tui.casework.agenda import Agenda, open_agenda
from kingshurst_tui.casework.consents_shown import ConsentList
from kingshurst_tui.casework.decisions import Form
from kingshurst_tui.casework.freshness import AgencyCounts
from kingshurst_tui.casework.profile_records import MaskedProfile, Profile
from kingshurst_tui.casework.profiles import open_profile
from kingshurst_tui.dates import say_date, show_date
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.intake import batches
from kingshurst_tui.linkage import pairs_shown
from kingshurst_tui.oversight.trail import TrailFilter, TrailPage, open_trail
from kingshurst_tui.vocabulary import ANOTHER_AGENCY, Operation, ReasonCode, Thing
from screens.agenda import AgendaScreen
from screens.app import KingshurstApp
from screens.audit import AuditScreen
from screens.base import KingshurstScreen
from screens.consents import ConsentsScreen
from screens.data_sets import DataSetsScreen
from screens.decision import DecisionScreen
from screens.profile import ProfileScreen
from screens.profile_words import mask_facts
from screens.program_parts import PROGRAM_PARTS
from screens.reason_prompt import ReasonPrompt
from screens.review import ReviewScreen
from tests.screens.hostile import HOSTILE
from tests.screens.looking import assert_harmless, seen, settle

TownApp = Callable[..., KingshurstApp]
PANEL = Reason(ReasonCode.PANEL)
MACHINE = (Operation.COMBINE, Thing.LINK)


# --- masks -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hidden:
    """What no screen may show.

    Left out is only what by design may be shown: the exact name, day or number that an open profile holds as well
    (it stands there for the person who agreed), and days on which something happened, was flagged or was filed.

    Attributes:
        telling: whole names, days of birth as screens write them, NHS numbers: of masked people alone.
        givers: those of them that a consent names as its giver; the consents of open profiles say who gave them.
    """

    telling: frozenset[str]
    givers: frozenset[str]

    def shown_on(self, app: KingshurstApp) -> set[str]:
        """Return what of it stands on the screen."""
        words = " ".join(seen(app).split())
        return {secret for secret in self.telling if secret in words}


@pytest.fixture(scope="module")
def hidden(town: DemoStore) -> Hidden:
    """What the partners hold of people whom nobody may name."""
    with town.signed_in("coordinator") as session, session.act(*MACHINE, reason=PANEL, combine=True) as act:
        ask = act.connection.exec_driver_sql
        rows = ask(
            "SELECT p.is_open, r.forename || ' ' || r.surname, r.born, r.nhs_number FROM open_record r "
            "JOIN masked_profile p ON p.profile_id = r.profile_id"
        ).fetchall()
        days = {day for row in ask("SELECT occurred_on, reported_on FROM open_contact") for day in row}
        days |= {day for row in ask("SELECT raised_on, lapses_on FROM combined_flag") for day in row}
        givers = {row.given_by for row in act.read(db.consents.with_status, "waiting", "effective", "refused")}
    with town.signed_in("coordinator") as session:
        filed = repr((agreements_listed(session), batches.listed(session)))
    days |= set(re.findall(r"\d{4}-\d\d-\d\d", filed))
    days |= {date(*map(int, found)).isoformat() for found in re.findall(r"date\((\d+), (\d+), (\d+)\)", filed)}
    known = {value for row in rows if row[0] for value in row[1:] if value}
    masked = {value for row in rows if not row[0] for value in row[1:] if value} - known - days
    with (town.folder / "truth" / "people.csv").open(encoding="utf-8") as file:
        true_names = {f"{row['forename']} {row['surname']}" for row in csv.DictReader(file)}
    assert len(masked & true_names) > 100
    said = {day: date.fromisoformat(day) for day in masked if re.fullmatch(r"\d{4}-\d\d-\d\d", day)}
    telling = {value for value in masked if value not in said}
    telling |= {show(day) for day in said.values() for show in (show_date, say_date)}
    return Hidden(frozenset(telling), frozenset(telling & givers))


DIALOGS = {
    "home": (),
    "agenda": ("s", "f", "t", "d", "u"),
    "people": (),
    "review": ("enter", "l", "a", "e"),
    "data-sets": ("enter", "a", "Q", "b", "m", "o"),
    "consents": ("n", "f", "w", "enter"),
    "audit": ("enter",),
    "panels": ("n",),
    "places": ("slash", "w", "i"),
}
"""The boxes that each part opens, by their keys; F1 and the palette besides."""


async def look(pilot: Pilot[int], hidden: Hidden, *keys: str, givers: bool = False) -> None:
    """Press keys, and find nothing hidden; ``givers``: who gave the consent of an open profile may stand there."""
    app = cast("KingshurstApp", pilot.app)
    await pilot.press(*keys)
    await settle(pilot)
    assert hidden.shown_on(app) - (hidden.givers if givers else set()) == set(), (app.current_mode, keys)


@pytest.mark.parametrize("user", ["coordinator", "practitioner", "supervisor", "governance"])
async def test_no_screen_names_anybody_masked(town_app: TownApp, town: DemoStore, hidden: Hidden, user: str) -> None:
    with town.signed_in("coordinator") as session:
        masked = [row.pseudonym for row in open_agenda(session).rows if not row.is_open]
    app = town_app(user)
    async with app.run_test(size=(140, 50), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        for part in PROGRAM_PARTS:
            if not part.is_for(app.session):
                continue
            at_consents = part.mode == "consents"
            await look(pilot, hidden, part.key, givers=at_consents)
            below = app.screen
            for key in {"review": "cp", "consents": "bc"}.get(part.mode, ""):
                await look(pilot, hidden, key, givers=at_consents)
            # Every box once, by those who have the most of them.
            for key in DIALOGS[part.mode] if user in ("coordinator", "supervisor") else ():
                await look(pilot, hidden, key, givers=at_consents)
                while app.screen is not below:
                    await pilot.press("escape")
                    await settle(pilot)
        screen = ProfileScreen(masked[0], siblings=tuple(masked[:2]))
        await app.push_screen(screen)
        for _ in masked[:2]:
            await settle(pilot)
            if isinstance(app.screen, ReasonPrompt):
                await look(pilot, hidden)
                await pilot.press("a")
                await settle(pilot)
            assert isinstance(screen.profile, MaskedProfile)
            for key in "tfcnw":
                await look(pilot, hidden, key)
                if app.screen is not screen:
                    await pilot.press("escape")
                    await settle(pilot)
            await pilot.press("o", "right_square_bracket")
        await look(pilot, hidden, "f1")
        await pilot.press("escape")
        await look(pilot, hidden, "ctrl+p")
        assert app.faults == []


async def test_a_waiting_consent_names_its_own_giver_to_the_reviewer_when_asked_and_nobody_else(
    town_app: TownApp, town: DemoStore, hidden: Hidden
) -> None:
    app = town_app("supervisor")
    async with app.run_test(size=(140, 50)) as pilot:
        await settle(pilot)
        screen = ReviewScreen()
        await app.push_screen(screen)
        await settle(pilot)
        await look(pilot, hidden, "c")
        assert screen._waiting, "somebody's consent waits in the town"
        for consent in list(screen._waiting.values())[:3]:
            await look(pilot, hidden)
            await pilot.press("v")
            await settle(pilot)
            own = {f"{consent.forename} {consent.surname}", say_date(consent.born), consent.nhs_number}
            assert f"{consent.forename} {consent.surname}" in seen(app)
            assert hidden.shown_on(app) <= own
            await pilot.press("escape", "enter")
            await look(pilot, hidden)
            await pilot.press("escape", "down")
            await settle(pilot)


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


async def test_nothing_in_the_program_holds_a_masked_name(town_app: TownApp, town: DemoStore, hidden: Hidden) -> None:
    with town.signed_in("coordinator") as session:
        row = next(row for row in open_agenda(session).rows if not row.is_open)
    app = town_app()
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        screen = ProfileScreen(row.pseudonym)
        await app.push_screen(screen)
        await settle(pilot)
        held = repr(screen.profile)
        assert [secret for secret in hidden.telling if secret in held] == []


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
        if isinstance(value, Enum):
            return value
        if isinstance(value, str):
            return next(self._texts)
        if isinstance(value, tuple) and (names := getattr(value, "_fields", ())):
            return type(value)(*(self.spoil(each, field) for field, each in zip(names, value, strict=True)))
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
        pairs = pairs_shown.links_of(session, whole.profile_id, PANEL)
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
        queue = pairs_shown.queue(session)
        given = consents_shown.listed(session, PANEL)
        gates, imported = agreements_listed(session), batches.listed(session)
        pseudonym = next(row.pseudonym for row in agenda.rows if row.is_open)
        form = decisions.open_form(session, pseudonym, PANEL)
    with town.signed_in("supervisor") as session:
        trail = open_trail(session, TrailFilter(), limit=20)
    app = town_app("supervisor")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        agenda_screen, review_screen, consents_screen = AgendaScreen(), ReviewScreen(), ConsentsScreen()
        audit_screen, data_screen = AuditScreen(), DataSetsScreen()
        for screen in (agenda_screen, review_screen, consents_screen, audit_screen, data_screen):
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
                elif screen is data_screen:
                    # A batch belongs to its data set by name: both get the same one.
                    name = next(text for text in HOSTILE[first:] if text.strip())
                    standings = [
                        replace(joker.spoil(each), row=joker.spoil(each.row)._replace(reference=name)) for each in gates
                    ]
                    batches_of = tuple(replace(joker.spoil(each), data_set=name) for each in imported)
                    show = partial(data_screen.show_data_sets, (standings, batches_of))
                    await put(pilot, screen, show, "down", "enter", "a", "Q", "b")
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
