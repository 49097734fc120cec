"""What a decision about links would touch, said before it is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import db.case_reading
import db.profiles
from db.profiles import Resting
from kingshurst_tui.linkage.regrouping import opens_a_mask, regrouped
from kingshurst_tui.vocabulary import LinkState, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act


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


def affected_by(act: Act, changes: dict[tuple[int, int], LinkState]) -> Affected:
    """Return what these changes to links would touch, without making them."""
    scene = regrouped(act, changes)
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
    opens = opens_a_mask(act, scene)
    return Affected(names, len(scene.groups), tuple(things), scene.refused, len(known), opens)
