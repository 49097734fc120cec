"""The real program at two terminals in one meeting, and killed while somebody writes notes."""

from __future__ import annotations

import pytest

from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.oversight.trail import verify_trail
from kingshurst_tui.panels import room
from tests.panels.rooms import hold

pytest.importorskip("pty", reason="only systems with pseudo-terminals")
pytest.importorskip("pyte")

from tests.screens.terminals import Terminal
from tests.screens.town_in_terminal import kill, running

TYPED = "Her sister fetches the children"
ADDED = " on Mondays"


def enter(terminal: Terminal, user: str) -> None:
    """Go into the room by keys alone."""
    terminal.wait_for(f"{user} (")
    terminal.type("8")
    terminal.wait_for("▸8 Panels")
    terminal.wait_for("being held")
    terminal.type("w")
    terminal.wait_for("Case 1 of 3")
    terminal.wait_for("What was said (1 of 3)")


def test_notes_of_one_terminal_stand_on_the_other_and_outlive_a_kill(town_copy: DemoStore) -> None:
    with town_copy.signed_in("coordinator") as session:
        held = hold(session, cases=3)
    with running(town_copy, "practitioner") as chair, running(town_copy, "coordinator") as writer:
        enter(chair, "practitioner")
        enter(writer, "coordinator")
        writer.type("m")
        writer.wait_for("━")  # the edge of the notes that have the focus
        writer.type(TYPED)
        writer.wait_for(TYPED)
        chair.wait_for(TYPED)
        writer.type(ADDED)
        chair.wait_for(TYPED + ADDED)
        writer.wait_for("Kept.")
        kill(writer)
        # The other goes on where nobody writes any more.
        chair.type("m")
        chair.wait_for("━")
        chair.type("!")
        chair.wait_for(TYPED + ADDED + "!")
        chair.wait_for("Kept.")
        kill(chair)
    with running(town_copy, "coordinator") as again:
        enter(again, "coordinator")
        again.wait_for(TYPED + ADDED)
        kill(again)
    with town_copy.signed_in("supervisor") as session:
        assert verify_trail(session).holds
        found = room.open_case(session, held.panel, held.cases[0]).notes
        assert next(note.words for note in found if note.field == "said").startswith(TYPED + ADDED)
