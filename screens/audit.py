"""The audit trail: who did what, why, to whom by pseudonym, and whether it is what was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from kingshurst_tui.counting import some
from kingshurst_tui.dates import read_date, say_date, show_time
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.oversight.trail import (
    LIMITS_OF_USE,
    TrailFilter,
    TrailLine,
    TrailPage,
    Verification,
    filter_of_days,
    more_of_trail,
    open_trail,
    verify_trail,
)
from kingshurst_tui.vocabulary import Operation
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.checkpoints import Checkpoints
from screens.form_dialog import FormDialog
from screens.profile_words import said_day
from screens.reading import Reading
from screens.widgets.empty_state import EmptyState
from screens.widgets.facts import Fact
from screens.widgets.fields_form import Field, Kind
from screens.widgets.filter_input import FilterInput
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.session import Session

_KEYS = {"who": "actor", "did": "operation", "purpose": "purpose"}
_PSEUDONYM = re.compile(r"kh-?([0-9a-z]{4})-?([0-9a-z]{4})")


FIELDS = (
    Field("actor", "Person acting", hint="A user's name."),
    Field("pseudonym", "Person looked at", hint="A pseudonym, KH-…"),
    Field("operation", "Operation", Kind.CHOICE, options=tuple((word.value, word.value) for word in Operation)),
    Field("purpose", "Purpose", hint="The code of the partnership's question."),
    Field("since", "From", Kind.DAY, hint="The first day, in UTC."),
    Field("until", "To", Kind.DAY, hint="The last day, in UTC."),
    Field("refused", "Only what was refused", Kind.TICK),
)
_COLUMNS = (
    Column("No.", 6, right=True),
    Column("When (UTC)", 17),
    Column("Who", 14),
    Column("Did", 20, grows=True),
    Column("About", 14, priority=1),
    Column("Why", 18, priority=2),
)
_OF_ONE_PERSON = (
    *_COLUMNS[:3],
    replace(_COLUMNS[3], width=15),
    replace(_COLUMNS[4], priority=2),
    replace(_COLUMNS[5], priority=1),
)
"""Where all is about one person, a narrow terminal shows why rather than whom."""


class AuditScreen(KingshurstScreen[None]):
    """The trail, newest first, for supervisors and information governance; reading it is itself in the trail."""

    HELP = f"""Every act is here: who, in which role, for which purpose and reason, about whom (by pseudonym only).
Type after / to narrow: a user's name as it is written, a pseudonym (KH-…), an operation (consult, alter, combine …),
refused or done, purpose:…, from:2026-04-01, to:2026-04-30; who:… takes any user's name, done for instance. A person is
found under every pseudonym that leads to their profile today. f asks for the same one by one. h shows what the rules
of oversight find, d the dip samples. v verifies every entry, signature and hash. {LIMITS_OF_USE}"""
    MODE = "audit"
    AUTO_FOCUS = "#trail"
    CSS_PATH = "styles/audit.tcss"
    BINDING_GROUP_TITLE = "Audit"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("slash", "narrow", "Filter", id="audit-filter", tooltip="Narrow by person acting, pseudonym, operation."),
        bind(
            "r",
            "refusals",
            "Refusals",
            id="audit-refusals",
            tooltip="Show only what was refused, or everything.",
            show=False,
        ),
        bind(
            "p",
            "about_this",
            "Same person",
            id="audit-about",
            tooltip="Who has looked at the person of this entry.",
            show=False,
        ),
        bind("f", "form", "Filter form", id="audit-form", tooltip="Narrow the list, asked one by one.", show=False),
        bind("h", "hits", "Hits", id="audit-hits", tooltip="What the rules of oversight find."),
        bind("d", "samples", "Samples", id="audit-samples", tooltip="Entries drawn by lot, answered and judged."),
        bind("v", "verify", "Verify", id="audit-verify", tooltip="Verify every entry, signature and hash."),
        bind("c", "checkpoints", "Codes", id="audit-checkpoints", tooltip="Codes, cosigning, taking away."),
    ]

    def __init__(self, wanted: TrailFilter | None = None) -> None:
        super().__init__()
        self._wanted = wanted or TrailFilter()
        self._lines: dict[int, TrailLine] = {}

    def body(self) -> ComposeResult:
        """Draw the limits of use, the filter, the list."""
        yield Static(plain(LIMITS_OF_USE), id="limits", classes="-muted")
        yield FilterInput("person acting, KH-… pseudonym, operation, refused", id="narrow")
        yield Static("", id="count", classes="label")
        yield VirtualTable(*_COLUMNS, id="trail")
        yield EmptyState("", id="nothing")

    def on_mount(self) -> None:
        """Begin with the filter one came with."""
        self.query_one("#nothing").display = False
        self.query_one(FilterInput).begin_with(words_of(self._wanted))

    def reload(self) -> None:
        """Open the trail anew."""
        wanted = self._wanted
        self.run_work(open_trail, self.session, wanted, then=partial(self.show_page, wanted), doing="Reading the trail")

    def show_page(self, wanted: TrailFilter, page: TrailPage) -> None:
        """Draw the first page; the others come as they are scrolled to."""
        table, nothing = self.query_one(VirtualTable), self.query_one(EmptyState)
        self._lines = {}
        # An empty list keeps the keys: hidden, it would hand them to the filter.
        table.set_class(not page.lines, "-empty")
        nothing.display = not page.lines
        table.columns = _OF_ONE_PERSON if wanted.pseudonym else _COLUMNS
        words = words_of(wanted)
        filtered = f" that match “{words}” (Esc in the filter clears)" if words else ""
        entries = some(page.total, "entry", "entries")
        merged = f"\nThe same profile, since merged: {', '.join(page.names)}." if len(page.names) > 1 else ""
        self.query_one("#count", Static).update(plain(f"{entries}{filtered}, newest first{merged}"))
        if not page.lines:
            table.show_rows([])
            nothing.say_no_match(words)
            return
        upto = page.lines[0].seq
        table.show_pages(page.total, self._fetch(self.session, wanted, upto), first=self._rows(page.lines))

    def _fetch(self, session: Session, wanted: TrailFilter, upto: int) -> Callable[[int, int], Sequence[Row]]:
        return lambda offset, limit: self._rows(more_of_trail(session, wanted, upto, offset, limit))

    def _rows(self, lines: Sequence[TrailLine]) -> list[Row]:
        self._lines.update((line.seq, line) for line in lines)
        return [_row(line) for line in lines]

    @on(FilterInput.Settled)
    def narrowed(self, event: FilterInput.Settled) -> None:
        """Show what matches."""
        self._wanted = read_filter(event.text)
        self.reload()

    @on(FilterInput.Left)
    def to_list(self) -> None:
        """Go on to the list."""
        self.query_one(VirtualTable).focus()

    @on(VirtualTable.Opened)
    def opened(self, event: VirtualTable.Opened) -> None:
        """Show the entry in full."""
        if line := self._lines.get(int(event.row.key)):
            self.app.push_screen(Reading(f"Entry {line.seq}", _facts(line)))

    def action_narrow(self) -> None:
        """Go to the filter."""
        self.query_one(FilterInput).focus()

    def action_refusals(self) -> None:
        """Show only refusals, or everything again."""
        refused = TrailFilter(result="refused")
        self._narrow(TrailFilter() if self._wanted == refused else refused)

    def action_hits(self) -> None:
        """Show what the rules of oversight find."""
        from screens.oversight_hits import HitsScreen

        self.app.push_screen(HitsScreen())

    def action_samples(self) -> None:
        """Show the dip samples."""
        from screens.dip_samples import SamplesScreen

        self.app.push_screen(SamplesScreen())

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_form(self) -> None:
        """Ask for the filter one by one."""
        wanted = self._wanted
        values = {name: getattr(wanted, name) for name in ("actor", "pseudonym", "operation", "purpose", "since")}
        values["until"] = _last_day(wanted) if wanted.until else ""
        values["refused"] = "yes" if wanted.result == "refused" else ""
        asked = await self.app.push_screen_wait(FormDialog("Narrow the trail", FIELDS, answered, values=values))
        if isinstance(asked, TrailFilter):
            self._narrow(asked)

    def action_about_this(self) -> None:
        """Show who has looked at the person of the entry at the cursor."""
        row = self.query_one(VirtualTable).row
        line = self._lines.get(int(row.key)) if row else None
        if line is None or not line.subjects:
            self.notify("This entry is about no person.", markup=False)
        else:
            self._narrow(TrailFilter(pseudonym=line.subjects[0]))

    def _narrow(self, wanted: TrailFilter) -> None:
        self._wanted = wanted
        self.query_one(FilterInput).begin_with(words_of(wanted))
        self.query_one(VirtualTable).focus()
        self.reload()

    def action_verify(self) -> None:
        """Verify the whole trail."""
        self.run_work(
            verify_trail, self.session, then=self.show_verification, group="verify", doing="Verifying the trail"
        )

    def action_checkpoints(self) -> None:
        """Show where the trail stands, to cosign it or take it away."""
        self.app.push_screen(Checkpoints())

    def show_verification(self, found: Verification) -> None:
        """Say whether the trail is what was written."""
        if found.holds:
            facts: list[Fact] = [
                ("Result", "✓ HOLDS: every entry is what was written."),
                ("Entries", f"{found.entries:,}"),
                ("Root", found.root),
                ("", "Compare the code of the newest checkpoint (c) with one that was taken away from this machine."),
            ]
        else:
            facts = [
                ("Result", "✗ DOES NOT HOLD: the trail was changed after it was written."),
                ("First bad entry", found.first_bad),
                ("What is wrong", found.problem),
                ("What to do", "Stop, keep the store as it is, and tell the information governance officer."),
            ]
        self.app.push_screen(Reading("Verification of the audit trail", facts))

    def reopen(self) -> Callable[[], AuditScreen]:
        """Come back without the filter: what was typed may name somebody."""
        return AuditScreen


def read_filter(typed: str) -> TrailFilter:
    """Return what somebody means who types this: each word is an operation, a result, a pseudonym or a user.

    A word with a key before it (``who:``, ``did:``, ``purpose:``) is what follows the key, letter for letter.
    """
    found = {"actor": "", "pseudonym": "", "operation": "", "result": "", "purpose": ""}
    days: dict[str, date] = {}
    for word in typed.split():
        key, colon, value = word.partition(":")
        key, said = key.lower(), word.lower()
        if colon and key in ("from", "to") and (day := read_date(value)) is not None:
            days[key] = day
        elif colon and key in _KEYS:
            found[_KEYS[key]] = value
        elif said in set(Operation):
            found["operation"] = said
        elif said in ("refused", "refusal", "refusals"):
            found["result"] = "refused"
        elif said == "done":
            found["result"] = "done"
        elif match := _PSEUDONYM.fullmatch(said):
            found["pseudonym"] = f"KH-{match[1]}-{match[2]}".upper()
        else:
            found["actor"] = word
    return filter_of_days(since=days.get("from"), until=days.get("to"), **found)


def words_of(wanted: TrailFilter) -> str:
    """Return the words that mean a filter when they are typed."""
    who = wanted.actor
    if who and read_filter(who) != TrailFilter(actor=who):
        who = f"who:{who}"
    words = [who, wanted.pseudonym, wanted.operation, wanted.result]
    words += [f"purpose:{wanted.purpose}"] if wanted.purpose else []
    words += [f"from:{wanted.since}"] if wanted.since else []
    words += [f"to:{_last_day(wanted)}"] if wanted.until else []
    return " ".join(word for word in words if word)


def answered(answers: dict[str, str]) -> TrailFilter:
    """Return the filter of a form's answers. Raises: InputRejected (a pseudonym that is none)."""
    pseudonym = answers["pseudonym"].strip()
    if pseudonym and not _PSEUDONYM.fullmatch(pseudonym.lower()):
        raise InputRejected("The list was not narrowed.", problems=("pseudonym: a pseudonym is like KH-AB12-CD34",))
    return filter_of_days(
        since=read_date(answers["since"]) if answers["since"].strip() else None,
        until=read_date(answers["until"]) if answers["until"].strip() else None,
        actor=answers["actor"].strip(),
        pseudonym=read_filter(pseudonym).pseudonym,
        operation=answers["operation"],
        result="refused" if answers["refused"] == "yes" else "",
        purpose=answers["purpose"].strip(),
    )


def _last_day(wanted: TrailFilter) -> str:
    return (date.fromisoformat(wanted.until) - timedelta(days=1)).isoformat()


def _row(line: TrailLine) -> Row:
    about = line.subjects[0] if line.subjects else ""
    if len(line.subjects) > 1:
        about = some(len(line.subjects), "person", "people")
    did = f"{line.operation} {line.thing}"
    if line.result == "refused":
        did = f"✗ refused: {did}"
    return Row(line.seq, (str(line.seq), _when(line), line.actor, did, about, line.reason))


def _when(line: TrailLine) -> str:
    return show_time(datetime.fromisoformat(line.time))


def _facts(line: TrailLine) -> list[Fact]:
    at = datetime.fromisoformat(line.time)
    facts: list[Fact] = [
        ("When", f"{say_date(at.date())} {at:%H:%M} UTC"),
        ("Who", f"{line.actor} ({line.role}, {line.agency})"),
        ("Did", f"{line.operation} {line.thing}"),
        ("Result", line.result),
        ("Purpose", line.purpose or "none"),
        ("Reason", line.reason),
        ("Words", line.words or "none, or erased"),
        ("About", ", ".join(line.subjects) or "no person"),
    ]
    facts += [(name.replace("_", " "), _value(value)) for name, value in line.facts.items() if value is not None]
    return facts


def _value(value: object) -> str:
    said = str(value)
    return said_day(said) if len(said) == 10 else said
