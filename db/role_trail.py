"""Who held which role when, as the entries of the trail say one after another; what no role allowed is named."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

ADMINISTRATOR, RECOVERY, AWAITING, LEFT = "administrator", "recovery", "awaiting", "left"

SECONDS = frozenset({"supervisor", "governance", ADMINISTRATOR})
"""Whose signature may be the second; kingshurst_tui/permissions.py says the same, and a test compares them."""


class _Proposed(NamedTuple):
    user: str
    role: str
    by: str
    document: str


@dataclass
class RoleTrail:
    """What everybody held after the entries that were read; give it every entry whose signature holds, in order."""

    _held: dict[str, str] = field(default_factory=dict)
    _proposed: dict[int, _Proposed] = field(default_factory=dict)
    #: Who signed the first grant; empty in a store whose administrator's word still gives a role.
    _founder: str = ""
    #: Whether anybody but the founder was ever given a role that confirms; from then on only such a role does.
    _has_seconds: bool = False

    def problem(self, seq: int, body: dict[str, Any]) -> str:
        """Take in an entry, and return what nobody in that role could do; empty where nothing is wrong.

        Raises: KeyError, TypeError, ValueError where its text is not that of an entry.
        """
        actor, facts = body["actor"], body["facts"]
        if seq == 1:
            self._held[actor] = str(facts["role"])
            self._founder = actor if "grant" in facts else ""
        held = self._held[actor]
        # The recovery key's slot acts as an administrator, and the trail knows it by its own name.
        if body["role"] != (ADMINISTRATOR if held == RECOVERY else held):
            return f"it says that {actor} acted as {body['role']}, and the trail that they were {held}"
        if seq == 1 or body["result"] != "done" or body["thing"] not in ("user", "role-grant"):
            return ""
        if body["thing"] == "role-grant":
            return self._granting(actor, held, facts)
        if facts.get("status") == LEFT:
            if held != RECOVERY and held not in SECONDS:  # bringing a copy back ends it again for who left since
                return f"it ends what somebody was granted, and {actor} was {held}"
            self._end(str(facts["user"]))
        return self._introducing(actor, held, facts) if "signing_public" in facts else ""

    def _introducing(self, actor: str, held: str, facts: dict[str, Any]) -> str:
        user = str(facts["user"])
        if held not in (ADMINISTRATOR, RECOVERY):
            return f"it introduces a user, and {actor} was {held}"
        if user in self._held:
            return ""  # another key for somebody who is known
        if facts.get("role") == RECOVERY:
            self._held[user] = RECOVERY
        elif "grant" in facts:
            self._held[user] = AWAITING
            self._propose(actor, facts)
        elif self._founder:
            return "it introduces somebody whose role nobody proposed"
        else:
            self._held[user] = str(facts["role"])
        return ""

    def _granting(self, actor: str, held: str, facts: dict[str, Any]) -> str:
        step = facts.get("step")
        if step in ("found", "propose"):
            if held != ADMINISTRATOR:
                return f"it grants a role, and {actor} was {held}"
            if step == "propose":
                self._propose(actor, facts)
                return "" if facts["user"] != actor else "nobody grants a role to themselves"
            if self._founder or facts["user"] != actor:
                return "it founds the roles of a store that has them"
            self._founder = actor
            self._held |= {name: AWAITING for name, was in self._held.items() if was not in (RECOVERY, LEFT)}
            self._held[actor] = ADMINISTRATOR
            return ""
        proposed = self._proposed.pop(facts["grant"], None)
        if proposed is None or (proposed.user, proposed.role) != (facts["user"], facts["role"]):
            return "it settles a role that nobody proposed"
        if step == "refuse" and actor == proposed.by:
            return ""
        if actor in (proposed.by, proposed.user) or not self._may_be_second(actor, held, proposed.role):
            return f"{actor} could not be the second person for it"
        if step == "confirm":
            if proposed.document != facts["document"]:
                return "it confirms another document than was proposed"
            self._held[proposed.user] = proposed.role
            self._has_seconds |= proposed.role in SECONDS and proposed.user != self._founder
        return ""

    def _propose(self, actor: str, facts: dict[str, Any]) -> None:
        self._proposed[facts["grant"]] = _Proposed(
            str(facts["user"]), str(facts["role"]), actor, str(facts["document"])
        )

    def _may_be_second(self, actor: str, held: str, role: str) -> bool:
        if held in SECONDS:
            return True
        if self._has_seconds or role not in SECONDS:
            return False
        return any(each.user == actor and each.role in SECONDS for each in self._proposed.values())

    def _end(self, user: str) -> None:
        self._held[user] = LEFT
        for number in [number for number, each in self._proposed.items() if each.user == user]:
            del self._proposed[number]
