"""What was expected before, beside what came: the record that stands beside every new figure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import db.expected
from kingshurst_tui.errors import Refused
from kingshurst_tui.places import forecast_approval
from kingshurst_tui.places.between import in_words, month_in_words
from kingshurst_tui.places.expecting import METHOD
from kingshurst_tui.places.published import Range, shown
from kingshurst_tui.places.vocabulary import HIDDEN, NOT_KNOWN
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.expected import ForecastRow
    from kingshurst_tui.places.published import PublishedSet
    from kingshurst_tui.session import Session

NOT_APPROVED = f"The ALGO-CARE answers for {METHOD} are not approved: nothing is expected of any place."
NONE_YET = "Nothing was expected here yet; wards and LSOAs are looked ahead at: kingshurst places expect STORE"


@dataclass(frozen=True, slots=True)
class Kept:
    """One month as it was expected, and what came.

    Attributes:
        expected: as it was shown; ``low`` and ``high`` too, HIDDEN under the line, NOT_KNOWN for a plain figure.
        beats: whether a model that beat both plain figures stood behind it.
        came: what is told of the count that came; None while it is not known.
        inside: whether that lies in the interval; None where it cannot be told from what is shown.
        account: how the method had done on past months when this was expected, in sentences.
        made_at: when this was expected.
    """

    agreement_ref: str
    title: str
    agency_code: str
    code: str
    category: str
    month: str
    ahead: int
    known_to: str
    method: str
    expected: int
    low: int
    high: int
    beats: bool
    came: Range | None
    inside: bool | None
    account: tuple[str, ...]
    made_at: str = ""

    @property
    def words(self) -> str:
        """The month in a sentence."""
        said = f"{month_in_words(self.month)}, {self.category or 'all categories'}: about {self.expected:,}"
        if not self.beats:
            said += f" ({self.method}; no forecast beats the plain figures)"
        elif self.high != NOT_KNOWN:
            low = f"{self.low:,}" if self.low != HIDDEN else "hidden"
            said += f" (95 % interval {low} to {self.high:,})"
        if self.came is not None:
            said += f"; {in_words(self.came)} came"
        return f"{said}."


@dataclass(frozen=True, slots=True)
class Record:
    """A place's months to come and those that were expected before.

    Attributes:
        ahead: months of which nothing came yet, each by its newest forecast.
        past: months of which something came, oldest first.
        told: past forecasts of a model of which it can be told whether they held.
        held: how many of these did.
        said: in sentences.
    """

    ahead: tuple[Kept, ...]
    past: tuple[Kept, ...]
    told: int
    held: int
    said: tuple[str, ...]


def of_place(session: Session, code: str) -> Record:
    """Return what stands in the record for one place, of every data set that may be shown. Raises: Refused."""
    return _record(session, code)


def of_all(session: Session) -> Record:
    """Return the same of every place. Raises: Refused."""
    return _record(session, None)


def _record(session: Session, code: str | None) -> Record:
    if not session.may(Operation.CONSULT, Thing.FORECAST):
        raise Refused(
            "Your role may not see what is expected of places.", "Nothing was shown.", "docs/roles.md says who may."
        )
    if not forecast_approval.is_approved(session):
        return Record((), (), 0, 0, (NOT_APPROVED,))
    today = session.clock.today().isoformat()
    rows = session.look(db.expected.forecasts, session.purpose, today, session.user.agency, code)
    if not rows:
        return Record((), (), 0, 0, (NONE_YET,))
    sets = {each.agreement_ref: each for each in shown(session, sorted({row.code for row in rows}))}
    return record_of(rows, sets)


def record_of(rows: Sequence[ForecastRow], sets: dict[str, PublishedSet]) -> Record:
    """Return kept forecasts beside what is published of the months that they are of.

    Args:
        rows: as they were kept.
        sets: what is shown, by agreement.
    """
    every = [_beside(row, sets[row.agreement_ref]) for row in rows if row.agreement_ref in sets]
    past = tuple(each for each in every if each.came is not None)
    newest = {(each.agreement_ref, each.code, each.category, each.month): each for each in every if each.came is None}
    judged = [each.inside for each in past if each.inside is not None]
    none = "None of the months that were expected has come yet; what comes of them will stand beside what was expected."
    said = [f"{len(past):,} months that were expected have come since." if past else none]
    if judged:
        said.append(f"Of {len(judged):,} of which what is shown can tell, {sum(judged):,} lay in their 95 % interval.")
    return Record(tuple(newest.values()), past, len(judged), sum(judged), tuple(said))


def _beside(row: ForecastRow, published: PublishedSet) -> Kept:
    came = published.bounds(row.code, row.month, row.category)
    inside = None
    if came is not None and row.beats:
        low = max(row.low, 0)
        if came.high is not None and low <= came.low and came.high <= row.high:
            inside = True
        elif came.low > row.high or (came.high is not None and came.high < low):
            inside = False
    return Kept(
        row.agreement_ref,
        published.title,
        published.agency_code,
        row.code,
        row.category,
        row.month,
        row.ahead,
        row.known_to,
        row.method,
        row.expected,
        row.low,
        row.high,
        bool(row.beats),
        came,
        inside,
        tuple(json.loads(row.record)["words"]),
        row.made_at,
    )
