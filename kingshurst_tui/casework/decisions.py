"""Who should lead, in people's words: drafted as typed, signed by who signs, superseded and never edited."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import db.agenda
import db.case_reading
import db.case_writing
import db.decisions
import db.notices
import db.users
from db.case_reading import MaskedRow
from db.decisions import DecisionRow, NewDecision
from db.keys import signature_holds
from kingshurst_tui.acts import Act, Reason
from kingshurst_tui.casework import drafts
from kingshurst_tui.casework.decision_changed import changed_since
from kingshurst_tui.casework.decision_form import FIELDS, Facts, problems
from kingshurst_tui.casework.drafts import Kept
from kingshurst_tui.casework.profiles_found import open_row
from kingshurst_tui.casework.reopenings import dealt_with
from kingshurst_tui.casework.sources import known_sources
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, NotFound
from kingshurst_tui.intake.text import clean
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, Role, Thing

THING = "decision"
SUPERSEDED, OWN_AGENCY_LEADS = "superseded", "own-agency-leads"
"""What others are told of a decision (watching.py)."""


@dataclass(frozen=True, slots=True)
class DecisionShown:
    """One decision as it was signed.

    Attributes:
        fields: what was written, by decision_form.FIELDS.
        not_discussed: fields the panel marked so.
        signature_holds: whether the signer's key verifies the document as it stands.
        remarks: what must be said of how it came about, in sentences.
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


@dataclass(frozen=True, slots=True)
class Form:
    """A decision being written.

    Attributes:
        fields: the user's draft; empty where there is none, for nothing is proposed.
        version: the profile's version now; pass it on when signing.
        stale: the draft was begun over an earlier version of the profile.
        agencies: code and name of every agency that could lead, by code; none is chosen.
        first_contacted: the agencies whose contact is the earliest that the reader's agency may see, and its day.
        first_unknown: sources that cannot tell whether they met the person earlier, in sentences.
        police_lead_stopped: police leading would rest on mental-health contacts alone.
        current: the decision that signing would supersede.
        supersedes: who signed that one, where it was somebody else; then why it no longer holds is asked.
        drafts: what the user was writing, the latest first; more than one where two terminals say different things.
    """

    profile_id: int
    pseudonym: str
    fields: Mapping[str, Any]
    not_discussed: tuple[str, ...]
    version: int
    stale: bool
    agencies: tuple[tuple[str, str], ...]
    first_contacted: tuple[str, ...]
    first_contacted_on: date | None
    first_unknown: tuple[str, ...]
    police_lead_stopped: bool
    current: DecisionShown | None
    supersedes: str
    problems: tuple[str, ...]
    drafts: tuple[Kept, ...] = ()


def open_form(session: Session, pseudonym: str, reason: Reason, *, within: str | None = None) -> Form:
    """Return the decision form of an open profile, with the user's own draft.

    Raises: NotFound, Refused (the profile is masked).
    """
    with session.act(Operation.CONSULT, Thing.DECISION, reason=reason, within=within) as act:
        row = _open_row(act, pseudonym)
        facts, first_on = _facts(act, row)
        kept = act.read(drafts.of, THING, row.profile_id)
        draft = kept[0] if kept else None
        written = draft.written if draft else {}
        fields = written.get("fields", {})
        not_discussed = tuple(written.get("not_discussed", ()))
        names = act.read(db.users.agencies)
        current = _current(act, row.profile_id)
        form = Form(
            row.profile_id,
            row.pseudonym,
            fields,
            not_discussed,
            row.version,
            draft is not None and draft.over_version != row.version,
            tuple(sorted((code, name) for code, (name, _) in names.items())),
            facts.first_contacted,
            first_on,
            _first_unknown(act, first_on),
            facts.crisis_alone(),
            shown_decision(act, current) if current else None,
            facts.supersedes,
            tuple(problems(fields, not_discussed, facts)),
            kept,
        )
    return form


def save_draft(
    session: Session,
    profile_id: int,
    fields: Mapping[str, Any],
    not_discussed: Sequence[str],
    version: int,
    begun: Sequence[Kept] = (),
) -> tuple[Kept, ...]:
    """Keep what was typed so far; call it as people type. It survives a lock, a time-out and a kill.

    Returns:
        What this user writes at other terminals, and not here: it is kept too (drafts.keep).

    Raises: Refused (the role decides nothing), StoreUnavailable.
    """
    written = {"fields": _cleaned(fields), "not_discussed": list(not_discussed)}
    return drafts.keep(
        session, Operation.ALTER, Thing.DECISION, THING, profile_id, written, over_version=version, begun=begun
    )


def discard_draft(session: Session, profile_id: int, begun: Sequence[Kept] = ()) -> None:
    """Forget the user's own draft; what they write at another terminal stays."""
    drafts.forget(session, Operation.ALTER, Thing.DECISION, THING, profile_id, begun)


def sign(
    session: Session,
    pseudonym: str,
    fields: Mapping[str, Any],
    not_discussed: Sequence[str],
    *,
    version: int,
    reason: Reason,
    begun: Sequence[Kept] = (),
) -> DecisionShown:
    """Sign a decision with the user's own key; an earlier one is superseded and stays as it was.

    Args:
        session: who signs.
        pseudonym: about whom; the profile must be open.
        fields: what was written, by decision_form.FIELDS.
        not_discussed: which fields the panel marks so.
        version: the profile's version that the panel saw.
        reason: why.
        begun: the drafts that it was written from; they are let go of.

    Raises: InputRejected with everything that is missing, StaleRecord (with the fields in which a decision that was
        signed meanwhile differs), NotFound, Refused.
    """
    written = _cleaned(fields)
    with session.act(Operation.ALTER, Thing.DECISION, reason=reason) as act:
        row = _open_row(act, pseudonym)
        facts, _ = _facts(act, row)
        if version != row.version:
            raise changed_since(act, row, written, not_discussed, version, _draft_kept(act, row.profile_id))
        wrong = problems(written, not_discussed, facts)
        if wrong:
            raise InputRejected(
                "The decision cannot be signed yet.",
                f"Nothing was signed{_draft_kept(act, row.profile_id)}.\n" + "\n".join(wrong),
                "Fill these in, or mark them as not discussed.",
                tuple(wrong),
            )
        current = _current(act, row.profile_id)
        at = stamp(session.clock.now())
        document, signature = session.sign(
            _document(act, row, written, not_discussed, facts, current.id if current else None, at)
        )
        number = act.write(
            db.decisions.add,
            NewDecision(
                row.profile_id,
                session.purpose,
                written["lead_agency"],
                document.decode(),
                written["review_on"],
                current.id if current else None,
                session.user.name,
                at,
                signature,
            ),
        )
        if current is not None:
            act.write(db.decisions.supersede, current.id)
            dealt_with(act, THING, current.id)
        _tell(act, row.profile_id, number, current, json.loads(document))
        act.write(drafts.drop, session, THING, row.profile_id, begun)
        act.write(db.case_writing.raise_version, [row.profile_id])
        act.note(decision=number, supersedes=current.id if current else None, digest=_digest(document))
        made = act.read(db.decisions.by_id, number)
        if made is None:
            raise NotFound("The decision was not kept.", "Nothing was signed.", "Try again.")
        shown = shown_decision(act, made)
    return shown


def _tell(act: Act, profile_id: int, number: int, current: DecisionRow | None, document: Mapping[str, Any]) -> None:
    """Put on others' home what they must see: their decision superseded, an agency that chose itself alone."""
    me, at = act.session.user.name, stamp(act.session.clock.now())
    if current is not None and current.signed_by != me:
        about = (profile_id, THING, current.id, SUPERSEDED, me, at)
        act.write(db.notices.tell, *about, for_user=current.signed_by)
        act.write(db.notices.tell, *about, for_role=Role.COORDINATOR.value)
    if _chose_itself(document):
        about = (profile_id, THING, number, OWN_AGENCY_LEADS, me, at)
        act.write(db.notices.tell, *about, for_role=Role.SUPERVISOR.value)


def _chose_itself(document: Mapping[str, Any]) -> bool:
    leads = document.get("fields", {}).get("lead_agency")
    return bool(leads) and leads == document.get("agency") and document.get("triage") not in (None, "panel")


def _draft_kept(act: Act, profile_id: int) -> str:
    return "; the draft is kept" if act.read(drafts.of, THING, profile_id) else ""


def listed(session: Session, reason: Reason) -> tuple[DecisionShown, ...]:
    """Return the decisions about open profiles for the acting purpose, the latest first."""
    with session.act(Operation.CONSULT, Thing.DECISION, reason=reason) as act:
        rows = act.read(db.decisions.for_purpose, session.purpose)
        shown = tuple(shown_decision(act, row) for row in rows)
        act.concerns(each.pseudonym for each in shown)
        act.note(decisions=len(shown))
    return shown


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
        ("The signer's own agency leads, and the profile had not been triaged for the panel.",)
        if _chose_itself(document)
        else (),
    )


def _open_row(act: Act, pseudonym: str) -> MaskedRow:
    return open_row(act, pseudonym, "decided about")


def _current(act: Act, profile_id: int) -> DecisionRow | None:
    rows = act.read(db.decisions.of_profile, profile_id)
    return next(
        (row for row in rows if row.purpose == act.session.purpose and row.status in ("signed", "reopened")), None
    )


def _facts(act: Act, row: MaskedRow) -> tuple[Facts, date | None]:
    contacts = act.read(db.case_reading.contacts, row.profile_id)
    first_on = min((contact.occurred_on for contact in contacts), default=None)
    first = sorted({contact.agency_code for contact in contacts if contact.occurred_on == first_on})
    facts = Facts(
        {code: kind for code, (_, kind) in act.read(db.users.agencies).items()},
        tuple(first),
        frozenset(contact.category for contact in contacts),
        act.session.clock.today(),
        tuple(
            f"{each.title} ({each.agency})"
            for each in act.read(known_sources)
            if each.known_to is not None and not (each.is_live and each.is_shared)
        ),
        current.signed_by
        if (current := _current(act, row.profile_id)) and current.signed_by != act.session.user.name
        else "",
    )
    return facts, date.fromisoformat(first_on) if first_on else None


def _first_unknown(act: Act, first_on: date | None) -> tuple[str, ...]:
    today = act.session.clock.today()
    known = act.read(known_sources)
    # Where a data set begins is no gap here: nothing on record lies before it.
    gaps = ((source, source.gap(source.covers_from or first_on or today, today)) for source in known)
    return tuple(f"Unknown from {source.title} ({source.agency}): {gap}." for source, gap in gaps if gap)


def _document(
    act: Act,
    row: MaskedRow,
    fields: Mapping[str, Any],
    not_discussed: Sequence[str],
    facts: Facts,
    supersedes: int | None,
    at: str,
) -> dict[str, Any]:
    contacts = sorted(each.contact_id for each in act.read(db.case_reading.contacts, row.profile_id))
    today = act.session.clock.today().isoformat()
    flags = [
        f"{flag.rule_code}/{flag.rule_version}"
        for flag in act.read(db.case_reading.flags, row.profile_id, masked=False)
        if flag.raised_on <= today < flag.lapses_on
    ]
    return {
        "v": 1,
        "pseudonym": row.pseudonym,
        "purpose": act.session.purpose,
        "fields": dict(fields),
        "not_discussed": sorted(not_discussed),
        # What the panel had before it, so that it can be told later whether that has changed.
        "rests_on": {
            "profile_version": row.version,
            "contacts": len(contacts),
            "contacts_digest": _digest(json.dumps(contacts).encode()),
            "flags": flags,
            "first_contacted": list(facts.first_contacted),
            "first_unseen": list(facts.first_unseen),
        },
        "supersedes": supersedes,
        "triage": triaged.triage if (triaged := act.read(db.agenda.item, row.profile_id)) else "untriaged",
        "signed_by": act.session.user.name,
        "role": act.session.user.role.value,
        "agency": act.session.user.agency,
        "signed_at": at,
    }


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _cleaned(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was written without what steers a terminal; line breaks stay."""
    return {name: _clean_value(value) for name, value in fields.items() if name in FIELDS or isinstance(value, str)}


def _clean_value(value: Any, levels: int = 2) -> Any:
    """Clean text, records and lists of these; what lies deeper than any field does is no answer and is left out."""
    if isinstance(value, str):
        return "\n".join(clean(line) for line in value.split("\n")).strip()
    if not isinstance(value, (list, Mapping)):
        return value
    if not levels:
        return None
    if isinstance(value, list):
        return [_clean_value(entry, levels - 1) for entry in value]
    return {str(key): _clean_value(entry, levels - 1) for key, entry in value.items()}
