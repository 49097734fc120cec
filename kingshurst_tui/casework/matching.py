"""Whose consent is it? Exact or not at all: anything less is for a person to settle."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from db.consents import ConsentRow, Sighting
    from db.referrals import ReferralRow

    Sought: TypeAlias = ConsentRow | ReferralRow

WAITS = "waiting"


def fold(text: str | None) -> str:
    """Return a name without accents, case, spaces, hyphens and apostrophes, for comparing.

    Example:
        >>> fold("O'Brien-Ní Dhómhnaill")
        'obriennidhomhnaill'
    """
    if not text:
        return ""
    if text.isascii() and text.isalpha():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if letter.isalnum())


def match_key(forename: str | None, surname: str | None, born: str | None) -> str:
    """Return a digest of a person's folded names and date of birth; empty where one of them is missing.

    Args:
        forename: as written.
        surname: as written.
        born: ISO date.
    """
    parts = (fold(forename), fold(surname), born or "")
    if not all(parts):
        return ""
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Match:
    """What matching a consent, or a referral, came to.

    Attributes:
        profile_id: whose it is, where that is certain.
        candidates: everybody whom a reviewer would compare it with.
        because: why it waits; empty when it does not.
    """

    profile_id: int | None
    candidates: tuple[int, ...]
    because: str


def match(consent: Sought, born_that_day: Iterable[Sighting]) -> Match:
    """Return whose consent it is, if names, date of birth and everything else given point to exactly one profile.

    Args:
        consent: as it was given.
        born_that_day: the records of everybody with that date of birth.
    """
    everyone: dict[int, list[Sighting]] = {}
    for sighting in born_that_day:
        everyone.setdefault(sighting.profile_id, []).append(sighting)
    wanted = (fold(consent.forename), fold(consent.surname))
    exact = [profile for profile, records in everyone.items() if any(_same_names(wanted, each) for each in records)]
    near = [profile for profile, records in everyone.items() if profile not in exact and _near(wanted, records)]
    by_number = [
        profile
        for profile, records in everyone.items()
        if consent.nhs_number and any(record.nhs_number == consent.nhs_number for record in records)
    ]
    candidates = tuple(sorted({*exact, *near, *by_number}))
    because = _against(consent, exact, by_number, everyone)
    if because:
        return Match(None, candidates, because)
    return Match(by_number[0] if by_number else exact[0], candidates, "")


def _against(consent: Sought, exact: list[int], by_number: list[int], everyone: dict[int, list[Sighting]]) -> str:
    if not exact:
        return "no profile has these names and this date of birth"
    if by_number:
        if len(by_number) > 1 or by_number[0] not in exact:
            return "the NHS number is that of another profile"
        others = [profile for profile in exact if profile != by_number[0]]
        if any(not _numbers(everyone[profile]) for profile in others):
            return "two profiles have these names and this date of birth"
        return ""
    if len(exact) > 1:
        return "two profiles have these names and this date of birth"
    records = everyone[exact[0]]
    if consent.nhs_number and _numbers(records):
        return "the NHS number differs"
    postcodes = {_squeezed(record.postcode) for record in records if record.postcode}
    if consent.postcode and postcodes and _squeezed(consent.postcode) not in postcodes:
        return "the postcode differs"
    return ""


def _same_names(wanted: tuple[str, str], record: Sighting) -> bool:
    return fold(record.forename) == wanted[0] and wanted[1] in (fold(record.surname), fold(record.former_surname))


def _near(wanted: tuple[str, str], records: list[Sighting]) -> bool:
    """Say whether a reviewer should see the profile: one name agrees, or both are a slip or two away."""
    from rapidfuzz.distance import OSA

    for record in records:
        names = (fold(record.forename), fold(record.surname))
        if (names[0] and names[0] == wanted[0]) or wanted[1] in (names[1], fold(record.former_surname) or None):
            return True
        slips = sum(OSA.distance(ours, theirs, score_cutoff=3) for ours, theirs in zip(wanted, names, strict=True))
        if slips <= 3:
            return True
    return False


def _numbers(records: list[Sighting]) -> set[str]:
    return {record.nhs_number for record in records if record.nhs_number}


def _squeezed(postcode: str | None) -> str:
    return (postcode or "").replace(" ", "").upper()
