"""The rules of oversight: what each looks for, in words; its thresholds and where they come from are the partnership's.

A rule finds entries and says which. It counts nobody up, orders nobody, and gives no number for a person.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import db.users
from kingshurst_tui.acts import Reason
from kingshurst_tui.errors import InputRejected, NotFound
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

BY_PARTNERSHIP = "Set by the partnership."
SETTING = "oversight-rules"

OWN_NAME, OWN_ADDRESS, COLLEAGUES = "own-name", "own-address", "colleagues"
HOURS, BULK, SEARCHES = "unusual-hours", "bulk-reading", "searches-that-opened-nothing"


@dataclass(frozen=True, slots=True)
class OversightRule:
    """One rule.

    Attributes:
        code: its name for ever.
        title: a few words.
        says: what it looks for; ``{name}`` stands for a threshold.
        knows: what can and cannot be known by it.
        thresholds: by name; a whole number, or a time of day "HH:MM".
        source: who set the thresholds, and on what.
        is_on: whether it is looked for.
    """

    code: str
    title: str
    says: str
    knows: str
    thresholds: dict[str, int | str]
    source: str = BY_PARTNERSHIP
    is_on: bool = True

    @property
    def in_words(self) -> str:
        """What it looks for, with its thresholds."""
        return self.says.format(**self.thresholds)


_ROOMS = (
    "Counted is every entry of consulting or sending out that names the person, whatever the room; a mask counts, and "
    "so does a list they stood on, which is said apart."
)

SHIPPED = (
    OversightRule(
        OWN_NAME,
        "Own name",
        "Somebody was shown a person who bears their own forename and surname (or former surname).",
        f"{_ROOMS} Names are compared with the user's display name inside the store; a namesake is a hit too. A "
        "display name that is no person's name finds nobody. A referral that was read counts by the name in it.",
        {},
    ),
    OversightRule(
        OWN_ADDRESS,
        "Own address",
        "Somebody was shown a person who lives, or lived, at an address of a person who bears their own name.",
        f"{_ROOMS} The store does not know where users live: it knows only where people of their name do. Where no "
        "record bears the user's name, nothing can be found.",
        {},
    ),
    OversightRule(
        COLLEAGUES,
        "Colleagues",
        "Somebody was shown a person who bears the forename and surname of another user.",
        f"{_ROOMS} As with the own name: a namesake of a colleague is a hit too.",
        {},
    ),
    OversightRule(
        HOURS,
        "Unusual hours",
        "Somebody read or changed something about people before {from} or after {to}, or on a Saturday or Sunday.",
        "Hours are those of the United Kingdom. Bank holidays and shifts are not known.",
        {"from": "07:00", "to": "20:00"},
    ),
    OversightRule(
        BULK,
        "Bulk reading",
        "Somebody opened more than {hour} people within an hour, or more than {day} within a day, each by themselves.",
        "Counted is whoever was shown alone or as one of a pair, in any room (profile, case, decision, note, action, "
        "meeting, letter), each person once; masks, searches, agendas and lists of three or more are not.",
        {"hour": 30, "day": 100},
    ),
    OversightRule(
        SEARCHES,
        "Searches that opened nothing",
        "Somebody searched by words, and looked at nobody by themselves within {minutes} minutes afterwards.",
        "What was searched for is in the entry's sealed words. Nobody may have been found; that is a hit too. To open "
        "or page a list of people is no search.",
        {"minutes": 15},
    ),
)
"""Thresholds to begin with; no source sets them, the partnership must."""

_MOST = 100_000
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def oversight_rules(session: Session) -> tuple[OversightRule, ...]:
    """Return the rules as the partnership has them; anybody signed in may read what is looked for."""
    kept: dict[str, dict[str, Any]] = json.loads(session.look(db.users.get_setting, SETTING) or "{}")
    return tuple(_as_kept(rule, kept.get(rule.code, {})) for rule in SHIPPED)


def change_rule(
    session: Session, code: str, *, thresholds: dict[str, str], source: str, is_on: bool = True, why: str = ""
) -> OversightRule:
    """Set a rule's thresholds and where they come from. It is in the trail, with what they were before.

    Raises: Refused, NotFound (no such rule), InputRejected (thresholds that cannot be).
    """
    before = {rule.code: rule for rule in oversight_rules(session)}
    if code not in before:
        raise NotFound("There is no such rule of oversight.", f"Nothing was changed. There are {', '.join(before)}.")
    problems = [] if source.strip() else ["source: say who set this, and on what"]
    read: dict[str, int | str] = {}
    for name, was in before[code].thresholds.items():
        given = thresholds.get(name, str(was)).strip()
        if isinstance(was, int) and given.isascii() and given.isdigit() and 1 <= int(given[:7]) <= _MOST:
            read[name] = int(given[:7])
        elif isinstance(was, str) and _TIME.fullmatch(given):
            read[name] = given
        else:
            asked = f"a whole number from 1 to {_MOST:,}" if isinstance(was, int) else "a time of day like 07:00"
            problems.append(f"{name}: must be {asked}")
    unknown = [name for name in thresholds if name not in before[code].thresholds]
    problems += [f"{name}: this rule has no such threshold" for name in unknown]
    if problems:
        raise InputRejected("The rule was not changed.", "", "Mend what is named.", problems=tuple(problems))
    with session.act(Operation.ADMINISTER, Thing.AUDIT, reason=Reason(ReasonCode.OVERSIGHT, why)) as act:
        kept: dict[str, Any] = json.loads(act.read(db.users.get_setting, SETTING) or "{}")
        kept[code] = {"thresholds": read, "source": source.strip(), "on": is_on}
        act.write(db.users.put_setting, SETTING, json.dumps(kept, sort_keys=True))
        act.note(rule=code, on=is_on)
        act.note(**{f"was_{name}": value for name, value in before[code].thresholds.items()})
        act.note(**{f"now_{name}": value for name, value in read.items()})
    return next(rule for rule in oversight_rules(session) if rule.code == code)


def _as_kept(rule: OversightRule, kept: dict[str, Any]) -> OversightRule:
    thresholds = {name: kept.get("thresholds", {}).get(name, value) for name, value in rule.thresholds.items()}
    source = kept.get("source", rule.source)
    return OversightRule(rule.code, rule.title, rule.says, rule.knows, thresholds, source, kept.get("on", True))
