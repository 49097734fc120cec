"""The rule for places is signed by somebody else than whoever proposed it, and every version keeps its days."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.errors import InputRejected, Refused, StaleRecord
from kingshurst_tui.places import place_rules


def test_a_rule_runs_when_a_second_person_has_signed_it_and_until_the_next_begins(demo_copy: DemoStore) -> None:
    with demo_copy.signed_in("governance") as officer, demo_copy.signed_in("supervisor") as supervisor:
        (first,) = place_rules.versions(officer)
        if place_rules.in_force(officer) is None:
            assert first.status == place_rules.PROPOSED
            place_rules.decide(officer, 1)
        today = officer.clock.today()
        assert place_rules.in_force(officer) == place_rules.versions(officer)[0].rule

        begins = today + timedelta(10)
        later = place_rules.propose(officer, {"version": 1, "ratio_above": 1.5, "starts_on": begins.isoformat()})
        assert later.rule.ratio_above == 1.5
        with pytest.raises(Refused, match="proposed a rule does not sign"):
            place_rules.decide(officer, 2)
        with pytest.raises(Refused, match="waits for a decision"):
            place_rules.propose(supervisor, {"months": 6})
        place_rules.decide(supervisor, 2)

        now, then = place_rules.in_force(officer), place_rules.in_force(officer, begins)
        assert now is not None
        assert then is not None
        assert (now.version, then.version) == (1, 2)
        assert place_rules.in_force(officer, begins - timedelta(1)) == now
        with pytest.raises(StaleRecord):
            place_rules.propose(supervisor, {"version": 1, "months": 6})


def test_a_rule_that_makes_no_sense_is_refused_whole(demo_copy: DemoStore) -> None:
    wrong = {
        "agencies_at_least": 1, "ratio_above": 0.5, "months": 7, "count_at_least": True, "false_in_a_hundred": 50,
        "level": "street", "source": " ", "priority_area": "burglary", "score": 3,
    }  # fmt: skip
    with demo_copy.signed_in("governance") as officer:
        with pytest.raises(InputRejected) as refused:
            place_rules.propose(officer, wrong)
        assert len(refused.value.problems) == len(wrong)
        assert all(each.rule.version == 1 for each in place_rules.versions(officer))
    with demo_copy.signed_in("coordinator") as coordinator, pytest.raises(Refused):
        place_rules.decide(coordinator, 1)
