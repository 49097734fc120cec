"""Consents: what an agreement or a refusal does to a profile, and how it is withdrawn from that day."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from kingshurst_tui.casework import (
    actions,
    consent_receiving,
    consent_review,
    consent_withdrawal,
    consents_shown,
    home,
    profiles,
    reopenings,
    search,
)
from kingshurst_tui.casework.consent_giving import HELD
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


def _last_entries(town: Town, count: int) -> list[dict[str, object]]:
    with town.supervisor.act(Operation.CONSULT, Thing.AUDIT, reason=PANEL) as act:
        rows = act.connection.exec_driver_sql("SELECT body FROM audit_entry ORDER BY seq DESC LIMIT ?", (count,))
        return [json.loads(row[0]) for row in rows]
