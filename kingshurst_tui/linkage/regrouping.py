"""Who would be one person if links were decided so: everybody concerned, grouped anew from the links as kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import db.links
import db.openings
import db.profiles
from db.links import LinkRecord
from kingshurst_tui.errors import NotFound
from kingshurst_tui.linkage import clusters, model
from kingshurst_tui.vocabulary import LinkState

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act
    from kingshurst_tui.linkage.model import LinkModel

_KEPT_APART = "a person has decided that two of these records are kept apart; take that back first"


@dataclass(slots=True)
class Scene:
    """Everybody a decision may concern, grouped as the decision would have it."""

    records: dict[int, db.profiles.LinkageRecord]
    links: dict[tuple[int, int], LinkRecord]
    groups: list[list[int]]
    refused: str


def regrouped(act: Act, changes: dict[tuple[int, int], LinkState]) -> Scene:
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
        return Scene(records, links, groups, _KEPT_APART)
    return Scene(records, links, groups, _contradiction(changes, groups, records))


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


def opens_a_mask(act: Act, scene: Scene) -> bool:
    """Say whether a group joins a profile that is open with one that is not, for any purpose."""
    today = act.session.clock.today().isoformat()
    for group in scene.groups:
        profiles = {profile for record in group if (profile := scene.records[record].profile_id) is not None}
        opened = {
            frozenset(
                each.purpose for each in act.read(db.openings.openings, profile) if each.opens <= today <= each.closes
            )
            for profile in profiles
        }
        if len(opened) > 1:
            return True
    return False
