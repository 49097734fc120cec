"""The map of a place: every LSOA of the borough as a tile, shaded by what one data set tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from kingshurst_tui.places.vocabulary import Level
from screens import place_rows as rows
from screens.widgets.text import plain
from screens.widgets.tile_map import LEGEND, TileMap

if TYPE_CHECKING:
    from kingshurst_tui.places.map_areas import Area
    from kingshurst_tui.places.one_place import OnePlace
    from kingshurst_tui.places.published import PublishedSet


class PlaceMap(Vertical):
    """The tiles, and below them what is told of the one at the cursor; an opened one bubbles as ``TileMap.Opened``."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 (Textual's own name for it)
        super().__init__(id=id)
        self._areas: dict[str, Area] = {}
        self._of: PublishedSet | None = None
        self._kept_to = ""

    def compose(self) -> ComposeResult:
        """Draw both."""
        yield TileMap(id="place-map")
        yield Static("", id="place-tile")

    def holds(self, of: PublishedSet, area: str) -> bool:
        """Say whether what was read last is of this data set as it stands now, and kept to that priority area."""
        held = self._of
        return held is not None and (held.agreement_ref, held.made_at, self._kept_to) == (
            of.agreement_ref,
            of.made_at,
            area,
        )

    def hold(self, of: PublishedSet, area: str, areas: list[Area]) -> None:
        """Keep what was read of a data set."""
        self._of, self._kept_to = of, area
        self._areas = {each.code: each for each in areas}

    def show(self, shown: OnePlace | None, code: str) -> None:
        """Draw the tiles that are held, that of a place or postcode at the cursor and those within it marked."""
        inside = set[str]()
        if shown is not None:
            postcode = shown.geography.postcode(code) if shown.level is Level.POSTCODE else None
            code = postcode.lsoa if postcode is not None else code
            inside = set(shown.geography.lsoas_of([code]))
        self.query_one(TileMap).show(rows.tiles(list(self._areas.values()), inside), cursor=code)

    def say(self, words: str) -> None:
        """Say something in place of what a tile tells."""
        self.query_one("#place-tile", Static).update(plain(words))

    @on(TileMap.Moved)
    def moved(self, event: TileMap.Moved) -> None:
        """Say which area that is."""
        area = self._areas.get(event.code)
        if area is not None and self._of is not None:
            self.say(f"{rows.tile_words(area, self._of)}\n{LEGEND}")
