"""The parts of one case on the room's screen, its heading with the time, and the agenda beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Static

from kingshurst_tui.panels import timer
from screens import room_words as words
from screens.widgets.empty_state import EmptyState
from screens.widgets.facts import Facts
from screens.widgets.section_bar import SectionBar
from screens.widgets.text import plain
from screens.widgets.timeline import Timeline
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.errors import KingshurstError
    from kingshurst_tui.panels.room import AgendaLine, RoomAgenda
    from kingshurst_tui.panels.room_case import RoomCase


class RoomHeading(Vertical):
    """Whose case it is and for how long it is before the panel; whether to approach comes first of all."""

    def __init__(self) -> None:
        super().__init__()
        self._status = ""

    def compose(self) -> ComposeResult:
        """Draw the lines."""
        with Horizontal(id="room-line"):
            yield Static("", id="room-who")
            yield Static("", id="room-time")
        yield Static("", id="room-approach")
        yield Static("", id="room-next")

    def on_mount(self) -> None:
        """No warning before one is known."""
        self.query_one("#room-approach").display = self.query_one("#room-next").display = False

    def show_meeting(self, agenda: RoomAgenda) -> None:
        """Say how the meeting stands where it is not being held, and what comes when no case is left."""
        following = self.query_one("#room-next", Static)
        said = words.what_next(agenda)
        following.update(plain(said))
        following.display = bool(said)
        known = {"open": "", "preparing": "not opened yet (o) · "}
        self._status = known.get(agenda.status, f"{agenda.status.replace('-', ' ')} · ")

    def show_case(self, case: RoomCase, *, named: bool) -> None:
        """Show whose case it is."""
        self.query_one("#room-who", Static).update(plain(words.heading(case, named=named)))
        line = self.query_one("#room-approach", Static)
        line.display = bool(case.approach)
        line.update(plain("\n".join(case.approach)))
        line.set_class(case.do_not_approach, "-do-not")

    def show_time(self, seconds: int, minutes: int) -> None:
        """Show the time; over time is said in words."""
        time = self.query_one("#room-time", Static)
        said = timer.in_words(seconds, minutes)
        over = said.startswith(timer.OVER)
        time.set_class(over, "-over")
        time.update(plain(f"{self._status}{'! ' if over else ''}{said}"))


class AgendaList(Vertical):
    """The agenda at the side of a wide terminal, by number and pseudonym."""

    def __init__(self) -> None:
        super().__init__()
        self._ids: list[int] = []
        self._rows: list[Row] = []

    def compose(self) -> ComposeResult:
        """Draw the list."""
        yield VirtualTable(Column("No", 3, right=True), Column("Who", 13, grows=True), Column("", 9), id="room-agenda")

    def show(self, agenda: RoomAgenda, here: int) -> None:
        """Show the cases in their order."""
        self._ids = [line.case_id for line in agenda.lines]
        at = self._ids.index(here) if here in self._ids else 0
        rows = [Row(line.case_id, (str(line.place), line.pseudonym, _state(line))) for line in agenda.lines]
        if rows != self._rows:  # whoever moves about in the list is not called back every second
            self._rows = rows
            self.query_one(VirtualTable).show_rows(rows, cursor=at)

    def mark(self, case_id: int) -> None:
        """Put the cursor on the case in view."""
        if case_id in self._ids:
            self.query_one(VirtualTable).cursor = self._ids.index(case_id)


def _state(line: AgendaLine) -> str:
    if line.decision_id is not None:
        return "✓ decided"
    if line.is_masked:
        return "masked"
    return words.STATUSES.get(line.status, line.status)


class CaseParts(Vertical):
    """The parts of a case, one in view.

    Attributes:
        here: the part in view.
        named: whether the name is shown.
    """

    def __init__(self, here: str) -> None:
        super().__init__()
        self.here = here
        self.named = False
        self._case: RoomCase | None = None

    def compose(self) -> ComposeResult:
        """Draw the page and the timeline; the bar of parts stands above, over the whole width."""
        with VerticalScroll(id="room-page"):
            yield Facts(id="room-facts")
        yield Timeline(id="room-timeline")
        yield EmptyState("", id="room-nothing")

    def on_mount(self) -> None:
        """Show nothing until a case is open."""
        self._show_only("")

    def _show_only(self, name: str) -> None:
        for each in ("room-page", "room-timeline", "room-nothing"):
            self.query_one(f"#{each}").display = each == name
        self.screen.query_one(SectionBar).display = name not in ("", "room-nothing")

    def refused(self, error: KingshurstError) -> None:
        """Say why there is no case, and take away what was shown."""
        self.nothing(f"{error.title} {error.detail}".strip(), f"{error.hint} n goes on to the next case.".strip())

    def nothing(self, said: str, hint: str) -> None:
        """Show no case, and say why."""
        self._case = None
        self.query_one("#room-facts", Facts).show(())
        self.query_one("#room-timeline", Timeline).show_entries((), ())
        self.query_one("#room-nothing", EmptyState).say(said, hint)
        self._show_only("room-nothing")

    def show_case(self, case: RoomCase, *, keep: bool) -> None:
        """Draw a case; ``keep`` where it is the one that was in view, so that one stays where one was."""
        self._case = case
        if not keep:
            self.query_one("#room-page", VerticalScroll).scroll_home(animate=False)
            self.here = "case" if not keep else self.here
        self._draw_timeline()
        self.show_part(self.here, focus=False)

    def _draw_timeline(self) -> None:
        if self._case is not None:
            table = self.query_one("#room-timeline", Timeline)
            at = table.cursor
            table.show_entries(words.lanes(self._case), words.entries(self._case, named=self.named))
            table.cursor = min(at, max(0, table.count - 1))

    def has_part(self, code: str) -> bool:
        """Say whether this case has such a part."""
        return self._case is not None and code in {part.code for part in words.parts_of(self._case)}

    def show_part(self, code: str, *, focus: bool = True) -> None:
        """Show a part, or the first where this case has no such part."""
        case = self._case
        if case is None:
            return
        self.here = code if self.has_part(code) else "case"
        self.screen.query_one(SectionBar).show(self.here, words.parts_of(case), words.counts_of(case))
        if self.here == "timeline":
            self._show_only("room-timeline")
        else:
            self._show_only("room-page")
            facts = words.FACTS.get(self.here)
            shown = facts(case) if facts is not None else words.overview(case, named=self.named)
            self.query_one("#room-facts", Facts).show(shown)
        if focus:
            self.query_one("#room-page", VerticalScroll).scroll_home(animate=False)
            self.focus_part()

    def turn_name(self) -> None:
        """Show the name where it was hidden, and hide it where it was shown."""
        self.named = not self.named
        self._draw_timeline()
        self.show_part(self.here, focus=False)

    def focus_part(self) -> None:
        """Put the focus on the part in view, so that letters act."""
        name = "#room-timeline" if self.here == "timeline" else "#room-page"
        self.query_one(name).focus()
