"""The shipped model: complete, scaled to size, and the same in Splink as in the explanation."""

from __future__ import annotations

import copy
import json
from itertools import pairwise
from typing import Any

import pytest

from kingshurst_tui.errors import IntegrityFailure
from kingshurst_tui.linkage import evidence, model
from kingshurst_tui.linkage.model import from_document
from tests.linkage.conftest import background, record


def test_a_level_without_m_or_u_is_no_model() -> None:
    whole = json.loads(model.document_of())
    for side in ("m", "u"):
        broken = copy.deepcopy(whole)
        del broken["comparisons"][2]["levels"][3][side]
        with pytest.raises(IntegrityFailure, match="not fully trained"):
            from_document(broken)
    whole["comparisons"][0]["levels"][1]["u"] = 0
    with pytest.raises(IntegrityFailure):
        from_document(whole)


def test_it_says_what_it_was_trained_on() -> None:
    said = model.load().metadata
    assert all(said[name] for name in ("trained_on", "trained_at", "seed"))
    assert said["true_pairs"] > 10_000


def test_more_records_make_one_person_less_likely_and_a_shared_home_more_telling() -> None:
    used = model.load()
    assert used.prior_weight(1_000_000) < used.prior_weight(10_000) < used.prior_weight(500) < 0
    home = used["surname_place"].gamma_of("same-dwelling")
    assert used.weights("surname_place", 1_000_000)[home] > used.weights("surname_place", 10_000)[home]
    number = used["nhs"].gamma_of("same")
    assert used.weights("nhs", 1_000_000)[number] > used.weights("nhs", 10_000)[number]
    slip = used["born"].gamma_of("one-figure")
    assert used.weights("born", 1_000_000)[slip] == used.weights("born", 10_000)[slip]


def test_no_two_levels_of_a_field_weigh_the_same() -> None:
    used = model.load()
    for records in (2, 500, 30_000, 1_000_000):
        for comparison in used.comparisons:
            weights = sorted(used.weights(comparison.name, records).values())
            assert all(b - a > model.TOLD_APART / 2 for a, b in pairwise(weights))


def test_the_kept_evidence_adds_up_to_splinks_weight() -> None:
    from kingshurst_tui.linkage import engine, prepare

    jack: dict[str, Any] = {"forename": "Jack", "surname": "Pemberton", "born": "2009-06-14", "postcode": "B37 5QT"}
    said: tuple[dict[str, Any], ...] = (
        {"forename": "Jak"},
        {"born": "2009-01-01"},
        {"surname": "Pemberten"},
        {"postcode": None},
        {"born": None},
    )
    records = [record(1, **jack), *(record(2 + n, **(jack | other)) for n, other in enumerate(said))]
    scored = engine.score(prepare.as_table([*records, *background()]), model.load())
    assert len(scored) > 10
    used = model.load()
    for row, text in enumerate(evidence.texts(scored, list(range(len(scored))))):
        kept = evidence.read(text)
        total = used.prior_weight(kept.records) + sum(kept.rarity.values())
        total += sum(used.weights(name, kept.records)[level] for name, level in kept.levels.items())
        assert total == pytest.approx(scored.weight[row], abs=0.01)


def test_nothing_and_one_record_are_no_pairs() -> None:
    from kingshurst_tui.linkage import engine, prepare

    assert len(engine.score(prepare.as_table([]), model.load())) == 0
    assert len(engine.score(prepare.as_table([record(1, forename="Jack")]), model.load())) == 0
