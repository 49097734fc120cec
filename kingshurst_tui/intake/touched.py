"""What other rooms bring up to date when source records leave, in the transaction of that change."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import db.profiles

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act


def after_leaving(act: Act, leaving_record_ids: Collection[int]) -> None:
    """Take source records of which nothing is left out of their profiles, and reopen what rested on them."""
    if not leaving_record_ids or not act.read(db.profiles.profiles_of, leaving_record_ids):
        return
    from kingshurst_tui.linkage.profiles import withdraw_records

    withdraw_records(act, leaving_record_ids)
