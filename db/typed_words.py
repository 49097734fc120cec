"""What people typed about somebody, wherever it is kept: by whose it is, for the erasure of another whom it names."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlalchemy import Connection, String, Table

from db.schema import metadata, table_class
from db.view_parts import SIGHT

A_SENTENCE = 100
"""Characters: a column that holds as many may hold a name within words."""

WORKED_OUT = {("flag", "evidence")}
"""Columns as long that no person types into."""

STEPS = {
    "action_step": ("action", "action_id"),
    "dissent_step": ("dissent", "dissent_id"),
    "referral_step": ("referral", "referral_id"),
}
"""Tables of what was said of a thing since: the thing, and the column of its number."""


class Typed(NamedTuple):
    """What was typed of one thing: which, on whose profile (None for nobody's yet), and the texts as a JSON list.

    Whom a consent or a referral is said to be of is among them.
    """

    thing: str
    number: int
    profile_id: int | None
    pseudonym: str | None
    texts: str


def columns() -> dict[str, list[str]]:
    """Return the columns that people type into, of every table whose rows belong to a profile."""
    found = {
        table.name: [each.name for each in table.columns if _is_typed(table, each.name, each.type)]
        for table in metadata.sorted_tables
        if table_class(table) == "personal" and "profile_id" in table.columns
    }
    return {table: names for table, names in found.items() if names}


def _is_typed(table: Table, name: str, kind: object) -> bool:
    long = isinstance(kind, String) and (kind.length is None or kind.length >= A_SENTENCE)
    return long and (table.name, name) not in WORKED_OUT


def view() -> str:
    """Return the query of the view of all of it; nothing without sight ``combine``."""
    return " UNION ALL ".join(_of(table, names) for table, names in columns().items())


def _of(table: str, names: list[str]) -> str:
    thing, number = STEPS.get(table, (table, "id"))
    texts = ", ".join(f"t.{name}" for name in names)
    if {"forename", "surname"} <= set(metadata.tables[table].columns.keys()):
        texts += ", coalesce(t.forename, '') || ' ' || coalesce(t.surname, '')"
    return (
        f"SELECT '{thing}' AS thing, t.{number} AS number, t.profile_id AS profile_id, json_array({texts}) AS texts "
        f"FROM {table} t WHERE {SIGHT} = 'combine'"
    )


def of_others(connection: Connection, profile_ids: Collection[int]) -> Iterator[Typed]:
    """Yield what was typed of others than these people, table by table; under sight ``combine``."""
    rows = connection.exec_driver_sql(
        "SELECT w.thing, w.number, w.profile_id, p.pseudonym, w.texts FROM combined_words w "
        "LEFT JOIN profile p ON p.id = w.profile_id "
        "WHERE coalesce(w.profile_id, 0) NOT IN (SELECT value FROM json_each(?))",
        (json.dumps(list(profile_ids)),),
    )
    return (Typed(*row) for row in rows)
