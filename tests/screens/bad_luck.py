"""Bad luck before a screen: the program on a town of its own, what stands on it, what the store's files hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from textual.pilot import Pilot

from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework.agenda import open_agenda
from kingshurst_tui.casework.agenda_rows import AgendaRow
from kingshurst_tui.casework.profile_records import Profile
from kingshurst_tui.casework.profiles import open_profile
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import ReasonCode
from screens.app import KingshurstApp
from screens.widgets.secret_input import SecretInput
from tests.screens.conftest import Beat
from tests.screens.looking import seen, settle

AppOn = Callable[..., KingshurstApp]
PANEL = Reason(ReasonCode.PANEL)


def program_on(beat: Beat) -> AppOn:
    """Return what makes the program on a town, signed in or before the unlock screen."""

    def make(town: DemoStore, user: str = "coordinator", *, signed_in: bool = True) -> KingshurstApp:
        open_session: Callable[[str, str], Session] = partial(vaults.open_session, town.store, clock=town.clock)
        return KingshurstApp(
            open_session,
            user_name=user,
            store_name="a town of one's own",
            demo=True,
            sign_in=partial(open_session, user, town.passphrases[user]) if signed_in else None,
            monotonic=beat,
            debounce=0,
        )

    return make


def said(app: KingshurstApp) -> str:
    """What stands on the screen, as running text."""
    return " ".join(re.sub("[\u2500-\u259f]", " ", seen(app)).split())


async def sign_in(pilot: Pilot[int], passphrase: str) -> None:
    await settle(pilot)
    pilot.app.screen.query_one(SecretInput).value = passphrase
    pilot.app.screen.query_one(SecretInput).focus()
    await pilot.press("enter")
    await settle(pilot)


def contents(folder: Path) -> dict[str, bytes]:
    """What the store's own files hold; its log comes and goes with whoever has it open."""
    return {
        path.name: path.read_bytes()
        for path in sorted(folder.glob("*"))
        if path.name == "vault.json" or path.suffix == ".db"
    }


def settle_files(town: DemoStore) -> None:
    """Have the log of whoever had the town open when it was copied written into its file."""
    with town.signed_in("administrator"):
        pass


def flagged(town: DemoStore, *, is_open: bool = True) -> AgendaRow:
    with town.signed_in("coordinator") as session:
        return next(row for row in open_agenda(session).rows if row.is_open is is_open)


def name_of(town: DemoStore, pseudonym: str) -> str:
    with town.signed_in("coordinator") as session:
        found = open_profile(session, pseudonym, PANEL)
    assert isinstance(found, Profile)
    return found.who.name
