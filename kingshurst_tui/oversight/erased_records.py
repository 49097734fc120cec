"""Which records were signed for as a person's, and are part of other profiles: as in an older copy they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import db.whom_erased
from db.erasure_lists import signed_records

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kingshurst_tui.session import Session


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

    def __bool__(self) -> bool:
        """Say whether there is any."""
        return bool(self.parted or self.wholly)


@dataclass
class RecordNames:
    """The names by which signed documents know the records of a store; every record is named where one is missed."""

    session: Session
    _all: dict[str, int] = field(default_factory=dict)

    def elsewhere(self, connection: Connection, document: str, profiles: Collection[int]) -> HeldElsewhere:
        """Return what a signed document names and these profiles do not hold."""
        held = self.session.erasure_names(db.whom_erased.records_of(connection, profiles))
        missing = signed_records(document) - held.keys()
        if not missing:
            return HeldElsewhere()
        if not self._all:
            self._all = self.session.erasure_names(db.whom_erased.every_record(connection))
        records = db.whom_erased.still_there(connection, [self._all[name] for name in missing & self._all.keys()])
        wholly = tuple(
            each
            for profile in db.whom_erased.holding_only(connection, records)
            for each in db.whom_erased.profiles_behind(connection, profile)
        )
        theirs = set(db.whom_erased.records_of(connection, [number for number, _ in wholly]))
        return HeldElsewhere(tuple(record for record in records if record not in theirs), wholly)
