"""A store in which invented contacts are written straight into the tables, as an accepted batch would leave them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from kingshurst_tui import vaults
from kingshurst_tui.acts import Act, Reason
from kingshurst_tui.casework import rulebook
from kingshurst_tui.casework.recompute import Recomputed, recompute
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing
from tests.conftest import NOON
from tests.people import by_role, populate

AGENCY_OF = {"coordinator": "KTP", "practitioner": "SCH", "supervisor": "WMP", "governance": "SMBC"}
KINDS = {
    "WMP": "police",
    "WMFS": "fire",
    "WMAS": "ambulance",
    "NHS": "nhs",
    "SMBC": "council",
    "SCH": "housing",
    "EDU": "education",
    "KTP": "partnership",
}
HEALTH = {"WMAS", "NHS"}
PASSPHRASE = "lantern wet ferry hill {}"
REASON = Reason(ReasonCode.MAINTENANCE)
TABLES = (
    "withheld_record",
    "flag_agreement",
    "flag",
    "agenda_item",
    "incident_ruling",
    "incident_contact",
    "incident",
    "contact",
    "opening",
    "profile_member",
    "record_detail",
    "source_record",
    "profile",
    "import_batch",
    "gate",
    "gate_recipient",
)


@dataclass
class Town:
    """The store, one session a role, and what a room of intake or linkage would write."""

    folder: Path
    clock: FixedClock
    sessions: dict[str, Session] = field(default_factory=dict)
    _act: Act | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def session(self, role: str) -> Session:
        if role not in self.sessions:
            self.sessions[role] = vaults.open_session(self.folder, role, PASSPHRASE.format(role), clock=self.clock)
        return self.sessions[role]

    @contextmanager
    def acting(self) -> Iterator[Act]:
        """Hold one act; what is written and asked inside it belongs to it."""
        if self._act is not None:
            yield self._act
            return
        with self.session("coordinator").act(Operation.COMBINE, Thing.FLAG, reason=REASON, combine=True) as act:
            self._act = act
            try:
                yield act
            finally:
                self._act = None

    def run(self, statement: str, row: tuple[Any, ...] = ()) -> int:
        """Run one statement on the acting connection; return the last new id."""
        with self.acting() as act:
            return act.connection.exec_driver_sql(statement, row).lastrowid

    def ask(self, statement: str, *parameters: Any) -> list[Any]:
        with self.acting() as act:
            return [tuple(row) for row in act.connection.exec_driver_sql(statement, parameters)]

    def empty(self) -> None:
        with self.acting() as act:
            for table in TABLES:
                act.connection.exec_driver_sql(f"DELETE FROM {table}")
            for agency in KINDS:
                if agency != "KTP":
                    self._gate(act, agency)

    def _gate(self, act: Act, agency: str) -> None:
        act.connection.exec_driver_sql(
            "INSERT INTO gate (agreement_ref, purpose, agency_code, sensitive, opens, closes, status) "
            "VALUES (?, ?, ?, ?, '2024-01-01', '2027-12-31', 'live')",
            (f"{agency}-1", act.session.purpose, agency, int(agency in HEALTH)),
        )
        for recipient in KINDS:
            act.connection.exec_driver_sql("INSERT INTO gate_recipient VALUES (?, ?)", (f"{agency}-1", recipient))

    def batch(self, agency: str, as_at: str | None = None) -> int:
        with self.acting() as act:
            known = act.connection.exec_driver_sql(
                "SELECT id FROM agreement WHERE reference = ?", (f"{agency}-1",)
            ).scalar()
            if known is None:
                known = act.connection.exec_driver_sql(
                    "INSERT INTO agreement (reference, version, title, agency_code, document, document_digest, rag, "
                    "granularity, status, opens, closes, added_at) "
                    "VALUES (?, 1, ?, ?, ?, 'x', 'green', 'individual', 'live', '2024-01-01', '2027-12-31', 'x')",
                    (f"{agency}-1", f"Data set of {agency}", agency, agreement_text(agency)),
                ).lastrowid
            as_at = as_at or self.clock.today().isoformat()
            return act.connection.exec_driver_sql(
                "INSERT INTO import_batch (agreement_id, agreement_ref, file_digest, status, received_at, as_at) "
                "VALUES (?, ?, ?, 'accepted', 'x', ?)",
                (known, f"{agency}-1", f"digest {next(self._numbers)}", as_at),
            ).lastrowid

    def person(self, *, adult_on: str | None = "2000-01-01", opened: bool = False) -> int:
        number = next(self._numbers)
        pseudonym = f"P-{number:06d}"
        profile = self.run(
            "INSERT INTO profile (pseudonym, created_at, adult_on) VALUES (?, 'x', ?)", (pseudonym, adult_on)
        )
        if opened:
            self.run(
                "INSERT INTO opening (profile_id, purpose, opens, closes, basis, basis_id) "
                "VALUES (?, ?, '2024-01-01', '2027-12-31', 'consent', ?)",
                (profile, self.session("coordinator").purpose, number),
            )
        return profile

    def record(self, profile: int, agency: str, batch: int) -> int:
        record = self.run(
            "INSERT INTO source_record (agreement_ref, agency_code, person_key, first_batch_id) VALUES (?, ?, ?, ?)",
            (f"{agency}-1", agency, f"person {next(self._numbers)}", batch),
        )
        self.run("INSERT INTO profile_member (source_record_id, profile_id) VALUES (?, ?)", (record, profile))
        return record

    def contact(self, record: int, agency: str, batch: int, day: str, **told: Any) -> int:
        row: dict[str, Any] = {
            "batch_id": batch,
            "source_record_id": record,
            "agreement_ref": f"{agency}-1",
            "contact_key": f"contact {next(self._numbers)}",
            "occurred_on": day,
            "category": "anti-social-behaviour",
            "priority_area": "anti-social-behaviour",
            "role": "victim",
            "standing": "fact",
            **told,
        }
        names = ", ".join(row)
        marks = ", ".join("?" for _ in row)
        return self.run(f"INSERT INTO contact ({names}) VALUES ({marks})", tuple(row.values()))

    def told(self, profile: int, agency: str, *days: str, **told: Any) -> list[int]:
        """Tell of a person, in one batch: a contact for each day."""
        batch = self.batch(agency)
        record = self.record(profile, agency, batch)
        return [self.contact(record, agency, batch, day, **told) for day in days]

    def recompute(self, profiles: Iterable[int] | None = None) -> Recomputed:
        with self.acting() as act:
            return recompute(act, profiles)

    def flags(self, *, status: str = "standing") -> list[tuple[Any, ...]]:
        return self.ask(
            "SELECT profile_id, rule_code, raised_on, lapses_on FROM combined_flag WHERE status = ? "
            "ORDER BY profile_id, rule_code, raised_on",
            status,
        )

    def day(self, back: int) -> str:
        """The day so many days before today."""
        return (self.clock.today() - timedelta(days=back)).isoformat()


def agreement_text(agency: str) -> str:
    """The part of an agreement's file that coverage reads."""
    return "\n".join(
        (
            "[agreement]",
            f'reference = "{agency}-1"',
            f'title = "Data set of {agency}"',
            "coverage_from = 2024-05-01",
            "refresh_days = 31",
            "[agency]",
            f'code = "{agency}"',
            f'kind = "{KINDS[agency]}"',
            "[format]",
            'shape = "contacts"',
        )
    )


@pytest.fixture(scope="session")
def made_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("flags") / "store"
    clock = FixedClock(NOON)
    vaults.create(folder, "administrator", "SMBC", PASSPHRASE.format("administrator"), clock=clock)
    populate(folder, {role.value: PASSPHRASE.format(role) for role in Role}, clock, by_role(AGENCY_OF))
    town = Town(folder, clock)
    for agency, kind in KINDS.items():
        town.run("INSERT INTO partner_agency (code, name, kind) VALUES (?, ?, ?)", (agency, f"The {agency}", kind))
    rulebook.install_shipped(town.session("governance"))
    rulebook.approve(town.session("supervisor"))
    yield town
    for opened in town.sessions.values():
        opened.close()


@pytest.fixture
def town(made_town: Town) -> Town:
    """An empty town with approved rules and open gates."""
    made_town.clock.instant = NOON
    made_town.empty()
    return made_town


def evidence(town: Town, rule_code: str) -> list[dict[str, Any]]:
    rows = town.ask("SELECT evidence FROM combined_flag WHERE rule_code = ? ORDER BY id", rule_code)
    return [json.loads(text) for (text,) in rows]
