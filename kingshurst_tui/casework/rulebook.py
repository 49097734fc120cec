"""The rules of a store: which are in force, who edited them, who approved the set.

A set of rules runs only with approved ALGO-CARE answers. Editing makes a draft; approving, by somebody else, makes the
drafts live and counts everybody's flags anew.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

import db.rules
import db.users
from db.rules import Approval, RuleRecord
from kingshurst_tui.acts import Reason
from kingshurst_tui.agreements.algo_care import Answer, problems, unanswered
from kingshurst_tui.casework.rules import (
    IncidentRule,
    Rule,
    read_incident_rule,
    read_rule,
    shipped_incident_rule,
    shipped_rules,
)
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import Changed, InputRejected, NotFound, StaleRecord
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kingshurst_tui.acts import Act
    from kingshurst_tui.casework.recompute import Recomputed
    from kingshurst_tui.session import Session

SUBJECT = "rule-set"
ONE_INCIDENT = "one-incident"
_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules as they would run: what is live, with each draft in place of what it replaces.

    Attributes:
        version: a digest of the codes and versions, which the ALGO-CARE answers name.
        drafts: rules that nobody has approved yet.
    """

    version: str
    rules: tuple[Rule, ...]
    drafts: tuple[str, ...]
    approval: Approval | None

    @property
    def approved(self) -> bool:
        """Whether the set may run."""
        return self.approval is not None and self.approval.status == "approved"


def install_shipped(session: Session) -> int:
    """Put the shipped rules and their answers into the store as drafts; return how many were new.

    Raises: Refused.
    """
    with session.act(Operation.ADMINISTER, Thing.RULE, reason=_MAINTENANCE) as act:
        known = {record.code for record in act.read(db.rules.rules)}
        now = stamp(session.clock.now())
        added = 0
        shipped: tuple[Rule | IncidentRule, ...] = (shipped_incident_rule(), *shipped_rules())
        for rule in shipped:
            if rule.code not in known:
                act.write(db.rules.add_rule, _record(rule, "draft", session.user.name, now))
                added += 1
        version = _version(act.read(db.rules.rules), with_drafts=True)
        if added:
            act.write(db.rules.put_answers, SUBJECT, version, json.dumps(shipped_answers()))
        act.note(rules=added, rule_set=version)
    return added


def approve(session: Session, *, over: str | int | None = None) -> Recomputed:
    """Approve the answers for the set with its drafts, make the drafts live, and count everybody's flags anew.

    Args:
        session: who approves.
        over: the version of the set that was read; None approves what stands, read or not.

    Raises: Refused (the same person edited them, or a question is unanswered), StaleRecord (the set is another by now).
    """
    from kingshurst_tui.casework import recounting

    within = f"rules {secrets.token_hex(4)}"
    with session.act(Operation.ADMINISTER, Thing.RULE, reason=_MAINTENANCE, within=within) as act:
        records = act.read(db.rules.rules)
        version = _version(records, with_drafts=True)
        if over is not None and over != version:
            raise _other_set(records, version, over)
        answers = act.read(db.rules.approval, SUBJECT, version)
        if answers is None or unanswered(_answers(answers.answers)):
            act.refuse(
                "The ALGO-CARE questions are not answered for this set of rules.",
                "No rule was run and none became live.",
                "Answer them with: kingshurst rule answer STORE --file FILE",
            )
        drafts = [record for record in records if record.status == "draft"]
        if any(record.edited_by == session.user.name for record in drafts):
            act.refuse(
                "Whoever edited a rule does not approve it.",
                "The drafts stay drafts.",
                "Another supervisor or governance officer can approve them.",
            )
        document = {"subject": SUBJECT, "version": version, "answers": json.loads(answers.answers)}
        _, signature = session.sign(document)
        now = stamp(session.clock.now())
        act.write(db.rules.approve, SUBJECT, version, session.user.name, now, signature)
        for draft in drafts:
            for record in records:
                if record.code == draft.code and record.status == "live":
                    act.write(db.rules.set_status, record.code, record.version, "retired")
            act.write(db.rules.set_status, draft.code, draft.version, "live")
        act.write(db.users.bump, "rules")
        recount = recounting.begin(act, recounting.RULES)
        act.note(rule_set=version, drafts=len(drafts))
    done = recounting.finish(session, recount, within=within)
    with session.act(Operation.ADMINISTER, Thing.RULE, reason=_MAINTENANCE) as act:
        act.note(rule_set=version, step="counted", raised=done.raised, withdrawn=done.withdrawn)
    return done


def _other_set(records: list[RuleRecord], version: str, read: str | int) -> StaleRecord:
    drafts = [record for record in records if record.status == "draft"]
    return StaleRecord(
        "The set of rules is not the one that you read.",
        f"You read {read}; it is {version} now. Nothing was approved.",
        "Read it, then approve it.",
        [Changed("", record.title, "", f"{record.code}/{record.version}, a draft", "") for record in drafts],
        by=drafts[-1].edited_by if drafts else "",
        over=version,
    )


def edit(session: Session, document: dict[str, Any], *, over: str | int | None = None) -> RuleRecord:
    """Keep a document as the next version of its rule, as a draft.

    The answers of the set before go with it, for the approver to read again.

    Args:
        session: who edits.
        document: the rule; its "version" is the one that it was edited from.
        over: the version that one has seen since.

    Raises: InputRejected (all that is wrong with it), StaleRecord (somebody else's version came between), Refused.
    """
    code = str(document.get("code", ""))
    with session.act(Operation.ADMINISTER, Thing.RULE, reason=_MAINTENANCE) as act:
        records = act.read(db.rules.rules)
        before = approved_or_drafted(act.connection)
        latest = max((record.version for record in records if record.code == code), default=0)
        numbered = {**document, "version": latest + 1}
        _nothing_between(session, records, document, latest, over)
        rule = read_incident_rule(numbered) if code == ONE_INCIDENT else read_rule(numbered)
        for record in records:
            if record.code == code and record.status == "draft":
                act.write(db.rules.set_status, code, record.version, "retired")
        record = _record(rule, "draft", session.user.name, stamp(session.clock.now()))
        act.write(db.rules.add_rule, record)
        version = _version(act.read(db.rules.rules), with_drafts=True)
        if before.approval is not None:
            act.write(db.rules.put_answers, SUBJECT, version, before.approval.answers)
        act.note(rule=rule.name, rule_set=version)
    return record


def _nothing_between(
    session: Session, records: list[RuleRecord], document: dict[str, Any], latest: int, over: str | int | None
) -> None:
    versions = {record.version: record for record in records if record.code == document.get("code")}
    newest = versions.get(latest)
    if newest is None or newest.edited_by == session.user.name or latest in (over, document.get("version")):
        return
    if document.get("version") is None and newest.status != "draft":
        return  # what is in force is what everybody reads
    base = versions.get(document.get("version") or 0)
    began, theirs = (json.loads(record.document) if record else {} for record in (base, newest))
    raise StaleRecord(
        f"Somebody else edited {newest.code} meanwhile.",
        f"Version {newest.version} is a {newest.status} by {newest.edited_by}. Yours was not kept.",
        f'Look at both; to go on over it, say "version": {newest.version} in yours.',
        [
            Changed(name, name, _said(began.get(name)), _said(theirs.get(name)), _said(document.get(name)))
            for name in theirs
            if name != "version" and _said(theirs.get(name)) != _said(document.get(name))
        ],
        by=newest.edited_by,
        over=newest.version,
    )


def _said(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def answer(session: Session, answers: list[dict[str, str]]) -> None:
    """Keep answers to the ALGO-CARE questions for the set with its drafts.

    Raises: InputRejected (a question that is not the framework's, or left open), Refused.
    """
    read = [read_answer(entry) for entry in answers]
    wrong = [*problems(read), *(f"{head}: nothing is answered." for head in unanswered(read))]
    if wrong:
        raise InputRejected("The answers were not accepted.", problems=tuple(wrong))
    with session.act(Operation.ADMINISTER, Thing.RULE, reason=_MAINTENANCE) as act:
        version = _version(act.read(db.rules.rules), with_drafts=True)
        act.write(db.rules.put_answers, SUBJECT, version, json.dumps(answers))
        act.note(rule_set=version, answers=len(answers))


def rule_list(session: Session) -> list[RuleRecord]:
    """Return every version of every rule; it is about no person."""
    return session.look(db.rules.rules)


def show(session: Session, code: str) -> RuleRecord:
    """Return the newest version of one rule that is not retired. Raises: NotFound."""
    found = [record for record in rule_list(session) if record.code == code]
    current = [record for record in found if record.status != "retired"] or found
    if not current:
        raise NotFound("There is no such rule.", hint="List them with: kingshurst rule list STORE")
    return current[-1]


def rule_set(session: Session) -> RuleSet:
    """Return the set as it would run, with its approval if it has one."""
    return session.look(approved_or_drafted)


def approved_or_drafted(connection: Connection) -> RuleSet:
    """Return the live rules with each draft in place of what it replaces."""
    records = db.rules.rules(connection)
    chosen = _chosen(records, with_drafts=True)
    version = _version(records, with_drafts=True)
    return RuleSet(
        version,
        tuple(read_rule(json.loads(record.document)) for record in chosen if record.code != ONE_INCIDENT),
        tuple(f"{record.code}/{record.version}" for record in chosen if record.status == "draft"),
        db.rules.approval(connection, SUBJECT, version),
    )


def approved_rules(connection: Connection) -> tuple[Rule, ...] | None:
    """Return the live rules if their set is approved; None where it is not, and then no rule runs."""
    records = db.rules.rules(connection)
    found = db.rules.approval(connection, SUBJECT, _version(records, with_drafts=False))
    if found is None or found.status != "approved":
        return None
    return tuple(
        read_rule(json.loads(record.document))
        for record in _chosen(records, with_drafts=False)
        if record.code != ONE_INCIDENT
    )


def every_rule(connection: Connection) -> dict[tuple[str, int], Rule]:
    """Return every version of every rule, retired ones too, for flags that were raised by them."""
    return {
        (record.code, record.version): read_rule(json.loads(record.document))
        for record in db.rules.rules(connection)
        if record.code != ONE_INCIDENT
    }


def require_approved(act: Act) -> tuple[Rule, ...]:
    """Return the rules in force. Raises: Refused where no set is approved."""
    rules = act.read(approved_rules)
    if rules is None:
        act.refuse(
            "No set of rules is approved.",
            "No rule was run; flags are as they were.",
            "A supervisor or the governance officer can approve it: kingshurst rule approve STORE",
        )
    return rules


def incident_rule(connection: Connection) -> IncidentRule:
    """Return the rule of what one incident is: the live one, else the shipped one."""
    for record in db.rules.rules(connection):
        if record.code == ONE_INCIDENT and record.status == "live":
            return read_incident_rule(json.loads(record.document))
    return shipped_incident_rule()


def shipped_answers() -> list[dict[str, str]]:
    """Return the answers that come with the shipped rules; they are invented, and nobody has approved them."""
    text = resources.files("kingshurst_tui.casework").joinpath("shipped_answers.toml").read_text("utf-8")
    document = tomllib.loads(text)
    common: dict[str, str] = document["common"]
    found: list[dict[str, str]] = [{**common, **entry} for entry in document["answers"]]
    return found


def _record(rule: Rule | IncidentRule, status: str, by: str, at: str) -> RuleRecord:
    return RuleRecord(rule.code, rule.version, rule.title, json.dumps(rule.as_document()), status, by, at)


def _chosen(records: list[RuleRecord], *, with_drafts: bool) -> list[RuleRecord]:
    chosen = {record.code: record for record in records if record.status == "live"}
    if with_drafts:
        chosen |= {record.code: record for record in records if record.status == "draft"}
    return list(chosen.values())


def _version(records: list[RuleRecord], *, with_drafts: bool) -> str:
    names = sorted(f"{record.code}/{record.version}" for record in _chosen(records, with_drafts=with_drafts))
    return "rules-" + hashlib.sha256("\n".join(names).encode()).hexdigest()[:12]


def _answers(text: str) -> list[Answer]:
    return [read_answer(entry) for entry in json.loads(text)]


def read_answer(entry: dict[str, str]) -> Answer:
    """Return one kept answer as a record."""
    from datetime import date

    def day(name: str) -> date | None:
        return date.fromisoformat(entry[name]) if entry.get(name) else None

    texts = [str(entry.get(name, "")) for name in ("head", "question", "answer", "owner", "evidence")]
    return Answer(texts[0], texts[1], texts[2], texts[3], texts[4], day("date"), day("review"))
