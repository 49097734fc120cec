"""How long does somebody wait who writes while an import runs, and what does the import lose by it?

Real processes on one store: `kingshurst import`, and beside it, in turn with none, three people who are signed in. A
coordinator writes (what an agency says of approaching somebody: audited, signed, committed), so often that no hand
keeps up; a practitioner opens masks and a supervisor reads the trail, and each of those is an entry too. Asked: 99 of
100 writes within 20 ms, and the import at 90 % of its speed alone or more. The import's speed is that of its rows: from
the first row that it stages to the moment it stands.

usage: python -m benchmarks.fairness [--rows N] [--runs N] [--again]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.extracts import AGREEMENT, police_extract
from benchmarks.measure import Times, percentile, spell
from benchmarks.stores import KEPT, PROGRAM, ROOT, Town, run, town

if TYPE_CHECKING:
    from collections.abc import Callable

    from kingshurst_tui.session import Session

EVERY = {"coordinator": 0.05, "practitioner": 0.25, "supervisor": 0.5}
"""Who is signed in beside the import, and the seconds between one act and the next."""

ASKED_WAIT, ASKED_SHARE = 0.020, 0.90


@dataclass
class Waits:
    """What people waited, in seconds, by user; and what of it they worked themselves."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {user: [] for user in EVERY})

    def take(self, answer: dict[str, Any]) -> None:
        """Add what one person waited."""
        self.seconds[answer["user"]] += answer["waited"]


def person(folder: Path, user: str) -> None:
    """Act as one person until standard input ends, and print how long each act took."""
    from kingshurst_tui import vaults

    place = Town(folder)
    session = vaults.open_session(place.store, user, place.passphrase(user))
    act = {"coordinator": writing, "practitioner": opening, "supervisor": overseeing}[user](session)
    for _ in range(20):
        act()
    print("ready", flush=True)
    sys.stdin.readline()
    waited: list[float] = []
    done = _ended()
    while not done():
        start = time.perf_counter()
        act()
        taken = time.perf_counter() - start
        waited.append(taken)
        time.sleep(max(0.0, EVERY[user] - taken))
    print(json.dumps({"user": user, "waited": waited}), flush=True)
    session.close()


def _ended() -> Callable[[], bool]:
    import select

    return lambda: bool(select.select([sys.stdin], [], [], 0)[0])


def _somebody(session: Session) -> list[str]:
    from kingshurst_tui.acts import Reason
    from kingshurst_tui.casework import people
    from kingshurst_tui.vocabulary import ReasonCode

    listed = people.open_list(session, Reason(ReasonCode.PANEL))
    return [line.pseudonym for line in people.page(session, listed, 0, 40)]


def writing(session: Session) -> Callable[[], object]:
    """Return what says how to reach somebody safely, in the place of what was said before."""
    from kingshurst_tui.acts import Reason
    from kingshurst_tui.casework import approach
    from kingshurst_tui.vocabulary import ReasonCode

    reason = Reason(ReasonCode.PANEL)
    who = _somebody(session)[0]
    said: list[int | None] = [None]

    def once() -> None:
        words = f"Through the library in the afternoon, {time.monotonic_ns()}"
        shown = approach.say(session, who, safe_contact=words, replaces=said[0], reason=reason)
        (said[0],) = (each.number for each in shown if each.is_own and each.kind == approach.SAFE)

    return once


def opening(session: Session) -> Callable[[], object]:
    """Return what opens the mask of one person after the other."""
    from kingshurst_tui.acts import Reason
    from kingshurst_tui.casework import profiles
    from kingshurst_tui.vocabulary import ReasonCode

    reason, who, turn = Reason(ReasonCode.OTHER, "Asked by the duty desk"), _somebody(session), [0]

    def once() -> None:
        turn[0] += 1
        profiles.open_profile(session, who[turn[0] % len(who)], reason)

    return once


def overseeing(session: Session) -> Callable[[], object]:
    """Return what reads the newest page of the trail."""
    from kingshurst_tui.oversight.trail import TrailFilter, open_trail

    return lambda: open_trail(session, TrailFilter())


@dataclass(frozen=True, slots=True)
class Once:
    """One import: rows a second while they came in, and the seconds of the whole command."""

    rate: float
    seconds: float


def once(base: Town, extract: Path, rows: int, waits: Waits | None) -> Once:
    """Import into a fresh copy, beside people who act or beside nobody."""
    fresh = base.copied_to(KEPT / "fairness-here")
    if waits is None:
        return imported(fresh, extract, rows)
    command = [sys.executable, "-m", "benchmarks.fairness", "--person", str(fresh.folder)]
    people = [
        subprocess.Popen([*command, user], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for user in EVERY
    ]
    for each in people:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in people:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    done = imported(fresh, extract, rows)
    for each in people:
        waits.take(json.loads(each.communicate("stop\n")[0]))
        assert each.returncode == 0
    return done


def imported(place: Town, extract: Path, rows: int) -> Once:
    """Import, and ask the store when its rows began to come in and when they stood."""
    from kingshurst_tui import vaults

    command = [PROGRAM, "import", str(place.store), str(extract), "--agreement", AGREEMENT, "--json"]
    start = time.perf_counter()
    answer = json.loads(run([*command, *place.signed_in("coordinator")]).output)
    seconds = time.perf_counter() - start
    assert answer["ok"], answer
    session = vaults.open_session(place.store, "coordinator", place.passphrase("coordinator"))
    received, accepted = session.look(_moments)
    session.close()
    return Once(rows / (accepted - received), seconds)


def _moments(connection: Any) -> tuple[float, float]:
    from datetime import datetime

    row = connection.exec_driver_sql("SELECT received_at, accepted_at FROM import_batch ORDER BY id DESC LIMIT 1").one()
    received, accepted = (datetime.fromisoformat(moment).timestamp() for moment in row)
    return received, accepted


def prepared(rows: int, extract: Path, *, again: bool) -> Town:
    """Return a town; where the same rows are to come again, one that has them, linked."""
    base = town(2_000)
    if not again:
        return base
    folder = KEPT / f"{base.folder.name}-has-{rows}"
    if not (folder / "linked").exists():
        place = base.copied_to(folder)
        signed_in = place.signed_in("coordinator")
        run([PROGRAM, "import", str(place.store), str(extract), "--agreement", AGREEMENT, *signed_in])
        run([PROGRAM, "link", str(place.store), *signed_in])
        (folder / "linked").touch()
    return Town(folder)


def corrected(extract: Path) -> Path:
    """Return the same extract as its partner sends it a month later: the outcome of every tenth contact is another."""
    path = extract.with_name(f"{extract.stem}-corrected.csv")
    if not path.exists():
        lines = extract.read_text(encoding="utf-8").splitlines(keepends=True)
        said = [line.replace("No further action", "Charged") if at % 10 == 5 else line for at, line in enumerate(lines)]
        path.write_text("".join(said), encoding="utf-8")
    return path


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--again", action="store_true", help="the same rows again, of people who are linked by now")
    parser.add_argument("--person", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.person:
        person(Path(options.person[0]), options.person[1])
        return
    extract = police_extract(KEPT / f"extract-{options.rows}.csv", options.rows)
    base = prepared(options.rows, extract, again=options.again)
    if options.again:
        extract = corrected(extract)
    alone: list[Once] = []
    beside: list[Once] = []
    waits = Waits()
    for _ in range(options.runs):
        alone.append(once(base, extract, options.rows, None))
        beside.append(once(base, extract, options.rows, waits))
    shares = [there.rate / here.rate for here, there in zip(alone, beside, strict=True)]
    for name, runs in (("alone", alone), ("beside three people", beside)):
        rates = [each.rate for each in runs]
        said = f"{statistics.median(rates):,.0f} rows a second (from {min(rates):,.0f} to {max(rates):,.0f})"
        print(f"import {name}: {said}; {Times('whole command', tuple(each.seconds for each in runs))}")
    share = statistics.median(shares)
    verdict = "within" if share >= ASKED_SHARE else "UNDER"
    print(
        f"import beside people / alone, pair by pair: median {share:.0%} (from {min(shares):.0%} to {max(shares):.0%});"
        f" asked at least {ASKED_SHARE:.0%}: {verdict}"
    )
    for user, seconds in waits.seconds.items():
        p50, p99 = percentile(seconds, 0.5), percentile(seconds, 0.99)
        asked = f"; asked at most {spell(ASKED_WAIT)}: {'within' if p99 <= ASKED_WAIT else 'OVER'}"
        print(
            f"{user}, {len(seconds):,} acts beside the import: half within {spell(p50)}, 99 of 100 within {spell(p99)},"
            f" the longest {spell(max(seconds))}{asked if user == 'coordinator' else ''}"
        )


if __name__ == "__main__":
    main()
