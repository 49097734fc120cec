"""A number, and the case goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Static

from screens.dialog import Dialog
from screens.widgets.text import plain

if TYPE_CHECKING:
    from kingshurst_tui.panels.room import RoomAgenda


class JumpTo(Dialog[int | None]):
    """Answers with the case of that number on the agenda, or nothing."""

    def __init__(self, agenda: RoomAgenda) -> None:
        super().__init__("Go to case number")
        self._cases = {line.place: line.case_id for line in agenda.lines}

    def body(self) -> ComposeResult:
        """Ask for the number."""
        yield Input(type="integer", max_length=3, id="jump")
        yield Static(plain(f"1 to {len(self._cases)}, then Enter"), id="jump-said")

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Answer, or say that there is no such number."""
        number = int(event.value) if event.value.isdigit() else 0
        if number in self._cases:
            self.dismiss(self._cases[number])
        else:
            self.query_one("#jump-said", Static).update(plain(f"! There is none: 1 to {len(self._cases)}."))
