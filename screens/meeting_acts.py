"""What is done to a panel that is being prepared: the questions its screen asks, and what their answers do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from kingshurst_tui.casework.partners import partner_agencies
from kingshurst_tui.counting import some
from kingshurst_tui.dates import read_date
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
from screens import meeting_case_forms as case_forms
from screens import meeting_forms as forms
from screens.ask_words import AskWords
from screens.choose import Choose
from screens.confirm import Confirm
from screens.drafting import Begun, Draft
from screens.form_dialog import FormDialog
from screens.meeting_opening import turn
from screens.why_needed import where_needed, with_why

if TYPE_CHECKING:
    from kingshurst_tui.panels.records import Case, Member
    from screens.meeting import MeetingScreen


class MeetingActs:
    """The acts of one screen; each says whether anything was done."""

    def __init__(self, screen: MeetingScreen) -> None:
        self.screen = screen

    async def open_case(self) -> bool:
        """Change what a case is asked, settle a proposal, or list a case again."""
        case = self.screen.case
        if case is None or not self.screen.prepares:
            return False
        if case.status == "proposed":
            options = (("accept", "Put it on the agenda."), ("decline", "Leave it off, and say why."))
            box = Choose("What becomes of this proposal?", options, words=case.question)
            chosen = await self.screen.app.push_screen_wait(box)
            if chosen == "decline":
                return await self._why("Why is it left off?", "", proposals.decline, case.number)
            return chosen is not None and await self._over_load(proposals.accept, case.number)
        if not case.is_listed:
            sure = await self.screen.app.push_screen_wait(
                Confirm("Put this case back on the agenda?", case.status_why, yes="Put it back", no="Leave it")
            )
            return bool(sure) and await self._over_load(cases.put_back, case.number)
        begun = Begun(case.version)
        return await self._form(
            f"Case {case.place}: {case.pseudonym}",
            case_forms.case_fields(with_whom=False, is_open=case.is_open),
            case_forms.reworded(self.screen.session, case, begun),
            values={"question": case.question, "minutes": str(case.minutes)},
            begun=begun,
        )

    async def add_candidate(self) -> bool:
        """Put the candidate at the cursor on the agenda."""
        found = next((each for each in self.screen.found if each.pseudonym == self.screen.key), None)
        if found is None:
            return False
        added = await self._over_load(candidates.add, self.screen.panel_id, found)
        if added:
            self.screen.notify("On the agenda, last. There Enter changes what the panel is asked.", markup=False)
        return added

    async def attend(self) -> bool:
        """Say whether the member at the cursor came."""
        member = self.screen.member
        if member is None:
            return False
        if not self.screen.runs:
            return await self._vouch(member)
        here = () if member.attendance == "asked" else (member.attendance,)
        options = forms.CAME if member.confidentiality_at else forms.CAME_AND_AGREES
        box = Choose(f"{member.name}, {member.agency}", options, here, at="present")
        word = await self.screen.app.push_screen_wait(box)
        if word is None:
            return False
        if word == forms.AGREES:
            await self.screen.ask(attendance.confirm, self.screen.session, member.number)
            word = "present"
        came = await self._information_day() if word == "apologies" else None
        send = partial(attendance.attend, information_on=came, over=member.version)
        return await where_needed(self.screen, send, member.number, word, keyword="why")

    async def _vouch(self, member: Member) -> bool:
        """Let somebody of the same agency say that who is written down as present is there and is theirs."""
        if member.agency != self.screen.session.user.agency or member.attendance != "present" or member.is_known:
            return False
        box = Confirm(f"Is {member.name} of {member.agency}, and in the room?", "Your word stands beside theirs.")
        if not await self.screen.app.push_screen_wait(box):
            return False
        await self.screen.ask(attendance.attend, self.screen.session, member.number, "present", over=member.version)
        return True

    async def _information_day(self) -> date | None:
        words = "With apologies: on which day did their information come? Nothing where none came."
        day, hint = None, "A date like 3 May 2026, then Enter"
        while day is None:
            box = AskWords("Did information come?", words, placeholder=hint, needed=False)
            said = await self.screen.app.push_screen_wait(box)
            if not said:
                return None
            day, words = read_date(said), "This is no day. Write it as 3 May 2026 or 3/5/2026."
        return day

    async def answer(self) -> bool:
        """Answer what an agency was asked."""
        request = self.screen.request
        if request is None:
            return False
        own = request.agency == self.screen.session.user.agency
        if not own and self.screen.session.user.role not in SPEAKS_FOR_EVERY_AGENCY:
            self.screen.notify(f"{request.agency} was asked this; they or the coordinator answer it.", markup=False)
            return False
        begun = Begun(request.version)
        values = {"answer": request.answer, "status": "" if request.status == "asked" else request.status}
        return await self._form(
            f"{request.agency}: {request.question}",
            case_forms.answer_fields(is_own=own),
            case_forms.answered(self.screen.session, request, begun),
            words=f"About {request.pseudonym}.",
            values=values,
            draft=Draft(Operation.ALTER, Thing.INFORMATION, 0, f"{request.number}"),
            begun=begun,
        )

    async def write_view(self) -> bool:
        """Write one's own agency's first view of the case at the cursor."""
        case = self.screen.case
        if case is None or self.screen.shown is None:
            return False
        if case.revealed_at or not case.is_open:
            why = "They are shown to all; say it in the room." if case.revealed_at else "The profile is masked."
            self.screen.notify(why, markup=False)
            return False
        mine = self.screen.session.user.agency
        if self.screen.prepares and mine not in {code for code, _ in await self._agencies()}:
            return await self._enter_view(case)
        written = self.screen.shown.views
        kept = next((view for view in written if view.case == case.number and view.agency == mine), None)
        begun = Begun(kept.version if kept else None)
        return await self._form(
            f"First view of {case.who}",
            case_forms.view_fields(),
            case_forms.viewed(self.screen.session, case, begun),
            words="Your agency's own, before it sees the others'. Nobody else reads it until all are shown.",
            values={name: getattr(kept, name) for name in first_views.FIELDS} if kept else None,
            draft=Draft(Operation.ALTER, Thing.FIRST_VIEW, case.profile_id, f"{case.number}"),
            begun=begun,
        )

    async def _enter_view(self, case: Case) -> bool:
        return await self._form(
            f"First view of {case.who}, for an agency",
            case_forms.view_fields(await self._agencies()),
            case_forms.viewed(self.screen.session, case, Begun(None)),
            words="For an agency of which nobody signs in here: as it sent it, entered by you.",
            draft=Draft(Operation.ALTER, Thing.FIRST_VIEW, case.profile_id, f"for-{case.number}"),
        )

    async def add(self) -> bool:
        """Add what the part holds."""
        if self.screen.shown is None:
            return False
        session, panel = self.screen.session, self.screen.shown.panel
        if self.screen.part in ("agenda", "candidates") and self.screen.prepares:
            draft = Draft(Operation.ALTER, Thing.PANEL, 0, f"case-{panel.number}")
            fields = case_forms.case_fields(with_whom=True, is_over=len(self.screen.shown.listed) >= panel.quorum.cap)
            values = {"minutes": str(await self.screen.ask(settings.value_of, session, "panel.minutes"))}
            send = case_forms.added(session, panel)
            done = await self._form("Put somebody on the agenda", fields, send, values=values, draft=draft)
        elif self.screen.part in ("agenda", "candidates"):
            draft = Draft(Operation.COLLECT, Thing.PANEL, 0, f"propose-{panel.number}")
            send = case_forms.proposed(session, panel)
            done = await self._form("Propose somebody", case_forms.PROPOSAL, send, draft=draft)
        elif self.screen.part == "members":
            accounts = await self.screen.ask(meetings.officers_to_choose, session)
            fields = forms.member_fields(await self._agencies(), accounts)
            done = await self._form("Ask somebody to the panel", fields, forms.invited(session, panel))
        elif self.screen.part == "information":
            draft = Draft(Operation.ALTER, Thing.PANEL, 0, f"ask-{panel.number}")
            partners = await self._agencies()
            asked = {each.agency for each in self.screen.shown.members if each.standing != "observer"}
            due = panel.information_by or panel.held_on
            values = {"due": due.isoformat(), "case": str(self._key_of_case())}
            values["agencies"] = ", ".join(code for code, _ in partners if code in asked)
            fields, send = case_forms.request_fields(self.screen.shown, partners), case_forms.requested(session, panel)
            done = await self._form("Ask for information", fields, send, values=values, draft=draft)
        elif self.screen.part == "views":
            case = self.screen.case
            done = case is not None and case.is_open and not case.revealed_at and await self._enter_view(case)
        else:
            fields = case_forms.interest_fields(self.screen.shown)
            done = await self._form("Declare an interest", fields, case_forms.declared(session))
        return bool(done)

    async def off(self) -> bool:
        """Take off, put off, leave out or take back, with the reason."""
        case, member, request = self.screen.case, self.screen.member, self.screen.request
        done = False
        if self.screen.part == "agenda" and case is not None and case.status == "listed":
            options = (("off", "Take it off the agenda."), ("defer", "Put it off to a later panel."))
            chosen = await self.screen.app.push_screen_wait(Choose(f"Case {case.place}: {case.pseudonym}", options))
            if chosen is not None:
                function = cases.defer if chosen == "defer" else cases.take_off
                done = await self._why("Why?", "", function, case.number)
        elif self.screen.part == "members" and member is not None:
            done = await self._why(f"Why is {member.name} asked no more?", "", members.leave_out, member.number)
        elif self.screen.part == "information" and request is not None:
            done = await self._why("Why is it asked no more?", request.question, information.take_back, request.number)
        return bool(done)

    async def reveal(self) -> bool:
        """Show the first views of this case, or of all, to everybody."""
        case = self.screen.case
        options = (("one", "Of this case."), ("all", "Of every case, together."))
        chosen = await self.screen.app.push_screen_wait(
            Choose("Show first views to all", options, words="Nothing hides them again, and none is written after.")
        )
        if chosen is None or (chosen == "one" and case is None):
            return False
        function, number = (
            (first_views.reveal, case.number)
            if chosen == "one" and case is not None
            else (first_views.reveal_all, self.screen.panel_id)
        )
        return await where_needed(self.screen, function, number, keyword="why")

    async def edit(self) -> bool:
        """Change what is written of the panel."""
        panel = self.screen.panel
        if panel is None:
            return False
        begun = Begun(panel.version)
        fields = forms.panel_fields(await self.screen.ask(meetings.officers_to_choose, self.screen.session))
        send = forms.changed(self.screen.session, panel, begun)
        return await self._form(f"Panel {panel.number}", fields, send, values=forms.panel_values(panel), begun=begun)

    async def turn(self) -> bool:
        """Open the panel, close it, or call it off."""
        panel = self.screen.panel
        return panel is not None and await turn(self.screen, panel, prepares=self.screen.prepares)

    async def all_present(self) -> bool:
        """Write down that everybody came who was asked and sent no apologies."""
        came, vouched = await self.screen.ask(attendance.all_present, self.screen.session, self.screen.panel_id)
        said = []
        if came:
            said.append(f"{some(came, 'person is', 'people are')} here. Enter on a member marks them absent.")
        if vouched:
            said.append(f"You vouched for {some(vouched, 'person', 'people')} whom one alone had written down.")
        self.screen.notify("\n".join(said) or "Everybody who was asked is written down already.", markup=False)
        return True

    def _key_of_case(self) -> int | str:
        request = self.screen.request
        return request.case if request is not None else ""

    async def _form(self, title: str, fields: Any, send: Any, **more: Any) -> bool:
        draft = more.get("draft")
        if draft is not None:
            await self.screen.ask(draft.load, self.screen.session)
        return bool(await self.screen.app.push_screen_wait(FormDialog(title, fields, send, **more)))

    async def _why(self, heading: str, words: str, function: Callable[..., Any], *args: Any) -> bool:
        return await with_why(self.screen, heading, words, function, *args)

    async def _over_load(self, function: Callable[..., Any], *args: Any) -> bool:
        return await where_needed(self.screen, function, *args, keyword="why_over_cap")

    async def _agencies(self) -> forms.Options:
        return await self.screen.ask(partner_agencies, self.screen.session)
