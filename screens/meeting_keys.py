"""The keys of one meeting, and which of them its footer has room for: what that part is worked with, as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.binding import Binding

from screens.bindings import MOVE, bind
from screens.meeting_parts import PARTS

if TYPE_CHECKING:
    from kingshurst_tui.panels.records import OnePanel

MEETING_KEYS: Final[tuple[Binding, ...]] = (
    *(
        bind(
            part.key,
            f"part({part.code!r})",
            part.title,
            id=f"meeting-{part.code}",
            tooltip=f"Show the panel's {part.title.lower()}.",
            group=MOVE,
            show=False,
        )
        for part in PARTS
    ),
    bind("n", "add", "New", id="meeting-new", tooltip="Add to this part: a case, a member, a request."),
    bind("J", "move(1)", "Later", id="meeting-later", tooltip="Move the case down the agenda.", show=False),
    bind("K", "move(-1)", "Sooner", id="meeting-sooner", tooltip="Move the case up the agenda.", show=False),
    bind("x", "off", "Off", id="meeting-off", tooltip="Take off, put off, leave out or take back; asks why."),
    bind("r", "reveal", "Reveal", id="meeting-reveal", tooltip="Show first views to all, together."),
    bind(
        "p",
        "all_present",
        "All here",
        id="meeting-all-present",
        tooltip="Everybody came who was asked and sent no apologies; then mark the absent.",
        show=False,
    ),
    bind("f", "confirm", "Agrees", id="meeting-confirm", tooltip="A member confirms confidentiality."),
    bind("e", "edit", "Edit", id="meeting-edit", tooltip="Change what is written of the panel."),
    bind("o", "turn", "Open/close", id="meeting-turn", tooltip="Open the panel, close it or call it off."),
    bind("w", "room", "Room", id="meeting-room", tooltip="Go into the panel's room."),
    bind("u", "minutes", "Minutes", id="meeting-minutes", tooltip="Its minutes, and its packs.", show=False),
    bind("M", "sign_all", "Sign", id="meeting-sign", tooltip="Sign the panel's decisions, once; who has.", show=False),
)
"""Every key of the screen."""

_WORKED_WITH: Final = {
    "agenda": {"n", "x", "e", "o", "w"},
    "candidates": {"n", "o", "w"},
    "members": {"n", "x", "p", "f", "o"},
    "information": {"n", "x", "o", "w"},
    "views": {"n", "r", "o", "w"},
    "interests": {"n", "o", "w"},
}
_AFTER_THE_LAST: Final = {"o", "u", "M", "w"}
_AFTERWARDS: Final = {"u", "M", "w"}
_IDS: Final = {key: binding.id for binding in MEETING_KEYS for key in [binding.key]}


def in_footer(part: str, panel: OnePanel | None) -> frozenset[str]:
    """Return the ids of the keys that the footer names: it has 80 columns, and help names them all."""
    keys = _WORKED_WITH[part]
    if panel is not None and panel.panel.is_settled:
        keys = _AFTERWARDS
    elif panel is not None and part == "agenda" and panel.panel.status == "open" and not _waiting(panel):
        keys = _AFTER_THE_LAST
    return frozenset(str(_IDS[key]) for key in keys)


def _waiting(panel: OnePanel) -> bool:
    return any(case.status == "listed" for case in panel.cases)
