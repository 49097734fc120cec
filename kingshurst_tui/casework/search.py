"""Searching as an act: an index a session, an entry a search that settled."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import db.search
import db.users
from db.search import NamedRow
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework.search_index import MOST_HITS, Findable, Hits, SearchIndex
from kingshurst_tui.errors import UsageError
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from sqlalchemy import Connection

_HELD = "search"


@dataclass(frozen=True, slots=True)
class _Held:
    """The index that a session keeps, and what it was built from."""

    seen: tuple[int, int, str, str]
    index: SearchIndex


def find(session: Session, text: str, reason: Reason, *, limit: int = MOST_HITS) -> Hits:
    """Return who is found by what was typed so far; call it at every key press, then ``settled`` once.

    The index is built, under an entry of its own, when the session first searches and whenever what it may see has
    changed since. Masked and absent read alike.

    Raises: Refused, StoreUnavailable.
    """
    return index(session, reason).find(text, limit)


LONGEST = 500
"""Letters of what may be searched for; nobody's name, address or reference is longer."""


def settled(session: Session, text: str, hits: Hits, reason: Reason) -> None:
    """Enter a search that settled: the words sealed, the pseudonyms of the hits that were shown.

    Raises: Refused, StoreUnavailable.
    """
    with session.act(
        Operation.CONSULT,
        Thing.SEARCH,
        reason=reason,
        subjects={hit.pseudonym for hit in hits.hits},
        typed=text.strip()[:LONGEST],
        facts={"shown": len(hits.hits), "found": hits.total},
    ):
        pass


def search(session: Session, text: str, reason: Reason, *, limit: int = MOST_HITS) -> Hits:
    """Search once and enter it, before anything is shown.

    Raises: UsageError (longer than anything that could be found), Refused, StoreUnavailable.
    """
    if len(text.strip()) > LONGEST:
        raise UsageError(
            f"The words to search for are longer than {LONGEST} letters.",
            f"They are {len(text.strip()):,} letters long. Nothing was searched or kept.",
            "Give a name, a pseudonym, a date of birth, a postcode or a reference.",
        )
    hits = find(session, text, reason, limit=limit)
    settled(session, text, hits, reason)
    return hits


def index(session: Session, reason: Reason) -> SearchIndex:
    """Return the session's index, built anew if what it may see has changed.

    Raises: Refused, StoreUnavailable.
    """
    seen = session.look(_seen)
    held: _Held | None = session.held.get(_HELD)
    if held is None or held.seen != seen:
        held = _Held(seen, SearchIndex(_findable(session, reason)))
        session.held[_HELD] = held
    return held.index


def usual_name(forms: Sequence[NamedRow]) -> str:
    """Return the name that most of a person's records bear, the newest among equals; empty where there is none."""
    counts: dict[str, int] = {}
    for row in forms:
        name = " ".join(part for part in (row.forename, row.surname) if part)
        if name:
            counts[name] = counts.get(name, 0) + 1
    return max(counts, key=lambda name: counts[name]) if counts else ""


def _findable(session: Session, reason: Reason) -> list[Findable]:
    # The entry first, in a short act; then the reading, which may take a second or two, holds up nobody's writing.
    within = f"search/{secrets.token_hex(4)}"
    with session.act(Operation.CONSULT, Thing.SEARCH, reason=reason, facts={"index": True}, within=within):
        pass
    everybody = session.read_on(within, db.search.everybody)
    forms: dict[int, list[NamedRow]] = defaultdict(list)
    for row in session.read_on(within, db.search.named):
        forms[row.profile_id].append(row)
    references: dict[int, list[str]] = defaultdict(list)
    for profile_id, reference in session.read_on(within, db.search.own_references):
        references[profile_id].append(reference)
    merged: dict[int, list[str]] = defaultdict(list)
    for pseudonym, profile_id in session.read_on(within, db.search.aliases):
        merged[profile_id].append(pseudonym)
    return [
        _one(number, pseudonym, forms.get(number, ()), references.get(number, ()), merged.get(number, ()))
        for number, pseudonym in everybody
    ]


def _one(
    profile_id: int, pseudonym: str, forms: Sequence[NamedRow], references: Sequence[str], merged: Sequence[str]
) -> Findable:
    if not forms:
        return Findable(profile_id, pseudonym, "", (), (), (), tuple(references), (pseudonym, *merged))
    return Findable(
        profile_id,
        pseudonym,
        usual_name(forms),
        tuple({" ".join(filter(None, (row[1], row[2], row[3], row[4]))) for row in forms}),
        tuple({row.born for row in forms if row.born}),
        tuple({row.postcode for row in forms if row.postcode}),
        tuple(references),
        (pseudonym, *merged),
    )


def _seen(connection: Connection) -> tuple[int, int, str, str]:
    purpose, today = db.search.acting_for(connection)
    return (db.users.counter(connection, "sight"), db.users.counter(connection, "profiles"), purpose, today)
