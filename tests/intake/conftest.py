"""A store, agreements made to order, extracts written on the spot."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.agreements import gates, standing_today
from kingshurst_tui.agreements.algo_care import QUESTIONS
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.intake import imports, recall
from kingshurst_tui.intake.imports import Imported
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing
from tests.conftest import NOON
from tests.people import by_role, populate

REASON = Reason(ReasonCode.INTAKE)
PASSPHRASE = "lantern wet ferry hill {}"
AGENCY_OF = {"coordinator": "KTP", "practitioner": "SCH", "supervisor": "WMP", "governance": "SMBC"}

CONTACT_COLUMNS = {
    "Incident No": "contact.reference",
    "Date": "contact.date",
    "Type": "contact.category",
    "Involvement": "contact.role",
    "Nominal": "person.reference",
    "Surname": "person.surname",
    "Forename": "person.forename",
    "DOB": "person.date_of_birth",
    "Postcode": "person.postcode",
    "NHS": "person.nhs_number",
}
PERSON_COLUMNS = {
    "Tenant": "person.reference",
    "Surname": "person.surname",
    "Forename": "person.forename",
    "DOB": "person.date_of_birth",
    "Address": "person.address",
    "Household": "person.household",
}
AREA_COLUMNS = {"LSOA": "area.code", "Month": "area.month", "Kind": "area.category", "Count": "area.count"}

TERMS: dict[str, Any] = {
    "reference": "WMP-TEST",
    "version": 1,
    "title": "Invented incidents",
    "controllers": ["Chief Constable of West Midlands Police"],
    "regime": "dpa-2018-part-3",
    "purposes": ["repeat-contact"],
    "purpose": "To find residents whom several agencies keep meeting separately.",
    "gateway": "Crime and Disorder Act 1998 s.115",
    "article_6": "6(1)(e)",
    "article_9": "",
    "article_10": "",
    "schedule_conditions": ["DPA 2018 Sch 8 para 1"],
    "confidentiality": "not-confidential",
    "confidentiality_evidence": "",
    "health": False,
    "consented_only": False,
    "rag": "green",
    "conditions": [],
    "granularity": "individual",
    "coverage_from": "@2024-05-01",
    "coverage_area": "Solihull",
    "coverage_people": "everyone recorded as involved",
    "refresh_days": 31,
    "retention_months": 24,
    "dpia": {"reference": "DPIA-1", "date": "@2026-02-01"},
    "isa": {"reference": "ISA-1", "signed_on": "@2026-03-01", "signed_by": "A Signatory"},
    "ethics": {"advice": "Proceed.", "date": "@2026-03-10"},
    "recipients": ["KTP", "WMP", "SMBC", "SCH"],
    "breach_contact": "breach@example.invalid",
    "withdrawal": "one month's notice",
    "starts": "@2026-01-01",
    "expires": "@2027-06-30",
    "tolerance_percent": 50.0,
}
ANSWERS = [
    {"head": head, "question": asked[0], "answer": "Invented for a test.", "owner": "governance", "evidence": "none",
     "date": "@2026-03-01", "review": "@2027-03-01"}
    for head, asked in QUESTIONS.items()
]  # fmt: skip


def toml(value: Any) -> str:
    """Return a value as TOML; a text that begins with @ is a date."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value[1:] if value.startswith("@") else json.dumps(value)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(toml(one) for one in value) + "]"
    return repr(value)


def agreement(
    columns: dict[str, str] | None = None,
    *,
    form: dict[str, Any] | None = None,
    codes: dict[str, dict[str, Any]] | None = None,
    constants: dict[str, str] | None = None,
    agency: tuple[str, str, str] = ("WMP", "West Midlands Police", "police"),
    dates: dict[str, str] | None = None,
    answers: list[dict[str, Any]] | None = None,
    **terms: Any,
) -> str:
    """Return an agreement's TOML: a sound one, but for what is given."""
    form = {"shape": "contacts", "kind": "csv", "dates": "%d/%m/%Y", "empty": ["", "n/k"]} | (form or {})
    if codes is None and form["shape"] == "contacts":
        codes = {
            "category": {
                "ASB": ["anti-social-behaviour", "anti-social-behaviour"],
                "Violence": ["violence", "other"],
            },
            "role": {"Victim": "victim", "Suspect": "suspect", "Caller": "caller"},
        }
    if constants is None:
        constants = {"contact.standing": "fact"} if form["shape"] == "contacts" else {}
    if columns is None:
        columns = {"contacts": CONTACT_COLUMNS, "persons": PERSON_COLUMNS, "areas": AREA_COLUMNS}[form["shape"]]
    if form["shape"] == "areas":
        terms = {"granularity": "lsoa"} | terms
    tables: dict[str, dict[str, Any]] = {
        "agreement": TERMS | terms,
        "agency": dict(zip(("code", "name", "kind"), agency, strict=True)),
        "format": form,
        "columns": columns,
        **{f"codes.{name}": table for name, table in (codes or {}).items()},
        "constants": constants,
        "dates": dates or {},
        "algo_care": {"answers": ANSWERS if answers is None else answers},
    }
    lines = []
    for name, table in tables.items():
        lines.append(f"[{name}]")
        lines += [f"{json.dumps(key)} = {toml(value)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"


def csv_text(columns: Sequence[str], rows: Sequence[Sequence[Any]], delimiter: str = ",") -> str:
    """Return rows as delimited text with a header."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def incident(number: int = 1, **given: str) -> list[str]:
    """Return a row of CONTACT_COLUMNS, sound but for what is given."""
    row = {
        "Incident No": f"20/{number:06d}/26",
        "Date": "01/03/2026",
        "Type": "ASB",
        "Involvement": "Victim",
        "Nominal": f"N{number}",
        "Surname": "Holt",
        "Forename": "Bryn",
        "DOB": "05/04/1980",
        "Postcode": "B36 8LR",
        "NHS": "",
    }
    return list((row | {key.replace("_", " "): value for key, value in given.items()}).values())


@dataclass
class Town:
    """A store with one session a role."""

    folder: Path
    clock: FixedClock
    files: Path
    sessions: dict[str, Session] = field(default_factory=dict)
    written: int = 0

    def session(self, role: str = "coordinator") -> Session:
        if role not in self.sessions:
            self.sessions[role] = vaults.open_session(self.folder, role, PASSPHRASE.format(role), clock=self.clock)
        return self.sessions[role]

    def sign(self, text: str | None = None) -> standing_today.Standing:
        return gates.add(self.session("governance"), text or agreement(), reason=REASON)

    def file(self, content: str | bytes, name: str | None = None) -> Path:
        self.written += 1
        path = self.files / (name or f"extract-{self.written}.csv")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def bring(self, content: str | bytes | Path, reference: str = "WMP-TEST", **options: Any) -> Imported:
        path = content if isinstance(content, Path) else self.file(content)
        return imports.import_file(self.session(), path, reference, reason=REASON, **options)

    def incidents(self, *rows: list[str], **options: Any) -> Imported:
        return self.bring(csv_text(list(CONTACT_COLUMNS), rows), **options)

    def check(self, content: str | bytes, reference: str = "WMP-TEST") -> Imported:
        return imports.check_file(self.session(), self.file(content), reference, reason=REASON)

    def recall(self, batch: int | None) -> recall.RecallPlan:
        assert batch is not None
        return recall.recall(self.session(), batch, reason=REASON)

    def ask(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return what a statement finds with the sight of a linking act."""
        with self.session().act(Operation.COMBINE, Thing.LINK, reason=REASON, combine=True) as act:
            return [tuple(row) for row in act.connection.exec_driver_sql(statement, parameters)]

    def records(self, columns: str = "*") -> list[tuple[Any, ...]]:
        return self.ask(f"SELECT {columns} FROM open_record ORDER BY record_id")

    def contacts(self, columns: str = "*") -> list[tuple[Any, ...]]:
        return self.ask(f"SELECT {columns} FROM open_contact ORDER BY contact_id")

    def stored(self) -> dict[str, int]:
        """Return how many rows the tables hold, seen or not."""
        tables = ("source_record", "record_detail", "contact", "relationship", "area_measure")
        return {table: int(self.ask(f"SELECT count(*) FROM {table}")[0][0]) for table in tables}

    def close(self) -> None:
        for session in self.sessions.values():
            session.close()
        self.sessions.clear()


FILLED = (
    "published_place",
    "publication",
    "contact",
    "relationship",
    "record_detail",
    "area_measure",
    "source_record",
    "rejected_row",
    "import_batch",
    "gate",
    "agreement_signature",
    "agreement",
    "partner_agency",
    "consent",
    "consent_register",
)
"""In the order that foreign keys allow."""

NOTHING = {"source_record": 0, "record_detail": 0, "contact": 0, "relationship": 0, "area_measure": 0}


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new store with a user of each role; nobody changes this copy."""
    folder = tmp_path_factory.mktemp("intake") / "store"
    clock = FixedClock(NOON)
    vaults.create(folder, "administrator", "SMBC", PASSPHRASE.format("administrator"), clock=clock)
    populate(folder, {role.value: PASSPHRASE.format(role) for role in Role}, clock, by_role(AGENCY_OF))
    return folder


@pytest.fixture(scope="session")
def kept_open(empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A store whose sessions stay open from test to test: unlocking is slow on purpose."""
    folder = tmp_path_factory.mktemp("kept-open")
    shutil.copytree(empty_store, folder / "store")
    made = Town(folder / "store", FixedClock(NOON), folder)
    yield made
    made.close()


@pytest.fixture
def town(kept_open: Town, tmp_path: Path) -> Town:
    """An empty store."""
    kept_open.clock.instant = NOON
    kept_open.files = tmp_path
    for session in kept_open.sessions.values():
        session.purpose = "repeat-contact"
    with kept_open.session().act(Operation.COMBINE, Thing.LINK, reason=REASON, combine=True) as act:
        for table in FILLED:
            act.connection.exec_driver_sql(f"DELETE FROM {table}")
    return kept_open


@pytest.fixture
def own_town(empty_store: Path, tmp_path: Path, clock: FixedClock) -> Iterator[Town]:
    """A store of this test's own, to be closed, killed or opened by others."""
    shutil.copytree(empty_store, tmp_path / "store")
    (tmp_path / "files").mkdir()
    made = Town(tmp_path / "store", clock, tmp_path / "files")
    yield made
    made.close()
