"""Counts by place and month; they belong to nobody and rest on no invented person."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date

from kingshurst_tui.demo.dice import Dice
from kingshurst_tui.demo.geography import Ground
from kingshurst_tui.demo.places import postcode
from kingshurst_tui.demo.writers import Cell

_CRIMES = (
    ("anti-social-behaviour", 4.0), ("violent-crime", 5.0), ("criminal-damage-arson", 1.4), ("vehicle-crime", 1.6),
    ("burglary", 0.7), ("drugs", 0.5), ("public-order", 1.3),
)  # fmt: skip
"""Mean count for a small area and month, near those published for north Solihull (police.uk, 2023 to 2024)."""
_FIRES = 0.75
"""The same for what the fire service is called to."""
_ALARMS = 1.9
"""Mean number of calls a month to one block of flats on top of that: a fire service is called there by its alarms."""
_REPORTS = (("fly-tipping", 7.0), ("litter and graffiti", 4.5), ("noise", 4.5))
"""The same for what people report to the council's street services; invented, as is its turn through the year."""
REPORTED_MONTHS = 40
"""Long enough that each month of the year can have a figure of its own and past months can still be held out."""
_TURN, _MOST_IN = 0.35, 7
_PARADE = 2.4
_USUAL_RESIDENTS = 1_550


def months(today: date, number: int = 24) -> list[tuple[int, int]]:
    """Return the last so many whole months before a day, as year and month."""
    last = today.year * 12 + today.month - 1
    return [(month // 12, month % 12 + 1) for month in range(last - number, last)]


def crimes(dice: Dice, ground: Ground) -> Iterator[list[Cell]]:
    """Yield rows of recorded crime; one month is a third collected, as such files are now and then."""
    span = months(ground.today)
    for area in range(ground.areas):
        for place, (year, month) in enumerate(span):
            for category, mean in _CRIMES:
                part = 0.35 if place == len(span) - 9 else 1.0
                count = dice.count(mean * part * (_PARADE if area == ground.met_by_one else ground.need(area)))
                if count:
                    yield [ground.code(area), ground.name(area), category, str(year), str(month), str(count)]


def fires(dice: Dice, ground: Ground) -> Iterator[list[Cell]]:
    """Yield rows of fire incidents by postcode."""
    span = months(ground.today)
    for number in range(ground.postcodes):
        mean = _FIRES * ground.areas / ground.postcodes * ground.need(ground.area_of(number))
        mean += _ALARMS if number == ground.flats else 0.0
        for year, month in span:
            count = dice.count(mean)
            if count:
                kind = dice.pick(("Fire", "False Alarm", "Special Service"))
                yield [postcode(number), f"{month:02d}/{year}", kind, str(count), str(count + dice.below(3))]


def reports(dice: Dice, ground: Ground) -> Iterator[list[Cell]]:
    """Yield rows of reports to the council, by season; the residents explain all but one small area's."""
    for area in range(ground.areas):
        share = 2.2 if area == ground.met_by_all else 0.75 + 0.25 * ground.need(area)
        share *= ground.residents(area) / _USUAL_RESIDENTS
        for year, month in months(ground.today, REPORTED_MONTHS):
            season = 1 + _TURN * math.cos(2 * math.pi * (month - _MOST_IN) / 12)
            for category, mean in _REPORTS:
                if count := dice.count(mean * season * share):
                    yield [ground.code(area), ground.name(area), category, f"{month:02d}/{year}", str(count)]
