"""Consents and grounds: recorded, withdrawn, proposed, and the second person's word; from a profile and the list."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from kingshurst_tui.casework import consent_withdrawal, grounds
from kingshurst_tui.casework.grounds import KINDS
from kingshurst_tui.vocabulary import Operation, Thing
from screens.ask_words import AskWords
from screens.choose import Choose
from screens.conflict import say
from screens.consent_fields import ON_CONSENT, consent_dialog, prepare
from screens.drafting import Draft
from screens.form_dialog import FormDialog
from screens.reading import Reading
from screens.widgets.fields_form import Field, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from kingshurst_tui.casework.grounds import GroundShown
    from kingshurst_tui.casework.profile_records import AnyProfile
    from screens.profile import ProfileScreen


async def record_consent(screen: ProfileScreen) -> bool:
    """Receive a consent; the answer is the same whoever it is for."""
    received = await screen.app.push_screen_wait(
        consent_dialog(screen.session, await screen.ask(prepare, screen.session))
    )
    if received is None:
        return False
    screen.notify(received.in_words(), markup=False)
    return True


async def propose_ground(screen: ProfileScreen, profile: AnyProfile) -> bool:
    """Record a ground; a second person confirms it."""
    session, pseudonym = screen.session, profile.pseudonym

    def send(given: dict[str, str]) -> GroundShown:
        until = date.fromisoformat(given["until"])
        return grounds.propose(session, pseudonym, given["kind"], given["why"], until, ON_CONSENT)

    shown = await screen.app.push_screen_wait(
        FormDialog(
            "A ground for going on without agreement",
            (
                Field("kind", "On which ground", Kind.CHOICE, required=True, options=tuple(KINDS.items())),
                Field("why", "Why, in a sentence or more", Kind.WORDS, required=True),
                Field("until", "Until when (within a year)", Kind.DAY, required=True),
            ),
            send,
            draft=await screen.ask(Draft(Operation.COLLECT, Thing.GROUND, profile.profile_id).load, screen.session),
            words="It opens nothing before a second person agrees, except for vital interests (24 hours).",
        )
    )
    if shown is None:
        return False
    screen.notify(f"Ground {shown.number} is {shown.status}; a second person is asked for.", markup=False)
    return True


async def withdraw_consent(screen: Any, number: int) -> bool:
    """Withdraw a consent from today, asking why; say what rested on it and stays to be looked at."""
    draft = await screen.ask(Draft(Operation.ALTER, Thing.CONSENT, 0, f"end-{number}").load, screen.session)

    def box(given: str) -> AskWords:
        return AskWords(
            f"Withdraw consent {number}?",
            "The profile closes today unless something else holds it open. Decisions are kept.",
            placeholder="What was said, then Enter; Esc leaves it",
            given=given,
            draft=draft,
        )

    said, done = await say(screen, box, draft, consent_withdrawal.withdraw, number, reason=ON_CONSENT)
    if not said:
        return True
    rested = "\n".join(f"{each.thing} {each.number} ({each.status})" for each in done.rested_on_it)
    facts = [
        ("Withdrawn", f"consent {done.number}, from today"),
        ("Rested on it", rested or "nothing that you could see"),
    ]
    await screen.app.push_screen_wait(Reading("The consent is withdrawn", facts))
    return True


async def settle_ground(screen: Any, number: int) -> bool:
    """Confirm, refuse or end a ground; the room refuses whoever proposed it to confirm it."""
    offers = [
        ("confirm", "Agree to it, as the second person: the profile opens"),
        ("refuse", "Say no to it, as the second person"),
        ("end", "End it from today: it no longer holds"),
    ]
    chosen = await screen.app.push_screen_wait(
        Choose(f"Ground {number}", offers, words="Whoever proposed it cannot confirm it.")
    )
    if chosen is None:
        return False
    doings: dict[str, Callable[..., Any]] = {"confirm": grounds.confirm, "refuse": grounds.refuse, "end": grounds.end}
    await screen.ask(doings[chosen], screen.session, number, ON_CONSENT)
    said = {"confirm": "Confirmed: the profile is open.", "refuse": "Refused.", "end": "Ended from today."}
    screen.notify(said[chosen], markup=False)
    return True
