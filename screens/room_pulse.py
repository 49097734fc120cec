"""What the room does every second: count the time, keep what is typed, and hear what others changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.worker import Worker

from kingshurst_tui.errors import KingshurstError, StoreLocked, StoreUnavailable
from kingshurst_tui.panels import notes, room, timer
from screens.room_case import RoomHeading

if TYPE_CHECKING:
    from kingshurst_tui.panels.room import Heard, OpenedCase
    from screens.panel_mode import PanelModeScreen


class RoomPulse:
    """Counts, keeps and hears for one screen.

    Attributes:
        seconds: how long the case in view has been before the panel.
    """

    def __init__(self, screen: PanelModeScreen) -> None:
        self._screen = screen
        self.seconds = 0.0
        self._counter = 0
        self._kept_seconds = 0
        self._counted_at: float | None = None
        self._keeping = False
        self._hearing = False

    def begin(self, opened: OpenedCase, *, same: bool) -> None:
        """Go on from a case that was opened; ``same`` where it is the one that was in view."""
        self._counter = opened.counter
        if not same:
            self.seconds = float(opened.seconds)
            self._kept_seconds = opened.seconds

    def beat(self) -> None:
        """Count the time, keep what was typed, and ask whether others changed anything."""
        if self._screen.kingshurst.session is None or self._screen.case is None:
            return
        self._count()
        self.keep_typed()
        _: Worker[None] = self._screen.run_worker(self._hear, group="hear", exit_on_error=False)

    # --- the time ----------------------------------------------------------------------------------------

    @property
    def _counts(self) -> bool:
        screen = self._screen
        agenda, session = screen.agenda, screen.kingshurst.session
        if agenda is None or session is None or screen.kingshurst.is_blank:
            return False
        return timer.counts(session, agenda.chair, agenda.minute_taker, agenda.status)

    def _count(self) -> None:
        now = self._screen.kingshurst.activity.now()
        before, self._counted_at = self._counted_at, now
        if self._counts and before is not None:
            self.seconds += now - before
        if self._screen.case is not None:
            self._screen.query_one(RoomHeading).show_time(int(self.seconds), self._screen.case.minutes)

    # --- what is typed -----------------------------------------------------------------------------------

    def keep_typed(self) -> None:
        """Keep what was typed; nobody waits for it."""
        _: Worker[None] = self._screen.run_worker(self._keep_once, group="notes", exit_on_error=False)

    async def keep_all(self) -> None:
        """Keep everything before one leaves a case; what the store does not take stays and is said."""
        while self._keeping:
            await self._screen.ask(int)
        await self._keep_once(seconds=True)

    async def _keep_once(self, *, seconds: bool = False) -> None:
        screen = self._screen
        case = screen.case
        if case is None or self._keeping:
            return
        typed = screen.notes.typed()
        late = self.seconds - self._kept_seconds >= (1 if seconds else timer.KEPT_EVERY)
        if not typed and not (late and self._counts):
            return
        self._keeping = True
        screen.notes.sending(typed)
        try:
            if typed:
                kept = await screen.ask(notes.keep, screen.session, screen.panel_id, case.case_id, typed)
                screen.notes.take(typed, kept)
                screen.notes.say("Kept." if not kept.clashes else "! Two versions of a field: ctrl+s shows both.")
                if kept.before == self._counter:
                    self._counter = kept.counter
            if late and self._counts:
                stands = await screen.ask(timer.keep, screen.session, case.case_id, int(self.seconds))
                self._kept_seconds = stands
        except StoreUnavailable as error:
            screen.notes.say(f"! Not kept yet, tried again every second: {error.title} {error.hint}")
        except StoreLocked:
            raise
        except KingshurstError as error:
            screen.notes.say(f"! Not kept: {error.title} {error.detail}")
        finally:
            self._keeping = False
            screen.notes.sending(None)

    # --- what others changed -----------------------------------------------------------------------------

    async def _hear(self) -> None:
        screen = self._screen
        if self._hearing or screen.case is None:
            return
        self._hearing = True
        try:
            case_id = screen.case.case_id
            heard = await screen.ask(room.hear, screen.session, screen.panel_id, case_id, self._counter)
            if screen.case is not None and screen.case.case_id == case_id:
                self._take_in(heard)
        except StoreUnavailable:
            return  # a busy or a full disk is said where something is to be kept
        except StoreLocked:
            raise
        except KingshurstError:
            screen.open(screen.case_id)  # what may not be heard of any more may not be shown either: opening says why
        finally:
            self._hearing = False

    def _take_in(self, heard: Heard) -> None:
        screen = self._screen
        if not self._counts and heard.seconds > self.seconds:
            self.seconds = float(heard.seconds)
        if heard.counter == self._counter or self._keeping:
            return  # what is being kept right now is heard of with the next beat
        self._counter = heard.counter
        before = self._line()
        wrote = screen.notes.hear(heard.notes)
        if heard.agenda is not None:
            screen.show_agenda(heard.agenda)
        if not wrote or self._line() != before:
            screen.open(screen.case_id)

    def _line(self) -> tuple[object, ...]:
        """What the agenda says of the case in view, but for its time."""
        lines = self._screen.agenda.lines if self._screen.agenda is not None else ()
        line = next((each for each in lines if each.case_id == self._screen.case_id), None)
        return () if line is None else (line.version, line.status, line.decision_id, line.is_revealed, line.is_masked)
