"""Somebody else was quicker: what stands there now and what one wrote, field by field."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from kingshurst_tui.errors import Changed, StaleRecord
from screens.bindings import bind
from screens.dialog import Dialog
from screens.widgets.facts import Facts
from screens.widgets.key_button import KeyButton
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from screens.working import WorkingScreen

Answer = TypeVar("Answer")

MINE, THEIRS, BOTH = "mine", "theirs", "both"
"""What becomes of one field."""

Choices = Mapping[str, str]
"""MINE, THEIRS or BOTH, by field."""


class Conflict(Dialog["Choices | None"]):
    """Answers with what becomes of each field, or nothing to leave it for now; neither version is lost."""

    BINDING_GROUP_TITLE = "Conflict"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind(
            "ctrl+s",
            "go_on",
            "Go on",
            id="conflict-go-on",
            tooltip="Go on with what is chosen, over what is there now.",
        ),
        bind(
            "space",
            "turn",
            "Mine or theirs",
            id="conflict-turn",
            tooltip="Take theirs for this field, both where words can stand one after the other, or mine.",
        ),
    ]

    def __init__(
        self,
        said: str,
        fields: Sequence[Changed],
        *,
        heading: str = "Somebody else was quicker",
        both: Collection[str] = (),
        theirs: str = "Theirs",
    ) -> None:
        """Ask.

        Args:
            said: what happened, in a sentence or two.
            fields: what differs.
            heading: of the box.
            both: fields in which both can stand, one after the other.
            theirs: how the other version is called.
        """
        super().__init__(heading)
        self._said = said
        self._fields = tuple(fields)
        self._may_keep_both = frozenset(both)
        self._theirs = theirs
        self._chosen = {each.name: MINE for each in self._fields}

    def body(self) -> ComposeResult:
        """Draw the fields side by side."""
        yield Static(plain(self._said), classes="dialog-words")
        if self._fields:
            yield VirtualTable(
                Column("", 7), Column("Field", 16, grows=True), Column("Yours", 16), Column(self._theirs, 16)
            )
            yield Facts(id="both")
        with Horizontal(classes="dialog-keys"):
            yield KeyButton("ctrl+s", "Go on with what is chosen")
            if self._fields:
                yield KeyButton("space", "Mine or theirs")
            yield KeyButton("escape", "Leave it for now")

    def on_mount(self) -> None:
        """Show every field as mine."""
        self._draw()

    def _draw(self) -> None:
        if self._fields:
            table = self.query_one(VirtualTable)
            rows = [
                Row(each.name or each.title, (self._chosen[each.name], each.title, each.mine, each.theirs))
                for each in self._fields
            ]
            table.show_rows(rows, cursor=table.cursor)
            table.focus()

    def _at_cursor(self) -> Changed | None:
        table = self.query_one_optional(VirtualTable)
        key = str(table.row.key) if table is not None and table.row is not None else ""
        return next((each for each in self._fields if key in (each.name, each.title)), None)

    @on(VirtualTable.Moved)
    def moved(self, event: VirtualTable.Moved) -> None:
        """Show all three in full: mine, theirs, and what I began from."""
        each = self._at_cursor()
        if each is not None:
            facts = [(each.title, ""), ("Yours", each.mine or "nothing"), (self._theirs, each.theirs or "nothing")]
            if each.began:
                facts.append(("Begun from", each.began))
            self.query_one("#both", Facts).show(facts)

    @on(VirtualTable.Opened)
    def opened(self) -> None:
        """Enter turns the field, too."""
        self.action_turn()

    def action_turn(self) -> None:
        """Take theirs for the field at the cursor, both, or mine again."""
        each = self._at_cursor()
        if each is not None:
            order = [MINE, THEIRS, *([BOTH] if each.name in self._may_keep_both and each.mine and each.theirs else [])]
            self._chosen[each.name] = order[(order.index(self._chosen[each.name]) + 1) % len(order)]
            self._draw()

    def action_go_on(self) -> None:
        """Answer."""
        self.dismiss(dict(self._chosen))


def merged(fields: Sequence[Changed], chosen: Choices) -> dict[str, str]:
    """Return what each field is to say where it is not what one wrote."""
    found = {}
    for each in fields:
        if chosen.get(each.name) == THEIRS:
            found[each.name] = each.theirs
        elif chosen.get(each.name) == BOTH:
            found[each.name] = f"{each.theirs}\n{each.mine}"
    return found


def said_of(stale: StaleRecord) -> str:
    """Return what happened, for the head of the box."""
    by = f" {stale.by} was quicker." if stale.by else ""
    kept = "Nothing of yours is lost"
    return f"{stale.title}{by} {kept}{'; choose field by field.' if stale.fields else '.'} {stale.hint}".strip()


async def send(screen: WorkingScreen[Any], function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[bool, Any]:
    """Send something without a form; where somebody was quicker, show it and send it over theirs if asked to.

    Args:
        screen: that asks.
        function: a service that takes ``over``, what one has seen; its other arguments follow.
        *args: the session first.
        **kwargs: ``over`` among them, where one has seen anything.

    Returns:
        Whether it was sent, and the answer; not sent where theirs was taken or it was left.
    """
    ask: Callable[..., Awaitable[Any]] = screen.ask
    while True:
        try:
            return True, await ask(function, *args, **kwargs)
        except StaleRecord as stale:
            if stale.over is None:
                raise
            chosen = await screen.app.push_screen_wait(Conflict(said_of(stale), stale.fields))
            if chosen is None or (chosen and all(word == THEIRS for word in chosen.values())):
                return False, None
            kwargs["over"] = stale.over
