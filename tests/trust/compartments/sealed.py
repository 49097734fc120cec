"""A town with needles in what lies sealed, and everything of it that somebody with the store's keys can read."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

import db.compartments
import db.restricted_notes
from db import keys
from db.connecting import connect
from db.person_keys import PersonKeys, person_keys_file
from db.store import administering, data_file
from db.vault import StoreKeys, open_slot, read_header
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import restricted_notes
from kingshurst_tui.casework.profile_records import Profile
from kingshurst_tui.casework.profiles import open_profile
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import ReasonCode
from tests.conftest import ROOT
from tests.trust.pages import decrypted

SAFEGUARDING = Reason(ReasonCode.SAFEGUARDING)
INTAKE = Reason(ReasonCode.INTAKE)
NOTE = "Quillon said the lighthouse keeper visits on Thursdays"
DRAFTED = "Unfinished thought about the tamarind orchard"
OUTCOME, PLACE, POSTCODE = "Zephyrward", "Marzipan Parade", "B92 0"
SEALED_SECRET = db.restricted_notes._SEALED_SECRET
NOT_FOR_HEALTH = ("administrator", "governance", "supervisor")
NOT_FOR_NOTES = ("administrator", "governance")


@dataclass
class Town:
    """The demonstration with needles in what lies sealed, and somebody open whose contacts and notes hold some."""

    demo: DemoStore
    who: str

    @contextmanager
    def signed_in(self, name: str) -> Iterator[Session]:
        with self.demo.signed_in(name) as session:
            yield session

    @property
    def store(self) -> Path:
        return self.demo.store

    def keys_of(self, name: str) -> tuple[keys.UserKeys, StoreKeys]:
        _, pairs, store_keys = open_slot(read_header(self.store), name, self.demo.passphrases[name])
        return pairs, store_keys

    @contextmanager
    def raw(self) -> Iterator[Connection]:
        """What somebody reads and writes who has the data key and their own Python."""
        header = read_header(self.store)
        _, store_keys = self.keys_of("administrator")
        with administering(self.store, header.generation, store_keys.data) as connection, connection.begin():
            yield connection

    def opened(self, user: str = "coordinator") -> Profile:
        with self.signed_in(user) as session:
            profile = open_profile(session, self.who, SAFEGUARDING)
        assert isinstance(profile, Profile)
        return profile


def extract_with_needles(demo: DemoStore) -> Path:
    """The ambulance's extract with an outcome and a place in every row that nothing else holds."""
    source = demo.folder / "partners" / "wmas_calls.csv"
    target = demo.folder / "partners" / "needled.csv"
    with source.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows):
        row["Disposition"] = f"{OUTCOME} {number}"
        row["Pick Up Address"] = f"{number} {PLACE}"
        row["Pick Up Postcode"] = f"{POSTCODE}{'ABDEFGHJLN'[number % 10]}{'ABDEFGHJLN'[number // 10 % 10]}"[:8].replace(
            "B92 0", "B92 7"
        )
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return target


NEEDLES = (OUTCOME, PLACE, "B92 7", "Quillon", "lighthouse", "Thursdays", "tamarind", "orchard")


def everything(town: Town) -> Iterator[tuple[str, bytes]]:
    """Every value of every row of both files, and every page of them decrypted."""
    header = read_header(town.store)
    _, store_keys = town.keys_of("administrator")
    for file, key in (
        (data_file(town.store, header.generation), store_keys.data),
        (person_keys_file(town.store, header.generation), store_keys.person),
    ):
        yield file.name, b"".join(decrypted(file, bytes(key)))
        with closing(connect(file, key)) as connection:
            tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                for row in connection.execute(f'SELECT * FROM "{table}"'):
                    for value in row:
                        if value is not None:
                            yield table, value if isinstance(value, bytes) else str(value).encode()


def found_in(data: Iterator[tuple[str, bytes]]) -> set[tuple[str, str]]:
    return {
        (place, needle)
        for place, value in data
        for needle in NEEDLES
        for written in (
            needle.encode(),
            needle.upper().encode(),
            needle.encode("utf-16-le"),
            needle.encode().hex().encode(),
        )
        if written in value
    }


Sealed = list[tuple[bytes, bytes]]
"""What lies sealed, each with what it is bound to; an attacker knows both."""


def laid_in(town: Town, name: str) -> tuple[Sealed, Sealed, Sealed, list[tuple[bytes, str, str, str]]]:
    """A compartment's seals, batch keys, notes, and the rows of contacts that lie under its batch keys."""
    with town.raw() as connection:
        epochs = {(each.name, each.epoch): each for each in db.compartments.epochs(connection)}
        rows = connection.exec_driver_sql(
            "SELECT name, epoch, user_name, sealed FROM compartment_seal WHERE name = ?", (name,)
        )
        seals = [(bytes(row[3]), db.compartments.about_seal(epochs[row[0], row[1]], row[2])) for row in rows]
        rows = connection.exec_driver_sql("SELECT name, epoch, sealed FROM compartment_key WHERE name = ?", (name,))
        batch_keys = [(bytes(row[2]), db.compartments._about_key(row[0], row[1])) for row in rows]
        rows = connection.exec_driver_sql(
            "SELECT sealed, pseudonym, written_by, written_at FROM restricted_note WHERE compartment = ?", (name,)
        )
        notes = [(bytes(row[0]), restricted_notes._about(*row[1:])) for row in rows]
        rows = connection.exec_driver_sql(
            "SELECT c.sealed, c.agreement_ref, c.contact_key, c.row_digest FROM contact c "
            "JOIN compartment_key k ON k.id = c.sealed_under WHERE c.sealed IS NOT NULL AND k.name = ?",
            (name,),
        )
        return seals, batch_keys, notes, [(bytes(row[0]), *row[1:]) for row in rows]


def keys_known_to(town: Town, names: tuple[str, ...]) -> list[bytes]:
    """Every key that these users have: the store's, their own halves, public ones, and what is derived from them."""
    held = [town.keys_of(name) for name in names]
    store_keys = held[0][1]
    known = [bytes(key) for key in (store_keys.data, store_keys.person, store_keys.lasting)]
    for pairs, _ in held:
        secret = pairs.secret()
        known += [secret[: keys.KEY_BYTES], secret[keys.KEY_BYTES :], pairs.signing_public, pairs.sealing_public]
    with town.raw() as connection:
        known += [epoch.sealing_public for epoch in db.compartments.epochs(connection)]
        known += [each.sealing_public for each in db.compartments.sealable(connection)]
    known = list(dict.fromkeys(known))
    derived = [bytes(keys.derive(key, purpose)) for key in known for purpose in purposes()]
    return [bytes(keys.KEY_BYTES), *known, *derived]


def purposes() -> set[str]:
    """What the program derives keys for, as its text has it."""
    written = (
        path.read_text(encoding="utf-8") for room in ("db", "kingshurst_tui") for path in (ROOT / room).rglob("*.py")
    )
    found = {purpose for text in written for purpose in re.findall(r'"(kingshurst/[a-z-]+/\d+)"', text)}
    assert "kingshurst/commitments/1" in found
    return found


def mixing_of(town: Town) -> Callable[[bytes], list[bytes]]:
    """Mix a key with the salt of everybody of whom there are notes, as somebody does who has the person key."""
    with town.raw() as connection:
        about_whom = connection.exec_driver_sql("SELECT DISTINCT pseudonym FROM restricted_note").scalars().all()
    header, store_keys = read_header(town.store), town.keys_of("administrator")[1]

    def mixed(key: bytes) -> list[bytes]:
        with closing(PersonKeys(town.store, header.generation, store_keys.person)) as salts:
            return [bytes(salts.mixed(whom, key, db.restricted_notes._PURPOSE)) for whom in about_whom]

    return mixed


def tried(opening: object) -> list[bytes]:
    try:
        return [opening()]  # type: ignore[operator]
    except keys.SealBroken:
        return []
