"""Whether figures of two vintages of a place may stand side by side: as they are, rebuilt from LSOAs, or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kingshurst_tui.places.geography import Comparable, Vintaged
from kingshurst_tui.places.vocabulary import Fit, Level

if TYPE_CHECKING:
    from kingshurst_tui.places.geography import Geography


def comparable(geography: Geography, before: Vintaged, after: Vintaged) -> Comparable:
    """Say whether figures for a place of one vintage may stand beside those of another, and how.

    The rule: places of one code whose LSOAs are the same in both vintages compare as they are. Others compare only
    where it is known of which LSOAs the later one consists, and then both sides are made anew from these LSOAs: the
    figures published for the earlier place are those of another piece of ground.
    """
    level = geography.level(after.code)
    if level is None or geography.level(before.code) is None:
        unknown = after.code if level is None else before.code
        return Comparable(False, f"{unknown} is in no look-up that was taken in: nothing is compared with it.")
    if geography.level(before.code) != level:
        return Comparable(False, "They are places of different levels: they are not compared.")
    if level == Level.LSOA:
        return _lsoas(geography, before, after)
    if level != Level.WARD:
        return _same(before, after)
    return _wards(geography, before, after)


def _same(before: Vintaged, after: Vintaged) -> Comparable:
    if before.code == after.code:
        return Comparable(True, "The code is the same, and so is the place.")
    return Comparable(False, f"{before.code} and {after.code} are two places: they are not compared over time.")


def _lsoas(geography: Geography, before: Vintaged, after: Vintaged) -> Comparable:
    if before == after:
        return Comparable(True, "It is one place of one vintage.")
    was = dict(geography.changes.get(after.code, ()))
    fit = was.get(before.code)
    if fit == Fit.UNCHANGED:
        return Comparable(True, f"The LSOA did not change from {before.vintage} to {after.vintage}.")
    if fit is None and before.code == after.code and not geography.changes:
        return Comparable(True, "The code is the same; no look-up between the vintages of LSOAs was taken in.")
    if fit == Fit.SPLIT:
        parts = tuple(sorted(new for new, old in geography.changes.items() if before.code in dict(old)))
        return Comparable(True, f"{before.code} was split: the {len(parts)} LSOAs that it became are added up.", parts)
    if fit == Fit.MERGED:
        return Comparable(
            True, f"{after.code} was merged from {len(was)} LSOAs: these are added up.", tuple(sorted(was))
        )
    if fit is None:
        return Comparable(False, f"{before.code} of {before.vintage} is no part of {after.code}: not compared.")
    return Comparable(False, f"{before.code} was redrawn by {after.vintage}, part by part: not compared.")


def _wards(geography: Geography, before: Vintaged, after: Vintaged) -> Comparable:
    then = _consists_of(geography, before)
    now = _consists_of(geography, after)
    if before.code == after.code and (then is None or now is None or then == now):
        ended = geography.ends(after.code)
        if ended and after.vintage > ended:
            return Comparable(False, f"{_said(geography, after)} ended in {ended}: nothing is counted for it since.")
        began = geography.begins(before.code)
        if began and before.vintage < began and then is None:
            return Comparable(False, f"{_said(geography, before)} began in {began}: there was no such ward before.")
        return Comparable(True, "The code is the same, and the look-ups give it the same LSOAs.")
    if not now:
        changed = (
            f"{_said(geography, before)} ended in {geography.ends(before.code)}"
            if geography.ends(before.code)
            else f"{_said(geography, after)} is another ward"
        )
        return Comparable(
            False,
            f"{changed}, and no look-up says of which LSOAs {_said(geography, after)} consists: not compared. "
            f"Take in the look-up of LSOAs to wards of {after.vintage}.",
        )
    return Comparable(
        True,
        f"{_said(geography, after)} is not the ward of {before.vintage}: both sides are rebuilt from the "
        f"{len(now)} LSOAs that fit it best, so figures by LSOA compare and figures by ward do not.",
        tuple(sorted(now)),
    )


def _consists_of(geography: Geography, ward: Vintaged) -> frozenset[str] | None:
    """Return the LSOAs of a ward in its vintage or the newest before it; None where no look-up says."""
    for vintage in geography.ward_vintages:
        if vintage <= ward.vintage and (found := geography.down.get((ward.code, Level.LSOA, vintage))):
            return frozenset(found)
    return None


def _said(geography: Geography, ward: Vintaged) -> str:
    return f"{geography.name(ward.code)} ({ward.code})"
