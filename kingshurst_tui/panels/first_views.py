"""What each agency thinks of a case before it sees what the others think; shown to all at once.

Whoever hears the others first says less of their own. So an agency's words are its own until all are revealed, and
after that none is written or changed: what is thought then is said in the room.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import db.panel_cases
import db.panel_information
import db.panel_room
import db.panels
import db.users
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.counting import some
from kingshurst_tui.errors import InputRejected, StaleRecord, differing
from kingshurst_tui.intake.text import clean
from kingshurst_tui.panels import cases
from kingshurst_tui.panels.records import ON_THE_AGENDA, FirstView
from kingshurst_tui.panels.running import BUSINESS, must_run, panel_facts, running, still_open
from kingshurst_tui.permissions import PANEL_WRITERS, SPEAKS_FOR_EVERY_AGENCY
from kingshurst_tui.vocabulary import AgencyKind, Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from db.panel_cases import CaseRow
    from db.panel_information import ViewRow
    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session

FIELDS = {
    "known": "What your agency knows",
    "worry": "What worries you",
    "strengths": "What goes well, and who is there for them",
    "position": "What your agency would do, and why",
}
"""What an agency says first, and how it is asked."""

LONGEST = 4_000


def views(act: Act, case_id: int) -> tuple[FirstView, ...]:
    """Return who has written on a case; the words of others are empty before they are revealed.

    All are empty for whoever stepped out of it. Raises: NotFound.
    """
    row = cases.row_of(act, case_id)
    return _shown(act, act.read(db.panel_information.views_of_case, case_id), {row.id: row})


def read(session: Session, case_id: int) -> tuple[FirstView, ...]:
    """Return what ``views`` does, in an act of its own. Raises: NotFound, Refused (one stepped out of the case)."""
    with session.act(Operation.CONSULT, Thing.FIRST_VIEW, reason=BUSINESS) as act:
        row = cases.row_of(act, case_id)
        act.concerns([row.pseudonym])
        if act.read(db.panel_room.steps_out, row.panel_id, row.profile_id, session.user.name):
            act.refuse("You stepped out of this case.", "Nothing was shown.")
        return views(act, case_id)


def views_of_panel(act: Act, panel_id: int) -> tuple[FirstView, ...]:
    """Return who has written on which case of a meeting; words as in ``views``."""
    rows = {row.id: row for row in act.read(db.panel_cases.of_panel, panel_id)}
    return _shown(act, act.read(db.panel_information.views_of_panel, panel_id), rows)


def write(
    session: Session,
    case_id: int,
    words: Mapping[str, str],
    *,
    agency: str = "",
    entered_for: str = "",
    over: int | None = None,
) -> None:
    """Write one's own agency's first view of a case, or change it; until all are revealed.

    Args:
        session: who writes.
        case_id: the case's number.
        words: by FIELDS; what is left out is empty.
        agency: another agency, for which the coordinator enters what it sent because nobody of it signs in here.
        entered_for: whose word that is.
        over: the version that was on screen; None where there was none.

    Raises: InputRejected, StaleRecord (a colleague has written meanwhile), NotFound, Refused (masked; revealed;
        another agency's).
    """
    with session.act(Operation.ALTER, Thing.FIRST_VIEW, reason=BUSINESS) as act:
        row = _open_case(act, case_id)
        if row.revealed_at is not None:
            act.refuse(
                "The first views of this case are shown to all.",
                "Nothing was changed.",
                "Say it in the room; it goes into the notes of the case.",
            )
        whose = _for_whom(act, agency, clean(entered_for))
        told = _checked(words)
        document = json.dumps(told, sort_keys=True)
        found = act.read(db.panel_information.views_of_case, case_id)
        kept = next((each for each in found if each.agency_code == whose), None)
        me, now = session.user.name, stamp(session.clock.now())
        said_by = "" if whose == session.user.agency else clean(entered_for)
        if kept is None:
            act.write(
                db.panel_information.add_view,
                case_id=case_id,
                panel_id=row.panel_id,
                profile_id=row.profile_id,
                agency=whose,
                document=document,
                by=me,
                entered_for=said_by,
                at=now,
            )
        elif kept.version != over:
            raise _stale(kept, told)
        else:
            act.write(db.panel_information.put_view, kept, document, me, said_by, now)
        act.note(panel=row.panel_id, case=case_id)


def reveal(session: Session, case_id: int, why: str = "") -> None:
    """Show every agency's first view of a case to all. Nothing hides them again.

    Raises: InputRejected (an agency that was asked has not written, and no reason is given), NotFound, Refused.
    """
    words = clean(why)
    reason = Reason(ReasonCode.PANEL, words)
    with session.act(running(session), Thing.PANEL, reason=reason, facts={"step": "revealed"}) as act:
        row = _open_case(act, case_id)
        must_run(act, panel_facts(act, row.panel_id))
        if row.revealed_at is not None:
            act.refuse("They are shown to all already.", "Nothing was changed.")
        _reveal(act, [row], words)


def reveal_all(session: Session, panel_id: int, why: str = "") -> int:
    """Show the first views of every open case of a meeting to all, together; return of how many cases.

    Raises: InputRejected (somebody has not written, and no reason is given), NotFound, Refused.
    """
    words = clean(why)
    reason = Reason(ReasonCode.PANEL, words)
    with session.act(running(session), Thing.PANEL, reason=reason, facts={"step": "revealed"}) as act:
        panel = still_open(act, panel_id)
        must_run(act, panel)
        rows = [
            row
            for row in act.read(db.panel_cases.of_panel, panel.number)
            if row.is_open and row.revealed_at is None and row.status in ON_THE_AGENDA
        ]
        if not rows:
            act.refuse("There is nothing to show to all.", "Nothing was changed.")
        _reveal(act, rows, words)
    return len(rows)


def missing(act: Act, case_id: int) -> tuple[str, ...]:
    """Return the agencies asked to the meeting that have not written on a case, by code. Raises: NotFound."""
    row = cases.row_of(act, case_id)
    return _missing(act, row, act.read(db.panel_information.views_of_case, case_id))


def _missing(act: Act, row: CaseRow, written: Iterable[ViewRow]) -> tuple[str, ...]:
    kinds = {code: kind for code, (_, kind) in act.read(db.users.agencies).items()}
    asked = {
        each.agency_code
        for each in act.read(db.panels.members, row.panel_id)
        if each.standing != "observer" and kinds.get(each.agency_code, "") not in ("", AgencyKind.PARTNERSHIP)
    }
    return tuple(sorted(asked - {each.agency_code for each in written if each.panel_case_id == row.id}))


def _reveal(act: Act, rows: list[CaseRow], words: str) -> None:
    written = act.read(db.panel_information.views_of_panel, rows[0].panel_id)
    lacking = {row.pseudonym: names for row in rows if (names := _missing(act, row, written))}
    if lacking and not is_a_reason(words):
        told = _who_wrote(rows, written, lacking)
        raise InputRejected(
            "Not every agency has written its first view.",
            "Nothing was shown.\n" + "\n".join(told),
            f"Wait for them, or say why you go on without. {HINT}",
            (f"why: {HINT}",),
        )
    act.concerns(row.pseudonym for row in rows)
    for row in rows:
        act.write(db.panel_cases.put_revealed, row, act.session.user.name, stamp(act.session.clock.now()))
    act.note(panel=rows[0].panel_id, cases=len(rows), lacking=len(lacking))


def _who_wrote(
    rows: Sequence[CaseRow], written: Iterable[ViewRow], lacking: Mapping[str, tuple[str, ...]]
) -> list[str]:
    """Return who has written and who has not, by agency: by case every line would say the same."""
    missing = Counter(name for names in lacking.values() for name in names)
    cases_here = {row.id for row in rows}
    some_words = {each.agency_code for each in written if each.panel_case_id in cases_here}
    nothing = [name for name in sorted(missing) if missing[name] == len(rows)]
    told = [f"✓ Written: {', '.join(done)}"] if (done := sorted(some_words - set(missing))) else []
    told += [f"○ Not written: {', '.join(nothing)}"] if nothing else []
    in_part = [name for name in sorted(missing) if name not in nothing]
    return told + [f"○ {name}: {missing[name]} of {some(len(rows), 'case')} not written" for name in in_part]


def _open_case(act: Act, case_id: int) -> CaseRow:
    row = cases.row_of(act, case_id)
    act.concerns([row.pseudonym])
    still_open(act, row.panel_id)
    if not row.is_open:
        act.refuse("The profile is masked.", "Nothing was changed.", "A first view is of somebody who is known.")
    if row.status not in ON_THE_AGENDA:
        act.refuse("The case is not on the agenda.", "Nothing was changed.")
    return row


def _for_whom(act: Act, agency: str, entered_for: str) -> str:
    user = act.session.user
    whose = agency or user.agency
    kinds = act.read(db.users.agencies)
    if whose not in kinds or kinds[whose][1] == AgencyKind.PARTNERSHIP:
        act.refuse("A first view is a partner agency's.", "Nothing was changed.", "Name the agency whose it is.")
    if whose == user.agency:
        return whose
    if user.role not in SPEAKS_FOR_EVERY_AGENCY:
        act.refuse("A first view is written by the agency itself.", "Nothing was changed.")
    if whose in act.read(db.panels.agencies_with_users, PANEL_WRITERS):
        act.refuse(
            f"{whose} has users here, who write its first view themselves.",
            "Nothing was changed.",
            "Whoever enters it for them would see it before the others.",
        )
    if not entered_for:
        raise InputRejected(
            "Whose word is it?", "Nothing was changed.", "Name whoever sent it.", ("entered_for: say whose word it is",)
        )
    return whose


def _checked(words: Mapping[str, str]) -> dict[str, str]:
    told = {name: "\n".join(clean(line) for line in words.get(name, "").split("\n")).strip() for name in FIELDS}
    wrong = [f"{name}: at most {LONGEST} letters" for name, text in told.items() if len(text) > LONGEST]
    wrong += [f"{name}: is nothing that is asked" for name in words if name not in FIELDS]
    if not any(told.values()):
        wrong.append("known: say something, or that nothing is known")
    if wrong:
        raise InputRejected(
            "The first view was not kept.", "Nothing was changed.\n" + "\n".join(wrong), "Correct these.", tuple(wrong)
        )
    return told


def _stale(kept: ViewRow, mine: Mapping[str, str]) -> StaleRecord:
    theirs = json.loads(kept.document) if kept.document else {}
    return StaleRecord(
        "Your agency has written something else already.",
        "Nothing was changed.",
        "Over it, yours stands in its place.",
        differing(FIELDS, theirs=theirs, mine=mine),
        by=kept.written_by,
        over=kept.version,
    )


def _shown(act: Act, rows: Iterable[ViewRow], known: Mapping[int, CaseRow]) -> tuple[FirstView, ...]:
    shown = []
    me = act.session.user.name
    for row in rows:
        if row.panel_case_id not in known:
            continue
        # That an agency wrote is no secret of the case's; what it wrote is nothing for whoever stepped out of it.
        is_shown = bool(row.document) and not act.read(db.panel_room.steps_out, row.panel_id, row.profile_id, me)
        told = json.loads(row.document) if is_shown else {}
        shown.append(
            FirstView(
                row.panel_case_id,
                row.agency_code,
                is_shown,
                str(told.get("known", "")),
                str(told.get("worry", "")),
                str(told.get("strengths", "")),
                str(told.get("position", "")),
                row.written_by,
                row.entered_for,
                row.written_at,
                row.version,
            )
        )
    return tuple(shown)
