"""What came of decisions across cases, as a report that leaves through the gate: figures, intervals, no one's name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from kingshurst_tui.acts import Reason
from kingshurst_tui.clock import plain_date
from kingshurst_tui.learning.misses import FEWEST, referred, samples
from kingshurst_tui.learning.usefulness import records
from kingshurst_tui.learning.what_works import what_works
from kingshurst_tui.leaving.pages import Document, Interval, Intervals, Listed, Section
from kingshurst_tui.leaving.report_copies import release_drawn
from kingshurst_tui.leaving.suppression import rounded

if TYPE_CHECKING:
    from kingshurst_tui.learning.misses import Referred, UnflaggedSample
    from kingshurst_tui.learning.usefulness import RuleRecord
    from kingshurst_tui.learning.what_works import Row, WhatWorks
    from kingshurst_tui.leaving.gate import Copy, Recipient
    from kingshurst_tui.session import Session


def release_report(
    session: Session,
    *,
    form: str,
    into: Path,
    recipients: Sequence[Recipient],
    why: str,
    reason: Reason,
    expires_on: date | None = None,
) -> tuple[Copy, ...]:
    """Let the report leave, a copy a named recipient. Raises: what the gate raises."""
    works, rules = what_works(session), records(session)
    missed, looked = referred(session), samples(session)
    return release_drawn(
        session,
        document(works, rules, missed, looked, session.clock.today()),
        kind="report",
        name="what-came-of-it",
        form=form,
        into=into,
        recipients=recipients,
        why=why,
        reason=reason,
        expires_on=expires_on,
    )


def document(
    works: WhatWorks,
    rules: Sequence[RuleRecord],
    missed: Referred,
    looked: Iterable[UnflaggedSample],
    today: date,
) -> Document:
    """Return the report as plain records."""
    return Document(
        "What came of the panel's decisions",
        (f"As at {plain_date(today)}. Numbers under 10 are hidden. Every interval is at 95 per cent.",),
        (
            Section("All decisions", (_followed([works.all]),)),
            Section("By lead agency", (_followed(works.by_lead),)),
            Section("By kind of intervention", (_followed(works.by_intervention),)),
            Section("What this can and cannot show", (Listed(works.said),)),
            Section("Whether flags were found useful", (_useful(rules),)),
            Section("What rules missed", (Listed((missed.words, *(_looked(each) for each in looked))),)),
        ),
    )


def _followed(rows: Iterable[Row]) -> Intervals:
    return Intervals(tuple(Interval(row.title, row.ratio, row.low, row.high, row.words) for row in rows))


def _looked(sample: UnflaggedSample) -> str:
    """Return a sample in words, hidden where few were found; while some wait, how far it has come."""
    if sample.waiting or (sample.missed.count >= FEWEST and sample.missed.of - sample.missed.count >= FEWEST):
        return sample.words
    return f"A sample of {sample.size} unflagged people: fewer than {FEWEST} of one kind, so hidden."


def _useful(rules: Iterable[RuleRecord]) -> Intervals:
    def shown(each: RuleRecord) -> Interval:
        if each.useful.of < FEWEST or each.useful.count < FEWEST or each.useful.of - each.useful.count < FEWEST:
            return Interval(each.title, None, None, None, f"fewer than {FEWEST} found useful, or not: hidden")
        low, high = each.useful.interval
        words = f"about {rounded(each.useful.count)} of about {rounded(each.useful.of)} judged found useful"
        return Interval(each.title, each.useful.value, low, high, f"{words} ({low:.0%} to {high:.0%})")

    return Intervals(tuple(shown(each) for each in rules), "share")
