"""What a copy that is brought back lacks: entered in its trail, and erased again, before anybody reads it.

Class of control: cryptographic for what a held checkpoint covers; client-enforced for the replaying of erasures:
whoever holds the copy's keys and their own Python can read the copy as it was made, except what lay under per-person
keys that were destroyed.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import db.erasing
import db.users
from db import erasure_lists, heads, keys, notes, rotation
from db.bringing_back import BroughtBack
from db.person_keys import person_keys_file
from db.restores import RESTORED
from db.slots import StoreKeys
from db.store import data_file
from kingshurst_tui.acts import Fact, Reason
from kingshurst_tui.clock import Clock
from kingshurst_tui.errors import IntegrityFailure, KingshurstError, StoreLocked
from kingshurst_tui.granting.grants import end_all
from kingshurst_tui.granting.taking_up import take_up
from kingshurst_tui.oversight import erasure_signers
from kingshurst_tui.session import Session
from kingshurst_tui.upkeep.erasure_list import ErasureList
from kingshurst_tui.upkeep.replaced_store import Replaced
from kingshurst_tui.vaults import FIRST_PURPOSE, session_on
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)


@dataclass(frozen=True, slots=True)
class Gap:
    """What was found to be missing, and what was erased again."""

    missing_to: int | None
    erased: int
    found_nobody: int
    not_replayed: int
    list_whole: bool
    compared: tuple[str, ...]


def finish(
    brought: BroughtBack,
    slot_name: str,
    pairs: keys.UserKeys,
    new_keys: StoreKeys,
    clock: Clock,
    old: Replaced,
    held: list[tuple[str, notes.Checkpoint]],
    listed: ErasureList | None,
    shut_out: dict[str, str],
) -> Gap:
    """Enter in the trail what the copy lacks, and erase again what was erased since; as whoever brought it back."""
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
    old: Replaced,
    held: list[tuple[str, notes.Checkpoint]],
    listed: ErasureList | None,
    shut_out: dict[str, str],
) -> Gap:
    manifest = brought.manifest
    purposes = session.look(db.users.purposes)
    session.purpose = FIRST_PURPOSE if FIRST_PURPOSE in purposes else next(iter(purposes), "")
    known = session.look(erasure_signers.introduced, brought.header.vault).with_later(old.signers)
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
    replayed, found_nobody = replay_erasures(session, known)
    return Gap(
        missing,
        replayed,
        found_nobody,
        len({each.document for each in erasures})
        - len({each.document for each in signed})
        + len({subject for each in signed for subject in each.unsigned_subjects}),
        list_whole,
        tuple(what for what, _ in held) + (("the trail of the store that was there",) if old.root else ()),
    )


def replay_erasures(session: Session, known: heads.Known) -> tuple[int, int]:
    """Carry out every erasure that is signed for and not done, before anybody else can read.

    Returns how many there were, and how many people's of them found nobody: neither their profile nor a record that was
    theirs, by whatever profile it was held when the copy was made. They came after it; or their records were taken back
    and came anew since, and lie in it under other marks.

    Args:
        known: whose signatures count, of those too who came after the copy was made.
    """
    from kingshurst_tui.oversight.erasing import complete_pending

    people = {row.id: row.document for row in session.look(db.erasing.every, "confirmed") if row.kind == "person"}
    done = complete_pending(session, known)
    # Pseudonyms that had been merged are erased one by one: one of them found is the person found.
    found = {
        people[each.number]
        for each in done
        if each.number in people and {"profile", "source_record"} & each.counts.keys()
    }
    return len(done), len({people[each.number] for each in done if each.number in people} - found)
