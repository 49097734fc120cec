"""The minutes of one panel: drafted, edited field by field, approved, let go to those who were asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from kingshurst_tui.acts import Reason
from kingshurst_tui.counting import some
from kingshurst_tui.dates import say_date
from kingshurst_tui.errors import NotFound
from kingshurst_tui.panels import meetings, minutes, minutes_approval, minutes_shown
from kingshurst_tui.panels.minutes_draft import OF_A_CASE, OF_THE_MEETING
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from screens.ask_words import AskWords
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.confirm import Confirm
from screens.drafting import Begun, Draft
from screens.form_dialog import FormDialog
from screens.leaving_forms import NOT_APPROVED, WORDS, leaving_fields, let_leave
from screens.widgets.facts import Fact
from screens.widgets.fields_form import Field, Kind
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.panels.minutes_shown import MinutesShown, PartShown
    from kingshurst_tui.panels.records import Panel
    from kingshurst_tui.session import Session

PANEL = Reason(ReasonCode.PANEL)


class MinutesScreen(KingshurstScreen[None]):
    """One version of the minutes, a field a line."""

    HELP = """d drafts the minutes from the record once the panel is closed. Enter edits the field at the cursor; where
somebody else was quicker, both are shown. m drafts the parts that whoever drafted the rest could not see. v approves
the draft under your signature: not the minute-taker, not whoever drafted it. x corrects approved minutes: a new
version, and the old one stands until it is approved. u lets copies leave: minutes, each agency's actions, or packs
before the meeting; each has what its reader's agency may see. The lines above say by when, and whether that was met."""
    MODE = "panels"
    CSS_PATH = "styles/leaving.tcss"
    BINDING_GROUP_TITLE = "Minutes"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("d", "draft", "Draft", id="minutes-draft", tooltip="Draft them from the record."),
        bind("m", "missing", "Missing", id="minutes-missing", tooltip="Draft parts that are missing.", show=False),
        bind("v", "approve", "Approve", id="minutes-approve", tooltip="Approve the draft under your signature."),
        bind("x", "correct", "Correct", id="minutes-correct", tooltip="Begin a new version from the approved one."),
        bind("u", "leave", "Copies", id="minutes-leave", tooltip="Let minutes, actions or packs leave."),
    ]

    def __init__(self, panel_id: int | str = 0, *, siblings: tuple[int | str, ...] = ()) -> None:
        """Show minutes.

        Args:
            panel_id: of which panel; 0 is the latest that was held.
            siblings: the list one comes from.
        """
        super().__init__()
        self.panel_id, self._siblings = int(panel_id), siblings
        self._panel: Panel | None = None
        self._shown: MinutesShown | None = None
        self._wanted = ""

    def body(self) -> ComposeResult:
        """Draw where they stand, and the fields."""
        yield Static("", id="minutes-line")
        yield ListAndDetail(
            Column("Where", 16),
            Column("What", 22, priority=1),
            Column("Words", 30, grows=True),
            nothing="No minutes are drafted of this panel.",
            hint="d drafts them once it is closed; u lets packs leave before.",
            id="minutes",
        )

    def reload(self) -> None:
        """Read them."""
        self.run_work(_read, self.session, self.panel_id, then=self.show_read, doing="Reading the minutes")

    def show_read(self, read: tuple[Panel | None, MinutesShown | None]) -> None:
        """Draw them."""
        self._panel, self._shown = read
        self.panel_id = self._panel.number if self._panel else 0
        self.query_one("#minutes-line", Static).update(plain("\n".join(self._line())))
        rows = list(self._rows())
        listed = self.query_one(ListAndDetail)
        listed.show(rows, self._facts, at=self._wanted)
        listed.table.focus()

    def _line(self) -> Iterable[str]:
        panel, shown = self._panel, self._shown
        if panel is None:
            yield "No panel was called yet."
            return
        yield f"{panel.title}, {say_date(panel.held_on)}"
        if shown is not None:
            signed = ""
            if shown.signature_holds is not None:
                signed = f" by {shown.approved_by}; signature {'holds' if shown.signature_holds else 'DOES NOT HOLD'}"
            left_out = f"; {some(len(shown.left_out), 'case')} without a word here" if shown.left_out else ""
            yield from shown.targets.in_words()
            yield f"Version {shown.version}, {minutes_approval.STATUSES[shown.status]}{signed}{left_out}"

    def _rows(self) -> Iterable[Row]:
        shown = self._shown
        if shown is None:
            return
        for name, title in OF_THE_MEETING.items():
            yield Row(f"0/{name}", ("The meeting", title, _first(shown.fields.get(name, ""))))
        for part in shown.parts:
            for name, title in OF_A_CASE.items():
                where = f"{part.place}: {part.pseudonym}"
                yield Row(f"{part.case}/{name}", (where, title, _first(part.fields.get(name, ""))))

    def _at(self, key: object) -> tuple[PartShown | None, str, str, str]:
        """Return (case, field, title, words) of a row."""
        case, _, name = str(key).partition("/")
        if self._shown is None:
            return None, "", "", ""
        part = next((each for each in self._shown.parts if str(each.case) == case), None)
        fields = part.fields if part else self._shown.fields
        return part, name, (OF_A_CASE if part else OF_THE_MEETING)[name], fields.get(name, "")

    def _facts(self, row: Row) -> Iterable[Fact]:
        part, _, title, words = self._at(row.key)
        if part is not None:
            yield "Case", f"{part.place}, {part.name or part.pseudonym}"
        yield title, words or "nothing yet"

    @on(VirtualTable.Opened)
    @work(exclusive=True, group="act", exit_on_error=False)
    async def opened(self, event: VirtualTable.Opened) -> None:
        """Edit the field."""
        shown = self._shown
        if (
            shown is None
            or shown.status != minutes_approval.DRAFT
            or not self.session.may(Operation.ALTER, Thing.MINUTES)
        ):
            self.notify("Only a draft is edited; x corrects approved minutes.", markup=False)
            return
        part, name, title, words = self._at(event.row.key)
        self._wanted = str(event.row.key)
        begun = Begun(words)
        session, number, case = self.session, shown.number, part.case if part else None

        def send(answers: dict[str, str]) -> object:
            began = str(begun.over or "")
            return minutes.edit(session, number, name, answers[name], case=case, began=began, reason=PANEL)

        draft = Draft(Operation.ALTER, Thing.MINUTES, part.profile_id if part else 0, f"{number}-{case or 0}-{name}")
        await self.ask(draft.load, session)
        box = FormDialog(
            f"Minutes: {title}",
            [Field(name, title, Kind.WORDS, longest=minutes.LONGEST)],
            send,
            values={name: words},
            draft=draft,
            begun=begun,
        )
        if await self.app.push_screen_wait(box):
            self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_draft(self) -> None:
        """Draft them, in place of a draft only after asking."""
        anew = self._shown is not None and self._shown.status == minutes_approval.DRAFT
        if anew and not await self.app.push_screen_wait(
            Confirm(
                "Draft them anew?",
                "The draft that is there is kept as an earlier version, with what was edited in it.",
                yes="Draft anew",
                no="Leave it",
            )
        ):
            return
        able = await self.ask(minutes.who_could_approve, self.session, self.panel_id, PANEL)
        if able:
            self.notify(f"What you draft can be approved by {' or '.join(able)}.", markup=False)
        elif not await self.app.push_screen_wait(
            Confirm("Draft them all the same?", self._nobody_else(), no="Leave it")
        ):
            return
        await self.ask(minutes.draft, self.session, self.panel_id, PANEL, anew=anew)
        self.reload()

    def _nobody_else(self) -> str:
        takes = self._panel.minute_taker if self._panel else "the minute-taker"
        return (
            "Nobody could approve what you draft: of those who were there, nobody else has an account. Where "
            f"{takes} drafts them, the chair approves them."
        )

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_missing(self) -> None:
        """Draft the parts that are missing."""
        if self._shown is not None:
            await self.ask(minutes.add_missing, self.session, self._shown.number, PANEL)
            self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_approve(self) -> None:
        """Approve the draft."""
        shown = self._shown
        if shown is None:
            return
        if shown.stops:
            self.notify("\n".join(shown.stops), markup=False, severity="warning")
            return
        words = "You sign every word of it as it stands. Afterwards it is corrected by a new version alone."
        if await self.app.push_screen_wait(Confirm("Approve these minutes?", words, yes="Sign", no="Not yet")):
            await self.ask(minutes.approve, self.session, shown.number, PANEL)
            self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_correct(self) -> None:
        """Begin a new version."""
        if self._shown is None or self._shown.status != minutes_approval.APPROVED:
            self.notify("Only approved minutes are corrected; a draft is edited.", markup=False)
            return
        why = await self.app.push_screen_wait(AskWords("What is to be corrected?"))
        if why:
            await self.ask(minutes.correct, self.session, self.panel_id, why, PANEL)
            self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_leave(self) -> None:
        """Let copies leave."""
        if not self.panel_id:
            return
        send = let_leave(self.session, self.panel_id, PANEL)
        approved = self._shown is not None and any(
            status == minutes_approval.APPROVED for _, status, *_ in self._shown.versions
        )
        words = WORDS if approved else f"{NOT_APPROVED} {WORDS}"
        copies = await self.app.push_screen_wait(
            FormDialog("Copies", leaving_fields(approved=approved), send, words=words)
        )
        if copies:
            made = some(len(copies), "copy", "copies")
            self.notify(f"{made} in {copies[0].path.parent}; disclosure {copies[0].disclosure}.", markup=False)
            self.reload()

    def reopen(self) -> Callable[[], MinutesScreen]:
        """Build the same minutes again."""
        return partial(MinutesScreen, self.panel_id)

    def remember(self) -> object:
        """Return the row at the cursor."""
        table = self.query_one(VirtualTable)
        row = table.row_at(table.cursor) if table.cursor is not None else None
        return str(row.key) if row is not None else ""

    def recall(self, memory: object) -> None:
        """Go back to it."""
        self._wanted = str(memory)


def _first(words: str) -> str:
    return words.split("\n")[0]


def _read(session: Session, panel_id: int) -> tuple[Panel | None, MinutesShown | None]:
    lines = meetings.panels(session)
    held = [each.panel for each in lines if each.panel.status == "closed"]
    found = next((each.panel for each in lines if each.panel.number == panel_id), held[0] if held else None)
    if found is None:
        return None, None
    try:
        return found, minutes_shown.read(session, found.number, PANEL)
    except NotFound:
        return found, None
