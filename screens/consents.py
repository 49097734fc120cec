"""Consents and grounds: received, withdrawn, confirmed by a second person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from kingshurst_tui.casework import consent_receiving, consents_shown, grounds
from kingshurst_tui.casework.grounds import KINDS
from kingshurst_tui.counting import some
from kingshurst_tui.dates import say_date, show_date
from kingshurst_tui.vocabulary import Operation, Thing
from screens.ask_words import AskWords
from screens.bindings import bind
from screens.consent_acts import settle_ground, withdraw_consent
from screens.consent_fields import ON_CONSENT, consent_dialog, prepare
from screens.opening import open_thing
from screens.profile_words import consent_facts, ground_facts, said_day
from screens.several_lists import SeveralLists
from screens.widgets.facts import Fact
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.section_bar import Section, SectionBar
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.casework.consent_receiving import RegisterReceived
    from kingshurst_tui.casework.consents_shown import ConsentList, ConsentShown, OnMask
    from kingshurst_tui.casework.grounds import GroundShown
    from kingshurst_tui.session import Session

SECTIONS = (Section("c", "register", "Consents"), Section("b", "grounds", "Grounds to confirm"))


class ConsentsScreen(SeveralLists):
    """The consents of open profiles, and the grounds that wait for a second person."""

    HELP = """Consents that opened a profile, and dimmed what stands of masked people, by number:
Enter withdraws one, from the day it is said. n takes a consent,
f a whole register file; the answer is “received” whoever it is for. b shows grounds that somebody proposed:
Enter confirms or refuses one, as the second person. w withdraws a consent by its number; o opens the profile."""
    AUTO_FOCUS = "#register-list"
    LISTS = SECTIONS
    CSS_PATH = "styles/consents.tcss"
    BINDING_GROUP_TITLE = "Consents"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("c", "show('register')", "Consents", id="consents-register", tooltip="Show consents.", show=False),
        bind("b", "show('grounds')", "Grounds", id="consents-grounds", tooltip="Show grounds to confirm.", show=False),
        bind("n", "take", "New consent", id="consents-take", tooltip="Take a consent that somebody gave."),
        bind("f", "file", "Register", id="consents-file", tooltip="Receive a register file of consents."),
        bind("w", "withdraw", "Withdraw", id="consents-withdraw", tooltip="Withdraw a consent by its number."),
        bind("o", "profile", "Profile", id="consents-profile", tooltip="Open the profile of the line at the cursor."),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._consents: dict[int, ConsentShown] = {}
        self._on_masks: dict[int, OnMask] = {}
        self._grounds: dict[int, GroundShown] = {}

    def body(self) -> ComposeResult:
        """Draw the two lists."""
        yield SectionBar(self.LISTS)
        yield Static("", id="still-waiting", classes="-muted")
        yield ListAndDetail(
            Column("No.", 5, right=True),
            Column("Profile", 13),
            Column("Kind", 15, priority=1),
            Column("Given by", 17, grows=True),
            Column("Given", 11),
            Column("Until", 11),
            Column("Status", 9),
            id="register",
            nothing="No open profile rests on a consent.",
            hint="n takes a consent.",
        )
        yield ListAndDetail(
            Column("No.", 5, right=True),
            Column("Profile", 13),
            Column("Ground", 18, grows=True),
            Column("Proposed by", 14),
            Column("On", 11, priority=1),
            Column("Status", 11),
            id="grounds",
            nothing="No ground waits for a second person.",
            hint="Grounds are proposed from a profile (n).",
        )

    def reload(self) -> None:
        """Ask for both."""
        self.run_work(
            consents_shown.listed, self.session, ON_CONSENT, then=self.show_consents, doing="Reading consents"
        )
        if self.session.may(Operation.CONSULT, Thing.GROUND):
            self.run_work(grounds.waiting, self.session, ON_CONSENT, then=self.show_grounds, group="grounds")

    def show_consents(self, found: ConsentList) -> None:
        """Draw the consents, and how many wait for a reviewer."""
        self._consents = {each.number: each for each in found.consents}
        self._on_masks = {each.number: each for each in found.on_masks}
        rows = [_consent_row(each) for each in found.consents] + [_on_mask_row(each) for each in found.on_masks]
        self.query_one("#register", ListAndDetail).show(rows, self._consent_facts)
        said = f"{found.waiting} more wait for a reviewer (4)" if found.waiting else ""
        line = self.query_one("#still-waiting", Static)
        line.update(plain(said))
        line.display = bool(said)
        self.say()

    def _consent_facts(self, row: Row) -> Iterable[Fact]:
        consent = self._consents.get(int(row.key))
        return consent_facts(consent) if consent is not None else _facts_on_mask(self._on_masks[int(row.key)])

    def show_grounds(self, found: Sequence[GroundShown]) -> None:
        """Draw the grounds."""
        self._grounds = {each.number: each for each in found}
        rows = [_ground_row(each) for each in found]
        self.query_one("#grounds", ListAndDetail).show(rows, self._ground_facts)
        self.say()

    def _ground_facts(self, row: Row) -> Iterable[Fact]:
        return ground_facts(self._grounds[int(row.key)])

    def counts(self) -> Mapping[str, int]:
        """Return how many consents and how many grounds there are."""
        return {"register": len(self._consents) + len(self._on_masks), "grounds": len(self._grounds)}

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_take(self) -> None:
        """Take a consent; the answer is the same whoever it is for."""
        prepared = await self.ask(prepare, self.session)
        received = await self.app.push_screen_wait(consent_dialog(self.session, prepared))
        if received is not None:
            self.notify(received.in_words(), markup=False)
            self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_file(self) -> None:
        """Receive a register file: all of it, or nothing and every problem said."""
        path = await self.app.push_screen_wait(
            AskWords("Receive a register file", "A CSV file in UTF-8, all of it or nothing.", placeholder="Its path")
        )
        if path is None:
            return
        received = await self.ask(_receive, self.session, path)
        known = f", {received.known} known already" if received.known else ""
        self.notify(f"Received: {some(received.rows, 'consent')}{known}. Register {received.version}.", markup=False)
        self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_withdraw(self) -> None:
        """Withdraw a consent by the number that its giver was told."""
        typed = await self.app.push_screen_wait(
            AskWords("Which consent is withdrawn?", "The number its receipt bears.", placeholder="Number", needed=False)
        )
        if typed is None:
            return
        if not typed.isascii() or not typed.isdigit():
            self.notify("That is no number of a consent.", markup=False, severity="warning")
        elif await withdraw_consent(self, int(typed)):
            self.reload()

    @on(VirtualTable.Opened, "#register-list")
    @work(exclusive=True, group="act", exit_on_error=False)
    async def withdraw_this(self, event: VirtualTable.Opened) -> None:
        """Withdraw the consent at the cursor, after asking."""
        if await withdraw_consent(self, int(event.row.key)):
            self.reload()

    @on(VirtualTable.Opened, "#grounds-list")
    @work(exclusive=True, group="act", exit_on_error=False)
    async def settle_this(self, event: VirtualTable.Opened) -> None:
        """Confirm, refuse or end the ground at the cursor."""
        if await settle_ground(self, int(event.row.key)):
            self.reload()

    def action_profile(self) -> None:
        """Open the profile of the line at the cursor."""
        row = self.query_one(f"#{self._here}", ListAndDetail).table.row
        if row is None:
            return
        shown = self._consents | self._on_masks if self._here == "register" else self._grounds
        pseudonym = shown[int(row.key)].pseudonym
        if pseudonym:
            open_thing(self, Thing.PROFILE, pseudonym)
        else:
            self.notify("You handed this in: whose mask it is is not said to you.", markup=False)

    def reopen(self) -> Callable[[], ConsentsScreen]:
        """Build it again."""
        return ConsentsScreen


def _receive(session: Session, path: str) -> RegisterReceived:
    return consent_receiving.receive_register(session, Path(path).expanduser(), ON_CONSENT)


def _on_mask_row(each: OnMask) -> Row:
    whose = each.pseudonym or "masked"
    cells = (str(each.number), whose, each.kind, each.recorded_by, show_date(each.given_on), "", each.status)
    return Row(each.number, cells, quiet=True)


def _facts_on_mask(each: OnMask) -> list[Fact]:
    return [
        ("Consent", f"number {each.number}, {each.kind}: {each.status}; the profile is masked"),
        ("Whose", each.pseudonym or "not said to you: you handed it in, and its mask would be named"),
        ("Handed in", f"by {each.recorded_by}, given on {say_date(each.given_on)}"),
        ("Enter", "withdraws it; what a refusal ended then comes back, or waits for a second person"),
    ]


def _consent_row(consent: ConsentShown) -> Row:
    return Row(
        consent.number,
        (
            str(consent.number),
            consent.pseudonym,
            consent.kind,
            "the person" if consent.given_by == "self" else "somebody for them",
            show_date(consent.given_on),
            show_date(consent.expires_on, "no end"),
            consent.status,
        ),
        quiet=consent.status != "effective",
    )


def _ground_row(ground: GroundShown) -> Row:
    return Row(
        ground.number,
        (
            str(ground.number),
            ground.pseudonym,
            KINDS.get(ground.kind, ground.kind).split(":")[0],
            ground.recorded_by,
            said_day(ground.recorded_at),
            ground.status,
        ),
    )
