"""A copy brought back into use: never over a live store, what it lacks is said, what was erased stays erased.

Class of control: cryptographic for who can open a copy and for what a held checkpoint covers; client-enforced for the
replaying of erasures: whoever holds the copy's keys and their own Python can read the copy as it was made, except what
lay under per-person keys that were destroyed.
"""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import db.audit
import db.users
from db import copies, damage, erasure_lists, heads, holding, keys, notes, rotation
from db.bringing_back import ROOM, BroughtBack, bring_back, refuse_newer, with_header
from db.erasure_lists import SignedErasure
from db.errors import disk_refused
from db.person_keys import person_keys_file
from db.restores import RESTORED
from db.scratch import check_room, exchange, rename, scratch
from db.slots import StoreKeys
from db.store import administering, data_file
from db.turnstile import lock_file
from db.vault import HEADER, Header, read_header
from kingshurst_tui.acts import Fact, Reason
from kingshurst_tui.clock import Clock, SystemClock
from kingshurst_tui.errors import InputRejected, IntegrityFailure, KingshurstError, Refused, StoreLocked
from kingshurst_tui.granting.grants import end_all
from kingshurst_tui.granting.taking_up import take_up
from kingshurst_tui.oversight.held_checkpoints import held_file, read_held
from kingshurst_tui.session import Session
from kingshurst_tui.upkeep import erasure_list
from kingshurst_tui.upkeep.drills import Opener
from kingshurst_tui.upkeep.erasure_list import ErasureList
from kingshurst_tui.vaults import FIRST_PURPOSE, session_on
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)
_MARK = "restore.unfinished"
"""Lies in a restored store until it has its place; a folder set aside that still has it is no store that was used."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back.

    Attributes:
        entries: entries of the trail that the copy held; ``root`` is the tree's over them.
        missing_to: the last entry known to have been made since; None where nothing newer is known.
        erased_again: erasures made since the copy that were carried out on it.
        not_replayed: erasures that were not, because nobody known signed for them.
        list_whole: whether the list that was given is as somebody known wrote it; so where none was given.
        erasures_asked: whether a list, or the store that was there, could say what was erased since.
        shut_out: users who left or were suspended since, and stay so.
        compared_with: with what the copy's trail was compared, in words.
        aside: where the store that was replaced lies now.
    """

    generation: int
    entries: int
    root: str
    made_at: str
    missing_to: int | None
    erased_again: int
    not_replayed: int
    list_whole: bool
    erasures_asked: bool
    shut_out: tuple[str, ...]
    compared_with: tuple[str, ...]
    person_keys: bool
    aside: Path | None
    seconds: float


@dataclass
class _Replaced:
    """The store that is there, as far as it can be read with the same person's key."""

    generation: int = 0
    header: Header | None = None
    entries: int = 0
    root: bytes = b""
    newest: notes.Checkpoint | None = None
    known: heads.Known = field(default_factory=dict)
    erasures: list[SignedErasure] = field(default_factory=list)


def restore(
    file: Path,
    target: Path,
    opener: Opener,
    *,
    replace_store: bool = False,
    erasures: Path | None = None,
    checkpoints: Sequence[Path] = (),
    clock: Clock | None = None,
    tell: Tell | None = None,
) -> Restored:
    """Bring a copy back as the store in ``target``.

    Args:
        target: a folder that is not there, or empty; or a store that a check found damaged.
        replace_store: put it in the place of a store that nobody has open; that one is kept beside it.
        erasures: the newest list that ``kingshurst erase export`` wrote.
        checkpoints: what supervisors hold, so that the entry says all that is missing.

    Raises:
        Refused (a store is there; the folder is in use), StoreLocked (somebody is signed in; not sealed to this user),
        WrongPassphrase, InputRejected, IntegrityFailure (the copy is not whole, or contradicts a checkpoint),
        StoreUnavailable. The store that is there is then as it was.
    """
    begun, clock, say = time.monotonic(), clock or SystemClock(), tell or (lambda _: None)
    target = target.absolute()
    names = copies.Names(file)
    manifest = copies.read_manifest(names)
    refuse_newer(manifest)
    listed = erasure_list.read(erasures, manifest.vault) if erasures else None
    held = list(_held(manifest.vault, checkpoints))
    with ExitStack() as stack:
        there = _claim(target, manifest, replace_store, stack)
        check_room(target.parent, int(manifest.size * ROOM))
        within = stack.enter_context(scratch(target.with_name(f".{target.name}.restoring")))
        _clear_up(target)
        say("Comparing the copy with its manifest")
        folder = copies.lay_out(names, manifest, within / "vault")
        slot_name, pairs, copy_keys = opener.open(read_header(folder))
        old = _look_at(target, opener, copy_keys) if there else _Replaced()
        new_keys = copy_keys.rotated()
        generation = max(manifest.generation, old.generation) + 1
        brought = bring_back(names, manifest, folder, copy_keys, new_keys, generation, say)
        brought.refuse_wrong()
        brought, shut_out = _as_now(brought, old, new_keys)
        say("Entering what it lacks in the trail, and erasing again what was erased since")
        gap = _finish(brought, slot_name, pairs, new_keys, clock, old, held, listed, shut_out)
        read_header(folder).check(new_keys)  # the last that can fail: once it has its place, it is said to be there
        say("Putting it in place")
        aside = _swap(folder, target, clock) if there else None
        if not there:
            _place(folder, target)
        for each in (copy_keys, new_keys):
            each.wipe()
    return Restored(
        generation,
        manifest.entries,
        manifest.root,
        manifest.made_at,
        gap.missing_to,
        gap.erased,
        gap.not_replayed,
        gap.list_whole,
        erasures is not None or bool(old.root),
        tuple(f"{name} ({status})" for name, status in shut_out.items()),
        gap.compared,
        names.person_keys.exists(),
        aside,
        time.monotonic() - begun,
    )


def _held(vault: str, checkpoints: Sequence[Path]) -> Iterator[tuple[str, notes.Checkpoint]]:
    for path in (held_file(vault), *checkpoints):
        found = read_held(path, heads.origin(vault))
        if found is not None:
            yield f"the checkpoint held in {path}", found
        elif path in checkpoints:
            raise InputRejected("There is no such checkpoint.", f"{path}. Nothing was changed.", "Check the path.")


def _claim(target: Path, manifest: copies.Manifest, replace_store: bool, stack: ExitStack) -> bool:
    """Say whether a store is there that is to be replaced, and hold it alone until the end."""
    if target.is_symlink():
        raise Refused("The store's folder is a link.", f"{target}. Nothing was changed.", "Name the folder itself.")
    if not target.exists():
        if not target.parent.is_dir():
            raise InputRejected(
                "There is no such folder.", f"{target.parent}. Nothing was changed.", "Make it, and try again."
            )
        return False
    if not (target / HEADER).exists():
        if target.is_dir() and not any(target.iterdir()):
            return False
        raise Refused("The folder is not empty.", f"{target} was not touched.", "Choose a new folder for the store.")
    if not replace_store and not (target / damage.MARK).exists():
        raise Refused(
            "There is a store here, and a backup is never restored over one.",
            f"{target} was not touched.",
            "Restore into a new folder; or, to put the backup in its place: kingshurst restore FILE STORE --replace",
        )
    with suppress(IntegrityFailure):  # a header that cannot be read is a reason to restore
        if read_header(target).vault != manifest.vault:
            raise Refused(
                "The store here is another one.",
                f"The backup is of {manifest.vault}. {target} was not touched.",
                "Restore into a new folder.",
            )
    hold = holding.have_alone(target)
    stack.callback(hold.close)
    try:
        (target / _MARK).unlink(missing_ok=True)
    except OSError as failed:
        raise disk_refused(failed) from failed
    return True


def _look_at(target: Path, opener: Opener, copy_keys: StoreKeys) -> _Replaced:
    """Read what can be read of the store that is there: how far its trail goes, who left since, what was erased."""
    old = _Replaced()
    try:
        header = read_header(target)
        old.generation = header.generation
        _, _, store_keys = opener.open(header)
    except KingshurstError:
        return old
    if store_keys.lasting != copy_keys.lasting:
        raise Refused(
            "The store here has other keys than the one that was copied.",
            f"{target} was not touched.",
            "Restore into a new folder.",
        )
    old.header = header
    with suppress(KingshurstError), administering(target, header.generation, store_keys.data) as connection:
        of = heads.origin(header.vault)
        old.known = heads.known_keys(connection, header)
        old.newest = next(heads.newest_first(target, of, old.known), None)
        old.erasures = list(erasure_lists.of_store(connection).values())
        now = heads.current(connection, of)
        old.entries, old.root = now.size, now.root
    store_keys.wipe()
    return old


def _as_now(brought: BroughtBack, old: _Replaced, new_keys: StoreKeys) -> tuple[BroughtBack, dict[str, str]]:
    """Keep out whoever left or was suspended since the copy was made."""
    if old.header is None:
        return brought, {}
    shut_out: dict[str, str] = {}
    header = brought.header
    for slot in brought.header.users:
        now = old.header.slot(slot.user)
        if now is None:
            shut_out[slot.user] = "left"
            header = header.without_slot(slot.user)
        elif slot.status == "active" != now.status:
            shut_out[slot.user] = now.status
            header = header.with_slot(replace(slot, status=now.status))
    return (with_header(brought, header, new_keys) if shut_out else brought), shut_out


@dataclass(frozen=True, slots=True)
class _Gap:
    missing_to: int | None
    erased: int
    not_replayed: int
    list_whole: bool
    compared: tuple[str, ...]


def _finish(
    brought: BroughtBack,
    slot_name: str,
    pairs: keys.UserKeys,
    new_keys: StoreKeys,
    clock: Clock,
    old: _Replaced,
    held: list[tuple[str, notes.Checkpoint]],
    listed: ErasureList | None,
    shut_out: dict[str, str],
) -> _Gap:
    slot = next((each for each in brought.header.slots if each.user == slot_name), None)
    if slot is None or slot.status != "active":
        raise StoreLocked(
            "Who opened the backup may not open the store any more.",
            "They left, or were suspended, since the backup was made. Nothing was changed.",
            "Another information governance officer can do this, or whoever has the recovery key.",
        )
    own = new_keys.another()  # the session wipes its keys when it closes
    session = session_on(brought.folder, brought.header, slot, pairs, own, clock, None)
    session.covered = brought.manifest.entries
    try:
        take_up(session, brought.header.vault)
        return _entered(session, brought, old, held, listed, shut_out)
    except BaseException:
        session.doubt = KingshurstError("This store was given up.")  # it gets no checkpoint
        raise
    finally:
        session.close()
        generation = brought.header.generation
        with suppress(KingshurstError):
            rotation.settle(data_file(brought.folder, generation), new_keys.data)
            rotation.settle(person_keys_file(brought.folder, generation), new_keys.person)


def _entered(
    session: Session,
    brought: BroughtBack,
    old: _Replaced,
    held: list[tuple[str, notes.Checkpoint]],
    listed: ErasureList | None,
    shut_out: dict[str, str],
) -> _Gap:
    manifest = brought.manifest
    purposes = session.look(db.users.purposes)
    session.purpose = FIRST_PURPOSE if FIRST_PURPOSE in purposes else next(iter(purposes), "")
    known = _together(session.look(heads.known_keys, brought.header), old.known)
    if old.newest is not None:
        held = [*held, ("the newest checkpoint of the store that was there", old.newest)]
    for what, checkpoint in held:
        if checkpoint.size <= manifest.entries and session.look(heads.doubt, checkpoint, iter(())) is not None:
            raise IntegrityFailure(
                "The backup contradicts a checkpoint.",
                f"{what[:1].upper()}{what[1:]} covers {checkpoint.size:,} entries (code {checkpoint.code}); the first "
                f"{checkpoint.size:,} entries of the backup are not those. Nothing was changed.",
                "Take an earlier backup, and tell the supervisor and the information governance officer.",
            )
    ends = [(checkpoint.size, checkpoint.root.hex()) for _, checkpoint in held]
    if old.root:
        ends.append((old.entries, old.root.hex()))
    newest, newest_root = max(ends, default=(0, ""))
    missing = newest if newest > manifest.entries else None
    erasures = [*(listed.erasures if listed else ()), *old.erasures]
    signed = [each for each in erasures if each.signed(known)]
    list_whole = listed is None or listed.whole(known)
    facts: dict[str, Fact] = {
        RESTORED: "done",
        "generation": brought.header.generation,
        "copied_at": manifest.made_at,
        "copied_by": manifest.made_by,
        "entries": manifest.entries,
        "root": manifest.root,
        "missing_from": manifest.entries + 1 if missing else None,
        "missing_to": missing,
        "missing_root": newest_root if missing else None,
    }
    with session.act(Operation.ALTER, Thing.STORE, reason=_MAINTENANCE, facts=facts) as act:
        for name, status in shut_out.items():
            act.write(db.users.set_status, name, status)
        act.write(erasure_lists.enter_again, signed)
        act.note(users_shut_out=len(shut_out), erasures_known=len(signed), erasure_list_whole=list_whole)
    for name in (name for name, status in shut_out.items() if status == "left"):
        end: dict[str, Fact] = {"user": name, "status": "left"}
        with session.act(Operation.ADMINISTER, Thing.USER, reason=_MAINTENANCE, facts=end, signed_for=True) as act:
            end_all(act, name)
            act.write(db.users.end_grants, name)
    replayed = replay_erasures(session, known)
    return _Gap(
        missing,
        replayed,
        len({each.document for each in erasures})
        - len({each.document for each in signed})
        + len({subject for each in signed for subject in each.unsigned_subjects}),
        list_whole,
        tuple(what for what, _ in held) + (("the trail of the store that was there",) if old.root else ()),
    )


def replay_erasures(session: Session, known: heads.Known) -> int:
    """Carry out every erasure that is signed for and not done, before anybody else can read; return how many.

    Args:
        known: everybody's public keys, of those too who came after the copy was made.
    """
    from kingshurst_tui.oversight.erasure import complete_pending

    return len(complete_pending(session, known))


def _together(one: heads.Known, other: heads.Known) -> heads.Known:
    return {name: (*one.get(name, ()), *other.get(name, ())) for name in one | other}


def _place(folder: Path, target: Path) -> None:
    try:
        if target.exists():
            target.rmdir()
    except OSError as failed:
        raise disk_refused(failed) from failed
    rename(folder, target)


def _swap(folder: Path, target: Path, clock: Clock) -> Path:
    """Let the restored store change places with the one that is there; at one moment, where the system can.

    Elsewhere there is a moment at which neither has the name; both are whole then, and the one that was there lies
    aside.
    """
    when = f"{target.name}.replaced-{clock.now():%Y%m%dT%H%M%SZ}"
    endings = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
    aside = next(path for ending in endings if not (path := target.with_name(when + ending)).exists())
    lock_file(folder / _MARK).close()
    rename(folder, aside)
    if not exchange(aside, target):
        between = target.with_name(f"{aside.name}.new")
        rename(aside, between)
        rename(target, aside)
        rename(between, target)
    with suppress(OSError):  # where it stays, it goes before this store is itself replaced
        (target / _MARK).unlink(missing_ok=True)
    return aside


def _clear_up(target: Path) -> None:
    """Remove what a restore that was killed left beside the store: restored stores that never had its name."""
    for path in target.parent.glob(f"{target.name}.replaced-*"):
        if path.is_dir() and (path / _MARK).exists():
            shutil.rmtree(path, ignore_errors=True)
