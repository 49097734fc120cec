"""How long do the rules take over a million contacts?

First the arithmetic alone: every shipped rule over contacts in memory, and the partnership's own rule beside the
same question asked of plain sqlite3 with window functions over an index that covers it. Then the whole command,
`kingshurst flag`, on a store of a million contacts: reading through the views, incidents, rules, keeping, entry.

usage: python -m benchmarks.flags [--contacts N] [--runs N] [--store-people N] [--store-rows N]
"""

from __future__ import annotations

import argparse
import json
import sqlite3
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.extracts import AGREEMENT, police_extract
from benchmarks.measure import Times, in_turn, ratio, spell
from benchmarks.stores import KEPT, PROGRAM, Town, run, town
from kingshurst_tui.casework.flags import Contacts, flaggings, runs
from kingshurst_tui.casework.rules import Rule, shipped_rules
from kingshurst_tui.vocabulary import Category, ContactRole, PriorityArea, Standing

if TYPE_CHECKING:
    from numpy.typing import NDArray

KINDS = {
    "WMP": "police",
    "WMFS": "fire",
    "WMAS": "ambulance",
    "NHS": "nhs",
    "SMBC": "council",
    "SCH": "housing",
    "EDU": "education",
}
FIRST_DAY, DAYS = 738_700, 730
SQL = """
WITH third AS (
    SELECT person, day, lag(day, 2) OVER (PARTITION BY person ORDER BY day, incident) AS since FROM contact
)
SELECT count(DISTINCT t.person) FROM third t WHERE t.day - t.since < 90 AND 2 <= (
    SELECT count(DISTINCT agency) FROM contact c WHERE c.person = t.person AND c.day BETWEEN t.day - 89 AND t.day)
"""


def contacts(rows: int, seed: int = 5) -> Contacts:
    """Return so many invented contacts of a tenth as many people, a few of whom have most."""
    dice = np.random.default_rng(seed)
    words = (*KINDS, *Category, *PriorityArea, *ContactRole, *Standing)
    number = {str(word): place for place, word in enumerate(words)}

    def among(names: list[str]) -> NDArray[np.int64]:
        return np.array([number[name] for name in names])[dice.integers(0, len(names), rows)]

    person = (dice.pareto(1.2, rows) * rows / 40).astype(np.int64) % (rows // 10) + 1
    return Contacts(
        contact=np.arange(rows),
        profile=person,
        incident=np.arange(rows),
        day=FIRST_DAY + dice.integers(0, DAYS, rows),
        age=dice.integers(6, 90, rows),
        counterpart=np.where(dice.random(rows) < 0.2, dice.integers(1, rows // 10, rows), 0),
        measure=np.where(dice.random(rows) < 0.1, dice.integers(0, 100, rows), np.nan),
        agency=among(list(KINDS)),
        agreement=among(list(KINDS)),
        category=among([str(word) for word in Category]),
        priority_area=among([str(word) for word in PriorityArea]),
        role=among([str(word) for word in ContactRole]),
        standing=np.full(rows, number["fact"]),
        words=[str(word) for word in words],
    )


def plain_sqlite(rows: Contacts) -> sqlite3.Connection:
    """Return the same contacts in sqlite3 in memory, with the index that the question wants."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE contact (person INTEGER, day INTEGER, incident INTEGER, agency INTEGER)")
    columns = (rows.profile, rows.day, rows.incident, rows.agency)
    database.executemany("INSERT INTO contact VALUES (?,?,?,?)", zip(*(c.tolist() for c in columns), strict=True))
    database.execute("CREATE INDEX by_person ON contact (person, day, incident, agency)")
    return database


def arithmetic(rows: int, times: int) -> None:
    """Compare the arithmetic with plain SQL, after showing that both find the same people."""
    given = contacts(rows)
    rules = shipped_rules()
    (own,) = [rule for rule in rules if rule.code == "repeat-contact"]
    database = plain_sqlite(given)

    def people(rule: Rule) -> int:
        found = runs(given.profile, given.incident, given.day, given.agency, rule.any_of)
        return len(np.unique(found.group))

    (in_sql,) = database.execute(SQL).fetchone()
    assert people(own) == in_sql, f"{people(own)} by arithmetic, {in_sql} by SQL"
    measured = in_turn(
        times,
        own_rule_here=lambda: people(own),
        own_rule_in_plain_sqlite=lambda: database.execute(SQL).fetchone(),
        all_rules_with_their_contacts=lambda: [flaggings(rule, given, KINDS) for rule in rules],
    )
    print(f"{rows:,} contacts in memory; {in_sql:,} people meet the partnership's rule; {len(rules)} rules")
    ratio(measured["own_rule_here"], measured["own_rule_in_plain_sqlite"])
    print(measured["all_rules_with_their_contacts"])


def large_town(people: int, rows: int) -> Town:
    """Return a town whose police have sent so many rows more, linked; made once."""
    base = town(people)
    folder = KEPT / f"{base.folder.name}-and-{rows}"
    large = Town(folder)
    if not (folder / "large").exists():
        large = base.copied_to(folder)
        signed_in = large.signed_in("coordinator")
        extract = police_extract(KEPT / f"extract-{rows}.csv", rows, people=rows // 8)
        brought = run([PROGRAM, "import", str(large.store), str(extract), "--agreement", AGREEMENT, *signed_in])
        linked = run([PROGRAM, "link", str(large.store), *signed_in])
        said = f"import {spell(brought.seconds)}, link and first flags {spell(linked.seconds)}"
        (folder / "large").write_text(said + "\n", encoding="utf-8")
    print(f"made by: {(folder / 'large').read_text(encoding='utf-8').strip()}")
    return large


def whole_command(people: int, rows: int, times: int) -> None:
    """Time the command on a store."""
    fresh = large_town(people, rows).copied_to(KEPT / "flags-here")
    taken = []
    for _ in range(times):
        done = run([PROGRAM, "flag", str(fresh.store), "--json", *fresh.signed_in("coordinator")])
        answer = json.loads(done.output)
        assert answer["ok"], answer
        taken.append(done.seconds)
        print({key: value for key, value in answer.items() if isinstance(value, int)}, spell(done.seconds))
    print(Times(f"kingshurst flag on a town of {people:,} people and {rows:,} contacts more", tuple(taken)))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--store-people", type=int, default=142_000)
    parser.add_argument("--store-rows", type=int, default=810_000, help="with the town's own about a million")
    options = parser.parse_args()
    arithmetic(options.contacts, options.runs)
    whole_command(options.store_people, options.store_rows, options.runs)


if __name__ == "__main__":
    main()
