"""Wards of another borough in a look-up of this one: refused, as far as a list, the directory or the file tells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from kingshurst_tui.counting import some
from kingshurst_tui.places.drafts import Known, rejected
from kingshurst_tui.places.reading import SHOWN, Published


def check_strangers(
    file: Published, boroughs: Mapping[str, str], wards: Collection[str], known: Known, vintage: str
) -> None:
    """Make sure that the wards of a look-up are the borough's.

    A ward is another borough's where the file itself gives it to one in other rows; where the directory has postcodes
    in it and none is the borough's; and where lists of names that speak for that year do not have it. Of the first
    look-up of a store, with one borough in it, nobody can tell.

    Raises: InputRejected: all strangers at once.
    """
    why: dict[str, str] = {}
    begun = {begins for begins, _ in known.years.values()}
    is_listed = bool(begun) and min(begun) <= vintage <= max(begun)
    for ward in sorted(wards):
        if is_listed and ward not in known.years:
            why[ward] = "on no list of the borough's wards"
        if ward in known.elsewhere:
            why[ward] = "no postcode of the borough lies in it, but others' do"
    if file.columns.has("authority"):
        given: dict[str, set[str]] = defaultdict(set)
        for row in file.rows():
            given[file.columns.cell(row, "ward")].add(file.columns.cell(row, "authority"))
        for ward in sorted(wards):
            if others := sorted(given[ward] - set(boroughs) - {""}):
                why[ward] = f"the file gives it to {', '.join(others)} too"
    if why:
        raise rejected(
            f"{some(len(why), 'ward is', 'wards are')} of another borough than {known.names}.",
            "Use the look-up as published; a newer list of the names of wards may come first.",
            [f"{ward}: {reason}" for ward, reason in why.items()],
        )


def said_unlisted(wards: Collection[str], known: Known) -> list[str]:
    """Return a sentence on wards that are newer than every list of names."""
    unlisted = sorted(ward for ward in wards if ward not in known.years) if known.years else []
    if not unlisted:
        return []
    what = some(len(unlisted), "ward is", "wards are")
    return [f"{what} newer than the list of names that stands: {', '.join(unlisted[:SHOWN])}."]
