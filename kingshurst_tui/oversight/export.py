"""What leaves the machine so that others can check the trail without it: every entry, or a proof about some.

An entry holds pseudonyms, codes, counts and names of users; never a person's name, and no words that were typed.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import db.audit
from db import heads, merkle, notes
from db.vault import read_header
from kingshurst_tui.errors import InputRejected, IntegrityFailure, Refused
from kingshurst_tui.oversight.held_checkpoints import held_file, read_held
from kingshurst_tui.oversight.new_files import new_file, write_new
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kingshurst_tui.session import Session

FIRST_LINE = "kingshurst-audit-export/1"
PROOF_OF_ENTRY = "c2sp.org/tlog-proof@v1"
VERIFIER = Path(__file__).with_name("verifier.py")
"""The one file that checks what is written here, anywhere."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: over how many entries, under which code, by how many hashes where it is a proof."""

    entries: int
    code: str
    hashes: int = 0


def export_trail(session: Session, path: Path) -> Exported:
    """Write every entry and the newest checkpoint to a new file; the export is itself the last entry in it.

    Raises: Refused (not a supervisor or information governance), InputRejected (the file is there), IntegrityFailure,
    StoreUnavailable.
    """
    from kingshurst_tui.acts import Reason

    with new_file(path) as file:
        with session.act(Operation.DISCLOSE, Thing.AUDIT, reason=Reason(ReasonCode.OVERSIGHT)) as act:
            act.note(upto=act.read(db.audit.size) + 1)
        session.checkpoint()
        newest = _newest(session)

        def write(connection: Connection) -> None:
            file.write(f"{FIRST_LINE} {newest.size}\n".encode())
            for entry in db.audit.entries(connection, 1, newest.size):
                file.write(entry.signature.hex().encode() + b" " + entry.body + b"\n")
            file.write(newest.text)

        session.look(write)
    return Exported(newest.size, newest.code)


def prove_extension(session: Session, path: Path, held: Path | None = None) -> Exported:
    """Write to a new file the proof that the trail extends what is held (c2sp.org/tlog-witness); it is about nobody.

    Raises: IntegrityFailure (it does not), Refused (nothing is held), InputRejected, StoreUnavailable.
    """
    header = read_header(session.store.folder)
    before = read_held(held or held_file(header.vault), heads.origin(header.vault))
    if before is None or before.size == 0:
        raise Refused("There is no checkpoint to start from.", "Nothing was written.", "Name one with --held FILE.")
    session.checkpoint()
    newest = _newest(session)

    def prove(connection: Connection) -> list[bytes]:
        if before.size > newest.size or not heads.extends(connection, before, newest):
            found = heads.Doubt(before, newest.size, 0)
            raise IntegrityFailure(
                "The audit trail does not extend that checkpoint.",
                f"{found.in_words()} Nothing was written.",
                "Keep the folder as it is, and tell the information governance officer.",
            )
        return merkle.consistency_proof(
            before.size, newest.size, lambda level, at: db.audit.node(connection, level, at)
        )

    steps = session.look(prove)
    write_new(path, _lines(f"old {before.size}", *_in_base64(steps)) + b"\n" + newest.text)
    return Exported(newest.size, newest.code, len(steps))


def prove_entry(session: Session, path: Path, seq: int) -> Exported:
    """Write one entry to a new file, with the proof that it is in the trail (c2sp.org/tlog-proof).

    Raises: Refused (not a supervisor or information governance), InputRejected, IntegrityFailure, StoreUnavailable.
    """
    from kingshurst_tui.acts import Reason

    if not 1 <= seq <= session.look(db.audit.size):
        raise InputRejected("There is no such entry.", "Nothing was written.", "kingshurst audit list shows numbers.")
    with session.act(Operation.DISCLOSE, Thing.AUDIT, reason=Reason(ReasonCode.OVERSIGHT), facts={"entry": seq}):
        pass
    session.checkpoint()
    newest = _newest(session)

    def prove(connection: Connection) -> tuple[bytes, list[bytes]]:
        (entry,) = db.audit.entries(connection, seq, seq)
        proof = merkle.inclusion_proof(seq - 1, newest.size, lambda level, at: db.audit.node(connection, level, at))
        return entry.leaf, proof

    leaf, steps = session.look(prove)
    first = (PROOF_OF_ENTRY, f"extra {base64.b64encode(leaf).decode()}", f"index {seq - 1}")
    write_new(path, _lines(*first, *_in_base64(steps)) + b"\n" + newest.text)
    return Exported(newest.size, newest.code, len(steps))


def write_verifier(path: Path) -> None:
    """Write the verifier to a new file, to be taken away with an export. Raises: InputRejected."""
    write_new(path, VERIFIER.read_bytes())


def _newest(session: Session) -> notes.Checkpoint:
    header = read_header(session.store.folder)
    known = session.look(heads.known_keys, header)
    newest = next(heads.newest_first(session.store.folder, heads.origin(header.vault), known), None)
    if newest is None:
        raise IntegrityFailure(
            "The checkpoint that was just made is gone.",
            "Nothing was written.",
            "Somebody else changes the store's folder while you work; tell the information governance officer.",
        )
    return newest


def _lines(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _in_base64(steps: list[bytes]) -> list[str]:
    return [base64.b64encode(step).decode() for step in steps]
