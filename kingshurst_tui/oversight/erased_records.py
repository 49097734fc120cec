"""Which records were signed for as a person's, and are part of other profiles: as in an older copy they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import db.whom_erased
from db.erasure_lists import signed_records

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class HeldElsewhere:
    """Records of a person that are none of the profiles' they are known by.

    Attributes:
        parted: records that somebody else's profile holds, or none yet.
        wholly: profiles, (id, pseudonym), that hold such records and no others, with those merged into them: of the
            person under another pseudonym.
    """

    parted: tuple[int, ...] = ()
    wholly: tuple[tuple[int, str], ...] = ()


def held_elsewhere(connection: Connection, document: str, profiles: Collection[int]) -> HeldElsewhere:
    """Return what a signed document names and these profiles do not hold."""
    held = set(db.whom_erased.records_of(connection, profiles))
    records = [each for each in db.whom_erased.marked(connection, signed_records(document)) if each not in held]
    wholly = tuple(
        each
        for profile in db.whom_erased.holding_only(connection, records)
        for each in db.whom_erased.profiles_behind(connection, profile)
    )
    theirs = set(db.whom_erased.records_of(connection, [number for number, _ in wholly]))
    return HeldElsewhere(tuple(record for record in records if record not in theirs), wholly)
