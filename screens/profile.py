"""One person: who, what is known and from when, contacts, flags, links, consents, decisions; or their mask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework.profile_records import AnyProfile, Profile
from kingshurst_tui.casework.profiles import open_profile
from kingshurst_tui.casework.true_reasons import EXPECTED_REASONS
from kingshurst_tui.errors import KingshurstError, ReasonNeeded, StoreLocked
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from screens.base import KingshurstScreen
from screens.bindings import MOVE, bind
from screens.flag_acts import judge_flag
from screens.incident_acts import rule_on_incident
from screens.pair_list import PairList
from screens.profile_acts import ProfileActs
from screens.profile_parts import SECTIONS, ProfileParts
from screens.reading import Reading
from screens.reason_prompt import ReasonPrompt
from screens.widgets.section_bar import Section
from screens.widgets.timeline import LEGEND
from screens.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.linkage.pairs_shown import Pair


class ProfileScreen(KingshurstScreen[None]):
    """A profile, or its mask where the three facts do not hold; opening it writes one entry."""

    HELP = f"""One person, as far as may be seen. What comes first is whether and how to approach them.
o t f l c d r (or ← →) show the parts; Enter on a line does what can be done with it; n does something new.
[ and ] go to the previous and next person of the list one came from. w says that this is the wrong person.
On the timeline i says which reports are one incident, and which are not; flags follow. On the flags v says whether
one was useful. m shows what came of the decisions, and records it.
A masked person shows as a pseudonym: counts by agency and month, rules met, and your own agency's references.
? in a count is not known, · is none. In the timeline: {LEGEND}."""

    CSS_PATH = "styles/profile.tcss"
    BINDING_GROUP_TITLE = "Profile"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            bind(
                section.key,
                f"show({section.code!r})",
                section.title,
                id=f"profile-{section.code}",
                tooltip=f"Show {section.title.lower()}.",
                show=False,
            )
            for section in SECTIONS
        ),
        bind("left", "turn(-1)", "Part before", id="profile-part-before", tooltip="The part before.", group=MOVE),
        bind("right", "turn(1)", "Next part", id="profile-part-next", tooltip="The next part.", group=MOVE),
        bind(
            "left_square_bracket",
            "sibling(-1)",
            "Previous",
            id="profile-previous",
            tooltip="The previous person of the list one came from.",
            group=MOVE,
        ),
        bind(
            "right_square_bracket",
            "sibling(1)",
            "Next",
            id="profile-next",
            tooltip="The next person of the list one came from.",
            group=MOVE,
        ),
        bind("n", "new", "New", id="profile-new", tooltip="Record a consent, a ground, a decision, an action …"),
        bind(
            "w",
            "wrong_person",
            "Wrong person",
            id="profile-wrong-person",
            tooltip="A record here is somebody else's: see what it would reopen, then say so.",
        ),
        bind(
            "a",
            "who_looked",
            "Who looked",
            id="profile-who-looked",
            tooltip="Who has looked at this person, when and why: the audit trail.",
            show=False,
        ),
        bind(
            "i",
            "incident",
            "One incident?",
            id="profile-incident",
            tooltip="On the timeline: say which reports are one incident, and which are not, and why.",
        ),
        bind(
            "v",
            "judge_flag",
            "Useful?",
            id="profile-judge-flag",
            tooltip="On the flags: say whether the flag at the cursor was useful, and why.",
        ),
        bind(
            "m",
            "outcomes",
            "Outcomes",
            id="profile-outcomes",
            tooltip="What came of the decisions: measured at 3, 6 and 12 months against the person's own before.",
            show=False,
        ),
    ]

    def __init__(
        self,
        pseudonym: str,
        *,
        siblings: tuple[str, ...] = (),
        agenda_day: date | None = None,
        reason: ReasonCode | None = None,
        section: str = "overview",
    ) -> None:
        """Show a profile.

        Args:
            pseudonym: whose.
            siblings: the pseudonyms of the list one came from, in its order.
            agenda_day: the agenda's day, where the profile is opened within its agenda item.
            reason: the usual reason that was given already.
            section: the part to begin with.
        """
        super().__init__()
        self.pseudonym = pseudonym
        self.profile: AnyProfile | None = None
        self.reason = Reason(reason or (ReasonCode.PANEL if agenda_day else ReasonCode.CASELOAD))
        self._siblings = siblings
        self._agenda_day = agenda_day
        self._parts = ProfileParts(section)
        self._ruled_on = 0
        self._pairs: dict[int, Pair] | None = None

    @property
    def within(self) -> str | None:
        """The agenda item this is part of; opening the same profile again within it adds no entry."""
        return f"agenda/{self._agenda_day.isoformat()}/{self.pseudonym}" if self._agenda_day else None

    def body(self) -> ComposeResult:
        """Draw the parts; what they hold comes when the store has answered."""
        yield self._parts

    # --- opening -----------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Open the profile; within an agenda item a second opening adds no entry."""
        self.open()

    @work(exclusive=True, group="page", exit_on_error=False)
    async def open(self) -> None:
        """Open the profile, asking for a reason where one is needed."""
        while True:
            try:
                profile = await self.ask(open_profile, self.session, self.pseudonym, self.reason, within=self.within)
            except ReasonNeeded as needed:
                if self.profile is not None:  # what was read for another reason does not stand behind the question
                    self._refused(needed)
                reason = await self.app.push_screen_wait(
                    ReasonPrompt(f"Why do you open {self.pseudonym}?", without=EXPECTED_REASONS)
                )
                if reason is None:
                    self.dismiss()
                    return
                self.reason = reason
                continue
            except StoreLocked:
                raise
            except KingshurstError as error:
                self._refused(error)
                return
            break
        self.show_profile(profile)

    def _refused(self, error: KingshurstError) -> None:
        self.profile = None
        self._parts.refused(error)
        self.refresh_bindings()

    def show_profile(self, profile: AnyProfile) -> None:
        """Draw the profile or its mask."""
        self.profile, self._pairs = profile, None
        self.pseudonym = profile.pseudonym
        place = ""
        if len(self._siblings) > 1 and profile.pseudonym in self._siblings:
            place = f"{self._siblings.index(profile.pseudonym) + 1} of {len(self._siblings)}"
        self._parts.show_profile(profile, place)
        self._parts.go_to_contact(self._ruled_on)
        self._shown()

    # --- moving ------------------------------------------------------------------------------------------

    @property
    def sections(self) -> list[Section]:
        """The parts there are: a mask has fewer."""
        return self._parts.sections

    def action_show(self, code: str) -> None:
        """Show one part."""
        self._parts.show_part(code)
        self._shown()

    def action_turn(self, by: int) -> None:
        """Show the part before or after."""
        self._parts.turn(by)
        self._shown()

    def _shown(self) -> None:
        self.refresh_bindings()
        if self._parts.here == "links":
            self._explain_links()

    def action_sibling(self, by: int) -> None:
        """Go to the previous or next person of the list one came from."""
        if self.pseudonym not in self._siblings:
            self.notify("One came here from no list.", markup=False)
            return
        at = self._siblings.index(self.pseudonym) + by
        if not 0 <= at < len(self._siblings):
            self.notify("This is the last of the list." if by > 0 else "This is the first of the list.", markup=False)
            return
        self.pseudonym = self._siblings[at]
        self.profile = None
        if self._agenda_day is None:
            self.reason = Reason(ReasonCode.CASELOAD)
        self.reload()

    # --- links -------------------------------------------------------------------------------------------

    def _explain_links(self) -> None:
        profile = self.profile
        if self._pairs is not None or not isinstance(profile, Profile) or not profile.links:
            return
        if not self.session.may(Operation.CONSULT, Thing.LINK):
            self.query_one(PairList).say("What weighed for and against is for those who review links; w tells them.")
            return
        from kingshurst_tui.linkage.pairs_shown import links_of

        reason = Reason(ReasonCode.REVIEW)
        self.run_work(
            links_of, self.session, profile.profile_id, reason, then=self.show_pairs, group="links",
            doing="Reading what speaks for each link",
        )  # fmt: skip

    def show_pairs(self, pairs: list[Pair]) -> None:
        """Keep what speaks for and against each link, and show it for the one at the cursor."""
        self._pairs = {pair.link_id: pair for pair in pairs}
        links = self.query_one(PairList)
        links.show_pair(self._pairs.get(int(links.table.row.key)) if links.table.row else None)

    @on(VirtualTable.Moved, "#links-list")
    def link_moved(self, event: VirtualTable.Moved) -> None:
        """Show what speaks for and against the link at the cursor."""
        if self._pairs is not None:
            self.query_one(PairList).show_pair(self._pairs.get(int(event.row.key)))

    # --- doing -------------------------------------------------------------------------------------------

    @on(VirtualTable.Opened, "#flags-list")
    @on(VirtualTable.Opened, "#contacts-list")
    def read_on(self, event: VirtualTable.Opened) -> None:
        """Show the line at the cursor in a box of its own."""
        part = self._parts.part("flags" if event.table.id == "flags-list" else "contacts")
        self.app.push_screen(Reading("In full", part.explain(event.row)))

    @on(VirtualTable.Opened, "#basis-list")
    @on(VirtualTable.Opened, "#decisions-list")
    @on(VirtualTable.Opened, "#notes-list")
    @on(VirtualTable.Opened, "#links-list")
    @work(exclusive=True, group="act", exit_on_error=False)
    async def opened(self, event: VirtualTable.Opened) -> None:
        """Do what can be done with a consent, a ground, a decision, an action or a link."""
        await self._then_reload(ProfileActs(self).with_row(event.table.id or "", str(event.row.key)))

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_new(self) -> None:
        """Do something new."""
        await self._then_reload(ProfileActs(self).new())

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_wrong_person(self) -> None:
        """Say that a record here is somebody else's, after seeing what that reopens."""
        await self._then_reload(ProfileActs(self).wrong_person())

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_incident(self) -> None:
        """Say what is, or is not, one incident with the line at the cursor."""
        key = self._parts.line_here
        if not key:
            return
        self._ruled_on = self._parts.lines[key][0].contact_id
        await self._then_reload(rule_on_incident(self, self._parts.lines, key))

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_judge_flag(self) -> None:
        """Say whether the flag at the cursor was useful."""
        flag = self._parts.flag_here
        if flag is not None and self.profile is not None:
            await self._then_reload(judge_flag(self, self.profile, flag))

    def action_outcomes(self) -> None:
        """Show what came of the decisions about this person."""
        from screens.outcomes import OutcomesScreen

        self.app.push_screen(OutcomesScreen(self.pseudonym, reason=self.reason))

    def action_who_looked(self) -> None:
        """Show who has looked at this person, and why."""
        from kingshurst_tui.oversight.trail import TrailFilter
        from screens.audit import AuditScreen

        self.app.push_screen(AuditScreen(TrailFilter(pseudonym=self.pseudonym)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what the part in view has and whoever is signed in may do."""
        if action == "who_looked" and self.kingshurst.session is not None:
            return self.session.may(Operation.CONSULT, Thing.AUDIT)
        if action == "incident" and self.kingshurst.session is not None:
            open_timeline = isinstance(self.profile, Profile) and self._parts.here == "timeline"
            return open_timeline and self.session.may(Operation.ALTER, Thing.PROFILE)
        if action == "judge_flag" and self.kingshurst.session is not None:
            return bool(self._parts.here == "flags" and self.session.may(Operation.ALTER, Thing.JUDGEMENT))
        if action in ("new", "wrong_person") and self.profile is None:
            return False
        if action == "outcomes" and self.kingshurst.session is not None:
            return isinstance(self.profile, Profile) and self.session.may(Operation.CONSULT, Thing.OUTCOME)
        return super().check_action(action, parameters)

    async def _then_reload(self, act: object) -> None:
        if self.profile is not None and await act:  # type: ignore[misc]
            self.reload()

    # --- the lock ----------------------------------------------------------------------------------------

    def about(self) -> str:
        """Return whose profile this is."""
        return f"{type(self).__name__} {self.pseudonym}"

    def reopen(self) -> Callable[[], ProfileScreen]:
        """Build the same profile again; a reason in words is asked for anew."""
        code = None if self.reason.code is ReasonCode.OTHER else self.reason.code
        pseudonym, siblings, day, here = self.pseudonym, self._siblings, self._agenda_day, self._parts.here
        return lambda: ProfileScreen(pseudonym, siblings=siblings, agenda_day=day, reason=code, section=here)
