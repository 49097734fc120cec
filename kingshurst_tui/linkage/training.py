"""Training: what each level weighs, counted from records whose truth is known.

Retraining is a supervised act: it makes a new version with its own metadata and its own ALGO-CARE answers, and
nothing links with it before those are approved. Partners' data have no truth, so the shipped model is trained on
the invented town, whose habits of error are written down with their sources (docs/linkage.md says what follows).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kingshurst_tui.linkage import prepare
from kingshurst_tui.linkage.comparisons import (
    COMPARISONS,
    RECORDS_PER_PERSON,
    WRONG_IDENTIFIER_SHARE,
    Comparison,
    Level,
)

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

CLEAR_WEIGHT = 10.0
REVIEW_WEIGHT = 2.0
"""Thresholds of LINKAGE.md section 6; an agency resets them on its own labelled sample."""

UNSEEN = 0.5
"""Added to every count, so that a level not met in training is rare and not impossible (Jeffreys' prior)."""

LEAST_U = 1e-8
"""No level counts for more than its m over this."""

LEAST_M = 2e-3
"""Partners err in every way at least this often. Invented records lack some real errors altogether (a sex wrongly
entered), and what training never saw must not rule a person out by itself."""

_COLUMNS = (
    "unique_id", "forename", "middle", "surname", "former", "dob", "dob_y", "dob_md", "sex", "nhs", "upn", "uprn",
    "address", "postcode", "dwelling", "forms", "sound", "f1", "s1",
)  # fmt: skip


def train(
    towns: Sequence[tuple[pa.Table, Sequence[int]]],
    *,
    version: str,
    trained_on: str,
    trained_at: str,
    seed: int = 1,
    sample: int = 3_000_000,
) -> dict[str, Any]:
    """Return a complete model document.

    Args:
        towns: for each set of records, the records (prepare.FIELDS) and, row by row, the number of the person.
        version: the new model's name.
        trained_on: what the records are, in words, for the metadata.
        trained_at: the day, ISO.
        seed: of the random pairs that ``u`` is counted on.
        sample: how many random pairs a town.
    """
    counts: list[dict[tuple[str, str], _Count]] = []
    records = true_pairs = all_pairs = 0
    for table, person in towns:
        connection = _people(table, person, seed, sample)
        counts.append(_counts(connection))
        n = len(person)
        found = connection.execute("select sum(c * (c - 1) / 2) from (select count(*) c from truth group by person)")
        records += n
        true_pairs += int(found.fetchall()[0][0])
        all_pairs += n * (n - 1) // 2
        connection.close()
    mean_records = records // len(towns)
    comparisons = [_learned(comparison, counts, mean_records) for comparison in COMPARISONS]
    return {
        "version": version,
        "prior": true_pairs / all_pairs,
        "records": mean_records,
        "thresholds": {"clear": CLEAR_WEIGHT, "review": REVIEW_WEIGHT},
        "metadata": {
            "trained_on": trained_on,
            "trained_at": trained_at,
            "seed": seed,
            "random_pairs": sample * len(towns),
            "true_pairs": true_pairs,
            "stated": {
                "wrong_identifier_share": WRONG_IDENTIFIER_SHARE,
                "records_per_person": RECORDS_PER_PERSON,
                "added_to_every_count": UNSEEN,
                "least_u": LEAST_U,
                "least_m": LEAST_M,
            },
            "term_frequencies": "counted in the records being linked: forename, surname",
            "scaling": "prior, and u of levels marked size, by records trained on over records linked",
        },
        "comparisons": comparisons,
    }


def write(document: dict[str, Any], folder: Path) -> Path:
    """Write a model document as the file that ``model.load`` reads."""
    path = folder / f"{document['version']}.json"
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return path


class _Count:
    """How often a level was met among one person's pairs and among two people's, by share of pairs that say."""

    __slots__ = ("m", "m_of", "u", "u_of")

    def __init__(self) -> None:
        self.m = self.m_of = self.u = self.u_of = 0.0


def _people(table: pa.Table, person: Sequence[int], seed: int, sample: int) -> duckdb.DuckDBPyConnection:
    import numpy as np
    import pyarrow as pa

    connection = prepare.connect()
    truth = pa.table({"record": table.column("record_id"), "person": pa.array(person, pa.int64())})
    ids, people = table.column("record_id").to_numpy(), np.asarray(person)
    chosen = np.random.default_rng(seed).integers(0, len(ids), (2, sample))
    chosen = chosen[:, people[chosen[0]] != people[chosen[1]]]
    pairs = pa.table({"a": ids[chosen[0]], "b": ids[chosen[1]]})
    for name, given in (("truth", truth), ("random_pairs", pairs)):
        connection.register("given", given)
        connection.execute(f"create table {name} as select * from given")
        connection.unregister("given")
    prepare.load(connection, table)
    return connection


def _gamma(comparison: Comparison) -> str:
    cases = " ".join(f"when {level.sql} then '{level.key}'" for level in comparison.levels if level.sql)
    return f"case {cases} else '{comparison.levels[-1].key}' end as {comparison.name}"


def _tally(connection: duckdb.DuckDBPyConnection, pairs: str) -> dict[tuple[str, str], int]:
    """Count the level of each comparison over a table of pairs (``a``, ``b``)."""
    left = ", ".join(f"x.{column} as {column}_l" for column in _COLUMNS)
    right = ", ".join(f"y.{column} as {column}_r" for column in _COLUMNS)
    connection.execute(
        f"create or replace temp table tallied as select {', '.join(map(_gamma, COMPARISONS))} from "
        f"(select {left}, {right} from {pairs} p join people x on x.unique_id = p.a join people y on y.unique_id = p.b)"
    )
    found: dict[tuple[str, str], int] = {}
    for comparison in COMPARISONS:
        for key, count in connection.execute(f"select {comparison.name}, count(*) from tallied group by 1").fetchall():
            found[comparison.name, key] = count
    return found


def _counts(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], _Count]:
    connection.execute(
        "create temp table same as select l.record a, r.record b from truth l join truth r "
        "on l.person = r.person and l.record < r.record"
    )
    shared = " union ".join(
        f"select l.unique_id a, r.unique_id b from people l join people r on l.{column} = r.{column} "
        "and l.unique_id < r.unique_id"
        for column in ("postcode", "uprn", "address")
    )
    connection.execute(
        f"create temp table neighbours as select p.a, p.b from ({shared}) p join truth l on l.record = p.a "
        "join truth r on r.record = p.b where l.person <> r.person"
    )
    same = _tally(connection, "same")
    apart = _tally(connection, "random_pairs")
    near = _tally(connection, "neighbours")
    same_pairs = connection.execute("select count(*) from same").fetchall()[0][0]
    records = connection.execute("select count(*) from truth").fetchall()[0][0]
    sampled = connection.execute("select count(*) from random_pairs").fetchall()[0][0]
    different_pairs = records * (records - 1) / 2 - same_pairs
    counts: dict[tuple[str, str], _Count] = {}
    for comparison in COMPARISONS:
        missing = comparison.name, comparison.levels[0].key
        for level in comparison.levels[1:]:
            at = comparison.name, level.key
            count = counts[at] = _Count()
            count.m, count.m_of = same.get(at, 0), same_pairs - same.get(missing, 0)
            said = (sampled - apart.get(missing, 0)) / sampled
            if level.scale == "size" and comparison.name == "surname_place":
                # Every pair of neighbours is looked at, so even the rarest household level is exact.
                count.u, count.u_of = near.get(at, 0), different_pairs * said
            else:
                count.u, count.u_of = apart.get(at, 0), sampled * said
    return counts


def _learned(comparison: Comparison, counts: Sequence[dict[tuple[str, str], _Count]], records: int) -> dict[str, Any]:
    levels = []
    for level in comparison.levels:
        document = {key: value for key, value in asdict(level).items() if value}
        document["sql"] = level.sql
        if not level.missing:
            here = [town[comparison.name, level.key] for town in counts]
            document["m"] = level.m or max(LEAST_M, _share(sum(c.m for c in here), sum(c.m_of for c in here)))
            document["u"] = _stated_u(comparison, level, records) or _share(
                sum(c.u for c in here), sum(c.u_of for c in here)
            )
        levels.append(document)
    return {"name": comparison.name, "title": comparison.title, "levels": levels}


def _share(count: float, total: float) -> float:
    return float(f"{max(LEAST_U, (count + UNSEEN) / (total + 1)):.4g}")


def _stated_u(comparison: Comparison, level: Level, records: int) -> float | None:
    if comparison.name in ("nhs", "upn") and level.key == "same":
        return 2 * WRONG_IDENTIFIER_SHARE * RECORDS_PER_PERSON / records
    return level.u
