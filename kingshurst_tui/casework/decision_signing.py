"""How a decision is signed: checked, put into one document with what it rests on, kept, and told to others."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import db.agenda
import db.case_reading
import db.case_writing
import db.decisions
import db.notices
import db.panel_room
import db.users
from db.decisions import DecisionRow, NewDecision
from kingshurst_tui.casework import drafts
from kingshurst_tui.casework.decision_changed import changed_since
from kingshurst_tui.casework.decision_form import FIELDS, Facts, problems
from kingshurst_tui.casework.decision_shown import chose_itself
from kingshurst_tui.casework.reopenings import dealt_with
from kingshurst_tui.casework.sources import known_sources
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, NotFound
from kingshurst_tui.intake.text import clean
from kingshurst_tui.vocabulary import Category, Role

if TYPE_CHECKING:
    from db.case_reading import MaskedRow
    from kingshurst_tui.acts import Act
    from kingshurst_tui.casework.drafts import Kept
    from kingshurst_tui.panels.going_on import GoingOn

THING = "decision"
SUPERSEDED, OWN_AGENCY_LEADS = "superseded", "own-agency-leads"
"""What others are told of a decision (watching.py)."""
SIGNED, WAITING = "signed", "waiting"
"""In force; waiting for a second agency (panels/urgent.py)."""


def signed_in(
    act: Act,
    row: MaskedRow,
    written: Mapping[str, Any],
    not_discussed: Sequence[str],
    version: int,
    *,
    begun: Sequence[Kept] = (),
    panel_case: int | None = None,
    urgent: bool = False,
) -> DecisionRow:
    """Sign a decision inside an act, and return it as it is kept.

    Args:
        act: the act under way.
        row: whose; the profile is open.
        written: the fields, cleaned.
        not_discussed: which fields are marked so.
        version: the profile's version that was seen.
        begun: the drafts that it was written from.
        panel_case: the case of the panel that decides.
        urgent: two agencies decide between panels; it is not in force before the second agrees.

    Raises: InputRejected, StaleRecord, Stopped, NotFound, Refused.
    """
    from kingshurst_tui.panels import going_on

    session = act.session
    facts, _ = facts_of(act, row)
    kept = draft_kept(act, row.profile_id)
    if version != row.version:
        raise changed_since(act, row, written, not_discussed, version, kept)
    wrong = problems(written, not_discussed, facts)
    if wrong:
        raise InputRejected(
            "The decision cannot be signed yet.",
            f"Nothing was signed{kept}.\n" + "\n".join(wrong),
            "Fill these in, or mark them as not discussed.",
            tuple(wrong),
        )
    panel = _room(act, panel_case, row.profile_id) if panel_case is not None else None
    found = going_on.stops(act, facts, written["lead_agency"], panel=panel["panel"] if panel else None, case=panel_case)
    used = going_on.agreed(act, row.profile_id, found, case=panel_case)
    current = current_of(act, row.profile_id)
    at = stamp(session.clock.now())
    document, signature = session.sign(
        _document(act, row, written, not_discussed, facts, current.id if current else None, at)
        | {"panel": panel, "going_on": [each.document() for each in used], "urgent": urgent}
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
            WAITING if urgent else SIGNED,
        ),
    )
    if current is not None and not urgent:
        act.write(db.decisions.supersede, current.id)
        dealt_with(act, THING, current.id)
    _tell(act, row.profile_id, number, None if urgent else current, json.loads(document))
    act.write(drafts.drop, session, THING, row.profile_id, begun)
    going_on.spend(act, used)
    if panel_case is not None:
        _into_the_room(act, panel_case, number)
    act.write(db.case_writing.raise_version, [row.profile_id])
    if not urgent:
        case_is_open(act, row.profile_id, number, written["lead_agency"], panel["panel"] if panel else None)
    act.note(decision=number, supersedes=current.id if current else None, digest=digest_of(document))
    _note_panel(act, panel, used)
    made = act.read(db.decisions.by_id, number)
    if made is None:
        raise NotFound("The decision was not kept.", "Nothing was signed.", "Try again.")
    return made


def _room(act: Act, panel_case: int, profile_id: int) -> dict[str, Any]:
    """Return what a decision's document says of its meeting, and keep what the panel sees.

    Raises: NotFound, Refused (the panel is not open, the case is not on it, or the signer stepped out of it).
    """
    from kingshurst_tui.panels import attendance, cases, first_views, running, seen, similar

    case = cases.case(act, panel_case)
    if case.profile_id != profile_id:
        raise NotFound("There is no such case of this person.", "Nothing was signed.", "Check its number.")
    panel = running.panel_facts(act, case.panel)
    if panel.status != "open":
        act.refuse(
            "The panel is not open.",
            "Its decisions are signed while it meets. Nothing was signed.",
            "Open the panel; or decide outside it, as one agency's decision.",
        )
    if case.status not in ("listed", "discussed"):
        act.refuse(f"This case is {case.status}.", "Nothing was signed.", "Put it back on the agenda first.")
    if panel.purpose != act.session.purpose:
        act.refuse("The panel is for another purpose.", "Nothing was signed.")
    if act.read(db.panel_room.steps_out, panel.number, profile_id, act.session.user.name):
        act.refuse("You stepped out of this case.", "Nothing was signed.", "Another member signs.")
    quorum = attendance.quorum(act, panel.number, panel_case)
    return {
        "panel": panel.number,
        "case": panel_case,
        "title": panel.title,
        "held_on": panel.held_on.isoformat(),
        "chair": panel.chair,
        "quorum": {"met": quorum.met, "problems": list(quorum.problems)},
        "present": [
            {"member": each.number, "agency": each.agency, "name": each.name, "standing": each.standing}
            for each in attendance.present(act, panel.number, panel_case)
        ],
        "first_views": sorted(each.agency for each in first_views.views(act, panel_case)),
        "seen": seen.keep(act, panel_case),
        "similar_cases_shown": similar.were_shown(act.session, panel_case),
    }


def _into_the_room(act: Act, panel_case: int, number: int) -> None:
    from kingshurst_tui.panels import cases

    cases.set_decision(act, panel_case, number)


def case_is_open(act: Act, profile_id: int, number: int, lead_agency: str, panel: int | None) -> None:
    """Keep that somebody's case is open and who leads it, from the decision that is in force now."""
    from kingshurst_tui.casework import cases

    cases.record_state(
        act, profile_id, cases.OPEN, f"Decision {number} was signed.", lead_agency=lead_agency, panel=panel
    )


def _note_panel(act: Act, panel: Mapping[str, Any] | None, used: Sequence[GoingOn]) -> None:
    if panel is not None:
        act.note(panel=panel["panel"], case=panel["case"], quorum=panel["quorum"]["met"], seen=panel["seen"])
    if used:
        act.note(going_on=", ".join(str(each.number) for each in used))


def _tell(act: Act, profile_id: int, number: int, current: DecisionRow | None, document: Mapping[str, Any]) -> None:
    """Put on others' home what they must see: their decision superseded, an agency that chose itself alone."""
    if current is not None:
        tell_superseded(act, current)
    if not document.get("panel") and chose_itself(document):
        me, at = act.session.user.name, stamp(act.session.clock.now())
        about = (profile_id, THING, number, OWN_AGENCY_LEADS, me, at)
        act.write(db.notices.tell, *about, for_role=Role.SUPERVISOR.value)


def tell_superseded(act: Act, current: DecisionRow) -> None:
    """Tell its signer and the coordinators that a decision no longer stands."""
    me, at = act.session.user.name, stamp(act.session.clock.now())
    if current.signed_by != me:
        about = (current.profile_id, THING, current.id, SUPERSEDED, me, at)
        act.write(db.notices.tell, *about, for_user=current.signed_by)
        act.write(db.notices.tell, *about, for_role=Role.COORDINATOR.value)


def draft_kept(act: Act, profile_id: int) -> str:
    """Return what is said of a draft where there is one."""
    return "; the draft is kept" if act.read(drafts.of, THING, profile_id) else ""


def current_of(act: Act, profile_id: int) -> DecisionRow | None:
    """Return the decision that stands, or was reopened, for the acting purpose."""
    rows = act.read(db.decisions.of_profile, profile_id)
    return next(
        (row for row in rows if row.purpose == act.session.purpose and row.status in (SIGNED, "reopened")), None
    )


def facts_of(act: Act, row: MaskedRow) -> tuple[Facts, date | None]:
    """Return what a form is checked against, and the day of the first contact."""
    contacts = act.read(db.case_reading.contacts, row.profile_id)
    first_on = min((contact.occurred_on for contact in contacts), default=None)
    first = sorted({contact.agency_code for contact in contacts if contact.occurred_on == first_on})
    unseen = [
        each for each in act.read(known_sources) if each.known_to is not None and not (each.is_live and each.is_shared)
    ]
    crisis = [each for each in unseen if Category.MENTAL_HEALTH.value in each.categories]
    current = current_of(act, row.profile_id)
    facts = Facts(
        {code: kind for code, (_, kind) in act.read(db.users.agencies).items()},
        tuple(first),
        frozenset(contact.category for contact in contacts),
        act.session.clock.today(),
        tuple(f"{each.title} ({each.agency})" for each in unseen),
        current.signed_by if current and current.signed_by != act.session.user.name else "",
        tuple(f"{each.title} ({each.agency})" for each in crisis),
    )
    return facts, date.fromisoformat(first_on) if first_on else None


def standing_flags(act: Act, row: MaskedRow) -> list[str]:
    """Return the rules that flag somebody today, each with its version ("repeat-contact/2")."""
    today = act.session.clock.today().isoformat()
    return [
        f"{flag.rule_code}/{flag.rule_version}"
        for flag in act.read(db.case_reading.flags, row.profile_id, masked=False)
        if flag.raised_on <= today < flag.lapses_on
    ]


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
            "contacts_digest": digest_of(json.dumps(contacts).encode()),
            "flags": standing_flags(act, row),
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


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a document, in hex."""
    return hashlib.sha256(content).hexdigest()


def cleaned(fields: Mapping[str, Any]) -> dict[str, Any]:
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
