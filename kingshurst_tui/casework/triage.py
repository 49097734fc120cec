"""How a flagged profile is triaged: for the panel, or elsewhere and why."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import db.agenda
import db.case_reading
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, NotFound, StaleRecord, UsageError, differing
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from db.agenda import ItemRow
    from db.case_reading import MaskedRow
    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session

UNTRIAGED = "untriaged"

TRIAGE = {
    UNTRIAGED: "not triaged yet",
    "panel": "for the panel",
    "another-panel": "already at another panel",
    "single-agency": "for a single agency",
    "not-now": "not now",
}
"""What may become of a flagged profile, and how it reads."""

AWAY = "away"
"""Narrows the agenda to whoever was triaged away, for whatever reason."""
TRIAGED_AWAY = ("another-panel", "single-agency", "not-now")
LONGEST_NOT_NOW = timedelta(days=92)
"""Nobody who is flagged is put off for longer than this without somebody saying so anew."""


def set_triage(
    session: Session,
    pseudonym: str,
    triage: str,
    why: str = "",
    *,
    until: date | None = None,
    version: int | None = None,
) -> None:
    """Triage a profile: for the panel, or elsewhere and why.

    Args:
        session: who does it.
        pseudonym: whose.
        triage: one of TRIAGE.
        why: in words; asked for unless it is for the panel.
        until: for "not now", the day on which it comes back by itself; at most LONGEST_NOT_NOW from today.
        version: the agenda item's version that was on screen; None where nobody looked, which goes over nothing that
            somebody else triaged.

    Raises: Refused, InputRejected (no reason), NotFound, StaleRecord.
    """
    if triage not in TRIAGE:
        raise UsageError(f"No such triage: {triage}.", "Nothing was changed.", f"One of: {', '.join(TRIAGE)}.")
    _check_reason(session, triage, why, until)
    reason = Reason(ReasonCode.PANEL, why.strip())
    with session.act(Operation.ALTER, Thing.AGENDA, reason=reason, facts={"triage": triage}) as act:
        found = act.read(db.case_reading.by_pseudonym, pseudonym)
        if found is None:
            raise NotFound("There is nobody under that name.", "The triage was not changed.")
        kept = act.read(db.agenda.item, found.profile_id)
        if _overtaken(session.user.name, kept, version):
            raise _triaged_meanwhile(act, found, kept, (triage, why.strip(), until))
        act.concerns([found.pseudonym])
        act.write(
            db.agenda.put_item,
            found.profile_id,
            triage,
            why.strip(),
            session.user.name,
            stamp(session.clock.now()),
            until.isoformat() if until and triage == "not-now" else None,
        )


def _overtaken(user_name: str, kept: ItemRow | None, seen: int | None) -> bool:
    """Say whether what stands there is somebody's that the one who triages has not seen."""
    if seen is None:
        return kept is not None and kept.triage != UNTRIAGED and kept.triaged_by != user_name
    return seen != (kept.version if kept else 0)


def _triaged_meanwhile(
    act: Act, person: MaskedRow, kept: ItemRow | None, mine: tuple[str, str, date | None]
) -> StaleRecord:
    """Say how it was triaged meanwhile; the words only where they may be read."""
    triage, why, until = mine
    reads = kept is not None and (person.is_open or kept.triaged_by == act.session.user.name)
    theirs = {"triage": TRIAGE[kept.triage if kept else UNTRIAGED]}
    if kept is not None:
        theirs |= {"why": kept.triage_why if reads else "words that are not for a mask", "until": kept.back_on or ""}
    return StaleRecord(
        "Somebody else triaged this profile meanwhile.",
        f"It is {theirs['triage']}; your change was not kept.",
        "Look at both, then decide.",
        differing(
            {"triage": "Triage", "why": "Why", "until": "Not before"},
            theirs=theirs,
            mine={"triage": TRIAGE[triage], "why": why, "until": until.isoformat() if until else ""},
        ),
        by=(kept.triaged_by or "") if kept else "",
        over=kept.version if kept else 0,
    )


def _check_reason(session: Session, triage: str, why: str, until: date | None) -> None:
    if triage not in TRIAGED_AWAY:
        return
    if not is_a_reason(why):
        raise InputRejected(
            "A reason is missing.",
            "The triage was not changed.",
            f"Say why it is {TRIAGE[triage]}. {HINT}",
            (f"why: {HINT}",),
        )
    today = session.clock.today()
    if triage == "not-now" and (until is None or not today < until <= today + LONGEST_NOT_NOW):
        raise InputRejected(
            "Not now, but when?",
            "The triage was not changed.",
            f"Say on which day it comes back, at most {LONGEST_NOT_NOW.days} days from today.",
            (f"until: a day after today, at most {LONGEST_NOT_NOW.days} days from it",),
        )
