"""How the terminal program is started; the one thing the command line imports from this package."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from kingshurst_tui.crashes import stay_silent
from kingshurst_tui.errors import ExitCode
from kingshurst_tui.hardening import swaps_in_the_clear
from kingshurst_tui.terminal_keeper import PIXELS_OFF
from screens.hardening import harden

if TYPE_CHECKING:
    from kingshurst_tui.keyholding.needs import Needs
    from kingshurst_tui.session import Session

SWAPS = "This machine may write memory to an unencrypted page file (swap)."


def run_terminal(
    open_session: Callable[[str, str], Session],
    *,
    user_name: str = "",
    store_name: str = "",
    demo: bool = False,
    sign_in: Callable[[], Session] | None = None,
    needs: Callable[[str], Needs] | None = None,
    idle_seconds: float = 300.0,
    theme: str = "",
) -> int:
    """Run the terminal program until its user leaves, and return the exit code.

    Args:
        open_session: opens the store for a user name and a passphrase. Keep imports of the store inside it: it
            runs after the first paint, on the thread that then owns the connection.
        user_name: offered on the unlock screen.
        store_name: shown there.
        demo: whether the people are invented; every screen then says so.
        sign_in: opens a session without asking; for the demonstration only.
        needs: says what signing in will ask of a user.
        idle_seconds: rest before the program locks itself; 0 never.
        theme: kingshurst-dark, kingshurst-light or kingshurst-contrast; else what ``KINGSHURST_THEME`` says.
    """
    harden(demo=demo)
    stay_silent()
    from screens.app import KingshurstApp

    app = KingshurstApp(
        open_session,
        user_name=user_name,
        store_name=store_name,
        demo=demo,
        sign_in=sign_in,
        needs=needs,
        idle_seconds=idle_seconds,
        theme=theme or os.environ.get("KINGSHURST_THEME", ""),
        cautions=(SWAPS,) if swaps_in_the_clear() else (),
    )
    app.run()
    _without_pixels()
    app.failing.seal_and_close()
    return ExitCode.DONE if app.return_code is None else app.return_code


def _without_pixels() -> None:
    """Let the mouse's places come in cells again: Textual's driver asks for pixels and never takes that back."""
    if sys.__stderr__ is not None and sys.__stderr__.isatty():
        sys.__stderr__.write(PIXELS_OFF)
        sys.__stderr__.flush()
