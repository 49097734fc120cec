"""Who came, that what is said stays in the room, and whether enough agencies are there to decide."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import db.panel_cases
import db.panel_information
import db.panels
from kingshurst_tui.acts import Reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.counting import some
from kingshurst_tui.errors import InputRejected, StaleRecord, UsageError, differing
from kingshurst_tui.panels.meetings import may_open
from kingshurst_tui.panels.members import members, row_of
from kingshurst_tui.panels.named_present import why_changed
from kingshurst_tui.panels.records import ATTENDANCES, Member, Quorum
from kingshurst_tui.panels.running import BUSINESS, must_run, panel_facts, running, runs, still_open
from kingshurst_tui.vocabulary import HEALTH_KINDS, AgencyKind, Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from db.panels import MemberRow
    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session


ONE_WORD = (
    "was asked and written down as present by one person alone: the chair, the minute-taker or somebody of the agency "
    "writes it down as well"
)
"""Why somebody of health who has no account does not count yet."""


def attend(
    session: Session,
    member_id: int,
    attendance: str,
    *,
    information_on: date | None = None,
    over: int | None = None,
    why: str = "",
) -> None:
    """Say whether somebody came.

    Whom a signed decision names as present is written down otherwise only with a reason: they left before a later case,
    or were written down by mistake. The decision stays as it was signed, and they are asked to sign it. Whoever was
    never there gave no word either that what is said stays there: what another entered for them is taken back.

    Args:
        session: who says so.
        member_id: their number at the meeting.
        attendance: one of ATTENDANCES.
        information_on: with apologies, the day on which their agency's information came.
        over: the version that was on screen; None where nobody looked.
        why: in words, where a signed decision names them as present.

    Raises: InputRejected, StaleRecord, NotFound, Refused (an observer who has not confirmed confidentiality; the panel
        was held).
    """
    if attendance not in ATTENDANCES:
        raise UsageError("No such attendance.", "Nothing was changed.", f"One of: {', '.join(ATTENDANCES)}.")
    with session.act(
        running(session), Thing.PANEL, reason=BUSINESS, facts={"step": "attendance", "attendance": attendance}
    ) as act:
        row = row_of(act, member_id)
        panel = still_open(act, row.panel_id)
        if not (attendance == row.attendance == "present" and row.agency_code == session.user.agency):
            must_run(act, panel)
        act.note(panel=row.panel_id, member=member_id)
        if over is not None and row.version != over:
            raise StaleRecord(
                "Somebody else wrote down this attendance meanwhile.",
                "Nothing was changed.",
                "Look at both, then decide.",
                differing(
                    {"attendance": "Attendance", "information_on": "Information came on"},
                    theirs={"attendance": ATTENDANCES[row.attendance], "information_on": row.information_on or ""},
                    mine={
                        "attendance": ATTENDANCES[attendance],
                        "information_on": information_on.isoformat() if information_on else "",
                    },
                ),
                over=row.version,
            )
        if information_on is not None and (attendance != "apologies" or information_on > session.clock.today()):
            raise InputRejected(
                "The day of the information cannot be so.",
                "Nothing was changed.",
                "It comes with apologies, on a day that has been.",
                ("information_on: with apologies, today or before",),
            )
        if attendance == "present" and row.standing == "observer" and not row.confidentiality_at:
            act.refuse(
                "An observer has not confirmed confidentiality.",
                "They are not in the room yet.",
                "Confirm it first, then write down that they are present.",
            )
        fields = {
            "attendance": attendance,
            "information_on": information_on.isoformat() if information_on else None,
            "attendance_why": why_changed(act, row, attendance, why),
            "vouched_by": vouched_by(session, row) if attendance == "present" else "",
        }
        if fields["attendance_why"]:
            act.reason = Reason(ReasonCode.PANEL, fields["attendance_why"])
        act.write(db.panels.put_member, row, fields)
        was_never_there = row.attendance == "present" and attendance != "present" and not fields["attendance_why"]
        if was_never_there and row.confidentiality_by not in ("", row.user_name):
            # Their word was written down with everybody's as the panel opened; who was not there gave none.
            act.note(confidentiality="taken back")
            act.write(db.panels.put_confidentiality, row, None, "")


def all_present(session: Session, panel_id: int) -> tuple[int, int]:
    """Write down that everybody came who was asked and sent no apologies; vouch for whoever is here by one word.

    Who is marked already stays as they are: the absent are marked before or after. An observer who has not confirmed
    confidentiality is not in the room yet and is left as they are.

    Returns:
        How many more came, and for how many of those who were here the acting user vouches now.

    Raises: NotFound, Refused (somebody who does not run it; the panel was held).
    """
    vouched = 0
    facts = {"step": "attendance", "attendance": "everybody asked"}
    with session.act(running(session), Thing.PANEL, reason=BUSINESS, facts=facts) as act:
        must_run(act, still_open(act, panel_id))
        came = _still_asked(act, panel_id)
        act.note(panel=panel_id, came=len(came))
        for row in came:
            act.write(db.panels.put_member, row, {"attendance": "present", "vouched_by": vouched_by(session, row)})
        for row in act.read(db.panels.members, panel_id):
            # The same word from a second person stands behind whoever was asked and marked by one alone.
            if row.attendance == "present" and (said := vouched_by(session, row)) != row.vouched_by:
                act.write(db.panels.put_member, row, {"vouched_by": said})
                vouched += not row.user_name  # an account speaks for itself
    return len(came), vouched


def vouched_by(session: Session, row: MemberRow) -> str:
    """Return who stands behind it that somebody without an account is of their agency and in the room.

    That is somebody of that agency, or a second person beside whoever asked them: nobody makes a member up alone.
    """
    is_second = session.user.name != row.named_by or session.user.agency == row.agency_code
    return row.vouched_by or (session.user.name if is_second else "")


def before_opening(session: Session, panel_id: int) -> tuple[int, int]:
    """Say before anything is asked what would stop the opening; return how many are still asked, and are present.

    Raises: NotFound, Refused (as ``meetings.open_panel``).
    """
    with session.act(Operation.CONSULT, Thing.PANEL, reason=BUSINESS, facts={"step": "before opening"}) as act:
        act.note(panel=panel_id)
        may_open(act, panel_id)
        asked = len(_still_asked(act, panel_id))
        return asked, sum(row.attendance == "present" for row in act.read(db.panels.members, panel_id))


def here_by_one_word(session: Session, panel_id: int) -> tuple[Member, ...]:
    """Return those of health who are here and do not count before a second person stands behind them.

    Raises: NotFound, Refused.
    """
    with session.act(Operation.CONSULT, Thing.PANEL, reason=BUSINESS, facts={"step": "one word alone"}) as act:
        panel_facts(act, panel_id)
        alone = unknown_health_members(act, panel_id)
        act.note(panel=panel_id, members=len(alone))
    return alone


def in_words(alone: tuple[Member, ...]) -> str:
    """Say who of health does not count yet, and who can mend that; empty where nobody waits."""
    return "\n".join(f"{each.name} ({each.agency}) does not count yet: {ONE_WORD}." for each in alone)


def agree_present(act: Act, panel_id: int) -> int:
    """Keep, inside an act, that everybody who is present confirms confidentiality; return how many more that are."""
    agreed = [
        row
        for row in act.read(db.panels.members, panel_id)
        if row.attendance == "present" and not row.confidentiality_at
    ]
    for row in agreed:
        act.write(db.panels.put_confidentiality, row, stamp(act.session.clock.now()), act.session.user.name)
    return len(agreed)


def confirm(session: Session, member_id: int) -> None:
    """Keep that somebody confirms that what is said here stays here: their own word, or entered by whoever runs it.

    Raises: NotFound, Refused (somebody else's word).
    """
    operation = (Operation.COLLECT, Thing.PANEL)
    with session.act(*operation, reason=BUSINESS, facts={"step": "confidentiality"}) as act:
        row = row_of(act, member_id)
        panel = still_open(act, row.panel_id)
        act.note(panel=row.panel_id, member=member_id)
        if row.user_name != session.user.name and not runs(session, panel.chair, panel.minute_taker):
            act.refuse("That is somebody else's word.", "Nothing was changed.", "They confirm it, or whoever runs it.")
        if row.confidentiality_at:
            return
        act.write(db.panels.put_confidentiality, row, stamp(session.clock.now()), session.user.name)


def present(act: Act, panel_id: int, case_id: int | None = None) -> tuple[Member, ...]:
    """Return the members and deputies who are there; for a case, without whoever stepped out of it."""
    out = _stepped_out(act, panel_id, case_id)
    return tuple(each for each in members(act, panel_id) if each.counts and each.number not in out)


def quorum(act: Act, panel_id: int, case_id: int | None = None) -> Quorum:
    """Return whether enough agencies are there to decide; for a case, without whoever stepped out of it.

    Observers look on and the partnership's own staff run the meeting: neither counts. Raises: NotFound.
    """
    rule = panel_facts(act, panel_id).quorum
    there = [each for each in present(act, panel_id, case_id) if each.agency_kind not in ("", AgencyKind.PARTNERSHIP)]
    agencies = tuple(sorted({each.agency for each in there}))
    kinds = {each.agency_kind for each in there}
    problems = []
    if len(agencies) < rule.agencies:
        problems.append(f"{some(len(agencies), 'agency is', 'agencies are')} there, and {rule.agencies} are needed.")
    problems += [f"Nobody of {kind} is there." for kind in rule.must if kind not in kinds]
    return Quorum(not problems, tuple(problems), agencies, rule)


def health_member_present(act: Act, panel_id: int, case_id: int | None = None) -> bool:
    """Return whether a member or deputy of a health agency is there and did not step out of the case.

    Class of control: client-enforced. The duty is that of FIELD.md (SIM): mental-health contacts are weighed with
    somebody of health in the room. Somebody without an account counts once a second person stands behind them.
    """
    return any(each.agency_kind in HEALTH_KINDS and each.is_known for each in present(act, panel_id, case_id))


def unknown_health_members(act: Act, panel_id: int, case_id: int | None = None) -> tuple[Member, ...]:
    """Return those of health who are there by the word of one person alone, and so do not count yet."""
    there = present(act, panel_id, case_id)
    return tuple(each for each in there if each.agency_kind in HEALTH_KINDS and not each.is_known)


def _still_asked(act: Act, panel_id: int) -> list[MemberRow]:
    return [
        row
        for row in act.read(db.panels.members, panel_id)
        if row.attendance == "asked" and (row.standing != "observer" or row.confidentiality_at)
    ]


def _stepped_out(act: Act, panel_id: int, case_id: int | None) -> set[int]:
    return {
        row.panel_member_id
        for row in act.read(db.panel_information.interests, panel_id)
        if row.step == "stepped-out"
        and (row.profile_id is None or (case_id is not None and row.panel_case_id == case_id))
    }
