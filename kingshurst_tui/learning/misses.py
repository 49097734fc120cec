"""What rules missed: people who were referred and not flagged, and unflagged people looked at by people."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

import db.audit
import db.case_reading
import db.judgements
import db.outcomes
from kingshurst_tui.acts import Act, Reason
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, NotFound, StaleRecord, differing
from kingshurst_tui.intake.text import clean
from kingshurst_tui.leaving.suppression import rounded
from kingshurst_tui.linkage.evaluation import Share
from kingshurst_tui.oversight.dips import drawn
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

FEWEST = 10
MOST = 100
"""People in one sample at most: each is looked at by a person."""
LOOKED_BACK = timedelta(days=365)
VERDICTS = {
    "should-have-been": "should have been flagged",
    "rightly-not": "rightly not flagged",
    "cannot-tell": "cannot be told from what is held",
}
METHOD = (
    "Everybody with a contact in the year before and no standing flag, in the order of their numbers; person number i "
    "(from 0) is at position SHA-256(seed + '/' + k) mod how many they are; k counts from 0 and goes on past positions "
    "drawn already. seed = SHA-256('kingshurst/unflagged/1/' + size + '/' + root), hex, of the audit trail's tree as "
    "it stood: nobody chooses it."
)
_OVERSIGHT = Reason(ReasonCode.OVERSIGHT)


@dataclass(frozen=True, slots=True)
class Referred:
    """Of the people who were referred, how many a rule had flagged by that day.

    Attributes:
        flagged: rounded to five; None where hidden: fewer than ten of either kind.
        words: the same in a sentence.
    """

    flagged: Share | None
    words: str


@dataclass(frozen=True, slots=True)
class Look:
    """One person of a sample, by pseudonym; why is empty while the profile is masked."""

    number: int
    pseudonym: str
    is_open: bool
    verdict: str
    why: str
    judged_by: str


@dataclass(frozen=True, slots=True)
class UnflaggedSample:
    """One sample of people whom no rule flagged.

    Attributes:
        drawn_from: how many they were drawn from.
        waiting: how many nobody has looked at.
        missed: of those of whom it can be told, how many should have been flagged.
        cannot_tell: looked at, and it cannot be told.
    """

    number: int
    seed: str
    drawn_from: int
    drawn_by: str
    drawn_at: str
    size: int
    waiting: int
    missed: Share
    cannot_tell: int

    @property
    def words(self) -> str:
        """The sample in a sentence; about everybody unflagged only once all were looked at."""
        if self.waiting:
            return f"{self.size - self.waiting} of {self.size} looked at, drawn from {self.drawn_from:,}"
        low, high = self.missed.interval
        said = (
            f"{self.missed.count} of {self.missed.of} should have been flagged ({low:.0%} to {high:.0%}): of "
            f"{self.drawn_from:,} unflagged people about {low * self.drawn_from:,.0f} to {high * self.drawn_from:,.0f}"
        )
        return f"{said}; {self.cannot_tell} cannot be told" if self.cannot_tell else said


def referred(session: Session) -> Referred:
    """Return how many referred people had been flagged by the day they were referred. Raises: Refused."""
    with session.act(Operation.COMBINE, Thing.OUTCOME, reason=_OVERSIGHT, combine=True) as act:
        runs: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for profile, _, raised, lapses in act.read(db.outcomes.flag_runs):
            runs[profile].append((raised, lapses))
        sent = act.read(db.outcomes.referred, session.purpose)
        flagged = sum(any(raised <= day < lapses for raised, lapses in runs.get(who, ())) for who, day in sent)
        act.note(referrals=len(sent) if len(sent) >= FEWEST else None)
    if flagged < FEWEST or len(sent) - flagged < FEWEST:
        return Referred(None, f"Fewer than {FEWEST} referred people were flagged, or were not: hidden.")
    # Exact, it would tell whoever refers somebody whether they are known here, and flagged: ask before and after.
    told = rounded(flagged)
    share = Share(told, told + rounded(len(sent) - flagged))
    low, high = share.interval
    return Referred(
        share,
        f"Of about {share.of} referred people about {share.count} stood flagged that day ({low:.0%} to {high:.0%}); "
        f"about {share.of - share.count} did not.",
    )


def draw(session: Session, count: int) -> UnflaggedSample:
    """Draw people whom no rule flags, by lot. Raises: Refused, InputRejected (nobody to draw from; too many asked)."""
    if not 1 <= count <= MOST:
        raise InputRejected("No sample was drawn.", f"A sample has from 1 to {MOST} people.", "Ask for fewer.")
    with session.act(Operation.COMBINE, Thing.OUTCOME, reason=_OVERSIGHT, combine=True) as act:
        unflagged = _unflagged(act)
    with session.act(Operation.ADMINISTER, Thing.UNFLAGGED, reason=_OVERSIGHT) as act:
        if not unflagged:
            raise InputRejected("No sample was drawn.", "Everybody who was met this year is flagged.", "Nothing to do.")
        size = act.read(db.audit.size)
        root = act.read(db.audit.root).hex()
        seed = hashlib.sha256(f"kingshurst/unflagged/1/{size}/{root}".encode()).hexdigest()
        people = [unflagged[position] for position in drawn(seed, len(unflagged), count)]
        act.concerns(row.pseudonym for row in act.read(db.case_reading.by_ids, people).values())
        number = act.write(
            db.judgements.add_sample,
            seed=seed,
            drawn_from=len(unflagged),
            drawn_by=session.user.name,
            drawn_at=stamp(session.clock.now()),
            people=people,
        )
        act.note(sample=number, seed=seed, population=len(unflagged), drawn=len(people))
        return next(each for each in _samples(act) if each.number == number)


def _unflagged(act: Act) -> list[int]:
    today = act.session.clock.today()
    flagged = {
        profile
        for profile, _, raised, lapses in act.read(db.outcomes.flag_runs)
        if date.fromisoformat(raised) <= today < date.fromisoformat(lapses)
    }
    seen = act.read(db.outcomes.seen_since, (today - LOOKED_BACK).isoformat(), today.isoformat())
    return [profile for profile in seen if profile not in flagged]


def samples(session: Session) -> tuple[UnflaggedSample, ...]:
    """Return the samples drawn for the acting purpose, the newest first; they name nobody. Raises: Refused."""
    with session.act(Operation.CONSULT, Thing.UNFLAGGED, reason=_OVERSIGHT) as act:
        found = _samples(act)
        act.note(samples=len(found))
    return found


def _samples(act: Act) -> tuple[UnflaggedSample, ...]:
    found = []
    for row in act.read(db.judgements.samples, act.session.purpose):
        verdicts = [look.verdict for look in act.read(db.judgements.looks, row.id)]
        missed, rightly = verdicts.count("should-have-been"), verdicts.count("rightly-not")
        found.append(
            UnflaggedSample(
                row.id,
                row.seed,
                row.drawn_from,
                row.drawn_by,
                row.drawn_at,
                len(verdicts),
                verdicts.count("waiting"),
                Share(missed, missed + rightly),
                verdicts.count("cannot-tell"),
            )
        )
    return tuple(found)


def looks(session: Session, sample: int) -> tuple[Look, ...]:
    """Return the people of a sample, in the order drawn. Raises: Refused, NotFound."""
    with session.act(Operation.CONSULT, Thing.UNFLAGGED, reason=_OVERSIGHT, facts={"sample": sample}) as act:
        rows = act.read(db.judgements.looks, sample)
        if not rows:
            raise NotFound("There is no such sample.", "Nothing was shown.")
        people = act.read(db.case_reading.by_ids, [row.profile_id for row in rows])
        act.concerns(row.pseudonym for row in people.values())
        return tuple(
            Look(
                row.id,
                people[row.profile_id].pseudonym,
                bool(people[row.profile_id].is_open),
                row.verdict,
                row.why,
                row.judged_by or "",
            )
            for row in rows
            if row.profile_id in people
        )


def look(session: Session, number: int, verdict: str, why: str) -> None:
    """Say of one person of a sample whether a rule should have flagged them.

    Raises: InputRejected (no such verdict, or no reason), NotFound, StaleRecord (somebody has said already), Refused.
    """
    words = clean(why)[:2_000]
    if verdict not in VERDICTS:
        raise InputRejected("That is no answer.", "Nothing was kept.", f"One of: {', '.join(VERDICTS)}.")
    if not is_a_reason(words):
        raise InputRejected("Why?", "Nothing was kept.", HINT, (f"why: {HINT}",))
    with session.act(Operation.ALTER, Thing.UNFLAGGED, reason=_OVERSIGHT, facts={"look": number}) as act:
        row = act.read(db.judgements.look, number)
        if row is None:
            raise NotFound("There is nobody of that number in a sample.", "Nothing was kept.")
        person = act.read(db.case_reading.by_id, row.profile_id)
        act.concerns([person.pseudonym] if person else [])
        if row.verdict != "waiting":
            raise StaleRecord(
                "Somebody has looked at this person already.",
                "Your answer was not kept.",
                "One person looks at each; theirs stands.",
                differing(
                    {"verdict": "Verdict", "why": "Why"},
                    theirs={"verdict": row.verdict, "why": row.why},
                    mine={"verdict": verdict, "why": words},
                ),
                by=row.judged_by or "",
            )
        act.write(db.judgements.judge_look, number, verdict, words, session.user.name, stamp(session.clock.now()))
        act.note(verdict=verdict)
