"""One person: who, what is known and from when, contacts, flags, links, consents, decisions; or their mask."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from kingshurst_tui.casework.profiles import EXPECTED_REASONS, AnyProfile, MaskedProfile, Profile, open_profile
from kingshurst_tui.errors import KingshurstError, ReasonNeeded
from kingshurst_tui.session import Reason
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from screens import profile_words as words
from screens.base import KingshurstScreen
from screens.bindings import MOVE, bind
from screens.profile_acts import ProfileActs
from screens.reading import Reading
from screens.reason_prompt import ReasonPrompt
from screens.review_words import pieces
from screens.widgets.empty_state import EmptyState
from screens.widgets.facts import Fact, Facts
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.month_picture import MonthPicture
from screens.widgets.section_bar import Section, SectionBar
from screens.widgets.text import plain
from screens.widgets.timeline import LEGEND, Timeline
from screens.widgets.virtual_table import Column, Row, VirtualTable
from screens.widgets.waterfall import Waterfall

if TYPE_CHECKING:
    from kingshurst_tui.linkage.review import Pair

SECTIONS = (
    Section("o", "overview", "Overview"),
    Section("t", "timeline", "Timeline"),
    Section("f", "flags", "Flags"),
    Section("l", "links", "Links"),
    Section("c", "basis", "Consents"),
    Section("d", "decisions", "Decisions"),
)
SHORT_LEGEND = "V victim  W witness  S suspect  X convicted  C caller  o subject  ( ) opinion"
ON_A_MASK = ("overview", "timeline", "flags", "basis")


class ProfileScreen(KingshurstScreen[None]):
    """A profile, or its mask where the three facts do not hold; opening it writes one entry."""

    HELP = f"""One person, as far as may be seen. What comes first is whether and how to approach them.
o t f l c d (or ← →) show the parts; Enter on a line does what can be done with it; n does something new.
[ and ] go to the previous and next person of the list one came from. w says that this is the wrong person.
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
        self._here = section
        self._pairs: dict[int, Pair] | None = None

    @property
    def within(self) -> str | None:
        """The agenda item this is part of; opening the same profile again within it adds no entry."""
        return f"agenda/{self._agenda_day.isoformat()}/{self.pseudonym}" if self._agenda_day else None

    def body(self) -> ComposeResult:
        """Draw the first things first, then the parts."""
        yield Static("", id="approach")
        yield Static("", id="who")
        yield SectionBar(SECTIONS)
        with VerticalScroll(id="overview"):
            yield Facts(id="who-facts")
            yield Static("", id="months-title", classes="heading")
            yield MonthPicture()
            yield Facts(id="coverage")
        with Vertical(id="timeline"):
            yield Static("", id="lanes", classes="-muted")
            yield ListAndDetail(
                id="contacts",
                table=Timeline(id="contacts-list"),
                nothing="No contact may be shown.",
                hint="o shows counts by month, and what is unknown.",
            )
        yield ListAndDetail(
            Column("State", 10),
            Column("Rule", 20, grows=True),
            Column("Raised", 11),
            Column("Lapses", 11, priority=1),
            id="flags",
            nothing="No rule flags this person.",
            hint="o says what is unknown: no flag is not the same as no need.",
        )
        yield _Links(
            Column("Record", 20, grows=True),
            Column("and record", 20),
            Column("Weight", 7, right=True),
            Column("State", 16, priority=1),
            id="links",
            nothing="One record only: nothing is linked.",
        )
        yield ListAndDetail(
            Column("Basis", 20, grows=True),
            Column("Status", 11),
            Column("From", 11, priority=1),
            Column("Until", 11),
            id="basis",
            nothing="No consent or ground is recorded that you may see.",
            hint="n records one.",
        )
        yield ListAndDetail(
            Column("What", 20, grows=True),
            Column("Status", 11),
            Column("Who", 14, priority=1),
            Column("When", 19),
            id="decisions",
            nothing="Nothing is decided and nobody has an action.",
            hint="n writes a decision or adds an action.",
        )
        yield EmptyState("", id="refused")

    def on_mount(self) -> None:
        """Show no part until the profile is there."""
        for section in SECTIONS:
            self.query_one(f"#{section.code}").display = False
        self.query_one("#refused").display = False
        self.query_one("#approach").display = False

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
            except ReasonNeeded:
                reason = await self.app.push_screen_wait(
                    ReasonPrompt(f"Why do you open {self.pseudonym}?", without=EXPECTED_REASONS)
                )
                if reason is None:
                    self.dismiss()
                    return
                self.reason = reason
                continue
            except KingshurstError as error:
                self.refused(error)
                return
            break
        self.show_profile(profile)

    def refused(self, error: KingshurstError) -> None:
        """Say why nothing is shown."""
        self.query_one("#who", Static).update("")
        nothing = self.query_one("#refused", EmptyState)
        nothing.display = True
        nothing.say(f"{error.title} {error.detail}".strip(), f"{error.hint} Esc goes back.".strip())

    def show_profile(self, profile: AnyProfile) -> None:
        """Draw the profile or its mask."""
        self.profile, self._pairs = profile, None
        self.pseudonym = profile.pseudonym
        self._show_heading(profile)
        if isinstance(profile, Profile):
            self.query_one("#who-facts", Facts).show(words.who_facts(profile))
        else:
            self.query_one("#who-facts", Facts).show(words.mask_facts(profile))
        self.query_one("#months-title", Static).update(plain(words.reports_said(profile.counts)))
        self.query_one(MonthPicture).show_counts(words.first_month(profile), words.month_rows(profile.counts))
        self.query_one("#coverage", Facts).show(words.coverage_facts(profile.counts))
        self._show_timeline(profile)
        flags = {flag.flag_id: flag for flag in profile.flags}
        self._list("flags").show(
            [words.flag_row(flag) for flag in profile.flags], lambda row: words.flag_facts(flags[int(row.key)])
        )
        self._list("basis").show(words.basis_rows(profile), self._basis_facts)
        if isinstance(profile, Profile):
            links = {link.link_id: link for link in profile.links}
            self._list("links").show(
                [words.link_row(link) for link in profile.links], lambda row: words.link_facts(links[int(row.key)])
            )
            done = [words.decision_row(each) for each in profile.decisions]
            done += [words.action_row(each) for each in profile.actions]
            self._list("decisions").show(done, self._decision_facts)
        self.action_show(self._here)
        self.refresh_bindings()

    def _show_heading(self, profile: AnyProfile) -> None:
        first = words.approach(profile)
        line = self.query_one("#approach", Static)
        line.display = bool(first)
        line.update(plain(first))
        line.set_class(profile.do_not_approach, "-do-not")
        name = f"{profile.who.name} · {profile.pseudonym}" if isinstance(profile, Profile) else profile.pseudonym
        place = ""
        if len(self._siblings) > 1 and profile.pseudonym in self._siblings:
            place = f"{self._siblings.index(profile.pseudonym) + 1} of {len(self._siblings)}"
        own = words.own_references(profile) if profile.is_masked else ""
        parts = [name, *words.marks(profile), f"known to you as {own}" if own else "", place]
        self.query_one("#who", Static).update(plain(" · ".join(part for part in parts if part)))

    def _show_timeline(self, profile: AnyProfile) -> None:
        lanes = words.lanes(profile)
        shown = self._list("contacts")
        groups = words.grouped(profile) if isinstance(profile, Profile) else {}

        def explain(row: Row) -> Iterable[Fact]:
            if str(row.key) in groups:
                return words.report_facts(groups[str(row.key)])
            return [("Your contact", " · ".join(row.cells))]

        entries = words.entries(profile)
        shown.show((), explain)
        timeline = self.query_one(Timeline)
        timeline.show_entries(lanes, entries)
        shown.say_empty(not entries)
        unsure = [f"{lane.code}: {lane.coverage}" for lane in lanes if "unknown" in lane.coverage]
        said = [SHORT_LEGEND] if entries else []
        said += [f"Not known: {' · '.join(unsure)}"] if unsure else []
        self.query_one("#lanes", Static).update(plain("\n".join(said)))

    def _list(self, code: str) -> ListAndDetail:
        return self.query_one(f"#{code}", ListAndDetail)

    def _basis_facts(self, row: Row) -> Iterable[Fact]:
        kind, _, number = str(row.key).partition(":")
        profile = self.profile
        if profile is None:
            return ()
        if kind == "ground":
            return next((words.ground_facts(each) for each in profile.grounds if each.number == int(number)), ())
        consents = profile.consents if isinstance(profile, Profile) else ()
        return next((words.consent_facts(each) for each in consents if each.number == int(number)), ())

    def _decision_facts(self, row: Row) -> Iterable[Fact]:
        kind, _, number = str(row.key).partition(":")
        if not isinstance(self.profile, Profile):
            return ()
        if kind == "decision":
            mine = (words.decision_facts(each) for each in self.profile.decisions if each.number == int(number))
        else:
            mine = (words.action_facts(each) for each in self.profile.actions if each.number == int(number))
        return next(mine, ())

    # --- moving ------------------------------------------------------------------------------------------

    @property
    def sections(self) -> list[Section]:
        """The parts there are: a mask has fewer."""
        if not isinstance(self.profile, MaskedProfile):
            return list(SECTIONS)
        own = bool(self.profile.own_contacts)
        return [section for section in SECTIONS if section.code in ON_A_MASK and (own or section.code != "timeline")]

    def action_show(self, code: str) -> None:
        """Show one part."""
        if self.profile is None:
            return
        if code not in {section.code for section in self.sections}:
            code = "overview"
        self._here = code
        for section in SECTIONS:
            self.query_one(f"#{section.code}").display = section.code == code
        profile = self.profile
        counts = {"flags": len(profile.flags), "basis": len(words.basis_rows(profile))}
        if isinstance(profile, Profile):
            counts |= {"links": len(profile.links), "decisions": len(profile.decisions) + len(profile.actions)}
            counts["timeline"] = len(words.grouped(profile))
        self.query_one(SectionBar).show(code, self.sections, counts)
        part = self.query_one(f"#{code}")
        focus = next(iter(part.query(VirtualTable)), None) if code != "overview" else part
        (focus or part).focus()
        if code == "links":
            self._explain_links()

    def action_turn(self, by: int) -> None:
        """Show the part before or after."""
        codes = [section.code for section in self.sections]
        if self._here in codes:
            self.action_show(codes[(codes.index(self._here) + by) % len(codes)])

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
            self.query_one(_Links).say("What weighed for and against is for those who review links; w tells them.")
            return
        from kingshurst_tui.linkage.review import links_of

        reason = Reason(ReasonCode.REVIEW)
        self.run_work(
            links_of, self.session, profile.profile_id, reason, then=self.show_pairs, group="links",
            doing="Reading what speaks for each link",
        )  # fmt: skip

    def show_pairs(self, pairs: list[Pair]) -> None:
        """Keep what speaks for and against each link, and show it for the one at the cursor."""
        self._pairs = {pair.link_id: pair for pair in pairs}
        links = self.query_one(_Links)
        links.show_pair(self._pairs.get(int(links.table.row.key)) if links.table.row else None)

    @on(VirtualTable.Moved, "#links-list")
    def link_moved(self, event: VirtualTable.Moved) -> None:
        """Show what speaks for and against the link at the cursor."""
        if self._pairs is not None:
            self.query_one(_Links).show_pair(self._pairs.get(int(event.row.key)))

    # --- doing -------------------------------------------------------------------------------------------

    @on(VirtualTable.Opened, "#flags-list")
    @on(VirtualTable.Opened, "#contacts-list")
    def read_on(self, event: VirtualTable.Opened) -> None:
        """Show the line at the cursor in a box of its own."""
        part = self._list("flags" if event.table.id == "flags-list" else "contacts")
        self.app.push_screen(Reading("In full", part.explain(event.row)))

    @on(VirtualTable.Opened, "#basis-list")
    @on(VirtualTable.Opened, "#decisions-list")
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

    async def _then_reload(self, act: object) -> None:
        if self.profile is not None and await act:  # type: ignore[misc]
            self.reload()

    # --- the lock ----------------------------------------------------------------------------------------

    def reopen(self) -> Callable[[], ProfileScreen]:
        """Build the same profile again; a reason in words is asked for anew."""
        code = None if self.reason.code is ReasonCode.OTHER else self.reason.code
        pseudonym, siblings, day, here = self.pseudonym, self._siblings, self._agenda_day, self._here
        return lambda: ProfileScreen(pseudonym, siblings=siblings, agenda_day=day, reason=code, section=here)


class _Links(ListAndDetail):
    """The links of a profile, with what speaks for and against the one at the cursor."""

    def extra(self) -> Iterable[Waterfall | Static]:
        """Draw the waterfall under the facts."""
        yield Waterfall()
        yield Static("", id="link-warnings")

    def say(self, words_of: str) -> None:
        """Say something in place of the waterfall."""
        self.query_one(Waterfall).display = False
        self.query_one("#link-warnings", Static).update(plain(words_of))

    def show_pair(self, pair: Pair | None) -> None:
        """Show one link's waterfall."""
        picture, warnings = self.query_one(Waterfall), self.query_one("#link-warnings", Static)
        picture.display = pair is not None and not pair.waterfall.by_hand
        if pair is None:
            warnings.update("")
            return
        fall = pair.waterfall
        picture.show_pieces(pieces(fall), fall.total)
        said = [f"! {words_of}" for words_of in fall.guards]
        said += [] if fall.by_hand else [f"The model links by itself from {fall.clear:+.1f} where nothing warns."]
        if fall.by_hand:
            said.append("Decided by people; the model did not compare these two records.")
        warnings.update(plain("\n".join(said)))
