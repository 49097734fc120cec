"""Conditions that the views share: who sees anything at all, and which profiles are open to whom."""

from __future__ import annotations

SIGHT = "(SELECT sight FROM acting)"

SEES = f"{SIGHT} IN ('person', 'combine')"

# A restricted case is open to those on its list alone, whatever opens it for others.
ON_ITS_LIST = """(NOT EXISTS (SELECT 1 FROM case_restriction s WHERE s.profile_id = {profile}
            AND s.status = 'standing')
        OR EXISTS (SELECT 1 FROM case_access s, acting WHERE s.profile_id = {profile} AND s.status = 'standing'
            AND s.user_name = acting.user_name))"""

OPENED = f"""(EXISTS (SELECT 1 FROM opening o, acting WHERE o.profile_id = {{profile}} AND o.purpose = acting.purpose
        AND acting.today BETWEEN o.opens AND o.closes) AND {ON_ITS_LIST})"""
"""Open to the acting user for the acting purpose today; ``{profile}`` is whose."""

OPEN = f"({SIGHT} = 'combine' OR ({SIGHT} = 'person' AND {OPENED}))"


def open_table(table: str, profile: str = "t.profile_id") -> str:
    """Return the query of a view of whole rows, of open profiles only."""
    return f"SELECT t.* FROM {table} t WHERE {OPEN.format(profile=profile)}"


def shown(column: str, when: str) -> str:
    """Return a column that is empty unless the condition holds."""
    return f"CASE WHEN {when} THEN t.{column} ELSE '' END AS {column}"
