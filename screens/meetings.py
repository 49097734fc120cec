"""The panels: those that were held and those to come; call one, prepare it, go into its room."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType

from kingshurst_tui.panels import meetings, settings
from kingshurst_tui.panels.records import PanelFacts, QuorumRule
from kingshurst_tui.vocabulary import Operation, Thing
from screens import meeting_forms as forms
from screens import meeting_parts as parts
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.drafting import Draft
from screens.form_dialog import FormDialog
from screens.widgets.facts import Fact
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.panels.records import PanelLine
    from kingshurst_tui.session import Session
    from screens.meeting_forms import Options


class MeetingsScreen(KingshurstScreen[None]):
    """Every panel for the purpose, the latest first."""

    HELP = """Each line is a panel. Enter opens it: who is asked, its agenda, who might come before it, what agencies
were asked and have sent, what each thinks first, interests, attendance and quorum. n calls a new one; w goes into the
room. A case counted behind a plus was proposed and waits for whoever prepares the panel."""
    MODE = "panels"
    CSS_PATH = "styles/meetings.tcss"
    AUTO_FOCUS = "#meetings-list"
    BINDING_GROUP_TITLE = "Panels"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("n", "call", "Call one", id="meetings-new", tooltip="Call a new panel."),
        bind("w", "room", "Room", id="meetings-room", tooltip="Go into the panel's room."),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._lines: dict[int, PanelLine] = {}
        # None until they are first drawn: the cursor then begins at the one that is held, or is held next.
        self._wanted: int | None = None

    def body(self) -> ComposeResult:
        """Draw the list."""
        yield ListAndDetail(
            Column("Date", 11),
            Column("Panel", 18, grows=True),
            Column("Stands", 14),
            Column("Cases", 6, right=True),
            Column("Agencies", 8, right=True, priority=1),
            Column("Chair", 12, priority=2),
            id="meetings",
            nothing="No panel was called yet.",
            hint="n calls one.",
        )

    def reload(self) -> None:
        """Ask for the panels."""
        self.run_work(meetings.panels, self.session, then=self.show_panels, doing="Reading the panels")

    def show_panels(self, found: tuple[PanelLine, ...]) -> None:
        """Draw them."""
        self._lines = {line.panel.number: line for line in found}
        part = self.query_one(ListAndDetail)
        part.show([parts.panel_row(line) for line in found], self._facts)
        if self._wanted is None:
            self._wanted = _first(found, self.session.clock.today())
        if self._wanted:
            part.table.go_to(self._wanted)
        self._wanted = 0

    def _facts(self, row: Row) -> Iterable[Fact]:
        return parts.panel_facts(self._lines[int(row.key)])

    @on(VirtualTable.Opened)
    def opened(self, event: VirtualTable.Opened) -> None:
        """Open the panel."""
        from screens.meeting import MeetingScreen

        self.app.push_screen(MeetingScreen(int(event.row.key)))

    def action_room(self) -> None:
        """Go into the room of the panel at the cursor."""
        from screens.panel_mode import PanelModeScreen

        row = self.query_one(ListAndDetail).table.row
        if row is not None:
            self.app.push_screen(PanelModeScreen(int(row.key)))

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_call(self) -> None:
        """Call a new panel."""
        draft = Draft(Operation.ALTER, Thing.PANEL, 0, "call")
        officers, usual = await self.ask(_to_begin, self.session, draft)
        found = await self.app.push_screen_wait(
            FormDialog(
                "Call a panel",
                forms.panel_fields(officers),
                forms.called(self.session),
                values=usual,
                draft=draft,
            )
        )
        if found:
            self._wanted = int(found)
            self.notify("The panel is called.", markup=False)
            self.reload()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer calling one to those who may."""
        if action == "call" and self.kingshurst.session is not None:
            return self.session.may(Operation.ALTER, Thing.PANEL)
        return super().check_action(action, parameters)

    def on_screen_resume(self) -> None:
        """Read again what a panel came to meanwhile."""
        if self.may_read_again() and self._lines:
            self.reload()

    def remember(self) -> object:
        """Return the panel at the cursor."""
        row = self.query_one(ListAndDetail).table.row
        return row.key if row is not None else 0

    def recall(self, memory: object) -> None:
        """Go back to it."""
        self._wanted = int(str(memory))


def _first(found: tuple[PanelLine, ...], today: date) -> int:
    """Return which panel the list begins at: one that is held now, else today's or the next; 0 where none comes."""
    coming = [line.panel for line in found if line.panel.status in ("open", "preparing")]
    # One whose day has passed without its being held waits behind those that are still to come.
    first = min(coming, key=lambda each: (each.status != "open", each.held_on < today, each.held_on), default=None)
    return first.number if first else 0


def _to_begin(session: Session, draft: Draft) -> tuple[Options, dict[str, str]]:
    draft.load(session)
    load = partial(settings.value_of, session)
    facts = PanelFacts(
        "", session.clock.today(), quorum=QuorumRule(cap=load("panel.load")), lock_minutes=load("panel.lock")
    )
    values = forms.panel_values(facts)
    # Neither the day nor who chairs is anybody's but theirs to say.
    return meetings.officers_to_choose(session), {**values, "held_on": ""}
