"""The real program in a terminal, killed while somebody writes a decision: what was typed is there again."""

from __future__ import annotations

import pytest

from kingshurst_tui.casework.agenda import open_agenda
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.oversight.trail import verify_trail

pytest.importorskip("pty", reason="only systems with pseudo-terminals")
pytest.importorskip("pyte")

from tests.screens.terminals import Terminal
from tests.screens.town_in_terminal import kill, running

TYPED = "They asked for one visitor"
DOWN = "\x1b[B"


def write_a_decision(terminal: Terminal, pseudonym: str, at: int) -> None:
    """Go to the decision form of somebody on the agenda, by keys alone."""
    terminal.wait_for("coordinator (coordinator, KTP)")
    terminal.type("2")
    terminal.wait_for("By ")
    terminal.type(DOWN * at + "\r")
    terminal.wait_for(pseudonym)
    terminal.wait_for("Overview")
    terminal.type("n")
    terminal.wait_for("Write a decision")
    terminal.type(DOWN * 2 + "\r")
    terminal.wait_for("Nothing is chosen for you")
    terminal.wait_for("Why this agency")


def test_what_was_typed_when_the_program_was_killed_is_in_the_form_again(town_copy: DemoStore) -> None:
    with town_copy.signed_in("coordinator") as session:
        rows = open_agenda(session).rows
    at = next(number for number, row in enumerate(rows) if row.is_open)
    with running(town_copy) as terminal:
        write_a_decision(terminal, rows[at].pseudonym, at)
        terminal.type("\t")
        terminal.wait_for("▌")  # the mark of the field that has the focus
        terminal.type(TYPED)
        terminal.wait_for(TYPED)
        terminal.wait_for("Draft kept.")
        kill(terminal)
    with running(town_copy) as terminal:
        write_a_decision(terminal, rows[at].pseudonym, at)
        terminal.wait_for(TYPED)
        kill(terminal)
    with town_copy.signed_in("supervisor") as session:
        assert verify_trail(session).holds
