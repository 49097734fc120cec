"""What names somebody who is being erased, and hangs on no profile: spelt otherwise, half written, in minutes.

What is exactly theirs goes with them. What is only like them is put before whoever confirms, who says what goes too:
compared field by field, never shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import db.erasure_traces
import db.profiles
import db.users
import db.whom_erased
from db.keys import SealBroken
from db.sight import combining
from kingshurst_tui.casework.matching import fold
from kingshurst_tui.dates import say_date
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.oversight import erasure_words

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from db.consents import Sighting
    from db.erasure_traces import DraftText, Unmatched
    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session

ALIKE = 0.7
"""How much of two folded names must agree for a person to look at both: a letter or two in a name of six."""

REFERRAL, CONSENT, MINUTES, PROFILE, WORDS = "referral", "consent", "minutes", "profile", "words"
TAKEN = (REFERRAL, CONSENT)
"""Kinds that go too where the confirmer says so."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Something that may name the person.

    Attributes:
        kind: REFERRAL or CONSENT, which are nobody's yet, or any more, and go too where the confirmer says so; or
            MINUTES, whose taker corrects them; or PROFILE, which the same person may have besides; or WORDS, typed of
            somebody else, whose writer corrects them or takes them back.
        number: its own; of minutes, the panel's; of words, their place among these.
        because: how it compares, in words.
    """

    kind: str
    number: int
    because: str

    @property
    def name(self) -> str:
        """By which it is said to go too: referral-12."""
        return f"{self.kind}-{self.number}"

    def in_words(self) -> str:
        """Return it in a line."""
        return f"{self.name}: {self.because}"


def traces(act: Act, profiles: Collection[int]) -> tuple[Trace, ...]:
    """Return what may name these people, the same person under several profiles, and would not go by itself."""
    with combining(act.connection):
        records = act.read(db.erasure_traces.sightings, act.read(db.whom_erased.records_of, profiles))
        # Of a hundred thousand that wait, few names differ; what is remembered of them goes with this call.
        folded = lru_cache(maxsize=None)(fold)
        gone = act.read(db.erasure_traces.naming_exactly, [each.record_id for each in records])
        like = [
            (each, said)
            for each in act.read(db.erasure_traces.unmatched, profiles)
            if each.number not in gone[each.kind] and (said := alike(each, records, folded))
        ]
    act.concerns(each.reopened_on for each, _ in like if each.reopened_on)
    found = [Trace(each.kind, each.number, f"{_sent(each)}; {said}") for each, said in like]
    pseudonyms = [each.pseudonym for each in act.read(db.profiles.known, profiles).values()]
    who = named(act, [each.record_id for each in records], pseudonyms)
    besides = {(each.kind, each.number) for each, _ in like} | {(kind, each) for kind in gone for each in gone[kind]}
    words = erasure_words.naming(act, profiles, who, besides)
    found += [Trace(WORDS, number, said) for number, said in enumerate(words, 1)]
    surnames = {name for each in records for name in (fold(each.surname), fold(each.former_surname)) if len(name) > 2}
    for panel, version, document in act.read(db.erasure_traces.minutes_words):
        if surnames & {fold(word) for word in _words(document)}:
            found.append(Trace(MINUTES, panel, f"version {version} has a surname like theirs in what concerns no case"))
    others = act.read(db.erasure_traces.perhaps_the_same, profiles)
    act.concerns(pseudonym for _, pseudonym in others)
    found += [Trace(PROFILE, each, f"{name} waits to be reviewed as the same person") for each, name in others]
    return tuple(found)


def to_look_at(found: Iterable[Trace]) -> InputRejected:
    """Return what whoever confirms is told before they have said what goes too."""
    lines = tuple(each.in_words() for each in found)
    return InputRejected(
        "There is more that may name this person.",
        "Nothing was erased.\n" + "\n".join(lines),
        "Say which of these go too (--also referral-12), or none (--no-more). Minutes are corrected by their taker; "
        "words about somebody else are withdrawn or corrected there, by whoever wrote them; "
        "another profile is joined or kept apart in the review of links, and asked for by itself.",
        lines,
    )


def take(act: Act, found: Collection[Trace], also: Collection[str]) -> dict[str, int]:
    """Delete what the confirmer says goes too; return how many rows of which table went.

    Raises: InputRejected (something of a name that was not put before them).
    """
    wanted = set(also)
    if missing := wanted - {each.name for each in found if each.kind in TAKEN}:
        raise InputRejected(
            f"{', '.join(sorted(missing))}: nothing of that name goes with this person.",
            "Nothing was erased.",
            "Name what was listed: kingshurst erase confirm STORE N, without --also, lists it.",
        )
    counts: dict[str, int] = {}
    chosen = [each for each in found if each.name in wanted]
    for kind in (REFERRAL, CONSENT):
        numbers = [each.number for each in chosen if each.kind == kind]
        for table, count in act.write(db.erasure_traces.delete_unmatched, kind, numbers).items():
            counts[table] = counts.get(table, 0) + count
    return counts


def delete_drafts(act: Act, profiles: Collection[int], records: Collection[int], pseudonyms: Collection[str]) -> int:
    """Delete what anybody was writing about these people; while their records are still there.

    That is what was begun from something of theirs, and whatever names them: a surname like theirs, their forename, a
    pseudonym, a number or a reference.
    """
    seen, marks = _known_by(act, records, pseudonyms)
    with combining(act.connection):
        theirs = act.read(db.erasure_traces.begun_from, profiles, records, pseudonyms)
        doomed = [
            each.number
            for each in act.read(db.erasure_traces.every_draft)
            if (each.form, each.of) in theirs or names(each, seen, marks)
        ]
    return act.write(db.erasure_traces.delete_drafts, doomed)


def names(draft: DraftText, records: Collection[Sighting], marks: Collection[str]) -> bool:
    """Say whether what somebody was writing names a person.

    Args:
        draft: what is kept of it.
        records: the person's.
        marks: folded pseudonyms, numbers and references of theirs.
    """
    whole = fold(draft.document)
    if any(len(mark) > 4 and mark in whole for mark in marks):
        return True
    words = {folded for word in _words(draft.document) if len(folded := fold(word)) > 2}
    surnames = {fold(each.surname) for each in records} | {fold(each.former_surname) for each in records}
    forenames = {fold(each.forename) for each in records}
    return bool(words & forenames) or any(
        _alike(surname, word) for surname in surnames if len(surname) > 2 for word in words
    )


@dataclass(frozen=True, slots=True)
class Named:
    """By what people are named, folded: for text that hangs on nobody, such as what was typed for an entry.

    Attributes:
        forenames: by surname, former surnames too.
        marks: pseudonyms, numbers and references, which nobody else has.
        days: of birth.
    """

    forenames: dict[str, set[str]]
    marks: set[str]
    days: set[str]

    def add(self, others: Named) -> None:
        """Take further people in."""
        for surname, forenames in others.forenames.items():
            self.forenames.setdefault(surname, set()).update(forenames)
        self.marks.update(others.marks)
        self.days.update(others.days)

    def in_words(self, words: str, *, of_nobody: bool = False) -> bool:
        """Say whether words name one of them: by a mark, or by surname and forename.

        Args:
            words: as they were typed.
            of_nobody: whether they were searched for and found nobody, as those who are masked are not found: then a
                surname or a day of birth is enough.
        """
        said = _folded(words)
        if said & self.marks or (of_nobody and said & self.days):
            return True
        return any(of_nobody or said & self.forenames[surname] for surname in said & self.forenames.keys())


def named(act: Act, records: Collection[int], pseudonyms: Iterable[str]) -> Named:
    """Return by what these people are named; while their records are still there."""
    seen, marks = _known_by(act, records, pseudonyms)
    forenames: dict[str, set[str]] = {}
    for each in seen:
        for surname in {fold(each.surname), fold(each.former_surname)}:
            if len(surname) > 1:
                forenames.setdefault(surname, set()).add(fold(each.forename))
    days = {form for each in seen if each.born for form in _spelled(each.born)}
    return Named({name: given - {""} for name, given in forenames.items()}, {m for m in marks if len(m) > 4}, days)


def _known_by(act: Act, records: Collection[int], pseudonyms: Iterable[str]) -> tuple[list[Sighting], set[str]]:
    """Return what their records say of them, and what nobody else has: pseudonyms, numbers, references, folded."""
    with combining(act.connection):
        marks = (*act.read(db.erasure_traces.marks_of, records), *pseudonyms)
        return act.read(db.erasure_traces.sightings, records), {fold(mark) for mark in marks if mark}


def said_of(
    connection: Connection, session: Session, who: Named, after: int, *, in_full: bool = False
) -> tuple[int, set[int]]:
    """Return up to which entry was looked, and the entries after ``after`` whose typed words name one of these people.

    An entry's pseudonyms do not lead to all of them: who is masked is in no entry of somebody's looking for them.

    Args:
        in_full: a surname alone is not enough, even in a search that found nobody.
    """
    found: set[int] = set()
    for seq, of_nobody in db.erasure_traces.kept_words(connection, after):
        after = seq
        try:
            words = session.typed_words(connection, seq)
        except SealBroken:
            continue  # altered: nobody reads it, a check names it, and no erasure waits for it
        if words and who.in_words(words, of_nobody=of_nobody and not in_full):
            found.add(seq)
    return after, found


def forget_reasons(act: Act, who: Named) -> None:
    """Take away what was typed of why copies left the store, batches were taken back and the like, where it names them.

    Who suspended an agreement stays: whoever did does not open it again.
    """
    from kingshurst_tui.agreements.gates import without_words

    users = [each.name for each in act.read(db.users.every)]
    for table, column, number, words in act.read(db.erasure_traces.reasons):
        if who.in_words(words):
            left = without_words(words, users) if table == "agreement" else ""
            act.write(db.erasure_traces.forget_reason, table, column, number, left)


def _folded(words: str) -> set[str]:
    """Return every word, two that follow each other as one, and runs of figures, folded."""
    split = [folded for word in re.split(r"[^\w'’-]+", words) if (folded := fold(word))]
    whole = {fold(part) for part in re.split(r"[\s,;()\"“”]+", words)}
    pairs = {one + other for one, other in pairwise(split)}
    figures = {re.sub(r"\D", "", run) for run in re.findall(r"\d[\d -]{6,}\d", words)}
    return {*split, *whole, *pairs, *figures} - {""}


def _spelled(born: str) -> set[str]:
    """Return a day as people type it, folded."""
    year, month, of_month = born.split("-")
    return {fold(form) for form in (born, f"{of_month}/{month}/{year}", f"{int(of_month)}/{int(month)}/{year}")}


def alike(given: Unmatched, records: Iterable[Sighting], folded: Callable[[str | None], str] = fold) -> str:
    """Return in words how a referral or a consent is like somebody's record; empty where it is not.

    Args:
        given: the referral or consent.
        records: the person's.
        folded: ``fold``, or one that remembers.

    Example: "surname alike, forename the same, date of birth the same, postcode not given".
    """
    for record in records:
        surname = _best(folded, given.surname, record.surname, record.former_surname)
        forename = _best(folded, given.forename, record.forename)
        if "different" in (surname, forename):
            # The two in each other's places.
            turned = (
                _best(folded, given.surname, record.forename),
                _best(folded, given.forename, record.surname),
            )
            surname, forename = turned if "different" not in turned else (surname, forename)
        born, postcode = _born(given.born, record.born), _same(folded, given.postcode, record.postcode)
        both = surname in _LIKE and forename != "different"
        either = surname in _LIKE or forename in _LIKE
        here = postcode == "the same"
        # One name, another day of birth: a relative, at the same address as often as not.
        if (both and (born != "different" or here or surname == forename == "the same")) or (
            either and (born in _LIKE or (born == "not given" and here))
        ):
            return f"surname {surname}, forename {forename}, date of birth {born}, postcode {postcode}"
    return ""


_LIKE = ("the same", "alike")


def _best(folded: Callable[[str | None], str], given: str | None, *ours: str | None) -> str:
    wanted = folded(given)
    if not wanted:
        return "not given"
    held = [folded(each) for each in ours if each]
    if wanted in held:
        return "the same"
    return "alike" if any(_alike(each, wanted) for each in held) else "different"


def _alike(ours: str, theirs: str) -> bool:
    from rapidfuzz.distance import OSA

    return bool(ours and theirs) and OSA.normalized_similarity(ours, theirs) >= ALIKE


def _born(given: str | None, ours: str | None) -> str:
    if not given or not ours:
        return "not given"
    if given == ours:
        return "the same"
    slips = sum(one != other for one, other in zip(given, ours, strict=False))
    turned = given[:4] == ours[:4] and given[5:7] == ours[8:10] and given[8:10] == ours[5:7]
    return "alike" if slips == 1 or turned else "different"


def _same(folded: Callable[[str | None], str], given: str | None, ours: str | None) -> str:
    if not folded(given) or not folded(ours):
        return "not given"
    return "the same" if folded(given) == folded(ours) else "different"


def _sent(each: Unmatched) -> str:
    said = "sent by" if each.kind == REFERRAL else "recorded by"
    on = f", reopened on {each.reopened_on}" if each.reopened_on else ""
    return f"{said} {each.sent_by} on {say_date(date.fromisoformat(each.sent_at[:10]))}{on}"


def _words(document: str) -> Iterator[str]:
    """Yield the words of a document; of JSON, of its values at any depth."""
    for text in erasure_words.values(document):
        yield from re.findall(r"[^\W\d_][\w'’-]*", text)
