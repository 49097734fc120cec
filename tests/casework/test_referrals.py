"""Referrals: taken without a word of whether the person is known, reconciled out of the referrer's sight, answered."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kingshurst_tui.casework import profile_records, profiles, reconciling, referrals, referrals_shown
from kingshurst_tui.casework.referral_form import checked
from kingshurst_tui.errors import InputRejected, NotFound, Refused, StaleRecord
from kingshurst_tui.oversight import erasure
from kingshurst_tui.oversight.trail import KEPT_BACK, TrailFilter, open_trail
from kingshurst_tui.vocabulary import Operation, Thing
from tests.casework.conftest import CONSENT, PANEL, WORDS, Identity

if TYPE_CHECKING:
    from kingshurst_tui.casework.referrals_shown import ReferralForPanel
    from kingshurst_tui.oversight.trail import TrailLine
    from kingshurst_tui.session import Session
    from tests.casework.conftest import Town

SOON = date(2026, 5, 18)
TELL = "We shall tell you what the panel says."


def _form(who: Identity, **changed: str) -> dict[str, str]:
    return {
        "to": "panel",
        "forename": who.forename,
        "surname": who.surname,
        "date_of_birth": who.born,
        "postcode": who.postcode,
        "own_reference": "",
        "why": "Their neighbours call us every week.",
        "asked": "Somebody who talks to them.",
        "person_knows": "told",
        "urgency": "routine",
        "lawful_basis": "Crime and Disorder Act 1998 s.115",
        "disclosed": "",
        **changed,
    }


NOBODY = Identity("", "Zebedee", "Quillfeather", "1961-02-03", "B37 6AA", "")


def _for_panel(town: Town) -> tuple[ReferralForPanel, ...]:
    with town.coordinator.act(Operation.CONSULT, Thing.AGENDA, reason=PANEL) as act:
        return referrals_shown.for_panel(act)


def test_a_referrer_learns_nothing_of_whether_the_person_is_known(town: Town) -> None:
    masked = town.masked_adult()
    known = referrals.send(town.practitioner, _form(masked), PANEL)
    unknown = referrals.send(town.practitioner, _form(NOBODY), PANEL)
    for number in (known, unknown):
        referrals.accept(town.coordinator, number, TELL, SOON, PANEL)
    waiting = {each.referral.number: each for each in reconciling.queue(town.coordinator, PANEL)}
    assert masked.pseudonym in {each.pseudonym for each in waiting[known].candidates}
    assert waiting[unknown].candidates == ()
    reconciling.settle(town.coordinator, known, masked.pseudonym, PANEL)
    reconciling.settle(town.coordinator, unknown, None, PANEL)
    first, second = (referrals_shown.read(town.practitioner, number, PANEL) for number in (known, unknown))
    for name in ("status", "answer", "answered_by", "feedback_due_on", "version", "person_knows"):
        assert getattr(first, name) == getattr(second, name)
    assert [(each.step, each.words) for each in first.steps] == [(each.step, each.words) for each in second.steps]
    with town.practitioner.act(Operation.CONSULT, Thing.REFERRAL, reason=PANEL) as act:
        for view in ("open_referral", "open_referral_step", "combined_referral"):
            assert act.connection.exec_driver_sql(f"SELECT count(*) FROM {view}").scalar() == 0
        columns = act.connection.exec_driver_sql("SELECT * FROM masked_referral").keys()
    assert not {"profile_id", "reconciled", "surname"} & set(columns)
    [listed] = _for_panel(town)
    assert (listed.number, listed.pseudonym, listed.is_open) == (known, masked.pseudonym, False)


def test_the_trail_tells_the_referrers_side_neither_that_nor_whose_it_was(town: Town) -> None:
    masked = town.masked_adult()
    known, unknown = (
        referrals.send(town.coordinator, _form(who, from_agency="WMP"), PANEL) for who in (masked, NOBODY)
    )
    reconciling.queue(town.coordinator, PANEL)
    reconciling.settle(town.coordinator, known, masked.pseudonym, PANEL)
    reconciling.settle(town.coordinator, unknown, None, PANEL)
    reconciling.undo(town.coordinator, known, PANEL)

    def read(session: Session) -> list[TrailLine]:
        page = open_trail(session, TrailFilter(operation="combine"), limit=4)
        return [line for line in page.lines if line.thing == "referral"]

    lines = read(town.supervisor)
    assert {(line.subjects, tuple(line.facts), line.words) for line in lines} == {((), (), KEPT_BACK)}
    assert len(lines) == 4
    said = [line.words for line in read(town.user("governance"))]
    assert said[:3] == [
        f"Referral {known}: no more {masked.pseudonym}",
        f"Referral {unknown}: nobody here",
        f"Referral {known}: {masked.pseudonym}",
    ]
    assert masked.pseudonym in str(said[3])


def test_the_referrers_side_reconciles_nothing(town: Town) -> None:
    number = referrals.send(town.practitioner, _form(town.masked_adult()), PANEL)
    with pytest.raises(Refused):
        reconciling.queue(town.practitioner, PANEL)
    own = referrals.send(town.coordinator, _form(NOBODY), PANEL)
    assert [each.referral.number for each in reconciling.queue(town.coordinator, PANEL)] == [number]
    with pytest.raises(Refused) as refused:
        reconciling.settle(town.coordinator, own, None, PANEL)
    assert "a supervisor or the information governance officer of another agency" in refused.value.hint
    # No coordinator is of another agency: somebody else who may does it, and does no more than that.
    assert [each.referral.number for each in reconciling.queue(town.supervisor, PANEL)] == [own]
    with pytest.raises(Refused, match="coordinator says"):
        reconciling.settle(town.supervisor, number, None, PANEL)
    reconciling.settle(town.supervisor, own, None, PANEL)
    entered = referrals.send(town.coordinator, _form(NOBODY, from_agency="WMFS"), PANEL)
    assert entered in {each.referral.number for each in reconciling.queue(town.coordinator, PANEL)}
    with pytest.raises(Refused):
        referrals.send(town.practitioner, _form(NOBODY, from_agency="WMFS"), PANEL)


def test_a_person_says_whose_it_is_once_and_can_take_it_back(town: Town) -> None:
    masked = town.masked_adult()
    number = referrals.send(town.practitioner, _form(masked), PANEL)
    other = next(line.pseudonym for line in town.lines() if line.pseudonym != masked.pseudonym)
    with pytest.raises(InputRejected):
        reconciling.settle(town.coordinator, number, other, PANEL)
    reconciling.settle(town.coordinator, number, masked.pseudonym, PANEL)
    with pytest.raises(StaleRecord):
        reconciling.settle(town.coordinator, number, None, PANEL)
    reconciling.undo(town.coordinator, number, PANEL)
    assert [each.referral.number for each in reconciling.queue(town.coordinator, PANEL)] == [number]
    assert _for_panel(town) == ()


def test_one_who_was_nobodys_comes_back_when_somebody_like_them_is_known(town: Town) -> None:
    masked = town.masked_adult()
    number = referrals.send(town.practitioner, _form(masked), PANEL)
    reconciling.settle(town.coordinator, number, None, PANEL)
    [again] = reconciling.queue(town.coordinator, PANEL)
    assert again.looked_at
    assert again.because == "names and date of birth are the same"


def test_an_own_reference_or_a_surname_at_a_postcode_finds_them_without_a_date_of_birth(town: Town) -> None:
    masked = town.masked_adult(known=True)
    with town.practitioner.act(Operation.CONSULT, Thing.PROFILE, reason=PANEL) as act:
        reference = act.connection.exec_driver_sql(
            "SELECT o.partner_reference FROM own_record o JOIN masked_profile p ON p.profile_id = o.profile_id "
            "WHERE p.pseudonym = ? AND o.partner_reference IS NOT NULL",
            (masked.pseudonym,),
        ).scalar()
    blank = {"date_of_birth": "", "forename": "", "postcode": ""}
    by_reference = referrals.send(town.practitioner, _form(masked, **blank, own_reference=str(reference)), PANEL)
    by_place = referrals.send(town.practitioner, _form(masked, **{**blank, "postcode": masked.postcode}), PANEL)
    waiting = {each.referral.number: each for each in reconciling.queue(town.coordinator, PANEL)}
    [candidate] = waiting[by_reference].candidates
    assert candidate.pseudonym == masked.pseudonym
    assert dict(candidate.compared)["their own reference"] == "the same"
    assert masked.pseudonym in {each.pseudonym for each in waiting[by_place].candidates}


def test_a_referral_goes_its_way_between_agencies_with_feedback_by_a_day(town: Town) -> None:
    number = referrals.send(town.coordinator, _form(NOBODY, to="SCH", from_agency="WMFS"), PANEL)
    [received] = [each for each in referrals_shown.listed(town.practitioner, PANEL) if each.number == number]
    assert (received.surname, received.lawful_basis) == ("Quillfeather", "Crime and Disorder Act 1998 s.115")
    with pytest.raises(NotFound):
        referrals_shown.read(town.supervisor, number, PANEL)
    referrals.receive(town.practitioner, number, PANEL)
    with pytest.raises(InputRejected):
        referrals.accept(town.practitioner, number, "", date(2026, 5, 4), PANEL)
    referrals.accept(town.practitioner, number, TELL, SOON, PANEL)
    town.later(timedelta(days=20))
    assert referrals_shown.read(town.practitioner, number, PANEL).overdue
    with town.practitioner.act(Operation.CONSULT, Thing.REFERRAL, reason=PANEL) as act:
        assert [each.number for each in referrals_shown.feedback_due(act)] == [number]
    referrals.feed_back(town.practitioner, number, "They were visited and have a new door.", PANEL, is_done=True)
    shown = referrals_shown.read(town.coordinator, number, PANEL)
    assert (shown.status, shown.overdue) == ("done", False)
    assert [each.step for each in shown.steps] == ["sent", "received", "accepted", "feedback", "done"]
    with pytest.raises(StaleRecord):
        referrals.revoke(town.coordinator, number, "They have moved to Dudley.", PANEL)


def test_what_one_agency_disclosed_to_another_is_on_no_third_ones_page(town: Town) -> None:
    who = town.open_person().pseudonym
    form = _form(NOBODY, from_agency="WMFS")
    between = referrals.send(town.coordinator, {**form, "to": "SCH"}, PANEL, pseudonym=who)
    to_panel = referrals.send(town.coordinator, form, PANEL, pseudonym=who)

    def on_the_page(session: Session) -> list[int]:
        profile = profiles.open_profile(session, who, WORDS)
        assert isinstance(profile, profile_records.Profile)
        return [each.number for each in profile.referrals]

    assert on_the_page(town.practitioner) == [to_panel, between]
    assert on_the_page(town.supervisor) == [to_panel]
    with town.supervisor.act(Operation.CONSULT, Thing.REFERRAL, reason=PANEL) as act:
        seen = act.connection.exec_driver_sql("SELECT DISTINCT referral_id FROM open_referral_step").scalars().all()
    assert seen == [to_panel]


def test_a_refusal_says_why_and_a_sender_takes_their_own_back(town: Town) -> None:
    first, second = (referrals.send(town.practitioner, _form(NOBODY), PANEL) for _ in range(2))
    with pytest.raises(InputRejected):
        referrals.reject(town.coordinator, first, "no", PANEL)
    with pytest.raises(Refused):
        referrals.reject(town.practitioner, first, "They are not for this panel.", PANEL)
    referrals.reject(town.coordinator, first, "They are not for this panel.", PANEL)
    assert referrals_shown.read(town.practitioner, first, PANEL).answer == "They are not for this panel."
    referrals.revoke(town.practitioner, second, "They have moved to Dudley.", PANEL)
    assert [each.status for each in referrals_shown.listed(town.practitioner, PANEL)] == ["revoked", "rejected"]
    assert reconciling.queue(town.coordinator, PANEL) == ()


def test_an_erasure_takes_referrals_that_name_the_person_and_found_nobody_yet(town: Town) -> None:
    masked = town.masked_adult()
    unreconciled = referrals.send(town.practitioner, _form(masked), PANEL)
    matched = referrals.send(town.practitioner, _form(masked, forename="Bobby"), PANEL)
    others = referrals.send(town.practitioner, _form(NOBODY), PANEL)
    reconciling.settle(town.coordinator, matched, masked.pseudonym, PANEL)
    asked = erasure.ask(town.supervisor, "person", masked.pseudonym, CONSENT)
    counts = erasure.confirm(town.user("governance"), asked, CONSENT, also=()).counts
    assert (counts["referral"], counts["referral_step"]) == (2, 3)
    with town.coordinator.act(Operation.COMBINE, Thing.REFERRAL, reason=PANEL, combine=True) as act:
        left = act.connection.exec_driver_sql("SELECT id FROM combined_referral").scalars().all()
        steps = act.connection.exec_driver_sql("SELECT DISTINCT referral_id FROM open_referral_step").scalars().all()
    assert (left, steps) == ([others], [others])
    assert unreconciled not in left


@given(st.dictionaries(st.sampled_from(sorted(_form(NOBODY))), st.text(max_size=90)))
def test_whatever_is_typed_is_taken_whole_or_refused_in_words(typed: dict[str, str]) -> None:
    taken, wrong = checked({**_form(NOBODY), **typed}, {"SCH": 0, "WMFS": 0}, "SCH", date(2026, 5, 4))
    assert (taken is None) == bool(wrong)
    if taken is not None:
        assert taken.surname
        assert taken.to_agency in ("", "WMFS")
