"""The stores that scenarios begin from, made once a run: users, agreements signed, extracts imported, people linked."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from db import triggers
from db.migrations import running
from db.store import administering, data_file
from db.vault import open_slot, read_header
from kingshurst_tui.acts import Reason
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import ReasonCode, Role
from tests.faults.rig.scenarios import NEWER, PASSPHRASE
from tests.faults.rig.settings import CLOCK
from tests.intake.conftest import AGENCY_OF, CONTACT_COLUMNS, PERSON_COLUMNS, agreement, csv_text, incident

REASON = Reason(ReasonCode.INTAKE)
HOUSING = PERSON_COLUMNS | {"Postcode": "person.postcode"}
PEOPLE = (("Holt", "Bryn"), ("Marsh", "Ada"), ("Quill", "Osian"), ("Verity", "Noor"), ("Yarrow", "Tam"))


def make(place: Path) -> None:
    """Make every start below ``place``: a folder each, holding the store; and ``files``."""
    files = place / "files"
    files.mkdir(parents=True)
    _write_files(files)
    (place / "nothing").mkdir()
    store = place / "users" / "store"
    store.parent.mkdir()
    _users(store)
    for before, name, change in (
        ("users", "signed", _sign),
        ("signed", "imported", _import),
        ("imported", "linked", _link),
        ("linked", "copied", _copy),
        ("users", "older", _make_older),
    ):
        shutil.copytree(place / before, place / name)
        change(place / name / "store", files)
    shutil.copytree(place / "copied" / "copies", place / "copied away" / "copies")


def _write_files(files: Path) -> None:
    for user in (*(role.value for role in Role), "newcomer"):
        for name, phrase in ((f"{user}.passphrase", PASSPHRASE), (f"{user}.newer", NEWER)):
            (files / name).write_text(phrase.format(user) + "\n", encoding="utf-8")
            (files / name).chmod(0o600)
    files_of: dict[str, list[Any]] = {"police.csv": [], "more.csv": []}
    for number in range(24):
        surname, forename = PEOPLE[number % len(PEOPLE)]
        row = incident(
            number,
            Date=f"{number + 1:02}/03/2026",
            Nominal=f"N{number % len(PEOPLE)}",
            Surname=surname,
            Forename=forename,
            DOB=f"0{number % len(PEOPLE) + 1}/04/1980",
            Type="Violence" if number % 3 else "ASB",
        )
        files_of["police.csv" if number < 18 else "more.csv"].append(row)
    files_of["more.csv"].append(incident(90, Nominal="N90", Surname="Bryce", Forename="Ida", DOB="09/09/1971"))
    for name, rows in files_of.items():
        (files / name).write_text(csv_text(list(CONTACT_COLUMNS), rows), encoding="utf-8")
    housing = [
        [f"T{number}", surname, forename, f"0{number + 1}/04/1980", f"{number + 1} Mill Lane", f"H{number}", "B36 8LR"]
        for number, (surname, forename) in enumerate(PEOPLE)
    ]
    (files / "housing.csv").write_text(csv_text(list(HOUSING), housing), encoding="utf-8")
    register = (
        "kind,purpose,agreement,forename,surname,date_of_birth,postcode,nhs_number,given_by,authority,given_on,"
        "expires_on,evidence\n"
        "engage,repeat-contact,,Bryn,Holt,1980-04-01,B36 8LR,,self,self,2026-04-01,,Signed form\n"
    )
    (files / "consents.csv").write_text(register, encoding="utf-8")


def _users(store: Path) -> None:
    from kingshurst_tui import vaults
    from tests.people import by_role, populate

    vaults.create(store, "administrator", "SMBC", PASSPHRASE.format("administrator"), clock=CLOCK)
    populate(store, {role.value: PASSPHRASE.format(role) for role in Role}, CLOCK, by_role(AGENCY_OF))


def _session(store: Path, user: str) -> Session:
    from kingshurst_tui import vaults

    return vaults.open_session(store, user, PASSPHRASE.format(user), clock=CLOCK)


def _sign(store: Path, files: Path) -> None:
    from kingshurst_tui.agreements import gates
    from kingshurst_tui.casework import rulebook
    from kingshurst_tui.linkage import approval

    officer, supervisor = _session(store, "governance"), _session(store, "supervisor")
    gates.add(officer, agreement(), reason=REASON)
    gates.add(
        officer,
        agreement(
            HOUSING,
            form={"shape": "persons", "kind": "csv"},
            agency=("SCH", "Solihull Community Housing", "housing"),
            reference="SCH-TEST",
            regime="uk-gdpr",
            schedule_conditions=[],
        ),
        reason=REASON,
    )
    rulebook.install_shipped(officer)
    rulebook.approve(supervisor)
    approval.install(officer)
    approval.approve(supervisor)
    officer.close()
    supervisor.close()


def _import(store: Path, files: Path) -> None:
    from kingshurst_tui.casework import consent_receiving
    from kingshurst_tui.intake import imports

    session = _session(store, "coordinator")
    imports.import_file(session, files / "police.csv", "WMP-TEST", reason=REASON)
    imports.import_file(session, files / "housing.csv", "SCH-TEST", reason=REASON)
    session.close()
    housing = _session(store, "practitioner")
    consent_receiving.receive_register(housing, files / "consents.csv", Reason(ReasonCode.CONSENT))
    housing.close()


def _link(store: Path, files: Path) -> None:
    from kingshurst_tui.casework import decisions, people
    from kingshurst_tui.casework.decision_form import DISCUSSED
    from kingshurst_tui.linkage import run

    panel = Reason(ReasonCode.PANEL)
    session = _session(store, "coordinator")
    run.run(session, REASON)
    listed = people.open_list(session, panel, which="everybody")
    lines = list(people.page(session, listed, 0, listed.total))
    person = next(line.pseudonym for line in lines if line.name)
    form = decisions.open_form(session, person, panel)
    fields = {
        "lead_agency": "SCH",
        "why": "They see the person every week.",
        "why_not_first_contacted": "They met the person once.",
        "review_on": "2026-07-01",
        "review_trigger": "A move.",
    }
    document = {"version": form.version, "fields": fields, "not_discussed": list(DISCUSSED)}
    (files / "person").write_text(person, encoding="utf-8")
    (files / "decision.json").write_text(json.dumps(document), encoding="utf-8")
    session.close()
    (store.parent / "copies").mkdir()


def _copy(store: Path, files: Path) -> None:
    from kingshurst_tui.upkeep import backups

    session = _session(store, "administrator")
    backups.backup(session, store.parent / "copies" / "town")
    session.close()


def _make_older(store: Path, files: Path) -> None:
    """Put the store's rows into tables of the first version: made by its own step, filled with what it knew."""
    from alembic.command import upgrade
    from alembic.config import Config

    from tests.older import without_grants

    header = read_header(store)
    without_grants(store, {role.value: PASSPHRASE.format(role) for role in Role})
    _, _, store_keys = open_slot(header, "administrator", PASSPHRASE.format("administrator"))
    with administering(store, header.generation, store_keys.data) as connection:
        rows = {table: _rows(connection, table) for table in _tables(connection)}
    data_file(store, header.generation).unlink()
    with administering(store, header.generation, store_keys.data) as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(running.__file__).parent))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        connection.rollback()
        with connection.begin():
            upgrade(config, "0001")
            for table in set(_tables(connection)) - {"alembic_version"}:
                for row in rows[table]:
                    known = {name: row[name] for name in _columns(connection, table)}
                    names, marks = ", ".join(f'"{name}"' for name in known), ", ".join("?" * len(known))
                    connection.exec_driver_sql(
                        f'INSERT OR REPLACE INTO "{table}" ({names}) VALUES ({marks})', tuple(known.values())
                    )
            for statement in triggers.statements():
                with suppress(DBAPIError):  # one of a table that the first version did not have
                    connection.exec_driver_sql(statement)
    shutil.rmtree(store / "heads", ignore_errors=True)


def _tables(connection: Connection) -> list[str]:
    found = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return [row[0] for row in found]


def _columns(connection: Connection, table: str) -> list[str]:
    return [row[1] for row in connection.exec_driver_sql(f'PRAGMA table_info("{table}")')]


def _rows(connection: Connection, table: str) -> list[dict[str, Any]]:
    found = connection.exec_driver_sql(f'SELECT * FROM "{table}"')
    return [dict(row) for row in found.mappings()]
