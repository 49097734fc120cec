"""How long nobody has touched the terminal."""

from __future__ import annotations

from collections.abc import Callable


class Activity:
    """Counts seconds since the last key or movement of the mouse, by a clock that never goes back.

    Attributes:
        limit: seconds of rest after which the program locks; 0 never locks.
        warning: seconds before the lock at which a countdown shows.
    """

    def __init__(self, monotonic: Callable[[], float], limit: float = 300.0, warning: float = 30.0) -> None:
        self._monotonic = monotonic
        self.limit = limit
        self.warning = warning
        self._last = monotonic()

    def now(self) -> float:
        """Return the seconds of the clock that never goes back."""
        return self._monotonic()

    def touch(self) -> None:
        """Somebody is there."""
        self._last = self._monotonic()

    def seconds_left(self) -> float | None:
        """Return the seconds until the lock, or nothing where it never locks."""
        return None if not self.limit else self._last + self.limit - self._monotonic()

    def countdown(self) -> int | None:
        """Return the seconds to show, or nothing while there is no need to warn."""
        left = self.seconds_left()
        return None if left is None or left > self.warning else max(0, round(left))

    def is_over(self) -> bool:
        """Return whether nobody has been there for too long."""
        left = self.seconds_left()
        return left is not None and left <= 0
