"""Decisions and actions back to a partner in its own columns, so that nobody there keys them twice.

The agreement's mapping is read in reverse: their names of columns in their order, their reference for the person, their
form of dates, their encoding. What their extract has no column for stands in columns of ours after theirs. A person
whom that data set does not know has no reference there, and so no row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import db.agreements
import db.case_access
import db.case_reading
import db.decisions
from kingshurst_tui.agreements.document import Agreement, from_text
from kingshurst_tui.casework import action_lists
from kingshurst_tui.errors import NotFound, Refused
from kingshurst_tui.leaving import formula_guard, gate
from kingshurst_tui.leaving.gate import Copy, Recipient
from kingshurst_tui.panels.cases import cases
from kingshurst_tui.vocabulary import ExtractKind, Operation, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.session import Session

OURS = ("Kingshurst item", "Kingshurst person", "What", "Lead agency", "Due or reviewed on", "Kingshurst copy")
"""The columns after theirs."""
PERSON, ITEM, ON, REPORTED = "person.reference", "contact.reference", "contact.date", "contact.reported"
"""Our fields that are filled in theirs; every other column of theirs stays empty for their own system."""


@dataclass(frozen=True, slots=True)
class Item:
    """One decision or action about one person.

    Attributes:
        reference: theirs for the person.
        item: "decision 3" or "action 12".
        on: the day on which it was decided, or given.
        due: by when it is to be done, or looked at again.
    """

    reference: str
    pseudonym: str
    item: str
    on: date
    what: str
    lead: str
    due: date


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of it: the file, how many rows it has, and how many people it leaves out and why."""

    copies: tuple[Copy, ...]
    rows: int
    unknown: int
    restricted: int


def columns_back(
    session: Session,
    reference: str,
    recipient: Recipient,
    *,
    panel: int | None,
    into: Path,
    why: str,
    reason: Reason,
    expires_on: date | None = None,
) -> Sent:
    """Let a partner's decisions and actions leave in its own columns.

    Args:
        session: who lets them leave.
        reference: the partner's data set whose columns they are.
        recipient: who puts them into the partner's system.
        panel: of this meeting alone; None for everything that stands.
        into: the folder.
        why: in words.
        reason: why one acts.
        expires_on: the last day on which the file may be kept.

    Raises: InputRejected, NotFound, Refused (it is another agency's data set; there is nothing).
    """
    with session.act(Operation.CONSULT, Thing.ACTION, reason=reason) as act:
        agreement = _agreement(act, reference)
        if recipient.agency != agreement.agency.code:
            act.refuse(
                f"{reference} is a data set of {agreement.agency.code}.",
                "Its columns go back to that agency alone. Nothing was written.",
            )
        found, unknown, restricted = _items(act, agreement, recipient, panel)
        act.concerns(each.pseudonym for each in found)
        act.note(data_set=reference, rows=len(found))
    if not found:
        raise Refused(
            "There is nothing for this partner.", "Nothing was written.", "Nobody whom they know was decided about."
        )
    is_book = agreement.format.kind == ExtractKind.XLSX
    copies = gate.release(
        session,
        kind="columns",
        form="xlsx" if is_book else "csv",
        body_for=lambda each: written(agreement, found, each.mark),
        recipients=[recipient],
        why=why,
        subjects={each.pseudonym for each in found},
        data_sets=[reference],
        into=into,
        name="columns-" + "".join(each if each.isalnum() and each.isascii() else "-" for each in reference)[:40],
        reason=reason,
        expires_on=expires_on,
        panel=panel,
    )
    return Sent(copies, len(found), unknown, restricted)


def owner_of(session: Session, reference: str) -> str:
    """Return whose data set it is; about no person. Raises: NotFound."""
    rows = session.look(db.agreements.versions, reference)
    if not rows:
        raise NotFound("There is no agreement of that name.", "Nothing was written.", "kingshurst agreement list")
    return rows[-1].agency_code


def written(agreement: Agreement, found: tuple[Item, ...], mark: str) -> bytes:
    """Return the file's bytes, as the partner writes its own."""
    theirs = list(agreement.columns)
    header = [*theirs, *OURS]
    rows = [_row(agreement, each, mark) for each in found]
    if agreement.format.kind == ExtractKind.XLSX:
        return formula_guard.xlsx_bytes(agreement.format.sheet or "Kingshurst", header, rows)
    encoding = "utf-8-sig" if agreement.format.encoding == "utf-8" else agreement.format.encoding
    return formula_guard.csv_bytes(header, rows, delimiter=agreement.format.delimiter, encoding=encoding)


def _row(agreement: Agreement, item: Item, mark: str) -> list[str]:
    given: Mapping[str, str | date] = {
        PERSON: item.reference,
        ITEM: item.item,
        ON: item.on,
        REPORTED: item.on,
    }
    cells = []
    for column, field in agreement.columns.items():
        value = given.get(field, "")
        cells.append(value.strftime(_form(agreement, column, field)) if isinstance(value, date) else value)
    due = item.due.strftime(_form(agreement, "", ON))
    return [*cells, item.item, item.pseudonym, item.what, item.lead, due, mark]


def _form(agreement: Agreement, column: str, field: str) -> str:
    """Return how the partner writes the day of a column."""
    ways = agreement.format.date_of
    return ways.get(column) or ways.get(field) or agreement.format.dates


def _agreement(act: Act, reference: str) -> Agreement:
    rows = [row for row in act.read(db.agreements.versions, reference) if row.status == "live"]
    if not rows:
        raise NotFound("There is no live agreement of that name.", "Nothing was written.", "kingshurst agreement list")
    return from_text(rows[-1].document)


def _items(
    act: Act, agreement: Agreement, recipient: Recipient, panel: int | None
) -> tuple[tuple[Item, ...], int, int]:
    decided = act.read(db.decisions.for_purpose, act.session.purpose)
    given = action_lists.of_agency(act, agreement.agency.code, panel=panel)
    if panel is not None:
        of_panel = {each.decision for each in cases(act, panel)}
        decided = [row for row in decided if row.id in of_panel]
    found: list[Item] = []
    unknown: set[int] = set()
    restricted: set[int] = set()
    for row in decided:
        if row.status not in ("signed", "reopened"):
            continue
        known = _known(act, agreement, recipient, row.profile_id, unknown, restricted)
        if known:
            on, due = date.fromisoformat(row.signed_at[:10]), date.fromisoformat(row.review_on)
            what = f"{row.lead_agency} leads"
            found.append(Item(known[0], known[1], f"decision {row.id}", on, what, row.lead_agency, due))
    for each in given:
        person = act.read(db.case_reading.by_pseudonym, each.pseudonym)
        known = person and _known(act, agreement, recipient, person.profile_id, unknown, restricted)
        if known:
            today = act.session.clock.today()
            found.append(Item(known[0], known[1], f"action {each.number}", today, each.text, "", each.due_on))
    return tuple(found), len(unknown), len(restricted)


def _known(
    act: Act,
    agreement: Agreement,
    recipient: Recipient,
    profile_id: int,
    unknown: set[int],
    restricted: set[int],
) -> tuple[str, str] | None:
    """Return (their reference, our pseudonym) of somebody whom their data set knows and the reader may read of."""
    person = act.read(db.case_reading.by_id, profile_id)
    records = act.read(db.case_reading.records, profile_id)
    references = [
        row.partner_reference for row in records if row.agreement_ref == agreement.reference and row.partner_reference
    ]
    if person is None or not references:
        unknown.add(profile_id)
        return None
    if act.read(db.case_access.standing, profile_id) is not None:
        listed = {row.user_name for row in act.read(db.case_access.on_list, profile_id)}
        if not recipient.user_name or recipient.user_name not in listed:
            restricted.add(profile_id)
            return None
    return references[0], person.pseudonym
