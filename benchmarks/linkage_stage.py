"""How long does the program's Splink stage take beside the same model run bare?

Ours: scoring the prepared records, with the levels, rarities and guards of every pair read out, on a DuckDB that may
not spill, reach out or be reconfigured. Bare: the same settings, the same prepared records, Splink's own defaults, all
pairs fetched. Asked: at most 1.3 times. Preparing the records, and the whole link command, are reported.

usage: python -m benchmarks.linkage_stage [--records N] [--runs N] [--store-people N]
"""

from __future__ import annotations

import argparse
import json
import logging
import random
from typing import TYPE_CHECKING, Any

from benchmarks.extracts import STREETS, SYLLABLES
from benchmarks.measure import Times, ratio, spell, timed
from benchmarks.stores import KEPT, PROGRAM, run, town
from kingshurst_tui.linkage import engine, model, prepare

if TYPE_CHECKING:
    import pyarrow as pa


def invented_records(count: int, seed: int = 3) -> pa.Table:
    """Return source records, two or three a person, with slips between them."""
    dice = random.Random(seed)
    rows: list[tuple[Any, ...]] = []
    while len(rows) < count:
        person = _person(dice)
        for _ in range(dice.choice((1, 2, 2, 3))):
            rows.append((len(rows) + 1, *_slips(dice, person)))
    return prepare.as_table(rows[:count])


def _person(dice: random.Random) -> list[str | None]:
    def name(parts: int) -> str:
        # Squared, so that some names are common and most are rare.
        return "".join(SYLLABLES[int(dice.random() ** 2 * len(SYLLABLES))] for _ in range(parts)).title()

    born = f"{dice.randrange(1940, 2018)}-{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}"
    postcode = f"B{dice.randrange(33, 40)} {dice.randrange(1, 10)}{dice.choice('ABDEFG')}{dice.choice('HJLNPQ')}"
    address = f"{dice.randrange(1, 160)} {dice.choice(STREETS)}"
    sex = dice.choice("FM")
    return [name(2), None, name(3), None, born, sex, None, None, None, address, postcode]


def _slips(dice: random.Random, person: list[str | None]) -> list[str | None]:
    written = list(person)
    for place in (0, 2, 9):
        text = written[place]
        if text and dice.random() < 0.1:
            cut = dice.randrange(len(text))
            written[place] = text[:cut] + dice.choice("aeiou") + text[cut + 1 :]
    for place, missing in ((4, 0.05), (5, 0.1), (9, 0.1), (10, 0.1)):
        if dice.random() < missing:
            written[place] = None
    return written


def bare(people: pa.Table, settings: dict[str, Any]) -> int:
    """Run the same model with Splink's defaults and fetch every pair. Returns: how many."""
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.CRITICAL)
    api = DuckDBAPI()
    linker = Linker(api.register(people, dataset_display_name="people"), settings, log_level=None)
    pairs = linker.inference.predict()
    return int(api._con.sql(f"select * from {pairs.physical_name}").to_arrow_table().num_rows)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=150_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--store-people", type=int, default=20_000)
    options = parser.parse_args()
    records = invented_records(options.records)
    shipped = model.load()
    settings = shipped.splink_settings(options.records)
    ours, theirs, preparing = [], [], []
    pairs = 0
    for _ in range(options.runs):
        connection = prepare.connect()
        preparing.append(timed(lambda: prepare.load(connection, records)))  # noqa: B023  called at once
        people = connection.sql("select * from people").to_arrow_table()
        found: list[engine.Scored] = []
        ours.append(timed(lambda: found.append(engine.score_people(connection, shipped, options.records))))  # noqa: B023
        connection.close()
        bare_pairs: list[int] = []
        theirs.append(timed(lambda: bare_pairs.append(bare(people, settings))))  # noqa: B023
        pairs = len(found[0])
        assert bare_pairs[0] == pairs, f"{bare_pairs[0]} pairs bare, {pairs} here"
    print(f"{options.records:,} records, {pairs:,} pairs scored")
    ratio(Times("Splink's stage", tuple(ours)), Times("the same model run bare", tuple(theirs)), at_most=1.3)
    print(Times("preparing the records", tuple(preparing)))
    base = town(options.store_people).copied_to(KEPT / "link-here")
    done = run([PROGRAM, "link", str(base.store), "--json", *base.signed_in("coordinator")])
    answer = json.loads(done.output)
    assert answer["ok"], answer
    print(f"kingshurst link again on a town of {options.store_people:,} people: {spell(done.seconds)}, ", end="")
    print(f"{done.peak_mib:.0f} MiB", {key: value for key, value in answer.items() if isinstance(value, int)})


if __name__ == "__main__":
    main()
