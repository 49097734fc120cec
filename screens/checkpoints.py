"""Checkpoints of the trail: the code to read aloud, who cosigned, what came since; making, cosigning, taking away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from kingshurst_tui.counting import some
from kingshurst_tui.dates import show_time
from kingshurst_tui.oversight.checkpoints import CODE_MEANING, Shown, Standing, make_checkpoint, standing, take_away
from kingshurst_tui.oversight.cosigning import cosign
from kingshurst_tui.vocabulary import Operation, Thing
from screens.ask_words import AskWords
from screens.bindings import bind
from screens.reading import Reading
from screens.widgets.facts import Fact, Facts
from screens.widgets.key_button import KeyButton

HEADING = "Checkpoints of the audit trail"


class Checkpoints(Reading):
    """Where the trail stands; supervisors cosign it here from what they last held."""

    HELP = f"""A checkpoint says what the whole trail was at one moment; nobody can change an entry before it without
everybody who holds it noticing. {CODE_MEANING}"""
    BINDING_GROUP_TITLE = "Checkpoints"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("m", "make", "Make one", id="checkpoints-make", tooltip="Sign the trail as it is now."),
        bind(
            "c",
            "cosign",
            "Cosign",
            id="checkpoints-cosign",
            tooltip="Cosign the trail, after comparing it with what you last held (supervisors).",
        ),
        bind(
            "t",
            "take",
            "Take away",
            id="checkpoints-take",
            tooltip="Write the newest checkpoint to a file that leaves this machine.",
        ),
    ]

    def __init__(self) -> None:
        super().__init__(HEADING, [("", "Reading the checkpoints …")])

    def body(self) -> ComposeResult:
        """Draw the facts and what can be done."""
        yield Facts(self._facts)
        with Horizontal(classes="dialog-keys"):
            yield KeyButton("m", "Make one")
            if self._may_cosign():
                yield KeyButton("c", "Cosign")
            yield KeyButton("t", "Take away")
            yield KeyButton("escape", "Close")

    def on_mount(self) -> None:
        """Read the checkpoints."""
        self.run_work(standing, self.session, then=self.show_standing)

    def keys_in_sight(self) -> str:
        """Return the keys of what can be done."""
        cosigning = "c Cosign · " if self._may_cosign() else ""
        return f"m Make one · {cosigning}t Take away · Esc Close"

    def _may_cosign(self) -> bool:
        return self.session.may(Operation.ADMINISTER, Thing.AUDIT)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave cosigning out for those who may not."""
        return self._may_cosign() if action == "cosign" and self.is_mounted else True

    def show_standing(self, found: Standing) -> None:
        """Draw where the trail stands."""
        self.query_one(Facts).show(facts_of(found))

    def action_make(self) -> None:
        """Sign the trail as it is."""
        self.run_work(make_checkpoint, self.session, then=self.show_standing)

    def action_cosign(self) -> None:
        """Cosign the trail from what is held at this terminal."""
        self.run_work(cosign, self.session, then=self._cosigned)

    def _cosigned(self, found: Standing) -> None:
        self.show_standing(found)
        self.notify("Cosigned, and held at this terminal. Write the code down, or take the file away.", markup=False)

    @work(exclusive=True, group="take", exit_on_error=False)
    async def action_take(self) -> None:
        """Ask for a file, and write the newest checkpoint to it."""
        typed = await self.app.push_screen_wait(
            AskWords(
                "Take the checkpoint away",
                "A new file, on a stick or in a folder that another machine keeps. It holds no data about anybody.",
                placeholder="/path/to/new-file.checkpoint, then Enter",
            )
        )
        if typed:
            shown = await self.ask(take_away, self.session, Path(typed))
            self.notify(f"Written: code {shown.code}.", markup=False)


def facts_of(found: Standing) -> Iterator[Fact]:
    """Yield where the trail stands, as labels and words."""
    yield "Entries", f"{found.entries:,}"
    yield "Newest", ""
    yield from _one(found.newest, "None was made yet; closing the store makes one.")
    yield "Not yet cosigned", some(found.since_cosigned, "entry", "entries")
    if found.cosigned is not None and found.cosigned != found.newest:
        yield "Newest cosigned", ""
        yield from _one(found.cosigned, "")
    if found.held is not None and found.held != found.cosigned:
        yield "Held here", ""
        yield from _one(found.held, "")
    elif found.held is None:
        yield "Held here", "Nothing: this terminal would not notice an older copy of the whole store."
    if found.missing_after is not None:
        yield "! Missing", f"Entry {found.missing_after:,} says that a supervisor cosigned; the store has no such file."
    if found.began_anew_after is not None:
        yield "! Began anew", f"You cosigned before (entry {found.began_anew_after:,}), and nothing was held here."
    yield "", CODE_MEANING


def _one(shown: Shown | None, none: str) -> Iterator[Fact]:
    if shown is None:
        yield "", none
        return
    yield "Code", shown.code
    yield "Covers", some(shown.size, "entry", "entries")
    if shown.signed_by:
        yield "Signed by", ", ".join(shown.signed_by)
    for each in shown.cosigners:
        when = f", {show_time(datetime.fromisoformat(each.at))} UTC" if each.at else ""
        yield "Cosigned by", f"{each.user} ({each.role or 'no user now'}){when}"
    if not shown.cosigners:
        yield "Cosigned by", "nobody yet"
