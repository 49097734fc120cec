"""A pack for each attendee of a meeting, through the gate."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from kingshurst_tui.errors import InputRejected, Refused
from kingshurst_tui.leaving import gate
from kingshurst_tui.leaving.gate import Copy, Recipient
from kingshurst_tui.leaving.pages import FORMS, Document, Listed, Section, draw
from kingshurst_tui.panels.members import members
from kingshurst_tui.panels.pack_contents import Pack, pack_for
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.panels.records import Member
    from kingshurst_tui.session import Session


def release_packs(
    session: Session,
    panel_id: int,
    *,
    form: str,
    into: Path,
    why: str,
    reason: Reason,
    names: Collection[str] = (),
    expires_on: date | None = None,
) -> tuple[Copy, ...]:
    """Let a pack for each attendee leave, or for those who are named.

    Args:
        session: who lets it leave.
        panel_id: the meeting.
        form: one of pages.FORMS.
        into: the folder.
        why: in words.
        reason: why one acts.
        names: of attendees; nobody named is everybody who is asked and does not merely look on.
        expires_on: the last day on which packs may be kept.

    Raises: InputRejected, NotFound, Refused.
    """
    check_form(form)
    with session.act(Operation.CONSULT, Thing.PANEL, reason=reason) as act:
        chosen = chosen_members(act, panel_id, names)
        packs = {(each.name, each.agency): pack_for(act, panel_id, each.number) for each in chosen}
        act.concerns({name for pack in packs.values() for name in pack.subjects})
        act.note(panel=panel_id, packs=len(packs))
    documents = {key: document_of(pack) for key, pack in packs.items()}
    return gate.release(
        session,
        kind="pack",
        form=form,
        body_for=lambda each: draw(form, documents[each.name, each.agency], each),
        recipients=recipients_of(chosen),
        why=why,
        subjects=lambda each: _told(packs[each.name, each.agency]),
        data_sets=lambda each: packs[each.name, each.agency].data_sets,
        into=into,
        name=f"pack-{panel_id}",
        reason=reason,
        expires_on=expires_on,
        panel=panel_id,
    )


def check_form(form: str) -> None:
    """Refuse a form in which no document leaves. Raises: InputRejected."""
    if form not in FORMS:
        raise InputRejected("That is no form in which this leaves.", "Nothing was written.", ", ".join(FORMS))


def chosen_members(act: Act, panel_id: int, names: Collection[str]) -> tuple[Member, ...]:
    """Return those of a meeting who are named, or everybody who does not merely look on. Raises: Refused."""
    asked = members(act, panel_id)
    wanted = {name.casefold() for name in names}
    found = tuple(each for each in asked if (each.name.casefold() in wanted if wanted else each.standing != "observer"))
    missing = wanted - {each.name.casefold() for each in found}
    if missing or not found:
        raise Refused(
            "Not everybody who is named is asked to this panel." if missing else "Nobody is asked to this panel.",
            f"{', '.join(sorted(missing))}. Nothing was written." if missing else "Nothing was written.",
            "Ask them to it first.",
        )
    return found


def recipients_of(chosen: Collection[Member]) -> list[Recipient]:
    """Return attendees as the gate knows them."""
    return [Recipient(each.name, each.agency, each.user_name) for each in chosen]


def document_of(pack: Pack) -> Document:
    """Return a pack as it is drawn."""
    sections = []
    for case in pack.cases:
        title = f"Case {case.place}: {case.pseudonym}" + (f", {case.known_as}" if case.known_as else "")
        blocks = tuple(Listed(tuple(f"{heading}: {line}" for line in lines)) for heading, lines in case.sections)
        sections.append(Section(title, blocks))
    return Document(pack.title, pack.lines, tuple(sections))


def _told(pack: Pack) -> Collection[str]:
    """Whom a pack is about: a case that is kept out of it stands in it by its place alone."""
    return [case.pseudonym for case in pack.cases if case.is_shown]
