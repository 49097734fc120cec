"""Giving somebody a role: an administrator proposes and signs, a second person confirms and signs.

Nobody grants to themselves, nobody confirms what they proposed or what is for them, and nobody is both administrator
and reader of cases, under one user name or under one person's name. What makes a grant valid is in chain.py; what is
refused here is refused so that nobody signs what would not hold.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import db.audit
import db.role_grants
import db.users
from db.role_grants import EFFECTIVE, ENDED, PROPOSED, REFUSED, GrantRow
from db.vault import read_header
from kingshurst_tui.acts import Reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, IntegrityFailure, NotFound
from kingshurst_tui.granting import chain as chains
from kingshurst_tui.granting.chain import Chain, are_apart, digest
from kingshurst_tui.keyholding import compartments
from kingshurst_tui.permissions import CONFIRMERS
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from db.users import UserRecord
    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session

_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)


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


# --- at sign-in ------------------------------------------------------------------------------------------------------


def take_up(session: Session, vault: str = "") -> None:
    """Take the role that the signed-in user's grant gives; without one they may next to nothing.

    Args:
        vault: its identity, where no header says it yet.

    Raises: IntegrityFailure (a grant of theirs is kept as effective and does not hold; the trail has another key).
    """
    if session.grant is None and not session.user.is_waiting:
        return  # the recovery key's slot: nobody's, and nobody's role
    found, chain = session.look(_standing_and_chain, session.user.name, vault or _vault_of(session))
    if chain.founded is None and not chain.rows:
        # Made before there were grants: the slot's role holds until an administrator signs in and founds them.
        session.take_role(session.user.role, grant=None, founded=False)
        return
    if chain.key(session.user.name, chains.NOW) != session.signing_public:
        raise IntegrityFailure(
            "The trail has introduced you with another key than yours.",
            "Somebody changed who you are in this store. Nothing was opened.",
            "Keep the folder as it is, and tell the supervisor and the information governance officer.",
        )
    mine = chain.standing(session.user.name)
    if mine.problem and mine.grant is not None:
        raise IntegrityFailure(
            "Your role is not what two people signed for.",
            f"Grant {mine.grant.id} ({mine.grant.role}) gives no role: {mine.problem}. Nothing was opened.",
            "Keep the folder as it is, and tell the supervisor and the information governance officer: "
            "kingshurst check STORE names every grant that does not hold.",
        )
    if mine.role is not None:
        session.take_role(mine.role, grant=found.grant, founded=True)
        return
    wanted = Role(mine.waits.role) if mine.waits is not None else session.user.role
    session.take_role(wanted, grant=found.grant, founded=True, is_waiting=True)


def _standing_and_chain(connection: Connection, name: str, vault: str) -> tuple[db.role_grants.Standing, Chain]:
    return db.role_grants.standing(connection, name), chains.read(connection, vault)


def found_older_store(session: Session) -> None:
    """Sign the first grant, for oneself, and propose the others their roles, in a store made before there were grants.

    The trail says that the administrator was one before. Nothing happens in a store that has grants, nor for others.

    Raises: StoreUnavailable.
    """
    if session.grant != (None, False) or session.user.role is not Role.ADMINISTRATOR:
        return
    with session.act(Operation.ADMINISTER, Thing.GRANT, reason=_MAINTENANCE) as act:
        own = act.read(db.users.by_name, session.user.name)
        if own is None:
            return
        write_proposal(act, own.name, own.display_name, own.agency_code, Role.ADMINISTRATOR, founding=True)
        act.note(step="found")
    take_up(session)
    for user in session.look(db.users.every):
        if user.name != session.user.name and user.status != "left":
            with session.act(Operation.ADMINISTER, Thing.GRANT, reason=_MAINTENANCE) as act:
                write_proposal(act, user.name, user.display_name, user.agency_code, Role(user.role))
                act.note(step="propose")


# --- proposing -------------------------------------------------------------------------------------------------------


def propose(session: Session, name: str, role: Role) -> int:
    """Propose another role for a user, and sign for it; it takes effect when a second person confirms it.

    Raises: Refused (for oneself; administrator and case reader), NotFound, InputRejected (one waits already).
    """
    with session.act(Operation.ADMINISTER, Thing.GRANT, reason=_MAINTENANCE) as act:
        user = _active(act, name)
        if name == session.user.name:
            act.refuse("Nobody grants a role to themselves.", hint="Another administrator can propose it.")
        mine = _chain(act).standing(name)
        if mine.waits is not None:
            raise InputRejected(
                f"A role waits for {name} already: {mine.waits.role}.",
                "Nothing was changed.",
                f"Have it confirmed, or refused first: kingshurst user refuse STORE {name}",
            )
        if mine.role is role:
            raise InputRejected(f"{name} is {role} already.", "Nothing was changed.")
        check_apart(act, name, user.display_name, role)
        number = write_proposal(act, name, user.display_name, user.agency_code, role)
        act.note(step="propose")
    return number


def write_proposal(
    act: Act, name: str, display_name: str, agency: str, role: Role, *, founding: bool = False, vault: str = ""
) -> int:
    """Sign and keep a proposal inside an act whose entry says so; return its number.

    Args:
        vault: its identity, where no header says it yet.
    """
    session = act.session
    at, number = stamp(session.clock.now()), act.read(db.role_grants.next_number)
    document, signature = session.sign(
        chains.proposal(
            vault or _vault_of(session),
            name,
            role.value,
            agency,
            display_name,
            session.user.name,
            at,
            act.read(db.audit.size) + 1,
            founding=founding,
        )
    )
    row = GrantRow(
        number,
        name,
        role.value,
        document.decode(),
        session.user.name,
        at,
        signature,
        None,
        None,
        None,
        None,
        EFFECTIVE if founding else PROPOSED,
        None,
        None,
    )
    act.write(db.role_grants.add, row)
    act.note(user=name, role=role.value, grant=number, document=digest(row.document))
    if founding:
        act.note(founding=True)
    return number


def check_apart(act: Act, name: str, display_name: str, role: Role) -> None:
    """Refuse what would make one person both administrator and case reader, by user name or by their own name.

    Raises: Refused.
    """
    held: list[tuple[str, str, str]] = [(name, role.value, display_name)]
    for row in act.read(db.role_grants.every):
        if row.status == REFUSED or (row.status == ENDED and row.confirmed_entry is None):
            continue
        named = str(json.loads(row.document).get("display_name", ""))
        is_same = row.user_name == name or (_folded(named) == _folded(display_name) and row.status != ENDED)
        if is_same and are_apart(row.role, role.value):
            held.append((row.user_name, row.role, named))
    if len(held) > 1:
        other, other_role, _ = held[1]
        act.refuse(
            "Nobody is both administrator and case reader.",
            f"{other} is or was to be {other_role}, and {name} would be {role}. Nothing was changed.",
            "Whoever keeps users and keys sees no case: choose two people.",
        )


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


# --- the second person -----------------------------------------------------------------------------------------------


def confirm(session: Session, name: str) -> str:
    """Be the second person for the role that waits for a user: it takes effect. Returns the role.

    Raises: Refused (one's own, one's own proposal, not somebody who may), NotFound, IntegrityFailure (the proposal does
        not hold).
    """
    with session.act(Operation.ALTER, Thing.GRANT, reason=_MAINTENANCE) as act:
        chain = _chain(act)
        row = _waiting(act, chain, name)
        act.note(step="confirm", user=name, role=row.role, grant=row.id, document=digest(row.document))
        _check_second(act, chain, row)
        if row.granted_by == session.user.name:
            act.refuse("Nobody confirms what they proposed.", hint="A second person has to do it.")
        if problem := chain.problem_of_proposal(row):
            raise IntegrityFailure(
                "The proposal is not what an administrator signed.",
                f"Grant {row.id} ({row.role} for {name}): {problem}. Nothing was changed.",
                "Tell the supervisor and the information governance officer.",
            )
        user = _active(act, name)
        check_apart(act, name, user.display_name, Role(row.role))
        at, entry = stamp(session.clock.now()), act.read(db.audit.size) + 1
        _, signature = session.sign(chains.confirmation(chain.vault, row, session.user.name, at, entry))
        former = chain.standing(name).grant
        if former is not None:
            act.write(db.role_grants.end, former.id, ENDED, session.user.name, at)
            act.note(ends=str(former.id))
        act.write(db.role_grants.confirm, row.id, session.user.name, at, signature, entry)
        act.write(db.role_grants.set_role, name, row.role)
        compartments.role_taken(act, name, row.role, former=former.role if former is not None else "")
    return row.role


def refuse(session: Session, name: str) -> str:
    """Say no to the role that waits for a user; whoever proposed it takes it back by the same. Returns the role.

    Raises: Refused, NotFound.
    """
    with session.act(Operation.ALTER, Thing.GRANT, reason=_MAINTENANCE) as act:
        chain = _chain(act)
        row = _waiting(act, chain, name)
        act.note(step="refuse", user=name, role=row.role, grant=row.id)
        if row.granted_by != session.user.name:
            _check_second(act, chain, row)
        act.write(db.role_grants.end, row.id, REFUSED, session.user.name, stamp(session.clock.now()))
    return row.role


def end_all(act: Act, name: str) -> None:
    """End what a leaver holds and what waits for them, inside the act that shuts them out."""
    at = stamp(act.session.clock.now())
    rows = [row for row in act.read(db.role_grants.every) if row.user_name == name]
    open_ones = [row.id for row in rows if row.status in (PROPOSED, EFFECTIVE)]
    for number in open_ones:
        act.write(db.role_grants.end, number, ENDED, act.session.user.name, at)
    if open_ones:
        act.note(ends=" ".join(str(number) for number in open_ones))
    for row in rows:
        if row.status == EFFECTIVE:
            compartments.entitlement_ends(act, row.role)


def refuse_the_last_second(act: Act, name: str) -> None:
    """Refuse to end the role of somebody without whom no administrator would have a second person."""
    chain = _chain(act)
    able = {user for user in chain.users() if chain.standing(user).role in CONFIRMERS}
    if name in able and len(able) == 2:
        act.refuse(
            "Nobody else could be the second person for a role.",
            f"Without {name} no role could be given any more. Nothing was changed.",
            f"Have another supervisor or information governance officer confirmed first. If {name} is gone, the "
            f"recovery key lets in who takes over: kingshurst recover STORE --user {name}",
        )


def _check_second(act: Act, chain: Chain, row: GrantRow) -> None:
    name = act.session.user.name
    if row.user_name == name:
        act.refuse("Nobody confirms or refuses a role of their own.", hint="A second person has to do it.")
    if not chain.may_confirm(name, act.read(db.audit.size) + 1, row.role):
        act.refuse(
            "You may not be the second person for a role.",
            f"A supervisor, an information governance officer or an administrator confirms it, other than "
            f"{row.granted_by}. Nothing was changed.",
            "kingshurst user list STORE says who can.",
        )


# --- lists -----------------------------------------------------------------------------------------------------------


def listing(session: Session) -> list[RoleLine]:
    """Return every user with the role that holds, by whose signatures, and what waits; about users and nobody else."""
    vault = _vault_of(session)
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


def _vault_of(session: Session) -> str:
    """Return the identity of the session's vault."""
    return read_header(session.store.folder).vault


def _chain(act: Act) -> Chain:
    return act.read(chains.read, _vault_of(act.session))


def _waiting(act: Act, chain: Chain, name: str) -> GrantRow:
    row = chain.standing(name).waits
    if row is None:
        raise NotFound(
            f"No role waits for {name}.", "Nothing was changed.", "See what waits: kingshurst user list STORE"
        )
    return row


def _active(act: Act, name: str) -> UserRecord:
    user = act.read(db.users.by_name, name)
    if user is None or user.status == "left":
        raise NotFound("There is no such user.", "Nothing was changed.", "List them with: kingshurst user list STORE")
    return user
