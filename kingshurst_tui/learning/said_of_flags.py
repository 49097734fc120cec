"""What people said of the flags of one person or of one rule: useful or not, by whom, and why where it is open."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import db.case_reading
import db.judgements
from kingshurst_tui.acts import Reason
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session


SOMEBODY = "somebody of the panel"


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody said of one flag.

    Attributes:
        why: empty where the profile is masked.
        by: SOMEBODY on a mask, for all but one's own word: whose flag somebody judges may tell who knows the person.
    """

    flag: int
    verdict: str
    why: str
    by: str
    at: str


def of_profile(act: Act, profile_id: int, *, masked: bool) -> dict[int, tuple[Word, ...]]:
    """Return what people said of each flag of a profile, the latest first; nothing to whoever may not read it."""
    if not act.session.may(Operation.CONSULT, Thing.JUDGEMENT):
        return {}
    found: dict[int, list[Word]] = defaultdict(list)
    for row in act.read(db.judgements.of_profile, profile_id):
        word = _word(row)
        own = word.by == act.session.user.name
        found[word.flag].append(replace(word, by=SOMEBODY) if masked and not own else word)
    return {flag: tuple(words) for flag, words in found.items()}


def of_rule(session: Session, rule_code: str, rule_version: int) -> tuple[Word, ...]:
    """Return what people said of the flags of one rule, the latest first, for whoever decides about the rule.

    Raises: Refused.
    """
    with session.act(Operation.CONSULT, Thing.JUDGEMENT, reason=Reason(ReasonCode.OVERSIGHT)) as act:
        rows = act.read(db.judgements.of_rule, rule_code, rule_version)
        people = act.read(db.case_reading.by_ids, {row.profile_id for row in rows if row.why})
        act.concerns(each.pseudonym for each in people.values())
        act.note(rule=rule_code, version=rule_version)
    return tuple(_word(row) for row in rows)


def _word(row: db.judgements.JudgementRow) -> Word:
    return Word(row.flag_id, row.verdict, row.why, row.judged_by, row.judged_at)
