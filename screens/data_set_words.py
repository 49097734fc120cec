"""Agreements, ALGO-CARE answers and data-quality reports as facts: what the data sets screen draws."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from kingshurst_tui.counting import FEW
from kingshurst_tui.dates import say_date

if TYPE_CHECKING:
    from kingshurst_tui.agreements.algo_care import Answer
    from kingshurst_tui.agreements.document import Paper
    from kingshurst_tui.agreements.standing_today import Standing
    from kingshurst_tui.casework.rulebook import RuleSet
    from kingshurst_tui.intake.batches import BatchShown
    from screens.widgets.facts import Fact

SIGNS = {"live": "●", "waiting": "○", "suspended": "✗", "lapsed": "✗", "not yet": "○", "superseded": "○"}


def gate_said(standing: Standing) -> str:
    """Return the state of a gate with its sign."""
    return f"{SIGNS.get(standing.state, '?')} {standing.state}"


def gate_facts(standing: Standing, latest: BatchShown | None, today: date) -> list[Fact]:
    """Return what matters most of a data set: whether its gate is open, and how fresh it is."""
    agreement = standing.agreement
    facts: list[Fact] = [("Gate", gate_said(standing))]
    if standing.why:
        facts += [("Why closed", standing.why), ("Who can open it", who_opens(standing))]
    facts += [
        ("Title", agreement.title),
        ("Purposes", f"{', '.join(agreement.purposes)}: {agreement.purpose}"),
        ("RAG, regime", f"{agreement.rag} · {agreement.regime}"),
        ("Granularity", f"{agreement.granularity}: nothing finer comes in"),
        ("Runs", f"{say_date(agreement.starts)} to {say_date(agreement.expires)}{_left(agreement.expires, today)}"),
        (
            "Covers",
            f"from {say_date(agreement.coverage_from)}, {agreement.coverage_area or 'area not stated'}; "
            f"{agreement.coverage_people or 'people not stated'}",
        ),
        ("Last import", _latest_said(latest, agreement.refresh_days, today)),
        ("Bring in", f"on the command line: kingshurst import STORE FILE --agreement {agreement.reference} --check"),
    ]
    if latest is not None:
        facts += _quality_in_short(latest)
    return facts


def who_opens(standing: Standing) -> str:
    """Return who can open a closed gate, and how."""
    if standing.state == "waiting" and standing.agreement.unmet_conditions:
        return "the information governance officer, by a new version once the conditions are met"
    if standing.state in ("waiting", "suspended"):
        return "a supervisor or an information governance officer who has not signed yet (o)"
    return "the information governance officer, by a new version of the agreement"


def _left(expires: date, today: date) -> str:
    days = (expires - today).days
    if days < 0:
        return " (over)"
    return f" (! {days} days left)" if days <= 60 else ""


def _latest_said(latest: BatchShown | None, refresh_days: int, today: date) -> str:
    if latest is None:
        return "none: everything about it is unknown"
    as_at = latest.as_at or latest.received
    stale = " · ! STALE: unknown since then" if (today - as_at).days > refresh_days else ""
    return f"batch {latest.number}, {latest.let_in}, as at {say_date(as_at)}{stale}"


def rows_in_short(latest: BatchShown | None) -> str:
    """Return how many rows the last import let in, as a list has it; empty where that is not told."""
    if latest is None or latest.in_tens:
        return ""
    if latest.rows_accepted is None:
        return f"< {FEW}"
    return f"{'' if latest.is_exact else '~'}{latest.rows_accepted:,}"


def _quality_in_short(latest: BatchShown) -> list[Fact]:
    coverage = latest.quality.get("coverage", {})
    missing = [*coverage.get("missing_months", ()), *coverage.get("incomplete_months", ())]
    said = f"{latest.rejected} rejected, {latest.dropped}"
    return [("Quality", said + (f"; {len(missing)} months missing or incomplete (Q)" if missing else " (Q)"))]


def agreement_facts(standing: Standing) -> list[Fact]:
    """Return the whole agreement."""
    agreement = standing.agreement
    facts: list[Fact] = [
        ("Agreement", f"{agreement.reference}, version {agreement.version}: {agreement.title}"),
        ("Agency", f"{agreement.agency.name} ({agreement.agency.code}, {agreement.agency.kind})"),
        ("Controllers", ", ".join(agreement.controllers)),
        ("Regime", agreement.regime),
        ("Purpose", agreement.purpose),
        ("Gateway", agreement.gateway),
        ("Article 6", agreement.article_6),
        ("Article 9", agreement.article_9),
        ("Article 10", agreement.article_10),
        ("Conditions of law", "; ".join(agreement.schedule_conditions)),
        (
            "Confidentiality",
            agreement.confidentiality
            + (f": {agreement.confidentiality_evidence}" if agreement.confidentiality_evidence else ""),
        ),
        ("Health data", "yes" if agreement.health else "no"),
        ("Consented only", "yes: people who are not on the register are dropped" if agreement.consented_only else "no"),
        ("RAG", agreement.rag),
    ]
    for condition in agreement.conditions:
        met = f"met on {say_date(condition.met_on)}: {condition.evidence}" if condition.met_on else "NOT MET"
        facts.append(("Condition", f"{condition.text} ({met})"))
    facts += [
        ("Granularity", agreement.granularity),
        ("Refreshed", f"every {agreement.refresh_days} days"),
        ("Kept for", f"{agreement.retention_months} months"),
        ("DPIA", _paper(agreement.dpia)),
        ("ISA", _paper(agreement.isa)),
        ("Ethics advice", f"{agreement.ethics_advice or 'none'} ({say_date(agreement.ethics_date)})"),
        ("Recipients", ", ".join(agreement.recipients)),
        ("Breach contact", agreement.breach_contact),
        ("Withdrawal", agreement.withdrawal),
        ("Signed", ", ".join(f"{each.user_name} on {_said(each.signed_at[:10])}" for each in standing.signatures)),
        ("Fields", ", ".join(sorted(set(agreement.columns.values()) | set(agreement.constants)))),
    ]
    return [(label, words) for label, words in facts if words]


def _paper(paper: Paper) -> str:
    by = f", signed by {paper.signed_by}" if paper.signed_by else ""
    return f"{paper.reference} of {say_date(paper.day)}{by}"


def answer_facts(answers: Iterable[Answer]) -> list[Fact]:
    """Return ALGO-CARE answers, head by head."""
    facts: list[Fact] = []
    head = ""
    for answer in answers:
        if answer.head != head:
            head = answer.head
            facts.append((head, ""))
        facts.append(("Question", answer.question))
        facts.append(("Answer", answer.answer or "NOT ANSWERED"))
        dates = f"{say_date(answer.date)}, reviewed by {say_date(answer.review)}"
        facts.append((" ", f"{answer.owner} · {answer.evidence or 'no evidence named'} · {dates}"))
    return facts or [("", "Nothing is answered yet.")]


def rule_set_facts(found: RuleSet) -> list[Fact]:
    """Return the rules as they would run, each with its source, then the answers and who approved them."""
    facts: list[Fact] = [("Rules", f"set {found.version[:12]}, {len(found.rules)} rules")]
    if found.drafts:
        facts.append(("Drafts", f"{', '.join(found.drafts)}: nobody has approved them yet"))
    for rule in found.rules:
        facts += [
            (f"{rule.title} ({rule.code}, version {rule.version})", ""),
            ("Threshold", rule.threshold_in_words()),
            ("Counts", rule.counts_in_words()),
            ("Bearing", rule.bearing),
            ("Source", rule.source),
        ]
        if rule.untested:
            facts.append(("Untested", rule.untested))
    return [*facts, *approval_facts(found.approval)]


class Filed(Protocol):
    """ALGO-CARE answers as they were filed, and who approved them."""

    @property
    def version(self) -> str:
        """Of what they are about."""

    @property
    def answers(self) -> str:
        """The answers, as JSON."""

    @property
    def status(self) -> str:
        """Whether they are approved."""

    @property
    def approved_by(self) -> str | None:
        """Who approved them."""

    @property
    def approved_at(self) -> str | None:
        """When."""


def approval_facts(filed: Filed | None) -> list[Fact]:
    """Return the answers filed for what decides by rule, and who approved them."""
    if filed is None:
        return [("Approval", "✗ nothing is answered: it may not run")]
    by = f", by {filed.approved_by} on {_said((filed.approved_at or '')[:10])}" if filed.approved_by else ""
    sign = "✓" if filed.status == "approved" else "✗"
    facts: list[Fact] = [("Approval", f"{sign} {filed.status}{by} (version {filed.version[:24]})")]
    head = ""
    for answer in json.loads(filed.answers):
        if answer.get("head", "") != head:
            head = answer.get("head", "")
            facts.append((head, ""))
        facts.append(("Question", answer.get("question", "")))
        facts.append(("Answer", answer.get("answer", "") or "NOT ANSWERED"))
        facts.append((" ", " · ".join(part for part in (answer.get("owner"), answer.get("evidence")) if part)))
    return facts


def quality_facts(batch: BatchShown) -> list[Fact]:
    """Return a batch's data-quality report in full."""
    report = batch.quality
    facts: list[Fact] = [
        ("Batch", f"{batch.number} of {batch.data_set}: {batch.status}, received {say_date(batch.received)}"),
        (
            "Rows",
            f"{batch.read} read, {batch.let_in} accepted, {batch.rejected} rejected, {batch.dropped}",
        ),
    ]
    for each in _list(batch.report, "rejected"):
        facts.append(("Rejected", f"{each.get('rows', '')} rows: {each.get('words') or each.get('reason', '')}"))
    if not report:
        return [*facts, ("", "There is no data-quality report of this batch.")]
    facts.append(("Timeliness", ""))
    for name, value in _table(report, "timeliness").items():
        facts.append((name.replace("_", " ")[:17], _said(value)))
    facts.append(("Uniqueness", ""))
    for name, value in _table(report, "uniqueness").items():
        facts.append((name.replace("_", " ")[:17], _said(value)))
    coverage = _table(report, "coverage")
    facts.append(("Coverage", ""))
    for label, name in (("Missing months", "missing_months"), ("Incomplete", "incomplete_months")):
        facts.append((label, ", ".join(coverage.get(name, ())) or "none"))
    facts.append((" ", "A month far below its neighbours is called incomplete, not a fall."))
    facts.append(("Completeness", ""))
    for each in _list(report, "completeness"):
        if each.get("given"):
            facts.append((str(each["field"]).partition(".")[2][:17], f"{each['percent']:.1f} % of {each['of']:,}"))
        elif not batch.is_exact:
            facts.append((str(each["field"]).partition(".")[2][:17], f"about {each['percent']:.0f} %"))
    facts.append(("Validity", ""))
    facts += [
        (str(each.get("column", ""))[:17], _with_rows(each, "rows: ", "words")) for each in _list(report, "validity")
    ] or [("", "Every value could be read.")]
    facts.append(("Consistency", ""))
    facts += [(" ", _with_rows(each, "", "what")) for each in _list(report, "consistency")] or [
        ("", "Nothing contradicts itself.")
    ]
    return facts


def _with_rows(each: Mapping[str, Any], rows: str, words: str) -> str:
    """Return what is said of some rows, and of how many where this reader is told."""
    return f"{each['rows']:,} {rows}{each.get(words, '')}" if "rows" in each else str(each.get(words, ""))


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and len(value) == 10:
        try:
            return say_date(date.fromisoformat(value))
        except ValueError:
            return value
    return "unknown" if value is None else str(value)


def _list(report: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = report.get(name, [])
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _table(report: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = report.get(name, {})
    return found if isinstance(found, Mapping) else {}
