"""Consents as they come in: registers and forms, whatever they hold, and the registers of consented-only data sets."""

from __future__ import annotations

import csv
import io
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import db.consents
from kingshurst_tui.casework import (
    confidentiality,
    consent_receiving,
    consent_review,
    consent_withdrawal,
    opened_lately,
    profile_records,
    profiles,
)
from kingshurst_tui.casework.confidentiality import OnRegister
from kingshurst_tui.casework.register import COLUMNS, Known, checked, read_register
from kingshurst_tui.errors import InputRejected, Refused
from kingshurst_tui.vocabulary import Operation, Thing
from tests.casework.conftest import CONSENT, PANEL, WORDS

if TYPE_CHECKING:
    from tests.casework.conftest import Town


def test_a_register_says_everything_that_is_wrong_at_once_and_stores_nothing(town: Town, tmp_path: Path) -> None:
    good = town.masked_adult().consent()
    bad = {**good, "date_of_birth": "03/04/1980", "nhs_number": "1234567890", "given_on": "2031-01-01", "kind": "agree"}
    path = _register(tmp_path, [good, bad])
    with pytest.raises(InputRejected) as rejected:
        consent_receiving.receive_register(town.coordinator, path, CONSENT)
    said = "\n".join(rejected.value.problems)
    for part in ("row 3, kind", "row 3, date_of_birth", "row 3, nhs_number", "row 3, given_on"):
        assert part in said
    assert "1234567890" not in said
    assert profiles.open_profile(town.coordinator, town.masked_adult().pseudonym, WORDS).is_masked


def test_a_register_is_received_once_and_opens_nobody_whom_its_giver_does_not_know(town: Town, tmp_path: Path) -> None:
    person = town.masked_adult()
    path = _register(tmp_path, [person.consent()])
    received = consent_receiving.receive_register(town.coordinator, path, CONSENT)
    assert (received.rows, received.known) == (1, 0)
    with pytest.raises(InputRejected, match="before"):
        consent_receiving.receive_register(town.coordinator, path, CONSENT)
    assert profiles.open_profile(town.coordinator, person.pseudonym, WORDS).is_masked
    assert consent_review.agree_to_exact(town.coordinator, CONSENT)[0] == 0, "whoever handed it in agrees to nothing"
    with pytest.raises(Refused):
        consent_review.agree_to_exact(town.practitioner, CONSENT)
    assert consent_review.agree_to_exact(town.user("governance"), CONSENT)[0] == 1
    assert not profiles.open_profile(town.coordinator, person.pseudonym, WORDS).is_masked
    [shown] = [each for each in opened_lately.listed(town.supervisor, CONSENT) if each.pseudonym == person.pseudonym]
    assert (shown.recorded_by, shown.agency, shown.second_person) == ("coordinator", "KTP", "governance")


def test_lifting_confidentiality_puts_a_person_on_the_register_of_one_data_set(town: Town) -> None:
    person = town.masked_adult()
    form = person.consent(kind="confidentiality", purpose="", agreement="NHS-ED", nhs_number="")
    before = _on_register(town)
    received = consent_receiving.add(town.coordinator, form, CONSENT)
    after = _on_register(town)
    assert after.version == before.version + 1
    assert after.has(person.forename.upper(), person.surname, person.born, None)
    assert not before.has(person.forename, person.surname, person.born, None)
    # It lets rows of that data set in; it opens nothing.
    assert profiles.open_profile(town.practitioner, person.pseudonym, WORDS).is_masked
    consent_withdrawal.withdraw(town.coordinator, received.number, "asked to", CONSENT)
    assert not _on_register(town).has(person.forename, person.surname, person.born, None)


def test_a_withdrawn_consent_takes_the_records_it_let_in_out_of_sight_until_another_is_given(town: Town) -> None:
    pseudonym, form, numbers = _patient(town)
    seen = _data_sets(town, pseudonym)
    assert "NHS-ED" in seen
    opened = profiles.open_profile(town.coordinator, pseudonym, WORDS)
    assert isinstance(opened, profile_records.Profile)
    assert set(numbers) <= {each.number for each in opened.consents if each.agreement == "NHS-ED"}
    for number in numbers:
        consent_withdrawal.withdraw(town.coordinator, number, "asked to", CONSENT)
    assert _data_sets(town, pseudonym) == seen - {"NHS-ED"}
    with town.coordinator.act(Operation.COMBINE, Thing.LINK, reason=PANEL, combine=True) as act:
        rows = act.connection.exec_driver_sql(
            "SELECT count(*) FROM open_record r JOIN masked_profile p ON p.profile_id = r.profile_id "
            "WHERE p.pseudonym = ? AND r.agreement_ref = 'NHS-ED'",
            (pseudonym,),
        ).scalar()
    assert rows == 0, "machines do not see them either"
    consent_receiving.add(town.coordinator, form | {"expires_on": "2026-05-10"}, CONSENT)
    assert _data_sets(town, pseudonym) == seen
    town.demo.clock.move(timedelta(days=6))  # type: ignore[attr-defined]
    assert "NHS-ED" in _data_sets(town, pseudonym)
    town.demo.clock.move(timedelta(days=1))  # type: ignore[attr-defined]
    assert "NHS-ED" not in _data_sets(town, pseudonym)


def test_another_agencys_confidentiality_is_not_a_practitioners_to_lift(town: Town, tmp_path: Path) -> None:
    form = town.masked_adult().consent(kind="confidentiality", purpose="", agreement="NHS-ED", nhs_number="")
    before = _on_register(town)
    with pytest.raises(Refused):
        consent_receiving.add(town.practitioner, form, CONSENT)
    with pytest.raises(Refused):
        consent_receiving.receive_register(town.practitioner, _register(tmp_path, [form]), CONSENT)
    assert _on_register(town).version == before.version


def _data_sets(town: Town, pseudonym: str) -> set[str]:
    profile = profiles.open_profile(town.coordinator, pseudonym, WORDS)
    assert isinstance(profile, profile_records.Profile)
    assert {record.data_set for record in profile.records} >= {row.data_set for row in profile.timeline}
    return {row.data_set for row in profile.timeline}


def _patient(town: Town) -> tuple[str, dict[str, str], list[int]]:
    """Return somebody open whom the emergency department knows, their consent as a form, and its numbers."""
    for line in town.lines("open"):
        if "NHS" in line.agencies and "NHS-ED" in _data_sets(town, line.pseudonym):
            people = [each for each in town.identities()[line.pseudonym] if each.born]
            with town.coordinator.act(Operation.COMBINE, Thing.LINK, reason=PANEL, combine=True) as act:
                rows = act.read(db.consents.register, "NHS-ED")
            mine = [row for row in rows if row.born in {each.born for each in people}]
            if mine and len({row.forename for row in mine}) == 1:
                form = people[0].consent(
                    kind="confidentiality",
                    purpose="",
                    agreement="NHS-ED",
                    forename=mine[0].forename or "",
                    surname=mine[0].surname or "",
                    date_of_birth=mine[0].born or "",
                    nhs_number=mine[0].nhs_number or "",
                    given_by="Their guardian",
                    authority="parental responsibility or a court's order",
                )
                return line.pseudonym, form, [row.id for row in mine]
    raise AssertionError("the town holds no such patient")


def _on_register(town: Town) -> OnRegister:
    with town.coordinator.act(Operation.COLLECT, Thing.BATCH, reason=PANEL) as act:
        return confidentiality.on_register(act, "NHS-ED")


def _register(folder: Path, rows: list[dict[str, str]]) -> Path:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    path = folder / "register.csv"
    path.write_text("\ufeff" + out.getvalue(), encoding="utf-8")
    return path


@given(st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=300)))
def test_a_form_may_hold_anything(fields: dict[str, str]) -> None:
    known = Known(frozenset({"repeat-contact"}), frozenset({"NHS-ED"}), date(2026, 5, 4))
    consent, wrong = checked(fields, known)
    assert (consent is None) == bool(wrong)


@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: (",".join(COLUMNS) + "\n" + text).encode()))
def test_a_register_file_may_hold_anything(content: bytes) -> None:
    known = Known(frozenset({"repeat-contact"}), frozenset({"NHS-ED"}), date(2026, 5, 4))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "register.csv"
        path.write_bytes(content)
        with pytest.raises(InputRejected):
            read_register(path, known)
