"""What can be done from a profile: each asks, does it through its room, and says what came of it."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import approach, consents, grounds, profiles, restricted_notes
from kingshurst_tui.casework.grounds import KINDS
from kingshurst_tui.casework.profiles import Profile
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from screens.action_acts import deal_with
from screens.action_form import ask_for_action
from screens.after_words import referral_facts
from screens.ask_words import AskWords
from screens.case_acts import answer_handover, deal_with_case
from screens.choose import Choose
from screens.confirm import Confirm
from screens.conflict import say
from screens.consent_fields import ON_CONSENT, consent_dialog, prepare
from screens.disputing import dispute, disputes
from screens.drafting import Begun, Draft
from screens.form_dialog import FormDialog
from screens.profile_notes import NoteDraft, note_dialog, note_facts
from screens.reading import Reading
from screens.referrals import send_referral
from screens.widgets.fields_form import Field, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from kingshurst_tui.casework.approach import ApproachShown
    from kingshurst_tui.casework.grounds import GroundShown
    from kingshurst_tui.casework.profiles import AnyProfile
    from kingshurst_tui.casework.restricted_notes import NoteShown
    from kingshurst_tui.linkage.review import Affected
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

    async def _draft(self, operation: Operation, thing: Thing, form: str = "") -> Draft:
        draft = Draft(operation, thing, self._profile.profile_id, form)
        return await self._screen.ask(draft.load, self._session)

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
        refers = self._may(Operation.COLLECT, Thing.REFERRAL)
        offers = [
            ("consent", "Record that the person agreed", self._may(Operation.COLLECT, Thing.CONSENT)),
            ("ground", "Propose a ground for going on without agreement", self._may(Operation.COLLECT, Thing.GROUND)),
            ("decision", "Write a decision: who should lead", is_open and self._may(Operation.ALTER, Thing.DECISION)),
            ("action", "Add an action", is_open and self._may(Operation.ALTER, Thing.ACTION)),
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
        doings: dict[str, Callable[[], Any]] = {
            "consent": self.record_consent,
            "ground": self.propose_ground,
            "decision": self.write_decision,
            "action": self.add_action,
            "case": self.with_case,
            "refer": self.refer,
            "note": self.write_note,
            "approach": self.say_approach,
            "caseload": self.keep,
            "leave": self.let_go,
            "who-looked": self.who_looked,
            "dissent": partial(dispute, self._screen, self._profile, chosen),
            "seen": partial(dispute, self._screen, self._profile, chosen),
        }
        return bool(await doings[chosen]())

    async def record_consent(self) -> bool:
        """Receive a consent; the answer is the same whoever it is for."""
        received = await self._ask(consent_dialog(self._session, await self._do(prepare)))
        if received is None:
            return False
        self._say(received.in_words())
        return True

    async def propose_ground(self) -> bool:
        """Record a ground; a second person confirms it."""
        session, pseudonym = self._session, self._profile.pseudonym

        def send(given: dict[str, str]) -> GroundShown:
            until = date.fromisoformat(given["until"])
            return grounds.propose(session, pseudonym, given["kind"], given["why"], until, ON_CONSENT)

        shown = await self._ask(
            FormDialog(
                "A ground for going on without agreement",
                (
                    Field("kind", "On which ground", Kind.CHOICE, required=True, options=tuple(KINDS.items())),
                    Field("why", "Why, in a sentence or more", Kind.WORDS, required=True),
                    Field("until", "Until when (within a year)", Kind.DAY, required=True),
                ),
                send,
                draft=await self._draft(Operation.COLLECT, Thing.GROUND),
                words="It opens nothing before a second person agrees, except for vital interests (24 hours).",
            )
        )
        if shown is None:
            return False
        self._say(f"Ground {shown.number} is {shown.status}; a second person is asked for.")
        return True

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

    async def write_note(self, supersedes: NoteShown | None = None) -> bool:
        """Write a restricted note, in place of another where one is given."""
        session, profile, reason = self._session, self._profile, self._screen.reason
        place = (Operation.ALTER, Thing.NOTE, profile.profile_id)
        draft = await self._screen.ask(NoteDraft(*place, pseudonym=profile.pseudonym).load, session)
        replaced = supersedes.number if supersedes is not None else None

        def send(given: dict[str, str]) -> int:
            shown = restricted_notes.write(
                session,
                profile.pseudonym,
                given["text"],
                reason,
                supersedes=replaced,
                begun=draft.kept,
                seen=int(begun.over or 0),
            )
            return shown.number

        notes = profile.notes if isinstance(profile, Profile) else ()
        begun = Begun(max((each.number for each in notes if each.written_by == session.user.name), default=0))
        number = await self._ask(note_dialog(send, draft, supersedes, begun))
        if number is None:
            return False
        self._say(f"Note {number} is written, for those alone who read restricted notes.")
        return True

    async def with_note(self, number: int) -> bool:
        """Read a note in full, or write one in its place."""
        profile = self._profile
        notes = profile.notes if isinstance(profile, Profile) else ()
        note = next((each for each in notes if each.number == number), None)
        if note is None:
            return False
        chosen: str | None = "read"
        if note.status == "standing" and self._may(Operation.ALTER, Thing.NOTE):
            offers = [("read", "Read it in full"), ("supersede", "Write another in its place")]
            chosen = await self._ask(Choose(f"Note {number}", offers))
        if chosen == "supersede":
            return await self.write_note(note)
        if chosen == "read":
            await self._ask(Reading(f"Note {number}", note_facts(note)))
        return False

    async def say_approach(self) -> bool:
        """Say for one's own agency whether and how to approach the person, or end what was said."""
        standing = self._profile.approach
        own = next((word for word in standing if word.is_own and word.kind == approach.SAFE), None)
        offers: list[tuple[str, str]] = []
        if self._may(Operation.ALTER, Thing.PROFILE):
            anew = "Say how to reach them safely" if own is None else "Say anew how to reach them safely"
            offers += [("warn", "Say that they must not be approached"), ("safe", anew)]
            offers += [(f"lift:{word.number}", f"End: {word.in_words()}") for word in standing]
        if self._may(Operation.ALTER, Thing.GROUND):
            asked = [word for word in standing if word.asked_by and word.asked_by != self._session.user.name]
            offers += [(f"agree:{word.number}", f"Agree that this ends: {word.in_words()}") for word in asked]
            offers += [(f"stand:{word.number}", f"Let this stand: {word.in_words()}") for word in asked]
        chosen = await self._ask(Choose("Whether and how to approach them", offers))
        if chosen is None:
            return False
        doing, _, number = chosen.partition(":")
        if doing in ("agree", "stand"):
            await self._do(approach.settle, int(number), agreed=doing == "agree", reason=self._screen.reason)
            return True
        if doing == "lift":
            return await self._lift(int(number))
        return await self._say_approach(own, warn=doing == "warn")

    async def _say_approach(self, own: ApproachShown | None, *, warn: bool) -> bool:
        pseudonym, reason = self._profile.pseudonym, self._screen.reason
        if warn:
            await self._do(approach.say, pseudonym, do_not_approach=True, reason=reason)
        else:
            before = f"It replaces: {own.words}" if own is not None else "Read by your agency, and where it opens."
            draft = await self._draft(Operation.ALTER, Thing.PROFILE, "safe")
            said, _ = await say(
                self._screen,
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
        self._say("Recorded. It is shown before everything else, on a mask too.")
        return True

    async def _lift(self, number: int) -> bool:
        draft = await self._draft(Operation.ALTER, Thing.PROFILE, f"lift-{number}")
        words = "Another agency's word needs a second person."
        said, ended = await say(
            self._screen,
            lambda given: AskWords("Why does it no longer hold?", words, given=given, draft=draft),
            draft,
            approach.lift,
            number,
            reason=self._screen.reason,
        )
        if not said:
            return True
        self._say("Ended." if ended else "A second person is asked; it stands until then.")
        return True

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
        from screens.audit import AuditScreen

        await self._screen.app.push_screen(AuditScreen(self._profile.pseudonym))
        return False

    # --- with what is there ------------------------------------------------------------------------------

    async def with_row(self, table: str, key: str) -> bool:
        """Do what can be done with the row of a list."""
        kind, _, number = key.partition(":")
        if table == "links-list":
            return await self.undo_link(int(key))
        if kind == "note":
            return await self.with_note(int(number))
        if kind == "ground":
            return await self.with_ground(int(number))
        if kind == "consent":
            return await self.withdraw(int(number))
        if kind == "action":
            return await self.with_action(int(number))
        if kind == "handover":
            return await answer_handover(self._screen, int(number), self._screen.reason)
        if kind == "referral":
            return await self.read_referral(int(number))
        return await self.read_decision(int(number))

    async def with_ground(self, number: int) -> bool:
        """Confirm, refuse or end a ground."""
        return await settle_ground(self._screen, number)

    async def withdraw(self, number: int) -> bool:
        """Withdraw a consent, from the day it is said."""
        return await withdraw_consent(self._screen, number)

    async def close_action(self, number: int) -> bool:
        """Say what came of an action."""
        return await self.with_action(number, "close")

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

    # --- links and the wrong person ----------------------------------------------------------------------

    async def undo_link(self, link_id: int) -> bool:
        """Keep two records apart, after seeing what that would reopen."""
        from kingshurst_tui.linkage import review

        if not self._may(Operation.ALTER, Thing.LINK):
            self._say("Only a coordinator or a supervisor undoes a link; w tells them.")
            return False
        affected = await self._do(review.preview, link_id, review.Verdict.APART)
        draft = await self._draft(Operation.ALTER, Thing.LINK, f"undo-{link_id}")
        if not await sure(self._screen, "Keep these two records apart?", affected):
            return False
        said, _ = await say(
            self._screen, why_box("Keep these two records apart?", draft), draft, review.undo, link_id
        )
        if not said:
            return True
        self._say("Undone: the records are kept apart, and what rested on them is reopened.")
        return True

    async def wrong_person(self) -> bool:
        """Say that a record is somebody else's: part it, or tell those who may."""
        from kingshurst_tui.linkage import review

        profile = self._profile
        if not isinstance(profile, Profile) or len(profile.records) < 2 or not self._may(Operation.ALTER, Thing.LINK):
            why = await self._ask(
                AskWords("Why is this the wrong person?", "It is put before those who part and link records.")
            )
            if why is None:
                return False
            await self._do(review.report_wrong_person, profile.profile_id, why)
            self._say("Reported: somebody will look at who this is.")
            return True
        options = [
            (str(record.record_id), f"{record.agency} {record.reference or 'no reference'} ({record.data_set})")
            for record in profile.records
        ]
        chosen = await self._ask(Choose("Which record is somebody else's?", options, words="Nothing changes yet."))
        if chosen is None:
            return False
        affected = await self._do(review.preview_split, profile.profile_id, [int(chosen)])
        question = "Take this record out of the profile?"
        draft = await self._draft(Operation.ALTER, Thing.LINK, f"part-{chosen}")
        if not await sure(self._screen, question, affected):
            return False
        said, _ = await say(
            self._screen, why_box(question, draft), draft, review.wrong_person, profile.profile_id, int(chosen)
        )
        if not said:
            return True
        self._say("Parted: the record is another person's now, and what rested on it is reopened.")
        return True


async def sure(screen: Any, question: str, affected: Affected) -> bool:
    """Show what a change of who is who would touch, and ask whether to go on."""
    if affected.refused:
        screen.notify(f"This cannot be done: {affected.refused}.", markup=False, severity="warning")
        return False
    return bool(await screen.app.push_screen_wait(Confirm(question, in_words(affected), yes="Go on", no="Leave it")))


def why_box(question: str, draft: Draft) -> Callable[[str], AskWords]:
    """Return what asks why two records are, or are not, one person's."""
    words = f"{question} Kept with the link, and sealed in the trail."
    return lambda given: AskWords("Why?", words, given=given, draft=draft)


def in_words(affected: Affected) -> str:
    """Return what a change would touch, in sentences."""
    people = ", ".join(affected.pseudonyms)
    whom = people or f"{affected.people_now} people, not all of whom are open"
    lines = [f"Concerns {whom}; afterwards there are {affected.people_after} people."]
    if affected.opens:
        lines.append("It would open a masked profile: a second person must decide the same.")
    counts: dict[str, int] = {}
    for thing in affected.things:
        counts[thing.thing] = counts.get(thing.thing, 0) + 1
    if counts:
        said = ", ".join(f"{number} {thing}{'s' if number > 1 else ''}" for thing, number in sorted(counts.items()))
        lines.append(f"Reopened, or to be looked at again: {said}.")
        lines += [f"  {thing.thing} {thing.thing_id} ({thing.status})" for thing in affected.things[:12] if people]
    else:
        lines.append("No consent, ground, flag, decision or action rests on it.")
    return "\n".join(lines)


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

    said, done = await say(screen, box, draft, consents.withdraw, number, reason=ON_CONSENT)
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
