"""The linkage model: what each level weighs, from which training, and how it scales to a store's size.

A model is a JSON document with a version that never changes. It holds its own comparisons and conditions, so that
a link made with it can be explained for as long as the link is kept, whatever the code has become.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from kingshurst_tui.errors import IntegrityFailure

CURRENT = "town-1"
"""The version that the program links with."""

LARGEST_SCALED_U = 0.2
"""No level that grows rarer with size may become commoner than this in a small set."""

LARGEST_PRIOR = 0.05
"""The most that two records taken at random are believed to be one person, in the smallest set."""


TOLD_APART = 1e-5
"""Two levels of one comparison differ by at least this many bits, so that a weight tells its level."""


@dataclass(frozen=True, slots=True)
class ModelLevel:
    """One level of one comparison with its probabilities.

    Attributes:
        gamma: Splink's number of the level: -1 missing, 0 anything else, more for more agreement.
        m: how often one person's two records reach it; None where it is "missing".
        u: how often two people's do, at the number of records trained on; None where it is "missing".
    """

    gamma: int
    key: str
    label: str
    sql: str
    m: float | None
    u: float | None
    tf: str
    scale: str


@dataclass(frozen=True, slots=True)
class ModelComparison:
    """One field of the model with its levels by gamma."""

    name: str
    title: str
    levels: tuple[ModelLevel, ...]
    by_gamma: dict[int, ModelLevel] = field(default_factory=dict, compare=False)

    def gamma_of(self, key: str) -> int:
        """Return the gamma of the level called ``key``. Raises: KeyError."""
        for level in self.levels:
            if level.key == key:
                return level.gamma
        raise KeyError(key)


@dataclass(frozen=True, slots=True)
class LinkModel:
    """A trained model.

    Attributes:
        version: its name for ever.
        prior: probability that two records taken at random are one person, at ``records`` records.
        records: the number of records trained on.
        clear: at or above this weight, and with no guard, a link is made.
        review: at or above this weight a pair is for people to look at.
    """

    version: str
    prior: float
    records: int
    clear: float
    review: float
    comparisons: tuple[ModelComparison, ...]
    metadata: dict[str, Any]

    def __getitem__(self, name: str) -> ModelComparison:
        return next(comparison for comparison in self.comparisons if comparison.name == name)

    def prior_at(self, records: int) -> float:
        """Return the prior for a set of that many records: the same people are rarer among more."""
        return min(LARGEST_PRIOR, self.prior * self.records / max(records, 2))

    def u_at(self, level: ModelLevel, records: int) -> float:
        """Return a level's ``u`` for a set of that many records."""
        u = level.u or 1.0
        if level.scale != "size":
            return u
        return min(max(LARGEST_SCALED_U, u), u * self.records / max(records, 2))

    def weights(self, name: str, records: int) -> dict[int, float]:
        """Return what each level of a comparison weighs, in bits, by gamma; no two are the same.

        Positive counts for one person, negative against, and a missing value counts nothing.
        """
        found: dict[int, float] = {}
        for level in self[name].levels:
            weight = 0.0 if level.m is None else math.log2(level.m / self.u_at(level, records))
            while any(abs(weight - other) < TOLD_APART for other in found.values()):
                weight -= TOLD_APART
            found[level.gamma] = weight
        return found

    def prior_weight(self, records: int) -> float:
        """Return the weight that every pair begins with, in bits."""
        prior = self.prior_at(records)
        return math.log2(prior / (1 - prior))

    def splink_settings(self, records: int) -> dict[str, Any]:
        """Return Splink's settings for a set of that many records."""
        from kingshurst_tui.linkage.prepare import blocking_rules

        return {
            "link_type": "dedupe_only",
            "sql_dialect": "duckdb",
            "unique_id_column_name": "unique_id",
            "probability_two_random_records_match": self.prior_at(records),
            "retain_matching_columns": False,
            "retain_intermediate_calculation_columns": True,
            "blocking_rules_to_generate_predictions": [{"blocking_rule": rule} for rule in blocking_rules()],
            "comparisons": [
                {
                    "output_column_name": comparison.name,
                    "comparison_levels": [_splink_level(level, weights[level.gamma]) for level in comparison.levels],
                }
                for comparison in self.comparisons
                for weights in [self.weights(comparison.name, records)]
            ],
        }


def _splink_level(level: ModelLevel, weight: float) -> dict[str, Any]:
    settings: dict[str, Any] = {"sql_condition": level.sql or "ELSE", "label_for_charts": level.key}
    if level.m is None:
        return settings | {"is_null_level": True}
    settings |= {"m_probability": level.m, "u_probability": level.m / 2**weight}
    if level.tf:
        settings |= {"tf_adjustment_column": level.tf, "tf_adjustment_weight": 1.0}
    return settings


def from_document(document: dict[str, Any]) -> LinkModel:
    """Read a model document.

    Raises:
        IntegrityFailure: if a level lacks m or u. Splink would silently fill in defaults there.
    """
    untrained = [
        f"{comparison['name']}: {level['label']}"
        for comparison in document["comparisons"]
        for level in comparison["levels"]
        if not level.get("missing") and not all(0 < (level.get(side) or 0) <= 1 for side in ("m", "u"))
    ]
    if untrained:
        raise IntegrityFailure(
            f"The linkage model {document.get('version', '?')} is not fully trained.",
            "Levels without m or u: " + "; ".join(untrained) + ". Nothing was linked.",
            "Install a complete model.",
        )
    comparisons = []
    for comparison in document["comparisons"]:
        kept = [level for level in comparison["levels"] if not level.get("missing")]
        levels = []
        for level in comparison["levels"]:
            missing = bool(level.get("missing"))
            levels.append(
                ModelLevel(
                    gamma=-1 if missing else len(kept) - 1 - kept.index(level),
                    key=level["key"],
                    label=level["label"],
                    sql=level["sql"],
                    m=None if missing else float(level["m"]),
                    u=None if missing else float(level["u"]),
                    tf=level.get("tf", ""),
                    scale=level.get("scale", "steady"),
                )
            )
        comparisons.append(
            ModelComparison(
                comparison["name"],
                comparison["title"],
                tuple(levels),
                {level.gamma: level for level in levels},
            )
        )
    return LinkModel(
        version=document["version"],
        prior=document["prior"],
        records=document["records"],
        clear=document["thresholds"]["clear"],
        review=document["thresholds"]["review"],
        comparisons=tuple(comparisons),
        metadata=document["metadata"],
    )


@cache
def document_of(version: str = CURRENT) -> str:
    """Return the text of a shipped model. Raises: FileNotFoundError if none has that version."""
    return (resources.files("kingshurst_tui.linkage") / "models" / f"{version}.json").read_text("utf-8")


@cache
def load(version: str = CURRENT) -> LinkModel:
    """Return a shipped model. Raises: IntegrityFailure if it is not fully trained."""
    return from_document(json.loads(document_of(version)))
