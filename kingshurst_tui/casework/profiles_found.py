"""From a typed pseudonym to the profile it means today."""

from __future__ import annotations

import db.case_access
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


def open_row(act: Act, pseudonym: str, what: str) -> MaskedRow:
    """Return the row of an open profile; refuse where it is masked, or restricted to others.

    Args:
        act: the act under way.
        pseudonym: whose.
        what: what may only be done of an open profile, for the refusal ("decided about").

    Raises: NotFound, Refused.
    """
    row = found(act, written_out(pseudonym))
    act.concerns([row.pseudonym])
    if row.is_open:
        return row
    restriction = act.read(db.case_access.standing, row.profile_id)
    if restriction is not None and not is_on_list(act, row.profile_id):
        act.refuse(
            "This case is restricted to those on its list.",
            "Nothing was changed.",
            f"{restriction.made_by} restricted it, and can say who keeps its list.",
        )
    act.refuse(
        f"Nobody is {what} while their profile is masked.",
        "Nothing was changed.",
        "Ask the person to agree, or record a ground for going on without.",
    )


def is_on_list(act: Act, profile_id: int) -> bool:
    """Say whether the acting user is on the list of a restricted case."""
    return any(each.user_name == act.session.user.name for each in act.read(db.case_access.on_list, profile_id))
