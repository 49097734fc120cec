"""The keys of the room: a case and the next, its parts, and what the chair does."""

from __future__ import annotations

from typing import Final

from textual.binding import Binding

from screens.bindings import MOVE, bind
from screens.room_words import PARTS

AT_THE_END: Final = dict.fromkeys(("room-sign", "room-run", "room-minutes"), True) | dict.fromkeys(
    ("room-decide", "room-name"), False
)
"""What the footer shows, and no longer shows, once no case is left."""

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
