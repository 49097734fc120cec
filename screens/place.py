"""One place at a time: what each agency meets there by month, beside the borough, like places and the year before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Static

from kingshurst_tui.places import map_areas, one_place
from kingshurst_tui.places.vocabulary import Level
from kingshurst_tui.vocabulary import PriorityArea
from screens import place_rows as rows
from screens.ask_words import AskWords
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.choose import Choose
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.month_picture import MonthPicture
from screens.widgets.section_bar import Section, SectionBar
from screens.widgets.text import plain
from screens.widgets.tile_map import LEGEND, TileMap
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from textual.screen import Screen

    from kingshurst_tui.places.map_areas import Area
    from kingshurst_tui.places.one_place import OnePlace

AGENCIES, MAP, STANDING_OUT, AHEAD = "agencies", "map", "standing-out", "ahead"
PARTS = (
    Section("a", AGENCIES, "Agencies"),
    Section("t", MAP, "Map"),
    Section("o", STANDING_OUT, "Standing out"),
    Section("x", AHEAD, "Ahead"),
)
EVERYTHING = "every priority area"
IN_LINE = 3
"""What is said of a place over everything else; the rest stands beside the first line of the list."""


class MonthsOfCategories(ListAndDetail):
    """The list of data sets, and under the facts of one its categories month by month."""

    def extra(self) -> Iterable[MonthPicture]:
        """Yield the picture."""
        yield MonthPicture(id="place-months")


class PlaceScreen(KingshurstScreen[None]):
    """A ward, an LSOA or the borough; four parts."""

    HELP = """One place at a time. Each line is a data set: its newest twelve months, its months as shades, whether
that is more or fewer than elsewhere and than a year before. A word for a difference stands only where the interval has
it; counts under the line are hidden, others rounded, and what is worked out here is worked out from those. ? is a month
that did not come in whole; it is never nought. / goes to a place by name, code or postcode, w chooses one, u goes to
the larger place, n and p to the next and the one before. i keeps to one priority area. t is the map of the data set at
the cursor, o the places where several agencies meet the same need, x what to expect and how earlier expectations did.
Nobody is named here, and no count leads to a person."""
    MODE = "places"
    CSS_PATH = "styles/place.tcss"
    BINDING_GROUP_TITLE = "Places"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            bind(part.key, f"part('{part.code}')", part.title, id=f"place-{part.code}", tooltip=words, show=False)
            for part, words in zip(
                PARTS,
                (
                    "What each agency meets here.",
                    "The data set at the cursor on a map of LSOAs.",
                    "Places where several agencies meet the same need, by a stated rule.",
                    "What to expect of the next months, and how earlier expectations did.",
                ),
                strict=True,
            )
        ),
        bind("slash", "find", "Find", id="place-find", tooltip="Go to a place by its name, code or postcode."),
        bind("w", "choose", "Which", id="place-choose", tooltip="Choose a ward or an LSOA."),
        bind("u", "up", "Larger", id="place-up", tooltip="The place that this one lies in."),
        bind("n", "turn(1)", "Next", id="place-next", tooltip="The next place of the same size."),
        bind("p", "turn(-1)", "Before", id="place-before", tooltip="The place before.", show=False),
        bind("i", "area", "Priority", id="place-area", tooltip="Keep to one priority area, or show all."),
    ]

    def __init__(self, code: int | str = "", *, part: str = AGENCIES, siblings: tuple[int | str, ...] = ()) -> None:
        """Show a place.

        Args:
            code: its code or postcode; the borough if none.
            part: the part to begin with.
            siblings: not used; a place knows its own neighbours.
        """
        super().__init__()
        self._code, self._part, self._area = str(code or ""), part, ""
        self._shown: OnePlace | None = None
        self._map_of = ("", "", "")
        self._areas: dict[str, Area] = {}

    def body(self) -> ComposeResult:
        """Draw the place, its parts, and what stands in each."""
        yield Static("", id="place-line")
        yield SectionBar(PARTS)
        yield MonthsOfCategories(
            Column("Data set", 20, grows=True),
            Column("Counted", 11, right=True),
            Column("Months", rows.STRIP),
            Column("Borough", 8),
            Column("Like", 8, priority=1),
            Column("A year", 8),
            nothing="Nothing is published for this place.",
            hint="Area extracts come in on the command line: kingshurst import STORE FILE --agreement REF.",
            id=AGENCIES,
        )
        with Vertical(id=MAP):
            yield TileMap(id="place-map")
            yield Static("", id="place-tile")
        yield ListAndDetail(
            Column("Place", 24, grows=True),
            Column("Agencies", 26),
            Column("Least", 8, right=True),
            nothing="No place stands out by the rule that holds.",
            hint="kingshurst places rule list STORE says which rule that is.",
            id=STANDING_OUT,
        )

        yield ListAndDetail(
            Column("Data set", 22, grows=True),
            Column("Month", 9),
            Column("Expected", 18),
            Column("By", 18, priority=1),
            nothing="Nothing was worked out for this place.",
            hint="kingshurst places expect STORE works it out, and says where it is no better than last year.",
            id=AHEAD,
        )

    def on_mount(self) -> None:
        """Show the part one came for."""
        self._show_part()

    # --- reading and drawing ------------------------------------------------------------------------------

    def reload(self) -> None:
        """Ask for the place."""
        read = partial(one_place.one_place, area=self._area)
        self.run_work(read, self.session, self._code, then=self.show_place, doing="Reading a place")

    def show_place(self, shown: OnePlace) -> None:
        """Draw what was read."""
        self._shown, self._code = shown, shown.code
        line = f"{shown.name}. {'; '.join(shown.about[:IN_LINE])}." if shown.name else shown.about[0]
        self.query_one("#place-line", Static).update(plain(f"{line} {self._kept_to}"))
        months = rows.months_of(shown)
        drawn = list(rows.of_sets(shown, months))
        listed = self.query_one(f"#{AGENCIES}", MonthsOfCategories)
        listed.show(drawn, lambda row: rows.facts_of_set(shown, str(row.key)))
        self._show_part()

    @property
    def _kept_to(self) -> str:
        return f"Only {self._area}." if self._area else ""

    def _show_part(self) -> None:
        for part in PARTS:
            self.query_one(f"#{part.code}").display = part.code == self._part
        self.query_one(SectionBar).show(self._part, PARTS, {})
        if self._shown is None:
            return
        if self._part == MAP:
            self._show_map()
        elif self._part == AGENCIES:
            self.query_one(f"#{AGENCIES} VirtualTable", VirtualTable).focus()
        else:
            self._read_part(self._part)
        self.refresh_bindings()

    def _read_part(self, part: str) -> None:
        listed = self.query_one(f"#{part}", ListAndDetail)
        read: Callable[..., Any] = rows.READS[part]

        def draw(found: Any) -> None:
            drawn = rows.DRAWS[part](found)
            listed.show([row for row, _ in drawn], dict_of(drawn))
            listed.table.focus()

        self.run_work(read, self.session, self._code, then=draw, doing="Reading")

    @on(VirtualTable.Moved)
    def moved(self, event: VirtualTable.Moved) -> None:
        """Draw the categories of the data set at the cursor, month by month."""
        shown = self._shown
        if shown is not None and event.table.id == f"{AGENCIES}-list":
            picture = self.query_one("#place-months", MonthPicture)
            first, lines = rows.small_multiples(shown, str(event.row.key))
            picture.display = first is not None
            if first is not None:
                picture.show_counts(first, lines, totals=False)

    # --- the map ------------------------------------------------------------------------------------------

    def _show_map(self) -> None:
        self.query_one(TileMap).focus()
        of = rows.set_named(self._shown, self._at_cursor()) or rows.first_set(self._shown)
        if of is None:
            self.query_one("#place-tile", Static).update("There is no data set to draw.")
            return
        if self._map_of == (of.agreement_ref, of.made_at, self._area):
            self._draw_map(list(self._areas.values()))
            return
        self._map_of = (of.agreement_ref, of.made_at, self._area)
        read = partial(map_areas.areas, area=self._area)
        self.run_work(read, self.session, of.agreement_ref, then=self._draw_map, doing="Reading every LSOA")

    def _draw_map(self, areas: list[Area]) -> None:
        self._areas = {area.code: area for area in areas}
        inside = set(self._shown.geography.lsoas_of([self._code])) if self._shown is not None else set()
        self.query_one(TileMap).show(rows.tiles(areas, inside), cursor=self._code)

    @on(TileMap.Moved)
    def tile_moved(self, event: TileMap.Moved) -> None:
        """Say which area that is."""
        area, of = self._areas.get(event.code), rows.set_named(self._shown, self._map_of[0])
        if area is not None and of is not None:
            self.query_one("#place-tile", Static).update(plain(f"{rows.tile_words(area, of)}\n{LEGEND}"))

    @on(TileMap.Opened)
    def tile_opened(self, event: TileMap.Opened) -> None:
        """Show that area."""
        self._part = AGENCIES
        self._go(event.code)

    # --- going from place to place ------------------------------------------------------------------------

    def _go(self, code: str) -> None:
        self._code = code
        self.reload()

    def action_back(self) -> None:
        """Go back from a part to the agencies, and from there as everywhere."""
        if self._part != AGENCIES:
            self.action_part(AGENCIES)
        else:
            super().action_back()

    def action_part(self, part: str) -> None:
        """Show another part."""
        self._part = part
        self._show_part()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_find(self) -> None:
        """Go to a place by what is typed."""
        asked = await self.app.push_screen_wait(
            AskWords("Which place?", "Its name, its code, or a postcode.", placeholder="B37 6XX, then Enter")
        )
        if asked and self._shown is not None:
            self._go(await self.ask(one_place.found_code, self._shown.geography, asked))

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_choose(self) -> None:
        """Choose a place."""
        if self._shown is None:
            return
        known = self._shown.geography
        options = [
            (code, f"{'  ' if known.level(code) is Level.LSOA else ''}{known.name(code)} ({code})")
            for code in one_place.everywhere(known)
        ]
        chosen = await self.app.push_screen_wait(Choose("Which place?", options, [self._code], at=self._code))
        if chosen:
            self._go(chosen)

    def action_up(self) -> None:
        """Go to the place that this one lies in."""
        if self._shown is None or self._shown.level is None:
            return
        for level in (Level.WARD, Level.LOCAL_AUTHORITY):
            parent = self._shown.geography.parent(self._code, level)
            if parent is not None and parent.code != self._code:
                self._go(parent.code)
                return

    def action_turn(self, by: int) -> None:
        """Go to the next place of the same size, round and round."""
        if self._shown is None or self._shown.level is None:
            return
        known = self._shown.geography
        same = [code for code in one_place.everywhere(known) if known.level(code) == self._shown.level]
        if self._code in same and len(same) > 1:
            self._go(same[(same.index(self._code) + by) % len(same)])

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_area(self) -> None:
        """Keep to one priority area."""
        options = [("", EVERYTHING), *((area.value, area.value.replace("-", " ")) for area in PriorityArea)]
        chosen = await self.app.push_screen_wait(Choose("Which priority area?", options, [self._area], at=self._area))
        if chosen is not None:
            self._area = chosen
            self.reload()

    def _at_cursor(self) -> str:
        table = self.query_one(f"#{AGENCIES} VirtualTable", VirtualTable)
        row = table.row_at(table.cursor) if table.cursor is not None else None
        return str(row.key) if row is not None else ""

    @on(VirtualTable.Opened)
    def opened(self, event: VirtualTable.Opened) -> None:
        """Show the place at the cursor of those that stand out, or the map of the data set."""
        if self._part == STANDING_OUT:
            self._part = AGENCIES
            self._go(str(event.row.key).partition("/")[0])
        elif self._part == AGENCIES:
            self.action_part(MAP)

    # --- after a lock -------------------------------------------------------------------------------------

    def reopen(self) -> Callable[[], Screen[Any]] | None:
        """Return what shows the same place again."""
        code, part = self._code, self._part
        return lambda: PlaceScreen(code, part=part)

    def remember(self) -> object:
        """Return the place and the part in view."""
        return (self._code, self._part)


def dict_of(drawn: list[tuple[Row, rows.Facts]]) -> Callable[[Row], rows.Facts]:
    """Return what explains each of these rows."""
    facts = {row.key: said for row, said in drawn}
    return lambda row: facts.get(row.key, ())
