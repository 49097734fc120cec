"""What waits for whoever signed in."""

from __future__ import annotations

from screens.base import KingshurstScreen


class HomeScreen(KingshurstScreen[None]):
    """Home."""

    MODE = "home"
