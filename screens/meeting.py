"""One panel being prepared: agenda, candidates, members, information, first views, interests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from kingshurst_tui.panels import attendance, candidates, cases, meetings
from kingshurst_tui.vocabulary import Operation, Thing
from screens import meeting_parts as parts
from screens.meeting_acts import MeetingActs
from screens.meeting_cursor import MeetingAtCursor
from screens.meeting_facts import facts
from screens.meeting_keys import MEETING_KEYS
from screens.widgets.facts import Fact
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.section_bar import SectionBar
from screens.widgets.text import plain
from screens.widgets.virtual_table import Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.panels.candidates import Candidate
    from kingshurst_tui.panels.records import OnePanel
    from kingshurst_tui.session import Session


class MeetingScreen(MeetingAtCursor):
    """One panel and everything that is prepared for it."""

    HELP = """a agenda, c candidates, m members, i information, v first views, t interests. On the agenda J and K move a
case, Enter changes its question and minutes, x takes it off or puts it off. Among candidates Enter puts one on the
agenda; nothing adds itself. On members p says that everybody came who sent no apologies, Enter who did not, f that
one confirms confidentiality. Enter on a request answers it. Enter on a first view writes your agency's; nobody reads
another's before r shows all together. n adds what the part holds; e changes the panel itself, o opens, closes or
calls it off, w is its room, u its minutes and packs, M signs its decisions. Once it was held, Enter shows a case."""
    MODE = "panels"
    CSS_PATH = "styles/meetings.tcss"
    BINDING_GROUP_TITLE = "A panel being prepared"
    BINDINGS: ClassVar[list[BindingType]] = [*MEETING_KEYS]

    def __init__(self, panel_id: int | str, *, part: str = "agenda", siblings: tuple[int | str, ...] = ()) -> None:
        super().__init__(int(panel_id), part)
        self._wanted: int | str = 0

    def body(self) -> ComposeResult:
        """Draw what the panel is, its parts, and the list of each."""
        yield Static("", id="meeting-line")
        yield SectionBar(parts.PARTS)
        for part in parts.PARTS:
            nothing, hint = parts.NOTHING[part.code]
            yield ListAndDetail(*parts.COLUMNS[part.code], nothing=nothing, hint=hint, id=f"part-{part.code}")

    def on_mount(self) -> None:
        """Show one part; asking for the panel comes with the base's own mounting."""
        self._show_part()

    # --- reading and drawing ------------------------------------------------------------------------------

    def reload(self) -> None:
        """Ask for the panel, and for candidates where one prepares it."""
        self.run_work(_read, self.session, self.panel_id, then=self.show_meeting, doing="Reading the panel")

    def show_meeting(self, read: tuple[OnePanel, tuple[Candidate, ...]]) -> None:
        """Draw it."""
        self.shown, self.found = read
        self.query_one("#meeting-line", Static).update(plain(parts.heading(self.shown)))
        for part in parts.PARTS:
            listed = self.query_one(f"#part-{part.code}", ListAndDetail)
            rows = parts.rows(part.code, self.shown, self.found, self.session.user.agency)
            listed.show(rows, partial(self._facts, part.code))
        if self._wanted:
            self.listed.table.go_to(self._wanted)
            self._wanted = 0
        self._show_part()

    def _facts(self, part: str, row: Row) -> Iterable[Fact]:
        return facts(part, row.key, self.shown, self.found) if self.shown is not None else ()

    def _show_part(self) -> None:
        for part in parts.PARTS:
            self.query_one(f"#part-{part.code}").display = part.code == self.part
        counts = parts.counts(self.shown, self.found) if self.shown is not None else {}
        self.query_one(SectionBar).show(self.part, parts.PARTS, counts)
        self.listed.table.focus()
        self.refresh_bindings()

    def action_part(self, part: str) -> None:
        """Show another part."""
        self.part = part
        self._show_part()

    # --- doing --------------------------------------------------------------------------------------------

    @on(VirtualTable.Opened)
    @work(exclusive=True, group="act", exit_on_error=False)
    async def opened(self, event: VirtualTable.Opened) -> None:
        """Do what Enter does in this part; of a panel that was held it shows the case."""
        if self.panel is not None and self.panel.is_settled:
            if self.case is not None:
                self.action_room()
            return
        acts = MeetingActs(self)
        done = {
            "agenda": acts.open_case,
            "candidates": acts.add_candidate,
            "members": acts.attend,
            "information": acts.answer,
            "views": acts.write_view,
        }.get(self.part)
        if done is not None:
            await self._do(done)

    async def _do(self, act: Callable[[], Awaitable[bool]]) -> None:
        if await act():
            self._wanted = self.key
            self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_add(self) -> None:
        """Add what the part holds."""
        await self._do(MeetingActs(self).add)

    @work(exclusive=True, group="move", exit_on_error=False)
    async def action_move(self, by: int) -> None:
        """Move the case at the cursor."""
        case = self.case
        if case is not None and case.is_listed:
            await self.ask(cases.move, self.session, case.number, by)
            self._wanted = case.number
            self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_off(self) -> None:
        """Take off, put off, leave out or take back, with the reason."""
        await self._do(MeetingActs(self).off)

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_reveal(self) -> None:
        """Show the first views of this case, or of all, to everybody."""
        await self._do(MeetingActs(self).reveal)

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_all_present(self) -> None:
        """Write down that everybody came who was asked and sent no apologies."""
        await self._do(MeetingActs(self).all_present)

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_confirm(self) -> None:
        """Keep that the member at the cursor confirms confidentiality."""
        member = self.member
        if member is not None:
            await self.ask(attendance.confirm, self.session, member.number)
            self._wanted = member.number
            self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_edit(self) -> None:
        """Change what is written of the panel."""
        await self._do(MeetingActs(self).edit)

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_turn(self) -> None:
        """Open the panel, close it, or call it off."""
        await self._do(MeetingActs(self).turn)

    def action_room(self) -> None:
        """Go into the panel's room."""
        from screens.panel_mode import PanelModeScreen

        case = self.case
        self.app.push_screen(PanelModeScreen(self.panel_id, case_id=case.number if case is not None else 0))

    def action_minutes(self) -> None:
        """Go to the panel's minutes, and to what leaves of it."""
        from screens.minutes import MinutesScreen

        self.app.push_screen(MinutesScreen(self.panel_id))

    def action_sign_all(self) -> None:
        """Go to the panel's decisions under one signature a member."""
        from screens.manifest import ManifestScreen

        self.app.push_screen(ManifestScreen(self.panel_id))

    # --- for the lock -------------------------------------------------------------------------------------

    def on_screen_resume(self) -> None:
        """Read again what came meanwhile."""
        if self.may_read_again() and self.shown is not None:
            self.reload()

    def reopen(self) -> Callable[[], MeetingScreen]:
        """Build the same part of the same panel again."""
        return partial(MeetingScreen, self.panel_id, part=self.part)

    def remember(self) -> object:
        """Return the row at the cursor."""
        return self.key

    def recall(self, memory: object) -> None:
        """Go back to it."""
        self._wanted = memory if isinstance(memory, (int, str)) else 0


def _read(session: Session, panel_id: int) -> tuple[OnePanel, tuple[Candidate, ...]]:
    shown = meetings.one(session, panel_id)
    if shown.panel.is_settled or not session.may(Operation.ALTER, Thing.PANEL):
        return shown, ()
    return shown, candidates.candidates(session, panel_id)
