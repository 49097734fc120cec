"""Which contacts may be one incident with which others: the neighbourhood that a change has to be weighed in."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection

from db.picking import pick


class When(NamedTuple):
    """When, by whom and of what a contact tells; what closeness is judged by."""

    day: int
    minute: int | None
    agreement_ref: str
    category: str


Close = Callable[[When, When], bool]
"""Says whether two contacts of one person or place are close enough to be one incident."""

#: The contacts of picked people, k, through the indexes: asked of a view by profile, SQLite reads every contact.
CONTACTS_OF_PICKED = (
    "picked p CROSS JOIN profile_member pm ON pm.profile_id = p.id "
    "CROSS JOIN contact k ON k.source_record_id = pm.source_record_id"
)

_PERSONS = (
    "SELECT o.contact_id, o.profile_id, o.occurred_on, o.occurred_at, o.agreement_ref, o.category "
    "FROM picked p CROSS JOIN open_contact o ON o.contact_id = p.id WHERE o.profile_id IS NOT NULL"
)
_CONTACTS = (
    "SELECT o.contact_id, o.profile_id, o.occurred_on, o.occurred_at, o.agreement_ref, o.category "
    f"FROM {CONTACTS_OF_PICKED} CROSS JOIN open_contact o ON o.contact_id = k.id"
)
_PLACES = (
    "SELECT c.occurred_on, c.occurred_at, c.agreement_ref, c.category, "
    "o.contact_id, o.occurred_on, o.occurred_at, o.agreement_ref, o.category "
    "FROM picked p CROSS JOIN open_contact c ON c.contact_id = p.id AND c.place_address IS NOT NULL "
    "CROSS JOIN open_contact o ON o.place_postcode = c.place_postcode AND o.place_address = c.place_address "
    "AND o.occurred_on BETWEEN date(c.occurred_on, :before) AND date(c.occurred_on, :after) "
    "AND o.agreement_ref <> c.agreement_ref"
)
_SAME_EVENT = (
    "SELECT o.id FROM picked p CROSS JOIN contact c ON c.id = p.id "
    "CROSS JOIN contact o ON o.agreement_ref = c.agreement_ref AND o.contact_key = c.contact_key"
)
_REFERENCES = tuple(
    "SELECT o.contact_id FROM picked p CROSS JOIN open_contact c ON c.contact_id = p.id "
    f"CROSS JOIN open_contact o ON o.{theirs} = c.{ours} AND o.agreement_ref <> c.agreement_ref "
    "AND o.occurred_on BETWEEN date(c.occurred_on, :before) AND date(c.occurred_on, :after)"
    for ours, theirs in (
        ("shared_reference", "partner_reference"),
        ("partner_reference", "shared_reference"),
        ("shared_reference", "shared_reference"),
    )
)
_KEPT = (
    "SELECT r.right_contact_id FROM picked p CROSS JOIN incident_ruling r ON r.left_contact_id = p.id",
    "SELECT r.left_contact_id FROM picked p CROSS JOIN incident_ruling r ON r.right_contact_id = p.id",
    "SELECT o.contact_id FROM picked p CROSS JOIN incident_contact i ON i.contact_id = p.id "
    "CROSS JOIN incident_contact o ON o.incident_id = i.incident_id",
)


def within_reach(
    connection: Connection,
    profile_ids: set[int],
    contact_ids: set[int],
    close: Close,
    *,
    days: int,
    reference_days: int,
    most: int,
) -> set[int] | None:
    """Return these contacts and all that evidence of any kind connects to them; None if they are over ``most``.

    Args:
        connection: with sight of all gated rows.
        profile_ids: people whose every contact is among ``contact_ids``.
        contact_ids: where to begin.
        close: whether two contacts of one person or place may be one incident.
        days: how far apart such contacts lie at most.
        reference_days: how far apart contacts lie at most that share a reference.
        most: how many are too many to be worth looking up.
    """
    reached: set[int] = set()
    frontier = contact_ids
    persons = _Persons(connection, profile_ids, close, days)
    near = {"before": f"-{days} days", "after": f"+{days} days"}
    cited = {"before": f"-{reference_days} days", "after": f"+{reference_days} days"}
    while frontier:
        reached |= frontier
        if len(reached) > most:
            return None
        found = persons.near(frontier)
        pick(connection, frontier)
        found |= _near_places(connection, close, near)
        for statement in _REFERENCES:
            found.update(connection.exec_driver_sql(statement, cited).scalars().all())
        for statement in (_SAME_EVENT, *_KEPT):
            found.update(connection.exec_driver_sql(statement).scalars().all())
        frontier = found - reached
    return reached


def _near_places(connection: Connection, close: Close, span: dict[str, str]) -> set[int]:
    return {
        row[4]
        for row in connection.exec_driver_sql(_PLACES, span).fetchall()
        if close(_when(*row[:4]), _when(*row[5:]))
    }


def _when(day: str, time: str | None, agreement_ref: str, category: str) -> When:
    minute = int(time[:2]) * 60 + int(time[3:5]) if time else None
    return When(date.fromisoformat(day).toordinal(), minute, agreement_ref, category)


class _Persons:
    """Each person's contacts in order of day, read once however often the person is met."""

    def __init__(self, connection: Connection, whole: set[int], close: Close, days: int) -> None:
        self._connection = connection
        self._close = close
        self._days = days
        # People who are in the neighbourhood whole have nothing more to add to it.
        self._known: dict[int, list[tuple[int, int, When]]] = {person: [] for person in whole}

    def near(self, contact_ids: set[int]) -> set[int]:
        """Return the contacts of the same people that are close to these."""
        pick(self._connection, contact_ids)
        rows = self._connection.exec_driver_sql(_PERSONS).fetchall()
        self._read({row[1] for row in rows} - set(self._known))
        found: set[int] = set()
        for row in rows:
            mine = self._known[row[1]]
            if not mine:
                continue
            when = _when(*row[2:])
            first = bisect_left(mine, (when.day - self._days,))
            last = bisect_left(mine, (when.day + self._days + 1,))
            found.update(contact for _, contact, other in mine[first:last] if self._close(when, other))
        return found

    def _read(self, people: set[int]) -> None:
        if not people:
            return
        self._known |= {person: [] for person in people}
        pick(self._connection, people)
        for contact, person, *told in self._connection.exec_driver_sql(_CONTACTS).fetchall():
            when = _when(*told)
            self._known[person].append((when.day, contact, when))
        for person in people:
            self._known[person].sort()
