"""Chooses whose life holds which story, how many, and whether it is going on or over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from kingshurst_tui.demo.events import Chronicle
from kingshurst_tui.demo.people import Household, Person
from kingshurst_tui.demo.stories import STORIES, Story


@dataclass(frozen=True, slots=True)
class Lived:
    """Whose story it was, which, and when it ended; for the truth."""

    person: Person
    story: Story
    ended: date
    current: bool


_USUAL_WEIGHT = 10.0


def frequent_users(people: int) -> int:
    """Return how many people of a town have a story: 12 % of a small one, a few hundred and more of a large."""
    return min(round(people * 0.12), 210 + round(people * 0.015))


def live(chronicle: Chronicle, households: list[Household], number: int) -> list[Lived]:
    """Give so many people of a block their stories; the first go round every story, now and in the past.

    Args:
        chronicle: where their incidents go.
        households: the block's households.
        number: how many people.
    """
    dice = chronicle.dice
    people = [person for house in households for person in house.members]
    ages = {person.number: person.age(chronicle.today) for person in people}
    taken: set[int] = set()
    lived: list[Lived] = []

    def give(story: Story, person: Person, current: bool) -> None:
        back = dice.between(11, 17) if current else dice.between(*story.past_days)
        ended = chronicle.today - timedelta(days=back)
        taken.add(person.number)
        before = len(chronicle.tellings)
        story.live(chronicle, person, ended)
        if len(chronicle.tellings) > before:
            lived.append(Lived(person, story, ended, current))

    order = dice.several(people, len(people))
    for current in (True, False):
        for story in STORIES:
            person = next((p for p in order if p.number not in taken and story.fits(p, ages[p.number])), None)
            if person is not None and len(lived) < number:
                give(story, person, current)
    for person in order:
        if len(lived) >= number:
            break
        if person.number in taken:
            continue
        fitting = [story for story in STORIES if story.fits(person, ages[person.number])]
        if not fitting:
            continue
        # Those whom few stories fit are passed over more often: most small children need nobody.
        point = dice.draw() * max(_USUAL_WEIGHT, sum(story.weight for story in fitting))
        for story in fitting:
            point -= story.weight
            if point < 0:
                give(story, person, dice.chance(0.6))
                break
    return lived
