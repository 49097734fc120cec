"""Somebody else was quicker: what stands there now and what one wrote, field by field."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from kingshurst_tui.dates import day_in_words
from kingshurst_tui.errors import Changed, StaleRecord
from screens.bindings import bind
from screens.dialog import Dialog
from screens.widgets.facts import Facts
from screens.widgets.key_button import KeyButton
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from screens.ask_words import AskWords
    from screens.drafting import Draft
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
        may_go_on: bool = True,
    ) -> None:
        """Ask.

        Args:
            said: what happened, in a sentence or two.
            fields: what differs.
            heading: of the box.
            both: fields in which both can stand, one after the other.
            theirs: how the other version is called.
            may_go_on: whether there is anything to choose; what is given once, for good, is only shown.
        """
        super().__init__(heading)
        self._said = said
        self._fields = tuple(fields)
        self._may_keep_both = frozenset(both)
        self._theirs = theirs
        self._may_go_on = may_go_on
        self._chosen: dict[str, str] = dict.fromkeys(
            (each.name for each in self._fields), MINE if may_go_on else THEIRS
        )

    def body(self) -> ComposeResult:
        """Draw the fields side by side."""
        yield Static(plain(self._said), classes="dialog-words")
        if self._fields:
            yield VirtualTable(
                Column("", 7), Column("Field", 16, grows=True), Column("Yours", 16), Column(self._theirs, 16)
            )
            yield Facts(id="both")
        with Horizontal(classes="dialog-keys"):
            yield KeyButton("ctrl+s", "Go on with what is chosen" if self._may_go_on else "Give mine up")
            if self._fields and self._may_go_on:
                yield KeyButton("space", "Mine or theirs")
            yield KeyButton("escape", "Leave it for now")

    def on_mount(self) -> None:
        """Show every field as mine."""
        self._draw()

    def _draw(self) -> None:
        if self._fields:
            table = self.query_one(VirtualTable)
            rows = [
                Row(
                    each.name or each.title,
                    (self._chosen[each.name], each.title, day_in_words(each.mine), day_in_words(each.theirs)),
                )
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
            mine, theirs = day_in_words(each.mine) or "nothing", day_in_words(each.theirs) or "nothing"
            facts = [(each.title, ""), ("Yours", mine), (self._theirs, theirs)]
            if each.began:
                facts.append(("Begun from", day_in_words(each.began)))
            self.query_one("#both", Facts).show(facts)

    @on(VirtualTable.Opened)
    def opened(self) -> None:
        """Enter turns the field, too."""
        self.action_turn()

    def action_turn(self) -> None:
        """Take theirs for the field at the cursor, both, or mine again."""
        each = self._at_cursor()
        if each is not None and self._may_go_on:
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


async def say(
    screen: WorkingScreen[Any],
    box: Callable[[str], AskWords],
    draft: Draft | None,
    function: Callable[..., Any],
    *args: Any,
    words: str = "why",
    over: str = "over",
    **kwargs: Any,
) -> tuple[bool, Any]:
    """Ask for a sentence and send it; where somebody was quicker, show it and let the writer choose.

    What was typed is kept until it is sent or given up, through a lock and a kill as well.

    Args:
        screen: that asks.
        box: makes the question, with what its line begins with.
        draft: where the words are kept; loaded.
        function: a service; the session comes first, its other arguments follow.
        *args: its arguments.
        words: under which name it takes the sentence.
        over: under which name it takes what one has seen.
        **kwargs: more of its arguments.

    Returns:
        Whether it was sent, and the answer; not sent where it was given up, theirs was taken, or it was left.
    """
    ask: Callable[..., Awaitable[Any]] = screen.ask
    given, asks = "", True
    while True:
        said = await screen.app.push_screen_wait(box(given)) if asks else given
        if said is None:
            if draft is not None:
                await ask(draft.forget, screen.session)
            return False, None
        try:
            answer = await ask(function, screen.session, *args, **{words: said}, **kwargs)
        except StaleRecord as stale:
            given = said
            chosen = await screen.app.push_screen_wait(
                Conflict(said_of(stale), stale.fields, both=[words], may_go_on=stale.over is not None)
            )
            if chosen is None:
                return False, None  # the words stay as a draft
            if stale.over is None or (chosen and all(word == THEIRS for word in chosen.values())):
                if draft is not None:
                    await ask(draft.forget, screen.session)
                return False, None
            kwargs[over] = stale.over
            put = merged(stale.fields, chosen)
            given, asks = put.get(words, said).replace("\n", "; "), words in put
            continue
        if draft is not None:
            await ask(draft.forget, screen.session)
        return True, answer
