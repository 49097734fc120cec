"""Every role's sight by every table and view by every way to read or change it, on both engines of the store.

What is expected comes from what a table says of itself and from the list below, never from the authorizer.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import pytest
import sqlcipher3.dbapi2 as driver
from sqlalchemy import Column, Connection, MetaData, Table, Text

import db.authorizer
import db.schema
from db import views
from db.bare_rows import bare
from db.schema import table_class
from db.schema.common import PERSONAL
from db.store import Acting
from kingshurst_tui.permissions import CASE_READERS
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Role
from tests.trust.conftest import Open

if TYPE_CHECKING:
    from kingshurst_tui.demo.build import DemoStore

FOUND_BY = """
    action: id decision_id profile_id status version
    agenda_item: id panel_id profile_id purpose triage version
    approach_word: id agency_code profile_id status
    caseload: profile_id user_name
    consent: id agreement_ref profile_id purpose recorded_by status
    contact: id agreement_ref batch_id contact_key counterpart_id row_digest source_record_id superseded_by
    decision: id profile_id purpose status supersedes_id
    draft: id thing thing_id user_name
    flag: id lapses_on profile_id raised_on rule_code rule_version status
    flag_agreement: flag_id agreement_ref
    ground: id profile_id purpose recorded_by status
    incident: id
    incident_contact: incident_id contact_id
    incident_ruling: id left_contact_id right_contact_id ruling
    link: id left_record_id right_record_id proposed_by state
    notice: id profile_id thing thing_id
    opening: id basis basis_id closes opens profile_id purpose unless_confirmed_by
    profile: id do_not_approach pseudonym status version
    profile_alias: profile_id pseudonym
    profile_member: profile_id source_record_id
    record_detail: id batch_id detail_digest source_record_id superseded_by
    relationship: id batch_id from_record_id to_record_id superseded_by
    reopening: id profile_id thing thing_id
    restricted_note: id profile_id pseudonym status superseded_by
    source_record: id agency_code agreement_ref first_batch_id person_key record_mark
    withheld_record: source_record_id agreement_ref from_day
    action_step: id action_id profile_id
    case_access: id profile_id user_name status
    case_restriction: id profile_id status
    case_state: id profile_id purpose state panel_id
    conflict_of_interest: id panel_id panel_member_id profile_id
    disclosure_subject: id disclosure_id profile_id
    dissent: id profile_id decision_id agency_code status version
    dissent_step: id dissent_id profile_id
    first_view: id panel_case_id profile_id agency_code version
    flag_judgement: id profile_id rule_code rule_version
    going_on: id panel_case_id panel_id profile_id status
    information_request: id panel_case_id profile_id agency_code status version
    lead_transfer: id profile_id purpose status version
    minutes_part: id minutes_id panel_case_id profile_id
    outcome: id profile_id purpose decision_id recorded_by status version
    panel_case: id panel_id profile_id proposed_by status decision_id version
    panel_note: id panel_case_id profile_id version
    panel_seen: id panel_case_id profile_id pseudonym
    referral: id profile_id purpose status version
    referral_step: id referral_id profile_id
    unflagged_look: id unflagged_sample_id profile_id
    urgent_decision: id profile_id decision_id status panel_id
"""
"""Columns of tables about people that statements find and count rows by; any statement may read them."""

THROUGH_VIEWS = """
    action: text owner_agency owner_user due_on not_done_because closing_note closed_by closed_at
    action: outcome_sought accepted evidence panel_case_id owner_reference intervention
    agenda_item: triage_why triaged_by triaged_at back_on
    approach_word: kind words said_by said_at asked_by asked_at asked_why ended_by ended_at
    caseload: since
    consent: kind forename surname born postcode nhs_number given_by authority given_on expires_on evidence
    consent: withdrawn_on withdrawn_why register_version recorded_at settled_by settled_at reopened_by
    contact: partner_reference shared_reference occurred_on occurred_at reported_on category priority_area role
    contact: standing outcome place_postcode place_address measure sealed sealed_under
    decision: lead_agency document review_on signed_by signed_at signature
    draft: document saved_at over_version
    flag: evidence
    ground: kind why until recorded_at second_person second_at
    incident: first_day evidence
    incident_ruling: why ruled_by ruled_at
    link: weight comparison_vector model_version guards rival_weight decided_by decided_at decided_why proposed_at
    notice: what for_user for_role made_by made_at seen_by seen_at
    profile: created_at adult_on
    profile_alias: since
    record_detail: forename middle_names surname former_surname born born_quality sex nhs_number upn uprn address
    record_detail: postcode household_ref
    relationship: kind
    reopening: because reopened_at settled_by settled_at
    restricted_note: compartment epoch sealed written_by written_at
    source_record: partner_reference
    action_step: step words made_by entered_for made_at
    case_access: why given_by given_at ended_by ended_at
    case_restriction: why made_by made_at ended_by ended_at ended_why
    case_state: why lead_agency changed_by changed_at
    conflict_of_interest: interest step declared_by declared_at
    disclosure_subject:
    dissent: document signature made_by entered_for made_at level due_at
    dissent_step: step level words made_by made_at
    first_view: document written_by entered_for written_at
    flag_judgement: flag_id verdict why judged_by judged_at
    going_on: stop why asked_by asked_at second_person second_at
    information_request: question due_on asked_by asked_at answer answered_by entered_for answered_at
    lead_transfer: from_agency to_agency why handover asked_by asked_at answer answered_by answered_at
    minutes_part: document digest
    outcome: domain months measured_on baseline now effect person_view source recorded_at
    panel_case: place minutes question brought_by brought_id proposed_at status_why opened_at seconds revealed_at
    panel_case: revealed_by
    panel_note: field words written_by written_at
    panel_seen: digest sealed shown_by shown_at
    referral: from_agency to_agency forename surname born postcode own_reference document urgency lawful_basis
    referral: disclosed sent_by
    referral: sent_at answer answered_by answered_at feedback_due_on feedback feedback_by feedback_at reconciled
    referral: reconciled_by reconciled_at
    referral_step: step words made_by made_at
    unflagged_look: verdict why judged_by judged_at
    urgent_decision: why_urgent first_agency first_by second_agency second_by second_signature second_at ratified_why
    urgent_decision: ratified_by ratified_at
"""
"""Columns of the same tables that nobody reads but through a view. A new column goes into one of the two lists."""

AMENDED_AUDIT = {"audit_block", "audit_words"}
"""Of the tables of the trail, those that the tree does not cover: counts, and typed words, which an erasure takes."""

HELPERS = {"acting", "picked"}
"""TEMP tables of the program's own; every statement may write them, on either engine (SECURITY.md: client-enforced)."""


def columns_in(listed: str) -> set[tuple[str, str]]:
    rows = (line.split(":") for line in listed.strip().splitlines())
    return {(table.strip(), column) for table, columns in rows for column in columns.split()}


READABLE, HIDDEN = columns_in(FOUND_BY), columns_in(THROUGH_VIEWS)


def unclassified(metadata: MetaData) -> set[tuple[str, str]]:
    """The columns of tables about people that neither list names, and those listed that are not there."""
    there = {
        (table.name, column.name)
        for table in metadata.tables.values()
        if table_class(table) == "personal"
        for column in table.columns
    }
    return there ^ (READABLE | HIDDEN)


def expected(engine: str) -> Iterator[tuple[str, bool]]:
    """Each statement, and whether it may run there."""
    acts = engine == "acts"
    for table in db.schema.metadata.tables.values():
        name, kind = table.name, table_class(table)
        for column in table.columns:
            reads = kind != "personal" or (name, column.name) in READABLE
            yield f'SELECT "{column.name}" FROM "{name}"', reads
            yield f'SELECT 1 FROM "{name}" WHERE "{column.name}" IS NULL', reads
        amends = acts and (kind != "audit" or name in AMENDED_AUDIT)
        some = list(table.columns)[-1].name
        yield f'INSERT INTO "{name}" ("{some}") VALUES (NULL)', acts
        yield f'UPDATE "{name}" SET "{some}" = NULL', amends
        yield f'DELETE FROM "{name}"', amends
        yield from _never(name, "TABLE")
    for view in views.VIEWS:
        yield f"SELECT * FROM {view}", True
        yield f"SELECT count(*) FROM {view}", True
        yield f"INSERT INTO {view} DEFAULT VALUES", False
        yield f"UPDATE {view} SET profile_id = NULL", False
        yield f"DELETE FROM {view}", False
        yield from _never(view, "VIEW")
    for helper in HELPERS:
        yield f"SELECT * FROM {helper}", True
        yield f"DELETE FROM {helper}", True
        yield from _never(helper, "TABLE")
    yield "ATTACH DATABASE ':memory:' AS other", False
    yield "DETACH DATABASE main", False


def _never(name: str, kind: str) -> Iterator[tuple[str, bool]]:
    yield f'DROP {kind} "{name}"', False
    yield f'ALTER TABLE "{name}" RENAME TO other', False
    yield f'ALTER TABLE "{name}" ADD COLUMN other TEXT', False
    yield f'CREATE TEMP TABLE "{name}" (other TEXT)', False
    yield f'CREATE TEMP TRIGGER other AFTER INSERT ON "{name}" BEGIN SELECT 1; END', False


def runs(connection: Connection, statement: str) -> bool:
    """Say whether SQLite lets it be prepared, which is when it asks; EXPLAIN changes nothing."""
    try:
        bare(connection).execute(f"EXPLAIN {statement}").fetchall()
    except driver.Error:
        return False
    return True


def seen_by(session: Session, sight: str) -> Acting:
    return Acting(session.user.name, session.user.agency, session.purpose, "2026-05-04", sight)


def engine_of(session: Session, engine: str, sight: str) -> AbstractContextManager[Connection]:
    acting = seen_by(session, sight)
    return session.store.acting(acting) if engine == "acts" else session.store.reading(acting)


@pytest.mark.parametrize("engine", ["acts", "reads"])
@pytest.mark.parametrize("role", list(Role))
def test_each_statement_runs_where_the_class_of_its_table_lets_it(role: Role, engine: str, opened: Open) -> None:
    session = opened(role.value)
    for sight in ("none", "person", "combine"):
        with engine_of(session, engine, sight) as connection:
            wrong = [
                f"{statement}: {'denied' if may else 'ran'}"
                for statement, may in expected(engine)
                if runs(connection, statement) != may
            ]
        assert not wrong, f"{engine}, {sight}"


def test_what_may_be_read_of_people_outside_the_views_names_nobody(demo_store: DemoStore) -> None:
    with (demo_store.folder / "truth" / "people.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    telling = ("surname", "forename", "postcode", "nhs_number", "former_surname", "upn")
    names = {row[column].casefold() for row in rows for column in telling if row[column]}
    # Of infants, the day of birth is also the day of somebody's flag or consent.
    names |= {row["date_of_birth"] for row in rows if row["date_of_birth"] < "2024"}
    with demo_store.signed_in("coordinator") as session:

        def read(connection: Connection) -> Iterator[str]:
            for table, column in sorted(READABLE):
                found = connection.exec_driver_sql(f'SELECT "{column}" FROM "{table}"')
                yield from (str(value) for (value,) in found if value is not None)

        values = session.look(lambda connection: set(read(connection)))
    assert len(values) > 1_000
    assert not {value for value in values if value.casefold() in names}


def test_a_view_shows_people_only_to_a_sight_that_sees_them(demo_store: DemoStore) -> None:
    """By each view's name: what is combined, waiting or registered is for the machine, the rest for case readers."""
    machines = {name for name in views.VIEWS if name.startswith(("combined_", "registered_", "waiting_consent"))}
    shown: set[str] = set()
    for role in Role:
        with demo_store.signed_in(role.value) as session:
            for sight in ("none", "person") if role in CASE_READERS else ("none",):
                with session.store.reading(seen_by(session, sight)) as connection:
                    rows = {v for v in views.VIEWS if connection.exec_driver_sql(f"SELECT 1 FROM {v} LIMIT 1").first()}
                assert sight == "person" or rows <= {"own_draft"}, f"{role}: {rows}"
                assert not rows & machines, f"{role}, {sight}"
                shown |= rows
    assert {"open_record", "masked_profile", "own_contact"} <= shown


def test_every_column_about_people_is_classified_once() -> None:
    assert not unclassified(db.schema.metadata)
    assert not READABLE & HIDDEN


def _grown() -> MetaData:
    grown = MetaData()
    for table in db.schema.metadata.tables.values():
        table.to_metadata(grown)
    return grown


def test_a_new_column_about_people_is_found_and_is_denied_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    grown = _grown()
    grown.tables["record_detail"].append_column(Column("nickname", Text))
    Table("letter", grown, Column("words", Text), info=PERSONAL)
    assert unclassified(grown) == {("record_detail", "nickname"), ("letter", "words")}
    monkeypatch.setattr(db.authorizer, "metadata", grown)
    asked = db.authorizer.authorizer(read_only=False)
    for table, column in unclassified(grown):
        assert asked(driver.SQLITE_READ, table, column, "main", None) == driver.SQLITE_DENY


def test_a_new_table_without_a_class_lets_no_connection_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    grown = _grown()
    Table("letter", grown, Column("words", Text))
    monkeypatch.setattr(db.authorizer, "metadata", grown)
    with pytest.raises(KeyError):
        db.authorizer.authorizer(read_only=True)


def _dressed(*more: str) -> driver.Connection:
    connection = driver.connect(":memory:")
    for statement in (*views.statements(), *more):
        connection.execute(statement)
    return connection


def test_every_view_that_is_made_is_in_one_of_the_two_sets() -> None:
    made = {name for (name,) in _dressed().execute("SELECT name FROM sqlite_temp_master WHERE type = 'view'")}
    assert made == set(views.OPEN_VIEWS) | set(views.MASKED_VIEWS)
    assert not set(views.OPEN_VIEWS) & set(views.MASKED_VIEWS)
    assert not made & set(db.schema.metadata.tables)


def test_a_new_view_in_neither_set_reads_nothing() -> None:
    connection = _dressed(
        "CREATE TABLE record_detail (surname TEXT)", "CREATE TEMP VIEW mine AS SELECT * FROM record_detail"
    )
    assert connection.execute("SELECT * FROM mine").fetchall() == []
    connection.set_authorizer(db.authorizer.authorizer(read_only=True))
    with pytest.raises(driver.DatabaseError, match="prohibited"):
        connection.execute("SELECT surname FROM mine")
