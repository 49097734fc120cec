"""Who was granted which role, by whose two signatures; and the few entries of the trail that say the same."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from sqlalchemy import Connection

from db.bare_rows import bare

PROPOSED, EFFECTIVE, REFUSED, ENDED = "proposed", "effective", "refused", "ended"
"""What can be said of a grant; the last two are for ever."""


@dataclass(frozen=True, slots=True)
class GrantRow:
    """One grant as it is kept.

    Attributes:
        document: what was signed, canonical JSON.
        signature: of the document, by who proposed it.
        confirmation: the second person's signature; ``confirmed_entry`` is the entry of the trail it names.
    """

    id: int
    user_name: str
    role: str
    document: str
    granted_by: str
    granted_at: str
    signature: bytes
    confirmed_by: str | None
    confirmed_at: str | None
    confirmation: bytes | None
    confirmed_entry: int | None
    status: str
    ended_at: str | None
    ended_by: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What every act asks of its user.

    Attributes:
        status: active, suspended or left; None where there is no such user (the recovery key's slot).
        grant: the number of the grant that is marked effective; None where there is none.
        founded: whether the store has grants at all; an older one has none until its administrator signs in.
    """

    status: str | None
    grant: int | None
    founded: bool


_ALL = (
    "SELECT id, user_name, role, document, granted_by, granted_at, signature, confirmed_by, confirmed_at, "
    "confirmation, confirmed_entry, status, ended_at, ended_by FROM role_grant"
)
_STANDING = (
    'SELECT (SELECT status FROM "user" WHERE name = ?1), '
    "(SELECT max(id) FROM role_grant WHERE user_name = ?1 AND status = 'effective'), "
    "EXISTS (SELECT 1 FROM role_grant)"
)
_ENTRIES = (
    "SELECT seq, body, signature FROM audit_entry WHERE thing IN ('user', 'role-grant') AND result = 'done' "
    "ORDER BY seq"
)


def every(connection: Connection) -> list[GrantRow]:
    """Return all grants, the oldest first."""
    return [GrantRow(*row) for row in bare(connection).execute(_ALL + " ORDER BY id")]


def standing(connection: Connection, user_name: str) -> Standing:
    """Return what the store says of a user; every act asks, so it is one statement."""
    status, grant, founded = bare(connection).execute(_STANDING, (user_name,)).fetchone()
    return Standing(status, grant, bool(founded))


def entries_about_people(connection: Connection) -> list[tuple[int, bytes, bytes]]:
    """Return number, body and signature of each entry that introduces users or grants roles, in order."""
    return [(seq, bytes(body), bytes(signature)) for seq, body, signature in bare(connection).execute(_ENTRIES)]


def next_number(connection: Connection) -> int:
    """Return the number that the next grant gets; inside an act, nobody else takes it."""
    # Rows are never deleted, and the table's own counter is not for statements to read.
    return int(bare(connection).execute("SELECT coalesce(max(id), 0) + 1 FROM role_grant").fetchone()[0])


def add(connection: Connection, row: GrantRow) -> None:
    """Keep one grant."""
    bare(connection).execute(
        "INSERT INTO role_grant (id, user_name, role, document, granted_by, granted_at, signature, confirmed_by, "
        "confirmed_at, confirmation, confirmed_entry, status, ended_at, ended_by) "
        "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        astuple(row),
    )


def confirm(connection: Connection, number: int, by: str, at: str, confirmation: bytes, entry: int) -> None:
    """Let a grant that was proposed take effect."""
    bare(connection).execute(
        "UPDATE role_grant SET status = 'effective', confirmed_by = ?, confirmed_at = ?, confirmation = ?, "
        "confirmed_entry = ? WHERE id = ? AND status = 'proposed'",
        (by, at, confirmation, entry, number),
    )


def end(connection: Connection, number: int, status: str, by: str, at: str) -> None:
    """Mark a grant as refused or ended."""
    bare(connection).execute(
        "UPDATE role_grant SET status = ?, ended_by = ?, ended_at = ? WHERE id = ?", (status, by, at, number)
    )


def set_role(connection: Connection, user_name: str, role: str) -> None:
    """Write the role that took effect beside the user: for lists, never for permission."""
    bare(connection).execute('UPDATE "user" SET role = ? WHERE name = ?', (role, user_name))
