"""People decide about links: what they decide stands, reopens what rested on it, and shows no more than it may."""

from __future__ import annotations

from typing import Any

import pytest

from kingshurst_tui.acts import Reason
from kingshurst_tui.errors import InputRejected, NotFound, Refused, StaleRecord
from kingshurst_tui.linkage import pairs_shown, review
from kingshurst_tui.linkage.review import Verdict
from kingshurst_tui.vocabulary import ReasonCode
from tests.linkage.conftest import NHS_NUMBERS, Room
from tests.linkage.test_run import BOARD, JACK, consent_and_opening

LOOKING = Reason(ReasonCode.REVIEW)
TWIN: dict[str, Any] = JACK | {"forename": "Harry"}


def test_a_pair_that_is_not_clear_waits_and_a_persons_link_stands_for_good(room: Room) -> None:
    one, other = room.add("WMP", **JACK), room.add("SCH", **TWIN)
    made = room.link()
    pairs, waiting = pairs_shown.queue(room.session())
    assert (made.review, waiting, [pair.link_id for pair in pairs]) == (1, 1, [room.pair(one, other)])
    review.decide(room.session(), pairs[0].link_id, Verdict.LINK, "the school confirmed it by telephone")
    assert room.profile_of(one) == room.profile_of(other)
    again = room.link()
    assert room.profile_of(one) == room.profile_of(other)
    assert (again.by_people, again.split, pairs_shown.queue(room.session())) == (1, 0, ([], 0))


def test_who_decides_second_about_a_pair_is_told_first(room: Room) -> None:
    one, other = room.add("WMP", **JACK), room.add("SCH", **TWIN)
    room.link()
    pair = room.pair(one, other)
    review.decide(room.session(), pair, Verdict.LINK, "the school says one")
    with pytest.raises(StaleRecord) as stale:
        review.decide(room.session("supervisor"), pair, Verdict.APART, "two brothers")
    assert (stale.value.by, stale.value.fields[0].theirs) == ("coordinator", "linked")
    assert room.profile_of(one) == room.profile_of(other)
    review.decide(room.session("supervisor"), pair, Verdict.APART, "two brothers", over=stale.value.over)
    assert room.profile_of(one) != room.profile_of(other)


def test_who_is_kept_apart_stays_apart_even_by_way_of_others(room: Room) -> None:
    one, other = room.add("WMP", **JACK), room.add("SCH", **JACK)
    room.link()
    review.undo(room.session(), room.pair(one, other), "two cousins of one name")
    assert room.profile_of(one) != room.profile_of(other)
    bridge = room.add("EDU", **JACK)
    room.link()
    assert room.profile_of(one) != room.profile_of(other)
    assert room.profile_of(bridge) in (room.profile_of(one), room.profile_of(other))


def test_keeping_two_profiles_apart_settles_every_pair_between_them(room: Room) -> None:
    first = [room.add(agency, **JACK) for agency in ("WMP", "SCH")]
    second = [room.add(agency, **TWIN) for agency in ("WMP", "EDU")]
    room.link()
    pairs, waiting = pairs_shown.queue(room.session())
    assert waiting == 1
    review.decide(room.session("supervisor"), pairs[0].link_id, Verdict.APART, "twins, seen together")
    room.link()
    assert pairs_shown.queue(room.session())[1] == 0
    assert len({room.profile_of(record) for record in first + second}) == 2


def test_undoing_a_link_says_first_what_it_reopens_and_then_reopens_it(room: Room) -> None:
    one, other = room.add("WMP", **JACK), room.add("SCH", **JACK)
    room.link()
    whole = room.profile_of(one)
    consent_and_opening(room, whole)
    before = room.state()
    found = review.preview(room.session(), room.pair(one, other), Verdict.APART)
    assert room.state() == before
    assert ([thing.thing for thing in found.things], found.people_after, found.refused) == (["consent"], 2, "")
    written = review.undo(room.session(), room.pair(one, other), "not the same boy")
    assert [thing.thing for thing in written.reopened] == ["consent"]
    assert room.ask("SELECT status FROM consent") == [("reopened",)]
    assert room.ask("SELECT count(*) FROM opening") == [(0,)]
    assert room.profile_of(one) == whole
    assert room.profile_of(other) not in (whole, None)


def test_a_decision_taken_back_lets_the_evidence_count_again(room: Room) -> None:
    one, other = room.add("WMP", **JACK), room.add("SCH", **JACK)
    room.link()
    pair = room.pair(one, other)
    review.undo(room.session(), pair, "not the same boy")
    review.take_back(room.session("supervisor"), pair, "it was after all")
    assert room.profile_of(one) == room.profile_of(other)
    with pytest.raises(Refused, match="Nobody has decided"):
        review.take_back(room.session(), pair, "again")


def test_a_split_stays_split(room: Room) -> None:
    records = [room.add(agency, **JACK) for agency in ("WMP", "SCH", "EDU", "SMBC")]
    room.link()
    whole = room.profile_of(records[0])
    found = review.preview_split(room.session(), whole, records[2:])
    assert found.people_after == 2
    review.split(room.session(), whole, records[2:], "two boys of one name")
    parts = [room.profile_of(record) for record in records]
    assert parts[0] == parts[1] == whole
    assert parts[2] == parts[3] != whole
    room.link()
    assert [room.profile_of(record) for record in records] == parts


def test_one_wrong_record_leaves_the_rest_with_its_id(room: Room) -> None:
    records = [room.add(agency, **JACK) for agency in ("WMP", "SCH", "EDU")]
    room.link()
    whole = room.profile_of(records[0])
    review.wrong_person(room.session(), whole, records[0], "this is his cousin")
    assert room.profile_of(records[1]) == room.profile_of(records[2]) == whole
    assert room.profile_of(records[0]) != whole


def test_people_may_join_what_the_model_never_proposed(room: Room) -> None:
    one = room.add("WMP", **JACK)
    other = room.add("SCH", forename="Zeta", surname="Quill", born="1990-01-05")
    room.link()
    kept = min(room.profile_of(one), room.profile_of(other))
    review.join(room.session(), room.profile_of(one), room.profile_of(other), "changed name; seen the deed poll")
    room.link()
    assert room.profile_of(one) == room.profile_of(other) == kept
    (pair,) = pairs_shown.links_of(room.session(), kept, LOOKING)
    assert pair.waterfall.by_hand


def test_people_cannot_link_what_states_different_numbers(room: Room) -> None:
    one = room.add("WMP", **JACK | {"nhs_number": NHS_NUMBERS[0]})
    other = room.add("SCH", **JACK | {"nhs_number": NHS_NUMBERS[1]})
    room.link()
    before = room.state()
    pair = room.pair(one, other)
    assert "NHS numbers" in review.preview(room.session(), pair, Verdict.LINK).refused
    with pytest.raises(Refused, match="cannot be made one person"):
        review.decide(room.session(), pair, Verdict.LINK, "I am sure")
    assert room.state() == before


def test_people_cannot_link_across_a_separation(room: Room) -> None:
    one, other = room.add("WMP", **JACK), room.add("SCH", **JACK)
    room.link()
    review.undo(room.session(), room.pair(one, other), "two cousins")
    third = room.add("EDU", forename="Zeta", surname="Quill", born="1990-01-05")
    room.link()
    review.join(room.session(), room.profile_of(one), room.profile_of(third), "deed poll")
    with pytest.raises(Refused):
        review.join(room.session(), room.profile_of(other), room.profile_of(third), "deed poll too")


def test_a_decision_needs_a_reason_and_the_right_role(room: Room) -> None:
    one, other = room.add("WMP", **JACK), room.add("SCH", **TWIN)
    room.link()
    pair = room.pair(one, other)
    with pytest.raises(InputRejected):
        review.decide(room.session(), pair, Verdict.LINK, "  ")
    for role in ("practitioner", "governance"):
        with pytest.raises(Refused):
            review.decide(room.session(role), pair, Verdict.LINK, "sure")
    with pytest.raises(NotFound):
        review.decide(room.session(), 999_999, Verdict.LINK, "sure")
    with pytest.raises(InputRejected):
        review.split(room.session(), room.profile_of(one), [one], "all of it")


def test_a_practitioner_reports_a_wrong_person_for_others_to_part(room: Room) -> None:
    one = room.add("WMP", **JACK)
    room.link()
    review.report_wrong_person(room.session("practitioner"), room.profile_of(one), "she says this is not her")
    ((thing, because),) = room.ask("SELECT thing, because FROM masked_reopening")
    assert (thing, because) == ("profile", "she says this is not her")


def test_left_for_somebody_else_it_stays_and_comes_last(room: Room) -> None:
    first = (room.add("WMP", **JACK), room.add("SCH", **TWIN))
    ruth = BOARD | {"forename": "Ruth", "surname": "Osei", "born": "1970-11-30", "sex": "F"}
    room.add("WMP", **ruth)
    room.add("SCH", **ruth | {"forename": "Martha"})
    room.link()
    pairs, _ = pairs_shown.queue(room.session())
    assert len(pairs) == 2
    review.decide(room.session(), pairs[0].link_id, Verdict.LEAVE, "waiting for the school")
    after, waiting = pairs_shown.queue(room.session())
    assert waiting == 2
    assert after[-1].link_id == pairs[0].link_id
    assert room.profile_of(first[0]) != room.profile_of(first[1])


def test_a_masked_pair_shows_how_fields_compare_and_never_what_they_hold(room: Room) -> None:
    one, other = room.add("WMP", **JACK), room.add("NHS", **TWIN)
    room.link()
    (pair,), _ = pairs_shown.queue(room.session("supervisor"))
    assert pair.masked
    shown = repr(pair) + "\n".join(pair.waterfall.lines())
    for secret in ("Jack", "Harry", "Pemberton", "2009", "Marston", "B37", "NHS/"):
        assert secret not in shown
    assert {pair.left.agency, pair.right.agency} == {"WMP", "another agency"}
    assert {(side.record_id, side.profile_id, side.pseudonym, side.reference) for side in (pair.left, pair.right)} == {
        (0, 0, "", None)
    }
    assert "forename differs" in [step.label for step in pair.waterfall.steps]
    assert one != other


def test_a_pair_with_one_side_open_names_neither(room: Room) -> None:
    one, other = room.add("WMP", **JACK), room.add("NHS", **TWIN)
    room.link()
    consent_and_opening(room, room.profile_of(one))
    pseudonyms = [
        room.ask("SELECT pseudonym FROM profile WHERE id = ?", room.profile_of(record))[0][0] for record in (one, other)
    ]
    (pair,), _ = pairs_shown.queue(room.session())
    assert pair.masked
    preview = review.preview(room.session(), pair.link_id, Verdict.LINK)
    shown = repr(pair) + "\n".join(pair.waterfall.lines()) + repr(preview)
    # Whoever knows which open profile the one side is reads the other's name from "the same surname".
    for secret in (*pseudonyms, "Jack", "Harry", "Pemberton", "2009", "Marston", "B37", "NHS/"):
        assert secret not in shown
    assert {pair.left.agency, pair.right.agency} == {"WMP", "another agency"}
    assert not any("rare" in step.label or "common" in step.label for step in pair.waterfall.steps)
    assert pair.waterfall.rival is None


def test_a_link_that_would_open_a_mask_waits_for_a_second_person(room: Room) -> None:
    one, other = room.add("WMP", **JACK), room.add("SCH", **TWIN)
    room.link()
    consent_and_opening(room, room.profile_of(one))
    pair = room.pair(one, other)
    assert review.preview(room.session(), pair, Verdict.LINK).opens
    for _ in range(2):
        assert review.decide(room.session(), pair, Verdict.LINK, "the same man, I am sure").waits
        assert room.profile_of(one) != room.profile_of(other)
    room.link()
    (shown,), _ = pairs_shown.queue(room.session("supervisor"))
    assert shown.proposed_by == room.session().user.name
    assert not review.decide(room.session("supervisor"), pair, Verdict.LINK, "the school confirmed it").waits
    assert room.profile_of(one) == room.profile_of(other)


def test_a_join_that_would_open_a_mask_waits_and_keeping_apart_ends_the_proposal(room: Room) -> None:
    one, other = room.add("WMP", **JACK), room.add("SCH", **BOARD)
    room.link()
    consent_and_opening(room, room.profile_of(one))
    sides = room.profile_of(one), room.profile_of(other)
    assert review.join(room.session(), *sides, "changed name; seen the deed poll").waits
    assert room.profile_of(one) != room.profile_of(other)
    room.link()
    pair = room.pair(one, other)
    review.decide(room.session("supervisor"), pair, Verdict.APART, "two people, both seen")
    review.take_back(room.session("supervisor"), pair, "to be looked at again")
    assert review.decide(room.session("supervisor"), pair, Verdict.LINK, "one person after all").waits
    assert not review.decide(room.session(), pair, Verdict.LINK, "the deed poll again").waits
    assert room.profile_of(one) == room.profile_of(other)


def test_an_open_pair_shows_both_sides(room: Room) -> None:
    one, other = room.add("WMP", **JACK), room.add("SCH", **TWIN)
    room.link()
    for record in (one, other):
        consent_and_opening(room, room.profile_of(record))
    (pair,), _ = pairs_shown.queue(room.session())
    assert not pair.masked
    assert {(pair.left.fields or {})["forename"], (pair.right.fields or {})["forename"]} == {"Jack", "Harry"}


def test_the_waterfall_is_drawn_from_what_is_kept_and_adds_up(room: Room) -> None:
    one, other = room.add("WMP", **JACK), room.add("SCH", **JACK | {"forename": "Jak"})
    room.link()
    pair = pairs_shown.explain(room.session(), room.pair(one, other), LOOKING)
    drawn = pair.waterfall
    assert drawn.steps[-1].so_far == pytest.approx(drawn.total, abs=0.02)
    assert any(step.bits > 0 for step in drawn.steps)
    assert drawn.steps[0].bits < 0
    assert not any("0.99" in line for line in drawn.lines())


def test_a_pair_is_gone_from_the_queue_while_a_gate_of_either_is_shut(room: Room) -> None:
    one, other = room.add("WMP", **JACK), room.add("SCH", **TWIN)
    room.link()
    pair = room.pair(one, other)
    room.run("UPDATE gate SET status = 'suspended' WHERE agreement_ref = 'SCH-1'")
    assert pairs_shown.queue(room.session()) == ([], 0)
    with pytest.raises(NotFound):
        pairs_shown.explain(room.session(), pair, LOOKING)
    room.run("UPDATE gate SET status = 'live' WHERE agreement_ref = 'SCH-1'")
    assert pairs_shown.queue(room.session())[1] == 1


def test_an_agency_that_may_not_receive_a_data_set_sees_no_pair_of_it(room: Room) -> None:
    room.add("NHS", **JACK)
    room.add("SCH", **TWIN)
    room.link()
    room.run("DELETE FROM gate_recipient WHERE agreement_ref = 'NHS-1' AND agency_code = 'WMP'")
    assert pairs_shown.queue(room.session("supervisor")) == ([], 0)
    assert pairs_shown.queue(room.session("coordinator"))[1] == 1
