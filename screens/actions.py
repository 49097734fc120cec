"""Actions: an agency's own list, what comes back by itself, and files that go out and come back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from kingshurst_tui.casework import action_files, action_lists, action_replies
from kingshurst_tui.casework.action_lists import LISTS
from kingshurst_tui.casework.partners import partner_agencies
from kingshurst_tui.counting import some
from kingshurst_tui.permissions import SPEAKS_FOR_EVERY_AGENCY
from kingshurst_tui.vocabulary import Operation, Thing
from screens.action_acts import PANEL, deal_with
from screens.after_words import listed_action
from screens.ask_words import AskWords
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.choose import Choose
from screens.confirm import Confirm
from screens.form_dialog import FormDialog
from screens.opening import open_thing
from screens.profile_words import action_facts
from screens.widgets.facts import Fact
from screens.widgets.fields_form import Field, Kind
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.casework.action_replies import Reply
    from kingshurst_tui.casework.action_shown import ActionShown
    from kingshurst_tui.session import Session


class ActionsScreen(KingshurstScreen[None]):
    """One list of actions at a time; Enter does what can be done with the one at the cursor."""

    HELP = """What agencies are to do about people whose profiles are open, the soonest due first. v shows another list:
your agency's, your own, those not answered, what comes back (overdue, refused, left undone), every agency's, closed.
Enter says what can be done; a takes an action on, r refuses it with a reason, p says how far it has come, x what came
of it. o opens the person. f takes in a table or a calendar that came back, s lets a list leave."""
    MODE = "home"
    CSS_PATH = "styles/after.tcss"
    BINDING_GROUP_TITLE = "Actions"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("v", "which", "List", id="actions-which", tooltip="Show another list of actions."),
        bind("a", "deal('accept')", "Take on", id="actions-accept", tooltip="Take the action on for your agency."),
        bind("r", "deal('decline')", "Refuse", id="actions-decline", tooltip="Refuse it, with a reason."),
        bind("p", "deal('progress')", "Progress", id="actions-progress", tooltip="Say how far it has come."),
        bind("x", "deal('close')", "Close", id="actions-close", tooltip="Say what came of it."),
        bind("o", "person", "Person", id="actions-person", tooltip="Open the profile it is about.", show=False),
        bind(
            "f",
            "file",
            "Take in",
            id="actions-file",
            tooltip="Take in a table or a calendar that came back.",
            show=False,
        ),
        bind("s", "send", "Let leave", id="actions-send", tooltip="Let a list leave, through the gate.", show=False),
    ]

    def __init__(self, number: int | str = 0, *, which: str = "", siblings: tuple[int | str, ...] = ()) -> None:
        """Show actions.

        Args:
            number: the one to begin with.
            which: the list; by default the agency's own, or for a coordinator what comes back.
            siblings: the list one comes from.
        """
        super().__init__()
        self._first, self._siblings, self._which = int(number), siblings, which
        self._found: dict[int, ActionShown] = {}

    def body(self) -> ComposeResult:
        """Draw the list."""
        yield Static("", id="after-about")
        yield ListAndDetail(
            Column("", 2),
            Column("Who", 14),
            Column("What is to be done", 18, grows=True),
            Column("Stands", 18, priority=1),
            Column("Owner", 7, wants=16, priority=2),
            Column("Due", 11),
            nothing="No action is on this list.",
            hint="v shows another list. Actions are added on a profile (n).",
            id="actions",
        )

    def reload(self) -> None:
        """Read the list."""
        if not self._which:
            everybody = self.session.user.role in SPEAKS_FOR_EVERY_AGENCY
            self._which = "every" if everybody and self._first else "back" if everybody else "ours"
        self.run_work(
            action_lists.listed, self.session, PANEL, self._which, then=self.show_found, doing="Reading actions"
        )

    def show_found(self, found: Sequence[ActionShown]) -> None:
        """Draw them."""
        self._found = {each.number: each for each in found}
        said = f"{some(len(found), 'action')}: {LISTS[self._which]}"
        self.query_one("#after-about", Static).update(plain(said))
        rows = [listed_action(each) for each in found]
        listed = self.query_one(ListAndDetail)
        listed.show(rows, self._facts, at=self._first)
        self._first = 0
        listed.table.focus()

    def _facts(self, row: Row) -> Iterable[Fact]:
        return action_facts(self._found[int(str(row.key))])

    def _at_cursor(self) -> ActionShown | None:
        row = self.query_one(VirtualTable).row
        return self._found.get(int(str(row.key))) if row is not None else None

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_which(self) -> None:
        """Show another list."""
        options = [(code, f"{said[:1].upper()}{said[1:]}") for code, said in LISTS.items()]
        chosen = await self.app.push_screen_wait(Choose("Which actions?", options, [self._which], at=self._which))
        if chosen is not None:
            self._which = chosen
            self.reload()

    @on(VirtualTable.Opened)
    def opened(self) -> None:
        """Ask what to do with the action at the cursor."""
        self.action_deal("")

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_deal(self, doing: str) -> None:
        """Do one thing with the action at the cursor."""
        each = self._at_cursor()
        if each is not None and await deal_with(self, each, doing):
            self._first = each.number
            self.reload()

    def action_person(self) -> None:
        """Open the person."""
        each = self._at_cursor()
        if each is not None:
            open_thing(self, Thing.PROFILE, each.pseudonym)

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_file(self) -> None:
        """Take in a table or a calendar: read, say what it would change, and keep it after asking."""
        path = await self.app.push_screen_wait(
            AskWords("Take in what came back", "A table (CSV) or a calendar (.ics), all or nothing.",
                     placeholder="Its path")
        )  # fmt: skip
        if path is None:
            return
        replies: tuple[Reply, ...] = await self.ask(_read, path)
        would = await self.ask(action_replies.take_in, self.session, replies, PANEL, check=True)
        if not would.changed:
            self.notify("It says nothing new.", markup=False)
            return
        said = f"{some(would.rows, 'row')}: {some(len(would.changed), 'action')} would change."
        sure = await self.app.push_screen_wait(Confirm("Take this in?", said, yes="Take it in"))
        if sure:
            await self.ask(action_replies.take_in, self.session, replies, PANEL)
            self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_send(self) -> None:
        """Let an agency's actions leave for named people of it."""
        session = self.session
        agencies = dict(await self.ask(partner_agencies, session))
        if session.user.role not in SPEAKS_FOR_EVERY_AGENCY:
            agencies = {code: name for code, name in agencies.items() if code == session.user.agency}
        fields = (
            Field("agency", "Whose actions, and for whose people", Kind.CHOICE, required=True,
                  options=tuple(agencies.items())),
            Field("names", "For whom: their names, separated by commas", required=True, longest=400),
            Field("form", "As what", Kind.CHOICE, required=True,
                  options=(("csv", "a table that can come back filled in"), ("ics", "a calendar that names nobody"))),
            Field("into", "Into which folder", required=True, longest=400),
            Field("why", "Why it leaves", Kind.WORDS, required=True),
        )  # fmt: skip
        copies = await self.app.push_screen_wait(
            FormDialog("Let actions leave", fields, lambda given: _release(session, given),
                       words="A copy for each, marked and kept for supervisors.")
        )  # fmt: skip
        if copies:
            self.notify(f"{some(len(copies), 'copy', 'copies')} in {copies[0].path.parent}", markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what this user may do."""
        if action in ("deal", "file") and self.is_mounted and self.kingshurst.session is not None:
            return self.session.may(Operation.ALTER, Thing.ACTION)
        if action == "send" and self.is_mounted and self.kingshurst.session is not None:
            return self.session.may(Operation.DISCLOSE, Thing.ACTION)
        return True

    def remember(self) -> object:
        """Return the list in view."""
        return self._which

    def reopen(self) -> Callable[[], ActionsScreen]:
        """Build the same list again."""
        which = self._which
        return lambda: ActionsScreen(which=which)


def _read(path: str) -> tuple[Reply, ...]:
    return action_replies.read_file(Path(path).expanduser())


def _release(session: Session, given: dict[str, str]) -> object:
    from kingshurst_tui.leaving.gate import Recipient

    names = [name.strip() for name in given["names"].split(",") if name.strip()]
    return action_files.release(
        session,
        given["form"],
        agency=given["agency"],
        recipients=[Recipient(name, given["agency"]) for name in names],
        why=given["why"],
        into=Path(given["into"]).expanduser(),
        reason=PANEL,
    )
