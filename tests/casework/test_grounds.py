"""Going on without agreement: who, why, until when, and a second person."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from kingshurst_tui.casework import grounds, home, profiles
from kingshurst_tui.errors import InputRejected, Refused, StaleRecord
from tests.casework.conftest import CONSENT, WORDS

if TYPE_CHECKING:
    from kingshurst_tui.casework.grounds import GroundShown
    from tests.casework.conftest import Town

WHY = "A neighbour heard a child cry for help twice this week"
UNTIL = date(2026, 6, 30)


def _masked(town: Town, pseudonym: str) -> bool:
    return profiles.open_profile(town.coordinator, pseudonym, WORDS).is_masked


def _proposed(town: Town, kind: str = "safeguarding") -> GroundShown:
    return grounds.propose(town.coordinator, town.masked_adult().pseudonym, kind, WHY, UNTIL, CONSENT)


def test_a_ground_opens_nothing_before_a_second_person_agrees(town: Town) -> None:
    ground = _proposed(town)
    assert _masked(town, ground.pseudonym)
    with pytest.raises(Refused, match="somebody else"):
        grounds.confirm(town.coordinator, ground.number, CONSENT)
    assert _masked(town, ground.pseudonym)
    assert [each.number for each in grounds.waiting(town.supervisor, CONSENT)] == [ground.number]
    confirmed = grounds.confirm(town.supervisor, ground.number, CONSENT)
    assert (confirmed.recorded_by, confirmed.second_person) == ("coordinator", "supervisor")
    assert not _masked(town, ground.pseudonym)
    assert grounds.waiting(town.supervisor, CONSENT) == ()


def test_a_ground_ends_after_its_last_day(town: Town) -> None:
    ground = _proposed(town)
    grounds.confirm(town.supervisor, ground.number, CONSENT)
    town.demo.clock.move(timedelta(days=57))  # type: ignore[attr-defined]
    assert town.demo.clock.today() == UNTIL
    assert not _masked(town, ground.pseudonym)
    town.demo.clock.move(timedelta(days=1))  # type: ignore[attr-defined]
    assert _masked(town, ground.pseudonym)


def test_a_refused_ground_never_opens(town: Town) -> None:
    ground = _proposed(town)
    grounds.refuse(town.supervisor, ground.number, CONSENT)
    assert _masked(town, ground.pseudonym)
    with pytest.raises(StaleRecord) as stale:
        grounds.confirm(town.user("governance"), ground.number, CONSENT)
    assert (stale.value.by, stale.value.over) == ("supervisor", None)
    assert stale.value.fields[0].theirs == "supervisor refused"


def test_a_ground_that_no_longer_holds_is_ended_that_day(town: Town) -> None:
    ground = _proposed(town)
    grounds.confirm(town.supervisor, ground.number, CONSENT)
    grounds.end(town.coordinator, ground.number, CONSENT)
    assert _masked(town, ground.pseudonym)


def test_vital_interests_open_at_once_for_24_hours(town: Town) -> None:
    ground = _proposed(town, "vital-interests")
    assert not _masked(town, ground.pseudonym)
    town.demo.clock.move(timedelta(hours=23, minutes=59))  # type: ignore[attr-defined]
    assert not _masked(town, ground.pseudonym)
    town.demo.clock.move(timedelta(minutes=2))  # type: ignore[attr-defined]
    assert _masked(town, ground.pseudonym)
    with pytest.raises(StaleRecord, match="settled already"):
        grounds.confirm(town.supervisor, ground.number, CONSENT)


def test_vital_interests_stay_open_with_a_second_person_in_time(town: Town) -> None:
    ground = _proposed(town, "vital-interests")
    town.demo.clock.move(timedelta(hours=20))  # type: ignore[attr-defined]
    grounds.confirm(town.supervisor, ground.number, CONSENT)
    town.demo.clock.move(timedelta(days=3))  # type: ignore[attr-defined]
    assert not _masked(town, ground.pseudonym)


def test_whoever_opened_for_vital_interests_loses_it_when_the_second_person_says_no(town: Town) -> None:
    ground = _proposed(town, "vital-interests")
    grounds.refuse(town.supervisor, ground.number, CONSENT)
    assert _masked(town, ground.pseudonym)


def test_a_ground_says_why_and_until_when(town: Town) -> None:
    person = town.masked_adult().pseudonym
    for kind, why, until in (
        ("curiosity", WHY, UNTIL),
        ("safeguarding", "because", UNTIL),
        ("safeguarding", WHY, date(2026, 5, 3)),
        ("safeguarding", WHY, date(2027, 6, 30)),
    ):
        with pytest.raises(InputRejected):
            grounds.propose(town.coordinator, person, kind, why, until, CONSENT)


def test_supervisors_confirm_grounds_and_record_none(town: Town) -> None:
    with pytest.raises(Refused):
        grounds.propose(town.supervisor, town.masked_adult().pseudonym, "safeguarding", WHY, UNTIL, CONSENT)
    ground = _proposed(town)
    with pytest.raises(Refused):
        grounds.confirm(town.practitioner, ground.number, CONSENT)


def test_after_a_refusal_or_a_day_that_nobody_confirmed_vital_interests_wait_for_a_second_person(town: Town) -> None:
    clock = town.demo.clock
    who = ""
    for ending in ("refused", "lapsed", "ended"):
        who = town.masked_adult(known=ending == "refused").pseudonym if ending != "ended" else _another(town, who)
        first = grounds.propose(town.coordinator, who, "vital-interests", WHY, UNTIL, CONSENT)
        assert not _masked(town, who)
        if ending == "refused":
            grounds.refuse(town.supervisor, first.number, CONSENT)
        elif ending == "ended":
            grounds.end(town.coordinator, first.number, CONSENT)
        else:
            clock.move(timedelta(hours=25))  # type: ignore[attr-defined]
        # Neither the same person nor a colleague of theirs opens it alone again.
        again = grounds.propose(town.practitioner, who, "vital-interests", WHY, UNTIL, CONSENT)
        assert (again.status, again.confirm_by) == ("proposed", None)
        assert _masked(town, who)
        grounds.confirm(town.supervisor, again.number, CONSENT)
        assert not _masked(town, who)


def test_thirty_days_after_a_refusal_vital_interests_open_at_once_again(town: Town) -> None:
    ground = _proposed(town)
    grounds.refuse(town.supervisor, ground.number, CONSENT)
    again = grounds.propose(town.coordinator, ground.pseudonym, "vital-interests", WHY, UNTIL, CONSENT)
    assert again.status == "proposed", "a refusal of any ground counts"
    grounds.refuse(town.supervisor, again.number, CONSENT)
    town.demo.clock.move(timedelta(days=31))  # type: ignore[attr-defined]
    later = grounds.propose(town.coordinator, ground.pseudonym, "vital-interests", WHY, UNTIL, CONSENT)
    assert later.status == "unconfirmed"


def test_one_ground_of_a_kind_stands_or_waits_at_a_time(town: Town) -> None:
    ground = _proposed(town)
    with pytest.raises(Refused, match="already"):
        grounds.propose(town.practitioner, ground.pseudonym, "safeguarding", WHY, UNTIL, CONSENT)
    grounds.confirm(town.supervisor, ground.number, CONSENT)
    with pytest.raises(Refused, match="already"):
        grounds.propose(town.coordinator, ground.pseudonym, "safeguarding", WHY, UNTIL, CONSENT)
    # One that is about to end may be followed by another.
    town.demo.clock.move(timedelta(days=40))  # type: ignore[attr-defined]
    next_one = grounds.propose(town.coordinator, ground.pseudonym, "safeguarding", WHY, date(2026, 9, 1), CONSENT)
    assert next_one.status == "proposed"


def test_supervisors_see_on_their_home_whom_vital_interests_opened_and_what_came_of_it(town: Town) -> None:
    ground = _proposed(town, "vital-interests")
    town.demo.clock.move(timedelta(hours=25))  # type: ignore[attr-defined]
    sections = {section.code: section for section in home.what_waits(town.supervisor)}
    [item] = sections["vital"].items
    assert item.who == ground.pseudonym
    assert "without a second person" in item.words
    assert "coordinator" in item.words
    assert "vital" not in {section.code for section in home.what_waits(town.practitioner)}


def _another(town: Town, other: str) -> str:
    return next(
        line.pseudonym for line in town.lines() if not line.is_open and line.pseudonym != other and line.agencies
    )
