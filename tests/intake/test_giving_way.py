"""A turn at writing tells whether anybody waited for its end: large works make their pieces smaller by it."""

from __future__ import annotations

import threading
from pathlib import Path

from db.turnstile import Turnstile


def _waited(turnstile: Turnstile) -> bool:
    return turnstile.watched.kept_waiting


def test_a_turn_tells_whether_anybody_waited_for_its_end(tmp_path: Path) -> None:
    ours, theirs = Turnstile(tmp_path), Turnstile(tmp_path)
    with ours.hold(watching=True):
        pass
    assert not _waited(ours)

    def go_through() -> None:
        with theirs.hold():
            pass

    waiting = threading.Thread(target=go_through)
    with ours.hold(watching=True):
        waiting.start()
        while not ours._somebody_waits():  # until the other has the next turn; it cannot go on before this one ends
            pass
    waiting.join()
    assert _waited(ours)

    with ours.hold():
        pass
    assert _waited(ours), "only turns of large works are watched"
    with ours.hold(watching=True):
        pass
    assert not _waited(ours)
    ours.close()
    theirs.close()
