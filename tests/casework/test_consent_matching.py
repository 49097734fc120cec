"""Whose a consent is: matched exactly or left to somebody else, and what whoever compares may read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import db.case_reading
from db.consents import ConsentRow, Sighting
from kingshurst_tui.casework import (
    consent_effects,
    consent_receiving,
    consent_review,
    consents_shown,
    profiles,
)
from kingshurst_tui.casework.matching import match
from kingshurst_tui.errors import InputRejected, NotFound, Refused
from kingshurst_tui.vocabulary import Operation, Thing
from tests.casework.conftest import CONSENT, PANEL, WORDS

if TYPE_CHECKING:
    from tests.casework.conftest import Town


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
