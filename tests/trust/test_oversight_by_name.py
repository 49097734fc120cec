"""Own name, own address, colleagues: found in whatever room somebody was shown, and said by pseudonym."""

from __future__ import annotations

import csv
from collections import defaultdict
from contextlib import ExitStack, closing
from dataclasses import dataclass

import pytest

import db.oversight
from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import cases, referrals, referrals_shown
from kingshurst_tui.casework.people import PersonLine, open_list, page
from kingshurst_tui.casework.profiles import open_profile
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.keyholding import users
from kingshurst_tui.oversight import rules
from kingshurst_tui.oversight.hits import Hits, find_hits
from kingshurst_tui.oversight.trail import TrailFilter, open_trail
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing
from tests.conftest import NOON
from tests.people import confirm_by
from tests.trust.test_oversight import PANEL, last, of


def test_own_name_and_colleagues_leave_the_act_as_pseudonyms_only(demo_copy: DemoStore) -> None:
    with (demo_copy.folder / "truth" / "people.csv").open(encoding="utf-8") as file:
        people = list(csv.DictReader(file))
    names = {(row["forename"], row["surname"]) for row in people}
    with demo_copy.signed_in(Role.PRACTITIONER) as practitioner:
        people_list = open_list(practitioner, PANEL)
        listed = page(practitioner, people_list, 0, people_list.total)
    named = next(person for person in listed if tuple(person.name.split()) in names)
    with demo_copy.signed_in(Role.ADMINISTRATOR) as administrator:
        users.add_user(administrator, "namesake", named.name, "SCH", Role.PRACTITIONER, "nine quiet otters sing")
    confirm_by(demo_copy.store, "supervisor", demo_copy.passphrases["supervisor"], "namesake", FixedClock(NOON))
    namesake = vaults.open_session(demo_copy.store, "namesake", "nine quiet otters sing", clock=FixedClock(NOON))
    open_profile(namesake, named.pseudonym, Reason(ReasonCode.SAFEGUARDING))
    own = last(namesake)
    namesake.close()
    with demo_copy.signed_in(Role.PRACTITIONER) as colleague:
        open_profile(colleague, named.pseudonym, Reason(ReasonCode.SAFEGUARDING))
        theirs = last(colleague)
    with demo_copy.signed_in(Role.SUPERVISOR) as supervisor:
        found = find_hits(supervisor)
        line = open_trail(supervisor, TrailFilter(pseudonym=named.pseudonym)).lines[0]
    assert [(hit.actor, hit.entries, hit.pseudonyms) for hit in of(found, rules.OWN_NAME)] == [
        ("namesake", (own,), (named.pseudonym,))
    ]
    assert ("practitioner", (theirs,), (named.pseudonym,)) in [
        (hit.actor, hit.alone, hit.pseudonyms) for hit in of(found, rules.COLLEAGUES)
    ]
    assert named.name.split()[1] not in repr([hits for _, hits in found.rules])
    assert (line.operation, line.thing) == ("combine", "audit")  # being found is itself in this person's trail


@dataclass(frozen=True)
class Neighbours:
    """Two people at one address, the first of a user's name, and a third who lives elsewhere; who looked at them."""

    own: PersonLine
    beside: PersonLine
    other: PersonLine
    found: Hits
    entries: dict[tuple[str, str], int]


@pytest.fixture
def neighbours(demo_copy: DemoStore) -> Neighbours:
    """Somebody of one's name lives with somebody else; a namesake and a colleague look at both, and at a third."""
    with demo_copy.signed_in(Role.PRACTITIONER) as practitioner:
        people_list = open_list(practitioner, PANEL)
        people = {line.profile_id: line for line in page(practitioner, people_list, 0, people_list.total)}
    with (
        demo_copy.signed_in(Role.SUPERVISOR) as supervisor,
        supervisor.act(Operation.COMBINE, Thing.AUDIT, reason=PANEL, combine=True) as act,
    ):
        rows = act.read(lambda each: list(db.oversight.borne(each)))
    homes: dict[tuple[str | None, ...], set[int]] = defaultdict(set)
    bearers: dict[tuple[str | None, str | None], set[int]] = defaultdict(set)
    for row in rows:
        if row.uprn:
            homes[(row.uprn,)].add(row.profile_id)
        if row.address:
            homes[row.address, row.postcode].add(row.profile_id)
        bearers[row.forename, row.surname].add(row.profile_id)
    near = {number: set().union(*(home for home in homes.values() if number in home)) for number in people}
    plain = [
        number
        for number, line in people.items()
        if len(line.name.split()) == 2 and bearers[line.name.split()[0], line.name.split()[1]] == {number}
    ]
    own, beside = next((one, two) for one in plain for two in sorted(near[one] & people.keys() - {one}))
    other = next(number for number in plain if number not in near[own])
    with demo_copy.signed_in(Role.ADMINISTRATOR) as administrator:
        users.add_user(administrator, "Bella", people[own].name, "SCH", Role.PRACTITIONER, "nine quiet otters sing")
    confirm_by(demo_copy.store, "supervisor", demo_copy.passphrases["supervisor"], "Bella", FixedClock(NOON))
    entries = {}
    with ExitStack() as stack:
        namesake = vaults.open_session(demo_copy.store, "Bella", "nine quiet otters sing", clock=FixedClock(NOON))
        stack.callback(namesake.close)
        for session in (namesake, stack.enter_context(demo_copy.signed_in(Role.PRACTITIONER))):
            for number in (own, beside, other):
                cases.read(session, people[number].pseudonym, Reason(ReasonCode.SAFEGUARDING))
                entries[session.user.name, people[number].pseudonym] = last(session)
        found = find_hits(stack.enter_context(demo_copy.signed_in(Role.SUPERVISOR)))
    return Neighbours(people[own], people[beside], people[other], found, entries)


def test_own_name_own_address_and_colleagues_are_found_in_whatever_room(neighbours: Neighbours) -> None:
    """The person's case is read, and their profile never opened: name, address and colleague hit all the same."""
    own, beside, other = (each.pseudonym for each in (neighbours.own, neighbours.beside, neighbours.other))
    entries = neighbours.entries
    alone = {
        code: {(hit.actor, number, *hit.pseudonyms) for hit in of(neighbours.found, code) for number in hit.alone}
        for code in (rules.OWN_NAME, rules.OWN_ADDRESS, rules.COLLEAGUES)
    }
    assert alone[rules.OWN_NAME] == {("Bella", entries["Bella", own], own)}
    assert ("Bella", entries["Bella", beside], beside) in alone[rules.OWN_ADDRESS]
    assert ("practitioner", entries["practitioner", own], own) in alone[rules.COLLEAGUES]
    # Neither rule takes another's: the own name is no neighbour, a neighbour no colleague, the third nobody's.
    assert {(actor, name) for actor, _, name in alone[rules.OWN_ADDRESS]} & {
        ("Bella", own), ("Bella", other), ("practitioner", beside)
    } == set()  # fmt: skip
    assert {("Bella", own), ("practitioner", beside)} & {
        (who, name) for who, _, name in alone[rules.COLLEAGUES]
    } == set()
    assert other not in {name for found in alone.values() for *_, name in found}
    assert neighbours.own.name.split()[1] not in repr([hits for _, hits in neighbours.found.rules])


def test_a_list_on_which_somebody_stood_is_a_hit_that_says_so(demo_copy: DemoStore, neighbours: Neighbours) -> None:
    namesake = vaults.open_session(demo_copy.store, "Bella", "nine quiet otters sing", clock=FixedClock(NOON))
    with closing(namesake):
        people_list = open_list(namesake, PANEL)
        page(namesake, people_list, 0, people_list.total)
        number = last(namesake)
    with demo_copy.signed_in(Role.SUPERVISOR) as supervisor:
        (hit,) = of(find_hits(supervisor), rules.OWN_NAME)
    assert (hit.entries, hit.lists) == ((neighbours.entries["Bella", neighbours.own.pseudonym], number), (number,))


def test_a_referral_that_was_read_counts_by_the_name_written_in_it(
    demo_copy: DemoStore, neighbours: Neighbours
) -> None:
    """Its entries name nobody, and the hit says no pseudonym either."""
    written = {
        "to": "panel",
        "date_of_birth": "1961-02-03",
        "postcode": "B37 6AA",
        "why": "Their neighbours call us every week.",
        "asked": "Somebody who talks to them.",
        "person_knows": "told",
        "urgency": "routine",
        "lawful_basis": "Crime and Disorder Act 1998 s.115",
    }
    read: dict[tuple[str, str], int] = {}
    with ExitStack() as stack:
        practitioner = stack.enter_context(demo_copy.signed_in(Role.PRACTITIONER))
        namesake = vaults.open_session(demo_copy.store, "Bella", "nine quiet otters sing", clock=FixedClock(NOON))
        stack.callback(namesake.close)
        for surname in (neighbours.own.name.split()[1], "Quillfeather"):
            fields = {**written, "forename": neighbours.own.name.split()[0], "surname": surname}
            number = referrals.send(practitioner, fields, PANEL)
            for session in (practitioner, namesake):
                referrals_shown.read(session, number, PANEL)
                read[session.user.name, surname] = last(session)
    with demo_copy.signed_in(Role.SUPERVISOR) as supervisor:
        found = find_hits(supervisor)
    own, colleagues = (
        {(hit.actor, hit.entries) for hit in of(found, code) if not hit.pseudonyms}
        for code in (rules.OWN_NAME, rules.COLLEAGUES)
    )
    surname = neighbours.own.name.split()[1]
    assert own == {("Bella", (read["Bella", surname],))}
    assert colleagues == {("practitioner", (read["practitioner", surname],))}
