"""Every screen in a real terminal, on a store whose every text wants to steer it.

`make test-hostile` gives each screen 2,000 strings; KINGSHURST_HOSTILE=12 is a sample.
`make test` leaves it out: even a sample takes minutes on a busy machine.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import people
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.vocabulary import ReasonCode
from tests.conftest import ROOT
from tests.screens.hostile import MARK

pytest.importorskip("pty", reason="only systems with pseudo-terminals")
from tests.screens.terminals import started

COUNT = int(os.environ.get("KINGSHURST_HOSTILE", "0"))
"""Strings for each screen."""

# What the program's own drawing consists of: colours, moves, modes it switches on and off, questions to the terminal,
# the shape of the pointer, and the bell of a box that takes no more.
OWN = re.compile(
    rb"\x1b\[(?:[0-9;]*m|[0-9]+;[0-9]+H|\?[0-9;]+[hl]|\?[0-9]+\$p|[<>=]?[0-9;]*u|[0-9;]*[cn])"
    rb"|\x1b[78=>]|\x1bP\+q[0-9a-fA-F]*\x1b\\|\x1b\]22;[a-z-]+\x07|\x07"
)
FOREIGN = re.compile(
    "[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]"
)


def open_ones(demo: DemoStore) -> list[str]:
    """Return the pseudonyms of two people whose profiles are open."""
    with demo.signed_in("coordinator") as session:
        listed = people.open_list(session, Reason(ReasonCode.PANEL), which="open")
        return [line.pseudonym for line in people.page(session, listed, 0, 2)]


@pytest.mark.skipif(COUNT == 0, reason="a walk of minutes: make test-hostile")
def test_no_text_of_a_record_steers_the_terminal_stops_the_program_or_can_be_clicked(
    town_copy: DemoStore, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "tests.screens.hostile_program", str(town_copy.store)]
    command += [str(town_copy.folder / "passphrases"), str(COUNT), str(report), *open_ones(town_copy)]
    with started(command, size=(120, 40), environment={"PYTHONPATH": str(ROOT), "KINGSHURST_DEV": ""}) as terminal:
        code = terminal.all_of_it(patience=900.0 + 5.0 * COUNT)
    received = terminal.received
    assert report.exists(), received[-2_000:].decode(errors="replace")
    assert code == 0
    found = json.loads(report.read_text())
    assert found["faults"] == []
    assert set(found["codes"]) == {0}
    assert found["clickable"] == []
    few = {screen: drawn for screen, drawn in found["drawn"].items() if drawn < COUNT and screen != "unlock"}
    assert few == {}
    assert len(found["drawn"]) >= 15
    left = OWN.sub(b"", received).decode()
    foreign = [left[max(0, at.start() - 40) : at.end() + 40] for at in FOREIGN.finditer(left)]
    assert foreign == []
    assert re.findall("[\x1b\x90-\x9f][^A-Za-z\x1b]{0,12}" + MARK, received.decode()) == []
