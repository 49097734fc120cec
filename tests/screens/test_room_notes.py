"""Notes in the room: kept as typed, written by two people, and chosen between where they clash."""

from __future__ import annotations

from collections.abc import Callable

from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.panels import notes
from kingshurst_tui.panels.notes import Typed
from screens.app import KingshurstApp
from screens.conflict import Conflict
from tests.panels.rooms import first_view, say
from tests.screens.in_the_room import enter, kept, prepare, pulse, words
from tests.screens.looking import assert_harmless, press, seen

TownApp = Callable[..., KingshurstApp]


async def test_notes_are_kept_by_the_beat_while_somebody_types_on(changing_app: TownApp, town_copy: DemoStore) -> None:
    held = prepare(town_copy)
    app = changing_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await enter(pilot, held)
        await press(pilot, "m")
        await pilot.press(*"She asked b")
        await pulse(pilot, screen)
        await pilot.press(*" twice", "tab", *"Her sister")
        await pulse(pilot, screen)
        found = kept(town_copy, held)
        assert (found["said"].words, found["matters"].words) == ("She asked b twice", "Her sister")
        await press(pilot, "escape", "n", "m")
        await pilot.press(*"Second case")
        await press(pilot, "escape", "p")  # leaving a case keeps it, whatever the timer does
        assert words(screen) == "She asked b twice"
        assert kept(town_copy, held, 1)["said"].words == "Second case"
        assert app.faults == []


async def test_what_the_minute_taker_writes_appears_and_what_both_wrote_is_chosen_field_by_field(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    held = prepare(town_copy)
    case = held.cases[0]
    app = changing_app()
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await enter(pilot, held)
        with town_copy.signed_in("practitioner") as other:
            notes.keep(other, held.panel, case, {"said": Typed("The minute-taker began", 0)})
            await pulse(pilot, screen)
            assert words(screen) == "The minute-taker began"
            await press(pilot, "m")
            await pilot.press(*", and I")
            # Both go on in the same field; theirs comes first.
            notes.keep(other, held.panel, case, {"said": Typed("The minute-taker began, and he", 1)})
            await pulse(pilot, screen)
            assert words(screen) == "The minute-taker began, and I", "what one types is never written over"
            assert "practitioner wrote here too" in seen(app)
            await pulse(pilot, screen)
            assert kept(town_copy, held)["said"].words == "The minute-taker began, and he"
            await press(pilot, "ctrl+s")
            assert isinstance(app.screen, Conflict)
            for version in ("and I", "and he"):
                assert version in seen(app)
            assert_harmless(app)
            await press(pilot, "space", "space", "ctrl+s")  # both, one after the other
            await pulse(pilot, screen)
            both = "The minute-taker began, and he\nThe minute-taker began, and I"
            assert words(screen) == both
            assert kept(town_copy, held)["said"].words == both
            assert "wrote here too" not in seen(app)
        assert app.faults == []


async def test_theirs_can_be_taken_and_nothing_waits_afterwards(changing_app: TownApp, town_copy: DemoStore) -> None:
    held = prepare(town_copy)
    app = changing_app()
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await enter(pilot, held)
        await press(pilot, "m")
        await pilot.press(*"Mine")
        with town_copy.signed_in("practitioner") as other:
            notes.keep(other, held.panel, held.cases[0], {"said": Typed("Theirs", 0)})
        await press(pilot, "ctrl+s", "space", "ctrl+s")
        await pulse(pilot, screen)
        assert words(screen) == "Theirs"
    assert kept(town_copy, held, user="coordinator")["said"].waiting is None


async def test_what_clashed_when_the_power_went_is_there_again_beside_theirs(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    held = prepare(town_copy)
    with town_copy.signed_in("practitioner") as other, town_copy.signed_in("coordinator") as gone:
        notes.keep(other, held.panel, held.cases[0], {"said": Typed("Theirs", 0)})
        assert notes.keep(gone, held.panel, held.cases[0], {"said": Typed("Mine", 0)}).clashes
    app = changing_app()
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await enter(pilot, held)
        assert words(screen) == "Mine"
        assert "practitioner wrote here too" in seen(app)
        await press(pilot, "m", "ctrl+s", "ctrl+s")
        await pulse(pilot, screen)
    assert kept(town_copy, held, user="coordinator")["said"].words == "Mine"


async def test_a_change_of_the_meeting_reaches_the_other_terminal(changing_app: TownApp, town_copy: DemoStore) -> None:
    held = prepare(town_copy)
    with town_copy.signed_in("practitioner") as other:
        first_view(other, held, 0, "SCH", {"known": "Rent is late", "worry": "The winter"})
    app = changing_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await enter(pilot, held)
        await press(pilot, "v")
        assert "The winter" not in seen(app)
        with town_copy.signed_in("coordinator") as other:
            say(other, "UPDATE panel_case SET revealed_at = '2026-05-04T11:00:00.000Z', version = 2")
        await pulse(pilot, screen)
        assert "The winter" in seen(app)
