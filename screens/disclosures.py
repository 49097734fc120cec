"""What has left the store: to whom, under which mark, until when, about whom; and calling it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType

from kingshurst_tui.acts import Reason
from kingshurst_tui.counting import some
from kingshurst_tui.dates import say_date
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.leaving import disclosed
from kingshurst_tui.vocabulary import ReasonCode, Thing
from screens.ask_words import AskWords
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.choose import Choose
from screens.opening import open_thing
from screens.profile_words import said_day
from screens.widgets.facts import Fact
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.leaving.disclosed import Disclosed

OVERSIGHT = Reason(ReasonCode.OVERSIGHT)
STATES = {disclosed.STANDING: "stands", disclosed.EXPIRED: "to be destroyed", disclosed.CALLED_BACK: "called back"}


class DisclosuresScreen(KingshurstScreen[None]):
    """Every leaving, the latest first."""

    HELP = """Each line is one leaving; below it every copy, for whom, with the mark that stands in it and the digest of
its very bytes. f finds whose copy a mark is. x calls every copy of a leaving back; that they are destroyed is for
people to see to. Enter opens whoever it is about."""
    MODE = "home"
    CSS_PATH = "styles/leaving.tcss"
    BINDING_GROUP_TITLE = "What has left"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("f", "find", "Find mark", id="disclosures-find", tooltip="Find whose copy bears a mark."),
        bind("x", "call_back", "Call back", id="disclosures-call-back", tooltip="Call every copy of it back."),
    ]

    def __init__(self, number: int | str = 0, *, siblings: tuple[int | str, ...] = ()) -> None:
        """Show what has left.

        Args:
            number: the leaving to begin with.
            siblings: the list one comes from.
        """
        super().__init__()
        self._wanted, self._siblings = int(number), siblings
        self._found: dict[int, Disclosed] = {}

    def body(self) -> ComposeResult:
        """Draw the list."""
        yield ListAndDetail(
            Column("No", 5),
            Column("What", 24, grows=True),
            Column("Copies", 7, priority=1),
            Column("By", 14, priority=2),
            Column("Until", 16, priority=1),
            Column("Stands", 16),
            nothing="Nothing has left.",
            hint="Minutes, packs, actions and letters leave through one gate and are listed here.",
            id="disclosures",
        )

    def reload(self) -> None:
        """Read the list."""
        self.run_work(disclosed.listed, self.session, OVERSIGHT, then=self.show_found, doing="Reading what has left")

    def show_found(self, found: Sequence[Disclosed]) -> None:
        """Draw it."""
        self._found = {each.number: each for each in found}
        rows = [
            Row(
                each.number,
                (
                    str(each.number),
                    f"{each.kind_words}, {each.form}",
                    str(len(each.copies)),
                    each.made_by,
                    say_date(each.expires_on),
                    STATES[each.state],
                ),
                reference=str(each.number),
            )
            for each in found
        ]
        listed = self.query_one(ListAndDetail)
        listed.show(rows, self._facts, at=self._wanted)
        listed.table.focus()

    def _facts(self, row: Row) -> Iterable[Fact]:
        each = self._found[int(str(row.key))]
        yield "Why", each.why
        yield "Left", f"{said_day(each.made_at)}, by {each.made_by}" + (f", panel {each.panel}" if each.panel else "")
        yield "Keep until", say_date(each.expires_on)
        if each.state == disclosed.CALLED_BACK:
            yield "Called back", f"{said_day(each.called_back_at)}, by {each.called_back_by}: {each.called_back_why}"
        for copy in each.copies:
            whom = f"{copy.name} ({copy.agency})" if copy.agency else copy.name
            yield copy.mark, f"{whom}; sha256 {copy.digest[:16]}"
        yield "About", ", ".join(each.subjects) or "nobody by name"
        yield "Data sets", ", ".join(each.data_sets) or "none"

    def _at_cursor(self) -> Disclosed | None:
        table = self.query_one(VirtualTable)
        row = table.row_at(table.cursor) if table.cursor is not None else None
        return self._found.get(int(str(row.key))) if row is not None else None

    @on(VirtualTable.Opened)
    @work(exclusive=True, group="act", exit_on_error=False)
    async def opened(self, event: VirtualTable.Opened) -> None:
        """Go to whom it is about."""
        each = self._found[int(str(event.row.key))]
        who = each.subjects[0] if len(each.subjects) == 1 else None
        if len(each.subjects) > 1:
            who = await self.app.push_screen_wait(Choose("About whom?", [(name, name) for name in each.subjects]))
        if who:
            open_thing(self, Thing.PROFILE, who, siblings=each.subjects)

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_find(self) -> None:
        """Find whose copy bears a mark."""
        mark = await self.app.push_screen_wait(AskWords("Which mark stands in the copy?", placeholder="7Q2M-9FTR-X4KD"))
        if mark:
            found = await self.ask(disclosed.of_mark, self.session, mark, OVERSIGHT)
            self._wanted = found.number
            self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_call_back(self) -> None:
        """Call every copy back."""
        each = self._at_cursor()
        if each is None or each.state == disclosed.CALLED_BACK:
            return
        words, given = f"{each.kind_words}, {some(len(each.copies), 'copy', 'copies')}.", ""
        while True:
            why = await self.app.push_screen_wait(AskWords("Why is it called back?", words, given=given))
            if why is None:
                return
            try:
                await self.ask(disclosed.call_back, self.session, each.number, why, OVERSIGHT)
            except InputRejected as wrong:
                words, given = f"{wrong.title} {wrong.hint}", why
                continue
            self._wanted = each.number
            self.reload()
            return

    def reopen(self) -> Callable[[], DisclosuresScreen]:
        """Build the list again."""
        return partial(DisclosuresScreen, self._wanted)

    def remember(self) -> object:
        """Return the leaving at the cursor."""
        each = self._at_cursor()
        return each.number if each is not None else 0

    def recall(self, memory: object) -> None:
        """Go back to it."""
        self._wanted = memory if isinstance(memory, int) else 0
