"""Whom the signed decisions of a panel name as present: they stay named, and they sign, whatever is written later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import db.decisions
import db.manifests
import db.panels
from db.sight import combining
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake.text import clean

if TYPE_CHECKING:
    from db.manifests import MemberRow
    from kingshurst_tui.acts import Act

LONGEST = 500

Named = Mapping[int, tuple[int, ...]]
"""The decisions that name somebody as present, by that person's number at the meeting."""


def named_present(act: Act, panel_id: int) -> Named:
    """Return whom the decisions of a panel name as present, those too that are not for the acting user to read."""
    members = act.read(db.manifests.members, panel_id)
    found: dict[int, list[int]] = {}
    with combining(act.connection):
        for case in act.read(db.manifests.cases, panel_id):
            row = act.read(db.decisions.by_id, case.decision_id) if case.decision_id is not None else None
            panel = json.loads(row.document).get("panel") if row else None
            if row is None or not panel or panel.get("panel") != panel_id:
                continue
            for each in panel.get("present", ()):
                for member in _said(each, members):
                    found.setdefault(member, []).append(row.id)
    return {member: tuple(sorted(decisions)) for member, decisions in found.items()}


def _said(each: Mapping[str, Any], members: list[MemberRow]) -> list[int]:
    """Return whose seat a decision's document means; an earlier one names no seat, and is taken by agency and name."""
    if "member" in each:
        return [row.id for row in members if row.id == each["member"]]
    named = (each["agency"], each["name"])
    return [row.id for row in members if (row.agency_code, row.display_name) == named][:1]


def why_changed(act: Act, row: db.panels.MemberRow, attendance: str, why: str) -> str:
    """Return the reason for writing down as not present somebody whom a signed decision names; empty where none does.

    Raises: InputRejected (a reason is missing), Refused (they were there: they were not merely asked).
    """
    if row.attendance != "present" or attendance == "present":
        # Who is not there already keeps the reason that was given for it.
        return "" if attendance == "present" else row.attendance_why
    decisions = named_present(act, row.panel_id).get(row.id)
    if not decisions:
        return ""
    listed = f"{'Decision' if len(decisions) == 1 else 'Decisions'} {', '.join(map(str, decisions))}"
    if attendance == "asked":
        act.refuse(
            f"{listed} {'names' if len(decisions) == 1 else 'name'} {row.display_name} as present.",
            "Nothing was changed.",
            "Where they left before a later case, say that they are absent, and why.",
        )
    words = clean(why)[:LONGEST]
    if not is_a_reason(words):
        raise InputRejected(
            f"{listed} {'names' if len(decisions) == 1 else 'name'} {row.display_name} as present.",
            "Nothing was changed. They are asked to sign all the same, and the manifest says what was changed.",
            f"Say why they are written down otherwise now. {HINT}",
            (f"why: {HINT}",),
        )
    return words


def signers(members: list[MemberRow], named: Named) -> frozenset[int]:
    """Return who is to sign: whoever is present as a member or deputy, and whoever a decision says was."""
    return frozenset(
        each.id
        for each in members
        if each.standing != "observer" and (each.attendance == "present" or each.id in named)
    )


def differences(members: list[MemberRow], document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return where a manifest's decisions and its attendance differ, in sentences; nothing where they agree.

    Args:
        members: as they are written down now.
        document: the manifest's.
    """
    named = {int(each["number"]): each.get("present") for each in document["decisions"]}
    kept = {int(each["member"]): str(each["attendance"]) for each in document["attendance"]}
    said = []
    for each in members:
        theirs = [number for number, present in named.items() if present is not None and each.id in present]
        lacking = [number for number, present in named.items() if present is not None and each.id not in present]
        who, there = f"{each.display_name} ({each.agency_code})", kept.get(each.id, "asked")
        if theirs and there != "present":
            why = f": {each.attendance_why}" if each.attendance_why else "."
            said.append(f"{who} is named as present by {_listed(theirs)} and written down as {there}{why}")
        if lacking and there == "present" and each.standing != "observer":
            said.append(f"{who} is written down as present and not named by {_listed(lacking)}: later, or stepped out.")
    return tuple(said)


def _listed(decisions: list[int]) -> str:
    return f"decision{'' if len(decisions) == 1 else 's'} {', '.join(map(str, sorted(decisions)))}"
