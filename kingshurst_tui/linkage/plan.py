"""From groups of records to profiles: which id stays, which is merged, what is new, in pieces that stand alone.

Nothing here reads or writes a store; a plan is worked out beside it, outside any transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from db.links import LinkRecord, NewLink
from db.profiles import LinkageRecord

PIECE = 500
"""Rows that one transaction may write; others wait for no longer than that takes."""


@dataclass(slots=True)
class Person:
    """One group of records and the profile it becomes.

    Attributes:
        records: its source records, in order.
        keeps: the id of the profile it goes on as; None for a new one.
        absorbs: older ids that become this profile, each leaving an alias.
        arriving: those of its records that must be written as members.
        adult_on: the day the person turns 18, ISO, where a date of birth is known.
        age_changed: whether that is to be written.
    """

    records: list[int]
    keeps: int | None = None
    absorbs: list[int] = field(default_factory=list)
    arriving: list[int] = field(default_factory=list)
    adult_on: str | None = None
    age_changed: bool = False

    @property
    def is_new(self) -> bool:
        """Whether a profile must be made for it."""
        return self.keeps is None


@dataclass(slots=True)
class Piece:
    """Changes that belong together: written in one transaction, they leave everybody whole.

    Attributes:
        persons: the groups that change.
        splits: profiles that lose records to another person.
        links: links to write.
        gone: ids of links the model no longer proposes.
        expected: the profile each record had when the plan was made; if one differs by now, the piece is left undone.
    """

    persons: list[Person] = field(default_factory=list)
    splits: list[int] = field(default_factory=list)
    links: list[NewLink] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    expected: dict[int, int | None] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Return about how many rows it writes."""
        members = sum(len(person.arriving) + person.is_new + len(person.absorbs) for person in self.persons)
        return members + len(self.links) + len(self.gone)

    @property
    def only_new(self) -> bool:
        """Whether it makes people and touches nobody who was there."""
        return bool(self.persons) and not self.splits and all(person.is_new for person in self.persons)


@dataclass(slots=True)
class Plan:
    """Everything one run changes, and what it leaves as it is."""

    pieces: list[Piece]
    profiles: int
    unchanged: int
    merged: int
    split: int
    new: int


def plan(
    groups: Sequence[Sequence[int]],
    records: Mapping[int, LinkageRecord],
    ages: Mapping[int, str | None],
    links: Iterable[NewLink],
    kept: Mapping[tuple[int, int], LinkRecord],
    gone: Iterable[LinkRecord],
) -> Plan:
    """Return what to write so that each group is one profile.

    An id stays with the group that holds most of the records it had; where several meet, the oldest stays and the
    others become aliases; where one parts, the larger part keeps it and the rest get new ids. So every id that still
    means the same person stays, whatever else an extract brings.

    Args:
        groups: record ids, each group one person.
        records: what linkage read of each, with the profile it has.
        ages: the day of turning 18 as kept, by profile.
        links: links as they should be.
        kept: links as they are, by (left, right); one that differs in no level, guard or state is not written again.
        gone: links that are no longer proposed.
    """
    had = {record: found.profile_id for record, found in records.items()}
    persons, splits = _heirs(groups, had)
    for person in persons:
        person.adult_on = adult_on(records[record] for record in person.records)
        person.age_changed = person.keeps is None or ages.get(person.keeps) != person.adult_on
    bundles = _bundles(persons, splits, had)
    at = {record: number for number, bundle in enumerate(bundles) for p in bundle.persons for record in p.records}
    loose = Piece()
    for link in links:
        before = kept.get((link.left, link.right))
        if before is None or differs(before, link):
            bundles[at[link.left]].links.append(link) if link.left in at else loose.links.append(link)
    for link_record in gone:
        number = at.get(link_record.left)
        (loose if number is None else bundles[number]).gone.append(link_record.link_id)
    pieces = list(_pieces([*bundles, *_cut(loose)], had))
    return Plan(
        pieces=pieces,
        profiles=len(persons),
        unchanged=sum(not person.is_new and not person.arriving and not person.absorbs for person in persons)
        - len(splits),
        merged=sum(len(person.absorbs) for person in persons),
        split=len(splits),
        new=sum(person.is_new for person in persons),
    )


def differs(before: LinkRecord, link: NewLink) -> bool:
    """Say whether a link must be written again. What only rescaling moved keeps the evidence it was made on."""
    from kingshurst_tui.linkage.evidence import same_levels

    if before.state in ("linked-by-person", "kept-apart-by-person"):
        return False
    return (
        before.state != link.state
        or before.guards != link.guards
        or before.model_version != link.model_version
        or not same_levels(before.vector, link.vector)
    )


def _heirs(groups: Sequence[Sequence[int]], had: Mapping[int, int | None]) -> tuple[list[Person], set[int]]:
    persons = [Person(list(group)) for group in groups]
    shares: dict[int, Counter[int]] = {}
    for number, person in enumerate(persons):
        for record in person.records:
            profile = had.get(record)
            if profile is not None:
                shares.setdefault(profile, Counter())[number] += 1
    claims: dict[int, list[int]] = {}
    for profile, counts in shares.items():
        # The largest part; among equals the one with the oldest record (groups are in that order).
        heir = min(counts, key=lambda number: (-counts[number], number))
        claims.setdefault(heir, []).append(profile)
    for number, profiles in claims.items():
        persons[number].keeps = min(profiles)
        persons[number].absorbs = sorted(profiles)[1:]
    for person in persons:
        person.arriving = [record for record in person.records if had.get(record) != person.keeps or person.is_new]
    return persons, {profile for profile, counts in shares.items() if len(counts) > 1}


def _bundles(persons: list[Person], splits: set[int], had: Mapping[int, int | None]) -> list[Piece]:
    """Put persons that exchange records together; each bundle leaves everybody whole."""
    bundles: list[Piece] = []
    by_profile: dict[int, Piece] = {}
    for person in persons:
        changes = person.is_new or person.arriving or person.absorbs or person.age_changed
        if not changes and person.keeps not in splits:
            continue
        touched = {profile for record in person.records if (profile := had.get(record)) is not None}
        near = list({id(found): found for p in touched if (found := by_profile.get(p)) is not None}.values())
        bundle = near[0] if near else Piece()
        if not near:
            bundles.append(bundle)
        for other in near[1:]:
            bundle.persons += other.persons
            other.persons = []
            for profile, piece in by_profile.items():
                if piece is other:
                    by_profile[profile] = bundle
        bundle.persons.append(person)
        for profile in touched:
            by_profile[profile] = bundle
    for profile in splits:
        by_profile[profile].splits.append(profile)
    return [bundle for bundle in bundles if bundle.persons]


def _cut(loose: Piece) -> Iterator[Piece]:
    for start in range(0, len(loose.links), PIECE):
        yield Piece(links=loose.links[start : start + PIECE])
    for start in range(0, len(loose.gone), PIECE):
        yield Piece(gone=loose.gone[start : start + PIECE])


def _pieces(bundles: Iterable[Piece], had: Mapping[int, int | None]) -> Iterator[Piece]:
    """Pack bundles into pieces of about PIECE rows; people who are all new apart from those who are not."""
    open_pieces: dict[bool, Piece] = {}
    filled: dict[bool, int] = {}
    for bundle in bundles:
        only_new, rows = bundle.only_new, bundle.rows
        piece = open_pieces.get(only_new)
        if piece is not None and filled[only_new] + rows > PIECE:
            yield piece
            piece = None
        if piece is None:
            piece = open_pieces[only_new] = Piece()
            filled[only_new] = 0
        filled[only_new] += rows
        piece.persons += bundle.persons
        piece.splits += bundle.splits
        piece.links += bundle.links
        piece.gone += bundle.gone
        for person in bundle.persons:
            for record in person.records:
                piece.expected[record] = had.get(record)
    yield from (piece for piece in open_pieces.values() if piece.rows or piece.persons)


def adult_on(records: Iterable[LinkageRecord]) -> str | None:
    """Return the day a person turns 18 by the best stated date of birth, ISO, or None where none is known.

    The date most records state counts; between equals the latest, so that in doubt a child is a child. Dates that
    stand for "not known" count only where nothing else is stated.
    """
    stated = (
        Counter(r.born for r in records_list if r.born and r.born_quality == "stated")
        if (records_list := list(records))
        else Counter()
    )
    if not stated:
        stated = Counter(r.born for r in records_list if r.born and r.born >= "1902-01-01")
    if not stated:
        return None
    born = date.fromisoformat(max(stated, key=lambda day: (stated[day], day)))
    try:
        return born.replace(year=born.year + 18).isoformat()
    except ValueError:  # born on 29 February: 18 on 1 March (Family Law Reform Act 1969 s.9 counts whole years)
        return date(born.year + 18, 3, 1).isoformat()
