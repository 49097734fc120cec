"""Profiles brought to what a plan says: members, aliases, new ids, and what is reopened by it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import db.case_access
import db.links
import db.profiles
import db.referrals
import db.whom_erased
from db.sight import combining
from kingshurst_tui.clock import stamp
from kingshurst_tui.linkage.plan import Person, Piece, adult_on

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from db.profiles import LinkageRecord, Resting
    from kingshurst_tui.acts import Act

STAGED = "staged"
OPEN = "open"
EMPTY = "empty"
"""Statuses of a profile besides "merged": only an open one is anybody's to see in a list."""

SPLIT = "records of somebody else were taken out of this profile"
MERGED = "records of another profile were found to be this person's"


@dataclass(slots=True)
class Written:
    """What writing one piece touched, by profile id.

    Attributes:
        touched: profiles whose contacts may count differently now, those merged away included.
        reopened: what was reopened.
        waits: nothing was changed; a second person is to agree, because a masked profile would open.
    """

    touched: set[int] = field(default_factory=set)
    reopened: list[Resting] = field(default_factory=list)
    waits: bool = False


def write_piece(
    connection: Connection, piece: Piece, pseudonyms: Sequence[str], at: str, status: str = OPEN
) -> Written | None:
    """Write one piece; return None, and nothing is written, if somebody changed its people since it was planned.

    Nor is it where one of them is about to be erased; the next run finds what is left.

    Args:
        connection: of the act or the staging transaction.
        piece: from plan.plan.
        pseudonyms: at least as many as the piece has new people.
        at: the moment, as kept.
        status: of the profiles it makes.
    """
    if piece.expected:
        now = db.profiles.profiles_of(connection, piece.expected)
        if any(now.get(record) != profile for record, profile in piece.expected.items()):
            return None
    # Erased since the plan was made, a record that nobody was known by would leave a person of whom nothing is left.
    if not db.profiles.are_there(connection, [record for person in piece.persons for record in person.arriving]):
        return None
    # Joined now, they would be deleted with somebody whom nobody signed for, or stay under the other's name.
    if _concerned(piece) & db.whom_erased.being_erased(connection):
        return None
    written = Written()
    _part(connection, piece.splits, at, written)
    _absorb(connection, piece.persons, at, written)
    ids = _made(connection, piece.persons, pseudonyms, at, status)
    db.profiles.put_members(
        connection, [(record, ids[id(person)]) for person in piece.persons for record in person.arriving]
    )
    _carry_restrictions(connection, piece, ids)
    changed = [person for person in piece.persons if person.arriving or person.absorbs or person.age_changed]
    db.profiles.set_ages(connection, [(p.adult_on, p.keeps) for p in changed if p.keeps is not None and p.age_changed])
    touched = {ids[id(person)] for person in changed} | set(piece.splits)
    if status == OPEN:
        db.profiles.touch(connection, touched)
    written.touched |= touched
    db.links.put(connection, piece.links)
    db.links.drop(connection, piece.gone)
    return written


def _concerned(piece: Piece) -> set[int]:
    """Return every profile that a piece is about."""
    kept = {person.keeps for person in piece.persons} | set(piece.expected.values())
    absorbed = {younger for person in piece.persons for younger in person.absorbs}
    return {profile for profile in kept if profile is not None} | absorbed | set(piece.splits)


def _part(connection: Connection, splits: Sequence[int], at: str, written: Written) -> None:
    if splits:
        resting = db.profiles.resting(connection, splits)
        for profile in splits:
            things = resting.get(profile, [])
            db.profiles.reopen(connection, profile, things, SPLIT, at)
            db.referrals.part(connection, profile)
            written.reopened += things


def _carry_restrictions(connection: Connection, piece: Piece, ids: dict[int, int]) -> None:
    """Keep a restricted case closed to others in every part of it: which of them it was about, its list will say."""
    splits = set(piece.splits)
    for person in piece.persons if splits else ():
        parted = {piece.expected.get(record) for record in person.arriving} & splits
        for profile in parted:
            if profile is not None and profile != ids[id(person)]:
                db.case_access.carry(connection, profile, ids[id(person)])


def _absorb(connection: Connection, persons: Sequence[Person], at: str, written: Written) -> None:
    for person in persons:
        if person.keeps is None or not person.absorbs:
            continue
        # A decision made about half of what is known now is not wrong, but somebody should look at it.
        found = db.profiles.resting(connection, [person.keeps, *person.absorbs])
        decisions = [thing for things in found.values() for thing in things if thing.thing == "decision"]
        for younger in person.absorbs:
            db.profiles.merge(connection, younger, person.keeps, at)
        db.profiles.note_reopened(connection, person.keeps, decisions, MERGED, at)
        written.touched |= {person.keeps, *person.absorbs}
        written.reopened += decisions


def _made(
    connection: Connection, persons: Sequence[Person], pseudonyms: Sequence[str], at: str, status: str
) -> dict[int, int]:
    """Return the profile id of each person, new ones made. Keyed by identity: a person has no id of its own yet."""
    new = [person for person in persons if person.keeps is None]
    given = list(pseudonyms[: len(new)])
    made = db.profiles.create(
        connection,
        [(pseudonym, person.adult_on) for pseudonym, person in zip(given, new, strict=True)],
        at,
        status,
    )
    ids = {id(person): made[pseudonym] for pseudonym, person in zip(given, new, strict=True)}
    return ids | {id(person): person.keeps for person in persons if person.keeps is not None}


def apply_piece(act: Act, piece: Piece, pseudonyms: Sequence[str]) -> Written | None:
    """Write one piece inside an act: entered by pseudonym, with the flags of everybody it touched."""
    written = act.write(write_piece, piece, pseudonyms, stamp(act.session.clock.now()))
    if written is None:
        act.note(left_for_next_run=True)
        return None
    people = act.read(db.profiles.known, written.touched)
    act.concerns(profile.pseudonym for profile in people.values())
    act.note(
        profiles=len(piece.persons),
        merged=sum(len(person.absorbs) for person in piece.persons),
        split=len(piece.splits),
        links=len(piece.links),
        reopened=len(written.reopened),
    )
    recompute(act, written.touched)
    return written


def stage_piece(connection: Connection, piece: Piece, pseudonyms: Sequence[str], at: str) -> bool:
    """Write one piece of new people as staged profiles. Returns: whether it was written."""
    return write_piece(connection, piece, pseudonyms, at, STAGED) is not None


def accept_staged(act: Act, limit: int) -> int:
    """Make staged profiles visible, oldest first, with their flags. Returns: how many."""
    waiting = act.read(db.profiles.staged, limit)
    ids = [profile for profile, _ in waiting]
    act.write(db.profiles.set_status, ids, OPEN)
    act.write(db.profiles.touch, ids)
    act.note(profiles=len(ids))
    recompute(act, ids)
    return len(ids)


def withdraw_records(act: Act, records: Iterable[int]) -> Written:
    """Take source records that are leaving the store out of their profiles; for a recall or an erasure.

    What rested on a profile that loses a record is reopened; a profile with no record left is empty. When somebody
    turns 18 is said by the records that are left, as a run of linkage sees them. Call it before the records themselves
    are deleted, inside the act that deletes them.
    """
    leaving = set(records)
    at = stamp(act.session.clock.now())
    profiles = sorted(set(act.read(db.profiles.profiles_of, leaving).values()))
    written = Written(set(profiles))
    act.write(_part, profiles, at, written)
    act.write(db.links.drop_touching, leaving)
    act.write(db.profiles.drop_members, leaving)
    act.write(db.profiles.set_status, act.read(db.profiles.without_records, profiles), EMPTY)
    _set_ages_anew(act, profiles)
    act.write(db.profiles.touch, profiles)
    recompute(act, written.touched)
    return written


def _set_ages_anew(act: Act, profiles: Iterable[int]) -> None:
    left: dict[int, list[LinkageRecord]] = {profile: [] for profile in profiles}
    with combining(act.connection):
        for record in act.read(db.profiles.linkage_records, act.read(db.profiles.records_of, left)):
            if record.profile_id is not None:
                left[record.profile_id].append(record)
    act.write(db.profiles.set_ages, [(adult_on(records), profile) for profile, records in left.items()])


def recompute(act: Act, profile_ids: Iterable[int]) -> None:
    """Bring flags up to date for these people, and match the consents that waited for them, in this transaction."""
    ids = set(profile_ids)
    if ids:
        # Casework is a room beside this one; it is asked when something changed and not before.
        from kingshurst_tui.casework import consent_effects
        from kingshurst_tui.casework import recompute as flags

        flags.recompute(act, ids)
        consent_effects.rematch(act, ids)
