"""How a screen asks for something slow and draws what comes back."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from textual.screen import Screen
from textual.worker import Worker, WorkerState

from kingshurst_tui.errors import StoreLocked

if TYPE_CHECKING:
    from kingshurst_tui.session import Session
    from screens.app import KingshurstApp

T = TypeVar("T")
Result = TypeVar("Result")

SHOW_AFTER = 0.15
"""Seconds of work before the screen says that something is going on."""
ACTING = frozenset({"act", "form", "sign"})
"""Groups of work that answers a key and may open something."""
READING = "page"
"""The group of work by which a screen reads what it shows."""


class WorkingScreen(Screen[Result]):
    """A screen that leaves everything slow to the store's thread.

    Two ways, both off the interface's thread and both through one handling of errors::

        self.run_work(profiles.open_profile, self.session, profile_id, reason, then=self.show_profile)

        @work(exclusive=True, group="profile", exit_on_error=False)
        async def open(self) -> None:
            reason = await self.app.push_screen_wait(ReasonPrompt())
            profile = await self.ask(profiles.open_profile, self.session, profile_id, reason)
    """

    KEYS_IN_TURN: ClassVar[bool] = False
    """Whether keys pressed here, and on what is opened above, wait for one another (``held_keys``)."""

    SAYS_BELOW: ClassVar[bool] = False
    """Whether what happened here, and on what is opened above, is said in the status line, where it covers nothing."""

    _reading_failed = False

    @property
    def kingshurst(self) -> KingshurstApp:
        """The program this screen belongs to."""
        return cast("KingshurstApp", self.app)

    @property
    def session(self) -> Session:
        """Who acts. Raises: StoreLocked when nobody is signed in."""
        if self.kingshurst.session is None:
            raise StoreLocked("The store is locked.", "Nothing was changed.", "Sign in to go on.")
        return self.kingshurst.session

    async def ask(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Return what the function returns, run on the store's thread; await this in a ``@work`` method.

        What it raises ends that worker and is shown as an error, unless the method catches it.
        """
        return await self.kingshurst.work.run(function, *args, **kwargs)

    def run_work(
        self,
        function: Callable[..., T],
        *args: Any,
        then: Callable[[T], Awaitable[None] | None] | None = None,
        failed: Callable[[Exception], None] | None = None,
        group: str = READING,
        doing: str = "",
    ) -> None:
        """Run a function on the store's thread, then draw.

        A later call of the same group takes the place of an earlier one, whose answer is never drawn.

        Args:
            function: what to run, a service of ``kingshurst_tui``.
            *args: its arguments; the session first.
            then: draws the answer, on the interface's thread.
            failed: handles what it raised; an error dialog by default.
            group: what this asks for; one at a time.
            doing: what the status line says when it takes longer than a moment.
        """

        async def carry() -> None:
            under_way = bool(doing)

            def say() -> None:
                # The timer's message may still be waiting when the answer has come.
                if under_way:
                    self.show_busy(doing)

            busy = self.set_timer(SHOW_AFTER, say) if doing else None
            try:
                answer = await self.ask(function, *args)
            except Exception as error:
                if failed is None:
                    raise
                failed(error)
                return
            finally:
                under_way = False
                if busy is not None:
                    busy.stop()
                    self.show_busy("")
            if then is not None:
                drawn = then(answer)
                if inspect.isawaitable(drawn):
                    await drawn

        # Handed over uncalled: what a newer call overtakes before it began is then never made.
        _: Worker[None] = self.run_worker(carry, group=group, exclusive=True, exit_on_error=False)

    def holds(self, key: str) -> bool:
        """Say whether a key has to wait, because what the one before it opens is not there yet."""
        return self.is_working(ACTING)

    def is_working(self, groups: frozenset[str]) -> bool:
        """Say whether work of these groups is under way for this screen."""
        return any(worker.node is self and worker.group in groups and not worker.is_finished for worker in self.workers)

    def show_busy(self, doing: str) -> None:
        """Say what is going on; screens with a status line override this."""

    def about(self) -> str:
        """Return what this screen asks or shows, so that words typed above it are given back in the same place only."""
        return type(self).__name__

    def draft(self) -> Callable[[Session], None] | None:
        """Return what keeps the words that would be lost, to be run before the session closes; or nothing."""
        return None

    def may_read_again(self) -> bool:
        """Say whether a screen that is back in view reads again: not where it was just told that reading failed.

        It would fail once more and be told once more, and nobody could leave the screen.
        """
        failed, self._reading_failed = self._reading_failed, False
        return not failed and self.kingshurst.session is not None

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Show what a worker of this screen raised: the one place where that happens."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            event.stop()
            self._reading_failed = event.worker.group == READING
            self.kingshurst.failing.show(event.worker.error)
