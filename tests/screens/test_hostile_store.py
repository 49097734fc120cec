"""Every screen in a real terminal, every text from the store wanting to steer it.

The rule: COUNT hostile strings take the place of every free text that a screen is given. Each screen is drawn anew,
moved through and covered with its boxes until it has shown every one of them, or TURNS times; which it showed is read
back from its drawn lines by the number that each string bears. Every string must have reached the terminal from some
screen, every screen that has a slot for them must have shown some, and every byte that the terminal got is looked at.
`make test-hostile` walks with 2,000 strings through every part for every role; `make test` walks through every screen
with a sample.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from pathlib import Path

import pytest

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import people
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.oversight import dips
from kingshurst_tui.oversight.trail import TrailFilter
from kingshurst_tui.vocabulary import ReasonCode
from tests.conftest import ROOT
from tests.screens.hostile import MARK, MARKED, number_of

pytest.importorskip("pty", reason="only systems with pseudo-terminals")
from tests.screens.terminals import started

COUNT = int(os.environ.get("KINGSHURST_HOSTILE", "200"))
"""Strings."""
TURNS = int(os.environ.get("KINGSHURST_HOSTILE_TURNS", "100" if COUNT > 200 else "2"))
"""How often each screen is drawn anew, at most."""
SIZE = (140, 50) if COUNT > 200 else (100, 30)
SCREENS = {
    *("home", "agenda", "people", "review", "data-sets", "consents", "audit"),
    *("profile", "profile, masked", "decision", "questions", "hits", "samples", "sample", "checkpoints", "unlock"),
    *("confirm", "choose", "reading", "error", "conflict", "form", "reason", "words", "help", "palette", "notice"),
}
NONE = {"profile, masked", "questions", "hits", "sample", "checkpoints"}
"""Screens that may show no such text: a mask has none by design, the others where nobody has written any."""

# What the program's own drawing consists of: colours, moves, modes it switches on and off, questions to the terminal,
# the shape of the pointer, and the bell of a box that takes no more.
OWN = re.compile(
    rb"\x1b\[(?:[0-9;]*m|[0-9]+;[0-9]+H|\?[0-9;]+[hl]|\?[0-9]+\$p|[<>=]?[0-9;]*u|[0-9;]*[cn])"
    rb"|\x1b[78=>]|\x1bP\+q[0-9a-fA-F]*\x1b\\|\x1b\]22;[a-z-]+\x07|\x07"
)
FOREIGN = re.compile(
    "[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]"
)


def looked_at(demo: DemoStore) -> tuple[str, str, str]:
    """Return the number of a dip sample, somebody whose profile is open, and somebody whose is masked."""
    with demo.signed_in("coordinator") as session:
        listed = people.open_list(session, Reason(ReasonCode.PANEL))
        found = people.page(session, listed, 0, len(listed.ids))
        opened = next(line.pseudonym for line in found if line.is_open)
        masked = next(line.pseudonym for line in found if not line.is_open)
    with demo.signed_in("supervisor") as session:
        sample = dips.draw_sample(session, TrailFilter(actor="coordinator"), 12)
    with demo.signed_in("coordinator") as session:
        asked = dips.questions_for(session)[0].number
        dips.answer(session, asked, "The panel asked about them.")
    with demo.signed_in("supervisor") as session:
        dips.judge(session, asked, "That is what panels are for.", justified=True)
    return str(sample.number), opened, masked


def test_no_text_of_a_record_steers_the_terminal_stops_the_program_or_can_be_clicked(
    town_copy: DemoStore, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "tests.screens.hostile_program", str(town_copy.store)]
    command += [str(town_copy.folder / "passphrases"), str(COUNT), str(TURNS), str(report), *looked_at(town_copy)]
    began = time.monotonic()
    with started(command, size=SIZE, environment={"PYTHONPATH": str(ROOT), "KINGSHURST_DEV": ""}) as terminal:
        code = terminal.all_of_it(patience=900.0 + 5.0 * COUNT)
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
    assert set(found["shown"]) == SCREENS
    assert {screen for screen, shown in found["shown"].items() if not shown} <= NONE
    said = received.decode()
    assert {number_of(each) for each in MARKED.findall(said)} == set(range(COUNT)), "not all reached the terminal"
    left = OWN.sub(b"", received).decode()
    foreign = [left[max(0, at.start() - 40) : at.end() + 40] for at in FOREIGN.finditer(left)]
    assert foreign == []
    assert re.findall("[\x1b\x90-\x9f][^A-Za-z\x1b]{0,12}" + MARK, said) == []
