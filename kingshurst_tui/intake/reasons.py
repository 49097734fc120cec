"""What each code of a report says in words."""

from __future__ import annotations

from kingshurst_tui.intake.values import FAULTS

REASONS = FAULTS | {
    "wrong-number-of-columns": "more or fewer cells than the header has columns",
    "nobody-identified": "nobody that could be told from somebody else",
    "date-missing": "no date of the event",
    "category-missing": "no category",
    "role-missing": "no role of the person in the event",
    "standing-missing": "not whether it is fact or assessment",
    "repeated-with-other-content": "the reference of an earlier row, with other content",
    "area-code-missing": "no area",
    "area-code-invalid": "an area code that is none of the agreement's level",
    "finer-than-agreed": "a finer area than the agreement allows",
    "month-missing": "no month",
    "not-a-month": "not a month in the agreement's form",
    "not-a-year": "not a year as the agreement says it is written, such as 2019-20",
    "part-above-whole": "a part that is larger than the whole it is of",
    "category-unclear": 'a category that is written like a number beside one (with " / ")',
    "count-missing": "no count",
    "not-a-count": "not a whole number from 0 upwards",
    "negative-count": "a count below nought",
    "count-too-large": "a count of more than a million in one place and month",
    "counted-twice": "a place, month and category of an earlier row, with another count",
    "not-the-sum": "a total that is not the sum of its parts",
    "rate-without-denominator": "a rate without the number that it is a rate of",
}
"""Code -> what the row or cell holds, or lacks."""

NEVER_BORNE = frozenset(
    {
        "negative-count",
        "count-too-large",
        "counted-twice",
        "not-the-sum",
        "part-above-whole",
        "rate-without-denominator",
    }
)
"""What refuses a whole extract of counts, however few rows hold it: which of its other counts are right?"""

INCONSISTENT = {
    "event-before-birth": "events dated before the person's birth",
    "reported-before-event": "events reported before they happened",
    "counterpart-is-the-person": "rows that name one person as both parties",
}


def said(code: str) -> str:
    """Return the words for a code."""
    return REASONS.get(code, code)
