"""Whether people found flags useful, and which rules that puts before governance; no rule retires by itself."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass

import db.case_reading
import db.judgements
import db.rules
import db.users
from kingshurst_tui.acts import Act, Reason
from kingshurst_tui.casework.home_parts import HomeItem, HomeSection, section
from kingshurst_tui.casework.rulebook import ONE_INCIDENT
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.counting import some
from kingshurst_tui.errors import InputRejected, NotFound, StaleRecord, differing
from kingshurst_tui.intake.text import clean
from kingshurst_tui.linkage.evaluation import Share
from kingshurst_tui.panels import settings
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

USEFUL, NOT_USEFUL = "useful", "not-useful"
VERDICTS = {USEFUL: "useful", NOT_USEFUL: "not useful"}
"""What may be said of a flag, and how it reads."""
FEWEST = 10
"""Flags of a rule that people judged before its record says anything."""
SETTING = "panel.noisy-below"
"""A rule is put before governance where even the upper end of the interval lies below: more people than not, and more
than chance, found its flags of no use."""
KEPT = "learning.rule-kept"
_PANEL = Reason(ReasonCode.PANEL)
_OVERSIGHT = Reason(ReasonCode.OVERSIGHT)


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """How one rule's flags were judged.

    Attributes:
        raised: flags of it that stand.
        judged: flags of it that anybody judged; a flag on which people differ counts as useful where more said so.
        useful: of these, those found useful, with the Wilson interval at 95 per cent.
        differing: flags on which as many said useful as not: in neither count.
        noisy: enough were judged, and even the upper end lies below what the partnership set.
        kept: who of governance said that it stays as it is, why, and at how many judged; None where nobody did.
    """

    rule_code: str
    rule_version: int
    title: str
    raised: int
    useful: Share
    differing: int
    noisy: bool
    kept: tuple[str, str, int] | None

    @property
    def words(self) -> str:
        """The record in a sentence."""
        if not self.useful.of:
            return f"{some(self.raised, 'flag')} stand; nobody has judged one yet"
        low, high = self.useful.interval
        said = f"{self.useful.count} of {self.useful.of} judged found useful ({low:.0%} to {high:.0%})"
        return said if self.useful.of >= FEWEST else f"{said}; too few to say more"

    @property
    def before_governance(self) -> bool:
        """Whether it waits for governance: noisy, and nobody answered since as many again were judged."""
        return self.noisy and (self.kept is None or self.useful.of >= self.kept[2] + FEWEST)


def judge(
    session: Session, flag: int, verdict: str, why: str = "", *, reason: Reason = _PANEL, over: str | None = None
) -> None:
    """Say whether a flag was useful; over one's own earlier word, never over anybody else's.

    Args:
        session: who says so.
        flag: the flag's number.
        verdict: USEFUL or NOT_USEFUL.
        why: needed where it was of no use.
        reason: why one acts.
        over: when one's own earlier word was said, as the form showed it, empty where there was none; None asks
            nothing.

    Raises: InputRejected (no such verdict; not useful, and no reason), NotFound, StaleRecord (one said something else
        meanwhile, at another terminal), Refused.
    """
    words = clean(why)[:2_000]
    if verdict not in VERDICTS:
        raise InputRejected("That is no answer.", "Nothing was kept.", f"One of: {', '.join(VERDICTS)}.")
    if verdict == NOT_USEFUL and not is_a_reason(words):
        raise InputRejected("Why was it of no use?", "Nothing was kept.", HINT, (f"why: {HINT}",))
    with session.act(Operation.ALTER, Thing.JUDGEMENT, reason=reason, facts={"flag": flag, "verdict": verdict}) as act:
        seen = act.read(db.judgements.flag, flag)
        if seen is None:
            raise NotFound("There is no such flag.", "Nothing was kept.", "It may have been withdrawn.")
        person = act.read(db.case_reading.by_id, seen.profile_id)
        act.concerns([person.pseudonym] if person else [])
        if not seen.rule_code:
            act.refuse("You may not see which rule raised this flag.", "Nothing was kept.")
        was = act.read(db.judgements.own, flag, session.user.name)
        if over is not None and (was.judged_at if was else "") != over:
            raise _said_meanwhile(was, verdict, words)
        at = stamp(session.clock.now())
        act.write(db.judgements.put, seen, verdict=verdict, why=words, judged_by=session.user.name, judged_at=at)


def _said_meanwhile(was: db.judgements.JudgementRow | None, verdict: str, words: str) -> StaleRecord:
    theirs = {"verdict": was.verdict, "why": was.why} if was else {}
    return StaleRecord(
        "You said something else of this flag meanwhile, at another terminal.",
        "This was not kept.",
        "Look at both; this over it replaces it.",
        differing({"verdict": "Verdict", "why": "Why"}, theirs=theirs, mine={"verdict": verdict, "why": words}),
        over=was.judged_at if was else "",
    )


def records(session: Session) -> tuple[RuleRecord, ...]:
    """Return each live rule's record, in the order of the rules; it names nobody. Raises: Refused."""
    with session.act(Operation.CONSULT, Thing.JUDGEMENT, reason=_OVERSIGHT) as act:
        found = records_in(act)
        act.note(rules=len(found), before_governance=sum(each.before_governance for each in found))
    return found


def records_in(act: Act) -> tuple[RuleRecord, ...]:
    """Return the same inside an act."""
    below = settings.value(act, SETTING) / 100
    raised = act.read(db.judgements.raised)
    flags: dict[tuple[str, int], dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in act.read(db.judgements.every):
        flags[row.rule_code, row.rule_version][row.flag_id].append(row.verdict)
    found = []
    for rule in act.read(db.rules.rules):
        if rule.status != "live" or rule.code == ONE_INCIDENT:
            continue
        key = (rule.code, rule.version)
        useful = not_useful = differing = 0
        for verdicts in flags[key].values():
            ayes = verdicts.count(USEFUL)
            useful += ayes * 2 > len(verdicts)
            not_useful += ayes * 2 < len(verdicts)
            differing += ayes * 2 == len(verdicts)
        share = Share(useful, useful + not_useful)
        noisy = share.of >= FEWEST and share.interval[1] < below
        found.append(RuleRecord(*key, rule.title, raised.get(key, 0), share, differing, noisy, _kept(act, *key)))
    return tuple(found)


def keep(session: Session, rule_code: str, why: str) -> None:
    """Say, for governance, that a noisy rule stays as it is; it comes back when as many again were judged.

    Raises: InputRejected (no reason), NotFound (no such rule waits), Refused.
    """
    words = clean(why)[:2_000]
    if not is_a_reason(words):
        raise InputRejected("Why does it stay?", "Nothing was changed.", HINT, (f"why: {HINT}",))
    reason = Reason(ReasonCode.OVERSIGHT, words)
    with session.act(Operation.ADMINISTER, Thing.RULE, reason=reason, facts={"rule": rule_code}) as act:
        waiting = next((each for each in records_in(act) if each.rule_code == rule_code), None)
        if waiting is None or not waiting.before_governance:
            raise NotFound("No such rule is before governance.", "Nothing was changed.")
        said = {"by": session.user.name, "why": words, "judged": waiting.useful.of}
        act.write(db.users.put_setting, f"{KEPT}/{rule_code}/{waiting.rule_version}", json.dumps(said))


def waiting(act: Act) -> HomeSection | None:
    """Return what home tells governance of noisy rules; None for others."""
    if not act.session.may(Operation.ADMINISTER, Thing.RULE):
        return None
    found = [each for each in records_in(act) if each.before_governance]
    items = [HomeItem(Thing.RULE, each.rule_code, "", f"{each.title}: {each.words}") for each in found]
    return section("noisy-rules", "Rules whose flags people found of no use", "No rule is before governance.", items)


def _kept(act: Act, code: str, version: int) -> tuple[str, str, int] | None:
    said = act.read(db.users.get_setting, f"{KEPT}/{code}/{version}")
    if not said:
        return None
    found = json.loads(said)
    return str(found["by"]), str(found["why"]), int(found["judged"])
