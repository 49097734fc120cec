"""Reading the screen as a person would, and waiting until nothing is under way."""

from __future__ import annotations

import re
from typing import cast

from textual._compositor import CompositorUpdate
from textual.pilot import Pilot
from textual.worker import Worker

from screens.app import KingshurstApp
from screens.dialog import Dialog

SIZES = [(80, 24), (140, 40), (60, 18)]
"""Columns and lines at which every screen must work."""

# Colours, styles and moves of the cursor that Textual itself writes; anything else is a leak.
_REVERSING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"
_DRAWING = re.compile(r"\x1b\[[0-9;]*[mH]")


def _asks(pilot: Pilot[int], worker: Worker[object]) -> bool:
    """Whether a worker waits for the answer of a dialog that is open, and so for the person."""
    return isinstance(pilot.app.screen, Dialog) and worker.node.screen is not pilot.app.screen


async def settle(pilot: Pilot[int]) -> None:
    """Wait until no worker is under way and every message is handled."""
    # Textual's own pause waits until the process uses no processor: up to a second each time, where workers say it all.
    quiet = busy = 0
    while quiet < 3:
        under_way = any(not worker.is_finished and not _asks(pilot, worker) for worker in pilot.app.workers)
        under_way |= cast(KingshurstApp, pilot.app).held_keys.is_waiting
        await pilot.pause(0.005 if under_way else 0)
        quiet, busy = (0, busy + 1) if under_way else (quiet + 1, busy)
        assert busy < 20_000, "the program never came to rest"


async def press(pilot: Pilot[int], *keys: str) -> None:
    """Press keys one after another, each when the one before was answered."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


def lines(app: KingshurstApp) -> list[str]:
    """The lines on the screen, without colours."""
    return ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]


def seen(app: KingshurstApp) -> str:
    """Everything on the screen as text."""
    return "\n".join(lines(app))


def sent_to_terminal(app: KingshurstApp) -> str:
    """What a full drawing of the screen writes to the terminal, without Textual's own colours and moves."""
    update = app.screen._compositor.render_update(full=True)
    return _DRAWING.sub("", cast(CompositorUpdate, update).render_segments(app.console))


def assert_harmless(app: KingshurstApp) -> None:
    """No control or reversing character reaches the terminal."""
    left = sent_to_terminal(app)
    bad = sorted({hex(ord(c)) for c in left if (ord(c) < 32 and c not in "\n\r") or 0x7F <= ord(c) < 0xA0})
    bidi = sorted({hex(ord(c)) for c in left if c in _REVERSING})
    assert (bad, bidi) == ([], [])
