"""One panel being prepared: agenda, candidates, members, information, first views, interests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from kingshurst_tui.casework.partners import partner_agencies
from kingshurst_tui.dates import read_date
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.panels import (
    attendance,
    candidates,
    cases,
    first_views,
    information,
    meetings,
    members,
    proposals,
    settings,
)
from kingshurst_tui.permissions import SPEAKS_FOR_EVERY_AGENCY
from kingshurst_tui.vocabulary import Operation, Thing
from screens import meeting_forms as forms
from screens import meeting_parts as parts
from screens.ask_words import AskWords
from screens.base import KingshurstScreen
from screens.bindings import MOVE, bind
from screens.choose import Choose
from screens.confirm import Confirm
from screens.drafting import Begun, Draft
from screens.form_dialog import FormDialog
from screens.widgets.facts import Fact
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.section_bar import SectionBar
from screens.widgets.text import plain
from screens.widgets.virtual_table import Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.panels.candidates import Candidate
    from kingshurst_tui.panels.records import Case, Member, OnePanel, Panel, Request
    from kingshurst_tui.session import Session


class MeetingScreen(KingshurstScreen[None]):
    """One panel and everything that is prepared for it."""

    HELP = """a agenda, c candidates, m members, i information, v first views, t interests. On the agenda J and K move a
case, Enter changes its question and minutes, x takes it off or puts it off. Among candidates Enter puts one on the
agenda; nothing adds itself. Enter on a member says whether they came, f that they confirm confidentiality. Enter on
a request answers it. Enter on a first view writes your agency's; nobody reads another's before r shows all
together. n adds what the part holds; e changes the panel itself, o opens, closes or calls it off, w is its room, u
its minutes and packs."""
    MODE = "panels"
    CSS_PATH = "styles/meetings.tcss"
    BINDING_GROUP_TITLE = "A panel being prepared"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            bind(
                part.key,
                f"part({part.code!r})",
                part.title,
                id=f"meeting-{part.code}",
                tooltip=f"Show the panel's {part.title.lower()}.",
                group=MOVE,
                show=False,
            )
            for part in parts.PARTS
        ),
        bind("n", "add", "New", id="meeting-new", tooltip="Add to this part: a case, a member, a request."),
        bind("J", "move(1)", "Later", id="meeting-later", tooltip="Move the case down the agenda.", show=False),
        bind("K", "move(-1)", "Sooner", id="meeting-sooner", tooltip="Move the case up the agenda.", show=False),
        bind("x", "off", "Off", id="meeting-off", tooltip="Take off, put off, leave out or take back; asks why."),
        bind("r", "reveal", "Reveal", id="meeting-reveal", tooltip="Show first views to all, together."),
        bind("f", "confirm", "Confidential", id="meeting-confirm", tooltip="A member confirms confidentiality."),
        bind("e", "edit", "Edit", id="meeting-edit", tooltip="Change what is written of the panel."),
        bind("o", "turn", "Open or close", id="meeting-turn", tooltip="Open the panel, close it or call it off."),
        bind("w", "room", "Room", id="meeting-room", tooltip="Go into the panel's room."),
        bind("u", "minutes", "Minutes", id="meeting-minutes", tooltip="Its minutes, and its packs.", show=False),
    ]

    def __init__(
        self, panel_id: int | str, *, part: str = "agenda", siblings: tuple[int | str, ...] = ()
    ) -> None:
        super().__init__()
        self.panel_id = int(panel_id)
        self._part = part
        self._shown: OnePanel | None = None
        self._found: tuple[Candidate, ...] = ()
        self._wanted: int | str = 0

    def body(self) -> ComposeResult:
        """Draw what the panel is, its parts, and the list of each."""
        yield Static("", id="meeting-line")
        yield SectionBar(parts.PARTS)
        for part in parts.PARTS:
            nothing, hint = parts.NOTHING[part.code]
            yield ListAndDetail(*parts.COLUMNS[part.code], nothing=nothing, hint=hint, id=f"part-{part.code}")

    def on_mount(self) -> None:
        """Show one part; asking for the panel comes with the base's own mounting."""
        self._show_part()

    # --- reading and drawing ------------------------------------------------------------------------------

    def reload(self) -> None:
        """Ask for the panel, and for candidates where one prepares it."""
        self.run_work(_read, self.session, self.panel_id, then=self.show_meeting, doing="Reading the panel")

    def show_meeting(self, read: tuple[OnePanel, tuple[Candidate, ...]]) -> None:
        """Draw it."""
        self._shown, self._found = read
        self.query_one("#meeting-line", Static).update(plain(parts.heading(self._shown)))
        for part in parts.PARTS:
            listed = self.query_one(f"#part-{part.code}", ListAndDetail)
            rows = parts.rows(part.code, self._shown, self._found, self.session.user.agency)
            listed.show(rows, partial(self._facts, part.code))
        if self._wanted:
            self._list.table.go_to(self._wanted)
            self._wanted = 0
        self._show_part()

    def _facts(self, part: str, row: Row) -> Iterable[Fact]:
        return parts.facts(part, row.key, self._shown, self._found) if self._shown is not None else ()

    @property
    def _list(self) -> ListAndDetail:
        return self.query_one(f"#part-{self._part}", ListAndDetail)

    def _show_part(self) -> None:
        for part in parts.PARTS:
            self.query_one(f"#part-{part.code}").display = part.code == self._part
        counts = parts.counts(self._shown, self._found) if self._shown is not None else {}
        self.query_one(SectionBar).show(self._part, parts.PARTS, counts)
        self._list.table.focus()
        self.refresh_bindings()

    def action_part(self, part: str) -> None:
        """Show another part."""
        self._part = part
        self._show_part()

    # --- what is at the cursor ----------------------------------------------------------------------------

    @property
    def _panel(self) -> Panel | None:
        return self._shown.panel if self._shown is not None else None

    @property
    def _key(self) -> int | str:
        row = self._list.table.row
        return row.key if row is not None and not row.heading else 0

    @property
    def _case(self) -> Case | None:
        key = self._key
        return self._shown.case(key) if self._shown is not None and isinstance(key, int) else None

    @property
    def _member(self) -> Member | None:
        return next((each for each in self._shown.members if each.number == self._key), None) if self._shown else None

    @property
    def _request(self) -> Request | None:
        return next((each for each in self._shown.requests if each.number == self._key), None) if self._shown else None

    @property
    def _prepares(self) -> bool:
        return self.kingshurst.session is not None and self.session.may(Operation.ALTER, Thing.PANEL)

    @property
    def _runs(self) -> bool:
        panel = self._panel
        if panel is None or self.kingshurst.session is None:
            return False
        return meetings.runs(self.session, panel.chair, panel.minute_taker)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what the part in view and the user's role allow."""
        if self.kingshurst.session is None:
            return super().check_action(action, parameters)
        prepares = self._prepares
        if action == "edit":
            return prepares
        if action == "turn":
            return self._runs
        if action == "move":
            return self._runs and self._part == "agenda"
        if action == "reveal":
            return self._runs and self._part == "views"
        if action == "off":
            return (self._runs and self._part == "agenda") or (prepares and self._part in ("members", "information"))
        if action == "confirm":
            return self._part == "members"
        if action == "add":
            # On the agenda whoever does not prepare it proposes; first views of others are the coordinator's to enter.
            return self._part in ("agenda", "interests") or prepares
        return super().check_action(action, parameters)

    # --- doing --------------------------------------------------------------------------------------------

    @on(VirtualTable.Opened)
    @work(exclusive=True, group="act", exit_on_error=False)
    async def opened(self, event: VirtualTable.Opened) -> None:
        """Do what Enter does in this part."""
        done: Callable[[], Any] = {
            "agenda": self._open_case,
            "candidates": self._add_candidate,
            "members": self._attend,
            "information": self._answer,
            "views": self._write_view,
        }.get(self._part, self._nothing)
        if await done():
            self._wanted = self._key
            self.reload()

    async def _nothing(self) -> bool:
        return False

    async def _open_case(self) -> bool:
        case = self._case
        if case is None or not self._prepares:
            return False
        if case.status == "proposed":
            options = (("accept", "Put it on the agenda."), ("decline", "Leave it off, and say why."))
            box = Choose("What becomes of this proposal?", options, words=case.question)
            chosen = await self.app.push_screen_wait(box)
            if chosen == "decline":
                return await self._why("Why is it left off?", "", proposals.decline, case.number)
            return chosen is not None and await self._over_load(proposals.accept, case.number)
        if not case.is_listed:
            sure = await self.app.push_screen_wait(
                Confirm("Put this case back on the agenda?", case.status_why, yes="Put it back", no="Leave it")
            )
            return bool(sure) and await self._over_load(cases.put_back, case.number)
        begun = Begun(case.version)
        return await self._form(
            f"Case {case.place}: {case.pseudonym}",
            forms.case_fields(with_whom=False, is_open=case.is_open),
            forms.reworded(self.session, case, begun),
            values={"question": case.question, "minutes": str(case.minutes)},
            begun=begun,
        )

    async def _add_candidate(self) -> bool:
        found = next((each for each in self._found if each.pseudonym == self._key), None)
        if found is None:
            return False
        added = await self._over_load(candidates.add, self.panel_id, found)
        if added:
            self.notify("On the agenda, last. There Enter changes what the panel is asked.", markup=False)
        return added

    async def _attend(self) -> bool:
        member = self._member
        if member is None or not self._runs:
            return False
        here = () if member.attendance == "asked" else (member.attendance,)
        box = Choose(f"{member.name}, {member.agency}", forms.CAME, here, at="present")
        word = await self.app.push_screen_wait(box)
        if word is None:
            return False
        came = await self._information_day() if word == "apologies" else None
        over = member.version
        await self.ask(
            attendance.attend, self.session, member.number, word, information_on=came, over=over
        )
        return True

    async def _information_day(self) -> date | None:
        words = "With apologies: on which day did their information come? Nothing where none came."
        day, hint = None, "A date like 3 May 2026, then Enter"
        while day is None:
            box = AskWords("Did information come?", words, placeholder=hint, needed=False)
            said = await self.app.push_screen_wait(box)
            if not said:
                return None
            day, words = read_date(said), "This is no day. Write it as 3 May 2026 or 3/5/2026."
        return day

    async def _answer(self) -> bool:
        request = self._request
        if request is None:
            return False
        own = request.agency == self.session.user.agency
        if not own and self.session.user.role not in SPEAKS_FOR_EVERY_AGENCY:
            self.notify(f"{request.agency} was asked this; they or the coordinator answer it.", markup=False)
            return False
        begun = Begun(request.version)
        values = {"answer": request.answer, "status": "" if request.status == "asked" else request.status}
        return await self._form(
            f"{request.agency}: {request.question}",
            forms.answer_fields(is_own=own),
            forms.answered(self.session, request, begun),
            words=f"About {request.pseudonym}.",
            values=values,
            draft=Draft(Operation.ALTER, Thing.INFORMATION, 0, f"{request.number}"),
            begun=begun,
        )

    async def _write_view(self) -> bool:
        case = self._case
        if case is None or self._shown is None:
            return False
        if case.revealed_at or not case.is_open:
            why = "They are shown to all; say it in the room." if case.revealed_at else "The profile is masked."
            self.notify(why, markup=False)
            return False
        if self._prepares and not any(code == self.session.user.agency for code, _ in await self._agencies()):
            return await self._enter_view(case)
        kept = next(
            (v for v in self._shown.views if v.case == case.number and v.agency == self.session.user.agency), None
        )
        begun = Begun(kept.version if kept else None)
        return await self._form(
            f"First view of {case.who}",
            forms.view_fields(),
            forms.viewed(self.session, case, begun),
            words="Your agency's own, before it sees the others'. Nobody else reads it until all are shown.",
            values={name: getattr(kept, name) for name in first_views.FIELDS} if kept else None,
            draft=Draft(Operation.ALTER, Thing.FIRST_VIEW, case.profile_id, f"{case.number}"),
            begun=begun,
        )

    async def _enter_view(self, case: Case) -> bool:
        return await self._form(
            f"First view of {case.who}, for an agency",
            forms.view_fields(await self._agencies()),
            forms.viewed(self.session, case, Begun(None)),
            words="For an agency of which nobody signs in here: as it sent it, entered by you.",
            draft=Draft(Operation.ALTER, Thing.FIRST_VIEW, case.profile_id, f"for-{case.number}"),
        )

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_add(self) -> None:
        """Add what the part holds."""
        if self._shown is None:
            return
        session, panel = self.session, self._shown.panel
        if self._part in ("agenda", "candidates") and self._prepares:
            draft = Draft(Operation.ALTER, Thing.PANEL, 0, f"case-{panel.number}")
            fields = forms.case_fields(with_whom=True, is_over=len(self._shown.listed) >= panel.quorum.cap)
            values = {"minutes": str(await self.ask(settings.value_of, session, "panel.minutes"))}
            send = forms.added(session, panel)
            done = await self._form("Put somebody on the agenda", fields, send, values=values, draft=draft)
        elif self._part in ("agenda", "candidates"):
            draft = Draft(Operation.COLLECT, Thing.PANEL, 0, f"propose-{panel.number}")
            done = await self._form("Propose somebody", forms.PROPOSAL, forms.proposed(session, panel), draft=draft)
        elif self._part == "members":
            accounts = await self.ask(_accounts, session)
            fields = forms.member_fields(await self._agencies(), accounts)
            done = await self._form("Ask somebody to the panel", fields, forms.invited(session, panel))
        elif self._part == "information":
            draft = Draft(Operation.ALTER, Thing.PANEL, 0, f"ask-{panel.number}")
            partners = await self._agencies()
            asked = {each.agency for each in self._shown.members if each.standing != "observer"}
            due = panel.information_by or panel.held_on
            values = {"due": due.isoformat(), "case": str(self._key_of_case())}
            values["agencies"] = ", ".join(code for code, _ in partners if code in asked)
            fields, send = forms.request_fields(self._shown, partners), forms.requested(session, panel)
            done = await self._form("Ask for information", fields, send, values=values, draft=draft)
        elif self._part == "views":
            case = self._case
            done = case is not None and case.is_open and not case.revealed_at and await self._enter_view(case)
        else:
            fields = forms.interest_fields(self._shown)
            done = await self._form("Declare an interest", fields, forms.declared(session))
        if done:
            self.reload()

    def _key_of_case(self) -> int | str:
        request = self._request
        return request.case if request is not None else ""

    @work(exclusive=True, group="move", exit_on_error=False)
    async def action_move(self, by: int) -> None:
        """Move the case at the cursor."""
        case = self._case
        if case is not None and case.is_listed:
            await self.ask(cases.move, self.session, case.number, by)
            self._wanted = case.number
            self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_off(self) -> None:
        """Take off, put off, leave out or take back, with the reason."""
        case, member, request = self._case, self._member, self._request
        done = False
        if self._part == "agenda" and case is not None and case.status == "listed":
            options = (("off", "Take it off the agenda."), ("defer", "Put it off to a later panel."))
            chosen = await self.app.push_screen_wait(Choose(f"Case {case.place}: {case.pseudonym}", options))
            if chosen is not None:
                function = cases.defer if chosen == "defer" else cases.take_off
                done = await self._why("Why?", "", function, case.number)
        elif self._part == "members" and member is not None:
            done = await self._why(f"Why is {member.name} asked no more?", "", members.leave_out, member.number)
        elif self._part == "information" and request is not None:
            done = await self._why("Why is it asked no more?", request.question, information.take_back, request.number)
        if done:
            self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_reveal(self) -> None:
        """Show the first views of this case, or of all, to everybody."""
        case = self._case
        options = (("one", "Of this case."), ("all", "Of every case, together."))
        chosen = await self.app.push_screen_wait(
            Choose("Show first views to all", options, words="Nothing hides them again, and none is written after.")
        )
        if chosen is None or (chosen == "one" and case is None):
            return
        function, number = (
            (first_views.reveal, case.number)
            if chosen == "one" and case is not None
            else (first_views.reveal_all, self.panel_id)
        )
        if await self._where_needed(function, number, keyword="why"):
            self._wanted = self._key
            self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_confirm(self) -> None:
        """Keep that the member at the cursor confirms confidentiality."""
        member = self._member
        if member is not None:
            await self.ask(attendance.confirm, self.session, member.number)
            self._wanted = member.number
            self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_edit(self) -> None:
        """Change what is written of the panel."""
        panel = self._panel
        if panel is None:
            return
        begun = Begun(panel.version)
        fields = forms.panel_fields(await self.ask(meetings.officers_to_choose, self.session))
        send = forms.changed(self.session, panel, begun)
        if await self._form(f"Panel {panel.number}", fields, send, values=forms.panel_values(panel), begun=begun):
            self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_turn(self) -> None:
        """Open the panel, close it, or call it off."""
        panel = self._panel
        if panel is None or panel.is_settled:
            return
        if panel.status == "open":
            sure = Confirm("Close the panel?", "What was not discussed is put off.", yes="Close it", no="Go on")
            done = await self.app.push_screen_wait(sure) and await self._where_needed(
                meetings.close_panel, panel.number, keyword="why_left"
            )
        else:
            options = (("open", "Open it: the meeting begins."), ("off", "Call it off, and say why."))
            chosen = await self.app.push_screen_wait(Choose(panel.title, options))
            if chosen == "open":
                done = bool(await self.ask(meetings.open_panel, self.session, panel.number))
            else:
                why = "Why is it not held?"
                done = chosen == "off" and await self._why(why, "", meetings.call_off, panel.number)
        if done:
            self.reload()

    def action_room(self) -> None:
        """Go into the panel's room."""
        from screens.panel_mode import PanelModeScreen

        case = self._case
        self.app.push_screen(PanelModeScreen(self.panel_id, case_id=case.number if case is not None else 0))

    def action_minutes(self) -> None:
        """Go to the panel's minutes, and to what leaves of it."""
        from screens.minutes import MinutesScreen

        self.app.push_screen(MinutesScreen(self.panel_id))

    # --- asking -------------------------------------------------------------------------------------------

    async def _form(self, title: str, fields: Any, send: Any, **more: Any) -> bool:
        draft = more.get("draft")
        if draft is not None:
            await self.ask(draft.load, self.session)
        return bool(await self.app.push_screen_wait(FormDialog(title, fields, send, **more)))

    async def _why(
        self, heading: str, words: str, function: Callable[..., Any], *args: Any, keyword: str = "why"
    ) -> bool:
        """Ask for a reason until the room takes it, or it is given up."""
        given = ""
        while (said := await self.app.push_screen_wait(AskWords(heading, words, given=given))) is not None:
            try:
                await self.ask(function, self.session, *args, **{keyword: said})
            except InputRejected as wrong:
                given, words = said, f"{wrong.title} {wrong.hint}"
            else:
                return True
        return False

    async def _where_needed(self, function: Callable[..., Any], *args: Any, keyword: str) -> bool:
        """Do it, and ask for a reason only where the room wants one."""
        try:
            await self.ask(function, self.session, *args)
        except InputRejected as needed:
            words = "\n".join(part for part in (needed.detail, needed.hint) if part)
            return await self._why(needed.title, words, function, *args, keyword=keyword)
        return True

    async def _over_load(self, function: Callable[..., Any], *args: Any) -> bool:
        return await self._where_needed(function, *args, keyword="why_over_cap")

    async def _agencies(self) -> forms.Options:
        return await self.ask(partner_agencies, self.session)

    # --- for the lock -------------------------------------------------------------------------------------

    def on_screen_resume(self) -> None:
        """Read again what came meanwhile."""
        if self._shown is not None and self.kingshurst.session is not None:
            self.reload()

    def reopen(self) -> Callable[[], MeetingScreen]:
        """Build the same part of the same panel again."""
        return partial(MeetingScreen, self.panel_id, part=self._part)

    def remember(self) -> object:
        """Return the row at the cursor."""
        return self._key

    def recall(self, memory: object) -> None:
        """Go back to it."""
        self._wanted = memory if isinstance(memory, (int, str)) else 0


def _read(session: Session, panel_id: int) -> tuple[OnePanel, tuple[Candidate, ...]]:
    shown = meetings.one(session, panel_id)
    if shown.panel.is_settled or not session.may(Operation.ALTER, Thing.PANEL):
        return shown, ()
    return shown, candidates.candidates(session, panel_id)


def _accounts(session: Session) -> forms.Options:
    return meetings.officers_to_choose(session)
