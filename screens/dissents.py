"""Dissents: who disagrees with which decision, with whom it is and by when, and what was said so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import dissents
from kingshurst_tui.casework.dissent_shown import CLOSED, FIELDS, OPEN, RESOLVED, STANDS, WITHDRAWN
from kingshurst_tui.dates import show_time
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from screens.ask_words import AskWords
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.choose import Choose
from screens.drafting import Draft
from screens.form_dialog import FormDialog
from screens.opening import open_thing
from screens.profile_words import said_day
from screens.widgets.facts import Fact
from screens.widgets.fields_form import Field, Kind
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.casework.dissent_shown import DissentShown
    from kingshurst_tui.session import Session

PANEL = Reason(ReasonCode.PANEL)
HINTS = {"missing": "Or say that nothing was.", "alternative": "Or say that there is none."}
SHORT = {"position": "Holds instead", "grounds": "Grounds", "missing": "Was missing", "alternative": "Would do"}
"""The fields of a dissent where there is little room."""
ENDINGS = (RESOLVED, WITHDRAWN, STANDS)


def form_of_dissent(session: Session, decision: int, draft: Draft | None = None) -> FormDialog:
    """Return the form that signs a dissent from a decision for the user's own agency."""

    def send(answers: dict[str, str]) -> DissentShown:
        made = dissents.dissent(session, decision, **{name: answers[name] for name in FIELDS}, reason=PANEL)
        if draft is not None:
            draft.forget(session)
        return made

    fields = [
        Field(name, title, Kind.WORDS, required=True, hint=HINTS.get(name, ""), longest=dissents.LONGEST)
        for name, title in FIELDS.items()
    ]
    said = f"You sign it with your own key, for {session.user.agency}. The decision stands as it was signed."
    return FormDialog(f"Dissent from decision {decision}", fields, send, words=said, draft=draft)


class DissentsScreen(KingshurstScreen[None]):
    """Those that are open, the soonest due first; or all from one decision."""

    HELP = """A dissent is an agency's, signed; the decision stands as it was signed. It is with the chair first, for 24
hours, then with the agencies' managers, for 5 working days, then with the board, for 14, unless the partnership set
other clocks. w answers the line at the cursor as the chair, u takes it one level up, x ends it: resolved, withdrawn or
stands. d signs a dissent from a decision. z shows closed ones too. Enter opens the profile."""
    MODE = "home"
    CSS_PATH = "styles/deciding.tcss"
    BINDING_GROUP_TITLE = "Dissents"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("d", "dissent", "Dissent", id="dissents-make", tooltip="Sign a dissent from a decision."),
        bind("w", "answer", "Answer", id="dissents-answer", tooltip="Answer it, as the chair."),
        bind("u", "escalate", "Up", id="dissents-escalate", tooltip="Take it one level up."),
        bind("x", "close", "End", id="dissents-close", tooltip="Say how it ends."),
        bind("z", "closed", "Closed", id="dissents-closed", tooltip="Show closed ones too, or hide them.", show=False),
    ]

    def __init__(
        self, number: int | str = 0, *, decision: int | None = None, siblings: tuple[int | str, ...] = ()
    ) -> None:
        """Show dissents.

        Args:
            number: the one to begin with.
            decision: from one decision alone; closed ones too then.
            siblings: the list one comes from.
        """
        super().__init__()
        self.decision = decision
        self._first, self._siblings = int(number), siblings
        self._with_closed = False
        self._found: dict[int, DissentShown] = {}

    def body(self) -> ComposeResult:
        """Draw the list."""
        yield ListAndDetail(
            Column("", 2),
            Column("Who", 14),
            Column("Agency", 7),
            Column("Holds instead", 20, grows=True),
            Column("With", 22, priority=2),
            Column("Due (UTC)", 17, priority=1),
            nothing="No dissent is open.",
            hint="d signs one from a decision, by its number.",
            id="dissents",
        )

    def reload(self) -> None:
        """Read them."""
        if self.decision is not None:
            read = partial(dissents.of_one_decision, decision=self.decision, reason=PANEL)
        else:
            read = partial(dissents.listed, reason=PANEL, with_closed=self._with_closed)
        self.run_work(read, self.session, then=self.show_found, doing="Reading dissents")

    def show_found(self, found: Sequence[DissentShown]) -> None:
        """Draw them."""
        self._found = {each.number: each for each in found}
        rows = [
            Row(
                each.number,
                (
                    "!" if each.overdue or not each.signature_holds else "",
                    each.pseudonym,
                    each.agency,
                    each.position,
                    each.level_name if each.status == OPEN else each.status,
                    _due(each),
                ),
                reference=str(each.number),
            )
            for each in found
        ]
        listed = self.query_one(ListAndDetail)
        listed.show(rows, self._facts, at=self._first)
        self._first = 0
        listed.table.focus()

    def _facts(self, row: Row) -> Iterable[Fact]:
        each = self._found[int(str(row.key))]
        entered = f", for {each.entered_for}" if each.entered_for else ""
        facts: list[Fact] = [
            ("Dissent", f"{each.number}, from decision {each.decision}"),
            ("Made by", f"{each.made_by}{entered}, {said_day(each.made_at)}"),
            ("Signature", "holds" if each.signature_holds else "DOES NOT HOLD"),
            *((SHORT[name], getattr(each, name)) for name in FIELDS),
        ]
        facts += [
            (step.step.capitalize(), f"{step.words} ({step.made_by}, {said_day(step.made_at)})") for step in each.steps
        ]
        facts.append(("Stands", _stands(each)))
        return facts

    def _at_cursor(self) -> DissentShown | None:
        table = self.query_one(VirtualTable)
        row = table.row_at(table.cursor) if table.cursor is not None else None
        return self._found.get(int(str(row.key))) if row is not None else None

    @on(VirtualTable.Opened)
    def opened(self, event: VirtualTable.Opened) -> None:
        """Go to the person."""
        open_thing(self, Thing.PROFILE, self._found[int(str(event.row.key))].pseudonym)

    def action_closed(self) -> None:
        """Show closed ones too, or hide them."""
        self._with_closed = not self._with_closed
        self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_dissent(self) -> None:
        """Ask from which decision where that is not known, and sign."""
        decision = self.decision
        if decision is None:
            said = await self.app.push_screen_wait(
                AskWords("From which decision?", "Its number.", placeholder="", needed=False)
            )
            if not said or not said.isdecimal():
                return
            decision = int(said)
        draft = Draft(Operation.ALTER, Thing.DISSENT, decision)
        await self.ask(draft.load, self.session)
        if await self.app.push_screen_wait(form_of_dissent(self.session, decision, draft)):
            self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_answer(self) -> None:
        """Answer as the chair."""
        each = self._at_cursor()
        if each is not None:
            await self._step(each, "What does the chair answer?", dissents.answer)

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_escalate(self) -> None:
        """Take it one level up."""
        each = self._at_cursor()
        if each is not None:
            await self._step(each, "Why does it go up?", dissents.escalate)

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_close(self) -> None:
        """Say how it ends."""
        each = self._at_cursor()
        if each is None:
            return
        options = [(how, CLOSED[how].capitalize()) for how in ENDINGS]
        how = await self.app.push_screen_wait(Choose("How does it end?", options))
        if how is not None:
            await self._step(each, "In words", partial(dissents.close, how=how))

    async def _step(self, each: DissentShown, heading: str, act: Callable[..., object]) -> None:
        said = f"{each.agency}: {each.position}"
        words = await self.app.push_screen_wait(AskWords(heading, said))
        if words is not None:
            send = partial(act, words=words, version=each.version, reason=PANEL)
            await self.ask(send, self.session, each.number)
            self.reload()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what this user may do."""
        if action in ("dissent", "answer", "escalate", "close") and self.is_mounted:
            return self.session.may(Operation.ALTER, Thing.DISSENT)
        return True

    def reopen(self) -> Callable[[], DissentsScreen]:
        """Read the same again."""
        decision = self.decision
        return lambda: DissentsScreen(decision=decision)


def _due(each: DissentShown) -> str:
    if each.status != OPEN:
        return ""
    return "answered" if each.is_answered else show_time(each.due_at)


def _stands(each: DissentShown) -> str:
    if each.status != OPEN:
        return CLOSED[each.status]
    if each.is_answered:
        return f"answered by {each.level_name}; {each.agency} says whether that settles it, or takes it up"
    late = "; nobody answered in time" if each.overdue else ""
    return f"with {each.level_name}, until {show_time(each.due_at)} UTC{late}"
