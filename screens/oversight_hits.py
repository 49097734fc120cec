"""What the rules of oversight find: stated rules with their hits, and no score."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from kingshurst_tui.counting import some
from kingshurst_tui.dates import say_date, show_time
from kingshurst_tui.oversight.hits import DAYS, Hit, Hits, find_hits
from kingshurst_tui.oversight.rules import OversightRule, change_rule, oversight_rules
from kingshurst_tui.oversight.trail import LIMITS_OF_USE, filter_of_days
from kingshurst_tui.vocabulary import Operation, Thing
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.choose import Choose
from screens.form_dialog import FormDialog
from screens.reading import Reading
from screens.widgets.facts import Fact
from screens.widgets.fields_form import Field, Kind
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.session import Session

SOURCE, IS_ON = "source", "is-on"
MOST_SHOWN = 40
"""Entry numbers of one hit that are written out."""


class HitsScreen(KingshurstScreen[None]):
    """Each rule of oversight with its hits; reading them is itself in the trail."""

    HELP = f"""Each heading is a rule, each line under it a hit: who acted, which entries, about whom by pseudonym. A
hit is no finding: it says what to look at. Names and addresses are compared inside the store and never leave it.
Enter opens the trail at what is hit, [ and ] go a month back and on, e shows the rules and changes one.
{LIMITS_OF_USE}"""
    MODE = "audit"
    CSS_PATH = "styles/oversight.tcss"
    BINDING_GROUP_TITLE = "Rules of oversight"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("e", "rules", "Rules", id="hits-rules", tooltip="Read the rules of oversight, and change one."),
        bind("left_square_bracket", "month(-1)", "Month before", id="hits-before", tooltip="The month before."),
        bind("right_square_bracket", "month(1)", "Month after", id="hits-after", tooltip="The month after."),
    ]

    def __init__(self, until: date | None = None) -> None:
        super().__init__()
        self._until = until
        self._hits: dict[str, tuple[OversightRule, Hit]] = {}
        self._rules: dict[str, OversightRule] = {}

    def body(self) -> ComposeResult:
        """Draw the limits of use and the list."""
        yield Static(plain(LIMITS_OF_USE), classes="limits -muted")
        yield Static("", id="looked", classes="label")
        yield ListAndDetail(
            Column("Who", 14),
            Column("From (UTC)", 17),
            Column("Entries", 12, grows=True),
            Column("About", 15),
            id="hits",
        )

    def reload(self) -> None:
        """Look through the trail."""
        until = self._until or self.session.clock.today()
        self.run_work(
            find_hits, self.session, None, until, then=self.show_hits, doing="Looking through the trail by the rules"
        )

    def show_hits(self, found: Hits) -> None:
        """Draw the rules and their hits."""
        self._until = found.until
        entries = some(found.looked, "entry", "entries")
        days = f"{say_date(found.since)} to {say_date(found.until)}"
        self.query_one("#looked", Static).update(plain(f"A hit is no finding. {entries}, {days}."))
        rows: list[Row] = []
        self._hits = {}
        self._rules = {rule.code: rule for rule, _ in found.rules}
        for rule, hits in found.rules:
            said = some(len(hits), "hit") if rule.is_on else "off"
            rows.append(Row(rule.code, ("■", "", f"{rule.title}: {said}", ""), heading=True))
            for number, hit in enumerate(hits):
                key = f"{rule.code}:{number}"
                self._hits[key] = (rule, hit)
                about = hit.pseudonyms[0] if len(hit.pseudonyms) == 1 else some(len(hit.pseudonyms), "person", "people")
                numbers = _numbers(hit.alone) or f"lists {_numbers(hit.lists)}"
                cells = (hit.actor, show_time(hit.first), numbers, about if hit.pseudonyms else "no person")
                rows.append(Row(key, cells, reference=str(hit.entries[0])))
        self.query_one(ListAndDetail).show(rows, self._facts)
        self.query_one(VirtualTable).focus()

    def _facts(self, row: Row) -> Iterable[Fact]:
        if str(row.key) not in self._hits:
            return _rule_facts(self._rules[str(row.key)])
        rule, hit = self._hits[str(row.key)]
        return [
            *_rule_facts(rule),
            ("Entries", _numbers(hit.alone, MOST_SHOWN) or "none but lists"),
            *([("On lists", _numbers(hit.lists, MOST_SHOWN))] if hit.lists else []),
            ("About", ", ".join(hit.pseudonyms[:MOST_SHOWN]) or "no person"),
        ]

    @on(VirtualTable.Opened)
    def opened(self, event: VirtualTable.Opened) -> None:
        """Open the trail at what is hit."""
        from screens.audit import AuditScreen

        if str(event.row.key) in self._hits:
            _, hit = self._hits[str(event.row.key)]
            about = hit.pseudonyms[0] if len(hit.pseudonyms) == 1 else ""
            self.app.push_screen(
                AuditScreen(
                    filter_of_days(since=hit.first.date(), until=hit.last.date(), actor=hit.actor, pseudonym=about)
                )
            )

    def action_month(self, by: int) -> None:
        """Look at the month before or after."""
        today = self.session.clock.today()
        self._until = min(today, (self._until or today) + timedelta(days=DAYS * by))
        self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_rules(self) -> None:
        """Show the rules; whoever may can change one."""
        rules = {rule.code: rule for rule in await self.ask(oversight_rules, self.session)}
        options = [(rule.code, f"{rule.title}: {rule.in_words}") for rule in rules.values()]
        on_now = [rule.code for rule in rules.values() if rule.is_on]
        chosen = await self.app.push_screen_wait(Choose("Which rule?", options, on_now, "✓ is looked for now."))
        if chosen is None:
            return
        rule = rules[chosen]
        if not self.session.may(Operation.ADMINISTER, Thing.AUDIT):
            self.app.push_screen(Reading(rule.title, _rule_facts(rule)))
            return
        fields = [Field(name, name.capitalize(), required=True) for name in rule.thresholds]
        fields.append(Field(SOURCE, "Who set this, and on what", Kind.WORDS, required=True))
        fields.append(Field(IS_ON, "Look for this", Kind.TICK))
        values = {**{name: str(value) for name, value in rule.thresholds.items()}, SOURCE: rule.source}
        values[IS_ON] = "yes" if rule.is_on else ""
        form = FormDialog(
            rule.title,
            fields,
            partial(_change, self.session, rule.code),
            words=f"{rule.says} {rule.knows}",
            values=values,
        )
        if await self.app.push_screen_wait(form):
            self.reload()

    def reopen(self) -> Callable[[], HitsScreen]:
        """Look at the same month again."""
        until = self._until
        return lambda: HitsScreen(until)


def _change(session: Session, code: str, answers: dict[str, str]) -> OversightRule:
    thresholds = {name: value for name, value in answers.items() if name not in (SOURCE, IS_ON)}
    return change_rule(session, code, thresholds=thresholds, source=answers[SOURCE], is_on=bool(answers[IS_ON]))


def _rule_facts(rule: OversightRule) -> list[Fact]:
    return [("Looks for", rule.in_words), ("Set by", rule.source), ("Known", rule.knows)]


def _numbers(entries: tuple[int, ...], most: int = 3) -> str:
    more = f" and {len(entries) - most} more" if len(entries) > most else ""
    return ", ".join(map(str, entries[:most])) + more
