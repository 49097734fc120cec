"""Saying on a profile's timeline that reports are one incident, or that they are not; the word stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from kingshurst_tui.casework import rulings
from kingshurst_tui.counting import some
from kingshurst_tui.dates import say_date
from kingshurst_tui.vocabulary import Operation, Thing
from screens.ask_words import AskWords
from screens.choose import Choose
from screens.conflict import say
from screens.drafting import Draft

if TYPE_CHECKING:
    from kingshurst_tui.casework.profile_records import TimelineRow
    from kingshurst_tui.casework.recompute import Recomputed

Lines = Mapping[str, Sequence["TimelineRow"]]
"""The reports of each line of the timeline, by its key."""

MOST_OFFERED: Final = 40
"""Other lines offered for joining, the nearest by day; what lies farther off is hardly one event."""

RULED: Final = "Kept with the contacts, and sealed in the trail. A later word on them replaces yours."


async def rule_on_incident(screen: Any, lines: Lines, key: str) -> bool:
    """Ask what is, or is not, one incident with the line at the cursor, and why; then say so. Flags follow."""
    reports = lines[key]
    chosen = await screen.app.push_screen_wait(
        Choose("One incident, or several?", _offers(lines, key), words=f"The line at the cursor: {_line(reports)}.")
    )
    if chosen is None:
        return False
    doing, _, number = chosen.partition(" ")
    contacts = [report.contact_id for report in reports]
    others: list[int] = []
    if doing == "join":
        contacts += [report.contact_id for report in lines[number]]
    elif doing == "apart":
        others = [contact for contact in contacts if contact != int(number)]
        contacts = [int(number)]
    same = doing == "join"
    draft = Draft(Operation.ALTER, Thing.PROFILE, screen.profile.profile_id, f"incident-{contacts[0]}")
    await screen.ask(draft.load, screen.session)

    def box(given: str) -> AskWords:
        question = "Why is this one incident?" if same else "Why is this not one incident?"
        return AskWords(question, f"{_line(reports)}. {RULED}", given=given, draft=draft)

    done: Recomputed
    said, done = await say(screen, box, draft, rulings.rule_on, contacts, same=same, against=others)
    if not said:
        return True
    screen.notify(f"{'One incident' if same else 'Several incidents'} from now on. {_flags_said(done)}", markup=False)
    return True


def _offers(lines: Lines, key: str) -> list[tuple[str, str]]:
    reports = lines[key]
    offers = []
    if len(reports) > 1:
        offers.append(("split ", f"Its {len(reports)} reports are an incident each"))
    if len(reports) > 2:
        offers += [
            (f"apart {report.contact_id}", f"Only this report is another incident: {_report(report)}")
            for report in reports
        ]
    day = reports[0].day
    others = sorted((each for each in lines if each != key), key=lambda each: abs((lines[each][0].day - day).days))
    return offers + [(f"join {other}", f"One incident with {_line(lines[other])}") for other in others[:MOST_OFFERED]]


def _line(reports: Sequence[TimelineRow]) -> str:
    more = f", {len(reports)} reports" if len(reports) > 1 else ""
    agencies = ", ".join(dict.fromkeys(report.agency for report in reports))
    return f"{reports[0].category} of {say_date(min(report.day for report in reports))} ({agencies}{more})"


def _report(report: TimelineRow) -> str:
    return f"{report.category} of {say_date(report.day)} {report.time} ({report.agency}, as {report.role})"


def _flags_said(done: Recomputed) -> str:
    if not done.rules_ran:
        return "No set of rules is approved, so flags stay as they were."
    counts = (("raised", done.raised), ("corrected", done.corrected), ("withdrawn", done.withdrawn))
    said = ", ".join(f"{some(count, 'flag')} {what}" for what, count in counts if count)
    return f"{said[:1].upper()}{said[1:]}." if said else "No flag changed by it."
