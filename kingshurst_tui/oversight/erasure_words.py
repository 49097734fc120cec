"""What was typed about other people and names in full somebody who is being erased: it stays, and somebody is told."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

import db.typed_words
from db.sight import combining
from kingshurst_tui.casework.matching import fold

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act
    from kingshurst_tui.oversight.erasure_traces import Named

_ASIDE = {code: None for code in range(128) if not chr(code).isalnum()}

_OF_REFERRALS = "referral"


def naming(act: Act, profiles: Collection[int], who: Named, besides: Collection[tuple[str, int]]) -> list[str]:
    """Return in words what was typed about others and names these people; the act concerns those it is about.

    On whose profile a referral is, is not said: who reads this may be of the agency that sent it.

    Args:
        act: the act that looks.
        profiles: theirs.
        who: by what they are named.
        besides: things by kind and number that are looked at for themselves, or go.
    """
    parts = {*who.forenames, *who.marks}
    found: dict[tuple[str, int], str] = {}
    with combining(act.connection):
        for each in act.read(db.typed_words.of_others, profiles):
            thing = each.thing, each.number
            if thing in found or thing in besides:
                continue
            if any(_names(text, who, parts) for text in values(each.texts)):
                found[thing] = each.pseudonym if each.pseudonym and each.thing != _OF_REFERRALS else ""
    act.concerns(pseudonym for pseudonym in found.values() if pseudonym)
    return [
        f"{thing.replace('_', ' ')} {number}{f' on {pseudonym}' if pseudonym else ''}: names them in full"
        for (thing, number), pseudonym in found.items()
    ]


def _names(text: str, who: Named, parts: Collection[str]) -> bool:
    # Of a hundred thousand texts nearly all name nobody of that name anywhere: one look at the whole says so.
    whole = text.lower().translate(_ASIDE) if text.isascii() else fold(text)
    return any(part in whole for part in parts) and who.in_words(text)


def values(document: str) -> Iterator[str]:
    """Yield the texts of a document: of JSON its values at any depth, JSON within them taken apart too."""
    pending: list[object] = [document]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, list):
            pending += value
        elif isinstance(value, str):
            inner = _taken_apart(value)
            if inner is None:
                yield value
            else:
                pending.append(inner)


def _taken_apart(text: str) -> dict[str, object] | list[object] | None:
    if not text.startswith(("{", "[")):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None
