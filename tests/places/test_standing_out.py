"""Places stand out where several agencies' counts do, by the rule, with what would clear them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from kingshurst_tui.agreements import gates
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.demo.geography import Ground
from kingshurst_tui.places import on_home, place_rules, standing_since
from kingshurst_tui.places.place_rules import default_rule
from kingshurst_tui.places.standing_out import by_rule, standing_out
from tests.conftest import NOON
from tests.intake.conftest import REASON
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


def test_since_when_a_place_stands_out_is_kept_and_that_it_cleared(demo_copy: DemoStore) -> None:
    def at(days: int) -> DemoStore:
        return replace(demo_copy, clock=FixedClock(NOON + timedelta(days)))

    with demo_copy.signed_in("governance") as session:
        before = standing_since.news(session)
        assert before is not None
        assert (before.new, before.is_old) == ((), True)
        assert [each.since for each in standing_out(session).places] == ["2026-05-04"]
        news = standing_since.news(session)
        assert news is not None
        assert (len(news.new), news.since, news.is_old) == (1, "2026-05-04", False)
        line, report = on_home.section_of(session).items  # type: ignore[union-attr]
        assert line.words.startswith("1 place stands out newly, since 4 May 2026: Kingshurst")
        assert "2026-Q1 are due: none has left yet" in report.words
    with demo_copy.signed_in("practitioner") as session:
        # The practitioner's agency has not looked, and the report is not theirs to let leave.
        (line,) = on_home.section_of(session).items  # type: ignore[union-attr]
        assert line.words == "Counts by place have come in to look at"
    # Another agency, which may see the same data sets, looks a week later; nothing happened but that time went by.
    with at(7).signed_in("coordinator") as session:
        (place,) = standing_out(session).places
        assert place.since == "2026-05-04"
        assert "Since 4 May 2026, by several-agencies/1, first found by governance" in place.since_words
        assert "Found again on 11 May 2026" in place.since_words
        entries = session.look(
            lambda connection: connection.exec_driver_sql("SELECT max(seq) FROM audit_entry").scalar()
        )
        standing_out(session)
        assert entries == session.look(
            lambda connection: connection.exec_driver_sql("SELECT max(seq) FROM audit_entry").scalar()
        )
    with at(7).signed_in("governance") as officer:
        gates.suspend(officer, "SMBC-STREET-LSOA", why="The controller asked for it", reason=REASON)
        shut = standing_since.news(officer)
        assert shut is not None
        assert (shut.new, shut.is_old) == ((), True)  # a closed gate is heard at once, before anybody looks
        assert standing_since.of_place(officer, place.code) == ""
    with at(8).signed_in("governance") as officer, at(8).signed_in("supervisor") as supervisor:
        place_rules.propose(officer, {"ratio_above": 20})
        place_rules.decide(supervisor, 2)
    with at(9).signed_in("coordinator") as session:
        found = standing_out(session)
        assert found.places == ()
        (cleared,) = found.cleared
        assert (cleared.first_on, cleared.last_on, cleared.cleared_on) == ("2026-05-04", "2026-05-11", "2026-05-13")
        assert "stood out from 4 May 2026 to 11 May 2026" in cleared.words
        assert "several-agencies/2" in cleared.why
        # What it was found by is of a data set that may not be looked at any more.
        assert (cleared.agencies, cleared.evidence) == ((), ())
