"""Keys as data: every binding is made here, so that each has an id, a group and words for help."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from textual.binding import Binding
from textual.dom import DOMNode

MOVE: Final = Binding.Group("Move", compact=True)
"""Keys that move about in a list or between records."""
GO: Final = Binding.Group("Go to", compact=True)
"""Keys that open another part of the program."""
RECORD: Final = Binding.Group("Record")
"""Keys that act on the record in view."""
ALWAYS: Final = Binding.Group("Anywhere")
"""Keys that work everywhere."""

FORBIDDEN: Final = frozenset({"ctrl+i", "ctrl+m", "ctrl+h", "ctrl+j", "ctrl+left_square_bracket", "ctrl+z"})
"""Keys that terminals, shells or multiplexers take before we see them."""
FORBIDDEN_PREFIXES: Final = ("alt+", "ctrl+shift+", "super+", "f10", "f11", "f12", "ctrl+a", "ctrl+b")
"""Families of such keys."""


def bind(
    keys: str,
    action: str,
    description: str,
    *,
    id: str,  # noqa: A002  Textual's name for it
    tooltip: str,
    group: Binding.Group = RECORD,
    show: bool = True,
    priority: bool = False,
    key_display: str | None = None,
) -> Binding:
    """Return a binding that has all a person needs to find, understand and remap it.

    Args:
        keys: one key, or several separated by commas.
        action: the action it runs.
        description: one or two words for the footer.
        id: unique in the whole program; keymaps go by it.
        tooltip: one sentence for help.
        group: where the footer and the table of keys put it.
        show: whether the footer shows it; at most seven on a screen.
        priority: whether it works while somebody types and over dialogs.
        key_display: how the key is written, where its name would puzzle.
    """
    return Binding(
        keys,
        action,
        description,
        show=show,
        key_display=key_display,
        priority=priority,
        tooltip=tooltip,
        id=id,
        # A footer that groups shows one word for the group; only movement is worth that.
        group=group if group in (MOVE, GO) else None,
    )


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One line of the table of keys."""

    place: str
    """Where the key works, in words."""
    keys: tuple[str, ...]
    description: str
    tooltip: str
    id: str


def our_classes() -> Iterator[type[DOMNode]]:
    """Yield every screen and widget class of this package that binds keys, in a stable order."""
    import screens

    for found in sorted(pkgutil.walk_packages(screens.__path__, "screens."), key=lambda module: module.name):
        module = importlib.import_module(found.name)
        for thing in vars(module).values():
            if isinstance(thing, type) and issubclass(thing, DOMNode) and thing.__module__ == found.name:
                yield thing


def key_rows() -> list[KeyRow]:
    """Return every key of the program, one row a binding."""
    rows: list[KeyRow] = []
    for owner in our_classes():
        for binding in vars(owner).get("BINDINGS", ()):
            if not isinstance(binding, Binding):
                raise TypeError(f"{owner.__name__} binds a key without bind()")
            place = getattr(owner, "BINDING_GROUP_TITLE", None) or owner.__name__
            rows.append(
                KeyRow(place, tuple(binding.key.split(",")), binding.description, binding.tooltip, binding.id or "")
            )
    return sorted(rows, key=lambda row: (row.place != "Anywhere", row.place, row.id))


NAMES: Final = {
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "f1": "F1",
    "f5": "F5",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
}
"""How keys with long names are written."""


def key_name(key: str) -> str:
    """Return how a key is written for people."""
    return NAMES.get(key.strip(), key.strip())


def key_table() -> str:
    """Return the table of keys in Markdown, as the documentation shows it."""
    lines = ["| where | key | does |", "|---|---|---|"]
    lines += [
        f"| {row.place} | {' '.join(f'`{key_name(key)}`' for key in row.keys)} | {row.tooltip} |" for row in key_rows()
    ]
    return "\n".join(lines) + "\n"
