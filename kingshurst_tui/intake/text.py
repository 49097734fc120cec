"""Clean a stranger's text: nothing that steers a terminal, reorders a line or hides in it comes in."""

from __future__ import annotations

import re
import unicodedata

# C0 and C1 controls, soft hyphen, Arabic letter mark, zero-width and directional marks, line and paragraph separators,
# word joiner to nominal digit shapes, variation selectors, byte-order mark, interlinear marks, surrogates, private use,
# tags.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
_SPACES = re.compile(r"[\s\u0085\u2028\u2029]+")
_BREAKS = re.compile(r"[ \t]*(?:[\r\n\x85\u2028\u2029]+[ \t]*)+")
# One letter with more marks than any script needs is a blot that runs over its neighbours.
_PILED = re.compile(r"(\w)((?:[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]){5,})")


def clean(value: str) -> str:
    r"""Return a text in NFC on one line, without what is invisible or steers; line breaks become a comma.

    Example:
        >>> clean("  Flat 2\n Elm\u202e Road ")
        'Flat 2, Elm Road'
    """
    if value.isascii() and value.isprintable():
        return value.strip() if "  " not in value else _SPACES.sub(" ", value).strip()
    value = _HIDDEN.sub("", value)
    value = _BREAKS.sub(", ", value.strip())
    value = unicodedata.normalize("NFC", _SPACES.sub(" ", value))
    value = _PILED.sub(lambda found: found[1] + found[2][:4], value).replace(",,", ",")
    return value.strip(" ,") if "," in value else value.strip()


def is_clean(value: str) -> bool:
    """Return whether a text holds nothing hidden (line breaks and spaces aside)."""
    return (value.isascii() and value.isprintable()) or _HIDDEN.search(value) is None


def plain_words(category: str) -> str:
    """Return a category's name without what people write differently.

    Example:
        >>> plain_words("Violence and Sexual Offences") == plain_words("violence & sexual-offences ")
        True
    """
    return " ".join(re.sub(r"[^a-z0-9]+", " ", category.casefold().replace("&", " and ")).split())
