"""Whose is a referral? A coordinator finds out, out of the referrer's sight; a person decides, never the machine.

The audit trail is read by supervisors of the referrer's agency too. So its entries say that somebody reconciled, and
neither of which referral nor of whom; that lies sealed with the words typed, and is shown to nobody whose agency refers
(oversight/trail.py). Where all coordinators are of the agency that referred, a supervisor or the information governance
officer of another agency does it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import db.case_reading
import db.consents
import db.referrals
import db.users
from kingshurst_tui.casework.consent_review import Candidate, compared
from kingshurst_tui.casework.matching import match
from kingshurst_tui.casework.profiles_found import written_out
from kingshurst_tui.casework.referrals_shown import ReferralShown, shown_referral
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import Changed, InputRejected, NotFound, StaleRecord
from kingshurst_tui.vocabulary import Operation, Role, Thing

if TYPE_CHECKING:
    from db.consents import Sighting
    from db.referrals import FoundRow, ReferralRow
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.session import Session

WAITING, MATCHED, NEW = "waiting", "matched", "new"
OVER = ("rejected", "done", "revoked")
"""Referrals that nobody need reconcile any more."""


@dataclass(frozen=True, slots=True)
class ToReconcile:
    """A referral whose person nobody has named yet.

    Attributes:
        candidates: profiles it may be about, masked: how fields compare, never what they hold.
        because: what the comparison came to, in words.
        looked_at: somebody found nobody here before, and now there is somebody.
    """

    referral: ReferralShown
    candidates: tuple[Candidate, ...]
    because: str
    looked_at: bool


def queue(session: Session, reason: Reason) -> tuple[ToReconcile, ...]:
    """Return the referrals that wait, the oldest first; without those that the coordinator's own agency sent.

    One with a candidate that only records not shared with the coordinator's agency could show waits for another, as
    consents do (consent_review.py). Where nobody was found, it comes back when somebody is.

    Raises: Refused.
    """
    with session.act(Operation.COMBINE, Thing.REFERRAL, reason=reason, combine=True) as act:
        found = act.read(db.referrals.found, session.purpose)
        rows = [
            row
            for row in act.read(db.referrals.every, session.purpose)
            if row.status not in OVER and found[row.id].reconciled != MATCHED and _may_settle(act, row)
        ]
        whose = _under_references(act, rows)
        waiting = []
        for row in rows:
            chosen = _Compared(act, row, whose)
            again = found[row.id].reconciled == NEW
            if not chosen.may_compare or (again and not chosen.everybody):
                continue
            waiting.append(ToReconcile(shown_referral(act, row), chosen.candidates(), chosen.because, again))
        shown = [candidate.pseudonym for each in waiting for candidate in each.candidates]
        act.typed = f"Shown as candidates: {', '.join(shown) or 'nobody'}"
    return tuple(waiting)


def waiting_for(act: Act) -> int:
    """Return how many referrals wait for the acting user to say whose they are; needs the sight of a matching act."""
    found = act.read(db.referrals.found, act.session.purpose)
    return sum(
        found[row.id].reconciled == WAITING and row.status not in OVER and _may_settle(act, row)
        for row in act.read(db.referrals.every, act.session.purpose)
    )


def settle(session: Session, number: int, pseudonym: str | None, reason: Reason) -> None:
    """Say whose a referral is, or that it is nobody's here.

    Args:
        session: a coordinator, not one of the agency that sent it; where there is no other, a supervisor or the
            information governance officer.
        number: the referral's.
        pseudonym: one of its candidates; None where it is none of them.
        reason: why one acts.

    Raises: NotFound, InputRejected (no candidate of that name), StaleRecord (somebody has said so), Refused.
    """
    with session.act(Operation.COMBINE, Thing.REFERRAL, reason=reason, combine=True) as act:
        row, found = _waiting(act, number)
        if found.reconciled == MATCHED:
            mine = "nobody's here" if pseudonym is None else "somebody's"
            said = [Changed("", f"Referral {number}", "waiting", "reconciled", mine)]
            raise StaleRecord(
                "Somebody has said already whose this referral is.", "Nothing was changed.", "", said,
                by=found.reconciled_by or "",
            )  # fmt: skip
        chosen = _Compared(act, row, _under_references(act, [row]))
        if not chosen.may_compare:
            raise NotFound("There is no such referral waiting.", "Nothing was changed.", "Check its number.")
        profile_id = chosen.profile_of(pseudonym) if pseudonym is not None else None
        _put(act, number, profile_id, MATCHED if profile_id is not None else NEW, pseudonym or "nobody here")


def undo(session: Session, number: int, reason: Reason) -> None:
    """Take back what was said of whose a referral is; it waits again. Raises: NotFound, Refused."""
    with session.act(Operation.COMBINE, Thing.REFERRAL, reason=reason, combine=True) as act:
        _, found = _waiting(act, number)
        person = act.read(db.case_reading.by_id, found.profile_id) if found.profile_id is not None else None
        _put(act, number, None, WAITING, f"no more {person.pseudonym if person else 'nobody here'}")


def _waiting(act: Act, number: int) -> tuple[ReferralRow, FoundRow]:
    row = act.read(db.referrals.by_id, number)
    found = act.read(db.referrals.found, act.session.purpose).get(number)
    if row is None or found is None:
        raise NotFound("There is no such referral waiting.", "Nothing was changed.", "Check its number.")
    if _is_own(act, row):
        act.refuse(
            "Whoever refers somebody does not find out whether they are known here.",
            hint="A coordinator of another agency says whose it is; where there is none, a supervisor or the "
            "information governance officer of another agency: kingshurst referral waiting",
        )
    if not _may_settle(act, row):
        act.refuse("A coordinator says whose this referral is.", hint="One of an agency that did not send it.")
    return row, found


def _is_own(act: Act, row: ReferralRow) -> bool:
    """Say whether the acting user stands on the referrer's side; a coordinator who entered it for others does not."""
    return row.from_agency == act.session.user.agency


def _may_settle(act: Act, row: ReferralRow) -> bool:
    """Say whether the acting user is to find out whose it is: others than coordinators where no coordinator can."""
    if _is_own(act, row):
        return False
    if act.session.user.role is Role.COORDINATOR:
        return True
    active = (user for user in act.read(db.users.every) if user.status == "active")
    return all(user.agency_code == row.from_agency for user in active if user.role == Role.COORDINATOR)


def _put(act: Act, number: int, profile_id: int | None, how: str, whose: str) -> None:
    user, at = act.session.user.name, stamp(act.session.clock.now())
    act.write(db.referrals.add_step, number, None, "reconciled", how, user, at)
    act.write(db.referrals.reconcile, number, profile_id, how, user, at)
    act.typed = f"Referral {number}: {whose}"


def _under_references(act: Act, rows: Sequence[ReferralRow]) -> Mapping[tuple[str, str], set[int]]:
    given = [(row.from_agency, row.own_reference) for row in rows if row.own_reference]
    return act.read(db.referrals.under_references, given) if given else {}


class _Compared:
    """A referral beside the people it may be about."""

    def __init__(self, act: Act, row: ReferralRow, whose: Mapping[tuple[str, str], set[int]]) -> None:
        self._act = act
        self._row = row
        gated = act.read(db.case_reading.gated_data_sets)
        self._shared = frozenset(each.reference for each in gated if each.is_live and each.is_shared)
        self._by_reference = whose.get((row.from_agency, row.own_reference or ""), set())
        sightings = act.read(db.consents.sightings_of, self._by_reference)
        if row.born:
            sightings += act.read(db.consents.sightings, row.born)
        elif row.postcode:
            sightings += act.read(db.referrals.sightings_at, row.surname or "", row.postcode)
        self.everybody = self._chosen(sightings)
        seen = self._chosen([each for each in sightings if each.agreement_ref in self._shared])
        self.may_compare = set(self.everybody) <= set(seen)
        self.because = self._why(sightings)

    def _chosen(self, sightings: list[Sighting]) -> tuple[int, ...]:
        by_reference = {each.profile_id for each in sightings} & self._by_reference
        if self._row.born:
            return tuple(sorted({*match(self._row, self._born_then(sightings)).candidates, *by_reference}))
        return tuple(sorted({each.profile_id for each in sightings}))

    def _born_then(self, sightings: list[Sighting]) -> list[Sighting]:
        return [each for each in sightings if each.born == self._row.born]

    def _why(self, sightings: list[Sighting]) -> str:
        if self._by_reference:
            return "a record under the referrer's own reference"
        if not self._row.born:
            return "no date of birth was given: by surname and postcode" if self.everybody else "nobody is like it"
        said = match(self._row, self._born_then(sightings))
        return said.because or "names and date of birth are the same"

    def profile_of(self, pseudonym: str) -> int:
        """Return the candidate of that pseudonym. Raises: InputRejected."""
        people = self._act.read(db.case_reading.by_ids, self.everybody)
        wanted = written_out(pseudonym)
        for number, person in people.items():
            if person.pseudonym == wanted:
                return number
        raise InputRejected(
            "That profile is none of the candidates.", "Nothing was changed.", "Choose one of those shown."
        )

    def candidates(self) -> tuple[Candidate, ...]:
        """Return the people it may be about, masked."""
        people = self._act.read(db.case_reading.by_ids, self.everybody)
        records: dict[int, list[Sighting]] = {}
        hidden: set[int] = set()
        for sighting in self._act.read(db.consents.sightings_of, self.everybody):
            if sighting.agreement_ref in self._shared:
                records.setdefault(sighting.profile_id, []).append(sighting)
            else:
                hidden.add(sighting.profile_id)
        found = []
        for number in self.everybody:
            if number not in people:
                continue
            person = people[number]
            # A referral names nobody by NHS number, which comes last; the referrer's own reference stands in its place.
            fields = compared(self._row, records.get(number, []), some_hidden=number in hidden)[:-1]
            under_18 = None if person.under_18 is None else bool(person.under_18)
            reference = ("their own reference", self._reference(number))
            found.append(Candidate(person.pseudonym, under_18, bool(person.is_open), (*fields, reference)))
        return tuple(found)

    def _reference(self, number: int) -> str:
        if not self._row.own_reference:
            return "not given"
        return "the same" if number in self._by_reference else "different"
