"""How long does `kingshurst check` take over a million contacts and a million entries, and which part of it takes it?

First the parts by themselves, then the whole command: as it is run the first time (every signature of the trail) and as
it is run ever after (the rows of what was verified before, signatures of what came since). Structure and references
are looked at by a process of their own, pages, trail and rows by the other, so the command takes as long as the slower
of the two, and as signing in. Asked: at most 5 s.

usage: python -m benchmarks.full_verify [--contacts N] [--entries N] [--runs N] [--no-first]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from functools import partial

from benchmarks.audit_trail import in_a_batch
from benchmarks.extracts import AGREEMENT, police_extract
from benchmarks.measure import Times, bound, spell
from benchmarks.stores import KEPT, PROGRAM, Town, _shape, run, town

USER = "coordinator"
ASKED = 5.0


def prepared(contacts: int, entries: int) -> Town:
    """Return a town with so many contacts and so many entries, every one of them signed; made once."""
    import db.audit
    from kingshurst_tui import vaults

    folder = KEPT / f"verify-{contacts}-{entries}-{_shape()}"
    made = folder / "made"
    if not made.exists():
        said = f"making a store of {contacts:,} contacts and {entries:,} entries (once) ..."
        print(said, file=sys.stderr, flush=True)
        start = time.perf_counter()
        place = town(200).copied_to(folder)
        extract = police_extract(KEPT / f"extract-{contacts}.csv", contacts, people=max(1, contacts // 10))
        signed_in = place.signed_in(USER)
        run([PROGRAM, "import", str(place.store), str(extract), "--agreement", AGREEMENT, *signed_in])
        session = vaults.open_session(place.store, USER, place.passphrase(USER))
        while (size := session.look(db.audit.size)) < entries:
            in_a_batch(session, min(5_000, entries - size), body=_body(session.user.role.value, session.user.agency))
        session.close()
        made.write_text(f"{spell(time.perf_counter() - start)}\n", encoding="utf-8")
    return Town(folder)


def _body(role: str, agency: str) -> dict[str, object]:
    return {
        "time": "2126-05-04T11:00:00.000000Z",
        "actor": USER,
        "role": role,
        "agency": agency,
        "session": "0a1b2c3d",
        "operation": "consult",
        "thing": "profile",
        "subjects": ["KH-7Q4M-XB2R"],
        "purpose": "repeat-contact",
        "reason": "panel-business",
        "result": "done",
        "facts": {"contacts": 12},
        "software": "0.1.0",
    }


def parts(place: Town, runs: int, *, first: bool) -> None:
    """Time each part of a check by itself, one after the other."""
    from db import commitments, structure, verified_before
    from db.store import administering, data_file
    from db.vault import open_slot, read_header

    header = read_header(place.store)
    _, _, store_keys = open_slot(header, USER, place.passphrase(USER))
    anchors = {slot.user: bytes.fromhex(slot.signing_public) for slot in header.slots}
    file = data_file(place.store, header.generation)
    print(f"the data file: {file.stat().st_size / 1e6:,.0f} MB")

    keyed = structure.KeyedFile("the data", file, store_keys.data)

    def by_rows(work: Callable[..., object], *args: object) -> None:
        with administering(place.store, header.generation, store_keys.data) as connection:
            work(connection, *args)

    def report(what: str, work: Callable[[], object], times: int = runs) -> None:
        seconds, worked = [], []
        for _ in range(times):
            before, start = time.process_time(), time.perf_counter()
            work()
            seconds.append(time.perf_counter() - start)
            worked.append(time.process_time() - before)
        print(f"{Times(what, tuple(seconds))}; of that at work {spell(Times('', tuple(worked)).median)}", flush=True)

    report("pages (one process)", lambda: structure.pages(keyed))
    report("structure and references (the other, if alone)", lambda: list(structure.structure(keyed)))
    stated: dict[str, str] = {}
    report("rows against totals", partial(by_rows, commitments.compare, store_keys.commitment_key(), None, stated))
    kept: list[verified_before.Verified | None] = []

    def trail(connection: object, before: verified_before.Verified | None) -> None:
        found, verified = verified_before.verify(connection, anchors, before, "2026-05-04")  # type: ignore[arg-type]
        assert found.holds, found
        kept.append(verified)

    if first:
        report("the trail, every signature", lambda: by_rows(trail, None), 1)
        report("the trail, verified before", lambda: by_rows(trail, kept[0]))
    store_keys.wipe()


def commands(place: Town, runs: int, *, first: bool) -> None:
    """Time the whole command."""
    command = [PROGRAM, "check", str(place.store), "--json", *place.signed_in(USER)]

    def once(*more: str) -> float:
        done = run([*command, *more])
        assert json.loads(done.output)["whole"], done.output
        return done.seconds

    if first:
        print(Times("kingshurst check --all", (once("--all"),)), flush=True)
    else:
        once()
    bound(Times("kingshurst check, verified before", tuple(once() for _ in range(runs))), ASKED)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-first", action="store_true", help="leave out what verifies every signature")
    options = parser.parse_args()
    place = prepared(options.contacts, options.entries)
    parts(place, options.runs, first=not options.no_first)
    commands(place, options.runs, first=not options.no_first)


if __name__ == "__main__":
    main()
