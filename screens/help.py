"""Help for what one is looking at: words, and the keys that work there."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
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
        # What this screen alone can do comes first, then the thing that has the focus, then what works anywhere.
        nodes = [screen, *screen.focused.ancestors_with_self] if screen.focused else [screen]
        rank = {id(node): at for at, node in enumerate(nodes)} | {id(screen.app): len(nodes)}
        found = sorted(screen.active_bindings.items(), key=lambda item: rank.get(id(item[1].node), len(nodes)))
        for key, active in found:
            binding = active.binding
            if not active.enabled or not _is_ours(binding, active.node):
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


def _is_ours(binding: Binding, node: DOMNode) -> bool:
    """Whether the program made this key; Textual's own serve its widgets and are named in its own words."""
    return any(
        binding.id and binding.id == getattr(own, "id", None)
        for kind in type(node).__mro__
        if kind.__module__.startswith("screens.")
        for own in vars(kind).get("BINDINGS", ())
    )


def _words(node: DOMNode) -> str:
    """Return the help of the thing that has the focus, and of the screen it is on."""
    said: list[str] = []
    for ancestor in node.ancestors_with_self:
        words = str(getattr(ancestor, "HELP", None) or "")
        if words and words not in said:
            said.append(words)
    return "\n\n".join(words if "\n\n" in words else " ".join(words.split("\n")) for words in said)
