"""What came of the decisions about one person: measured at 3, 6 and 12 months against their own before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from kingshurst_tui.acts import Reason
from kingshurst_tui.errors import KingshurstError, StoreLocked
from kingshurst_tui.learning import outcomes
from kingshurst_tui.learning.outcomes import Outcomes
from kingshurst_tui.learning.rates import REGRESSION
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from screens import outcome_acts
from screens import outcome_words as words
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.choose import Choose
from screens.opening import open_thing
from screens.reading import Reading
from screens.widgets.facts import Fact
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Row, VirtualTable


class OutcomesScreen(KingshurstScreen[None]):
    """Decision by decision: how often the person was met around it, what is recorded, what is to be asked."""

    HELP = """What came of the decisions about one person, at 3, 6 and 12 months, by part of life, against their own
before and with their own view. “No effect” and “unknown” are answers like any other, and are counted. ? marks what is
to be asked; Enter on it records it, and n records at any line. Enter on what is recorded reads it, or says it anew:
the earlier word stays on record. Under each decision stands how often the person was met before and after it, with an
exact interval; whoever is met most is mostly met less afterwards whatever is done. o opens the person."""
    MODE = "home"
    CSS_PATH = "styles/after.tcss"
    BINDING_GROUP_TITLE = "Outcomes"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("n", "record", "Record", id="outcomes-record", tooltip="Record what came of the decision at the cursor."),
        bind("o", "person", "Person", id="outcomes-person", tooltip="Open the profile it is about."),
    ]

    def __init__(
        self, pseudonym: int | str, *, siblings: tuple[int | str, ...] = (), reason: Reason | None = None
    ) -> None:
        """Show what came of the decisions about one person.

        Args:
            pseudonym: whose.
            siblings: the list one comes from.
            reason: why they are read; a panel's own business if none.
        """
        super().__init__()
        self.pseudonym = str(pseudonym)
        self.reason = reason or Reason(ReasonCode.PANEL)
        self._siblings = siblings
        self._found: Outcomes | None = None
        self._here = ""

    def body(self) -> ComposeResult:
        """Draw whose they are, the warning beside every before and after, and the list."""
        yield Static(plain(self.pseudonym), id="after-about")
        yield Static(plain(f"! {REGRESSION}"), id="regression")
        yield ListAndDetail(
            Column("", 2),
            Column("What", 24, grows=True),
            Column("When", 18),
            Column("Came of it", 11),
            nothing="No decision about this person is in force, so there is nothing to follow up.",
            hint="A signed decision is asked after 3, 6 and 12 months later.",
            id="outcomes",
        )

    def reload(self) -> None:
        """Read them."""
        self.run_work(
            outcomes.of_person, self.session, self.pseudonym, self.reason, then=self.show_found, failed=self.not_read,
            doing="Reading what came of it",
        )  # fmt: skip

    def not_read(self, error: Exception) -> None:
        """Take away what was shown of somebody who is not open now, and say why."""
        if isinstance(error, KingshurstError) and not isinstance(error, StoreLocked):
            self._found = None
            self.query_one(ListAndDetail).show((), lambda row: ())
            self.query_one("#after-about", Static).update(plain(self.pseudonym))
        self.kingshurst.failing.show(error)

    def show_found(self, found: Outcomes) -> None:
        """Draw them; the cursor begins at what is due first."""
        begins, self._found, self.pseudonym = self._found is None, found, found.pseudonym
        said = f"{found.pseudonym} · what came of it: {words.counted(found)}"
        self.query_one("#after-about", Static).update(plain(said))
        rows = list(words.rows(found))
        self.query_one(ListAndDetail).show(rows, self._facts)
        table = self.query_one(VirtualTable)
        if begins and not self._here and found.due:
            self._here = f"{words.DUE}:{found.due[0].decision}:{found.due[0].months}"
        if self._here:
            table.go_to(self._here)
        self._here = ""
        table.focus()

    def _facts(self, row: Row) -> Iterable[Fact]:
        return words.facts(self._found, row) if self._found is not None else ()

    def _may_record(self) -> bool:
        return self.kingshurst.session is not None and self.session.may(Operation.ALTER, Thing.OUTCOME)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer recording to those who may, where there is a decision."""
        if action == "record":
            return self._may_record() and (self._found is None or bool(self._found.since))
        return super().check_action(action, parameters)

    @on(VirtualTable.Opened)
    @work(exclusive=True, group="act", exit_on_error=False)
    async def opened(self, event: VirtualTable.Opened) -> None:
        """Record what is to be asked; read what is recorded, or say it anew."""
        kind, decision, number = _parts(event.row)
        if kind == words.DUE and self._may_record():
            await self._record(decision, number)
            return
        each = next((one for one in self._outcomes() if kind == words.OUTCOME and one.number == number), None)
        if each is not None and self._may_record():
            offers = [("read", "Read it in full"), ("anew", "Say it anew; the earlier word stays on record")]
            chosen = await self.app.push_screen_wait(Choose(str(event.row.cells[1]), offers))
            if chosen is None:
                return
            if chosen == "anew":
                await self._record(decision, each.months, each.domain)
                return
        warned = [] if kind == words.DUE else [("!", REGRESSION)]
        await self.app.push_screen_wait(Reading(str(event.row.cells[1]), [*warned, *self._facts(event.row)]))

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_record(self) -> None:
        """Record what came of the decision at the cursor, in the months at the cursor or in others."""
        row = self.query_one(VirtualTable).row
        if row is None or self._found is None:
            return
        kind, decision, number = _parts(row)
        await self._record(decision, number if kind == words.DUE else 0)

    async def _record(self, decision: int, months: int, domain: str = "") -> None:
        if self._found is not None and await outcome_acts.record(
            self, self._found, decision, months, domain, self.reason
        ):
            self.reload()

    def _outcomes(self) -> tuple[outcomes.OutcomeShown, ...]:
        return self._found.outcomes if self._found is not None else ()

    def action_person(self) -> None:
        """Open the person."""
        open_thing(self, Thing.PROFILE, self.pseudonym)

    def about(self) -> str:
        """Return whose outcomes these are."""
        return f"{type(self).__name__} {self.pseudonym}"

    def remember(self) -> object:
        """Return the line at the cursor."""
        row = self.query_one(VirtualTable).row
        return str(row.key) if row is not None else ""

    def recall(self, memory: object) -> None:
        """Go back to that line, now or when it is read."""
        self._here = str(memory or "")
        self.query_one(VirtualTable).go_to(self._here)

    def reopen(self) -> Callable[[], OutcomesScreen] | None:
        """Read them again; where the reason was in words, they are left closed."""
        pseudonym, code = self.pseudonym, self.reason.code
        return None if code is ReasonCode.OTHER else lambda: OutcomesScreen(pseudonym, reason=Reason(code))


def _parts(row: Row) -> tuple[str, int, int]:
    kind, decision, number = str(row.key).split(":")
    return kind, int(decision or 0), int(number or 0)
