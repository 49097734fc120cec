"""What counts as a reason where one is asked for: enough that somebody else can weigh it."""

from __future__ import annotations

SHORTEST = 10
"""Letters; fewer say nothing that anybody could weigh."""

HINT = "Say it in words that somebody else can weigh: at least two words and ten letters."


def is_a_reason(text: str) -> bool:
    """Say whether a text can be a reason at all; whether it is a good one is for people.

    Example:
        >>> is_a_reason("ok"), is_a_reason("xxxxxxxxxxxx"), is_a_reason("moved to Dudley")
        (False, False, True)
    """
    words = [word for word in text.split() if any(letter.isalpha() for letter in word)]
    letters = [letter for letter in text if letter.isalpha()]
    return len(words) >= 2 and len(letters) >= SHORTEST and len({letter.casefold() for letter in letters}) > 2
