"""All that is wrong with an extract of counts, said at once: each kind of fault, how many rows, and the first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake.extract import NOTHING_STORED
from kingshurst_tui.intake.reasons import said
from kingshurst_tui.intake.reporting import above_tolerance, refusal
from kingshurst_tui.places.codes import CodeFault, faults_of_extract

if TYPE_CHECKING:
    from kingshurst_tui.agreements.document import Agreement
    from kingshurst_tui.intake.areas import AreaPlan
    from kingshurst_tui.intake.tally import Tally
    from kingshurst_tui.session import Session

MOST_KINDS = 30
"""Kinds of fault that are said; there are hardly more."""
NAMED = 3
"""Codes named of one kind."""


def refuse(session: Session, agreement: Agreement, plan: AreaPlan, tally: Tally, wrong: Sequence[str]) -> None:
    """Refuse an extract for all that is wrong with it.

    Args:
        session: that knows the look-ups.
        agreement: what may come in.
        plan: that has read all rows.
        tally: of these rows.
        wrong: what is wrong with the columns.

    Raises: InputRejected: its columns, the places it counts at, or too many of its rows are not as agreed.
    """
    codes = places_counted_at(session, agreement, plan)
    too_many = tally.read > 0 and above_tolerance(agreement, tally)
    rows = rows_in_words(tally)
    if not wrong and not codes and not too_many:
        return
    kinds = [*wrong, *(_of_codes(fault, plan) for fault in codes), *rows]
    if len(kinds) == 1 and codes:
        named = [*codes[0].named[:NAMED], *_more(codes[0].named, "code")]
        raise InputRejected(f"{codes[0].title}", _lines([*kinds, *named]), codes[0].hint, problems=(*kinds, *named))
    if not wrong and not codes:
        raise refusal(agreement, tally, rows)
    if not codes and not rows:
        raise InputRejected(
            "The extract's columns are not those of the agreement.",
            _lines(kinds),
            "Ask the partner for the agreed columns, or agree the change in a new version of the agreement.",
            problems=tuple(kinds),
        )
    raise InputRejected(
        f"The extract has {len(kinds)} kinds of fault. The whole of it was refused.",
        _lines(kinds),
        "Ask the partner to correct all of them and send it again. --check reads an extract and stores nothing.",
        problems=tuple(kinds[:MOST_KINDS]),
    )


def places_counted_at(session: Session, agreement: Agreement, plan: AreaPlan) -> list[CodeFault]:
    """Return what is wrong with the places that an extract counts at, as far as their look-ups were taken in."""
    return faults_of_extract(session, agreement.granularity, plan.places)


def rows_in_words(tally: Tally) -> list[str]:
    """Return why rows were kept out, most frequent first: how many, the first of them, and what they hold."""
    every = tally.rejected + tally.also
    return [
        f"{count:,} row{'s hold' if count != 1 else ' holds'} {said(code)} ({_rows(tally.reason_rows[code], count)})."
        for code, count in every.most_common()
    ]


def _of_codes(fault: CodeFault, plan: AreaPlan) -> str:
    counts = [plan.places[at] for at in fault.at if at in plan.places]
    number = sum(count for count, _ in counts)
    rows = _rows(sorted(first for _, first in counts), number)
    named = "; ".join(fault.named[:NAMED]) + "".join(f" {each}" for each in _more(fault.named, "code"))
    return f"{fault.title} In {number:,} row{'s' if number != 1 else ''} ({rows}): {named}."


def _more(named: Sequence[str], what: str) -> list[str]:
    left = len(named) - NAMED
    return [f"and {left:,} {what}{'s' if left != 1 else ''} more"] if left > 0 else []


def _rows(first: Iterable[int], count: int) -> str:
    shown = list(first)[:5]
    listed = ", ".join(f"{row:,}" for row in shown)
    return f"row{'s' if count != 1 else ''} {listed}{' ...' if count > len(shown) else ''}"


def _lines(kinds: Sequence[str]) -> str:
    more = [f"and {len(kinds) - MOST_KINDS:,} more kinds"] if len(kinds) > MOST_KINDS else []
    return "\n".join([*kinds[:MOST_KINDS], *more, NOTHING_STORED])
