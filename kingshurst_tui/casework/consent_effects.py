"""What a consent does: matched or left to a reviewer, it opens a profile, lifts confidentiality or ends others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import db.case_reading
import db.case_writing
import db.consent_register
import db.consents
import db.openings
import db.profiles
import db.users
from db.consents import ConsentRow
from db.openings import OpeningRow
from db.sight import combining
from kingshurst_tui.acts import Act
from kingshurst_tui.casework import consent_giving
from kingshurst_tui.casework.confidentiality import NO_END, after_consent, after_linking
from kingshurst_tui.casework.matching import match
from kingshurst_tui.clock import stamp
from kingshurst_tui.vocabulary import ConsentKind

SIGHT_COUNTER = "sight"


def rematch(act: Act, profile_ids: Iterable[int] | None = None) -> int:
    """Try the waiting consents again, after linking or intake changed who is there.

    Args:
        act: the act that changed them; what takes effect is entered with it.
        profile_ids: the profiles that changed; None for all.

    Returns:
        How many took effect.
    """
    ids = None if profile_ids is None else set(profile_ids)
    if ids:
        after_linking(act, ids)
    with combining(act.connection):
        waiting = [
            row for row in act.read(db.consents.with_status, "waiting") if row.kind != ConsentKind.CONFIDENTIALITY
        ]
        if not waiting:
            return 0
        if ids is not None:
            born = {sighting.born for sighting in act.read(db.consents.sightings_of, ids)}
            waiting = [row for row in waiting if row.born in born]
        return sum(_try(act, row) for row in waiting)


def ended_by(number: int) -> str:
    """Return why an agreement ended that a refusal ended; by it the refusal's withdrawal finds it again."""
    return f"declined later: consent {number}"


def take_effect(act: Act, row: ConsentRow, profile_id: int) -> None:
    """Let an agreement open a profile from today until it expires; let a refusal end the agreements before it."""
    today = act.session.clock.today()
    if row.kind == ConsentKind.DECLINED:
        act.write(db.consents.set_match, row.id, profile_id, "refused")
        _end_earlier(act, row, profile_id)
    else:
        act.write(db.consents.set_match, row.id, profile_id, "effective")
        until = row.expires_on or NO_END
        opening = OpeningRow(profile_id, row.purpose or "", today.isoformat(), until, "consent", row.id)
        act.write(db.openings.put_opening, opening)
    act.write(db.case_writing.raise_version, [profile_id])
    act.write(db.users.bump, SIGHT_COUNTER)
    person = act.read(db.case_reading.by_id, profile_id)
    if person is not None:
        act.concerns([person.pseudonym])


def _end_earlier(act: Act, declined: ConsentRow, profile_id: int) -> None:
    today = act.session.clock.today()
    with combining(act.connection):
        ended = consent_giving.standing_against(act, declined, profile_id)
    for row in ended:
        act.write(db.consents.withdraw, row.id, today.isoformat(), ended_by(declined.id))
        act.write(db.openings.close_opening, "consent", row.id, (today - timedelta(days=1)).isoformat())
    if ended:
        # The giver reads "received" and nothing else: what rested on the agreement is listed where links are looked at.
        resting = act.read(db.profiles.resting, [profile_id]).get(profile_id, [])
        kept = [each for each in resting if each.thing in ("decision", "action")]
        at = stamp(act.session.clock.now())
        act.write(db.profiles.note_reopened, profile_id, kept, f"the person declined: consent {declined.id}", at)


def match_now(act: Act, numbers: Iterable[int]) -> int:
    """Try to match these consents with who is there; return how many took effect."""
    return sum(_try(act, row) for row in _kept(act, numbers) if row.kind != ConsentKind.CONFIDENTIALITY)


def lift(act: Act, numbers: Iterable[int]) -> None:
    """Let what these consents say of confidentiality hold from now on."""
    changed: set[int] = set()
    for row in _kept(act, numbers):
        if row.kind == ConsentKind.CONFIDENTIALITY:
            changed |= after_consent(act, row)
    recompute_flags(act, changed)


def recompute_flags(act: Act, profile_ids: set[int]) -> None:
    """Bring the flags of these profiles up to date."""
    if profile_ids:
        from kingshurst_tui.casework import recompute

        recompute.recompute(act, profile_ids)


def _kept(act: Act, numbers: Iterable[int]) -> list[ConsentRow]:
    return [row for number in numbers if (row := act.read(db.consents.by_id, number)) is not None]


def _try(act: Act, row: ConsentRow) -> bool:
    found = match(row, act.read(db.consents.sightings, row.born or ""))
    if found.profile_id is None or not consent_giving.takes_effect(act, row, found.profile_id):
        return False
    take_effect(act, row, found.profile_id)
    return True


def next_version(act: Act, digest: str, rows: int) -> int:
    """Count the register on by one version and return it."""
    version = act.read(db.consent_register.register_version) + 1
    act.write(db.consent_register.add_register, version, digest, stamp(act.session.clock.now()), rows)
    return version
