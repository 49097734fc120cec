"""The fields an extract may fill, and how fine each of them is."""

from __future__ import annotations

from kingshurst_tui.vocabulary import Granularity

_PERSON = (
    "reference", "forename", "middle_names", "surname", "full_name", "former_surname", "date_of_birth", "sex",
    "nhs_number", "upn", "uprn", "address", "postcode", "household", "role",
)  # fmt: skip
_CONTACT = (
    "reference", "shared_reference", "date", "time", "reported", "category", "role", "standing", "outcome",
    "address", "postcode", "measure",
)  # fmt: skip
_AREA = ("code", "month", "year", "month_number", "category", "count", "rate", "denominator", "per")

PERSON_FIELDS = frozenset(f"person.{name}" for name in _PERSON)
COUNTERPART_FIELDS = frozenset(f"counterpart.{name}" for name in (*_PERSON, "relationship"))
CONTACT_FIELDS = frozenset(f"contact.{name}" for name in _CONTACT)
AREA_FIELDS = frozenset(f"area.{name}" for name in _AREA)

ALL_FIELDS = PERSON_FIELDS | COUNTERPART_FIELDS | CONTACT_FIELDS | AREA_FIELDS

SHAPES: dict[str, frozenset[str]] = {
    "persons": PERSON_FIELDS | COUNTERPART_FIELDS,
    "contacts": PERSON_FIELDS | COUNTERPART_FIELDS | CONTACT_FIELDS,
    # A reference tells repeated rows of one event apart; it is never stored.
    "areas": AREA_FIELDS | {"contact.reference"},
}
"""Shape -> the fields that mean something in it."""

LADDER: tuple[Granularity, ...] = tuple(Granularity)
"""Finest first."""


def is_finer(one: Granularity, other: Granularity) -> bool:
    """Return whether `one` tells more about where somebody is than `other`."""
    return LADDER.index(one) < LADDER.index(other)


def dropped_at_the_door(field: str, granularity: Granularity) -> bool:
    """Return whether a field is finer than the agreement allows, and so is never read from the extract."""
    if granularity is Granularity.INDIVIDUAL:
        return False
    if field.startswith(("person.", "counterpart.")):
        return True
    if field == "contact.address":
        return is_finer(Granularity.ADDRESS, granularity)
    if field == "contact.postcode":
        return is_finer(Granularity.POSTCODE, granularity)
    return False
