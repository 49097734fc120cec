"""What people decide about links: the queue, linking, keeping apart, undoing, splitting, "wrong person".

A decision outlives every later run. It is written, the people concerned are grouped anew from the links as kept, and
what rested on them is reopened, all in one transaction. Before any of it, ``preview`` says what would be affected.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import db.case_reading
import db.consents
import db.links
import db.profiles
from db.links import LinkRecord, NewLink
from db.profiles import Resting
from kingshurst_tui.acts import Reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import Changed, InputRejected, NotFound, StaleRecord
from kingshurst_tui.linkage import clusters, model
from kingshurst_tui.linkage.pairs import Pair, Side, explain, links_of, queue, wanted
from kingshurst_tui.linkage.plan import plan
from kingshurst_tui.linkage.profiles import Written, apply_piece
from kingshurst_tui.vocabulary import LinkState, Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act
    from kingshurst_tui.linkage.model import LinkModel
    from kingshurst_tui.session import Session

__all__ = [
    "Affected",
    "Pair",
    "Side",
    "Verdict",
    "decide",
    "explain",
    "find",
    "join",
    "links_of",
    "preview",
    "preview_split",
    "queue",
    "report_wrong_person",
    "split",
    "take_back",
    "undo",
    "wrong_person",
]

_KEPT_APART = "a person has decided that two of these records are kept apart; take that back first"
_SAID = {LinkState.LINKED.value: "linked", LinkState.APART.value: "kept apart"}
_NO_EVIDENCE = '{"levels":{},"rarity":{},"records":0}'


class Verdict(StrEnum):
    """What a person decides about a pair."""

    LINK = "link"
    APART = "keep apart"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Affected:
    """What a change would touch, said before it is made.

    Attributes:
        pseudonyms: the people as they are now; none where one of several is masked, or the others would name them.
        people_after: how many people the same records would be.
        things: consents, grounds, flags, decisions and actions that would be reopened or looked at again.
        refused: why it would be refused; empty where it would not.
        people_now: how many people they are.
        opens: it would open a masked profile, so that a second person is to agree.
    """

    pseudonyms: tuple[str, ...]
    people_after: int
    things: tuple[Resting, ...]
    refused: str = ""
    people_now: int = 0
    opens: bool = False


def preview(session: Session, link_id: int, verdict: Verdict) -> Affected:
    """Say what a decision about a pair would affect, changing nothing. Raises: NotFound, Refused."""
    with session.act(
        Operation.CONSULT, Thing.LINK, reason=Reason(ReasonCode.REVIEW), combine=True, facts={"step": "preview"}
    ) as act:
        return _affected(act, _changes(act, wanted(act, link_id), verdict))


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
        return _affected(act, _parting(act, profile_id, records))


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


@dataclass(slots=True)
class _Scene:
    """Everybody a decision may concern, grouped as the decision would have it."""

    records: dict[int, db.profiles.LinkageRecord]
    links: dict[tuple[int, int], LinkRecord]
    groups: list[list[int]]
    refused: str


def _scene(act: Act, changes: dict[tuple[int, int], LinkState]) -> _Scene:
    """Group anew the records of every profile concerned, from the links as kept and as decided.

    Only links that were made already count beside the decision; a pair the last run held back stays held back until
    the next run looks at everything.
    """
    used = model.load()
    ends = {record for pair in changes for record in pair}
    profiles = set(act.read(db.profiles.profiles_of, ends).values())
    inside = set(act.read(db.profiles.records_of, profiles))
    records = {r.record_id: r for r in act.read(db.profiles.linkage_records, inside | ends)}
    missing = ends - set(records)
    if missing:
        raise NotFound("A record of this pair cannot be seen today.", "Nothing was changed.")
    links = {
        (link.left, link.right): link
        for link in act.read(db.links.touching, records)
        if link.left in records and link.right in records
    }
    states = {pair: link.state for pair, link in links.items()} | {p: s.value for p, s in changes.items()}
    linked = frozenset(pair for pair, state in states.items() if state == LinkState.LINKED)
    apart = frozenset(pair for pair, state in states.items() if state == LinkState.APART)
    clear = [
        (link.left, link.right, link.weight)
        for pair, link in links.items()
        if states[pair] == LinkState.CLEAR or (states[pair] == LinkState.UNDONE and _would_be_clear(link, used))
    ]
    groups = clusters.cluster(
        records,
        clear,
        numbers={r.record_id: (r.nhs_number, r.upn) for r in records.values() if r.nhs_number or r.upn},
        ruling=clusters.Ruling(linked, apart),
    )
    settled = [pair for pair, state in changes.items() if state is LinkState.LINKED and pair in links]
    if any(links[pair].state == LinkState.APART for pair in settled):
        return _Scene(records, links, groups, _KEPT_APART)
    return _Scene(records, links, groups, _contradiction(changes, groups, records))


def _would_be_clear(link: LinkRecord, used: LinkModel) -> bool:
    return link.weight >= used.clear and not link.guards


def _contradiction(
    changes: dict[tuple[int, int], LinkState],
    groups: list[list[int]],
    records: dict[int, db.profiles.LinkageRecord],
) -> str:
    """Say why a decision to link cannot stand, or nothing."""
    group_of = {record: number for number, group in enumerate(groups) for record in group}
    for (left, right), state in changes.items():
        if state is not LinkState.LINKED:
            continue
        if group_of[left] != group_of[right]:
            return _KEPT_APART
        group = [records[record] for record in groups[group_of[left]]]
        for name in ("nhs_number", "upn"):
            held = sorted({number for record in group if (number := getattr(record, name))})
            if any(clusters.differ(a, b) for i, a in enumerate(held) for b in held[i + 1 :]):
                what = "NHS numbers" if name == "nhs_number" else "UPNs"
                return f"the records state different {what}; have the agency that is wrong correct it first"
    return ""


def _affected(act: Act, changes: dict[tuple[int, int], LinkState]) -> Affected:
    scene = _scene(act, changes)
    profiles = {r.profile_id for r in scene.records.values() if r.profile_id is not None}
    known = act.read(db.profiles.known, profiles)
    act.concerns(profile.pseudonym for profile in known.values())
    resting = act.read(db.profiles.resting, profiles)
    things = [thing for profile in sorted(resting) for thing in resting[profile]]
    if len(scene.groups) == len(profiles):
        things = []
    elif len(scene.groups) < len(profiles):
        # Who proves to be one person keeps what either agreed to; what was decided about half is looked at again.
        things = [thing for thing in things if thing.thing == Thing.DECISION]
    names = tuple(known[profile].pseudonym for profile in sorted(known))
    if len(known) > 1 and not all(person.is_open for person in act.read(db.case_reading.by_ids, known).values()):
        # Who reads that one of the two has a decision, and its number, reads who that one is.
        names, things = (), [Resting(thing.thing, 0, thing.status) for thing in things]
    opens = _opens_a_mask(act, scene)
    return Affected(names, len(scene.groups), tuple(things), scene.refused, len(known), opens)


def _opens_a_mask(act: Act, scene: _Scene) -> bool:
    """Say whether a group joins a profile that is open with one that is not, for any purpose."""
    today = act.session.clock.today().isoformat()
    for group in scene.groups:
        profiles = {profile for record in group if (profile := scene.records[record].profile_id) is not None}
        opened = {
            frozenset(
                each.purpose for each in act.read(db.consents.openings, profile) if each.opens <= today <= each.closes
            )
            for profile in profiles
        }
        if len(opened) > 1:
            return True
    return False


def _proposed(act: Act, scene: _Scene, changes: dict[tuple[int, int], LinkState], why: str) -> bool:
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
    scene = _scene(act, changes)
    profiles = {r.profile_id for r in scene.records.values() if r.profile_id is not None}
    act.concerns(profile.pseudonym for profile in act.read(db.profiles.known, profiles).values())
    if scene.refused:
        act.refuse("These records cannot be made one person.", f"{scene.refused.capitalize()}. Nothing was changed.")
    if _opens_a_mask(act, scene) and not _proposed(act, scene, changes, why):
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


def _write_decisions(act: Act, scene: _Scene, changes: dict[tuple[int, int], LinkState], why: str) -> None:
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
