"""A decision being written: nothing prefilled, kept as typed, signed on confirming, never edited afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import decisions, drafts
from kingshurst_tui.casework.decision_form import TITLES
from kingshurst_tui.counting import some
from kingshurst_tui.errors import InputRejected, KingshurstError, StaleRecord, StoreUnavailable, differing
from kingshurst_tui.panels import going_on
from kingshurst_tui.panels import urgent as urgent_decisions
from kingshurst_tui.panels.going_on import Stopped
from kingshurst_tui.vocabulary import ReasonCode
from screens.ask_words import AskWords
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.confirm import Confirm
from screens.conflict import Conflict, merged, said_of
from screens.decision_words import about_form, from_answers, questions, to_answers
from screens.drafting import ELSEWHERE
from screens.profile_words import said_day
from screens.room_stances import ask_stances
from screens.widgets.empty_state import EmptyState
from screens.widgets.fields_form import FieldsForm
from screens.widgets.text import plain

if TYPE_CHECKING:
    from kingshurst_tui.casework.decisions import Form
    from kingshurst_tui.casework.drafts import Kept
    from kingshurst_tui.errors import Changed
    from kingshurst_tui.session import Session

SAVED_EVERY = 1.5
"""Seconds after which what was typed is kept, however fast somebody types on."""

WORDS = frozenset(TITLES) - {"lead_agency", "review_on"}
"""Fields in which two people's words can stand one after the other."""

PANEL = Reason(ReasonCode.PANEL)

GOING_ON = "With a written reason a second person may agree to go on, at their own terminal; supervisors see it."
URGENT = "You sign for your agency. It is in force when somebody of another agency agrees; the next panel ratifies it."


class DecisionScreen(KingshurstScreen[bool]):
    """The form of one decision; answers whether it was signed."""

    HELP = """No agency is proposed and nothing is filled in for you. What you type is kept as a draft every moment:
a lock, a time-out or a power cut loses nothing. What the panel did not come to is marked “Not discussed”; ctrl+n marks
everything that is still empty at once. In a panel, f7 shows similar cases once the first five answers are written.
f6 signs for one of two agencies that decide between panels; it is in force when somebody of another agency agrees.
Options and supporting agencies: one a line, parts parted by |, such as: Joint visit | trusted | takes two weeks.
f8 asks where each agency stands in one box, a line each, and writes those lines.
ctrl+s checks the form and asks before it signs with your own key. A signed decision is never edited:
a later one supersedes it. Esc goes back; the draft stays."""
    CSS_PATH = "styles/decision.tcss"
    BINDING_GROUP_TITLE = "Decision"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("ctrl+s", "sign", "Check and sign", id="decision-sign", tooltip="Check the form, then sign it."),
        bind("ctrl+n", "skip", "Mark rest", id="decision-skip", tooltip="Mark what is empty as not discussed."),
        bind("f6", "urgent", "Urgent", id="decision-urgent", tooltip="Sign as urgent, between panels.", show=False),
        bind("f7", "similar", "Similar", id="decision-similar", tooltip="Earlier cases like this one.", show=False),
        bind(
            "f8",
            "stances",
            "Stances",
            id="decision-stances",
            tooltip="Where each agency stands, in one box.",
            show=False,
        ),
        bind("ctrl+d", "discard", "Discard draft", id="decision-discard", tooltip="Forget the draft, after asking."),
    ]

    def __init__(self, pseudonym: str, panel_case: int | None = None) -> None:
        """Write a decision.

        Args:
            pseudonym: about whom.
            panel_case: the case of the panel that decides; None outside a panel.
        """
        super().__init__()
        self.pseudonym = pseudonym
        self.panel_case = panel_case
        self._form: Form | None = None
        self._version = 0
        self._kept: dict[str, str] = {}
        self._stored: dict[str, str] = {}
        self._begun: tuple[Kept, ...] = ()
        self._others: tuple[Kept, ...] = ()

    def body(self) -> ComposeResult:
        """Draw whom it is about; the form comes when the store has answered."""
        yield Static("", id="about")
        yield VerticalScroll(id="form", can_focus=False)
        yield EmptyState("", id="refused")
        yield Static("", id="kept", classes="-muted")

    def on_mount(self) -> None:
        """Keep what is typed, every moment."""
        self.query_one("#refused").display = False
        self.set_interval(SAVED_EVERY, self.keep_draft)

    def reload(self) -> None:
        """Open the form with the user's own draft; never over what is being typed."""
        if self._form is None:
            self.run_work(
                partial(decisions.open_form, reason=PANEL, panel_case=self.panel_case),
                self.session,
                self.pseudonym,
                then=self.show_form,
                failed=self.refused,
                doing="Opening the form",
            )

    def holds(self, key: str) -> bool:
        """Hold what is typed until the form is there to take it."""
        return super().holds(key) or not (self._form is not None or self.query_one("#refused").display)

    def refused(self, error: Exception) -> None:
        """Say why there is no form."""
        if not isinstance(error, KingshurstError):
            raise error
        nothing = self.query_one("#refused", EmptyState)
        nothing.display = True
        nothing.say(f"{error.title} {error.detail}".strip(), f"{error.hint} Esc goes back.".strip())

    async def show_form(self, form: Form) -> None:
        """Draw the questions, with what the user had written."""
        self.query_one("#about", Static).update(plain("\n".join(about_form(form))))
        values = to_answers(form.fields, form.not_discussed)
        self._kept = self._stored = {field.id: values.get(field.id, "") for field in questions(form)}
        box = self.query_one("#form", VerticalScroll)
        await box.remove_children()
        await box.mount(FieldsForm(questions(form), values))
        self._form, self._version = form, form.version
        self._begun, self._others = drafts.parted(form.drafts)
        self._say_elsewhere()
        box.query_one("#field-lead_agency").focus()

    # --- the draft ---------------------------------------------------------------------------------------

    def answers(self) -> dict[str, str]:
        """Return what the form holds now; nothing before it is drawn."""
        form = self.query_one_optional(FieldsForm)
        return form.values() if form is not None and form.is_drawn and self._form is not None else {}

    @on(FieldsForm.Changed)
    def changed(self) -> None:
        """Keep the draft when the fingers rest."""
        self.keep_draft()

    def keep_draft(self) -> None:
        """Keep what was typed, if anything changed since it was last kept."""
        answers = self.answers()
        if not answers or answers == self._kept or self.kingshurst.session is None:
            return
        self._kept = answers
        self.run_work(
            _save_draft,
            self.session,
            self._profile_id,
            answers,
            self._version,
            self._begun,
            then=lambda others: self._say_kept(answers, others),
            failed=self._not_kept,
            group="draft",
        )

    @property
    def _profile_id(self) -> int:
        return self._form.profile_id if self._form else 0

    def _not_kept(self, error: Exception) -> None:
        """Go on with the words in the form, and try again with the next beat of the timer."""
        if not isinstance(error, StoreUnavailable):
            self.kingshurst.failing.show(error)
            return
        self._kept = self._stored
        words = f"! Not kept yet: {error.title} What you type stays here and is tried again every moment. {error.hint}"
        self.query_one("#kept", Static).update(plain(words))

    def _say_kept(self, answers: dict[str, str], others: tuple[Kept, ...]) -> None:
        self._stored, self._others = answers, others
        self.query_one("#kept", Static).update(plain("Draft kept."))
        self._say_elsewhere()

    def _say_elsewhere(self) -> None:
        if self._others:
            self.query_one("#kept", Static).update(plain(ELSEWHERE))

    def draft(self) -> Callable[[Session], None] | None:
        """Keep what was typed before the store closes."""
        answers = self.answers()
        if not answers or self._form is None:
            return None
        if not any(answers.values()) and not any(self._kept.values()):
            return None
        profile_id, version, begun = self._profile_id, self._version, self._begun

        def keep(session: Session) -> None:
            _save_draft(session, profile_id, answers, version, begun)

        return keep

    def unsaved(self) -> str:
        """Say that the decision is not signed."""
        return "A decision is not signed yet. Its draft is kept." if any(self.answers().values()) else ""

    def action_back(self) -> None:
        """Go back; the draft is kept first."""
        self._go_back()

    @work(exclusive=True, group="sign", exit_on_error=False)
    async def _go_back(self) -> None:
        # Closing the form gives up whatever still waits to be kept.
        answers = self.answers()
        refused: KingshurstError | None = None
        if answers and answers != self._stored:
            try:
                await self.ask(_save_draft, self.session, self._profile_id, answers, self._version, self._begun)
            except StoreUnavailable as error:
                said = f"{error.title} What you typed is lost if you go back now. {error.hint}"
                if not await self.app.push_screen_wait(Confirm("Leave without the draft?", said, "Leave", "Stay")):
                    return
            except KingshurstError as error:
                refused = error
        self.dismiss(False)
        if refused is not None:
            self.kingshurst.failing.show(refused)

    def about(self) -> str:
        """Return whom the decision is about."""
        return f"{type(self).__name__} {self.pseudonym}"

    def reopen(self) -> Callable[[], DecisionScreen]:
        """Build the same form again, from its draft."""
        pseudonym, panel_case = self.pseudonym, self.panel_case
        return lambda: DecisionScreen(pseudonym, panel_case)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer similar cases in a panel, and urgency outside of one."""
        if action in ("similar", "urgent"):
            return (self.panel_case is None) == (action == "urgent")
        return True

    def action_skip(self) -> None:
        """Mark everything that is still empty, and may be, as not discussed."""
        form = self.query_one_optional(FieldsForm)
        if form is not None and form.is_drawn:
            self.notify(f"{some(form.skip_what_is_empty(), 'field')} marked as not discussed.", markup=False)

    @work(exclusive=True, group="sign", exit_on_error=False)
    async def action_similar(self) -> None:
        """Show earlier cases like this one; the room says whether the panel has spoken."""
        from screens.similar import SimilarScreen

        answers = self.answers()
        if self.panel_case is None or not answers:
            return
        if answers != self._stored:
            await self.ask(_save_draft, self.session, self._profile_id, answers, self._version, self._begun)
        self.app.push_screen(SimilarScreen(self.panel_case))

    @work(exclusive=True, group="sign", exit_on_error=False)
    async def action_stances(self) -> None:
        """Ask where each agency stands, all in one box."""
        form = self.query_one_optional(FieldsForm)
        if form is not None and form.is_drawn and self._form is not None:
            await ask_stances(self, form, self._form.agencies)

    @work(exclusive=True, group="sign", exit_on_error=False)
    async def action_discard(self) -> None:
        """Forget the draft, after asking."""
        sure = await self.app.push_screen_wait(Confirm("Forget this draft?", "What was typed is gone for good."))
        if sure and self._form is not None:
            await self.ask(decisions.discard_draft, self.session, self._profile_id, self._begun)
            self._form = None
            self.reload()

    # --- signing -----------------------------------------------------------------------------------------

    def action_sign(self) -> None:
        """Check the form, ask, and sign."""
        self._sign(urgent=False)

    def action_urgent(self) -> None:
        """Check the form, ask why it cannot wait, and sign for the first of two agencies."""
        self._sign(urgent=True)

    @work(exclusive=True, group="sign", exit_on_error=False)
    async def _sign(self, *, urgent: bool) -> None:
        form = self.query_one_optional(FieldsForm)
        if form is None or self._form is None or await self._choose_draft(form) or not form.check():
            return
        answers = form.values()
        leads = dict(self._form.agencies).get(answers["lead_agency"], answers["lead_agency"])
        supersedes = " It supersedes the earlier decision, which stays as it was." if self._form.current else ""
        sure = await self.app.push_screen_wait(
            Confirm(
                "Sign this decision with your key?",
                f"{leads} leads; reviewed on {said_day(answers['review_on'])}.{supersedes}\n"
                "A signed decision is never edited.",
                yes="Sign",
                no="Not yet",
            )
        )
        if not sure:
            return
        fields, not_discussed = from_answers(answers)
        send: Callable[..., object] = partial(decisions.sign, panel_case=self.panel_case)
        if urgent:
            why = await self.app.push_screen_wait(AskWords("Why can it not wait for the next panel?", URGENT))
            if why is None:
                return
            send = partial(urgent_decisions.decide, why_urgent=why)
        try:
            await self.ask(
                send,
                self.session,
                self.pseudonym,
                fields,
                not_discussed,
                version=self._version,
                reason=PANEL,
                begun=self._begun,
            )
        except Stopped as stopped:
            await self._ask_to_go_on(stopped)
        except InputRejected as rejected:
            self._show_problems(form, rejected)
        except StaleRecord as stale:
            await self._settle_conflict(form, stale)
        else:
            self._kept = form.values()
            self.notify("Signed.", markup=False)
            self.dismiss(True)

    async def _ask_to_go_on(self, stopped: Stopped) -> None:
        """Say what stops the decision, and let somebody ask to go on; the draft stays."""
        why = await self.app.push_screen_wait(AskWords("Why go on all the same?", f"{stopped.title} {GOING_ON}"))
        if why is None:
            return
        for stop in stopped.stops:
            await self.ask(
                going_on.ask,
                self.session,
                self.pseudonym,
                stop.code,
                why,
                panel_case=self.panel_case,
                reason=PANEL,
            )
        self.notify("Asked. Once a second person has agreed, sign again; the draft is kept.", markup=False)

    def _show_problems(self, form: FieldsForm, rejected: InputRejected) -> None:
        by_title = {title: name for name, title in TITLES.items()}
        found: dict[str, str] = {}
        for problem in rejected.problems:
            title, _, said = problem.rpartition(": ")
            name = next((name for known, name in by_title.items() if title.startswith(known)), "lead_agency")
            found[name] = f"{said[:1].upper()}{said[1:]}."
        form.check(found)

    async def _settle_conflict(self, form: FieldsForm, stale: StaleRecord) -> None:
        """Show what changed, field by field; the user's words stay until they choose otherwise."""
        chosen = await self.app.push_screen_wait(Conflict(said_of(stale), stale.fields, both=WORDS))
        if chosen is None:
            return
        fresh = await self.ask(decisions.open_form, self.session, self.pseudonym, PANEL)
        self._form, self._version = fresh, fresh.version
        await self._write(form, stale.fields, chosen)
        self.query_one("#about", Static).update(plain("\n".join(about_form(fresh))))
        self.notify("Look through it and sign again.", markup=False)

    async def _choose_draft(self, form: FieldsForm) -> bool:
        """Where the same user writes something else at another terminal, let them choose; say whether they had to."""
        if not self._others or self._form is None:
            return False
        there = self._others[0].written
        theirs = to_answers(there.get("fields", {}), there.get("not_discussed", ()))
        fields = differing(TITLES, mine=form.values(), theirs=theirs)
        chosen = await self.app.push_screen_wait(
            Conflict(
                "You write this decision at two terminals. Both drafts are kept until you choose.",
                fields,
                heading="Two drafts of yours",
                both=WORDS,
                theirs="There",
            )
        )
        if chosen is not None:
            self._begun, self._others = (*self._begun, *self._others), ()
            await self._write(form, fields, chosen)
            self.keep_draft()
        return True

    async def _write(self, form: FieldsForm, fields: Sequence[Changed], chosen: Mapping[str, str]) -> None:
        """Put into the form what was chosen; what was typed elsewhere in it stays."""
        answers = form.values() | merged(fields, chosen)
        box = self.query_one("#form", VerticalScroll)
        await box.remove_children()
        if self._form is not None:
            await box.mount(FieldsForm(questions(self._form), answers))


def _save_draft(
    session: Session, profile_id: int, answers: dict[str, str], version: int, begun: Sequence[Kept]
) -> tuple[Kept, ...]:
    fields, not_discussed = from_answers(answers)
    return decisions.save_draft(session, profile_id, fields, not_discussed, version, begun)
