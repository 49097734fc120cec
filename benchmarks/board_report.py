"""How long does the Board's report take, made anew from live data?

On the demonstration's town and on a larger one, signed in once: each part of its figures, all of them, then the page
and the PDF as the gate lets them leave. Fresh processes also load scipy, which the first run of each shows.

usage: python -m benchmarks.board_report [--people N ...] [--runs N]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.measure import Times, spell
from benchmarks.stores import KEPT, town
from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.learning.overlap import overlap, overlaps
from kingshurst_tui.learning.repeat_demand import repeat_demand
from kingshurst_tui.learning.what_works import what_works
from kingshurst_tui.leaving.gate import Recipient
from kingshurst_tui.places import board_activity, board_places
from kingshurst_tui.places.board_report import FOUR, board_figures, release_board_report
from kingshurst_tui.vocabulary import ReasonCode


def parts(people: int, runs: int) -> None:
    """Time every part on one town."""
    place = town(people).copied_to(KEPT / "board-report-here")
    session = vaults.open_session(place.store, "governance", place.passphrase("governance"))
    with tempfile.TemporaryDirectory() as out:

        def leave(form: str) -> Any:
            return release_board_report(
                session,
                form=form,
                into=Path(out),
                recipients=[Recipient("Ada Board (invented)", "SMBC")],
                why="To see how long it takes.",
                reason=Reason(ReasonCode.OVERSIGHT),
            )

        works: dict[str, Callable[[], Any]] = {
            "overlap, all areas together": partial(overlap, session),
            "overlap, all and each of four": partial(overlaps, session, ("", *FOUR)),
            "repeat demand": partial(repeat_demand, session),
            "what followed decisions": partial(what_works, session),
            "panels, decisions, data quality": lambda: (
                board_activity.activity(session),
                board_activity.data_sets(session),
            ),
            "places": partial(board_places.of_places, session),
            "all figures": partial(board_figures, session),
            "as a page, figures and leaving": partial(leave, "html"),
            "as a PDF, figures and leaving": partial(leave, "pdf"),
        }
        for name, work in works.items():
            taken = []
            for _ in range(runs):
                start = time.perf_counter()
                work()
                taken.append(time.perf_counter() - start)
            print(Times(f"{people:,} people: {name} (first {spell(taken[0])})", tuple(taken[1:] or taken)))
    session.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, nargs="+", default=[2_000, 20_000])
    parser.add_argument("--runs", type=int, default=4)
    options = parser.parse_args()
    for people in options.people:
        parts(people, options.runs)


if __name__ == "__main__":
    main()
