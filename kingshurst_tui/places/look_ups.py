"""Which published files of places come in, and how: whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kingshurst_tui.places.vocabulary import SourceKind

if TYPE_CHECKING:
    from pathlib import Path

    from kingshurst_tui.acts import Reason
    from kingshurst_tui.session import Session


@dataclass(frozen=True, slots=True)
class SourceImported:
    """What came of importing one published file.

    Attributes:
        source: its number.
        vintage: of its codes, as the Office for National Statistics names it: 2011, 2021, 2024.
        rows: that were taken.
        left_out: about other boroughs, or about what is not kept.
        said: what to know of it, in sentences.
        replaced: the source that it stands in for from now on.
    """

    source: int
    kind: SourceKind
    title: str
    vintage: str
    rows: int
    left_out: int
    said: tuple[str, ...] = ()
    replaced: int | None = None


def import_file(
    session: Session,
    path: Path,
    *,
    kind: SourceKind | None = None,
    vintage: str = "",
    borough: tuple[str, ...] = (),
    reason: Reason,
) -> SourceImported:
    """Take in one file of the Office for National Statistics or of the Indices of Deprivation, as published.

    Args:
        session: of somebody who may.
        path: a CSV file.
        kind: what it says of places; found from its columns if none is given.
        vintage: of its codes; found from its columns if none is given.
        borough: local authorities whose places are wanted; those that the store knows if none is given.
        reason: why.

    Raises: InputRejected (nothing was stored), Refused, StoreUnavailable.
    """
    raise NotImplementedError
