"""How a supervisor cosigns the trail: from the checkpoint she last held, by proof, holding the new one first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import db.audit
import db.audit_verification
from db import heads, notes, restores
from db.vault import read_header
from kingshurst_tui.errors import IntegrityFailure, Refused
from kingshurst_tui.oversight.checkpoints import Standing, standing
from kingshurst_tui.oversight.held_checkpoints import held_file, not_as_held, read_held
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kingshurst_tui.session import Session


def cosign(session: Session, held: Path | None = None, *, confirm_gap: bool = False) -> Standing:
    """Cosign the trail as it is, as a supervisor, from the checkpoint she last held; hold the new one.

    A proof shows that the tree extends what she holds; every entry is read again and compared with the tree. What she
    holds is written before the cosignature is, so that she never cosigns two histories, whatever is killed when. The
    first time, with nothing held, the whole trail is verified, with every signature.

    Args:
        session: a supervisor's.
        held: the file with the checkpoint she last held, outside the vault; by default in her own state folder.
        confirm_gap: she was told which entries a copy that was brought back does not have, and goes on from there.

    Raises:
        Refused: not a supervisor; or entries are missing, and she has not confirmed that she knows.
        IntegrityFailure: the trail does not extend what she holds; says which entries are in doubt.
        InputRejected: what is held is of another store.
        StoreUnavailable.
    """
    folder = session.store.folder
    header = read_header(folder)
    of = heads.origin(header.vault)
    path = held or held_file(header.vault)
    with heads.holding(path):
        before = read_held(path, of)
        earlier = session.look(_cosigned_by, session.user.name) if before is None else 0
        gap = _gap_held_over(session, before, confirm_gap)
        if gap is not None:
            before = None  # what she holds is of a history that ended; the trail is verified whole instead
        _check_extends(session, before, path)
        if gap is not None or before is None or session.look(db.audit.size) > before.size:
            _enter(session, before, gap)
        _cosign_under_lock(session, path, before)
    return replace(standing(session, path), began_anew_after=earlier or None)


def _cosigned_by(connection: Connection, user: str) -> int:
    """Return the number of the last entry by which somebody cosigned; 0 where there is none."""
    found = connection.exec_driver_sql(
        "SELECT max(seq) FROM audit_entry WHERE actor = ? AND operation = ? AND thing = ? AND result = 'done'",
        (user, Operation.ADMINISTER.value, Thing.AUDIT.value),
    )
    return int(found.scalar() or 0)


def _gap_held_over(session: Session, before: notes.Checkpoint | None, confirmed: bool) -> restores.Gap | None:
    """Return the gap that she is to confirm, or has confirmed just now. Raises: Refused."""
    gap = session.look(restores.unconfirmed)
    if before is not None and session.look(heads.doubt, before, iter(())) is not None:
        gap = session.look(lambda connection: next((g for g in restores.gaps(connection) if g.covers(before)), None))
        if gap is None:
            return None
    if gap is not None and not confirmed and session.user.role is Role.SUPERVISOR:
        raise Refused(
            "A copy of the store was brought back, and entries are missing.",
            f"{gap.in_words()} Nothing was cosigned.",
            "Ask who did it, and why. Then go on from this copy: kingshurst audit cosign STORE --confirm-gap",
        )
    return gap


def _check_extends(session: Session, before: notes.Checkpoint | None, path: Path) -> None:
    header = read_header(session.store.folder)
    if before is None:
        anchors = {slot.user: bytes.fromhex(slot.signing_public) for slot in header.slots if slot.signing_public}
        found = session.look(db.audit_verification.verify, anchors)
        if not found.holds:
            raise IntegrityFailure(
                f"The audit trail is not what was written: entry {found.first_bad}.",
                f"In entry {found.first_bad}, {found.problem}. Nothing was cosigned.",
                "Keep the store as it is, and tell the information governance officer.",
            )
        return

    def differs(connection: Connection) -> heads.Doubt | None:
        known = heads.known_keys(connection, header)
        return heads.doubt(connection, before, heads.newest_first(session.store.folder, before.origin, known))

    if doubt := session.look(differs):
        raise not_as_held(doubt, path)
    if unlike := session.look(heads.first_unlike):
        raise IntegrityFailure(
            f"The audit trail is not what was written: entry {unlike}.",
            f"Entry {unlike} is not the one that the tree holds. Nothing was cosigned.",
            "Keep the store as it is, and tell the information governance officer.",
        )


def _enter(session: Session, before: notes.Checkpoint | None, gap: restores.Gap | None) -> None:
    from kingshurst_tui.acts import Reason

    facts = {"cosigns_from": before.size if before else 0}
    if gap is not None:
        facts |= {restores.CONFIRMS: gap.seq}
    with session.act(Operation.ADMINISTER, Thing.AUDIT, reason=Reason(ReasonCode.OVERSIGHT), facts=dict(facts)) as act:
        if session.user.role is not Role.SUPERVISOR:
            act.refuse("Only supervisors cosign the trail.", "Nothing was cosigned.", "Ask a supervisor.")


def _cosign_under_lock(session: Session, path: Path, before: notes.Checkpoint | None) -> None:
    folder = session.store.folder
    header = read_header(folder)

    def now(connection: Connection) -> tuple[notes.Checkpoint, heads.Known, bool]:
        known = heads.known_keys(connection, header)
        found = heads.current(connection, heads.origin(header.vault))
        return found, known, before is None or heads.extends(connection, before, found)

    checkpoint, known, extends = session.look(now)
    if not extends:
        raise IntegrityFailure(
            "The audit trail does not extend the checkpoint that is held.",
            "No proof leads from one to the other. Nothing was cosigned.",
            "Keep the folder as it is, and tell the information governance officer.",
        )
    if before is not None and before.size == checkpoint.size:
        checkpoint = before
    cosigned = session.cosigned(checkpoint)
    heads.write_whole(path, cosigned.text)
    heads.put(folder, cosigned, known)
