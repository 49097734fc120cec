"""Consents: received alike, matched exactly or left to somebody else, withdrawn from that day."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import db.case_reading
import db.consents
from db.consents import ConsentRow, Sighting
from kingshurst_tui.casework import (
    actions,
    confidentiality,
    consent_effects,
    consent_receiving,
    consent_review,
    consent_withdrawal,
    consents_shown,
    home,
    opened_lately,
    profile_records,
    profiles,
    reopenings,
    search,
)
from kingshurst_tui.casework.confidentiality import OnRegister
from kingshurst_tui.casework.consent_giving import HELD
from kingshurst_tui.casework.matching import match
from kingshurst_tui.casework.register import COLUMNS, Known, checked, read_register
from kingshurst_tui.errors import InputRejected, NotFound, Refused, StaleRecord
from kingshurst_tui.vocabulary import Operation, Thing
from tests.casework.conftest import CONSENT, PANEL, WORDS

if TYPE_CHECKING:
    from tests.casework.conftest import Town


def test_an_agreement_opens_the_profile_and_is_answered_like_one_of_somebody_unknown(town: Town) -> None:
    person = town.masked_adult(known=True)
    name = f"{person.forename} {person.surname}"
    assert search.search(town.practitioner, name, PANEL).total == 0
    unknown = consent_receiving.add(town.practitioner, person.consent(forename="Nobody", surname="Elsewhere"), CONSENT)
    known = consent_receiving.add(town.practitioner, person.consent(), CONSENT)
    assert known.in_words().replace(str(known.number), "N") == unknown.in_words().replace(str(unknown.number), "N")
    assert not profiles.open_profile(town.practitioner, person.pseudonym, WORDS).is_masked
    assert person.pseudonym in {hit.pseudonym for hit in search.search(town.practitioner, name, PANEL).hits}


def test_a_misspelt_agreement_waits_for_somebody_other_than_its_giver(town: Town) -> None:
    person = town.masked_adult()
    received = consent_receiving.add(town.coordinator, person.consent(surname=person.surname + "e"), CONSENT)
    assert profiles.open_profile(town.coordinator, person.pseudonym, WORDS).is_masked
    assert received.number not in {each.number for each in consent_review.review_queue(town.coordinator, CONSENT)}
    with pytest.raises(Refused):
        consent_review.settle(town.coordinator, received.number, person.pseudonym, "", CONSENT)
    waiting = {each.number: each for each in consent_review.review_queue(town.supervisor, CONSENT)}[received.number]
    candidate = next(each for each in waiting.candidates if each.pseudonym == person.pseudonym)
    assert dict(candidate.compared)["surname"] == "nearly the same"
    assert person.surname not in repr(candidate)
    consent_review.settle(town.supervisor, received.number, person.pseudonym, "", CONSENT)
    assert not profiles.open_profile(town.coordinator, person.pseudonym, WORDS).is_masked


def test_a_practitioner_settles_nothing_and_a_profile_that_is_no_candidate_cannot_be_chosen(town: Town) -> None:
    person = town.masked_adult()
    received = consent_receiving.add(town.coordinator, person.consent(forename="Somebody", surname="Else"), CONSENT)
    with pytest.raises(Refused):
        consent_review.settle(town.practitioner, received.number, person.pseudonym, "", CONSENT)
    with pytest.raises(InputRejected):
        consent_review.settle(town.supervisor, received.number, town.open_person().pseudonym, "", CONSENT)
    with pytest.raises(InputRejected):
        consent_review.settle(town.supervisor, received.number, None, " ", CONSENT)
    consent_review.settle(town.supervisor, received.number, None, "nobody of that name is known", CONSENT)
    assert received.number not in {each.number for each in consent_review.review_queue(town.supervisor, CONSENT)}


def test_withdrawing_closes_the_profile_that_day_and_lists_what_rested_on_it(town: Town) -> None:
    person = town.masked_adult(known=True)
    received = consent_receiving.add(town.practitioner, person.consent(), CONSENT)
    withdrawn = consent_withdrawal.withdraw(town.practitioner, received.number, "changed their mind", CONSENT)
    assert {each.thing for each in withdrawn.rested_on_it} == {"flag"}
    assert profiles.open_profile(town.practitioner, person.pseudonym, WORDS).is_masked
    assert search.search(town.practitioner, person.surname, PANEL).total == 0
    with pytest.raises(StaleRecord) as stale:
        consent_withdrawal.withdraw(town.practitioner, received.number, "again", CONSENT)
    (why,) = stale.value.fields
    assert (why.theirs, why.mine) == ("changed their mind (4 May 2026)", "again")


def test_whoever_declines_is_not_asked_again_and_an_earlier_agreement_ends(town: Town) -> None:
    person = town.masked_adult(known=True)
    consent_receiving.add(town.practitioner, person.consent(given_on="2026-04-01"), CONSENT)
    consent_receiving.add(town.practitioner, person.consent(kind="declined", given_on="2026-05-02"), CONSENT)
    profile = profiles.open_profile(town.coordinator, person.pseudonym, WORDS)
    assert profile.is_masked
    assert str(profile.declined_on) == "2026-05-02"
    asked = {section.code: section for section in home.what_waits(town.coordinator)}["approach"]
    assert person.pseudonym not in {item.who for item in asked.items}
    assert asked.items
    consent_receiving.add(town.practitioner, person.consent(given_on="2026-05-03"), CONSENT)
    profile = profiles.open_profile(town.coordinator, person.pseudonym, WORDS)
    assert (profile.is_masked, profile.declined_on) == (False, None)


def test_withdrawing_a_consent_that_found_nobody_reads_like_any_other(town: Town) -> None:
    person = town.masked_adult()
    received = consent_receiving.add(town.practitioner, person.consent(forename="Nobody", surname="Elsewhere"), CONSENT)
    assert consent_withdrawal.withdraw(town.practitioner, received.number, "asked to", CONSENT).rested_on_it == ()


def test_an_agreement_ends_after_its_last_day(town: Town) -> None:
    person = town.masked_adult(known=True)
    consent_receiving.add(town.practitioner, person.consent(expires_on="2026-05-05"), CONSENT)
    clock = town.demo.clock
    clock.move(timedelta(days=1))  # type: ignore[attr-defined]
    assert not profiles.open_profile(town.practitioner, person.pseudonym, WORDS).is_masked
    clock.move(timedelta(days=1))  # type: ignore[attr-defined]
    assert profiles.open_profile(town.practitioner, person.pseudonym, WORDS).is_masked


def test_nobody_under_18_agrees_for_themselves(town: Town) -> None:
    form = town.masked_adult().consent(date_of_birth="2012-02-03")
    with pytest.raises(InputRejected, match="not accepted") as rejected:
        consent_receiving.add(town.practitioner, form, CONSENT)
    assert any("authority" in problem for problem in rejected.value.problems)
    form |= {"given_by": "Their mother", "authority": "parental responsibility"}
    consent_receiving.add(town.practitioner, form, CONSENT)


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


def test_a_profile_that_rests_on_health_or_abuse_waits_for_a_second_person_whoever_gives(town: Town) -> None:
    person = town.masked_adult(known=True, sensitive=True)
    plain = town.masked_adult(known=True)
    agreed = consent_receiving.add(town.practitioner, person.consent(), CONSENT)
    consent_receiving.add(town.practitioner, plain.consent(), CONSENT)
    assert not profiles.open_profile(town.practitioner, plain.pseudonym, WORDS).is_masked
    assert profiles.open_profile(town.practitioner, person.pseudonym, WORDS).is_masked
    assert consent_review.agree_to_exact(town.coordinator, CONSENT)[0] == 0, "one by one, not all at once"
    waiting = {each.number: each for each in consent_review.review_queue(town.coordinator, CONSENT)}
    assert "second person" in waiting[agreed.number].because
    assert "abuse" not in waiting[agreed.number].because
    consent_review.settle(town.coordinator, agreed.number, person.pseudonym, "", CONSENT)
    assert not profiles.open_profile(town.practitioner, person.pseudonym, WORDS).is_masked


def test_what_consents_opened_this_week_is_on_the_home_of_those_who_answer_for_it(town: Town) -> None:
    person = town.masked_adult(known=True)
    town.demo.clock.move(timedelta(days=8))  # type: ignore[attr-defined]
    received = consent_receiving.add(town.practitioner, person.consent(), CONSENT)

    def opened(role: str) -> dict[str, str]:
        sections = {section.code: section for section in home.what_waits(town.user(role))}
        return {item.who: item.words for item in sections["opened"].items} if "opened" in sections else {}

    for role in ("supervisor", "coordinator"):
        assert list(opened(role)) == [person.pseudonym]
        assert "handed in by practitioner (SCH)" in opened(role)[person.pseudonym]
        assert "nobody else was asked" in opened(role)[person.pseudonym]
    assert opened("practitioner") == {}
    # Opened and closed again the same day is no way out of the list.
    consent_withdrawal.withdraw(town.practitioner, received.number, "a mistake", CONSENT)
    assert "closed since" in opened("supervisor")[person.pseudonym]
    town.demo.clock.move(timedelta(days=8))  # type: ignore[attr-defined]
    assert opened("supervisor") == {}


def test_a_refusal_against_an_agreement_that_stands_waits_unless_its_giver_hands_it_in(town: Town) -> None:
    person = town.masked_adult(known=True)
    number = town.agreed(person.consent(given_on="2026-04-01"))
    declined = consent_receiving.add(town.practitioner, person.consent(kind="declined", given_on="2026-05-02"), CONSENT)
    assert not profiles.open_profile(town.coordinator, person.pseudonym, WORDS).is_masked
    waiting = {each.number: each for each in consent_review.review_queue(town.supervisor, CONSENT)}
    assert (waiting[declined.number].kind, HELD) == ("declined", waiting[declined.number].because)
    consent_review.settle(town.coordinator, declined.number, person.pseudonym, "", CONSENT)
    profile = profiles.open_profile(town.coordinator, person.pseudonym, WORDS)
    assert (profile.is_masked, str(profile.declined_on)) == (True, "2026-05-02")

    def on_masks(role: str) -> dict[int, consents_shown.OnMask]:
        return {each.number: each for each in consents_shown.listed(town.user(role), CONSENT).on_masks}

    # It is found by its number, on the mask, by those who may settle it.
    shown = on_masks("supervisor")[declined.number]
    assert (shown.pseudonym, shown.status, shown.recorded_by) == (person.pseudonym, "refused", "practitioner")
    assert person.surname not in repr(shown)
    # Withdrawn by somebody else, what it ended comes back before a second person.
    consent_withdrawal.withdraw(town.coordinator, declined.number, "nobody asked them", CONSENT)
    assert profiles.open_profile(town.coordinator, person.pseudonym, WORDS).is_masked
    with pytest.raises(Refused):
        consent_review.settle(town.coordinator, number, person.pseudonym, "", CONSENT)
    assert number not in {each.number for each in consent_review.review_queue(town.coordinator, CONSENT)}
    # Who handed it in is not shown whose mask it is: they know whom they named.
    assert on_masks("coordinator")[number].pseudonym == ""
    consent_review.settle(town.supervisor, number, person.pseudonym, "", CONSENT)
    assert not profiles.open_profile(town.coordinator, person.pseudonym, WORDS).is_masked


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


def test_a_guess_names_nobody_whom_the_givers_agency_does_not_know(town: Town) -> None:
    person = town.masked_adult(known=False)
    agreed = consent_receiving.add(town.practitioner, person.consent(), CONSENT)
    declined = consent_receiving.add(town.practitioner, person.consent(kind="declined"), CONSENT)
    profile = profiles.open_profile(town.practitioner, person.pseudonym, WORDS)
    assert (profile.is_masked, profile.declined_on) == (True, None)
    with town.coordinator.act(Operation.COMBINE, Thing.LINK, reason=PANEL, combine=True) as act:
        assert consent_effects.rematch(act) == 0, "linking does not do what its giver may not"
    waiting = {each.number: each for each in consent_review.review_queue(town.supervisor, CONSENT)}
    assert {agreed.number, declined.number} <= set(waiting)
    assert "second person" in waiting[agreed.number].because
    consent_review.settle(town.supervisor, agreed.number, person.pseudonym, "", CONSENT)
    assert not profiles.open_profile(town.practitioner, person.pseudonym, WORDS).is_masked


def test_no_role_is_enough_to_say_that_somebody_declined(town: Town) -> None:
    person = town.masked_adult(known=False)
    consent_receiving.add(town.coordinator, person.consent(kind="declined"), CONSENT)
    assert profiles.open_profile(town.coordinator, person.pseudonym, WORDS).declined_on is None
    opened = town.agreed(person.consent(given_on="2026-04-01"))
    assert not profiles.open_profile(town.coordinator, person.pseudonym, WORDS).is_masked
    # Whoever handed the agreement in takes it back by a refusal.
    consent_receiving.add(town.coordinator, person.consent(kind="declined", given_on="2026-05-03"), CONSENT)
    assert profiles.open_profile(town.coordinator, person.pseudonym, WORDS).declined_on is not None
    assert opened not in {each.number for each in consents_shown.listed(town.coordinator, CONSENT).consents}


def test_a_refusal_that_its_giver_withdraws_brings_back_what_it_ended(town: Town) -> None:
    person = town.masked_adult(known=True)
    agreed = consent_receiving.add(town.practitioner, person.consent(given_on="2026-04-01"), CONSENT)
    row = profiles.open_profile(town.coordinator, person.pseudonym, WORDS)
    action = actions.add(
        town.coordinator, person.pseudonym, "Visit", owner_agency="SCH", due_on=date(2026, 5, 20), reason=PANEL
    )
    declined = consent_receiving.add(town.practitioner, person.consent(kind="declined", given_on="2026-05-02"), CONSENT)
    assert profiles.open_profile(town.coordinator, person.pseudonym, WORDS).is_masked
    listed = [each for each in reopenings.waiting(town.coordinator, PANEL) if each.pseudonym == row.pseudonym]
    assert [(each.thing, each.thing_number) for each in listed] == [("action", action)]
    withdrawn = consent_withdrawal.withdraw(town.practitioner, declined.number, "it was somebody else", CONSENT)
    assert [(each.thing, each.number, each.status) for each in withdrawn.rested_on_it] == [
        ("consent", agreed.number, "stands again")
    ]
    profile = profiles.open_profile(town.coordinator, person.pseudonym, WORDS)
    assert (profile.is_masked, profile.declined_on) == (False, None)


def test_a_guessed_number_withdraws_nothing_and_is_entered(town: Town) -> None:
    person = town.masked_adult(known=False)
    agreed = town.agreed(person.consent())
    consent_withdrawal.withdraw(town.supervisor, agreed, "the form was torn up", CONSENT)
    [done] = _last_entries(town, 1)
    assert (done["result"], done["subjects"]) == ("done", [person.pseudonym])
    waiting = consent_receiving.add(town.coordinator, person.consent(surname=person.surname + "e"), CONSENT)
    register = consent_receiving.add(
        town.coordinator, person.consent(kind="confidentiality", purpose="", agreement="NHS-ED"), CONSENT
    )
    said = set()
    for number in (agreed, waiting.number, register.number, 999_999):
        with pytest.raises(NotFound) as refused:
            consent_withdrawal.withdraw(town.practitioner, number, "a guess", CONSENT)
        said.add((refused.value.title, refused.value.detail, refused.value.hint, refused.value.code))
    assert len(said) == 1
    assert {each["result"] for each in _last_entries(town, 4)} == {"refused"}
    with pytest.raises(InputRejected):
        consent_withdrawal.withdraw(town.coordinator, register.number, " ", CONSENT)


def test_another_agencys_confidentiality_is_not_a_practitioners_to_lift(town: Town, tmp_path: Path) -> None:
    form = town.masked_adult().consent(kind="confidentiality", purpose="", agreement="NHS-ED", nhs_number="")
    before = _on_register(town)
    with pytest.raises(Refused):
        consent_receiving.add(town.practitioner, form, CONSENT)
    with pytest.raises(Refused):
        consent_receiving.receive_register(town.practitioner, _register(tmp_path, [form]), CONSENT)
    assert _on_register(town).version == before.version


def test_a_reviewer_compares_with_what_their_own_agency_may_read_alone() -> None:
    # What records of an unshared data set hold is neither "the same" nor "not held".
    said = dict(consent_review.compared(_given(nhs_number="9434765919"), [_seen(1)], some_hidden=True))
    assert (said["surname"], said["NHS number"]) == ("the same", "not shared with your agency")


def test_a_police_reviewer_is_told_nothing_by_an_nhs_number(town: Town) -> None:
    assert town.supervisor.user.agency == "WMP"
    person = next(
        each
        for line in town.lines()
        for each in town.identities()[line.pseudonym]
        if each.nhs_number and each.born and not line.is_open and line.under_18 is False
    )
    form = person.consent(surname=person.surname + "e")
    received = consent_receiving.add(town.coordinator, form, CONSENT)
    waiting = {each.number: each for each in consent_review.review_queue(town.supervisor, CONSENT)}[received.number]
    compared = {each.pseudonym: dict(each.compared) for each in waiting.candidates}[person.pseudonym]
    assert compared["NHS number"] == "not shared with your agency"


def test_a_candidate_whom_only_unshared_records_know_is_another_reviewers(town: Town) -> None:
    with town.supervisor.act(Operation.CONSULT, Thing.PROFILE, reason=PANEL) as act:
        shared = {each.reference for each in act.read(db.case_reading.gated_data_sets) if each.is_shared}
    with town.coordinator.act(Operation.COMBINE, Thing.LINK, reason=PANEL, combine=True) as act:
        told = act.connection.exec_driver_sql(
            "SELECT p.pseudonym, r.agreement_ref FROM open_record r JOIN masked_profile p "
            "ON p.profile_id = r.profile_id WHERE p.under_18 = 0"
        ).fetchall()
    seen = {pseudonym for pseudonym, reference in told if reference in shared}
    everyone = town.identities()
    taken = {(each.surname, each.born) for name, of in everyone.items() for each in of if name in seen}
    person = next(
        each
        for pseudonym in sorted({pseudonym for pseudonym, _ in told} - seen)
        for each in everyone[pseudonym]
        if each.born and each.surname.isalpha() and (each.surname, each.born) not in taken
    )
    form = person.consent(surname=person.surname + "e", nhs_number="")
    received = consent_receiving.add(town.user("governance"), form, CONSENT)

    def queued(role: str) -> dict[int, consent_review.WaitingConsent]:
        return {each.number: each for each in consent_review.review_queue(town.user(role), CONSENT)}

    assert received.number not in queued("supervisor")
    for pseudonym in (person.pseudonym, None):
        with pytest.raises(NotFound):
            consent_review.settle(town.supervisor, received.number, pseudonym, "nobody", CONSENT)
    (candidate,) = queued("coordinator")[received.number].candidates
    assert candidate.pseudonym == person.pseudonym
    consent_review.settle(town.coordinator, received.number, person.pseudonym, "", CONSENT)
    assert not profiles.open_profile(town.coordinator, person.pseudonym, WORDS).is_masked


def _last_entries(town: Town, count: int) -> list[dict[str, object]]:
    with town.supervisor.act(Operation.CONSULT, Thing.AUDIT, reason=PANEL) as act:
        rows = act.connection.exec_driver_sql("SELECT body FROM audit_entry ORDER BY seq DESC LIMIT ?", (count,))
        return [json.loads(row[0]) for row in rows]


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


def _given(**changed: str | None) -> ConsentRow:
    fields: dict[str, object] = dict.fromkeys(ConsentRow._fields)
    fields |= {"id": 1, "forename": "Siân", "surname": "O'Brien", "born": "1980-05-03"}
    return ConsentRow(**{**fields, **changed})  # type: ignore[arg-type]


def _seen(profile: int, **changed: str | None) -> Sighting:
    fields = {"forename": "Sian", "surname": "OBRIEN", "former_surname": None, "born": "1980-05-03"}
    values: dict[str, Any] = {**fields, "nhs_number": None, "postcode": None, **changed}
    return Sighting(profile, profile * 10, **values)


@pytest.mark.parametrize(
    ("consent", "sightings", "whose"),
    [
        (_given(), [_seen(1)], 1),
        (_given(surname="Murphy"), [_seen(1, former_surname="Murphy")], 1),
        (_given(), [_seen(1), _seen(2)], None),
        (_given(nhs_number="9434765919"), [_seen(1), _seen(2, nhs_number="9434765919")], None),
        (
            _given(nhs_number="9434765919"),
            [_seen(1, nhs_number="9434765870"), _seen(2, nhs_number="9434765919")],
            2,
        ),
        (_given(nhs_number="9434765919"), [_seen(1, nhs_number="9434765870")], None),
        (_given(nhs_number="9434765919"), [_seen(1), _seen(2, forename="Tom", nhs_number="9434765919")], None),
        (_given(postcode="B37 6AA"), [_seen(1, postcode="B36 8LR")], None),
        (_given(postcode="B37 6AA"), [_seen(1, postcode="B36 8LR"), _seen(1, postcode="b376aa")], 1),
        (_given(), [_seen(1, forename="Sionne")], None),
        (_given(), [], None),
    ],
    ids=[
        "accents and capitals",
        "former surname",
        "two of one name and birthday",
        "a number that another may have too",
        "numbers tell namesakes apart",
        "another number",
        "the number of somebody else",
        "another postcode",
        "one of several postcodes",
        "a misspelling",
        "nobody",
    ],
)
def test_only_what_is_certain_takes_effect(consent: ConsentRow, sightings: list[Sighting], whose: int | None) -> None:
    found = match(consent, sightings)
    assert found.profile_id == whose
    assert bool(found.because) == (whose is None)
