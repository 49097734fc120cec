"""A list with the row at its cursor in full beside it, for the parts of a record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget

from screens.widgets.empty_state import EmptyState
from screens.widgets.facts import Fact, Facts
from screens.widgets.virtual_table import Column, Row, VirtualTable


class ListAndDetail(Vertical):
    """A list above (or beside, where it is wide) the facts of its row at the cursor.

    Attributes:
        table: the list.
        explain: returns the facts of a row.
    """

    def __init__(
        self,
        *columns: Column,
        nothing: str = "",
        hint: str = "",
        table: VirtualTable | None = None,
        id: str,  # noqa: A002
    ) -> None:
        super().__init__(id=id, classes="list-and-detail")
        self.table = table if table is not None else VirtualTable(*columns, id=f"{id}-list")
        self._nothing = nothing
        self._hint = hint
        self.explain: Callable[[Row], Iterable[Fact]] = lambda row: ()

    def compose(self) -> ComposeResult:
        """Draw the list, the words for when it is empty, and the detail."""
        yield self.table
        yield EmptyState(self._nothing, self._hint)
        with VerticalScroll(classes="detail"):
            yield Facts()
            yield from self.extra()

    def extra(self) -> Iterable[Widget]:
        """Yield what stands under the facts."""
        return ()

    def on_mount(self) -> None:
        """Say nothing until there is something to say."""
        self.query_one(EmptyState).display = False

    def show(
        self, rows: Sequence[Row], explain: Callable[[Row], Iterable[Fact]], *, at: int | str | None = None
    ) -> None:
        """Show rows.

        Args:
            rows: all of them.
            explain: returns the facts of one.
            at: the key of the row to begin at; where it is none of these, the cursor stays where it was.
        """
        self.explain = explain
        cursor = next((number for number, row in enumerate(rows) if row.key == at), self.table.cursor)
        self.table.show_rows(rows, cursor=cursor)
        self.say_empty(not rows)

    def say_empty(self, empty: bool) -> None:
        """Show the words for an empty list, or take them away."""
        self.set_class(empty, "-empty")
        self.table.set_class(empty, "-empty")
        self.query_one(EmptyState).display = empty
        self.query_one(".detail").display = not empty
        if empty:
            self.query_one(Facts).show(())

    @on(VirtualTable.Moved)
    def moved(self, event: VirtualTable.Moved) -> None:
        """Show the row in full."""
        self.query_one(Facts).show(self.explain(event.row))
        self.query_one(".detail", VerticalScroll).scroll_home(animate=False)
