"""The agenda: flagged profiles, masked or open, by when and why; filtered, and sorted by one visible fact.

No order of the agenda is anybody's opinion: each is one fact that stands in the row, and it is named.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import db.agenda
import db.case_reading
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import recounting, rulebook, sources
from kingshurst_tui.casework.agenda_rows import DAYS_COUNTED, SORTS, SORTS_THAT_COUNT, AgendaRow, marks_of, row_of
from kingshurst_tui.casework.recompute import recompute_overtaken
from kingshurst_tui.casework.standing_flags import flags_on
from kingshurst_tui.casework.triage import AWAY, TRIAGE, TRIAGED_AWAY, UNTRIAGED
from kingshurst_tui.errors import UsageError
from kingshurst_tui.vocabulary import Operation, PriorityArea, ReasonCode, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act
    from kingshurst_tui.casework.sources import Source
    from kingshurst_tui.session import Session

_PANEL = Reason(ReasonCode.PANEL)


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
    flags = flags_on(act, day, rules, known)
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
    all_known = not any(source.gap(day - timedelta(days=DAYS_COUNTED), day) for source in known)

    def rows_of(profiles: Iterable[int], *, counted: bool) -> list[AgendaRow]:
        shown = [profile for profile in profiles if profile in people]
        names = act.read(db.agenda.names, shown) if counted else {}
        marks = marks_of(act, shown, day) if counted else {}
        return sorted(
            (
                row_of(
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
        act.read(recounting.said) + _unknown(known, day),
        tuple(sorted(titles.items(), key=lambda pair: pair[1])),
    )


def _unknown(known: tuple[Source, ...], day: date) -> tuple[str, ...]:
    """Return what sources cannot tell on the day. It is about no person, so each is named."""
    said = []
    for source in known:
        gap = source.gap(day, day)
        if gap:
            said.append(f"Unknown from {source.title} ({source.agency}): {gap}.")
    return tuple(said)
