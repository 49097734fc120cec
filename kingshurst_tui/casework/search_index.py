"""Finding as people type, in memory: names of open profiles with their misspellings, pseudonyms, own references.

A store with full-text search would keep names in tables of its own, readable by any statement and after erasure. What
this session may see is therefore searched here and nowhere else.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from kingshurst_tui.casework.matching import fold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_HITS = 50
LONGEST_QUERY = 100

_PSEUDONYM_LETTERS = 10
_DATE = re.compile(r"\b(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})[/. ](\d{1,2})[/. ](\d{4}))\b")
_DATE_IN_WORDS = re.compile(
    r"\b(\d{1,2})\s+(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\s+(\d{4})\b", re.IGNORECASE
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_POSTCODE_START = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]?[0-9]?[A-Z]{0,2}")

EXACT, BEGINS, NEAR = 3, 2, 1
_MATCHED = {EXACT: "name", BEGINS: "name begins so", NEAR: "name is spelt nearly so"}


@dataclass(frozen=True, slots=True)
class Findable:
    """One profile and everything it may be found by.

    Attributes:
        name: as shown; empty while the profile is masked, and then so are the next three.
        names: every form of the name.
        born: ISO dates.
        references: the acting agency's own.
        pseudonyms: its own, and those of profiles that were merged into it.
    """

    profile_id: int
    pseudonym: str
    name: str
    names: tuple[str, ...]
    born: tuple[str, ...]
    postcodes: tuple[str, ...]
    references: tuple[str, ...]
    pseudonyms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """One profile that was found.

    Attributes:
        name: empty for a masked profile.
        matched: what was found, in words; the order of hits is the order of these words, then of names.
        reference: the own reference that was found, if it was that.
    """

    profile_id: int
    pseudonym: str
    name: str
    matched: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found; masked and absent read alike.

    Attributes:
        total: how many there are; ``hits`` are the first.
    """

    hits: tuple[Hit, ...]
    total: int


class SearchIndex:
    """Everything one session may find, ready to be asked at every key press.

    Args:
        people: in any order.
    """

    def __init__(self, people: Iterable[Findable]) -> None:
        import numpy as np

        ordered = sorted(people, key=lambda person: (not person.name, person.name.casefold(), person.pseudonym))
        self._ids = [person.profile_id for person in ordered]
        self._pseudonyms = [person.pseudonym for person in ordered]
        self._names = [person.name for person in ordered]
        self._size = len(ordered)
        self._tokens, self._starts, self._postings = _postings(ordered)
        self._born: dict[str, list[int]] = {}
        postcodes: list[tuple[str, int]] = []
        references: list[tuple[str, str, int]] = []
        pseudonyms: list[tuple[str, int]] = []
        for place, person in enumerate(ordered):
            for day in set(person.born):
                self._born.setdefault(day, []).append(place)
            postcodes += [(_squeezed(each), place) for each in set(person.postcodes)]
            references += [(each.casefold(), each, place) for each in set(person.references)]
            pseudonyms += [(_squeezed(each), place) for each in person.pseudonyms]
        postcodes.sort()
        self._postcodes = [code for code, _ in postcodes]
        self._postcode_places = [place for _, place in postcodes]
        # Fixed width, so that where a piece was found says whose it is.
        self._pseudonym_text = "\n".join(code.ljust(_PSEUDONYM_LETTERS) for code, _ in pseudonyms)
        self._pseudonym_places = [place for _, place in pseudonyms]
        references.sort()
        self._reference_text = "\n".join(lower for lower, _, _ in references)
        lengths = np.array([len(lower) + 1 for lower, _, _ in references], dtype=np.int64)
        self._reference_starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
        self._references = [(shown, place) for _, shown, place in references]

    def __len__(self) -> int:
        return self._size

    def find(self, text: str, limit: int = MOST_HITS) -> Hits:
        """Return who is found by a name, pseudonym, date of birth, postcode or own reference, or the start of one.

        Args:
            text: what was typed so far.
            limit: how many hits to return.
        """
        typed = text.strip()[:LONGEST_QUERY]
        if not typed:
            return Hits((), 0)
        found: dict[int, Hit] = {}
        for place in self._by_pseudonym(typed):
            found.setdefault(place, self._hit(place, "pseudonym"))
        for place, reference in self._by_reference(typed):
            found.setdefault(place, self._hit(place, "your reference", reference))
        for place in self._by_postcode(typed):
            found.setdefault(place, self._hit(place, "postcode"))
        total = len(found)
        day, rest = _date_in(typed)
        places, further = self._by_name_and_day(rest, day, limit)
        for place, matched in places:
            if place not in found:
                found[place] = self._hit(place, matched)
        total += further
        return Hits(tuple(list(found.values())[:limit]), max(total, len(found)))

    def _hit(self, place: int, matched: str, reference: str = "") -> Hit:
        return Hit(self._ids[place], self._pseudonyms[place], self._names[place], matched, reference)

    def _by_pseudonym(self, typed: str) -> list[int]:
        wanted = _squeezed(typed)
        if len(wanted) < 4 or (not any(figure.isdigit() for figure in wanted) and not wanted.startswith("KH")):
            return []
        if (wanted.startswith("KH") and len(wanted) < 5) or len(wanted) > _PSEUDONYM_LETTERS:
            return []
        width = _PSEUDONYM_LETTERS + 1
        return [self._pseudonym_places[at // width] for at in _found_at(self._pseudonym_text, wanted)]

    def _by_reference(self, typed: str) -> list[tuple[int, str]]:
        import numpy as np

        wanted = typed.casefold()
        if len(wanted) < 3 or not any(figure.isdigit() for figure in wanted):
            return []
        places = _found_at(self._reference_text, wanted)
        rows = np.searchsorted(self._reference_starts, places, side="right") - 1
        return [(self._references[row][1], self._references[row][0]) for row in dict.fromkeys(rows.tolist())]

    def _by_postcode(self, typed: str) -> list[int]:
        wanted = _squeezed(typed)
        if len(wanted) < 3 or not _POSTCODE_START.fullmatch(wanted):
            return []
        first = bisect_left(self._postcodes, wanted)
        last = bisect_right(self._postcodes, wanted + "\uffff")
        return sorted(set(self._postcode_places[first : min(last, first + 10 * MOST_HITS)]))

    def _by_name_and_day(self, rest: str, day: str, limit: int) -> tuple[list[tuple[int, str]], int]:
        import numpy as np

        words = [folded for word in re.split(r"[\s,]+", rest) if (folded := fold(word)) and not folded.isdigit()]
        if not words and not day:
            return [], 0
        quality = np.full(self._size, EXACT, dtype=np.uint8)
        for word in words:
            quality = np.minimum(quality, self._quality(word))
        if day:
            born = np.zeros(self._size, dtype=bool)
            born[self._born.get(day, [])] = True
            quality[~born] = 0
        chosen: list[tuple[int, str]] = []
        for level in (EXACT, BEGINS, NEAR):
            places = np.flatnonzero(quality == level)[: limit - len(chosen)]
            matched = _MATCHED[level] if words else "date of birth"
            chosen += [(int(place), matched) for place in places]
        return chosen, int(np.count_nonzero(quality))

    def _quality(self, word: str) -> NDArray[np.uint8]:
        """Return how well each profile's names match one word: EXACT, BEGINS, NEAR or 0."""
        import numpy as np

        quality = np.zeros(self._size, dtype=np.uint8)
        for token in self._near(word):
            quality[self._postings[self._starts[token] : self._starts[token + 1]]] = NEAR
        first = bisect_left(self._tokens, word)
        last = bisect_right(self._tokens, word + "\uffff")
        quality[self._postings[self._starts[first] : self._starts[last]]] = BEGINS
        if first < len(self._tokens) and self._tokens[first] == word:
            quality[self._postings[self._starts[first] : self._starts[first + 1]]] = EXACT
        return quality

    def _near(self, word: str) -> list[int]:
        """Return the names that are a slip or two away, whole or as far as they are typed."""
        if len(word) < 4:
            return []
        import numpy as np
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cdist

        slips = 1 if len(word) < 6 else 2
        away = cdist([word], self._tokens, scorer=OSA.distance, score_cutoff=slips, dtype=np.uint8)[0]
        return [int(token) for token in np.flatnonzero(away <= slips)]


def _postings(ordered: Sequence[Findable]) -> tuple[list[str], NDArray[np.int64], NDArray[np.int32]]:
    """Return every word of the names in order, and the profiles that bear each, end to end."""
    import numpy as np

    bearers: dict[str, list[int]] = {}
    for place, person in enumerate(ordered):
        for word in {word for name in person.names for word in _words(name)}:
            bearers.setdefault(word, []).append(place)
    tokens = sorted(bearers)
    starts = np.zeros(len(tokens) + 1, dtype=np.int64)
    starts[1:] = np.cumsum([len(bearers[token]) for token in tokens])
    postings = np.fromiter((place for token in tokens for place in bearers[token]), dtype=np.int32)
    return tokens, starts, postings


def _words(name: str) -> set[str]:
    """Return the folded words of a name; a double name is found by either half, and by both together."""
    words = name.split()
    halves = [half for word in words if "-" in word for half in word.split("-")]
    return {folded for word in (*words, *halves) if (folded := fold(word))}


def _squeezed(text: str) -> str:
    return "".join(letter for letter in text.upper() if letter.isalnum())


def _found_at(text: str, wanted: str) -> list[int]:
    """Return where a piece is found, at most as often as anybody would look at."""
    found: list[int] = []
    at = text.find(wanted)
    while at != -1 and len(found) < MOST_HITS:
        found.append(at)
        at = text.find(wanted, at + 1)
    return found


def _date_in(typed: str) -> tuple[str, str]:
    """Return the date of birth that was typed (ISO, or empty) and the rest of the words."""
    found = _DATE.search(typed)
    if found:
        parts = found.group(1, 2, 3) if found[1] else found.group(6, 5, 4)
        rest = typed[: found.start()] + " " + typed[found.end() :]
        return _iso(*(int(part) for part in parts)), rest
    found = _DATE_IN_WORDS.search(typed)
    if found:
        rest = typed[: found.start()] + " " + typed[found.end() :]
        return _iso(int(found[3]), _MONTHS.index(found[2].lower()) + 1, int(found[1])), rest
    return "", typed


def _iso(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return "none"
