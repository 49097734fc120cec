"""Dip samples: entries drawn by lot, asked about, answered, judged by somebody else, signed off.

The lot is the tree's own: the seed is a hash of the trail's root as it stood when the sample was drawn, so nobody
chooses it, and whoever holds the entries (``kingshurst audit export``) can draw the same sample again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

import db.audit
import db.dip_samples
import db.trail
import db.users
from db import keys, merkle
from db.dip_samples import ItemRow, SampleRow
from db.trail import TrailFilter
from db.vault import read_header
from kingshurst_tui.acts import Act, Reason
from kingshurst_tui.casework.home_parts import HomeItem, HomeSection, section
from kingshurst_tui.clock import stamp
from kingshurst_tui.counting import some
from kingshurst_tui.errors import Changed, InputRejected, NotFound, StaleRecord
from kingshurst_tui.oversight.trail import TrailLine, line_of
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

_OVERSIGHT = Reason(ReasonCode.OVERSIGHT)

MOST = 200
"""Entries in one sample at most: each is a question to a person."""
DAYS_TO_ANSWER = 14
"""After so many days an entry may be judged without an answer."""
METHOD = (
    "Entry number i (from 0) is at position SHA-256(seed + '/' + k) mod population among the entries from..to that the "
    "filter leaves, the oldest first, from 0; k counts from 0 and goes on past positions drawn already. "
    "seed = SHA-256('kingshurst/dip-sample/1/' + size + '/' + root), hex; root is that of the tree over size entries."
)

OPEN, ANSWERED, JUSTIFIED, NOT_JUSTIFIED = "open", "answered", "justified", "not-justified"


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample, and how far it has come.

    Attributes:
        document: how it was drawn: seed, tree, range, filter, population, entries.
        counts: how many of its entries are open, answered, justified, not-justified.
    """

    number: int
    drawn_by: str
    drawn_at: str
    document: dict[str, Any]
    counts: dict[str, int]
    signed_off_by: str | None
    signed_off_at: str | None

    @property
    def is_judged(self) -> bool:
        """Whether every entry was judged."""
        return not self.counts[OPEN] and not self.counts[ANSWERED]


@dataclass(frozen=True, slots=True)
class Question:
    """One entry drawn: what was done, what whoever did it answered, how it was judged."""

    number: int
    sample: int
    asked_of: str
    status: str
    line: TrailLine
    answer: str | None
    answered_at: str | None
    judgement: str | None
    judged_by: str | None
    judged_at: str | None
    answer_by: date


@dataclass(frozen=True, slots=True)
class SampleInFull:
    """A sample with its questions.

    Attributes:
        drawn_as_said: whether drawing it again from the trail gives the same entries.
        signature_holds: whether the signature is that of whoever signed off; None where nobody has.
    """

    sample: Sample
    questions: tuple[Question, ...]
    drawn_as_said: bool
    signature_holds: bool | None


def draw_sample(session: Session, wanted: TrailFilter, count: int) -> Sample:
    """Draw entries by lot and ask whoever acted about each.

    Args:
        session: a supervisor's.
        wanted: which entries may be drawn.
        count: how many, at most ``MOST``.

    Raises: Refused, InputRejected (nothing to draw from, or too many asked for).
    """
    if not 1 <= count <= MOST:
        raise InputRejected("No sample was drawn.", f"A sample has from 1 to {MOST} entries.", "Ask for fewer.")
    with session.act(Operation.ADMINISTER, Thing.SAMPLE, reason=_OVERSIGHT) as act:
        size = act.read(db.audit.size)
        root = _root(act, size)
        document = _draw(act, wanted, size, root, count)
        if not document["entries"]:
            raise InputRejected("No sample was drawn.", "No entry is left by this filter.", "Widen the filter.")
        document["answer_by"] = (session.clock.today() + timedelta(days=DAYS_TO_ANSWER)).isoformat()
        drawn = [(seq, _entry(act, seq)["actor"]) for seq in document["entries"]]
        said = keys.canonical(document).decode()
        number = act.write(db.dip_samples.add, said, session.user.name, stamp(session.clock.now()), drawn)
        act.note(sample=number, seed=document["seed"], population=document["population"], drawn=len(drawn))
        return _sample(act.read(db.dip_samples.every, number)[0])


def drawn(seed: str, population: int, count: int) -> list[int]:
    """Return the positions that a seed draws from so many, each once, in the order they are drawn."""
    found: dict[int, None] = {}
    k = 0
    while len(found) < min(count, population):
        digest = hashlib.sha256(f"{seed}/{k}".encode()).digest()
        found.setdefault(int.from_bytes(digest) % population)
        k += 1
    return list(found)


def seed_of(size: int, root: str) -> str:
    """Return the seed that the trail's tree gives."""
    return hashlib.sha256(f"kingshurst/dip-sample/1/{size}/{root}".encode()).hexdigest()


def samples(session: Session) -> tuple[Sample, ...]:
    """Return every sample, the newest first. Raises: Refused."""
    with session.act(Operation.CONSULT, Thing.SAMPLE, reason=_OVERSIGHT) as act:
        found = tuple(_sample(row) for row in act.read(db.dip_samples.every))
        act.note(samples=len(found))
    return found


def sample_in_full(session: Session, number: int) -> SampleInFull:
    """Return a sample with what was answered and judged. Raises: Refused, NotFound."""
    with session.act(Operation.CONSULT, Thing.SAMPLE, reason=_OVERSIGHT, facts={"sample": number}) as act:
        row = _row(act, number)
        sample = _sample(row)
        items = act.read(db.dip_samples.items, number)
        questions = tuple(_question(act, item, sample.document) for item in items)
        act.concerns(name for each in questions for name in each.line.subjects)
        wanted = TrailFilter(**sample.document["filter"])
        tree = sample.document["tree"]
        again = _draw(act, wanted, tree["size"], _root(act, tree["size"]), sample.document["asked"])
        as_said = all(sample.document[name] == value for name, value in again.items())
        as_said = as_said and sorted(again["entries"]) == [item.seq for item in items]
        return SampleInFull(sample, questions, as_said, _signature_holds(act, row, items))


def questions_for(session: Session) -> tuple[Question, ...]:
    """Return what this user is asked about their own entries. Raises: StoreUnavailable."""
    with session.act(Operation.CONSULT, Thing.SAMPLE_ANSWER, reason=_OVERSIGHT) as act:
        documents = {row.id: json.loads(row.document) for row in act.read(db.dip_samples.every)}
        rows = act.read(db.dip_samples.asked_of, session.user.name)
        found = tuple(_question(act, row, documents[row.sample_id]) for row in rows)
        act.concerns(name for each in found for name in each.line.subjects)
        act.note(asked=len(found))
    return found


def waiting(session: Session) -> tuple[HomeSection, ...]:
    """Return what home says of samples: what this user is asked, and, for whoever judges, what was answered."""
    asked = session.look(db.dip_samples.asked_of, session.user.name)
    words = f"you are asked about {some(len(asked), 'entry', 'entries')} of your own in the audit trail"
    items = [HomeItem(Thing.SAMPLE_ANSWER, 0, "", words)] if asked else []
    found = [section("asked", "Asked about what you did", "You are asked nothing.", items, len(asked))]
    if session.may(Operation.ALTER, Thing.SAMPLE):
        answered = session.look(db.dip_samples.to_judge, session.user.name)
        words = f"{some(answered, 'answer waits', 'answers wait')} for a judgement"
        items = [HomeItem(Thing.SAMPLE, 0, "", words)] if answered else []
        found.append(section("samples", "Dip samples", "No answer waits for a judgement.", items, answered))
    return tuple(found)


def answer(session: Session, number: int, words: str) -> None:
    """Answer about an entry of one's own, once.

    Raises: Refused (somebody else's), NotFound, InputRejected (no words), StaleRecord (answered already).
    """
    _check_words(words)
    with session.act(Operation.ALTER, Thing.SAMPLE_ANSWER, reason=_OVERSIGHT, facts={"item": number}) as act:
        item = _item(act, number)
        if item.asked_of != session.user.name:
            act.refuse("Nobody answers for somebody else.", hint="Whoever acted is asked, on their home screen.")
        sealed = session.seal_words(words.strip(), f"dip/{number}/answer")
        if not act.write(db.dip_samples.put_answer, number, sealed, session.user.name, stamp(session.clock.now())):
            raise _settled(act, item, words.strip())
        act.note(sample=item.sample_id, entry=item.seq)


def judge(session: Session, number: int, words: str, *, justified: bool) -> None:
    """Judge an entry by its answer; nobody judges what they did themselves.

    Raises: Refused (one's own, or not answered yet), NotFound, InputRejected (no words), StaleRecord (judged already).
    """
    _check_words(words)
    with session.act(Operation.ALTER, Thing.SAMPLE, reason=_OVERSIGHT, facts={"item": number}) as act:
        item = _item(act, number)
        if item.asked_of == session.user.name:
            act.refuse(
                "Nobody judges what they did themselves.",
                hint="Another supervisor, or the information governance officer, judges this one.",
            )
        row = _row(act, item.sample_id)
        due = date.fromisoformat(json.loads(row.document)["answer_by"])
        if item.status == OPEN and session.clock.today() <= due:
            act.refuse("This is not answered yet.", hint=f"It may be judged without an answer after {due.isoformat()}.")
        status = JUSTIFIED if justified else NOT_JUSTIFIED
        sealed = session.seal_words(words.strip(), f"dip/{number}/judgement")
        at = stamp(session.clock.now())
        if not act.write(db.dip_samples.put_judgement, number, status, sealed, session.user.name, at):
            raise _settled(act, item, f"{status}: {words.strip()}")
        act.note(sample=item.sample_id, entry=item.seq, judged=status)


def _settled(act: Act, item: ItemRow, mine: str) -> StaleRecord:
    """Say what was answered or judged meanwhile; an answer and a judgement are given once, for good."""
    session = act.session
    fields = []
    if item.judgement:
        judged = session.open_words(item.judgement, f"dip/{item.id}/judgement")
        fields.append(Changed("judgement", "Judgement", "", f"{item.status}: {judged}", mine))
    elif item.answer:
        answered = session.open_words(item.answer, f"dip/{item.id}/answer")
        fields.append(Changed("answer", "Answer", "", answered, mine))
    return StaleRecord(
        "This was judged already." if item.judgement else "This was answered or judged already.",
        "Nothing was changed; the first is kept, and nobody can write over it.",
        "Look at it again.",
        fields,
        by=(item.judged_by if item.judgement else item.answered_by) or "",
    )


def sign_off(session: Session, number: int) -> Sample:
    """Sign a sample off, every entry of it judged: the signature covers how it was drawn and how each was judged.

    Raises: Refused, NotFound, InputRejected (entries are not judged yet), StaleRecord (signed off already).
    """
    with session.act(Operation.ADMINISTER, Thing.SAMPLE, reason=_OVERSIGHT, facts={"sample": number}) as act:
        row = _row(act, number)
        sample = _sample(row)
        if not sample.is_judged:
            left = sample.counts[OPEN] + sample.counts[ANSWERED]
            raise InputRejected(
                "The sample is not judged yet.", f"{left} of its entries wait.", "Judge them, then sign off."
            )
        at = stamp(session.clock.now())
        said = _signed_words(row, act.read(db.dip_samples.items, number), session.user.name, at)
        canonical, signature = session.sign(said)
        if not act.write(db.dip_samples.sign_off, number, session.user.name, at, signature):
            raise StaleRecord("The sample was signed off already.", "Nothing was changed.", "Look at it again.")
        act.note(signed_off=hashlib.sha256(canonical).hexdigest())
        return _sample(act.read(db.dip_samples.every, number)[0])


def _root(act: Act, size: int) -> str:
    return merkle.root(size, lambda level, at: db.audit.node(act.connection, level, at)).hex()


def _draw(act: Act, wanted: TrailFilter, size: int, root: str, count: int) -> dict[str, Any]:
    outline = act.read(db.trail.outline, wanted, size)
    seed = seed_of(size, root)
    places = drawn(seed, outline.total, count) if outline.total else []
    entries = [act.read(db.trail.places, outline, outline.total - 1 - place, 1)[0] for place in places]
    return {
        "v": 1,
        "tree": {"size": size, "root": root},
        "seed": seed,
        "from": 1,
        "to": size,
        "filter": {name: value for name, value in asdict(wanted).items() if value},
        "population": outline.total,
        "asked": count,
        "positions": places,
        "entries": entries,
        "method": METHOD,
    }


def _entry(act: Act, seq: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(next(iter(act.read(db.audit.entries, seq, seq))).body)
    return found


def _row(act: Act, number: int) -> SampleRow:
    if not (found := act.read(db.dip_samples.every, number)):
        raise NotFound("There is no such sample.", "Nothing was shown or changed.")
    return found[0]


def _item(act: Act, number: int) -> ItemRow:
    found = act.read(db.dip_samples.item, number)
    if found is None:
        raise NotFound("There is no such entry in any sample.", "Nothing was shown or changed.")
    return found


def _sample(row: SampleRow) -> Sample:
    counts = {OPEN: row.unanswered, ANSWERED: row.answered, JUSTIFIED: row.justified, NOT_JUSTIFIED: row.not_justified}
    document = json.loads(row.document)
    return Sample(row.id, row.drawn_by, row.drawn_at, document, counts, row.signed_off_by, row.signed_off_at)


def _question(act: Act, item: ItemRow, document: Mapping[str, Any]) -> Question:
    session = act.session
    line = line_of(session, act.connection, next(iter(act.read(db.audit.entries, item.seq, item.seq))))
    if line.actor != session.user.name and not session.may(Operation.CONSULT, Thing.AUDIT):
        line = replace(line, words=None)
    return Question(
        item.id,
        item.sample_id,
        item.asked_of,
        item.status,
        line,
        session.open_words(item.answer, f"dip/{item.id}/answer") if item.answer else None,
        item.answered_at,
        session.open_words(item.judgement, f"dip/{item.id}/judgement") if item.judgement else None,
        item.judged_by,
        item.judged_at,
        date.fromisoformat(document["answer_by"]),
    )


def _signed_words(row: SampleRow, items: list[ItemRow], by: str, at: str) -> dict[str, Any]:
    """Return what signing off covers: the draw, and who judged each entry how; of typed words nothing."""
    return {
        "v": 1,
        "sample": row.id,
        "drawn": json.loads(row.document),
        "drawn_by": row.drawn_by,
        "drawn_at": row.drawn_at,
        "judged": [[item.seq, item.asked_of, item.status, item.judged_by, item.judged_at] for item in items],
        "signed_off_by": by,
        "signed_off_at": at,
    }


def _signature_holds(act: Act, row: SampleRow, items: list[ItemRow]) -> bool | None:
    if row.signed_off_by is None or row.signed_off_at is None or row.signature is None:
        return None
    header = read_header(act.session.store.folder)
    present = tuple(bytes.fromhex(slot.signing_public) for slot in header.slots if slot.user == row.signed_off_by)
    said = keys.canonical(_signed_words(row, items, row.signed_off_by, row.signed_off_at))
    earlier = act.read(db.users.earlier_keys).get(row.signed_off_by, ())
    return any(keys.signature_holds(each, row.signature, said) for each in (*present, *earlier))


def _check_words(words: str) -> None:
    if len(words.strip()) < 3:  # fewer letters say nothing
        raise InputRejected("Words are missing.", "Nothing was kept.", "Say it in a few words.")
