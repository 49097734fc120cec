"""What of any stored or typed text may reach a terminal: nothing that steers it, reorders a line or hides in it."""

from __future__ import annotations

import re
import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
"""Shown instead of a character that would act on the terminal, so that tampering stays visible."""

MARKS_IN_A_ROW = 4
"""Combining marks allowed on one letter; real names need three, a tower of them hides the lines around it."""

_CONTROL = r"\x00-\x08\x0b-\x1f\x7f-\x9f"
# Formatting characters, line separators and surrogates (Unicode categories Cf, Zl, Zp, Cs) ...
_FORMAT = (
    "\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U00013438\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# ... and letters or marks that draw nothing, in which words can hide.
_INVISIBLE = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u3164\uffa0"
_VARIATION = re.compile("[\ufe00-\ufe0f]+")
_UNSAFE = re.compile(f"[{_CONTROL}{_FORMAT}{_INVISIBLE}]")
UNSAFE_ON_SCREEN = re.compile(f"[\t\n{_CONTROL}{_FORMAT}{_INVISIBLE}]")
"""What no drawn segment may hold; the guard filter's pattern."""


def safe_text(value: object) -> str:
    """Return text that a terminal can only draw; line breaks stay, tabs become spaces."""
    text = str(value).replace("\r\n", "\n").expandtabs(4)
    if text.isascii():
        return _UNSAFE.sub(REPLACEMENT, text)
    text = unicodedata.normalize("NFC", _UNSAFE.sub(REPLACEMENT, _VARIATION.sub("", text)))
    return _short_towers(text)


def one_line(value: object) -> str:
    """Return :func:`safe_text` with line breaks shown as a sign, for rows, titles and cells."""
    return safe_text(value).replace("\n", " \N{RETURN SYMBOL} ")


def _short_towers(text: str) -> str:
    kept: list[str] = []
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept)
