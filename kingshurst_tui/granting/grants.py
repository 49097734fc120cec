"""Giving somebody a role: an administrator proposes and signs, a second person confirms and signs.

Nobody grants to themselves, nobody confirms what they proposed or what is for them, and nobody is both administrator
and reader of cases, under one user name or under one person's name. What makes a grant valid is in chain.py; what is
refused here is refused so that nobody signs what would not hold.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

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
    from db.users import UserRecord
    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session

_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)


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
            vault or vault_of(session),
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


def vault_of(session: Session) -> str:
    """Return the identity of the session's vault."""
    return read_header(session.store.folder).vault


def _chain(act: Act) -> Chain:
    return act.read(chains.read, vault_of(act.session))


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
