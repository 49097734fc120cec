"""Somebody else was quicker: what they decided and what one wrote, field by field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from screens.bindings import bind
from screens.dialog import Dialog
from screens.widgets.facts import Facts
from screens.widgets.key_button import KeyButton
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Row, VirtualTable


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that two people wrote differently."""

    name: str
    title: str
    mine: str
    theirs: str


class Conflict(Dialog[frozenset[str] | None]):
    """Answers with the fields to take from the other, or nothing to leave it for now; neither version is lost."""

    BINDING_GROUP_TITLE = "Conflict"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind(
            "ctrl+s",
            "go_on",
            "Go on",
            id="conflict-go-on",
            tooltip="Go on with what is chosen, over what is there now.",
        ),
        bind("space", "turn", "Mine or theirs", id="conflict-turn", tooltip="Take theirs for this field, or mine."),
    ]

    def __init__(self, by: str, differences: Sequence[Difference]) -> None:
        """Ask.

        Args:
            by: who signed meanwhile; empty where nobody did and only the profile changed.
            differences: the fields that differ from what they signed.
        """
        super().__init__("The profile changed while you wrote")
        self._by = by
        self._differences = tuple(differences)
        self._taken: set[str] = set()

    def body(self) -> ComposeResult:
        """Draw the fields side by side."""
        if self._differences:
            said = f"{self._by} signed a decision meanwhile. Nothing of yours is lost; choose field by field."
        else:
            said = (
                "Nobody else decided, but contacts, flags or consents changed. Read the profile again before signing."
            )
        yield Static(plain(said), classes="dialog-words")
        if self._differences:
            yield VirtualTable(
                Column("", 7), Column("Field", 16, grows=True), Column("Yours", 16), Column("Theirs", 16)
            )
            yield Facts(id="both")
        with Horizontal(classes="dialog-keys"):
            yield KeyButton("ctrl+s", "Go on with what is chosen")
            if self._differences:
                yield KeyButton("space", "Mine or theirs")
            yield KeyButton("escape", "Leave it for now")

    def on_mount(self) -> None:
        """Show every field as mine."""
        self._draw()

    def _draw(self) -> None:
        if self._differences:
            table = self.query_one(VirtualTable)
            rows = [
                Row(
                    each.name,
                    ("theirs" if each.name in self._taken else "mine", each.title, each.mine, each.theirs),
                )
                for each in self._differences
            ]
            table.show_rows(rows, cursor=table.cursor)
            table.focus()

    @on(VirtualTable.Moved)
    def moved(self, event: VirtualTable.Moved) -> None:
        """Show both in full."""
        for each in self._differences:
            if each.name == event.row.key:
                self.query_one("#both", Facts).show(
                    [(each.title, ""), ("Yours", each.mine or "nothing"), ("Theirs", each.theirs or "nothing")]
                )

    @on(VirtualTable.Opened)
    def opened(self) -> None:
        """Enter turns the field, too."""
        self.action_turn()

    def action_turn(self) -> None:
        """Take theirs for the field at the cursor, or mine again."""
        table = self.query_one_optional(VirtualTable)
        if table is not None and table.row is not None:
            self._taken ^= {str(table.row.key)}
            self._draw()

    def action_go_on(self) -> None:
        """Answer."""
        self.dismiss(frozenset(self._taken))
