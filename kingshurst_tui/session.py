"""Who acts, in which role, for which purpose: the one door to the store."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

import db.audit
import db.batches
import db.crashes
import db.heads
import db.openings
import db.recounts
import db.role_grants
from db import commitments, keys, notes
from db.compartments import Holding
from db.person_keys import PersonKeys, person_keys_file
from db.slots import RECOVERY
from db.store import Acting, Store, data_file
from db.vault import HeaderDraft, Slot, StoreKeys, changing_header
from db.whole_files import write_anew
from kingshurst_tui.acts import Act, Entered, Entry, Fact, Reason, User
from kingshurst_tui.clock import Clock, stamp
from kingshurst_tui.errors import (
    IntegrityFailure,
    KingshurstError,
    NotFound,
    ReasonNeeded,
    Refused,
)
from kingshurst_tui.may_act import check, may, role_stands, still_active
from kingshurst_tui.permissions import CASE_READERS, COMBINED
from kingshurst_tui.session_keys import KeysInUse
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing

Given = ParamSpec("Given")
Found = TypeVar("Found")

CHECKPOINT_EVERY = 1_000
"""At the latest after so many entries somebody signs a checkpoint of the trail; and whenever a session closes."""


@dataclass
class HeaderWork:
    """The vault's header being changed, and the keys it takes; for the rooms that keep keys, nobody else."""

    draft: HeaderDraft
    pairs: keys.UserKeys = field(repr=False)
    store_keys: StoreKeys = field(repr=False)


@dataclass
class Session(KeysInUse):
    """One person's signed-in time at the store. Everything that is done goes through ``act``."""

    store: Store
    user: User
    purpose: str
    clock: Clock
    demonstration: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.mark = secrets.token_hex(4)
        self._entered = Entered()
        #: What a room keeps in memory for this session alone (a search index); gone when it closes.
        self.held: dict[str, Any] = {}
        #: The compartments that this user can open (keyholding/compartments.py); wiped when it closes.
        self.compartments = Holding()
        #: Why nothing can be done here but check: the trail contradicts a checkpoint of it.
        self.doubt: KingshurstError | None = None
        #: The grant that gives the role, and whether the store has grants at all; every act asks whether it still does.
        self.grant: tuple[int | None, bool] | None = None
        #: How many entries the newest checkpoint is known to cover.
        self.covered = 0
        self._is_closed = False

    @contextmanager
    def act(
        self,
        operation: Operation,
        thing: Thing,
        *,
        reason: Reason,
        subjects: Iterable[str] = (),
        typed: str = "",
        combine: bool = False,
        facts: Mapping[str, Fact] | None = None,
        within: str | None = None,
        signed_for: bool = False,
    ) -> Iterator[Act]:
        """Do one thing: permission, gate, reading or effect, and its audit entry, in one transaction.

        What the block returns reaches nobody before the entry is committed. A refusal is rolled back and audited, and
        so is asking without a reason, or for what is not there: guessing leaves a trace.

        Args:
            operation: what is done (DPA 2018 s.62).
            thing: to what kind of thing.
            reason: why; its words are sealed.
            subjects: pseudonyms of the people it is about, as far as known beforehand.
            typed: what was typed besides the reason (a search); sealed too.
            combine: the act of a machine that needs every gated row (linking, rules, matching consents).
            facts: counts and codes for the entry.
            within: the agenda item this consultation belongs to; consulting the same subject again within it adds no
                entry.
            signed_for: two people of the right roles have signed for it before; whoever comes next carries it out.

        Raises: Refused, StoreUnavailable, IntegrityFailure, and what the block raises.
        """
        self._refuse_in_doubt()
        entry = Entry(operation, thing, reason, set(subjects), typed, dict(facts or {}))
        seq = 0
        try:
            if not signed_for:
                check(self.user, operation, thing, combine=combine)
            with self._turn(self._acting(combine=combine)) as connection:
                still_active(connection, self.user.name, self.grant)
                self._close_unconfirmed(connection)
                act = Act(connection, self, entry.subjects, entry.facts, typed, reason)
                yield act
                entry.typed, entry.reason = act.typed, act.reason
                if not self._entered.holds(entry, within):
                    seq = self._append(connection, entry, "done")
            self._entered.add(entry, within, combine=combine)
            self._checkpoint_in_time(seq)
        except (Refused, ReasonNeeded, NotFound) as refused:
            entry.facts = {"refused": refused.title}
            if isinstance(refused, NotFound):
                # What was asked for is nobody's pseudonym, and may be anything that somebody typed: sealed, not named.
                entry.facts = {"refused": "There is nothing of that name."}
                entry.typed, entry.subjects = "\n".join([entry.typed, *sorted(entry.subjects)]), set()
            with self.store.acting(self._acting(combine=False)) as connection:
                role_stands(db.role_grants.standing(connection, self.user.name), self.grant)
                seq = self._append(connection, entry, "refused")
            self._checkpoint_in_time(seq)
            raise

    @contextmanager
    def _turn(self, acting: Acting) -> Iterator[Connection]:
        """Hold the turn for an act. Where people are to be counted anew, what counts them is loaded outside of one."""
        if acting.sight != "none" and not _can_count():
            with self.store.acting(acting) as connection:
                if not db.recounts.any_pending(connection):
                    yield connection
                    return
            from kingshurst_tui.casework import recounting

            recounting.load()
        with self.store.acting(acting) as connection:
            yield connection

    def look(
        self,
        statement: Callable[Concatenate[Connection, Given], Found],
        *args: Given.args,
        **kwargs: Given.kwargs,
    ) -> Found:
        """Read what is about no person (agreements, batches, rules, areas, users); it needs no entry.

        No row about a person is there to be read: the sight of this connection is ``none``.
        """
        with self.store.reading(self._acting_as("none")) as connection:
            return statement(connection, *args, **kwargs)

    def read_on(
        self,
        within: str,
        statement: Callable[Concatenate[Connection, Given], Found],
        *args: Given.args,
        **kwargs: Given.kwargs,
    ) -> Found:
        """Read more of what one entry of this session covers: the next page of a list that was opened ``within``.

        What a machine's act of that name was let to combine is read with its sight, outside the turn at writing.

        Raises: Refused (no such entry), StoreUnavailable.
        """
        if within not in self._entered.within:
            raise Refused("The list is not open.", "Nothing was shown.", "Open it again.")
        with self.store.reading(self._acting(combine=within in self._entered.combined)) as connection:
            still_active(connection, self.user.name, self.grant)
            return statement(connection, *args, **kwargs)

    def stage(
        self,
        operation: Operation,
        thing: Thing,
        statement: Callable[Concatenate[Connection, Given], Found],
        *args: Given.args,
        **kwargs: Given.kwargs,
    ) -> Found:
        """Write a piece (at most 500 rows) of what one later act accepts and enters; invisible until then.

        Raises: Refused, StoreUnavailable.
        """
        self._refuse_in_doubt()
        try:
            check(self.user, operation, thing)
        except Refused:
            with self.act(operation, thing, reason=Reason(ReasonCode.MAINTENANCE)):
                pass  # never reached: an act of that kind is refused alike, and the refusal is entered
            raise
        with self.store.acting(self._acting(combine=(operation, thing) in COMBINED), piece=True) as connection:
            return statement(connection, *args, **kwargs)

    def carry_on(
        self,
        statement: Callable[Concatenate[Connection, Given], Found],
        *args: Given.args,
        **kwargs: Given.kwargs,
    ) -> Found:
        """Write a piece of what two people have signed for; the act that ends it enters all of it.

        Raises: StoreUnavailable.
        """
        with self.store.acting(self._acting(combine=True), piece=True) as connection:
            return statement(connection, *args, **kwargs)

    def within(self, connection: Connection) -> Act:
        """Return an act on a transaction that is under way, for rooms that bring up to date what a piece touches."""
        return Act(connection, self, set(), {}, "", Reason(ReasonCode.MAINTENANCE))

    def write_files_anew(self, due: Callable[[Connection], int]) -> int:
        """Write both files anew where ``due`` finds something; others wait for their turn. Return what it found.

        Raises: StoreUnavailable (no room, or somebody went on reading).
        """
        with self.store.turn():
            found = self.look(due)
            if found:
                folder, generation = self.store.folder, self.store.generation
                write_anew(data_file(folder, generation), self._store_keys.data)
                write_anew(person_keys_file(folder, generation), self._store_keys.person)
            return found

    def checkpoint(self) -> None:
        """Write a signed checkpoint of the trail, unless the newest covers it.

        Raises: IntegrityFailure (the trail does not extend the newest), StoreUnavailable.
        """
        newest = self.look(db.heads.keep, self.store.folder, self.user.name, self._pairs)
        self.covered = newest.size if newest else 0

    def cosigned(self, checkpoint: notes.Checkpoint) -> notes.Checkpoint:
        """Return a checkpoint with this user's signature and cosignature; the caller has proved that it may be."""
        signed = notes.signed(checkpoint, self.user.name, self._pairs)
        return notes.cosigned(signed, self.user.name, self._pairs, int(self.clock.now().timestamp()))

    def may(self, operation: Operation, thing: Thing) -> bool:
        """Say whether this user's role may do so; a screen hides what it may not."""
        return may(self.user, operation, thing)

    def take_role(self, role: Role, *, grant: int | None, founded: bool, is_waiting: bool = False) -> None:
        """Take the role that a grant gives, until that grant ends; for the rooms that verify grants."""
        self.user = replace(self.user, role=role, is_waiting=is_waiting)
        self.grant = (grant, founded)

    def keep_crash(self, reference: str, detail: str) -> None:
        """Seal what went wrong into the store, with an entry that says only that something did.

        Raises: StoreUnavailable, IntegrityFailure.
        """
        entry = Entry(Operation.ALTER, Thing.STORE, Reason(ReasonCode.MAINTENANCE), set(), "", {"crash": reference})
        report = db.crashes.CrashReport(reference, stamp(self.clock.now()), self.user.name)
        with self.store.acting(self._acting_as("none")) as connection:
            db.crashes.add(connection, report, detail, self.crash_key())
            self._append(connection, entry, "done")

    def store_opened(self) -> None:
        """Finish what an earlier process was killed in the middle of."""
        with self.store.alone_at_staging() as alone:
            if alone:
                with self.store.acting(self._acting_as("none")) as connection:
                    db.batches.sweep_abandoned(connection)

    @contextmanager
    def header_work(self) -> Iterator[HeaderWork]:
        """Hold the vault's header, to change it in an act within.

        What takes long (stretching a passphrase) comes before the act, so that no writer waits for it. The draft is
        written as the last thing in the act, just before it commits, and put back where it does not; a kill between the
        two is mended by what the opening of a session and the adding of a user look for.

        Raises: StoreUnavailable, IntegrityFailure, and what the block raises.
        """
        with changing_header(self.store.folder, self._store_keys) as draft:
            yield HeaderWork(draft, self._pairs, self._store_keys)

    def close(self) -> None:
        """Write a checkpoint, close the store and drop the keys, and what was held in memory."""
        if self._is_closed:
            return
        self._is_closed = True
        if self.doubt is None:
            # Closing goes on whatever happens; the next opening compares and says what is wrong.
            with suppress(KingshurstError):
                self.checkpoint()
        self.held.clear()
        self.compartments.wipe()
        self.store.close()
        self.wipe_keys()

    def _acting(self, *, combine: bool) -> Acting:
        if combine:
            return self._acting_as("combine")
        sees_people = self.user.role in CASE_READERS and not self.user.is_waiting
        return self._acting_as("person" if sees_people else "none")

    def _acting_as(self, sight: str) -> Acting:
        today: date = self.clock.today()
        return Acting(self.user.name, self.user.agency, self.purpose, today.isoformat(), sight)

    def _refuse_in_doubt(self) -> None:
        if self.doubt is not None:
            raise self.doubt

    def _checkpoint_in_time(self, seq: int) -> None:
        if seq - self.covered < CHECKPOINT_EVERY:
            return
        try:
            self.checkpoint()
        except IntegrityFailure as failed:
            self.doubt = failed
        except KingshurstError:
            return  # the entry is committed; the next one tries again

    def _close_unconfirmed(self, connection: Connection) -> None:
        # Vital interests open a profile at once, for 24 hours; nobody reads it one act longer without a second person.
        yesterday = (self.clock.today() - timedelta(days=1)).isoformat()
        db.openings.close_unconfirmed(connection, stamp(self.clock.now()), yesterday)

    def _append(self, connection: Connection, entry: Entry, result: str) -> int:
        body = entry.body(self.user, self.purpose, mark=self.mark, at=stamp(self.clock.now()), result=result)
        if totals := self.store.totals_to_state(connection):
            body[commitments.STATED] = totals
        return db.audit.append(connection, self._pairs, body, typed=entry.words(), words_key=self._words_key)


def _can_count() -> bool:
    """Say whether this process has loaded what counts people anew; it takes longer than anybody should have a turn."""
    recounting = sys.modules.get("kingshurst_tui.casework.recounting")
    return recounting is not None and getattr(recounting, "is_loaded", False)


def session_over(
    store: Store,
    slot: Slot,
    purpose: str,
    clock: Clock,
    *,
    demonstration: bool,
    pairs: keys.UserKeys,
    store_keys: StoreKeys,
    person_keys: PersonKeys,
) -> Session:
    """Return the session of the user whose slot opened the store; until a grant was verified it may next to nothing."""
    return Session(
        store,
        User(slot.user, Role(slot.role), slot.agency, is_waiting=slot.kind != RECOVERY),
        purpose,
        clock,
        demonstration,
        _pairs=pairs,
        _store_keys=store_keys,
        _person_keys=person_keys,
    )
