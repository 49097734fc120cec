"""What people decide about links: linking, keeping apart, undoing, splitting, joining, "wrong person".

A decision outlives every later run. It is written, the people concerned are grouped anew from the links as kept, and
what rested on them is reopened, all in one transaction. Before any of it, ``preview`` says what would be affected.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import TYPE_CHECKING

import db.links
import db.profiles
from db.links import LinkRecord, NewLink
from db.profiles import Resting
from kingshurst_tui.acts import Reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import Changed, InputRejected, NotFound, StaleRecord
from kingshurst_tui.linkage import model
from kingshurst_tui.linkage.affected import Affected, affected_by
from kingshurst_tui.linkage.pairs_shown import wanted
from kingshurst_tui.linkage.plan import plan
from kingshurst_tui.linkage.profiles import Written, apply_piece
from kingshurst_tui.linkage.regrouping import Scene, opens_a_mask, regrouped
from kingshurst_tui.vocabulary import LinkState, Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session
_SAID = {LinkState.LINKED.value: "linked", LinkState.APART.value: "kept apart"}
_NO_EVIDENCE = '{"levels":{},"rarity":{},"records":0}'


class Verdict(StrEnum):
    """What a person decides about a pair."""

    LINK = "link"
    APART = "keep apart"
    LEAVE = "leave"


def preview(session: Session, link_id: int, verdict: Verdict) -> Affected:
    """Say what a decision about a pair would affect, changing nothing. Raises: NotFound, Refused."""
    with session.act(
        Operation.CONSULT, Thing.LINK, reason=Reason(ReasonCode.REVIEW), combine=True, facts={"step": "preview"}
    ) as act:
        return affected_by(act, _changes(act, wanted(act, link_id), verdict))


def decide(session: Session, link_id: int, verdict: Verdict, why: str, *, over: str | int | None = None) -> Written:
    """Record a person's decision about a pair and group the people concerned anew.

    A link that would open a masked profile waits until a second person decides the same.

    Args:
        link_id: the pair.
        verdict: link, keep apart, or leave for somebody else.
        why: in words; sealed with the entry and kept with the link.
        over: somebody else's decision that one has seen, as their StaleRecord handed it over.

    Raises: InputRejected (no reason), NotFound, StaleRecord (somebody else has decided), Refused (identifiers or
        another decision contradict it).
    """
    with _deciding(session, why) as act:
        link = wanted(act, link_id)
        _nobody_unseen(act, link_id, verdict, over)
        act.note(verdict=verdict.value, link=link_id)
        at = stamp(session.clock.now())
        if verdict is Verdict.LEAVE:
            act.write(db.links.decide, link_id, link.state, session.user.name, at, why)
            people = act.read(db.profiles.profiles_of, (link.left, link.right)).values()
            act.concerns(p.pseudonym for p in act.read(db.profiles.known, people).values())
            return Written()
        return _carry_out(act, _changes(act, link, verdict), why)


def _nobody_unseen(act: Act, link_id: int, verdict: str, over: str | int | None) -> None:
    """Raise where somebody else has decided about a pair and this user has not seen it. Raises: StaleRecord."""
    found = act.read(db.links.by_id, link_id)
    if found is None or found.decided_by in (None, act.session.user.name):
        return
    seen = f"{found.link.state} {found.decided_by} {found.decided_at}"
    if over == seen:
        return
    left = found.link.state not in db.links.BY_PEOPLE
    said = "left to somebody else" if left else _SAID[found.link.state]
    if left and verdict != Verdict.LEAVE:
        return  # who leaves a pair to somebody else has said that anybody may decide
    raise StaleRecord(
        "Somebody else has decided about this pair.",
        f"It was {said}. Nothing was changed.",
        "Over it, yours stands; theirs stays in the trail, with its reason.",
        [Changed("verdict", "The two records", "", said, str(verdict))],
        by=found.decided_by or "",
        over=seen,
    )


def undo(session: Session, link_id: int, why: str, *, over: str | int | None = None) -> Written:
    """Undo a link: the two records are kept apart, and what rested on their being one person is reopened."""
    return decide(session, link_id, Verdict.APART, why, over=over)


def take_back(session: Session, link_id: int, why: str, *, over: str | int | None = None) -> Written:
    """Take back what a person decided about a pair; the model's evidence counts again.

    Raises: InputRejected, NotFound, StaleRecord (it is not the decision ``over``), Refused (nobody decided).
    """
    with _deciding(session, why) as act:
        link = wanted(act, link_id)
        if link.state not in db.links.BY_PEOPLE:
            act.refuse("Nobody has decided about this pair.", "Nothing was changed.")
        if over is not None:
            _nobody_unseen(act, link_id, "take back", over)
        act.note(verdict="take back", link=link_id)
        return _carry_out(act, {(link.left, link.right): LinkState.UNDONE}, why)


def preview_split(session: Session, profile_id: int, records: Sequence[int]) -> Affected:
    """Say what taking these records out of a profile would affect, changing nothing. Raises: NotFound."""
    with session.act(
        Operation.CONSULT, Thing.LINK, reason=Reason(ReasonCode.REVIEW), combine=True, facts={"step": "preview"}
    ) as act:
        return affected_by(act, _parting(act, profile_id, records))


def split(session: Session, profile_id: int, records: Sequence[int], why: str) -> Written:
    """Take records out of a profile: they are another person's. They stay together, and apart from the rest.

    Raises: InputRejected (no reason; none or all of its records), NotFound, Refused.
    """
    with _deciding(session, why) as act:
        changes = _parting(act, profile_id, records)
        act.note(verdict="split", records=len(set(records)))
        return _carry_out(act, changes, why)


def wrong_person(session: Session, profile_id: int, record_id: int, why: str) -> Written:
    """Take one record out of a profile it does not belong to."""
    return split(session, profile_id, [record_id], why)


def report_wrong_person(session: Session, profile_id: int, why: str) -> None:
    """Tell reviewers that a profile is not who it seems, for those who may not part it themselves.

    Raises: InputRejected (no reason), NotFound, Refused.
    """
    _needs_words(why)
    with session.act(
        Operation.ALTER, Thing.PROFILE, reason=Reason(ReasonCode.REVIEW), typed=why, facts={"step": "wrong person"}
    ) as act:
        people = act.read(db.profiles.known, [profile_id])
        if profile_id not in people:
            raise NotFound("There is no such profile.", "Nothing was changed.")
        act.concerns([people[profile_id].pseudonym])
        told = Resting(Thing.PROFILE.value, profile_id, "reported")
        act.write(db.profiles.note_reopened, profile_id, [told], why, stamp(session.clock.now()))


def join(session: Session, one: int, other: int, why: str) -> Written:
    """Make two profiles one that the model never proposed; the older id stays.

    Raises: InputRejected (no reason), NotFound, Refused (identifiers or a decision contradict it).
    """
    with _deciding(session, why) as act:
        records = act.read(db.profiles.records_of, [one, other])
        sides = [sorted(record for record, profile in records.items() if profile == which) for which in (one, other)]
        if one == other or not all(sides):
            raise NotFound("There are no two such profiles.", "Nothing was changed.")
        pair = (min(sides[0][0], sides[1][0]), max(sides[0][0], sides[1][0]))
        act.note(verdict="join")
        return _carry_out(act, {pair: LinkState.LINKED}, why)


def _needs_words(why: str) -> None:
    if not why.strip():
        raise InputRejected("Say why.", "Nothing was changed.", "A decision about who is who needs a reason in words.")


def _deciding(session: Session, why: str) -> AbstractContextManager[Act]:
    _needs_words(why)
    return session.act(Operation.ALTER, Thing.LINK, reason=Reason(ReasonCode.REVIEW, why), combine=True)


def _changes(act: Act, link: LinkRecord, verdict: Verdict) -> dict[tuple[int, int], LinkState]:
    """Return what a verdict about one pair says of it, and of others like it.

    Who keeps two profiles apart has seen the strongest pair between them and has decided about the weaker ones too.
    """
    pair = (link.left, link.right)
    if verdict is Verdict.LEAVE:
        return {}
    if verdict is Verdict.LINK:
        return {pair: LinkState.LINKED}
    profile = act.read(db.profiles.profiles_of, pair)
    sides = {profile.get(link.left), profile.get(link.right)}
    if len(sides) < 2:
        return {pair: LinkState.APART}
    inside = act.read(db.profiles.records_of, [which for which in sides if which is not None])
    between = [
        (other.left, other.right)
        for other in act.read(db.links.touching, inside)
        if other.state in (LinkState.REVIEW, LinkState.UNDONE)
        and inside.get(other.left) is not None
        and inside.get(other.right) is not None
        and inside[other.left] != inside[other.right]
    ]
    return dict.fromkeys([pair, *between], LinkState.APART)


def _parting(act: Act, profile_id: int, records: Sequence[int]) -> dict[tuple[int, int], LinkState]:
    inside = act.read(db.profiles.records_of, [profile_id])
    leaving = set(records)
    if not leaving or not leaving < set(inside):
        raise InputRejected(
            "Name some of the profile's records, and not all.",
            "Nothing was changed.",
            "What stays keeps the profile; what you name becomes another person's.",
        )
    return {(min(a, b), max(a, b)): LinkState.APART for a in sorted(leaving) for b in sorted(set(inside) - leaving)}


def _proposed(act: Act, scene: Scene, changes: dict[tuple[int, int], LinkState], why: str) -> bool:
    """Say whether somebody else proposed this already; keep that this user does where nobody did."""
    ids = {pair: link.link_id for pair in changes if (link := scene.links.get(pair)) is not None}
    proposals = act.read(db.links.proposed, ids.values())
    if len(ids) == len(changes) and all(
        proposals.get(link_id, act.session.user.name) != act.session.user.name for link_id in ids.values()
    ):
        return True
    at = stamp(act.session.clock.now())
    for left, right in changes:
        link_id = ids.get((left, right))
        if link_id is None:
            empty = NewLink(left, right, 0.0, _NO_EVIDENCE, model.CURRENT, "", None, LinkState.REVIEW)
            link_id = act.write(db.links.add_by_hand, empty)
        act.write(db.links.propose, link_id, act.session.user.name, at, why)
    return False


def _carry_out(act: Act, changes: dict[tuple[int, int], LinkState], why: str) -> Written:
    scene = regrouped(act, changes)
    profiles = {r.profile_id for r in scene.records.values() if r.profile_id is not None}
    act.concerns(profile.pseudonym for profile in act.read(db.profiles.known, profiles).values())
    if scene.refused:
        act.refuse("These records cannot be made one person.", f"{scene.refused.capitalize()}. Nothing was changed.")
    if opens_a_mask(act, scene) and not _proposed(act, scene, changes, why):
        act.note(waits=True)
        return Written(waits=True)
    _write_decisions(act, scene, changes, why)
    ages = act.read(db.profiles.ages, profiles)
    made = plan(scene.groups, scene.records, ages, (), scene.links, ())
    written = Written()
    names = act.session.new_pseudonyms(made.new)
    for piece in made.pieces:
        done = apply_piece(act, piece, [names.pop() for person in piece.persons if person.is_new])
        if done is None:
            raise StaleRecord("Somebody else changed these people meanwhile.", "Nothing was changed.", "Look again.")
        written.touched |= done.touched
        written.reopened += done.reopened
    return written


def _write_decisions(act: Act, scene: Scene, changes: dict[tuple[int, int], LinkState], why: str) -> None:
    at = stamp(act.session.clock.now())
    for (left, right), state in changes.items():
        link = scene.links.get((left, right))
        if link is None:
            empty = NewLink(left, right, 0.0, _NO_EVIDENCE, model.CURRENT, "", None, LinkState.REVIEW)
            link_id = act.write(db.links.add_by_hand, empty)
        else:
            link_id = link.link_id
        act.write(db.links.decide, link_id, state.value, act.session.user.name, at, why)


def find(session: Session, pseudonym: str) -> int:
    """Return the id of the profile a pseudonym means today, following merges. Raises: NotFound."""
    found = session.look(db.profiles.by_pseudonym, pseudonym.strip().upper())
    if found is None:
        raise NotFound("There is no such profile.", "Nothing was changed.")
    return found.profile_id
