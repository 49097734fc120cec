"""Screens that belong to no key of the top line: the palette, home and other screens open them by name.

To add one, write its screen in ``screens/`` and name it here.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from textual.screen import Screen

    from kingshurst_tui.session import Session


@dataclass(frozen=True, slots=True)
class Further:
    """One such screen.

    Attributes:
        title: what the palette calls it.
        tooltip: one sentence.
        screen: module and class; built without arguments.
        reads: what one must be allowed to consult to be offered it; the session decides all the same.
        operation: to do what to it, where not to consult it.
    """

    title: str
    tooltip: str
    screen: str
    reads: Thing
    operation: Operation = Operation.CONSULT

    def build(self) -> Screen[Any]:
        """Return a fresh screen."""
        module, name = self.screen.split(":")
        screen: Screen[Any] = getattr(importlib.import_module(module), name)()
        return screen

    def is_for(self, session: Session | None) -> bool:
        """Return whether it is offered to whoever is signed in."""
        return session is not None and session.may(self.operation, self.reads)


FURTHER: Final = (
    Further(
        "What came of it",
        "What works, each rule’s record, who leads for whom, what was missed.",
        "screens.learning:LearningScreen",
        Thing.OUTCOME,
        Operation.COMBINE,
    ),
)
