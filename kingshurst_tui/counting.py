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


FEW = 100
"""Of fewer it is not told roughly how many."""


def roughly(count: int) -> int | None:
    """Return a number to two figures, or None where it is less than FEW.

    Example:
        >>> roughly(2_148), roughly(355), roughly(99)
        (2100, 360, None)
    """
    if count < FEW:
        return None
    step: int = 10 ** (len(str(count)) - 2)
    return (count + step // 2) // step * step
