"""Which passphrases are refused because they are easily guessed."""

from __future__ import annotations

from kingshurst_tui.errors import InputRejected

WEAKEST_PASSPHRASE = 3
"""zxcvbn's score (0 to 4) below which a passphrase is refused: 3 is 'safely unguessable', over 10^8 guesses."""


def check_passphrase(passphrase: str, *words_about_the_user: str) -> None:
    """Refuse a passphrase that is easily guessed. Raises: InputRejected."""
    from zxcvbn import zxcvbn  # 20 ms to import: only where a passphrase is chosen

    if len(passphrase) > 256:
        raise InputRejected("The passphrase is too long.", "Nothing was changed.", "Use at most 256 characters.")
    found = zxcvbn(passphrase[:72], user_inputs=list(words_about_the_user)) if passphrase else None
    if found is None or found["score"] < WEAKEST_PASSPHRASE:
        advice = found["feedback"]["suggestions"] if found else []
        raise InputRejected(
            "The passphrase is too easily guessed.",
            "Nothing was changed. " + " ".join(advice),
            "Four or five unrelated words make a good one.",
        )
