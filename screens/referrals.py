"""Referrals: sent, to be answered, told of; and, for coordinators alone, whose they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType

from kingshurst_tui.casework import reconciling, referrals, referrals_shown
from kingshurst_tui.casework.partners import partner_agencies
from kingshurst_tui.casework.referral_form import FIELDS, KNOWS, PANEL, URGENCY
from kingshurst_tui.permissions import SPEAKS_FOR_EVERY_AGENCY
from kingshurst_tui.vocabulary import Operation, Thing
from screens.action_acts import PANEL as FOR_PANEL
from screens.after_words import reconcile_facts, reconcile_row, referral_facts, referral_row
from screens.ask_words import AskWords
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.choose import Choose
from screens.drafting import Draft
from screens.form_dialog import FormDialog
from screens.reading import Reading
from screens.widgets.fields_form import Field, Kind
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.casework.reconciling import ToReconcile
    from kingshurst_tui.casework.referrals_shown import ReferralShown
    from kingshurst_tui.session import Session
    from screens.widgets.facts import Fact
    from screens.working import WorkingScreen

NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class _Read:
    referrals: tuple[ReferralShown, ...]
    waiting: tuple[ToReconcile, ...]


def _read(session: Session) -> _Read:
    waits: tuple[ToReconcile, ...] = ()
    if session.may(Operation.COMBINE, Thing.REFERRAL):
        waits = reconciling.queue(session, FOR_PANEL)
    return _Read(referrals_shown.listed(session, FOR_PANEL), waits)


async def send_referral(
    screen: WorkingScreen[Any], pseudonym: str = "", facts: dict[str, str] | None = None, profile_id: int = 0
) -> bool:
    """Ask for a referral and send it; from an open profile with who the person is as it stands there.

    Args:
        screen: that asks.
        pseudonym: the profile, where it is open.
        facts: forename, surname, date of birth and postcode as records have them.
        profile_id: the profile's, for the draft to go with it.
    """
    session = screen.session
    partners = await screen.ask(partner_agencies, session)
    to = ((PANEL, "the panel"), *(each for each in partners if each[0] != session.user.agency))
    kinds: dict[str, tuple[Kind, tuple[tuple[str, str], ...]]] = {
        "to": (Kind.CHOICE, to),
        "person_knows": (Kind.CHOICE, tuple(KNOWS.items())),
        "urgency": (Kind.CHOICE, tuple(URGENCY.items())),
        "date_of_birth": (Kind.DAY, ()),
        "why": (Kind.WORDS, ()),
        "asked": (Kind.WORDS, ()),
        "disclosed": (Kind.WORDS, ()),
    }
    needed = ("to", "surname", "why", "asked", "person_knows", "urgency", "lawful_basis")
    fields = [
        Field(name, label, kinds.get(name, (Kind.LINE, ()))[0], required=name in needed,
              options=kinds.get(name, (Kind.LINE, ()))[1], longest=2000 if name in kinds else 200)
        for name, label in FIELDS.items()
    ]  # fmt: skip
    if session.user.role in SPEAKS_FOR_EVERY_AGENCY:
        fields.append(Field("from_agency", "For which agency you enter it, if not your own", Kind.CHOICE,
                            options=partners))  # fmt: skip
    draft = await screen.ask(Draft(Operation.COLLECT, Thing.REFERRAL, profile_id).load, session)

    def send(given: dict[str, str]) -> int:
        return referrals.send(session, given, FOR_PANEL, pseudonym=pseudonym)

    form = FormDialog(
        "A referral",
        fields,
        send,
        words="Write whom you mean as you know them. The answer is the same whether they are known here or not.",
        values=facts,
        draft=draft,
    )
    number = await screen.app.push_screen_wait(form)
    if number is not None:
        screen.notify(f"Referral {number} is sent.", markup=False)
    return number is not None


class ReferralsScreen(KingshurstScreen[None]):
    """What one's agency sent and was sent; for coordinators also what waits to be reconciled."""

    HELP = """Referrals that your agency sent or was sent; for coordinators also the panel's, and above them those whose
person nobody has named yet: Enter there says whose it is, out of the referrer's sight, or that it is nobody's here.
Enter on a referral answers it, tells the referrer what came of it, or takes it back. n sends one. No answer says
whether the person is known to anybody: the referrer reads it."""
    MODE = "home"
    BINDING_GROUP_TITLE = "Referrals"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("n", "send", "New referral", id="referrals-send", tooltip="Send a referral to an agency or the panel."),
        bind("h", "history", "In full", id="referrals-history", tooltip="Read everything that was said of it."),
    ]

    def __init__(self, number: int | str = 0, *, siblings: tuple[int | str, ...] = ()) -> None:
        """Show referrals.

        Args:
            number: the one to begin with.
            siblings: the list one comes from.
        """
        super().__init__()
        self._first, self._siblings = int(number), siblings
        self._sent: dict[int, ReferralShown] = {}
        self._waiting: dict[int, ToReconcile] = {}

    def body(self) -> ComposeResult:
        """Draw the list."""
        yield ListAndDetail(
            Column("", 2),
            Column("No", 5),
            Column("From and to", 20),
            Column("Who is meant", 18, grows=True),
            Column("How soon", 9, priority=2),
            Column("Stands", 14),
            Column("Feedback by", 13, priority=1),
            nothing="Your agency has sent no referral, and was sent none.",
            hint="n sends one, to an agency or to the panel.",
            id="referrals",
        )

    def reload(self) -> None:
        """Read them."""
        self.run_work(_read, self.session, then=self.show_read, doing="Reading referrals")

    def show_read(self, found: _Read) -> None:
        """Draw them, what waits to be reconciled first."""
        self._sent = {each.number: each for each in found.referrals}
        self._waiting = {each.referral.number: each for each in found.waiting}
        rows = [reconcile_row(each) for each in found.waiting] + [referral_row(each) for each in found.referrals]
        if found.waiting:
            heading = ("■", "", f"Whose is it? ({len(found.waiting)})", "", "", "", "")
            rows.insert(0, Row("whose:", heading, heading=True))
            heading = ("■", "", f"Referrals ({len(found.referrals)})", "", "", "", "")
            rows.insert(len(found.waiting) + 1, Row("sent:", heading, heading=True))
        self.query_one(ListAndDetail).show(rows, self._facts)
        table = self.query_one(VirtualTable)
        wanted = [at for at, row in enumerate(rows) if row.key == f"sent:{self._first}"]
        table.cursor = wanted[0] if wanted else table.cursor or (1 if found.waiting else 0)
        self._first = 0
        table.focus()

    def _facts(self, row: Row) -> Iterable[Fact]:
        kind, _, number = str(row.key).partition(":")
        if not number:
            return []
        if kind == "whose":
            return reconcile_facts(self._waiting[int(number)])
        return referral_facts(self._sent[int(number)])

    def _at_cursor(self) -> tuple[str, int]:
        row = self.query_one(VirtualTable).row
        kind, _, number = str(row.key).partition(":") if row is not None else ("", "", "")
        return kind, int(number) if number else 0

    @on(VirtualTable.Opened)
    @work(exclusive=True, group="act", exit_on_error=False)
    async def opened(self) -> None:
        """Say whose it is, or do what can be done with a referral."""
        kind, number = self._at_cursor()
        if kind == "whose" and number:
            changed = await self._settle(self._waiting[number])
        else:
            changed = bool(number) and await self._deal(self._sent[number])
        if changed:
            self._first = number
            self.reload()

    async def _settle(self, each: ToReconcile) -> bool:
        options = [
            (candidate.pseudonym, f"{candidate.pseudonym}: "
             + ", ".join(f"{field} {how}" for field, how in candidate.compared))
            for candidate in each.candidates
        ]  # fmt: skip
        options.append((NOBODY, "Nobody here"))
        said = "The referrer is not told. Who is like them is compared, and never shown."
        chosen = await self.app.push_screen_wait(Choose(f"Whose is referral {each.referral.number}?", options,
                                                        words=said))  # fmt: skip
        if chosen is None:
            return False
        whose = None if chosen == NOBODY else chosen
        await self.ask(reconciling.settle, self.session, each.referral.number, whose, FOR_PANEL)
        return True

    async def _deal(self, each: ReferralShown) -> bool:
        user = self.session.user
        answers = user.role in SPEAKS_FOR_EVERY_AGENCY or (each.to_agency != "" and each.to_agency == user.agency)
        sends = user.agency == each.from_agency or user.role in SPEAKS_FOR_EVERY_AGENCY
        may = {
            "receive": ("It has arrived and will be answered", answers and "received" in referrals.NEXT[each.status]),
            "accept": ("Take the person on", answers and "accepted" in referrals.NEXT[each.status]),
            "reject": ("Say no, and why", answers and "rejected" in referrals.NEXT[each.status]),
            "feedback": ("Tell the referrer what came of it", answers and each.status == "accepted"),
            "done": ("Tell the referrer what came of it: that is all", answers and each.status == "accepted"),
            "revoke": ("Take it back", sends and "revoked" in referrals.NEXT[each.status]),
            "history": ("Read everything that was said of it", True),
        }
        if not self.session.may(Operation.ALTER, Thing.REFERRAL):
            may = {"history": may["history"]}
        options = [(code, words) for code, (words, is_offered) in may.items() if is_offered]
        chosen = await self.app.push_screen_wait(Choose(f"Referral {each.number}", options))
        if chosen is None:
            return False
        if chosen == "history":
            await self._read_on(each.number)
            return False
        if chosen == "receive":
            await self.ask(referrals.receive, self.session, each.number, FOR_PANEL)
            return True
        if chosen == "accept":
            return await self._accept(each)
        return await self._say(each, chosen)

    async def _accept(self, each: ReferralShown) -> bool:
        session = self.session

        def send(given: dict[str, str]) -> None:
            until = date.fromisoformat(given["feedback_by"])
            referrals.accept(session, each.number, given["words"], until, FOR_PANEL)

        fields = (
            Field("words", "What the referrer is told", Kind.WORDS, longest=referrals.LONGEST),
            Field("feedback_by", "By when they hear what came of it", Kind.DAY, required=True),
        )
        form = FormDialog("Take the person on", fields, send, words=referrals.NOTHING_SAID)
        return bool(await self.app.push_screen_wait(form))

    async def _say(self, each: ReferralShown, doing: str) -> bool:
        question = {
            "reject": "Why is it not taken on?",
            "revoke": "Why is it taken back?",
            "feedback": "What came of it so far?",
            "done": "What came of it?",
        }[doing]
        note = "" if doing == "revoke" else referrals.NOTHING_SAID
        words = await self.app.push_screen_wait(AskWords(question, note))
        if words is None:
            return False
        if doing in ("feedback", "done"):
            await self.ask(referrals.feed_back, self.session, each.number, words, FOR_PANEL, is_done=doing == "done")
        else:
            does = referrals.reject if doing == "reject" else referrals.revoke
            await self.ask(does, self.session, each.number, words, FOR_PANEL)
        return True

    async def _read_on(self, number: int) -> None:
        found = await self.ask(referrals_shown.read, self.session, number, FOR_PANEL)
        await self.app.push_screen_wait(Reading(f"Referral {number}", referral_facts(found)))

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_history(self) -> None:
        """Read everything that was said of the referral at the cursor."""
        kind, number = self._at_cursor()
        if kind == "sent" and number:
            await self._read_on(number)

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_send(self) -> None:
        """Send one."""
        if await send_referral(self):
            self.reload()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what this user may do."""
        if action == "send" and self.is_mounted and self.kingshurst.session is not None:
            return self.session.may(Operation.COLLECT, Thing.REFERRAL)
        return True

    def remember(self) -> object:
        """Return the line at the cursor."""
        return self.query_one(VirtualTable).cursor

    def reopen(self) -> Callable[[], ReferralsScreen]:
        """Read them again."""
        return ReferralsScreen
