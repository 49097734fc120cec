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
import db.consents
import db.crashes
import db.heads
import db.recounts
import db.role_grants
from db import commitments, keys, notes
from db.compartments import Holding
from db.person_keys import PersonKeys
from db.slots import RECOVERY
from db.store import Acting, Store, write_back_log
from db.vault import HeaderDraft, Slot, StoreKeys, changing_header
from kingshurst_tui.acts import Act, Entry, Fact, Reason, User
from kingshurst_tui.clock import Clock, stamp
from kingshurst_tui.errors import (
    IntegrityFailure,
    KingshurstError,
    NotFound,
    ReasonNeeded,
    Refused,
    StoreLocked,
)
from kingshurst_tui.permissions import CASE_READERS, COMBINED, WHILE_WAITING, allowed
from kingshurst_tui.version import VERSION
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
class Session:
    """One person's signed-in time at the store. Everything that is done goes through ``act``."""

    store: Store
    user: User
    purpose: str
    clock: Clock
    demonstration: bool = False
    _pairs: keys.UserKeys = field(kw_only=True, repr=False)
    _store_keys: StoreKeys = field(kw_only=True, repr=False)
    _person_keys: PersonKeys = field(kw_only=True, repr=False)

    def __post_init__(self) -> None:
        self.mark = secrets.token_hex(4)
        self._words_key = keys.derive(self._store_keys.lasting, "kingshurst/words/1")
        self.digest_key = keys.derive(self._store_keys.lasting, "kingshurst/row-keys/1")
        self._seen_within: set[tuple[str, str]] = set()
        self._entered_within: set[str] = set()
        self._combined_within: set[str] = set()
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
                self._check(operation, thing, combine=combine)
            with self._turn(self._acting(combine=combine)) as connection:
                self._still_active(connection)
                self._close_unconfirmed(connection)
                act = Act(connection, self, entry.subjects, entry.facts, typed, reason)
                yield act
                entry.typed, entry.reason = act.typed, act.reason
                if not self._seen_already(entry, within):
                    seq = self._append(connection, entry, "done")
            self._remember(entry, within)
            if combine and within is not None:
                self._combined_within.add(within)
            self._checkpoint_in_time(seq)
        except (Refused, ReasonNeeded, NotFound) as refused:
            entry.facts = {"refused": refused.title}
            if isinstance(refused, NotFound):
                # What was asked for is nobody's pseudonym, and may be anything that somebody typed: sealed, not named.
                entry.facts = {"refused": "There is nothing of that name."}
                entry.typed, entry.subjects = "\n".join([entry.typed, *sorted(entry.subjects)]), set()
            with self.store.acting(self._acting(combine=False)) as connection:
                self._role_stands(db.role_grants.standing(connection, self.user.name))
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
        if within not in self._entered_within:
            raise Refused("The list is not open.", "Nothing was shown.", "Open it again.")
        with self.store.reading(self._acting(combine=within in self._combined_within)) as connection:
            self._still_active(connection)
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
            self._check(operation, thing)
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

    def write_back_log(self) -> None:
        """Write the log back into the data file and empty it, so that what was deleted is in neither."""
        write_back_log(self.store.folder, self.store.generation, self._store_keys.data)

    def sign(self, document: object) -> tuple[bytes, bytes]:
        """Return the canonical JSON of a document and this user's signature of it."""
        canonical = keys.canonical(document)
        return canonical, self._pairs.sign(canonical)

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

    def new_pseudonyms(self, count: int) -> list[str]:
        """Return pseudonyms for new profiles, each under a salt of its own."""
        return self._person_keys.new_pseudonyms(count)

    def destroy_salts(self, pseudonyms: Iterable[str]) -> None:
        """Destroy the salts of people who are being erased: their pseudonyms mean nothing from here on."""
        self._person_keys.destroy(pseudonyms)

    @property
    def sealing_public(self) -> bytes:
        """The public half that others seal to, of the pair that opened the store."""
        return self._pairs.sealing_public

    def unsealed(self, sealed: bytes, about: bytes) -> bytes:
        """Return what was sealed to this user's own pair. Raises: db.keys.SealBroken."""
        return keys.unseal(self._pairs, sealed, about)

    def key_with_person(self, pseudonym: str, secret: bytes, purpose: str) -> bytes:
        """Return a key that takes a secret and a person's salt; the salt is shown to nobody.

        Raises: db.keys.SealBroken (the salt was destroyed), StoreUnavailable.
        """
        return self._person_keys.mixed(pseudonym, secret, purpose)

    def typed_words(self, connection: Connection, seq: int) -> str | None:
        """Return what was typed for an audit entry; for rooms of oversight, inside an act on the trail."""
        return db.audit.typed_words(connection, seq, self._words_key)

    def seal_words(self, words: str, place: str) -> bytes:
        """Return words that somebody typed, sealed for the place in the store where they are kept."""
        return keys.close_box(self._words_key, words.encode(), place.encode())

    def open_words(self, sealed: bytes, place: str) -> str:
        """Return words sealed for that place; for rooms, inside an act on what they belong to."""
        return keys.open_box(self._words_key, sealed, place.encode()).decode()

    def may(self, operation: Operation, thing: Thing) -> bool:
        """Say whether this user's role may do so; a screen hides what it may not."""
        if self.user.is_waiting:
            return (operation, thing) in WHILE_WAITING
        return allowed(self.user.role, operation, thing)

    def take_role(self, role: Role, *, grant: int | None, founded: bool, is_waiting: bool = False) -> None:
        """Take the role that a grant gives, until that grant ends; for the rooms that verify grants."""
        self.user = replace(self.user, role=role, is_waiting=is_waiting)
        self.grant = (grant, founded)

    @property
    def signing_public(self) -> bytes:
        """The public half of the pair that this user signs with."""
        return self._pairs.signing_public

    def keys_for_upkeep(self) -> StoreKeys:
        """Return the store's keys to a room that keeps files (checking, copying); after ``act`` has let it in."""
        return self._store_keys

    def keep_crash(self, reference: str, detail: str) -> None:
        """Seal what went wrong into the store, with an entry that says only that something did.

        Raises: StoreUnavailable, IntegrityFailure.
        """
        entry = Entry(Operation.ALTER, Thing.STORE, Reason(ReasonCode.MAINTENANCE), set(), "", {"crash": reference})
        report = db.crashes.CrashReport(reference, stamp(self.clock.now()), self.user.name)
        with self.store.acting(self._acting_as("none")) as connection:
            db.crashes.add(connection, report, detail, self.crash_key())
            self._append(connection, entry, "done")

    def crash_key(self) -> bytes:
        """Return the key that reports of crashes are sealed under; it outlives a rotation."""
        return keys.derive(self._store_keys.lasting, "kingshurst/crash/1")

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
        self._person_keys.close()
        self._store_keys.wipe()

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

    def _check(self, operation: Operation, thing: Thing, *, combine: bool = False) -> None:
        if combine and (operation, thing) not in COMBINED:
            raise Refused("No machine combines rows for such an act.", "Nothing was shown or changed.")
        if self.may(operation, thing):
            return
        if self.user.is_waiting:
            raise Refused(
                "Your role waits for a second person.",
                f"You are to be {self.user.role}, and nobody has confirmed it yet. Nothing was shown or changed. "
                "The refusal is in the audit trail.",
                "Who may confirm it: kingshurst user list STORE",
            )
        raise Refused(
            f"The role of {self.user.role} may not {operation} this ({thing}).",
            "Nothing was shown or changed. The refusal is in the audit trail.",
            "The table of roles (docs/roles.md) says who may.",
        )

    def _still_active(self, connection: Connection) -> None:
        found = db.role_grants.standing(connection, self.user.name)
        if found.status is not None and found.status != "active":
            raise StoreLocked(
                "This user may no longer act in the store.",
                f"The user is {found.status}. Nothing was shown or changed.",
                "An administrator can say why.",
            )
        self._role_stands(found)

    def _role_stands(self, found: db.role_grants.Standing) -> None:
        if self.grant is not None and (found.grant, found.founded) != self.grant:
            raise StoreLocked(
                "Your role was changed meanwhile.",
                "Nothing was shown or changed.",
                "Sign in again: you then have the role that was given to you.",
            )

    def _close_unconfirmed(self, connection: Connection) -> None:
        # Vital interests open a profile at once, for 24 hours; nobody reads it one act longer without a second person.
        yesterday = (self.clock.today() - timedelta(days=1)).isoformat()
        db.consents.close_unconfirmed(connection, stamp(self.clock.now()), yesterday)

    def _seen_already(self, entry: Entry, within: str | None) -> bool:
        return (
            within is not None
            and entry.operation is Operation.CONSULT
            and bool(entry.subjects)
            and all((within, subject) in self._seen_within for subject in entry.subjects)
        )

    def _remember(self, entry: Entry, within: str | None) -> None:
        if within is not None:
            self._entered_within.add(within)
            self._seen_within.update((within, subject) for subject in entry.subjects)

    def _append(self, connection: Connection, entry: Entry, result: str) -> int:
        typed = "\n".join(part for part in (entry.reason.text.strip(), entry.typed.strip()) if part)
        # A terminal or a shell may hand over half a character.
        words = typed.encode(errors="replace").decode()
        body = {
            "time": stamp(self.clock.now()),
            "actor": self.user.name,
            "role": self.user.stated_role,
            "agency": self.user.agency,
            "session": self.mark,
            "operation": entry.operation.value,
            "thing": entry.thing.value,
            "subjects": sorted(entry.subjects),
            "purpose": self.purpose,
            "reason": entry.reason.code.value,
            "result": result,
            "facts": entry.facts,
            "software": VERSION,
        }
        if totals := self.store.totals_to_state(connection):
            body[commitments.STATED] = totals
        return db.audit.append(connection, self._pairs, body, typed=words, words_key=self._words_key)


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
