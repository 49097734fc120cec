"""Whether and how to approach somebody: said by each agency for itself, ended by it or by two people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kingshurst_tui.casework import approach, consent_receiving, consent_withdrawal, profiles
from kingshurst_tui.casework.approach import DO_NOT, SAFE, ApproachShown
from kingshurst_tui.errors import InputRejected, NotFound, Refused, StaleRecord
from tests.casework.conftest import CONSENT, WORDS

if TYPE_CHECKING:
    from kingshurst_tui.session import Session
    from tests.casework.conftest import Town

WHY = "The order against him has ended"


def _stands(session: Session, who: str) -> dict[str, ApproachShown]:
    return {word.kind: word for word in profiles.open_profile(session, who, WORDS).approach}


def test_whoever_does_not_know_a_person_says_nothing_of_approaching_them(town: Town) -> None:
    who = town.masked_adult(known=False).pseudonym
    for words in ({"do_not_approach": True}, {"safe_contact": "ring after dark"}):
        with pytest.raises(Refused, match="does not know"):
            approach.say(town.practitioner, who, reason=WORDS, **words)
    assert _stands(town.coordinator, who) == {}
    approach.say(town.coordinator, who, do_not_approach=True, reason=WORDS)
    assert _stands(town.practitioner, who)[DO_NOT].said_by == "coordinator"


def test_a_warning_is_shown_with_who_says_it_and_ends_by_its_own_agency_or_two_people(town: Town) -> None:
    who = town.masked_adult(known=True).pseudonym
    approach.say(town.practitioner, who, do_not_approach=True, reason=WORDS)
    word = _stands(town.coordinator, who)[DO_NOT]
    assert (word.agency, word.said_by, str(word.said_on)) == ("SCH", "practitioner", "2026-05-04")
    assert "SCH" in word.in_words()
    assert "4 May 2026" in word.in_words()
    with pytest.raises(InputRejected):
        approach.lift(town.coordinator, word.number, "ok", WORDS)
    assert not approach.lift(town.coordinator, word.number, WHY, WORDS)
    assert _stands(town.coordinator, who)[DO_NOT].asked_by == "coordinator"
    assert profiles.open_profile(town.coordinator, who, WORDS).do_not_approach
    with pytest.raises(Refused, match="somebody else"):
        approach.settle(town.coordinator, word.number, agreed=True, reason=WORDS)
    approach.settle(town.supervisor, word.number, agreed=False, reason=WORDS)
    assert _stands(town.coordinator, who)[DO_NOT].asked_by == ""
    approach.lift(town.coordinator, word.number, WHY, WORDS)
    approach.settle(town.supervisor, word.number, agreed=True, reason=WORDS)
    assert not profiles.open_profile(town.coordinator, who, WORDS).do_not_approach
    with pytest.raises(NotFound):
        approach.lift(town.practitioner, word.number, WHY, WORDS)
    approach.say(town.practitioner, who, do_not_approach=True, reason=WORDS)
    assert approach.lift(town.practitioner, _stands(town.practitioner, who)[DO_NOT].number, WHY, WORDS)


def test_nothing_left_out_is_blanked_and_nothing_unseen_is_written_over(town: Town) -> None:
    who = town.masked_adult(known=True).pseudonym
    approach.say(town.practitioner, who, safe_contact="by the health visitor", reason=WORDS)
    approach.say(town.practitioner, who, do_not_approach=True, reason=WORDS)
    first = _stands(town.practitioner, who)
    assert (set(first), first[SAFE].words) == ({DO_NOT, SAFE}, "by the health visitor")
    # Another agency's words stand beside it.
    approach.say(town.coordinator, who, safe_contact="by letter to her mother", reason=WORDS)
    assert _stands(town.practitioner, who)[DO_NOT].number == first[DO_NOT].number
    told = [word.words for word in profiles.open_profile(town.practitioner, who, WORDS).approach if word.is_own]
    assert told == ["", "by the health visitor"]
    with pytest.raises(StaleRecord, match="already") as stale:
        approach.say(town.practitioner, who, safe_contact="ring at noon", reason=WORDS)
    assert "by the health visitor" in stale.value.detail
    approach.say(town.practitioner, who, safe_contact="ring at noon", replaces=first[SAFE].number, reason=WORDS)
    with pytest.raises(StaleRecord):
        approach.say(town.practitioner, who, safe_contact="ring at ten", replaces=first[SAFE].number, reason=WORDS)
    with pytest.raises(InputRejected):
        approach.say(town.practitioner, who, reason=WORDS)


def test_the_words_of_a_safe_contact_are_on_no_other_agencys_mask(town: Town) -> None:
    person = town.masked_adult(known=True)
    words = f"ring {person.forename} {person.surname} on her sister's telephone"
    approach.say(town.practitioner, person.pseudonym, safe_contact=words, reason=WORDS)
    for role in ("coordinator", "supervisor", "governance"):
        profile = profiles.open_profile(town.user(role), person.pseudonym, WORDS)
        assert profile.is_masked
        assert person.surname not in repr(profile)
        assert "there is one; ask SCH" in profile.approach[0].in_words()
    assert _stands(town.practitioner, person.pseudonym)[SAFE].words == words
    # Where it opens, whoever may read it reads it.
    received = consent_receiving.add(town.practitioner, person.consent(), CONSENT)
    profile = profiles.open_profile(town.coordinator, person.pseudonym, WORDS)
    if not profile.is_masked:
        assert profile.approach[0].words == words
        consent_withdrawal.withdraw(town.practitioner, received.number, "asked to", CONSENT)
    assert _stands(town.coordinator, person.pseudonym)[SAFE].words == ""
