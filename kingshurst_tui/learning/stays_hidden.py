"""What was hidden of a period stays hidden: else a late record that lifts nine to ten would tell both.

Whoever knows that one record came in late, and sees a hidden number of a past quarter become a shown one, knows the
number before and after. So every hidden figure of a period is kept by its name, and hidden in every later report.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

import db.users
from kingshurst_tui.acts import Reason
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session

_SETTING = "learning.hidden"
_SEPARATOR = "|"
Hidden = frozenset[str]


def named(*parts: str) -> str:
    """Return the name of a figure: its period first, then what it is of."""
    return _SEPARATOR.join(parts)


def hidden_before(act: Act) -> Hidden:
    """Return the names of the figures that were hidden in any report, whatever it was for.

    The same data sets may serve two purposes: shown for one what was hidden for the other, a figure would be told.
    """
    found: dict[str, list[str]] = json.loads(act.read(db.users.get_setting, _SETTING) or "{}")
    return frozenset(name for names in found.values() for name in names)


def keep(session: Session, thing: Thing, hidden: Iterable[str], before: Hidden) -> None:
    """Keep the names of what is hidden now, before anybody sees the rest; an act of its own where there is any news.

    Raises: Refused, StoreUnavailable.
    """
    news = frozenset(hidden) - before
    if not news:
        return
    reason = Reason(ReasonCode.OVERSIGHT)
    with session.act(
        Operation.COMBINE, thing, reason=reason, combine=True, facts={"step": "hidden, and kept so"}
    ) as act:
        found: dict[str, list[str]] = json.loads(act.read(db.users.get_setting, _SETTING) or "{}")
        found[session.purpose] = sorted({*found.get(session.purpose, ()), *news})
        act.write(db.users.put_setting, _SETTING, json.dumps(found))
        act.note(step="hidden, and kept so", figures=len(news))
