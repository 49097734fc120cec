"""A form in a box: it stays open until its room has taken it, so that nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from kingshurst_tui.errors import InputRejected
from screens.bindings import bind
from screens.dialog import Dialog
from screens.widgets.fields_form import Field, FieldsForm
from screens.widgets.key_button import KeyButton
from screens.widgets.text import plain


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
    ) -> None:
        """Ask.

        Args:
            heading: what the form is.
            fields: the questions.
            send: takes the answers to their room; runs on the store's thread.
            words: a sentence above the form.
            values: answers to begin with, where the form changes something that is there.
        """
        super().__init__(heading)
        self._fields = tuple(fields)
        self._send = send
        self._words = words
        self._values = values

    def body(self) -> ComposeResult:
        """Draw the form."""
        if self._words:
            yield Static(plain(self._words), classes="dialog-words -muted")
        yield FieldsForm(self._fields, self._values)
        yield Static("", id="form-refused", classes="problem")
        with Horizontal(classes="dialog-keys"):
            yield KeyButton("ctrl+s", "Keep")
            yield KeyButton("escape", "Leave everything as it is")

    @work(exclusive=True, group="form", exit_on_error=False)
    async def action_keep(self) -> None:
        """Send the answers where nothing is wrong; say what is wrong where something is."""
        form = self.query_one(FieldsForm)
        refused = self.query_one("#form-refused", Static)
        refused.update("")
        if not form.check():
            return
        try:
            answer = await self.ask(self._send, form.values())
        except InputRejected as rejected:
            names = {field.id for field in self._fields}
            pairs = [problem.partition(": ") for problem in rejected.problems]
            form.check({name: words.capitalize() for name, _, words in pairs if name in names})
            rest = [f"{name}: {words}" if words else name for name, _, words in pairs if name not in names]
            refused.update(plain("\n".join([f"! {rejected.title} {rejected.hint}", *rest])))
            return
        self.dismiss(True if answer is None else answer)
