"""What does it cost that counts for places are protected, and how soon are those of one place there?

First a data set of five years by 134 LSOAs and 15 categories, to which one month came in since it was last published:
published with suppression and differencing, and the same tables read, added up and kept without any. Then what a screen
of one ward asks for: the ward and its LSOAs in 40 data sets of 24 months.

usage: python -m benchmarks.places_suppression [--runs N] [--shared DIR] [--sets N]
"""

from __future__ import annotations

import argparse
import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sqlalchemy import Connection

from benchmarks.measure import in_turn, ratio, spell
from benchmarks.stores import KEPT
from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.agreements import gates
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.intake import imports
from kingshurst_tui.places import look_ups, protecting, published, publishing
from kingshurst_tui.places.geography import geography
from kingshurst_tui.places.vocabulary import Level
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing
from tests.conftest import NOON
from tests.intake.conftest import AGENCY_OF, PASSPHRASE, agreement
from tests.people import by_role, populate

REASON = Reason(ReasonCode.INTAKE)
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "geography"
FILES = ("lookup_lsoa21_ward24_lad24_solihull.csv", "postcodes_solihull_b36_b37.csv")
SOLIHULL = "E08000029"
YEARS = [f"{year}-{month:02d}" for year in range(2021, 2027) for month in range(1, 13)]
FIVE = YEARS[3 : 3 + 60]
"""April 2021 to March 2026."""


def extract(path: Path, codes: list[str], months: list[str], categories: int, seed: int) -> Path:
    """Write invented counts of which most are few, and return where."""
    dice = np.random.default_rng(seed)
    rate = dice.gamma(1, 1, (len(codes), 1, 1)) * dice.gamma(0.7, 1.4, (1, 1, categories)) * 1.2
    counts = dice.poisson(np.broadcast_to(rate, (len(codes), len(months), categories)))
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["LSOA", "Month", "Kind", "Count"])
        for code, month, category in np.argwhere(counts > 0):
            kind = f"kind {category:02d}"
            rows.writerow([codes[code], months[month], kind, counts[code, month, category]])
    return path


def store(shared: Path, sets: int) -> Path:
    """Return a store with the look-ups, the large data set but for its last month, and the small ones; made once."""
    folder = KEPT / f"places-{sets}"
    if (folder / "made").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    clock = FixedClock(NOON)
    vaults.create(folder / "store", "administrator", "SMBC", PASSPHRASE.format("administrator"), clock=clock)
    populate(folder / "store", {role.value: PASSPHRASE.format(role) for role in Role}, clock, by_role(AGENCY_OF))
    governance, session = signed_in(folder / "store", "governance"), signed_in(folder / "store", "coordinator")
    for name in FILES:
        look_ups.import_file(session, shared / name, borough=(SOLIHULL,), reason=REASON)
    codes = geography(session).codes(Level.LSOA)
    for number in range(sets + 1):
        reference = f"SET-{number:02d}"
        gates.add(governance, _agreement(reference), reason=REASON)
        months, categories = (FIVE[:-1], 15) if number == 0 else (FIVE[-24:], 6)
        imports.import_file(
            session, extract(folder / "extract.csv", codes, months, categories, number), reference, reason=REASON
        )
    publishing.refresh(session)
    extract(folder / "last.csv", codes, FIVE[-1:], 15, 99)
    imports.import_file(session, folder / "last.csv", "SET-00", reason=REASON)
    for each in (governance, session):
        each.close()
    (folder / "made").touch()
    return folder


def _agreement(reference: str) -> str:
    return agreement(reference=reference, form={"shape": "areas"}, coverage_from="@2020-01-01")


def signed_in(folder: Path, role: str) -> Session:
    return vaults.open_session(folder, role, PASSPHRASE.format(role), clock=FixedClock(NOON))


def undo(connection: Connection) -> None:
    connection.exec_driver_sql(
        "DELETE FROM published_place WHERE publication_id IN (SELECT id FROM publication WHERE number > 1)"
    )
    connection.exec_driver_sql("DELETE FROM publication WHERE number > 1")


def publishing_with(session: Session, protect: Callable[..., object]) -> Callable[[], None]:
    """Return the publishing of the month that came in, with one way to protect; what it kept is taken back."""

    def work() -> None:
        publishing.protected = protect  # type: ignore[assignment, attr-defined]
        try:
            assert publishing.refresh(session) == 1
        finally:
            publishing.protected = protecting.protected  # type: ignore[attr-defined]
        session.stage(Operation.COMBINE, Thing.AREA_MEASURE, undo)

    return work


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--sets", type=int, default=40)
    parser.add_argument("--shared", type=Path, default=SHARED)
    args = parser.parse_args()
    kept = store(args.shared, args.sets)
    folder = KEPT / "places-now"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(kept / "store", folder)
    session = signed_in(folder, "practitioner")
    measured = in_turn(
        args.runs,
        published_protected=publishing_with(session, protecting.protected),
        the_same_tables_unprotected=publishing_with(session, lambda counts, *_, **__: counts),
    )
    print("five years by 134 LSOAs and 15 categories, one month of them new")
    ratio(measured["published_protected"], measured["the_same_tables_unprotected"])
    publishing.refresh(session)
    lands = geography(session)
    ward = lands.codes(Level.WARD)[7]
    codes = [ward, *lands.children(ward, Level.LSOA), SOLIHULL]
    found = published.shown(session, codes)
    cells = sum(len(rows) * len(rows[0]) for one in found for rows in one.places.values())
    reading = in_turn(20, shown=lambda: published.shown(session, codes))["shown"]
    print(f"{len(codes)} places of {len(found)} data sets, {cells:,} cells: {reading}")
    print(f"at most 50 ms: {'yes' if reading.median <= 0.05 else 'no'}, {spell(reading.median)}")
    session.close()


if __name__ == "__main__":
    main()
