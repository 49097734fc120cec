"""A decision being written: nothing prefilled, kept as typed, signed on confirming, never edited afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import decisions, drafts
from kingshurst_tui.casework.decision_changed import said_fields
from kingshurst_tui.casework.decision_form import (
    ASKED,
    DISCUSSED,
    LISTS,
    LONGEST,
    TITLES,
    WHERE_POLICE_LEAD_ON_HEALTH,
    WHERE_SUPERSEDING,
)
from kingshurst_tui.dates import say_date
from kingshurst_tui.errors import InputRejected, KingshurstError, StaleRecord, StoreUnavailable, differing
from kingshurst_tui.vocabulary import ReasonCode
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.confirm import Confirm
from screens.conflict import Conflict, merged, said_of
from screens.drafting import ELSEWHERE
from screens.profile_words import said_day
from screens.widgets.empty_state import EmptyState
from screens.widgets.fields_form import NOT_DISCUSSED, Field, FieldsForm, Kind
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


class DecisionScreen(KingshurstScreen[bool]):
    """The form of one decision; answers whether it was signed."""

    HELP = """No agency is proposed and nothing is filled in for you. What you type is kept as a draft every moment:
a lock, a time-out or a power cut loses nothing. What the panel did not come to is marked “Not discussed”.
Options and supporting agencies: one a line, parts parted by |, such as: Joint visit | trusted | takes two weeks.
ctrl+s checks the form and asks before it signs with your own key. A signed decision is never edited:
a later one supersedes it. Esc goes back; the draft stays."""
    CSS_PATH = "styles/decision.tcss"
    BINDING_GROUP_TITLE = "Decision"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("ctrl+s", "sign", "Check and sign", id="decision-sign", tooltip="Check the form, then sign it."),
        bind("ctrl+d", "discard", "Discard draft", id="decision-discard", tooltip="Forget the draft, after asking."),
    ]

    def __init__(self, pseudonym: str) -> None:
        super().__init__()
        self.pseudonym = pseudonym
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
                partial(decisions.open_form, reason=PANEL),
                self.session,
                self.pseudonym,
                then=self.show_form,
                failed=self.refused,
                doing="Opening the form",
            )

    def refused(self, error: Exception) -> None:
        """Say why there is no form."""
        if not isinstance(error, KingshurstError):
            raise error
        nothing = self.query_one("#refused", EmptyState)
        nothing.display = True
        nothing.say(f"{error.title} {error.detail}".strip(), f"{error.hint} Esc goes back.".strip())

    async def show_form(self, form: Form) -> None:
        """Draw the questions, with what the user had written."""
        self.query_one("#about", Static).update(plain("\n".join(_about(form))))
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
            self.kingshurst.show_error(error)
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
            self.kingshurst.show_error(refused)

    def about(self) -> str:
        """Return whom the decision is about."""
        return f"{type(self).__name__} {self.pseudonym}"

    def reopen(self) -> Callable[[], DecisionScreen]:
        """Build the same form again, from its draft."""
        pseudonym = self.pseudonym
        return lambda: DecisionScreen(pseudonym)

    @work(exclusive=True, group="sign", exit_on_error=False)
    async def action_discard(self) -> None:
        """Forget the draft, after asking."""
        sure = await self.app.push_screen_wait(Confirm("Forget this draft?", "What was typed is gone for good."))
        if sure and self._form is not None:
            await self.ask(decisions.discard_draft, self.session, self._profile_id, self._begun)
            self._form = None
            self.reload()

    # --- signing -----------------------------------------------------------------------------------------

    @work(exclusive=True, group="sign", exit_on_error=False)
    async def action_sign(self) -> None:
        """Check the form, ask, and sign."""
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
        try:
            await self.ask(
                decisions.sign,
                self.session,
                self.pseudonym,
                fields,
                not_discussed,
                version=self._version,
                reason=PANEL,
                begun=self._begun,
            )
        except InputRejected as rejected:
            self._show_problems(form, rejected)
        except StaleRecord as stale:
            await self._settle_conflict(form, stale)
        else:
            self._kept = form.values()
            self.notify("Signed.", markup=False)
            self.dismiss(True)

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
        self.query_one("#about", Static).update(plain("\n".join(_about(fresh))))
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


def questions(form: Form) -> tuple[Field, ...]:
    """Return what is asked: what every decision says first, then what may be marked as not discussed."""
    first = f"First contact on record: {', '.join(form.first_contacted) or 'none'}"
    first += f" on {say_date(form.first_contacted_on)}" if form.first_contacted_on else ""
    first += ", as far as your agency may see." if form.first_unknown else "."
    first = " ".join((first, *form.first_unknown))
    agencies = tuple((code, f"{name} ({code})") for code, name in form.agencies)
    # Whether an answer is needed is the form's rule (decision_form); here is only how each is asked for.
    asked = (
        Field("lead_agency", ASKED["lead_agency"], Kind.CHOICE, required=True, options=agencies),
        Field("why", ASKED["why"], Kind.WORDS, required=True, longest=LONGEST),
        Field(
            "why_not_first_contacted",
            ASKED["why_not_first_contacted"],
            Kind.WORDS,
            required=True,
            hint=first,
            longest=LONGEST,
        ),
        Field("review_on", ASKED["review_on"], Kind.DAY, required=True),
        Field("review_trigger", ASKED["review_trigger"], Kind.WORDS, required=True, longest=LONGEST),
    )
    superseding: tuple[Field, ...] = ()
    if form.supersedes:
        signed = f"{form.supersedes} signed it; they and the coordinator are told."
        superseding = tuple(
            Field(name, title, Kind.WORDS, required=True, hint=signed, longest=LONGEST)
            for name, title in WHERE_SUPERSEDING.items()
        )
    health: tuple[Field, ...] = ()
    if form.police_lead_stopped:
        health = tuple(
            Field(name, title, Kind.WORDS, hint="Needed if police lead.", longest=LONGEST)
            for name, title in WHERE_POLICE_LEAD_ON_HEALTH.items()
        )
    hints = {name: f"One a line: {' | '.join(parts)}" for name, parts in LISTS.items()}
    discussed = tuple(
        Field(name, title, Kind.WORDS, hint=hints.get(name, ""), may_be_skipped=True, longest=LONGEST)
        for name, title in DISCUSSED.items()
    )
    return asked + superseding + health + discussed


def to_answers(fields: Mapping[str, Any], not_discussed: tuple[str, ...] | list[str]) -> dict[str, str]:
    """Return the fields of a decision as the form holds them."""
    return said_fields(fields, not_discussed)


def from_answers(answers: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Return the form's answers as the fields of a decision, and those marked as not discussed."""
    fields: dict[str, Any] = {}
    not_discussed = []
    for name, answer in answers.items():
        if answer == NOT_DISCUSSED and name in DISCUSSED:
            not_discussed.append(name)
        elif name in LISTS:
            if entries := [_entry(line, LISTS[name]) for line in answer.splitlines() if line.strip()]:
                fields[name] = entries
        elif answer:
            fields[name] = answer
    return fields, not_discussed


def _entry(line: str, parts: tuple[str, ...]) -> dict[str, str]:
    said = [part.strip() for part in line.split("|", len(parts) - 1)]
    said += [""] * (len(parts) - len(said))
    entry = dict(zip(parts, said, strict=True))
    if "agency" in entry:
        entry["agency"] = entry["agency"].upper()
    return entry


def _about(form: Form) -> list[str]:
    lines = [f"Who should lead for {form.pseudonym}? Nothing is chosen for you."]
    if form.stale:
        lines.append("! The profile has changed since this draft was begun: look at it before you sign.")
    if form.police_lead_stopped:
        lines.append("! All contacts are about mental health: police lead only with a health member present, and why.")
    if form.current:
        signed = f"{said_day(form.current.signed_at)} by {form.current.signed_by}"
        state = " It was reopened." if form.current.status == "reopened" else ""
        lines.append(f"Signing supersedes the decision of {signed} ({form.current.lead_agency} leads).{state}")
    return lines
