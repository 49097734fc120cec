"""What the trail itself says of copies that were brought back: which entries it does not have any more, and since when.

A checkpoint over entries that are gone is an alarm. Where the trail holds an entry that names the gap, signed by
whoever brought the copy back, the alarm has its reason: it stays until a supervisor has confirmed it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Connection

from db import heads, notes

RESTORED = "restored"
"""The fact by which an entry says that a copy was brought back."""

CONFIRMS = "confirms_restore"
"""The fact by which a supervisor's cosigning entry says that she saw the gap: the restoring entry's number."""

_QUERY = (
    "SELECT seq, body FROM audit_entry WHERE operation = ? AND thing = ? AND result = 'done' AND instr(body, ?) > 0 "
    "ORDER BY seq DESC"
)


@dataclass(frozen=True, slots=True)
class Gap:
    """Entries that are not in this copy, as an entry of the trail says.

    Attributes:
        seq: the entry's number.
        entries: how many entries the copy held.
        missing_to: the last that was known to have been made since.
    """

    seq: int
    by: str
    at: str
    entries: int
    missing_to: int
    missing_root: str

    def covers(self, held: notes.Checkpoint) -> bool:
        """Say whether a checkpoint is over entries that this gap names."""
        if not self.entries < held.size <= self.missing_to:
            return False
        return held.size < self.missing_to or held.root.hex() == self.missing_root

    def in_words(self) -> str:
        """Say which entries are missing, who brought the copy back and when."""
        return (
            f"Entries {self.entries + 1:,} to {self.missing_to:,} are not in this copy of the store: it was brought "
            f"back by {self.by} on {self.at[:10]} (entry {self.seq:,})."
        )


def gaps(connection: Connection) -> list[Gap]:
    """Return every gap that the trail names, the newest first."""
    rows = connection.exec_driver_sql(_QUERY, ("alter", "store", f'"{RESTORED}":"done"'.encode()))
    found: list[Gap] = []
    for seq, body in rows:
        entry = json.loads(body)
        facts = entry["facts"]
        if facts.get(RESTORED) == "done" and facts.get("missing_to"):
            found.append(
                Gap(seq, entry["actor"], entry["time"], facts["entries"], facts["missing_to"], facts["missing_root"])
            )
    return found


def explains(connection: Connection, doubt: heads.Doubt) -> Gap | None:
    """Return the gap that a doubt about the trail has its reason in; None where it has none."""
    return next((gap for gap in gaps(connection) if gap.covers(doubt.checkpoint)), None)


def unconfirmed(connection: Connection) -> Gap | None:
    """Return the newest gap that no supervisor has confirmed yet."""
    confirmed = {
        json.loads(body)["facts"].get(CONFIRMS)
        for _, body in connection.exec_driver_sql(_QUERY, ("administer", "audit", f'"{CONFIRMS}":'.encode()))
    }
    return next((gap for gap in gaps(connection) if gap.seq not in confirmed), None)
