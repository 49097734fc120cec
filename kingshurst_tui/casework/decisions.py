"""Who should lead, in people's words: drafted as typed, signed by who signs, superseded and never edited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import db.decisions
import db.users
from kingshurst_tui.casework import drafts
from kingshurst_tui.casework.decision_form import problems
from kingshurst_tui.casework.decision_shown import DecisionShown, shown_decision
from kingshurst_tui.casework.decision_signing import (
    THING,
    cleaned,
    current_of,
    facts_of,
    signed_in,
    standing_flags,
)
from kingshurst_tui.casework.profiles_found import open_row
from kingshurst_tui.casework.sources import known_sources
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from db.case_reading import MaskedRow
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.casework.drafts import Kept
    from kingshurst_tui.panels.going_on import Stop
    from kingshurst_tui.session import Session


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
        panel_case: the case of a panel in which it is written.
        stops: what stops this decision whoever leads; going on takes a reason and a second person.
        flags: codes of the rules that flag the person today; they go into the document by themselves.
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
    panel_case: int | None = None
    stops: tuple[Stop, ...] = ()
    flags: tuple[str, ...] = ()


def open_form(
    session: Session, pseudonym: str, reason: Reason, *, within: str | None = None, panel_case: int | None = None
) -> Form:
    """Return the decision form of an open profile, with the user's own draft.

    Raises: NotFound, Refused (the profile is masked).
    """
    with session.act(Operation.CONSULT, Thing.DECISION, reason=reason, within=within) as act:
        row = _open_row(act, pseudonym)
        facts, first_on = facts_of(act, row)
        kept = act.read(drafts.of, THING, row.profile_id)
        draft = kept[0] if kept else None
        written = draft.written if draft else {}
        fields = written.get("fields", {})
        not_discussed = tuple(written.get("not_discussed", ()))
        names = act.read(db.users.agencies)
        current = current_of(act, row.profile_id)
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
            panel_case,
            _stops(act, row, panel_case) if panel_case is not None else (),
            tuple(standing_flags(act, row)),
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
    written = {"fields": cleaned(fields), "not_discussed": list(not_discussed)}
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
    panel_case: int | None = None,
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
        panel_case: the case of the panel that decides; its document then names the meeting, its quorum, who was
            present and what stood on the screen, and the case is discussed.

    Raises: InputRejected with everything that is missing, StaleRecord (with the fields in which a decision that was
        signed meanwhile differs), going_on.Stopped (a rule says stop and no second person has agreed to go on),
        NotFound, Refused.
    """
    written = cleaned(fields)
    with session.act(Operation.ALTER, Thing.DECISION, reason=reason) as act:
        row = _open_row(act, pseudonym)
        made = signed_in(act, row, written, not_discussed, version, begun=begun, panel_case=panel_case)
        shown = shown_decision(act, made)
    return shown


def listed(session: Session, reason: Reason) -> tuple[DecisionShown, ...]:
    """Return the decisions about open profiles for the acting purpose, the latest first."""
    with session.act(Operation.CONSULT, Thing.DECISION, reason=reason) as act:
        rows = act.read(db.decisions.for_purpose, session.purpose)
        shown = tuple(shown_decision(act, row) for row in rows)
        act.concerns(each.pseudonym for each in shown)
        act.note(decisions=len(shown))
    return shown


def _open_row(act: Act, pseudonym: str) -> MaskedRow:
    return open_row(act, pseudonym, "decided about")


def _stops(act: Act, row: MaskedRow, panel_case: int) -> tuple[Stop, ...]:
    from kingshurst_tui.panels import cases, going_on

    facts, _ = facts_of(act, row)
    return going_on.stops(act, facts, "", panel=cases.case(act, panel_case).panel, case=panel_case)


def _first_unknown(act: Act, first_on: date | None) -> tuple[str, ...]:
    today = act.session.clock.today()
    known = act.read(known_sources)
    # Where a data set begins is no gap here: nothing on record lies before it.
    gaps = ((source, source.gap(source.covers_from or first_on or today, today)) for source in known)
    return tuple(f"Unknown from {source.title} ({source.agency}): {gap}." for source, gap in gaps if gap)
