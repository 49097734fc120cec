"""A flag as a row and facts: which rule, on what, until when, and whether people found it useful."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kingshurst_tui.dates import say_date, show_date
from kingshurst_tui.learning.usefulness import NOT_USEFUL, USEFUL, VERDICTS
from screens.profile_words import said_day
from screens.widgets.virtual_table import Row

if TYPE_CHECKING:
    from kingshurst_tui.casework.explaining import FlagShown
    from kingshurst_tui.learning.said_of_flags import Word
    from screens.widgets.facts import Fact

STATE_SIGNS = {"current": "●", "unknown": "?", "lapsed": "○", "later": "○"}


def flag_row(flag: FlagShown) -> Row:
    """Return one flag as a line."""
    state = f"{STATE_SIGNS.get(flag.state, ' ')} {flag.state}"
    cells = (state, flag.title, show_date(flag.raised_on), show_date(flag.lapses_on), said_shortly(flag))
    return Row(flag.flag_id, cells, quiet=flag.state == "lapsed")


def flag_facts(flag: FlagShown) -> list[Fact]:
    """Return everything that explains one flag."""
    facts: list[Fact] = [("Flag", f"{flag.title}: {flag.state}, raised {say_date(flag.raised_on)}")]
    facts += said_facts(flag.said)
    if flag.rule_code:
        facts += [
            ("Rule", f"{flag.rule_code}, version {flag.rule_version}: {flag.threshold}"),
            ("Counts", flag.counts),
            ("Bearing", flag.bearing),
            ("Window", f"{say_date(flag.window[0])} to {say_date(flag.window[1])}"),
        ]
    if flag.by_role:
        facts.append(("As", ", ".join(f"{role} in {number}" for role, number in flag.by_role)))
    for number, incident in enumerate(flag.incidents):
        reports = f", {incident.reports} reports" if incident.reports > 1 else ""
        told = f"{say_date(incident.day)}: {', '.join(incident.agencies)} (as {', '.join(incident.roles)}{reports})"
        facts.append(("Incidents" if number == 0 else " ", told))
    for label, words in (("Do", flag.tell), ("Clears", flag.clears), ("Source", flag.source)):
        if words:
            facts.append((label, words))
    if flag.source_says:
        facts.append((" ", f"“{flag.source_says}”"))
    if flag.untested:
        facts.append(("Untested", flag.untested))
    facts += [("Unknown", gap) for gap in flag.gaps]
    return facts


def said_shortly(flag: FlagShown) -> str:
    """Return how many people found a flag useful and how many did not, in a cell."""
    number = Counter(word.verdict for word in flag.said)
    return ", ".join(f"{number[each]} {words}" for each, words in ((USEFUL, "yes"), (NOT_USEFUL, "no")) if number[each])


def said_facts(said: Sequence[Word]) -> list[Fact]:
    """Return what each person said of a flag, and why where that may be read."""
    return [
        (
            "Useful?" if number == 0 else " ",
            f"{VERDICTS[word.verdict]}, by {word.by} on {said_day(word.at)}{f': {word.why}' if word.why else ''}",
        )
        for number, word in enumerate(said)
    ]
