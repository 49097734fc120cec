"""How long does the Board's report take, made anew from live data?

On the demonstration's town and on a larger one, signed in once: each part of its figures, all of them, then the page
and the PDF as the gate lets them leave. Fresh processes also load scipy, which the first run of each shows.

With --data-sets so many are made of the town's own: further agreements on counts by small area, each with the rows of
one of its extracts, signed and imported as any other.

usage: python -m benchmarks.board_report [--people N ...] [--runs N] [--data-sets N]
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.measure import Times, spell
from benchmarks.stores import KEPT, Town, town
from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.agreements import gates
from kingshurst_tui.intake import imports
from kingshurst_tui.learning.overlap import overlap, overlaps
from kingshurst_tui.learning.repeat_demand import repeat_demand
from kingshurst_tui.learning.what_works import what_works
from kingshurst_tui.leaving.gate import Recipient
from kingshurst_tui.places import board_activity, board_places
from kingshurst_tui.places.board_report import FOUR, board_figures, release_board_report
from kingshurst_tui.places.published import shown
from kingshurst_tui.vocabulary import ReasonCode

BY_AREA = (("smbc_street_reports_by_lsoa.csv", "SMBC-STREET-LSOA"), ("wmp_crime_by_lsoa.csv", "WMP-CRIME-LSOA"))
"""The extracts by small area that further data sets are made of, and the agreements that they came in under."""


def with_data_sets(place: Town, wanted: int) -> None:
    """Bring in further data sets by small area until so many are published."""
    partners = place.folder / "partners"
    texts = {found[1]: text for text in _texts(partners) if (found := re.search(r'reference = "([^"]+)"', text))}
    with (
        closing(vaults.open_session(place.store, "governance", place.passphrase("governance"))) as governance,
        closing(vaults.open_session(place.store, "coordinator", place.passphrase("coordinator"))) as coordinator,
    ):
        reason = Reason(ReasonCode.INTAKE)
        have = len(shown(coordinator, ()))
        for number in range(have, wanted):
            file, like = BY_AREA[number % len(BY_AREA)]
            text = texts[like].replace(like, f"{like}-{number}", 1)
            gates.add(governance, re.sub(r'(?m)^title = "', f'title = "No. {number}: ', text), reason=reason)
            # The very same file is refused a second time: a line without a row tells it apart.
            copy = place.folder / f"{number}-{file}"
            copy.write_bytes((partners / file).read_bytes() + b"\r\n" * number)
            imports.import_file(coordinator, copy, f"{like}-{number}", reason=reason)
        print(f"{len(shown(coordinator, ()))} data sets are published, {wanted - have} of them made for this.")


def _texts(partners: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted((partners / "agreements").glob("*.toml"))]


def parts(people: int, runs: int, data_sets: int) -> None:
    """Time every part on one town."""
    place = town(people).copied_to(KEPT / "board-report-here")
    if data_sets:
        with_data_sets(place, data_sets)
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
            taken, worked = [], []
            for _ in range(runs):
                start, begun = time.perf_counter(), time.process_time()
                work()
                taken.append(time.perf_counter() - start)
                worked.append(time.process_time() - begun)
            said = f"first {spell(taken[0])}; {spell(min(worked))} of the processor"
            print(Times(f"{people:,} people: {name} ({said})", tuple(taken[1:] or taken)))
    session.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, nargs="+", default=[2_000, 20_000])
    parser.add_argument("--runs", type=int, default=4)
    parser.add_argument("--data-sets", type=int, default=0, help="so many at least; none but the town's own if 0")
    options = parser.parse_args()
    for people in options.people:
        parts(people, options.runs, options.data_sets)


if __name__ == "__main__":
    main()
