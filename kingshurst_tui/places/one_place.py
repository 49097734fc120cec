"""One place with everything that may be shown of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kingshurst_tui.errors import NotFound
from kingshurst_tui.places import postcode_years, standing_since
from kingshurst_tui.places.comparing import Compared, codes_needed, compare_all
from kingshurst_tui.places.geography import Geography, geography
from kingshurst_tui.places.organisations import NOBODY_LIVES_THERE, what_became_of_it, where_it_lies
from kingshurst_tui.places.published import PublishedSet, shown
from kingshurst_tui.places.vocabulary import IN_WORDS, ORGANISATIONS, Level

if TYPE_CHECKING:
    from kingshurst_tui.places.found import PostcodePlace
    from kingshurst_tui.places.postcode_years import PostcodeYears
    from kingshurst_tui.session import Session

NO_LOOK_UP = "No look-up was imported yet: places have no names, no residents and nothing to stand beside."
LEVEL_WORDS = {
    Level.POSTCODE: "postcode",
    Level.OUTPUT_AREA: "output area",
    Level.LSOA: "LSOA",
    Level.MSOA: "MSOA",
    Level.WARD: "ward",
    Level.LOCAL_AUTHORITY: "borough",
    Level.ORGANISATION: "organisation",
    Level.SCHOOL: "school",
}


@dataclass(frozen=True, slots=True)
class OnePlace:
    """What is shown of one place.

    Attributes:
        code: its code; empty where no place is known at all.
        about: what it is, in sentences: level, residents, deprivation, what it is of, whether it ends.
        sets: what is published, of this place and of those it stands beside.
        compared: the same data sets in the same order, set against the borough, like places and the year before.
        area: the priority area that ``compared`` is about; empty for all categories.
        postcode: of a postcode, what is told of its years; then nothing is compared.
        neighbours: of a postcode, those of which something is told, in the order in which one goes through them.
    """

    code: str
    name: str
    level: Level | None
    about: tuple[str, ...]
    sets: tuple[PublishedSet, ...]
    compared: tuple[Compared, ...]
    area: str
    geography: Geography
    postcode: tuple[PostcodeYears, ...] = ()
    neighbours: tuple[str, ...] = ()


def one_place(session: Session, code: str = "", *, area: str = "") -> OnePlace:
    """Return a place with what each agency meets there.

    Args:
        session: who looks.
        code: of a ward, an LSOA or the borough, or a postcode; the borough if none.
        area: one priority area's categories together; all categories if none.

    Raises: NotFound (no look-up has the place), Refused (the role sees no area measures).
    """
    known = geography(session)
    code = found_code(known, code)
    if known.level(code) is None and (at := known.postcode(code)) is not None:
        return _one_postcode(session, known, at, area)
    # Of an organisation only what is counted at its like; of ground nothing that is counted at an organisation.
    level = known.level(code)
    sort = level if level in ORGANISATIONS else None
    every = shown(session, codes_needed(known, code) if code else [])
    sets = tuple(one for one in every if (one.leaves if one.leaves in ORGANISATIONS else None) == sort)
    compared = tuple(compare_all(sets, known, code, area=area)) if code else ()
    return OnePlace(
        code,
        known.name(code) if code else "",
        known.level(code) if code else None,
        tuple(_about(known, code, standing_since.of_place(session, code))) if code else (NO_LOOK_UP,),
        sets,
        compared,
        area,
        known,
    )


def _one_postcode(session: Session, known: Geography, at: PostcodePlace, area: str) -> OnePlace:
    told = postcode_years.told(session, known)
    sets = tuple(shown(session, [at.postcode, at.lsoa]))
    years = postcode_years.of_postcode(sets, at.postcode, at.lsoa)
    neighbours = tuple(dict.fromkeys(each.postcode for each in told))
    about = tuple(_about_postcode(known, at))
    return OnePlace(at.postcode, at.postcode, Level.POSTCODE, about, sets, (), area, known, years, neighbours)


def found_code(known: Geography, asked: str) -> str:
    """Return the code of what somebody asked for: a code, a name or a postcode; the borough's where it is nothing.

    Raises: NotFound.
    """
    asked = " ".join(asked.split())
    if not asked:
        boroughs = known.codes(Level.LOCAL_AUTHORITY) or known.wards
        return boroughs[0] if boroughs else ""
    if known.level(asked.upper()) is not None:
        return asked.upper()
    by_name = [code for code in everywhere(known) if known.name(code).casefold() == asked.casefold()]
    if by_name:
        return by_name[0]
    postcode = known.postcode(asked)
    if postcode is not None and not postcode.is_ours:
        raise NotFound(
            f"{postcode.postcode} lies outside the borough.",
            "Nothing was shown: what is counted there is not counted here.",
            "Type a postcode, a code or a name of this borough.",
        )
    if postcode is not None and postcode.lsoa:
        return postcode.postcode
    raise NotFound(
        f"No look-up has the place {asked!r}.",
        "Nothing was shown.",
        "Type the code, the name or a postcode; kingshurst places list STORE lists them.",
    )


def found_codes(known: Geography, asked: str) -> list[str]:
    """Return the code of what somebody asked for; where it is only a part of names, the codes of all that have it.

    Raises: NotFound.
    """
    try:
        return [found_code(known, asked)]
    except NotFound:
        part = " ".join(asked.split()).casefold()
        alike = [code for code in everywhere(known) if part in known.name(code).casefold()]
        if not alike:
            raise
        return alike


def everywhere(known: Geography) -> list[str]:
    """Return the borough, its wards and under each its LSOAs; then MSOAs and the organisations that are counted at."""
    found = list(known.codes(Level.LOCAL_AUTHORITY))
    under: set[str] = set()
    for ward in sorted(known.wards, key=known.name):
        found.append(ward)
        lsoas = sorted(known.children(ward, Level.LSOA), key=known.name)
        found += lsoas
        under.update(lsoas)
    found += sorted(set(known.codes(Level.LSOA)) - under, key=known.name)
    return found + sorted(known.codes(Level.MSOA), key=known.name) + sorted(known.counted, key=known.name)


def _about_postcode(known: Geography, at: PostcodePlace) -> list[str]:
    said = [f"Postcode in {known.name(at.lsoa)} ({at.lsoa})"]
    ward = known.parent(at.lsoa, Level.WARD)
    if ward is not None:
        said.append(f"counted in {known.name(ward.code)}")
    if at.ward and ward is not None and at.ward != ward.code:
        said.append(f"its point lies in {known.name(at.ward)}; counts by ward go by the LSOA")
    if at.ended:
        said.append(f"not in use since {at.ended}")
    return said


def _about(known: Geography, code: str, standing: str = "") -> list[str]:
    level = known.level(code)
    if code in known.organisations:
        one = known.organisations[code]
        kind = LEVEL_WORDS[level or Level.ORGANISATION].capitalize()
        said = [*where_it_lies(known, one).said, *what_became_of_it(known, one), NOBODY_LIVES_THERE]
        # They stand behind one another in one line here.
        own = [f"{each[0].lower()}{each[1:]}" if each.startswith(("It", "No")) else each for each in said]
        return [f"{kind} {code}", *(each.removesuffix(".") for each in own)]
    word = LEVEL_WORDS[level] if level else IN_WORDS[Level.LSOA]
    said = [f"{word if word.isupper() else word.capitalize()} {code}"]
    residents = known.residents(code)
    if residents is None:
        said.append("how many live there is not known")
    else:
        rebuilt = "" if residents.how == "published" else f", {residents.how}"
        said.append(f"{residents.number:,} residents ({residents.year}{rebuilt})")
    if standing:
        said.append(standing)
    decile = known.decile(code) if level is Level.LSOA else None
    if decile is not None:
        said.append(f"deprivation decile {decile} (1 is the most deprived tenth of England)")
    ward = known.parent(code, Level.WARD) if level is Level.LSOA else None
    if ward is not None:
        said.append(f"in {known.name(ward.code)} ({'by best fit' if ward.fit == 'best-fit' else ward.fit})")
    if level is Level.WARD:
        said.append(f"{len(known.children(code, Level.LSOA))} LSOAs by best fit")
        if known.begins(code):
            is_newer = any(of < known.begins(code) for of in known.ward_vintages)
            earlier = "; what is older is rebuilt from its LSOAs" if is_newer else ""
            said.append(f"a ward since {known.begins(code)}{earlier}")
        if known.ends(code):
            said.append(f"no ward after {known.ends(code)}: compare its LSOAs across that year")
    others = known.straddles(code)
    if others:
        named = {known.name(other): other for codes in others.values() for other in codes}
        elsewhere = ", ".join(
            f"another borough ({code})" if name == code else name for name, code in sorted(named.items())
        )
        said.append(f"some postcodes of {', '.join(others)} lie in {elsewhere}, and are not counted here")
    return said
