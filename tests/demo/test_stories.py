"""The frequent users meet the rules their stories are meant to meet: now, or in the past, or narrowly not.

The rules are written here again, on the truth and without the program's, so that neither can hide the other's error.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from kingshurst_tui.demo.dice import Dice
from kingshurst_tui.demo.events import Chronicle, Telling
from kingshurst_tui.demo.frequent import Lived, frequent_users, live
from kingshurst_tui.demo.people import Settlers
from kingshurst_tui.demo.stories import STORIES
from kingshurst_tui.demo.town import DATA_SETS
from tests.demo.conftest import TODAY

Test = Callable[[list[Telling]], bool]


def _incidents(told: list[Telling]) -> int:
    return len({telling.incident.number for telling in told})


def _agency(telling: Telling) -> str:
    return DATA_SETS[telling.data_set].agency


def _area(telling: Telling) -> str:
    data_set = DATA_SETS[telling.data_set]
    words = data_set.kinds[telling.kind]
    pairs = {data_set.categories[word][1] for word in words if word in data_set.categories}
    return pairs.pop() if len(pairs) == 1 else "other"


def _repeat(told: list[Telling]) -> bool:
    return _incidents(told) >= 3 and len({_agency(one) for one in told}) >= 2


def _repeat_in(area: str) -> Test:
    return lambda told: _repeat([one for one in told if _area(one) == area])


RULES: dict[str, list[tuple[int, Test]]] = {
    "repeat-contact": [(90, _repeat)],
    "repeat-contact-asb": [(90, _repeat_in("anti-social-behaviour"))],
    "repeat-contact-youth-violence": [(90, _repeat_in("youth-violence"))],
    "repeat-contact-vawg": [(90, _repeat_in("violence-against-women-and-girls"))],
    "repeat-contact-hate-crime": [(90, _repeat_in("hate-crime"))],
    "asb-case-review-solihull": [
        (
            183,
            lambda told: (
                _incidents(
                    [
                        one
                        for one in told
                        if _area(one) == "anti-social-behaviour"
                        and one.role in ("victim", "caller")
                        and _agency(one) in ("WMP", "SMBC", "SCH")
                    ]
                )
                >= 3
            ),
        )
    ],
    "marac-repeat": [
        (365, lambda told: _incidents([one for one in told if one.other is not None and one.kind == "domestic"]) >= 2)
    ],
    "marac-escalation": [(365, lambda told: _incidents([one for one in told if one.kind == "domestic"]) >= 3)],
    "high-intensity-use": [
        (31, lambda told: _incidents([one for one in told if one.data_set == "NHS-ED"]) >= 6),
        (365, lambda told: _incidents([one for one in told if one.data_set == "NHS-ED"]) >= 21),
    ],
    "ambulance-frequent-adult": [
        (31, lambda told: _incidents([one for one in told if one.data_set == "WMAS-CALLS"]) >= 5),
        (92, lambda told: _incidents([one for one in told if one.data_set == "WMAS-CALLS"]) >= 12),
    ],
    "ambulance-frequent-child": [
        (183, lambda told: _incidents([one for one in told if one.data_set == "WMAS-CALLS"]) >= 3)
    ],
    "school-persistent-absence": [(92, lambda told: any((one.measure or 0) >= 10 for one in _absences(told)))],
    "school-severe-absence": [(92, lambda told: any((one.measure or 0) > 50 for one in _absences(told)))],
}


def _absences(told: list[Telling]) -> list[Telling]:
    return [one for one in told if one.data_set == "EDU-ATTENDANCE"]


def meets(rule: str, told: list[Telling], on: date) -> bool:
    """Tell whether a rule holds on a day."""
    return any(test([one for one in told if on - timedelta(days=days) < one.day <= on]) for days, test in RULES[rule])


Town = tuple[list[Lived], dict[int, list[Telling]]]


@pytest.fixture(scope="module")
def lives() -> Town:
    """Stories alone, without the everyday background, of a town of 4,000."""
    dice = Dice(21, 0)
    households = Settlers(dice, 0, 4_000, TODAY).settle()
    chronicle = Chronicle(dice, TODAY, 0)
    lived = live(chronicle, households, 400)
    told: dict[int, list[Telling]] = defaultdict(list)
    for telling in chronicle.tellings:
        told[telling.person.number].append(telling)
    return lived, told


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_story_meets_its_rules_now_or_met_them_then(lives: Town, story: object) -> None:
    lived, told = lives
    mine = [one for one in lived if one.story is story]
    assert {one.current for one in mine} == {True, False}
    for one in mine:
        for rule in one.story.rules.split():
            contacts = told[one.person.number]
            assert meets(rule, contacts, one.ended + timedelta(days=1)), (rule, one)
            assert meets(rule, contacts, TODAY) is one.current, (rule, one)


def test_near_misses_meet_nothing(lives: Town) -> None:
    lived, told = lives
    near = [one for one in lived if one.story.name.startswith("near miss")]
    assert len(near) > 20
    for one in near:
        if one.story.name == "near miss: under ten":
            continue
        for back in range(0, 730, 3):
            on = TODAY - timedelta(days=back)
            assert not any(meets(rule, told[one.person.number], on) for rule in RULES), one


def test_a_child_under_ten_is_met_by_the_police_alone(lives: Town) -> None:
    lived, told = lives
    young = [one for one in lived if one.story.name == "near miss: under ten"]
    assert young
    for one in young:
        assert one.person.age(TODAY) < 10
        assert {_agency(telling) for telling in told[one.person.number]} == {"WMP"}


def test_every_rule_fires_now_and_in_the_past(lives: Town) -> None:
    lived, told = lives
    now: Counter[str] = Counter()
    then: Counter[str] = Counter()
    for one in lived:
        for rule in RULES:
            contacts = told[one.person.number]
            now[rule] += meets(rule, contacts, TODAY)
            then[rule] += not one.current and meets(rule, contacts, one.ended)
    assert all(now[rule] and then[rule] for rule in RULES), (now, then)


def test_how_many_frequent_users_a_town_has() -> None:
    assert frequent_users(200) == 24
    assert frequent_users(500) == 60
    assert 200 < frequent_users(2_000) <= 300
    assert frequent_users(1_000_000) < 20_000
