"""The rule by which several agencies meet the same need at a place: stated, dated, cited, edited by two people.

The first version comes with the program and is in force once somebody here has signed it; each later one is proposed
by one person and signed by another.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import db.place_rules
from db.place_rules import PlaceRuleRecord
from kingshurst_tui.acts import Reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import Changed, InputRejected, NotFound, StaleRecord
from kingshurst_tui.places.vocabulary import Level
from kingshurst_tui.vocabulary import Operation, PriorityArea, ReasonCode, Thing

if TYPE_CHECKING:
    from kingshurst_tui.session import Session

CODE = "several-agencies"
THE_PROGRAM = "the program"
"""Who proposed what comes with it."""
PROPOSED, LIVE, ENDED, REFUSED = "proposed", "live", "ended", "refused"
LENGTHS = (3, 6, 12)
"""Months that a rule may look at: whole quarters of the calendar."""

_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)


@dataclass(frozen=True, slots=True)
class PlaceRule:
    """One version of the rule.

    Attributes:
        level: which places are looked at.
        agencies_at_least: so many agencies' measures have to stand above at once.
        ratio_above: the whole interval (95 per cent) of a measure's rate over that of the rest of the borough has to
            lie above it.
        months: how many, the newest known, ending with a quarter of the calendar where there is one.
        count_at_least: the least that a measure's count can be, as told from what is shown.
        false_in_a_hundred: of the measures found to stand above, so many in a hundred may do so by chance
            (Benjamini and Hochberg 1995), over all places and data sets looked at together.
        priority_area: only its categories count; empty for all categories together.
        source: where it comes from.
        source_says: what the source says itself.
        tell: what is asked of people.
        starts_on: the first day on which it is in force.
        review_on: when people look at it again.
    """

    code: str
    version: int
    title: str
    level: str
    agencies_at_least: int
    ratio_above: float
    months: int
    count_at_least: int
    false_in_a_hundred: float
    source: str
    source_says: str
    tell: str
    starts_on: str
    review_on: str
    priority_area: str = ""

    @property
    def name(self) -> str:
        """Code and version in one word."""
        return f"{self.code}/{self.version}"

    def in_words(self) -> str:
        """Return what has to be met."""
        what = f"counts for {self.priority_area.replace('-', ' ')}" if self.priority_area else "counts"
        return (
            f"{self.agencies_at_least} or more agencies whose {what} over {self.months} months stand above "
            f"{self.ratio_above:g} times what the place's residents would have at the rate of the rest of the borough: "
            f"the whole 95 % interval above it, at least {self.count_at_least} of them, and of all that are found "
            f"so no more than {self.false_in_a_hundred:g} in 100 by chance (Benjamini and Hochberg 1995)"
        )


@dataclass(frozen=True, slots=True)
class Kept:
    """A version with where it stands.

    Attributes:
        status: proposed, live, ended or refused, as of the day that was asked for.
        ends_on: its last day; empty while it goes on.
    """

    rule: PlaceRule
    status: str
    ends_on: str
    proposed_by: str
    decided_by: str


def default_rule(today: date) -> PlaceRule:
    """Return the version that comes with the program."""
    return PlaceRule(
        CODE,
        1,
        "Several agencies meet more here than the residents explain",
        Level.LSOA.value,
        2,
        1.2,
        12,
        10,
        5.0,
        "Set with the program for the partnership to edit: no published threshold for places was found.",
        "Two agencies follow from the question (several meeting the same need). That the whole interval lies above, "
        "and how many may by chance, are the usual statistical cautions (Benjamini and Hochberg 1995); that a fifth "
        "above is worth a talk, and the ten below which nothing is shown, are choices.",
        "Ask the agencies named what each sees here, and whether one of them should lead early help.",
        today.isoformat(),
        today.replace(year=today.year + 1, day=min(today.day, 28)).isoformat(),
    )


def versions(session: Session) -> list[Kept]:
    """Return every version, oldest first; where none is kept yet, the one that comes with the program."""
    today = session.clock.today()
    records = session.look(db.place_rules.rules)
    if not records:
        return [Kept(default_rule(today), PROPOSED, "", THE_PROGRAM, "")]
    return [_kept(record, today) for record in records]


def in_force(session: Session, day: date | None = None) -> PlaceRule | None:
    """Return the signed version of a day, today's by default; None where nobody has signed one."""
    day = day or session.clock.today()
    found = [
        _read(record)
        for record in session.look(db.place_rules.rules)
        if record.status == LIVE and record.starts_on <= day.isoformat() <= (record.ends_on or "9999")
    ]
    return found[-1] if found else None


def propose(session: Session, document: Mapping[str, Any], *, over: int | None = None) -> Kept:
    """Keep a document as the rule's next version, for somebody else to sign.

    Args:
        session: who proposes.
        document: the fields of PlaceRule that change, or all; "version" is the one that it was edited from.
        over: the version that one has seen since.

    Raises: InputRejected (all that is wrong with it), StaleRecord (another version came between), Refused (a proposal
        is open, or the role may not).
    """
    with session.act(Operation.ADMINISTER, Thing.PLACE_RULE, reason=_MAINTENANCE) as act:
        records = act.read(db.place_rules.rules)
        now, today = stamp(session.clock.now()), session.clock.today()
        if not records:
            records = [_record(default_rule(today), THE_PROGRAM, now)]
            act.write(db.place_rules.add, records[0])
        newest = records[-1]
        if newest.status == PROPOSED and newest.proposed_by != THE_PROGRAM:
            act.refuse(
                f"Version {newest.version}, proposed by {newest.proposed_by}, waits for a decision.",
                "Yours was not kept.",
                f"Decide on it first: kingshurst places rule decide STORE {newest.version}",
            )
        base = _read(next((each for each in reversed(records) if each.status != REFUSED), newest))
        seen = document.get("version", over)
        if seen is not None and newest.version not in (seen, over):
            raise _came_between(newest, document)
        rule = _checked({**asdict(base), **document, "version": newest.version + 1, "code": base.code}, today)
        record = _record(rule, session.user.name, now)
        act.write(db.place_rules.add, record)
        if newest.status == PROPOSED:
            # What came with the program and was edited before anybody signed it.
            _, signature = session.sign(_document(base, REFUSED))
            act.write(db.place_rules.decide, base.code, base.version, REFUSED, session.user.name, now, signature)
        act.note(rule=rule.name, step=PROPOSED)
    return _kept(record, today)


def decide(session: Session, version: int, *, accept: bool = True) -> Kept:
    """Sign a proposal, or refuse it; it is in force from its first day and the version before ends the day before.

    Raises: NotFound, Refused (whoever proposed it does not decide; it was decided before; the role may not).
    """
    with session.act(Operation.ADMINISTER, Thing.PLACE_RULE, reason=_MAINTENANCE) as act:
        records = act.read(db.place_rules.rules)
        now, today = stamp(session.clock.now()), session.clock.today()
        if not records:
            records = [_record(default_rule(today), THE_PROGRAM, now)]
            act.write(db.place_rules.add, records[0])
        record = next((each for each in records if each.version == version), None)
        if record is None:
            raise NotFound("There is no such version of the rule.", hint="kingshurst places rule list STORE")
        if record.status != PROPOSED:
            act.refuse(f"Version {version} was decided on before.", f"{record.decided_by} did; nothing was changed.")
        if record.proposed_by == session.user.name:
            act.refuse(
                "Whoever proposed a rule does not sign it.",
                "It stays a proposal.",
                "Another supervisor or governance officer can decide on it.",
            )
        status = LIVE if accept else REFUSED
        _, signature = session.sign(_document(_read(record), status))
        act.write(db.place_rules.decide, record.code, version, status, session.user.name, now, signature)
        if accept:
            last = (date.fromisoformat(record.starts_on) - timedelta(1)).isoformat()
            for each in records:
                if each.status == LIVE and (each.ends_on is None or each.ends_on > last):
                    act.write(db.place_rules.end, each.code, each.version, last)
        act.note(rule=f"{record.code}/{version}", step=status)
    return _kept(record._replace(status=status, decided_by=session.user.name), today)


def _came_between(record: PlaceRuleRecord, document: Mapping[str, Any]) -> StaleRecord:
    theirs = json.loads(record.document)
    return StaleRecord(
        "The rule was edited meanwhile.",
        f"Version {record.version} is by {record.proposed_by}. Yours was not kept.",
        f'Look at both; to go on over it, say "version": {record.version} in yours.',
        [
            Changed(name, name, "", str(theirs[name]), str(value))
            for name, value in document.items()
            if name in theirs and name != "version" and theirs[name] != value
        ],
        by=record.proposed_by,
        over=record.version,
    )


def _checked(document: Mapping[str, Any], today: date) -> PlaceRule:
    known = PlaceRule.__dataclass_fields__
    wrong = [f"{name}: a place rule has no such field." for name in document if name not in known]
    wrong += _wrong_words(document) + _wrong_numbers(document)
    if document.get("level") not in (Level.LSOA, Level.WARD):
        wrong.append("level: lsoa or ward.")
    if document.get("priority_area") and document["priority_area"] not in set(PriorityArea):
        wrong.append(f"priority_area: one of {', '.join(PriorityArea)}, or empty for all.")
    days = {}
    for name in ("starts_on", "review_on"):
        try:
            days[name] = date.fromisoformat(str(document.get(name)))
        except ValueError:
            wrong.append(f"{name}: a day as 2026-05-03.")
    if days.get("starts_on", today) < today:
        # What people were shown before by another version stays what they were shown.
        days["starts_on"] = today
        document = {**document, "starts_on": today.isoformat()}
    if {"starts_on", "review_on"} <= set(days) and days["review_on"] <= days["starts_on"]:
        wrong.append("review_on: after starts_on.")
    if wrong:
        raise InputRejected("The rule was not accepted.", "Nothing was kept.", problems=tuple(wrong))
    return replace(PlaceRule(**document), ratio_above=float(document["ratio_above"]))


def _wrong_words(document: Mapping[str, Any]) -> list[str]:
    return [
        f"{name}: some words are needed."
        for name in ("title", "source", "source_says", "tell")
        if not isinstance(document.get(name), str) or not document[name].strip()
    ]


def _wrong_numbers(document: Mapping[str, Any]) -> list[str]:
    def number(name: str, low: float, high: float, *, whole: bool = True) -> list[str]:
        value = document.get(name)
        fits = (
            isinstance(value, int if whole else (int, float)) and not isinstance(value, bool) and low <= value <= high
        )
        return [] if fits else [f"{name}: {'a whole number' if whole else 'a number'} from {low:g} to {high:g}."]

    wrong = number("agencies_at_least", 2, 20) + number("count_at_least", 1, 10_000)
    wrong += number("ratio_above", 1, 20, whole=False) + number("false_in_a_hundred", 0.1, 20, whole=False)
    if document.get("months") not in LENGTHS:
        wrong.append(f"months: one of {', '.join(map(str, LENGTHS))}.")
    return wrong


def _read(record: PlaceRuleRecord) -> PlaceRule:
    return PlaceRule(**json.loads(record.document))


def _record(rule: PlaceRule, by: str, at: str) -> PlaceRuleRecord:
    return PlaceRuleRecord(rule.code, rule.version, json.dumps(asdict(rule)), rule.starts_on, None, PROPOSED, by, at)


def _document(rule: PlaceRule, status: str) -> dict[str, Any]:
    return {"place_rule": asdict(rule), "decision": status}


def _kept(record: PlaceRuleRecord, today: date) -> Kept:
    status = record.status
    if status == LIVE and record.ends_on is not None and record.ends_on < today.isoformat():
        status = ENDED
    return Kept(_read(record), status, record.ends_on or "", record.proposed_by, record.decided_by or "")
