"""What only a person can settle: pairs of records side by side, and consents that matching left over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import consent_review
from kingshurst_tui.counting import some
from kingshurst_tui.dates import say_date, show_date
from kingshurst_tui.linkage import pairs_shown, review
from kingshurst_tui.linkage.review import Verdict
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from screens.ask_words import AskWords
from screens.bindings import bind
from screens.choose import Choose
from screens.confirm import Confirm
from screens.conflict import say
from screens.drafting import Draft
from screens.link_acts import sure, why_box
from screens.pair_list import PairList
from screens.reading import Reading
from screens.review_words import compared_in_words, consent_facts, pair_facts, pair_row, step_words
from screens.several_lists import SeveralLists
from screens.widgets.facts import Fact
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.section_bar import Section, SectionBar
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.casework.consent_review import WaitingConsent
    from kingshurst_tui.linkage.pairs_shown import Pair

SECTIONS = (Section("p", "pairs", "Pairs of records"), Section("c", "consents", "Waiting consents"))
REVIEW = Reason(ReasonCode.REVIEW)


class ReviewScreen(SeveralLists):
    """The review queue; every decision shows what it would touch first, and asks why."""

    HELP = """Two records that may be one person's, field by field, with what speaks for (bars to the right) and
against (to the left). Where either is masked only how the fields compare is shown, not whom they are of.
A link that would open a masked profile waits until a second person decides the same.
l links them, a keeps them apart, e leaves the pair to somebody else; each asks why, and first shows what it touches.
c shows consents that matching could not place, or that wait for a second person: Enter says whose one is, or sets it
aside; t agrees to all that match exactly and rest on nothing sensitive."""
    AUTO_FOCUS = "#pairs-list"
    LISTS = SECTIONS
    CSS_PATH = "styles/review.tcss"
    BINDING_GROUP_TITLE = "Review"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("p", "show('pairs')", "Pairs", id="review-pairs", tooltip="Show pairs of records.", show=False),
        bind("c", "show('consents')", "Consents", id="review-consents", tooltip="Show waiting consents.", show=False),
        bind("l", "decide('link')", "Link", id="review-link", tooltip="One person: link the two records."),
        bind("a", "decide('keep apart')", "Keep apart", id="review-apart", tooltip="Two people: keep them apart."),
        bind(
            "e", "decide('leave')", "Leave", id="review-leave", tooltip="Leave the pair to somebody else, saying why."
        ),
        bind("t", "agree", "Agree to all exact", id="review-agree", tooltip="Be the second person for exact ones."),
        bind("v", "given", "As given", id="review-given", tooltip="Show a consent as it was given.", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._pairs: dict[int, Pair] = {}
        self._total = 0
        self._waiting: dict[int, WaitingConsent] = {}

    def body(self) -> ComposeResult:
        """Draw the two queues."""
        yield SectionBar(self.LISTS)
        yield Static("", id="how-many", classes="-muted")
        yield PairList(
            Column("Weight", 6, right=True),
            Column("One", 24, grows=True),
            Column("Other", 24),
            Column("Warnings", 14, priority=1),
            id="pairs",
            nothing="No pair waits for a decision.",
            hint="c shows consents that wait.",
        )
        yield ListAndDetail(
            Column("No.", 5, right=True),
            Column("Given", 11),
            Column("Why it waits", 24, grows=True),
            Column("Could be", 10, right=True),
            id="consents",
            nothing="No consent waits for you.",
            hint="Those you handed in yourself wait for somebody else.",
        )

    def reload(self) -> None:
        """Ask for what waits."""
        self.run_work(pairs_shown.queue, self.session, then=self.show_pairs, doing="Reading the review queue")
        if self.session.may(Operation.CONSULT, Thing.CONSENT):
            self.run_work(consent_review.review_queue, self.session, REVIEW, then=self.show_consents, group="consents")

    def show_pairs(self, found: tuple[list[Pair], int]) -> None:
        """Draw the pairs."""
        pairs, self._total = found
        self._pairs = {pair.link_id: pair for pair in pairs}
        self.query_one(PairList).show([pair_row(pair) for pair in pairs], self._pair_facts)
        self.say()

    def show_consents(self, waiting: Sequence[WaitingConsent]) -> None:
        """Draw the consents: what the giver wrote stays closed until it is asked for."""
        self._waiting = {each.number: each for each in waiting}
        rows = [
            Row(
                each.number,
                (
                    str(each.number),
                    show_date(each.given_on),
                    each.because,
                    some(len(each.candidates), "person", "people") if each.candidates else "nobody",
                ),
            )
            for each in waiting
        ]
        self.query_one("#consents", ListAndDetail).show(rows, lambda row: consent_facts(self._waiting[int(row.key)]))
        self.say()

    def counts(self) -> Mapping[str, int]:
        """Return how many pairs and how many consents wait."""
        return {"pairs": self._total, "consents": len(self._waiting)}

    def say(self) -> None:
        """Draw the line of lists, and how many of the pairs are listed."""
        super().say()
        shown = len(self._pairs)
        words = f"{shown} of {self._total:,} pairs, the strongest first" if shown < self._total else ""
        self.query_one("#how-many", Static).update(plain(words))
        self.query_one("#how-many").display = bool(words) and self._here == "pairs"

    def _pair_facts(self, row: Row) -> Iterable[Fact]:
        return pair_facts(self._pairs[int(row.key)])

    @on(VirtualTable.Moved, "#pairs-list")
    def pair_moved(self, event: VirtualTable.Moved) -> None:
        """Show what speaks for and against the pair at the cursor."""
        self.query_one(PairList).show_pair(self._pairs.get(int(event.row.key)))

    @on(VirtualTable.Opened, "#pairs-list")
    def read_pair(self, event: VirtualTable.Opened) -> None:
        """Show the pair in full."""
        pair = self._pairs.get(int(event.row.key))
        if pair is not None:
            facts = [*pair_facts(pair), ("For and against", "")]
            facts += [(f"{step.bits:+.1f}", step_words(step)) for step in pair.waterfall.steps]
            facts.append((f"{pair.waterfall.total:+.1f}", "together"))
            self.app.push_screen(Reading("Two records", facts))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer deciding about pairs where pairs are shown, to those who may."""
        if action == "decide" and self.kingshurst.session is not None:
            return self._here == "pairs" and self.session.may(Operation.ALTER, Thing.LINK)
        if action == "given":
            return self._here == "consents"
        if action == "agree" and self.kingshurst.session is not None:
            return self._here == "consents" and self.session.may(Operation.ALTER, Thing.CONSENT)
        return super().check_action(action, parameters)

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_decide(self, verdict: str) -> None:
        """Decide about the pair at the cursor: see what it touches, say why, then do it."""
        row = self.query_one(PairList).table.row
        pair = self._pairs.get(int(row.key)) if row else None
        if pair is None:
            return
        wanted = Verdict(verdict)
        draft = Draft(Operation.ALTER, Thing.LINK, 0, f"{wanted.name.lower()}-{pair.link_id}")
        await self.ask(draft.load, self.session)

        def leave(given: str) -> AskWords:
            return AskWords("Why do you leave it?", given=given, draft=draft)

        box: Callable[[str], AskWords] = leave
        if wanted is not Verdict.LEAVE:
            affected = await self.ask(review.preview, self.session, pair.link_id, wanted)
            question = "Link these two records?" if wanted is Verdict.LINK else "Keep these two records apart?"
            if not await sure(self, question, affected):
                return
            box = why_box(question, draft)
        said_so, written = await say(self, box, draft, review.decide, pair.link_id, wanted)
        if not said_so:
            self.reload()
            return
        if written.waits:
            self.notify("It would open a masked profile: it waits for a second person.", markup=False)
            self.reload()
            return
        said = {Verdict.LINK: "Linked.", Verdict.APART: "Kept apart.", Verdict.LEAVE: "Left to somebody else."}
        self.notify(said[wanted], markup=False)
        self.reload()

    # --- consents ----------------------------------------------------------------------------------------

    def _consent(self) -> WaitingConsent | None:
        row = self.query_one("#consents", ListAndDetail).table.row
        return self._waiting.get(int(row.key)) if row else None

    def action_given(self) -> None:
        """Show a consent as it was given, names and all: somebody's own paper, not a partner's record."""
        consent = self._consent()
        if consent is not None:
            facts: list[Fact] = [
                ("Name", f"{consent.forename} {consent.surname}"),
                ("Born", say_date(consent.born)),
                ("Postcode", consent.postcode or "not given"),
                ("NHS number", consent.nhs_number or "not given"),
            ]
            self.app.push_screen(Reading(f"Consent {consent.number} as it was given", facts))

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_agree(self) -> None:
        """Be the second person for every agreement that matches exactly, after asking."""
        sure_of_it = await self.app.push_screen_wait(
            Confirm(
                "Agree to every agreement that matches exactly?",
                "Names and date of birth are the same, nothing contradicts, and somebody else handed them in. Their "
                "profiles open, and you are named as the second person. Refusals, and profiles that rest on health or "
                "abuse, stay here to be looked at one by one.",
                yes="Agree",
                no="Leave them",
            )
        )
        if sure_of_it:
            agreed, left = await self.ask(consent_review.agree_to_exact, self.session, REVIEW)
            self.notify(f"{some(agreed, 'consent takes', 'consents take')} effect; {left} left.", markup=False)
            self.reload()

    @on(VirtualTable.Opened, "#consents-list")
    @work(exclusive=True, group="act", exit_on_error=False)
    async def settle(self, event: VirtualTable.Opened) -> None:
        """Say whose consent it is, or set it aside with a reason."""
        consent = self._waiting.get(int(event.row.key))
        if consent is None:
            return
        offers = [
            (each.pseudonym, f"It is {each.pseudonym}: {compared_in_words(each.compared)}")
            for each in consent.candidates
        ]
        offers.append(("", "Set it aside: it is nobody’s here"))
        chosen = await self.app.push_screen_wait(Choose(f"Whose is consent {consent.number}?", offers))
        if chosen is None:
            return
        if chosen:
            await self.ask(consent_review.settle, self.session, consent.number, chosen, "", REVIEW)
        else:
            number = consent.number
            draft = Draft(Operation.ALTER, Thing.CONSENT, 0, f"aside-{number}")
            await self.ask(draft.load, self.session)
            said, _ = await say(
                self,
                lambda given: AskWords(f"Why is consent {number} set aside?", given=given, draft=draft),
                draft,
                consent_review.settle,
                number,
                None,
                reason=REVIEW,
            )
            if not said:
                self.reload()
                return
        self.notify("Settled." if chosen else "Set aside.", markup=False)
        self.reload()

    # --- the lock ----------------------------------------------------------------------------------------

    def about(self) -> str:
        """Return the queue in view and the line at the cursor."""
        row = self.query_one(f"#{self._here}", ListAndDetail).table.row
        return f"{type(self).__name__} {self._here} {row.key if row else ''}"

    def reopen(self) -> Callable[[], ReviewScreen]:
        """Build it again."""
        return ReviewScreen
