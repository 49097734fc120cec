"""A whole town the model has never seen, by the demonstration's own path, against the truth it keeps beside it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kingshurst_tui.acts import Reason
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.demo.build import DemoStore, build
from kingshurst_tui.demo.labelled import labelled
from kingshurst_tui.linkage.evaluation import Share
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

SEED = 90_210
"""Used for no training and no tuning."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> DemoStore:
    folder = tmp_path_factory.mktemp("unseen") / "demo"
    return build(folder, people=1_200, seed=SEED, clock=FixedClock(datetime(2026, 5, 4, 11, tzinfo=UTC)))


def truth_of(town: DemoStore) -> tuple[dict[int, str], dict[int, int]]:
    """Return whom each source record is about, where the truth can be told, and the profile it has."""
    found = labelled(town)
    return found.truth, {record.record_id: record.profile_id or 0 for record in found.records}


def pairs(values: Counter[object]) -> int:
    return sum(count * (count - 1) // 2 for count in values.values())


def test_links_are_right_and_most_are_found(town: DemoStore) -> None:
    truth, profiles = truth_of(town)
    assert len(truth) > 0.95 * len(profiles)
    right = pairs(Counter((truth[record], profiles[record]) for record in truth))
    precision = Share(right, pairs(Counter(profiles[record] for record in truth)))
    recall = Share(right, pairs(Counter(truth.values())))
    assert precision.value >= 0.998, str(precision)
    assert recall.value >= 0.80, str(recall)


def test_every_record_is_in_a_profile_and_every_profile_is_accepted(town: DemoStore) -> None:
    assert town.link_run is not None
    _, profiles = truth_of(town)
    assert town.link_run.records == len(profiles)
    assert town.link_run.profiles == len(set(profiles.values()))


def test_the_people_in_nobodys_list_are_not_in_the_trail(town: DemoStore) -> None:
    people = Path(town.folder / "truth" / "people.csv").read_text("utf-8").splitlines()[1:40]
    surnames = {line.split(",")[1] for line in people}
    with (
        town.signed_in("supervisor") as session,
        session.act(Operation.CONSULT, Thing.AUDIT, reason=Reason(ReasonCode.OVERSIGHT)) as act,
    ):
        bodies = b"\n".join(bytes(row[0]) for row in act.connection.exec_driver_sql("SELECT body FROM audit_entry"))
    assert not [name for name in surnames if f'"{name}"'.encode() in bodies]
