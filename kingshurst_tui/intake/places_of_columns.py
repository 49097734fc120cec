"""Where the agreed columns stand in an extract."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence

from kingshurst_tui.agreements.document import Agreement
from kingshurst_tui.agreements.fields import dropped_at_the_door
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake.extract import NOTHING_STORED


def positions(agreement: Agreement, header: Sequence[str]) -> dict[str, list[tuple[int, str]]]:
    """Return, for each field of ours, where in the extract it stands and under which of the partner's names.

    Raises:
        InputRejected: an agreed column is missing or there twice; all of them at once.
    """
    wanted = {
        column: field
        for column, field in agreement.columns.items()
        if not dropped_at_the_door(field, agreement.granularity)
    }
    count = Counter(header)
    problems: list[str] = []
    found: dict[str, list[tuple[int, str]]] = {}
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
    if problems:
        raise InputRejected(
            "The extract's columns are not those of the agreement.",
            "\n".join([*problems, NOTHING_STORED]),
            "Ask the partner for the agreed columns, or agree the change in a new version of the agreement.",
            problems=tuple(problems),
        )
    return found
