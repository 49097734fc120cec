"""Why a record is opened: one key for the usual reasons, words for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input, Static

from kingshurst_tui.acts import Reason
from kingshurst_tui.vocabulary import ReasonCode
from screens.ask_words import WORDS
from screens.bindings import bind
from screens.dialog import Dialog
from screens.widgets.key_button import KeyButton
from screens.widgets.text import plain

USUAL: Final = (
    ("a", ReasonCode.APPROACH, "I am about to approach this person"),
    ("s", ReasonCode.SAFEGUARDING, "A safeguarding concern"),
    ("p", ReasonCode.PANEL, "Preparing or following up a panel"),
    ("k", ReasonCode.CASELOAD, "My own casework"),
    ("r", ReasonCode.RIGHTS, "The person asked about their data"),
)
"""The usual reasons and their keys."""


class ReasonPrompt(Dialog[Reason | None]):
    """Answers with a reason, or nothing when the person thought better of it."""

    # The line for words would take the focus even while it is closed, and with it the keys of the usual reasons.
    AUTO_FOCUS = ""
    BINDING_GROUP_TITLE = "Reason"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            bind(key, f"usual({code.value!r})", words, id=f"reason-{code.value}", tooltip=f"{words}.", show=False)
            for key, code, words in USUAL
        ),
        bind("w", "words", "Other", id="reason-words", tooltip="Say the reason in words.", show=False),
    ]

    def __init__(self, heading: str = "Why do you open this?", *, without: frozenset[ReasonCode] = frozenset()) -> None:
        """Ask.

        Args:
            heading: the question.
            without: usual reasons that are no reasons here.
        """
        super().__init__(heading)
        self._without = without

    def body(self) -> ComposeResult:
        """Draw the usual reasons, and a line for words that opens when asked for."""
        words = "The answer goes into the audit trail; words are sealed there."
        yield Static(plain(words), classes="dialog-words -muted")
        for key, code, words_of in USUAL:
            if code not in self._without:
                yield KeyButton(key, words_of)
        yield KeyButton("w", "Another reason, in words")
        begun = self.given_back.get(WORDS, "")
        line = Input(begun, placeholder="The reason, then Enter", id="reason-words", max_length=400, compact=True)
        problem = Static("", id="reason-problem", classes="problem")
        line.display, problem.display = bool(begun), False
        yield line
        yield problem
        yield KeyButton("escape", "Do not open it")

    def on_mount(self) -> None:
        """Go on in the line where words were begun."""
        if self.given_back:
            self.action_words()

    def typed(self) -> Mapping[str, str]:
        """Return the reason begun in words."""
        line = self.query_one_optional(Input)
        return {WORDS: line.value} if line is not None and line.value else {}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Take no key of a reason that is none here."""
        if action == "usual" and parameters:
            return ReasonCode(str(parameters[0])) not in self._without
        return super().check_action(action, parameters)

    def action_usual(self, code: str) -> None:
        """Answer with a usual reason."""
        self._answer(ReasonCode(code), "")

    def action_words(self) -> None:
        """Open the line for words."""
        line = self.query_one(Input)
        line.display = True
        line.focus()

    @on(Input.Submitted)
    def say(self, event: Input.Submitted) -> None:
        """Answer with what was typed."""
        event.stop()
        words = event.value.strip()
        if len(words) < 3:
            problem = self.query_one("#reason-problem", Static)
            problem.update(plain("Say it in a few words, or press Esc."))
            problem.display = True
            return
        self._answer(ReasonCode.OTHER, words)

    def _answer(self, code: ReasonCode, words: str) -> None:
        self.dismiss(Reason(code, words))
