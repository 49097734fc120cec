"""Saying from a profile whether and how a person may be approached, and ending what was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kingshurst_tui.casework import approach
from kingshurst_tui.vocabulary import Operation, Thing
from screens.ask_words import AskWords
from screens.choose import Choose
from screens.conflict import say
from screens.drafting import Draft

if TYPE_CHECKING:
    from kingshurst_tui.casework.approach import ApproachShown
    from kingshurst_tui.casework.profile_records import AnyProfile
    from screens.profile import ProfileScreen


async def say_approach(screen: ProfileScreen, profile: AnyProfile) -> bool:
    """Say for one's own agency whether and how to approach the person, or end what was said."""
    standing = profile.approach
    own = next((word for word in standing if word.is_own and word.kind == approach.SAFE), None)
    offers: list[tuple[str, str]] = []
    if screen.session.may(Operation.ALTER, Thing.PROFILE):
        anew = "Say how to reach them safely" if own is None else "Say anew how to reach them safely"
        offers += [("warn", "Say that they must not be approached"), ("safe", anew)]
        offers += [(f"lift:{word.number}", f"End: {word.in_words()}") for word in standing]
    if screen.session.may(Operation.ALTER, Thing.GROUND):
        asked = [word for word in standing if word.asked_by and word.asked_by != screen.session.user.name]
        offers += [(f"agree:{word.number}", f"Agree that this ends: {word.in_words()}") for word in asked]
        offers += [(f"stand:{word.number}", f"Let this stand: {word.in_words()}") for word in asked]
    chosen = await screen.app.push_screen_wait(Choose("Whether and how to approach them", offers))
    if chosen is None:
        return False
    doing, _, number = chosen.partition(":")
    if doing in ("agree", "stand"):
        await screen.ask(approach.settle, screen.session, int(number), agreed=doing == "agree", reason=screen.reason)
        return True
    if doing == "lift":
        return await _lift(screen, profile, int(number))
    return await _say_approach(screen, profile, own, warn=doing == "warn")


async def _say_approach(screen: ProfileScreen, profile: AnyProfile, own: ApproachShown | None, *, warn: bool) -> bool:
    pseudonym, reason = profile.pseudonym, screen.reason
    if warn:
        await screen.ask(approach.say, screen.session, pseudonym, do_not_approach=True, reason=reason)
    else:
        before = f"It replaces: {own.words}" if own is not None else "Read by your agency, and where it opens."
        draft = await screen.ask(Draft(Operation.ALTER, Thing.PROFILE, profile.profile_id, "safe").load, screen.session)
        said, _ = await say(
            screen,
            lambda given: AskWords("How are they reached safely?", before, given=given, draft=draft),
            draft,
            approach.say,
            pseudonym,
            words="safe_contact",
            over="replaces",
            replaces=own.number if own is not None else None,
            reason=reason,
        )
        if not said:
            return True
    screen.notify("Recorded. It is shown before everything else, on a mask too.", markup=False)
    return True


async def _lift(screen: ProfileScreen, profile: AnyProfile, number: int) -> bool:
    draft = await screen.ask(
        Draft(Operation.ALTER, Thing.PROFILE, profile.profile_id, f"lift-{number}").load, screen.session
    )
    words = "Another agency's word needs a second person."
    said, ended = await say(
        screen,
        lambda given: AskWords("Why does it no longer hold?", words, given=given, draft=draft),
        draft,
        approach.lift,
        number,
        reason=screen.reason,
    )
    if not said:
        return True
    screen.notify("Ended." if ended else "A second person is asked; it stands until then.", markup=False)
    return True
