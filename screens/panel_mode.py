"""The meeting itself: one case a screen, made for a projector and for 80 by 24, run by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import ActiveBinding, BindingType
from textual.containers import Horizontal, Vertical

from kingshurst_tui.errors import InputRejected, KingshurstError, StoreLocked
from kingshurst_tui.panels import notes, room
from kingshurst_tui.panels.running import runs
from kingshurst_tui.vocabulary import Operation, Thing
from screens.base import KingshurstScreen
from screens.confirm import Confirm
from screens.conflict import Conflict, merged
from screens.reading import Reading
from screens.room_acts import RoomActs
from screens.room_case import AgendaList, CaseParts, RoomHeading
from screens.room_jump import JumpTo
from screens.room_keys import ROOM_KEYS, shown_at_the_end
from screens.room_notes import RoomNotes
from screens.room_pulse import RoomPulse
from screens.room_words import PARTS, at_the_end, report_facts, what_next
from screens.widgets.section_bar import SectionBar
from screens.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.panels.room import OpenedCase, RoomAgenda
    from kingshurst_tui.panels.room_case import RoomCase
    from kingshurst_tui.session import Session

BEAT = 0.75
"""Seconds after which what was typed is kept and what others changed is asked for, however fast somebody types on. Two
of them, one at each terminal, and the work between stay under the two seconds in which people see each other."""

OPENING = frozenset({"case"})
"""The work that opens a case."""


class PanelModeScreen(KingshurstScreen[None]):
    """One case after another, with its notes; a second terminal in the same meeting sees every change in a second."""

    HELP = """One case a screen. n and p (or → and ←) go to the next and the previous case, f to a case by its number.
c t u s e v a show its parts. m writes notes, kept every second as you type; Esc comes back from them.
i shows the name, and hides it again: the room sees initials until then. b blanks the screen at once and brings it back;
ctrl+g does so while you type. r shows every agency's first view to all. d writes the decision, A adds an action,
w shows similar cases once the panel has spoken, M signs for all of them, E enters the answers of members without an
account in one box, o opens and closes the meeting, U goes to its minutes.
The time of a case is counted at the chair's terminal, not while the screen is blank or locked.
Restricted notes and sealed detail are shown in no room: the profile has them, for those entitled."""
    CSS_PATH = "styles/panel_mode.tcss"
    BINDING_GROUP_TITLE = "Panel mode"
    KEYS_IN_TURN = True
    SAYS_BELOW = True
    BINDINGS: ClassVar[list[BindingType]] = [*ROOM_KEYS]

    def __init__(self, panel_id: int = 0, *, case_id: int = 0, part: str = "case") -> None:
        """Show a meeting.

        Args:
            panel_id: which; the one that is being held, or is held next, where none is named.
            case_id: the case to begin with; the first that is not done with, where none is named.
            part: the part of it to begin with.
        """
        super().__init__()
        self.panel_id = panel_id
        self.agenda: RoomAgenda | None = None
        self.case: RoomCase | None = None
        self.case_id = case_id
        self.pulse = RoomPulse(self)
        self._parts = CaseParts(part)

    def body(self) -> ComposeResult:
        """Draw the agenda at the side, the case, and its notes."""
        yield RoomHeading()
        yield SectionBar(PARTS)
        with Horizontal(id="room"):
            yield AgendaList()
            with Vertical(id="room-middle"):
                yield self._parts
            yield RoomNotes()

    def on_mount(self) -> None:
        """Keep what is typed, count the time and hear of others, every second."""
        self.heart = self.set_interval(BEAT, self.beat, name="room")

    @property
    def notes(self) -> RoomNotes:
        """The notes of the case in view."""
        return self.query_one(RoomNotes)

    # --- opening -----------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Ask for the agenda and the case again."""
        self.open(self.case_id)

    @work(exclusive=True, group="case", exit_on_error=False)
    async def open(self, case_id: int) -> None:
        """Keep what was typed on the case before, then open one."""
        await self.pulse.keep_all()
        first = self.agenda is None
        if not self.panel_id:
            self.panel_id = await self.ask(room.being_held, self.session)
        if not self.panel_id:
            self._parts.nothing("No meeting is being held or prepared.", "Esc goes back.")
            return
        try:
            agenda = await self.ask(room.agenda, self.session, self.panel_id)
        except StoreLocked:
            raise
        except KingshurstError as error:
            self._parts.refused(error)
            return
        self.show_agenda(agenda)
        chosen = case_id or self._begin_with(agenda)
        if not chosen:
            self._parts.nothing("No case is on this agenda.", "Esc goes back to where the meeting is prepared.")
            return
        self.case_id = chosen
        try:
            opened = await self.ask(room.open_case, self.session, self.panel_id, chosen)
        except StoreLocked:
            raise
        except KingshurstError as error:
            self.case = None
            self._parts.refused(error)
            self.notes.show((), why_not="Nothing is written here.")
            self.query_one(AgendaList).mark(chosen)
            return
        self._show_case(opened)
        if first or not self.notes.has_focus_within:
            self._parts.focus_part()

    @staticmethod
    def _begin_with(agenda: RoomAgenda) -> int:
        waiting = [line.case_id for line in agenda.lines if line.decision_id is None and line.status == "listed"]
        return next(iter(waiting or [line.case_id for line in agenda.lines]), 0)

    def show_agenda(self, agenda: RoomAgenda) -> None:
        """Draw the agenda, and what comes when no case is left."""
        self.agenda = agenda
        self.query_one(AgendaList).show(agenda, self.case_id)
        self.query_one(RoomHeading).show_meeting(agenda)
        self.refresh_bindings()

    def _show_case(self, opened: OpenedCase) -> None:
        same = self.case is not None and self.case.case_id == opened.case.case_id
        self.case = opened.case
        self.pulse.begin(opened, same=same)
        if same:
            self.notes.hear(opened.notes)
            self.notes.let_write(opened.why_not)
        else:
            self._parts.named = False
            self.notes.show(opened.notes, why_not=opened.why_not)
        self._parts.show_case(opened.case, keep=same)
        self.query_one(AgendaList).mark(opened.case.case_id)
        self._draw_heading()
        self.refresh_bindings()

    def _draw_heading(self) -> None:
        if self.case is not None:
            heading = self.query_one(RoomHeading)
            heading.show_case(self.case, named=self._parts.named)
            heading.show_time(int(self.pulse.seconds), self.case.minutes)

    def holds(self, key: str) -> bool:
        """Hold keys while a case is opened, but for the one that blanks the screen; words in the notes go on."""
        if self.notes.has_focus_within:
            return super().holds(key)
        return key != "b" and (super().holds(key) or self.is_working(OPENING))

    # --- every second ------------------------------------------------------------------------------------

    def beat(self) -> None:
        """Count the time, keep what was typed, and ask whether others changed anything; a timer calls this."""
        self.pulse.beat()

    def say_no(self, words: str) -> None:
        """Say why nothing was opened; what was typed for it, before anybody could read this, is let go."""
        self.kingshurst.held_keys.forget()
        self.notify(words, markup=False)

    # --- moving ------------------------------------------------------------------------------------------

    def action_turn(self, by: int) -> None:
        """Go to the next or the previous case."""
        ids = [line.case_id for line in self.agenda.lines] if self.agenda else []
        if self.case_id not in ids:
            return
        at = ids.index(self.case_id) + by
        if 0 <= at < len(ids):
            self.go_to(ids[at])
        else:
            last = at_the_end(self.agenda) if self.agenda is not None else ""
            self.say_no(last if by > 0 else "This is the first case.")

    def go_to(self, case_id: int) -> None:
        """Go to a case."""
        if case_id != self.case_id or self.case is None:
            self.open(case_id)

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_jump(self) -> None:
        """Go to a case by its number."""
        if self.agenda is None:
            return
        chosen = await self.app.push_screen_wait(JumpTo(self.agenda))
        if chosen is not None:
            self.go_to(chosen)

    def action_show(self, code: str) -> None:
        """Show a part of the case."""
        self._parts.show_part(code)

    def action_name(self) -> None:
        """Show the name, or hide it again."""
        if self.case is not None and not self.case.is_masked:
            self._parts.turn_name()
            self._draw_heading()

    def action_notes(self) -> None:
        """Write notes, where this user may."""
        if self.notes.why_not:
            self.say_no(self.notes.why_not)
        else:
            self.notes.begin()

    @on(RoomNotes.Left)
    def left_notes(self) -> None:
        """Come back from the notes; they are kept at once."""
        self.pulse.keep_typed()
        self._parts.focus_part()

    @on(VirtualTable.Opened, "#room-agenda")
    def line_opened(self, event: VirtualTable.Opened) -> None:
        """Go to the case at the cursor of the agenda."""
        self.go_to(int(event.row.key))

    @on(VirtualTable.Opened, "#room-timeline")
    def incident_opened(self, event: VirtualTable.Opened) -> None:
        """Show every report of the incident at the cursor."""
        lines = self.case.timeline if self.case is not None else ()
        line = next((each for each in lines if each.key == event.row.key), None)
        if line is not None:
            self.app.push_screen(Reading("One incident", report_facts(line, named=self._parts.named)))

    # --- doing -------------------------------------------------------------------------------------------

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_decide(self) -> None:
        """Write the decision; what was typed in the notes is kept first."""
        if self.case is None:
            return
        if self.case.is_masked:
            self.say_no("No decision is made about somebody who is masked.")
            return
        await self.pulse.keep_all()
        RoomActs(self).decide(self.case, self._decided)

    def _decided(self, signed: bool | None) -> None:
        if signed:
            self.open(self.case_id)

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_reveal(self) -> None:
        """Show every agency's first view to all."""
        if self.case is not None and await RoomActs(self).reveal(self.case):
            self.open(self.case_id)
            self._parts.show_part("views")

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_run(self) -> None:
        """Open the meeting, or close it."""
        if self.agenda is not None:
            await self.pulse.keep_all()
            if await RoomActs(self).run(self.agenda):
                self.case = None
                self.open(self.case_id)

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_act(self) -> None:
        """Give an agency an action; the other terminals hear of it."""
        if self.case is not None and self.case.is_masked:
            self.say_no("No action is given about somebody who is masked.")
        elif self.case is not None:
            await self.pulse.keep_all()
            if await RoomActs(self).act(self.case):
                await self.ask(room.tell, self.session, self.panel_id)
                self.open(self.case_id)

    def action_similar(self) -> None:
        """Show what was decided in similar cases."""
        if self.case is not None:
            RoomActs(self).similar(self.case)

    def action_sign_all(self) -> None:
        """Sign the meeting's decisions."""
        RoomActs(self).sign_all(self.panel_id)

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_answers(self) -> None:
        """Enter what members without an account say of the decisions, all in one box."""
        await RoomActs(self).answers(self.panel_id)

    def action_minutes(self) -> None:
        """Go to the meeting's minutes."""
        RoomActs(self).minutes(self.panel_id)

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_settle(self) -> None:
        """Where somebody else wrote in the same field, show both, field by field."""
        await self.pulse.keep_all()
        clashes = self.notes.clashes()
        if not clashes:
            return
        names = ", ".join(sorted({clash.by for clash in clashes if clash.by})) or "Somebody"
        said = f"{names} wrote in the same place. Both versions are kept until you choose, field by field."
        fields = [clash.changed for clash in clashes]
        chosen = await self.app.push_screen_wait(
            Conflict(said, fields, heading="Written at two terminals", both=notes.FIELDS)
        )
        if chosen is not None:
            self.notes.settle(clashes, merged(fields, chosen))
            await self.pulse.keep_all()

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys that work here; the footer shows what comes next once no case is left."""
        found = super().active_bindings
        return found if self.agenda is None or not what_next(self.agenda) else shown_at_the_end(found)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what this user may, on what is in view."""
        session = self.kingshurst.session
        if session is None:
            return super().check_action(action, parameters)
        if action in ("reveal", "run"):
            return self.agenda is not None and runs(session, self.agenda.chair, self.agenda.minute_taker)
        if action == "act":
            return session.may(Operation.ALTER, Thing.ACTION)
        if action == "answers":
            return session.may(Operation.ALTER, Thing.MANIFEST)
        if action == "decide":
            return session.may(Operation.ALTER, Thing.DECISION)
        if action == "show" and parameters:
            return self._parts.has_part(str(parameters[0]))
        return super().check_action(action, parameters)

    # --- leaving, and the lock ------------------------------------------------------------------------------

    def action_back(self) -> None:
        """Go back to where one came from; what was typed is kept first."""
        self._go_back()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def _go_back(self) -> None:
        await self.pulse.keep_all()
        if len(self.app.screen_stack) == 1:
            return
        if self.agenda is not None and self.agenda.status == "open":
            # One key too many must not show the room what lies below.
            said = "The meeting stays open, and the notes are kept."
            if not await self.app.push_screen_wait(Confirm("Leave the room?", said, yes="Leave")):
                return
        self.dismiss()

    def rest(self) -> float | None:
        """Return the seconds of rest after which this meeting locks, by its own policy."""
        return None if self.agenda is None else self.agenda.lock_minutes * 60.0

    def draft(self) -> Callable[[Session], None] | None:
        """Keep what was typed before the store closes."""
        case, typed = self.case, self.notes.typed()
        if case is None or not typed:
            return None
        return partial(_keep, panel_id=self.panel_id, case_id=case.case_id, typed=typed)

    def about(self) -> str:
        """Return which case of which meeting this is."""
        return f"{type(self).__name__} {self.panel_id} {self.case_id}"

    def reopen(self) -> Callable[[], PanelModeScreen]:
        """Build the same case again; the name is hidden again."""
        panel_id, case_id, part = self.panel_id, self.case_id, self._parts.here
        return lambda: PanelModeScreen(panel_id, case_id=case_id, part=part)


def _keep(session: Session, *, panel_id: int, case_id: int, typed: dict[str, notes.Typed]) -> None:
    try:
        notes.keep(session, panel_id, case_id, typed)
    except InputRejected:
        return
