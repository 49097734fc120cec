"""The program, every text from its store hostile, walking through all its screens; run in a terminal by a test.

usage: python -m tests.screens.hostile_program STORE PASSPHRASES COUNT TURNS REPORT SAMPLE PSEUDONYM MASKED [MET]
MET: the numbers of a panel that was held, of one that is prepared, of a case and of a sample of unflagged people, and
the pseudonym of somebody whose decision was followed up.

What a screen gets from below comes through one door (`Work.run`); here each free text that passes it is replaced by
a hostile string, and so is every name, reference and answer that somebody chooses, whatever it looks like. Codes, dates
and pseudonyms stay: they are the program's own. Every string carries its number, in two letters of Unicode's private
range before it, so that the lines of a screen, and the terminal, tell which they showed. Each screen is read anew from
the store, moved through and paged, until it has shown every string, or TURNS times; each begins with others. REPORT
says how many each showed and the seconds of work it took, which classes of screen were drawn, what went wrong, what
could be clicked.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial, partialmethod
from pathlib import Path
from typing import Any, cast

from textual import events
from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.screen import Screen

from kingshurst_tui import vaults
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.errors import Changed
from kingshurst_tui.panels import room
from kingshurst_tui.panels.manifest_shown import AGREES, Unsigned
from kingshurst_tui.panels.room_case import RoomCase, ViewLine
from kingshurst_tui.vocabulary import ReasonCode
from screens import palette
from screens.app import KingshurstApp
from screens.ask_words import AskWords
from screens.checkpoints import Checkpoints
from screens.choose import Choose
from screens.confirm import Confirm
from screens.conflict import Conflict
from screens.decision import DecisionScreen
from screens.dip_samples import QuestionsScreen, SampleScreen, SamplesScreen
from screens.error_dialog import ErrorDialog
from screens.faults import Fault
from screens.form_dialog import FormDialog
from screens.further import FURTHER
from screens.hardening import harden
from screens.help import HelpDialog
from screens.manifest import ManifestScreen
from screens.meeting import MeetingScreen
from screens.meeting_parts import PARTS
from screens.outcomes import OutcomesScreen
from screens.oversight_hits import HitsScreen
from screens.place import StandingOutScreen
from screens.profile import ProfileScreen
from screens.program_parts import PROGRAM_PARTS
from screens.reading import Reading
from screens.reason_prompt import ReasonPrompt
from screens.roles import RolesScreen
from screens.room_answers import Answers, EachSays
from screens.room_reveal import Reveal
from screens.seen import SeenScreen
from screens.similar import SimilarScreen
from screens.unflagged import UnflaggedScreen
from screens.unlock import UnlockScreen
from screens.widgets.fields_form import Field
from screens.work import Work
from tests.conftest import NOON
from tests.screens.looking import settle
from tests.screens.poison import Poison

WHOLE = 500
"""Strings from which on every role walks through every part."""
PROSE = 6
"""How many times as many strings stand in one text where all are to be shown."""
PAGES = 10
"""Keys and pages between two readings from the store, where each brings something new."""
USERS = ("coordinator", "supervisor", "practitioner", "governance", "administrator")
_KEYS = {
    "home": ("down", "end", "tab"),
    "agenda": ("down", "down", "down", "end", "u"),
    "people": ("down", "f2", "end", "pageup"),
    "review": ("c", "down", "down", "p", "down"),
    "data-sets": ("a", "Q", "b", "m", "down", "end"),
    "consents": ("down", "down", "down", "down", "down", "down", "down", "down", "b", "c"),
    "audit": ("down", "end", "pageup", "r"),
    "places": ("down", "end", "m", "c", "end", "t", "right", "o", "x", "w", "end", "pageup", "escape", "a"),
    "standing out": ("down", "end", "c", "end", "x"),
    "profile": ("right", "down", "down", "right", "end"),
    "profile, masked": ("right", "down", "end"),
    "The room": ("n", "t", "u", "s", "e", "v", "a", "c", "f"),
    "Minutes": ("down", "down", "end"),
    "seen": ("right", "down", "t", "u", "s", "e", "v", "a"),
    "outcomes": ("home", "down", "down"),
    "What has left": ("end", "pageup", "down"),
    "manifest": ("end", "pageup", "pageup", "down"),
    "meeting, members": ("end", "pageup", "down"),
    "meeting, interests": ("end", "pageup", "down"),
}
"""What is pressed on a screen between two drawings, in turn; elsewhere the next line of the list."""


class Walk:
    """Goes through every screen until each has shown enough."""

    def __init__(
        self, poison: Poison, *, whole: bool, sample: int, pseudonym: str, masked: str, met: Sequence[str] = ()
    ) -> None:
        self.poison = poison
        self.met = met
        self.whole = whole
        self.sample = sample
        self.pseudonym = pseudonym
        self.masked = masked
        self.classes: set[str] = set()
        self.clickable: set[str] = set()
        self.faults: list[str] = []

    async def drawn(self, pilot: Pilot[int]) -> None:
        """Wait until the screen stands, and look for what record text could make of it."""
        await settle(pilot)
        drawn = type(pilot.app.screen).__mro__
        self.classes |= {kind.__name__ for kind in drawn if kind.__module__.startswith("screens.")}
        strips = pilot.app.screen._compositor.render_strips()
        self.poison.look("\n".join("".join(segment.text for segment in strip) for strip in strips))
        for strip in strips:
            for segment in strip:
                style = segment.style
                if style and (style.link or style.meta.get("@click")):
                    self.clickable.add(f"{self.poison.screen}: {style.link or style.meta['@click']}")

    async def press(self, pilot: Pilot[int], *keys: str) -> None:
        """Press keys; unlike Textual's own way this waits for workers and messages, not for a quiet processor."""
        for key in keys:
            pilot.app.simulate_key(key)
            await settle(pilot)

    async def bare(self, pilot: Pilot[int]) -> None:
        """Take away whatever lies over the part in view."""
        while len(pilot.app.screen_stack) > 1:
            pilot.app.screen.dismiss(None)
            await settle(pilot)

    async def part(self, pilot: Pilot[int], key: str, mode: str) -> None:
        """One part of the program: drawn again and again, moved through, its boxes opened, filtered by pasted text."""
        self.poison.at(mode)
        for turn in self.poison.rounds():
            if pilot.app.current_mode != mode:
                await self.press(pilot, "escape", key)
            await self.press(pilot, "ctrl+r")
            await self.drawn(pilot)
            await self.through(pilot, _KEYS.get(mode, ("down", "end")), turn)
            await self.bare(pilot)
        await self.press(pilot, "slash")
        for _ in range(3):
            pilot.app.post_message(events.Paste(self.poison.next()))
            await self.drawn(pilot)
        await self.bare(pilot)
        await self.press(pilot, "escape", "escape")
        await self.drawn(pilot)

    async def over(self, pilot: Pilot[int], name: str, build: Callable[[], Screen[Any]]) -> None:
        """A screen that lies over another, built anew until enough was drawn."""
        self.poison.at(name)
        for turn in self.poison.rounds():
            pilot.app.push_screen(build())
            await self.drawn(pilot)
            await self.through(pilot, _KEYS.get(name, ("down",)), turn)
            if turn % 10 == 0:
                pilot.app.post_message(events.Paste(self.poison.next()))
                await self.drawn(pilot)
                await self.press(pilot, "f1")
                await self.drawn(pilot)
            await self.bare(pilot)

    async def through(self, pilot: Pilot[int], keys: tuple[str, ...], turn: int) -> None:
        """Press keys in turn and page what can be scrolled, for as long as it brings something new."""
        vain = 0
        for number in range(PAGES if self.whole else 1):
            before = len(self.poison.shown[self.poison.screen])
            await self.press(pilot, keys[(turn + number) % len(keys)])
            for box in pilot.app.screen.query(VerticalScroll):
                box.scroll_page_down(animate=False)
            await self.drawn(pilot)
            vain = vain + 1 if len(self.poison.shown[self.poison.screen]) == before else 0
            if vain == len(keys):
                break

    async def boxes(self, pilot: Pilot[int], builds: Mapping[str, Callable[[], Screen[Any]]]) -> None:
        """Boxes over a screen that says nothing hostile: what is read back of the terminal is theirs."""
        self.poison.is_idle = True
        await self.press(pilot, "1", "ctrl+r")
        for name, build in builds.items():
            await self.over(pilot, name, build)
        if "help" in builds:
            await self.commands(pilot)
            await self.notices(pilot)
        self.poison.is_idle = False

    async def commands(self, pilot: Pilot[int]) -> None:
        """The palette, the names and sentences of its commands hostile."""
        self.poison.at("palette")
        for turn in self.poison.rounds():
            await self.press(pilot, "ctrl+p")
            await self.drawn(pilot)
            await self.press(pilot, *(("end",) if turn % 2 else ("down", "a")))
            await self.drawn(pilot)
            await self.bare(pilot)

    async def notices(self, pilot: Pilot[int]) -> None:
        """What the program says at the edge of the screen."""
        self.poison.at("notice")
        for _ in self.poison.rounds():
            for _each in range(3):
                # Cut, for a notice higher than the screen shows its end only.
                words = "  ".join(self.poison.next()[:300] for _ in range(5))
                pilot.app.notify(words, title=self.poison.next()[:100], markup=False)
            await self.drawn(pilot)
            pilot.app.clear_notifications()

    def dialogs(self) -> dict[str, Callable[[], Screen[Any]]]:
        """Every box, made of hostile text."""
        say, next_one = self.poison.some, self.poison.next

        def fields() -> list[Field]:
            return [Field(f"f{n}", next_one(), hint=say(), options=((f"o{n}", next_one()),)) for n in range(4)]

        def stale() -> list[Changed]:
            return [Changed(f"n{n}", next_one(), say(4), next_one(), next_one()) for n in range(12)]

        return {
            "confirm": lambda: Confirm(next_one(), say(30), next_one(), next_one()),
            "choose": lambda: Choose(next_one(), [(f"v{number}", next_one()) for number in range(25)], (), say(4)),
            "reading": lambda: Reading(next_one(), [(next_one(), say(4)) for _ in range(12)]),
            "error": lambda: ErrorDialog(Fault(say(4), say(20), say(20), "KH-000000")),
            "conflict": lambda: Conflict(say(10), stale()),
            "form": lambda: FormDialog(
                next_one(), fields(), lambda _: None, words=say(), values={"f0": next_one(), "f1": next_one()}
            ),
            # Cut, for it is one line, and the only one of this box that says anything of anybody.
            "reason": lambda: ReasonPrompt(" ".join(next_one()[:16] for _ in range(12))),
            "words": lambda: AskWords(next_one(), say(20), placeholder=next_one()),
            "each says": lambda: EachSays(
                next_one(),
                [(f"k{number}", next_one()) for number in range(12)],
                {f"k{number}": (AGREES, next_one()) for number in range(9)},
            ),
            "answers": lambda: Answers(
                [Unsigned(number, next_one(), next_one(), False) for number in range(12)],
                (1,),
                {str(number): (AGREES, next_one()) for number in range(9)},
            ),
            "help": lambda: HelpDialog(next_one(), say(10), [(next_one(), say(2)) for _ in range(15)]),
        }

    async def of_panels(self, pilot: Pilot[int], app: KingshurstApp) -> None:
        """The screens that other screens and the palette open: those of panels and of what came of them."""
        assert app.session is not None
        held, coming, case, unflagged = map(int, self.met[:4])
        for each in FURTHER:
            if each.is_for(app.session) and not self.poison.shown.get(each.title):
                await self.over(pilot, each.title, each.build)
        if app.user_name == "supervisor":
            await self.over(pilot, "unflagged", partial(UnflaggedScreen, unflagged))
            return
        opened = await app.work.run(room.open_case, app.session, held, case)
        await self.boxes(pilot, {"reveal": partial(self.reveal, opened.case)})
        await self.over(pilot, "standing out", StandingOutScreen)
        await self.over(pilot, "outcomes", partial(OutcomesScreen, self.met[4]))
        await self.over(pilot, "manifest", partial(ManifestScreen, held))
        await self.over(pilot, "seen", partial(SeenScreen, case))
        await self.over(pilot, "similar", partial(SimilarScreen, case))
        for part in PARTS:
            await self.over(pilot, f"meeting, {part.code}", partial(MeetingScreen, coming, part=part.code))

    def reveal(self, case: RoomCase) -> Screen[Any]:
        """The box that says which agencies have written, their codes hostile: nothing else in it is anybody's."""
        # Cut, for the box stands at its end, where its question is: a longer one fills the screen and hides its number.
        views = [ViewLine(self.poison.next()[:300], number % 2 == 0, False, *([""] * 5)) for number in range(24)]
        return Reveal(replace(case, views=tuple(views)))

    def unlock(self, app: KingshurstApp) -> Screen[Any]:
        """The unlock screen, all that it says of a store and of this machine hostile."""
        app.store_name = self.poison.next()
        app.cautions = [self.poison.some(6) for _ in range(3)]
        app.locking.why = self.poison.some(6)
        return UnlockScreen()

    async def __call__(self, pilot: Pilot[int]) -> None:
        """Walk, signed in as whoever the program was started for."""
        app = pilot.app
        assert isinstance(app, KingshurstApp)
        await settle(pilot)
        user = app.user_name
        for part in PROGRAM_PARTS:
            # Who does not need to fill a part looks into it all the same.
            if part.is_for(app.session) and (self.whole or not self.poison.shown.get(part.mode)):
                await self.press(pilot, part.key)
                await self.part(pilot, part.key, part.mode)
        if user == "coordinator":
            await self.boxes(pilot, self.dialogs())
            await self.over(pilot, "profile", partial(ProfileScreen, self.pseudonym, reason=ReasonCode.APPROACH))
            await self.over(pilot, "decision", partial(DecisionScreen, self.pseudonym))
            await self.over(pilot, "questions", QuestionsScreen)
            await self.over(pilot, "roles", RolesScreen)
        if user == ("practitioner" if self.whole else "coordinator"):
            # Their agency knows the person by a reference of its own, and has contacts of its own.
            await self.over(pilot, "profile, masked", partial(ProfileScreen, self.masked, reason=ReasonCode.PANEL))
        if user == "supervisor":
            await self.over(pilot, "hits", HitsScreen)
            await self.over(pilot, "samples", SamplesScreen)
            await self.over(pilot, "sample", partial(SampleScreen, self.sample))
            await self.over(pilot, "checkpoints", Checkpoints)
            await self.over(pilot, "unlock", partial(self.unlock, app))
        if self.met and user in ("coordinator", "supervisor"):
            await self.of_panels(pilot, app)
        self.faults += [f"{user}: {fault.title} {fault.hint}" for fault in app.faults if not fault.expected]
        await app.leave()


def poisoned(poison: Poison) -> None:
    """Have all that the store's thread answers, and all that the palette offers, say hostile things."""
    run, offered = Work.run, palette.CommandProvider.__subclasses__()

    async def hostile_run(self: Work, function: Any, *args: Any, **kwargs: Any) -> Any:
        return poison.spoiled(await run(self, function, *args, **kwargs))

    def hostile_commands(before: Any, self: Any) -> Iterator[palette.Command]:
        for _, _, then in before(self):
            yield poison.next(), poison.some(3), then

    setattr(Work, "run", hostile_run)  # noqa: B010 - the door itself is what is changed
    for each in offered:
        setattr(each, "commands", partialmethod(partial(hostile_commands, each.commands)))  # noqa: B010


def main() -> None:
    """Walk as each user in turn and write the report."""
    store, passphrases, count, report = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[5])
    sample, pseudonym, masked = int(sys.argv[6]), sys.argv[7], sys.argv[8]
    harden()
    whole = count >= WHOLE
    # A test's terminal has no size of its own: the environment says it, and the program goes by that.
    size = {"long": shutil.get_terminal_size().lines, "prose": PROSE} if whole else {}
    poison = Poison(count, int(sys.argv[4]), **size)
    poisoned(poison)
    walk = Walk(poison, whole=whole, sample=sample, pseudonym=pseudonym, masked=masked, met=sys.argv[9:])
    codes = []
    for user in USERS if walk.whole else USERS[:2]:
        open_session = partial(vaults.open_session, store, clock=FixedClock(NOON))
        passphrase = (passphrases / user).read_text(encoding="utf-8").strip()
        poison.at("unlock")
        app = KingshurstApp(
            open_session,
            user_name=user,
            store_name=poison.next(),
            sign_in=partial(open_session, user, passphrase),
            debounce=0,
            idle_seconds=0,
        )
        app.run(auto_pilot=cast(Any, walk))
        codes.append(app.return_code if app._exception is None else repr(app._exception))
    found = {
        "shown": {screen: len(numbers) for screen, numbers in poison.shown.items()},
        "drawings": poison.drawings,
        "seconds": {screen: round(seconds, 1) for screen, seconds in poison.seconds.items()},
        "classes": sorted(walk.classes),
        "clickable": sorted(walk.clickable),
        "faults": walk.faults,
        "codes": codes,
    }
    report.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
