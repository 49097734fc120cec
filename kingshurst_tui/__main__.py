"""``python -m kingshurst_tui``: the same program, safe to start from any folder."""

from __future__ import annotations

import os
import sys


def _leave_the_current_folder() -> None:
    """Take the current folder off the import path, unless the program itself lies in it.

    ``db`` and ``screens`` are common names, and ``python -m`` looks into the current folder first: a
    ``db.py`` beside the files somebody works on would be run in place of the store.
    """
    home = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    here = os.path.realpath(os.getcwd())
    if here != home:
        sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry or here) != here]


if __name__ == "__main__":
    _leave_the_current_folder()
    from kingshurst_tui.cli import main

    raise SystemExit(main())
