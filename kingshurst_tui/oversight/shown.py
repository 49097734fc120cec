"""What an entry of the trail says was shown to whoever acted: of whom, alone or on a list, open or masked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from db.audit import Entry
from kingshurst_tui.vocabulary import Operation, Thing

SHOWING = frozenset({Operation.CONSULT, Operation.DISCLOSE})
"""What shows a person, or sends out what is about them."""

PSEUDONYMS_ALONE = frozenset({Thing.AUDIT, Thing.SAMPLE, Thing.SAMPLE_ANSWER})
"""What names people by pseudonym in oversight's own lists, and shows nothing of them."""

LISTS = frozenset({Thing.SEARCH, Thing.AGENDA})
"""What is a list however few are on it."""

A_PAIR = 2
"""So many are looked at by themselves (a pair of records may be two people's); where there are more it is a list."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the rules of oversight need of one entry.

    Attributes:
        masked: whether it was a mask that was shown; None where the entry does not say.
        searched: whether it is a search by words that somebody typed.
        referral: the number of a referral that was read: whom it names is written there, and in no entry.
    """

    seq: int
    at: datetime
    actor: str
    operation: str
    thing: str
    subjects: tuple[str, ...]
    masked: bool | None
    searched: bool
    referral: int | None = None

    @property
    def shows(self) -> bool:
        """Whether people, or their masks, were shown, in whatever room."""
        if not self.subjects or self.operation not in SHOWING or self.thing in PSEUDONYMS_ALONE:
            return False
        return self.thing != Thing.PROFILE or self.masked is not None  # without it, it is what waits on home

    @property
    def is_list(self) -> bool:
        """Whether those who were shown stood on a list."""
        return self.shows and (self.thing in LISTS or len(self.subjects) > A_PAIR)

    @property
    def looked_at(self) -> bool:
        """Whether one person, or mask, was looked at by themselves."""
        return self.shows and not self.is_list

    @property
    def opened(self) -> bool:
        """Whether it was no mask that was looked at."""
        return self.looked_at and not self.masked


def seen_in(entry: Entry) -> Seen | None:
    """Return what the rules need of an entry; None where it was refused, or is about no person and no search."""
    body = json.loads(entry.body)
    facts, is_search = body["facts"], body["thing"] == Thing.SEARCH
    is_consulted = body["operation"] == Operation.CONSULT
    referral = facts.get("referral") if is_consulted and body["thing"] == Thing.REFERRAL else None
    is_about_people = body["subjects"] or referral or (is_search and not facts.get("index"))
    if body["result"] != "done" or not is_about_people:
        return None
    # A list of people, and each page of it with names, is a search of its own kind: nobody typed anything.
    typed = is_search and "words" in body and not {"list", "named", "index"} & facts.keys()
    return Seen(
        entry.seq,
        datetime.fromisoformat(body["time"]),
        body["actor"],
        body["operation"],
        body["thing"],
        tuple(body["subjects"]),
        facts.get("masked"),
        typed and is_consulted,
        referral,
    )
