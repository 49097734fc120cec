"""Which flags stand on a day: why anybody is on the agenda."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import db.agenda
from kingshurst_tui.casework import rulebook, sources
from kingshurst_tui.casework.explaining import HIDDEN_RULE, state_of
from kingshurst_tui.vocabulary import PRIORITY_OF, Category, PriorityArea

if TYPE_CHECKING:
    from db.agenda import FlaggedRow
    from kingshurst_tui.acts import Act
    from kingshurst_tui.casework.rules import Rule
    from kingshurst_tui.casework.sources import Source


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


def areas_of(rule: Rule) -> tuple[str, ...]:
    """Return the priority areas that a rule is about; none for one that counts contacts of any."""
    if rule.priority_areas:
        return rule.priority_areas
    areas = {PRIORITY_OF.get(Category(category), PriorityArea.OTHER) for category in rule.categories}
    return tuple(area.value for area in areas) if len(areas) == 1 and areas != {PriorityArea.OTHER} else ()


def flags_today(act: Act) -> dict[int, list[AgendaFlag]]:
    """Return why anybody is on the agenda today, by profile; for those who put a panel's together."""
    rules, known = act.read(rulebook.every_rule), act.read(sources.known_sources)
    return flags_on(act, act.session.clock.today(), rules, known)


def flags_on(
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
