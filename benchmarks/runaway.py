"""What does counting a statement's steps cost, how far from the limit is what sessions do, when is one stopped?

A scan and point reads on a connection that counts steps beside the same on one that does not, in turn; then the
dearest statement of each thing that a session asks of the whole store; then a statement that counts for ever.
Asked: at most 1.02 times for the scan.

usage: python -m benchmarks.runaway [--runs N] [--people N]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Times, ratio, spell
from benchmarks.stores import Town, town

if TYPE_CHECKING:
    from kingshurst_tui.session import Session

SCAN = "SELECT sum(length(surname)), sum(length(address)) FROM open_record"
POINT = "SELECT pseudonym FROM masked_profile WHERE profile_id = ?"
POINTS = 2_000
FOR_EVER = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"
FINELY = 100_000


def signed_in(place: Town, user: str) -> Session:
    from kingshurst_tui.vaults import open_session

    return open_session(place.store, user, place.passphrase(user))


def scans_and_points(session: Session) -> tuple[Callable[[], object], Callable[[], object]]:
    from db.store import Acting

    sight = Acting(session.user.name, session.user.agency, session.purpose, "2026-05-04", "combine")

    def scan() -> None:
        with session.store.reading(sight) as connection:
            connection.exec_driver_sql(SCAN).fetchall()

    def points() -> None:
        with session.store.reading(sight) as connection:
            for number in range(POINTS):
                connection.exec_driver_sql(POINT, (number,)).fetchall()

    return scan, points


def at_work(work: Callable[[], object]) -> float:
    """Return the seconds of work that it took: what it costs is less than a busy machine adds."""
    start = time.process_time()
    work()
    return time.process_time() - start


def cost(place: Town, runs: int) -> None:
    from db import runaway

    counted = signed_in(place, "coordinator")
    counting, runaway.count_each_statement = runaway.count_each_statement, lambda engine: None
    often, runaway.STEPS_A_CALL = runaway.STEPS_A_CALL, 0
    bare = signed_in(place, "coordinator")
    runaway.count_each_statement, runaway.STEPS_A_CALL = counting, often
    (scan, points), (bare_scan, bare_points) = scans_and_points(counted), scans_and_points(bare)
    for work in (scan, points, bare_scan, bare_points):
        work()
    works = {"scan counted": scan, "scan": bare_scan, "points counted": points, "points": bare_points}
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(runs):
        for name, work in works.items():
            taken[name].append(at_work(work))
    times = {name: Times(name, tuple(seconds)) for name, seconds in taken.items()}
    ratio(times["scan counted"], times["scan"], at_most=1.02)
    ratio(times["points counted"], times["points"])
    counted.close()
    bare.close()


def dearest(place: Town) -> None:
    from db import runaway
    from kingshurst_tui.acts import Reason
    from kingshurst_tui.casework import agenda, consent_review, consents_shown, flagging, home, people, search
    from kingshurst_tui.linkage import pairs_shown
    from kingshurst_tui.oversight import hits, trail
    from kingshurst_tui.vocabulary import ReasonCode

    most = 0

    class Finely(runaway.StepCount):
        def called(self) -> bool:
            nonlocal most
            self.calls += 1
            most = max(most, self.calls * FINELY)
            return False

    why = Reason(ReasonCode.PANEL)
    asked: dict[str, tuple[str, Callable[[Session], Any]]] = {
        "home": ("coordinator", home.what_waits),
        "the list of everybody": ("coordinator", lambda s: people.open_list(s, why)),
        "the agenda": ("coordinator", agenda.open_agenda),
        "a search": ("coordinator", lambda s: search.search(s, "smith", why)),
        "consents": ("coordinator", lambda s: consents_shown.listed(s, why)),
        "consents that wait": ("governance", lambda s: consent_review.review_queue(s, why)),
        "pairs that wait": ("coordinator", pairs_shown.queue),
        "flags, all of them": ("coordinator", flagging.run_rules),
        "oversight": ("supervisor", hits.find_hits),
        "verifying the trail": ("supervisor", trail.verify_trail),
    }
    usual, often = runaway.StepCount, runaway.STEPS_A_CALL
    runaway.StepCount, runaway.STEPS_A_CALL = Finely, FINELY  # type: ignore[misc]
    try:
        for what, (user, ask) in asked.items():
            most = 0
            session = signed_in(place, user)
            ask(session)
            session.close()
            share = most / runaway.MOST_STEPS
            print(f"{what}: dearest statement {most / 1e6:.1f} million steps, {share:.2%} of the limit")
    finally:
        runaway.StepCount, runaway.STEPS_A_CALL = usual, often  # type: ignore[misc]


def stopped(place: Town) -> None:
    from kingshurst_tui.errors import StoreUnavailable

    session = signed_in(place, "coordinator")
    start = time.perf_counter()
    try:
        session.look(lambda connection: connection.exec_driver_sql(FOR_EVER).fetchall())
    except StoreUnavailable as said:
        print(f"a statement that counts for ever: stopped after {spell(time.perf_counter() - start)}: {said.title}")
    session.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=41)
    parser.add_argument("--people", type=int, default=20_000)
    options = parser.parse_args()
    place = town(options.people)
    with_contacts = signed_in(place, "coordinator")
    count = with_contacts.look(lambda c: c.exec_driver_sql("SELECT count(id) FROM contact WHERE id > 0").scalar())
    with_contacts.close()
    print(f"{count:,} contacts")
    cost(place, options.runs)
    dearest(place)
    stopped(place)


if __name__ == "__main__":
    main()
