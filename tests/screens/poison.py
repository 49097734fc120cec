"""What a screen gets from below, every text of it replaced by a hostile one, and which screens showed which."""

from __future__ import annotations

import copy
import dataclasses
import enum
import random
import re
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

from kingshurst_tui.casework.decision_form import LISTS, TITLES
from kingshurst_tui.casework.decisions import Form
from kingshurst_tui.oversight.rules import OversightRule
from tests.screens.hostile import MARKED, corpus, marked, number_of

IN_VAIN = 40
"""Drawings one after another that show nothing new, after which a screen is given up."""
NOTHING = 4
"""The same for a screen that has shown none at all."""
SHORT = 60
"""Letters: a longer text is prose that wraps, and is replaced by several strings."""
LONG = 24
"""Lines of a list below which it is shown several times over; a tall terminal shows more, and gets more."""
WITHIN = 6
"""The same for a list within a line of a list."""
_OWN = re.compile(r"KH-[0-9A-Z]{4}-[0-9A-Z]{4}|[EKNSW][0-9]{8}|[0-9T:.,Z+-]+|[A-Z]{2,5}(-[A-Z0-9-]+)?|[a-z0-9_/.-]*")
"""What is the program's own: pseudonyms, codes of places, dates, codes of agencies and data sets, lower-case codes."""
_NAMES = frozenset(
    (
        *("actor", "user", "display_name", "drawn_by", "signed_off_by", "signed_by", "granted_by", "confirmed_by"),
        *("proposed_by", "confirmers", "recorded_by", "second_person", "decided_by", "triaged_by", "written_by"),
        *("reference", "own_references", "title", "given_by", "authority", "judged_by", "model_version", "made_by"),
        *("called_back_by",),
    )
)
"""Fields that hold what a partner sends or a person types, though it may be empty or look like the program's own."""
_PROSE = frozenset(
    (
        *("words", "answer", "judgement", "why", "triage_why", "evidence", "text", "note", "place", "outcome"),
        *("sealed", "tell", "clears", "guards", "problem"),
    )
)
"""The same for what may be long, and is made as long as the screen has room for."""


def _is_made(value: Any) -> bool:
    return bool(value) and dataclasses.is_dataclass(value[0])


class Poison:
    """Replaces free text by hostile strings: of those that the screen in view has not shown yet.

    Attributes:
        shown: which strings each screen showed.
        seconds: of work, by screen.
        drawings: that were looked at, by screen.
        screen: the one in view.
        is_idle: what comes from the store stays as it is.
    """

    def __init__(self, count: int, turns: int, *, long: int = LONG, prose: int = 1) -> None:
        """Make the strings.

        Args:
            count: how many.
            turns: readings from the store for one screen at most.
            long: lines of a list below which it is shown several times over.
            prose: strings in place of one text of a sentence or more.
        """
        self._strings = corpus(count)
        self._turns = turns
        self._long = long
        self._prose = prose
        self._waiting: dict[str, deque[int]] = {}
        self._dice = random.Random(7)
        self._turn = 0
        self.shown: dict[str, set[int]] = {}
        self.seconds: dict[str, float] = {}
        self.drawings: dict[str, int] = {}
        self.screen = ""
        self.is_idle = False

    def at(self, screen: str) -> None:
        """Go on at a screen, as it was left."""
        self.screen = screen
        if screen not in self.shown:
            self.shown[screen] = set()
            self._waiting[screen] = deque(range(len(self._strings)))
            self._waiting[screen].rotate(-len(self._strings) * len(self.shown) // 13)

    def next(self) -> str:
        """Return the next hostile string; every eighth without its number, so that its own first letter comes first."""
        waiting = self._waiting[self.screen]
        self._turn += 1
        if not waiting or self._turn % 8 == 0:
            return self._dice.choice(self._strings)
        waiting.rotate(-1)
        return marked(waiting[-1], self._strings[waiting[-1]])

    def some(self, count: int = 8) -> str:
        """Return several hostile strings as one text, and several times as many where screens are large."""
        return "  ".join(self.next() for _ in range(count * self._prose))

    def look(self, drawn: str) -> None:
        """Note which strings stand in what was drawn."""
        self.drawings[self.screen] = self.drawings.get(self.screen, 0) + 1
        found = {number_of(each) for each in MARKED.findall(drawn)} - self.shown[self.screen]
        if found:
            self.shown[self.screen] |= found
            self._waiting[self.screen] = deque(each for each in self._waiting[self.screen] if each not in found)

    def rounds(self, least: int = 2) -> Iterator[int]:
        """Count turns until the screen has shown every string, or nothing new any more, or has had its share."""
        began, vain, turn = time.process_time(), 0, 0
        while turn < self._turns:
            if turn >= least and not (
                self._waiting[self.screen] and vain < (IN_VAIN if self.shown[self.screen] else NOTHING)
            ):
                break
            before = len(self.shown[self.screen])
            yield turn
            turn += 1
            vain = vain + 1 if len(self.shown[self.screen]) == before else 0
            if vain:
                # Those that are left may have been dealt to what is out of view, and would be again in this order.
                self._dice.shuffle(self._waiting[self.screen])
        self.seconds[self.screen] = self.seconds.get(self.screen, 0.0) + time.process_time() - began

    def spoiled(self, value: Any, depth: int = 0) -> Any:
        """Return a copy of an answer in which free text is hostile."""
        if self.is_idle or depth > 8 or isinstance(value, enum.Enum):
            return value
        if isinstance(value, str):
            if _OWN.fullmatch(value):
                return value
            return self.next() if len(value) <= SHORT else self.some(4)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            if type(value).__module__ in {"kingshurst_tui.session", "db.store"}:
                return value
            made = copy.copy(value)
            for each in dataclasses.fields(value):
                said = getattr(value, each.name)
                if each.name in _NAMES or each.name in _PROSE:
                    said = self.chosen(said, prose=each.name in _PROSE)
                else:
                    said = self.spoiled(said, depth + 1)
                if each.name == "total" and isinstance(said, int):
                    # How long the list is that is made long below.
                    said = max(said, self._long)
                if isinstance(value, OversightRule) and each.name == "says":
                    # The program's own words, with room for its thresholds: they are shown, no room is added.
                    said = said.replace("{", "{{").replace("}", "}}")
                object.__setattr__(made, each.name, said)
            if isinstance(made, Form):
                # As if the reader had begun a draft at another terminal: every question that takes words has some.
                drafted = {name: self.some(4) for name in TITLES if name not in (*LISTS, "lead_agency", "review_on")}
                object.__setattr__(made, "fields", drafted)
            return made
        if type(value) in (tuple, list) and len({type(each) for each in value}) == 1 and _is_made(value):
            # A short list is made long, so that one drawing shows many strings.
            value = type(value)([*value] * max(1, (self._long if depth < 2 else WITHIN) // len(value)))
        if isinstance(value, tuple):
            # An answer of several kinds is several answers, each as deep as it would be alone.
            below = 0 if depth == 0 and len({type(each) for each in value}) > 1 else depth + 1
            parts = [self.spoiled(part, below) for part in value]
            return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
        if isinstance(value, list):
            return [self.spoiled(part, depth + 1) for part in value]
        if isinstance(value, dict):
            return {key: self.spoiled(part, depth + 1) for key, part in value.items()}
        return value

    def chosen(self, value: Any, *, prose: bool = False) -> Any:
        """Return hostile text in place of what somebody chose, or in place of nothing."""
        if value is None or (isinstance(value, str) and not isinstance(value, enum.Enum)):
            return self.some(2) if prose else self.next()
        if isinstance(value, tuple):
            # Names in a row become many; the parts of a pair stay two.
            many = 2 * self._prose if all(isinstance(each, str) for each in value) else 1
            return tuple(self.chosen(each) if isinstance(each, str) else self.pair(each) for each in [*value] * many)
        return self.spoiled(value)

    def pair(self, parts: Any) -> Any:
        """Return hostile text in place of each part of a pair, or of whatever else stands in a row."""
        return tuple(self.next() for _ in parts) if isinstance(parts, tuple) else self.spoiled(parts)
