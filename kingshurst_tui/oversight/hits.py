"""What the rules of oversight find: entry numbers, who acted, pseudonyms. Finding it is itself in the trail."""

from __future__ import annotations

import secrets
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection

import db.audit
import db.oversight
import db.trail
import db.users
from db.trail import TrailFilter
from kingshurst_tui.acts import Fact, Reason
from kingshurst_tui.casework.matching import fold
from kingshurst_tui.clock import stamp
from kingshurst_tui.oversight import rules
from kingshurst_tui.oversight.rules import OversightRule, oversight_rules
from kingshurst_tui.oversight.shown import Seen, seen_in
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

_OVERSIGHT = Reason(ReasonCode.OVERSIGHT)

DAYS = 31
"""How far back one looks where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Entries that a rule found, of one person acting.

    Attributes:
        rule: the rule's code.
        actor: who acted.
        entries: numbers of the entries, in order.
        pseudonyms: of the people they are about.
        first: when the first was written.
        last: when the last was.
        lists: those of the entries in which people stood on a list of several.
    """

    rule: str
    actor: str
    entries: tuple[int, ...]
    pseudonyms: tuple[str, ...]
    first: datetime
    last: datetime
    lists: tuple[int, ...] = ()

    @property
    def alone(self) -> tuple[int, ...]:
        """The entries that show one person, or a pair, by themselves."""
        return tuple(number for number in self.entries if number not in self.lists)


@dataclass(frozen=True, slots=True)
class Hits:
    """What every rule found from one day to another.

    Attributes:
        since: the first day.
        until: the last day.
        looked: how many entries were looked through.
        rules: each rule with its hits, in the rules' own order; a rule that is off has none.
    """

    since: date
    until: date
    looked: int
    rules: tuple[tuple[OversightRule, tuple[Hit, ...]], ...]


def find_hits(session: Session, since: date | None = None, until: date | None = None) -> Hits:
    """Look through the trail by every rule, the own and other users' names among them.

    That hits are asked for is entered first; then the trail is read outside the turn at writing, and what was found is
    entered before anybody is shown it. Names and addresses are compared inside the store; what leaves it is entry
    numbers, users and pseudonyms.

    Args:
        session: a supervisor's or an information governance officer's.
        since: the first day, in the United Kingdom; a month ago where it is not given.
        until: the last day; today where it is not given.

    Raises: Refused, StoreUnavailable.
    """
    until = until or session.clock.today()
    since = since or until - timedelta(days=DAYS)
    in_force = oversight_rules(session)
    wanted = TrailFilter(since=stamp(_begin(since)), until=stamp(_begin(until + timedelta(days=1))))
    facts: dict[str, Fact] = {"since": since.isoformat(), "until": until.isoformat()}
    within = f"hits/{secrets.token_hex(4)}"
    with session.act(
        Operation.COMBINE, Thing.AUDIT, reason=_OVERSIGHT, combine=True, facts={**facts, "step": "asked"}, within=within
    ) as act:
        upto = act.read(db.audit.size)
    looked, found = session.read_on(within, _search, wanted, upto, in_force)
    with session.act(Operation.COMBINE, Thing.AUDIT, reason=_OVERSIGHT, combine=True, facts=facts) as act:
        act.note(**{f"hits_{rule.code}": len(hits) for rule, hits in found}, looked=looked, step="found")
        act.concerns(name for rule, hits in found if rule.code in _BY_NAME for hit in hits for name in hit.pseudonyms)
    return Hits(since, until, looked, found)


def _search(
    connection: Connection, wanted: TrailFilter, upto: int, in_force: Sequence[OversightRule]
) -> tuple[int, tuple[tuple[OversightRule, tuple[Hit, ...]], ...]]:
    """Return how many entries were looked through, and each rule with what it finds."""
    outline = db.trail.outline(connection, wanted, upto)
    seen = [entry for entry in map(seen_in, db.trail.between(connection, outline)) if entry is not None]
    by_name = _by_names(connection, seen, {rule.code for rule in in_force if rule.is_on})
    found: list[tuple[OversightRule, tuple[Hit, ...]]] = []
    for rule in in_force:
        hits: Iterable[Hit] = ()
        if rule.is_on:
            hits = by_name[rule.code] if rule.code in by_name else _FINDERS[rule.code](seen, rule)
        found.append((rule, tuple(hits)))
    return outline.total, tuple(found)


def uk_time(moment: datetime) -> datetime:
    """Return a moment as clocks in the United Kingdom show it: an hour on, from March's last Sunday to October's."""
    moment = moment.astimezone(UTC)
    turns = [_last_sunday(moment.year, month) for month in (3, 10)]
    return moment + timedelta(hours=1 if turns[0] <= moment < turns[1] else 0)


def _last_sunday(year: int, month: int) -> datetime:
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def _begin(day: date) -> datetime:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return midnight - (uk_time(midnight) - midnight)


def _hit(rule: str, entries: Sequence[Seen], names: Iterable[str] | None = None) -> Hit:
    shown = {name for each in entries for name in each.subjects} if names is None else set(names)
    numbers = tuple(each.seq for each in entries)
    lists = tuple(each.seq for each in entries if each.is_list)
    return Hit(rule, entries[0].actor, numbers, tuple(sorted(shown)), entries[0].at, entries[-1].at, lists)


# --- by what is in the trail ----------------------------------------------------------------------------------


def _by_actor(seen: Iterable[Seen]) -> dict[str, list[Seen]]:
    found: dict[str, list[Seen]] = defaultdict(list)
    for each in seen:
        found[each.actor].append(each)
    return dict(sorted(found.items()))


def _unusual(seen: Sequence[Seen], rule: OversightRule) -> Iterator[Hit]:
    opens, closes = str(rule.thresholds["from"]), str(rule.thresholds["to"])
    nights: dict[tuple[str, date], list[Seen]] = defaultdict(list)
    for each in seen:
        here = uk_time(each.at)
        if each.operation == Operation.COMBINE:
            continue  # what the machine did for somebody reads nobody's profile
        if here.weekday() >= 5 or not opens <= f"{here:%H:%M}" < closes:
            nights[each.actor, here.date()].append(each)
    for key in sorted(nights):
        yield _hit(rule.code, nights[key])


def _bulk(seen: Sequence[Seen], rule: OversightRule) -> Iterator[Hit]:
    limits = ((timedelta(hours=1), int(rule.thresholds["hour"])), (timedelta(days=1), int(rule.thresholds["day"])))
    for opened in _by_actor(each for each in seen if each.opened).values():
        for span, most in limits:
            yield from _over(opened, span, most, rule.code)


def _over(opened: Sequence[Seen], span: timedelta, most: int, code: str) -> Iterator[Hit]:
    """Yield each run of entries in which more than so many people were opened within the span."""
    times = sorted(opened, key=lambda each: (each.at, each.seq))
    within: dict[str, int] = defaultdict(int)
    start, run_from, run_to = 0, -1, -1
    for end, each in enumerate(times):
        for name in each.subjects:
            within[name] += 1
        while each.at - times[start].at > span:
            for name in times[start].subjects:
                within[name] -= 1
                if not within[name]:
                    del within[name]
            start += 1
        if len(within) > most:
            if run_from >= 0 and start > run_to:
                yield _hit(code, times[run_from : run_to + 1])
                run_from = -1
            run_from, run_to = (start if run_from < 0 else run_from), end
    if run_from >= 0:
        yield _hit(code, times[run_from : run_to + 1])


def _fruitless(seen: Sequence[Seen], rule: OversightRule) -> Iterator[Hit]:
    wait = timedelta(minutes=int(rule.thresholds["minutes"]))
    for entries in _by_actor(seen).values():
        opened = sorted(each.at for each in entries if each.looked_at)
        days: dict[date, list[Seen]] = defaultdict(list)
        for each in entries:
            if not each.searched:
                continue
            # Entries of the same moment follow their search: the trail's clock has milliseconds.
            after = bisect_right(opened, each.at - timedelta(milliseconds=1))
            if after == len(opened) or opened[after] > each.at + wait:
                days[uk_time(each.at).date()].append(each)
        for found in days.values():
            yield _hit(rule.code, found, ())


_FINDERS: dict[str, Callable[[Sequence[Seen], OversightRule], Iterator[Hit]]] = {
    rules.HOURS: _unusual,
    rules.BULK: _bulk,
    rules.SEARCHES: _fruitless,
}

# --- by names and addresses -----------------------------------------------------------------------------------

_BY_NAME = (rules.OWN_NAME, rules.OWN_ADDRESS, rules.COLLEAGUES)

Name = tuple[str, str]


def _name_of(display_name: str) -> Name | None:
    """Return the forename and surname in a display name; what stands in brackets is no name."""
    words = [fold(word) for word in display_name.partition("(")[0].split()]
    words = [word for word in words if word]
    return (words[0], words[-1]) if len(words) >= 2 else None


def _by_names(connection: Connection, seen: Sequence[Seen], wanted: set[str]) -> dict[str, list[Hit]]:
    codes = [code for code in _BY_NAME if code in wanted]
    if not codes:
        return {}
    people: dict[Name, set[str]] = defaultdict(set)
    for user in db.users.every(connection):
        if (name := _name_of(user.display_name)) is not None:
            people[name].add(user.name)
    bearers: dict[str, set[int]] = defaultdict(set)
    living: dict[str, set[int]] = defaultdict(set)
    for row in db.oversight.borne(connection):
        for where in _addresses(row):
            living[where].add(row.profile_id)
        forename = fold(row.forename)
        for surname in {fold(row.surname), fold(row.former_surname)} - {""}:
            for user_name in people.get((forename, surname), ()):
                bearers[user_name].add(row.profile_id)
    neighbours: dict[str, set[int]] = defaultdict(set)
    for residents in living.values():
        for user_name, profiles in bearers.items():
            if not profiles.isdisjoint(residents):
                neighbours[user_name] |= residents
    ids = set().union(*bearers.values(), *neighbours.values()) if bearers else set()
    whose = db.oversight.pseudonyms(connection, ids)
    others = {name: set().union(*(ids for user, ids in bearers.items() if user != name)) for name in _by_actor(seen)}
    named: dict[int, set[str]] = {}
    if any(each.referral for each in seen):
        named = {
            number: people.get((fold(forename), fold(surname)), set())
            for number, forename, surname in db.oversight.referred(connection)
        }
    sets: dict[str, Callable[[str], set[int]]] = {
        rules.OWN_NAME: lambda actor: bearers.get(actor, set()),
        rules.OWN_ADDRESS: lambda actor: neighbours.get(actor, set()) - bearers.get(actor, set()),
        rules.COLLEAGUES: lambda actor: others[actor] - bearers.get(actor, set()),
    }
    written: dict[str, Callable[[str, set[str]], bool]] = {
        rules.OWN_NAME: lambda actor, users: actor in users,
        rules.COLLEAGUES: lambda actor, users: bool(users) and actor not in users,
    }
    return {
        code: [
            *_looked(seen, code, sets[code], whose),
            *(_referred(seen, code, written[code], named) if code in written else ()),
        ]
        for code in codes
    }


def _referred(
    seen: Sequence[Seen], code: str, of: Callable[[str, set[str]], bool], named: dict[int, set[str]]
) -> Iterator[Hit]:
    """Yield the referrals that somebody read and that name, as they were written, whom the rule is about."""
    for actor, entries in _by_actor(each for each in seen if each.referral).items():
        by_number: dict[int, list[Seen]] = defaultdict(list)
        for each in entries:
            if each.referral is not None and of(actor, named.get(each.referral, set())):
                by_number[each.referral].append(each)
        for _, found in sorted(by_number.items()):
            yield _hit(code, found, ())


def _looked(seen: Sequence[Seen], code: str, of: Callable[[str], set[int]], whose: dict[str, int]) -> Iterator[Hit]:
    for actor, entries in _by_actor(each for each in seen if each.shows).items():
        about = of(actor)
        by_person: dict[str, list[Seen]] = defaultdict(list)
        for each in entries:
            for pseudonym in each.subjects:
                if whose.get(pseudonym) in about:
                    by_person[pseudonym].append(each)
        for pseudonym, found in sorted(by_person.items()):
            yield _hit(code, found, (pseudonym,))


def _addresses(row: db.oversight.BorneRow) -> Iterator[str]:
    if row.uprn:
        yield f"uprn {row.uprn}"
    if row.address and row.postcode:
        yield f"{fold(row.address)} {fold(row.postcode)}"
