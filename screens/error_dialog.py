"""What went wrong, what was not changed, what to do next, and a reference."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from screens.bindings import bind
from screens.dialog import Dialog
from screens.faults import Fault
from screens.widgets.key_button import KeyButton
from screens.widgets.text import plain


class ErrorDialog(Dialog[None]):
    """Shows a fault; its reference, and nothing else, can be copied."""

    BINDING_GROUP_TITLE = "Error"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("enter,escape", "cancel", "Close", id="error-close", tooltip="Close the message."),
        bind("c", "copy_reference", "Copy reference", id="error-copy", tooltip="Send the reference to the clipboard."),
    ]

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.title)
        self.fault = fault

    def body(self) -> ComposeResult:
        """Say it in words."""
        yield Static(plain(self.fault.unchanged), classes="dialog-words")
        if self.fault.hint:
            yield Static(plain(self.fault.hint), classes="dialog-words")
        yield Static(plain(f"Reference {self.fault.reference}"), classes="dialog-words -muted")
        with Horizontal(classes="dialog-keys"):
            yield KeyButton("escape", "Close")
            yield KeyButton("c", "Copy the reference")

    def action_copy_reference(self) -> None:
        """Send the reference to the terminal's clipboard."""
        self.kingshurst.copy_reference(self.fault.reference)
