"""Compartments: what lies in one can be sealed by anybody and opened by nobody but those to whom its key is sealed.

Each epoch of a compartment has an X25519 pair of its own. The public half lies in the open; the private half lies
sealed to the sealing key of every person entitled, and to the recovery slot's, and nowhere else. What is written by the
thousand (an import's rows) lies under a batch key, and that key in the compartment.

Class of control: cryptographic. The data key, the person key and the lasting key open nothing of it, nor do the key
pairs of anybody who has no seal.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection

from db import keys

HEALTH, NOTES = "health", "restricted-notes"
"""The compartments there are: detail of health contacts, and restricted notes."""

NAMES = (HEALTH, NOTES)

SEALED_COLUMNS = ("outcome", "place_postcode", "place_address")
"""What of a health contact lies in the compartment: no rule, link, search or door reads it. Who, when, what kind of
contact and in which part stays outside, because rules count it."""

_PARTED = "\x1f"


class Epoch(NamedTuple):
    """One pair of a compartment, as the store holds it.

    Attributes:
        made_by: who made it, and for a moment held its private half.
        signature: that person's, over ``statement``.
    """

    name: str
    epoch: int
    sealing_public: bytes
    made_at: str
    made_by: str
    signature: bytes

    def is_signed_by(self, signing_public: bytes) -> bool:
        """Say whether the holder of this key made it."""
        said = keys.canonical(_statement(self.name, self.epoch, self.sealing_public, self.made_by))
        return keys.signature_holds(signing_public, self.signature, said)


def _statement(name: str, epoch: int, public: bytes, made_by: str) -> list[str | int]:
    return ["kingshurst/compartment/1", name, epoch, public.hex(), made_by]


def proof_document(user_name: str, sealing_public: bytes) -> list[str]:
    """Return what a user signs to say that a sealing key is theirs."""
    return ["kingshurst/sealing-key/1", user_name, sealing_public.hex()]


def proof_by(user_name: str, pairs: keys.UserKeys) -> bytes:
    """Return the signature that says that a pair's sealing key is this user's."""
    return pairs.sign(keys.canonical(proof_document(user_name, pairs.sealing_public)))


def about_seal(epoch: Epoch, user_name: str) -> bytes:
    """Return what a seal of the private half is bound to."""
    parts = ["kingshurst/compartment-seal/1", epoch.name, epoch.epoch, epoch.sealing_public.hex(), user_name]
    return keys.canonical(parts)


def _about_key(name: str, epoch: int) -> bytes:
    return keys.canonical(["kingshurst/compartment-key/1", name, epoch])


@dataclass
class Holding:
    """What one session can open, in memory only.

    Attributes:
        privates: the private half of each epoch that was sealed to its user.
        batch_keys: the keys of import batches that were opened with them.
    """

    privates: dict[tuple[str, int], bytearray] = field(default_factory=dict, repr=False)
    batch_keys: dict[int, bytearray] = field(default_factory=dict, repr=False)

    def holds(self, name: str, epoch: int) -> bool:
        """Say whether this session opens what was sealed in that epoch."""
        return (name, epoch) in self.privates

    def take(self, epoch: Epoch, private: bytes) -> bool:
        """Keep a private half that was opened, if it is that of the epoch's public half."""
        if _pair(private).sealing_public != epoch.sealing_public:
            return False
        self.privates[epoch.name, epoch.epoch] = bytearray(private)
        return True

    def open(self, name: str, epoch: int, sealed: bytes, about: bytes) -> bytes:
        """Return what was sealed into a compartment. Raises: keys.SealBroken (another's, altered, not held)."""
        private = self.privates.get((name, epoch))
        if private is None:
            raise keys.SealBroken("the compartment is not open to this user")
        return keys.unseal(_pair(bytes(private)), sealed, about)

    def wipe(self) -> None:
        """Overwrite every key."""
        for key in (*self.privates.values(), *self.batch_keys.values()):
            keys.wipe(key)
        self.privates.clear()
        self.batch_keys.clear()


def _pair(private: bytes) -> keys.UserKeys:
    # The half that signs is not used; a compartment signs nothing.
    return keys.UserKeys.from_secret(b"\0" * keys.KEY_BYTES + private)


# --- epochs and seals ------------------------------------------------------------------------------------------------

_EPOCH = "SELECT name, epoch, sealing_public, made_at, made_by, signature FROM compartment"


def epochs(connection: Connection) -> list[Epoch]:
    """Return every epoch of every compartment, the oldest first."""
    return [_epoch(row) for row in connection.exec_driver_sql(f"{_EPOCH} ORDER BY name, epoch")]


def newest(connection: Connection, name: str) -> Epoch | None:
    """Return the epoch that is written into, or None where there is no compartment yet."""
    row = connection.exec_driver_sql(f"{_EPOCH} WHERE name = ? ORDER BY epoch DESC LIMIT 1", (name,)).first()
    return None if row is None else _epoch(row)


def _epoch(row: Any) -> Epoch:
    return Epoch(row[0], int(row[1]), bytes(row[2]), row[3], row[4], bytes(row[5]))


def add_epoch(connection: Connection, epoch: Epoch) -> None:
    """Keep the public half of a new epoch."""
    connection.exec_driver_sql(
        "INSERT INTO compartment (name, epoch, sealing_public, made_at, made_by, signature) VALUES (?,?,?,?,?,?)",
        tuple(epoch),
    )


def new_epoch(
    name: str, number: int, made_at: str, made_by: str, sign: Callable[[object], tuple[bytes, bytes]]
) -> tuple[Epoch, bytes]:
    """Return a new pair: the epoch, and its private half; ``sign`` is the session's."""
    pair = keys.UserKeys.generate()
    public = pair.sealing_public
    _, signature = sign(_statement(name, number, public, made_by))
    return Epoch(name, number, public, made_at, made_by, signature), pair.secret()[keys.KEY_BYTES :]


def put_seal(connection: Connection, epoch: Epoch, user_name: str, sealing_public: bytes, private: bytes) -> None:
    """Seal the private half of an epoch to one person."""
    sealed = keys.seal_to(sealing_public, private, about_seal(epoch, user_name))
    connection.exec_driver_sql(
        "INSERT INTO compartment_seal (name, epoch, user_name, sealed) VALUES (?,?,?,?) "
        "ON CONFLICT (name, epoch, user_name) DO UPDATE SET sealed = excluded.sealed",
        (epoch.name, epoch.epoch, user_name, sealed),
    )


def seals_of(connection: Connection, user_name: str) -> dict[tuple[str, int], bytes]:
    """Return what is sealed to one person, by compartment and epoch."""
    rows = connection.exec_driver_sql(
        "SELECT name, epoch, sealed FROM compartment_seal WHERE user_name = ?", (user_name,)
    )
    return {(name, int(epoch)): bytes(sealed) for name, epoch, sealed in rows}


def holders(connection: Connection) -> dict[tuple[str, int], set[str]]:
    """Return to whom each epoch is sealed, by compartment and epoch."""
    found: dict[tuple[str, int], set[str]] = {}
    for name, epoch, user_name in connection.exec_driver_sql("SELECT name, epoch, user_name FROM compartment_seal"):
        found.setdefault((name, int(epoch)), set()).add(user_name)
    return found


_OVER = "compartment-over/"
"""Settings that hold the last epoch which somebody could open who is entitled no more; nothing is written into it."""


def over(connection: Connection, name: str) -> int:
    """Return the epoch up to which nothing more is written into a compartment; 0 where every one may be."""
    value = connection.exec_driver_sql("SELECT value FROM setting WHERE name = ?", (_OVER + name,)).scalar()
    return int(value or 0)


def shut_out(connection: Connection, user_name: str, names: Iterable[str] = NAMES) -> list[str]:
    """Take away what was sealed to somebody whose entitlement ends; what they held is written into no more.

    What was written before they could open, and may have copied. Returns: the compartments they held.
    """
    held = {name for name, _ in seals_of(connection, user_name)} & set(names)
    for name in sorted(held):
        current = newest(connection, name)
        if current is not None:
            connection.exec_driver_sql(
                "INSERT INTO setting (name, value) VALUES (?,?) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (_OVER + name, str(current.epoch)),
            )
        drop_seals(connection, name, [user_name])
    return sorted(held)


def drop_seals(connection: Connection, name: str, user_names: Iterable[str]) -> None:
    """Take away what of one compartment was sealed to these people."""
    rows = [(name, user_name) for user_name in user_names]
    if rows:
        connection.exec_driver_sql("DELETE FROM compartment_seal WHERE name = ? AND user_name = ?", rows)


# --- whose sealing key is whose --------------------------------------------------------------------------------------


class Sealable(NamedTuple):
    """A user to whom something may be sealed; the proof says that the sealing key is theirs."""

    name: str
    role: str
    status: str
    signing_public: bytes
    sealing_public: bytes
    proof: bytes | None

    @property
    def is_proved(self) -> bool:
        """Whether the holder of the signing key said that the sealing key is theirs."""
        return self.proof is not None and keys.signature_holds(
            self.signing_public, self.proof, keys.canonical(proof_document(self.name, self.sealing_public))
        )


def sealable(connection: Connection) -> list[Sealable]:
    """Return every user with the public halves of their keys."""
    rows = connection.exec_driver_sql(
        'SELECT name, role, status, signing_public, sealing_public, sealing_proof FROM "user" ORDER BY name'
    )
    return [
        Sealable(name, role, status, bytes(signing), bytes(sealing), None if proof is None else bytes(proof))
        for name, role, status, signing, sealing, proof in rows
    ]


def put_proof(connection: Connection, user_name: str, proof: bytes) -> None:
    """Keep what a user signed of their sealing key."""
    connection.exec_driver_sql('UPDATE "user" SET sealing_proof = ? WHERE name = ?', (proof, user_name))


# --- the rows of a batch ---------------------------------------------------------------------------------------------


def add_key(connection: Connection, epoch: Epoch, key: bytes, batch_id: int) -> int:
    """Seal a batch's key into a compartment; return the number its rows lie under."""
    sealed = keys.seal_to(epoch.sealing_public, key, _about_key(epoch.name, epoch.epoch))
    return int(
        connection.exec_driver_sql(
            "INSERT INTO compartment_key (name, epoch, sealed, batch_id) VALUES (?,?,?,?)",
            (epoch.name, epoch.epoch, sealed, batch_id),
        ).lastrowid
    )


def drop_keys(connection: Connection, batch_ids: Iterable[int]) -> int:
    """Destroy the keys of batches under which no row lies any more; return how many."""
    return connection.exec_driver_sql(
        "DELETE FROM compartment_key WHERE batch_id IN (SELECT value FROM json_each(?)) AND NOT EXISTS "
        "(SELECT 1 FROM contact c WHERE c.batch_id = compartment_key.batch_id)",
        (json.dumps(list(batch_ids)),),
    ).rowcount


def open_keys(connection: Connection, holding: Holding, numbers: Iterable[int]) -> None:
    """Open those of these batch keys that this session can, into its holding."""
    missing = [number for number in numbers if number not in holding.batch_keys]
    if not missing:
        return
    rows = connection.exec_driver_sql(
        "SELECT id, name, epoch, sealed FROM compartment_key WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(missing),),
    )
    for number, name, epoch, sealed in rows:
        if holding.holds(name, epoch):
            try:
                key = holding.open(name, epoch, bytes(sealed), _about_key(name, epoch))
            except keys.SealBroken:
                continue
            holding.batch_keys[number] = bytearray(key)


def _about_row(agreement_ref: str, contact_key: str, row_digest: str) -> bytes:
    # The digest tells one version of an event, and one person's part in it, from another.
    return f"kingshurst/contact/1{_PARTED}{agreement_ref}{_PARTED}{contact_key}{_PARTED}{row_digest}".encode()


def row_sealer(key: bytes, number: int, columns: tuple[str, ...]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """Return what takes a contact's row as it would be written and seals its detail.

    Args:
        key: of the batch.
        number: under which it is kept.
        columns: the row's columns, in order; the sealed detail and its key's number are added at the end.
    """
    box = AESGCM(key)
    detail = [columns.index(name) for name in SEALED_COLUMNS]
    ref, event, digest = (columns.index(name) for name in ("agreement_ref", "contact_key", "row_digest"))
    write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

    def seal(row: tuple[Any, ...]) -> tuple[Any, ...]:
        said = [row[place] for place in detail]
        if not any(said):
            return (*row, None, None)
        nonce = os.urandom(keys.NONCE_BYTES)
        about = _about_row(row[ref], row[event], row[digest])
        sealed = nonce + box.encrypt(nonce, write(said).encode("utf-8", "surrogatepass"), about)
        kept = list(row)
        for place in detail:
            kept[place] = None
        return (*kept, sealed, number)

    return seal


def open_row(
    key: bytes | bytearray, sealed: bytes, agreement_ref: str, contact_key: str, row_digest: str
) -> tuple[str | None, str | None, str | None]:
    """Return outcome, postcode and address of a sealed contact. Raises: keys.SealBroken (altered, or another row's)."""
    plain = keys.open_box(bytes(key), sealed, _about_row(agreement_ref, contact_key, row_digest))
    outcome, postcode, address = json.loads(plain.decode("utf-8", "surrogatepass"))
    return outcome, postcode, address


# --- checking --------------------------------------------------------------------------------------------------------

_WITHOUT = (
    (
        "sealed contacts without the key that they lie under",
        "SELECT count(*) FROM contact WHERE sealed IS NOT NULL "
        "AND (sealed_under IS NULL OR sealed_under NOT IN (SELECT id FROM compartment_key))",
    ),
    (
        "batch keys of a compartment that is not there",
        "SELECT count(*) FROM compartment_key k WHERE NOT EXISTS "
        "(SELECT 1 FROM compartment c WHERE c.name = k.name AND c.epoch = k.epoch)",
    ),
    (
        "restricted notes of a compartment that is not there",
        "SELECT count(*) FROM restricted_note n WHERE NOT EXISTS "
        "(SELECT 1 FROM compartment c WHERE c.name = n.compartment AND c.epoch = n.epoch)",
    ),
    (
        "seals of a compartment that is not there",
        "SELECT count(*) FROM compartment_seal s WHERE NOT EXISTS "
        "(SELECT 1 FROM compartment c WHERE c.name = s.name AND c.epoch = s.epoch)",
    ),
)


def checked(connection: Connection) -> tuple[list[str], str]:
    """Return what is wrong with what lies sealed, and how much was looked at; nothing of it is opened.

    Needs a connection without authorizer (db/store.py ``administering``).
    """

    def count(query: str) -> int:
        return int(connection.exec_driver_sql(query).scalar_one())

    wrong = [f"{number} {words}" for words, query in _WITHOUT if (number := count(query))]
    unheld = count(
        "SELECT count(*) FROM compartment c WHERE NOT EXISTS "
        "(SELECT 1 FROM compartment_seal s WHERE s.name = c.name AND s.epoch = c.epoch)"
    )
    if unheld:
        wrong.append(f"{unheld} epochs that nobody holds: what lies in them opens to nobody")
    contacts = count("SELECT count(*) FROM contact WHERE sealed IS NOT NULL")
    notes = count("SELECT count(*) FROM restricted_note")
    return wrong, f"{contacts} sealed contacts, {notes} restricted notes"
