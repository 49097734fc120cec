"""Who holds which role, by whose signatures, and what waits for a second person."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import db.audit
import db.users
from kingshurst_tui.granting import chain as chains
from kingshurst_tui.granting.chain import Chain
from kingshurst_tui.granting.grants import vault_of
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from db.users import UserRecord
    from kingshurst_tui.session import Session


@dataclass(frozen=True, slots=True)
class RoleLine:
    """What one user holds and what waits for them, as a list shows it.

    Attributes:
        role: the effective role; empty while none is.
        granted_by: who signed the proposal of it, and ``confirmed_by`` who signed second; the founder has no second.
        waits_role: the role that waits for a second person; empty where none does.
        confirmers: who could confirm it now.
        problem: why a grant that is kept as effective gives no role; empty where nothing is wrong.
    """

    user: str
    display_name: str
    agency: str
    status: str
    role: str
    grant: int | None
    granted_by: str
    confirmed_by: str
    since: str
    waits_role: str
    waits_grant: int | None
    proposed_by: str
    confirmers: tuple[str, ...]
    problem: str

    def as_json(self) -> dict[str, Any]:
        """Return JSON-ready keys."""
        return asdict(self)

    @property
    def words(self) -> str:
        """Say in one line whose signatures give the role, or what is wrong."""
        if self.problem:
            return f"NO ROLE: the grant does not hold: {self.problem}"
        if not self.role:
            return ""
        if self.granted_by == self.user:
            return "founded the store"
        if not self.granted_by:
            return "as an older store has it"
        return f"granted by {self.granted_by}, confirmed by {self.confirmed_by}"

    @property
    def waits_words(self) -> str:
        """Say in one line what waits, and for whom; empty where nothing does."""
        if not self.waits_role:
            return ""
        able = f": {', '.join(self.confirmers)}" if self.confirmers else ", and nobody may yet"
        return f"{self.waits_role} proposed by {self.proposed_by}; waits for a second person{able}"


# --- lists -----------------------------------------------------------------------------------------------------------


def listing(session: Session) -> list[RoleLine]:
    """Return every user with the role that holds, by whose signatures, and what waits; about users and nobody else."""
    vault = vault_of(session)
    return session.look(_lines, vault)


def waiting_for_me(session: Session) -> list[RoleLine]:
    """Return whose role waits for a second person that the signed-in user could be."""
    if not session.may(Operation.ALTER, Thing.GRANT):
        return []
    return [line for line in listing(session) if session.user.name in line.confirmers]


def _lines(connection: Connection, vault: str) -> list[RoleLine]:
    chain = chains.read(connection, vault)
    after = db.audit.size(connection) + 1
    users = db.users.every(connection)
    active = [user.name for user in users if user.status == "active"]
    return [_line(chain, user, active, after) for user in users]


def _line(chain: Chain, user: UserRecord, active: list[str], after: int) -> RoleLine:
    mine = chain.standing(user.name)
    is_older = not chain.rows
    grant, waits = mine.grant, mine.waits
    return RoleLine(
        user=user.name,
        display_name=user.display_name,
        agency=user.agency_code,
        status=user.status,
        role=user.role if is_older else (mine.role or ""),
        grant=grant.id if grant else None,
        granted_by=grant.granted_by if grant else "",
        confirmed_by=(grant.confirmed_by or "") if grant else "",
        since=(grant.confirmed_at or grant.granted_at) if grant else "",
        waits_role=waits.role if waits else "",
        waits_grant=waits.id if waits else None,
        proposed_by=waits.granted_by if waits else "",
        confirmers=tuple(
            name
            for name in active
            if waits and name not in (waits.granted_by, user.name) and chain.may_confirm(name, after, waits.role)
        ),
        problem=mine.problem,
    )
