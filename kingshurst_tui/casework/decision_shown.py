"""A decision as it is shown: its signature verified, and what must be said of how it came about."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import db.decisions
import db.dissents
import db.urgent
from db.keys import signature_holds
from kingshurst_tui.dates import say_date

if TYPE_CHECKING:
    from db.decisions import DecisionRow
    from kingshurst_tui.acts import Act


@dataclass(frozen=True, slots=True)
class DecisionShown:
    """One decision as it was signed.

    Attributes:
        fields: what was written, by decision_form.FIELDS.
        not_discussed: fields the panel marked so.
        status: signed, superseded, reopened; "waiting" and "refused" of an urgent one before a second agency agreed.
        signature_holds: whether the signer's key verifies the document as it stands.
        remarks: what must be said first of how it came about, in sentences.
        circumstances: at which panel, who has signed since; in sentences.
        panel: the meeting at which it was signed, as the document names it; None for one outside a panel.
    """

    number: int
    pseudonym: str
    lead_agency: str
    fields: Mapping[str, Any]
    not_discussed: tuple[str, ...]
    review_on: date
    status: str
    supersedes: int | None
    signed_by: str
    signed_at: str
    signature_holds: bool
    remarks: tuple[str, ...] = ()
    panel: Mapping[str, Any] | None = None
    circumstances: tuple[str, ...] = ()


def shown_decision(act: Act, row: DecisionRow) -> DecisionShown:
    """Return a decision as it is shown, its signature verified."""
    document: dict[str, Any] = json.loads(row.document)
    publics = act.read(db.decisions.signing_keys, row.signed_by)
    return DecisionShown(
        row.id,
        str(document.get("pseudonym", "")),
        row.lead_agency,
        document.get("fields", {}),
        tuple(document.get("not_discussed", ())),
        date.fromisoformat(row.review_on),
        row.status,
        row.supersedes_id,
        row.signed_by,
        row.signed_at,
        any(signature_holds(public, bytes(row.signature), row.document.encode()) for public in publics)
        and document.get("signed_by") == row.signed_by
        and document.get("fields", {}).get("lead_agency") == row.lead_agency,
        tuple(_remarks(act, row, document)),
        document.get("panel"),
        tuple(_circumstances(act, document.get("panel"))),
    )


def chose_itself(document: Mapping[str, Any]) -> bool:
    """Say whether the signer's own agency leads and nobody had put the person before a panel."""
    leads = document.get("fields", {}).get("lead_agency")
    return bool(leads) and leads == document.get("agency") and document.get("triage") not in (None, "panel")


def _remarks(act: Act, row: DecisionRow, document: Mapping[str, Any]) -> Iterator[str]:
    panel = document.get("panel")
    if panel and not panel["quorum"]["met"]:
        yield f"Signed without the panel's quorum: {'; '.join(panel['quorum']['problems'])}"
    elif not panel and chose_itself(document):
        yield "The signer's own agency leads, and the profile had not been triaged for the panel."
    for each in document.get("going_on", ()):
        yield (
            f"Signed although a rule said stop ({each['stop']}): {each['why']} "
            f"Asked by {each['asked_by']}, agreed by {each['second_person']}."
        )
    if document.get("urgent"):
        yield from _urgent(act, row.id)
    for dissent in act.read(db.dissents.of_decision, row.id):
        yield f"{dissent.agency_code} dissents (dissent {dissent.id}, {dissent.status})."


def _circumstances(act: Act, panel: Mapping[str, Any] | None) -> Iterator[str]:
    from kingshurst_tui.panels import manifest

    if panel is None:
        return
    held_on = say_date(date.fromisoformat(str(panel["held_on"])))
    yield f"Decided at {panel['title']} on {held_on}; panel {panel['panel']}, case {panel['case']}."
    missing = manifest.not_signed(act, int(panel["panel"]))
    yield f"Not signed yet by {', '.join(missing)}." if missing else "Signed by everybody who was present."


def _urgent(act: Act, number: int) -> Iterator[str]:
    found = act.read(db.urgent.of_decision, number)
    if found is None:
        return
    yield f"Urgent, between panels: {found.why_urgent}"
    said = {
        "waiting": f"{found.first_agency} decided; nobody of a second agency has agreed yet, so it is not in force.",
        "refused": f"{found.second_agency} did not agree; it is not in force.",
        "agreed": f"{found.first_agency} and {found.second_agency} decided; the next panel ratifies it or not.",
        "ratified": f"{found.first_agency} and {found.second_agency} decided; the panel ratified it.",
        "not-ratified": f"The panel did not ratify it: {found.ratified_why}",
    }
    yield said[found.status]
