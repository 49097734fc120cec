"""The answers of every member without an account in one box: a line each, kept together under one signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from kingshurst_tui.acts import Reason
from kingshurst_tui.counting import some
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.panels import manifest
from kingshurst_tui.panels.manifest import ABSTAINS, AGREES, DISSENTS, Answer, ManifestShown
from kingshurst_tui.vocabulary import ReasonCode
from screens.ask_words import AskWords
from screens.bindings import bind
from screens.confirm import Confirm
from screens.dialog import Dialog
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.panels.manifest_shown import Unsigned
    from screens.base import KingshurstScreen

PANEL: Final = Reason(ReasonCode.PANEL)
LINES: Final = 10
"""Members shown at once; a longer list scrolls."""


class Answers(Dialog[list[Answer] | None]):
    """Answers with what each member said, those with nothing beside them left out; nobody's answer is filled in."""

    HELP = """One line for each member who was present and has no account. a agrees, d dissents, b abstains; each of
them goes on to the next line. Enter says with which decisions an agreeing member does not agree, x takes an answer
back. ctrl+s keeps all answers together; whoever has nothing beside them can be entered later."""
    BINDING_GROUP_TITLE = "Answers of several"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("a", f"say({AGREES!r})", "Agrees", id="answers-agrees", tooltip="The member at the cursor agrees."),
        bind(
            "d", f"say({DISSENTS!r})", "Dissents", id="answers-dissents", tooltip="The member at the cursor dissents."
        ),
        bind(
            "b", f"say({ABSTAINS!r})", "Abstains", id="answers-abstains", tooltip="The member at the cursor abstains."
        ),
        bind("x", "say('')", "Nothing", id="answers-none", tooltip="Take the answer at the cursor back."),
        bind("ctrl+s", "keep", "Keep", id="answers-keep", tooltip="Keep all answers together.", priority=True),
    ]

    def __init__(self, members: Sequence[Unsigned], decisions: Sequence[int], said: Sequence[Answer] = ()) -> None:
        """Ask for the answers of these members to these decisions; ``said`` is what was put down a moment ago."""
        super().__init__("What does each say of this panel's decisions?")
        self._members = tuple(members)
        self._decisions = tuple(decisions)
        self._said = {answer.member: answer for answer in said if answer.member is not None}

    def body(self) -> ComposeResult:
        """Draw a line for each member, and the keys."""
        for line, said in self.given_back.items():
            stance, _, excepted = said.partition(" ")
            self._said[int(line)] = Answer(int(line), stance, tuple(map(int, excepted.split())))
        table = VirtualTable(Column("Member", 26, wants=34), Column("Says", 20, grows=True), id="answers")
        table.styles.height = min(len(self._members), LINES) + 1
        yield table
        yield Static(plain("a agrees · d dissents · b abstains · x takes it back · Enter: not with single decisions"))
        yield Static("", id="answers-wrong", classes="problem")

    def on_mount(self) -> None:
        """Show nobody's answer, and say the keys where no length of the list hides them."""
        self.query_one(".dialog-box", VerticalScroll).border_subtitle = "ctrl+s Keep them together · Esc Leave it"
        self.query_one("#answers-wrong").display = False
        self._draw(0)
        self.query_one(VirtualTable).focus()

    def _draw(self, at: int) -> None:
        rows = [Row(each.member, (f"{each.name} ({each.agency})", self._words(each.member))) for each in self._members]
        self.query_one(VirtualTable).show_rows(rows, cursor=min(at, len(rows) - 1))

    def _words(self, member: int) -> str:
        answer = self._said.get(member)
        if answer is None:
            return "○ not said"
        but = f", but not with {', '.join(map(str, answer.excepted))}" if answer.excepted else ""
        return f"✓ {answer.stance}{but}"

    def action_say(self, stance: str) -> None:
        """Put down what the member at the cursor says, and go on to the next."""
        table = self.query_one(VirtualTable)
        member = self._members[table.cursor].member
        self._said.pop(member, None)
        if stance:
            self._said[member] = Answer(member, stance)
        self._draw(table.cursor + 1 if stance else table.cursor)

    @on(VirtualTable.Opened)
    def opened(self, event: VirtualTable.Opened) -> None:
        """Ask with which decisions the member at the cursor does not agree."""
        event.stop()
        self._except(int(event.row.key))

    @work(exclusive=True, group="form", exit_on_error=False)
    async def _except(self, member: int) -> None:
        table = self.query_one(VirtualTable)
        who = next(each for each in self._members if each.member == member)
        words = f"Numbers of decisions that {who.name} does not agree with: {', '.join(map(str, self._decisions))}."
        answer = self._said.get(member)
        given = " ".join(map(str, answer.excepted)) if answer is not None else ""
        box = AskWords("Agrees, but not with which?", words, placeholder="", needed=False, given=given)
        while (said := await self.app.push_screen_wait(box)) is not None:
            numbers = said.replace(",", " ").split()
            if all(word.isdecimal() and int(word) in self._decisions for word in numbers):
                self._said[member] = Answer(member, AGREES, tuple(sorted({int(word) for word in numbers})))
                self._draw(table.cursor + 1)
                return
            box = AskWords("There is no such decision", words, placeholder="", needed=False, given=said)

    def typed(self) -> Mapping[str, str]:
        """Return the answers put down so far."""
        return {
            str(each.member): f"{each.stance} {' '.join(map(str, each.excepted))}".strip()
            for each in self._said.values()
        }

    def action_keep(self) -> None:
        """Answer with what was put down, once that is anything."""
        if self._said:
            self.dismiss([self._said[each.member] for each in self._members if each.member in self._said])
            return
        wrong = self.query_one("#answers-wrong", Static)
        wrong.display = True
        wrong.update(plain("! Nobody's answer is put down yet."))


async def enter_answers(screen: KingshurstScreen[Any], panel_id: int) -> ManifestShown | None:
    """Ask for the answers of everybody without an account and keep them together; run this in a ``@work`` method.

    Returns: the manifest with them; None where nothing was entered, which is then said.
    """
    shown = await screen.ask(manifest.read, screen.session, panel_id, PANEL)
    if shown is None or shown.outdated:
        # It is made before it is answered: whoever speaks for others answers to what they can see.
        shown = await screen.ask(manifest.make, screen.session, panel_id, PANEL)
    left = [each for each in shown.unsigned if not each.has_account]
    if not left:
        screen.notify("Nobody without an account is left to answer.", markup=False)
        return None
    answers: list[Answer] | None = []
    decided, sure = [each.number for each in shown.decisions], False
    while not sure:
        answers = await screen.app.push_screen_wait(Answers(left, decided, answers or ()))
        if not answers:
            return None
        agreed = await screen.app.push_screen_wait(_sure(answers))
        sure = agreed is True
    try:
        shown = await screen.ask(manifest.sign_together, screen.session, panel_id, answers, PANEL)
    except InputRejected as wrong:
        screen.notify(f"{wrong.title} {wrong.detail}", markup=False, severity="warning")
        return None
    whole = len(shown.signatures) + len(shown.unsigned)
    screen.notify(f"Signed: {len(shown.signatures)} of {whole}.", markup=False)
    return shown


def _sure(answers: Sequence[Answer]) -> Confirm:
    said = ", ".join(f"{stance}: {number}" for stance, number in _count(answers).items())
    but = sum(bool(answer.excepted) for answer in answers)
    said += f" ({but} of them not with single decisions)" if but else ""
    return Confirm(
        f"Sign {some(len(answers), 'answer')}, entered by you?",
        f"{said}. Each is signed once, as entered by you for them.",
        yes="Sign",
        no="Not yet",
    )


def _count(answers: Sequence[Answer]) -> dict[str, int]:
    return {stance: n for stance in manifest.STANCES if (n := sum(each.stance == stance for each in answers))}
