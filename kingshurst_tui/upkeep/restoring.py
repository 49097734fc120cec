"""A copy brought back into use: never over a live store, what it lacks is said, what was erased stays erased.

Class of control: cryptographic for who can open a copy and for what a held checkpoint covers; client-enforced for the
replaying of erasures: whoever holds the copy's keys and their own Python can read the copy as it was made, except what
lay under per-person keys that were destroyed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from db import copies, heads, notes
from db.bringing_back import ROOM, BroughtBack, bring_back, refuse_newer, with_header
from db.scratch import check_room, scratch
from db.slots import StoreKeys
from db.vault import read_header
from kingshurst_tui.clock import Clock, SystemClock
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.oversight.held_checkpoints import held_file, read_held
from kingshurst_tui.upkeep import erasure_list
from kingshurst_tui.upkeep.drills import Opener
from kingshurst_tui.upkeep.replaced_store import Replaced, claim, clear_up, look_at, place, swap
from kingshurst_tui.upkeep.restored_trail import finish

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back.

    Attributes:
        entries: entries of the trail that the copy held; ``root`` is the tree's over them.
        missing_to: the last entry known to have been made since; None where nothing newer is known.
        erased_again: erasures made since the copy that were carried out on it.
        found_nobody: those of them whose person no profile of the copy goes by.
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
    found_nobody: int
    not_replayed: int
    list_whole: bool
    erasures_asked: bool
    shut_out: tuple[str, ...]
    compared_with: tuple[str, ...]
    person_keys: bool
    aside: Path | None
    seconds: float


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
        there = claim(target, manifest, replace_store, stack)
        check_room(target.parent, int(manifest.size * ROOM))
        within = stack.enter_context(scratch(target.with_name(f".{target.name}.restoring")))
        clear_up(target)
        say("Comparing the copy with its manifest")
        folder = copies.lay_out(names, manifest, within / "vault")
        slot_name, pairs, copy_keys = opener.open(read_header(folder))
        old = look_at(target, opener, copy_keys) if there else Replaced()
        new_keys = copy_keys.rotated()
        generation = max(manifest.generation, old.generation) + 1
        brought = bring_back(names, manifest, folder, copy_keys, new_keys, generation, say)
        brought.refuse_wrong()
        brought, shut_out = _as_now(brought, old, new_keys)
        say("Entering what it lacks in the trail, and erasing again what was erased since")
        gap = finish(brought, slot_name, pairs, new_keys, clock, old, held, listed, shut_out)
        read_header(folder).check(new_keys)  # the last that can fail: once it has its place, it is said to be there
        say("Putting it in place")
        aside = swap(folder, target, clock) if there else None
        if not there:
            place(folder, target)
        for each in (copy_keys, new_keys):
            each.wipe()
    return Restored(
        generation,
        manifest.entries,
        manifest.root,
        manifest.made_at,
        gap.missing_to,
        gap.erased,
        gap.found_nobody,
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


def _as_now(brought: BroughtBack, old: Replaced, new_keys: StoreKeys) -> tuple[BroughtBack, dict[str, str]]:
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
