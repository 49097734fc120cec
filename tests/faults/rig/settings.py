"""How the rig's processes differ from a real one: passphrases cost nothing to try, and it is always the same noon."""

from __future__ import annotations

import importlib
import os
import pkgutil
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kingshurst_tui.clock import FixedClock, SystemClock
from tests.conftest import NOON

HOW = {"enospc": 1, "eio": 2, "short": 3, "kill": 4, "full": 5}
"""What goes wrong with the call that is aimed at (disk.c)."""

HUNG = ".hung"
"""What a report's name ends with where it says what every thread of a scenario that hung was doing."""

SEED = 20260504
"""Which moments and which losses are drawn, where nothing else is said."""

CLOCK = FixedClock(NOON)


@contextmanager
def settled() -> Iterator[None]:
    """Make Argon2id cheap, stop the clock, and hold no checkpoint outside; everything else is the program's own.

    A supervisor's terminal that remembered the newest checkpoint would rightly call every image of an earlier moment a
    store that was put back.
    """
    from db import keys

    system: Any = SystemClock
    before = keys.FLOOR, (system.now, system.today), os.environ.get("XDG_STATE_HOME")
    keys.FLOOR = keys.KdfCost(1, 8, 1)
    system.now, system.today = (lambda _: CLOCK.now()), (lambda _: CLOCK.today())
    with tempfile.TemporaryDirectory() as elsewhere:
        os.environ["XDG_STATE_HOME"] = elsewhere
        try:
            yield
        finally:
            keys.FLOOR, (system.now, system.today) = before[0], before[1]
            if before[2] is None:
                del os.environ["XDG_STATE_HOME"]
            else:
                os.environ["XDG_STATE_HOME"] = before[2]


def draw_alike(seed: str) -> None:
    """Let this process draw the same marks, salts and nonces whenever it begins from the same words.

    So two tries that got equally far leave the same rows. Keys that OpenSSL makes, and what SQLCipher draws for a page,
    stay as they are.
    """
    drawn = random.Random(seed)
    os.urandom = drawn.randbytes
    vars(random)["_urandom"] = drawn.randbytes  # what the module `secrets` draws from


def load_everything() -> None:
    """Import what scenarios use, so that forks need not."""
    import alembic.command  # noqa: F401
    import duckdb  # noqa: F401
    import splink  # noqa: F401
    import zxcvbn  # noqa: F401

    import kingshurst_tui

    for module in pkgutil.walk_packages(kingshurst_tui.__path__, "kingshurst_tui."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
