"""Who lifted confidentiality for a "consented only" data set, at the door and ever after.

At the door intake asks ``on_register``. Afterwards a record stays in sight only as long as somebody on the register is
who it says: a consent that is withdrawn or runs out takes the person's records out of every view from that day, for
people and machines alike; the agency that contributed them still sees its own.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import db.case_reading
import db.case_writing
import db.consent_register
import db.consents
import db.users
from db.sight import combining
from kingshurst_tui.casework.matching import match_key

if TYPE_CHECKING:
    from db.case_reading import RecordRow
    from db.consent_register import RegisteredRecord
    from db.consents import ConsentRow
    from kingshurst_tui.acts import Act

_SAYS_CONSENTED_ONLY = re.compile(r"consented_only[\"']?\s*=\s*true")

NO_END = "9999-12-31"
"""The last day of what nothing ends."""


@dataclass(frozen=True, slots=True)
class OnRegister:
    """Who lifted confidentiality for one data set, as intake compares its rows.

    Attributes:
        version: the register's version; part of a "consented only" batch's digest.
        names: the last day of the consent by match key (matching.match_key) of names and date of birth.
        nhs_numbers: the same by NHS number.
    """

    version: int
    names: dict[str, str]
    nhs_numbers: dict[str, str]

    def has(self, forename: str | None, surname: str | None, born: str | None, nhs_number: str | None) -> bool:
        """Say whether a person is on the register: by names and date of birth, or by NHS number."""
        return bool(self.until(forename, surname, born, nhs_number))

    def until(self, forename: str | None, surname: str | None, born: str | None, nhs_number: str | None) -> str:
        """Return the last day on which the person is on the register; empty where they are not."""
        by_number = self.nhs_numbers.get(nhs_number, "") if nhs_number else ""
        return max(self.names.get(match_key(forename, surname, born), ""), by_number)


def on_register(act: Act, agreement: str) -> OnRegister:
    """Return who is on the register for one data set today."""
    today = act.session.clock.today().isoformat()
    version = act.read(db.consent_register.register_version)
    held: tuple[int, str, OnRegister] | None = act.session.held.get(f"register/{agreement}")
    if held is not None and held[:2] == (version, today):
        return held[2]
    with combining(act.connection):
        rows = [row for row in act.read(db.consents.register, agreement) if (row.expires_on or NO_END) >= today]
    names: dict[str, str] = {}
    numbers: dict[str, str] = {}
    for row in rows:
        until = row.expires_on or NO_END
        key = match_key(row.forename, row.surname, row.born)
        if key:
            names[key] = max(until, names.get(key, ""))
        if row.nhs_number:
            numbers[row.nhs_number] = max(until, numbers.get(row.nhs_number, ""))
    found = OnRegister(version, names, numbers)
    act.session.held[f"register/{agreement}"] = (version, today, found)
    return found


def lifted_for(act: Act, records: Iterable[RecordRow]) -> list[ConsentRow]:
    """Return the consents by which records of an open profile came in, withdrawn ones too, the oldest first."""
    found: dict[int, ConsentRow] = {}
    with combining(act.connection):
        for record in records:
            key = match_key(record.forename, record.surname, record.born)
            for row in act.read(db.consents.lifting, record.born) if record.born else ():
                same = key == match_key(row.forename, row.surname, row.born)
                by_number = bool(row.nhs_number) and row.nhs_number == record.nhs_number
                if row.agreement_ref == record.agreement_ref and (same or by_number):
                    found[row.id] = row
    return [found[number] for number in sorted(found)]


def after_consent(act: Act, row: ConsentRow) -> set[int]:
    """Bring the records that a consent was about into sight or out of it, after it was given or withdrawn.

    Returns:
        The profiles whose records changed.
    """
    agreement = row.agreement_ref or ""
    if agreement not in _consented_only(act):
        return set()
    with combining(act.connection):
        records = act.read(db.consent_register.registered_like, agreement, row.born, row.nhs_number)
        return _bring_up_to_date(act, agreement, records)


def after_linking(act: Act, profile_ids: Iterable[int]) -> None:
    """Note, for the records of these profiles, on which day their consents run out."""
    ids = set(profile_ids)
    for agreement in _consented_only(act):
        with combining(act.connection):
            records = act.read(db.consent_register.registered_of, agreement, ids)
            _bring_up_to_date(act, agreement, records)


def _bring_up_to_date(act: Act, agreement: str, records: list[RegisteredRecord]) -> set[int]:
    if not records:
        return set()
    register = on_register(act, agreement)
    today = act.session.clock.today().isoformat()
    wanted: dict[int, str | None] = {}
    for record in records:
        until = register.until(record.forename, record.surname, record.born, record.nhs_number)
        wanted[record.record_id] = today if not until else None if until == NO_END else _day_after(until)
    before = act.read(db.consent_register.withheld, wanted)
    changed = {record: day for record, day in wanted.items() if before.get(record) != day}
    if not changed:
        return set()
    act.write(db.consent_register.withhold, agreement, changed.items())
    act.write(db.users.bump, "sight")
    profiles = {record.profile_id for record in records if record.record_id in changed and record.profile_id}
    act.write(db.case_writing.raise_version, profiles)
    return profiles


def _consented_only(act: Act) -> list[str]:
    """Return the data sets with a gate for the acting purpose whose agreement lets in consented people only."""
    return [row.reference for row in act.read(db.case_reading.gated_data_sets) if _lets_in_consented_only(row.document)]


@lru_cache(maxsize=256)
def _lets_in_consented_only(document: str) -> bool:
    # Reading one takes 2 ms, and whoever asks first has the turn at writing: most do not say so in any spelling.
    if "\\" not in document and not _SAYS_CONSENTED_ONLY.search(document):
        return False
    return tomllib.loads(document).get("agreement", {}).get("consented_only") is True


def _day_after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
