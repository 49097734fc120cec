"""The parts of the program, one a mode: name, key, title and the screen at its bottom.

To add a part, write its screen in ``screens/`` and name it here; keys, the top line, the palette and help follow.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from textual.screen import Screen

    from kingshurst_tui.session import Session

LOCK: Final = "lock"
"""The mode that stands alone while nobody is signed in."""


@dataclass(frozen=True, slots=True)
class ProgramPart:
    """One part of the program.

    Attributes:
        mode: the mode's name, and the binding's id after ``mode-``.
        key: the key that goes there when nobody is typing.
        title: one or two words.
        tooltip: one sentence for help.
        screen: module and class of the screen, imported when first gone to.
        reads: what one must be allowed to consult to be shown it; the session decides all the same.
        short: what the top line calls it where there is no room for all titles; the title if none.
        least: the same where there is no room for these either; the short one if none.
    """

    mode: str
    key: str
    title: str
    tooltip: str
    screen: str
    reads: Thing | None = None
    short: str = ""
    least: str = ""

    def build(self) -> Screen[Any]:
        """Return a fresh screen."""
        module, name = self.screen.split(":")
        screen: Screen[Any] = getattr(importlib.import_module(module), name)()
        return screen

    def is_for(self, session: Session | None) -> bool:
        """Return whether this part is shown to whoever is signed in."""
        if session is None:
            return False
        return self.reads is None or session.may(Operation.CONSULT, self.reads)


PROGRAM_PARTS: Final = (
    ProgramPart("home", "1", "Home", "What waits for me, and whom to approach.", "screens.home:HomeScreen"),
    ProgramPart(
        "agenda",
        "2",
        "Agenda",
        "Who is flagged, when and why, and what becomes of it.",
        "screens.agenda:AgendaScreen",
        Thing.AGENDA,
        least="Flags",
    ),
    ProgramPart(
        "people",
        "3",
        "People",
        "Everybody the partnership knows, as far as I may see.",
        "screens.people:PeopleScreen",
        Thing.PROFILE,
    ),
    ProgramPart(
        "review",
        "4",
        "Review",
        "Pairs of records and consents that wait for a person’s decision.",
        "screens.review:ReviewScreen",
        Thing.LINK,
        short="Pairs",
    ),
    ProgramPart(
        "data-sets",
        "5",
        "Data sets",
        "Agreements, coverage, imports and their quality.",
        "screens.data_sets:DataSetsScreen",
        Thing.AGREEMENT,
        short="Data",
    ),
    ProgramPart(
        "consents",
        "6",
        "Consents",
        "Consents and grounds, and those that wait for a second person.",
        "screens.consents:ConsentsScreen",
        Thing.CONSENT,
        short="Consent",
        least="Basis",
    ),
    ProgramPart("audit", "7", "Audit", "Who did what and why.", "screens.audit:AuditScreen", Thing.AUDIT),
    ProgramPart(
        "panels",
        "8",
        "Panels",
        "The meetings: who is asked, what is on them, and their room.",
        "screens.meetings:MeetingsScreen",
        Thing.PANEL,
        least="Panel",
    ),
    ProgramPart(
        "places",
        "9",
        "Places",
        "What each agency meets where, and what is changing; nobody is named.",
        "screens.place:PlaceScreen",
        Thing.AREA_MEASURE,
    ),
)
"""Every part, in the order of its key."""


def part_named(mode: str) -> ProgramPart:
    """Return the part of that mode. Raises: KeyError."""
    return {part.mode: part for part in PROGRAM_PARTS}[mode]
