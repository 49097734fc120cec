"""No gate, no data: what an agreement must say, who signs it, and what it opens."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kingshurst_tui.agreements import document, gates, standing_today
from kingshurst_tui.errors import InputRejected, Refused
from tests.intake.conftest import ANSWERS, CONTACT_COLUMNS, REASON, Town, agreement, incident


def problems(town: Town, text: str) -> list[str]:
    return gates.problems_of(town.session("governance"), text)[1]


def test_a_sound_agreement_has_no_problems(town: Town) -> None:
    assert problems(town, agreement()) == []


def test_all_that_is_wrong_is_said_at_once(town: Town) -> None:
    text = agreement(
        dict(CONTACT_COLUMNS) | {"Extra": "person.shoe_size", "Area": "area.code"},
        codes={"category": {"ASB": ["nuisance", "other"]}, "role": {"Victim": "culprit"}},
        rag="blue",
        purposes=["repeat-contact", "marketing"],
        regime="uk-gdpr",
        article_6="",
        health=True,
        expires="@2025-01-01",
        tolerance_percent=140,
        isa={"reference": "ISA-1", "signed_on": "@2026-03-01"},
        form={"delimiter": ";;", "dates": "%d/%m", "encoding": "ebcdic"},
        spelt_wrong="yes",
    )
    said = "\n".join(problems(town, text))
    for wanted in (
        "agreement.rag must be one of red, amber, green",
        "'marketing' has not been set by the partnership",
        "article_6 is missing",
        "what lifts the duty of confidence",
        "expires lies before starts",
        "tolerance_percent must be a number between 0 and 100",
        "isa.signed_by is missing",
        "delimiter must be one character",
        "dates must name day, month and year",
        "encoding must be one of",
        "there is no field 'person.shoe_size'",
        "area.code means nothing in an extract of shape contacts",
        "there is no category 'nuisance'",
        "there is no role 'culprit'",
        "agreement.spelt_wrong means nothing here",
    ):
        assert wanted in said, wanted


@pytest.mark.parametrize(
    ("terms", "wanted"),
    [
        (
            {"health": True, "confidentiality": "consent-register", "confidentiality_evidence": "register"},
            "consented_only must be true",
        ),
        ({"confidentiality": "statute"}, "confidentiality_evidence is missing"),
        (
            {"confidentiality": "statute", "confidentiality_evidence": "Support applied for, 22/CAG/0012, 1 May 2026"},
            "says 'applied for'",
        ),
        ({"confidentiality": "section-251", "confidentiality_evidence": "22/CAG/0012"}, "names no date"),
        ({"confidentiality": "section-251", "confidentiality_evidence": "Granted 2 March 2026"}, "names no reference"),
        ({"confidentiality": "statute", "confidentiality_evidence": "s.251B, 2026-13-01"}, "names no date"),
        ({"confidentiality": "statute", "confidentiality_evidence": "s.251B, 05/05/2026"}, "dated in the future"),
        ({"agency": ("WMAS", "West Midlands Ambulance", "ambulance")}, "health must be true"),
        ({"rag": "amber"}, "names the conditions"),
        ({"version": 10**20}, "version must be a whole number from 1 to"),
        ({"retention_months": 10**400}, "retention_months must be a whole number from 1 to"),
        ({"granularity": "postcode"}, "person data under an agreement at postcode level"),
        ({"form": {"shape": "areas"}, "granularity": "individual"}, "needs a granularity of address"),
        ({"answers": ANSWERS[:3]}, "nothing is answered under Ownership"),
        ({"answers": [ANSWERS[0] | {"question": "Is it fine?"}, *ANSWERS[1:]]}, "word for word"),
        ({"conditions": [{"text": "x", "met_on": "@2026-01-01"}]}, "met, without evidence"),
        ({"constants": {}}, "contact.standing comes from no column"),
        ({"schedule_conditions": []}, "needs a condition of DPA 2018 Schedule 8"),
        ({"coverage_from": "2026-01-01"}, "must be a date such as"),
        ({"consented_only": "yes"}, "must be true or false"),
        ({"title": "Police\u202e incidents"}, "agreement.title holds hidden or control characters"),
        ({"constants": {"contact.standing": "fact\u200b"}}, "holds hidden or control characters"),
    ],
)  # fmt: skip
def test_terms_that_do_not_hold_are_named(town: Town, terms: dict[str, Any], wanted: str) -> None:
    assert wanted in "\n".join(problems(town, agreement(**terms)))


def test_red_is_refused_always(town: Town) -> None:
    with pytest.raises(Refused, match="is red"):
        town.sign(agreement(rag="red"))
    with pytest.raises(Refused, match="no agreement"):
        town.incidents(incident())


@pytest.mark.parametrize(
    "evidence",
    [
        "Register of consents CR-7, opened on 3 June 2024.",
        "CAG 22/CAG/0012 of 2026-03-01",
        "Care Act 2014 s.42, direction of 01/04/2026",
        "22/CAG/0012, granted 1 MARCH 2026, to be reviewed by 1 March 2028",
    ],
)
def test_evidence_that_names_a_reference_and_a_day_is_accepted(town: Town, evidence: str) -> None:
    assert problems(town, agreement(confidentiality="statute", confidentiality_evidence=evidence)) == []


def test_one_that_was_red_needs_a_second_person_in_any_colour(town: Town) -> None:
    with pytest.raises(Refused, match="is red"):
        town.sign(agreement(rag="red"))
    standing = town.sign(agreement(rag="green"))
    assert standing.state == "waiting"
    assert "refused as red before; waits for the signature of a second person" in standing.why
    with pytest.raises(Refused, match="second person"):
        gates.sign(town.session("governance"), "WMP-TEST", reason=REASON)
    with pytest.raises(Refused, match="is shut: green now, and refused as red before"):
        town.incidents(incident())
    assert gates.sign(town.session("supervisor"), "WMP-TEST", reason=REASON).state == "live"
    assert [each.row.version for each in standing_today.listed(town.session(), every_version=True)] == [1]
    town.sign(agreement(version=2))
    states = [each.state for each in standing_today.listed(town.session(), every_version=True)]
    assert states == ["live", "waiting"], "it is remembered for good"


HEALTH: dict[str, Any] = {
    "reference": "NHS-TEST",
    "agency": ("NHS", "NHS Birmingham and Solihull", "nhs"),
    "health": True,
    "confidentiality": "statute",
    "confidentiality_evidence": "Care Act 2014 s.42, 1 March 2026",
}


def test_identifiable_health_data_need_a_second_person_in_any_colour(town: Town) -> None:
    standing = town.sign(agreement(**HEALTH))
    assert (standing.state, standing.why.split(";")[0]) == ("waiting", "green, and identifiable health data")
    with pytest.raises(Refused, match="second person"):
        gates.sign(town.session("governance"), "NHS-TEST", reason=REASON)
    gates.suspend(town.session("supervisor"), "NHS-TEST", "not so fast", reason=REASON)
    with pytest.raises(Refused, match="second person"):
        gates.sign(town.session("governance"), "NHS-TEST", reason=REASON)


@pytest.mark.parametrize("role", ["governance", "supervisor"])
def test_whoever_suspends_an_agreement_does_not_open_it_again(town: Town, role: str) -> None:
    town.sign()
    gates.suspend(town.session(role), "WMP-TEST", "a breach is looked into", reason=REASON)
    with pytest.raises(Refused, match="not opened again by whoever suspended it"):
        gates.sign(town.session(role), "WMP-TEST", reason=REASON)
    standing = town.sign(agreement(version=2))
    assert (standing.state, standing.row.version) == ("suspended", 1), "nor by a new version alone"
    with pytest.raises(Refused, match="second person"):
        gates.sign(town.session("governance"), "WMP-TEST", reason=REASON)
    assert gates.sign(town.session("supervisor"), "WMP-TEST", reason=REASON).row.version == 2


def test_green_is_live_on_signing(town: Town) -> None:
    assert town.sign().state == "live"
    assert town.incidents(incident()).rows_accepted == 1


MET = [{"text": "Names of staff taken out", "met_on": "@2026-04-01", "evidence": "letter of 1 April"}]


def test_amber_waits_for_a_second_person(town: Town) -> None:
    standing = town.sign(agreement(rag="amber", conditions=MET))
    assert standing.state == "waiting"
    assert "second person" in standing.why
    with pytest.raises(Refused, match="second person"):
        gates.sign(town.session("governance"), "WMP-TEST", reason=REASON)
    with pytest.raises(Refused, match="gate of WMP-TEST is shut: amber"):
        town.incidents(incident())
    assert gates.sign(town.session("supervisor"), "WMP-TEST", reason=REASON).state == "live"
    assert town.incidents(incident()).rows_accepted == 1


def test_amber_with_an_unmet_condition_cannot_be_signed_live(town: Town) -> None:
    town.sign(agreement(rag="amber", conditions=[*MET, {"text": "Retention agreed"}]))
    with pytest.raises(Refused, match="conditions are not all met") as refused:
        gates.sign(town.session("supervisor"), "WMP-TEST", reason=REASON)
    assert "Retention agreed" in refused.value.detail
    town.sign(agreement(rag="amber", conditions=MET, version=2))
    assert gates.sign(town.session("supervisor"), "WMP-TEST", reason=REASON).row.version == 2


@pytest.mark.parametrize("role", ["coordinator", "supervisor", "practitioner"])
def test_only_governance_adds(town: Town, role: str) -> None:
    with pytest.raises(Refused):
        gates.add(town.session(role), agreement(), reason=REASON)


def test_a_lapse_closes_the_gate_that_day_in_every_open_session(town: Town) -> None:
    town.sign(agreement(expires="@2026-05-04"))
    town.incidents(incident(1))
    assert len(town.contacts()) == 1
    town.clock.move(timedelta(days=1))
    assert town.contacts() == []
    assert town.records() == []
    with pytest.raises(Refused, match=r"it lapsed on 4 May 2026"):
        town.incidents(incident(2))


@pytest.mark.parametrize("terms", [{}, {"rag": "amber", "conditions": MET}], ids=["green", "amber"])
def test_one_whose_term_is_over_is_recorded_as_lapsed_and_opens_nothing(town: Town, terms: dict[str, Any]) -> None:
    standing = town.sign(agreement(starts="@2025-01-01", expires="@2026-05-03", **terms))
    assert (standing.state, standing.why) == ("lapsed", "it lapsed on 3 May 2026")
    with pytest.raises(Refused, match="it lapsed on 3 May 2026"):
        town.incidents(incident())
    with pytest.raises(Refused):
        gates.sign(town.session("supervisor"), "WMP-TEST", reason=REASON)
    assert [each.state for each in standing_today.listed(town.session())] == ["lapsed"]
    assert town.sign(agreement(version=2)).state == "live"
    with pytest.raises(InputRejected) as rejected:
        town.sign(agreement(version=3, starts="@2025-01-01", expires="@2026-05-03"))
    assert "cannot replace version 2" in rejected.value.detail
    assert town.incidents(incident()).rows_accepted == 1


def test_suspending_closes_the_gate_at_once_until_it_is_signed_again(town: Town) -> None:
    town.sign()
    town.incidents(incident(1))
    gates.suspend(town.session("governance"), "WMP-TEST", "a breach is looked into", reason=REASON)
    assert town.contacts() == []
    with pytest.raises(Refused, match="a breach is looked into"):
        town.incidents(incident(2))
    gates.sign(town.session("supervisor"), "WMP-TEST", reason=REASON)
    assert len(town.contacts()) == 1


def test_a_purpose_that_the_agreement_does_not_name_opens_nothing(town: Town) -> None:
    town.sign()
    town.session("coordinator").purpose = "another-question"
    with pytest.raises(Refused, match="does not name the purpose 'another-question'"):
        town.incidents(incident(1))


def test_a_new_version_replaces_the_old_when_it_is_live_and_not_before(town: Town) -> None:
    town.sign()
    with pytest.raises(InputRejected) as rejected:
        town.sign()
    assert "needs version 2" in rejected.value.detail
    town.sign(agreement(version=2, rag="amber", conditions=MET))
    assert standing_today.show(town.session(), "WMP-TEST").row.version == 1
    assert town.incidents(incident(1)).rows_accepted == 1
    gates.sign(town.session("supervisor"), "WMP-TEST", reason=REASON)
    assert standing_today.show(town.session(), "WMP-TEST").row.version == 2
    assert [each.state for each in standing_today.listed(town.session(), every_version=True)] == ["superseded", "live"]


def test_algo_care_answers_are_kept_and_shown(town: Town) -> None:
    town.sign()
    shown = standing_today.show(town.session("practitioner"), "WMP-TEST").agreement.algo_care
    assert [one.head for one in shown] == [answer["head"] for answer in ANSWERS]
    assert shown[0].answer == "Invented for a test."


def test_an_agency_keeps_its_kind_and_a_data_set_its_agency(town: Town) -> None:
    town.sign()
    text = agreement(version=2, agency=("WMP", "West Midlands Police", "nhs"))
    assert "is of kind police in this store" in "\n".join(problems(town, text))
    text = agreement(version=2, agency=("SCH", "Solihull Community Housing", "housing"))
    assert "its owner cannot change" in "\n".join(problems(town, text))


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader_of_agreements(text: str) -> None:
    with contextlib.suppress(InputRejected):
        document.from_text(text)


JSON_LIKE = st.recursive(
    st.booleans() | st.integers() | st.text("aeiou -é", max_size=8),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@given(st.sampled_from(["rag", "purposes", "isa", "conditions", "starts", "tolerance_percent", "health"]), JSON_LIKE)
def test_no_value_in_a_wrong_place_breaks_it(key: str, value: Any) -> None:
    found: list[str] = []
    document.from_text(agreement(**{key: value}), found)
