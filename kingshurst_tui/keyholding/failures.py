"""What the trail is told of wrong passphrases: at the next right one, how many there were and when."""

from __future__ import annotations

from db import unlock_attempts
from db.unlock_attempts import Failures
from kingshurst_tui.acts import Fact, Reason
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)


def enter_failures(session: Session, name: str, failed: Failures) -> None:
    """Put into the trail how many wrong passphrases came before this right one, and begin to count anew."""
    if not failed.failed:
        return
    facts: dict[str, Fact] = {
        "failed_attempts": failed.failed,
        "first_failed": failed.first,
        "last_failed": failed.last,
        "unknown_names": name == unlock_attempts.UNKNOWN,
    }
    with session.act(Operation.CONSULT, Thing.STORE, reason=_MAINTENANCE, facts=facts):
        pass
    unlock_attempts.forget(session.store.folder, name)


def enter_unknown_names(session: Session) -> None:
    """Tell the trail how often somebody tried a name that has no slot; the names themselves are not kept."""
    failed = unlock_attempts.failures(session.store.folder, unlock_attempts.UNKNOWN)
    enter_failures(session, unlock_attempts.UNKNOWN, failed)
