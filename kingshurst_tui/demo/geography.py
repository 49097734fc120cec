"""The ground under the invented town: its small areas, wards and postcodes, who lives there, how deprived it is.

Written as the Office for National Statistics and the Indices of Deprivation write theirs, byte-order marks, thousands
commas and all. No code here is a real place's: small areas begin with E0199, wards with E0599, boroughs with E0899. The
points lie in the sea west of Cornwall.

Two wards end in the year before the town's last day: their ground is cut anew, as it was in Kingshurst and Fordbridge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kingshurst_tui.demo.dice import Dice
from kingshurst_tui.demo.places import HOMES_A_POSTCODE, HOMES_AN_AREA, postcode
from kingshurst_tui.demo.writers import Cell, CsvWriter

FEWEST_AREAS = 24
"""Small areas of the smallest town: the invented people are some of those who live there."""
AREAS_A_WARD = 4
POSTCODES_AN_AREA = 3
"""At least so many; a town with more homes has more."""

BOROUGH, ELSEWHERE = ("E08990001", "Kingshurst (invented)"), ("E08990002", "Elsewhere (invented)")
FILES = (
    "lsoa21_to_ward_before.csv",
    "lsoa21_to_ward_now.csv",
    "ward_names.csv",
    "lsoa11_to_lsoa21.csv",
    "postcodes.csv",
    "census2021_residents.csv",
    "deprivation.csv",
)
"""In the order in which they are taken in: later ones are checked by earlier ones."""

_WARDS = (
    "Eastmoor", "Gilmoor and Fordwell", "Larkwell", "Heronsgate", "Marshgate", "Oakmere", "Nettlebeck", "Pikesmere",
    "Quarrywell", "Rushmoor", "Silverbrook", "Thistlebeck",
)  # fmt: skip
"""No street and nobody is called so: where a ward is named, nobody's address is."""
_CUT = (1, 2)
"""The wards that end; what becomes of them has other names and another edge between them."""
_NEW = ("Gilmoor", "Fordwell and Larkwell")
_SPLIT = 2
"""The small area of 2011 that was split in two, and the first of the two."""
_NEIGHBOURS = 5
_WEST, _SOUTH, _APART = 52_000, 31_000, 900
"""Metres of the national grid: out at sea, and from one small area's middle to the next."""
_LSOAS_OF_ENGLAND = 32_844


@dataclass(frozen=True, slots=True)
class Ground:
    """How large the town is, in small areas and postcodes.

    Attributes:
        homes: dwellings of the people of the town.
        today: the town's last day.
    """

    homes: int
    today: date

    @property
    def areas(self) -> int:
        """How many small areas there are."""
        return max(FEWEST_AREAS, -(-self.homes // HOMES_AN_AREA))

    @property
    def postcodes(self) -> int:
        """How many postcodes there are."""
        return max(self.homes // HOMES_A_POSTCODE + 1, POSTCODES_AN_AREA * self.areas)

    def code(self, area: int) -> str:
        """Return the code of a small area of 2021."""
        return f"E01{990_000 + area:06d}"

    def name(self, area: int) -> str:
        """Return its name."""
        return f"Kingshurst {area // AREAS_A_WARD + 1:03d}{'ABCDEFGH'[area % AREAS_A_WARD]} (invented)"

    def before(self, area: int) -> str:
        """Return the code that its ground had in 2011."""
        return "E01990900" if area in (_SPLIT, _SPLIT + 1) else self.code(area)

    def area_of(self, number: int) -> int:
        """Return the small area in which the n-th postcode lies: its people live all over the town."""
        return number % self.areas

    def ward(self, area: int, *, now: bool) -> tuple[str, str]:
        """Return code and name of the ward that a small area fits best, before the change or now."""
        number = area // AREAS_A_WARD
        if now and number in _CUT:
            # One small area goes over to the other side.
            new = 0 if area < _CUT[0] * AREAS_A_WARD + AREAS_A_WARD - 1 else 1
            return f"E05{990_500 + new:06d}", _NEW[new]
        again = number // len(_WARDS)
        return f"E05{990_001 + number:06d}", _WARDS[number % len(_WARDS)] + (f" {again + 1}" if again else "")

    def rank(self, area: int) -> int:
        """Return its rank of deprivation: from the most deprived in the north to the least in the south."""
        share = (area * 7 % self.areas + 0.5) / self.areas
        return max(1, round((0.55 * share + 0.45 * area / self.areas) * _LSOAS_OF_ENGLAND))

    def residents(self, area: int) -> int:
        """Return how many live in a small area, by the census: more than are invented."""
        return 1_150 + area * 397 % 801

    @property
    def met_by_all(self) -> int:
        """The small area where every agency meets far more than its residents explain."""
        return self.areas // 2

    @property
    def met_by_one(self) -> int:
        """The small area where the police alone do: a shopping street draws people who live elsewhere."""
        return self.areas * 3 // 4

    @property
    def flats(self) -> int:
        """The postcode of a block of flats, in the small area that every agency meets often."""
        return self.met_by_all

    def need(self, area: int) -> float:
        """Return by how much more happens in a small area than in the middling one.

        Twice as much at the deprived end as at the other; and one place has far more of everything than that explains.
        """
        usual = 1.5 - 0.9 * self.rank(area) / _LSOAS_OF_ENGLAND
        return 2.6 if area == self.met_by_all else usual


def write_places(folder: Path, ground: Ground, seed: int) -> None:
    """Write the look-ups and figures of the town as they are published, into a new folder. Raises: OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    dice = Dice(seed, 1_000_003)
    year, areas = ground.today.year, range(ground.areas)
    for name, now, of in ((FILES[0], False, year - 1), (FILES[1], True, year)):
        short = f"{of % 100:02d}"
        header = ["LSOA21CD", "LSOA21NM", f"WD{short}CD", f"WD{short}NM", f"LAD{short}CD", f"LAD{short}NM", "ObjectId"]
        rows: list[list[Cell]] = [
            [ground.code(each), ground.name(each), *ground.ward(each, now=now), *BOROUGH, each + 1] for each in areas
        ]
        _write(folder / name, header, rows, mark=True)
    wards: list[list[Cell]] = [
        [code, name, *BOROUGH, of]
        for now, of in ((False, year - 10), (True, year))
        for code, name in sorted({ground.ward(each, now=now) for each in areas})
    ]
    _write(folder / FILES[2], ["WDCD", "WDNM", "LADCD", "LADNM", "SOURCEFILE"], wards)
    changes = [
        [
            ground.before(each),
            ground.name(each).replace("C (", "CD (") if each in (_SPLIT, _SPLIT + 1) else ground.name(each),
            ground.code(each),
            ground.name(each),
            "S" if each in (_SPLIT, _SPLIT + 1) else "U",
            *BOROUGH,
        ]
        for each in areas
    ]
    _write(
        folder / FILES[3],
        ["LSOA11CD", "LSOA11NM", "LSOA21CD", "LSOA21NM", "CHGIND", "LAD22CD", "LAD22NM"],
        changes,
    )
    _write_postcodes(folder / FILES[4], ground, dice)
    people = [[f"{ground.residents(each)}.0", ground.name(each), ground.code(each)] for each in areas]
    _write(folder / FILES[5], ["total", "2021 super output area - lower layer", "mnemonic"], people)
    ranks = {ground.before(each): (ground.name(each), ground.rank(each)) for each in areas}
    _write(
        folder / FILES[6],
        [
            "LSOA code (2011)",
            "LSOA name (2011)",
            "Local Authority District code (2019)",
            "Local Authority District name (2019)",
            "Index of Multiple Deprivation (IMD) Rank",
            "Index of Multiple Deprivation (IMD) Decile",
        ],
        [
            [code, name, *BOROUGH, f"{rank:,}", min(10, 1 + rank * 10 // _LSOAS_OF_ENGLAND)]
            for code, (name, rank) in ranks.items()
        ],
        mark=True,
    )


def _write_postcodes(path: Path, ground: Ground, dice: Dice) -> None:
    across = max(1, round(ground.areas**0.5))
    short = f"{ground.today.year % 100:02d}"
    rows: list[list[Cell]] = []
    for number in range(ground.postcodes):
        area = ground.area_of(number)
        east = _WEST + area % across * _APART + dice.between(-300, 300)
        north = _SOUTH + (ground.areas - area) // across * _APART + dice.between(-300, 300)
        # One in 23 lies by its point over the edge from the ward that its small area fits best.
        lies = (area + AREAS_A_WARD) % ground.areas if number % 23 == 5 else area
        ended = (
            f"{ground.today.year - 1}06" if number >= ground.homes // HOMES_A_POSTCODE + 1 and number % 37 == 0 else ""
        )
        codes = [ground.before(area), ground.code(area), ground.ward(lies, now=True)[0], BOROUGH[0]]
        rows.append([postcode(number), ended, *codes, east, north])
    first = -(-ground.postcodes // 400) * 400 - _NEIGHBOURS
    for number in range(max(first, ground.postcodes), first + _NEIGHBOURS):
        # The same sector goes on in the next borough.
        rows.append([postcode(number), "", "E01999001", "E01999001", "E05999001", ELSEWHERE[0], _WEST - 400, _SOUTH])
    header = ["pcds", "doterm", "lsoa11cd", "lsoa21cd", f"wd{short}cd", f"lad{short}cd", "east1m", "north1m"]
    _write(path, header, rows)


def _write(path: Path, header: Sequence[str], rows: Sequence[Sequence[Cell]], *, mark: bool = False) -> None:
    writer = CsvWriter(path, header, "utf-8-sig" if mark else "utf-8")
    writer.rows(rows)
    writer.close()
