"""The geography out of the store, once a session."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection

import db.places
import db.published
from kingshurst_tui.acts import Reason
from kingshurst_tui.places.found import Organisation, Step
from kingshurst_tui.places.geography import Geography, Parent
from kingshurst_tui.places.vocabulary import ORGANISATIONS, Figure, Fit, Level
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from kingshurst_tui.session import Session

_HELD = "geography"
_WANTED = (Figure.RESIDENTS.value, Figure.IMD_RANK.value, Figure.IMD_DECILE.value)


def of_session(session: Session) -> Geography:
    """Return the geography that the sources that stand make. Raises: Refused."""
    if not session.may(Operation.CONSULT, Thing.PLACE):
        with session.act(Operation.CONSULT, Thing.PLACE, reason=Reason(ReasonCode.MAINTENANCE)):
            pass  # never reached: the act is refused, and that is entered
    held: Geography | None = session.held.get(_HELD)
    standing = session.look(db.places.standing)
    counted = frozenset(code for _, code in session.look(db.published.organisations))
    if held is None or held.sources != standing or held.counted != counted:
        held = session.held[_HELD] = session.look(read)
    return held


def read(connection: Connection) -> Geography:
    """Return the geography that the sources that stand make."""
    names: dict[str, str] = {}
    of_level: dict[str, Level] = {}
    members: dict[tuple[Level, str], dict[str, None]] = defaultdict(dict)
    years: dict[str, tuple[str, str]] = {}
    levels = {level.value: level for level in Level}
    days: dict[str, tuple[str, str]] = {}
    for level, code, name, vintage, begins, ends in db.places.places(connection):
        at = levels[level]
        of_level[code] = at
        members[at, vintage][code] = None
        if name or code not in names:
            names[code] = name
        if at in ORGANISATIONS:
            known = days.get(code, ("", ""))
            days[code] = (begins or known[0], ends or known[1])
        elif begins:
            years[code] = (begins, ends or "")
    counted = db.published.organisations(connection)
    for level, code in counted:
        # One that no list names is a place all the same once something is counted there.
        of_level.setdefault(code, levels[level])
        names.setdefault(code, "")
        days.setdefault(code, ("", ""))
    up, down, changes, steps, posts = _parts(connection, levels)
    _end_where_no_list_says(members, years, {vintage for _, level, vintage in up if level == Level.WARD})
    people, deciles, ranks = _figures(connection)
    return Geography(
        sources=db.places.standing(connection),
        names=names,
        of_level=of_level,
        members={at: tuple(sorted(codes, key=lambda code: (names[code], code))) for at, codes in members.items()},
        up=up,
        down={at: tuple(sorted(codes, key=lambda code: (names.get(code, ""), code))) for at, codes in down.items()},
        years=years,
        people=people,
        deciles=deciles,
        ranks=ranks,
        changes={new: tuple(before) for new, before in changes.items()},
        located={each[0].replace(" ", ""): each for each in db.places.postcodes(connection)},
        organisations=_organisations(days, names, posts, steps),
        counted=frozenset(code for _, code in counted),
    )


def _organisations(
    days: Mapping[str, tuple[str, str]], names: Mapping[str, str], posts: Mapping[str, str], steps: Mapping[_Pair, str]
) -> dict[str, Organisation]:
    """Return the organisations; one that is said to have gone into others on a day closed the day before."""
    after: dict[str, list[Step]] = defaultdict(list)
    before: dict[str, list[Step]] = defaultdict(list)
    for (old, new), day in sorted(steps.items()):
        after[old].append(Step(new, day))
        before[new].append(Step(old, day))
    found = {}
    for code, (opened, closed) in days.items():
        became, came_of = tuple(after.get(code, ())), tuple(before.get(code, ()))
        last = closed or max((_day_before(step.day) for step in became if step.day), default="")
        found[code] = Organisation(code, names.get(code, ""), posts.get(code, ""), opened, last, became, came_of)
    return found


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _end_where_no_list_says(
    members: Mapping[tuple[Level, str], Collection[str]], years: dict[str, tuple[str, str]], vintages: Collection[str]
) -> None:
    """Let wards that a later look-up of all LSOAs does not have end in the year before it, unless a list says when."""
    for vintage in vintages:
        for code in members[Level.WARD, vintage]:
            later = [of for of in vintages if of > vintage and code not in members[Level.WARD, of]]
            begins, ends = years.get(code, ("", ""))
            if later and not ends:
                years[code] = (begins, str(int(min(later)) - 1))


_Pair = tuple[str, str]
_Parts = tuple[
    dict[tuple[str, Level, str], Parent],
    dict[tuple[str, Level, str], dict[str, None]],
    dict[str, list[tuple[str, Fit]]],
    dict[_Pair, str],
    dict[str, str],
]


def _parts(connection: Connection, levels: dict[str, Level]) -> _Parts:
    up: dict[tuple[str, Level, str], Parent] = {}
    down: dict[tuple[str, Level, str], dict[str, None]] = defaultdict(dict)
    changes: dict[str, list[tuple[str, Fit]]] = defaultdict(list)
    steps: dict[_Pair, str] = {}
    posts: dict[str, str] = {}
    fits = {fit.value: fit for fit in Fit}
    for from_level, code, _, to_level, whole, vintage, fit in db.places.parts(connection):
        smaller, larger = levels[from_level], levels[to_level]
        if smaller in ORGANISATIONS:
            if larger == Level.POSTCODE:
                posts[code] = whole
            else:
                steps[code, whole] = vintage or steps.get((code, whole), "")
            continue
        if smaller == larger:
            changes[whole].append((code, fits[fit]))
            continue
        up[code, larger, vintage] = Parent(whole, fits[fit])
        down[whole, smaller, vintage][code] = None
    return up, down, changes, steps, posts


def _figures(connection: Connection) -> tuple[dict[str, dict[str, int]], dict[str, int], dict[str, float]]:
    people: dict[str, dict[str, int]] = defaultdict(dict)
    newest: dict[tuple[str, str], tuple[str, float]] = {}
    for _, code, figure, year, value in db.places.figures(connection, _WANTED):
        if value is None:
            continue
        if figure == Figure.RESIDENTS:
            people[code][year] = int(value)
        elif (year, value) >= newest.get((figure, code), ("", 0.0)):
            newest[figure, code] = (year, value)
    of = {name: {code: value for (figure, code), (_, value) in newest.items() if figure == name} for name in _WANTED}
    deciles = {code: int(value) for code, value in of[Figure.IMD_DECILE].items()}
    return dict(people), deciles, of[Figure.IMD_RANK]
