"""Processes of their own on one store: each says in lines what was acknowledged to it, and waits where it is told to.

usage: python -m tests.together.child ROLE FOLDER PASSPHRASE [ARGUMENT ...]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from kingshurst_tui import clock, vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from tests.conftest import NOON

PANEL = Reason(ReasonCode.PANEL)
INTAKE = Reason(ReasonCode.INTAKE)
DATA_SET = "WMP-INCIDENTS"
ACCEPTED = "SELECT count(*) FROM import_batch WHERE agreement_ref = 'WMP-INCIDENTS' AND status = 'accepted'"
SAID_ANEW = "SELECT count(*) FROM open_contact WHERE agreement_ref = 'WMP-INCIDENTS' AND outcome = 'Said anew'"


def say(*words: object) -> None:
    """Write a line that the test reads."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def stop_here() -> None:
    """Say that the point is reached, and wait to be killed."""
    say("here")
    sys.stdin.read()


def accepted(session: Session) -> int:
    """Return how many batches of the data set stand."""
    return int(session.look(lambda connection: connection.exec_driver_sql(ACCEPTED).scalar() or 0))


def said_anew(session: Session) -> int:
    """Return how many contacts say what only the new batch says."""
    with session.act(Operation.COMBINE, Thing.LINK, reason=PANEL, combine=True) as act:
        return int(act.connection.exec_driver_sql(SAID_ANEW).scalar() or 0)


def act(session: Session, pseudonym: str) -> None:
    """Add actions until the import is accepted; say each number that was acknowledged."""
    from kingshurst_tui.casework import actions

    before = accepted(session)
    say("ready")
    sys.stdin.readline()
    going = True
    while going:
        going = accepted(session) == before
        due = date(2026, 5, 20)
        say("action", actions.add(session, pseudonym, "Visit", owner_agency="SCH", due_on=due, reason=PANEL))


def look(session: Session) -> None:
    """Count what of the new batch is seen until it is accepted; say each count."""
    before = accepted(session)
    say("ready")
    sys.stdin.readline()
    going = True
    while going:
        going = accepted(session) == before
        say("seen", said_anew(session))


def verify(session: Session) -> None:
    """Verify the trail until the import is accepted; say each answer."""
    from kingshurst_tui.oversight.trail import verify_trail

    before = accepted(session)
    say("ready")
    sys.stdin.readline()
    going = True
    while going:
        going = accepted(session) == before
        say("holds", verify_trail(session).holds)


def bring(session: Session, path: str) -> None:
    """Import an extract."""
    from kingshurst_tui.intake import imports

    say("batch", imports.import_file(session, Path(path), DATA_SET, reason=INTAKE).batch)


def hold_the_turn(session: Session) -> None:
    """Take the turn and keep it."""
    with session.store.turnstile.hold():
        stop_here()


def write(session: Session, pseudonym: str) -> None:
    """Write in a transaction and never commit."""
    with session.act(Operation.ALTER, Thing.ACTION, reason=PANEL) as act:
        act.connection.exec_driver_sql("INSERT INTO caseload (user_name, profile_id, since) VALUES ('x', 1, 'x')")
        stop_here()


def stage(session: Session, path: str) -> None:
    """Stage an import and stop before it is accepted."""
    from kingshurst_tui.intake import imports

    _instead(imports, "_accept", stop_here)
    bring(session, path)


def count(session: Session, path: str) -> None:
    """Accept an import and stop when some of whom it touched are counted."""
    from kingshurst_tui.casework import recounting

    recounting.AT_ONCE = 5
    _instead(recounting, "count", stop_here, after=2)
    bring(session, path)


def header(session: Session) -> None:
    """Begin to change the header."""
    with session.header_work():
        stop_here()


def erase(session: Session, number: str) -> None:
    """Confirm an erasure and stop when some of it is carried out."""
    from kingshurst_tui.oversight import erasing, erasure

    _instead(erasing, "_delete_piece", stop_here, after=2)
    erasure.confirm(session, int(number), Reason(ReasonCode.RIGHTS), also=())


def _instead(module: Any, name: str, stop: Callable[[], None], after: int = 0) -> None:
    plain, calls = getattr(module, name), iter(range(1_000_000))

    def counted(*args: Any, **kwargs: Any) -> Any:
        if next(calls) == after:
            stop()
        return plain(*args, **kwargs)

    setattr(module, name, counted)


def main() -> None:
    """Be one of these, or the command line itself."""
    if sys.argv[1] == "kingshurst":
        from kingshurst_tui import cli

        clock.SystemClock.now = lambda self: NOON  # type: ignore[method-assign]
        clock.SystemClock.today = lambda self: NOON.date()  # type: ignore[method-assign]
        sys.exit(cli.main(sys.argv[2:]))
    what, folder, user, passphrase, *rest = sys.argv[1:]
    session = vaults.open_session(Path(folder), user, passphrase, clock=clock.FixedClock(NOON))
    globals()[what](session, *rest)
    session.close()


if __name__ == "__main__":
    main()
