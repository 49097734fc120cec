"""The parts of a profile or a mask: what each shows, and which of them there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from kingshurst_tui.casework.profile_records import AnyProfile, Profile
from kingshurst_tui.errors import KingshurstError
from screens import after_words
from screens import profile_words as words
from screens.flag_words import flag_facts, flag_row
from screens.pair_list import PairList
from screens.profile_notes import note_facts, note_row
from screens.widgets.empty_state import EmptyState
from screens.widgets.facts import Fact, Facts
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.month_picture import MonthPicture
from screens.widgets.section_bar import Section, SectionBar
from screens.widgets.text import plain
from screens.widgets.timeline import Timeline
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.casework.explaining import FlagShown
    from kingshurst_tui.casework.profile_records import TimelineRow

SECTIONS: Final = (
    Section("o", "overview", "Overview"),
    Section("t", "timeline", "Timeline"),
    Section("f", "flags", "Flags"),
    Section("l", "links", "Links"),
    Section("c", "basis", "Consents"),
    Section("d", "decisions", "Decisions"),
    Section("r", "notes", "Notes"),
)
SHORT_LEGEND: Final = "V victim  W witness  S suspect  X convicted  C caller  o subject  ( ) opinion"
ON_A_MASK: Final = ("overview", "timeline", "flags", "basis")


class ProfileParts(Vertical):
    """Whether and how to approach, who, and the parts below; one part is in view.

    Attributes:
        here: the part in view.
        profile: what is drawn; nothing before the store has answered.
    """

    def __init__(self, here: str) -> None:
        super().__init__()
        self.here = here
        self.profile: AnyProfile | None = None
        self._lines: dict[str, list[TimelineRow]] = {}

    def compose(self) -> ComposeResult:
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
            Column("Lapses", 11, priority=2),
            Column("Useful?", 11, priority=1),
            id="flags",
            nothing="No rule flags this person.",
            hint="o says what is unknown: no flag is not the same as no need.",
        )
        yield PairList(
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
            hint="n writes a decision or adds an action; m shows what came of one.",
        )
        yield ListAndDetail(
            Column("Note", 20, grows=True),
            Column("Status", 11),
            Column("Who", 14, priority=1),
            Column("When", 19),
            id="notes",
            nothing="There is no restricted note.",
            hint="n writes one, for those alone who read them.",
        )
        yield EmptyState("", id="refused")

    def on_mount(self) -> None:
        """Show no part until the profile is there."""
        for section in SECTIONS:
            self.query_one(f"#{section.code}").display = False
        self.query_one("#refused").display = False
        self.query_one("#approach").display = False

    def refused(self, error: KingshurstError) -> None:
        """Say why nothing is shown, and take away what was: an earlier reading is not left in view."""
        self.profile = None
        for section in SECTIONS:
            self.query_one(f"#{section.code}").display = False
        self.query_one(SectionBar).display = self.query_one("#approach").display = False
        self.query_one("#who", Static).update("")
        nothing = self.query_one("#refused", EmptyState)
        nothing.display = True
        nothing.say(f"{error.title} {error.detail}".strip(), f"{error.hint} Esc goes back.".strip())

    # --- drawing -----------------------------------------------------------------------------------------

    def show_profile(self, profile: AnyProfile, place: str) -> None:
        """Draw the profile or its mask; ``place`` says where it stands in the list one came from."""
        self.profile = profile
        self.query_one("#refused").display = False
        self.query_one(SectionBar).display = True
        self._show_heading(profile, place)
        facts = words.who_facts(profile) if isinstance(profile, Profile) else words.mask_facts(profile)
        self.query_one("#who-facts", Facts).show(facts)
        self.query_one("#months-title", Static).update(plain(words.reports_said(profile.counts)))
        self.query_one(MonthPicture).show_counts(words.first_month(profile), words.month_rows(profile.counts))
        self.query_one("#coverage", Facts).show(words.coverage_facts(profile.counts))
        self._show_timeline(profile)
        flags = {flag.flag_id: flag for flag in profile.flags}
        self.part("flags").show([flag_row(flag) for flag in profile.flags], lambda row: flag_facts(flags[int(row.key)]))
        self.part("basis").show(words.basis_rows(profile), self._basis_facts)
        if isinstance(profile, Profile):
            links = {link.link_id: link for link in profile.links}
            self.part("links").show(
                [words.link_row(link) for link in profile.links], lambda row: words.link_facts(links[int(row.key)])
            )
            done = [words.decision_row(each) for each in profile.decisions]
            done += [words.action_row(each) for each in profile.actions]
            done += [after_words.handover_of_profile(each) for each in profile.handovers]
            done += [after_words.referral_of_profile(each) for each in profile.referrals]
            self.part("decisions").show(done, self._decision_facts)
            notes = {note.number: note for note in profile.notes}
            self.part("notes").show(
                [note_row(note) for note in profile.notes],
                lambda row: note_facts(notes[int(str(row.key).partition(":")[2])]),
            )
        self.show_part(self.here)

    def _show_heading(self, profile: AnyProfile, place: str) -> None:
        first = words.approach(profile)
        line = self.query_one("#approach", Static)
        line.display = bool(first)
        line.update(plain(first))
        line.set_class(profile.do_not_approach, "-do-not")
        name = f"{profile.who.name} · {profile.pseudonym}" if isinstance(profile, Profile) else profile.pseudonym
        own = words.own_references(profile) if profile.is_masked else ""
        parts = [name, *words.marks(profile), f"known to you as {own}" if own else "", place]
        self.query_one("#who", Static).update(plain(" · ".join(part for part in parts if part)))

    def _show_timeline(self, profile: AnyProfile) -> None:
        lanes = words.lanes(profile)
        shown = self.part("contacts")
        self._lines = groups = words.grouped(profile) if isinstance(profile, Profile) else {}

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

    def part(self, code: str) -> ListAndDetail:
        """Return a part that is a list, by its name."""
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
        found: dict[str, Iterable[Iterable[Fact]]] = {
            "decision": (words.decision_facts(each) for each in self.profile.decisions if each.number == int(number)),
            "action": (words.action_facts(each) for each in self.profile.actions if each.number == int(number)),
            "handover": (
                after_words.handover_facts(each) for each in self.profile.handovers if each.number == int(number)
            ),
            "referral": (
                after_words.referral_facts(each) for each in self.profile.referrals if each.number == int(number)
            ),
        }
        return next(iter(found.get(kind, ())), ())

    # --- the part in view ----------------------------------------------------------------------------------

    @property
    def sections(self) -> list[Section]:
        """The parts there are: a mask has fewer."""
        profile = self.profile
        if profile is None or isinstance(profile, Profile):
            reads = profile is not None and profile.reads_notes
            return [section for section in SECTIONS if reads or section.code != "notes"]
        own = bool(profile.own_contacts)
        return [section for section in SECTIONS if section.code in ON_A_MASK and (own or section.code != "timeline")]

    def show_part(self, code: str) -> None:
        """Show one part, or the first where this profile has no such part."""
        profile = self.profile
        if profile is None:
            return
        self.here = code if code in {section.code for section in self.sections} else "overview"
        for section in SECTIONS:
            self.query_one(f"#{section.code}").display = section.code == self.here
        counts = {"flags": len(profile.flags), "basis": len(words.basis_rows(profile))}
        if isinstance(profile, Profile):
            decided = (profile.decisions, profile.actions, profile.handovers, profile.referrals)
            counts |= {"links": len(profile.links), "decisions": sum(len(each) for each in decided)}
            counts |= {"timeline": len(self._lines), "notes": len(profile.notes)}
        self.query_one(SectionBar).show(self.here, self.sections, counts)
        part = self.query_one(f"#{self.here}")
        focus = next(iter(part.query(VirtualTable)), None) if self.here != "overview" else part
        (focus or part).focus()

    def turn(self, by: int) -> None:
        """Show the part before or after."""
        codes = [section.code for section in self.sections]
        if self.here in codes:
            self.show_part(codes[(codes.index(self.here) + by) % len(codes)])

    # --- the timeline's lines --------------------------------------------------------------------------------

    @property
    def lines(self) -> dict[str, list[TimelineRow]]:
        """The reports of an open profile by line of the timeline; none of a mask."""
        return self._lines

    @property
    def line_here(self) -> str:
        """The key of the line of the timeline at the cursor, or nothing."""
        row = self.query_one(Timeline).row
        return str(row.key) if row is not None and str(row.key) in self._lines else ""

    @property
    def flag_here(self) -> FlagShown | None:
        """The flag at the cursor, where the flags are in view."""
        row = self.part("flags").table.row if self.here == "flags" else None
        flags = self.profile.flags if self.profile is not None else ()
        return next((flag for flag in flags if row is not None and flag.flag_id == row.key), None)

    def go_to_contact(self, contact_id: int) -> None:
        """Move to the line that a contact is in now."""
        for key, reports in self._lines.items():
            if any(report.contact_id == contact_id for report in reports):
                self.query_one(Timeline).go_to(key)
