"""How long does somebody else wait for their turn at writing while a supervisor finds hits in a long trail?

The entries are those of ``trail.py``: straight SQL, as long as real ones, signed by nobody. Somebody else acts in a
process of their own, one act after another, for as long as the hits are looked for.

usage: python -m benchmarks.hits [--entries N] [--runs N]
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from multiprocessing.synchronize import Event
from pathlib import Path

from benchmarks import trail
from benchmarks.measure import Times, percentile, spell, timed
from benchmarks.stores import KEPT

ASKED_WAIT = 0.02
"""Fair writes: p99 at most 20 ms."""


def _acts(folder: Path, began: Event, ended: Event, waited: multiprocessing.Queue[list[float]]) -> None:
    from kingshurst_tui import vaults
    from kingshurst_tui.acts import Reason
    from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

    session = vaults.open_session(folder, "coordinator", trail.PASSPHRASE)

    def act() -> None:
        subjects = ["KH-0014-0000"]
        with session.act(Operation.CONSULT, Thing.PROFILE, reason=Reason(ReasonCode.PANEL), subjects=subjects):
            pass

    for _ in range(50):
        act()
    began.set()
    taken = []
    while not ended.is_set():
        taken.append(timed(act))
        time.sleep(0.002)
    waited.put(taken)
    session.doubt = ValueError  # type: ignore[assignment]  # no checkpoint of a made-up trail
    session.close()


def main() -> None:
    from kingshurst_tui import vaults
    from kingshurst_tui.oversight.hits import find_hits

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=40_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    trail.FOLDER = KEPT / "hits"
    trail._store(options.entries)
    session = vaults.open_session(trail.FOLDER / "store", "supervisor", trail.PASSPHRASE)
    looked, own = 0, multiprocessing.get_context("spawn")

    def find() -> None:
        nonlocal looked
        looked = find_hits(session, trail.BEGINS.date()).looked

    for beside in ("nobody looks for hits", "hits are looked for"):
        began, ended, waited = own.Event(), own.Event(), own.Queue()
        other = own.Process(target=_acts, args=(trail.FOLDER / "store", began, ended, waited))
        other.start()
        began.wait()
        if beside == "hits are looked for":
            found = Times("finding hits", tuple(timed(find) for _ in range(options.runs)))
            print(f"{found.name} in {looked:,} entries: {found}")
        else:
            time.sleep(2)
        ended.set()
        taken = waited.get()
        other.join()
        verdict = "within" if percentile(taken, 0.99) <= ASKED_WAIT else "OVER"
        print(
            f"another's act while {beside}: longest of {len(taken):,} {spell(max(taken))}, "
            f"99 of 100 within {spell(percentile(taken, 0.99))}; asked at most {spell(ASKED_WAIT)}: {verdict}"
        )
    session.doubt = ValueError  # type: ignore[assignment]
    session.close()


if __name__ == "__main__":
    main()
