"""Which role a user takes at sign-in: the one their grant gives, and none without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import db.role_grants
import db.users
from kingshurst_tui.acts import Reason
from kingshurst_tui.errors import IntegrityFailure
from kingshurst_tui.granting import chain as chains
from kingshurst_tui.granting.chain import Chain
from kingshurst_tui.granting.grants import vault_of, write_proposal
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kingshurst_tui.session import Session

_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)


# --- at sign-in ------------------------------------------------------------------------------------------------------


def take_up(session: Session, vault: str = "") -> None:
    """Take the role that the signed-in user's grant gives; without one they may next to nothing.

    Args:
        vault: its identity, where no header says it yet.

    Raises: IntegrityFailure (a grant of theirs is kept as effective and does not hold; the trail has another key).
    """
    if session.grant is None and not session.user.is_waiting:
        return  # the recovery key's slot: nobody's, and nobody's role
    found, chain = session.look(_standing_and_chain, session.user.name, vault or vault_of(session))
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
