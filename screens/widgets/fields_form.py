"""Forms as data: what is asked is a list of fields, drawn and checked in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Select, Static, TextArea
from textual.widgets._select import SelectOverlay

from kingshurst_tui.casework import decision_form
from kingshurst_tui.counting import some
from kingshurst_tui.dates import read_date, say_date
from screens.bindings import bind
from screens.widgets.text import cell, plain

if TYPE_CHECKING:
    from screens.app import KingshurstApp


NOT_DISCUSSED = decision_form.NOT_DISCUSSED
"""The answer to a field that the panel did not come to."""


class Kind(StrEnum):
    """How a field is asked for."""

    LINE = "line"
    WORDS = "words"
    CHOICE = "choice"
    DAY = "day"
    TICK = "tick"


@dataclass(frozen=True, slots=True)
class Field:
    """One question.

    Attributes:
        id: the name of its answer.
        label: the question.
        kind: how it is asked.
        required: whether the form is incomplete without it.
        hint: one sentence under the label.
        options: for a choice, pairs of stored value and words. None is chosen beforehand.
        may_be_skipped: whether it can be marked "not discussed".
        longest: most characters taken.
    """

    id: str
    label: str
    kind: Kind = Kind.LINE
    required: bool = False
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    may_be_skipped: bool = False
    longest: int = 4000


class TickBox(Checkbox):
    """A box that says by its sign, not by colour, whether it is ticked: [x] or [ ]."""

    @property
    def _button(self) -> Content:
        return Content("[x]" if self.value else "[ ]")


class ChoiceBox(Select[str]):
    """A choice whose keys are its own in the order they were pressed, however many are pressed at once.

    It takes the cursor back only from its own list, never from where its writer has gone meanwhile.
    """

    def __init__(self, options: Sequence[tuple[str, str]], given: str, *, id: str) -> None:  # noqa: A002
        """Offer pairs of stored value and words; one that is given and offered holds already."""
        self._values = [Select.NULL, *(value for value, _ in options)]
        # Rich text: what is typed to find a line is compared with that and with no other kind of text. What is given is
        # handed over, not set afterwards: mounting puts its own first value over what was set before.
        super().__init__(
            [(cell(words), value) for value, words in options],
            value=given if given in self._values else Select.NULL,
            prompt="Choose …",
            allow_blank=True,
            id=id,
            compact=True,
        )

    def on_key(self, event: Key) -> None:
        """Do at once what Textual does only after the key has gone up to the program, by the field that then has it."""
        overlay = self.query_one(SelectOverlay)
        act = {
            ("enter", False): self.action_show_overlay,
            ("down", False): self.action_show_overlay,
            ("enter", True): overlay.action_select,
            ("down", True): overlay.action_cursor_down,
            ("up", True): overlay.action_cursor_up,
        }.get((event.key, self.expanded))
        if act is not None:
            event.stop()
            act()

    def on_select_overlay_update_selection(self, event: Any) -> None:
        """Take the line chosen in place of what Textual does, which takes the cursor back whoever has it by now."""
        event.stop()
        event.prevent_default()
        self.value = self._values[event.option_index]
        if self.has_focus_within:
            self.focus()
        self.expanded = False


class FieldsForm(Vertical):
    """Draws fields one under another and keeps their answers.

    ``values()`` is what was typed (strings; a day as ISO text), fit for a draft; ``check()`` says what is wrong beside
    each field, puts the cursor on the first and returns whether all is well.
    """

    HELP = "Tab and Shift+Tab move between the fields. What is typed is kept as a draft."

    @dataclass
    class Changed(Message):
        """Something was typed, and the fingers rest."""

        form: FieldsForm
        values: dict[str, str]

        @property
        def control(self) -> FieldsForm:
            """The form."""
            return self.form

    BINDING_GROUP_TITLE = "Filling in"
    # Before whatever has the cursor: a key bubbles up from there only after the letters typed behind it have gone in.
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("tab", "app.focus_next", "Next", id="form-next", tooltip="The next field.", show=False, priority=True),
        bind(
            "shift+tab",
            "app.focus_previous",
            "Before",
            id="form-before",
            tooltip="The field before.",
            show=False,
            priority=True,
        ),
    ]

    def __init__(
        self,
        fields: Sequence[Field],
        values: Mapping[str, str] | None = None,
        *,
        id: str | None = None,  # noqa: A002  Textual's name
    ) -> None:
        super().__init__(id=id)
        self.fields = tuple(fields)
        self._given = dict(values or {})
        self._rest: Timer | None = None
        self._drawn = False

    def compose(self) -> ComposeResult:
        """Draw label, hint, field and the place for its problem."""
        yield Static("", id="form-summary", classes="problem")
        for field in self.fields:
            given = self._given.get(field.id, "")
            star = " (needed)" if field.required else ""
            if field.kind is not Kind.TICK:
                yield Static(plain(f"{field.label}{star}"), classes="field-label")
            if field.hint:
                yield Static(plain(field.hint), classes="field-hint -muted")
            yield self._entry(field, "" if given == NOT_DISCUSSED else given)
            if field.may_be_skipped:
                yield TickBox(
                    plain("Not discussed"), given == NOT_DISCUSSED, id=f"skip-{field.id}", compact=True, classes="skip"
                )
            yield Static("", id=f"problem-{field.id}", classes="problem field-problem")

    def _entry(self, field: Field, given: str) -> Widget:
        name = f"field-{field.id}"
        if field.kind is Kind.WORDS:
            return TextArea(given, id=name, tab_behavior="focus", soft_wrap=True, compact=True, classes="field-words")
        if field.kind is Kind.CHOICE:
            return ChoiceBox(field.options, given, id=name)
        if field.kind is Kind.TICK:
            return TickBox(plain(field.label), given == "yes", id=name, compact=True)
        placeholder = ""
        if field.kind is Kind.DAY:
            placeholder = "a date like 3 May 2026"
            day = read_date(given)
            given = say_date(day) if day else given
        return Input(given, placeholder=placeholder, id=name, max_length=field.longest, compact=True)

    def on_mount(self) -> None:
        """Keep the places for problems closed until there is one."""
        self._drawn = True
        for line in self.query(".problem"):
            line.display = False

    @property
    def is_drawn(self) -> bool:
        """Whether every field is there; not before the form is mounted, nor while it is being taken away."""
        return self._drawn and all(
            self.query_one_optional(f"#{part}-{field.id}") is not None
            for field in self.fields
            for part in (("field", "skip") if field.may_be_skipped else ("field",))
        )

    def values(self) -> dict[str, str]:
        """Return every answer as text; a day that can be read as ISO, otherwise as typed."""
        return {field.id: self._value(field) for field in self.fields}

    def _value(self, field: Field) -> str:
        if field.may_be_skipped and self.query_one(f"#skip-{field.id}", Checkbox).value:
            return NOT_DISCUSSED
        entry = self.query_one(f"#field-{field.id}")
        if isinstance(entry, TextArea):
            return entry.text.strip()[: field.longest]
        if isinstance(entry, Select):
            return "" if entry.value is Select.NULL else str(entry.value)
        if isinstance(entry, Checkbox):
            return "yes" if entry.value else ""
        typed = cast(Input, entry).value.strip()
        if field.kind is Kind.DAY and (day := read_date(typed)):
            return day.isoformat()
        return typed

    def day(self, field_id: str) -> date | None:
        """Return the answer to a field that asks for a day."""
        return read_date(self.values()[field_id])

    def skip_what_is_empty(self) -> int:
        """Mark everything that is empty and may be skipped as not discussed; return how many fields that were."""
        empty = [field for field in self.fields if field.may_be_skipped and not self._value(field)]
        for field in empty:
            self.query_one(f"#skip-{field.id}", Checkbox).value = True
        return len(empty)

    def problems(self) -> dict[str, str]:
        """Return what is wrong, by field."""
        found: dict[str, str] = {}
        for field in self.fields:
            value = self._value(field)
            if not value and field.required:
                found[field.id] = "This is needed."
            elif not value and field.may_be_skipped:
                found[field.id] = "Answer it, or mark it as not discussed."
            elif value not in ("", NOT_DISCUSSED) and field.kind is Kind.DAY and read_date(value) is None:
                found[field.id] = "This is no day. Write it as 3 May 2026 or 3/5/2026."
        return found

    def check(self, further: Mapping[str, str] | None = None) -> bool:
        """Show what is wrong beside each field, with what the caller found as well; return whether all is well."""
        found = {**self.problems(), **(further or {})}
        for field in self.fields:
            line = self.query_one(f"#problem-{field.id}", Static)
            line.display = field.id in found
            line.update(plain(f"! {found.get(field.id, '')}"))
        summary = self.query_one("#form-summary", Static)
        summary.display = bool(found)
        summary.update(plain(f"{some(len(found), 'thing')} to put right."))
        first = next((field for field in self.fields if field.id in found), None)
        if first is not None:
            self.query_one(f"#field-{first.id}").focus(scroll_visible=False)
            self.call_after_refresh(self._show_field, first.id)
        return not found

    def _show_field(self, field_id: str) -> None:
        # Only now: the lines that say what is wrong have moved everything below them.
        for each in (f"#problem-{field_id}", f"#field-{field_id}"):
            self.query_one(each).scroll_visible(animate=False)

    @on(Input.Changed)
    @on(TextArea.Changed)
    @on(Select.Changed)
    @on(Checkbox.Changed)
    def typed(self, event: Message) -> None:
        """Tell of changes once the fingers rest."""
        event.stop()
        if self._rest is not None:
            self._rest.stop()
        quiet = cast("KingshurstApp", self.app).debounce
        if quiet:
            self._rest = self.set_timer(quiet, self._tell)
        else:
            self._tell()

    def _tell(self) -> None:
        if self.is_mounted:
            self.post_message(self.Changed(self, self.values()))
