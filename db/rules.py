"""Rules and the answers that approve a set of them."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection


class RuleRecord(NamedTuple):
    """One version of a rule as it is kept; ``document`` is JSON."""

    code: str
    version: int
    title: str
    document: str
    status: str
    edited_by: str
    edited_at: str


class Approval(NamedTuple):
    """ALGO-CARE answers for one set of rules, and who approved them."""

    version: str
    answers: str
    status: str
    approved_by: str | None
    approved_at: str | None


_RULE = "SELECT code, version, title, document, status, edited_by, edited_at FROM rule"


def rules(connection: Connection) -> list[RuleRecord]:
    """Return every version of every rule, in the order in which codes were first added."""
    return [RuleRecord(*row) for row in connection.exec_driver_sql(f"{_RULE} ORDER BY id")]


def add_rule(connection: Connection, rule: RuleRecord) -> None:
    """Keep a new version of a rule."""
    connection.exec_driver_sql(
        "INSERT INTO rule (code, version, title, document, status, edited_by, edited_at) VALUES (?,?,?,?,?,?,?)",
        tuple(rule),
    )


def set_status(connection: Connection, code: str, version: int, status: str) -> None:
    """Set a rule version's status: draft, live, retired."""
    connection.exec_driver_sql("UPDATE rule SET status = ? WHERE code = ? AND version = ?", (status, code, version))


def approval(connection: Connection, subject: str, version: str) -> Approval | None:
    """Return the answers for one version of a subject ("rule-set"), or None where nobody answered."""
    row = connection.exec_driver_sql(
        "SELECT version, answers, status, approved_by, approved_at FROM algo_care WHERE subject = ? AND version = ?",
        (subject, version),
    ).fetchone()
    return Approval(*row) if row else None


def put_answers(connection: Connection, subject: str, version: str, answers: str) -> None:
    """Keep answers that nobody has approved yet; approved ones are never changed."""
    connection.exec_driver_sql(
        "INSERT INTO algo_care (subject, version, answers, status) VALUES (?,?,?,'answered') "
        "ON CONFLICT (subject, version) DO UPDATE SET answers = excluded.answers WHERE status <> 'approved'",
        (subject, version, answers),
    )


def approve(
    connection: Connection, subject: str, version: str, approved_by: str, approved_at: str, signature: bytes
) -> None:
    """Keep a person's signed approval of the answers."""
    connection.exec_driver_sql(
        "UPDATE algo_care SET status = 'approved', approved_by = ?, approved_at = ?, signature = ? "
        "WHERE subject = ? AND version = ?",
        (approved_by, approved_at, signature, subject, version),
    )
