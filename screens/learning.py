"""What came of decisions across cases: figures with their intervals, drawn in letters; nobody is named here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType

from kingshurst_tui.errors import Refused
from kingshurst_tui.interval_bars import LEGEND, ratio_bar, share_bar
from kingshurst_tui.learning import consistency, misses, said_of_flags, usefulness
from kingshurst_tui.learning.what_works import HIDDEN, what_works
from kingshurst_tui.learning.what_works import Row as Followed
from kingshurst_tui.vocabulary import Operation, Thing
from screens.ask_words import AskWords
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.choose import Choose
from screens.flag_words import said_facts
from screens.form_dialog import FormDialog
from screens.reading import Reading
from screens.unflagged import UnflaggedScreen
from screens.widgets.facts import Fact
from screens.widgets.fields_form import Field
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.learning.consistency import Consistency
    from kingshurst_tui.learning.misses import Referred, UnflaggedSample
    from kingshurst_tui.learning.usefulness import RuleRecord
    from kingshurst_tui.learning.what_works import WhatWorks
    from kingshurst_tui.session import Session

WORKS, RULES, LEADS, MISSES = "works", "rules", "leads", "misses"


@dataclass(frozen=True, slots=True)
class _Read:
    """Everything the screen shows; ``refused`` says why the leads are not parted as asked."""

    works: WhatWorks
    rules: tuple[RuleRecord, ...]
    leads: Consistency | None
    refused: str
    referred: Referred
    samples: tuple[UnflaggedSample, ...]


def _read(session: Session, by: str) -> _Read:
    refused, leads = "", None
    try:
        leads = consistency.consistency(session, by)
    except Refused as stopped:
        refused = f"{stopped.title} {stopped.hint}"
    works, rules = what_works(session), usefulness.records(session)
    return _Read(works, rules, leads, refused, misses.referred(session), misses.samples(session))


class LearningScreen(KingshurstScreen[None]):
    """One list under four headings; the row at the cursor is explained beside it."""

    HELP = """What followed decisions, set against flagged people whom no panel has discussed; whether people found each
rule's flags useful; which agency leads for whom; what rules missed. Every figure has its interval and stands for at
least ten people, or is hidden. The picture has ┊ where there is no difference: an interval that crosses it tells
none. Enter on a rule reads what people said of its flags, and
why; Enter on a sample opens it. p parts the leads another way, d draws unflagged people by lot, s says for governance
that a rule stays as it is."""
    MODE = "home"
    BINDING_GROUP_TITLE = "What came of it"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("p", "part", "Part by", id="learning-part", tooltip="Part the leads by area, rule, age or sex."),
        bind("d", "draw", "Draw", id="learning-draw", tooltip="Draw unflagged people by lot, to be looked at."),
        bind("s", "keep", "Rule stays", id="learning-keep", tooltip="Say that the rule at the cursor stays as it is."),
    ]

    def __init__(self, rule: int | str = "", *, siblings: tuple[int | str, ...] = ()) -> None:
        """Show the figures.

        Args:
            rule: the code of the rule to begin with.
            siblings: the list one comes from.
        """
        super().__init__()
        self._first = str(rule)
        self._siblings = siblings
        self._by = "area"
        self._found: _Read | None = None

    def body(self) -> ComposeResult:
        """Draw the list."""
        yield ListAndDetail(
            Column("", 2),
            Column("What", 18, grows=True),
            Column("Interval (95 %)", 34),
            Column("Figure", 14),
            id="learning",
        )

    def reload(self) -> None:
        """Count anew."""
        self.run_work(_read, self.session, self._by, then=self.show_read, doing="Counting across cases")

    def show_read(self, found: _Read) -> None:
        """Draw what was found."""
        self._found = found
        self.query_one(ListAndDetail).show(list(_rows(found, self._by)), self._facts)
        table = self.query_one(VirtualTable)
        if self._first:
            table.go_to(f"{RULES}:{self._first}")
        self._first = ""
        table.focus()

    def _facts(self, row: Row) -> Iterable[Fact]:
        found, (kind, _, name) = self._found, str(row.key).partition(":")
        if found is None:
            return []
        if kind == WORKS:
            if not name:
                return [("", words) for words in (*found.works.said, LEGEND)]
            said = (_followed(found.works)[name].words, *found.works.said, LEGEND)
            return [("What followed", name), *(("", words) for words in said)]
        if kind == RULES and name:
            return _rule_facts(next(each for each in found.rules if each.rule_code == name))
        if kind == LEADS and found.leads is not None and name:
            group, _, agency = name.rpartition("/")
            share = found.leads.shares.get((group, agency), "hidden, or too few to say")
            return [(consistency.BY[self._by], group), ("Leads", agency), ("Of that group", share)]
        if kind == MISSES and name.isdecimal():
            one = next(each for each in found.samples if each.number == int(name))
            return [("Sample", one.words), ("Drawn by", f"{one.drawn_by}, seed {one.seed[:16]}…"), ("", misses.METHOD)]
        return [("", _HEADS[kind]), *([("", consistency.READS)] if kind == LEADS else [])]

    def _at_cursor(self) -> tuple[str, str]:
        table = self.query_one(VirtualTable)
        row = table.row_at(table.cursor) if table.cursor is not None else None
        kind, _, name = str(row.key).partition(":") if row is not None else ("", "", "")
        return kind, name

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what this user may do."""
        if action == "draw" and self.is_mounted:
            return self.session.may(Operation.ADMINISTER, Thing.UNFLAGGED)
        if action == "keep" and self.is_mounted:
            return self.session.may(Operation.ADMINISTER, Thing.RULE)
        return True

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_part(self) -> None:
        """Part the leads another way."""
        chosen = await self.app.push_screen_wait(
            Choose("Part the leads by", tuple(consistency.BY.items()), [self._by], at=self._by)
        )
        if chosen:
            self._by = chosen
            self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_draw(self) -> None:
        """Draw unflagged people by lot."""
        drawn = await self.app.push_screen_wait(
            FormDialog(
                "Draw unflagged people",
                [Field("count", f"How many (1 to {misses.MOST})", required=True)],
                lambda answers: misses.draw(self.session, _number(answers["count"])),
                words="People whom no rule flags, by lot; somebody looks at each.",
            )
        )
        if drawn:
            self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_keep(self) -> None:
        """Say that the rule at the cursor stays as it is."""
        kind, name = self._at_cursor()
        if kind != RULES or not name:
            return
        why = await self.app.push_screen_wait(AskWords("Why does this rule stay as it is?"))
        if why:
            await self.ask(usefulness.keep, self.session, name, why)
            self.reload()

    @on(VirtualTable.Opened)
    @work(exclusive=True, group="act", exit_on_error=False)
    async def opened(self) -> None:
        """Open the sample at the cursor, or read what people said of the flags of the rule at the cursor."""
        kind, name = self._at_cursor()
        if kind == MISSES and name.isdecimal():
            self.app.push_screen(UnflaggedScreen(int(name)))
        elif kind == RULES and name and self._found is not None:
            rule = next(each for each in self._found.rules if each.rule_code == name)
            said = await self.ask(said_of_flags.of_rule, self.session, rule.rule_code, rule.rule_version)
            self.app.push_screen(Reading(rule.title, [*_rule_facts(rule), *said_facts(said)]))

    def remember(self) -> object:
        """Return the line at the cursor."""
        return self.query_one(VirtualTable).cursor

    def recall(self, memory: object) -> None:
        """Go back to that line."""
        if isinstance(memory, int):
            self.query_one(VirtualTable).cursor = memory


_HEADS = {
    RULES: "A rule is put before governance where people found its flags of no use, more than chance; it never retires "
    "by itself.",
    LEADS: "Which agency leads, among standing decisions; small numbers hidden.",
    MISSES: "People who were referred and not flagged, and unflagged people drawn by lot and looked at.",
}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def _followed(works: WhatWorks) -> dict[str, Followed]:
    return {row.title: row for row in (works.all, *works.by_lead, *works.by_intervention)}


def _rows(found: _Read, by: str) -> Iterator[Row]:
    decided = found.works.decided
    yield _head(
        WORKS, f"What followed decisions ({HIDDEN if decided is None else f'{decided:,} people decided about'})"
    )
    for name, row in _followed(found.works).items():
        figure = f"× {row.ratio:.2f}" if row.ratio is not None else "hidden" if row.people is None else "none"
        yield Row(f"{WORKS}:{name}", ("", name, ratio_bar(row.ratio, row.low, row.high), figure))
    yield _head(RULES, f"Whether flags were useful ({len(found.rules)} rules)")
    for each in found.rules:
        bar = share_bar(each.useful.value, *each.useful.interval) if each.useful.of else ""
        figure = f"{each.useful.count} of {each.useful.of}" if each.useful.of else "not judged"
        yield Row(f"{RULES}:{each.rule_code}", ("!" if each.before_governance else "", each.title, bar, figure))
    yield _head(LEADS, f"Who leads, by {consistency.BY[by]}")
    if found.leads is None:
        yield Row(f"{LEADS}:", ("", found.refused, "", ""), quiet=True)
    else:
        for group in found.leads.groups:
            for agency in found.leads.agencies:
                cell = found.leads.table.cell(group, agency)
                yield Row(
                    f"{LEADS}:{group}/{agency}",
                    ("", f"{group}: {agency}", found.leads.shares.get((group, agency), ""), cell),
                )
    yield _head(MISSES, "What rules missed")
    yield Row(f"{MISSES}:referred", ("", found.referred.words, "", ""))
    for sample in found.samples:
        yield Row(
            f"{MISSES}:{sample.number}", ("?" if sample.waiting else "", f"Sample {sample.number}", "", sample.words)
        )


def _rule_facts(each: RuleRecord) -> Iterator[Fact]:
    yield "Rule", f"{each.title} ({each.rule_code}, version {each.rule_version})"
    yield "Flags that stand", f"{each.raised:,}"
    yield "Found useful", each.words
    if each.differing:
        yield "People differ", f"on {each.differing:,}: in neither count"
    if each.before_governance:
        yield "! To be decided", "people decide whether it is edited, retired or stays (s says that it stays, and why)"
    if each.kept is not None:
        by, why, judged = each.kept
        yield "Stays as it is", f"{by}, at {judged} judged: {why}"


def _head(kind: str, title: str) -> Row:
    return Row(f"{kind}:", ("■", title, "", ""), heading=True)
