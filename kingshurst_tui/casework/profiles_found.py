"""From a typed pseudonym to the profile it means today."""

from __future__ import annotations

import db.case_reading
import db.recounts
from db.case_reading import MaskedRow
from kingshurst_tui.acts import Act
from kingshurst_tui.errors import NotFound


def written_out(pseudonym: str) -> str:
    """Return a pseudonym as it is kept, from any way of typing it; empty if it is none.

    Example:
        >>> written_out("kh 3x9k 77qd")
        'KH-3X9K-77QD'
    """
    letters = "".join(letter for letter in pseudonym.upper() if letter.isalnum() and letter.isascii())
    letters = letters.removeprefix("KH") if len(letters) == 10 else letters
    return f"KH-{letters[:4]}-{letters[4:]}" if len(letters) == 8 else ""


def found(act: Act, pseudonym: str) -> MaskedRow:
    """Return the profile of a pseudonym, following merges. Raises: NotFound."""
    row = act.read(db.case_reading.by_pseudonym, pseudonym) if pseudonym else None
    if row is None or row.status not in ("open", "empty"):
        raise NotFound("There is no such profile.", "Nothing was shown.", "Check the pseudonym.")
    if act.read(db.recounts.pending):
        from kingshurst_tui.casework import recounting

        recounting.count_first(act, row.profile_id)
        row = act.read(db.case_reading.by_pseudonym, pseudonym) or row
    return row
