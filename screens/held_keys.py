"""Keys one after another: the next goes its way when what the one before opened is there to take it."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from textual.events import Event, Key
from textual.widgets import Input, TextArea

from screens.working import WorkingScreen

if TYPE_CHECKING:
    from textual.message_pump import MessagePump
    from textual.screen import Screen
    from textual.timer import Timer

    from screens.app import KingshurstApp

AT_ONCE: Final = frozenset({"ctrl+g", "ctrl+l"})
"""Keys that nothing may hold: the blank screen and the lock."""
AGAIN: Final = 0.02
"""Seconds after which it is asked again whether what was opened is there."""


class HeldKeys:
    """Holds keys and pasted words where a screen asks for it, and hands them on in their order.

    Textual hands every key at once to whatever has the cursor, and runs what it is bound to only when it has gone up
    from there to the program. So letters typed behind a key that opens something act as keys of what was there before.
    Here a key waits until the one before has gone all its way, and until what that opened has been drawn.
    """

    def __init__(self, app: KingshurstApp, hand_on: Callable[[Any], Awaitable[None]]) -> None:
        """Hold keys for a program; ``hand_on`` is what it does with a key that is held no longer."""
        self._app = app
        self._hand_on = hand_on
        self._waiting: deque[Event] = deque()
        self._under_way: Event | None = None
        self._at: MessagePump | None = None
        self._drawn: WeakSet[Screen[Any]] = WeakSet()
        self._timer: Timer | None = None
        self._behind_blank = False

    @property
    def is_waiting(self) -> bool:
        """Whether a key waits or is on its way."""
        return bool(self._waiting) or self._under_way is not None

    def forget(self) -> None:
        """Let go of what waits: it was typed for something that was not opened."""
        self._waiting.clear()

    async def take(self, event: Event) -> bool:
        """Take a key, to be handed on when its turn comes; return False where it goes its way at once."""
        if self._app.session is None:
            self.forget()  # nothing meant for a case is typed into a passphrase
            return False
        if isinstance(event, Key) and event.key in AT_ONCE:
            self._behind_blank = bool(self._waiting) and not self._app.is_blank
            return False
        asked = any(isinstance(screen, WorkingScreen) and screen.KEYS_IN_TURN for screen in self._app.screen_stack)
        if self._waits_behind_blank or not (asked or self._waiting):
            return False
        self._waiting.append(event)
        await self.go_on()
        return True

    async def go_on(self) -> None:
        """Hand on the next key if what it is meant for is there; runs among the program's own messages."""
        if self._under_way is not None or not self._waiting:
            return
        if self._app.session is None or not self._app.screen_stack:
            self.forget()
            return
        screen, event = self._app.screen, self._waiting[0]
        key = event.key if isinstance(event, Key) else ""
        is_opening = isinstance(screen, WorkingScreen) and screen.holds(key)
        if is_opening or self._waits_behind_blank or not self._is_drawn(screen):
            self._ask_again()
            return
        self._under_way = self._waiting.popleft()
        target: MessagePump = self._app.focused or screen
        await self._hand_on(event)
        if (
            event.is_forwarded
            and _is_letter(event)
            and self._waiting
            and _is_letter(self._waiting[0])
            and _is_written_in(target)
        ):
            self._app.call_later(self._done, event)  # a letter in a line opens nothing, and the next one follows it
            return
        # Twice around where it went up: what it did there may have sent word up the same way (a line was entered).
        rounds = 2 if event.is_forwarded and not event._stop_propagation else 1
        self._follow(event, target, target, rounds)
        self._ask_again()

    @property
    def _waits_behind_blank(self) -> bool:
        """Whether the screen was blanked before these keys came to their turn: they are no answer to that."""
        self._behind_blank = self._behind_blank and self._app.is_blank
        return self._behind_blank

    def _is_drawn(self, screen: Screen[Any]) -> bool:
        if screen not in self._drawn:
            screen.call_later(self._drawn.add, screen)  # comes after the screen's own drawing and first focus
            return False
        return True

    def _follow(self, event: Event, first: MessagePump, node: MessagePump | None, rounds: int) -> None:
        self._at = node
        if node is None or not node.call_later(self._step, event, first, node, rounds):
            self._app.call_later(self._done, event)

    def _step(self, event: Event, first: MessagePump, node: MessagePump, rounds: int) -> None:
        if node is not self._app:
            self._follow(event, first, node._parent, rounds)
        elif rounds > 1:
            self._follow(event, first, first, rounds - 1)
        else:
            self._app.call_later(self._done, event)

    async def _done(self, event: Event) -> None:
        if event is self._under_way:
            self._under_way = None
            await self.go_on()

    def _ask_again(self) -> None:
        if self._timer is None:
            self._timer = self._app.set_timer(AGAIN, self._again)

    async def _again(self) -> None:
        self._timer = None
        if self._under_way is not None and self._at is not None and not self._at.is_running:
            self._under_way = None  # it closed what it went through
        await self.go_on()
        if self.is_waiting:
            self._ask_again()


def _is_letter(event: Event) -> bool:
    return isinstance(event, Key) and event.is_printable


def _is_written_in(target: MessagePump) -> bool:
    return isinstance(target, Input) or (isinstance(target, TextArea) and not target.read_only)
