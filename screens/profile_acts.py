"""What can be done from a profile, new or with a line of it: which is offered, and who does it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import profiles
from kingshurst_tui.casework.profile_records import Profile
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from screens.action_acts import deal_with
from screens.action_form import ask_for_action
from screens.after_words import referral_facts
from screens.approach_acts import say_approach
from screens.ask_words import AskWords
from screens.case_acts import answer_handover, deal_with_case
from screens.choose import Choose
from screens.consent_acts import propose_ground, record_consent, settle_ground, withdraw_consent
from screens.disputing import dispute, disputes
from screens.link_acts import undo_link, wrong_person
from screens.note_acts import with_note, write_note
from screens.reading import Reading
from screens.referrals import send_referral

if TYPE_CHECKING:
    from collections.abc import Callable

    from kingshurst_tui.casework.profile_records import AnyProfile
    from screens.dialog import Dialog
    from screens.profile import ProfileScreen

Answer = TypeVar("Answer")


class ProfileActs:
    """The acts of one profile screen; each answers whether the profile is to be read again."""

    def __init__(self, screen: ProfileScreen) -> None:
        self._screen = screen
        self._session = screen.session
        self._profile = cast("AnyProfile", screen.profile)

    async def _ask(self, dialog: Dialog[Answer]) -> Answer:
        return await self._screen.app.push_screen_wait(dialog)

    async def _do(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return await self._screen.ask(function, self._session, *args, **kwargs)

    def _say(self, said: str) -> None:
        self._screen.notify(said, markup=False)

    def _may(self, operation: Operation, thing: Thing) -> bool:
        return self._session.may(operation, thing)

    # --- something new -----------------------------------------------------------------------------------

    async def new(self) -> bool:
        """Ask what to do, then do it."""
        is_open = isinstance(self._profile, Profile)
        says, settles = self._may(Operation.ALTER, Thing.PROFILE), self._may(Operation.ALTER, Thing.GROUND)
        keeps_cases = self._may(Operation.ALTER, Thing.CASE) or self._may(Operation.ADMINISTER, Thing.CASE)
        refers, follows = self._may(Operation.COLLECT, Thing.REFERRAL), self._may(Operation.CONSULT, Thing.OUTCOME)
        offers = [
            ("consent", "Record that the person agreed", self._may(Operation.COLLECT, Thing.CONSENT)),
            ("ground", "Propose a ground for going on without agreement", self._may(Operation.COLLECT, Thing.GROUND)),
            ("decision", "Write a decision: who should lead", is_open and self._may(Operation.ALTER, Thing.DECISION)),
            ("action", "Add an action", is_open and self._may(Operation.ALTER, Thing.ACTION)),
            ("outcomes", "See what came of the decisions, or record it", is_open and follows),
            ("case", "Say where the case stands, hand the lead over, restrict it", keeps_cases),
            ("refer", "Refer them to an agency or to the panel", is_open and refers),
            ("note", "Write a restricted note", is_open and self._may(Operation.ALTER, Thing.NOTE)),
            ("approach", "Say whether and how to approach them", says or (bool(self._profile.approach) and settles)),
            ("caseload", "Put them into my caseload", self._may(Operation.ALTER, Thing.PROFILE)),
            ("leave", "Take them out of my caseload", self._may(Operation.ALTER, Thing.PROFILE)),
            ("who-looked", "See who has looked at this profile", self._may(Operation.CONSULT, Thing.AUDIT)),
            *disputes(self._profile, self._session),
        ]
        chosen = await self._ask(Choose("What would you do?", [(code, said) for code, said, may in offers if may]))
        if chosen is None:
            return False
        here = (self._screen, self._profile)
        doings: dict[str, Callable[[], Any]] = {
            "consent": partial(record_consent, self._screen),
            "ground": partial(propose_ground, *here),
            "decision": self.write_decision,
            "action": self.add_action,
            "outcomes": self.see_outcomes,
            "case": self.with_case,
            "refer": self.refer,
            "note": partial(write_note, *here),
            "approach": partial(say_approach, *here),
            "caseload": self.keep,
            "leave": self.let_go,
            "who-looked": self.who_looked,
            "dissent": partial(dispute, *here, chosen),
            "seen": partial(dispute, *here, chosen),
        }
        return bool(await doings[chosen]())

    async def write_decision(self) -> bool:
        """Go to the decision form."""
        from screens.decision import DecisionScreen

        def back(signed: bool | None) -> None:
            if signed:
                self._screen.reload()

        await self._screen.app.push_screen(DecisionScreen(self._profile.pseudonym), back)
        return False

    async def add_action(self) -> bool:
        """Add an action."""
        who, reason = self._profile, self._screen.reason
        return await ask_for_action(self._screen, who.pseudonym, who.profile_id, reason=reason)

    async def see_outcomes(self) -> bool:
        """Go to what came of the decisions."""
        self._screen.action_outcomes()
        return False

    async def wrong_person(self) -> bool:
        """Say that a record is somebody else's."""
        return await wrong_person(self._screen, self._profile)

    async def keep(self) -> bool:
        """Put the person into one's own caseload."""
        why = await self._ask(AskWords("Why do you take them into your caseload?"))
        if why is None:
            return False
        reason = Reason(ReasonCode.OTHER, why)
        await self._do(profiles.keep_in_caseload, self._profile.pseudonym, reason)
        self._say("In your caseload.")
        return False

    async def let_go(self) -> bool:
        """Take the person out of one's own caseload."""
        await self._do(profiles.keep_in_caseload, self._profile.pseudonym, Reason(ReasonCode.CASELOAD), keep=False)
        self._say("No longer in your caseload.")
        return False

    async def who_looked(self) -> bool:
        """Show the trail of this person."""
        from kingshurst_tui.oversight.trail import TrailFilter
        from screens.audit import AuditScreen

        await self._screen.app.push_screen(AuditScreen(TrailFilter(pseudonym=self._profile.pseudonym)))
        return False

    # --- with what is there ------------------------------------------------------------------------------

    async def with_row(self, table: str, key: str) -> bool:
        """Do what can be done with the row of a list."""
        kind, _, number = key.partition(":")
        if table == "links-list":
            return await undo_link(self._screen, self._profile, int(key))
        if kind == "note":
            return await with_note(self._screen, self._profile, int(number))
        if kind == "ground":
            return await settle_ground(self._screen, int(number))
        if kind == "consent":
            return await withdraw_consent(self._screen, int(number))
        if kind == "action":
            return await self.with_action(int(number))
        if kind == "handover":
            return await answer_handover(self._screen, int(number), self._screen.reason)
        if kind == "referral":
            return await self.read_referral(int(number))
        return await self.read_decision(int(number))

    async def with_action(self, number: int, doing: str = "") -> bool:
        """Do what can be done with an action: take it on, refuse it, say how far it has come or what came of it."""
        profile = self._profile
        found = profile.actions if isinstance(profile, Profile) else ()
        action = next((each for each in found if each.number == number), None)
        return action is not None and await deal_with(self._screen, action, doing, self._screen.reason)

    async def with_case(self) -> bool:
        """Say where the case stands, hand the lead over, or keep its list."""
        return await deal_with_case(self._screen, self._profile.pseudonym, self._screen.reason)

    async def refer(self) -> bool:
        """Refer an open person, with who they are as records have it."""
        profile = self._profile
        if not isinstance(profile, Profile):
            return False
        known = profile.who
        postcode = known.addresses[0].value.rpartition(", ")[2] if known.addresses else ""
        forename, _, surname = known.name.rpartition(" ")
        born = next((each.value for each in known.born if each.quality == "stated"), "")
        facts = {"forename": forename, "surname": surname, "date_of_birth": born, "postcode": postcode}
        return await send_referral(self._screen, profile.pseudonym, facts, profile.profile_id)

    async def read_referral(self, number: int) -> bool:
        """Read a referral in full; it is answered on the list of referrals."""
        profile = self._profile
        for each in profile.referrals if isinstance(profile, Profile) else ():
            if each.number == number:
                await self._ask(Reading(f"Referral {number}", referral_facts(each)))
        return False

    async def read_decision(self, number: int) -> bool:
        """Read a decision in full; one that was signed is never edited."""
        from screens.profile_words import decision_facts

        profile = self._profile
        if isinstance(profile, Profile):
            for decision in profile.decisions:
                if decision.number == number:
                    await self._ask(Reading(f"Decision {number}", decision_facts(decision)))
        return False
