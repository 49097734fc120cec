"""Dip samples: what was drawn by lot, what whoever acted answered, how it was judged, who signed off."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from kingshurst_tui.dates import read_date, say_date, show_time
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.oversight import dips
from kingshurst_tui.oversight.trail import LIMITS_OF_USE, filter_of_days
from kingshurst_tui.vocabulary import Operation, Thing
from screens.ask_words import AskWords
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.choose import Choose
from screens.confirm import Confirm
from screens.conflict import say
from screens.drafting import Draft
from screens.form_dialog import FormDialog
from screens.widgets.facts import Fact
from screens.widgets.fields_form import Field, Kind
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.oversight.dips import Question, Sample, SampleInFull
    from kingshurst_tui.session import Session

MARKS = {"open": "· open", "answered": "? answered", "justified": "✓ justified", "not-justified": "✗ not justified"}

FIELDS = (
    Field("count", "How many entries", required=True, hint=f"From 1 to {dips.MOST}."),
    Field("actor", "Done by", hint="A user's name; empty for everybody."),
    Field(
        "operation",
        "What was done",
        Kind.CHOICE,
        options=tuple((word.value, word.value) for word in Operation),
        hint="Nothing chosen: whatever it was.",
    ),
    Field("since", "From", Kind.DAY, hint="The first day; empty from the beginning."),
    Field("until", "To", Kind.DAY, hint="The last day; empty up to now."),
)


class SamplesScreen(KingshurstScreen[None]):
    """Every dip sample, the newest first."""

    HELP = """A dip sample is drawn by lot: nobody chooses its entries, and whoever has the trail can draw it again.
n draws one; each entry is then a question to whoever acted, on their home screen. Enter opens a sample, where the
answers are judged, never by whoever acted, and s signs it off."""
    MODE = "audit"
    CSS_PATH = "styles/oversight.tcss"
    BINDING_GROUP_TITLE = "Dip samples"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("n", "draw", "Draw one", id="samples-draw", tooltip="Draw entries by lot and ask whoever acted."),
    ]

    def __init__(self, number: int | str = 0, *, siblings: tuple[int | str, ...] = ()) -> None:
        super().__init__()
        self._samples: dict[int, Sample] = {}

    def body(self) -> ComposeResult:
        """Draw the limits of use and the list."""
        yield Static(plain(LIMITS_OF_USE), classes="limits -muted")
        yield ListAndDetail(
            Column("No.", 4, right=True),
            Column("Drawn (UTC)", 17),
            Column("By", 12),
            Column("Judged", 9),
            Column("Signed off", 12, grows=True),
            id="samples",
            nothing="No dip sample was drawn yet.",
            hint="n draws one.",
        )

    def reload(self) -> None:
        """Ask for the samples."""
        self.run_work(dips.samples, self.session, then=self.show_samples, doing="Reading the samples")

    def show_samples(self, found: tuple[Sample, ...]) -> None:
        """Draw them."""
        self._samples = {sample.number: sample for sample in found}
        self.query_one(ListAndDetail).show([_sample_row(sample) for sample in found], self._facts)
        self.query_one(VirtualTable).focus()

    def _facts(self, row: Row) -> Iterable[Fact]:
        return _drawn(self._samples[int(row.key)])

    @on(VirtualTable.Opened)
    def opened(self, event: VirtualTable.Opened) -> None:
        """Open the sample."""
        self.app.push_screen(SampleScreen(int(event.row.key)))

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_draw(self) -> None:
        """Draw a sample."""
        words = "Which entries may be drawn; the lot is the trail's own, nobody chooses."
        values = {"count": "10", "operation": Operation.CONSULT.value}
        send = partial(_draw, self.session)
        found = await self.app.push_screen_wait(
            FormDialog("Draw a dip sample", FIELDS, send, words=words, values=values)
        )
        if found:
            self.notify("Drawn: whoever acted is asked on their home screen.", markup=False)
            self.reload()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer drawing to those who may."""
        if action == "draw" and self.kingshurst.session is not None:
            return self.session.may(Operation.ADMINISTER, Thing.SAMPLE)
        return super().check_action(action, parameters)

    def on_screen_resume(self) -> None:
        """Read again what a sample came to meanwhile."""
        if self.may_read_again() and self._samples:
            self.reload()


class SampleScreen(KingshurstScreen[None]):
    """One sample: its entries, answers and judgements."""

    HELP = """Each line is an entry that was drawn. Enter judges it: justified or not, and why, in words. Nobody judges
what they did themselves; before it is answered it is judged only when the day for answering has passed. s signs the
sample off when all are judged; the signature covers how it was drawn and who judged what."""
    MODE = "audit"
    CSS_PATH = "styles/oversight.tcss"
    BINDING_GROUP_TITLE = "A dip sample"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("s", "sign_off", "Sign off", id="sample-sign-off", tooltip="Sign the sample off, all of it judged."),
    ]

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self._questions: dict[int, Question] = {}

    def body(self) -> ComposeResult:
        """Draw how it was drawn, and the list."""
        yield Static("", classes="limits", id="drawn")
        yield ListAndDetail(
            Column("Entry", 7, right=True),
            Column("When (UTC)", 17),
            Column("Who", 13),
            Column("Did", 16, grows=True),
            Column("Stands", 15),
            id="questions",
        )

    def reload(self) -> None:
        """Ask for the sample."""
        self.run_work(
            dips.sample_in_full, self.session, self._number, then=self.show_sample, doing="Reading the sample"
        )

    def show_sample(self, full: SampleInFull) -> None:
        """Draw it."""
        self._questions = {question.number: question for question in full.questions}
        sample = full.sample
        said = [f"Sample {sample.number} of {len(full.questions)} from {sample.document['population']:,} entries."]
        said.append("Drawn again it is the same." if full.drawn_as_said else "✗ DRAWN AGAIN IT IS ANOTHER.")
        if full.signature_holds is None:
            said.append("Not signed off.")
        else:
            said.append(
                f"Signed off by {sample.signed_off_by}: signature {'holds' if full.signature_holds else '✗ WRONG'}."
            )
        self.query_one("#drawn", Static).update(plain(" ".join(said)))
        self.query_one(ListAndDetail).show([_question_row(each) for each in full.questions], self._facts)
        self.query_one(VirtualTable).focus()

    def _facts(self, row: Row) -> Iterable[Fact]:
        return _asked(self._questions[int(row.key)])

    @on(VirtualTable.Opened)
    @work(exclusive=True, group="act", exit_on_error=False)
    async def opened(self, event: VirtualTable.Opened) -> None:
        """Judge the entry at the cursor."""
        question = self._questions[int(event.row.key)]
        if question.judgement is not None:
            self.notify("This is judged already.", markup=False)
            return
        if question.asked_of == self.session.user.name:
            self.notify("Nobody judges what they did themselves.", markup=False)
            return
        options = (("yes", "It was justified."), ("no", "It was not justified."))
        words = question.answer or f"Not answered; judged without an answer after {say_date(question.answer_by)}."
        chosen = await self.app.push_screen_wait(
            Choose(f"Entry {question.line.seq}: was it justified?", options, (), words)
        )
        if chosen is None:
            return
        draft = Draft(Operation.ALTER, Thing.SAMPLE, 0, f"{question.number}")
        await self.ask(draft.load, self.session)
        await say(
            self,
            lambda given: AskWords("Why do you judge so?", given=given, draft=draft),
            draft,
            dips.judge,
            question.number,
            words="words",
            justified=chosen == "yes",
        )
        self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_sign_off(self) -> None:
        """Sign the sample off."""
        words = "Your signature covers how it was drawn and who judged each entry how."
        if await self.app.push_screen_wait(Confirm("Sign this sample off?", words, yes="Sign off", no="Leave it")):
            await self.ask(dips.sign_off, self.session, self._number)
            self.reload()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer signing off to those who may."""
        if action == "sign_off" and self.kingshurst.session is not None:
            return self.session.may(Operation.ADMINISTER, Thing.SAMPLE)
        return super().check_action(action, parameters)

    def reopen(self) -> Callable[[], SampleScreen]:
        """Build the same sample again."""
        number = self._number
        return lambda: SampleScreen(number)


class QuestionsScreen(KingshurstScreen[None]):
    """What one is asked about one's own entries."""

    HELP = """Entries of yours were drawn by lot, not chosen. Enter answers: why you did this, in your own words. The
words are sealed; supervisors and the information governance officer read them, and somebody else than you judges."""
    MODE = "home"
    CSS_PATH = "styles/oversight.tcss"
    BINDING_GROUP_TITLE = "Asked about what you did"

    def __init__(self, number: int | str = 0, *, siblings: tuple[int | str, ...] = ()) -> None:
        super().__init__()
        self._questions: dict[int, Question] = {}

    def body(self) -> ComposeResult:
        """Draw why one is asked, and the list."""
        yield Static(plain(f"Drawn by lot. {LIMITS_OF_USE}"), classes="limits -muted")
        yield ListAndDetail(
            Column("Entry", 7, right=True),
            Column("When (UTC)", 17),
            Column("You did", 16, grows=True),
            Column("About", 14, priority=1),
            Column("Answer by", 11),
            id="asked",
            nothing="You are asked nothing.",
        )

    def reload(self) -> None:
        """Ask for the questions."""
        self.run_work(dips.questions_for, self.session, then=self.show_questions, doing="Reading what you are asked")

    def show_questions(self, found: tuple[Question, ...]) -> None:
        """Draw them."""
        self._questions = {question.number: question for question in found}
        rows = [
            Row(
                each.number,
                (str(each.line.seq), _when(each.line.time), _did(each), _about(each), f"{each.answer_by:%d %b %Y}"),
            )
            for each in found
        ]
        self.query_one(ListAndDetail).show(rows, self._facts)
        self.query_one(VirtualTable).focus()

    def _facts(self, row: Row) -> Iterable[Fact]:
        return _asked(self._questions[int(row.key)])

    @on(VirtualTable.Opened)
    @work(exclusive=True, group="act", exit_on_error=False)
    async def opened(self, event: VirtualTable.Opened) -> None:
        """Answer."""
        question = self._questions[int(event.row.key)]
        words = f"Entry {question.line.seq}: {_did(question)}, {_about(question)}, reason {question.line.reason}."
        draft = Draft(Operation.ALTER, Thing.SAMPLE_ANSWER, 0, f"{question.number}")
        await self.ask(draft.load, self.session)
        sent, _ = await say(
            self,
            lambda given: AskWords("Why did you do this?", words, given=given, draft=draft),
            draft,
            dips.answer,
            question.number,
            words="words",
        )
        if sent:
            self.notify("Your answer is kept, sealed.", markup=False)
        self.reload()


def _draw(session: Session, answers: dict[str, str]) -> Sample:
    count = answers["count"].strip()
    if not (count.isascii() and count.isdigit() and len(count) < 4):
        raise InputRejected("No sample was drawn.", problems=(f"count: a number from 1 to {dips.MOST}",))
    wanted = filter_of_days(
        actor=answers["actor"].strip(),
        operation=answers["operation"],
        since=read_date(answers["since"]),
        until=read_date(answers["until"]),
    )
    return dips.draw_sample(session, wanted, int(count))


def _when(at: str) -> str:
    return show_time(datetime.fromisoformat(at))


def _did(question: Question) -> str:
    refused = "✗ refused: " if question.line.result == "refused" else ""
    return f"{refused}{question.line.operation} {question.line.thing}"


def _about(question: Question) -> str:
    named = question.line.subjects
    return (named[0] if len(named) == 1 else f"{len(named)} people") if named else "no person"


def _sample_row(sample: Sample) -> Row:
    judged = sample.counts["justified"] + sample.counts["not-justified"]
    cells = (
        str(sample.number),
        _when(sample.drawn_at),
        sample.drawn_by,
        f"{judged} of {sum(sample.counts.values())}",
        f"✓ {sample.signed_off_by}" if sample.signed_off_by else "· no",
    )
    return Row(sample.number, cells, reference=str(sample.number))


def _drawn(sample: Sample) -> list[Fact]:
    document = sample.document
    chosen = ", ".join(f"{name} {value}" for name, value in document["filter"].items()) or "every entry"
    counts = ", ".join(f"{value} {name}" for name, value in sample.counts.items() if value)
    return [
        ("Stands", counts),
        ("From", f"{document['population']:,} entries up to {document['to']:,}: {chosen}"),
        ("Entries", ", ".join(map(str, sorted(document["entries"])))),
        ("Seed", document["seed"]),
        ("Lot", document["method"]),
    ]


def _question_row(question: Question) -> Row:
    line = question.line
    cells = (str(line.seq), _when(line.time), line.actor, _did(question), MARKS[question.status])
    return Row(question.number, cells, reference=str(line.seq))


def _asked(question: Question) -> list[Fact]:
    line = question.line
    facts: list[Fact] = [
        ("About", ", ".join(line.subjects) or "no person"),
        ("Reason", line.reason),
        ("Words", line.words or "none, or erased"),
        ("Answer", question.answer or f"none yet; by {say_date(question.answer_by)}"),
    ]
    if question.judgement is not None:
        facts += [("Judged", MARKS[question.status]), ("By", question.judged_by or ""), ("Why", question.judgement)]
    return facts
