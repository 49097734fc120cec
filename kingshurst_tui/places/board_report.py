"""The Board's report: one document from live data, every figure suppressed, defined and dated, let out by the gate.

It stands among the places because its second half is theirs; its first half takes what kingshurst_tui/learning counts
across everybody. It reads no row about a person: whatever it prints was rounded or hidden before it came here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import db.users
from kingshurst_tui.acts import Reason
from kingshurst_tui.clock import plain_date
from kingshurst_tui.leaving.pages import Document
from kingshurst_tui.leaving.report_copies import release_drawn
from kingshurst_tui.vocabulary import PriorityArea

if TYPE_CHECKING:
    from kingshurst_tui.learning.known_before import KnownBefore
    from kingshurst_tui.learning.overlap import Overlap
    from kingshurst_tui.learning.repeat_demand import Demand
    from kingshurst_tui.learning.what_works import WhatWorks
    from kingshurst_tui.leaving.gate import Copy, Recipient
    from kingshurst_tui.places.board_activity import Activity, DataSet
    from kingshurst_tui.places.board_places import OfPlaces
    from kingshurst_tui.session import Session

TITLE = "Report to the Board: repeat demand and what the partnership does about it"
FOUR = tuple(str(each) for each in PriorityArea if each is not PriorityArea.OTHER)


@dataclass(frozen=True, slots=True)
class BoardFigures:
    """Everything that the report says, as it may be shown.

    Attributes:
        overlap: all priority areas together, then each of the four.
        agencies: their names by code.
    """

    as_at: date
    under: int
    base: int
    demand: Demand
    overlap: tuple[Overlap, ...]
    known_before: KnownBefore
    activity: Activity
    works: WhatWorks
    data_sets: tuple[DataSet, ...]
    places: OfPlaces
    agencies: Mapping[str, str] = field(default_factory=dict)


def board_figures(session: Session) -> BoardFigures:
    """Return the report's figures from what is held now. Raises: Refused, StoreUnavailable."""
    from kingshurst_tui.learning.known_before import known_before
    from kingshurst_tui.learning.overlap import overlaps
    from kingshurst_tui.learning.repeat_demand import repeat_demand
    from kingshurst_tui.learning.what_works import what_works
    from kingshurst_tui.places import board_activity, board_places

    found = overlaps(session, ("", *FOUR))
    return BoardFigures(
        session.clock.today(),
        found[0].under,
        found[0].base,
        repeat_demand(session),
        found,
        known_before(session),
        board_activity.activity(session),
        what_works(session),
        board_activity.data_sets(session),
        board_places.of_places(session),
        {code: name for code, (name, _) in session.look(db.users.agencies).items()},
    )


def release_board_report(
    session: Session,
    *,
    form: str,
    into: Path,
    recipients: Sequence[Recipient],
    why: str,
    reason: Reason,
    expires_on: date | None = None,
) -> tuple[Copy, ...]:
    """Let the report leave, a copy a named recipient, made anew from what is held now. Raises: what the gate raises."""
    return release_drawn(
        session,
        document(board_figures(session)),
        kind="board-report",
        name="board-report",
        form=form,
        into=into,
        recipients=recipients,
        why=why,
        reason=reason,
        expires_on=expires_on,
    )


def document(figures: BoardFigures) -> Document:
    """Return the report as plain records."""
    from kingshurst_tui.places.board_sections import sections

    as_at = plain_date(figures.as_at)
    return Document(
        TITLE,
        (
            f"As at {as_at}: every figure is made from the data held on that day. How far each data set reaches stands "
            "under Data quality and coverage, and how a figure is made under its heading.",
            f"Nobody is named, and no figure is about fewer than {figures.under} people: smaller numbers are hidden, "
            "nought too, with as many others as it takes that none can be worked out; the rest are rounded to "
            f"{figures.base}. Intervals are at 95 per cent; more or fewer is said only where the whole one has it.",
        ),
        tuple(sections(figures)),
    )
