"""What is said of a place itself: where it lies, who lives there, what it is like; and of the files that say so."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import db.places
from kingshurst_tui.clock import plain_date
from kingshurst_tui.counting import some
from kingshurst_tui.errors import NotFound
from kingshurst_tui.places import postcode_years, published
from kingshurst_tui.places.geography import Geography, Vintaged, geography
from kingshurst_tui.places.organisations import NOBODY_LIVES_THERE, plain_day, what_became_of_it, where_it_lies
from kingshurst_tui.places.publishing import refresh
from kingshurst_tui.places.vocabulary import IN_WORDS, ORGANISATIONS, Fit, Level, SourceKind
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from kingshurst_tui.session import Session

_NAMES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Source:
    """One published file that came in."""

    source: int
    kind: str
    title: str
    vintage: str
    file: str
    rows: int
    left_out: int
    imported_by: str
    imported_on: str
    status: str


@dataclass(frozen=True, slots=True)
class Listed:
    """What the store knows of places.

    Attributes:
        said: what to know of it, in sentences.
    """

    sources: list[Source]
    said: list[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """One place.

    Attributes:
        lies_in: name, code and fit of larger places.
        residents: with the year and how they were counted; None where nobody says.
        like: places of the same level and like deprivation.
        years: of a postcode, what is told of its calendar years, a sentence for each data set.
        said: what to know of it, in sentences.
        counted: of an organisation what each data set counts at it, small counts hidden.
    """

    code: str
    name: str
    level: str
    lies_in: list[dict[str, str]]
    lsoas: list[str]
    residents: dict[str, int | str] | None
    decile: int | None
    mean_rank: int | None
    like: list[str]
    begins: str
    ends: str
    said: list[str] = field(default_factory=list)
    years: list[str] = field(default_factory=list)
    counted: list[str] = field(default_factory=list)


def listed(session: Session) -> Listed:
    """Return the files that came in, and what they say of wards and postcodes. Raises: Refused."""
    found = geography(session)
    sources = [
        Source(
            each.id,
            each.kind,
            each.title,
            each.vintage,
            each.file_name,
            each.rows,
            each.left_out,
            each.imported_by,
            each.imported_at[:10],
            each.status,
        )
        for each in session.look(db.places.sources)
    ]
    said = _of_all(found, session.clock.today().year)
    stands = [each.kind for each in sources if each.status == db.places.ACCEPTED]
    if found.located and SourceKind.LSOA_BOUNDARIES not in stands:
        said.append("No boundaries of LSOAs are held: the maps of the Board's report are approximate, and say so.")
    return Listed(sources, said)


def _of_all(found: Geography, this_year: int) -> list[str]:
    said = []
    apart, compared = found.disagreement()
    if compared:
        said.append(
            "Ward by a postcode's point and ward by its LSOA's best fit differ for "
            f"{apart:,} of {compared:,} postcodes ({100 * apart / compared:.1f} %)."
        )
    ending: dict[str, list[str]] = {}
    for code in found.wards:
        if year := found.ends(code):
            ending.setdefault(year, []).append(code)
    for year, codes in sorted(ending.items()):
        verb = ("ended", "ended") if int(year) < this_year else ("ends", "end")
        newer = [of for of in found.vintages(Level.WARD) if of > year]
        said.append(f"{some(len(codes), f'ward {verb[0]}', f'wards {verb[1]}')} in {year}.")
        if newer and not any(of > year for of in found.ward_vintages):
            said.append(
                f"No look-up says of which LSOAs the wards of {newer[-1]} consist: until one is taken in, places are "
                f"shown by the wards of {found.ward_vintages[0]}, and figures are not compared across the change."
            )
    if found.located and (without := [each for each in found.codes(Level.LSOA) if each not in found.points]):
        said.append(f"No postcode is known of {len(without):,} LSOAs: {_some(found, without)}.")
    return said


def shown(session: Session, text: str) -> Shown:
    """Return what is known of a place: by its code, its name or a postcode.

    Raises:
        Refused: the role may not.
        NotFound: no look-up has it.
    """
    found = geography(session)
    try:
        code = _code(found, text)
    except NotFound:
        # An organisation that no list names is known once what is counted at it was published.
        if not session.may(Operation.CONSULT, Thing.AREA_MEASURE):
            raise
        refresh(session)
        found = geography(session)
        code = _code(found, text)
    if found.level(code) is None:
        return _postcode(session, found, code)
    level = found.level(code) or Level.LSOA
    if level in ORGANISATIONS:
        return replace(_organisation(found, code, level), counted=_counted(session, found, code))
    of = next((each for each in found.ward_vintages if code in found.codes(Level.WARD, each)), "")
    live = found.residents(code)
    rank = found.rank(code)
    said = _shared(found, code)
    if level == Level.WARD:
        said = [*_change(found, code, of), *said]
    return Shown(
        code=code,
        name=found.name(code),
        level=level.value,
        lies_in=_lies_in(found, code, level),
        lsoas=found.lsoas_of([code]) if level != Level.LOCAL_AUTHORITY else [],
        residents={"number": live.number, "year": live.year, "how": live.how} if live else None,
        decile=found.decile(code),
        mean_rank=round(rank) if rank is not None and level == Level.WARD else None,
        like=found.like(code),
        begins=found.begins(code),
        ends=found.ends(code),
        said=said,
    )


def _counted(session: Session, found: Geography, code: str) -> list[str]:
    """Return what is counted at an organisation, for whoever sees counts of places."""
    from kingshurst_tui.places.comparing import codes_needed, compare_all
    from kingshurst_tui.places.published import shown as published

    if not session.may(Operation.CONSULT, Thing.AREA_MEASURE):
        return []
    sets = [one for one in published(session, codes_needed(found, code)) if code in one.places]
    return [words for each in compare_all(sets, found, code) for words in each.words] if sets else []


def _organisation(found: Geography, code: str, level: Level) -> Shown:
    one = found.organisations[code]
    lies = where_it_lies(found, one)
    said = [*lies.said, *what_became_of_it(found, one), NOBODY_LIVES_THERE]
    name = found.name(code)
    return Shown(code, name, level.value, lies.within, [], None, None, None, [], one.opened, one.closed, said)


def _code(found: Geography, text: str) -> str:
    wanted = " ".join(text.split())
    if found.level(wanted.upper()) is not None or found.postcode(wanted) is not None:
        return wanted.upper()
    named = [code for code, name in found.names.items() if name.casefold() == wanted.casefold()]
    # The newest of those of one name that LSOAs are looked up in; a ward of which only the name is known comes last.
    named.sort(key=lambda code: (bool(found.lsoas_of([code])), found.begins(code), code))
    if not named:
        raise NotFound(
            "No look-up that was taken in has that place.",
            "Nothing was shown.",
            "What was taken in: kingshurst places list STORE",
        )
    return named[-1]


def _postcode(session: Session, found: Geography, text: str) -> Shown:
    at = found.postcode(text)
    assert at is not None  # noqa: S101 - it was found by it
    lies: list[dict[str, str]] = []
    for code, fit, of in (
        (at.lsoa, at.fit, ""),
        (at.ward, at.fit, at.ward_vintage),
        (at.ward_by_lsoa, Fit.BEST_FIT, found.ward_vintages[0] if found.ward_vintages else ""),
        (at.local_authority, at.fit, ""),
    ):
        if code:
            lies.append({"code": code, "name": found.name(code), "fit": fit.value, "vintage": of})
    said = _shared(found, text)
    if not at.is_ours:
        said.append("It lies outside the borough: what is counted there is not counted here.")
    elif not at.lsoa:
        said.append("No look-up says in which LSOA it lies: what is counted there counts for no small area.")
    if at.ward and at.ward_by_lsoa and at.ward != at.ward_by_lsoa:
        said.append(
            f"Its point lies in {found.name(at.ward)}; its LSOA fits {found.name(at.ward_by_lsoa)} best. "
            "Counts by ward go by the LSOA."
        )
    if at.ended:
        said.append(f"It has not been in use since {at.ended}.")
    years: list[str] = []
    if at.is_ours and at.lsoa:
        sets = published.shown(session, [at.postcode, at.lsoa])
        years = [each.words for each in postcode_years.of_postcode(sets, at.postcode, at.lsoa)]
        said.append(postcode_years.DEFINED if years else "No partner shares counts by postcode.")
    return Shown(at.postcode, at.postcode, Level.POSTCODE.value, lies, [], None, None, None, [], "", "", said, years)


def _lies_in(found: Geography, code: str, level: Level) -> list[dict[str, str]]:
    lies: list[dict[str, str]] = []
    levels = (Level.LSOA, Level.MSOA, Level.WARD, Level.LOCAL_AUTHORITY)
    larger = [each for each in levels if list(Level).index(each) > _size(level)]
    for each in larger:
        for of in found.ward_vintages if each == Level.WARD else ("",):
            up = found.parent(code, each, of)
            if up is not None and not any(up.code == one["code"] for one in lies):
                lies.append({"code": up.code, "name": found.name(up.code), "fit": up.fit.value, "vintage": of})
    return lies


def _size(level: Level) -> int:
    return list(Level).index(level)


def _change(found: Geography, code: str, vintage: str) -> list[str]:
    ends = found.ends(code)
    newer = [of for of in found.vintages(Level.WARD) if ends and of > ends]
    if not ends or not newer:
        return []
    same = [each for each in found.codes(Level.WARD, newer[-1]) if found.name(each) == found.name(code)]
    if not same:
        return [
            f"It ends in {ends}, and no ward of {newer[-1]} has its name: figures are compared across the change only "
            "where they are by LSOA, and a look-up says of which LSOAs the new wards consist."
        ]
    told = found.comparable(Vintaged(code, vintage or ends), Vintaged(same[0], newer[-1]))
    return [f"It ends in {ends}. {told.how}"]


def _shared(found: Geography, code: str) -> list[str]:
    sectors = found.straddles(code)
    if not sectors:
        return []
    others = sorted({found.name(each) for boroughs in sectors.values() for each in boroughs})
    return [f"Postcodes of {', '.join(sectors)} lie in {' and '.join(others)} too; these are not counted here."]


def _some(found: Geography, codes: list[str]) -> str:
    named = [found.name(code) for code in codes[:_NAMES_SHOWN]]
    more = f" and {len(codes) - _NAMES_SHOWN:,} more" if len(codes) > _NAMES_SHOWN else ""
    return ", ".join(named) + more


def list_in_lines(found: Listed) -> list[str]:
    """Return the files that came in as lines."""
    from datetime import date

    lines = [
        f"{each.source:>4} {each.title:<64.64} {each.rows:>6,} rows  {plain_date(date.fromisoformat(each.imported_on))}"
        f"{'' if each.status == db.places.ACCEPTED else '  ' + each.status.replace('-', ' ')}"
        for each in found.sources
    ]
    return [*lines, *found.said] or [
        "No look-up was taken in yet.",
        "Begin with LSOAs to wards, as the Office for National Statistics publishes it:",
        "kingshurst places import STORE FILE",
    ]


def in_lines(found: Shown) -> list[str]:
    """Return a place as lines."""
    level = IN_WORDS[Level(found.level)]
    lines = [f"{found.name} ({found.code}), {level}" if found.name != found.code else f"{found.code}, {level}"]
    for each in found.lies_in:
        of = f" of {each['vintage']}" if each["vintage"] else ""
        lines.append(f"  in {each['name']} ({each['code']}){of}: {each['fit']}")
    if found.begins or found.ends:
        begins, ends = plain_day(found.begins), plain_day(found.ends)
        lines.append(f"  from {begins or 'before any source'} to {ends or 'now'}")
    if found.residents is not None:
        how = "" if found.residents["how"] == "published" else f", {found.residents['how']}"
        lines.append(f"  {found.residents['number']:,} residents ({found.residents['year']}{how})")
    if found.decile is not None:
        lines.append(f"  decile {found.decile} of deprivation in England; 1 is the most deprived")
    if found.mean_rank is not None:
        lines.append(
            f"  mean rank {found.mean_rank:,} of its LSOAs by deprivation, weighted by residents; 1 is the most"
        )
    if found.like:
        lines.append(
            f"  like it: {', '.join(found.like[:_NAMES_SHOWN])}{' …' if len(found.like) > _NAMES_SHOWN else ''}"
        )
    return [*lines, *(f"  {each}" for each in (*found.years, *found.said, *found.counted))]
