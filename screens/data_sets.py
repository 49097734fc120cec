"""Data sets: whether each gate is open and who can open it, what it covers, what came last, and how good it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from kingshurst_tui.acts import Reason
from kingshurst_tui.agreements import gates, standing_today
from kingshurst_tui.dates import say_date, show_date
from kingshurst_tui.errors import StaleRecord
from kingshurst_tui.intake import batches
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from screens import data_set_words as words
from screens.ask_words import AskWords
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.choose import Choose
from screens.confirm import Confirm
from screens.conflict import say
from screens.drafting import Draft
from screens.reading import Reading
from screens.widgets.facts import Fact
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.agreements.standing_today import Standing
    from kingshurst_tui.intake.batches import BatchShown
    from kingshurst_tui.session import Session

Shown = tuple[list["Standing"], tuple["BatchShown", ...]]
OVERSIGHT = Reason(ReasonCode.OVERSIGHT)
INTAKE = Reason(ReasonCode.INTAKE)


class DataSetsScreen(KingshurstScreen[None]):
    """Every data set with its agreement; no gate, no data."""

    HELP = """Each line is a data set under its agreement. ● the gate is open; anything else keeps the data out of
sight, and the box says why and who can open it. Enter shows the whole agreement, a its ALGO-CARE answers, Q the
data-quality report of its last import, b all imports (one can be taken back there). m shows the rules and the model
that decide, with theirs. Extracts come in on the command line: kingshurst import STORE FILE --agreement REF, with
--check first, which says all that is wrong and stores nothing."""
    AUTO_FOCUS = "#data-sets-list"
    CSS_PATH = "styles/data_sets.tcss"
    BINDING_GROUP_TITLE = "Data sets"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("a", "answers", "Answers", id="data-sets-answers", tooltip="The ALGO-CARE answers of this data set."),
        bind("Q", "quality", "Quality", id="data-sets-quality", tooltip="The data-quality report of the last import."),
        bind("b", "imports", "Imports", id="data-sets-imports", tooltip="All imports; one can be taken back."),
        bind("m", "rules", "Rules", id="data-sets-rules", tooltip="What decides by rule, and who approved it."),
        bind("o", "gate", "Gate", id="data-sets-gate", tooltip="Sign an agreement, or suspend it."),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._standings: dict[int, Standing] = {}
        self._batches: tuple[BatchShown, ...] = ()
        self._wanted = 0

    def body(self) -> ComposeResult:
        """Draw how many gates are open, and the list."""
        yield Static("", id="open-gates")
        yield ListAndDetail(
            Column("Gate", 12),
            Column("Data set", 16, grows=True),
            Column("Agency", 6),
            Column("RAG", 6, priority=2),
            Column("Rows", 8, right=True, priority=1),
            Column("As at", 11),
            Column("Expires", 11, priority=1),
            id="data-sets",
            nothing="There is no agreement: no gate, no data.",
            hint="The information governance officer adds one: kingshurst agreement add STORE FILE",
        )

    def reload(self) -> None:
        """Ask for agreements and imports."""
        self.run_work(_read, self.session, then=self.show_data_sets, doing="Reading the agreements")

    def show_data_sets(self, shown: Shown) -> None:
        """Draw them."""
        standings, self._batches = shown
        self._standings = {standing.row.id: standing for standing in standings}
        live = sum(standing.state == "live" for standing in standings)
        closed = f" · {len(standings) - live} closed" if live < len(standings) else ""
        bring = " · bring extracts in with: kingshurst import (F1)"
        how = bring if self.session.may(Operation.COLLECT, Thing.BATCH) else ""
        self.query_one("#open-gates", Static).update(plain(f"{live} of {len(standings)} gates open{closed}{how}"))
        part = self.query_one(ListAndDetail)
        part.show([self._row(standing) for standing in standings], self._facts)
        if self._wanted:
            part.table.go_to(self._wanted)

    def _row(self, standing: Standing) -> Row:
        latest = self._latest(standing)
        cells = (
            words.gate_said(standing),
            standing.row.reference,
            standing.row.agency_code,
            standing.agreement.rag.value,
            words.rows_in_short(latest),
            show_date(latest.as_at or latest.received) if latest else "unknown",
            show_date(standing.agreement.expires),
        )
        return Row(standing.row.id, cells, quiet=standing.state != "live")

    def _facts(self, row: Row) -> Iterable[Fact]:
        standing = self._standings[int(row.key)]
        return words.gate_facts(standing, self._latest(standing), self.session.clock.today())

    def _latest(self, standing: Standing) -> BatchShown | None:
        mine = (each for each in self._batches if each.data_set == standing.row.reference)
        return next((each for each in mine if each.status == "accepted"), None)

    def _at_cursor(self) -> Standing | None:
        row = self.query_one(ListAndDetail).table.row
        return self._standings.get(int(row.key)) if row else None

    @on(VirtualTable.Opened)
    def opened(self) -> None:
        """Show the whole agreement."""
        if standing := self._at_cursor():
            self.app.push_screen(Reading(standing.row.reference, words.agreement_facts(standing)))

    def action_answers(self) -> None:
        """Show the ALGO-CARE answers."""
        if standing := self._at_cursor():
            heading = f"ALGO-CARE: {standing.row.reference}"
            self.app.push_screen(Reading(heading, words.answer_facts(standing.agreement.algo_care)))

    def action_quality(self) -> None:
        """Show the data-quality report of the last import."""
        if standing := self._at_cursor():
            latest = self._latest(standing)
            if latest is None:
                self.notify("Nothing was imported under this agreement.", markup=False)
            else:
                self.app.push_screen(Reading("Data quality", words.quality_facts(latest)))

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_rules(self) -> None:
        """Show the rule set or the linkage model, with its ALGO-CARE answers and who approved them."""
        from kingshurst_tui.casework import rulebook
        from kingshurst_tui.linkage import approval

        offers = [("rules", "The rules that flag"), ("model", "The model that links")]
        chosen = await self.app.push_screen_wait(Choose("What decides by rule", offers))
        if chosen == "rules":
            found = await self.ask(rulebook.rule_set, self.session)
            self.app.push_screen(Reading("The rules that flag", words.rule_set_facts(found)))
        elif chosen == "model":
            filed = await self.ask(approval.filed, self.session)
            self.app.push_screen(Reading("The model that links", words.approval_facts(filed)))

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_imports(self) -> None:
        """Choose one of the imports: read its report, or take it back."""
        standing = self._at_cursor()
        if standing is None:
            return
        mine = {str(each.number): each for each in self._batches if each.data_set == standing.row.reference}
        options = [
            (number, f"{number}: {each.status}, {say_date(each.received)}, {each.let_in}")
            for number, each in mine.items()
        ]
        if not options:
            self.notify("Nothing was imported under this agreement.", markup=False)
            return
        chosen = await self.app.push_screen_wait(Choose(f"Imports of {standing.row.reference}", options))
        if chosen is None:
            return
        batch = mine[chosen]
        offers = [("read", "Read its data-quality report")]
        if batch.status == "accepted" and self.session.may(Operation.ERASE, Thing.BATCH):
            offers.append(("recall", "Take it back, after seeing what was built on it"))
        doing = await self.app.push_screen_wait(Choose(f"Batch {batch.number}", offers))
        if doing == "read":
            self.app.push_screen(Reading("Data quality", words.quality_facts(batch)))
        elif doing == "recall":
            await self._recall(batch.number)

    async def _recall(self, number: int) -> None:
        from kingshurst_tui.intake import recall

        plan = await self.ask(recall.plan, self.session, number)
        built = [f"{count:,} {name.replace('_', ' ')}" for name, count in plan.built.items() if count]
        consequence = "Taken out, withdrawn or reopened: " + (", ".join(built) or "nothing") + "."
        if not await self.app.push_screen_wait(Confirm(f"Take batch {number} back?", consequence, yes="Take it back")):
            return
        why = await self.app.push_screen_wait(AskWords(f"Why is batch {number} taken back?"))
        if why is None:
            return
        await self.ask(recall.recall, self.session, number, reason=Reason(ReasonCode.INTAKE, why))
        self.notify(f"Batch {number} is taken back.", markup=False)
        self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_gate(self) -> None:
        """Sign an agreement, or suspend it and so close its gate at once."""
        standing = self._at_cursor()
        if standing is None:
            return
        reference = standing.row.reference
        offers = [("suspend", "Close the gate now, in every open program")]
        if standing.state != "live":
            offers = [("sign", "Sign it: the gate opens if nothing else is missing")]
        chosen = await self.app.push_screen_wait(Choose(reference, offers))
        self._wanted = standing.row.id
        if chosen == "sign":
            done = await self._sign(reference, standing.row.version)
            if done is None:
                self.reload()
                return
        elif chosen == "suspend":
            draft = Draft(Operation.ADMINISTER, Thing.AGREEMENT, 0, f"{standing.row.id}")
            await self.ask(draft.load, self.session)
            said, done = await say(
                self,
                lambda given: AskWords(f"Why is {reference} suspended?", given=given, draft=draft),
                draft,
                gates.suspend,
                reference,
                reason=OVERSIGHT,
            )
            if not said:
                self.reload()
                return
        else:
            return
        self.notify(f"{reference} is {done.state}.", markup=False)
        self.reload()

    async def _sign(self, reference: str, version: int) -> Standing | None:
        """Sign the version that is on the screen; a newer one is shown first, line by line."""
        try:
            return await self.ask(gates.sign, self.session, reference, reason=OVERSIGHT, over=version)
        except StaleRecord as stale:
            facts = [(each.title, f"{each.began or 'nothing'} → {each.theirs or 'nothing'}") for each in stale.fields]
            self.app.push_screen(Reading(stale.title, [*facts, ("", stale.hint)]))
            return None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer opening and closing to those who may."""
        if action == "gate" and self.kingshurst.session is not None:
            return self.session.may(Operation.ADMINISTER, Thing.AGREEMENT)
        return super().check_action(action, parameters)

    def remember(self) -> object:
        """Return the agreement at the cursor."""
        standing = self._at_cursor()
        return standing.row.id if standing else 0

    def recall(self, memory: object) -> None:
        """Go back to that agreement."""
        if isinstance(memory, int):
            self._wanted = memory

    def reopen(self) -> Callable[[], DataSetsScreen]:
        """Build it again."""
        return DataSetsScreen


def _read(session: Session) -> Shown:
    return standing_today.listed(session), batches.listed(session)
