"""Which published files of places come in, and how: whole or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection

import db.places
from kingshurst_tui.clock import stamp
from kingshurst_tui.counting import some
from kingshurst_tui.errors import InputRejected, NotFound, StoreLocked
from kingshurst_tui.places import boundaries, figures, fitting, msoas, organisation_lists, postcodes
from kingshurst_tui.places.drafts import Draft, Known, rejected
from kingshurst_tui.places.reading import Columns, Published, kind_of
from kingshurst_tui.places.vocabulary import Fit, Level, SourceKind
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from pathlib import Path

    from kingshurst_tui.acts import Fact, Reason
    from kingshurst_tui.session import Session

ROWS_AT_ONCE = 500
"""Rows staged in one transaction: nobody waits long for a turn at writing."""

Read = Callable[[Published, Known, Collection[str], str], Draft]

_READERS: dict[SourceKind, Read] = {
    SourceKind.POSTCODES: postcodes.postcodes,
    SourceKind.LSOA_WARD: fitting.lsoa_to_ward,
    SourceKind.LSOA_MSOA: msoas.lsoa_to_msoa,
    SourceKind.LSOA_LSOA: fitting.lsoa_to_lsoa,
    SourceKind.OUTPUT_AREA_LSOA: fitting.output_area_to_lsoa,
    SourceKind.WARD_NAMES: fitting.ward_names,
    SourceKind.POPULATION: figures.population,
    SourceKind.DEPRIVATION: figures.deprivation,
    SourceKind.ORGANISATIONS: organisation_lists.organisations,
    SourceKind.SUCCESSIONS: organisation_lists.successions,
    SourceKind.LSOA_BOUNDARIES: boundaries.boundaries,
    SourceKind.WARD_BOUNDARIES: boundaries.boundaries,
}
_OF_FIGURES = frozenset({SourceKind.POPULATION, SourceKind.DEPRIVATION})
_OF_ORGANISATIONS = frozenset({SourceKind.ORGANISATIONS, SourceKind.SUCCESSIONS})
"""Of these several stand side by side: a list stands in place of another if it says as much of every organisation."""


@dataclass(frozen=True, slots=True)
class SourceImported:
    """What came of importing one published file.

    Attributes:
        source: its number.
        vintage: of its codes, as the Office for National Statistics names it: 2011, 2021, 2024.
        rows: that were taken.
        left_out: about other boroughs, or about what is not kept.
        said: what to know of it, in sentences.
        replaced: the sources that it stands in for from now on.
    """

    source: int
    kind: SourceKind
    title: str
    vintage: str
    rows: int
    left_out: int
    said: tuple[str, ...] = ()
    replaced: tuple[int, ...] = ()


def import_file(
    session: Session,
    path: Path,
    *,
    kind: SourceKind | None = None,
    vintage: str = "",
    year: str = "",
    borough: tuple[str, ...] = (),
    reason: Reason,
) -> SourceImported:
    """Take in one file of the Office for National Statistics or of the Indices of Deprivation, as published.

    Lists of schools (Department for Education) and of health organisations (NHS England) come in the same way.

    Args:
        session: of somebody who may.
        path: a CSV file; of boundaries a GeoJSON file.
        kind: what it says of places; found from its columns if none is given.
        vintage: of its codes; found from its columns if none is given.
        year: of its figures (2021, mid-2022); found from its columns if none is given.
        borough: local authorities whose places are wanted; those that the store knows if none is given.
        reason: why.

    Raises: InputRejected (nothing was stored), Refused, StoreLocked, StoreUnavailable.
    """
    _may(session, reason)
    with _alone(session):
        file = Published(path, year=year)
        sources = session.look(db.places.sources)
        _not_again(file, sources)
        made = _read(file, session.look(known), kind, vintage, borough)
        replaced = _replaced(made, sources, session.look(db.places.figures_by_source))
        if made.kind in _OF_ORGANISATIONS:
            is_dated = any(place.begins_on or place.ends_on for place in made.places.values())
            replaced = [
                each
                for each in replaced
                if session.look(db.places.codes_of, each) <= made.codes
                and (is_dated or not session.look(db.places.is_dated, each))
            ]
        source = _stage(session, made, file, path)
        facts: dict[str, Fact] = {
            "source": source,
            "kind": made.kind.value,
            "rows": made.rows,
            "file": file.digest[:16],
            "replaced": ", ".join(map(str, replaced)),
        }
        with session.act(Operation.COLLECT, Thing.PLACE, reason=reason, facts=facts) as act:
            act.write(db.places.accept, source, replaced)
        _purge_leftovers(session)
    said = [*made.said]
    if made.left_out:
        rows = some(made.left_out, "row is about another place and was", "rows are about other places and were")
        said.append(f"{rows} left out.")
    if replaced:
        titles = [each.title for each in sources if each.id in replaced]
        said.append(f"It stands from now on in place of: {', '.join(titles)}.")
    return SourceImported(
        source, made.kind, made.title, made.vintage, made.rows, made.left_out, tuple(said), tuple(replaced)
    )


def take_back(session: Session, source: int, *, reason: Reason) -> str:
    """Let a file that came in stand no more, and return its title; what it stood in place of has to come in again.

    Raises: NotFound (no such source stands), Refused, StoreLocked, StoreUnavailable.
    """
    _may(session, reason)
    with _alone(session):
        with session.act(
            Operation.COLLECT, Thing.PLACE, reason=reason, facts={"source": source, "step": "back"}
        ) as act:
            titles = {each.id: each.title for each in act.read(db.places.sources)}
            if not act.write(db.places.take_back, source):
                raise NotFound(
                    "No file of that number stands.", "Nothing was changed.", "See: kingshurst places list STORE"
                )
        _purge_leftovers(session)
    return titles[source]


def _read(file: Published, standing: Known, kind: SourceKind | None, vintage: str, borough: tuple[str, ...]) -> Draft:
    found = kind_of(file.columns)
    if kind is not None and found is not None and kind != found:
        raise rejected(f"The columns are those of {found}, not of {kind}.", "Leave --kind out, or give the right file.")
    if found is None:
        raise _unknown(file.columns)
    if vintage and not (vintage.isdigit() and len(vintage) == 4):
        raise rejected(f"{vintage[:20]!r} is no year.", "A vintage is a year, such as 2021.")
    made = _READERS[found](file, standing, borough, vintage)
    if not made.rows:
        raise rejected("The file has no row about a place of the borough.", "Use the file as published.")
    return made


def _unknown(columns: Columns) -> InputRejected:
    named = ", ".join(name[:40] for name in columns.header[:12])
    if columns.has("postcode"):
        return rejected(
            "The file has postcodes, and says neither their LSOA nor their local authority.",
            "Use the ONS Postcode Directory or the National Statistics Postcode Lookup, as published.",
            [f"Its columns: {named}"],
        )
    return rejected(
        "The columns are of no kind of file that is known here.",
        "Known are postcode directories, look-ups of LSOAs, wards and output areas, names of wards, populations, "
        "the Indices of Deprivation, and boundaries of LSOAs and wards (GeoJSON). An agency's counts come in with: "
        "kingshurst import STORE FILE --agreement REF",
        [f"Its columns: {named}"],
    )


def known(connection: Connection) -> Known:
    """Return what the sources that stand say of the borough, to check a file by."""
    boroughs: dict[str, str] = {}
    codes: dict[tuple[Level, str], set[str]] = defaultdict(set)
    years: dict[str, tuple[str, str]] = {}
    for place in map(db.places.PlaceRow._make, db.places.places(connection)):
        level = Level(place.level)
        codes[level, place.vintage].add(place.code)
        if level == Level.LOCAL_AUTHORITY:
            boroughs[place.code] = place.name or boroughs.get(place.code, "")
        if place.begins_on and place.level == Level.WARD:
            years[place.code] = (place.begins_on, place.ends_on or "")
    newest: dict[str, tuple[str, str]] = {}
    for part in map(db.places.PartRow._make, db.places.parts(connection)):
        if part.to_level == Level.WARD and part.from_level == Level.LSOA and part.fit == Fit.BEST_FIT:
            newest[part.from_code] = max(newest.get(part.from_code, ("", "")), (part.to_vintage, part.to_code))
    return Known(
        boroughs,
        {at: frozenset(found) for at, found in codes.items()},
        years,
        {lsoa: ward for lsoa, (_, ward) in newest.items()},
        frozenset(db.places.districts(connection)),
        frozenset(db.places.wards_without(connection, sorted(boroughs))),
    )


def _replaced(made: Draft, sources: list[db.places.SourceRow], given: dict[int, set[tuple[str, str]]]) -> list[int]:
    """Return the sources that a new one stands in for."""
    standing = [each for each in sources if each.status == db.places.ACCEPTED and each.kind == made.kind]
    if made.kind is SourceKind.POSTCODES:
        return [each.id for each in standing]
    same = [each for each in standing if each.vintage == made.vintage]
    if made.kind in _OF_FIGURES:
        # A file with fewer of the figures leaves the others where they are.
        return [each.id for each in same if given.get(each.id, set()) <= made.figures_of]
    return [each.id for each in same]


def _not_again(file: Published, sources: list[db.places.SourceRow]) -> None:
    for each in sources:
        if each.status == db.places.ACCEPTED and each.file_digest == file.digest:
            raise rejected(
                f"This very file is in the store already, as source {each.id}: {each.title}.",
                "Nothing has to be done.",
            )


def _stage(session: Session, made: Draft, file: Published, path: Path) -> int:
    source = session.stage(
        Operation.COLLECT,
        Thing.PLACE,
        db.places.begin,
        kind=made.kind.value,
        title=made.title[:200],
        vintage=made.vintage,
        file_name=path.name[:200],
        file_digest=file.digest,
        rows=made.rows,
        left_out=made.left_out,
        imported_by=session.user.name,
        imported_at=stamp(session.clock.now()),
    )
    try:
        rows = made.everything()
        for first in range(0, len(rows), ROWS_AT_ONCE):
            piece = rows[first : first + ROWS_AT_ONCE]
            session.stage(Operation.COLLECT, Thing.PLACE, db.places.stage_piece, source, piece)
    except BaseException:
        session.stage(Operation.COLLECT, Thing.PLACE, db.places.abandon, source)
        raise
    return source


def _may(session: Session, reason: Reason) -> None:
    if not session.may(Operation.COLLECT, Thing.PLACE):
        with session.act(Operation.COLLECT, Thing.PLACE, reason=reason):
            pass  # never reached: the act is refused, and the refusal is entered


@contextmanager
def _alone(session: Session) -> Iterator[None]:
    with session.store.alone_at_staging() as alone:
        if not alone:
            raise StoreLocked(
                "Another import or recall is under way in this store.",
                "Nothing was stored.",
                "Try again when it has ended.",
            )
        _purge_leftovers(session)
        yield


def _purge_leftovers(session: Session) -> None:
    """Delete what killed imports left behind, and what a newer file stands in for."""
    for source in session.look(db.places.with_leftovers):
        session.stage(Operation.COLLECT, Thing.PLACE, db.places.abandon, source)
        while session.stage(Operation.COLLECT, Thing.PLACE, db.places.purge_piece, source):
            pass
