"""The frequent users: believable histories, each meant to meet or just to miss a rule, now or in the past.

A story never sets a flag; it only makes things happen. What the rules then find is theirs to say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from kingshurst_tui.demo.events import Chronicle, absence, abuse, nuisance, school_periods, supporting_family
from kingshurst_tui.demo.people import Person


@dataclass(frozen=True)
class Story:
    """One kind of history.

    Attributes:
        name: what it is called in truth/stories.csv.
        rules: codes of the shipped rules it is meant to meet while it is under way.
        fits: who it can happen to, given the age on the town's last day.
        live: makes it happen, the latest event on or shortly before a day.
        weight: how often it is chosen among those that fit.
        past_days: how many days before the last day it ends, when it is a story of the past.
    """

    name: str
    rules: str
    fits: Callable[[Person, int], bool]
    live: Callable[[Chronicle, Person, date], None]
    weight: float
    past_days: tuple[int, int] = (200, 420)


def _before(end: date, *days: int) -> list[date]:
    return [end - timedelta(days=back) for back in days]


def _asb_victim(chronicle: Chronicle, person: Person, end: date) -> None:
    """Harassed at home; tells whoever answers, sometimes two agencies of one night."""
    both = ("WMP-ASB", "SMBC-ASB")
    tellings = [both, ("SMBC-ASB",), ("WMP-ASB",), both, ("WMP-ASB",)]
    role = chronicle.dice.pick(("victim", "caller"))
    for day, agencies in zip(_before(end, 0, 13, 31, 55, 84), tellings, strict=True):
        nuisance(chronicle, person, day - timedelta(days=chronicle.dice.below(4)), role, agencies)
    if person.household.council_tenant:
        chronicle.one("SCH-TENANCY", "asb", person, end - timedelta(days=20), "caller", "Injunction considered")
    else:
        chronicle.one("SMBC-NOISE", "noise", person, end - timedelta(days=40), "caller", "Diary sheets sent")


def _abused(chronicle: Chronicle, person: Person, end: date) -> None:
    """The same partner, again and again; the hospital and the landlord see parts of it."""
    other = next((p for p in person.household.members if p.part == "adult" and p.sex == "M" and p is not person), None)
    if other is None:
        return
    also: list[tuple[str, ...]] = [("WMAS-CALLS", "NHS-ED"), ("SCH-TENANCY",), (), ("NHS-ED",)]
    if not person.household.council_tenant:
        also[1] = ("SCH-HOMELESS",)
    for day, agencies in zip(_before(end, 0, 28, 61, 160), also, strict=True):
        abuse(chronicle, person, other, day - timedelta(days=chronicle.dice.below(5)), agencies)


def _high_intensity(chronicle: Chronicle, person: Person, end: date) -> None:
    """Eight attendances in a fortnight, every other one after an ambulance; always by day, so none is dated twice."""
    for step in range(8):
        day = end - timedelta(days=step * 2)
        kind = chronicle.dice.pick(("illness", "drugs", "mental"))
        incident = chronicle.happens(kind, day, person.household.home_on(day), minute=chronicle.dice.between(500, 1300))
        chronicle.tell("NHS-ED", incident, person)
        if step % 2 == 0:
            chronicle.tell("WMAS-CALLS", incident, person)
    chronicle.one("WMP-INCIDENTS", "concern", person, end - timedelta(days=29), "subject", "Taken to hospital")


def _all_year(chronicle: Chronicle, person: Person, end: date) -> None:
    """Twenty-three attendances in a year, never six in a month."""
    for step in range(23):
        day = end - timedelta(days=step * 15 + chronicle.dice.below(3))
        incident = chronicle.happens(chronicle.dice.pick(("illness", "injury")), day, person.household.home)
        chronicle.tell("NHS-ED", incident, person)
    for week in range(12):
        chronicle.one("NHS-MENTAL-HEALTH", "mental", person, end - timedelta(days=28 * week))


def _ambulance_adult(chronicle: Chronicle, person: Person, end: date) -> None:
    """Six calls in a month: falls, then fear of falling; the fire service fits a rail."""
    for step in range(6):
        kind = "injury" if step % 2 else "illness"
        chronicle.one("WMAS-CALLS", kind, person, end - timedelta(days=step * 3), note="Treated at scene")
    for step in range(8):
        chronicle.one("WMAS-CALLS", "illness", person, end - timedelta(days=21 + step * 7), note="Conveyed")
    chronicle.one("WMFS-VISITS", "visit", person, end - timedelta(days=16), note="Smoke alarm fitted")
    chronicle.one("WMP-INCIDENTS", "concern", person, end - timedelta(days=47), "subject", "Door forced")


def _ambulance_child(chronicle: Chronicle, person: Person, end: date) -> None:
    """Four calls in six months for one child."""
    for day in _before(end, 0, 31, 77, 120):
        incident = chronicle.happens("illness", day, person.household.home_on(day))
        chronicle.tell("WMAS-CALLS", incident, person)
        if chronicle.dice.chance(0.6):
            chronicle.tell("NHS-ED", incident, person)


def _missing_school(chronicle: Chronicle, person: Person, end: date) -> None:
    """A day a week missed, then two; the family is on the programme."""
    missed = 14.0 + 22.0 * chronicle.dice.draw()
    for day in school_periods(end - timedelta(days=260), end):
        absence(chronicle, person, day, missed + 8.0 * chronicle.dice.draw())
    chronicle.one("EDU-EXCLUSIONS", "exclusion", person, end - timedelta(days=50))
    supporting_family(chronicle, person.household, end - timedelta(days=30), 4)


def _hardly_at_school(chronicle: Chronicle, person: Person, end: date) -> None:
    """More missed than attended, and nobody but the school sees it."""
    missed = 56.0 + 25.0 * chronicle.dice.draw()
    for day in school_periods(end - timedelta(days=330), end):
        absence(chronicle, person, day, missed + 8.0 * chronicle.dice.draw())


def _youth(chronicle: Chronicle, person: Person, end: date) -> None:
    """Hurt and hurting: fights, a blade, missing from home, a place on the tracker, out of school."""
    roles = ("victim", "suspect", "suspect", "victim")
    for day, role in zip(_before(end, 0, 24, 52, 150), roles, strict=True):
        incident = chronicle.happens("youth_violence", day, person.household.home_on(day))
        chronicle.tell("WMP-INCIDENTS", incident, person, role, note="Under investigation")
        if role == "victim":
            chronicle.tell("NHS-ED", incident, person)
    chronicle.one("EDU-EXCLUSIONS", "youth_violence", person, end - timedelta(days=14))
    chronicle.one("EDU-EXCLUSIONS", "youth_violence", person, end - timedelta(days=66))
    for day in _before(end, 8, 36, 61):
        incident = chronicle.happens("missing", day, person.household.home_on(day))
        chronicle.tell("WMP-INCIDENTS", incident, person, "subject", note="Found safe")
        chronicle.tell("SMBC-EXPLOITATION", incident, person, note="High")
    chronicle.one("SMBC-EXPLOITATION", "exploitation", person, end - timedelta(days=44), note="Medium")


def _hate_victim(chronicle: Chronicle, person: Person, end: date) -> None:
    """Abused in the street and at the door; police, council and landlord each hold a piece."""
    sources: tuple[tuple[str, ...], ...] = (
        ("WMP-INCIDENTS", "SMBC-ASB"),
        ("SMBC-ASB",),
        ("WMP-INCIDENTS",),
        ("SMBC-ASB",),
    )
    if person.household.council_tenant:
        sources = (*sources[:3], ("SCH-TENANCY", "WMP-INCIDENTS"))
    for day, agencies in zip(_before(end, 2, 19, 48, 79), sources, strict=True):
        incident = chronicle.happens("hate", day, person.household.home_on(day))
        for data_set in agencies:
            chronicle.tell(data_set, incident, person, "victim", note="No further action")


def _falling_through(chronicle: Chronicle, person: Person, end: date) -> None:
    """Losing a home, drinking, in crisis: every agency meets the same man and none has the whole."""
    chronicle.one("SCH-HOMELESS", "homeless", person, end - timedelta(days=70), note="Prevention duty")
    chronicle.one("SCH-TENANCY", "arrears", person, end - timedelta(days=110), note="Notice served")
    for day in _before(end, 0, 21, 43):
        incident = chronicle.happens("drugs", day, person.household.home_on(day))
        chronicle.tell("WMP-INCIDENTS", incident, person, "suspect", note="Words of advice")
        if chronicle.dice.chance(0.5):
            chronicle.tell("WMAS-CALLS", incident, person)
            chronicle.tell("NHS-ED", incident, person)
    crisis = chronicle.happens("mental", end - timedelta(days=33), person.household.home)
    for data_set in ("WMAS-CALLS", "NHS-ED", "NHS-MENTAL-HEALTH"):
        chronicle.tell(data_set, crisis, person)
    chronicle.one("WMFS-INCIDENTS", "fire", person, end - timedelta(days=58))


def _complained_of(chronicle: Chronicle, person: Person, end: date) -> None:
    """The subject of neighbours' complaints to police, council and landlord."""
    for day in _before(end, 0, 16, 37, 62):
        incident = chronicle.happens("asb", day, person.household.home_on(day), minute=1320)
        chronicle.tell("WMP-ASB", incident, person, "suspect")
        if chronicle.dice.chance(0.5):
            chronicle.tell("SMBC-ASB", incident, person, "suspect", note="Warning letter")
    chronicle.one("SCH-TENANCY", "noise", person, end - timedelta(days=27), "suspect", "Warning letter")


def _told_to_three(chronicle: Chronicle, person: Person, end: date) -> None:
    """A near miss: one night told to three agencies, and one more call. Two incidents, not four."""
    night = chronicle.happens("asb", end, person.household.home_on(end), minute=1290)
    chronicle.tell("WMP-ASB", night, person, "caller")
    chronicle.tell("SMBC-ASB", night, person, "caller")
    chronicle.tell("SCH-TENANCY", night, person, "caller", note="Complaint logged")
    nuisance(chronicle, person, end - timedelta(days=40), "caller", ("SMBC-ASB",))


def _spread_out(chronicle: Chronicle, person: Person, end: date) -> None:
    """A near miss: three agencies, each incident more than 90 days from the last but one."""
    chronicle.one("WMP-INCIDENTS", "theft", person, end, "victim")
    chronicle.one("SMBC-ASB", "asb", person, end - timedelta(days=70), "caller")
    chronicle.one("WMP-INCIDENTS", "damage", person, end - timedelta(days=140), "victim")
    chronicle.one("SMBC-NOISE", "noise", person, end - timedelta(days=210), "caller")


def _one_agency(chronicle: Chronicle, person: Person, end: date) -> None:
    """A near miss: four incidents in two months, all told to the police alone."""
    for day in _before(end, 0, 15, 33, 58):
        chronicle.one("WMP-INCIDENTS", chronicle.dice.pick(("theft", "damage")), person, day, "victim")


def _under_ten(chronicle: Chronicle, person: Person, end: date) -> None:
    """A child under ten named in police records: no rule that rests on police contact may apply."""
    for day, role in zip(_before(end, 0, 22, 51), ("suspect", "subject", "suspect"), strict=True):
        kind = "damage" if role == "suspect" else "missing"
        chronicle.one("WMP-INCIDENTS", kind, person, day, role, "No further action")
    chronicle.one("WMP-ASB", "asb", person, end - timedelta(days=36), "suspect")


def _partner_at_home(person: Person, age: int) -> bool:
    return person.part == "partner" and person.sex == "F" and age >= 19


def _adult(person: Person, age: int) -> bool:
    return age >= 20


_REPEAT = "repeat-contact"

STORIES = (
    Story(
        "anti-social behaviour, victim",
        f"{_REPEAT} repeat-contact-asb asb-case-review-solihull",
        _adult,
        _asb_victim,
        2.4,
    ),
    Story(
        "domestic abuse, victim",
        f"{_REPEAT} repeat-contact-vawg marac-repeat marac-escalation",
        _partner_at_home,
        _abused,
        9.0,
        (440, 540),
    ),
    Story("emergency department, in a month", f"{_REPEAT} high-intensity-use", _adult, _high_intensity, 1.2),
    Story("emergency department, all year", "high-intensity-use", _adult, _all_year, 0.7, (360, 372)),
    Story(
        "ambulance, adult", f"{_REPEAT} ambulance-frequent-adult", lambda person, age: age >= 62, _ambulance_adult, 6.0
    ),
    Story("ambulance, child", "ambulance-frequent-child", lambda person, age: 1 <= age <= 12, _ambulance_child, 1.6),
    Story(
        "missing school",
        "school-persistent-absence",
        lambda person, age: 7 <= age <= 15,
        _missing_school,
        3.0,
    ),
    Story(
        "hardly at school",
        "school-persistent-absence school-severe-absence",
        lambda person, age: 10 <= age <= 15,
        _hardly_at_school,
        2.0,
    ),
    Story(
        "youth violence",
        f"{_REPEAT} repeat-contact-youth-violence",
        lambda person, age: 13 <= age <= 17,
        _youth,
        9.0,
    ),
    Story(
        "hate crime, victim",
        f"{_REPEAT} repeat-contact-hate-crime",
        lambda person, age: age >= 18,
        _hate_victim,
        0.8,
    ),
    Story("falling through", _REPEAT, lambda person, age: 20 <= age <= 60, _falling_through, 1.8),
    Story("complained of", f"{_REPEAT} repeat-contact-asb", _adult, _complained_of, 1.0),
    Story("near miss: one night told to three", "", _adult, _told_to_three, 0.5),
    Story("near miss: spread out", "", _adult, _spread_out, 0.5),
    Story("near miss: one agency", "", _adult, _one_agency, 0.5),
    Story("near miss: under ten", "", lambda person, age: 6 <= age <= 8, _under_ten, 0.5),
)
