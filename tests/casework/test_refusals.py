"""Every act that the design forbids is attempted, and each is stopped by what should stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kingshurst_tui.demo.refusals import LAWS, attempts, attempts_in_lines

if TYPE_CHECKING:
    from kingshurst_tui.demo.build import DemoStore


def test_every_forbidden_act_is_stopped_by_what_should_stop_it(demo_store: DemoStore) -> None:
    tried = attempts(demo_store)
    assert not [f"{attempt.tried}: {attempt.by}" for attempt in tried if not attempt.stopped]
    assert {attempt.law for attempt in tried} == set(LAWS)
    assert {attempt.control for attempt in tried} == {"cryptographic", "client-enforced"}
    page = "\n".join(attempts_in_lines(tried))
    assert f"{len(tried)} forbidden acts" in page
    assert "NOT STOPPED" not in page
