"""A town with needles in what lies sealed, and everything of it that somebody with the store's keys can read."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

import db.compartments
from db import keys
from db.person_keys import person_keys_file
from db.store import administering, connect, data_file
from db.vault import StoreKeys, open_slot, read_header
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import restricted_notes
from kingshurst_tui.casework.profile_records import Profile
from kingshurst_tui.casework.profiles import open_profile
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import ReasonCode
from tests.trust.test_erasure import decrypted

SAFEGUARDING = Reason(ReasonCode.SAFEGUARDING)
INTAKE = Reason(ReasonCode.INTAKE)
NOTE = "Quillon said the lighthouse keeper visits on Thursdays"
DRAFTED = "Unfinished thought about the tamarind orchard"
OUTCOME, PLACE, POSTCODE = "Zephyrward", "Marzipan Parade", "B92 0"
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
        yield file.name, decrypted(file, bytes(key))
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


def sealed_things(connection: Connection) -> Iterator[tuple[str, bytes]]:
    """Everything that lies sealed, by its place."""
    for table, column in (
        ("compartment_seal", "sealed"),
        ("compartment_key", "sealed"),
        ("contact", "sealed"),
        ("restricted_note", "sealed"),
    ):
        rows = connection.exec_driver_sql(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")
        yield from ((table, bytes(row[0])) for row in rows)
    for (document,) in connection.exec_driver_sql(
        "SELECT document FROM draft WHERE thing LIKE 'form-restricted-note%'"
    ):
        yield "draft", bytes.fromhex(json.loads(document)["sealed"])


def abouts(connection: Connection) -> set[bytes]:
    """All that any seal is bound to; an attacker knows it."""
    epochs = db.compartments.epochs(connection)
    users = [row[0] for row in connection.exec_driver_sql('SELECT name FROM "user"')]
    users += [row[0] for row in connection.exec_driver_sql("SELECT DISTINCT user_name FROM compartment_seal")]
    notes = connection.exec_driver_sql("SELECT pseudonym, written_by, written_at FROM restricted_note")
    return (
        {db.compartments.about_seal(epoch, user) for epoch in epochs for user in users}
        | {db.compartments._about_key(epoch.name, epoch.epoch) for epoch in epochs}
        | {restricted_notes._about(*row) for row in notes}
    )


def tried(opening: object) -> list[bytes]:
    try:
        return [opening()]  # type: ignore[operator]
    except keys.SealBroken:
        return []
