"""What happens in the invented town: incidents, who hears of them, and the everyday background.

An incident happens once; a telling is one agency's hearing of it, from one person's part in it. Several tellings
of one incident are what the program must count as one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from kingshurst_tui.demo.dice import Dice
from kingshurst_tui.demo.people import Household, Person
from kingshurst_tui.demo.places import Home

DAYS = 730
"""How long the town's history is, in days before its last day."""

LAST = 10
"""Extracts arrive some days late: nothing is told of the last ten days."""


@dataclass(slots=True)
class Incident:
    """One thing that happened; ``number`` is its true id within the block."""

    number: int
    day: date
    minute: int
    kind: str
    place: Home


@dataclass(slots=True)
class Telling:
    """One agency's record of one person's part in an incident.

    Attributes:
        data_set: which data set holds it (DataSet.reference).
        kind: what it is in that data set; usually the incident's own kind.
        measure: a number it carries, such as the per cent of sessions missed.
        note: text for the outcome column, where the story needs one.
        other: the other party, where the data set states one.
    """

    data_set: str
    incident: Incident
    person: Person
    role: str
    day: date
    minute: int
    kind: str
    measure: float | None = None
    note: str = ""
    other: Person | None = None
    relation: str = ""


class Chronicle:
    """Collects a block's incidents and tellings, within the town's two years."""

    def __init__(self, dice: Dice, today: date, block: int) -> None:
        self.dice = dice
        self.today = today
        self.first = today - timedelta(days=DAYS)
        self.last = today - timedelta(days=LAST)
        self.tellings: list[Telling] = []
        self._next = block * 1_000_000

    def any_day(self) -> date:
        """Return a day of the two years."""
        return self.first + timedelta(days=self.dice.between(0, DAYS - LAST))

    def happens(self, kind: str, day: date, place: Home, minute: int | None = None) -> Incident | None:
        """Record that something happened; None if the day lies outside the town's time."""
        if not self.first <= day <= self.last:
            return None
        self._next += 1
        return Incident(self._next, day, self.dice.below(1440) if minute is None else minute, kind, place)

    def tell(
        self,
        data_set: str,
        incident: Incident | None,
        person: Person,
        role: str = "subject",
        kind: str = "",
        measure: float | None = None,
        note: str = "",
        other: Person | None = None,
        relation: str = "",
        at_once: bool = False,
    ) -> None:
        """Record that an agency heard of an incident: dated the same day or, told late at night, the next.

        Nothing is told of people before they were born.
        """
        if incident is None or incident.day < person.born:
            return
        late = 0 if at_once else self.dice.between(5, 75)
        day, minute = incident.day, incident.minute + late
        if minute >= 1440:
            day, minute = day + timedelta(days=1), minute - 1440
        if day > self.last:
            day, minute = incident.day, 1439
        self.tellings.append(
            Telling(
                data_set, incident, person, role, day, minute, kind or incident.kind, measure, note, other, relation
            )
        )

    def one(
        self, data_set: str, kind: str, person: Person, day: date | None = None, role: str = "subject", note: str = ""
    ) -> None:
        """Record something that one agency alone heard of."""
        day = day or self.any_day()
        self.tell(data_set, self.happens(kind, day, person.household.home_on(day)), person, role, note=note)


def background(chronicle: Chronicle, households: list[Household]) -> None:
    """Add the everyday contacts of everybody: most people meet an agency now and then, some often, many never."""
    for house in households:
        if house.council_tenant:
            _tenancy(chronicle, house)
        if chronicle.dice.chance(0.035) and any(person.part == "child" for person in house.members):
            supporting_family(chronicle, house, chronicle.any_day(), chronicle.dice.between(1, 4))
        for person in house.members:
            _everyday(chronicle, person)


def _everyday(chronicle: Chronicle, person: Person) -> None:
    dice = chronicle.dice
    age = person.age(chronicle.today)
    # Need is unequal: a third of people have hardly any contact, a tenth three times the usual.
    need = (0.1, 0.1, 0.3, 0.6, 0.8, 1.0, 1.2, 1.4, 1.8, 3.0)[dice.below(10)]
    old = age >= 70
    for _ in range(dice.count(0.45 * need)):
        _emergency(chronicle, person, "injury" if dice.chance(0.4) else "illness")
    for _ in range(dice.count((0.35 if old else 0.09) * need)):
        chronicle.one("WMAS-CALLS", "illness" if dice.chance(0.6) else "injury", person)
    if age >= 16 and dice.chance(0.03 * need):
        start = chronicle.any_day()
        for week in range(dice.between(2, 7)):
            chronicle.one("NHS-MENTAL-HEALTH", "mental", person, start + timedelta(days=14 * week))
    if dice.chance((0.10 if old else 0.03) * need):
        chronicle.one("WMFS-VISITS", "visit", person, note="Smoke alarm fitted")
    if age >= 18:
        _adult(chronicle, person, need)
    if 5 <= age <= 16:
        _pupil(chronicle, person, need)
    if 16 <= age <= 19 and dice.chance(0.8):
        chronicle.one("SMBC-SKILLS", "leaver", person)


def _emergency(chronicle: Chronicle, person: Person, kind: str) -> None:
    """One attendance; one in eight comes by ambulance, and both services then hear of it."""
    day = chronicle.any_day()
    incident = chronicle.happens(kind, day, person.household.home_on(day))
    chronicle.tell("NHS-ED", incident, person)
    if chronicle.dice.chance(0.125):
        chronicle.tell("WMAS-CALLS", incident, person)


def _adult(chronicle: Chronicle, person: Person, need: float) -> None:
    dice = chronicle.dice
    for _ in range(dice.count(0.16 * need)):
        kind = dice.pick(("theft", "theft", "damage", "violence", "hate", "concern"))
        day = chronicle.any_day()
        incident = chronicle.happens(kind, day, person.household.home_on(day))
        chronicle.tell("WMP-INCIDENTS", incident, person, "victim")
        if kind == "violence" and dice.chance(0.3):
            chronicle.tell("NHS-ED", incident, person)
    if person.sex == "M" and person.age(chronicle.today) < 45 and dice.chance(0.06 * need):
        chronicle.one("WMP-INCIDENTS", dice.pick(("violence", "drugs", "theft")), person, role="suspect")
    if dice.chance(0.02 * need):
        chronicle.one("WMP-INCIDENTS", dice.pick(("violence", "theft")), person, role="witness")
    for _ in range(dice.count(0.07 * need)):
        nuisance(chronicle, person, chronicle.any_day(), "caller")
    if dice.chance(0.04 * need):
        chronicle.one("SMBC-NOISE", "noise", person, role="caller")
    if dice.chance(0.012):
        chronicle.one("WMFS-INCIDENTS", "fire", person, role=dice.pick(("subject", "caller")))
    if dice.chance(0.012 * need):
        chronicle.one("SCH-HOMELESS", "homeless", person, note="Relief duty")
    if person.part == "partner" and dice.chance(0.012 * need):
        abuse(chronicle, person, person.household.members[0], chronicle.any_day())


def nuisance(chronicle: Chronicle, person: Person, day: date, role: str, agencies: tuple[str, ...] = ()) -> None:
    """One act of anti-social behaviour near home; now and then reported to two agencies."""
    dice = chronicle.dice
    incident = chronicle.happens("asb", day, person.household.home_on(day), minute=dice.between(900, 1380))
    chosen = agencies or (dice.pick(("WMP-ASB", "WMP-ASB", "SMBC-ASB")),)
    if not agencies and dice.chance(0.15):
        chosen = ("WMP-ASB", "SMBC-ASB")
    for data_set in chosen:
        chronicle.tell(data_set, incident, person, role)


def abuse(chronicle: Chronicle, victim: Person, other: Person, day: date, also: tuple[str, ...] = ()) -> None:
    """One event of domestic abuse, told to the police with both parties, and to others as the story says."""
    if victim is other:
        return
    incident = chronicle.happens("domestic", day, victim.household.home_on(day))
    relation = "Partner" if victim.household is other.household else "Ex-partner"
    convicted = "convicted" if chronicle.dice.chance(0.1) else "suspect"
    chronicle.tell("WMP-DOMESTIC", incident, victim, "victim", other=other, relation=relation, note=convicted)
    for data_set in also:
        role = "victim" if data_set == "SCH-TENANCY" else "subject"
        chronicle.tell(data_set, incident, victim, role)


def _pupil(chronicle: Chronicle, person: Person, need: float) -> None:
    dice = chronicle.dice
    if dice.chance(0.16 * need):
        missed = 8.0 + 4.0 * dice.draw() * need
        for end in school_periods(chronicle.first, chronicle.last):
            if person.age(end) >= 5 and dice.chance(0.35):
                absence(chronicle, person, end, missed + 6.0 * dice.draw())
    if person.age(chronicle.today) >= 11 and dice.chance(0.03 * need):
        chronicle.one("EDU-EXCLUSIONS", "exclusion", person)


def absence(chronicle: Chronicle, person: Person, end: date, missed: float) -> None:
    """One period's attendance figure."""
    incident = chronicle.happens("absence", end, person.household.home_on(end))
    if incident is not None:
        incident.minute = 900
    chronicle.tell("EDU-ATTENDANCE", incident, person, measure=round(min(100.0, missed), 1))


_PERIOD_ENDS = ((2, 13), (3, 27), (5, 22), (7, 20), (9, 25), (10, 23), (12, 18))


def school_periods(first: date, last: date) -> list[date]:
    """Return the days up to which schools state attendance: the half-terms' ends, and the end of September."""
    return [
        date(year, month, day)
        for year in range(first.year, last.year + 1)
        for month, day in _PERIOD_ENDS
        if first <= date(year, month, day) <= last
    ]


def _tenancy(chronicle: Chronicle, house: Household) -> None:
    dice = chronicle.dice
    tenant = house.members[0]
    for _ in range(dice.count(0.25)):
        chronicle.one("SCH-TENANCY", "arrears", tenant, note="Repayment agreed")
    for _ in range(dice.count(0.05)):
        chronicle.one("SCH-TENANCY", "noise", tenant, role=dice.pick(("caller", "suspect")))


_LATEST = (
    ("WMFS-INCIDENTS", "fire", 18), ("WMFS-VISITS", "visit", 18), ("SCH-HOMELESS", "homeless", 18),
    ("SCH-TENANCY", "arrears", 18), ("SMBC-EXPLOITATION", "exploitation", 12), ("EDU-EXCLUSIONS", "exclusion", 11),
)  # fmt: skip


def latest(chronicle: Chronicle, households: list[Household], taken: set[int]) -> None:
    """Add one recent contact to each small data set, so that a small town's quiet sources are not taken for stale.

    Args:
        chronicle: where they go.
        households: where to look for somebody they can happen to.
        taken: people with a story, who are left alone.
    """
    people = [person for house in households for person in house.members if person.number not in taken]
    for data_set, kind, youngest in _LATEST:
        oldest = 17 if youngest < 18 else 99
        fitting = [person for person in people if youngest <= person.age(chronicle.today) <= oldest]
        if fitting:
            day = chronicle.last - timedelta(days=chronicle.dice.between(1, 6))
            chronicle.one(data_set, kind, chronicle.dice.pick(fitting), day)
    families = [
        house for house in households if len(house.members) > 2 and not {p.number for p in house.members} & taken
    ]
    if families:
        supporting_family(chronicle, chronicle.dice.pick(families), chronicle.last - timedelta(days=4), 2)


NEEDS = (
    "Getting a good education", "Good early years development", "Improved mental and physical health",
    "Better managed substance use", "Improved family relationships", "Children safe from abuse and exploitation",
    "Families diverted from crime", "Safe from domestic abuse", "Secure housing", "Financial stability",
)  # fmt: skip


def supporting_family(chronicle: Chronicle, house: Household, day: date, needs: int) -> None:
    """A family assessment: a row for each member, with the relationship to the main carer."""
    chosen = "; ".join(chronicle.dice.several(NEEDS, needs))
    incident = chronicle.happens("family", day, house.home_on(day), minute=600)
    carer = next((person for person in house.members if person.sex == "F" and person.part != "child"), house.members[0])
    # The carer's own row comes last, as the council's system writes it: it says most about the carer.
    for person in sorted(house.members, key=lambda member: member is carer):
        relation = {"child": "Child", "parent": "Parent"}.get(person.part, "Partner")
        chronicle.tell(
            "SMBC-FAMILIES",
            incident,
            person,
            measure=float(needs),
            note=chosen,
            other=None if person is carer else carer,
            relation="" if person is carer else relation,
            at_once=True,
        )
