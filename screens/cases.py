"""Cases: where each stands, who leads it now, which are restricted, and leads that wait to be taken over."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from kingshurst_tui.casework import cases, lead_transfers
from kingshurst_tui.casework.cases import STATES
from kingshurst_tui.counting import some
from kingshurst_tui.vocabulary import Thing
from screens.action_acts import PANEL
from screens.after_words import case_facts, case_row, handover_facts, handover_row
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.case_acts import answer_handover, deal_with_case
from screens.choose import Choose
from screens.opening import open_thing
from screens.widgets.facts import Fact
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.casework.cases import CaseShown
    from kingshurst_tui.casework.lead_transfers import TransferShown
    from kingshurst_tui.session import Session


@dataclass(frozen=True, slots=True)
class _Read:
    cases: tuple[CaseShown, ...]
    handovers: tuple[TransferShown, ...]


def _read(session: Session, state: str) -> _Read:
    return _Read(cases.listed(session, PANEL, state), lead_transfers.listed(session, PANEL))


class CasesScreen(KingshurstScreen[None]):
    """Handovers that wait, then the cases, what changed last first."""

    HELP = """Where each case stands for this purpose, with the reason; who leads it now; ▪ marks a restricted one,
which only those on its list may open. Above them the leads that wait for the other agency: Enter takes one over,
refuses it or takes it back. Enter on a case says where it stands from now on, hands the lead over, restricts it or
keeps its list. v shows only those that stand so; o opens the person."""
    MODE = "home"
    CSS_PATH = "styles/after.tcss"
    BINDING_GROUP_TITLE = "Cases"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("v", "which", "Which", id="cases-which", tooltip="Show only the cases that stand so."),
        bind("o", "person", "Person", id="cases-person", tooltip="Open the profile."),
    ]

    def __init__(self, pseudonym: int | str = "", *, state: str = "", siblings: tuple[int | str, ...] = ()) -> None:
        """Show cases.

        Args:
            pseudonym: the case, or the handover of the case, to begin with.
            state: only those that stand so.
            siblings: the list one comes from.
        """
        super().__init__()
        self._first, self._state, self._siblings = str(pseudonym), state, siblings
        self._cases: dict[str, CaseShown] = {}
        self._handovers: dict[int, TransferShown] = {}

    def body(self) -> ComposeResult:
        """Draw the list."""
        yield Static("", id="after-about")
        yield ListAndDetail(
            Column("", 2),
            Column("Who", 14),
            Column("Stands", 12),
            Column("Leads", 12, priority=1),
            Column("Why", 20, grows=True),
            Column("Since", 14, priority=2),
            nothing="Nobody has said of any case where it stands.",
            hint="A signed decision opens one; on a profile, n says where it stands.",
            id="cases",
        )

    def reload(self) -> None:
        """Read them."""
        self.run_work(_read, self.session, self._state, then=self.show_read, doing="Reading cases")

    def show_read(self, found: _Read) -> None:
        """Draw them."""
        self._cases = {each.pseudonym: each for each in found.cases}
        self._handovers = {each.number: each for each in found.handovers}
        which = self._state.replace("-", " ") or "all"
        leads = some(len(found.handovers), "lead waits", "leads wait")
        waits = f"; {leads} to be taken over" if found.handovers else ""
        self.query_one("#after-about", Static).update(
            plain(f"{some(len(found.cases), 'case')}, {which}{waits} (v for others)")
        )
        rows = [handover_row(each) for each in found.handovers] + [case_row(each) for each in found.cases]
        self.query_one(ListAndDetail).show(rows, self._facts)
        table = self.query_one(VirtualTable)
        wanted = [at for at, row in enumerate(rows) if self._first and row.cells[1] == self._first]
        if wanted:
            table.cursor = wanted[0]
        self._first = ""
        table.focus()

    def _facts(self, row: Row) -> Iterable[Fact]:
        kind, _, name = str(row.key).partition(":")
        return handover_facts(self._handovers[int(name)]) if kind == "handover" else case_facts(self._cases[name])

    @on(VirtualTable.Opened)
    @work(exclusive=True, group="act", exit_on_error=False)
    async def opened(self, event: VirtualTable.Opened) -> None:
        """Answer a handover, or deal with a case."""
        kind, _, name = str(event.row.key).partition(":")
        if kind == "handover":
            changed, self._first = await answer_handover(self, int(name)), self._handovers[int(name)].pseudonym
        else:
            changed, self._first = await deal_with_case(self, name), name
        if changed:
            self.reload()

    def action_person(self) -> None:
        """Open the person."""
        row = self.query_one(VirtualTable).row
        if row is not None:
            open_thing(self, Thing.PROFILE, str(row.cells[1]))

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_which(self) -> None:
        """Show only those that stand so."""
        options = [("all", "All of them"), *((state, words) for state, words in STATES.items())]
        chosen = await self.app.push_screen_wait(Choose("Which cases?", options, [self._state or "all"]))
        if chosen is not None:
            self._state = "" if chosen == "all" else chosen
            self.reload()

    def remember(self) -> object:
        """Return which are shown."""
        return self._state

    def reopen(self) -> Callable[[], CasesScreen]:
        """Read them again."""
        state = self._state
        return lambda: CasesScreen(state=state)
