"""What the command palette offers: parts of the program, actions on the record in view, looks, help."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider

from screens.further import FURTHER
from screens.program_parts import PROGRAM_PARTS
from screens.themes import THEMES
from screens.widgets.text import plain

if TYPE_CHECKING:
    from screens.app import KingshurstApp

Command = tuple[str, str, Callable[[], object]]
"""Name, one sentence, and what runs."""


class Palette(CommandPalette):
    """The palette; Enter pressed once more while it goes away does not take away what is under it."""

    _goes = False

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Go away, once."""
        if self._goes:
            return AwaitComplete()
        self._goes = True
        return super().dismiss(result)


class CommandProvider(Provider):
    """Offers commands by name; nothing while nobody is signed in."""

    @property
    def kingshurst(self) -> KingshurstApp:
        """The program."""
        return cast("KingshurstApp", self.app)

    def commands(self) -> Iterator[Command]:
        """Yield what can be done now."""
        yield from ()

    async def discover(self) -> Hits:
        """Offer everything before anything is typed."""
        if self.kingshurst.session is not None:
            for name, help_words, run in self.commands():
                yield DiscoveryHit(plain(name), run, text=name, help=plain(help_words))  # type: ignore[arg-type]

    async def search(self, query: str) -> Hits:
        """Offer what matches."""
        if self.kingshurst.session is None:
            return
        matcher = self.matcher(query)
        for name, help_words, run in self.commands():
            if (score := matcher.match(name)) > 0:
                yield Hit(score, plain(name), run, text=name, help=plain(help_words))  # type: ignore[arg-type]


class Navigate(CommandProvider):
    """Offers the parts of the program."""

    def commands(self) -> Iterator[Command]:
        """Yield each part that this user sees."""
        for part in PROGRAM_PARTS:
            if part.is_for(self.kingshurst.session):
                yield f"Go to {part.title}", part.tooltip, partial(self.kingshurst.go, part.mode)
        for further in FURTHER:
            if further.is_for(self.kingshurst.session):
                yield f"Go to {further.title}", further.tooltip, partial(self.kingshurst.go_further, further)


class Record(CommandProvider):
    """Offers what the keys of the screen in view do to the record in view."""

    def commands(self) -> Iterator[Command]:
        """Yield every action whose key works now."""
        seen: set[str] = set()
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if active.node is self.app or not active.enabled or not binding.description or binding.id in seen:
                continue
            seen.add(binding.id or binding.action)
            if binding.id:
                yield binding.description, binding.tooltip, partial(self.app.run_action, binding.action, active.node)


class View(CommandProvider):
    """Offers the themes."""

    def commands(self) -> Iterator[Command]:
        """Yield each theme that is not the present one."""
        for theme in THEMES:
            if theme.name != self.app.theme:
                words = "Measured for contrast; state is never by colour alone."
                yield f"View: {theme.name}", words, partial(setattr, self.app, "theme", theme.name)


class Help(CommandProvider):
    """Offers help, locking and leaving."""

    def commands(self) -> Iterator[Command]:
        """Yield them."""
        app = self.kingshurst
        yield "Help for this screen", "What one sees, and its keys.", app.action_help
        yield "All keys", "Every key that works here.", app.action_keys
        yield "Roles", "Who holds which role, what waits, and what each role may do.", app.action_roles
        yield "Lock now", "Close the store and empty the screen.", app.action_lock
        yield "Leave", "Close the store and end the program.", app.action_quit
