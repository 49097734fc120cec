"""One place that turns what went wrong into words, and that lets nothing of a record into a log."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from kingshurst_tui.crashes import reference_of, where
from kingshurst_tui.errors import ExitCode, KingshurstError

logger = logging.getLogger(__name__)
logger.addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Fault:
    """What an error dialog says."""

    title: str
    unchanged: str
    hint: str
    reference: str
    exit_code: int = ExitCode.UNEXPECTED
    expected: bool = True
    """Whether the program foresaw it; an unforeseen one is a fault of the program."""


def explain(error: BaseException) -> Fault:
    """Return what to tell about an error; the text of a foreign exception is never repeated."""
    reference = reference_of(error)
    if isinstance(error, KingshurstError):
        logger.info("%s: %s", reference, error.code)
        return Fault(error.title, error.detail or "Nothing was changed.", error.hint, reference, error.exit_code)
    logger.error("%s: %s at %s", reference, type(error).__name__, where(error))
    return Fault(
        "Something went wrong inside the program.",
        "What you were doing was not finished, and nothing half-done was kept.",
        f"Try once more. If it happens again, report the reference. ({type(error).__name__} at {where(error)})",
        reference,
        expected=False,
    )
