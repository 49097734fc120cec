"""Finding people while one types: by name, pseudonym, date of birth, postcode or reference, misspellings too.

Names of people whose profile is open lie in memory for as long as a list of people is on the screen; those who are
masked are found by their pseudonym, and by the acting agency's own reference, alone.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import db.people
from kingshurst_tui.dates import read_date
from kingshurst_tui.session import Reason
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from kingshurst_tui.session import Act, Session

PAGE = 200
"""People in one page of a list."""
SIMILAR = 0.84
"""Least Jaro-Winkler similarity (0 to 1) of two words that count as spellings of one; lower finds mostly others."""
FUZZY_FROM = 4
"""Letters a word must have before similar spellings are looked for; shorter ones resemble everything."""

ORDER = "names that begin so, by name; then similar spellings"
"""How what is found is sorted, in words."""


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One row of the list of people.

    Attributes:
        name: empty while the profile is masked.
        own_references: under which the acting agency knows the person ("known to you as").
        agencies: who met the person, "another agency" where the name would tell.
    """

    profile_id: int
    pseudonym: str
    name: str
    born: date | None
    postcode: str
    own_references: tuple[str, ...]
    agencies: tuple[str, ...]
    is_open: bool
    under_18: bool | None
    do_not_approach: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a search found.

    Attributes:
        ids: their profiles, in the order of ``ORDER``.
        similar_from: how many were found as typed; those after are similar spellings.
        everybody: how many people there are.
        first: the first page.
    """

    ids: tuple[int, ...]
    similar_from: int
    everybody: int
    first: tuple[PersonLine, ...]


@dataclass
class PeopleIndex:
    """The words by which people are found; drop it when the list leaves the screen."""

    everybody: tuple[int, ...] = ()
    words: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set), repr=False)
    ordered_words: list[str] = field(default_factory=list, repr=False)
    codes: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set), repr=False)
    """Pseudonyms and the acting agency's own references: these find people who are masked, too."""
    ordered_codes: list[str] = field(default_factory=list, repr=False)
    open_codes: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set), repr=False)
    """Postcodes and other agencies' references: these find open profiles only."""
    ordered_open_codes: list[str] = field(default_factory=list, repr=False)
    born: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set), repr=False)
    rank: dict[int, str] = field(default_factory=dict, repr=False)
    """What open profiles are sorted by: surname, forename."""


_CASELOAD = Reason(ReasonCode.CASELOAD)


def open_list(session: Session) -> tuple[PeopleIndex, Found]:
    """Return the index and the list of everybody; one entry.

    Raises: Refused, StoreUnavailable.
    """
    with session.act(Operation.CONSULT, Thing.SEARCH, reason=_CASELOAD) as act:
        index = _index(act)
        found = Found(index.everybody, len(index.everybody), len(index.everybody), _lines(act, index.everybody[:PAGE]))
        act.note(people=len(index.everybody))
    return index, found


def find(session: Session, index: PeopleIndex, typed: str) -> Found:
    """Return whom what was typed finds; one entry, which keeps what was typed sealed.

    Raises: Refused, StoreUnavailable.
    """
    if not typed.strip():
        return everybody(session, index)
    by_code, by_name, similar = matches(index, typed)
    with session.act(Operation.CONSULT, Thing.SEARCH, reason=_CASELOAD, typed=typed.strip()) as act:
        # The index may be older than a withdrawn consent: a name finds only who is open now.
        still = act.read(db.people.still_open, by_name | similar)
        exact = by_code | (by_name & still)
        near = (similar & still) - exact
        ids = (*_sorted(index, exact), *_sorted(index, near))
        found = Found(ids, len(exact), len(index.everybody), _lines(act, ids[:PAGE]))
        act.note(found=len(ids))
    return found


def everybody(session: Session, index: PeopleIndex) -> Found:
    """Return the list of everybody again, from the index."""
    first = lines(session, index.everybody[:PAGE])
    return Found(index.everybody, len(index.everybody), len(index.everybody), first)


def lines(session: Session, ids: Sequence[int]) -> tuple[PersonLine, ...]:
    """Return a further page of a list; its entry names those whose names are shown.

    Raises: Refused, StoreUnavailable.
    """
    with session.act(Operation.CONSULT, Thing.SEARCH, reason=_CASELOAD) as act:
        return _lines(act, ids)


def matches(index: PeopleIndex, typed: str) -> tuple[set[int], set[int], set[int]]:
    """Return whom the words typed find: by code (masked or not), by what is open, by similar spelling."""
    code = _code(typed)
    by_code = _beginning(index.codes, index.ordered_codes, code) if len(code) >= 3 else set()
    exact = _beginning(index.open_codes, index.ordered_open_codes, code) if len(code) >= 3 else set()
    day = read_date(typed)
    if day is not None:
        exact |= index.born.get(day.isoformat(), set())
    words = _words(typed)
    named: set[int] | None = None
    near: set[int] | None = None
    for word in words:
        begun = _beginning(index.words, index.ordered_words, word)
        alike = begun | _alike(index, word)
        named = begun if named is None else named & begun
        near = alike if near is None else near & alike
    exact |= named or set()
    return by_code, exact, (near or set()) - exact


def _index(act: Act) -> PeopleIndex:
    index = PeopleIndex()
    people = act.read(db.people.everybody)
    index.everybody = tuple(profile for profile, _ in people)
    for profile, code in (
        *people,
        *act.read(db.people.former_pseudonyms),
        *act.read(db.people.own_references),
    ):
        _add_code(index.codes, code, profile)
    for row in act.read(db.people.identities):
        for part in (row.forename, row.middle_names, row.surname, row.former_surname):
            for word in _words(part or ""):
                index.words[word].add(row.profile_id)
        index.rank.setdefault(row.profile_id, f"{row.surname or '~'} {row.forename or ''}".casefold())
        if row.born:
            index.born[row.born].add(row.profile_id)
        for kept in (row.postcode, row.partner_reference):
            if kept:
                _add_code(index.open_codes, kept, row.profile_id)
    index.ordered_words = sorted(index.words)
    index.ordered_codes = sorted(index.codes)
    index.ordered_open_codes = sorted(index.open_codes)
    return index


def _add_code(codes: dict[str, set[int]], code: str, profile: int) -> None:
    whole = _code(code)
    codes[whole].add(profile)
    # A pseudonym is often typed without its first letters: KH-3X9K-77QD as 3x9k.
    if whole.startswith("kh"):
        codes[whole[2:]].add(profile)


def _lines(act: Act, ids: Sequence[int]) -> tuple[PersonLine, ...]:
    if not ids:
        return ()
    people = act.read(db.people.listed, ids)
    identities = {row.profile_id: row for row in act.read(db.people.identities_of, ids)}
    references = _grouped(act.read(db.people.own_references_of, ids))
    agencies = _grouped(act.read(db.people.agencies_of, ids))
    found = []
    for number in ids:
        person = people.get(number)
        if person is None:
            continue
        who = identities.get(number) if person.is_open else None
        name = " ".join(part for part in (who.forename, who.middle_names, who.surname) if part) if who else ""
        found.append(
            PersonLine(
                number,
                person.pseudonym,
                name,
                date.fromisoformat(who.born) if who and who.born else None,
                (who.postcode or "") if who else "",
                tuple(references.get(number, ())),
                tuple(agencies.get(number, ())),
                bool(person.is_open),
                None if person.under_18 is None else bool(person.under_18),
                bool(person.do_not_approach),
            )
        )
    act.concerns(line.pseudonym for line in found if line.is_open)
    return tuple(found)


def _grouped(pairs: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    grouped: dict[int, list[str]] = defaultdict(list)
    for number, word in pairs:
        grouped[number].append(word)
    return grouped


def _sorted(index: PeopleIndex, ids: Iterable[int]) -> list[int]:
    return sorted(ids, key=lambda number: (index.rank.get(number, "~"), number))


def _beginning(kept: dict[str, set[int]], ordered: list[str], start: str) -> set[int]:
    if not start:
        return set()
    found: set[int] = set()
    for place in range(bisect_left(ordered, start), len(ordered)):
        if not ordered[place].startswith(start):
            break
        found |= kept[ordered[place]]
    return found


def _alike(index: PeopleIndex, word: str) -> set[int]:
    if len(word) < FUZZY_FROM:
        return set()
    from rapidfuzz import process
    from rapidfuzz.distance import JaroWinkler

    near = process.extract(
        word, index.ordered_words, scorer=JaroWinkler.normalized_similarity, score_cutoff=SIMILAR, limit=40
    )
    found: set[int] = set()
    for spelling, _, _ in near:
        found |= index.words[spelling]
    return found


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", _bare(text).replace("'", "").replace("’", ""))


def _code(text: str) -> str:
    return "".join(letter for letter in _bare(text) if letter.isalnum())


def _bare(text: str) -> str:
    """Return text without accents and in small letters: Siân is found by sian."""
    apart = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
