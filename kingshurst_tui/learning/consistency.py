"""Who leads for whom: lead agency by area, by rule and by group where lawful, for governance and the Board."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import db.outcomes
import db.users
from kingshurst_tui.acts import Act, Reason
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, UsageError
from kingshurst_tui.intake.text import clean
from kingshurst_tui.linkage.evaluation import Share
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from kingshurst_tui.leaving.suppression import Suppressed

BY = {"area": "postcode district", "rule": "rule that flagged them", "age": "age", "sex": "sex"}
"""By what the decisions may be parted, and how it reads."""

ASKED_FIRST = frozenset({"age", "sex"})
"""Groups of protected characteristics (Equality Act 2010 s.4): parted by them only where governance has said on which
basis (DPA 2018 Sch. 1 para. 8, equality of opportunity or treatment; for Part 3, Sch. 8 para. 7)."""
SETTING = "learning.basis"
_OVERSIGHT = Reason(ReasonCode.OVERSIGHT)

READS = (
    "Unlike figures are a question, not a finding: the people of two groups may need different things, and the "
    "intervals say how much is chance."
)


@dataclass(frozen=True, slots=True)
class Consistency:
    """Lead agency by group.

    Attributes:
        by: one of BY.
        table: counts by (group, agency), small ones hidden.
        shares: by (group, agency), where the cells may be shown, the share of that group's decisions with its Wilson
            interval, in words; computed from what is shown, so that it tells no more.
        unknown: decisions about people of whom the group is not known; None where hidden.
        said: what stands beside it.
    """

    by: str
    groups: tuple[str, ...]
    agencies: tuple[str, ...]
    table: Suppressed
    shares: Mapping[tuple[str, str], str]
    said: tuple[str, ...]


def consistency(session: Session, by: str) -> Consistency:
    """Return who leads, by group, with intervals; small numbers hidden, nobody named.

    Raises: UsageError (no such grouping), Refused (a group for which no basis is stated; the role).
    """
    from kingshurst_tui.leaving.suppression import TOTAL, suppressed
    from kingshurst_tui.leaving.suppression_terms import lot_key, terms_of

    if by not in BY:
        raise UsageError(f"Nothing is parted by {by!r}.", "Nothing was counted.", f"One of: {', '.join(BY)}.")
    facts = {"by": by}
    with session.act(Operation.COMBINE, Thing.OUTCOME, reason=_OVERSIGHT, facts={**facts}, combine=True) as act:
        if by in ASKED_FIRST and by not in bases_in(act):
            act.refuse(
                f"Decisions are not parted by {BY[by]} here.",
                "Nothing was counted.",
                "The governance officer states the basis first: kingshurst learn basis STORE.",
            )
        counts = _counts(act, by)
        act.note(decisions=sum(counts.values()))
        terms, key = terms_of(act), lot_key(act)
    table = suppressed(counts, under=terms.under, base=terms.base, key=key)
    groups, agencies = table.rows, table.columns
    shares: dict[tuple[str, str], str] = {}
    for group in groups:
        for agency in agencies:
            part, whole = table.value(group, agency), table.value(group, TOTAL)
            if part is not None and whole:
                low, high = Share(min(part, whole), whole).interval
                shares[group, agency] = f"{min(part, whole) / whole:.0%} ({low:.0%} to {high:.0%})"
    return Consistency(by, groups, agencies, table, shares, (READS,))


def _counts(act: Act, by: str) -> Mapping[tuple[str, str], int]:
    leads = act.read(db.outcomes.latest_leads, act.session.purpose)
    people = [profile for profile, _ in leads]
    of: dict[int, list[str]] = {}
    if by == "rule":
        for profile, rule, _, _ in act.read(db.outcomes.flag_runs):
            if rule not in of.setdefault(profile, []):
                of[profile].append(rule)
    else:
        today = act.session.clock.today()
        for profile, (born, sex, postcode) in act.read(db.outcomes.groups, people).items():
            of[profile] = [_group(by, born, sex, postcode, today)]
    counts: Counter[tuple[str, str]] = Counter()
    for profile, agency in leads:
        for group in of.get(profile, ["unknown"]):
            counts[group, agency] += 1
    return counts


def _group(by: str, born: str | None, sex: str | None, postcode: str | None, today: date) -> str:
    if by == "area":
        return postcode.split()[0] if postcode and postcode.split() else "unknown"
    if by == "sex":
        return sex or "unknown"
    return age_band(date.fromisoformat(born), today) if born else "unknown"


def age_band(born: date, today: date) -> str:
    """Return the band of an age: under 18, 18 to 24, 25 to 64, 65 and over."""
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    for first, name in ((65, "65 and over"), (25, "25 to 64"), (18, "18 to 24")):
        if age >= first:
            return name
    return "under 18"


def state_basis(session: Session, by: str, basis: str) -> None:
    """State on which lawful basis decisions may be parted by a protected characteristic; empty words take it back.

    Raises: UsageError, InputRejected, Refused.
    """
    if by not in ASKED_FIRST:
        raise UsageError(f"No basis is needed for {by!r}.", "Nothing was changed.", f"One of: {', '.join(ASKED_FIRST)}")
    words = clean(basis)[:2_000]
    if words and not is_a_reason(words):
        raise InputRejected("On which basis?", "Nothing was changed.", HINT, (f"basis: {HINT}",))
    reason = Reason(ReasonCode.OVERSIGHT, words)
    with session.act(Operation.ADMINISTER, Thing.RULE, reason=reason, facts={"basis_for": by}) as act:
        found = bases_in(act)
        found.pop(by, None)
        if words:
            found[by] = {"basis": words, "by": session.user.name, "at": stamp(session.clock.now())}
        act.write(db.users.put_setting, SETTING, json.dumps(found))


def bases_in(act: Act) -> dict[str, dict[str, str]]:
    """Return the bases that are stated, by group."""
    found: dict[str, dict[str, str]] = json.loads(act.read(db.users.get_setting, SETTING) or "{}")
    return found
