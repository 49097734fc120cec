"""The agenda: who is flagged, by when and why; sorted by one visible fact, triaged with a reason, never scored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from kingshurst_tui.casework.agenda import Agenda, open_agenda
from kingshurst_tui.casework.agenda_rows import SORTS, AgendaRow
from kingshurst_tui.casework.triage import AWAY, LONGEST_NOT_NOW, TRIAGE, TRIAGED_AWAY, UNTRIAGED, set_triage
from kingshurst_tui.counting import some
from kingshurst_tui.dates import MONTHS, read_date, say_date, show_date
from kingshurst_tui.errors import StaleRecord
from kingshurst_tui.vocabulary import Operation, PriorityArea, Thing
from screens.ask_words import AskWords
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.choose import Choose
from screens.conflict import THEIRS, Conflict, said_of
from screens.drafting import Begun, Draft
from screens.form_dialog import FormDialog
from screens.reading import Reading
from screens.widgets.empty_state import EmptyState
from screens.widgets.facts import Fact, Facts
from screens.widgets.fields_form import Field, Kind
from screens.widgets.text import plain
from screens.widgets.virtual_table import PAGE, Column, Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.session import Session

SHORT = {
    "untriaged": "",
    "panel": "panel",
    "another-panel": "other panel",
    "single-agency": "one agency",
    "not-now": "not now",
}
"""Triage in a column; the box under the list says it in full."""

NARROWED = {AWAY: "triaged away"}


@dataclass(frozen=True, slots=True)
class View:
    """What of the agenda one looks at, and in which order; words of the service, never of a record."""

    priority: str = ""
    rule: str = ""
    triage: str = ""
    sort: str = "raised"
    as_of: date | None = None


class AgendaScreen(KingshurstScreen[None]):
    """Flagged profiles, masked or open; Enter opens one within its agenda item."""

    HELP = """Everybody whom a rule flags on the day, masked or open. No line is ranked by anybody's opinion:
the order is one fact that stands in the line: s chooses which, or a click on its heading.
f narrows, t says what becomes of the item.
A pseudonym (KH-…) is a masked person: Enter shows what may be known, and how to approach them.
“unknown” means that a source cannot speak for the day; it is not the same as none."""
    MODE = "agenda"
    AUTO_FOCUS = "#items"
    CSS_PATH = "styles/agenda.tcss"
    BINDING_GROUP_TITLE = "Agenda"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("s", "sort", "Sort", id="agenda-sort", tooltip="Choose the one fact to sort by."),
        bind("f,slash", "narrow", "Narrow", id="agenda-narrow", tooltip="Narrow by priority area, rule or triage."),
        bind("t", "triage", "Triage", id="agenda-triage", tooltip="Say what becomes of this item, and why."),
        bind("d", "day", "Day", id="agenda-day", tooltip="See the agenda as it is on another day.", show=False),
        bind("u", "unknown", "Unknown", id="agenda-unknown", tooltip="What sources cannot tell on this day."),
        bind("x", "clear", "All", id="agenda-clear", tooltip="Show everybody again, as of today.", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._view = View()
        self._agenda: Agenda | None = None
        self._rows: dict[int, AgendaRow] = {}
        self._wanted = ""

    def body(self) -> ComposeResult:
        """Draw what is looked at, the list, and the reasons of the item at the cursor."""
        yield Static("", id="view")
        yield VirtualTable(
            Column("Who", 15, wants=28, sort="who"),
            Column("Note", 5),
            Column("Why", 18, grows=True),
            Column("Raised", 11, sort="raised"),
            Column("Inc.", 4, right=True, sort="incidents"),
            Column("Ag.", 3, right=True, sort="agencies"),
            Column("Last", 8, priority=2, sort="last"),
            Column("Lapses", 11, priority=3, sort="lapses"),
            Column("Triage", 11, priority=1, sort="triage"),
            id="items",
        )
        yield EmptyState("", id="nothing")
        yield Facts(id="why")

    def on_mount(self) -> None:
        """Show nothing until the store has answered."""
        self.query_one(EmptyState).display = False

    def reload(self) -> None:
        """Open the agenda as it is looked at."""
        self.run_work(_open, self.session, self._view, then=self.show_agenda, doing="Reading the agenda")

    def show_agenda(self, agenda: Agenda) -> None:
        """Draw the first page; further ones come as they are scrolled to."""
        self._agenda = agenda
        self._rows = dict(enumerate(agenda.rows))
        table, nothing = self.query_one(VirtualTable), self.query_one(EmptyState)
        self.query_one("#view", Static).update(plain(self._said(agenda)))
        table.set_class(not agenda.rows, "-empty")
        nothing.display = not agenda.rows
        if not agenda.rows:
            self.query_one("#why", Facts).show(())
            if agenda.flagged:
                nothing.say("Nobody flagged matches what you narrowed to.", "x shows everybody again.")
            else:
                nothing.say("No rule flags anybody on this day.", "u says what sources cannot tell.")
        wanted = next((at for at, row in self._rows.items() if row.pseudonym == self._wanted), table.cursor)
        table.show_pages(
            agenda.total, self._fetch(self.session, self._view), first=[_row(row) for row in agenda.rows], cursor=wanted
        )

    def _fetch(self, session: Session, view: View) -> Callable[[int, int], Sequence[Row]]:
        def fetch(offset: int, limit: int) -> Sequence[Row]:
            rows = _open(session, view, first=offset, limit=limit).rows
            self._rows.update(enumerate(rows, offset))
            return [_row(row) for row in rows]

        return fetch

    def _said(self, agenda: Agenda) -> str:
        narrowed = [
            word
            for word in (
                self._view.priority.replace("-", " "),
                next((title for code, title in agenda.rules if code == self._view.rule), self._view.rule),
                {**TRIAGE, **NARROWED}.get(self._view.triage, ""),
            )
            if word
        ]
        only = f" · only {' · '.join(narrowed)} (x: all)" if narrowed else ""
        unknown = f" · {some(len(agenda.unknown), 'source')} cannot tell (u)" if agenda.unknown else ""
        return (
            f"As of {say_date(agenda.as_of)}: {agenda.total:,} of {agenda.flagged:,} flagged{only}{unknown}\n"
            f"By {agenda.sorted_by}"
        )

    def _at_cursor(self) -> AgendaRow | None:
        return self._rows.get(self.query_one(VirtualTable).cursor)

    @on(VirtualTable.Moved)
    def moved(self, event: VirtualTable.Moved) -> None:
        """Show why the person at the cursor is here."""
        row = self._at_cursor()
        self.query_one("#why", Facts).show(_why(row) if row else ())

    @on(VirtualTable.Opened)
    def opened(self, event: VirtualTable.Opened) -> None:
        """Open the profile within this agenda item."""
        if row := self._at_cursor():
            self._wanted = row.pseudonym
            from screens.profile import ProfileScreen

            siblings = tuple(self._rows[at].pseudonym for at in sorted(self._rows))
            self.app.push_screen(ProfileScreen(row.pseudonym, siblings=siblings, agenda_day=self._day()))

    def _day(self) -> date | None:
        return self._agenda.as_of if self._agenda else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer triage to those who may."""
        if action == "triage" and self.kingshurst.session is not None:
            return self.session.may(Operation.ALTER, Thing.AGENDA)
        return super().check_action(action, parameters)

    @on(VirtualTable.HeadingClicked)
    def heading_clicked(self, event: VirtualTable.HeadingClicked) -> None:
        """Sort by what stands in that column; ask, as s does, where it holds no fact to sort by."""
        if event.column.sort:
            self._look(sort=event.column.sort)
        else:
            self.action_sort()

    @work(exclusive=True, group="choose", exit_on_error=False)
    async def action_sort(self) -> None:
        """Choose the fact to sort by."""
        options = [(code, said) for code, (said, _) in SORTS.items()]
        chosen = await self.app.push_screen_wait(Choose("Sort by one fact", options, (self._view.sort,)))
        if chosen is not None:
            self._look(sort=chosen)

    @work(exclusive=True, group="choose", exit_on_error=False)
    async def action_narrow(self) -> None:
        """Choose what to narrow to."""
        if self._agenda is None:
            return
        options = [("", "Everybody")]
        options += [(f"priority:{area}", f"Priority area: {area.replace('-', ' ')}") for area in PriorityArea]
        options += [(f"rule:{code}", f"Rule: {title}") for code, title in self._agenda.rules]
        options += [(f"triage:{code}", f"Triage: {said}") for code, said in {**TRIAGE, **NARROWED}.items()]
        held = [f"{name}:{word}" for name, word in asdict(self._view).items() if name != "as_of" and word]
        chosen = await self.app.push_screen_wait(Choose("Narrow the agenda", options, held))
        if chosen is None:
            return
        name, _, word = chosen.partition(":")
        self._look(**({name: word} if name else {"priority": "", "rule": "", "triage": ""}))

    def action_clear(self) -> None:
        """Show everybody, as of today."""
        self._view = View(sort=self._view.sort)
        self.reload()

    @work(exclusive=True, group="choose", exit_on_error=False)
    async def action_day(self) -> None:
        """Choose the day to look at."""
        typed = await self.app.push_screen_wait(
            AskWords(
                "As of which day?", "Flags are shown as they held on that day.", placeholder="a date like 3 May 2026"
            )
        )
        if typed is None:
            return
        day = read_date(typed)
        if day is None:
            self.notify("That is no day. Write it as 3 May 2026 or 3/5/2026.", markup=False, severity="warning")
        else:
            self._look(as_of=day)

    def _look(self, **changes: Any) -> None:
        self._view = replace(self._view, **changes)
        self.reload()

    def action_unknown(self) -> None:
        """Say what sources cannot tell."""
        said = self._agenda.unknown if self._agenda else ()
        facts = [("•", words) for words in said] or [("", "Every source can speak for this day.")]
        self.app.push_screen(Reading("What is not known on this day", facts))

    @work(exclusive=True, group="choose", exit_on_error=False)
    async def action_triage(self) -> None:
        """Ask what becomes of the item, and why; then keep it."""
        row = self._at_cursor()
        if row is None:
            return
        # The cursor begins at what was chosen; where nothing was, at the first that is a choice.
        at = row.triage if row.triage != UNTRIAGED else next(code for code in TRIAGE if code != UNTRIAGED)
        said, words = f"What becomes of {row.who}?", "Nothing is chosen for you."
        triage = await self.app.push_screen_wait(Choose(said, list(TRIAGE.items()), (row.triage,), words, at=at))
        if triage is None:
            return
        self._wanted = row.pseudonym
        try:
            if triage in TRIAGED_AWAY:
                draft = Draft(Operation.ALTER, Thing.AGENDA, row.profile_id)
                await self.ask(draft.load, self.session)
                if await self.app.push_screen_wait(_away_dialog(self.session, row, triage, draft)) is None:
                    self.reload()
                    return
            else:
                await self._triage_plainly(row, triage)
        except StaleRecord:
            pass
        else:
            self.notify(f"Triaged: {TRIAGE[triage]}.", markup=False)
        self.reload()

    async def _triage_plainly(self, row: AgendaRow, triage: str) -> None:
        """Triage without words; where somebody was quicker, show theirs and ask. Raises: StaleRecord (it was left)."""
        version = row.version
        while True:
            try:
                await self.ask(set_triage, self.session, row.pseudonym, triage, version=version)
                return
            except StaleRecord as stale:
                chosen = await self.app.push_screen_wait(Conflict(said_of(stale), stale.fields))
                if chosen is None or chosen.get("triage") == THEIRS:
                    raise
                version = int(stale.over or 0)

    def remember(self) -> object:
        """Return the view and the pseudonym at the cursor."""
        row = self._at_cursor()
        return self._view, row.pseudonym if row else ""

    def recall(self, memory: object) -> None:
        """Look at the same again."""
        if isinstance(memory, tuple):
            self._view, self._wanted = memory
            self.reload()


def _away_dialog(session: Session, row: AgendaRow, triage: str, draft: Draft) -> FormDialog:
    """Return the box that asks why somebody is triaged away and, for "not now", until when."""
    fields = [Field("why", "Why", Kind.WORDS, required=True)]
    if triage == "not-now":
        hint = f"It comes back by itself that day, at most {LONGEST_NOT_NOW.days} days from today."
        fields.append(Field("until", "Not before", Kind.DAY, required=True, hint=hint))

    def send(given: dict[str, str]) -> bool:
        until = date.fromisoformat(given["until"]) if given.get("until") else None
        set_triage(session, row.pseudonym, triage, given["why"], until=until, version=int(begun.over or 0))
        return True

    begun = Begun(row.version)
    return FormDialog(f"{row.who}: {TRIAGE[triage]}", tuple(fields), send, draft=draft, begun=begun)


def _open(session: Session, view: View, *, first: int = 0, limit: int = PAGE) -> Agenda:
    return open_agenda(session, **asdict(view), first=first, limit=limit)


def _row(row: AgendaRow) -> Row:
    notes = " ".join(word for word in ("!" if row.do_not_approach else "", "<18" if row.under_18 else "") if word)
    newest = max(row.flags, key=lambda flag: flag.raised_on)
    more = f" (+{len(row.flags) - 1})" if len(row.flags) > 1 else ""
    cells = (
        row.who,
        notes,
        f"{newest.title}{more}",
        show_date(row.raised_on),
        "?" if row.incidents is None else str(row.incidents),
        "?" if row.agencies is None else str(len(row.agencies)),
        _month(row.last_month),
        show_date(row.lapses_on),
        SHORT[row.triage],
    )
    return Row(row.pseudonym, cells, quiet=row.triage in TRIAGED_AWAY)


def _why(row: AgendaRow) -> list[Fact]:
    facts: list[Fact] = []
    if row.do_not_approach:
        facts.append(("! First", "DO NOT APPROACH: read the profile before anybody contacts this person."))
    state = "open" if row.is_open else "masked: not agreed, no ground"
    age = {True: "UNDER 18", False: "adult", None: "age unknown"}[row.under_18]
    facts.append((row.who if row.is_open else row.pseudonym, f"{state} · {age}"))
    for flag in reversed(row.flags):
        until = "holds until" if flag.state == "current" else "unknown since"
        facts.append(
            (
                "Flag",
                f"{flag.title}: raised {say_date(flag.raised_on)}, {until} {say_date(flag.lapses_on)}"
                + (f" ({flag.bearing})" if flag.bearing else ""),
            )
        )
    if row.agencies is None:
        said = "unknown: your agency sees none in this year, and not every source can tell"
    else:
        said = f"{some(row.contacts or 0, 'report')} of {some(row.incidents or 0, 'incident')} in a year"
        said += f", from {', '.join(row.agencies)}" if row.agencies else ""
    facts.append(("Contact", said))
    why = f": {row.triage_why}" if row.triage_why else ""
    by = f", by {row.triaged_by} on {say_date(row.triaged_on)}" if row.triaged_on else ""
    back = f", back on {say_date(row.back_on)}" if row.back_on else ""
    facts.append(("Triage", f"{TRIAGE[row.triage]}{by}{back}{why}"))
    return facts


def _month(month: str) -> str:
    """Return 2026-05 as May 2026."""
    return f"{MONTHS[int(month[5:7]) - 1][:3]} {month[:4]}" if month else "unknown"
