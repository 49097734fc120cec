"""Whether and how to approach a person: each agency says its own, and nobody writes over another's word.

A warning costs little and protects; taking one away may cost a life. So whoever may act for a person can say one, and
it ends by the agency that said it, or when two people agree that it should.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import db.approach
import db.case_reading
from db.approach import DO_NOT, SAFE
from kingshurst_tui.casework.consent_giving import works_with
from kingshurst_tui.casework.profiles_found import found, written_out
from kingshurst_tui.casework.words_needed import is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.dates import say_date
from kingshurst_tui.errors import InputRejected, NotFound, StaleRecord, differing
from kingshurst_tui.intake.text import clean
from kingshurst_tui.permissions import SPEAKS_FOR_EVERY_AGENCY
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from db.approach import ApproachRow
    from db.case_reading import MaskedRow
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.session import Session

__all__ = ["DO_NOT", "SAFE", "ApproachShown", "lift", "of_profile", "say", "settle"]

_SAFE_CONTACT = {"safe_contact": "Safe contact"}

LONGEST = 400
"""Letters of how to reach somebody safely."""


@dataclass(frozen=True, slots=True)
class ApproachShown:
    """One agency's word about approaching a person.

    Attributes:
        number: by which it is replaced or ended.
        kind: "do-not-approach" or "safe-contact".
        words: how to reach them; empty to all but the agency that wrote it while the profile is masked.
        agency: "another agency" on a mask where the name would tell; empty where it was not recorded.
        said_by: the user; empty where the agency is not named.
        is_own: said by the reader's own agency, which may replace or end it.
        asked_by: who asks that it ends; a second person is to agree.
    """

    number: int
    kind: str
    words: str
    agency: str
    said_by: str
    said_on: date
    is_own: bool
    asked_by: str = ""

    def in_words(self) -> str:
        """Return the word as it is read first, with who says so and since when."""
        by = ", ".join(part for part in (self.said_by, self.agency or "agency not recorded") if part)
        said = f"({by}, {say_date(self.said_on)}; {self.number})"
        asked = f" {self.asked_by} asks that this ends; a second person is to agree." if self.asked_by else ""
        if self.kind == DO_NOT:
            return f"DO NOT APPROACH {said}.{asked}"
        told = self.words or f"there is one; ask {self.agency or 'the coordinator'}"
        return f"Safe contact: {told} {said}.{asked}"


def of_profile(act: Act, profile_id: int) -> tuple[ApproachShown, ...]:
    """Return what stands about approaching a person, warnings first."""
    return tuple(_shown(row) for row in act.read(db.approach.of_profile, profile_id))


def say(
    session: Session,
    pseudonym: str,
    *,
    do_not_approach: bool = False,
    safe_contact: str = "",
    replaces: int | None = None,
    reason: Reason,
) -> tuple[ApproachShown, ...]:
    """Say, for one's own agency, that a person must not be approached, or how to reach them safely; or both.

    What is left out stays as it is, and what other agencies said stands beside it.

    Args:
        session: who says it: a coordinator, or somebody whose agency knows the person or to whom the profile is open.
        pseudonym: whose.
        do_not_approach: say the warning; nothing lifts one here.
        safe_contact: how to reach them; empty says nothing new.
        replaces: the number of one's own agency's words as they were on screen; 0 says that there were none any more.

    Returns:
        What stands now.

    Raises: InputRejected (nothing was said), StaleRecord (one's own agency says something else by now), NotFound,
        Refused.
    """
    words = clean(safe_contact)[:LONGEST]
    if not do_not_approach and not words:
        raise InputRejected("Nothing was said.", "Nothing was changed.", "Say the warning, or how to reach them.")
    with session.act(Operation.ALTER, Thing.PROFILE, reason=reason) as act:
        row = _may_act(act, pseudonym)
        own = [each for each in act.read(db.approach.of_profile, row.profile_id) if each.is_own]
        if do_not_approach and not any(each.kind == DO_NOT for each in own):
            _keep(act, row, DO_NOT, "")
        if words:
            _replace(act, row, [each for each in own if each.kind == SAFE], words, replaces)
        shown = of_profile(act, row.profile_id)
        act.note(approach=len(shown))
    return shown


def lift(session: Session, number: int, why: str, reason: Reason, *, over: str | int | None = None) -> bool:
    """End a warning or a safe contact: at once where one's own agency said it, otherwise ask for a second person.

    Args:
        session: who asks.
        number: the word's.
        why: in words.
        reason: why one acts.
        over: somebody else's request that one has seen; the words of both stand in it.

    Returns:
        Whether it ended; False where it waits for a second person.

    Raises: InputRejected (no reason), NotFound, StaleRecord (somebody else asks for it, with other words), Refused (one
        may not act for the person).
    """
    words = clean(why)
    if not is_a_reason(words):
        raise InputRejected("A reason is missing.", "Nothing was changed.", "Say in a few words why it should end.")
    with session.act(Operation.ALTER, Thing.PROFILE, reason=reason, typed=words) as act:
        row = _standing(act, number)
        person = act.read(db.case_reading.by_id, row.profile_id)
        _may_act(act, person.pseudonym if person else "")
        now = stamp(session.clock.now())
        if row.is_own:
            act.write(db.approach.end, number, row.profile_id, "ended", session.user.name, now)
        else:
            _ask_to_end(act, row, words, over)
        act.note(approach=number, ended=bool(row.is_own))
    return bool(row.is_own)


def _ask_to_end(act: Act, row: ApproachRow, words: str, over: str | int | None) -> None:
    me, now = act.session.user.name, stamp(act.session.clock.now())
    if row.asked_by is None or row.asked_by == me:
        act.write(db.approach.ask_to_end, row.id, me, now, words)
        return
    if over != f"{row.asked_by} {row.asked_at}":
        raise StaleRecord(
            "Somebody asks already that this ends; a second person is to agree.",
            "Nothing was changed.",
            "Over it, your words are put beside theirs.",
            differing({"why": "Why it should end"}, theirs={"why": row.asked_why}, mine={"why": words}),
            by=row.asked_by,
            over=f"{row.asked_by} {row.asked_at}",
        )
    # Whoever asked first goes on asking: two people who ask are not two who agree.
    act.write(db.approach.ask_to_end, row.id, row.asked_by, row.asked_at or now, f"{row.asked_why}\n{me}: {words}")


def settle(session: Session, number: int, *, agreed: bool, reason: Reason) -> None:
    """Agree, as the second person, that another agency's word ends, or let it stand.

    Raises: NotFound (nobody asks for it), Refused (the same person asked).
    """
    with session.act(Operation.ALTER, Thing.GROUND, reason=reason, facts={"step": "approach"}) as act:
        row = _standing(act, number)
        person = act.read(db.case_reading.by_id, row.profile_id)
        act.concerns([person.pseudonym] if person else [])
        if row.asked_by is None:
            raise _no_such()
        if row.asked_by == session.user.name:
            act.refuse("The second person must be somebody else.", "It stands as it was.", "Ask a supervisor.")
        if agreed:
            now = stamp(session.clock.now())
            act.write(db.approach.end, number, row.profile_id, "ended", session.user.name, now)
        else:
            act.write(db.approach.ask_to_end, number, "", "", "")
        act.note(approach=number, ended=agreed)


def _may_act(act: Act, pseudonym: str) -> MaskedRow:
    row = found(act, written_out(pseudonym))
    act.concerns([row.pseudonym])
    if act.session.user.role not in SPEAKS_FOR_EVERY_AGENCY and not works_with(act, row.profile_id):
        act.refuse(
            "Your agency does not know this person.",
            "Nothing was changed.",
            "Tell the coordinator, who can record it.",
        )
    return row


def _replace(act: Act, row: MaskedRow, own: Sequence[ApproachRow], words: str, replaces: int | None) -> None:
    if any(each.words == words for each in own):
        return
    if own and replaces not in {each.id for each in own}:
        newest = own[-1]
        raise StaleRecord(
            "Your agency says something else already.",
            f"It says: {newest.words} ({newest.said_by}, {say_date(date.fromisoformat(newest.said_at[:10]))}). "
            "Nothing was changed.",
            f"To replace it, give its number: {newest.id}.",
            differing(_SAFE_CONTACT, theirs={"safe_contact": newest.words}, mine={"safe_contact": words}),
            by=newest.said_by,
            over=newest.id,
        )
    if replaces and not own:
        raise StaleRecord(
            "It was ended meanwhile.",
            "Nothing was changed.",
            "Look at the profile again.",
            differing(_SAFE_CONTACT, theirs={}, mine={"safe_contact": words}),
            over=0,
        )
    now = stamp(act.session.clock.now())
    for each in own:
        act.write(db.approach.end, each.id, row.profile_id, "replaced", act.session.user.name, now)
    _keep(act, row, SAFE, words)


def _keep(act: Act, row: MaskedRow, kind: str, words: str) -> None:
    user, now = act.session.user, stamp(act.session.clock.now())
    act.write(db.approach.say, row.profile_id, kind, words, user.agency, user.name, now)


def _standing(act: Act, number: int) -> ApproachRow:
    row = act.read(db.approach.by_id, number)
    if row is None:
        raise _no_such()
    return row


def _no_such() -> NotFound:
    return NotFound("There is no such word about approaching somebody.", "Nothing was changed.", "Check its number.")


def _shown(row: ApproachRow) -> ApproachShown:
    return ApproachShown(
        row.id,
        row.kind,
        row.words,
        row.agency_shown,
        row.said_by,
        date.fromisoformat(row.said_at[:10]),
        bool(row.is_own),
        row.asked_by or "",
    )
