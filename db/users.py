"""Who may open the store, as the data know them; the keys themselves lie in the vault's header."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from db.bare_rows import bare
from db.compartments import shut_out
from db.schema.oversight import compartment_seal, role_grant
from db.schema.trust import change_counter, partner_agency, purpose, setting, user


@dataclass(frozen=True, slots=True)
class UserRecord:
    """One user, without keys."""

    id: int
    name: str
    display_name: str
    agency_code: str
    role: str
    status: str
    added_at: str


_ALL = select(
    user.c.id,
    user.c.name,
    user.c.display_name,
    user.c.agency_code,
    user.c.role,
    user.c.status,
    user.c.added_at,
).order_by(user.c.name)


def every(connection: Connection) -> list[UserRecord]:
    """Return all users by name."""
    return [UserRecord(*row) for row in connection.execute(_ALL)]


def by_name(connection: Connection, name: str) -> UserRecord | None:
    """Return the user of that name, or None."""
    row = connection.execute(_ALL.where(user.c.name == name)).first()
    return UserRecord(*row) if row else None


def status(connection: Connection, name: str) -> str | None:
    """Return whether a user is active, suspended or has left; None where there is no such user. Every act asks."""
    found = bare(connection).execute('SELECT status FROM "user" WHERE name = ?', (name,)).fetchone()
    return None if found is None else str(found[0])


def add(
    connection: Connection,
    *,
    name: str,
    display_name: str,
    agency_code: str,
    role: str,
    signing_public: bytes,
    sealing_public: bytes,
    added_at: str,
    sealing_proof: bytes | None = None,
) -> None:
    """Add one user; the proof is their signature over the sealing key (db/compartments.py)."""
    connection.execute(
        insert(user),
        {
            "name": name,
            "display_name": display_name,
            "agency_code": agency_code,
            "role": role,
            "signing_public": signing_public,
            "sealing_public": sealing_public,
            "added_at": added_at,
            "sealing_proof": sealing_proof,
        },
    )


def set_status(connection: Connection, name: str, status: str) -> None:
    """Set a user's status: active, suspended or left."""
    connection.execute(update(user).where(user.c.name == name).values(status=status))


def end_grants(connection: Connection, name: str) -> None:
    """End every role a user was granted or is proposed for, and take away what was sealed to them."""
    connection.execute(
        update(role_grant)
        .where(role_grant.c.user_name == name, role_grant.c.status.in_(("proposed", "effective")))
        .values(status="ended")
    )
    shut_out(connection, name)


def renew_public_keys(connection: Connection, name: str, signing_public: bytes, sealing_public: bytes) -> bytes:
    """Give a user the public halves of new key pairs; return the signing key it replaces, which is kept.

    What was sealed to the old pair cannot be opened any more, so it is taken away.
    """
    former = connection.execute(select(user.c.signing_public).where(user.c.name == name)).scalar_one()
    earlier = [*earlier_keys(connection).get(name, ()), bytes(former)]
    put_setting(connection, EARLIER_KEYS + name, " ".join(key.hex() for key in earlier))
    connection.execute(
        update(user)
        .where(user.c.name == name)
        .values(signing_public=signing_public, sealing_public=sealing_public, sealing_proof=None)
    )
    connection.execute(delete(compartment_seal).where(compartment_seal.c.user_name == name))
    return bytes(former)


EARLIER_KEYS = "earlier-keys/"
"""Settings that hold the public signing keys a user had before a recovery; what they signed still verifies."""


def earlier_keys(connection: Connection) -> dict[str, tuple[bytes, ...]]:
    """Return the public signing keys that users had before, the oldest first, by name."""
    rows = connection.execute(select(setting.c.name, setting.c.value).where(setting.c.name.startswith(EARLIER_KEYS)))
    return {name.removeprefix(EARLIER_KEYS): tuple(bytes.fromhex(key) for key in value.split()) for name, value in rows}


def agencies(connection: Connection) -> dict[str, tuple[str, str]]:
    """Return each partner agency's name and kind by code."""
    rows = connection.execute(select(partner_agency.c.code, partner_agency.c.name, partner_agency.c.kind))
    return {code: (name, kind) for code, name, kind in rows}


def put_agency(connection: Connection, code: str, name: str, kind: str) -> None:
    """Add a partner agency, or correct its name."""
    connection.exec_driver_sql(
        "INSERT INTO partner_agency (code, name, kind) VALUES (?,?,?) "
        "ON CONFLICT (code) DO UPDATE SET name = excluded.name, kind = excluded.kind",
        (code, name, kind),
    )


def purposes(connection: Connection) -> dict[str, str]:
    """Return the partnership's questions by purpose code."""
    return dict(connection.execute(select(purpose.c.code, purpose.c.question)).all())


def put_purpose(connection: Connection, code: str, question: str, set_at: str, set_by: str) -> None:
    """Set a purpose; an existing one keeps who set it first."""
    connection.exec_driver_sql(
        "INSERT INTO purpose (code, question, set_at, set_by) VALUES (?,?,?,?) "
        "ON CONFLICT (code) DO UPDATE SET question = excluded.question",
        (code, question, set_at, set_by),
    )


def get_setting(connection: Connection, name: str) -> str | None:
    """Return one setting of the store, or None."""
    found: str | None = connection.execute(select(setting.c.value).where(setting.c.name == name)).scalar()
    return found


def put_setting(connection: Connection, name: str, value: str) -> None:
    """Set one setting of the store."""
    connection.exec_driver_sql(
        "INSERT INTO setting (name, value) VALUES (?,?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def add_setting(connection: Connection, name: str, value: str) -> None:
    """Set one setting of the store, unless it has a value."""
    connection.exec_driver_sql("INSERT INTO setting (name, value) VALUES (?,?) ON CONFLICT DO NOTHING", (name, value))


def counter(connection: Connection, name: str) -> int:
    """Return a change counter; readers compare it to know whether what they hold is stale."""
    found = connection.execute(select(change_counter.c.value).where(change_counter.c.name == name)).scalar()
    return int(found or 0)


def bump(connection: Connection, name: str) -> None:
    """Raise a change counter: what readers hold of this kind is stale."""
    connection.exec_driver_sql(
        "INSERT INTO change_counter (name, value) VALUES (?, 1) "
        "ON CONFLICT (name) DO UPDATE SET value = change_counter.value + 1",
        (name,),
    )
