"""What is at the cursor on a meeting's screen, and what its part and the user's role allow there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kingshurst_tui.panels import running
from kingshurst_tui.vocabulary import Operation, Thing
from screens.base import KingshurstScreen
from screens.meeting_keys import MEETING_KEYS, in_footer
from screens.widgets.list_and_detail import ListAndDetail

if TYPE_CHECKING:
    from textual.binding import ActiveBinding

    from kingshurst_tui.panels.candidates import Candidate
    from kingshurst_tui.panels.records import Case, Member, OnePanel, Panel, Request

_CHANGES = ("add", "move", "off", "reveal", "all_present", "confirm", "edit", "turn")
"""What changes a meeting, and so is over with it."""


class MeetingAtCursor(KingshurstScreen[None]):
    """A screen of one meeting: which part is in view, which row is at its cursor."""

    def __init__(self, panel_id: int, part: str) -> None:
        """Begin with nothing read.

        Args:
            panel_id: the meeting's number.
            part: one of meeting_parts.PARTS, by its code.
        """
        super().__init__()
        self.panel_id = panel_id
        self.part = part
        self.shown: OnePanel | None = None
        self.found: tuple[Candidate, ...] = ()

    @property
    def listed(self) -> ListAndDetail:
        """The list of the part in view."""
        return self.query_one(f"#part-{self.part}", ListAndDetail)

    @property
    def panel(self) -> Panel | None:
        """The panel, once it is read."""
        return self.shown.panel if self.shown is not None else None

    @property
    def key(self) -> int | str:
        """What names the row at the cursor; 0 where there is none."""
        row = self.listed.table.row
        return row.key if row is not None and not row.heading else 0

    @property
    def case(self) -> Case | None:
        """The case at the cursor."""
        key = self.key
        if self.shown is None or self.part not in ("agenda", "views") or not isinstance(key, int):
            return None
        return self.shown.case(key)

    @property
    def member(self) -> Member | None:
        """The member at the cursor."""
        if self.shown is None or self.part != "members":
            return None
        return next((each for each in self.shown.members if each.number == self.key), None)

    @property
    def request(self) -> Request | None:
        """The request at the cursor."""
        if self.shown is None or self.part != "information":
            return None
        return next((each for each in self.shown.requests if each.number == self.key), None)

    @property
    def prepares(self) -> bool:
        """Whether the user prepares panels."""
        return self.kingshurst.session is not None and self.session.may(Operation.ALTER, Thing.PANEL)

    @property
    def runs(self) -> bool:
        """Whether the user runs this one."""
        panel = self.panel
        if panel is None or self.kingshurst.session is None:
            return False
        return running.runs(self.session, panel.chair, panel.minute_taker)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what the part in view and the user's role allow."""
        if self.kingshurst.session is None:
            return super().check_action(action, parameters)
        panel = self.panel
        if action == "sign_all":
            return panel is not None and panel.status in ("open", "closed")
        if panel is not None and panel.is_settled and action in _CHANGES:
            return False
        prepares = self.prepares
        if action == "edit":
            return prepares
        if action == "turn":
            return self.runs
        if action == "move":
            return self.runs and self.part == "agenda"
        if action == "reveal":
            return self.runs and self.part == "views"
        if action == "off":
            return (self.runs and self.part == "agenda") or (prepares and self.part in ("members", "information"))
        if action == "confirm":
            return self.part == "members"
        if action == "all_present":
            return self.runs and self.part == "members"
        if action == "add":
            # On the agenda whoever does not prepare it proposes; first views of others are the coordinator's to enter.
            return self.part in ("agenda", "interests") or prepares
        return super().check_action(action, parameters)

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys that work here; the footer names those with which this part is worked."""
        named = in_footer(self.part, self.shown)
        ours = {binding.id for binding in MEETING_KEYS}
        return {
            key: each._replace(binding=replace(each.binding, show=each.binding.id in named))
            if each.binding.id in ours
            else each
            for key, each in super().active_bindings.items()
        }
