"""Whether somebody may do a thing by the table of roles, and still may: what is asked of every act."""

from __future__ import annotations

from sqlalchemy import Connection

import db.role_grants
from kingshurst_tui.acts import User
from kingshurst_tui.errors import Refused, StoreLocked
from kingshurst_tui.permissions import COMBINED, WHILE_WAITING, allowed
from kingshurst_tui.vocabulary import Operation, Thing

Grant = tuple[int | None, bool] | None
"""The grant that gave the role, and whether the store has grants at all; none before one was looked for."""


def may(user: User, operation: Operation, thing: Thing) -> bool:
    """Say whether this user's role may do so."""
    if user.is_waiting:
        return (operation, thing) in WHILE_WAITING
    return allowed(user.role, operation, thing)


def check(user: User, operation: Operation, thing: Thing, *, combine: bool = False) -> None:
    """Let on whose role may do so, and machines where they may combine rows. Raises: Refused."""
    if combine and (operation, thing) not in COMBINED:
        raise Refused("No machine combines rows for such an act.", "Nothing was shown or changed.")
    if may(user, operation, thing):
        return
    if user.is_waiting:
        raise Refused(
            "Your role waits for a second person.",
            f"You are to be {user.role}, and nobody has confirmed it yet. Nothing was shown or changed. "
            "The refusal is in the audit trail.",
            "Who may confirm it: kingshurst user list STORE",
        )
    raise Refused(
        f"The role of {user.role} may not {operation} this ({thing}).",
        "Nothing was shown or changed. The refusal is in the audit trail.",
        "The table of roles (docs/roles.md) says who may.",
    )


def still_active(connection: Connection, name: str, grant: Grant) -> None:
    """Let on who is active in the store now, in the role of that grant. Raises: StoreLocked."""
    found = db.role_grants.standing(connection, name)
    if found.status is not None and found.status != "active":
        raise StoreLocked(
            "This user may no longer act in the store.",
            f"The user is {found.status}. Nothing was shown or changed.",
            "An administrator can say why.",
        )
    role_stands(found, grant)


def role_stands(found: db.role_grants.Standing, grant: Grant) -> None:
    """Let on whose role is still the one of that grant. Raises: StoreLocked."""
    if grant is not None and (found.grant, found.founded) != grant:
        raise StoreLocked(
            "Your role was changed meanwhile.",
            "Nothing was shown or changed.",
            "Sign in again: you then have the role that was given to you.",
        )
