"""The partnership's own clocks, targets and loads, each with what it is where nobody has said otherwise, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import db.users
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.errors import InputRejected, UsageError
from kingshurst_tui.intake.text import clean
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that the partnership sets for its panels.

    Attributes:
        title: as it is read.
        usual: what it is where nobody has set it.
        unit: of what.
        source: where the usual value comes from.
        least: the lowest it may be.
        most: the highest.
    """

    title: str
    usual: int
    unit: str
    source: str
    least: int
    most: int


SETTINGS: dict[str, Setting] = {
    "panel.load": Setting(
        "Cases that are one panel's load", 20, "cases", "two hours at six minutes a case; the partnership's own", 1, 99
    ),
    "panel.minutes": Setting("Minutes a case", 6, "minutes", "two hours for twenty cases; the partnership's", 1, 240),
    "panel.lock": Setting("Minutes without a key before the room locks", 10, "minutes", "the partnership's", 1, 120),
    "panel.information": Setting(
        "Working days before a panel by which information is sent", 5, "working days", "the partnership's own", 0, 30
    ),
    "panel.dissent-chair": Setting(
        "Hours in which the chair answers a dissent",
        24,
        "hours",
        "West Yorkshire's resolution and escalation, its immediate route",
        1,
        240,
    ),
    "panel.dissent-managers": Setting(
        "Working days in which managers settle a dissent",
        5,
        "working days",
        "West Yorkshire's resolution and escalation, steps 1 to 5",
        1,
        60,
    ),
    "panel.dissent-board": Setting(
        "Working days in which the board settles a dissent",
        14,
        "working days",
        "West Yorkshire's resolution and escalation, step 6",
        1,
        60,
    ),
    "panel.actions-hours": Setting(
        "Hours after a panel in which actions go out",
        24,
        "hours",
        "Scottish adult protection: actions in 24 hours",
        1,
        240,
    ),
    "panel.minutes-days": Setting(
        "Working days after a panel in which minutes go out",
        10,
        "working days",
        "Scottish adult protection: the minute in 10 working days",
        1,
        60,
    ),
    "panel.holders_an_agency": Setting(
        "Named people of each agency who may hold something of a data set at one time",
        5,
        "people",
        "where its agreement states no number: a member, a deputy, a worker, a manager, a clerk; the partnership's own",
        1,
        50,
    ),
    "panel.noisy-below": Setting(
        "Flags of a rule found useful, in a hundred, below which governance looks at it",
        50,
        "in a hundred",
        "more people than not found them of no use; a convention of this program, from no study",
        1,
        99,
    ),
    "panel.copy-days": Setting(
        "Days for which a copy may be kept", 90, "days", "about the time to a review; the partnership's own", 1, 366
    ),
}
"""Every setting of the panels, by name. Rooms add their own, each with its source."""


def value(act: Act, name: str) -> int:
    """Return a setting inside an act: what the partnership set, or the usual value."""
    return _value(act.read(db.users.get_setting, name), name)


def value_of(session: Session, name: str) -> int:
    """Return a setting; about no person."""
    return _value(session.look(db.users.get_setting, name), name)


def change(session: Session, name: str, to: int, why: str) -> None:
    """Set one of the partnership's clocks, targets or loads.

    Raises: UsageError (no such setting), InputRejected (out of bounds, or no reason), Refused.
    """
    setting = SETTINGS.get(name)
    if setting is None:
        raise UsageError(f"No such setting: {name}.", "Nothing was changed.", f"One of: {', '.join(SETTINGS)}.")
    words = clean(why)
    wrong = []
    if not setting.least <= to <= setting.most:
        wrong.append(f"value: from {setting.least} to {setting.most} {setting.unit}")
    if not is_a_reason(words):
        wrong.append(f"why: {HINT}")
    if wrong:
        raise InputRejected(
            "The setting was not changed.", "Nothing was changed.\n" + "\n".join(wrong), "Correct these.", tuple(wrong)
        )
    reason = Reason(ReasonCode.PANEL, words)
    with session.act(Operation.ADMINISTER, Thing.PANEL, reason=reason) as act:
        act.note(setting=name, value=to, before=value(act, name))
        act.write(db.users.put_setting, name, str(to))


def _value(kept: str | None, name: str) -> int:
    return int(kept) if kept else SETTINGS[name].usual
