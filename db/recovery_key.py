"""The printed recovery key: 140 random bits in seven groups that a person can copy and type back.

A group is four letters and figures of Crockford's base 32 and one that checks them and where the group stands: every
single wrong character, every two neighbours changed over and every two groups changed over are found, and the group is
named. 140 bits cannot be guessed, whatever a guess costs.
"""

from __future__ import annotations

import os

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No I, L, O or U: what is read as one of the first three is taken for 1, 1 and 0."""

GROUPS = 7
_DATA = 4
_READ_AS = str.maketrans("OIL", "011", " -–—\t\r\n")


class NotRecoveryKey(ValueError):
    """What was typed is no recovery key; says where, never what."""


def new_recovery_key() -> str:
    """Return a new key as it is printed: seven groups of five, joined by hyphens."""
    number = int.from_bytes(os.urandom(18)) >> 4
    digits = [number >> 5 * place & 31 for place in range(GROUPS * _DATA)]
    return "-".join(
        "".join(ALPHABET[digit] for digit in (*part, _check(group, part)))
        for group in range(GROUPS)
        if (part := digits[group * _DATA : (group + 1) * _DATA])
    )


def read_recovery_key(typed: str) -> str:
    """Return a key as it is printed from what was typed: small letters, other spacing and O for 0 do not matter.

    Raises: NotRecoveryKey.
    """
    text = typed.upper().translate(_READ_AS)
    size = _DATA + 1
    if len(text) != GROUPS * size:
        raise NotRecoveryKey(f"It has {len(text)} letters and figures; the printed key has {GROUPS * size}.")
    groups = [text[at : at + size] for at in range(0, len(text), size)]
    wrong = [str(number) for number, group in enumerate(groups, 1) if not _holds(number - 1, group)]
    if wrong:
        where = f"Group {wrong[0]} is" if len(wrong) == 1 else f"Groups {', '.join(wrong[:-1])} and {wrong[-1]} are"
        raise NotRecoveryKey(f"{where} not as printed.")
    return "-".join(groups)


def _holds(group: int, text: str) -> bool:
    if any(letter not in ALPHABET for letter in text):
        return False
    *part, check = (ALPHABET.index(letter) for letter in text)
    return check == _check(group, part)


def _check(group: int, part: list[int]) -> int:
    """Return the check figure: each figure times another power of two in the field of 32, and the group's number."""
    total = 0
    for digit in part:
        total = _doubled(total ^ digit)
    return total ^ (group + 1)


def _doubled(value: int) -> int:
    """Multiply by x modulo x⁵ + x² + 1."""
    value <<= 1
    return value ^ 0b100101 if value & 32 else value
