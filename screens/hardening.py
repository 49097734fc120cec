"""What must happen before Textual is imported: it reads its environment at import."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from typing import Final

HARMLESS: Final = frozenset({"TEXTUAL_COLOR_SYSTEM", "TEXTUAL_DISABLE_KITTY_KEY", "TEXTUAL_FPS"})
"""Settings that change how the screen is drawn and nothing else; people may need them for their terminal."""


def harden(environment: MutableMapping[str, str] | None = None, *, demo: bool = False) -> None:
    """Drop every setting that would log, photograph or stream the screen, or press keys.

    Args:
        environment: what to clean; the process's own by default.
        demo: whether the store holds invented people only; then ``KINGSHURST_DEV=1`` keeps the developer's tools.
    """
    environment = os.environ if environment is None else environment
    if demo and environment.get("KINGSHURST_DEV") == "1":
        return
    for name in [name for name in environment if name == "TEXTUAL" or name.startswith("TEXTUAL_")]:
        if name not in HARMLESS:
            del environment[name]
    environment["TEXTUAL_ANIMATIONS"] = "none"


def keeps_copies(environment: Mapping[str, str] | None = None) -> bool:
    """Return whether a multiplexer (tmux, screen) stands between and keeps copies."""
    environment = os.environ if environment is None else environment
    return any(environment.get(name) for name in ("TMUX", "STY"))
