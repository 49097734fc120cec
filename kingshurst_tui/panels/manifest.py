"""The decisions of a meeting in one document: a member signs once, with their own key, in the room or later.

It names decisions by number and digest and says no word of anybody, so that it stays true when somebody is erased.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import db.decisions
import db.manifests
from db.keys import canonical
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, NotFound
from kingshurst_tui.panels.manifest_checked import digest_of, word
from kingshurst_tui.panels.manifest_shown import (
    STANCES,
    ManifestShown,
    outdated,
    shown_manifest,
)
from kingshurst_tui.panels.named_present import named_present, signers
from kingshurst_tui.vocabulary import Operation, Role, Thing

if TYPE_CHECKING:
    from db.manifests import ManifestRow, MemberRow, PanelRow
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.session import Session


@dataclass(frozen=True, slots=True)
class Answer:
    """What a member says of a panel's decisions.

    Attributes:
        member: whose answer it is; None for one's own.
        stance: one of STANCES.
        excepted: decisions that the member does not agree with.
    """

    member: int | None
    stance: str
    excepted: tuple[int, ...] = ()


def make(session: Session, panel_id: int, reason: Reason) -> ManifestShown:
    """Put the panel's decisions into one document to be signed; an earlier one is replaced and kept.

    Raises: NotFound, Refused (not the chair, the minute-taker or a coordinator; a case is still to be discussed;
        nothing was decided, or nothing since the last).
    """
    with session.act(Operation.ALTER, Thing.MANIFEST, reason=reason) as act:
        panel = _panel(act, panel_id)
        _may_make(act, panel)
        newest = _newest(act, panel_id)
        if newest is not None and not outdated(act, newest):
            act.refuse("The manifest lists every decision of this panel already.", "Nothing was changed.")
        shown = _made(act, panel)
    return shown


def read(session: Session, panel_id: int, reason: Reason) -> ManifestShown | None:
    """Return a panel's manifest, verified, or None where there is none. Raises: NotFound, Refused."""
    with session.act(Operation.CONSULT, Thing.MANIFEST, reason=reason) as act:
        _panel(act, panel_id)
        shown = of_panel(act, panel_id)
        act.note(panel=panel_id, manifest=shown.number if shown else None)
    return shown


def may_sign(session: Session, panel_id: int, reason: Reason, *, member_id: int | None = None) -> None:
    """Say before anything is asked what would stop a signature; nothing is made or signed.

    Raises: NotFound, Refused (as ``sign``).
    """
    with session.act(Operation.CONSULT, Thing.MANIFEST, reason=reason, facts={"step": "before signing"}) as act:
        act.note(panel=panel_id)
        panel = _panel(act, panel_id)
        newest = _newest(act, panel_id)
        member = _member(act, panel, member_id)
        if newest is None or outdated(act, newest):
            _may_make(act, panel)
            _decisions(act, panel)
        else:
            _not_signed_yet(act, newest, member)


def sign(
    session: Session,
    panel_id: int,
    stance: str,
    reason: Reason,
    *,
    excepted: Sequence[int] = (),
    member_id: int | None = None,
) -> ManifestShown:
    """Sign a panel's manifest with one's own key, once; or enter the answer of a member who has no account.

    The chair, the minute-taker and a coordinator make it, or make it anew, in the same breath.

    Args:
        session: who signs or enters.
        panel_id: which panel's.
        stance: one of STANCES.
        reason: why.
        excepted: decisions that the member does not agree with.
        member_id: for whom it is entered, by whoever runs the panel or is of their agency; None for oneself.

    Raises: InputRejected, NotFound, Refused.
    """
    return sign_together(session, panel_id, [Answer(member_id, stance, tuple(excepted))], reason)


def sign_together(session: Session, panel_id: int, answers: Sequence[Answer], reason: Reason) -> ManifestShown:
    """Enter the answers of several members, as ``sign`` does each; all are kept, or none.

    Raises: InputRejected, NotFound, Refused.
    """
    if not answers or any(answer.stance not in STANCES for answer in answers):
        raise InputRejected(f"That is none of {', '.join(STANCES)}.", "Nothing was signed.", "Choose one.")
    with session.act(Operation.ALTER, Thing.MANIFEST, reason=reason) as act:
        panel = _panel(act, panel_id)
        signing = [(_member(act, panel, answer.member), answer) for answer in answers]
        newest = _newest(act, panel_id)
        if newest is None or outdated(act, newest):
            _may_make(act, panel)
            _made(act, panel)
            newest = _newest(act, panel_id)
        if newest is None:
            raise NotFound("There is no such manifest.", "Nothing was signed.", "Make it first.")
        for member, answer in signing:
            _not_signed_yet(act, newest, member)
            _put(act, newest, member, answer)
        one = len(signing) == 1
        act.note(
            panel=panel_id,
            manifest=newest.id,
            member=signing[0][0].id if one else ", ".join(str(member.id) for member, _ in signing),
            stance=", ".join(answer.stance for _, answer in signing),
            digest=digest_of(newest.document),
        )
        shown = of_panel(act, panel_id)
        if shown is None:
            raise NotFound("There is no such manifest.", "Nothing was signed.", "Make it first.")
    return shown


def _put(act: Act, newest: ManifestRow, member: MemberRow, answer: Answer) -> None:
    session = act.session
    listed = {int(each["number"]) for each in json.loads(newest.document)["decisions"]}
    if not set(answer.excepted) <= listed:
        raise InputRejected(
            "One of the excepted decisions is not in this manifest.",
            "Nothing was signed.",
            f"It lists {', '.join(map(str, sorted(listed)))}.",
        )
    entered_for = "" if member.user_name == session.user.name else member.display_name
    at = stamp(session.clock.now())
    excepted = sorted(set(answer.excepted))
    document, signature = session.sign(
        word(newest, member, answer.stance, excepted, session.user.name, entered_for, at)
    )
    act.write(
        db.manifests.add_signature,
        manifest_id=newest.id,
        panel_member_id=member.id,
        agency_code=member.agency_code,
        stance=answer.stance,
        signed_by=session.user.name,
        entered_for=entered_for,
        document=document.decode(),
        signature=signature,
        signed_at=at,
    )


def of_panel(act: Act, panel_id: int) -> ManifestShown | None:
    """Return a panel's manifest, verified, inside an act; None where there is none."""
    rows = act.read(db.manifests.of_panel, panel_id)
    return shown_manifest(act, rows[0], len(rows) - 1) if rows else None


def waiting_for(act: Act) -> tuple[int, ...]:
    """Return the panels whose manifest waits for the acting user's own signature."""
    return tuple(act.read(db.manifests.to_sign, act.session.user.name))


def not_signed(act: Act, panel_id: int) -> tuple[str, ...]:
    """Return who of those present, now or by a decision, has not signed the panel's decisions, in words."""
    rows = act.read(db.manifests.of_panel, panel_id)
    signed = {row.panel_member_id for row in act.read(db.manifests.signatures, rows[0].id)} if rows else set()
    members = act.read(db.manifests.members, panel_id)
    # A manifest says who signs it; before there is one, every decision of the panel is looked at for whom it names.
    kept = json.loads(rows[0].document).get("signers") if rows else None
    left = (frozenset(kept) if kept is not None else signers(members, named_present(act, panel_id))) - signed
    return tuple(f"{each.display_name} ({each.agency_code})" for each in members if each.id in left)


# --- made -------------------------------------------------------------------------------------------------------------


def _decisions(act: Act, panel: PanelRow) -> list[dict[str, Any]]:
    """Return what a manifest made now would list. Raises: Refused (it cannot be made yet, or not by this user)."""
    cases = act.read(db.manifests.cases, panel.id)
    left = [str(each.place) for each in cases if each.status == "listed"]
    if left and panel.status != "closed":
        act.refuse(
            "Some cases are still to be discussed: a member signs once, over all decisions.",
            f"Still listed: {', '.join(left)}. Nothing was changed.",
            "Decide them, put them off, or close the panel.",
        )
    decisions: list[dict[str, Any]] = []
    for number in sorted(each.decision_id for each in cases if each.decision_id is not None):
        found = act.read(db.decisions.by_id, number)
        if found is None:
            act.refuse(
                f"Decision {number} is not open to you, so that its digest cannot be taken.",
                "Nothing was changed.",
                "Somebody to whom the profile is open makes the manifest.",
            )
        signed = {"number": number, "digest": digest_of(found.document)}
        decisions.append(signed | _circumstances(panel, found.document))
    if not decisions:
        act.refuse("This panel has decided nothing yet.", "Nothing was changed.", "Sign a decision first.")
    return decisions


def _made(act: Act, panel: PanelRow) -> ManifestShown:
    decisions = _decisions(act, panel)
    members = act.read(db.manifests.members, panel.id)
    session, at = act.session, stamp(act.session.clock.now())
    document = canonical(
        {
            "kind": "panel-manifest/1",
            "panel": panel.id,
            "title": panel.title,
            "held_on": panel.held_on,
            "purpose": panel.purpose,
            "chair": panel.chair,
            "decisions": decisions,
            "attendance": [
                {
                    "member": each.id,
                    "agency": each.agency_code,
                    "name": each.display_name,
                    "standing": each.standing,
                    "attendance": each.attendance,
                }
                for each in members
            ],
            "signers": sorted(signers(members, named_present(act, panel.id))),
            "quorum": _quorum(act, panel, decisions),
            "made_by": session.user.name,
            "made_at": at,
        }
    )
    number = act.write(db.manifests.add, panel.id, document.decode(), session.user.name, at)
    act.note(panel=panel.id, manifest=number, decisions=len(decisions), digest=digest_of(document.decode()))
    shown = of_panel(act, panel.id)
    if shown is None:
        raise NotFound("The manifest was not kept.", "Nothing was changed.", "Try again.")
    return shown


def _circumstances(panel: PanelRow, document: str) -> dict[str, object]:
    """Return whom a decision names as present and whether it had its quorum; nothing of one that another panel made."""
    said = json.loads(document).get("panel")
    if not said or said.get("panel") != panel.id:
        return {}
    present = sorted(each["member"] for each in said["present"] if "member" in each)
    return {"present": present, "quorum": said["quorum"]}


def _quorum(act: Act, panel: PanelRow, decisions: list[dict[str, Any]]) -> dict[str, object]:
    """Return whether the decisions were signed with the panel's quorum, by what they say of themselves.

    One that was signed between panels says nothing of it: for that the attendance counts, as when it was ratified.
    """
    from kingshurst_tui.panels import attendance

    problems = [
        f"Decision {each['number']}: {'; '.join(each['quorum']['problems'])}"
        for each in decisions
        if "quorum" in each and not each["quorum"]["met"]
    ]
    if not all("quorum" in each for each in decisions):
        problems += attendance.quorum(act, panel.id).problems
    return {"met": not problems, "problems": problems}


def _panel(act: Act, panel_id: int) -> PanelRow:
    found = act.read(db.manifests.panel, panel_id)
    if found is None:
        raise NotFound("There is no such panel.", "Nothing was shown or changed.", "Check its number.")
    return found


def _newest(act: Act, panel_id: int) -> ManifestRow | None:
    rows = act.read(db.manifests.of_panel, panel_id)
    return rows[0] if rows and rows[0].status == "open" else None


def _not_signed_yet(act: Act, newest: ManifestRow, member: MemberRow) -> None:
    if any(row.panel_member_id == member.id for row in act.read(db.manifests.signatures, newest.id)):
        act.refuse(f"{member.display_name} has signed this manifest already.", "Nothing was changed.")


def _runs(act: Act, panel: PanelRow) -> bool:
    user = act.session.user
    return user.name in (panel.chair, panel.minute_taker) or user.role is Role.COORDINATOR


def _may_make(act: Act, panel: PanelRow) -> None:
    if not _runs(act, panel):
        act.refuse(
            "There is no manifest to sign yet.",
            "The chair, the minute-taker or a coordinator makes it when the panel has decided, and anew when decisions "
            "or attendance are changed. Nothing was changed.",
            "Ask one of them.",
        )


def _member(act: Act, panel: PanelRow, member_id: int | None) -> MemberRow:
    user = act.session.user.name
    members = act.read(db.manifests.members, panel.id)
    to_sign = signers(members, named_present(act, panel.id))
    if member_id is None:
        mine = [each for each in members if each.user_name == user]
        if not mine:
            act.refuse(
                "You are no member of this panel.",
                "Nothing was signed.",
                "For a member without an account, say whose answer you enter.",
            )
        member = next((each for each in mine if each.id in to_sign), mine[0])
    else:
        found = next((each for each in members if each.id == member_id), None)
        if found is None:
            raise NotFound("There is no such member of this panel.", "Nothing was signed.", "Check the number.")
        member = found
        if member.user_name and member.user_name != user:
            act.refuse(
                f"{member.display_name} has an account here and signs with their own key.", "Nothing was signed."
            )
        if not member.user_name and not (_runs(act, panel) or act.session.user.agency == member.agency_code):
            act.refuse(
                "Whoever runs the panel, or somebody of the same agency, enters an answer for others.",
                "Nothing was signed.",
            )
    if member.id not in to_sign:
        act.refuse(
            f"{member.display_name} was not present as a member or deputy.",
            "Nothing was signed.",
            "Only those who decided sign; attendance can be corrected in the panel.",
        )
    return member
