"""Several processes on one store: what is acknowledged is there, no batch is half seen, a killed one locks nothing."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

import db.recounts
from kingshurst_tui import vaults
from kingshurst_tui.casework import agenda, decisions, profile_records, profiles
from kingshurst_tui.casework.flagging import run_rules
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.intake import imports
from kingshurst_tui.keyholding import users
from kingshurst_tui.oversight import erasure
from kingshurst_tui.oversight.trail import verify_trail
from tests.conftest import ROOT
from tests.together import child
from tests.together.child import DATA_SET, INTAKE, PANEL

CHILD = [sys.executable, "-m", "tests.together.child"]


@contextmanager
def started(town: DemoStore, what: str, user: str, *rest: str) -> Iterator[subprocess.Popen[str]]:
    """Run a process of its own; it is killed, if it has not ended."""
    command = [*CHILD, what, str(town.store), user, town.passphrases[user], *rest]
    process = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def killed_here(town: DemoStore, what: str, user: str, *rest: str) -> None:
    """Run a process to the point at which it waits, and kill it there."""
    with started(town, what, user, *rest) as process:
        assert line(process) == "here"
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL


def somebody_open(town: DemoStore) -> str:
    with town.signed_in("coordinator") as session:
        return next(row.pseudonym for row in agenda.open_agenda(session).rows if row.is_open)


def said_anew(town: DemoStore, to: Path) -> tuple[Path, int]:
    """Return the police's extract with another outcome in every row, and how many rows it has."""
    with (town.folder / "partners" / "wmp_incidents.csv").open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        rows, names = [{**row, "Outcome": "Said anew"} for row in reader], reader.fieldnames or []
    with to.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return to, len(rows)


def test_four_people_at_once_lose_nothing_and_see_no_half_batch(demo_copy: DemoStore, tmp_path: Path) -> None:
    pytest.importorskip("pty", reason="only systems with pseudo-terminals")
    pytest.importorskip("pyte")
    from tests.screens.test_drafts_after_a_kill import TYPED, write_a_decision
    from tests.screens.town_in_terminal import kill, running

    town = demo_copy
    with town.signed_in("coordinator") as session:
        rows = agenda.open_agenda(session).rows
        at = next(number for number, row in enumerate(rows) if row.is_open)
        assert child.said_anew(session) == 0
    who = rows[at].pseudonym
    path, _ = said_anew(town, tmp_path / "extract.csv")
    with ExitStack() as stack:
        others = [
            stack.enter_context(started(town, "act", "practitioner", who)),
            stack.enter_context(started(town, "look", "coordinator")),
            stack.enter_context(started(town, "verify", "supervisor")),
        ]
        terminal = stack.enter_context(running(town))
        write_a_decision(terminal, who, at)
        assert [line(process) for process in others] == ["ready"] * 3
        for process in others:
            process.stdin.write("go\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
        importing = stack.enter_context(started(town, "bring", "coordinator", str(path)))
        terminal.type("\t")
        terminal.wait_for("▌")
        terminal.type(TYPED)
        terminal.wait_for(TYPED)
        terminal.wait_for("Draft kept.")
        command = ["agenda", str(town.store), "--user", "coordinator", "--json"]
        command += ["--passphrase-file", str(town.folder / "passphrases" / "coordinator")]
        asked = subprocess.run([*CHILD, "kingshurst", *command], cwd=ROOT, capture_output=True, text=True, check=True)
        assert json.loads(asked.stdout)["ok"]
        assert line(importing).startswith("batch ")
        said = [process.communicate()[0].split() for process in others]
        assert [process.returncode for process in others] == [0, 0, 0]
        kill(terminal)
    added, seen, holds = ([word for word in words if word not in ("action", "seen", "holds")] for words in said)
    with town.signed_in("coordinator") as session:
        profile = profiles.open_profile(session, who, PANEL)
        assert isinstance(profile, profile_records.Profile)
        assert {int(number) for number in added} <= {each.number for each in profile.actions}
        whole = child.said_anew(session)
        assert whole > 0
        assert set(map(int, seen)) <= {0, whole}
        assert int(seen[-1]) == whole
        assert decisions.open_form(session, who, PANEL).fields["why"] == TYPED
        assert session.look(db.recounts.pending) == []
    assert set(holds) == {"True"}
    with town.signed_in("supervisor") as session:
        assert verify_trail(session).holds


@pytest.mark.parametrize("where", ["hold_the_turn", "write", "header"])
def test_a_process_killed_there_leaves_nothing_locked(demo_copy: DemoStore, where: str) -> None:
    who = somebody_open(demo_copy)
    killed_here(demo_copy, where, "practitioner", *([who] if where == "write" else []))
    with demo_copy.signed_in("practitioner") as session:
        profiles.keep_in_caseload(session, who, PANEL)
        users.change_passphrase(session, "nine quiet herons wading")
    found = vaults.open_session(demo_copy.store, "practitioner", "nine quiet herons wading", clock=demo_copy.clock)
    kept = found.look(lambda connection: connection.exec_driver_sql("SELECT user_name FROM caseload").scalars().all())
    found.close()
    assert "x" not in kept
    with demo_copy.signed_in("supervisor") as session:
        assert verify_trail(session).holds


def test_an_import_killed_while_staging_is_never_seen_and_comes_in_at_once(
    demo_copy: DemoStore, tmp_path: Path
) -> None:
    path, _ = said_anew(demo_copy, tmp_path / "extract.csv")
    killed_here(demo_copy, "stage", "coordinator", str(path))
    with demo_copy.signed_in("coordinator") as session:
        assert child.said_anew(session) == 0
        assert imports.import_file(session, path, DATA_SET, reason=INTAKE).status == "accepted"
        assert child.said_anew(session) > 0


def test_who_was_not_counted_when_an_import_was_killed_is_counted_first(demo_copy: DemoStore, tmp_path: Path) -> None:
    path, _ = said_anew(demo_copy, tmp_path / "extract.csv")
    killed_here(demo_copy, "count", "coordinator", str(path))
    with demo_copy.signed_in("coordinator") as session:
        assert child.said_anew(session) > 0
        # Opening has gone on with it; what is left is said, and counted by whoever runs the rules.
        left = session.look(db.recounts.pending)
        assert bool(left) == any("counted anew" in words for words in agenda.open_agenda(session).unknown)
        run_rules(session)
        assert session.look(db.recounts.pending) == []
        again = run_rules(session).changed
        assert (again.raised, again.corrected, again.withdrawn, again.incidents) == (0, 0, 0, 0)


def test_an_erasure_killed_in_the_middle_is_completed_by_whoever_opens_next(demo_copy: DemoStore) -> None:
    with demo_copy.signed_in("governance") as session:
        number = erasure.ask(session, "data-set", DATA_SET, erasure._RIGHTS)
    killed_here(demo_copy, "erase", "supervisor", str(number))
    with demo_copy.signed_in("governance") as session:
        assert [row.status for row in erasure.every(session)] == ["done"]
        again = run_rules_changed(demo_copy)
        assert again == (0, 0, 0, 0)


def run_rules_changed(town: DemoStore) -> tuple[int, int, int, int]:
    """Return what counting everybody anew changes: nothing, where everybody was counted."""
    with town.signed_in("coordinator") as session:
        done = run_rules(session).changed
    return (done.raised, done.corrected, done.withdrawn, done.incidents)
