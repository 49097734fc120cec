"""What the other parts of the place screen say: postcodes, what stands out, what is expected, and what came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from kingshurst_tui.clock import plain_date
from kingshurst_tui.places import forecast_record, postcode_years, standing_out
from kingshurst_tui.places.between import month_in_words
from kingshurst_tui.places.geography import geography
from kingshurst_tui.places.vocabulary import HIDDEN, NOT_KNOWN, Level
from kingshurst_tui.vocabulary import Operation, Thing
from screens.place_rows import facts_of_postcode, figure
from screens.widgets.facts import Fact
from screens.widgets.virtual_table import Row

if TYPE_CHECKING:
    from kingshurst_tui.places.forecast_record import Kept, Record
    from kingshurst_tui.places.geography import Geography
    from kingshurst_tui.places.postcode_years import PostcodeYears
    from kingshurst_tui.places.standing_out import Found, StandingOut
    from kingshurst_tui.places.standing_since import Cleared
    from kingshurst_tui.session import Session

Facts = Iterable[Fact]
Drawn = list[tuple[Row, Facts]]

LOOKED_AHEAD_AT: Final = frozenset({Level.WARD, Level.LSOA})


# --- postcodes ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Postcodes:
    """What is told of the postcodes of a place."""

    known: Geography
    code: str
    told: list[PostcodeYears]


def _read_postcodes(session: Session, code: str) -> Postcodes:
    known = geography(session)
    at = known.postcode(code) if known.level(code) is None else None
    return Postcodes(known, code, postcode_years.told(session, known, at.lsoa if at is not None else code))


def _postcodes(found: Postcodes) -> Drawn:
    """Return a line for each postcode and data set of which something is shown, under its LSOA."""
    drawn: Drawn = []
    for lsoa, of in groupby(found.told, key=lambda each: each.lsoa):
        name = found.known.name(lsoa)
        drawn.append((Row(f"{lsoa}/heading", (f"{name} ({lsoa})", "", "", ""), heading=True), _about_postcodes()))
        for each in of:
            newest = each.newest
            if newest is None:
                continue
            row = Row(
                f"{each.postcode}/{each.agreement_ref}",
                (f" {each.postcode}", f"{each.title} ({each.agency_code})", newest.year, figure(newest.shown)),
                reference=each.postcode,
            )
            drawn.append((row, tuple(facts_of_postcode(each))))
    if not drawn:
        row = Row("", ("", "No postcode here is shown.", "", ""), quiet=True)
        drawn.append((row, (*_about_postcodes(), ("", "/ goes to any postcode and says what is hidden of it."))))
    return drawn


def _about_postcodes() -> tuple[Fact, ...]:
    return (("", postcode_years.DEFINED),)


# --- what stands out ------------------------------------------------------------------------------------------


def _stands_out(found: Found) -> Drawn:
    """Return a line for each place that stands out, since when, and for each that cleared, with the evidence."""
    drawn: Drawn = []
    for each in found.places:
        least = min(part.low for part in each.evidence)
        cells = (each.name, ", ".join(each.agencies), f"{least:.1f} ×", plain_date(each.since) if each.since else "")
        drawn.append((Row(each.code, cells, reference=each.code), tuple(_of_standing_out(each, found))))
    said: Facts = tuple(("", words) for words in found.said)
    if not drawn:
        drawn.append((Row("", ("No place stands out today.", "", "", ""), quiet=True), said))
    if found.cleared:
        heading = Row("cleared:", ("Cleared within the last year", "", "", ""), heading=True)
        drawn.append((heading, (("", "Places that a look found to stand out, and a later one did not."),)))
        for gone in found.cleared:
            words = (gone.name, ", ".join(gone.agencies), "", f"to {plain_date(gone.last_on)}")
            row = Row(f"{gone.code}/cleared", words, quiet=True, reference=gone.code)
            drawn.append((row, tuple(_of_cleared(gone))))
    return drawn


def _of_standing_out(each: StandingOut, found: Found) -> Iterator[Fact]:
    yield "", each.words
    if each.since_words:
        yield "Stands out", each.since_words
    for part in each.evidence:
        yield part.agency_code, part.words
    yield "Would clear it", each.clears
    if found.rule is not None:
        yield "Ask", found.rule.tell
        yield "Rule", f"{found.rule.name}: {found.rule.in_words()}"
        yield "Source", f"{found.rule.source} {found.rule.source_says}"
    for said in found.said:
        yield "", said


def _of_cleared(each: Cleared) -> Iterator[Fact]:
    yield "", each.words
    yield "Cleared", f"seen by {each.cleared_by} on {plain_date(each.cleared_on)}; a day is that of a look"
    for words in each.evidence:
        yield "When last found", words
    if not each.evidence:
        yield "", "What it was found by is not shown: a data set of it may not be looked at any more."


# --- what is expected -----------------------------------------------------------------------------------------


def _read_ahead(session: Session, code: str) -> Record:
    known, record = geography(session), forecast_record.of_place(session, code)
    if record.said == (forecast_record.NONE_YET,) and known.level(code) not in LOOKED_AHEAD_AT:
        return replace(record, said=("Wards and LSOAs are looked ahead at, and no other places: w chooses one.",))
    if record.said == (forecast_record.NONE_YET,) and not session.may(Operation.COMBINE, Thing.FORECAST):
        return replace(record, said=(*record.said, "A coordinator or the governance officer can have it worked out."))
    return record


def _ahead(record: Record) -> Drawn:
    """Return, data set by data set, a line for each month to come beside how its like did before, then those."""
    drawn: Drawn = []
    every = sorted({(each.title, each.agency_code, each.agreement_ref) for each in (*record.ahead, *record.past)})
    said: Facts = tuple(("", words) for words in record.said)
    for title, agency, reference in every:
        past = [each for each in record.past if each.agreement_ref == reference]
        to_come = [each for each in record.ahead if each.agreement_ref == reference]
        for heading, months in (("to come", to_come), ("what came of earlier ones", past)):
            if not months:
                continue
            first = months is to_come or not to_come
            words = f"{title} ({agency}): {heading}" if first else heading.capitalize()
            drawn.append((Row(f"{reference}/{heading}", (words, "", "", "", ""), heading=True), said))
            for each in months:
                like = like_it(each, past)
                cells = (
                    f" {each.category or 'all'}",
                    month_in_words(each.month),
                    _expected(each),
                    figure(each.came) if each.came is not None else "",
                    _held(each) if months is past else record_in_words(like),
                )
                key = f"{reference}/{each.category}/{each.month}/{each.ahead}/{each.known_to}"
                facts = tuple(_of_month(each, record, () if months is past else like))
                drawn.append((Row(key, cells, quiet=months is past), facts))
    if not drawn:
        row = Row("", ("Nothing is expected.", "", "", "", ""), quiet=True)
        drawn.append((row, tuple(("", words) for words in record.said)))
    return drawn


def like_it(each: Kept, past: Iterable[Kept]) -> list[Kept]:
    """Return the earlier expectations of the same category at the same place."""
    return [one for one in past if one.category == each.category]


def record_in_words(past: list[Kept]) -> str:
    """Return how earlier expectations did, in a cell."""
    judged = [one.inside for one in past if one.inside is not None]
    if judged:
        return f"{sum(judged)} of {len(judged)} held"
    return f"{len(past)} came" if past else "none yet"


def _held(each: Kept) -> str:
    if each.inside is None:
        return "" if each.beats else "no interval"
    return "held" if each.inside else "✗ did not"


def _expected(each: Kept) -> str:
    if each.expected == HIDDEN:
        return "hidden"
    if not each.beats or each.high == NOT_KNOWN:
        return f"about {each.expected:,} *"
    low = "#" if each.low == HIDDEN else f"{each.low:,}"
    return f"about {each.expected:,} ({low}–{each.high:,})"


def _of_month(each: Kept, record: Record, before: Iterable[Kept]) -> Iterator[Fact]:
    yield "", each.words
    when = f"{each.ahead} {'month' if each.ahead == 1 else 'months'} ahead, knowing {month_in_words(each.known_to)} and"
    made = f", on {plain_date(each.made_at[:10])}" if each.made_at else ""
    yield "Made", f"{when} before{made}: {each.method}"
    if each.inside is not None:
        yield "Held", "it lies in the interval" if each.inside else "✗ it does not lie in the interval"
    for one in before:
        yield "Before", one.words
    for said in (*each.account, *record.said):
        yield "", said


READS: Final[dict[str, Callable[..., Any]]] = {
    "postcodes": _read_postcodes,
    "standing-out": lambda session, code: standing_out.standing_out(session),
    "ahead": _read_ahead,
}
"""What each part asks for, of a place."""

DRAWS: Final[dict[str, Callable[[Any], Drawn]]] = {
    "postcodes": _postcodes,
    "standing-out": _stands_out,
    "ahead": _ahead,
}
"""What draws it."""


def explaining(drawn: Drawn) -> Callable[[Row], Facts]:
    """Return what explains each of these rows."""
    facts = {row.key: said for row, said in drawn}
    return lambda row: facts.get(row.key, ())
