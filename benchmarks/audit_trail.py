"""What does an audit entry cost, and what does a supervisor pay to know that nobody rewrote what she held?

An entry as an act writes it (permission, signature, tree, commit), and one of many inside a transaction: asked at most
0.5 ms and 60 µs. Then, on a trail of so many entries: a checkpoint, opening's comparison with it, and the proof that
the trail extends what was held, checked by the verifier that stands alone: asked at most 20 hashes and 10 ms.

usage: python -m benchmarks.audit_trail [--entries N] [--runs N]
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import db.audit
from benchmarks.measure import Times, bound, percentile, spell, timed
from benchmarks.stores import KEPT
from db import heads, keys, merkle, notes
from db.vault import read_header

if TYPE_CHECKING:
    from kingshurst_tui.session import Session

USER, PASSPHRASE = "administrator", "lantern wet ferry hill over there"
REASON = "maintenance"
BATCH = 500
EXPORTED = 2_000


def opened(entries: int) -> Session:
    """Return a session on a new store whose trail has so many entries."""
    from kingshurst_tui import vaults

    folder = KEPT / "audit-trail"
    shutil.rmtree(folder, ignore_errors=True)
    vaults.create(folder, USER, "SMBC", PASSPHRASE)
    session = vaults.open_session(folder, USER, PASSPHRASE)
    while (size := session.look(db.audit.size)) < entries:
        in_a_batch(session, min(BATCH, entries - size))
    session.checkpoint()
    return session


def body_of(session: Session) -> dict[str, object]:
    return {
        "time": "2026-05-04T11:00:00.000Z",
        "actor": USER,
        "role": "administrator",
        "agency": "SMBC",
        "session": session.mark,
        "operation": "consult",
        "thing": "profile",
        "subjects": ["KH-7Q4M-XB2R"],
        "purpose": "repeat-contact",
        "reason": REASON,
        "result": "done",
        "facts": {"contacts": 12},
        "software": "0",
    }


def in_a_batch(
    session: Session,
    count: int,
    clock: Callable[[], float] = time.perf_counter,
    body: dict[str, object] | None = None,
) -> float:
    """Append entries inside one transaction; return the seconds an entry, without the commit."""
    body = body_of(session) if body is None else body
    with session.store.acting(session._acting_as("none")) as connection:
        start = clock()
        for _ in range(count):
            db.audit.append(connection, session._pairs, body, words_key=session._words_key)
        return (clock() - start) / count


def committed(session: Session) -> None:
    """Do one act that reads nothing, with its entry."""
    from kingshurst_tui.acts import Reason
    from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

    with session.act(Operation.CONSULT, Thing.USER, reason=Reason(ReasonCode.MAINTENANCE), subjects=["KH-7Q4M-XB2R"]):
        pass


def synced(path: Path) -> None:
    """Write and sync a page, as every commit must: what the disk alone takes."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.pwrite(handle, os.urandom(4096), 0)
        os.fsync(handle)
    finally:
        os.close(handle)


def held_earlier(session: Session, size: int) -> notes.Checkpoint:
    """Return what a supervisor would hold who cosigned at that size."""
    of = heads.origin(read_header(session.store.folder).vault)
    root = session.look(lambda each: merkle.root(size, lambda level, at: db.audit.node(each, level, at)))
    return notes.signed(notes.Checkpoint(of, size, root), USER, session._pairs)


def read_elsewhere(session: Session, folder: Path) -> float:
    """Return the seconds in which the verifier that stands alone checks every entry of an export."""
    from kingshurst_tui.oversight import verifier
    from kingshurst_tui.oversight.export import FIRST_LINE

    path = folder / "audit-export"
    entries = session.look(lambda each: list(db.audit.entries(each, 1, EXPORTED)))
    with path.open("wb") as file:
        file.write(f"{FIRST_LINE} {EXPORTED}\n".encode())
        for entry in entries:
            file.write(entry.signature.hex().encode() + b" " + entry.body + b"\n")
        file.write(held_earlier(session, EXPORTED).text)
    return timed(lambda: verifier.check(str(path), []))


def supervisor(session: Session, runs: int) -> None:
    """Prove from checkpoints of many sizes, and check as the verifier does."""
    from kingshurst_tui.oversight import verifier
    from kingshurst_tui.oversight.export import prove_extension
    from kingshurst_tui.oversight.held_checkpoints import compare

    folder, dice = session.store.folder, random.Random(7)
    entries = session.look(db.audit.size)
    held, proof = folder.parent / "audit-held", folder.parent / "audit-proof"
    proving, checking, hashes = [], [], []
    for _ in range(runs):
        held.write_bytes(held_earlier(session, dice.randrange(1, entries)).text)
        proof.unlink(missing_ok=True)
        proving.append(timed(lambda: hashes.append(prove_extension(session, proof, held).hashes)))
        checking.append(timed(lambda: verifier.check(str(proof), [str(held)])))
    print(f"hashes in a proof over {entries:,} entries: at most {max(hashes)}; asked at most 20")
    bound(Times("the verifier checks one", tuple(checking)), 0.010)
    print(Times("making one", tuple(proving)))
    print(Times(f"the verifier reads an export of {EXPORTED:,}", (read_elsewhere(session, folder.parent),)))
    rereading = tuple(timed(lambda: session.look(heads.first_unlike)) for _ in range(3))
    print(Times(f"reading {entries:,} entries again, as cosigning does", rereading))
    print(Times("comparing on opening", tuple(timed(lambda: compare(session)) for _ in range(runs))))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=400)
    options = parser.parse_args()
    session = opened(options.entries)
    for _ in range(50):
        committed(session)
    acts, worked, disk = [], [], []
    for _ in range(options.runs):
        before = time.process_time()
        acts.append(timed(lambda: committed(session)))
        worked.append(time.process_time() - before)
        disk.append(timed(lambda: synced(KEPT / "audit-page")))
    bound(Times("a committed entry", tuple(acts)), 0.0005)
    print(Times("the same, processor time", tuple(worked)))
    beyond = Times(
        "an entry beyond a bare write and sync, in turn", tuple(a - d for a, d in zip(acts, disk, strict=True))
    )
    print(f"{beyond.name}: median {spell(beyond.median)}")
    print(f"99 of 100 within {spell(percentile(acts, 0.99))}; a bare write and sync: {Times('', tuple(disk))}")
    batches = tuple(in_a_batch(session, BATCH) for _ in range(max(options.runs // 20, 5)))
    middle = Times("an entry inside a batch", batches).median
    print(f"an entry inside a batch: median {middle * 1e6:.0f} µs; asked at most 60 µs: "
          f"{'within' if middle <= 60e-6 else 'OVER'}")  # fmt: skip
    busy = Times("", tuple(in_a_batch(session, BATCH, time.process_time) for _ in batches)).median
    print(f"the same, processor time: {busy * 1e6:.0f} µs")
    message = keys.canonical(body_of(session))
    signing = Times("", tuple(timed(lambda: session._pairs.sign(message)) for _ in range(options.runs)))
    print(f"of which its signature: {signing.median * 1e6:.0f} µs")
    session.checkpoint()
    print(Times("a checkpoint", tuple(_checkpoint(session) for _ in range(50))))
    supervisor(session, min(options.runs, 200))
    session.close()


def _checkpoint(session: Session) -> float:
    committed(session)
    return timed(session.checkpoint)


if __name__ == "__main__":
    main()
