"""Of the flagged people whom a panel decided about, how many every agency that decided had met before the flag."""

from __future__ import annotations

from dataclasses import dataclass

import db.overlap
from kingshurst_tui.acts import Reason
from kingshurst_tui.leaving.suppression_terms import terms_of
from kingshurst_tui.linkage.evaluation import Share
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

DEFINED = (
    "Known already: met, before the first flag, by every agency that sat there and decided (or spoke in an urgent "
    "decision) and has a data set here. Where that is so, linking told nobody who the person was; it may still have "
    "told them who else knew."
)


@dataclass(frozen=True, slots=True)
class KnownBefore:
    """How many were known to everybody who decided.

    Attributes:
        known: rounded; None where hidden: fewer of either kind than the agreements allow to be shown.
        of: decided about after they were flagged, rounded.
        low: of the share, at 95 per cent; ``high`` likewise.
        words: the same in a sentence.
    """

    known: int | None
    of: int | None
    low: float | None
    high: float | None
    words: str


def known_before(session: Session) -> KnownBefore:
    """Return how many of the flagged were already known to every agency that decided. Raises: Refused."""
    from kingshurst_tui.leaving.suppression import rounded

    with session.act(
        Operation.COMBINE, Thing.OVERLAP, reason=Reason(ReasonCode.OVERSIGHT), combine=True, facts={"of": "decided"}
    ) as act:
        sat = act.read(db.overlap.deciders, session.purpose)
        met = act.read(db.overlap.first_met, sorted({each.profile_id for each in sat}))
        terms = terms_of(act)
    known: dict[int, bool] = {}
    for each in sat:
        first = met.get((each.profile_id, each.agency))
        known[each.profile_id] = known.get(each.profile_id, True) and first is not None and first < each.flagged_on
    yes, of = sum(known.values()), len(known)
    if yes < terms.under or of - yes < terms.under:
        return KnownBefore(
            None,
            None,
            None,
            None,
            f"Of the flagged people decided about, fewer than {terms.under} were known already to every agency that "
            f"decided, or fewer than {terms.under} were not: hidden. {DEFINED}",
        )
    told = rounded(yes, terms.base)
    share = Share(told, told + rounded(of - yes, terms.base))
    low, high = share.interval
    words = (
        f"Of about {share.of:,} flagged people decided about, about {told:,} ({share.value:.0%}; {low:.0%} to "
        f"{high:.0%}) were known already to every agency that decided. {DEFINED}"
    )
    return KnownBefore(told, share.of, low, high, words)
