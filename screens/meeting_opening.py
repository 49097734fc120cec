"""Opening a meeting, closing it and calling it off: what is asked, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kingshurst_tui.counting import some
from kingshurst_tui.panels import attendance, meetings
from kingshurst_tui.panels.records import CONFIDENTIALITY, STATEMENT
from screens.choose import Choose
from screens.confirm import Confirm
from screens.why_needed import where_needed, with_why

if TYPE_CHECKING:
    from kingshurst_tui.panels.records import Panel
    from screens.working import WorkingScreen

READ_OUT: Final = tuple((code, f"{words[:1].upper()}{words[1:]}.") for code, words in CONFIDENTIALITY.items())
"""What may be said of the statement, as it is offered."""


async def turn(screen: WorkingScreen[Any], panel: Panel, *, prepares: bool) -> bool:
    """Open a meeting, close it or call it off; return whether anything was done.

    Args:
        screen: who asks.
        panel: the meeting.
        prepares: whether the user prepares meetings, and so may call one off.
    """
    if panel.is_settled:
        return False
    if panel.status == "open":
        sure = Confirm("Close the panel?", "What was not discussed is put off.", yes="Close it", no="Go on")
        if not await screen.app.push_screen_wait(sure):
            return False
        return await where_needed(screen, meetings.close_panel, panel.number, keyword="why_left")
    if prepares:
        options = (("open", "Open it: the meeting begins."), ("off", "Call it off, and say why."))
        chosen = await screen.app.push_screen_wait(Choose(panel.title, options))
        if chosen is None:
            return False
        if chosen == "off":
            return await with_why(screen, "Why is it not held?", "", meetings.call_off, panel.number)
    return await open_meeting(screen, panel.number)


async def open_meeting(screen: WorkingScreen[Any], panel_id: int) -> bool:
    """Ask who is here and what became of the confidentiality statement, then open; return whether it is open."""
    asked, present = await screen.ask(attendance.before_opening, screen.session, panel_id)
    everybody = False
    if asked:
        options = (
            ("all", f"Everybody who was asked and sent no apologies: {some(asked, 'person', 'people')} more."),
            ("marked", f"Only who is written down as present: {some(present, 'person', 'people')}."),
        )
        words = "Whoever is missing is marked afterwards: m, then Enter on each."
        chosen = await screen.app.push_screen_wait(Choose("Who is here?", options, words=words))
        if chosen is None:
            return False
        everybody = chosen == "all"
    said = await screen.app.push_screen_wait(Choose("Read out before anything else", READ_OUT, words=STATEMENT))
    if said is None:
        return False
    if everybody:
        await screen.ask(attendance.all_present, screen.session, panel_id)
    await screen.ask(meetings.open_panel, screen.session, panel_id, said)
    if waiting := attendance.in_words(await screen.ask(attendance.here_by_one_word, screen.session, panel_id)):
        screen.notify(waiting, markup=False, severity="warning")
    return True
