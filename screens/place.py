"""One place at a time: what each agency meets there by month, beside the borough, like places and the year before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from kingshurst_tui.places import map_areas, one_place
from kingshurst_tui.places.vocabulary import Level
from kingshurst_tui.vocabulary import PriorityArea
from screens import place_going as going
from screens import place_parts as parts
from screens import place_rows as rows
from screens.ask_words import AskWords
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.choose import Choose
from screens.place_map import PlaceMap
from screens.place_words import (
    AGENCIES,
    AHEAD,
    AT_A_POSTCODE,
    EVERYTHING,
    EXPLAINED,
    HELP,
    IN_LINE,
    MAP,
    MONTHS,
    PARTS,
    POSTCODES,
    STANDING_OUT,
    TOOLTIPS,
)
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.section_bar import SectionBar
from screens.widgets.small_multiples import SmallMultiples
from screens.widgets.text import plain
from screens.widgets.tile_map import TileMap
from screens.widgets.virtual_table import Column, VirtualTable

if TYPE_CHECKING:
    from textual.screen import Screen

    from kingshurst_tui.places.map_areas import Area
    from kingshurst_tui.places.one_place import OnePlace


class PlaceScreen(KingshurstScreen[None]):
    """A ward, an LSOA, a postcode or the borough; six parts."""

    HELP = HELP
    MODE = "places"
    CSS_PATH = "styles/place.tcss"
    BINDING_GROUP_TITLE = "Places"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            bind(part.key, f"part('{part.code}')", part.title, id=f"place-{part.code}", tooltip=words, show=False)
            for part, words in zip(
                PARTS,
                TOOLTIPS,
                strict=True,
            )
        ),
        bind("slash", "find", "Find", id="place-find", tooltip="Go to a place by its name, code or postcode."),
        bind("w", "choose", "Choose", id="place-choose", tooltip="Choose a ward or an LSOA."),
        bind("u", "up", "Larger", id="place-up", tooltip="The place that this one lies in."),
        bind("n", "turn(1)", "Next", id="place-next", tooltip="The next place of the same size."),
        bind("p", "turn(-1)", "Before", id="place-before", tooltip="The place before.", show=False),
        bind("i", "area", "Priority", id="place-area", tooltip="Keep to one priority area, or show all."),
        bind(
            "d",
            "data_set",
            "Data set",
            id="place-data-set",
            tooltip="Which data set months and map are of.",
            show=False,
        ),
    ]

    def __init__(self, code: int | str = "", *, part: str = AGENCIES, siblings: tuple[int | str, ...] = ()) -> None:
        """Show a place.

        Args:
            code: its code or postcode; the borough if none.
            part: the part to begin with.
            siblings: not used; a place knows its own neighbours.
        """
        super().__init__()
        self._code, self._part, self._area, self._set = str(code or ""), part, "", ""
        self._came_for = part
        self._shown: OnePlace | None = None

    def body(self) -> ComposeResult:
        """Draw the place, its parts, and what stands in each."""
        yield Static("", id="place-line")
        yield SectionBar(PARTS)
        yield Static("", id="place-explained")
        yield ListAndDetail(
            Column("Data set", 20, grows=True),
            Column("Counted", 13, right=True),
            Column("Months", rows.STRIP),
            Column("Borough", 8),
            Column("Like", 8, priority=1),
            Column("A year", 8),
            nothing="Nothing is published for this place.",
            hint="Area extracts come in on the command line: kingshurst import STORE FILE --agreement REF.",
            id=AGENCIES,
        )
        with VerticalScroll(id=MONTHS):
            yield SmallMultiples(id="place-pictures")
        yield PlaceMap(id=MAP)
        yield ListAndDetail(
            Column("Postcode", 12),
            Column("Data set", 24, grows=True),
            Column("Year", 5),
            Column("Counted", 13, right=True),
            id=POSTCODES,
        )
        yield ListAndDetail(
            Column("Place", 24, grows=True),
            Column("Agencies", 20, priority=1),
            Column("Least", 7, right=True),
            Column("Since", 19),
            nothing="No place stands out by the rule that holds.",
            hint="kingshurst places rule list STORE says which rule that is.",
            id=STANDING_OUT,
        )
        yield ListAndDetail(
            Column("What", 18, grows=True),
            Column("Month", 9),
            Column("Expected", 18),
            Column("Came", 11, right=True, priority=1),
            Column("Before", 13),
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
        about = [each for each in shown.about if not each.startswith("some postcodes")][:IN_LINE]
        line = f"{shown.name}. {'; '.join(about)}." if shown.name else shown.about[0]
        self.query_one("#place-line", Static).update(plain(f"{line} {self._kept_to}"))
        months = rows.months_of(shown)
        drawn = list(rows.of_sets(shown, months))
        listed = self.query_one(f"#{AGENCIES}", ListAndDetail)
        kept = next((at for at, row in enumerate(drawn) if self._set and row.key == self._set), None)
        listed.show(drawn, lambda row: rows.facts_of_set(shown, str(row.key)))
        if kept is not None:
            # From place to place one stays with the data set, wherever its line stands.
            listed.table.cursor = kept
        self._show_part()

    @property
    def _kept_to(self) -> str:
        return f"Only {rows.in_area(self._area)}." if self._area else ""

    def _show_part(self) -> None:
        for part in PARTS:
            self.query_one(f"#{part.code}").display = part.code == self._part
        self.query_one(SectionBar).show(self._part, PARTS, {})
        self._explain(EXPLAINED.get(self._part, ""))
        if self._shown is None:
            return
        if self._part == MAP:
            self._show_map()
        elif self._part == MONTHS:
            self._show_months()
        elif self._part == AGENCIES:
            self.query_one(f"#{AGENCIES} VirtualTable", VirtualTable).focus()
        else:
            self._read_part(self._part)
        self.refresh_bindings()

    def _explain(self, words: str) -> None:
        if self._part == AGENCIES and self._shown is not None and self._shown.level is Level.POSTCODE:
            words = AT_A_POSTCODE
        self.query_one("#place-explained", Static).update(plain(words))

    def _read_part(self, part: str) -> None:
        listed = self.query_one(f"#{part}", ListAndDetail)
        read: Callable[..., Any] = parts.READS[part]

        def draw(found: Any) -> None:
            drawn = parts.DRAWS[part](found)
            listed.show([row for row, _ in drawn], parts.explaining(drawn))
            if drawn[0][0].heading and not listed.table.cursor:
                listed.table.cursor = 1
            listed.table.focus()

        self.run_work(read, self.session, self._code, then=draw, doing="Reading")

    @on(VirtualTable.Moved)
    def moved(self, event: VirtualTable.Moved) -> None:
        """Remember the data set at the cursor; on a heading it is none."""
        if self._shown is not None and event.table.id == f"{AGENCIES}-list":
            of = rows.set_named(self._shown, str(event.row.key))
            self._set = of.agreement_ref if of is not None else ""

    def _show_months(self) -> None:
        shown = self._shown
        if shown is None:
            return
        scroll = self.query_one(f"#{MONTHS}", VerticalScroll)
        scroll.focus()
        scroll.scroll_home(animate=False)
        of = rows.set_named(shown, self._set)
        if shown.level is Level.POSTCODE:
            self._explain("A postcode is not shown by month: u shows its LSOA.")
            self.query_one(SmallMultiples).show(())
            return
        title = f"{of.title} ({of.agency_code})" if of is not None else "Every data set"
        hidden = rows.hidden_in_words(shown, self._set)
        panels = rows.small_multiples(shown, self._set)
        if not any(count >= 0 for panel in panels for count in panel.counts):
            self._explain(f"{title}: no month is shown here · u shows a larger place, d another data set")
        else:
            self._explain(f"{title}, each to its own highest{f' · {hidden}' if hidden else ''} · d another")
        self.query_one(SmallMultiples).show(panels)

    # --- the map ------------------------------------------------------------------------------------------

    def _show_map(self) -> None:
        self.query_one(TileMap).focus()
        drawn, area = self.query_one(PlaceMap), self._area
        of = rows.set_named(self._shown, self._set) or rows.first_set(self._shown)
        if of is None:
            self._explain("")
            drawn.say("There is no data set to draw.")
            return
        self._explain(f"{of.title} ({of.agency_code}), a year for each 1,000 residents, in fifths · d another")

        def draw(areas: list[Area]) -> None:
            drawn.hold(of, area, areas)
            drawn.show(self._shown, self._code)

        if drawn.holds(of, area):
            drawn.show(self._shown, self._code)
        else:
            read = partial(map_areas.areas, area=area)
            self.run_work(read, self.session, of.agreement_ref, then=draw, doing="Reading every LSOA")

    @on(TileMap.Opened)
    def tile_opened(self, event: TileMap.Opened) -> None:
        """Show that area."""
        self._part = AGENCIES
        self._go(event.code)

    # --- going from place to place ------------------------------------------------------------------------

    def _go(self, code: str) -> None:
        self._code = code
        self.reload()

    def _go_or_stay(self, code: str | None, why: str) -> None:
        if code is None:
            self._stays(why)
        else:
            self._go(code)

    def _stays(self, why: str) -> None:
        self.notify(why, markup=False)

    def action_back(self) -> None:
        """Go back from a part to the agencies, and from there or from the part one came for as everywhere."""
        came_for = self._part == self._came_for and len(self.app.screen_stack) > 1
        if self._part != AGENCIES and not came_for:
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
            AskWords(
                "Which place?", "Its name or a part of it, its code, or a postcode.", placeholder="B37 6XX, then Enter"
            )
        )
        if not asked or self._shown is None:
            return
        found = await self.ask(one_place.found_codes, self._shown.geography, asked)
        if len(found) == 1:
            self._go(found[0])
        else:
            await self._choose(found)

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_choose(self) -> None:
        """Choose a place."""
        if self._shown is None:
            return
        await self._choose(one_place.everywhere(self._shown.geography))

    async def _choose(self, codes: Sequence[str]) -> None:
        if self._shown is None:
            return
        options = going.options(self._shown.geography, codes)
        chosen = await self.app.push_screen_wait(Choose("Which place?", options, [self._code], at=self._code))
        if chosen:
            self._go(chosen)

    def action_up(self) -> None:
        """Go to the place that this one lies in."""
        if self._shown is not None and self._shown.level is not None:
            self._go_or_stay(going.larger(self._shown, self._code), going.NO_LARGER)

    def action_turn(self, by: int) -> None:
        """Go to the next place of the same size, round and round."""
        if self._shown is not None and self._shown.level is not None:
            self._go_or_stay(going.turned(self._shown, self._code, by), going.no_other(self._shown))

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_area(self) -> None:
        """Keep to one priority area."""
        options = [("", EVERYTHING), *((area.value, rows.in_area(area.value)) for area in PriorityArea)]
        chosen = await self.app.push_screen_wait(Choose("Which priority area?", options, [self._area], at=self._area))
        if chosen is not None:
            self._area = chosen
            self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_data_set(self) -> None:
        """Choose the data set that months and map are of."""
        shown = self._shown
        if shown is None:
            return
        if shown.level is Level.POSTCODE:
            self._stays("A postcode has no months and no map of its own: u shows its LSOA.")
            return
        known = [each for each, compared in zip(shown.sets, shown.compared, strict=True) if compared.count is not None]
        options = [(each.agreement_ref, f"{each.title} ({each.agency_code})") for each in known]
        if not options:
            self._stays("No data set is known here.")
            return
        if self._part != MAP:
            options.insert(0, ("", "Every data set"))
        chosen = await self.app.push_screen_wait(Choose("Which data set?", options, [self._set], at=self._set))
        if chosen is not None:
            self._set = chosen
            if self._part in (AGENCIES, *EXPLAINED):
                self._part = MONTHS
            self._show_part()

    @on(VirtualTable.Opened)
    def opened(self, event: VirtualTable.Opened) -> None:
        """Show the place at the cursor of those that stand out and of postcodes, or the months of the data set."""
        code = str(event.row.key).partition("/")[0]
        if self._part in (STANDING_OUT, POSTCODES):
            if code and not event.row.heading:
                self._part = AGENCIES
                self._go(code)
        elif self._part == AGENCIES:
            self.action_part(MONTHS)

    # --- after a lock -------------------------------------------------------------------------------------

    def reopen(self) -> Callable[[], Screen[Any]] | None:
        """Return what shows the same place again."""
        code, part = self._code, self._part
        return lambda: PlaceScreen(code, part=part)

    def remember(self) -> object:
        """Return the place and the part in view."""
        return (self._code, self._part)


class StandingOutScreen(PlaceScreen):
    """The same, beginning with the places that stand out; home leads here."""

    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, code: int | str = "", *, siblings: tuple[int | str, ...] = ()) -> None:
        super().__init__(code, part=STANDING_OUT, siblings=siblings)
