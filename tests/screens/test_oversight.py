"""What a supervisor sees of oversight, and what somebody sees who is asked about what they did."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.keyholding import users
from kingshurst_tui.oversight.trail import LIMITS_OF_USE, TrailFilter, open_trail
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing
from screens.app import KingshurstApp
from screens.audit import AuditScreen, answered, read_filter, words_of
from screens.profile import ProfileScreen
from tests.conftest import NOON
from tests.people import confirm_by
from tests.screens.conftest import PASSPHRASE
from tests.screens.looking import SIZES, assert_harmless, press, seen, settle

MakeApp = Callable[..., KingshurstApp]


@pytest.fixture
def busy(untouched_store: Path, tmp_path: Path) -> Path:
    """A store in which the practitioner searched for somebody and opened nobody, and looked at two people."""
    folder = tmp_path / "store"
    shutil.copytree(untouched_store, folder)
    session = vaults.open_session(folder, "practitioner", PASSPHRASE, clock=FixedClock(NOON))
    for pseudonym in ("KH-0000-0001", "KH-0000-0002"):
        with session.act(
            Operation.CONSULT,
            Thing.PROFILE,
            reason=Reason(ReasonCode.PANEL),
            subjects=[pseudonym],
            facts={"masked": False},
        ):
            pass
    session.close()
    session = vaults.open_session(folder, "coordinator", PASSPHRASE, clock=FixedClock(NOON))
    with session.act(Operation.CONSULT, Thing.SEARCH, reason=Reason(ReasonCode.PANEL), typed="marigold example"):
        pass
    session.close()
    return folder


@pytest.mark.parametrize("size", SIZES)
async def test_each_rule_with_its_hits_and_the_trail_behind_one(
    make_app: MakeApp, busy: Path, size: tuple[int, int]
) -> None:
    app = make_app("supervisor", folder=busy, signed_in=True)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("7", "h")
        await settle(pilot)
        shown = seen(app)
        assert "The log may be used only" in shown
        assert "A hit is no finding" in shown
        assert "Own name: 0 hits" in shown
        await press(pilot, "end")
        assert "Searches that opened nothing: 1 hit" in seen(app)
        assert "coordinator" in seen(app)
        assert "marigold" not in seen(app)
        assert_harmless(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, AuditScreen)
        assert "consult search" in seen(app)
        assert app.faults == []


@pytest.mark.parametrize("name", ["Bella", "done", "consult"])
async def test_a_hit_leads_to_who_acted_whatever_their_name(make_app: MakeApp, busy: Path, name: str) -> None:
    with closing(vaults.open_session(busy, "administrator", PASSPHRASE, clock=FixedClock(NOON))) as session:
        users.add_user(session, name, "Bella Example", "SCH", Role.PRACTITIONER, PASSPHRASE)
    confirm_by(busy, "supervisor", PASSPHRASE, name, FixedClock(NOON))
    with (
        closing(vaults.open_session(busy, name, PASSPHRASE, clock=FixedClock(NOON))) as session,
        session.act(Operation.CONSULT, Thing.SEARCH, reason=Reason(ReasonCode.PANEL), typed="marigold"),
    ):
        pass
    app = make_app("supervisor", folder=busy, signed_in=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("7", "h")
        await settle(pilot)
        await press(pilot, "end")
        if name == "Bella":
            await press(pilot, "up")  # in the alphabet before coordinator
        await press(pilot, "enter")
        assert isinstance(app.screen, AuditScreen)
        shown = seen(app)
        assert "1 entry that match" in shown
        assert f"{name} " in shown
        assert "consult search" in shown
        assert app.faults == []


async def test_a_rule_is_changed_where_its_source_is_said(make_app: MakeApp, busy: Path) -> None:
    app = make_app("supervisor", folder=busy, signed_in=True)
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        await pilot.press("7", "h")
        await settle(pilot)
        await press(pilot, "e")
        await pilot.press(*["down"] * 4, "enter")
        await settle(pilot)
        assert "Set by the partnership." in seen(app)
        await pilot.press("ctrl+a", "ctrl+k", "1", "ctrl+s")
        await settle(pilot)
        assert "Bulk reading: 1 hit" in seen(app)
        assert app.faults == []


@pytest.mark.parametrize("size", SIZES)
async def test_a_sample_is_drawn_answered_judged_and_signed_off(
    make_app: MakeApp, busy: Path, size: tuple[int, int]
) -> None:
    app = make_app("supervisor", folder=busy, signed_in=True)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("7", "d")
        await settle(pilot)
        assert "No dip sample was drawn yet" in seen(app)
        await press(pilot, "n")
        await pilot.press("tab", *"practitioner", "ctrl+s")
        await settle(pilot)
        assert "0 of 2" in seen(app)
        assert app.faults == []
    app = make_app("practitioner", folder=busy, signed_in=True)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        assert "you are asked about 2 entries of your own" in " ".join(seen(app).split())
        await press(pilot, "enter")
        assert "Drawn by lot" in seen(app)
        for _ in range(2):
            await press(pilot, "enter")
            await pilot.press(*"on the agenda", "enter")
            await settle(pilot)
        assert "You are asked nothing" in seen(app)
        assert app.faults == []
    app = make_app("supervisor", folder=busy, signed_in=True)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("7", "d")
        await settle(pilot)
        await press(pilot, "enter")
        assert "Drawn again it is the same." in " ".join(seen(app).split())
        for at in range(2):
            await pilot.press("home", *["down"] * at, "enter")
            await settle(pilot)
            assert "on the agenda" in seen(app)
            await pilot.press("down", "enter") if at else await pilot.press("enter")
            await settle(pilot)
            await pilot.press(*"as it says", "enter")
            await settle(pilot)
        assert "not justified" in seen(app)
        await press(pilot, "s", "y")
        assert "signature holds" in " ".join(seen(app).split())
        assert app.faults == []


async def test_who_looked_at_a_person_is_one_key_away_for_those_who_oversee(
    town: DemoStore, town_app: Callable[..., KingshurstApp]
) -> None:
    with town.signed_in("supervisor") as session:
        subject = next(line.subjects[0] for line in open_trail(session, TrailFilter()).lines if line.subjects)
    for user in ("supervisor", "coordinator"):
        app = town_app(user)
        async with app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            await app.push_screen(ProfileScreen(subject, reason=ReasonCode.SAFEGUARDING))
            await settle(pilot)
            await press(pilot, "a")
            assert isinstance(app.screen, AuditScreen) == (user == "supervisor")
            if user == "supervisor":
                assert f"match “{subject}”" in seen(app)
                assert "supervisor" in seen(app)
            assert app.faults == []


async def test_the_trail_is_narrowed_by_days_and_purpose(make_app: MakeApp, busy: Path) -> None:
    app = make_app("supervisor", folder=busy, signed_in=True)
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        await pilot.press("7", "f")
        await settle(pilot)
        await pilot.press(*"practitioner", "ctrl+s")
        await settle(pilot)
        assert "3 entries" not in seen(app)
        assert "2 entries that match “practitioner”" in seen(app)
        await pilot.press("slash", *" to:2026-05-03", "enter")
        await settle(pilot)
        assert "Nothing matches" in seen(app)
        assert app.faults == []


def test_what_the_form_asks_and_what_is_typed_mean_the_same() -> None:
    answers = {
        "actor": "practitioner",
        "pseudonym": "KH-AB12-CD34",
        "operation": "consult",
        "purpose": "repeat-contact",
        "since": "2026-04-01",
        "until": "2026-04-30",
        "refused": "yes",
    }
    wanted = answered(answers)
    assert read_filter(words_of(wanted)) == wanted
    expected = TrailFilter(
        "practitioner", "KH-AB12-CD34", "consult", "refused", "repeat-contact", "2026-04-01", "2026-05-01"
    )
    assert wanted == expected
    assert "disciplinary" in LIMITS_OF_USE  # s.62(4)(b)
