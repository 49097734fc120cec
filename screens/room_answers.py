"""What several say, in one box: a line each, nothing filled in, kept together."""

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
from kingshurst_tui.panels import manifest, manifest_shown
from kingshurst_tui.panels.manifest import Answer
from kingshurst_tui.panels.manifest_shown import ABSTAINS, AGREES, DISSENTS, ManifestShown
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
"""Lines shown at once; a longer list scrolls."""
Said = tuple[str, str]
"""Where somebody stands (one of the manifest's STANCES), and words with it."""


class EachSays(Dialog[dict[str, Said] | None]):
    """Answers with what each says, by the key of their line; whoever has nothing put down is left out."""

    HELP = """One line each, and nobody's answer is filled in. a agrees, d dissents, b abstains; each of them goes on to
the next line. Enter adds words, x takes an answer back. ctrl+s keeps all answers together; whoever has nothing beside
them can be entered later."""
    BINDING_GROUP_TITLE = "Answers of several"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("a", f"say({AGREES!r})", "Agrees", id="answers-agrees", tooltip="Whoever is at the cursor agrees."),
        bind(
            "d", f"say({DISSENTS!r})", "Dissents", id="answers-dissents", tooltip="Whoever is at the cursor dissents."
        ),
        bind(
            "b", f"say({ABSTAINS!r})", "Abstains", id="answers-abstains", tooltip="Whoever is at the cursor abstains."
        ),
        bind("x", "say('')", "Nothing", id="answers-none", tooltip="Take the answer at the cursor back."),
        bind("ctrl+s", "keep", "Keep", id="answers-keep", tooltip="Keep all answers together.", priority=True),
    ]
    WORDS: ClassVar[str] = "adds words"
    """What Enter does, for the line under the list."""

    def __init__(self, heading: str, lines: Sequence[tuple[str, str]], said: Mapping[str, Said]) -> None:
        """Ask.

        Args:
            heading: the question.
            lines: pairs of key and who it is.
            said: what was put down before.
        """
        super().__init__(heading)
        self._lines = tuple(lines)
        self._said = dict(said)

    def body(self) -> ComposeResult:
        """Draw a line for each, and the keys."""
        for key, given in self.given_back.items():
            stance, _, words = given.partition(" ")
            self._said[key] = (stance, words)
        table = VirtualTable(Column("Who", 26, wants=34), Column("Says", 20, grows=True), id="answers")
        table.styles.height = min(len(self._lines), LINES) + 1
        yield table
        yield Static(plain(f"a agrees · d dissents · b abstains · x takes it back · Enter {self.WORDS}"))
        yield Static("", id="answers-wrong", classes="problem")

    def on_mount(self) -> None:
        """Say the keys where no length of the list hides them."""
        self.query_one(".dialog-box", VerticalScroll).border_subtitle = "ctrl+s Keep them together · Esc Leave it"
        self.query_one("#answers-wrong").display = False
        self._draw(0)
        self.query_one(VirtualTable).focus()

    def _draw(self, at: int) -> None:
        rows = [Row(key, (who, self._in_words(key))) for key, who in self._lines]
        self.query_one(VirtualTable).show_rows(rows, cursor=min(at, len(rows) - 1))

    def _in_words(self, key: str) -> str:
        if key not in self._said:
            return "○ not said"
        stance, words = self._said[key]
        return f"✓ {stance}{self.added(words) if words else ''}"

    def added(self, words: str) -> str:
        """Return words as they stand behind a stance."""
        return f": {words}"

    async def ask_words(self, who: str, stance: str, words: str) -> Said | None:
        """Ask for the words of one; None where everything stays."""
        said = await self.app.push_screen_wait(AskWords(f"What does {who} say?", needed=False, given=words))
        return None if said is None else (stance or AGREES, said)

    def action_say(self, stance: str) -> None:
        """Put down what whoever is at the cursor says, and go on to the next."""
        table = self.query_one(VirtualTable)
        key = self._lines[table.cursor][0]
        self._said.pop(key, None)
        if stance:
            self._said[key] = (stance, "")
        self._draw(table.cursor + 1 if stance else table.cursor)

    @on(VirtualTable.Opened)
    def opened(self, event: VirtualTable.Opened) -> None:
        """Ask for words of whoever is at the cursor."""
        event.stop()
        self._ask(str(event.row.key))

    @work(exclusive=True, group="form", exit_on_error=False)
    async def _ask(self, key: str) -> None:
        answer = await self.ask_words(dict(self._lines)[key], *self._said.get(key, ("", "")))
        if answer is not None:
            self._said[key] = answer
            self._draw(self.query_one(VirtualTable).cursor + 1)

    def typed(self) -> Mapping[str, str]:
        """Return the answers put down so far."""
        return {key: " ".join(said).strip() for key, said in self._said.items()}

    def action_keep(self) -> None:
        """Answer with what was put down, once that is anything."""
        if self._said:
            self.dismiss({key: self._said[key] for key, _ in self._lines if key in self._said})
            return
        wrong = self.query_one("#answers-wrong", Static)
        wrong.display = True
        wrong.update(plain("! Nobody's answer is put down yet."))


class Answers(EachSays):
    """Asks what each member says of a panel's decisions; the words are the decisions they do not agree with."""

    WORDS = "agrees, but not with single decisions"

    def __init__(self, members: Sequence[Unsigned], decisions: Sequence[int], said: Mapping[str, Said]) -> None:
        lines = [(str(each.member), f"{each.agency} · {each.name}") for each in members]
        super().__init__("What does each say of this panel's decisions?", lines, said)
        self._decisions = tuple(decisions)

    def added(self, words: str) -> str:
        """Return the decisions that a member does not agree with."""
        return f", but not with {words}"

    async def ask_words(self, who: str, stance: str, words: str) -> Said | None:
        """Ask with which decisions a member does not agree."""
        question = f"Numbers of decisions that {who} does not agree with: {', '.join(map(str, self._decisions))}."
        box = AskWords("Agrees, but not with which?", question, placeholder="", needed=False, given=words)
        while (said := await self.app.push_screen_wait(box)) is not None:
            numbers = said.replace(",", " ").split()
            if all(word.isdecimal() and int(word) in self._decisions for word in numbers):
                return AGREES, ", ".join(map(str, sorted(set(map(int, numbers)))))
            box = AskWords("There is no such decision", question, placeholder="", needed=False, given=said)
        return None


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
    said: dict[str, Said] = {}
    answers: list[Answer] = []
    decided, sure = [each.number for each in shown.decisions], False
    while not sure:
        given = await screen.app.push_screen_wait(Answers(left, decided, said))
        if not given:
            return None
        said = given
        answers = [_answer(key, *each) for key, each in said.items()]
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


def _answer(member: str, stance: str, excepted: str) -> Answer:
    return Answer(int(member), stance, tuple(map(int, excepted.replace(",", " ").split())))


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
    return {stance: n for stance in manifest_shown.STANCES if (n := sum(each.stance == stance for each in answers))}
