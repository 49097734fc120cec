"""Urgent decisions between panels: a second agency agrees or not, the next panel ratifies it or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType

from kingshurst_tui.acts import Reason
from kingshurst_tui.panels import meetings, urgent
from kingshurst_tui.panels.urgent import STATUSES, Urgent
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from screens.ask_words import AskWords
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.choose import Choose
from screens.confirm import Confirm
from screens.opening import open_thing
from screens.profile_words import said_day
from screens.widgets.facts import Fact
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.virtual_table import Column, Row, VirtualTable

PANEL = Reason(ReasonCode.PANEL)
YES, NO = "yes", "no"


class UrgentScreen(KingshurstScreen[None]):
    """Every urgent decision and where it stands."""

    HELP = """An urgent decision is signed by one agency (f6 in the decision's form) and is in force when somebody of
another agency agrees: a agrees to the line at the cursor, x says no. While the next panel meets, r records whether it
stands behind the decision; where it does not, the case is to be decided anew. Enter opens the profile."""
    MODE = "home"
    CSS_PATH = "styles/deciding.tcss"
    BINDING_GROUP_TITLE = "Urgent decisions"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("a", "second(True)", "Agree", id="urgent-agree", tooltip="Sign it for a second agency."),
        bind("x", "second(False)", "Say no", id="urgent-refuse", tooltip="Say no for a second agency."),
        bind("r", "ratify", "Panel says", id="urgent-ratify", tooltip="Record whether the panel ratifies it."),
    ]

    def __init__(self, number: int | str = 0, *, siblings: tuple[int | str, ...] = ()) -> None:
        super().__init__()
        self._first, self._siblings = int(number), siblings
        self._found: dict[int, Urgent] = {}

    def body(self) -> ComposeResult:
        """Draw the list."""
        yield ListAndDetail(
            Column("", 2),
            Column("Who", 14),
            Column("Leads", 6),
            Column("Stands", 30, grows=True),
            Column("Decided by", 14, priority=1),
            nothing="No decision was made between panels.",
            hint="f6 in the form of a decision signs it as urgent.",
            id="urgent",
        )

    def reload(self) -> None:
        """Read them."""
        self.run_work(urgent.listed, self.session, PANEL, then=self.show_found, doing="Reading urgent decisions")

    def show_found(self, found: Sequence[Urgent]) -> None:
        """Draw them, the latest first."""
        self._found = {each.number: each for each in found}
        rows = [
            Row(
                each.number,
                (
                    "!" if each.status == urgent.WAITING or each.second_holds is False else "",
                    each.pseudonym,
                    each.lead_agency,
                    STATUSES[each.status],
                    ", ".join(code for code in (each.first_agency, each.second_agency) if code),
                ),
                reference=str(each.number),
            )
            for each in found
        ]
        listed = self.query_one(ListAndDetail)
        listed.show(rows, self._facts, at=self._first)
        self._first = 0
        listed.table.focus()

    def _facts(self, row: Row) -> Iterable[Fact]:
        each = self._found[int(str(row.key))]
        facts: list[Fact] = [
            ("Decision", f"{each.decision}: {each.lead_agency} leads"),
            ("Cannot wait", each.why_urgent),
            ("First agency", f"{each.first_agency}, {each.first_by}"),
            ("Stands", STATUSES[each.status]),
        ]
        if each.second_agency:
            holds = " SIGNATURE DOES NOT HOLD" if each.second_holds is False else ""
            said = f"{each.second_agency}, {each.second_by}, {said_day(each.second_at)}{holds}"
            facts.insert(3, ("Second agency", said))
        if each.ratified_by:
            facts.append(("The panel", f"{each.ratified_why or 'ratified it'} ({each.ratified_by})"))
        return facts

    def _at_cursor(self) -> Urgent | None:
        table = self.query_one(VirtualTable)
        row = table.row_at(table.cursor) if table.cursor is not None else None
        return self._found.get(int(str(row.key))) if row is not None else None

    @on(VirtualTable.Opened)
    def opened(self, event: VirtualTable.Opened) -> None:
        """Go to the person."""
        open_thing(self, Thing.PROFILE, self._found[int(str(event.row.key))].pseudonym)

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_second(self, agree: bool) -> None:
        """Speak for a second agency."""
        each = self._at_cursor()
        if each is None:
            return
        question = "Sign it for your agency?" if agree else "Say no for your agency?"
        said = f"{each.lead_agency} leads {each.pseudonym}. {each.why_urgent}"
        if await self.app.push_screen_wait(Confirm(question, said, yes="Sign" if agree else "Say no", no="Not yet")):
            await self.ask(urgent.second, self.session, each.number, agree, PANEL)
            self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_ratify(self) -> None:
        """Record what the panel that meets says."""
        each = self._at_cursor()
        if each is None:
            return
        lines = await self.ask(meetings.panels, self.session)
        running = [line.panel for line in lines if line.panel.status == "open"]
        if not running:
            self.notify("No panel is meeting; one ratifies while it meets.", markup=False)
            return
        panel = running[0]
        options = [(YES, "The panel ratifies it"), (NO, "The panel does not ratify it: it is decided anew")]
        said = await self.app.push_screen_wait(Choose(f"What does {panel.title} say?", options))
        if said is None:
            return
        why: str | None = ""
        if said == NO:
            why = await self.app.push_screen_wait(AskWords("Why does the panel not ratify it?"))
        if why is not None:
            send = partial(urgent.ratify, yes=said == YES, why=why, reason=PANEL)
            await self.ask(send, self.session, each.number, panel.number)
            self.reload()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what this user may do."""
        if action in ("second", "ratify") and self.is_mounted:
            return self.session.may(Operation.COLLECT, Thing.DECISION)
        return True

    def reopen(self) -> Callable[[], UrgentScreen]:
        """Read the same again."""
        return UrgentScreen
