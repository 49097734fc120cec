"""Pairs of records as people see them: field by field where both are open, how the fields compare where not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import db.links
import db.profiles
from db.links import LinkRecord
from kingshurst_tui.acts import Reason
from kingshurst_tui.errors import NotFound
from kingshurst_tui.linkage import explanation
from kingshurst_tui.linkage.explanation import Waterfall
from kingshurst_tui.vocabulary import ANOTHER_AGENCY, LinkState, Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session

PAGE = 50
"""Pairs that one reading of the queue shows; its entry names their people."""


@dataclass(frozen=True, slots=True)
class Side:
    """One record of a pair.

    Where either side is masked neither is named: beside an open one, "the same surname" would name the masked one.

    Attributes:
        record_id: 0 in a masked pair, like ``profile_id``.
        pseudonym: of the profile it belongs to; empty in a masked pair.
        agency: its agency, "another agency" on a mask where the name would tell something.
        reference: the partner's reference, where the acting user's own agency gave the record.
        fields: what the record holds, by field, where its profile is open; else None.
    """

    record_id: int
    profile_id: int
    pseudonym: str
    agency: str
    reference: str | None
    fields: dict[str, str | None] | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records side by side, with what speaks for and against one person.

    Attributes:
        proposed_by: who would link them, where that would open a masked profile and waits for a second person.
    """

    link_id: int
    state: str
    left: Side
    right: Side
    waterfall: Waterfall
    decided_by: str | None = None
    proposed_by: str = ""

    @property
    def masked(self) -> bool:
        """Whether only how the fields compare is shown, not what they hold."""
        return self.left.fields is None or self.right.fields is None


def queue(session: Session, *, limit: int = PAGE, offset: int = 0) -> tuple[list[Pair], int]:
    """Return pairs that wait for people, strongest first, and how many there are in all."""
    with session.act(Operation.CONSULT, Thing.LINK, reason=Reason(ReasonCode.REVIEW)) as act:
        waiting = act.read(db.links.waiting, limit, offset)
        total = act.read(db.links.count_waiting)
        pairs = pairs_of(act, waiting)
        act.note(shown=len(pairs), waiting=total)
        return pairs, total


def links_of(session: Session, profile_id: int, reason: Reason) -> list[Pair]:
    """Return the links between the records of one profile, strongest first, for its explanation."""
    with session.act(Operation.CONSULT, Thing.LINK, reason=reason) as act:
        inside = act.read(db.profiles.records_of, [profile_id])
        found = [link for link in act.read(db.links.touching, inside) if link.left in inside and link.right in inside]
        found.sort(key=lambda link: (-link.weight, link.link_id))
        return pairs_of(act, [link for link in found if link.state != LinkState.APART])


def explain(session: Session, link_id: int, reason: Reason) -> Pair:
    """Return one pair with its waterfall. Raises: NotFound, Refused."""
    with session.act(Operation.CONSULT, Thing.LINK, reason=reason) as act:
        return pairs_of(act, [wanted(act, link_id)])[0]


def wanted(act: Act, link_id: int) -> LinkRecord:
    """Return one link. Raises: NotFound."""
    found = act.read(db.links.by_id, link_id)
    if found is None:
        raise NotFound("There is no such pair.", "Nothing was changed.")
    return found.link


def pairs_of(act: Act, links: Sequence[LinkRecord]) -> list[Pair]:
    """Return links as pairs to look at; the entry names everybody in them."""
    ends = {record for link in links for record in (link.left, link.right)}
    profile_of = act.read(db.profiles.profiles_of, ends)
    known = act.read(db.profiles.known, profile_of.values())
    act.concerns(profile.pseudonym for profile in known.values())
    shown = act.read(db.links.sides, ends)
    fields = act.read(db.links.open_fields, ends)
    versions = {link.model_version for link in links}
    models = {v: explanation.model_of(v, act.read(db.links.model_document, v)) for v in versions}

    proposed = act.read(db.links.proposed, [link.link_id for link in links])

    def side(record: int, *, masked: bool) -> Side:
        agency, reference, on_mask = shown.get(record, (ANOTHER_AGENCY, None, ANOTHER_AGENCY))
        if masked:
            return Side(0, 0, "", on_mask, None, None)
        profile = known[profile_of[record]]
        return Side(record, profile.profile_id, profile.pseudonym, agency, reference, fields.get(record))

    def pair(link: LinkRecord) -> Pair:
        masked = link.left not in fields or link.right not in fields
        drawn = explanation.waterfall(link, models[link.model_version])
        return Pair(
            link.link_id,
            link.state,
            side(link.left, masked=masked),
            side(link.right, masked=masked),
            explanation.by_level(drawn) if masked else drawn,
            proposed_by=proposed.get(link.link_id, ""),
        )

    pairs = [pair(link) for link in links if link.left in profile_of and link.right in profile_of]
    act.note(masked=all(each.masked for each in pairs))
    return pairs
