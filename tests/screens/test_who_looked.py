"""Who has looked at somebody: under each pseudonym they went by, said on the screen and in the command's answer."""

from __future__ import annotations

import json
from functools import partial

import pytest

import db.profiles
from kingshurst_tui import cli, vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import profiles
from kingshurst_tui.casework.people import open_list, page
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.oversight.trail import TrailFilter, more_of_trail, open_trail
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing
from screens.app import KingshurstApp
from screens.audit import AuditScreen
from screens.profile import ProfileScreen
from tests.screens.conftest import Beat
from tests.screens.looking import press, seen, settle

SAFEGUARDING = Reason(ReasonCode.SAFEGUARDING)


@pytest.fixture
def merged(demo_copy: DemoStore) -> tuple[str, str]:
    """Two pseudonyms of one profile, the kept one first; somebody looked at it by the other before they were merged."""
    with demo_copy.signed_in(Role.COORDINATOR) as coordinator:
        people = open_list(coordinator, SAFEGUARDING)
        older, younger = page(coordinator, people, 0, people.total)[:2]
        profiles.open_profile(coordinator, younger.pseudonym, SAFEGUARDING)
        with coordinator.act(Operation.COMBINE, Thing.LINK, reason=SAFEGUARDING, combine=True) as act:
            act.write(db.profiles.merge, younger.profile_id, older.profile_id, "2026-05-04T11:00:00.000Z")
        profiles.open_profile(coordinator, older.pseudonym, SAFEGUARDING)
    return older.pseudonym, younger.pseudonym


def test_either_pseudonym_finds_what_was_done_under_both(
    demo_copy: DemoStore, merged: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = {}
    with demo_copy.signed_in(Role.SUPERVISOR) as supervisor:
        for pseudonym in merged:
            wanted = TrailFilter(pseudonym=pseudonym, actor="coordinator")
            shown = open_trail(supervisor, wanted)
            assert set(shown.names) == set(merged)
            assert shown.names[0] == pseudonym
            found[pseudonym] = [line.seq for line in shown.lines if line.thing == Thing.PROFILE]
            supervisor.held.clear()
            upto = max(line.seq for line in shown.lines)
            assert more_of_trail(supervisor, wanted, upto, 0, 200) == shown.lines
    assert len(found[merged[0]]) == 2
    assert found[merged[0]] == found[merged[1]]
    given = ["audit", "list", str(demo_copy.store), "--user", "supervisor", "--actor", "coordinator"]
    given += ["--passphrase-file", str(demo_copy.folder / "passphrases" / "supervisor")]
    typed = merged[1].lower().replace("-", "")
    assert cli.main([*given, "--subject", typed]) == 0
    assert f"The same profile, since merged: {merged[1]}, {merged[0]}." in capsys.readouterr().out
    assert cli.main([*given, "--subject", typed, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["pseudonyms"] == [merged[1], merged[0]]
    assert {line["seq"] for line in said["entries"]} >= set(found[merged[0]])


async def test_the_screen_says_so_and_shows_why_at_eighty_columns(
    demo_copy: DemoStore, merged: tuple[str, str], beat: Beat
) -> None:
    open_session = partial(vaults.open_session, demo_copy.store, clock=demo_copy.clock)
    app = KingshurstApp(
        open_session,
        user_name="supervisor",
        store_name="the invented town",
        demo=True,
        sign_in=partial(open_session, "supervisor", demo_copy.passphrases["supervisor"]),
        monotonic=beat,
        debounce=0,
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await app.push_screen(ProfileScreen(merged[0], reason=ReasonCode.SAFEGUARDING))
        await settle(pilot)
        await press(pilot, "a")
        assert isinstance(app.screen, AuditScreen)
        shown = seen(app)
        assert f"The same profile, since merged: {', '.join(merged)}." in shown
        assert "Why" in shown
        assert "About" not in shown
        assert shown.count("safeguarding") >= 2
        await pilot.press("slash", "escape", "escape")
        await settle(pilot)
        shown = seen(app)
        assert "that match" not in shown
        assert "About" in shown
        assert app.faults == []
