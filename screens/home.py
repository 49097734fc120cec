"""What waits for whoever signed in, and whom to approach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual import on
from textual.app import ComposeResult

from kingshurst_tui.casework import recounting
from kingshurst_tui.casework.home import what_waits
from kingshurst_tui.casework.home_parts import HomeItem, HomeSection
from kingshurst_tui.dates import show_date
from screens.base import KingshurstScreen
from screens.opening import open_thing
from screens.widgets.empty_state import EmptyState
from screens.widgets.row_detail import RowDetail
from screens.widgets.virtual_table import Column, Row, VirtualTable


class HomeScreen(KingshurstScreen[None]):
    """One list of everything that waits, section by section; Enter goes to where it is dealt with."""

    HELP = """What waits for you, the most pressing first. Enter opens the line at the cursor.
Under “whom to approach” stand the agencies that know the person: one of them can ask for agreement."""
    MODE = "home"
    CSS_PATH = "styles/home.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._items: dict[str, HomeItem] = {}
        self._left = False

    def body(self) -> ComposeResult:
        """Draw the list, and the words for when it is empty."""
        yield VirtualTable(
            Column("", 2),
            Column("Who", 14, wants=22),
            Column("What waits", 24, grows=True),
            Column("Known to", 18, priority=2, wants=44),
            Column("By", 12, priority=1),
            id="waiting",
        )
        yield RowDetail(id="detail")
        yield EmptyState("", id="nothing")

    def on_mount(self) -> None:
        """Show nothing until the store has answered."""
        self.query_one(EmptyState).display = False

    def reload(self) -> None:
        """Ask what waits."""
        self.run_work(what_waits, self.session, then=self.show_sections, doing="Looking what waits")

    def show_sections(self, sections: Sequence[HomeSection]) -> None:
        """Draw the sections that hold something; say so where none does."""
        # Somebody may have to be counted anew in one of the acts to come; nobody waits for it here.
        self.call_after_refresh(self.kingshurst.work.hand_over, recounting.load)
        table = self.query_one(VirtualTable)
        self._items = {
            f"{section.code}:{number}": item for section in sections for number, item in enumerate(section.items)
        }
        empty = not self._items
        table.display = not empty
        nothing = self.query_one(EmptyState)
        nothing.display = empty
        if empty:
            words = " ".join(section.nothing for section in sections) or "Nothing waits for you."
            nothing.say(words, "The numbers in the top line go to the other parts; F1 explains this one.")
            return
        table.show_rows(list(_rows(sections)), cursor=table.cursor or 1)
        table.focus()

    @on(VirtualTable.Moved)
    def moved(self, event: VirtualTable.Moved) -> None:
        """Show all the words of the line at the cursor."""
        self.query_one(RowDetail).show_row(event.table.columns, event.row)

    @on(VirtualTable.Opened)
    def opened(self, event: VirtualTable.Opened) -> None:
        """Go to where this is dealt with."""
        item = self._items.get(str(event.row.key))
        if item is not None:
            self._left = True
            open_thing(self, item.thing, item.thing_id)

    def on_screen_resume(self) -> None:
        """Ask anew on coming back from where something was dealt with: it may wait no longer."""
        if self._left and self.kingshurst.session is not None:
            self._left = False
            self.reload()

    def remember(self) -> object:
        """Return the line at the cursor."""
        return self.query_one(VirtualTable).cursor

    def recall(self, memory: object) -> None:
        """Go back to that line."""
        if isinstance(memory, int):
            self.query_one(VirtualTable).cursor = memory


def _rows(sections: Sequence[HomeSection]) -> Iterator[Row]:
    for section in sections:
        if not section.items:
            continue
        shown = len(section.items)
        # A single line may stand for many things ("24 pairs wait"); then the number says it all.
        count = f"{section.total:,}" if shown in (1, section.total) else f"{shown} of {section.total:,}"
        yield Row(f"{section.code}:", ("■", "", f"{section.title} ({count})", "", ""), heading=True)
        for number, item in enumerate(section.items):
            sign = "!" if item.warning else ""
            words = f"{item.warning}: {item.words}" if item.warning else item.words
            due = show_date(item.due) if item.due else ""
            cells = (sign, item.who, words, ", ".join(item.agencies), due)
            yield Row(f"{section.code}:{number}", cells, reference=str(item.thing_id))
