"""A list that stays quick however long it is: only the pages in view are fetched and drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Offset, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.bindings import MOVE, RECORD, bind
from screens.widgets.text import one_line

if TYPE_CHECKING:
    from screens.app import KingshurstApp

PAGE = 200
"""Rows fetched at once."""
PAGES_KEPT = 24
"""Pages held; those farthest from the view are dropped first."""
MARK = "▸ "
"""Before the row at the cursor, so that it shows without colour."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        title: its heading.
        width: cells it takes; the least where it grows.
        grows: whether it takes what the others leave; one column should.
        priority: columns with the highest number go first when the terminal is narrow; 0 always stays.
        right: whether figures are set to the right.
        wants: cells it would fill; it gets its share of half of what is to spare, the growing one the rest.
        sort: what a click on its heading asks the screen to sort by; empty where it is no order of this list.
    """

    title: str
    width: int
    grows: bool = False
    priority: int = 0
    right: bool = False
    wants: int = 0
    sort: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: an id that says nothing about the person, and the words of its cells."""

    key: int | str
    cells: tuple[str, ...]
    quiet: bool = False
    """Drawn muted: there is less to it than to the others (masked, lapsed)."""
    reference: str = ""
    """What may be copied of it: a pseudonym or a number, never a name."""
    heading: bool = False
    """Drawn as a heading among the rows; it opens nothing."""


Fetch = Callable[[int, int], Sequence[Row]]
"""Returns the rows from an offset, at most so many; runs on the store's thread."""


class VirtualTable(ScrollView, can_focus=True):
    """A list of any length with a cursor.

    Give it a count and a function that fetches a page; it asks for pages as they come into view, one at a time,
    on the store's thread, and draws ``…`` meanwhile. Click moves the cursor, a second click or Enter opens.
    """

    HELP = "Arrow keys or j and k move, Enter opens. Home and End go to either end of the list."
    BINDING_GROUP_TITLE = "Lists"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "virtual-table--header",
        "virtual-table--cursor",
        "virtual-table--cursor-blurred",
        "virtual-table--quiet",
        "virtual-table--heading",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("down,j", "move(1)", "Down", id="list-down", tooltip="Move down.", group=MOVE, show=False),
        bind("up,k", "move(-1)", "Up", id="list-up", tooltip="Move up.", group=MOVE, show=False),
        bind("pagedown", "page(1)", "Page down", id="list-page-down", tooltip="One page on.", group=MOVE, show=False),
        bind("pageup", "page(-1)", "Page up", id="list-page-up", tooltip="One page back.", group=MOVE, show=False),
        bind("home,g", "end(-1)", "First", id="list-first", tooltip="To the first row.", group=MOVE, show=False),
        bind("end,G", "end(1)", "Last", id="list-last", tooltip="To the last row.", group=MOVE, show=False),
        bind(
            "y",
            "copy_reference",
            "Copy reference",
            id="list-copy",
            tooltip="Send the reference of the row to the clipboard; never a name.",
            show=False,
        ),
        bind("enter", "open", "Open", id="list-open", tooltip="Open the row at the cursor.", group=RECORD),
    ]

    cursor: reactive[int] = reactive(0, always_update=True)
    """The row at the cursor, from 0."""

    @dataclass
    class Moved(Message):
        """The cursor came to a row whose cells are known."""

        table: VirtualTable
        row: Row

        @property
        def control(self) -> VirtualTable:
            """The list."""
            return self.table

    @dataclass
    class Opened(Message):
        """Somebody wants to see what is behind a row."""

        table: VirtualTable
        row: Row

        @property
        def control(self) -> VirtualTable:
            """The list."""
            return self.table

    @dataclass
    class HeadingClicked(Message):
        """Somebody clicked on the heading of a column."""

        table: VirtualTable
        column: Column

        @property
        def control(self) -> VirtualTable:
            """The list."""
            return self.table

    def __init__(self, *columns: Column, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self.columns = columns
        self.count = 0
        self._fetch: Fetch | None = None
        self._pages: dict[int, Sequence[Row]] = {}
        self._asked: set[int] = set()
        self._generation = 0
        self._widths: list[tuple[int, int]] = []
        self._strips: dict[tuple[int, bool, bool], Strip] = {}
        self._filled = False
        self._opens = False

    # --- filling -----------------------------------------------------------------------------------------

    def show_rows(self, rows: Sequence[Row], *, cursor: int = 0) -> None:
        """Show rows that are all at hand."""
        self._start(len(rows), None)
        self._pages = {page: rows[page * PAGE : (page + 1) * PAGE] for page in range(-(-len(rows) // PAGE))}
        self.cursor = cursor

    def show_pages(self, count: int, fetch: Fetch, *, first: Sequence[Row] = (), cursor: int = 0) -> None:
        """Show a list of that length, fetched as it comes into view.

        Args:
            count: how many rows there are.
            fetch: returns a page; runs on the store's thread.
            first: the first page, where the answer that gave the count brought it along.
            cursor: the row to begin at.
        """
        self._start(count, fetch)
        if first:
            self._pages[0] = first
        self.cursor = cursor

    def _start(self, count: int, fetch: Fetch | None) -> None:
        self._generation += 1
        self._filled = True
        self._opens = self._opens and count > 0
        self._pages, self._asked = {}, set()
        self.count, self._fetch = count, fetch
        self._strips.clear()
        self._lay_out()
        self.scroll_to(y=0, animate=False, immediate=True)
        self.refresh()

    def row_at(self, index: int) -> Row | None:
        """Return a row, or nothing while its page is on its way."""
        page = self._pages.get(index // PAGE)
        if page is None:
            self._ask_for(index // PAGE)
            return None
        return page[index % PAGE] if index % PAGE < len(page) else None

    @property
    def row(self) -> Row | None:
        """The row at the cursor, as far as it is known."""
        return self.row_at(self.cursor) if self.count else None

    def keys_around(self) -> tuple[int | str, ...]:
        """Return the ids of the rows at hand around the cursor, in order and without a gap."""
        first = last = self.cursor // PAGE
        while first - 1 in self._pages:
            first -= 1
        while last + 1 in self._pages:
            last += 1
        pages = (self._pages.get(page, ()) for page in range(first, last + 1))
        return tuple(row.key for page in pages for row in page if not row.heading)

    def go_to(self, key: int | str) -> bool:
        """Move the cursor to a row by its id, if its page is at hand."""
        for number, page in self._pages.items():
            for offset, row in enumerate(page):
                if row.key == key:
                    self.cursor = number * PAGE + offset
                    return True
        return False

    def _ask_for(self, page: int) -> None:
        if self._fetch is None or page in self._asked or not 0 <= page * PAGE < max(self.count, 1):
            return
        self._asked.add(page)
        self.run_worker(self._bring(page, self._generation, self._fetch), group=f"page-{self.id}", exit_on_error=False)

    async def _bring(self, page: int, generation: int, fetch: Fetch) -> None:
        # What scrolled out of view before its turn came is not fetched: the store's thread is for what is looked at.
        if generation != self._generation or not self._is_near(page):
            self._asked.discard(page)
            return
        try:
            rows = await cast("KingshurstApp", self.app).work.run(fetch, page * PAGE, PAGE)
        finally:
            self._asked.discard(page)
        if generation != self._generation:
            return
        self._pages[page] = rows
        self._drop_far_pages()
        self._strips.clear()
        self.refresh()
        if self.cursor // PAGE == page:
            self._tell_moved()

    def _is_near(self, page: int) -> bool:
        top = self.scroll_offset.y
        near = {top // PAGE, (top + max(self.size.height, 1)) // PAGE, self.cursor // PAGE}
        return any(abs(page - other) <= 1 for other in near)

    def _drop_far_pages(self) -> None:
        middle = self.scroll_offset.y // PAGE
        for page in sorted(self._pages, key=lambda page: -abs(page - middle))[: max(0, len(self._pages) - PAGES_KEPT)]:
            del self._pages[page]

    @property
    def row_width(self) -> int:
        """Cells a row takes, beside the scrollbar."""
        return self.scrollable_content_region.width

    # --- drawing -----------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        width = max(self.row_width, 20) - len(MARK)
        kept = list(enumerate(self.columns))
        while len(kept) > 1 and sum(column.width + 1 for _, column in kept) > width:
            least = max(kept, key=lambda pair: (pair[1].priority, pair[0]))
            if not least[1].priority:
                break
            kept.remove(least)
        spare = max(0, width - sum(column.width + 1 for _, column in kept))
        growing = next((index for index, column in kept if column.grows), None)
        more = _shared(spare // 2, {index: column.wants - column.width for index, column in kept})
        if growing is not None:
            more[growing] = more.get(growing, 0) + spare - sum(more.values())
        self._widths = [(index, column.width + more.get(index, 0)) for index, column in kept]
        self.virtual_size = Size(self.row_width, self.count + 1)

    def on_resize(self) -> None:
        """Fit the columns to the width."""
        self._strips.clear()
        self._lay_out()
        self._keep_cursor_in_view()

    def notify_style_update(self) -> None:
        """Draw anew in the theme's colours."""
        super().notify_style_update()
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        """Draw the heading, or the row at that line of the view."""
        if y == 0:
            return self._strip([column.title for column in self.columns], "  ", self._style("virtual-table--header"))
        index = self.scroll_offset.y + y - 1
        if index >= self.count:
            return Strip.blank(self.row_width, self.rich_style)
        at_cursor = index == self.cursor
        cached = self._strips.get((index, at_cursor, self.has_focus))
        if cached is not None:
            return cached
        row = self.row_at(index)
        if row is None:
            return self._strip(["…"] * len(self.columns), MARK if at_cursor else "  ", self._style(""))
        name = "virtual-table--quiet" if row.quiet else "virtual-table--heading" if row.heading else ""
        if at_cursor:
            name = "virtual-table--cursor" if self.has_focus else "virtual-table--cursor-blurred"
        mark = MARK if at_cursor else "  "
        if row.heading:
            words = mark + fit(one_line(" ".join(part for part in row.cells if part)), self.row_width - len(mark))
            strip = Strip([Segment(words, self._style(name))])
        else:
            strip = self._strip(row.cells, mark, self._style(name))
        if len(self._strips) > 512:
            self._strips.clear()
        self._strips[index, at_cursor, self.has_focus] = strip
        return strip

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name) if name else self.rich_style

    def _strip(self, cells: Sequence[str], mark: str, style: Style) -> Strip:
        parts = [mark]
        told = [(index, width, one_line(cells[index]) if index < len(cells) else "") for index, width in self._widths]
        while told:
            index, width, words = told.pop(0)
            # What grows runs on over cells beside it that are empty, before it is cut.
            while self.columns[index].grows and cell_len(words) > width and told and not told[0][2]:
                width += told.pop(0)[1] + 1
            parts.append(fit(words, width, right=self.columns[index].right) + " ")
        return Strip([Segment("".join(parts), style)]).adjust_cell_length(self.row_width, style)

    # --- moving ------------------------------------------------------------------------------------------

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on a row; before there are any, keep where to begin."""
        return max(0, min(cursor, self.count - 1) if self.count else cursor)

    def watch_cursor(self) -> None:
        """Follow the cursor with the view and the terminal's own cursor."""
        self._keep_cursor_in_view()
        self.refresh()
        if self.count:
            self._tell_moved()

    def _tell_moved(self) -> None:
        if self.is_mounted and (row := self.row) is not None:
            self.post_message(self.Moved(self, row))
            if self._opens:
                self.action_open()

    def _keep_cursor_in_view(self) -> None:
        rows = max(1, self.size.height - 1)
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True)
        elif self.cursor >= top + rows:
            self.scroll_to(y=self.cursor - rows + 1, animate=False, immediate=True)
        self._point()

    def _point(self) -> None:
        if self.has_focus:
            line = self.cursor - self.scroll_offset.y + 1
            self.app.cursor_position = self.content_region.offset + Offset(0, max(0, line))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw the rows that came into view, and fetch the pages on either side."""
        super().watch_scroll_y(old_value, new_value)
        self._point()
        page = int(new_value) // PAGE
        for near in (page + 1, page - 1):
            if near not in self._pages and near >= 0:
                self._ask_for(near)

    def on_focus(self) -> None:
        """Show the cursor as the place where keys go."""
        self._point()
        self.refresh()

    def on_blur(self) -> None:
        """Show that keys go elsewhere."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the row, or open it if it is there already."""
        line = event.y - self.gutter.top
        index = self.scroll_offset.y + line - 1
        if line == 0 and (column := self._column_at(event.x - self.gutter.left)) is not None:
            event.stop()
            self.post_message(self.HeadingClicked(self, column))
            return
        if line < 1 or index >= self.count:
            return
        event.stop()
        if index == self.cursor:
            self.action_open()
        else:
            self.cursor = index

    def _column_at(self, cell: int) -> Column | None:
        end = len(MARK)
        for index, width in self._widths:
            end += width + 1
            if cell < end:
                return self.columns[index]
        return None

    def action_move(self, by: int) -> None:
        """Move by so many rows."""
        self.cursor += by

    def action_page(self, direction: int) -> None:
        """Move by one page of the view."""
        self.cursor += direction * max(1, self.size.height - 2)

    def action_end(self, direction: int) -> None:
        """Move to the first or the last row."""
        self.cursor = 0 if direction < 0 else self.count - 1

    def action_copy_reference(self) -> None:
        """Send the row's reference to the clipboard."""
        if (row := self.row) is not None and row.reference:
            cast("KingshurstApp", self.app).copy_reference(row.reference)

    def action_open(self) -> None:
        """Open the row at the cursor."""
        row = self.row
        # Enter that came before the rows is not lost: it opens the row as soon as that is known.
        self._opens = row is None and (self.count > 0 or not self._filled)
        if row is not None and not row.heading:
            self.post_message(self.Opened(self, row))


def _shared(spare: int, wanted: dict[int, int]) -> dict[int, int]:
    """Return what each column gets of the cells to spare, from the left, none more than it wants."""
    given: dict[int, int] = {}
    for index, wants in wanted.items():
        if wants > 0:
            given[index] = min(wants, spare)
            spare -= given[index]
    return given


def fit(words: str, width: int, *, right: bool = False) -> str:
    """Return words in exactly so many cells, an ellipsis where they are cut."""
    length = cell_len(words)
    if length > width:
        return set_cell_size(words, max(0, width - 1)) + "…" if width > 1 else set_cell_size(words, width)
    return " " * (width - length) + words if right else words + " " * (width - length)
