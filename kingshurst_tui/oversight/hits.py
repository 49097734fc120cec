"""What the rules of oversight find: entry numbers, who acted, pseudonyms. Finding it is itself in the trail."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import db.audit
import db.oversight
import db.trail
import db.users
from db.trail import TrailFilter
from kingshurst_tui.acts import Act, Reason
from kingshurst_tui.casework.matching import fold
from kingshurst_tui.clock import stamp
from kingshurst_tui.oversight import rules
from kingshurst_tui.oversight.rules import OversightRule, oversight_rules
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

DAYS = 31
"""How far back one looks where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the rules need of one entry."""

    seq: int
    at: datetime
    actor: str
    operation: str
    thing: str
    subjects: tuple[str, ...]
    masked: bool | None

    @property
    def looked_at(self) -> bool:
        """Whether it is one person's profile, or mask, that was looked at."""
        return self.thing == Thing.PROFILE and self.operation == Operation.CONSULT and self.masked is not None


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
    """

    rule: str
    actor: str
    entries: tuple[int, ...]
    pseudonyms: tuple[str, ...]
    first: datetime
    last: datetime


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
    """Look through the trail by every rule, the own and other users' names among them, in one combining act.

    Names and addresses are compared inside the act; what leaves it is entry numbers, users and pseudonyms.

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
    facts = {"since": since.isoformat(), "until": until.isoformat()}
    with session.act(
        Operation.COMBINE, Thing.AUDIT, reason=Reason(ReasonCode.OVERSIGHT), combine=True, facts=dict(facts)
    ) as act:
        outline = act.read(db.trail.outline, wanted, act.read(db.audit.size))
        seen = [entry for entry in map(_seen, db.trail.between(act.connection, outline)) if entry is not None]
        by_name = _by_names(act, seen, {rule.code for rule in in_force if rule.is_on})
        found: list[tuple[OversightRule, tuple[Hit, ...]]] = []
        for rule in in_force:
            hits: Iterable[Hit] = ()
            if rule.is_on:
                hits = by_name[rule.code] if rule.code in by_name else _FINDERS[rule.code](seen, rule)
            found.append((rule, tuple(hits)))
        act.note(**{f"hits_{rule.code}": len(hits) for rule, hits in found}, looked=outline.total)
        act.concerns(name for rule, hits in found if rule.code in by_name for hit in hits for name in hit.pseudonyms)
    return Hits(since, until, outline.total, tuple(found))


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


def _seen(entry: db.audit.Entry) -> Seen | None:
    body = json.loads(entry.body)
    if not body["subjects"] and body["thing"] != Thing.SEARCH:
        return None
    at = datetime.fromisoformat(body["time"])
    masked = body["facts"].get("masked")
    subjects = tuple(body["subjects"])
    if body["result"] != "done" or (body["thing"] == Thing.SEARCH and body["facts"].get("index")):
        return None
    return Seen(entry.seq, at, body["actor"], body["operation"], body["thing"], subjects, masked)


def _hit(rule: str, entries: Sequence[Seen], names: Iterable[str] | None = None) -> Hit:
    shown = {name for each in entries for name in each.subjects} if names is None else set(names)
    numbers = tuple(each.seq for each in entries)
    return Hit(rule, entries[0].actor, numbers, tuple(sorted(shown)), entries[0].at, entries[-1].at)


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
    for opened in _by_actor(each for each in seen if each.looked_at and each.masked is False).values():
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
            if each.thing != Thing.SEARCH or each.operation != Operation.CONSULT:
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

Name = tuple[str, str]


def _name_of(display_name: str) -> Name | None:
    """Return the forename and surname in a display name; what stands in brackets is no name."""
    words = [fold(word) for word in display_name.partition("(")[0].split()]
    words = [word for word in words if word]
    return (words[0], words[-1]) if len(words) >= 2 else None


def _by_names(act: Act, seen: Sequence[Seen], wanted: set[str]) -> dict[str, list[Hit]]:
    codes = [code for code in (rules.OWN_NAME, rules.OWN_ADDRESS, rules.COLLEAGUES) if code in wanted]
    if not codes:
        return {}
    people: dict[Name, set[str]] = defaultdict(set)
    for user in act.read(db.users.every):
        if (name := _name_of(user.display_name)) is not None:
            people[name].add(user.name)
    bearers: dict[str, set[int]] = defaultdict(set)
    living: dict[str, set[int]] = defaultdict(set)
    for row in act.read(db.oversight.borne):
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
    whose = act.read(db.oversight.pseudonyms, ids)
    others = {name: set().union(*(ids for user, ids in bearers.items() if user != name)) for name in _by_actor(seen)}
    sets: dict[str, Callable[[str], set[int]]] = {
        rules.OWN_NAME: lambda actor: bearers.get(actor, set()),
        rules.OWN_ADDRESS: lambda actor: neighbours.get(actor, set()) - bearers.get(actor, set()),
        rules.COLLEAGUES: lambda actor: others[actor] - bearers.get(actor, set()),
    }
    return {code: list(_looked(seen, code, sets[code], whose)) for code in codes}


def _looked(seen: Sequence[Seen], code: str, of: Callable[[str], set[int]], whose: dict[str, int]) -> Iterator[Hit]:
    for actor, entries in _by_actor(each for each in seen if each.looked_at).items():
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
