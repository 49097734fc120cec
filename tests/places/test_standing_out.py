"""Places stand out where several agencies' counts do, by the rule, with what would clear them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.demo.geography import Ground
from kingshurst_tui.places.place_rules import default_rule
from kingshurst_tui.places.standing_out import by_rule, standing_out
from tests.places.borough import LSOAS, lands, made

RULE = default_rule(date(2026, 5, 4))


def test_two_agencies_meeting_more_than_residents_explain_stand_out_and_one_does_not() -> None:
    both, one = LSOAS[12], LSOAS[30]
    sets = [
        made(1, 6.0, {both: 2.5, one: 3.0}, "WMP")[0],
        made(2, 5.0, {both: 2.5}, "WMFS")[0],
        made(3, 5.0, {one: 3.0}, "WMP")[0],  # the same agency twice is one agency
    ]
    found = by_rule(RULE, sets, lands())
    assert [(place.code, place.agencies) for place in found.places] == [(both, ("WMFS", "WMP"))]
    assert found.looked_at == 3 * len(LSOAS)
    (place,) = found.places
    for evidence in place.evidence:
        assert evidence.low > RULE.ratio_above
        assert evidence.clears_at < evidence.count.low
        assert f"{evidence.title} at {evidence.clears_at}" in place.clears
    assert RULE.in_words() in found.said[0]
    assert place.rule == RULE.name
    # A measure that stands alone is dropped when three agencies are asked for, or half as much again.
    assert not by_rule(replace(RULE, agencies_at_least=3), sets, lands()).places
    assert not by_rule(replace(RULE, ratio_above=2.4), sets, lands()).places


def test_nothing_stands_out_where_chance_alone_is_at_work() -> None:
    sets = [made(50 + seed, 2.0 + seed, None, f"A{seed}")[0] for seed in range(10)]
    assert not by_rule(RULE, sets, lands()).places


def test_of_the_invented_town_one_place_stands_out(demo_copy: DemoStore) -> None:
    ground = Ground(homes=200, today=demo_copy.clock.today())
    with demo_copy.signed_in("coordinator") as session:
        found = standing_out(session)
    assert [(each.code, each.agencies) for each in found.places] == [(ground.code(ground.met_by_all), ("SMBC", "WMP"))]
