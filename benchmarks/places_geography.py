"""How soon do the published files of a borough come in, and how soon is its geography there to be asked?

Every file of the folder is taken into a new store, then the geography is read: the first time of a session, and after.
Last a postcode directory of many more rows than the borough's is narrowed to it.

usage: python -m benchmarks.places_geography [--runs N] [--shared DIR] [--rows N]
"""

from __future__ import annotations

import argparse
import shutil
import time
from functools import partial
from pathlib import Path

from benchmarks.measure import in_turn, spell, timed
from benchmarks.stores import KEPT
from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.places import look_ups
from kingshurst_tui.places.geography import Geography, Vintaged, geography
from kingshurst_tui.places.vocabulary import Level
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import ReasonCode, Role
from tests.conftest import NOON
from tests.intake.conftest import AGENCY_OF, PASSPHRASE
from tests.people import by_role, populate

REASON = Reason(ReasonCode.INTAKE)
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "geography"


def store() -> Session:
    """Return the coordinator's session in a new store."""
    folder = KEPT / "places-geography"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    clock = FixedClock(NOON)
    vaults.create(folder / "store", "administrator", "SMBC", PASSPHRASE.format("administrator"), clock=clock)
    populate(folder / "store", {role.value: PASSPHRASE.format(role) for role in Role}, clock, by_role(AGENCY_OF))
    return vaults.open_session(folder / "store", "coordinator", PASSPHRASE.format("coordinator"), clock=clock)


def everything(found: Geography) -> int:
    """Ask of every ward and LSOA what a screen asks, and return how much there was."""
    asked = 0
    for code in (*found.wards, *found.codes(Level.LSOA)):
        asked += len(found.like(code)) + len(found.name(code)) + len(found.straddles(code))
        asked += found.residents(code) is not None
        asked += found.parent(code, Level.WARD) is not None
    for ward in found.wards:
        asked += found.comparable(Vintaged(ward, "2024"), Vintaged(ward, "2017")).yes
    return asked


def directory(path: Path, rows: int) -> Path:
    """Write a postcode directory of places elsewhere, with one postcode of the borough at its end; return where."""
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    with path.open("w", newline="") as file:
        file.write("pcds,doterm,oa21cd,lsoa11cd,lsoa21cd,wd25cd,lad25cd,east1m,north1m,gridind\r\n")
        for number in range(rows):
            rest, unit = divmod(number, 400)
            district, sector = divmod(rest, 10)
            code = f"{'ABCDEFGHKLMNOPRSTUWY'[district // 99 % 20]}{letters[district // 1980 % 20]}{district % 99 + 1}"
            code += f" {sector}{letters[unit // 20]}{letters[unit % 20]}"
            file.write(f"{code},,E00000001,E01000001,E01000001,E05000001,E09000001,530000,180000,1\r\n")
        file.write("B36 0AA,,E00050904,E01010139,E01010139,E05001287,E08000029,417000,288000,1\r\n")
    return path


def main() -> None:
    """Measure and say so."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10, help="readings of the geography")
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder of the published files")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the large directory; 0 leaves it out")
    args = parser.parse_args()
    session = store()
    first = ("lookup_lsoa11_ward17", "ward_names", "lookup_lsoa21_ward22", "lookup_lsoa21_ward24")
    began = time.perf_counter()
    for path in sorted(args.shared.glob("*.csv"), key=lambda each: (not each.name.startswith(first), each.name)):
        try:
            print(f"{path.name}: {spell(timed(partial(look_ups.import_file, session, path, reason=REASON)))}")
        except InputRejected as refused:
            print(f"{path.name}: refused. {refused.title}")
    print(f"all files: {spell(time.perf_counter() - began)}")

    def anew() -> None:
        session.held.clear()
        geography(session)

    began = time.process_time()
    for _ in range(args.runs):
        anew()
    print(f"work of reading the geography: {spell((time.process_time() - began) / args.runs)} of the processor")
    for each in in_turn(args.runs, read_anew=anew, read_again=lambda: geography(session)).values():
        print(each)
    found = geography(session)
    print(f"map of tiles, with loading scipy: {spell(timed(found.tiles))}")
    everything(found)
    began = time.process_time()
    for _ in range(args.runs):
        everything(found)
    print(
        f"all that is asked of every ward and LSOA: {spell((time.process_time() - began) / args.runs)} of the processor"
    )
    if args.rows:
        large = directory(KEPT / "places-geography" / "ONSPD_2025.csv", args.rows)
        taken = timed(lambda: look_ups.import_file(session, large, reason=REASON))
        print(f"a directory of {args.rows:,} postcodes narrowed to the borough: {spell(taken)}")
    session.close()


if __name__ == "__main__":
    main()
