"""What a forbidden act is attempted with: a throwaway copy of the demonstration, and the two classes of control."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta

import db.attempts
import db.profiles
import db.search
from kingshurst_tui import vaults
from kingshurst_tui.acts import Act, Reason
from kingshurst_tui.casework import people, profiles
from kingshurst_tui.casework.people import PersonLine
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

PANEL = Reason(ReasonCode.PANEL)
WORDS = Reason(ReasonCode.OTHER, "an attempt that the demonstration makes")
WHY = "Something was said that worries us"

CRYPTOGRAPHIC = "cryptographic"
"""Holds against somebody who has the files, or the data key, and a program of their own."""
CLIENT = "client-enforced"
"""Holds against everybody who uses this program; not against who holds the data key and a program of their own."""


class Stopped(Exception):
    """An attempt came to nothing without an error: a mask was shown, nothing was found."""


@dataclass
class World:
    """The copy that attempts are made on, with its users signed in as they are needed."""

    demo: DemoStore
    stack: ExitStack
    sessions: dict[str, Session] = field(default_factory=dict)

    def user(self, name: str) -> Session:
        """Return the session of a user."""
        if name not in self.sessions:
            self.sessions[name] = self.stack.enter_context(self.demo.signed_in(name))
        return self.sessions[name]

    @property
    def coordinator(self) -> Session:
        """The partnership's coordinator."""
        return self.user("coordinator")

    def lines(self, which: str) -> tuple[PersonLine, ...]:
        """Return a list of people as the coordinator sees it."""
        listed = people.open_list(self.coordinator, PANEL, which=which)
        return people.page(self.coordinator, listed, 0, listed.total)

    def masked(self) -> PersonLine:
        """Return a flagged adult whose profile is masked."""
        return next(line for line in self.lines("flagged") if not line.is_open and line.under_18 is False)

    def open(self) -> PersonLine:
        """Return a flagged adult whose profile is open."""
        return next(line for line in self.lines("flagged") if line.is_open and line.under_18 is False)

    def masked_names(self, most: int) -> list[tuple[str, str, str]]:
        """Return (forename, surname, date of birth) of masked people, read by an act of the machine."""
        with self.coordinator.act(Operation.COMBINE, Thing.LINK, reason=PANEL, combine=True) as act:
            hidden = {line.profile_id for line in self.lines_in(act)}
            rows = act.read(db.profiles.for_linkage)
        found = [
            (row.forename, row.surname, row.born)
            for row in rows
            if row.profile_id in hidden and row.forename and row.surname and row.born and len(row.surname) > 4
        ]
        return found[:most]

    def shared_incidents(self) -> int:
        """Return how many incidents more than one agency was told of."""
        with self.coordinator.act(Operation.COMBINE, Thing.LINK, reason=PANEL, combine=True) as act:
            return act.read(db.attempts.shared_incidents)

    @staticmethod
    def lines_in(act: Act) -> list[db.search.PersonRow]:
        """Return the masked people, inside an act of the machine."""
        everybody = act.read(db.search.ids, "everybody")
        return [row for row in act.read(db.search.people, everybody) if not row.is_open]


Try = Callable[[World], object]


@dataclass(frozen=True, slots=True)
class Forbidden:
    """One act that is forbidden.

    Attributes:
        law: the number of the rule that forbids it.
        tried: what is tried, and by whom.
        control: the class of the control that stops it.
        expected: words of what must stop it; anything else is a fault, not a control.
        act: the attempt.
    """

    law: int
    tried: str
    control: str
    expected: str
    act: Try


def sql(name: str) -> Try:
    """Return an attempt to run one of db.attempts.STATEMENTS inside an act of the coordinator's."""

    def run(world: World) -> None:
        with world.coordinator.act(Operation.CONSULT, Thing.PROFILE, reason=PANEL) as act:
            act.read(db.attempts.run, name)

    return run


def later(world: World, user: str, by: timedelta) -> Session:
    """Return a user's session at a later moment."""
    moved = FixedClock(world.demo.clock.now() + by)
    passphrase = world.demo.passphrases[user]
    session = vaults.open_session(world.demo.store, user, passphrase, clock=moved)
    world.stack.callback(session.close)
    return session


def must_be_masked(session: Session, pseudonym: str) -> None:
    """Open a profile; stopped if it shows as a mask."""
    if profiles.open_profile(session, pseudonym, WORDS).is_masked:
        raise Stopped("A mask: pseudonym, counts by agency and month, the rules met. No name.")
