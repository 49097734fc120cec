"""A whole run of the program, every byte it writes looked at: no name, no key, nothing that was typed.

strace sees each write as it happens, so a temporary file that is gone a moment later is seen as well.
"""

from __future__ import annotations

import base64
import csv
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kingshurst_tui import vaults
from kingshurst_tui.demo.build import DemoStore
from tests.conftest import ROOT
from tests.trust import tracing

pytest.importorskip("pty", reason="only systems with pseudo-terminals")
from tests.screens.terminals import Terminal, children, started

pytestmark = [
    pytest.mark.skipif(tracing.strace() is None, reason="needs strace (apt-get install strace)"),
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="looks into a hardened process: root"),
]

TYPED = "Quillfeather asked me to write this down"
"""A reason, typed at a prompt and given to a command."""
PLANTED = "Zebediah Quillfeather"
"""Somebody who is in no record that is shown: held by the program when it stops because of a fault."""

PROGRAM = f"""
import sys
from kingshurst_tui.cli import main
from screens.home import HomeScreen
def crash(self):
    record = {PLANTED!r}
    raise RuntimeError("planted " + record)
HomeScreen.action_reload = crash
sys.exit(main(sys.argv[1:]))
"""


def needles_of(demo: DemoStore) -> dict[str, bytes]:
    """Return everything that must be nowhere, by what it is: names, dates of birth, numbers, passphrases, keys."""
    found: dict[str, bytes] = {}

    def add(what: str, text: str) -> None:
        found.update({f"{what} {text}": text.encode(), f"{what} {text} (UTF-16)": text.encode("utf-16-le")})

    with (demo.folder / "truth" / "people.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for name in (row["surname"], row["forename"]):
                if len(name) >= 6:
                    add("name", name)
                    add("name", name.upper())
            add("born", row["date_of_birth"])
            if number := row.get("nhs_number"):
                add("NHS number", number)
    add("typed", TYPED)
    add("planted", PLANTED)
    return found | secrets_of(demo)


def secrets_of(demo: DemoStore) -> dict[str, bytes]:
    """Return the passphrases, and the keys as bytes and in the forms that text would carry."""
    found = {f"passphrase of {name}": words.encode() for name, words in demo.passphrases.items()}
    with demo.signed_in("coordinator") as session:
        kept = session.keys_for_upkeep()
        for name in ("data", "person", "lasting"):
            key = bytes(getattr(kept, name))
            assert len(key) == 32
            found |= {
                f"{name} key": key,
                f"{name} key in hex": key.hex().encode(),
                f"{name} key in HEX": key.hex().upper().encode(),
                f"{name} key in base64": base64.b64encode(key).rstrip(b"="),
            }
    return found


def hits(content: bytes, needles: dict[str, bytes]) -> list[str]:
    return [what for what, needle in needles.items() if needle in content]


class Run:
    """One store, everything done to it under strace."""

    def __init__(self, demo: DemoStore, folder: Path) -> None:
        self.demo = demo
        self.folder = folder
        self.home = folder / "home"
        self.working = folder / "working"
        self.printed = b""
        self.logs: list[Path] = []
        for made in (self.home, self.working, folder / "tmp"):
            made.mkdir()
        (folder / "program.py").write_text(PROGRAM)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TMPDIR": str(folder / "tmp"),
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def log(self) -> Path:
        self.logs.append(self.folder / f"{len(self.logs)}.strace")
        return self.logs[-1]

    def signed_in(self, user: str) -> list[str]:
        return ["--user", user, "--passphrase-file", str(self.demo.folder / "passphrases" / user)]

    def command(self, verb: str, *given: str, user: str = "coordinator", may_be: tuple[int, ...] = (0,)) -> bytes:
        words = verb.split()
        command = [sys.executable, "-m", "kingshurst_tui", *words, str(self.demo.store), *given, *self.signed_in(user)]
        done = subprocess.run(
            tracing.traced(command, self.log()),
            cwd=self.working,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        assert done.returncode in may_be, done.stderr
        self.printed += done.stderr
        return done.stdout

    def trace(self) -> Iterator[tracing.Trace]:
        for log in self.logs:
            yield tracing.read(log)


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
    terminal.type(run.demo.passphrases["coordinator"] + "\r")
    terminal.wait_for("coordinator (coordinator, KTP)")


@pytest.fixture(scope="module")
def whole_run(demo_store: DemoStore, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Import, link, flag, read, decide, check; then the screens: search, lock, a fault, and a kill."""
    import shutil
    from dataclasses import replace

    folder = tmp_path_factory.mktemp("whole-run")
    shutil.copytree(demo_store.folder, folder / "town")
    run = Run(replace(demo_store, folder=folder / "town"), folder)
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
    run.command("agenda")
    run.command("audit list", user="supervisor")
    run.command("check", user="administrator")
    screens(run)
    return run


FILES = {
    "WMP-INCIDENTS": "wmp_incidents.csv",
    "SCH-HOMELESS": "sch_homelessness_applications.xlsx",
    "NHS-ED": "nhs_emergency_department.parquet",
}


def screens(run: Run) -> None:
    """Work in the program until a fault stops it; then again, until it is killed in the middle."""
    with started(program(run), environment=run.environment, size=(100, 30)) as terminal:
        sign_in(terminal, run)
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


def test_no_file_that_was_ever_written_holds_a_needle(whole_run: Run) -> None:
    needles = needles_of(whole_run.demo)
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
    elsewhere = {path for path in places if path.startswith("/") and not path.startswith(("/dev/", "/proc/", store))}
    assert {path for path in elsewhere if not path.startswith(f"{home}/.local/state/kingshurst/")} == set()
    assert {path for path in mapped if not path.endswith("-shm")} == set()
    assert list(whole_run.working.iterdir()) == [], "no core, no log"
    assert [path for path in (whole_run.folder / "tmp").rglob("*") if path.is_file()] == []


def test_no_program_was_started_with_a_needle_and_none_talked_to_a_network(whole_run: Run) -> None:
    needles = {what: needle for what, needle in needles_of(whole_run.demo).items() if not what.startswith("typed")}
    for trace in whole_run.trace():
        assert trace.sockets <= {"AF_UNIX", "AF_NETLINK"}, trace.sockets
        for given in trace.started:
            assert hits(given, needles) == []
        for target, content in trace.written.items():
            if target.startswith("socket:"):
                assert hits(bytes(content), needles) == []


def test_terminal_and_standard_error_carry_no_key_no_passphrase_and_nothing_unseen(whole_run: Run) -> None:
    unseen = secrets_of(whole_run.demo) | {"planted": PLANTED.encode(), "typed": TYPED.encode()}
    assert hits(whole_run.printed, unseen) == []
    assert b"Traceback" not in whole_run.printed
    for sequence in (b"\x1b]52", b"\x1b]0;", b"\x1b]2;", b"\x1b]8;"):
        assert sequence not in whole_run.printed, "clipboard, title or link"
    for trace in whole_run.trace():
        for target, content in trace.written.items():
            if target.startswith(("/dev/pts", "/dev/tty")):
                assert hits(bytes(content), unseen) == [], target


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
