"""Forbidden acts about roles: giving them alone, to oneself, to the wrong person, or with nobody's signature."""

from __future__ import annotations

import db.attempts
from kingshurst_tui import vaults
from kingshurst_tui.casework import search
from kingshurst_tui.demo.attempting import CLIENT, CRYPTOGRAPHIC, WORDS, Forbidden, World
from kingshurst_tui.granting import grants, role_lines
from kingshurst_tui.keyholding import users
from kingshurst_tui.vocabulary import Role

_NEWCOMER = "seven lanterns under a wet hill"


def _to_oneself(world: World) -> None:
    grants.propose(world.user("administrator"), "administrator", Role.GOVERNANCE)


def _ones_own(world: World) -> None:
    grants.propose(world.user("administrator"), "supervisor", Role.GOVERNANCE)
    try:
        grants.confirm(world.user("supervisor"), "supervisor")
    finally:
        grants.refuse(world.user("governance"), "supervisor")


def _ones_own_proposal(world: World) -> None:
    grants.propose(world.user("administrator"), "practitioner", Role.COORDINATOR)
    try:
        grants.confirm(world.user("administrator"), "practitioner")
    finally:
        grants.refuse(world.user("administrator"), "practitioner")


def _both(world: World) -> None:
    grants.propose(world.user("administrator"), "coordinator", Role.ADMINISTRATOR)


def _same_person(world: World) -> None:
    named = next(line for line in role_lines.listing(world.coordinator) if line.user == "coordinator")
    other = f" {named.display_name.upper()}"
    users.add_user(world.user("administrator"), "keeper", other, "SMBC", Role.ADMINISTRATOR, _NEWCOMER)


def _before_it_is_confirmed(world: World) -> None:
    clock = world.demo.clock
    users.add_user(world.user("administrator"), "newcomer", "New Comer", "SCH", Role.PRACTITIONER, _NEWCOMER)
    session = vaults.open_session(world.demo.store, "newcomer", _NEWCOMER, clock=clock)
    world.stack.callback(session.close)
    search.search(session, "smith", WORDS)


def _forged(world: World) -> None:
    store, passphrases = world.demo.store, world.demo.passphrases
    taken_back = db.attempts.forge_grant(store, "administrator", passphrases["administrator"], "practitioner")
    try:
        vaults.open_session(store, "practitioner", passphrases["practitioner"], clock=world.demo.clock).close()
    finally:
        taken_back()


ROLES = (
    Forbidden(5, "Give oneself another role (administrator)", CLIENT, "to themselves", _to_oneself),
    Forbidden(5, "Confirm a role of one's own (supervisor)", CLIENT, "a role of their own", _ones_own),
    Forbidden(5, "Confirm a role that one proposed (administrator)", CLIENT, "what they proposed", _ones_own_proposal),
    Forbidden(
        5, "Make a coordinator an administrator (administrator)", CLIENT, "both administrator and case reader", _both
    ),
    Forbidden(
        5,
        "Add the coordinator again, as an administrator under another user name (administrator)",
        CLIENT,
        "both administrator and case reader",
        _same_person,
    ),
    Forbidden(
        5,
        "Search before a second person confirmed one's role (newcomer)",
        CLIENT,
        "waits for a second person",
        _before_it_is_confirmed,
    ),
    Forbidden(
        5,
        "Write oneself another role with the data key in hand (practitioner)",
        CRYPTOGRAPHIC,
        "not what two people signed for",
        _forged,
    ),
)
