"""The agenda: flagged profiles, masked or open, by when and why; filtered, sorted by one visible fact, triaged.

No order of the agenda is anybody's opinion: each is one fact that stands in the row, and it is named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import db.agenda
import db.case_reading
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import recounting, rulebook, sources
from kingshurst_tui.casework.explaining import HIDDEN_RULE, state_of
from kingshurst_tui.casework.recompute import recompute_overtaken
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, NotFound, StaleRecord, UsageError, differing
from kingshurst_tui.vocabulary import PRIORITY_OF, Category, Operation, PriorityArea, ReasonCode, Thing

if TYPE_CHECKING:
    from db.agenda import ContactMark, FlaggedRow, ItemRow
    from db.case_reading import MaskedRow
    from kingshurst_tui.acts import Act
    from kingshurst_tui.casework.rules import Rule
    from kingshurst_tui.casework.sources import Source
    from kingshurst_tui.session import Session

UNTRIAGED = "untriaged"

TRIAGE = {
    UNTRIAGED: "not triaged yet",
    "panel": "for the panel",
    "another-panel": "already at another panel",
    "single-agency": "for a single agency",
    "not-now": "not now",
}
"""What may become of a flagged profile, and how it reads."""

AWAY = "away"
"""Narrows the agenda to whoever was triaged away, for whatever reason."""
TRIAGED_AWAY = ("another-panel", "single-agency", "not-now")
LONGEST_NOT_NOW = timedelta(days=92)
"""Nobody who is flagged is put off for longer than this without somebody saying so anew."""

MONTHS_COUNTED = 365
"""Days before the day looked at in which the agenda counts contacts."""

_PANEL = Reason(ReasonCode.PANEL)


@dataclass(frozen=True, slots=True)
class AgendaFlag:
    """Why a profile is on the agenda."""

    flag_id: int
    rule_code: str
    title: str
    bearing: str
    state: str
    raised_on: date
    lapses_on: date
    priority_areas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AgendaRow:
    """One flagged profile.

    Attributes:
        name: empty while the profile is masked.
        agencies: who met the person in the year before, "another agency" where the name would tell; None where it is
            unknown: no contact can be seen, and some source cannot speak for that year.
        incidents: distinct incidents in that year, as far as gates are open; None where it is unknown.
        contacts: the reports behind them; None where it is unknown.
        last_month: the latest month of contact, YYYY-MM, empty where none is in that year.
        triage_why: empty while the profile is masked, for all but who typed it.
        version: of the agenda item; triage compares it.
        triaged_by: who triaged it, and on which day; empty and None where nobody did, or it has come back.
        back_on: when "not now" comes back by itself.
    """

    profile_id: int
    pseudonym: str
    name: str
    is_open: bool
    under_18: bool | None
    do_not_approach: bool
    flags: tuple[AgendaFlag, ...]
    agencies: tuple[str, ...] | None
    incidents: int | None
    contacts: int | None
    last_month: str
    triage: str
    triage_why: str
    version: int
    triaged_by: str = ""
    triaged_on: date | None = None
    back_on: date | None = None

    @property
    def raised_on(self) -> date:
        """When the latest of its flags was raised."""
        return max(flag.raised_on for flag in self.flags)

    @property
    def lapses_on(self) -> date:
        """When the last of its flags lapses."""
        return max(flag.lapses_on for flag in self.flags)

    @property
    def who(self) -> str:
        """The name of an open profile, the pseudonym of a masked one."""
        return self.name or self.pseudonym


@dataclass(frozen=True, slots=True)
class Agenda:
    """What the panel may look at on a day.

    Attributes:
        total: how many profiles the filters let through; ``rows`` may be the first of them.
        flagged: how many are flagged at all.
        sorted_by: the one fact they are sorted by, in words.
        unknown: what sources cannot tell, in sentences.
        rules: (code, title) of the rules that raised a visible flag, for the filter.
    """

    as_of: date
    rows: tuple[AgendaRow, ...]
    total: int
    flagged: int
    sorted_by: str
    unknown: tuple[str, ...]
    rules: tuple[tuple[str, str], ...]


def _latest(row: AgendaRow) -> Any:
    return (-row.raised_on.toordinal(), row.pseudonym)


def _most(count: int | None, row: AgendaRow) -> Any:
    return (count is None, -(count or 0), row.pseudonym)


SORTS: dict[str, tuple[str, Callable[[AgendaRow], Any]]] = {
    "raised": ("when the latest flag was raised, the newest first", _latest),
    "lapses": ("when the last flag lapses, the soonest first", lambda row: (row.lapses_on, row.pseudonym)),
    "incidents": (
        "distinct incidents in the year before, the most first",
        lambda row: _most(row.incidents, row),
    ),
    "contacts": ("contacts in the year before, the most first", lambda row: _most(row.contacts, row)),
    "agencies": (
        "agencies in the year before, the most first",
        lambda row: _most(None if row.agencies is None else len(row.agencies), row),
    ),
    "last": (
        "the latest month of contact, the newest first",
        lambda row: (-int(row.last_month.replace("-", "") or 0), row.pseudonym),
    ),
    "who": ("name or pseudonym", lambda row: (row.who.casefold(), row.pseudonym)),
    "triage": ("triage", lambda row: (list(TRIAGE).index(row.triage), row.pseudonym)),
}
"""The facts an agenda may be sorted by, and how each is said."""

SORTS_THAT_COUNT = frozenset({"incidents", "contacts", "agencies", "last", "who"})
"""Those that need everybody's contacts or names; the others stand in the flags and the triage."""


def open_agenda(
    session: Session,
    *,
    as_of: date | None = None,
    priority: str = "",
    rule: str = "",
    triage: str = "",
    sort: str = "raised",
    first: int = 0,
    limit: int = 500,
) -> Agenda:
    """Return the agenda, in one act whose entry names the pseudonyms that are shown.

    Args:
        session: who asks.
        as_of: the day, today if none.
        priority: only flags of this priority area (vocabulary.PriorityArea).
        rule: only flags of this rule's code.
        triage: only profiles triaged so (TRIAGE), or AWAY.
        sort: one of SORTS.
        first: how many rows to leave out, for a further page.
        limit: how many rows at most.

    Raises: Refused, UsageError (an unknown word).
    """
    _check_words(priority, triage, sort)
    if rule:
        _check_rule(session, rule)
    day = as_of or session.clock.today()
    facts: dict[str, Any] = {"as_of": day.isoformat(), "sort": sort}
    facts |= {name: word for name, word in (("priority", priority), ("rule", rule), ("triage", triage)) if word}
    with session.act(Operation.CONSULT, Thing.AGENDA, reason=_PANEL, facts=facts) as act:
        recompute_overtaken(act)
        agenda = _read(act, day, priority, rule, triage, sort, first, limit)
        act.concerns(row.pseudonym for row in agenda.rows)
        act.note(shown=len(agenda.rows), total=agenda.total)
    return agenda


def set_triage(
    session: Session,
    pseudonym: str,
    triage: str,
    why: str = "",
    *,
    until: date | None = None,
    version: int | None = None,
) -> None:
    """Triage a profile: for the panel, or elsewhere and why.

    Args:
        session: who does it.
        pseudonym: whose.
        triage: one of TRIAGE.
        why: in words; asked for unless it is for the panel.
        until: for "not now", the day on which it comes back by itself; at most LONGEST_NOT_NOW from today.
        version: the agenda item's version that was on screen; None where nobody looked, which goes over nothing that
            somebody else triaged.

    Raises: Refused, InputRejected (no reason), NotFound, StaleRecord.
    """
    _check_words("", triage, "raised")
    if triage == AWAY:
        raise UsageError("No such triage: away.", "Nothing was changed.", f"One of: {', '.join(TRIAGED_AWAY)}.")
    _check_reason(session, triage, why, until)
    reason = Reason(ReasonCode.PANEL, why.strip())
    with session.act(Operation.ALTER, Thing.AGENDA, reason=reason, facts={"triage": triage}) as act:
        found = act.read(db.case_reading.by_pseudonym, pseudonym)
        if found is None:
            raise NotFound("There is nobody under that name.", "The triage was not changed.")
        kept = act.read(db.agenda.item, found.profile_id)
        if _overtaken(session.user.name, kept, version):
            raise _triaged_meanwhile(act, found, kept, (triage, why.strip(), until))
        act.concerns([found.pseudonym])
        act.write(
            db.agenda.put_item,
            found.profile_id,
            triage,
            why.strip(),
            session.user.name,
            stamp(session.clock.now()),
            until.isoformat() if until and triage == "not-now" else None,
        )


def _overtaken(user_name: str, kept: ItemRow | None, seen: int | None) -> bool:
    """Say whether what stands there is somebody's that the one who triages has not seen."""
    if seen is None:
        return kept is not None and kept.triage != UNTRIAGED and kept.triaged_by != user_name
    return seen != (kept.version if kept else 0)


def _triaged_meanwhile(
    act: Act, person: MaskedRow, kept: ItemRow | None, mine: tuple[str, str, date | None]
) -> StaleRecord:
    """Say how it was triaged meanwhile; the words only where they may be read."""
    triage, why, until = mine
    reads = kept is not None and (person.is_open or kept.triaged_by == act.session.user.name)
    theirs = {"triage": TRIAGE[kept.triage if kept else UNTRIAGED]}
    if kept is not None:
        theirs |= {"why": kept.triage_why if reads else "words that are not for a mask", "until": kept.back_on or ""}
    return StaleRecord(
        "Somebody else triaged this profile meanwhile.",
        f"It is {theirs['triage']}; your change was not kept.",
        "Look at both, then decide.",
        differing(
            {"triage": "Triage", "why": "Why", "until": "Not before"},
            theirs=theirs,
            mine={"triage": TRIAGE[triage], "why": why, "until": until.isoformat() if until else ""},
        ),
        by=(kept.triaged_by or "") if kept else "",
        over=kept.version if kept else 0,
    )


def _check_reason(session: Session, triage: str, why: str, until: date | None) -> None:
    if triage not in TRIAGED_AWAY:
        return
    if not is_a_reason(why):
        raise InputRejected(
            "A reason is missing.",
            "The triage was not changed.",
            f"Say why it is {TRIAGE[triage]}. {HINT}",
            (f"why: {HINT}",),
        )
    today = session.clock.today()
    if triage == "not-now" and (until is None or not today < until <= today + LONGEST_NOT_NOW):
        raise InputRejected(
            "Not now, but when?",
            "The triage was not changed.",
            f"Say on which day it comes back, at most {LONGEST_NOT_NOW.days} days from today.",
            (f"until: a day after today, at most {LONGEST_NOT_NOW.days} days from it",),
        )


def areas_of(rule: Rule) -> tuple[str, ...]:
    """Return the priority areas that a rule is about; none for one that counts contacts of any."""
    if rule.priority_areas:
        return rule.priority_areas
    areas = {PRIORITY_OF.get(Category(category), PriorityArea.OTHER) for category in rule.categories}
    return tuple(area.value for area in areas) if len(areas) == 1 and areas != {PriorityArea.OTHER} else ()


def _check_rule(session: Session, code: str) -> None:
    known = sorted({each.code for each in rulebook.rule_list(session)} - {rulebook.ONE_INCIDENT})
    if code not in known:
        raise UsageError(
            "There is no rule of that code.", "Nothing was shown.", f"One of: {', '.join(known) or 'none yet'}."
        )


def _check_words(priority: str, triage: str, sort: str) -> None:
    for what, word, known in (
        ("priority area", priority, [area.value for area in PriorityArea]),
        ("triage", triage, [*TRIAGE, AWAY]),
        ("sort", sort, list(SORTS)),
    ):
        if word and word not in known:
            raise UsageError(f"No such {what}: {word}.", "Nothing was opened.", f"One of: {', '.join(known)}.")


def _read(act: Act, day: date, priority: str, rule: str, triage: str, sort: str, first: int, limit: int) -> Agenda:
    rules = act.read(rulebook.every_rule)
    known = act.read(sources.known_sources)
    flags = _flags(act, day, rules, known)
    kept = act.read(db.agenda.items)
    titles = {flag.rule_code: flag.title for mine in flags.values() for flag in mine if flag.rule_code}
    wanted = TRIAGED_AWAY if triage == AWAY else (triage,)
    chosen = {
        profile: mine
        for profile, mine in flags.items()
        if (not priority or any(priority in flag.priority_areas for flag in mine))
        and (not rule or any(flag.rule_code == rule for flag in mine))
        and (not triage or (kept[profile].triage if profile in kept else UNTRIAGED) in wanted)
    }
    people = act.read(db.case_reading.by_ids, chosen)
    words, key = SORTS[sort]
    all_known = not any(source.gap(day - timedelta(days=MONTHS_COUNTED), day) for source in known)

    def rows_of(profiles: Iterable[int], *, counted: bool) -> list[AgendaRow]:
        shown = [profile for profile in profiles if profile in people]
        names = act.read(db.agenda.names, shown) if counted else {}
        marks = _marks(act, shown, day) if counted else {}
        return sorted(
            (
                _row(
                    people[one],
                    names,
                    chosen[one],
                    marks.get(one, []),
                    kept.get(one),
                    all_known=all_known,
                    reader=act.session.user.name,
                )
                for one in shown
            ),
            key=key,
        )

    # What the order does not need is read for the page alone: a borough's agenda rests on many contacts.
    rows = rows_of(chosen, counted=sort in SORTS_THAT_COUNT)
    page = rows[first : first + limit]
    if sort not in SORTS_THAT_COUNT:
        page = rows_of((row.profile_id for row in page), counted=True)
    return Agenda(
        day,
        tuple(page),
        len(rows),
        len(flags),
        words,
        act.read(recounting.said) + _unknown(known, day, act.session.user.agency),
        tuple(sorted(titles.items(), key=lambda pair: pair[1])),
    )


def standing_flags(act: Act) -> dict[int, list[AgendaFlag]]:
    """Return why anybody is on the agenda today, by profile; for those who put a panel's together."""
    rules, known = act.read(rulebook.every_rule), act.read(sources.known_sources)
    return _flags(act, act.session.clock.today(), rules, known)


def _marks(act: Act, profiles: list[int], day: date) -> dict[int, list[ContactMark]]:
    since = day - timedelta(days=MONTHS_COUNTED)
    marks: dict[int, list[ContactMark]] = defaultdict(list)
    for mark in act.read(db.agenda.contact_marks, profiles, f"{since:%Y-%m}", f"{day:%Y-%m}"):
        marks[mark.profile_id].append(mark)
    return marks


def _flags(
    act: Act, day: date, rules: dict[tuple[str, int], Rule], known: tuple[Source, ...]
) -> dict[int, list[AgendaFlag]]:
    """Return the flags that hold on the day, or may hold because a source has gone stale, by profile."""
    live = [source.known_to for source in known if source.is_live and source.known_to is not None]
    since = min([day, *live])
    stale = {name: sources.unknown_after(rule, known, day) for name, rule in rules.items()}
    named = act.read(db.agenda.named_flags)
    found: dict[int, list[AgendaFlag]] = defaultdict(list)
    for row in act.read(db.agenda.flagged, day.isoformat(), since.isoformat()):
        name = named.get(row.flag_id, (row.rule_code, row.rule_version))
        rule = rules.get(name)
        raised, lapses = date.fromisoformat(row.raised_on), date.fromisoformat(row.lapses_on)
        state = state_of(raised, lapses, day, stale.get(name))
        if state in ("current", "unknown"):
            found[row.profile_id].append(_flag(row, rule, state, raised, lapses))
    return found


def _flag(row: FlaggedRow, rule: Rule | None, state: str, raised: date, lapses: date) -> AgendaFlag:
    if rule is None:
        return AgendaFlag(row.flag_id, "", HIDDEN_RULE, "", state, raised, lapses, ())
    return AgendaFlag(row.flag_id, rule.code, rule.title, rule.bearing, state, raised, lapses, areas_of(rule))


def _row(
    person: MaskedRow,
    names: dict[int, str],
    flags: list[AgendaFlag],
    marks: list[ContactMark],
    item: ItemRow | None,
    *,
    all_known: bool,
    reader: str,
) -> AgendaRow:
    # Nothing seen is nothing there only where every source could say so.
    unknown = not marks and not all_known
    return AgendaRow(
        person.profile_id,
        person.pseudonym,
        names.get(person.profile_id, "") if person.is_open else "",
        bool(person.is_open),
        None if person.under_18 is None else bool(person.under_18),
        bool(person.do_not_approach),
        tuple(sorted(flags, key=lambda flag: (flag.raised_on, flag.title))),
        None if unknown else tuple(sorted({mark.agency_shown for mark in marks})),
        None if unknown else len({mark.incident for mark in marks}),
        None if unknown else len(marks),
        max((mark.month for mark in marks), default=""),
        item.triage if item else UNTRIAGED,
        # A mask bears no name, and words that people type may: they are for whoever typed them until it opens.
        item.triage_why if item and (person.is_open or item.triaged_by == reader) else "",
        item.version if item else 0,
        (item.triaged_by or "") if item and item.triage != UNTRIAGED else "",
        date.fromisoformat(item.triaged_at[:10]) if item and item.triaged_at and item.triage != UNTRIAGED else None,
        date.fromisoformat(item.back_on) if item and item.back_on and item.triage == "not-now" else None,
    )


def _unknown(known: tuple[Source, ...], day: date, own_agency: str) -> tuple[str, ...]:
    """Return what sources cannot tell on the day. It is about no person, so each is named."""
    said = []
    for source in known:
        gap = source.gap(day, day)
        if gap:
            said.append(f"Unknown from {source.title} ({source.agency}): {gap}.")
    return tuple(said)
