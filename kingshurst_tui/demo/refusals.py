"""Every act that the design forbids, attempted one by one on a copy of the demonstration: what stopped each.

This is the page for an ethics committee: not what the tool promises, but what happened when somebody tried.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import db.attempts
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.demo.attempting import CLIENT, CRYPTOGRAPHIC, Forbidden, Stopped, World
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.errors import KingshurstError, StoreUnavailable


@dataclass(frozen=True, slots=True)
class Attempt:
    """One forbidden act that was tried.

    Attributes:
        law: the number of the rule in DESIGN section 2 that forbids it.
        tried: what was tried, and by whom.
        stopped: whether it was.
        by: what stopped it, in the program's own words.
        control: the class of the control.
    """

    law: int
    tried: str
    stopped: bool
    by: str
    control: str

    def as_json(self) -> dict[str, Any]:
        """Return JSON-ready keys."""
        return asdict(self)


def attempts(demo: DemoStore) -> list[Attempt]:
    """Attempt everything on a throwaway copy of the demonstration and say what stopped each, in order of the rules."""
    from kingshurst_tui.demo.forbidden_data import DATA
    from kingshurst_tui.demo.forbidden_people import PEOPLE
    from kingshurst_tui.demo.forbidden_roles import ROLES
    from kingshurst_tui.demo.forbidden_trail import TRAIL

    with tempfile.TemporaryDirectory(prefix="kingshurst-attempts-") as folder, ExitStack() as stack:
        copy = Path(folder) / "demo"
        shutil.copytree(demo.folder, copy)
        world = World(replace(demo, folder=copy, clock=FixedClock(demo.clock.now())), stack)
        tried = (_attempt(world, act) for act in (*PEOPLE, *ROLES, *TRAIL, *DATA))
        return sorted(tried, key=lambda attempt: attempt.law)


def _attempt(world: World, forbidden: Forbidden) -> Attempt:
    try:
        forbidden.act(world)
        by = "Nothing stopped it."
    except Stopped as stopped:
        by = str(stopped)
    except StoreUnavailable as denied:
        by = f"The database: {db.attempts.what_stopped(denied)}"
    except KingshurstError as refused:
        first = refused.detail.splitlines()[1] if refused.detail.count("\n") else ""
        by = " ".join(part for part in (refused.title, first) if part)
    return Attempt(forbidden.law, forbidden.tried, forbidden.expected in by, by, forbidden.control)


def attempts_in_lines(tried: Sequence[Attempt]) -> Iterator[str]:
    """Yield the page as plain lines."""
    stopped = sum(attempt.stopped for attempt in tried)
    yield f"{len(tried)} forbidden acts were attempted on a copy of this store; {stopped} were stopped."
    yield f"{CRYPTOGRAPHIC}: holds against whoever has the files, or the data key and a program of their own."
    yield f"{CLIENT}: holds against everybody who uses this program."
    law = 0
    for number, attempt in enumerate(tried, start=1):
        if attempt.law != law:
            law = attempt.law
            yield f"\n{law}. {LAWS[law]}"
        yield f"  {number:>2}  {attempt.tried}"
        yield f"      {'STOPPED' if attempt.stopped else 'NOT STOPPED'} ({attempt.control}): {attempt.by}"


LAWS = {
    1: "People decide.",
    2: "No gate, no data.",
    3: "Granularity is enforced at the door.",
    4: "Consent is three facts, not one.",
    5: "No audit row, no act.",
    6: "Every link explains itself and can be undone.",
    7: "Count incidents, not reports.",
    8: "Unknown is not zero.",
    9: "Nothing is lost, nothing leaks.",
    10: "Victims are not suspects, and facts are not opinions.",
    11: "Children are children.",
}
"""What never bends (DESIGN section 2), by number."""
