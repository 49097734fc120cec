"""How long does somebody wait who writes while an import runs, and what does the import lose by it?

Real processes on one store: `kingshurst import`, and beside it, in turn with none, three people who are signed in. A
coordinator writes (what an agency says of approaching somebody: audited, signed, committed), a practitioner opens masks
and a supervisor reads the trail, and each of those is an entry too. Asked: 99 of 100 writes within 20 ms, and the
import at 90 % of its speed alone or more. The import's speed is that of its rows: from the first row that it stages to
the moment it stands.

Two paces. At that of hands the three do seven acts a second between them, quicker than anybody reads what comes back;
what was asked is measured there. The storm is 26 acts a second from three programs that never look up, which work for
a fifth of one core alone; it is reported.

Of each act is told how long it waited for its turn at writing, and how long it worked in it.

usage: python -m benchmarks.fairness [--rows N] [--runs N] [--storms N] [--again]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.extracts import AGREEMENT, police_extract
from benchmarks.measure import Times, percentile, spell
from benchmarks.stores import KEPT, PROGRAM, ROOT, Town, run, town

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kingshurst_tui.session import Session

USERS = ("coordinator", "practitioner", "supervisor")

HANDS = (0.25, 0.5, 1.0)
"""Seconds between one act of each user and the next, half as much more or less: four, two and one a second."""

STORM = (0.05, 0.25, 0.5)

ASKED_WAIT, ASKED_SHARE = 0.020, 0.90

LISTED = 12
"""Acts over what was asked that are told one by one, the longest first."""


class Acted(NamedTuple):
    """One act, in seconds: all of it, and what of it was waiting for the turn at writing; and when it began."""

    whole: float
    waited: float
    began: float


@dataclass
class Waits:
    """What people did beside imports, by user; and how many cores other programs took meanwhile, an import."""

    acts: dict[str, list[Acted]] = field(default_factory=lambda: {user: [] for user in USERS})
    others: list[float] = field(default_factory=list)
    slow: list[tuple[float, str]] = field(default_factory=list)

    def take(self, answer: dict[str, Any]) -> None:
        """Add what one person waited."""
        self.acts[answer["user"]] += [Acted(*each) for each in answer["acts"]]

    def mark(self, user: str, acts: list[list[float]], began: float, first: float, last: float) -> None:
        """Keep when the acts came that took longer than asked: seconds of the import, and which part of it."""
        for act in (Acted(*each) for each in acts):
            if act.whole > ASKED_WAIT:
                part = "opens" if act.began < first else "brings rows in" if act.began < last else "counts people anew"
                self.slow.append((act.whole, f"{user} {spell(act.whole)}, {act.began - began:.1f} s on, as it {part}"))


def person(folder: Path, user: str, every: float) -> None:
    """Act as one person until standard input ends, and print how long each act took."""
    from kingshurst_tui import vaults
    from kingshurst_tui.casework import recounting

    waited = _watching_the_turn()
    place = Town(folder)
    session = vaults.open_session(place.store, user, place.passphrase(user))
    act = {"coordinator": writing, "practitioner": opening, "supervisor": overseeing}[user](session)
    recounting.load()  # as the program at the terminal does once home is drawn
    for _ in range(20):
        act()
    print("ready", flush=True)
    sys.stdin.readline()
    # By no clock that the import could keep step with.
    dice = random.Random(user)
    acts: list[Acted] = []
    done = _ended()
    while not done():
        waited.clear()
        start = time.perf_counter()
        act()
        taken = time.perf_counter() - start
        acts.append(Acted(taken, sum(waited), time.time() - taken))
        time.sleep(max(0.0, every * dice.uniform(0.5, 1.5) - taken))
    print(json.dumps({"user": user, "acts": acts}), flush=True)
    session.close()


def _watching_the_turn() -> list[float]:
    """Return where every wait for the turn in this process is noted from here on."""
    from db.turnstile import Turnstile

    waited: list[float] = []
    plain = Turnstile.hold

    @contextmanager
    def timed(self: Turnstile, **given: Any) -> Iterator[None]:
        start = time.perf_counter()
        with plain(self, **given):
            waited.append(time.perf_counter() - start)
            yield

    Turnstile.hold = timed  # type: ignore[method-assign]
    return waited


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


def once(base: Town, extract: Path, rows: int, waits: Waits | None, pace: tuple[float, ...] = HANDS) -> Once:
    """Import into a fresh copy, beside people who act or beside nobody."""
    fresh = base.copied_to(KEPT / "fairness-here")
    if waits is None:
        seconds = imported(fresh, extract)
        first, last = moments(fresh)
        return Once(rows / (last - first), seconds)
    command = [sys.executable, "-m", "benchmarks.fairness", "--person", str(fresh.folder)]
    people = [
        subprocess.Popen(
            [*command, user, str(every)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        for user, every in zip(USERS, pace, strict=True)
    ]
    for each in people:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    before, began = _cores(), time.time()
    _tell(people, "go")
    seconds = imported(fresh, extract)
    _tell(people, "stop")
    answers = [json.loads(each.communicate()[0]) for each in people]
    assert not any(each.returncode for each in people)
    after = _cores()
    # Asked once they have stopped: signing in takes both cores, at no less a priority than theirs.
    first, last = moments(fresh)
    for answer in answers:
        waits.take(answer)
        waits.mark(answer["user"], answer["acts"], began, first, last)
    if before and after:
        (busy, ours, at), (busy_then, ours_then, then) = after, before
        waits.others.append(max(0.0, ((busy - busy_then) - (ours - ours_then)) / (at - then)))
    return Once(rows / (last - first), seconds)


def _tell(people: list[subprocess.Popen[str]], word: str) -> None:
    for each in people:
        assert each.stdin is not None
        each.stdin.write(f"{word}\n")
        each.stdin.flush()


def _cores() -> tuple[float, float, float] | None:
    """Return the processor time of everything on this machine, of this program and what it ran, and the time."""
    try:
        ticks = [int(word) for word in Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]]
    except OSError:
        return None
    ours = os.times()
    idle = ticks[3] + ticks[4]
    return (sum(ticks) - idle) / os.sysconf("SC_CLK_TCK"), sum(ours[:4]), time.perf_counter()


def imported(place: Town, extract: Path) -> float:
    """Import, and return the seconds of the whole command."""
    command = [PROGRAM, "import", str(place.store), str(extract), "--agreement", AGREEMENT, "--json"]
    start = time.perf_counter()
    answer = json.loads(run([*command, *place.signed_in("coordinator")]).output)
    seconds = time.perf_counter() - start
    assert answer["ok"], answer
    return seconds


def moments(place: Town) -> tuple[float, float]:
    """Ask the store when the latest batch's rows began to come in and when they stood, by the clock."""
    from kingshurst_tui import vaults

    session = vaults.open_session(place.store, "coordinator", place.passphrase("coordinator"))
    received, accepted = session.look(_moments)
    session.close()
    return received, accepted


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


def tell(
    pace: tuple[float, ...], name: str, alone: list[Once], beside: list[Once], waits: Waits, *, asked: bool
) -> None:
    """Print what one pace gave."""
    print(f"{name}, {sum(1 / every for every in pace):.0f} acts a second")
    for who, runs in (("alone", alone), ("beside three people", beside)):
        rates = [each.rate for each in runs]
        said = f"{statistics.median(rates):,.0f} rows a second (from {min(rates):,.0f} to {max(rates):,.0f})"
        print(f"  import {who}: {said}; {Times('whole command', tuple(each.seconds for each in runs))}")
    shares = [there.rate / here.rate for here, there in zip(alone, beside, strict=True)]
    share = statistics.median(shares)
    verdict = f"; asked at least {ASKED_SHARE:.0%}: {'within' if share >= ASKED_SHARE else 'UNDER'}" if asked else ""
    print(f"  beside / alone, pair by pair: median {share:.0%} (from {min(shares):.0%} to {max(shares):.0%}){verdict}")
    everybody = [act for acts in waits.acts.values() for act in acts]
    for user, acts in (*waits.acts.items(), ("all three", everybody)):
        whole = [act.whole for act in acts]
        verdict = ""
        if asked:
            verdict = f"; asked at most {spell(ASKED_WAIT)}: {'within' if _most(whole) <= ASKED_WAIT else 'OVER'}"
        print(
            f"  {user}, {len(acts):,} acts beside the import: half within {spell(percentile(whole, 0.5))}, 99 of 100 "
            f"within {spell(_most(whole))}, the longest {spell(max(whole))}{verdict}\n"
            f"    99 of 100 waited for the turn {spell(_most([act.waited for act in acts]))} or less, and worked "
            f"{spell(_most([act.whole - act.waited for act in acts]))} or less"
        )
    for _, words in sorted(waits.slow, reverse=True)[:LISTED] if asked else ():
        print(f"    over {spell(ASKED_WAIT)}: {words}")
    if waits.others:
        print(f"  other programs took {statistics.median(waits.others):.2f} of {os.cpu_count()} cores meanwhile")


def _most(seconds: list[float]) -> float:
    return percentile(seconds, 0.99)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=400_000)
    parser.add_argument("--runs", type=int, default=7, help="pairs of imports at the pace of hands")
    parser.add_argument("--storms", type=int, default=2, help="the same in the storm")
    parser.add_argument("--again", action="store_true", help="the same rows again, of people who are linked by now")
    parser.add_argument("--person", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.person:
        folder, user, every = options.person
        person(Path(folder), user, float(every))
        return
    extract = police_extract(KEPT / f"extract-{options.rows}.csv", options.rows)
    base = prepared(options.rows, extract, again=options.again)
    if options.again:
        extract = corrected(extract)
    for name, pace, runs in (("at the pace of hands", HANDS, options.runs), ("in a storm", STORM, options.storms)):
        alone: list[Once] = []
        beside: list[Once] = []
        waits = Waits()
        for _ in range(runs):
            alone.append(once(base, extract, options.rows, None))
            beside.append(once(base, extract, options.rows, waits, pace))
        if runs:
            tell(pace, name, alone, beside, waits, asked=pace is HANDS)


if __name__ == "__main__":
    main()
