"""Who is asked to a meeting: agencies with their members and deputies, and whoever looks on."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import db.panels
import db.users
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.errors import InputRejected, NotFound
from kingshurst_tui.intake.text import clean
from kingshurst_tui.panels.named_present import named_present
from kingshurst_tui.panels.records import STANDINGS, Member
from kingshurst_tui.panels.running import BUSINESS, panel_facts, still_open
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from db.panels import MemberRow
    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session

LONGEST_NAME = 120


def members(act: Act, panel_id: int) -> tuple[Member, ...]:
    """Return who is asked to a meeting, by agency, observers last."""
    known = act.read(db.users.agencies)
    return tuple(_member(row, known) for row in act.read(db.panels.members, panel_id))


def member(act: Act, member_id: int) -> Member:
    """Return one of those who are asked to a meeting of the acting purpose. Raises: NotFound."""
    return _member(row_of(act, member_id), act.read(db.users.agencies))


def row_of(act: Act, member_id: int) -> MemberRow:
    """Return somebody's row, for what changes it. Raises: NotFound."""
    row = act.read(db.panels.member, member_id)
    if row is None:
        raise NotFound("Nobody of that number is asked to a panel.", "Nothing was changed.", "Check the number.")
    panel_facts(act, row.panel_id)
    return row


def invite(
    session: Session,
    panel_id: int,
    *,
    agency: str,
    name: str = "",
    user_name: str = "",
    standing: str = "member",
    deputy_for: str = "",
) -> int:
    """Ask somebody to a meeting, for an agency; return their number there.

    Args:
        session: who asks.
        panel_id: the meeting's number.
        agency: a partner's code.
        name: as they are called; an account's own name where it is left out.
        user_name: their account here, of that agency; empty for whoever has none.
        standing: one of STANDINGS.
        deputy_for: for whom a deputy comes.

    Raises: InputRejected, NotFound, Refused.
    """
    with session.act(Operation.ALTER, Thing.PANEL, reason=BUSINESS, facts={"panel": panel_id, "step": "asked"}) as act:
        panel = still_open(act, panel_id)
        agencies = act.read(db.users.agencies)
        user = act.read(db.users.by_name, user_name) if user_name else None
        called = clean(name) or (user.display_name if user else "")
        asked = act.read(db.panels.members, panel.number)
        wrong = []
        # Whoever runs the partnership's meetings may be of an agency that shares nothing, and is no partner.
        if agency not in agencies and (user is None or user.agency_code != agency):
            wrong.append(f"agency: {agency or 'none'} is no partner agency ({', '.join(sorted(agencies))})")
        if user_name and (user is None or user.status != "active"):
            wrong.append("user_name: is no active user of this store")
        elif user is not None and user.agency_code != agency:
            wrong.append(f"user_name: is of {user.agency_code}, not of {agency}")
        if user_name and any(each.user_name == user_name for each in asked):
            wrong.append("user_name: is asked already")
        if not called or len(called) > LONGEST_NAME:
            wrong.append(f"name: in 1 to {LONGEST_NAME} letters")
        elif any((each.agency_code, each.display_name.casefold()) == (agency, called.casefold()) for each in asked):
            wrong.append("name: is asked already for that agency")
        if not user_name and any(
            (each.agency_code, each.display_name.casefold(), each.status) == (agency, called.casefold(), "active")
            for each in act.read(db.users.every)
        ):
            # Another would enter their word for them, who have a key of their own.
            wrong.append("user_name: somebody of that name and agency has an account here; name it")
        if standing not in STANDINGS:
            wrong.append(f"standing: one of {', '.join(STANDINGS)}")
        if (standing == "deputy") != bool(clean(deputy_for)):
            wrong.append("deputy_for: for a deputy, and nobody else, say for whom they come")
        if wrong:
            raise InputRejected(
                "Nobody was asked.", "Nothing was changed.\n" + "\n".join(wrong), "Correct these.", tuple(wrong)
            )
        fields = {
            "agency_code": agency,
            "display_name": called,
            "user_name": user_name or None,
            "standing": standing,
            "deputy_for": clean(deputy_for)[:LONGEST_NAME],
            "named_by": session.user.name,
        }
        number = act.write(db.panels.add_member, panel.number, fields)
        act.note(member=number, standing=standing)
    return number


def leave_out(session: Session, member_id: int, why: str) -> None:
    """Ask somebody no more; not once they were there, and not once something they said or sent stands.

    Raises: InputRejected (no reason), NotFound, Refused.
    """
    words = clean(why)
    if not is_a_reason(words):
        raise InputRejected("A reason is missing.", "Nothing was changed.", HINT, (f"why: {HINT}",))
    with session.act(
        Operation.ALTER, Thing.PANEL, reason=Reason(ReasonCode.PANEL, words), facts={"step": "left-out"}
    ) as act:
        row = row_of(act, member_id)
        still_open(act, row.panel_id)
        if row.attendance != "asked":
            act.refuse(
                f"It stands already that they were {row.attendance}.",
                "Nothing was changed.",
                "Whoever was asked and answered stays in the minutes.",
            )
        if act.read(db.panels.is_named, row.id) or row.id in named_present(act, row.panel_id):
            act.refuse("Something that they declared or signed stands.", "Nothing was changed.")
        act.write(db.panels.drop_member, row)
        act.note(panel=row.panel_id, member=member_id)


def _member(row: MemberRow, agencies: dict[str, tuple[str, str]]) -> Member:
    return Member(
        row.id,
        row.panel_id,
        row.agency_code,
        agencies.get(row.agency_code, ("", ""))[1],
        row.display_name,
        row.user_name or "",
        row.standing,
        row.deputy_for,
        row.attendance,
        date.fromisoformat(row.information_on) if row.information_on else None,
        row.confidentiality_at or "",
        row.confidentiality_by,
        row.version,
        row.attendance_why,
        row.vouched_by,
    )
