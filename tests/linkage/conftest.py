"""Records to link, alone and in a store, and the numbers that make them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.linkage import approval
from kingshurst_tui.linkage.prepare import FIELDS
from kingshurst_tui.linkage.run import LinkRun
from kingshurst_tui.linkage.run import run as run_link
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing
from tests.conftest import NOON
from tests.people import by_role, populate

AGENCY_OF = {"coordinator": "KTP", "practitioner": "SCH", "supervisor": "WMP", "governance": "SMBC"}
KINDS = {"WMP": "police", "NHS": "nhs", "SCH": "housing", "EDU": "education", "SMBC": "council"}
HEALTH = {"NHS"}
PASSPHRASE = "lantern wet ferry hill {}"
MAINTENANCE = Reason(ReasonCode.MAINTENANCE)
TABLES = (
    "reopening",
    "opening",
    "consent",
    "flag_agreement",
    "flag",
    "decision",
    "link",
    "profile_alias",
    "profile_member",
    "contact",
    "record_detail",
    "source_record",
    "profile",
    "import_batch",
    "gate_recipient",
    "gate",
    "gate_recipient",
)

NHS_NUMBERS = ("9990000018", "9990000026", "9990000034", "9990000042", "9990000050")
"""NHS numbers of the range that is never issued."""


def record(record_id: int, **said: Any) -> tuple[Any, ...]:
    """A row of prepare.FIELDS; what is not said is not known."""
    assert set(said) <= set(FIELDS)
    return (record_id, *(said.get(name) for name in FIELDS[1:]))


def background(first_id: int = 10_000, people: int = 400) -> list[tuple[Any, ...]]:
    """People of no interest, so that names and dates are as rare among the rest as they are in a town."""
    forenames = ("Olivia", "Noah", "Ava", "Leo", "Zara", "Tom", "Ruth", "Ivan", "Priya", "Owen", "Kofi", "Gwen")
    surnames = ("Archer", "Bains", "Cole", "Dutton", "Ewart", "Flynn", "Gill", "Hobbs", "Iqbal", "Jagger", "Kaur")
    return [
        record(
            first_id + number,
            forename=forenames[number % len(forenames)],
            surname=surnames[number % len(surnames)],
            born=f"{1940 + number * 7 % 70}-{1 + number % 12:02}-{2 + number * 5 % 26:02}",
            address=f"{1 + number} Background Road",
            postcode=f"B37 {number % 9}{'ABDEFGHJLN'[number % 10]}{'PQRSTUWXYZ'[number // 10 % 10]}",
        )
        for number in range(people)
    ]


@dataclass
class Room:
    """A store with open gates and an approved model, and what intake would write into it."""

    folder: Path
    clock: FixedClock
    sessions: dict[str, Session] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def session(self, role: str = "coordinator") -> Session:
        if role not in self.sessions:
            self.sessions[role] = vaults.open_session(self.folder, role, PASSPHRASE.format(role), clock=self.clock)
        return self.sessions[role]

    def run(self, statement: str, *row: Any) -> int:
        def write(connection: Any) -> int:
            return int(connection.exec_driver_sql(statement, row).lastrowid)

        return self.session().stage(Operation.COMBINE, Thing.LINK, write)

    def ask(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        def read(connection: Any) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in connection.exec_driver_sql(statement, parameters)]

        return self.session().stage(Operation.COMBINE, Thing.LINK, read)

    def empty(self) -> None:
        for table in TABLES:
            self.run(f"DELETE FROM {table}" if table != "decision" else "SELECT 1")
        for agency in KINDS:
            self.run(
                "INSERT INTO gate (agreement_ref, purpose, agency_code, sensitive, opens, closes, status) "
                "VALUES (?, ?, ?, ?, '2024-01-01', '2027-12-31', 'live')",
                f"{agency}-1",
                self.session().purpose,
                agency,
                int(agency in HEALTH),
            )
            for recipient in sorted({*KINDS, *AGENCY_OF.values()}):
                self.run("INSERT INTO gate_recipient VALUES (?, ?)", f"{agency}-1", recipient)

    def add(self, agency: str = "WMP", **said: Any) -> int:
        """Add one source record as an accepted batch would; return its id."""
        number = next(self._numbers)
        batch = self.run(
            "INSERT INTO import_batch (agreement_id, agreement_ref, file_digest, status, received_at) "
            "VALUES ((SELECT id FROM agreement WHERE reference = ?), ?, ?, 'accepted', 'x')",
            f"{agency}-1",
            f"{agency}-1",
            f"digest {number}",
        )
        made = self.run(
            "INSERT INTO source_record (agreement_ref, agency_code, person_key, partner_reference, first_batch_id) "
            "VALUES (?, ?, ?, ?, ?)",
            f"{agency}-1",
            agency,
            f"person {number}",
            f"{agency}/{number}",
            batch,
        )
        self.say(made, batch, **said)
        return made

    def say(self, record_id: int, batch: int, **said: Any) -> None:
        said = {"born_quality": "stated", "detail_digest": "x", **said}
        self.run(
            f"INSERT INTO record_detail (source_record_id, batch_id, {', '.join(said)}) "
            f"VALUES (?, ?, {', '.join('?' for _ in said)})",
            record_id,
            batch,
            *said.values(),
        )

    def correct(self, record_id: int, **said: Any) -> None:
        """Say something else of a record, as a later extract would."""
        self.run("DELETE FROM record_detail WHERE source_record_id = ?", record_id)
        ((batch,),) = self.ask("SELECT first_batch_id FROM source_record WHERE id = ?", record_id)
        self.say(record_id, batch, **said)

    def fill(self, people: int = 100, first_id: int = 10_000) -> None:
        """Add people of no interest, in one transaction."""
        batch = self.run(
            "INSERT INTO import_batch (agreement_id, agreement_ref, file_digest, status, received_at) "
            "VALUES ((SELECT id FROM agreement WHERE reference = 'SCH-1'), 'SCH-1', ?, 'accepted', 'x')",
            f"fill {first_id}",
        )

        def write(connection: Any) -> None:
            for row in background(first_id, people):
                made = connection.exec_driver_sql(
                    "INSERT INTO source_record (agreement_ref, agency_code, person_key, first_batch_id) "
                    "VALUES ('SCH-1', 'SCH', ?, ?)",
                    (f"fill {row[0]}", batch),
                ).lastrowid
                connection.exec_driver_sql(
                    "INSERT INTO record_detail (source_record_id, batch_id, forename, surname, born, address, "
                    "postcode, born_quality, detail_digest) VALUES (?, ?, ?, ?, ?, ?, ?, 'stated', 'x')",
                    (made, batch, row[1], row[3], row[5], row[10], row[11]),
                )

        self.session().stage(Operation.COMBINE, Thing.LINK, write)

    def link(self) -> LinkRun:
        return run_link(self.session(), MAINTENANCE)

    def profile_of(self, record_id: int) -> int:
        ((found,),) = self.ask("SELECT profile_id FROM profile_member WHERE source_record_id = ?", record_id)
        return int(found)

    def pair(self, one: int, other: int) -> int:
        ((found,),) = self.ask(
            "SELECT id FROM link WHERE left_record_id = ? AND right_record_id = ?", min(one, other), max(one, other)
        )
        return int(found)

    def state(self) -> list[list[tuple[Any, ...]]]:
        """Everything linkage keeps, to compare before and after."""
        return [
            self.ask("SELECT * FROM masked_link ORDER BY id"),
            self.ask("SELECT profile_id, pseudonym, version, status FROM masked_profile ORDER BY profile_id"),
            self.ask("SELECT source_record_id, profile_id FROM profile_member ORDER BY 1"),
            self.ask("SELECT pseudonym, profile_id FROM masked_alias ORDER BY 1"),
        ]


@pytest.fixture(scope="session")
def made_room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    folder = tmp_path_factory.mktemp("linkage") / "store"
    clock = FixedClock(NOON)
    vaults.create(folder, "administrator", "SMBC", PASSPHRASE.format("administrator"), clock=clock)
    populate(folder, {role.value: PASSPHRASE.format(role) for role in Role}, clock, by_role(AGENCY_OF))
    room = Room(folder, clock)
    for agency, kind in KINDS.items():
        room.run("INSERT INTO partner_agency (code, name, kind) VALUES (?, ?, ?)", agency, f"The {agency}", kind)
        room.run(
            "INSERT INTO agreement (reference, version, title, agency_code, document, document_digest, rag, "
            "granularity, status, opens, closes, added_at) "
            "VALUES (?, 1, 'x', ?, '', 'x', 'green', 'individual', 'live', '2024-01-01', '2027-12-31', 'x')",
            f"{agency}-1",
            agency,
        )
    approval.install(room.session("governance"))
    approval.approve(room.session("governance"))
    yield room
    for opened in room.sessions.values():
        opened.close()


@pytest.fixture
def room(made_room: Room) -> Room:
    """A store with nobody in it but a hundred people of no interest."""
    made_room.clock.instant = NOON
    made_room.empty()
    made_room.fill()
    return made_room


Scored = Callable[..., dict[tuple[int, int], tuple[float, tuple[str, ...]]]]


@pytest.fixture(scope="session")
def weighed() -> Scored:
    """Score a few records among the background: weight and guards by pair."""
    from kingshurst_tui.linkage import engine, guards, model, prepare

    def of(*records: tuple[Any, ...]) -> dict[tuple[int, int], tuple[float, tuple[str, ...]]]:
        scored = engine.score(prepare.as_table([*records, *background()]), model.load())
        return {
            (left, right): (weight, guards.words_of(bits))
            for left, right, weight, bits in zip(
                scored.left.tolist(), scored.right.tolist(), scored.weight.tolist(), scored.guards.tolist(), strict=True
            )
            if right < 10_000
        }

    return of
