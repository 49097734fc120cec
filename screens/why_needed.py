"""Asking for a reason where a room wants one, until it takes what is given or it is given up."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kingshurst_tui.errors import InputRejected
from screens.ask_words import AskWords

if TYPE_CHECKING:
    from screens.working import WorkingScreen


async def with_why(
    screen: WorkingScreen[Any], heading: str, words: str, function: Callable[..., Any], *args: Any, keyword: str = "why"
) -> bool:
    """Ask for a reason and do it with that; again with what was wrong with it. Return whether it was done.

    Args:
        screen: who asks.
        heading: the question.
        words: what stands under it.
        function: what is done, a service of ``kingshurst_tui`` that takes the session first.
        *args: its arguments after the session.
        keyword: as what it takes the reason.
    """
    given = ""
    while (said := await screen.app.push_screen_wait(AskWords(heading, words, given=given))) is not None:
        try:
            await screen.ask(function, screen.session, *args, **{keyword: said})
        except InputRejected as wrong:
            given, words = said, f"{wrong.title} {wrong.hint}"
        else:
            return True
    return False


async def where_needed(screen: WorkingScreen[Any], function: Callable[..., Any], *args: Any, keyword: str) -> bool:
    """Do it, and ask for a reason only where the room wants one; return whether it was done."""
    try:
        await screen.ask(function, screen.session, *args)
    except InputRejected as needed:
        if not any(problem.startswith("why") for problem in needed.problems):
            raise
        words = "\n".join(part for part in (needed.detail, needed.hint) if part)
        return await with_why(screen, needed.title, words, function, *args, keyword=keyword)
    return True
