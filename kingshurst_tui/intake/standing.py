"""What follows from letting a batch in or taking it back: where the disk fails in it, the batch stands all the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kingshurst_tui.errors import StoreUnavailable

if TYPE_CHECKING:
    from kingshurst_tui.session import Session


@contextmanager
def standing(done: str) -> Iterator[None]:
    """Tell of a failure in here as of what follows from something that was committed, entered and is not undone.

    Args:
        done: what was, in a few words that begin a sentence.

    Raises: StoreUnavailable.
    """
    try:
        yield
    except (StoreUnavailable, OSError) as failed:
        why = failed.title if isinstance(failed, StoreUnavailable) else "The disk fails."
        raise StoreUnavailable(
            f"{done}; what follows from that could not all be done.",
            f"That stands and is in the trail. {why} Some flags are as they were before.",
            "See to the store's disk. The next opening and the next import do the rest; do not repeat this.",
        ) from failed


def count_anew(session: Session, recount: int, batch: int) -> None:
    """Count anew, in pieces, whom a batch that is in touched. Raises: StoreUnavailable."""
    # Casework takes a tenth of a second to import, and most commands bring nothing in.
    from kingshurst_tui.casework import recounting

    with standing(f"Batch {batch} is in"):
        recounting.finish(session, recount)
