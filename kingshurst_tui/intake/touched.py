"""What other rooms bring up to date when a batch changes what is known of people, in the transaction of that change."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import db.profiles

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act


def after_change(act: Act, touched_record_ids: Collection[int]) -> None:
    """Bring flags, incidents and consents up to date for the people whose source records a batch states or replaced.

    Args:
        act: the act that accepts or recalls the batch; what changes commits with it.
        touched_record_ids: source records; those that belong to no profile yet change nothing until they are linked.
    """
    if not touched_record_ids:
        return
    profiles = set(act.read(db.profiles.profiles_of, touched_record_ids).values())
    if not profiles:
        return
    from kingshurst_tui.casework import consents, recompute

    act.write(db.profiles.touch, sorted(profiles))
    consents.rematch(act, profiles)
    recompute.recompute(act, profiles)


def after_leaving(act: Act, leaving_record_ids: Collection[int]) -> None:
    """Take source records of which nothing is left out of their profiles, and reopen what rested on them."""
    if not leaving_record_ids or not act.read(db.profiles.profiles_of, leaving_record_ids):
        return
    from kingshurst_tui.linkage.profiles import withdraw_records

    withdraw_records(act, leaving_record_ids)
