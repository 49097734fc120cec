"""Where one goes from a place: to a larger one, to the next of its size, to any other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from kingshurst_tui.places.one_place import everywhere
from kingshurst_tui.places.vocabulary import Level

if TYPE_CHECKING:
    from kingshurst_tui.places.geography import Geography
    from kingshurst_tui.places.one_place import OnePlace

NO_LARGER: Final = "There is no larger place than this here; w chooses one."


def larger(shown: OnePlace, code: str) -> str | None:
    """Return the place that this one lies in; None where there is none."""
    first = (Level.LSOA,) if shown.level is Level.POSTCODE else ()
    for level in (*first, Level.WARD, Level.LOCAL_AUTHORITY):
        parent = shown.geography.parent(code, level)
        if parent is not None and parent.code != code:
            return parent.code
    return None


def turned(shown: OnePlace, code: str, by: int) -> str | None:
    """Return the place of the same size so many further, round and round; None where there is no other."""
    known = shown.geography
    same = [each for each in everywhere(known) if known.level(each) == shown.level]
    if shown.level is Level.POSTCODE:
        same = sorted({*shown.neighbours, code})
    return same[(same.index(code) + by) % len(same)] if code in same and len(same) > 1 else None


def no_other(shown: OnePlace) -> str:
    """Return what is said where there is no other of the same size."""
    what = "postcode of which anything is shown" if shown.level is Level.POSTCODE else "place of this size"
    return f"There is no other {what}; w chooses one."


def options(known: Geography, codes: Sequence[str]) -> list[tuple[str, str]]:
    """Return the lines of a list to choose from, LSOAs set in under their wards."""
    return [(code, f"{'  ' if known.level(code) is Level.LSOA else ''}{known.name(code)} ({code})") for code in codes]
