"""Every screen in a real terminal, every text from the store wanting to steer it.

The rule: COUNT hostile strings take the place of every text that a screen is given and somebody chose. Each screen is
read anew from its store, moved through, paged and covered with its boxes until it has shown every one of them, or TURNS
times; which it showed is read back from its drawn lines by the number that each string bears. No class of screen may be
passed over, every string must have reached the terminal, and every byte that the terminal got is looked at.
`make test-hostile` walks with 2,000 strings through every part for every role until each screen has shown them all;
`make test` walks through every screen with a sample.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import re
import sys
import time
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen

import screens
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import people
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.oversight import cosigning, dips
from kingshurst_tui.oversight.trail import TrailFilter
from kingshurst_tui.vocabulary import ReasonCode
from screens.further import FURTHER
from screens.meeting_parts import PARTS
from screens.program_parts import PROGRAM_PARTS
from tests.conftest import ROOT
from tests.screens.hostile import MARK, MARKED, number_of

pytest.importorskip("pty", reason="only systems with pseudo-terminals")
from tests.screens.panelled_store import panelled
from tests.screens.terminals import started

COUNT = int(os.environ.get("KINGSHURST_HOSTILE", "200"))
"""Strings."""
TURNS = int(os.environ.get("KINGSHURST_HOSTILE_TURNS", "1000" if COUNT > 200 else "2"))
"""How often each screen is read anew, at most."""
IS_WHOLE = COUNT > 200
SIZE = (180, 60) if IS_WHOLE else (100, 30)
SCREENS = {
    *(
        "profile",
        "profile, masked",
        "decision",
        "questions",
        "hits",
        "samples",
        "sample",
        "checkpoints",
        "roles",
        "unlock",
    ),
    *("confirm", "choose", "reading", "error", "conflict", "form", "reason", "words", "help", "palette", "notice"),
    *("each says", "answers"),
}

NOT_WALKED = {"BlankScreen": "shows nothing but its own key"}
"""Classes of screen that the whole walk passes over, each with the reason."""
OF_PANELS = {
    *(each.title for each in FURTHER),
    *(
        "manifest",
        "seen",
        "reveal",
        "outcomes",
        "standing out",
        "similar",
        "unflagged",
        *(f"meeting, {part.code}" for part in PARTS),
    ),
}
"""Screens of panels and what came of them, and where home leads: in the whole walk, whose store has held some."""
NOTHING_THERE = {"panels": "the sample's store holds no panel"}
"""Parts that the walk comes to and that have nothing to show, each with the reason."""

# What the program's own drawing consists of: colours, moves, modes it switches on and off, questions to the terminal,
# the shape of the pointer, and the bell of a box that takes no more.
OWN = re.compile(
    rb"\x1b\[(?:[0-9;]*m|[0-9]+;[0-9]+H|\?[0-9;]+[hl]|\?[0-9]+\$p|[<>=]?[0-9;]*u|[0-9;]*[cn])"
    rb"|\x1b[78=>]|\x1bP\+q[0-9a-fA-F]*\x1b\\|\x1b\]22;[a-z-]+\x07|\x07"
)
FOREIGN = re.compile(
    "[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]"
)


def every_screen() -> set[str]:
    """Return the names of every class of screen and box that the program has."""
    for module in pkgutil.walk_packages(screens.__path__, "screens."):
        importlib.import_module(module.name)
    found: set[str] = set()
    left: list[type[Any]] = [Screen]
    while left:
        kinds = left.pop().__subclasses__()
        found |= {kind.__name__ for kind in kinds if kind.__module__.startswith("screens.")}
        left += kinds
    return found


def looked_at(demo: DemoStore) -> tuple[str, str, str]:
    """Return the number of a dip sample, somebody whose profile is open, and somebody whose is masked."""
    with demo.signed_in("coordinator") as session:
        listed = people.open_list(session, Reason(ReasonCode.PANEL))
        found = people.page(session, listed, 0, len(listed.ids))
        opened = next(line.pseudonym for line in found if line.is_open)
    with demo.signed_in("practitioner") as session:
        listed = people.open_list(session, Reason(ReasonCode.PANEL), which="flagged")
        found = people.page(session, listed, 0, len(listed.ids))
        masked = next(line.pseudonym for line in found if not line.is_open and line.own_references)
    with demo.signed_in("supervisor") as session:
        sample = dips.draw_sample(session, TrailFilter(actor="coordinator"), 12)
    with demo.signed_in("coordinator") as session:
        asked = dips.questions_for(session)[0].number
        dips.answer(session, asked, "The panel asked about them.")
    with demo.signed_in("supervisor") as session:
        dips.judge(session, asked, "That is what panels are for.", justified=True)
        cosigning.cosign(session)
    return str(sample.number), opened, masked


def test_no_text_of_a_record_steers_the_terminal_stops_the_program_or_can_be_clicked(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    report = tmp_path / "report.json"
    met: tuple[int | str, ...] = ()
    if IS_WHOLE:
        demo, found_there = panelled(tmp_path / "met")
        met = astuple(found_there)
    else:
        demo = request.getfixturevalue("town_copy")
    command = [sys.executable, "-m", "tests.screens.hostile_program", str(demo.store)]
    command += [str(demo.folder / "passphrases"), str(COUNT), str(TURNS), str(report), *looked_at(demo)]
    command += map(str, met)
    began = time.monotonic()
    with started(command, size=SIZE, environment={"PYTHONPATH": str(ROOT), "KINGSHURST_DEV": ""}) as terminal:
        code = terminal.all_of_it(patience=1_800.0 + 5.0 * COUNT)
    received = terminal.received
    assert report.exists(), received[-2_000:].decode(errors="replace")
    found = json.loads(report.read_text())
    for screen, shown in sorted(found["shown"].items()):
        drawings, seconds = found["drawings"].get(screen, 0), found["seconds"].get(screen, 0)
        sys.stdout.write(f"{screen:16} {shown:5} strings, {drawings:5} drawings, {seconds:6} s of work\n")
    sys.stdout.write(f"{len(received):,} bytes looked at, {time.monotonic() - began:.0f} s by the clock\n")
    assert code == 0
    assert set(found["codes"]) == {0}
    assert found["faults"] == []
    assert found["clickable"] == []
    assert set(found["shown"]) == SCREENS | {part.mode for part in PROGRAM_PARTS} | (OF_PANELS if IS_WHOLE else set())
    passed_over = every_screen() - set(found["classes"]) - NOT_WALKED.keys()
    assert not (IS_WHOLE and passed_over), "walk them in hostile_program.py, or name them in NOT_WALKED with the reason"
    said = received.decode()
    assert {number_of(each) for each in MARKED.findall(said)} == set(range(COUNT)), "not all reached the terminal"
    left = OWN.sub(b"", received).decode()
    foreign = [left[max(0, at.start() - 40) : at.end() + 40] for at in FOREIGN.finditer(left)]
    assert foreign == []
    assert re.findall("[\x1b\x90-\x9f][^A-Za-z\x1b]{0,12}" + MARK, said) == []
    enough = COUNT if IS_WHOLE else 1
    short = {screen: shown for screen, shown in found["shown"].items() if shown < enough}
    assert short.keys() <= NOTHING_THERE.keys(), short
