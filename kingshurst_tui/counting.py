"""How many of something, in words that agree with the number."""

from __future__ import annotations


def some(count: int, one: str, many: str = "") -> str:
    """Return "1 source" or "1,024 sources".

    Args:
        count: how many.
        one: the thing, with whatever else must agree with the number ("consent waits").
        many: the same for several, where a final s is not enough ("consents wait").
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"
