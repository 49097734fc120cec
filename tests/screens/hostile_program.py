"""The program on a store whose every text is hostile, walking through all its screens; run in a terminal by a test.

usage: python -m tests.screens.hostile_program STORE PASSPHRASES COUNT REPORT PSEUDONYM...

What a screen gets from below comes through one door (`WorkingScreen.ask`); here each free text that passes it is
replaced by the next of the hostile strings. Codes, dates and pseudonyms stay: they are the program's own. REPORT is
written when all is done: how many strings each screen drew, what went wrong, what could be clicked.
"""

from __future__ import annotations

import copy
import dataclasses
import enum
import json
import re
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any, cast

from textual import events
from textual.pilot import Pilot

from kingshurst_tui import vaults
from kingshurst_tui.vocabulary import ReasonCode
from screens.app import KingshurstApp
from screens.choose import Choose
from screens.confirm import Confirm
from screens.conflict import Conflict, Difference
from screens.dialog import Dialog
from screens.error_dialog import ErrorDialog
from screens.faults import Fault
from screens.form_dialog import FormDialog
from screens.hardening import harden
from screens.places import PLACES
from screens.profile import ProfileScreen
from screens.reading import Reading
from screens.reason_prompt import ReasonPrompt
from screens.widgets.fields_form import Field
from screens.working import WorkingScreen
from tests.screens.hostile import corpus
from tests.screens.looking import settle

WHOLE = 500
"""Strings for each screen from which on every role walks."""
USERS = ("coordinator", "supervisor", "governance", "practitioner", "administrator")
_OWN = re.compile(r"KH-[0-9A-Z]{4}-[0-9A-Z]{4}|[0-9T:.,Z+-]+|[A-Z]{2,5}(-[A-Z0-9-]+)?|[a-z0-9_/.-]*")
"""What is the program's own: pseudonyms, dates, codes of agencies and data sets, lower-case codes."""


class Poison:
    """Replaces free text by hostile strings, one after another."""

    def __init__(self, count: int) -> None:
        self._strings = corpus(count)
        self._at = 0
        self.given = 0
        self.drawn: Counter[str] = Counter()
        self.screen = ""

    def next(self) -> str:
        """Return the next hostile string."""
        self._at += 1
        self.given += 1
        return self._strings[self._at % len(self._strings)]

    def some(self) -> str:
        """Return a few hostile strings as one text."""
        return "  ".join(self.next() for _ in range(5))

    def count_drawn(self, lines: int) -> None:
        """Count what was given since the last time as drawn: of a long list, no more than there are lines."""
        self.drawn[self.screen] += min(self.given, lines)
        self.given = 0

    def spoiled(self, value: Any, depth: int = 0) -> Any:
        """Return a copy of an answer in which free text is hostile."""
        if depth > 8 or isinstance(value, enum.Enum):
            return value
        if isinstance(value, str):
            return value if _OWN.fullmatch(value) else self.next()
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            if type(value).__module__ in {"kingshurst_tui.session", "db.store"}:
                return value
            made = copy.copy(value)
            for each in dataclasses.fields(value):
                object.__setattr__(made, each.name, self.spoiled(getattr(value, each.name), depth + 1))
            return made
        if isinstance(value, tuple):
            parts = [self.spoiled(part, depth + 1) for part in value]
            return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
        if isinstance(value, list):
            return [self.spoiled(part, depth + 1) for part in value]
        if isinstance(value, dict):
            return {key: self.spoiled(part, depth + 1) for key, part in value.items()}
        return value


class Walk:
    """Goes through every screen until each has drawn enough."""

    def __init__(self, poison: Poison, count: int) -> None:
        self.poison = poison
        self.count = count
        self.clickable: set[str] = set()
        self.faults: list[str] = []

    async def drawn(self, pilot: Pilot[int]) -> None:
        """Wait until the screen stands, and look for what record text could make of it."""
        await settle(pilot)
        strips = pilot.app.screen._compositor.render_strips()
        self.poison.count_drawn(len(strips))
        for strip in strips:
            for segment in strip:
                found = segment.style.meta.get("@click") if segment.style else None
                if found:
                    self.clickable.add(f"{self.poison.screen}: {found}")

    async def press(self, pilot: Pilot[int], *keys: str) -> None:
        """Press keys; unlike Textual's own way this waits for workers and messages, not for a quiet processor."""
        for key in keys:
            pilot.app.simulate_key(key)
            await settle(pilot)

    async def part(self, pilot: Pilot[int], key: str, mode: str) -> None:
        """One part of the program: its list drawn again and again, moved through, filtered by a pasted text."""
        self.poison.screen = mode
        turn, before = 0, -1
        while turn < 2 or before < self.poison.drawn[mode] < self.count:
            before = self.poison.drawn[mode]
            await self.press(pilot, "ctrl+r")
            await self.drawn(pilot)
            if turn % 10 == 0:
                for press in ("down", "pagedown", "end"):
                    await self.press(pilot, press)
                await self.drawn(pilot)
                if pilot.app.current_mode != mode:
                    await self.press(pilot, "escape", key)
            turn += 1
        await self.press(pilot, "slash")
        for _ in range(3):
            pilot.app.post_message(events.Paste(self.poison.next()))
            await self.drawn(pilot)
        await self.press(pilot, "escape", "escape")
        await self.drawn(pilot)

    async def over(self, pilot: Pilot[int], name: str, build: Any) -> None:
        """A screen that lies over another, built anew until enough was drawn."""
        self.poison.screen = name
        turn, before = 0, -1
        while turn < 2 or before < self.poison.drawn[name] < self.count:
            before = self.poison.drawn[name]
            pilot.app.push_screen(build())
            await self.drawn(pilot)
            if turn % 25 == 0:
                for press in ("tab", "down", "f1", "escape"):
                    await self.press(pilot, press)
                await self.drawn(pilot)
            while len(pilot.app.screen_stack) > 1:
                # A box that a worker waits for is answered, by leaving it; whatever else lies on top is taken away.
                if isinstance(pilot.app.screen, Dialog):
                    await self.press(pilot, "escape")
                else:
                    pilot.app.pop_screen()
                await self.drawn(pilot)
            turn += 1

    def dialogs(self) -> dict[str, Any]:
        """Every box, made of hostile text."""
        say = self.poison.some

        def fields() -> list[Field]:
            return [Field(f"f{number}", say(), hint=say(), options=((f"o{number}", say()),)) for number in range(4)]

        return {
            "confirm": lambda: Confirm(say(), say(), say(), say()),
            "choose": lambda: Choose(say(), [(f"v{number}", say()) for number in range(15)], (), say()),
            "reading": lambda: Reading(say(), [(say(), say()) for _ in range(12)]),
            "error": lambda: ErrorDialog(Fault(say(), say(), say(), "KH-000000")),
            "conflict": lambda: Conflict(say(), [Difference(f"n{n}", say(), say(), say()) for n in range(4)]),
            "form": lambda: FormDialog(say(), fields(), lambda _: None, words=say(), values={"f0": say(), "f1": say()}),
            "reason": lambda: ReasonPrompt(say()),
        }

    async def __call__(self, pilot: Pilot[int]) -> None:
        """Walk, signed in as whoever the program was started for."""
        app = pilot.app
        assert isinstance(app, KingshurstApp)
        await settle(pilot)
        for place in PLACES:
            if place.is_for(app.session):
                await self.press(pilot, place.key)
                await self.part(pilot, place.key, place.mode)
        if app.user_name == "coordinator":
            await self.press(pilot, "1")
            for name, build in self.dialogs().items():
                await self.over(pilot, name, build)
            self.poison.screen = "notice"
            while self.poison.drawn["notice"] < self.count:
                for _ in range(6):
                    app.notify(self.poison.some(), title=self.poison.next(), markup=False)
                await self.drawn(pilot)
                app.clear_notifications()
            for pseudonym in OPEN:
                await self.over(pilot, "profile", partial(ProfileScreen, pseudonym, reason=ReasonCode.PANEL))
        self.faults += [f"{app.user_name}: {fault.title} {fault.hint}" for fault in app.faults if not fault.expected]
        await app.leave()


OPEN: list[str] = []
"""Pseudonyms of people whose profiles are open, as the test gives them."""


def main() -> None:
    """Walk as each user in turn and write the report."""
    store, passphrases, count, report = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    OPEN.extend(sys.argv[5:])
    harden()
    poison = Poison(max(2_000, count))
    ask = WorkingScreen.ask

    async def hostile_ask(screen: Any, function: Any, *args: Any, **kwargs: Any) -> Any:
        return poison.spoiled(await ask(screen, function, *args, **kwargs))

    setattr(WorkingScreen, "ask", hostile_ask)  # noqa: B010 - the door itself is what is changed
    walk = Walk(poison, count)
    codes = []
    # A sample goes through every screen once; who else sees them is for the whole walk.
    for user in USERS if count >= WHOLE else USERS[:2]:
        open_session = partial(vaults.open_session, store)
        passphrase = (passphrases / user).read_text(encoding="utf-8").strip()
        poison.screen = "unlock"
        app = KingshurstApp(
            open_session,
            user_name=user,
            store_name=poison.next(),
            sign_in=partial(open_session, user, passphrase),
            debounce=0,
            cautions=[poison.next() for _ in range(3)],
        )
        app.run(auto_pilot=cast(Any, walk))
        codes.append(app.return_code)
    report.write_text(
        json.dumps({"drawn": poison.drawn, "clickable": sorted(walk.clickable), "faults": walk.faults, "codes": codes})
    )


if __name__ == "__main__":
    main()
