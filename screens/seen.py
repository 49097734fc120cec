"""What the panel saw of a case when it decided, drawn again from what was kept and from nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from kingshurst_tui.acts import Reason
from kingshurst_tui.errors import KingshurstError, StoreLocked
from kingshurst_tui.panels import seen
from kingshurst_tui.panels.room_case import RoomCase
from kingshurst_tui.vocabulary import ReasonCode
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.profile_words import said_day
from screens.room_case import CaseParts, RoomHeading
from screens.room_words import PARTS
from screens.widgets.section_bar import SectionBar
from screens.widgets.text import plain

if TYPE_CHECKING:
    from kingshurst_tui.panels.seen import Seen

PANEL = Reason(ReasonCode.PANEL)


class SeenScreen(KingshurstScreen[None]):
    """The room's own picture of a case, as it stood at one signing; o goes to the picture before."""

    HELP = """What stood on the room's screen when a decision of this case was signed. It was sealed with the person's
own salt, and its digest is in the decision: what is shown here is what was seen, whatever has changed since.
c t k s e v a show its parts, i shows the name, o goes to an older picture where there is one."""
    MODE = "home"
    CSS_PATH = ["styles/panel_mode.tcss", "styles/deciding.tcss"]
    BINDING_GROUP_TITLE = "What the panel saw"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            bind(
                part.key,
                f"show({part.code!r})",
                part.title,
                id=f"seen-{part.code}",
                tooltip=f"Show {part.title.lower()} of the case.",
                show=False,
            )
            for part in PARTS
        ),
        bind("i", "name", "Name", id="seen-name", tooltip="Show the person's name, or hide it again."),
        bind("o", "older", "Older", id="seen-older", tooltip="The picture of an earlier signing."),
    ]

    def __init__(self, case_id: int | str, *, siblings: tuple[int | str, ...] = ()) -> None:
        super().__init__()
        self.case_id, self._siblings = int(case_id), siblings
        self._pictures: tuple[Seen, ...] = ()
        self._at = 0
        self._parts = CaseParts("case")

    def body(self) -> ComposeResult:
        """Draw which picture it is, and the case as the room draws it."""
        yield Static("", id="deciding-about")
        yield RoomHeading()
        yield SectionBar(PARTS)
        yield self._parts

    def reload(self) -> None:
        """Open what was kept."""
        self.run_work(
            seen.again,
            self.session,
            self.case_id,
            PANEL,
            then=self.show_pictures,
            failed=self.refused,
            doing="Opening what the panel saw",
        )

    def refused(self, error: Exception) -> None:
        """Say why nothing is shown."""
        if not isinstance(error, KingshurstError) or isinstance(error, StoreLocked):
            raise error
        self._parts.nothing(f"{error.title} {error.detail}".strip(), error.hint)

    def show_pictures(self, pictures: Sequence[Seen]) -> None:
        """Draw the latest."""
        self._pictures, self._at = tuple(pictures), 0
        self._show()

    def _show(self) -> None:
        one = self._pictures[self._at]
        which = f"Picture {len(self._pictures) - self._at} of {len(self._pictures)}"
        named = f"decision {one.named_by} names it" if one.named_by else "no decision here names it"
        said = f"{which}: shown by {one.shown_by}, {said_day(one.shown_at)}; {named}. Digest {one.digest[:16]}…"
        self.query_one("#deciding-about", Static).update(plain(f"! {one.problem}" if one.problem else said))
        if one.problem:
            self._parts.nothing("This picture is not shown.", one.problem)
            return
        case = RoomCase.of_document(one.document)
        self.query_one(RoomHeading).show_case(case, named=self._parts.named)
        self._parts.show_case(case, keep=False)
        self._parts.focus_part()

    def action_show(self, code: str) -> None:
        """Show a part of the case."""
        self._parts.show_part(code)

    def action_name(self) -> None:
        """Show the name, or hide it again."""
        if self._pictures and not self._pictures[self._at].problem:
            self._parts.turn_name()
            case = RoomCase.of_document(self._pictures[self._at].document)
            self.query_one(RoomHeading).show_case(case, named=self._parts.named)

    def action_older(self) -> None:
        """Go to the picture before, and from the oldest to the latest."""
        if self._pictures:
            self._at = (self._at + 1) % len(self._pictures)
            self._show()

    def reopen(self) -> Callable[[], SeenScreen]:
        """Open the same again."""
        case_id = self.case_id
        return lambda: SeenScreen(case_id)
