"""Scoring: every candidate pair with its weight and evidence, by Splink on DuckDB in memory."""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kingshurst_tui.errors import IntegrityFailure
from kingshurst_tui.linkage import guards, prepare
from kingshurst_tui.linkage.model import TOLD_APART, LinkModel

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Scored:
    """All pairs looked at, a row a pair, left below right, in the order of the ids.

    Attributes:
        left: lower record id.
        right: higher record id.
        weight: match weight in bits, prior included.
        gammas: the level reached, by comparison.
        rarity: bits added or taken because a name is rare or common, by comparison that has them.
        guards: bits of guards.GUARDS that hold.
        records: how many records were compared; weights are scaled to it.
        keys_left_out: blocking keys not used because too many records share them.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    weight: NDArray[np.float64]
    gammas: dict[str, NDArray[np.int8]]
    rarity: dict[str, NDArray[np.float64]]
    guards: NDArray[np.int32]
    records: int
    keys_left_out: int

    def __len__(self) -> int:
        return len(self.left)

    def vector(self, row: int) -> dict[str, Any]:
        """Return the evidence of one pair, as kept with its link."""
        return {
            "levels": {name: int(column[row]) for name, column in self.gammas.items()},
            "rarity": {
                name: round(float(column[row]), 3) for name, column in self.rarity.items() if abs(column[row]) > 5e-4
            },
            "records": self.records,
        }


def score(records: pa.Table, model: LinkModel, *, threads: int = 2) -> Scored:
    """Score every candidate pair among source records (columns of prepare.FIELDS)."""
    connection = prepare.connect(threads)
    try:
        left_out = prepare.load(connection, records)
        return score_people(connection, model, records.num_rows, left_out)
    finally:
        connection.close()


def predict(connection: duckdb.DuckDBPyConnection, model: LinkModel, records: int) -> str:
    """Run Splink over the table ``people``. Returns: the name of the table of scored pairs."""
    from splink import DuckDBAPI, Linker

    # Splink speaks on standard error through logging, which would draw over the terminal program.
    logging.getLogger("splink").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        api = DuckDBAPI(connection=connection)
        people = api.register("people", dataset_display_name="people")
        linker = Linker(people, model.splink_settings(records), log_level=None, validate_settings=False)
        return str(linker.inference.predict(warning_mode="never").physical_name)


def score_people(connection: duckdb.DuckDBPyConnection, model: LinkModel, records: int, left_out: int = 0) -> Scored:
    """Score the table ``people`` of a prepared connection."""
    import numpy as np

    names = [comparison.name for comparison in model.comparisons]
    rare = [c.name for c in model.comparisons if any(level.tf for level in c.levels)]
    if records < 2:
        return _nothing(names, rare, records)
    pairs = predict(connection, model, records)
    columns = [
        "unique_id_l",
        "unique_id_r",
        "match_weight",
        *(f"mw_{name} as level_{name}" for name in names),
        *(f"mw_tf_adj_{name} as rarity_{name}" for name in rare),
    ]
    result = connection.sql(f"select {', '.join(columns)} from {pairs} order by 1, 2").fetchnumpy()

    def column(name: str) -> Any:
        return np.ma.filled(result[name], 0)

    gammas = {name: _levels(model, name, records, column(f"level_{name}")) for name in names}
    left, right = column("unique_id_l"), column("unique_id_r")
    return Scored(
        left=left,
        right=right,
        weight=column("match_weight").astype(np.float64),
        gammas=gammas,
        rarity={name: column(f"rarity_{name}") for name in rare},
        guards=guards.of(model, gammas, left, right),
        records=records,
        keys_left_out=left_out,
    )


def _levels(model: LinkModel, name: str, records: int, weights: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return the level that each weight stands for.

    Splink gives its level numbers only together with every compared value, which would copy the names of all pairs;
    the weight tells the level as well, because LinkModel.splink_settings keeps the weights of a comparison apart.
    """
    import numpy as np

    found = np.full(len(weights), -2, np.int8)
    for level, weight in model.weights(name, records).items():
        found[np.abs(weights - weight) < TOLD_APART / 2] = level
    if len(found) and found.min() == -2:
        raise IntegrityFailure(
            "The linkage engine returned a weight that the model does not have.",
            f"Field {name}. Nothing was linked.",
            "Check that the installed Splink is the pinned version.",
        )
    return found


def _nothing(names: list[str], rare: list[str], records: int) -> Scored:
    import numpy as np

    ids, weights = np.empty(0, np.int64), np.empty(0, np.float64)
    return Scored(
        ids,
        ids,
        weights,
        {name: np.empty(0, np.int8) for name in names},
        dict.fromkeys(rare, weights),
        np.empty(0, np.int32),
        records,
        0,
    )
