"""What people said of flags, and of people whom no rule flagged."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection


class JudgementRow(NamedTuple):
    """One word on one flag; why is empty while the profile is masked."""

    id: int
    flag_id: int
    profile_id: int
    rule_code: str
    rule_version: int
    verdict: str
    why: str
    judged_by: str
    judged_at: str


class FlagSeen(NamedTuple):
    """A flag as anybody may see it; its rule is empty where the rule's name would tell."""

    id: int
    profile_id: int
    rule_code: str
    rule_version: int


class SampleRow(NamedTuple):
    """One sample of people whom no rule flagged."""

    id: int
    seed: str
    drawn_from: int
    drawn_by: str
    drawn_at: str
    purpose: str


class LookRow(NamedTuple):
    """One person of such a sample; why is empty while the profile is masked."""

    id: int
    unflagged_sample_id: int
    profile_id: int
    verdict: str
    why: str
    judged_by: str | None
    judged_at: str | None


_JUDGEMENT = f"SELECT {', '.join(JudgementRow._fields)} FROM masked_flag_judgement"
_LOOK = f"SELECT {', '.join(LookRow._fields)} FROM masked_unflagged_look"


def flag(connection: Connection, flag_id: int) -> FlagSeen | None:
    """Return a standing flag, as far as may be seen of it."""
    row = connection.exec_driver_sql(
        "SELECT m.id, m.profile_id, coalesce(nullif(m.rule_code, ''), o.rule_code, ''), "
        "max(m.rule_version, coalesce(o.rule_version, 0)) FROM masked_flag m LEFT JOIN open_flag o ON o.id = m.id "
        "WHERE m.id = ? AND m.status = 'standing'",
        (flag_id,),
    ).fetchone()
    return FlagSeen(*row) if row else None


def of_profile(connection: Connection, profile_id: int) -> list[JudgementRow]:
    """Return what people said of the flags of one profile, the latest first."""
    rows = connection.exec_driver_sql(
        f"{_JUDGEMENT} WHERE profile_id = ? ORDER BY judged_at DESC, id DESC", (profile_id,)
    )
    return [JudgementRow(*row) for row in rows]


def own(connection: Connection, flag_id: int, judged_by: str) -> JudgementRow | None:
    """Return what one user said of a flag, or None."""
    row = connection.exec_driver_sql(
        f"{_JUDGEMENT} WHERE flag_id = ? AND judged_by = ?", (flag_id, judged_by)
    ).fetchone()
    return JudgementRow(*row) if row else None


def every(connection: Connection) -> list[JudgementRow]:
    """Return every word on every flag, the latest first."""
    return [JudgementRow(*row) for row in connection.exec_driver_sql(f"{_JUDGEMENT} ORDER BY judged_at DESC, id DESC")]


def of_rule(connection: Connection, rule_code: str, rule_version: int) -> list[JudgementRow]:
    """Return every word on the flags of one version of a rule, the latest first."""
    rows = connection.exec_driver_sql(
        f"{_JUDGEMENT} WHERE rule_code = ? AND rule_version = ? ORDER BY judged_at DESC, id DESC",
        (rule_code, rule_version),
    )
    return [JudgementRow(*row) for row in rows]


def put(connection: Connection, seen: FlagSeen, *, verdict: str, why: str, judged_by: str, judged_at: str) -> None:
    """Keep what somebody says of a flag, over what they said before."""
    found = connection.exec_driver_sql(
        "SELECT id FROM masked_flag_judgement WHERE flag_id = ? AND judged_by = ?", (seen.id, judged_by)
    ).scalar()
    if found is not None:
        connection.exec_driver_sql(
            "UPDATE flag_judgement SET verdict = ?, why = ?, judged_at = ? WHERE id = ?",
            (verdict, why, judged_at, found),
        )
        return
    connection.exec_driver_sql(
        "INSERT INTO flag_judgement (flag_id, profile_id, rule_code, rule_version, verdict, why, judged_by, judged_at) "
        "VALUES (?,?,?,?,?,?,?,?)",
        (seen.id, seen.profile_id, seen.rule_code, seen.rule_version, verdict, why, judged_by, judged_at),
    )


def raised(connection: Connection) -> dict[tuple[str, int], int]:
    """Return how many standing flags each version of a rule raised, where it may be named."""
    rows = connection.exec_driver_sql(
        "SELECT rule_code, rule_version, count(*) FROM masked_flag WHERE status = 'standing' AND rule_code <> '' "
        "GROUP BY rule_code, rule_version"
    )
    return {(row[0], row[1]): row[2] for row in rows}


# --- people whom no rule flagged -------------------------------------------------------------------------------------


def add_sample(
    connection: Connection, *, seed: str, drawn_from: int, drawn_by: str, drawn_at: str, people: Iterable[int]
) -> int:
    """Keep a sample with the people drawn; return its number."""
    number = int(
        connection.exec_driver_sql(
            "INSERT INTO unflagged_sample (seed, drawn_from, drawn_by, drawn_at, purpose) "
            "SELECT ?, ?, ?, ?, purpose FROM acting",
            (seed, drawn_from, drawn_by, drawn_at),
        ).lastrowid
    )
    rows = [(number, profile) for profile in people]
    connection.exec_driver_sql("INSERT INTO unflagged_look (unflagged_sample_id, profile_id) VALUES (?, ?)", rows)
    return number


def samples(connection: Connection, purpose: str) -> list[SampleRow]:
    """Return the samples drawn for a purpose, the newest first."""
    rows = connection.exec_driver_sql(
        f"SELECT {', '.join(SampleRow._fields)} FROM unflagged_sample WHERE purpose = ? ORDER BY id DESC", (purpose,)
    )
    return [SampleRow(*row) for row in rows]


def looks(connection: Connection, sample: int) -> list[LookRow]:
    """Return the people of a sample, in the order drawn."""
    rows = connection.exec_driver_sql(f"{_LOOK} WHERE unflagged_sample_id = ? ORDER BY id", (sample,))
    return [LookRow(*row) for row in rows]


def look(connection: Connection, number: int) -> LookRow | None:
    """Return one person of a sample."""
    row = connection.exec_driver_sql(f"{_LOOK} WHERE id = ?", (number,)).fetchone()
    return LookRow(*row) if row else None


def judge_look(connection: Connection, number: int, verdict: str, why: str, by: str, at: str) -> None:
    """Keep what somebody says of one person of a sample."""
    connection.exec_driver_sql(
        "UPDATE unflagged_look SET verdict = ?, why = ?, judged_by = ?, judged_at = ? WHERE id = ?",
        (verdict, why, by, at, number),
    )
