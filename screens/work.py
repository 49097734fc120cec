"""Where everything slow runs: one thread that owns the store's connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Work:
    """Runs functions one after another, off the interface's thread.

    One thread, because a session's connection belongs to the thread that opened it. Work whose waiter was
    cancelled before it began never begins.
    """

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="kingshurst-store")

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what the function returns, or raise what it raises."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, partial(function, *args, **kwargs))

    def hand_over(self, function: Callable[[], object]) -> Future[object] | None:
        """Have something done for which nobody waits; None where the work has ended."""
        try:
            return self._executor.submit(function)
        except RuntimeError:
            return None

    def close(self) -> None:
        """Let no further work begin; what runs ends in its own time."""
        self._executor.shutdown(wait=False, cancel_futures=True)
