"""Running every rule over everybody, and what it found: counts by rule, no person."""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import db.flags
from db.sight import combining
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import recounting, rulebook, sources
from kingshurst_tui.casework.explaining import state_of
from kingshurst_tui.casework.recompute import Recomputed
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session

_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many profiles one rule flags on a day.

    Attributes:
        current: profiles for which it holds.
        unknown: profiles for which it held until a source went stale.
        lapsed: profiles for which it held once.
        gaps: what its sources cannot tell, in sentences: for everybody else "not met" is then "unknown".
    """

    code: str
    version: int
    title: str
    current: int
    unknown: int
    lapsed: int
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FlagRun:
    """What running every rule found.

    Attributes:
        people: profiles with a flag that is current on the day.
    """

    as_of: date
    changed: Recomputed
    people: int
    rules: tuple[RuleCount, ...]


def run_rules(session: Session, as_of: date | None = None, *, reason: Reason = _MAINTENANCE) -> FlagRun:
    """Compute everybody's incidents and flags anew, and count what holds on a day (today if none).

    Raises: Refused (no permission, or no approved set of rules).
    """
    day = as_of or session.clock.today()
    within = f"flags {secrets.token_hex(4)}"
    with session.act(
        Operation.COMBINE, Thing.FLAG, reason=reason, combine=True, facts={"step": "begin"}, within=within
    ) as act:
        rules = rulebook.require_approved(act)
        recount = recounting.begin(act, recounting.FLAGS)
    changed = recounting.finish(session, recount, within=within)
    people, counts = session.read_on(within, _counted_in, session, day)
    with session.act(Operation.COMBINE, Thing.FLAG, reason=reason, combine=True) as act:
        found = FlagRun(
            day,
            changed,
            people,
            tuple(counts[rule.code, rule.version] for rule in rules),
        )
        act.note(
            as_of=day.isoformat(),
            rules=len(rules),
            raised=changed.raised,
            corrected=changed.corrected,
            withdrawn=changed.withdrawn,
            incidents=changed.incidents,
            people=people,
        )
    return found


def _counted_in(connection: Connection, session: Session, day: date) -> tuple[int, dict[tuple[str, int], RuleCount]]:
    return _counted(session.within(connection), day)


def _counted(act: Act, day: date) -> tuple[int, dict[tuple[str, int], RuleCount]]:
    rules = act.read(rulebook.every_rule)
    known = act.read(sources.known_sources)
    stale = {name: sources.unknown_after(rule, known, day) for name, rule in rules.items()}
    states: dict[tuple[str, int], dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    with combining(act.connection):
        flags = act.read(db.flags.standing)
    for profile, code, version, raised, lapses in flags:
        name = (code, version)
        state = state_of(date.fromisoformat(raised), date.fromisoformat(lapses), day, stale.get(name))
        states[name][profile].add(state)
    people: set[int] = set()
    counts: dict[tuple[str, int], RuleCount] = {}
    for name, rule in rules.items():
        best = Counter(
            next((state for state in ("current", "unknown", "lapsed") if state in seen), "later")
            for seen in states[name].values()
        )
        people |= {profile for profile, seen in states[name].items() if "current" in seen}
        gaps = sources.of_rule(rule, known, day).in_words(own_agency=act.session.user.agency, masked=False)
        counts[name] = RuleCount(
            rule.code, rule.version, rule.title, best["current"], best["unknown"], best["lapsed"], gaps
        )
    return len(people), counts
