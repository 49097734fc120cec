"""What an import hands over to be staged, and what it is told of it (records.py stages it)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

DETAIL_COLUMNS = (
    "forename",
    "middle_names",
    "surname",
    "former_surname",
    "born",
    "born_quality",
    "sex",
    "nhs_number",
    "upn",
    "uprn",
    "address",
    "postcode",
    "household_ref",
)

Detail = tuple[str | None, ...]
"""The values of `DETAIL_COLUMNS`, in their order."""


BARE = "-"
"""The digest of a mention that says nothing but whom it means: a reference, and no more."""

AS_COUNTERPART = "~"
"""Begins the digest of what a row says of its other party."""

ROLE_MARK = 4
"""Characters at the beginning of a contact's row digest that stand for the person's role."""


class Person(NamedTuple):
    """What one row of an extract says of one person; the digest tells what is said, and in which standing."""

    key: str
    reference: str | None
    digest: str
    detail: Detail


class Contact(NamedTuple):
    """One person's part in one event, in the order of the table's columns after the people's ids."""

    contact_key: str
    row_digest: str
    partner_reference: str | None
    shared_reference: str | None
    occurred_on: str
    occurred_at: str | None
    reported_on: str | None
    category: str
    priority_area: str
    role: str
    standing: str
    outcome: str | None
    place_postcode: str | None
    place_address: str | None
    measure: float | None


ContactRow = tuple[Any, ...]
"""What is written of one contact, in the order of ``CONTACT_COLUMNS``."""


class StagedRow(NamedTuple):
    """One row of an extract, made ready: who, what, and the other party where the partner states one."""

    number: int
    person: Person
    contact: Contact | None
    counterpart: Person | None = None
    counterpart_contact: Contact | None = None
    relationship: str | None = None


CONTACT_COLUMNS = ("batch_id", "agreement_ref", "source_record_id", "counterpart_id", *Contact._fields)
"""The columns of a contact as it is staged, in order."""


@dataclass
class Piece:
    """What one staging transaction writes, and how.

    Attributes:
        known: people of this batch already staged: key to (source record, digest of the detail kept).
        all_known: whether a person who is not in `known` can be nowhere in the store.
        first_of_data_set: whether no earlier batch of the data set can hold anything to replace.
        details_by_last_row: a later row about a person replaces what an earlier one said; otherwise it is refused.
        seal: seals the detail of a contact's row, of ``CONTACT_COLUMNS`` (db/compartments.py); None for what lies open.
        left: contacts that the piece before was to write and did not come to, rows of ``CONTACT_COLUMNS``.
        cut_short: asked between contacts; where it says so the rest is left to the next piece.
    """

    batch_id: int
    agreement_ref: str
    agency_code: str
    rows: Sequence[StagedRow]
    known: dict[str, tuple[int, str]]
    all_known: bool
    first_of_data_set: bool
    details_by_last_row: bool
    seal: Callable[[tuple[Any, ...]], tuple[Any, ...]] | None = None
    left: Sequence[ContactRow] = ()
    cut_short: Callable[[], bool] = lambda: False


@dataclass
class Staged:
    """What came of a piece; `known` is to be added to the caller's once the transaction has committed.

    Attributes:
        existing: source records of earlier batches that this piece touches.
        repeated: numbers of rows that say again what an earlier row of the batch said.
        conflicting: numbers of rows with the reference of an earlier row and other content.
        replaced: how many contacts of earlier batches these replace.
        restated: how many rows told another detail of a person than an earlier row of the batch.
        contacts: how many of this piece are written, or left.
        left: those that are still to be written.
    """

    known: dict[str, tuple[int, str]] = field(default_factory=dict)
    existing: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    conflicting: list[int] = field(default_factory=list)
    persons: int = 0
    contacts: int = 0
    replaced: int = 0
    restated: int = 0
    left: Sequence[ContactRow] = ()
