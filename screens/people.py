"""Everybody the partnership knows, as far as one may see, and finding one of them while typing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import people, search
from kingshurst_tui.casework.people import PeopleList, PersonLine
from kingshurst_tui.casework.search_index import Hit, Hits
from kingshurst_tui.counting import some
from kingshurst_tui.dates import show_month
from kingshurst_tui.vocabulary import ReasonCode, Thing
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.opening import open_thing
from screens.widgets.empty_state import EmptyState
from screens.widgets.filter_input import FilterInput
from screens.widgets.row_detail import RowDetail
from screens.widgets.text import safe_text
from screens.widgets.virtual_table import PAGE, Column, Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.session import Session

MASKED: Final = "masked"
"""What stands for the name of somebody whose profile is not open."""

LISTS: Final = {
    "everybody": "everybody",
    "open": "open profiles",
    "flagged": "flagged today",
    "ours": "known to my agency",
    "caseload": "my caseload",
}
"""The lists there are, and how they read; one key goes round them."""

LIST_COLUMNS: Final = (
    Column("", 1),
    Column("Who", 21, grows=True),
    Column("Pseudonym", 12),
    Column("Flags", 5, right=True, priority=1),
    Column("Known to", 20, priority=2),
    Column("Last met", 8, priority=3),
)
FOUND_COLUMNS: Final = (
    Column("", 1),
    Column("Who", 21, grows=True),
    Column("Pseudonym", 12),
    Column("Found by", 22, priority=1),
    Column("Your reference", 15, priority=2),
)
_REASON: Final = Reason(ReasonCode.FINDING)


class PeopleTable(VirtualTable):
    """A list in which letters begin a search: who sees a list of people begins to type a name."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Say that letters are typed, and are no keys here."""
        return _is_letter(character)

    def on_key(self, event: events.Key) -> None:
        """Go on in the line to type in, with the letter."""
        if _is_letter(event.character):
            event.stop()
            event.prevent_default()
            line = self.screen.query_one(FilterInput)
            self.screen.set_focus(line)
            line.insert_text_at_cursor(event.character or "")


def _is_letter(character: str | None) -> bool:
    return bool(character) and len(character or "") == 1 and (character or "").isalpha()


class PeopleScreen(KingshurstScreen[None]):
    """A list that narrows while one types."""

    HELP = """Letters find somebody by name, pseudonym, postcode or your agency's reference, typed on the list as well;
/ goes to the line first, for a date of birth or a reference that begins with a figure;
misspelt names are found after those spelt so. People whose profile is not open are found by pseudonym or by your own
reference alone. What you typed goes sealed into the audit trail. F2 goes round the lists: everybody, open profiles,
flagged today, known to my agency, my caseload."""
    MODE = "people"
    CSS_PATH = "styles/people.tcss"
    BINDING_GROUP_TITLE = "People"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind(
            "slash,ctrl+f", "filter", "Find", id="people-find", tooltip="Find somebody while typing.", key_display="/"
        ),
        bind("f2", "next_list", "Lists", id="people-lists", tooltip="Go to the next list of people."),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._which = "everybody"
        self._typed = ""
        self._list: PeopleList | None = None
        self._unentered: tuple[str, Hits] | None = None
        self._rest: Timer | None = None

    def body(self) -> ComposeResult:
        """Draw the line to type in, the count, the list and the row in full."""
        yield FilterInput("name, pseudonym, date of birth, postcode or reference", id="find")
        yield Static("", id="count")
        yield PeopleTable(*LIST_COLUMNS, id="people")
        yield EmptyState("", id="nothing")
        yield RowDetail(id="detail")

    def on_mount(self) -> None:
        """Begin in the list."""
        self.query_one(EmptyState).display = False
        self.query_one(VirtualTable).focus()

    # --- the lists ---------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Ask for the list again."""
        self.run_work(_opened, self.session, self._which, then=self._show_list, doing="Reading the list of people")

    def _show_list(self, answer: tuple[PeopleList, Sequence[Row]]) -> None:
        self._list, first = answer
        if self._typed:
            return
        table = self.query_one(VirtualTable)
        table.columns = LIST_COLUMNS
        table.show_pages(self._list.total, partial(_page, self.session, self._list), first=first, cursor=table.cursor)
        self._say(f"{some(self._list.total, 'person', 'people')}: {LISTS[self._which]}, the first known first")
        self._show_empty(
            not self._list.total, f"Nobody is on this list ({LISTS[self._which]}).", "F2 goes to the next list."
        )

    def action_next_list(self) -> None:
        """Go to the next list."""
        names = list(LISTS)
        self._which = names[(names.index(self._which) + 1) % len(names)]
        self.query_one(VirtualTable).cursor = 0
        self.query_one(FilterInput).value = self._typed = ""
        self.reload()

    # --- finding -----------------------------------------------------------------------------------------

    @on(FilterInput.Settled)
    def typed(self, event: FilterInput.Settled) -> None:
        """Narrow the list to what was typed."""
        self._typed = event.text
        if event.text:
            self.run_work(
                search.find, self.session, event.text, _REASON, then=self._show_hits, group="find", doing="Looking"
            )
        else:
            self.workers.cancel_group(self, "find")
            self.query_one(VirtualTable).cursor = 0
            self.reload()

    def _show_hits(self, hits: Hits) -> None:
        table = self.query_one(VirtualTable)
        table.columns = FOUND_COLUMNS
        table.show_rows([_found_row(hit) for hit in hits.hits])
        shown, typed = len(hits.hits), safe_text(self._typed)
        of = f"{shown} of {hits.total:,}" if shown < hits.total else f"{hits.total:,}"
        self._say(f"{of} found for “{typed}”: those spelt so first, then by name")
        self._show_empty(not hits.hits, f"Nothing matches “{typed}”.", "Esc clears what you typed.")

        self._unentered = (self._typed, hits)
        if self._rest is not None:
            self._rest.stop()
        # Many a search is a step on the way to another; the trail keeps the one at which the typing came to rest.
        if self.query_one(FilterInput).has_focus and self.kingshurst.debounce:
            self._rest = self.set_timer(8 * self.kingshurst.debounce, self._enter)
        else:
            self._enter()

    def _enter(self) -> None:
        entered, self._unentered = self._unentered, None
        if entered is not None:
            self.run_work(search.settled, self.session, *entered, _REASON, group="enter")

    def _say(self, words: str) -> None:
        self.query_one("#count", Static).update(Content(words))

    def _show_empty(self, empty: bool, words: str, hint: str) -> None:
        self.query_one(VirtualTable).set_class(empty, "-empty")
        nothing = self.query_one(EmptyState)
        nothing.display = empty
        if empty:
            nothing.say(words, hint)
            self.query_one(RowDetail).update("")

    @on(FilterInput.Left)
    def to_list(self) -> None:
        """Go on in the list; the search has settled."""
        self._enter()
        self.query_one(VirtualTable).focus()

    def action_filter(self) -> None:
        """Go to the line to type in."""
        self.query_one(FilterInput).focus()

    def action_back(self) -> None:
        """Clear what was typed; there is nothing behind the list."""
        line = self.query_one(FilterInput)
        if line.value:
            line.action_clear()

    # --- the row at the cursor ---------------------------------------------------------------------------

    @on(VirtualTable.Moved)
    def moved(self, event: VirtualTable.Moved) -> None:
        """Show the row in full."""
        self.query_one(RowDetail).show_row(event.table.columns, event.row)

    @on(VirtualTable.Opened)
    def opened(self, event: VirtualTable.Opened) -> None:
        """Open the profile, or its mask; the search has settled."""
        self._enter()
        open_thing(self, Thing.PROFILE, event.row.key, siblings=event.table.keys_around())

    def draft(self) -> Callable[[Session], None] | None:
        """Enter the search on the screen before the store closes."""
        if self._unentered is None:
            return None
        typed, hits = self._unentered
        return lambda session: search.settled(session, typed, hits, _REASON)

    def remember(self) -> object:
        """Return the list and the line at the cursor; what was typed may be a name and is forgotten."""
        return (self._which, 0 if self._typed else self.query_one(VirtualTable).cursor)

    def recall(self, memory: object) -> None:
        """Go back to that line."""
        if isinstance(memory, tuple):
            self._which, self.query_one(VirtualTable).cursor = memory
            self.reload()


def _opened(session: Session, which: str) -> tuple[PeopleList, Sequence[Row]]:
    opened = people.open_list(session, _REASON, which=which)
    return opened, _page(session, opened, 0, PAGE)


def _page(session: Session, listed: PeopleList, offset: int, limit: int) -> Sequence[Row]:
    return [_row(person) for person in people.page(session, listed, offset, limit)]


def _row(person: PersonLine) -> Row:
    signs = [word for word, so in (("under 18", person.under_18), ("do not approach", person.do_not_approach)) if so]
    cells = (
        "!" if signs else "",
        ", ".join([person.name or MASKED, *signs]),
        person.pseudonym,
        str(person.flags) if person.flags else "",
        ", ".join(person.agencies),
        show_month(date.fromisoformat(f"{person.last_month}-01")) if person.last_month else "",
    )
    return Row(person.pseudonym, cells, quiet=not person.is_open, reference=person.pseudonym)


def _found_row(hit: Hit) -> Row:
    cells = ("", hit.name or MASKED, hit.pseudonym, hit.matched, hit.reference)
    return Row(hit.pseudonym, cells, quiet=not hit.name, reference=hit.pseudonym)
