"""``kingshurst places report``: the Board's report, let out a copy a named recipient."""

from __future__ import annotations

from kingshurst_tui.commands.common import Subparsers
from kingshurst_tui.commands.report_copies import Release, add_report


def add_verbs(verbs: Subparsers) -> None:
    """Add the verb."""
    add_report(verbs, help="let the Board's report leave, made anew, a copy a named recipient", release=_release)


def _release() -> Release:
    from kingshurst_tui.places.board_report import release_board_report

    return release_board_report
