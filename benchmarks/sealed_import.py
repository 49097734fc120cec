"""What does sealing the detail of health contacts cost an import, beside the same import that leaves it open?

The same extract under the same agreement, alternately, into fresh copies of one store: once as the program does it,
once with nothing sealed (which no program does; the agreement's word is taken back for the measure alone). Asked: at
most 1.3 times. Imports of other data sets seal nothing.

usage: python -m benchmarks.sealed_import [--rows N] [--runs N]
"""

from __future__ import annotations

import argparse
import csv
import time
from pathlib import Path

from benchmarks.measure import Times, ratio, timed
from benchmarks.stores import KEPT, Town, town
from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.agreements import gates
from kingshurst_tui.agreements.standing_today import WAITING
from kingshurst_tui.intake import imports, staging
from kingshurst_tui.vocabulary import ReasonCode

REFERENCE = "WMAS-MEASURED"
INTAKE = Reason(ReasonCode.INTAKE)


def agreement(base: Town) -> str:
    """Return the ambulance's agreement for everybody: no register is asked, so every row comes in."""
    (terms,) = (base.folder / "partners" / "agreements").glob("wmas*.toml")
    text = terms.read_text(encoding="utf-8").replace("WMAS-CALLS", REFERENCE)
    return text.replace("consented_only = true", "consented_only = false").replace("consent-register", "statute")


def extract(base: Town, rows: int) -> Path:
    """Return an extract of so many calls, each with an outcome and a place."""
    made = KEPT / f"calls-{rows}.csv"
    if made.exists():
        return made
    with (base.folder / "partners" / "wmas_calls.csv").open(encoding="utf-8-sig", newline="") as file:
        patterns = list(csv.DictReader(file))
    with made.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(patterns[0]))
        writer.writeheader()
        for number in range(rows):
            row = dict(patterns[number % len(patterns)])
            row["Incident Number"] = f"WM{number:08d}"
            row["Patient Surname"] = f"{row['Patient Surname']}{chr(65 + number // len(patterns) % 26)}"
            row["Disposition"] = "Conveyed to the emergency department"
            row["Pick Up Address"] = f"{number % 300 + 1} Chester Road, Kingshurst"
            row["Pick Up Postcode"] = "B37 6AA"
            writer.writerow(row)
    return made


def signed(base: Town) -> Town:
    """Return a copy of the store with the agreement live."""
    fresh = base.copied_to(KEPT / "sealed-base")
    officer = vaults.open_session(fresh.store, "governance", fresh.passphrase("governance"))
    standing = gates.add(officer, agreement(base), reason=INTAKE)
    officer.close()
    if standing.state == WAITING:
        supervisor = vaults.open_session(fresh.store, "supervisor", fresh.passphrase("supervisor"))
        gates.sign(supervisor, REFERENCE, reason=INTAKE)
        supervisor.close()
    return fresh


def imported(base: Town, file: Path, *, sealed: bool) -> tuple[float, float]:
    """Import into a fresh copy; return the seconds on the wall and at work."""
    fresh = base.copied_to(KEPT / "sealed-here")
    session = vaults.open_session(fresh.store, "coordinator", fresh.passphrase("coordinator"))
    sealing = vars(staging)["sealing_of_batch"]
    work = time.process_time()
    try:
        if not sealed:
            vars(staging)["sealing_of_batch"] = lambda session, batch: None
        taken = timed(lambda: imports.import_file(session, file, REFERENCE, reason=INTAKE))
        return taken, time.process_time() - work
    finally:
        vars(staging)["sealing_of_batch"] = sealing
        session.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    base = signed(town(200))
    file = extract(base, options.rows)
    taken: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for _ in range(options.runs):
        for sealed in (True, False):
            taken[sealed].append(imported(base, file, sealed=sealed))
    print(f"{options.rows:,} contacts of an ambulance service (CSV)")
    for clock, name in enumerate(("", " (processor time)")):
        sealed_times, open_times = (
            Times(said + name, tuple(each[clock] for each in taken[which]))
            for said, which in (("sealed", True), ("left open", False))
        )
        ratio(sealed_times, open_times, at_most=1.3)


if __name__ == "__main__":
    main()
