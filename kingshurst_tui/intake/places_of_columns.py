"""Where the agreed columns stand in an extract."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence

from kingshurst_tui.agreements.document import Agreement
from kingshurst_tui.agreements.fields import dropped_at_the_door
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake.extract import NOTHING_STORED

Where = dict[str, list[tuple[int, str]]]
"""Field of ours -> positions in the row, with the partner's names."""


def positions(agreement: Agreement, header: Sequence[str], wrong: list[str] | None = None) -> Where:
    """Return, for each field of ours, where in the extract it stands and under which of the partner's names.

    Args:
        agreement: what may come in.
        header: the extract's column names.
        wrong: takes what is wrong with the columns, for a check that goes on to the rows with those that are there.

    Raises:
        InputRejected: an agreed column is missing or there twice; all of them at once. Never where `wrong` takes them.
    """
    wanted = {
        column: field
        for column, field in agreement.columns.items()
        if not dropped_at_the_door(field, agreement.granularity)
    }
    count = Counter(header)
    problems: list[str] = []
    found: Where = {}
    for column, field in wanted.items():
        if not count[column]:
            near = difflib.get_close_matches(column, [name for name in header if name not in wanted], 1, 0.8)
            problems.append(
                f"Column {column!r} is missing." + (f" The extract has {near[0]!r}: is that the one?" if near else "")
            )
        elif count[column] > 1:
            problems.append(f"Column {column!r} is there {count[column]} times: which one is meant cannot be known.")
        else:
            found.setdefault(field, []).append((header.index(column), column))
    if wrong is not None:
        wrong.extend(problems)
    elif problems:
        raise InputRejected(
            "The extract's columns are not those of the agreement.",
            "\n".join([*problems, NOTHING_STORED]),
            "Ask the partner for the agreed columns, or agree the change in a new version of the agreement.",
            problems=tuple(problems),
        )
    return found


def not_found(agreement: Agreement, where: Where) -> frozenset[str]:
    """Return the fields that the agreement maps and the extract has no usable column for."""
    agreed = {field for field in agreement.columns.values() if not dropped_at_the_door(field, agreement.granularity)}
    return frozenset(agreed - set(where))
