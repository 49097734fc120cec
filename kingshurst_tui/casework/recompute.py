"""Incidents and flags brought up to date for the people that a change touched, in the transaction of that change.

Call ``recompute(act, profile_ids)`` at the end of whatever added, took back, corrected, linked or split: with the ids
of everybody whose contacts may count differently now, before as well as after. It writes only what changed.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import db.flags
import db.incident_reach
import db.incidents
import db.users
from db.flags import FlagRecord, NewFlag
from db.sight import combining
from kingshurst_tui.casework import rulebook

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kingshurst_tui.acts import Act
    from kingshurst_tui.casework.flags import Contacts, Flagging
    from kingshurst_tui.casework.incidents import Incident
    from kingshurst_tui.casework.rules import IncidentRule, Rule

EVERYBODY_FROM = 20_000
"""Contacts in reach above which one pass over all of them is quicker than looking each one's neighbours up."""


AT_ONCE = 20_000
"""People whose flags are computed at a time, which bounds the memory and changes nothing else."""


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What changed: counts only.

    Attributes:
        rules_ran: false where no set of rules is approved; flags are then as they were.
        incidents: incidents of several contacts that are new, other or gone.
    """

    rules_ran: bool
    incidents: int
    raised: int
    corrected: int
    withdrawn: int
    superseded: int

    def __add__(self, other: Recomputed) -> Recomputed:
        """Return both together."""
        return Recomputed(
            self.rules_ran and other.rules_ran,
            self.incidents + other.incidents,
            self.raised + other.raised,
            self.corrected + other.corrected,
            self.withdrawn + other.withdrawn,
            self.superseded + other.superseded,
        )


def recompute(act: Act, profile_ids: Iterable[int] | None = None) -> Recomputed:
    """Bring incidents and flags up to date for these people, or (None) for everybody.

    Without an approved set of rules incidents are still computed, and flags are left as they are.
    """
    touched = None if profile_ids is None else set(profile_ids)
    with combining(act.connection):
        changed, touched = _incidents(act, touched)
        rules = act.read(rulebook.approved_rules)
        if rules is None:
            return Recomputed(False, changed, 0, 0, 0, 0)
        if touched is None:
            people = act.read(db.flags.everybody)
        else:
            # A rule that goes by pairs counts for one party under whoever the other now is.
            people = sorted(touched | act.read(db.incidents.profiles_facing, touched))
        made = _Made()
        for first in range(0, len(people), AT_ONCE):
            _flags(act, people[first : first + AT_ONCE], rules, made)
    if changed or made.raised or made.corrected or made.withdrawn or made.superseded:
        act.write(db.users.bump, "flags")
    return Recomputed(True, changed, made.raised, made.corrected, made.withdrawn, made.superseded)


def would_change(act: Act) -> set[int]:
    """Return whose incidents or flags are not what counting everybody anew would make them; it writes nothing.

    For an act over a connection that reads, with sight of all gated rows: it takes as long as counting everybody, and
    nobody need wait for it.
    """
    from kingshurst_tui.casework import columns
    from kingshurst_tui.casework.incidents import Ruling, incidents

    rule = act.read(rulebook.incident_rule)
    rulings = [Ruling(left, right, ruling == "same") for left, right, ruling in act.read(db.incidents.rulings)]
    found = incidents(columns.tellings(act.read(db.incidents.tellings, None)), rule, rulings)
    before = act.read(db.incidents.members, None)
    kept = act.read(db.incidents.kept, set(before.values()))
    touched = set(before)
    for incident, number in zip(found, _ids_for(found, before), strict=True):
        as_kept = None if number is None else kept.get(number)
        day = date.fromordinal(incident.first_day).isoformat()
        stands = as_kept is not None and (as_kept.first_day, as_kept.evidence) == (
            day,
            _incident_evidence(incident, rule),
        )
        for contact in incident.contacts:
            if stands and before.get(contact) == number:
                touched.discard(contact)
            else:
                touched.add(contact)
    people = act.read(db.incidents.profiles_of, touched)
    rules = act.read(rulebook.approved_rules)
    if rules is not None:
        everybody = act.read(db.flags.everybody)
        for first in range(0, len(everybody), AT_ONCE):
            people |= _flag_changes(act, everybody[first : first + AT_ONCE], rules).people()
    return people


def recompute_overtaken(act: Act) -> None:
    """Compute the flags anew that count records of people whose consent has run out since.

    The views stopped showing such flags on that day; what holds without those records is found here.
    """
    with combining(act.connection):
        overtaken = act.read(db.flags.overtaken)
    if overtaken:
        recompute(act, overtaken)


# --- incidents -------------------------------------------------------------------------------------------------------


def _incidents(act: Act, touched: set[int] | None) -> tuple[int, set[int] | None]:
    """Return how many incidents changed, and whose flags may have."""
    # numpy takes a tenth of a second to import, and the command line imports this room for its names.
    from kingshurst_tui.casework import columns
    from kingshurst_tui.casework.incidents import Ruling, incidents

    rule = act.read(rulebook.incident_rule)
    reach = None if touched is None else _reach(act, touched, rule)
    told = act.read(db.incidents.tellings, reach)
    rulings = [Ruling(left, right, ruling == "same") for left, right, ruling in act.read(db.incidents.rulings)]
    found = incidents(columns.tellings(told), rule, rulings)
    before = act.read(db.incidents.members, reach)
    changed, moved = _keep(act, found, before, rule)
    if touched is not None and moved:
        touched |= act.read(db.incidents.profiles_of, moved)
    return changed, touched


def _reach(act: Act, touched: set[int], rule: IncidentRule) -> set[int] | None:
    from kingshurst_tui.casework.incidents import closeness

    start = act.read(db.incidents.contacts_of, touched, EVERYBODY_FROM)
    return act.read(
        db.incident_reach.within_reach,
        touched,
        start,
        closeness(rule),
        days=rule.days_of_reach,
        reference_days=rule.reference_within_days,
        most=EVERYBODY_FROM,
    )


def _keep(act: Act, found: list[Incident], before: dict[int, int], rule: IncidentRule) -> tuple[int, set[int]]:
    """Keep the incidents found; an id stays with the group that holds most of what it held."""
    ids = _ids_for(found, before)
    evidence = [_incident_evidence(incident, rule) for incident in found]
    days = [date.fromordinal(incident.first_day).isoformat() for incident in found]
    new = [place for place, number in enumerate(ids) if number is None]
    given = act.write(db.incidents.add, [(days[place], evidence[place]) for place in new])
    for place, number in zip(new, given, strict=True):
        ids[place] = number
    after = {
        contact: number
        for incident, number in zip(found, ids, strict=True)
        if number is not None
        for contact in incident.contacts
    }
    moved = {contact: number for contact, number in after.items() if before.get(contact) != number}
    gone = set(before) - set(after)
    kept = act.read(db.incidents.kept, set(before.values()))
    corrected = [
        db.incidents.KeptIncident(number, day, words)
        for number, day, words in zip(ids, days, evidence, strict=True)
        if number in kept and (kept[number].first_day, kept[number].evidence) != (day, words)
    ]
    act.write(db.incidents.correct, corrected)
    act.write(db.incidents.put_members, moved, gone)
    emptied = set(before.values()) - set(after.values())
    act.write(db.incidents.drop_empty, emptied)
    return len(new) + len(corrected) + len(emptied), set(moved) | gone


def _ids_for(found: list[Incident], before: dict[int, int]) -> list[int | None]:
    ids: list[int | None] = [None] * len(found)
    shares: dict[tuple[int, int], int] = defaultdict(int)
    for place, incident in enumerate(found):
        for contact in incident.contacts:
            if contact in before:
                shares[before[contact], place] += 1
    taken: set[int] = set()
    # Most contacts in common first; between equals the older id, then the older contacts.
    for number, place in sorted(shares, key=lambda pair: (-shares[pair], pair)):
        if ids[place] is None and number not in taken:
            ids[place] = number
            taken.add(number)
    return ids


def _incident_evidence(incident: Incident, rule: IncidentRule) -> str:
    because = [[why.left, why.right, why.why] for why in incident.because]
    return json.dumps({"rule": rule.name, "because": because}, separators=(",", ":"))


# --- flags -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Made:
    raised: int = 0
    corrected: int = 0
    withdrawn: int = 0
    superseded: int = 0


@dataclass(frozen=True, slots=True)
class _Changes:
    """What is kept of flags, and is not what it should be."""

    superseded: list[FlagRecord]
    new: list[NewFlag]
    corrected: list[tuple[int, NewFlag]]
    withdrawn: list[FlagRecord]

    def people(self) -> set[int]:
        gone = {flag.profile_id for flag in (*self.superseded, *self.withdrawn)}
        return gone | {run.profile_id for run in self.new} | {run.profile_id for _, run in self.corrected}


def _flags(act: Act, people: list[int], rules: tuple[Rule, ...], made: _Made) -> None:
    changes = _flag_changes(act, people, rules)
    act.write(db.flags.set_status, [flag.id for flag in changes.superseded], "superseded")
    act.write(db.flags.add_flags, changes.new)
    act.write(db.flags.correct_flags, changes.corrected)
    act.write(db.flags.set_status, [flag.id for flag in changes.withdrawn], "withdrawn")
    made.superseded += len(changes.superseded)
    made.raised += len(changes.new)
    made.corrected += len(changes.corrected)
    made.withdrawn += len(changes.withdrawn)


def _flag_changes(act: Act, people: list[int], rules: tuple[Rule, ...]) -> _Changes:
    from kingshurst_tui.casework import columns
    from kingshurst_tui.casework.flags import flaggings

    kinds = {code: kind for code, (_, kind) in act.read(db.users.agencies).items()}
    table = columns.contacts(act.read(db.flags.counted_contacts, people))
    rows = _Rows(table)
    kept = act.read(db.flags.kept_flags, people)
    in_force = {(rule.code, rule.version) for rule in rules}
    superseded = [
        flag for flag in kept if flag.status == "standing" and (flag.rule_code, flag.rule_version) not in in_force
    ]
    changes = _Changes(superseded, [], [], [])
    by_rule: dict[tuple[str, int], list[FlagRecord]] = defaultdict(list)
    for flag in kept:
        by_rule[flag.rule_code, flag.rule_version].append(flag)
    for rule in rules:
        wanted = [_new_flag(flagging, rows) for flagging in flaggings(rule, table, kinds)]
        _settle(wanted, by_rule[rule.code, rule.version], changes)
    return changes


class _Rows:
    """The columns as plain lists: evidence is put together row by row, where numpy's own numbers are slow."""

    def __init__(self, table: Contacts) -> None:
        self.contact: list[int] = table.contact.tolist()
        self.incident: list[int] = table.incident.tolist()
        self.day: list[int] = table.day.tolist()
        self.agency = [table.words[number] for number in table.agency.tolist()]
        self.role = [table.words[number] for number in table.role.tolist()]
        self.agreement = [table.words[number] for number in table.agreement.tolist()]


def _new_flag(flagging: Flagging, rows: _Rows) -> NewFlag:
    return NewFlag(
        flagging.profile,
        flagging.rule.code,
        flagging.rule.version,
        date.fromordinal(flagging.raised_on).isoformat(),
        date.fromordinal(flagging.lapses_on).isoformat(),
        _evidence(flagging, rows),
        tuple(sorted({rows.agreement[row] for row in flagging.rows.tolist()})),
    )


def _evidence(flagging: Flagging, rows: _Rows) -> str:
    """Return the incidents as JSON: day, the kept incident's id or null, contacts, agencies, roles."""
    told: dict[int, list[int]] = defaultdict(list)
    for row in flagging.rows.tolist():
        told[rows.incident[row]].append(row)
    incidents = [
        {
            "day": date.fromordinal(min(rows.day[row] for row in mine)).isoformat(),
            "incident": incident if incident > 0 else None,
            "contacts": sorted(rows.contact[row] for row in mine),
            "agencies": sorted({rows.agency[row] for row in mine}),
            "roles": sorted({rows.role[row] for row in mine}),
        }
        for incident, mine in told.items()
    ]
    incidents.sort(key=lambda entry: (entry["day"], entry["contacts"]))
    # The counterpart stands first, where _counterpart looks for it.
    stated = {"counterpart": flagging.counterpart or None, "incidents": incidents}
    return json.dumps(stated, separators=(",", ":"))


def _settle(wanted: list[NewFlag], kept: list[FlagRecord], changes: _Changes) -> None:
    """Keep what is wanted: the same run keeps its flag and its id, one that rests on nothing is withdrawn."""
    candidates: dict[tuple[int, int | None], list[FlagRecord]] = defaultdict(list)
    for flag in kept:
        if flag.status in ("standing", "withdrawn"):
            candidates[flag.profile_id, _counterpart(flag.evidence)].append(flag)
    matched: set[int] = set()
    pending: list[NewFlag] = []
    for run in wanted:
        mine = candidates.get((run.profile_id, _counterpart(run.evidence)), [])
        same = [flag for flag in mine if flag.raised_on == run.raised_on and flag.id not in matched]
        same.sort(key=lambda flag: (flag.status != "standing", -flag.id))
        if not same:
            pending.append(run)
            continue
        matched.add(same[0].id)
        if (same[0].status, same[0].lapses_on, same[0].evidence) != ("standing", run.lapses_on, run.evidence):
            changes.corrected.append((same[0].id, run))
    for run in pending:
        mine = candidates.get((run.profile_id, _counterpart(run.evidence)), [])
        overlapping = [
            flag.id
            for flag in mine
            if flag.status == "standing"
            and flag.id not in matched
            and flag.raised_on < run.lapses_on
            and run.raised_on < flag.lapses_on
        ]
        if overlapping:
            matched.add(overlapping[0])
            changes.corrected.append((overlapping[0], run))
        else:
            changes.new.append(run)
    changes.withdrawn.extend(flag for flag in kept if flag.status == "standing" and flag.id not in matched)


def _counterpart(evidence: str) -> int | None:
    """Return the other party from the head of the evidence; the whole of it would be slow to read for every flag."""
    found = evidence.removeprefix('{"counterpart":').partition(",")[0]
    return int(found) if found.isdigit() else None
