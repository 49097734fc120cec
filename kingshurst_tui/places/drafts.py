"""What a published file of places would bring in, before any of it is stored; and what is known to check it by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from db.places import BoundaryRow, FigureRow, Kept, PartRow, PlaceRow, PostcodeRow
from kingshurst_tui.counting import some
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.places.reading import NOTHING_STORED, SHOWN, Columns, Row, is_code, level_of
from kingshurst_tui.places.vocabulary import Level, SourceKind

LONGEST_NAME = 120
FIRST_LOOK_UP = "Take in a look-up of LSOAs to wards first: it says which places are the borough's."


@dataclass(frozen=True)
class Known:
    """What the sources that stand say of the borough.

    Attributes:
        boroughs: code to name.
        codes: of a level and vintage.
        years: of wards: the first, and the last or nothing.
        wards: of LSOAs, by best fit, newest vintage.
        districts: of postcodes (B37) in which the borough has some.
        elsewhere: wards in which postcodes lie, but none of the borough's.
    """

    boroughs: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[tuple[Level, str], frozenset[str]] = field(default_factory=dict)
    years: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    wards: Mapping[str, str] = field(default_factory=dict)
    districts: frozenset[str] = frozenset()
    elsewhere: frozenset[str] = frozenset()

    def of(self, level: Level, vintage: str) -> frozenset[str]:
        """Return the codes of a level and vintage."""
        return self.codes.get((level, vintage), frozenset())

    def other_vintage(self, code: str, level: Level, vintage: str) -> str:
        """Return the vintage that a code is of, if it is of another one."""
        others = ((of, codes) for (its, of), codes in self.codes.items() if its == level and of != vintage)
        return next((of for of, codes in others if code in codes), "")

    @property
    def names(self) -> str:
        """The boroughs as they are named in a sentence."""
        return " and ".join(self.boroughs.values()) or "the borough"


@dataclass
class Draft:
    """One file's rows, ready to be stored.

    Attributes:
        figures_of: what figures, of which years.
        said: what to know of it.
    """

    kind: SourceKind
    title: str
    vintage: str
    places: dict[tuple[str, str, str], PlaceRow] = field(default_factory=dict)
    parts: list[PartRow] = field(default_factory=list)
    postcodes: list[PostcodeRow] = field(default_factory=list)
    figures: list[FigureRow] = field(default_factory=list)
    boundaries: list[BoundaryRow] = field(default_factory=list)
    rows: int = 0
    left_out: int = 0
    said: list[str] = field(default_factory=list)

    def add(self, level: Level, code: str, name: str, vintage: str, begins: str = "", ends: str = "") -> None:
        """Add a place, once; a name that comes later fills one that was missing."""
        at = (level.value, code, vintage)
        before = self.places.get(at)
        if before is None or (name and not before.name):
            self.places[at] = PlaceRow(level.value, code, name, vintage, begins or None, ends or None)

    def lies(self, part: tuple[Level, str, str], whole: tuple[Level, str, str], fit: str) -> None:
        """Add that one place lies in another."""
        self.parts.append(PartRow(part[0].value, part[1], part[2], whole[0].value, whole[1], whole[2], fit))

    def everything(self) -> list[Kept]:
        """Return all of its rows."""
        return [*self.places.values(), *self.parts, *self.postcodes, *self.figures, *self.boundaries]

    @property
    def codes(self) -> set[str]:
        """The places that it names."""
        return {code for _, code, _ in self.places}

    @property
    def figures_of(self) -> set[tuple[str, str]]:
        """What figures it has, of which years."""
        return {(each.figure, each.year) for each in self.figures}


def rejected(title: str, hint: str, problems: Collection[str] = ()) -> InputRejected:
    """Return the refusal of a whole file: what is wrong, and that nothing of it was stored."""
    named = list(problems)[:SHOWN]
    more = [f"and {len(problems) - SHOWN:,} more like it"] if len(problems) > SHOWN else []
    return InputRejected(title, "\n".join([*named, *more, NOTHING_STORED]), hint, tuple(named))


def place_name(text: str) -> str:
    """Return a place's name as it may be shown."""
    from kingshurst_tui.intake.text import clean

    return clean(text)[:LONGEST_NAME]


def code_in(columns: Columns, row: Row, role: str, level: Level, vintage: str = "") -> str:
    """Return a code from a row. Raises: InputRejected: it is no code of that level."""
    code = columns.cell(row, role, vintage)
    if not is_code(code, level):
        looks = level_of(code)
        what = f"the code of a place of another level ({looks})" if looks else "no code of a place"
        raise rejected(
            f"Row {row.number:,} has {code[:20]!r} where a code of the level {level} is to stand: {what}.",
            "Use the file as published, for England and Wales.",
        )
    return code


def boroughs_of(asked: Collection[str], known: Known, found: Counter[str], names: Mapping[str, str]) -> dict[str, str]:
    """Return whose places are wanted: those asked for, else those known, else the only one that the file is about.

    Raises: InputRejected: the file is about others, or about several and nobody said which.
    """
    wanted = set(asked) or set(known.boroughs)
    if not wanted:
        if len(found) != 1:
            listed = [f"{code} {names.get(code, '')}: {number:,} rows" for code, number in found.most_common(SHOWN)]
            raise rejected(
                f"The file is about {len(found)} local authorities, and which is yours is not known yet.",
                "Name it with --borough CODE.",
                listed,
            )
        wanted = set(found)
    if not wanted & set(found):
        listed = [f"{code} {names.get(code, '')}" for code in list(found)[:SHOWN]]
        raise rejected(
            f"No row is about a place of {_named(wanted, known.boroughs)}.",
            "It may be the file of another borough; --borough CODE adds one.",
            listed,
        )
    return {code: names.get(code) or known.boroughs.get(code, "") for code in sorted(wanted & set(found))}


def _named(codes: Iterable[str], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(code, code) for code in sorted(codes))


def check_vintage(codes: Iterable[str], known: Known, level: Level, vintage: str) -> None:
    """Make sure that every code is one of the borough's, of that vintage, as far as these are known.

    Raises: InputRejected.
    """
    standing = known.of(level, vintage)
    strangers = sorted(set(codes) - standing) if standing else []
    if not strangers:
        # Of a vintage that nobody knows yet, a code that only ever was of another one is still recognised.
        return
    older = {code: found for code in strangers if (found := known.other_vintage(code, level, vintage))}
    if older:
        raise rejected(
            f"{some(len(older), 'code is', 'codes are')} of another vintage: the file says {vintage}.",
            "Use the file for that vintage, or say which it is with --vintage YEAR.",
            [f"{code} is a code of {found}" for code, found in older.items()],
        )
    raise rejected(
        f"{some(len(strangers), 'code is', 'codes are')} of no place of {known.names} as of {vintage}.",
        "It may be the file of another borough, or of a newer vintage: take its look-up in first.",
        strangers,
    )


def inside(codes: Collection[str], known: Known, level: Level, vintage: str) -> frozenset[str]:
    """Return which codes of a file that names no local authority are the borough's.

    A file with more places outside than inside is a national one, and its other rows are left out. A file of the
    borough with a few strangers in it is a mistake.

    Raises: InputRejected.
    """
    standing = known.of(level, vintage)
    if not standing:
        raise rejected("The file names no local authority, and no place of the borough is known yet.", FIRST_LOOK_UP)
    ours = frozenset(codes) & standing
    strangers = set(codes) - ours
    if any(known.other_vintage(code, level, vintage) for code in strangers) or len(strangers) <= len(ours) or not ours:
        check_vintage(codes, known, level, vintage)
    return ours


def said_missing(codes: Collection[str], known: Known, level: Level, vintage: str) -> list[str]:
    """Return a sentence on places of the borough that a file does not name."""
    missing = sorted(known.of(level, vintage) - frozenset(codes))
    if not missing:
        return []
    places = some(len(missing), "place of the borough is", "places of the borough are")
    return [f"{places} not in it: {', '.join(missing[:SHOWN])}"]
