"""Where a rule says stop and somebody would go on: a second person agrees, or says no."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType

from kingshurst_tui.acts import Reason
from kingshurst_tui.panels import going_on
from kingshurst_tui.panels.going_on import STOPS, GoingOn
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.confirm import Confirm
from screens.profile_words import said_day
from screens.widgets.facts import Fact
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.virtual_table import Column, Row, VirtualTable

PANEL = Reason(ReasonCode.PANEL)


class GoingOnScreen(KingshurstScreen[None]):
    """Every wish to go on of three months, those that wait first."""

    HELP = """A decision is stopped where the panel has no quorum, where mental-health contacts weigh and nobody of
health is present, and where police would lead on a mental-health crisis alone. Somebody may ask to go on, in words.
a agrees to the line at the cursor, x says no; whoever asked cannot. An agreement serves one decision, and is spent
by it."""
    MODE = "home"
    CSS_PATH = "styles/deciding.tcss"
    BINDING_GROUP_TITLE = "Going on over a stop"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("a", "settle(True)", "Agree", id="going-on-agree", tooltip="Agree, as the second person."),
        bind("x", "settle(False)", "Say no", id="going-on-refuse", tooltip="Say no, as the second person."),
    ]

    def __init__(self, number: int | str = 0, *, siblings: tuple[int | str, ...] = ()) -> None:
        super().__init__()
        self._first, self._siblings = int(number), siblings
        self._found: dict[int, GoingOn] = {}

    def body(self) -> ComposeResult:
        """Draw the list."""
        yield ListAndDetail(
            Column("", 2),
            Column("Who", 14),
            Column("Stopped because", 24, grows=True),
            Column("Asked by", 14, priority=1),
            Column("Stands", 10),
            nothing="Nobody asked to go on over a stop in three months.",
            id="going-on",
        )

    def reload(self) -> None:
        """Read what was asked."""
        self.run_work(going_on.listed, self.session, PANEL, then=self.show_found, doing="Reading what was asked")

    def show_found(self, found: Sequence[GoingOn]) -> None:
        """Draw what waits, then what was settled."""
        self._found = {each.number: each for each in found}
        ordered = sorted(found, key=lambda each: each.status != going_on.ASKED)
        rows = [
            Row(
                each.number,
                (
                    "!" if each.status == going_on.ASKED else "",
                    each.pseudonym,
                    STOPS.get(each.stop, each.stop),
                    each.asked_by,
                    "waits" if each.status == going_on.ASKED else each.status,
                ),
                reference=str(each.number),
            )
            for each in ordered
        ]
        listed = self.query_one(ListAndDetail)
        listed.show(rows, self._facts, at=self._first)
        self._first = 0
        listed.table.focus()

    def _facts(self, row: Row) -> Iterable[Fact]:
        each = self._found[int(str(row.key))]
        return [
            ("Stopped because", STOPS.get(each.stop, each.stop)),
            ("Why go on", each.why or "to be read by those to whom the profile is open"),
            ("Asked by", f"{each.asked_by}, {said_day(each.asked_at)}"),
            ("Stands", each.in_words()),
        ]

    def _at_cursor(self) -> GoingOn | None:
        table = self.query_one(VirtualTable)
        row = table.row_at(table.cursor) if table.cursor is not None else None
        return self._found.get(int(str(row.key))) if row is not None else None

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_settle(self, agree: bool) -> None:
        """Be the second person."""
        each = self._at_cursor()
        if each is None:
            return
        question = "Agree that the panel goes on?" if agree else "Say no to going on?"
        if await self.app.push_screen_wait(Confirm(question, f"{STOPS.get(each.stop, each.stop)}. {each.why}")):
            await self.ask(going_on.settle, self.session, each.number, agree, PANEL)
            self.reload()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what this user may do."""
        if action == "settle" and self.is_mounted:
            return self.session.may(Operation.ALTER, Thing.GOING_ON)
        return True

    def reopen(self) -> Callable[[], GoingOnScreen]:
        """Read the same again."""
        return GoingOnScreen
