"""Which keys work everywhere: those of the parts, and help, palette, roles, lock, blank, leaving and themes."""

from __future__ import annotations

from textual.binding import BindingType

from screens.bindings import ALWAYS, GO, bind
from screens.program_parts import PROGRAM_PARTS

KEYS_EVERYWHERE: list[BindingType] = [
    *(
        bind(
            part.key,
            f"go({part.mode!r})",
            part.title,
            id=f"mode-{part.mode}",
            tooltip=part.tooltip,
            group=GO,
            show=False,
        )
        for part in PROGRAM_PARTS
    ),
    bind("f1", "help", "Help", id="help", tooltip="Help for what one is looking at.", group=ALWAYS, priority=True),
    bind("question_mark", "keys", "Keys", id="keys", tooltip="All the keys that work here.", show=False),
    bind(
        "ctrl+p,colon",
        "command_palette",
        "Commands",
        id="palette",
        tooltip="Find a command by its name.",
        group=ALWAYS,
        key_display="^p",
    ),
    bind(
        "f4",
        "roles",
        "Roles",
        id="roles",
        tooltip="Who holds which role, what waits for a second person, and what each role may do.",
        show=False,
    ),
    bind(
        "ctrl+l",
        "lock",
        "Lock",
        id="lock",
        tooltip="Lock now: the store is closed and the screen emptied.",
        group=ALWAYS,
        show=False,
        priority=True,
    ),
    bind(
        "ctrl+g",
        "blank",
        "Blank",
        id="blank",
        tooltip="Blank the screen at once, while typing as well, and bring it back; nothing is closed.",
        show=False,
        priority=True,
    ),
    bind(
        "ctrl+q",
        "quit",
        "Quit",
        id="quit",
        tooltip="Close the store and leave; drafts are kept.",
        group=ALWAYS,
        priority=True,
    ),
    bind(
        "ctrl+t",
        "next_theme",
        "Theme",
        id="theme",
        tooltip="Dark, light, or the highest contrast; while locked as well.",
        show=False,
    ),
    bind("ctrl+c", "say_quit", "", id="say-quit", tooltip="Say how to leave and how to copy.", show=False),
]
