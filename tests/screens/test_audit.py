"""The audit trail as a supervisor reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kingshurst_tui import vaults
from kingshurst_tui.casework.home import what_waits
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.oversight.trail import TrailFilter
from screens.app import KingshurstApp
from screens.audit import AuditScreen, read_filter, words_of
from tests.conftest import NOON
from tests.screens.conftest import PASSPHRASE
from tests.screens.looking import SIZES, seen, settle

MakeApp = Callable[..., KingshurstApp]


@pytest.mark.parametrize("size", SIZES)
async def test_a_supervisor_reads_who_did_what(make_app: MakeApp, size: tuple[int, int]) -> None:
    app = make_app("supervisor", signed_in=True)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("7")
        await settle(pilot)
        assert "The log may be used" in seen(app)
        await pilot.press("end", "enter")
        await settle(pilot)
        assert "Entry 1" in seen(app)
        assert "(administrator," in seen(app)
        assert app.faults == []


async def test_filtering_clearing_and_verifying(make_app: MakeApp, users_store: Path) -> None:
    session = vaults.open_session(users_store, "practitioner", PASSPHRASE, clock=FixedClock(NOON))
    what_waits(session)
    session.close()
    app = make_app("supervisor", signed_in=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("7")
        await settle(pilot)
        await pilot.press("slash", *"practitioner", "enter")
        await settle(pilot)
        shown = seen(app)
        assert "match “practitioner”" in shown
        assert "administer user" not in shown
        await pilot.press("slash", "escape")
        await settle(pilot)
        await pilot.press("enter", "end")
        await settle(pilot)
        assert "administer user" in seen(app)
        await pilot.press("r")
        await settle(pilot)
        assert "Nothing matches “refused”" in seen(app)
        await pilot.press("r", "v")
        await settle(pilot)
        assert "HOLDS" in seen(app)
        assert app.faults == []


async def test_the_trail_is_no_place_for_others(make_app: MakeApp) -> None:
    app = make_app("coordinator", signed_in=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("7")
        await settle(pilot)
        assert not isinstance(app.screen, AuditScreen)
        await app.push_screen(AuditScreen())
        await settle(pilot)
        assert "may not consult this" in seen(app)


def test_a_filter_is_read_word_by_word() -> None:
    wanted = read_filter("supervisor consult refused kh-ab12-cd34")
    assert (wanted.actor, wanted.operation, wanted.result) == ("supervisor", "consult", "refused")
    assert wanted.pseudonym == "KH-AB12-CD34"


def test_names_are_taken_letter_for_letter_and_keywords_only_without_a_key() -> None:
    wanted = read_filter("Bella purpose:Repeat-Two Consult")
    assert (wanted.actor, wanted.purpose, wanted.operation) == ("Bella", "Repeat-Two", "consult")
    assert read_filter("who:done done") == TrailFilter(actor="done", result="done")
    assert read_filter("who:KH-AB12-CD34 did:alter") == TrailFilter(actor="KH-AB12-CD34", operation="alter")


@pytest.mark.parametrize(
    "actor", ["Bella", "consult", "done", "refused", "kh-ab12-cd34", "who:me", "from:2026-05-01", ""]
)
def test_the_words_of_a_filter_mean_it_when_they_are_typed(actor: str) -> None:
    wanted = TrailFilter(actor, "KH-AB12-CD34", "alter", "done", "Repeat-Two", "2026-04-01", "2026-05-01")
    assert read_filter(words_of(wanted)) == wanted
