"""A form in a box: it stays open until its room has taken it, so that nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static

from kingshurst_tui.errors import Changed, InputRejected, StaleRecord, StoreUnavailable, differing
from screens.bindings import bind
from screens.confirm import Confirm
from screens.conflict import THEIRS, Conflict, merged, said_of
from screens.dialog import Dialog
from screens.drafting import ELSEWHERE, Begun, Draft, answers_of
from screens.widgets.fields_form import Field, FieldsForm, Kind
from screens.widgets.key_button import KeyButton
from screens.widgets.text import plain

if TYPE_CHECKING:
    from kingshurst_tui.session import Session


RETRIED_AFTER = 1.5
"""Seconds after which a draft that could not be kept is tried again."""


class FormDialog(Dialog[Any]):
    """Answers with what ``send`` returned for the answers given, or with nothing.

    What the room finds wrong is shown in the box, beside the field where it names one.
    """

    BINDING_GROUP_TITLE = "Forms"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("ctrl+s", "keep", "Keep", id="form-keep", tooltip="Check the form and keep it.", priority=True),
    ]

    def __init__(
        self,
        heading: str,
        fields: Sequence[Field],
        send: Callable[[dict[str, str]], Any],
        *,
        words: str = "",
        values: Mapping[str, str] | None = None,
        draft: Draft | None = None,
        begun: Begun | None = None,
    ) -> None:
        """Ask.

        Args:
            heading: what the form is.
            fields: the questions.
            send: takes the answers to their room; runs on the store's thread.
            words: a sentence above the form.
            values: answers to begin with, where the form changes something that is there.
            draft: where what is typed is kept, so that a lock or a kill loses nothing.
            begun: what the form was begun from, where it changes something that others may change as well.
        """
        super().__init__(heading)
        self._fields = tuple(fields)
        self._send = send
        self._words = words
        self._values = values
        self._draft = draft
        self._over = begun
        self._begun: dict[str, str] = {}
        self._is_waiting = False

    def body(self) -> ComposeResult:
        """Draw the form."""
        if self._words:
            yield Static(plain(self._words), classes="dialog-words -muted")
        if self.given_back or (self._draft is not None and self._draft.answers):
            yield Static(plain("What you had typed before is here again; Esc forgets it."), classes="label")
        kept = self._draft.answers if self._draft else self.given_back
        yield FieldsForm(self._fields, {**(self._values or {}), **kept})
        yield Static("", id="form-refused", classes="problem")
        with Horizontal(classes="dialog-keys"):
            yield KeyButton("ctrl+s", "Keep")
            yield KeyButton("escape", "Leave everything as it is")

    def on_mount(self) -> None:
        """Say the keys where no length of the form hides them, and begin at the top."""
        kept = {field.id: value for field in self._fields if (value := (self._values or {}).get(field.id))}
        self._begun = dict.fromkeys((field.id for field in self._fields), "") | kept
        box = self.query_one(".dialog-box", VerticalScroll)
        box.border_subtitle = "ctrl+s Keep · Esc Leave it"
        self.call_after_refresh(box.scroll_home, animate=False)

    @on(FieldsForm.Changed)
    def changed(self, event: FieldsForm.Changed) -> None:
        """Keep what was typed when the fingers rest."""
        if self._draft is not None and self.kingshurst.session is not None:
            self._keep_draft()

    def _keep_draft(self) -> None:
        form = self.query_one_optional(FieldsForm)
        if self._draft is None or form is None or self.kingshurst.session is None:
            return
        self.run_work(
            self._draft.keep,
            self.session,
            form.values(),
            then=lambda _: self._kept_now(),
            failed=self._not_kept,
            group="draft",
        )

    def _not_kept(self, error: Exception) -> None:
        """Go on with the words in the form, and try again in a moment."""
        if not isinstance(error, StoreUnavailable):
            self.kingshurst.failing.show(error)
            return
        self._say(f"! Not kept as a draft yet: {error.title} It is tried again every moment. {error.hint}")
        self._is_waiting = True
        self.set_timer(RETRIED_AFTER, self._keep_draft)

    def _kept_now(self) -> None:
        if self._draft is not None and self._draft.others:
            self._say(ELSEWHERE)
        elif self._is_waiting:
            self._say("")

    def _say(self, words: str) -> None:
        self._is_waiting = False
        self.query_one("#form-refused", Static).update(plain(words))

    async def _forget(self) -> None:
        """Forget the draft; one that cannot be forgotten now does not keep the form open."""
        if self._draft is not None:
            try:
                await self.ask(self._draft.forget, self.session)
            except StoreUnavailable as error:
                self.notify(f"The draft is still kept: {error.title}", markup=False, severity="warning")

    def action_cancel(self) -> None:
        """Give the form up and what was typed with it, after asking where anything was."""
        self._give_up()

    @work(exclusive=True, group="form", exit_on_error=False)
    async def _give_up(self) -> None:
        form = self.query_one_optional(FieldsForm)
        if form is not None and form.is_drawn and form.values() != self._begun:
            sure = await self.app.push_screen_wait(
                Confirm("Leave this form?", "What you typed here is forgotten.", yes="Forget it", no="Go on writing")
            )
            if not sure:
                return
        await self._forget()
        self.dismiss(None)

    def draft(self) -> Callable[[Session], None] | None:
        """Keep what was typed before the store closes."""
        draft, form = self._draft, self.query_one_optional(FieldsForm)
        if draft is None or form is None:
            return None
        answers = form.values()
        return lambda session: draft.keep(session, answers)

    def typed(self) -> Mapping[str, str]:
        """Return the answers of a form without a draft, once any differs from what it began with."""
        form = self.query_one_optional(FieldsForm)
        if self._draft is not None or form is None or not form.is_drawn:
            return {}
        answers = form.values()
        return answers if answers != self._begun else {}

    @work(exclusive=True, group="form", exit_on_error=False)
    async def action_keep(self) -> None:
        """Send the answers where nothing is wrong; say what is wrong where something is."""
        form = self.query_one(FieldsForm)
        refused = self.query_one("#form-refused", Static)
        refused.update("")
        if await self._choose_draft(form):
            return
        if not form.check():
            return
        try:
            answer = await self.ask(self._send, form.values())
        except StaleRecord as stale:
            await self._settle(form, stale)
            return
        except InputRejected as rejected:
            names = {field.id for field in self._fields}
            pairs = [problem.partition(": ") for problem in rejected.problems]
            found = {name: words.capitalize() for name, _, words in pairs if name in names}
            form.check(found)
            rest = [f"{name}: {words}" if words else name for name, _, words in pairs if name not in names]
            refused.update(plain("\n".join([f"! {rejected.title} {rejected.hint}", *rest])))
            first = next((field.id for field in self._fields if field.id in found), None)
            if first is not None:
                # Twice, because the first drawing is what makes room for the words.
                line = form.query_one(f"#problem-{first}", Static)
                self.call_after_refresh(self.call_after_refresh, line.scroll_visible, animate=False)
            return
        await self._forget()
        self.dismiss(True if answer is None else answer)

    async def _settle(self, form: FieldsForm, stale: StaleRecord) -> None:
        """Show what changed field by field; the words stay, until their writer takes others."""
        if self._over is None or stale.over is None:
            raise stale
        known = {field.id for field in self._fields}
        chosen = await self.app.push_screen_wait(
            Conflict(said_of(stale), stale.fields, both=[each.id for each in self._fields if each.kind is Kind.WORDS])
        )
        if chosen is None:
            return
        if chosen and all(word == THEIRS for word in chosen.values()):
            await self._forget()
            self.dismiss(None)
            return
        self._over.over = stale.over
        await self._write(form, {name: words for name, words in merged(stale.fields, chosen).items() if name in known})
        self._say("Look through it; ctrl+s then keeps it over what is there now, and Esc leaves theirs.")

    async def _choose_draft(self, form: FieldsForm) -> bool:
        """Where the same user says something else at another terminal, let them choose; say whether they had to."""
        if self._draft is None or not self._draft.others:
            return False
        fields = drafts_differ(self._fields, form.values(), answers_of(self._draft.others[0]))
        chosen = await self.app.push_screen_wait(
            Conflict(
                "You write this at two terminals. Both are kept until you choose.",
                fields,
                heading="Two drafts of yours",
                both=[each.id for each in self._fields if each.kind is Kind.WORDS],
                theirs="There",
            )
        )
        if chosen is not None:
            self._draft.settle()
            await self._write(form, merged(fields, chosen))
            await self.ask(self._draft.keep, self.session, self.query_one(FieldsForm).values())
            self._say("")
        return True

    async def _write(self, form: FieldsForm, changed: Mapping[str, str]) -> None:
        if changed:
            fresh = FieldsForm(self._fields, {**form.values(), **changed})
            await self.query_one(".dialog-box", VerticalScroll).mount(fresh, after=form)
            await form.remove()


def drafts_differ(fields: Sequence[Field], mine: Mapping[str, str], theirs: Mapping[str, str]) -> tuple[Changed, ...]:
    """Return the fields in which two drafts of one form differ."""
    return differing({each.id: each.label for each in fields}, mine=mine, theirs=theirs)
