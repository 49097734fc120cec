"""One linkage run: read, score, cluster, plan, and write in pieces.

Reading is one act and writing is many; scoring, which takes the time, holds no transaction at all. New people are
staged in pieces of at most 500 rows, as profiles nobody lists yet, and become visible at the end by short accepting
acts that also compute their flags. Where people who were there change (a record joins, two become one, one parts), a
piece holds everybody concerned, so each transaction leaves everyone whole: before it the old person, after it the
new. A run that was killed leaves staged profiles and finished pieces; the next run takes both up. A piece whose
records somebody changed meanwhile is left for the next run, which the counts then say.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import db.links
import db.profiles
from db.links import BY_PEOPLE, LinkRecord, NewLink
from db.profiles import LinkageRecord
from kingshurst_tui.acts import Act, Fact, Reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.linkage import evidence, guards, model
from kingshurst_tui.linkage.clusters import Ruling
from kingshurst_tui.linkage.plan import Plan, plan
from kingshurst_tui.linkage.profiles import accept_staged, apply_piece, stage_piece
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import LinkState, Operation, Thing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kingshurst_tui.linkage.engine import Scored
    from kingshurst_tui.linkage.model import LinkModel

SUBJECT = "linkage-model"
"""What the model's ALGO-CARE answers are filed under."""

HELD_WITHIN = 4.0
"""Bits by which a link may fall short of a new one's and still stand, if its two records compare as they did.

A link that would be so much lighter was made among too few records to know how common its names are.
"""

ACCEPTED_AT_ONCE = 60
"""Profiles that one accepting act makes visible, with their flags (benchmarks/turns.py)."""

Progress = Callable[[str, int, int], None]
"""Told what is done now, how far, of how much."""


@dataclass(frozen=True, slots=True)
class LinkRun:
    """What a run did, in counts.

    Attributes:
        records: gated source records compared.
        pairs_scored: candidate pairs.
        clear: links made by weight, with no guard.
        review: pairs of profiles that wait for people; those kept apart by people are not among them.
        by_people: links and separations that people decided, kept.
        profiles: people found, by gated records.
        new: profiles made.
        merged: profiles that became another's, leaving an alias.
        split: profiles that lost records to somebody else.
        unchanged: profiles left as they were.
        changed_meanwhile: pieces left for the next run because somebody changed the same people.
        keys_left_out: blocking keys not used because too many records share them.
        seconds: wall time.
    """

    model: str
    records: int
    pairs_scored: int
    clear: int
    review: int
    by_people: int
    profiles: int
    new: int
    merged: int
    split: int
    unchanged: int
    changed_meanwhile: int
    keys_left_out: int
    seconds: float

    def as_json(self) -> dict[str, object]:
        """Return the counts for ``--json``."""
        return asdict(self)


@dataclass(slots=True)
class _Read:
    records: list[LinkageRecord]
    links: list[LinkRecord]
    ages: dict[int, str | None]


def run(session: Session, reason: Reason, *, progress: Progress | None = None) -> LinkRun:
    """Link every gated source record and bring the profiles up to date.

    Running again without new data writes no link and no profile.

    Raises: Refused (no approved model, no permission), StoreUnavailable.
    """
    started = time.monotonic()
    tell = progress or (lambda what, done, of: None)
    used = model.load()
    facts: dict[str, Fact] = {"model": used.version}
    reading = f"linking {secrets.token_hex(4)}"
    with session.act(Operation.COMBINE, Thing.LINK, reason=reason, combine=True, facts=facts, within=reading) as act:
        if not act.read(db.links.approved, SUBJECT, used.version):
            _refuse_unapproved(act, used.version)
        act.write(db.links.install_model, used.version, model.document_of(used.version), stamp(session.clock.now()))
    tell("reading records", 0, 1)
    read = session.read_on(reading, _read)
    tell("comparing", 0, 1)
    scored = _score(read.records, used)
    tell("grouping", 0, 1)
    ruling = ruling_of(read.links)
    groups, links = _link(read, scored, used, ruling)
    made = _plan(read, groups, links)
    left_undone = _write(session, reason, made, tell)
    _accept(session, reason, tell)
    return LinkRun(
        model=used.version,
        records=len(read.records),
        pairs_scored=len(scored),
        clear=sum(link.state == LinkState.CLEAR for link in links),
        review=_apart(groups, links, ruling),
        by_people=len(ruling.linked) + len(ruling.apart),
        profiles=made.profiles,
        new=made.new,
        merged=made.merged,
        split=made.split,
        unchanged=made.unchanged,
        changed_meanwhile=left_undone,
        keys_left_out=scored.keys_left_out,
        seconds=round(time.monotonic() - started, 2),
    )


def _read(connection: Connection) -> _Read:
    """Read in one snapshot, outside the turn at writing: a borough's records take seconds."""
    return _Read(db.profiles.for_linkage(connection), db.links.every(connection), db.profiles.ages(connection))


def _refuse_unapproved(act: Act, version: str) -> None:
    act.refuse(
        f"The linkage model {version} is not approved.",
        "Nothing was linked. No model runs before its ALGO-CARE answers are approved.",
        "Whoever keeps agreements approves them: kingshurst model approve STORE",
    )


def ruling_of(links: Iterable[LinkRecord]) -> Ruling:
    """Return what people decided, from the links as kept."""
    return Ruling(
        frozenset((link.left, link.right) for link in links if link.state == LinkState.LINKED),
        frozenset((link.left, link.right) for link in links if link.state == LinkState.APART),
    )


def _score(records: list[LinkageRecord], used: LinkModel) -> Scored:
    # Splink and DuckDB take a quarter of a second to import; only a run needs them.
    from kingshurst_tui.linkage import engine, prepare

    return engine.score(prepare.as_table(record[:12] for record in records), used)


def _link(read: _Read, scored: Scored, used: LinkModel, ruling: Ruling) -> tuple[list[list[int]], list[NewLink]]:
    """Return the groups, each one person, and every link worth keeping with its state."""
    import numpy as np

    from kingshurst_tui.linkage import grouping

    scored = _holding(read.links, scored, used)
    clear = grouping.is_clear(scored, used)
    numbers = {r.record_id: (r.nhs_number, r.upn) for r in read.records if r.nhs_number or r.upn}
    groups = grouping.groups_of([record.record_id for record in read.records], scored, used, numbers, ruling)
    group_of = np.zeros(max((r.record_id for r in read.records), default=0) + 1, np.int64)
    for number, group in enumerate(groups):
        group_of[group] = number
    apart = group_of[scored.left] != group_of[scored.right]
    rivals = _rivals(scored, apart)
    bits = scored.guards | np.where(clear & apart, guards.BIT["other-link"], 0).astype(np.int32)
    rows = np.flatnonzero(scored.weight >= used.review)
    vectors = evidence.texts(scored, rows.tolist())
    links = [
        NewLink(
            left,
            right,
            round(weight, evidence.DIGITS),
            vector,
            used.version,
            " ".join(guards.words_of(bit)),
            None if rival == -np.inf else round(rival, evidence.DIGITS),
            LinkState.CLEAR if bit == 0 and weight >= used.clear else LinkState.REVIEW,
        )
        for left, right, weight, vector, bit, rival in zip(
            scored.left[rows].tolist(),
            scored.right[rows].tolist(),
            scored.weight[rows].tolist(),
            vectors,
            bits[rows].tolist(),
            rivals[rows].tolist(),
            strict=True,
        )
    ]
    return groups, links


def _holding(kept: list[LinkRecord], scored: Scored, used: LinkModel) -> Scored:
    """Return the pairs, those that were linked as heavy as a link must be where only rescaling made them lighter.

    A larger town makes every name commoner and every agreement likelier by chance. That alone parts nobody: a link
    falls when its records say something else, a guard holds, or it is lighter than `HELD_WITHIN` allows.
    """
    import numpy as np

    weights = scored.weight
    light = np.flatnonzero((weights < used.clear) & (weights >= used.clear - HELD_WITHIN) & (scored.guards == 0))
    linked = {
        (link.left, link.right): link.vector
        for link in kept
        if link.state == LinkState.CLEAR and link.model_version == used.version
    }
    pairs = zip(light.tolist(), scored.left[light].tolist(), scored.right[light].tolist(), strict=True)
    known = [(row, linked[left, right]) for row, left, right in pairs if (left, right) in linked]
    now = evidence.texts(scored, [row for row, _ in known])
    held = [row for (row, before), text in zip(known, now, strict=True) if evidence.same_levels(before, text)]
    if not held:
        return scored
    weights = weights.copy()
    weights[held] = used.clear
    return replace(scored, weight=weights)


def _rivals(scored: Scored, apart: Any) -> Any:
    """Return, for each pair, the weight of the nearest other person either record could be."""
    import numpy as np

    size = int(max(scored.right.max(initial=0), scored.left.max(initial=0))) + 1
    best = np.full(size, -np.inf)
    np.maximum.at(best, scored.left[apart], scored.weight[apart])
    np.maximum.at(best, scored.right[apart], scored.weight[apart])
    return np.maximum(best[scored.left], best[scored.right])


def _plan(read: _Read, groups: list[list[int]], links: list[NewLink]) -> Plan:
    records = {record.record_id: record for record in read.records}
    proposed = {(link.left, link.right) for link in links}
    kept = {(link.left, link.right): link for link in read.links}
    # A link whose data set's gate is closed today is not looked at, and stays.
    gone = [
        link
        for pair, link in kept.items()
        if pair not in proposed and link.state not in BY_PEOPLE and link.left in records and link.right in records
    ]
    return plan(groups, records, read.ages, links, kept, gone)


def _apart(groups: list[list[int]], links: list[NewLink], ruling: Ruling) -> int:
    group_of = {record: number for number, group in enumerate(groups) for record in group}
    return len(
        {
            frozenset((group_of[link.left], group_of[link.right]))
            for link in links
            if link.state == LinkState.REVIEW
            and group_of[link.left] != group_of[link.right]
            and (link.left, link.right) not in ruling.apart
        }
    )


def _write(session: Session, reason: Reason, made: Plan, tell: Progress) -> int:
    left_undone = 0
    for number, piece in enumerate(made.pieces):
        tell("writing", number, len(made.pieces))
        names = session.new_pseudonyms(sum(person.is_new for person in piece.persons))
        if piece.only_new:
            at = stamp(session.clock.now())
            written = session.stage(Operation.COMBINE, Thing.LINK, stage_piece, piece, names, at)
        else:
            with session.act(Operation.COMBINE, Thing.LINK, reason=reason, combine=True) as act:
                written = apply_piece(act, piece, names) is not None
        left_undone += not written
    return left_undone


def _accept(session: Session, reason: Reason, tell: Progress) -> None:
    while session.look(db.profiles.count_staged):
        tell("accepting", 0, 1)
        with session.act(Operation.COMBINE, Thing.LINK, reason=reason, combine=True) as act:
            accept_staged(act, ACCEPTED_AT_ONCE)
