"""The keys of the room: a case and the next, its parts, and what the chair does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from textual.binding import ActiveBinding, Binding

from screens.bindings import MOVE, bind
from screens.room_words import PARTS

AT_THE_END: Final = {
    "room-sign": "Sign",
    "room-run": "Close",
    "room-minutes": "Minutes",
    "room-decide": "",
    "room-name": "",
}
"""What the footer calls a key once no case is left; empty where it shows it no longer."""

ROOM_KEYS: Final[tuple[Binding, ...]] = (
    bind("n,right", "turn(1)", "Next", id="room-next", tooltip="The next case on the agenda.", group=MOVE),
    bind("p,left", "turn(-1)", "Previous", id="room-previous", tooltip="The case before.", group=MOVE),
    bind("f", "jump", "Find", id="room-jump", tooltip="Go to a case by its number.", group=MOVE, show=False),
    *(
        bind(
            part.key,
            f"show({part.code!r})",
            part.title,
            id=f"room-{part.code}",
            tooltip=f"Show {part.title.lower()} of the case.",
            show=False,
        )
        for part in PARTS
    ),
    bind("m", "notes", "Notes", id="room-notes", tooltip="Write notes on the case; Esc comes back."),
    bind("d", "decide", "Decide", id="room-decide", tooltip="Write the panel's decision about this case."),
    bind("i", "name", "Name", id="room-name", tooltip="Show the person's name, or hide it again."),
    bind(
        "b",
        "app.blank",
        "Blank",
        id="room-blank",
        tooltip="Blank the screen at once; b brings it back, and so does ctrl+g, which works while typing.",
    ),
    bind("r", "reveal", "Reveal", id="room-reveal", tooltip="Show every agency's first view to all.", show=False),
    bind("o", "run", "Open or close", id="room-run", tooltip="Open the meeting, or close it.", show=False),
    bind("w", "similar", "Similar", id="room-similar", tooltip="What was decided in similar cases.", show=False),
    bind("A", "act", "Add action", id="room-act", tooltip="Give an agency an action in this case.", show=False),
    bind("M", "sign_all", "Sign", id="room-sign", tooltip="Sign the meeting's decisions, once.", show=False),
    bind(
        "E", "answers", "Answers", id="room-answers", tooltip="Enter what members without an account say.", show=False
    ),
    bind("U", "minutes", "Minutes", id="room-minutes", tooltip="The meeting's minutes and packs.", show=False),
    bind(
        "ctrl+s",
        "settle",
        "Both versions",
        id="room-settle",
        tooltip="Where two people wrote in one field: show both, field by field.",
        show=False,
    ),
)
"""Every key of panel mode."""


def shown_at_the_end(found: Mapping[str, ActiveBinding]) -> dict[str, ActiveBinding]:
    """Return the keys that work, with those in the footer that are wanted once no case is left."""
    shown = dict(found)
    for key, each in found.items():
        if (words := AT_THE_END.get(each.binding.id or "")) is not None:
            binding = replace(each.binding, show=bool(words), description=words or each.binding.description)
            shown[key] = each._replace(binding=binding)
    return shown
