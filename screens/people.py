"""Everybody the partnership knows, as far as one may see, and finding one of them while typing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from kingshurst_tui.casework import search
from kingshurst_tui.casework.search import Found, PeopleIndex, PersonLine
from kingshurst_tui.dates import show_date
from kingshurst_tui.vocabulary import Thing
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.opening import open_thing
from screens.widgets.empty_state import EmptyState
from screens.widgets.filter_input import FilterInput
from screens.widgets.row_detail import RowDetail
from screens.widgets.text import safe_text
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.session import Session

MASKED = "masked"
"""What stands for the name of somebody whose profile is not open."""


class PeopleScreen(KingshurstScreen[None]):
    """A list that narrows while one types."""

    HELP = """Type after / to find somebody by name, pseudonym, date of birth, postcode or reference.
Misspelt names are found as well, after those spelt so. People whose profile is not open are found by their pseudonym
or by your own agency's reference alone. What is typed goes sealed into the audit trail."""
    MODE = "people"
    CSS_PATH = "styles/people.tcss"
    BINDING_GROUP_TITLE = "People"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind(
            "slash,ctrl+f", "filter", "Find", id="people-find", tooltip="Find somebody while typing.", key_display="/"
        ),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._index: PeopleIndex | None = None
        self._typed = ""

    def body(self) -> ComposeResult:
        """Draw the line to type in, the count, the list and the row in full."""
        yield FilterInput("name, pseudonym, date of birth, postcode or reference", id="find")
        yield Static("", id="count")
        yield VirtualTable(
            Column("", 1),
            Column("Who", 22, grows=True),
            Column("Pseudonym", 12),
            Column("Born", 11, priority=1),
            Column("Postcode", 8, priority=2),
            Column("Known to you as", 15, priority=3),
            Column("Known to", 14, priority=4),
            id="people",
        )
        yield EmptyState("", id="nothing")
        yield RowDetail(id="detail")

    def on_mount(self) -> None:
        """Show the list first."""
        self.query_one(EmptyState).display = False
        self.query_one(VirtualTable).focus()

    def reload(self) -> None:
        """Ask for everybody, and for the words by which they are found."""
        self.run_work(search.open_list, self.session, then=self._listed, doing="Reading the list of people")

    def _listed(self, answer: tuple[PeopleIndex, Found]) -> None:
        self._index, found = answer
        if self._typed:
            self._find(self._typed)
        else:
            self._show(found)

    @on(FilterInput.Settled)
    def typed(self, event: FilterInput.Settled) -> None:
        """Narrow the list to what was typed."""
        self._find(event.text)

    def _find(self, typed: str) -> None:
        self._typed = typed
        if self._index is not None:
            self.run_work(search.find, self.session, self._index, typed, then=self._show, doing="Looking")

    def _show(self, found: Found) -> None:
        table, nothing = self.query_one(VirtualTable), self.query_one(EmptyState)
        table.display, nothing.display = bool(found.ids), not found.ids
        # A list that narrows begins anew; one that comes back, at the line where one was.
        cursor = 0 if self._typed else table.cursor
        table.show_pages(
            len(found.ids), partial(_page, self.session, found.ids), first=_rows(found.first), cursor=cursor
        )
        self.query_one("#count", Static).update(Content(_count_words(found, self._typed)))
        if not found.ids:
            self.query_one(RowDetail).update("")
            if self._typed:
                nothing.say_no_match(self._typed)
            else:
                nothing.say("Nobody is here yet.", "People appear once a partner's extract is imported and linked.")

    @on(FilterInput.Left)
    def to_list(self) -> None:
        """Go on in the list."""
        self.query_one(VirtualTable).focus()

    def action_filter(self) -> None:
        """Go to the line to type in."""
        self.query_one(FilterInput).focus()

    def action_back(self) -> None:
        """Clear what was typed; there is nothing behind the list."""
        line = self.query_one(FilterInput)
        if line.value:
            line.action_clear()

    @on(VirtualTable.Moved)
    def moved(self, event: VirtualTable.Moved) -> None:
        """Show the row in full."""
        self.query_one(RowDetail).show_row(event.table.columns, event.row)

    @on(VirtualTable.Opened)
    def opened(self, event: VirtualTable.Opened) -> None:
        """Open the profile, or its mask."""
        open_thing(self, Thing.PROFILE, event.row.key)

    def remember(self) -> object:
        """Return the line at the cursor, unless the list is narrowed: what was typed may be a name."""
        return None if self._typed else self.query_one(VirtualTable).cursor

    def recall(self, memory: object) -> None:
        """Go back to that line."""
        if isinstance(memory, int):
            self.query_one(VirtualTable).cursor = memory


def _page(session: Session, ids: tuple[int, ...], offset: int, limit: int) -> Sequence[Row]:
    return _rows(search.lines(session, ids[offset : offset + limit]))


def _rows(people: Sequence[PersonLine]) -> list[Row]:
    return [_row(person) for person in people]


def _row(person: PersonLine) -> Row:
    signs = [word for word, so in (("under 18", person.under_18), ("do not approach", person.do_not_approach)) if so]
    who = ", ".join([person.name or MASKED, *signs])
    cells = (
        "!" if signs else "",
        who,
        person.pseudonym,
        show_date(person.born) if person.is_open else "",
        person.postcode,
        ", ".join(person.own_references),
        ", ".join(person.agencies),
    )
    return Row(person.pseudonym, cells, quiet=not person.is_open, reference=person.pseudonym)


def _count_words(found: Found, typed: str) -> str:
    if not typed:
        return f"{found.everybody:,} people, the first known first"
    similar = len(found.ids) - found.similar_from
    words = f"{len(found.ids):,} of {found.everybody:,} people for “{safe_text(typed)}”: {search.ORDER}"
    return f"{words} ({similar:,} similar)" if similar else words
