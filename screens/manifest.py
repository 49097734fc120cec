"""The decisions of a panel under one signature a member: who signed, who has not, what does not hold."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from kingshurst_tui.acts import Reason
from kingshurst_tui.counting import some
from kingshurst_tui.dates import say_date
from kingshurst_tui.panels import manifest, manifest_shown
from kingshurst_tui.panels.manifest_shown import STANCES
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from screens.ask_words import AskWords
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.choose import Choose
from screens.confirm import Confirm
from screens.room_answers import enter_answers
from screens.widgets.facts import Fact
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.panels.manifest_shown import ManifestShown

PANEL = Reason(ReasonCode.PANEL)
DECISION, MEMBER = "decision", "member"


class ManifestScreen(KingshurstScreen[None]):
    """One list: the decisions, then the members with what each said of them."""

    HELP = """All decisions of one panel in one document, by number and digest; it says no word of anybody.
s signs all of them with your own key, once, as the member you were; you may except single decisions.
e enters the answer of the member at the cursor where they have no account: the document says by whom and for whom;
E enters those of all of them in one box.
d goes to the dissents from the decision at the cursor. m makes the document where there is none, or anew where
decisions came since. Every signature is verified as it is shown."""
    MODE = "panels"
    CSS_PATH = "styles/deciding.tcss"
    BINDING_GROUP_TITLE = "Signing a panel's decisions"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("s", "sign", "Sign", id="manifest-sign", tooltip="Sign all decisions of this panel, once."),
        bind(
            "e", "enter_for", "Enter for", id="manifest-enter", tooltip="Enter the answer of somebody without account."
        ),
        bind("E", "enter_all", "All", id="manifest-enter-all", tooltip="Enter the answers of all without account."),
        bind("d", "dissent", "Dissent", id="manifest-dissent", tooltip="Dissent from the decision at the cursor."),
        bind("m", "make", "Make", id="manifest-make", tooltip="Make the manifest, or make it anew."),
    ]

    def __init__(self, panel_id: int | str, *, siblings: tuple[int | str, ...] = ()) -> None:
        super().__init__()
        self.panel_id, self._siblings = int(panel_id), siblings
        self._shown: ManifestShown | None = None
        self._is_read = False
        # The next answer, asked for while a signature is under way, waits for it and goes by the list as it became.
        self._one_at_a_time = asyncio.Lock()

    def body(self) -> ComposeResult:
        """Draw what it is, and the list."""
        yield Static("", id="deciding-about")
        yield ListAndDetail(
            Column("", 2),
            Column("What", 24, grows=True),
            Column("Says", 26),
            nothing="This panel has no manifest yet.",
            hint="Once every case is decided or put off: s makes it and signs it, m only makes it.",
            id="manifest",
        )

    def reload(self) -> None:
        """Read and verify it."""
        self.run_work(
            manifest.read, self.session, self.panel_id, PANEL, then=self.show_manifest, doing="Verifying signatures"
        )

    def show_manifest(self, shown: ManifestShown | None) -> None:
        """Draw the decisions and who signed them."""
        self._shown, self._is_read = shown, True
        self.query_one("#deciding-about", Static).update(plain("\n".join(_about(shown)) if shown else ""))
        self.query_one(ListAndDetail).show(_rows(shown) if shown else [], self._facts)
        table = self.query_one(VirtualTable)
        if shown and not table.cursor:
            table.cursor = 1
        table.focus()
        self.refresh_bindings()

    def _facts(self, row: Row) -> Iterable[Fact]:
        shown, (kind, _, number) = self._shown, str(row.key).partition(":")
        if shown is None or not number:
            return []
        if kind == DECISION:
            one = next(each for each in shown.decisions if each.number == int(number))
            return [("Decision", one.number), ("Now", one.state), ("Digest", one.digest)]
        signed = next((each for each in shown.signatures if each.member == int(number)), None)
        if signed is None:
            left = next(each for each in shown.unsigned if each.member == int(number))
            how = "with their own key" if left.has_account else "by an answer that somebody enters for them (e)"
            return [("Member", f"{left.name} ({left.agency})"), ("Has not signed", how)]
        holds = "holds" if signed.holds else "DOES NOT HOLD"
        return [("Member", signed.in_words()), ("Signed", _moment(signed.signed_at)), ("Signature", holds)]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer signing to whoever may sign."""
        if action in ("sign", "enter_for", "enter_all", "make") and self.is_mounted:
            return self.session.may(Operation.ALTER, Thing.MANIFEST)
        return True

    @work(group="act", exit_on_error=False)
    async def action_make(self) -> None:
        """Put the decisions into one document."""
        if self._one_at_a_time.locked():
            return
        async with self._one_at_a_time:
            self.show_manifest(await self.ask(manifest.make, self.session, self.panel_id, PANEL))

    def action_dissent(self) -> None:
        """Go to the dissents from the decision at the cursor."""
        from screens.dissents import DissentsScreen

        table = self.query_one(VirtualTable)
        row = table.row_at(table.cursor) if table.cursor is not None else None
        kind, _, number = str(row.key).partition(":") if row is not None else ("", "", "")
        if kind == DECISION and number:
            self.app.push_screen(DissentsScreen(decision=int(number)))
        else:
            self.notify("Put the cursor on a decision first.", markup=False)

    @work(group="act", exit_on_error=False)
    async def action_sign(self) -> None:
        """Ask what one says of the decisions, and sign."""
        if self._one_at_a_time.locked():
            return
        async with self._one_at_a_time:
            await self._say(None, "you")

    @work(group="act", exit_on_error=False)
    async def action_enter_for(self) -> None:
        """Enter what a member without an account answered."""
        async with self._one_at_a_time:
            await self._enter_for()

    @work(group="act", exit_on_error=False)
    async def action_enter_all(self) -> None:
        """Enter what all members without an account answered, in one box."""
        async with self._one_at_a_time:
            if shown := await enter_answers(self, self.panel_id):
                self.show_manifest(shown)

    async def _enter_for(self) -> None:
        shown = self._shown
        if not self._is_read:
            return
        if shown is None:
            said = "There is no manifest yet: whoever runs the panel makes it (m) when each case is decided or put off."
            self.notify(said, markup=False)
            return
        if shown.outdated:
            self.notify("Decisions were signed since it was made: m makes it anew.", markup=False)
            return
        left = [each for each in shown.unsigned if not each.has_account]
        if not left:
            self.notify("Nobody without an account is left to sign.", markup=False)
            return
        options = [(str(each.member), f"{each.name} ({each.agency})") for each in left]
        row = self.query_one(VirtualTable).row
        kind, _, number = str(row.key).partition(":") if row is not None else ("", "", "")
        here = number if kind == MEMBER else ""
        chosen = await self.app.push_screen_wait(Choose("Whose answer do you enter?", options, at=here))
        if chosen is not None:
            await self._say(int(chosen), dict(options)[chosen])

    async def _say(self, member: int | None, who: str) -> None:
        before = partial(manifest.may_sign, member_id=member)
        await self.ask(before, self.session, self.panel_id, PANEL)
        options = [(code, words.capitalize()) for code, words in STANCES.items()]
        stance = await self.app.push_screen_wait(Choose("What is said of this panel's decisions?", options))
        if stance is None:
            return
        excepted: list[int] = []
        if stance == manifest_shown.AGREES:
            said = await self.app.push_screen_wait(
                AskWords("Except any?", "Numbers of decisions, or nothing and Enter.", placeholder="", needed=False)
            )
            if said is None:
                return
            excepted = [int(word) for word in said.replace(",", " ").split() if word.isdecimal()]
        by = "with your own key" if member is None else f"as their answer, entered by you for {who}"
        but = f", but for {', '.join(map(str, excepted))}" if excepted else ""
        sure = await self.app.push_screen_wait(
            Confirm(f"Sign {by}?", f"{STANCES[stance].capitalize()}{but}. It is signed once.", yes="Sign", no="Not yet")
        )
        if sure:
            send = partial(manifest.sign, excepted=excepted, member_id=member)
            shown = await self.ask(send, self.session, self.panel_id, stance, PANEL)
            self.show_manifest(shown)
            more = excepted or stance == manifest_shown.DISSENTS
            held = " d on a decision says what the agency holds instead, and why." if more else ""
            self.notify(f"{_signed(shown)}.{held}", markup=False)

    def reopen(self) -> Callable[[], ManifestScreen]:
        """Read the same again."""
        panel_id = self.panel_id
        return lambda: ManifestScreen(panel_id)


def _about(shown: ManifestShown) -> list[str]:
    quorum = "with its quorum" if shown.quorum_met else f"! without its quorum: {'; '.join(shown.quorum_problems)}"
    lines = [f"{shown.title}, {say_date(date.fromisoformat(shown.held_on))}, {quorum}"]
    lines.append(_signed(shown))
    lines += [f"! {problem}" for problem in (*shown.problems, *shown.differences)]
    if shown.outdated:
        lines.append("! Decisions were signed, or attendance was changed, since it was made: m makes it anew.")
    return lines


def _signed(shown: ManifestShown) -> str:
    """Say how far the signing has come, where the list is too short to."""
    return f"Signed {len(shown.signatures)} of {len(shown.signatures) + len(shown.unsigned)}"


def _rows(shown: ManifestShown) -> list[Row]:
    left = f"{len(shown.unsigned)} not yet" if shown.unsigned else "by all who were present"
    return [
        Row(f"{DECISION}:", ("■", some(len(shown.decisions), "decision"), ""), heading=True),
        *(
            Row(f"{DECISION}:{each.number}", ("" if each.holds else "!", f"Decision {each.number}", each.state))
            for each in shown.decisions
        ),
        Row(f"{MEMBER}:", ("■", f"Signed: {len(shown.signatures)}, {left}", ""), heading=True),
        *(
            Row(f"{MEMBER}:{each.member}", ("○", f"{each.name} ({each.agency})", "has not signed"))
            for each in shown.unsigned
        ),
        *(
            Row(f"{MEMBER}:{each.member}", ("✓" if each.holds else "!", f"{each.name} ({each.agency})", each.stance))
            for each in shown.signatures
        ),
    ]


def _moment(stamped: str) -> str:
    return say_date(datetime.fromisoformat(stamped).date())
