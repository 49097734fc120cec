"""What the chair does in the room: decide, show the first views, open and close the meeting."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kingshurst_tui.errors import InputRejected
from kingshurst_tui.panels.room import PANEL
from screens.action_form import ask_for_action
from screens.ask_words import AskWords
from screens.confirm import Confirm
from screens.decision import DecisionScreen
from screens.manifest import ManifestScreen
from screens.meeting_opening import open_meeting
from screens.room_answers import enter_answers
from screens.room_reveal import Reveal
from screens.similar import SimilarScreen

if TYPE_CHECKING:
    from kingshurst_tui.panels.room import RoomAgenda
    from kingshurst_tui.panels.room_case import RoomCase
    from screens.panel_mode import PanelModeScreen


class RoomActs:
    """Asks, and sends it to its room."""

    def __init__(self, screen: PanelModeScreen) -> None:
        self._screen = screen

    def decide(self, case: RoomCase, then: Callable[[bool | None], None]) -> None:
        """Write a decision about a case; afterwards say whether it was signed."""
        self._screen.app.push_screen(DecisionScreen(case.pseudonym, case.case_id), then)

    async def act(self, case: RoomCase) -> bool:
        """Give an agency an action, under the decision where there is one; return whether one was added."""
        place = (self._screen, case.pseudonym, case.profile_id)
        return await ask_for_action(*place, reason=PANEL, decision=case.decision_id, panel_case=case.case_id)

    async def reveal(self, case: RoomCase) -> bool:
        """Show every agency's first view to all, after asking: nothing hides them again."""
        from kingshurst_tui.panels import first_views

        screen = self._screen
        if case.revealed_at:
            screen.say_no("They are shown to all already: v.")
            return False
        why = await screen.app.push_screen_wait(Reveal(case))
        if why is None:
            return False
        try:
            await screen.ask(first_views.reveal, screen.session, case.case_id, why)
        except InputRejected:
            # Whoever was asked meanwhile has not written either: the room says who.
            return await self._with_why(first_views.reveal, case.case_id, "Why they are shown before all have written")
        return True

    async def run(self, agenda: RoomAgenda) -> bool:
        """Open the meeting, or close it; return whether anything was done."""
        from kingshurst_tui.panels import meetings

        screen = self._screen
        if agenda.status == "preparing":
            return await open_meeting(screen, agenda.panel_id)
        if agenda.status == "open":
            left = sum(line.status == "listed" for line in agenda.lines)
            said = f"{left} of {len(agenda.lines)} cases were not discussed and are put off." if left else ""
            if not await screen.app.push_screen_wait(Confirm("Close this meeting?", said, yes="Close it")):
                return False
            return await self._with_why(meetings.close_panel, agenda.panel_id, "Why cases are left")
        screen.say_no(f"The meeting is {agenda.status.replace('-', ' ')}.")
        return False

    def similar(self, case: RoomCase) -> None:
        """Show what was decided in similar cases, after the panel has spoken."""
        self._screen.app.push_screen(SimilarScreen(case.case_id))

    def sign_all(self, panel_id: int) -> None:
        """Show the meeting's decisions under one signature."""
        self._screen.app.push_screen(ManifestScreen(panel_id))

    async def answers(self, panel_id: int) -> None:
        """Enter what members without an account say of the meeting's decisions."""
        await enter_answers(self._screen, panel_id)

    def minutes(self, panel_id: int) -> None:
        """Show the meeting's minutes, and what leaves of it."""
        from screens.minutes import MinutesScreen

        self._screen.app.push_screen(MinutesScreen(panel_id))

    async def _with_why(self, function: Any, number: int, heading: str) -> bool:
        """Do it; where its room wants to know why, ask, and do it with the answer."""
        screen = self._screen
        try:
            await screen.ask(function, screen.session, number)
        except InputRejected as rejected:
            why = await screen.app.push_screen_wait(AskWords(heading, f"{rejected.title} {rejected.hint}"))
            if why is None:
                return False
            await screen.ask(function, screen.session, number, why)
        return True
