"""How long does one key press take among 200,000 people, all of them open and so all to be searched?

Each query is typed letter by letter, as the screen asks it: whole names, misspelt ones, a date of birth, a postcode,
a pseudonym, an own reference. Beside it, one pass of rapidfuzz over the same names, which is the least a search for
misspellings without an index can cost.

usage: python -m benchmarks.find_as_you_type [--people N]
"""

from __future__ import annotations

import argparse
import random
from datetime import date, timedelta

from rapidfuzz import process
from rapidfuzz.distance import OSA

from benchmarks.extracts import SYLLABLES
from benchmarks.measure import Times, percentile, ratio, spell, timed
from kingshurst_tui.casework.search_index import Findable, SearchIndex

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def invented(count: int, seed: int = 9) -> list[Findable]:
    """Return so many people, each with a name, a second spelling, a day, a postcode and a reference."""
    dice = random.Random(seed)

    def word(parts: int) -> str:
        return "".join(SYLLABLES[int(dice.random() ** 1.5 * len(SYLLABLES))] for _ in range(parts)).title()

    people = []
    for number in range(count):
        forename, surname = word(2), word(dice.choice((2, 3, 3)))
        born = date(1930, 1, 1) + timedelta(days=dice.randrange(31_000))
        pseudonym = "KH-{}-{}".format("".join(dice.choices(ALPHABET, k=4)), "".join(dice.choices(ALPHABET, k=4)))
        name = f"{forename} {surname}"
        other = f"{forename} {surname[:-1]}"
        postcode = f"B{dice.randrange(33, 40)} {dice.randrange(1, 10)}{dice.choice('ABDE')}{dice.choice('HJLN')}"
        people.append(
            Findable(
                number + 1,
                pseudonym,
                name,
                (name, other),
                (born.isoformat(),),
                (postcode,),
                (f"SCH-{number:06d}",),
                (pseudonym,),
            )
        )
    return people


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=200_000)
    options = parser.parse_args()
    people = invented(options.people)
    built: list[SearchIndex] = []
    building = timed(lambda: built.append(SearchIndex(people)))
    index = built[0]
    dice = random.Random(1)
    queries = []
    for person in dice.sample(people, 12):
        forename, surname = person.name.split()
        queries += [person.name, f"{surname[:2]}x{surname[3:]} {forename[:3]}", surname]
        queries += [person.born[0], person.postcodes[0], person.pseudonym, person.references[0]]
        assert any(hit.profile_id == person.profile_id for hit in index.find(person.pseudonym).hits)
        assert index.find(person.name).total
    presses = [query[:length] for query in queries for length in range(1, len(query) + 1)]
    index.find("warm")
    ours = Times("a key press", tuple(timed(lambda p=press: index.find(p)) for press in presses))  # type: ignore[misc]
    names = [name for person in people for name in person.names]
    whole = [query for query in queries if query[0].isalpha()][:40]
    bare = Times(
        "one pass of rapidfuzz",
        tuple(timed(lambda q=q: process.extract(q, names, scorer=OSA.distance, limit=50)) for q in whole),  # type: ignore[misc]
    )
    print(f"{options.people:,} people; the index was ready after {spell(building)}")
    ratio(ours, bare)
    print(f"99 of 100 key presses within {spell(percentile(ours.seconds, 0.99))}")


if __name__ == "__main__":
    main()
