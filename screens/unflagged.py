"""One sample of people whom no rule flagged: each is looked at, and somebody says whether a rule should have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType

from kingshurst_tui.learning import misses
from kingshurst_tui.learning.misses import Look
from kingshurst_tui.vocabulary import Operation, Thing
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.form_dialog import FormDialog
from screens.profile import ProfileScreen
from screens.widgets.facts import Fact
from screens.widgets.fields_form import Field, Kind
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.virtual_table import Column, Row, VirtualTable


class UnflaggedScreen(KingshurstScreen[None]):
    """The people of a sample, by pseudonym."""

    HELP = """People whom no rule flags, drawn by lot. Enter opens a person as anywhere else; v says whether a rule
should have flagged them, and why. One person looks at each."""
    MODE = "home"
    BINDING_GROUP_TITLE = "Unflagged people"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("v", "judge", "Say", id="unflagged-judge", tooltip="Say whether a rule should have flagged this person."),
    ]

    def __init__(self, sample: int) -> None:
        super().__init__()
        self._sample = sample
        self._looks: dict[int, Look] = {}

    def body(self) -> ComposeResult:
        """Draw the list."""
        yield ListAndDetail(
            Column("", 2),
            Column("Who", 14),
            Column("Looked at", 30, grows=True),
            Column("By", 16, priority=1),
            nothing="Nobody was drawn.",
            id="unflagged",
        )

    def reload(self) -> None:
        """Read who was drawn."""
        self.run_work(misses.looks, self.session, self._sample, then=self.show_looks, doing="Reading the sample")

    def show_looks(self, looks: Iterable[Look]) -> None:
        """Draw them."""
        self._looks = {each.number: each for each in looks}
        rows = [
            Row(
                each.number,
                (
                    "?" if each.verdict == "waiting" else "",
                    each.pseudonym,
                    misses.VERDICTS.get(each.verdict, "nobody has looked yet"),
                    each.judged_by,
                ),
                quiet=not each.is_open,
                reference=each.pseudonym,
            )
            for each in self._looks.values()
        ]
        self.query_one(ListAndDetail).show(rows, self._facts)
        self.query_one(VirtualTable).focus()

    def _facts(self, row: Row) -> Iterable[Fact]:
        each = self._looks[int(row.key)]
        return [
            ("Who", f"{each.pseudonym}{'' if each.is_open else ' (masked)'}"),
            ("Said", misses.VERDICTS.get(each.verdict, "nothing yet")),
            *([("Why", each.why)] if each.why else []),
        ]

    def _at_cursor(self) -> Look | None:
        table = self.query_one(VirtualTable)
        row = table.row_at(table.cursor) if table.cursor is not None else None
        return self._looks.get(int(row.key)) if row is not None else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer judging to those who may."""
        return self.session.may(Operation.ALTER, Thing.UNFLAGGED) if action == "judge" and self.is_mounted else True

    @on(VirtualTable.Opened)
    def opened(self) -> None:
        """Open the person at the cursor."""
        each = self._at_cursor()
        if each is not None:
            self.app.push_screen(ProfileScreen(each.pseudonym))

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_judge(self) -> None:
        """Say whether a rule should have flagged the person at the cursor."""
        each = self._at_cursor()
        if each is None:
            return
        done = await self.app.push_screen_wait(
            FormDialog(
                f"Should a rule have flagged {each.pseudonym}?",
                [
                    Field(
                        "verdict", "What you find", Kind.CHOICE, required=True, options=tuple(misses.VERDICTS.items())
                    ),
                    Field("why", "Why", Kind.WORDS, required=True),
                ],
                lambda answers: misses.look(self.session, each.number, answers["verdict"], answers["why"]),
            )
        )
        if done:
            self.reload()

    def remember(self) -> object:
        """Return the line at the cursor."""
        return self.query_one(VirtualTable).cursor

    def recall(self, memory: object) -> None:
        """Go back to that line."""
        if isinstance(memory, int):
            self.query_one(VirtualTable).cursor = memory
