"""Who a person is, as partners record it: every form with who says it and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from db.case_reading import RecordRow


@dataclass(frozen=True, slots=True)
class Known:
    """One thing that partners say of a person, with who says it and since when.

    Attributes:
        value: what is said.
        quality: for a date of birth "stated" or "default"; for the rest empty.
        sources: data sets that say so.
        since: the day of the earliest of their extracts that still stands.
    """

    value: str
    quality: str
    sources: tuple[str, ...]
    since: date | None


@dataclass(frozen=True, slots=True)
class Who:
    """Who the person is, as partners record it; the form that most records bear comes first."""

    name: str
    names: tuple[Known, ...]
    born: tuple[Known, ...]
    sexes: tuple[Known, ...]
    addresses: tuple[Known, ...]
    identifiers: tuple[Known, ...]


def who(records: Iterable[RecordRow], as_at: dict[int, date]) -> Who:
    """Return who a person is from their records.

    Args:
        records: as they stand.
        as_at: the day that each batch states, by its id.
    """
    names, born, sexes, addresses, identifiers = _Heard(), _Heard(), _Heard(), _Heard(), _Heard()
    for record in records:
        since = as_at.get(record.batch_id)
        names.hear(written_name(record.forename, record.middle_names, record.surname), "", record, since)
        names.hear(f"formerly {record.former_surname}" if record.former_surname else "", "", record, since)
        born.hear(record.born, record.born_quality, record, since)
        sexes.hear(record.sex, "", record, since)
        addresses.hear(", ".join(part for part in (record.address, record.postcode) if part), "", record, since)
        for label, value in (("NHS number", record.nhs_number), ("UPN", record.upn), ("UPRN", record.uprn)):
            identifiers.hear(f"{label} {value}" if value else "", "", record, since)
    forms = names.said()
    usual = next((form.value for form in forms if not form.value.startswith("formerly ")), "name not known")
    return Who(usual, forms, born.said(), sexes.said(), addresses.said(), identifiers.said())


def written_name(forename: str | None, middle_names: str | None, surname: str | None) -> str:
    """Return a name as it is written."""
    return " ".join(part for part in (forename, middle_names, surname) if part)


class _Heard:
    """What several records say of one thing, the commonest first; capitals alone make no difference."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str], list[tuple[str, str, date | None]]] = {}

    def hear(self, value: str | None, quality: str, record: RecordRow, since: date | None) -> None:
        if value:
            self._said.setdefault((value.casefold(), quality), []).append((value, record.agreement_ref, since))

    def said(self) -> tuple[Known, ...]:
        ordered = sorted(self._said.items(), key=lambda item: (-len(item[1]), item[0]))
        return tuple(
            Known(
                # Of two ways to write it, the one with most small letters reads best.
                max((value for value, _, _ in heard), key=lambda value: sum(letter.islower() for letter in value)),
                quality,
                tuple(sorted({source for _, source, _ in heard})),
                min((day for _, _, day in heard if day is not None), default=None),
            )
            for (_, quality), heard in ordered
        )
