"""How long a copy takes and how long bringing it back does, beside checking the same store and copying its bytes.

usage: python -m benchmarks.restore [--contacts N] [--entries N] [--town DIR] [--runs N]

Asked: a store of 200 MB is brought back, checked and entered in its trail, in at most 10 seconds; what is measured is a
store of about that size, made in a minute and kept, so the time is scaled to 200 MB by bytes. Both the copy and its
return include every check. A store of more entries and fewer contacts takes longer: a copy that comes back verifies the
signature of every entry (`--contacts 200000 --entries 200000` is half of each by bytes).
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from benchmarks.full_verify import prepared
from benchmarks.measure import Times, bound, ratio, timed
from benchmarks.stores import KEPT, PROGRAM, Ran, Town, run

ASKED_SECONDS, ASKED_BYTES = 10.0, 200_000_000


def main() -> None:
    """Measure in turn, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=450_000)
    parser.add_argument("--entries", type=int, default=20_000)
    parser.add_argument("--town", type=Path, help="a demonstration's folder that is there already, instead")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    base = Town(options.town) if options.town else prepared(options.contacts, options.entries)
    place = base.copied_to(KEPT / "restore-here")
    administrator, officer = place.signed_in("administrator"), place.signed_in("governance")
    made: list[Ran] = []
    brought: list[Ran] = []
    checked: list[Ran] = []
    plain: list[float] = []
    with tempfile.TemporaryDirectory(dir=KEPT) as scratch:
        for number in range(options.runs):
            copy, again = Path(scratch) / f"copy-{number}", Path(scratch) / f"again-{number}"
            made.append(run([PROGRAM, "backup", str(place.store), str(copy), *administrator]))
            brought.append(run([PROGRAM, "restore", str(copy), str(again), *officer]))
            checked.append(run([PROGRAM, "check", str(again), *officer]))
            plain.append(timed(lambda copy=copy, again=again: shutil.copy2(copy, again / "plain")))  # type: ignore[misc]
            size = sum(path.stat().st_size for path in Path(scratch).glob(f"{copy.name}*"))
            shutil.rmtree(again)
            for path in Path(scratch).glob(f"{copy.name}*"):
                path.unlink()
    scale = ASKED_BYTES / size
    memory = max(ran.peak_mib for ran in brought)
    print(f"a copy of {size / 1e6:,.0f} MB in both files; {memory:,.0f} MiB of memory to restore it")
    restored = Times("restore command", tuple(ran.seconds for ran in brought))
    print(Times("backup command, with its trial", tuple(ran.seconds for ran in made)))
    ratio(restored, Times("check command", tuple(ran.seconds for ran in checked)))
    print(Times("copying the bytes alone", tuple(plain)))
    bound(Times("restore, scaled to 200 MB", tuple(each * scale for each in restored.seconds)), ASKED_SECONDS)
    work = tuple(ran.work_seconds * scale for ran in brought)
    bound(Times("of that, at work on a processor", work), ASKED_SECONDS)
    shutil.rmtree(KEPT / "restore-here")


if __name__ == "__main__":
    main()
