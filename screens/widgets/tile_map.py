"""A map of small areas as tiles, each near where it lies; how much by shade and figure, the cursor by brackets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.bindings import MOVE, RECORD, bind

WIDE: Final = 4
"""Cells of a tile."""
LARGE: Final = 2
"""How many times as wide, or as high, a tile is where all of them fit so."""
LOWEST_TO_HIGHEST: Final = ("1·", "2░", "3▒", "4▓", "5█")
HIDDEN_TILE, UNKNOWN_TILE = "##", "??"
LEGEND: Final = "1· lowest fifth … 5█ highest · ## hidden · ?? not known · [ ] cursor · o here"


@dataclass(frozen=True, slots=True)
class Tile:
    """One area.

    Attributes:
        code: its code.
        column: from the west.
        row: from the north.
        sign: two cells: LOWEST_TO_HIGHEST, HIDDEN_TILE or UNKNOWN_TILE.
        inside: whether it belongs to the place in view.
    """

    code: str
    column: int
    row: int
    sign: str
    inside: bool = True


def fifths(rates: Mapping[str, float]) -> dict[str, str]:
    """Return the sign of each area by the fifth of all rates in which its own lies; equal rates have one sign.

    Example:
        >>> fifths({"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0, "e": 5.0})["e"]
        '5█'
    """
    ordered = sorted(rates.values())
    return {
        code: LOWEST_TO_HIGHEST[min(4, 5 * sum(each < rate for each in ordered) // len(ordered))]
        for code, rate in rates.items()
    }


class TileMap(ScrollView, can_focus=True):
    """Tiles with a cursor; arrows go to the next tile that way, Enter opens the place."""

    HELP = "Arrow keys go from tile to tile, Enter shows that place."
    BINDING_GROUP_TITLE = "The map"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tile-map--cursor", "tile-map--outside"}
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("left,h", "go(-1,0)", "West", id="map-west", tooltip="To the west.", group=MOVE, show=False),
        bind("right,l", "go(1,0)", "East", id="map-east", tooltip="To the east.", group=MOVE, show=False),
        bind("up,k", "go(0,-1)", "North", id="map-north", tooltip="To the north.", group=MOVE, show=False),
        bind("down,j", "go(0,1)", "South", id="map-south", tooltip="To the south.", group=MOVE, show=False),
        bind("enter", "open", "Open", id="map-open", tooltip="Show the place at the cursor.", group=RECORD),
    ]

    @dataclass
    class Moved(Message):
        """The cursor came to a tile."""

        code: str

    @dataclass
    class Opened(Message):
        """A tile was opened."""

        code: str

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._tiles: dict[tuple[int, int], Tile] = {}
        self._here: tuple[int, int] | None = None
        self._wide, self._high, self._columns = WIDE, 1, 0

    def show(self, tiles: list[Tile], cursor: str = "") -> None:
        """Draw these tiles, the cursor on that area, or on the first of the place in view."""
        self._tiles = {(tile.column, tile.row): tile for tile in tiles}
        inside = [place for place, tile in self._tiles.items() if tile.inside] or list(self._tiles)
        self._here = next((place for place, tile in self._tiles.items() if tile.code == cursor), None) or next(
            iter(sorted(inside, key=lambda place: (place[1], place[0]))), None
        )
        self._fit()
        self._to_cursor()

    def on_resize(self) -> None:
        """Draw tiles large where all of them fit so."""
        self._fit()

    def _fit(self) -> None:
        self._columns = max((column for column, _ in self._tiles), default=-1) + 1
        rows = max((row for _, row in self._tiles), default=-1) + 1
        self._wide = WIDE * (LARGE if self._columns * WIDE * LARGE <= self.size.width else 1)
        self._high = LARGE if rows * LARGE <= self.size.height else 1
        self.virtual_size = Size(self._columns * self._wide, rows * self._high)

    @property
    def at_cursor(self) -> str:
        """The code of the area at the cursor; empty where there is no tile."""
        return self._tiles[self._here].code if self._here is not None else ""

    def action_go(self, right: int, down: int) -> None:
        """Go to the nearest tile that way, the straighter the better."""
        if self._here is None:
            return
        column, row = self._here

        def far(place: tuple[int, int]) -> tuple[int, int]:
            along = (place[0] - column) * right + (place[1] - row) * down
            aside = abs((place[0] - column) * down) + abs((place[1] - row) * right)
            return along + 2 * aside, aside

        ahead = [place for place in self._tiles if (place[0] - column) * right + (place[1] - row) * down > 0]
        if ahead:
            self._here = min(ahead, key=far)
            self._to_cursor()

    def action_open(self) -> None:
        """Say which tile was opened."""
        if self.at_cursor:
            self.post_message(self.Opened(self.at_cursor))

    def _to_cursor(self) -> None:
        self.refresh()
        if self._here is not None:
            column, row = self._here
            region = Region(column * self._wide, row * self._high, self._wide, self._high)
            self.scroll_to_region(region, animate=False, force=True)
            self.post_message(self.Moved(self.at_cursor))

    def render_line(self, y: int) -> Strip:
        """Draw one row of tiles."""
        scroll_x, scroll_y = self.scroll_offset
        line = self._line(y + scroll_y).crop(scroll_x, scroll_x + self.size.width)
        return line.extend_cell_length(self.size.width, self.rich_style)

    def _line(self, y: int) -> Strip:
        plain = self.rich_style
        row, under = divmod(y, self._high)
        wide = self._wide
        segments = []
        for column in range(self._columns):
            tile = self._tiles.get((column, row))
            if tile is None:
                segments.append(Segment(" " * wide, plain))
                continue
            style: Style = plain if tile.inside else self.get_component_rich_style("tile-map--outside")
            before, after = (" ", " ") if not tile.inside else ("o", " ")
            if (column, row) == self._here:
                before, after = "[", "]"
                style = self.get_component_rich_style("tile-map--cursor")
            # A large tile is its sign with its shade drawn out, and the shade alone under it.
            shade = tile.sign[-1] * (wide - 2)
            words = shade if under else tile.sign[:-1] + shade[1:]
            segments.append(Segment(f"{before if not under or before == '[' else ' '}{words}{after}", style))
        return Strip(segments)

    def lines(self) -> list[str]:
        """Return the map as lines of text; the plain command and tests read it."""
        return [self._line(row).text.rstrip() for row in range(self.virtual_size.height)]
