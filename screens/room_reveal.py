"""Who has written a first view and who has not, before all of them are shown to the room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input, Static

from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.counting import some
from screens.bindings import bind
from screens.dialog import Dialog
from screens.room_words import who_wrote
from screens.widgets.facts import Facts
from screens.widgets.key_button import KeyButton
from screens.widgets.text import plain

if TYPE_CHECKING:
    from kingshurst_tui.panels.room_case import RoomCase

BY_ENTER, BY_Y = "Enter shows them · Esc leaves them hidden", "y shows them · Esc leaves them hidden"
ONCE = "Nothing hides them again, and none is written after."


class Reveal(Dialog[str | None]):
    """Answers with why nobody waits, empty where all have written; with nothing where they stay hidden."""

    BINDING_GROUP_TITLE = "Showing the first views"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("y", "show", "Show them", id="reveal-yes", tooltip="Show every agency's first view to all."),
        bind("n", "cancel", "No", id="reveal-no", tooltip="Leave them hidden."),
    ]

    def __init__(self, case: RoomCase) -> None:
        super().__init__(f"Show the first views of case {case.place}?")
        self._case = case
        self._missing = [view.agency for view in case.views if not view.is_written]

    def body(self) -> ComposeResult:
        """Say who wrote, and ask why nobody waits for the others where there are others."""
        yield Facts(who_wrote(self._case))
        if not self._missing:
            written = plain(f"All {some(len(self._case.views), 'agency', 'agencies')} have written. {ONCE}")
            yield Static(written)
            with Horizontal(classes="dialog-keys"):
                yield KeyButton("y", "Show them")
                yield KeyButton("n", "No")
            return
        yield Static(plain(f"{ONCE} Why do you not wait for {', '.join(self._missing)}?"))
        given = self.given_back.get("why", "")
        yield Input(given, placeholder="In a few words, then Enter", max_length=400, compact=True)
        yield Static("", id="reveal-said", classes="problem")
        yield KeyButton("escape", "Leave them hidden")

    def on_mount(self) -> None:
        """Say the keys where no length of the box hides them."""
        box = self.query_one(".dialog-box", VerticalScroll)
        box.border_subtitle = BY_ENTER if self._missing else BY_Y

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the letters to the line, where there is one."""
        return not self._missing if action == "show" else super().check_action(action, parameters)

    def typed(self) -> Mapping[str, str]:
        """Return the words in the line."""
        line = self.query_one_optional(Input)
        return {"why": line.value} if line is not None and line.value else {}

    def action_show(self) -> None:
        """Show them; nobody is waited for."""
        self.dismiss("")

    @on(Input.Submitted)
    def say(self, event: Input.Submitted) -> None:
        """Answer with the reason, once it says something."""
        event.stop()
        if is_a_reason(event.value):
            self.dismiss(event.value.strip())
        else:
            self.query_one("#reveal-said", Static).update(plain(f"! {HINT}"))
