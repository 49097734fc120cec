"""Undoing who is who: what rested on it is reopened, closes the profile, and waits for a person."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from kingshurst_tui.casework import consent_review, decisions, grounds, profile_records, profiles, reopenings
from kingshurst_tui.linkage import review
from tests.casework.conftest import CONSENT, PANEL, WORDS
from tests.casework.test_decisions import FIELDS, MARKED

if TYPE_CHECKING:
    from kingshurst_tui.casework.profile_records import Profile
    from tests.casework.conftest import Town


def _with_two_agencies(town: Town) -> Profile:
    for line in town.lines("open"):
        profile = profiles.open_profile(town.coordinator, line.pseudonym, WORDS)
        if isinstance(profile, profile_records.Profile) and len({record.agency for record in profile.records}) > 1:
            return profile
    raise AssertionError("nobody open is known to two agencies")


def _waiting(town: Town, pseudonym: str) -> set[str]:
    return {each.thing for each in reopenings.waiting(town.supervisor, PANEL) if each.pseudonym == pseudonym}


def test_taking_a_record_out_of_a_profile_reopens_its_consent_ground_and_decision(town: Town) -> None:
    profile = _with_two_agencies(town)
    pseudonym = profile.pseudonym
    ground = grounds.propose(
        town.coordinator, pseudonym, "safeguarding", "Something was said that worries us", date(2026, 6, 1), CONSENT
    )
    grounds.confirm(town.supervisor, ground.number, CONSENT)
    version = decisions.open_form(town.coordinator, pseudonym, PANEL).version
    decisions.sign(town.coordinator, pseudonym, FIELDS, MARKED, version=version, reason=PANEL)
    review.split(town.supervisor, profile.profile_id, [profile.records[-1].record_id], "another person of that name")
    assert profiles.open_profile(town.coordinator, pseudonym, WORDS).is_masked
    assert _waiting(town, pseudonym) >= {"consent", "ground", "decision"}

    grounds.confirm(town.supervisor, ground.number, CONSENT)
    assert not profiles.open_profile(town.coordinator, pseudonym, WORDS).is_masked
    assert "ground" not in _waiting(town, pseudonym)

    version = decisions.open_form(town.coordinator, pseudonym, PANEL).version
    decisions.sign(town.coordinator, pseudonym, FIELDS, MARKED, version=version, reason=PANEL)
    assert "decision" not in _waiting(town, pseudonym)

    waiting = next(
        each
        for each in consent_review.review_queue(town.coordinator, CONSENT)
        if pseudonym in {candidate.pseudonym for candidate in each.candidates} and "undone" in each.because
    )
    consent_review.settle(town.coordinator, waiting.number, pseudonym, "", CONSENT)
    assert "consent" not in _waiting(town, pseudonym)
    grounds.end(town.supervisor, ground.number, CONSENT)
    assert not profiles.open_profile(town.coordinator, pseudonym, WORDS).is_masked


def test_what_stands_as_it_is_comes_off_the_list_when_somebody_has_looked(town: Town) -> None:
    profile = _with_two_agencies(town)
    review.split(town.supervisor, profile.profile_id, [profile.records[-1].record_id], "another person of that name")
    for each in reopenings.waiting(town.supervisor, PANEL):
        reopenings.looked_at(town.supervisor, each.number, WORDS)
    assert reopenings.waiting(town.supervisor, PANEL) == ()
