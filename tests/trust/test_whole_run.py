"""A whole run of the program, every byte it writes looked at: no name, no key, nothing that was typed.

strace sees each write as it happens, so a temporary file that is gone a moment later is seen as well.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from db.migrations.running import NEWEST
from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import decisions
from kingshurst_tui.casework.agenda import open_agenda
from kingshurst_tui.casework.decision_form import DISCUSSED
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.vocabulary import ReasonCode
from tests.conftest import ROOT, copy_of
from tests.older import make_older
from tests.trust import tracing
from tests.trust.needles import DECIDED, DRAFTED, PLANTED, TYPED, hits, keys_in, needles_of, secrets_of

pytest.importorskip("pty", reason="only systems with pseudo-terminals")
from tests.screens.terminals import Terminal, children, started
from tests.trust.watched import Run, begin

pytestmark = [
    pytest.mark.skipif(tracing.strace() is None, reason="needs strace (apt-get install strace)"),
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="looks into a hardened process: root"),
]


def upkeep(run: Run, pseudonym: str) -> None:
    """Copy, try the copy, erase by two signatures, bring the copy back, give the trail to an outsider; new keys."""
    copy = str(run.elsewhere / "copy")
    run.command("backup", copy, user="administrator")
    run.command("backup", copy, "--drill", user="governance")
    asked = run.command("erase ask", "--person", pseudonym, "--reason", TYPED, "--json", user="governance")
    run.command("erase confirm", str(json.loads(asked)["erasure"]), "--no-more", user="supervisor")
    run.command("erase export", str(run.elsewhere / "erased"), user="governance")
    again = str(run.elsewhere / "again")
    run.bare("restore", copy, again, "--erasures", str(run.elsewhere / "erased"), user="governance")
    run.command("audit export", str(run.elsewhere / "trail"), user="supervisor")
    run.secrets |= keys_in(run.demo.store, "governance", run.demo.passphrases["governance"], " before its rotation")
    run.command("rotate", user="administrator")


def bring_to_this_version(run: Run) -> None:
    """Let a store of the step before, with everybody in it, be copied first and brought to this step."""
    older, passphrases = run.elsewhere / "older", run.demo.passphrases
    shutil.copytree(run.demo.store, older)
    run.secrets |= keys_in(older, "administrator", passphrases["administrator"], " before the upgrade")
    before = f"{int(NEWEST) - 1:04}"
    make_older(older, passphrases, before)
    assert f"from step {before} to {NEWEST}".encode() in run.bare("upgrade", str(older), user="administrator")
    run.secrets |= keys_in(older, "administrator", passphrases["administrator"], " after the upgrade")


def draft(run: Run) -> tuple[str, int]:
    """Keep a draft that only wants its why, and return whom it is about and where they stand on the agenda."""
    session = vaults.open_session(run.demo.store, "coordinator", run.demo.passphrases["coordinator"])
    try:
        rows = open_agenda(session).rows
        at = next(number for number, row in enumerate(rows) if row.is_open)
        form = decisions.open_form(session, rows[at].pseudonym, Reason(ReasonCode.PANEL))
        fields = dict.fromkeys(("why", "why_not_first_contacted", "review_trigger"), DRAFTED)
        fields |= {"lead_agency": "SCH", "review_on": "2027-03-03"}
        decisions.save_draft(session, form.profile_id, fields, sorted(DISCUSSED), form.version)
        return rows[at].pseudonym, at
    finally:
        session.close()


def program(run: Run) -> list[str]:
    given = [sys.executable, str(run.folder / "program.py"), "open", str(run.demo.store), "--user", "coordinator"]
    return tracing.traced(given, run.log())


def deepest(process: int) -> int:
    """Return the last of a line of processes: strace, the parent that watches, the program."""
    found = children(process)
    return deepest(found[0]) if found else process


def sign_in(terminal: Terminal, run: Run) -> None:
    terminal.wait_for("Passphrase")
    terminal.rest()
    # ctrl+c, where other programs copy.
    terminal.type(run.demo.passphrases["coordinator"] + "\x03\r")
    terminal.wait_for("coordinator (coordinator, KTP)")


@pytest.fixture(scope="module")
def whole_run(demo_as_made: DemoStore, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Begin a store; in another import, link, flag, read and check; then search, decide, lock, a fault and a kill."""
    folder = tmp_path_factory.mktemp("whole-run")
    run = Run(copy_of(demo_as_made, folder / "town"), folder)
    begin(run)
    bring_to_this_version(run)
    partners = run.demo.folder / "partners"
    for reference in ("WMP-INCIDENTS", "SCH-HOMELESS", "NHS-ED"):
        (file,) = [path for path in partners.iterdir() if path.name == FILES[reference]]
        run.command("recall", str(run.demo.batches[reference]))
        run.command("import", str(file), "--agreement", reference, "--reason", TYPED)
    run.command("import", str(partners / "wmp_incidents.csv"), "--agreement", "NHS-ED", may_be=(4,))
    run.command("link")
    run.command("flag")
    listed = run.command("people", "--list", "open", "--limit", "3").decode()
    pseudonym = next(word for word in listed.split() if word.startswith("KH-"))
    run.command("profile", pseudonym, "--reason", TYPED)
    upkeep(run, pseudonym)
    run.command("agenda")
    run.command("audit list", user="supervisor")
    run.command("check", user="administrator")
    screens(run)
    listed = run.command("crash list", user="administrator").decode()
    reference = next(word for word in listed.split() if word.startswith("KH-"))
    run.printed += run.command("crash show", reference, user="administrator")
    return run


FILES = {
    "WMP-INCIDENTS": "wmp_incidents.csv",
    "SCH-HOMELESS": "sch_homelessness_applications.xlsx",
    "NHS-ED": "nhs_emergency_department.parquet",
}


def screens(run: Run) -> None:
    """Sign a decision and work in the program until a fault stops it; then again, until it is killed in the middle."""
    pseudonym, at = draft(run)
    with started(program(run), environment=run.environment, size=(100, 30)) as terminal:
        sign_in(terminal, run)
        there = Path(f"/proc/{deepest(terminal.pid)}")
        run.seen_from_outside += (there / "environ").read_bytes() + (there / "cmdline").read_bytes()
        decide(terminal, pseudonym, at)
        terminal.type("3")
        terminal.wait_for("people: everybody")
        terminal.type("/")
        terminal.rest()
        terminal.type("smith")
        terminal.wait_for("smith")
        terminal.type("\x0c")
        terminal.wait_for("coordinator (coordinator, KTP)", gone=True)
        sign_in(terminal, run)
        terminal.type("1")
        terminal.wait_for("▸1 Home")
        terminal.wait_for("What waits")
        terminal.rest()
        terminal.type("\x12")
        assert terminal.end() == 1
        run.printed += terminal.received
    with started(program(run), environment=run.environment, size=(100, 30)) as terminal:
        sign_in(terminal, run)
        limits = Path(f"/proc/{deepest(terminal.pid)}/limits").read_text()
        assert "Max core file size        0                    0" in limits
        os.kill(deepest(terminal.pid), signal.SIGSEGV)
        terminal.wait_for("was ended from outside (signal 11)")
        terminal.end()
        run.printed += terminal.received


def decide(terminal: Terminal, pseudonym: str, at: int) -> None:
    """Go to the form of somebody on the agenda, type why, and sign."""
    terminal.type("2")
    terminal.wait_for("By ")
    terminal.rest()
    terminal.type("\x1b[B" * at + "\r")
    terminal.wait_for(f"Why do you open {pseudonym}")
    terminal.type("a")
    terminal.wait_for("Why do you open", gone=True)
    terminal.rest()
    terminal.type("n")
    terminal.wait_for("Write a decision")
    terminal.type("\x1b[B" * 2 + "\r")
    terminal.wait_for("Nothing is chosen for you")
    terminal.rest()
    terminal.type("\t")
    terminal.wait_for("▌")
    terminal.type(DECIDED)
    terminal.wait_for(DECIDED)
    terminal.type("\x13")
    terminal.wait_for("Sign this decision with your key?")
    terminal.type("y")
    terminal.wait_for("Sign this decision with your key?", gone=True)
    terminal.wait_for("Overview")
    terminal.rest()


def test_no_file_that_was_ever_written_holds_a_needle(whole_run: Run) -> None:
    needles = needles_of(whole_run.demo) | whole_run.secrets
    assert len(needles) > 400
    looked_at = 0
    for trace in whole_run.trace():
        for path, content in trace.files():
            looked_at += len(content)
            assert hits(content, needles) == [], path
    assert looked_at > 1_000_000, "the trace saw nothing"


def test_nothing_is_written_but_the_store_and_what_says_where_it_is(whole_run: Run) -> None:
    store, home = str(whole_run.demo.store), str(whole_run.home)
    places: set[str] = set()
    mapped: set[str] = set()
    for trace in whole_run.trace():
        # Python tries a temporary folder by writing four letters into it.
        tried = {path for path, content in trace.files() if content == b"blat"}
        places |= ({path for path, _ in trace.files()} | trace.opened_to_write) - tried
        mapped |= trace.mapped_to_write
    given = str(whole_run.elsewhere)
    elsewhere = {
        path for path in places if path.startswith("/") and not path.startswith(("/dev/", "/proc/", store, given))
    }
    assert {path for path in elsewhere if not path.startswith(f"{home}/.local/state/kingshurst/")} == set()
    assert {path for path in mapped if not path.endswith("-shm")} == set()
    assert list(whole_run.working.iterdir()) == [], "no core, no log"
    assert [path for path in (whole_run.folder / "tmp").rglob("*") if path.is_file()] == []


def test_no_program_was_started_with_a_needle_and_none_talked_to_a_network(whole_run: Run) -> None:
    needles = {what: needle for what, needle in needles_of(whole_run.demo).items() if not what.startswith("typed")}
    needles |= whole_run.secrets
    assert hits(whole_run.seen_from_outside, needles) == []
    for trace in whole_run.trace():
        assert trace.sockets <= {"AF_UNIX", "AF_NETLINK"}, trace.sockets
        for given in trace.started:
            assert hits(given, needles) == []
        for target, content in trace.written.items():
            if target.startswith("socket:"):
                assert hits(bytes(content), needles) == []


def test_terminal_and_standard_error_carry_no_key_no_passphrase_and_nothing_unseen(whole_run: Run) -> None:
    unseen = secrets_of(whole_run.demo) | {"planted": PLANTED.encode(), "typed": TYPED.encode()}
    unseen |= {what: secret for what, secret in whole_run.secrets.items() if secret != whole_run.shown_once}
    shown_at = []
    assert hits(whole_run.printed, unseen) == []
    assert b"Traceback" not in whole_run.printed
    for sequence in (b"\x1b]52", b"\x1b]0;", b"\x1b]2;", b"\x1b]8;"):
        assert sequence not in whole_run.printed, "clipboard, title or link"
    for trace in whole_run.trace():
        for target, content in trace.written.items():
            if target.startswith(("/dev/pts", "/dev/tty")):
                assert hits(bytes(content), unseen) == [], target
            shown_at += [target] * content.count(whole_run.shown_once)
    # The one that had to be written down was shown at the terminal, once, and went nowhere else.
    assert whole_run.printed.count(whole_run.shown_once) == 1
    assert len(shown_at) == 1, shown_at
    assert shown_at[0].startswith(("/dev/pts", "/dev/tty"))


def test_the_fault_lies_sealed_in_the_store(whole_run: Run) -> None:
    from kingshurst_tui.acts import Reason
    from kingshurst_tui.oversight import crashes
    from kingshurst_tui.vocabulary import ReasonCode

    administrator = vaults.open_session(
        whole_run.demo.store, "administrator", whole_run.demo.passphrases["administrator"]
    )
    try:
        reports = crashes.listed(administrator, Reason(ReasonCode.MAINTENANCE))
        assert any(report.reference.encode() in whole_run.printed for report in reports)
    finally:
        administrator.close()


def test_the_decision_was_signed_and_the_person_erased(whole_run: Run) -> None:
    session = vaults.open_session(whole_run.demo.store, "coordinator", whole_run.demo.passphrases["coordinator"])
    try:
        signed = decisions.listed(session, Reason(ReasonCode.PANEL))
        assert any(DECIDED in str(each.fields) for each in signed)
    finally:
        session.close()
    assert {path.name for path in whole_run.elsewhere.iterdir()} >= {"begun", "copy", "again", "erased", "trail"}


@pytest.mark.skipif(sys.platform != "linux", reason="the list of processes of Linux")
def test_what_a_command_was_given_leaves_the_list_of_processes(demo_store: DemoStore) -> None:
    command = [sys.executable, "-m", "kingshurst_tui", "people", str(demo_store.store), "--search", PLANTED]
    process = subprocess.Popen(
        [*command, "--user", "coordinator", "--passphrase-file", "-"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    there = Path(f"/proc/{process.pid}/cmdline")
    try:
        # It is hidden before the passphrase is read, and the passphrase has not been written yet.
        while b"people" not in (shown := there.read_bytes()) or b"--search" in shown:
            assert process.poll() is None
        assert b"Zebediah" not in shown
    finally:
        process.communicate(demo_store.passphrases["coordinator"].encode() + b"\n")
    assert process.returncode == 0
