"""Help for what one is looking at: words, and the keys that work there."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import Static

from screens.bindings import bind, key_name
from screens.dialog import Dialog
from screens.widgets.key_button import KeyButton
from screens.widgets.text import plain


class HelpDialog(Dialog[None]):
    """Shows words of help and a list of keys; Esc closes it."""

    BINDING_GROUP_TITLE = "Help"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("escape,enter,f1,question_mark", "cancel", "Close", id="help-close", tooltip="Close the help."),
    ]

    def __init__(self, heading: str, words: str, keys: list[tuple[str, str]]) -> None:
        super().__init__(heading)
        self._words = words
        self._keys = keys

    @classmethod
    def for_screen(cls, screen: Screen[Any], *, keys_only: bool = False) -> Self:
        """Return help for the focused thing of a screen, or for the screen itself."""
        words = "" if keys_only else _words(screen.focused or screen)
        keys: dict[str, tuple[list[str], str]] = {}
        for key, active in screen.active_bindings.items():
            binding = active.binding
            if binding.system or not active.enabled or not (binding.tooltip or binding.description):
                continue
            entry = keys.setdefault(binding.id or key, ([], binding.tooltip or binding.description))
            entry[0].append(key_name(key))
        rows = [(" ".join(names), tooltip) for names, tooltip in keys.values()]
        return cls("Keys that work here" if keys_only else "Help", words, rows)

    def body(self) -> ComposeResult:
        """Draw the words, then the keys."""
        if self._words:
            yield Static(plain(self._words), classes="dialog-words")
        width = max((len(keys) for keys, _ in self._keys), default=0) + 2
        for keys, tooltip in self._keys:
            yield Static(Content.assemble((keys.ljust(width), "$accent bold"), plain(tooltip)))
        yield Static(
            plain(
                "\nA click moves to a row; a second click opens it. "
                "Hold Shift and drag to select text with the terminal."
            ),
            classes="-muted",
        )
        yield KeyButton("escape", "Close")


def _words(node: DOMNode) -> str:
    for ancestor in node.ancestors_with_self:
        if words := getattr(ancestor, "HELP", None):
            return " ".join(str(words).split("\n")) if "\n\n" not in str(words) else str(words)
    return "The keys below work here. 1 to 6 go to the parts of the program."
