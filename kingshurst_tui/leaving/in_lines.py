"""Minutes and what left, in plain lines, for the command line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kingshurst_tui.counting import some
from kingshurst_tui.dates import say_date
from kingshurst_tui.panels.minutes_approval import STATUSES
from kingshurst_tui.panels.minutes_draft import OF_A_CASE, OF_THE_MEETING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kingshurst_tui.leaving.disclosed import Disclosed
    from kingshurst_tui.leaving.gate import Copy
    from kingshurst_tui.panels.minutes_shown import MinutesShown


def minutes_lines(shown: MinutesShown) -> Iterator[str]:
    """Return one version of the minutes of a meeting."""
    panel = shown.panel
    yield f"Minutes of panel {panel.number}, {panel.title}, {say_date(panel.held_on)}: {standing(shown)}"
    yield from shown.targets.in_words()
    yield from (f"Cannot be approved by you: {each}" for each in shown.stops if shown.status == "draft")
    yield from _fields(shown.fields, OF_THE_MEETING)
    for part in shown.parts:
        yield f"Case {part.place} (number {part.case}): {part.pseudonym}"
        yield from _fields(part.fields, OF_A_CASE)
    yield from (f"Left out: {each}" for each in shown.left_out)


def standing(shown: MinutesShown) -> str:
    """Return where a version stands, in a few words."""
    signed = ""
    if shown.signature_holds is not None:
        signed = f" by {shown.approved_by}, the signature {'holds' if shown.signature_holds else 'DOES NOT HOLD'}"
    return f"version {shown.version}, {STATUSES[shown.status]}{signed}"


def _fields(fields: Mapping[str, str], titles: Mapping[str, str]) -> Iterator[str]:
    for name, title in titles.items():
        first, *more = fields.get(name, "").split("\n")
        if first:
            yield f"  {title}: {first}"
            yield from (f"    {line}" for line in more)


def disclosed_lines(found: Sequence[Disclosed]) -> Iterator[str]:
    """Return what left, each with its copies."""
    yield f"{some(len(found), 'disclosure')}, the latest first"
    for each in found:
        yield (
            f"{each.number}  {each.kind_words} as {each.form}, by {each.made_by} on {each.made_at[:10]}, "
            f"until {say_date(each.expires_on)}: {each.state}"
        )
        yield f"  why: {each.why}"
        if each.state == "called-back":
            yield f"  called back by {each.called_back_by}: {each.called_back_why}"
        if each.subjects:
            yield f"  about: {', '.join(each.subjects)}"
        if each.data_sets:
            yield f"  of: {', '.join(each.data_sets)}"
        for copy in each.copies:
            yield f"  {copy.mark}  {copy.name}{f' ({copy.agency})' if copy.agency else ''}  sha256 {copy.digest[:16]}"


def copies_lines(copies: Sequence[Copy]) -> Iterator[str]:
    """Return where the copies lie that were just let go."""
    yield f"{some(len(copies), 'copy', 'copies')}, disclosure {copies[0].disclosure}"
    for each in copies:
        whom = f"{each.recipient.name} ({each.recipient.agency})" if each.recipient.agency else each.recipient.name
        yield f"  {each.path}  for {whom}, mark {each.recipient.mark}"
