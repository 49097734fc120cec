"""What the invented people are called: names by family background and decade of birth, with other spellings."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from kingshurst_tui.demo.dice import Dice, Weighted

BACKGROUNDS = Weighted(
    ["british", "south_asian", "irish", "polish", "caribbean", "west_african", "arabic"],
    [71.0, 12.0, 3.5, 4.0, 4.0, 2.5, 3.0],
)
"""The mix of the invented town: roughly a north Solihull estate; no figure is a claim about the real one."""

_WOMEN_ONLY = {"Begum", "Kaur", "Bibi", "Khatun"}
_MEN_ONLY = {"Singh", "Uddin", "Miah"}
#: Short forms of the American list that nobody in an English office would write down.
_NOT_USED_HERE = {"nan", "bat", "hub", "si", "cy", "lum", "rube", "lish", "zeke"}


@dataclass(frozen=True)
class Book:
    """All names, ready to be drawn, and for each name its other spellings and short forms."""

    forenames: dict[tuple[str, str, int], Weighted[str]]
    surnames: dict[str, Weighted[str]]
    spellings: dict[str, tuple[str, ...]]
    short: dict[str, tuple[str, ...]]

    def forename(self, dice: Dice, background: str, sex: str, born_year: int) -> str:
        """Return a forename in fashion among people of that background in that decade."""
        decade = 0
        if background == "british":
            decade = min(_DECADES, key=lambda year: abs(year - born_year))
        return dice.weighted(self.forenames[background, sex, decade])

    def surname(self, dice: Dice, background: str, sex: str) -> str:
        """Return a surname; some are borne by women or by men only."""
        unfit = _WOMEN_ONLY if sex == "M" else _MEN_ONLY
        while (name := dice.weighted(self.surnames[background])) in unfit:
            pass
        return name

    def goes_with(self, surname: str, sex: str) -> bool:
        """Tell whether somebody of that sex would bear the family's surname."""
        return surname not in (_WOMEN_ONLY if sex == "M" else _MEN_ONLY)


_DECADES = (1934, 1944, 1954, 1964, 1974, 1984, 1994, 2004, 2012, 2018)


def _falling(words: list[str], flat: int) -> Weighted[str]:
    """Weigh words by rank: the first is common, the last is not rare."""
    return Weighted(words, [1.0 / (rank + flat) for rank in range(len(words))])


@cache
def book() -> Book:
    """Return the names, read once."""
    text = resources.files("kingshurst_tui.demo").joinpath("names.toml").read_text("utf-8")
    raw: dict[str, Any] = tomllib.loads(text)
    forenames: dict[tuple[str, str, int], Weighted[str]] = {}
    surnames: dict[str, Weighted[str]] = {}
    spellings: dict[str, tuple[str, ...]] = {}

    def names(text: str) -> list[str]:
        first = []
        for group in text.split():
            ways = tuple(group.split("|"))
            first.append(ways[0])
            for way in ways:
                others = tuple(other for other in ways if other != way)
                spellings[way] = tuple(dict.fromkeys(spellings.get(way, ()) + others))
        return first

    for background, part in raw.items():
        surnames[background] = _falling(names(part["surnames"]), 12 if background == "british" else 4)
        for title, text in part["forenames"].items():
            forenames[background, title[0], int(title[1:] or 0)] = _falling(names(text), 10)
    return Book(forenames, surnames, {n: w for n, w in spellings.items() if w}, _short_forms(forenames))


def _short_forms(forenames: dict[tuple[str, str, int], Weighted[str]]) -> dict[str, tuple[str, ...]]:
    from nicknames import NickNamer

    namer = NickNamer()
    found: dict[str, tuple[str, ...]] = {}
    for (background, _, _), table in forenames.items():
        if background in ("british", "irish", "caribbean"):
            for name in table.items:
                # Sorted: a set has another order on every run.
                short = sorted(namer.nicknames_of(name.lower()) - _NOT_USED_HERE)
                if short:
                    found[name] = tuple(word.capitalize() for word in short)
    return found
