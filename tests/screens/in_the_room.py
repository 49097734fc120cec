"""How a test goes into the room of a panel, and what it looks at there."""

from __future__ import annotations

from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import TextArea

from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.panels import notes, room
from screens.app import KingshurstApp
from screens.panel_mode import PanelModeScreen
from tests.panels.rooms import Held, hold
from tests.screens.looking import settle


def prepare(town: DemoStore, **how: object) -> Held:
    """Hold a meeting of three open cases and a masked one."""
    with town.signed_in("coordinator") as session:
        return hold(session, **{"cases": 3, "masked": 1, **how})  # type: ignore[arg-type]


async def enter(pilot: Pilot[int], held: Held) -> PanelModeScreen:
    """Go into the room."""
    await settle(pilot)
    screen = PanelModeScreen(held.panel)
    pilot.app.push_screen(screen)
    await settle(pilot)
    screen.heart.pause()  # seconds pass where a test says so
    return screen


def on_top(app: KingshurstApp) -> object:
    """The screen in view."""
    return app.screen


async def pulse(pilot: Pilot[int], screen: PanelModeScreen) -> None:
    """Let a second pass in the room."""
    screen.beat()
    await settle(pilot)


def words(screen: PanelModeScreen, field: str = "said") -> str:
    """What stands in a field of the notes."""
    return screen.query_one(f"#note-{field}", TextArea).text


def kept(town: DemoStore, held: Held, at: int = 0, user: str = "supervisor") -> dict[str, notes.NoteShown]:
    """What the store has of the notes on a case."""
    with town.signed_in(user) as session:
        return {note.field: note for note in room.open_case(session, held.panel, held.cases[at]).notes}


def at_once(app: KingshurstApp, *keys: str) -> None:
    """Send keys in one instant, as they come in from a quick writer at a busy machine."""
    for key in keys:
        app.post_message(Key("space" if key == " " else key, key if len(key) == 1 else None))
