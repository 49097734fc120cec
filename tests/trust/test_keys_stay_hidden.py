"""No key in what is printed, pickled, copied or shown of a crash, and no copy of the data key that cannot be wiped."""

from __future__ import annotations

import ast
import copy
import dataclasses
import pickle
import re
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from db.vault import read_header
from kingshurst_tui.acts import Reason
from kingshurst_tui.errors import KingshurstError
from kingshurst_tui.session import HeaderWork, Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from tests.conftest import ROOT
from tests.trust.conftest import PASSPHRASES, Open

PANEL = Reason(ReasonCode.PANEL)


def raw_keys(session: Session) -> list[bytes]:
    """Every secret that an open session holds, as bytes."""
    kept = session._store_keys
    secrets = [kept.data, kept.person, kept.lasting, kept.commitment_key(), session._words_key, session.digest_key]
    secrets += [session._pairs.signing.private_bytes_raw(), session._pairs.sealing.private_bytes_raw()]
    return [*map(bytes, secrets), bytes(session.crash_key())]


def shows(text: str, secrets: list[bytes]) -> bool:
    """Say whether a text holds a key: in hex, as Python writes bytes, or as the letters that they happen to be."""
    spellings = [
        spelled
        for key in secrets
        for spelled in (key.hex(), key.hex().upper(), repr(key)[2:-1], repr(list(key))[1:-1], key.decode("latin-1"))
    ]
    return any(spelled in text for spelled in spellings)


def holders(session: Session, folder: Path) -> Iterator[Any]:
    kept = session._store_keys
    yield from (session, session._pairs, kept, session.store, session.store.tally, session._person_keys)
    yield from (kept.data, kept.person, kept.lasting, session._words_key, session.digest_key, kept.commitment_key())
    yield from read_header(folder).slots
    with session.header_work() as work:
        yield work
        yield work.draft


WRITERS: list[Callable[[Any], str]] = [
    repr,
    str,
    "{}".format,
    "{!r:>90}".format,
    lambda held: f"{[held]} {vars_of(held)}",
]


def vars_of(held: Any) -> dict[str, Any]:
    return dict(vars(held)) if hasattr(held, "__dict__") else {}


def test_whatever_holds_a_key_shows_none(opened: Open, folder: Path) -> None:
    session = opened("coordinator")
    secrets = raw_keys(session)
    assert shows(f"... {bytes(session._store_keys.data)!r} ...", secrets)
    assert shows(bytes(session._store_keys.data).hex(), secrets)
    for held in holders(session, folder):
        for write in WRITERS:
            assert not shows(write(held), secrets), type(held)


def test_whatever_holds_a_key_is_not_pickled(opened: Open, folder: Path) -> None:
    session = opened("coordinator")
    slots = read_header(folder).slots
    for held in holders(session, folder):
        if held in slots:  # what lies in the header is sealed
            assert not any(key in pickle.dumps(held) for key in raw_keys(session))
            continue
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
                pickle.dumps(held, protocol)


def test_a_copy_or_a_table_of_its_fields_is_refused_or_shows_no_key(opened: Open, folder: Path) -> None:
    session = opened("coordinator")
    secrets = raw_keys(session)
    for held in holders(session, folder):
        ways: list[Callable[[Any], Any]] = [copy.copy, copy.deepcopy]
        if dataclasses.is_dataclass(held):
            ways.append(dataclasses.asdict)
        for way in ways:
            try:
                made = way(held)
            except TypeError:
                continue
            assert not shows(repr(made), secrets), (type(held), way)
    for refused in (session, session._store_keys, session._store_keys.data, session.digest_key):
        with pytest.raises(TypeError):
            copy.deepcopy(refused)
    with pytest.raises(TypeError), session.header_work() as work:
        dataclasses.asdict(HeaderWork(work.draft, work.pairs, work.store_keys))


def shown_of(failed: BaseException) -> str:
    """A crash as a library prints it that shows local variables."""
    return "".join(traceback.TracebackException.from_exception(failed, capture_locals=True).format())


def crash(session: Session, within: Callable[[Any], object]) -> str:
    try:
        with session.act(Operation.CONSULT, Thing.PROFILE, reason=PANEL) as act:
            within(act)
    except (AttributeError, ValueError, TypeError, KingshurstError) as failed:
        return shown_of(failed)
    raise AssertionError("nothing failed")


def test_a_crash_inside_an_act_shows_no_key_in_its_locals(opened: Open, folder: Path) -> None:
    session = opened("coordinator")
    secrets = raw_keys(session)

    def in_sealing(act: Any) -> None:
        act.session.seal_words(None, "place")

    def in_deriving(act: Any) -> None:
        own = act.session._store_keys  # a room that holds them in a variable
        packed, words_key = own.packed(), act.session._words_key
        raise ValueError(f"{len(packed)} {len(words_key)} {own}")

    def in_a_statement(act: Any) -> None:
        act.connection.exec_driver_sql("SELECT nothing FROM nowhere")

    def in_the_entry(act: Any) -> None:
        act.facts["odd"] = object()

    def in_opening(act: Any) -> None:
        from db.connecting import connect

        (folder / "other.db").write_bytes(b"no database " * 1000)
        connect(folder / "other.db", act.session._store_keys.data)

    for within in (in_sealing, in_deriving, in_a_statement, in_the_entry, in_opening):
        said = crash(session, within)
        assert "session = " in said
        assert not shows(said, secrets), within.__name__


# --- in memory -----------------------------------------------------------------------------------------------------

CHILD = """
import sys
from pathlib import Path

mode, folder, words = sys.argv[1:]


def say(step, key=b""):
    # Never the key itself, in any form that is looked for.
    print(step, "".join("%02x" % (byte ^ 0x5A) for byte in key), flush=True)
    sys.stdin.readline()


if mode == "program":
    from kingshurst_tui.acts import Reason
    from kingshurst_tui.vaults import open_session
    from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

    session = open_session(Path(folder), "coordinator", words)
    say("open", session._store_keys.data)
    for _ in range(3):
        with session.act(Operation.CONSULT, Thing.PROFILE, reason=Reason(ReasonCode.PANEL)) as act:
            act.connection.exec_driver_sql("SELECT pseudonym FROM masked_profile").fetchall()
    with session.header_work() as work:
        work.draft.write(work.draft.header)
    say("worked")
    session.close()
    say("closed")
else:
    import sqlcipher3.dbapi2 as driver

    with open("/dev/urandom", "rb", buffering=0) as source:
        source.readinto(key := bytearray(32))
    opened = []
    for name in ("one", "two", "three"):
        raw = bytearray(b"x'" + b"0" * 64 + b"'")
        for at, byte in enumerate(key):
            raw[2 + 2 * at], raw[3 + 2 * at] = b"0123456789abcdef"[byte >> 4], b"0123456789abcdef"[byte & 15]
        opened.append(driver.connect(str(Path(folder) / (name + ".control"))))
        opened[-1].set_key(raw)
        raw[:] = bytes(len(raw))
        opened[-1].execute("CREATE TABLE t (x)")
    say("open", key)
    for connection in opened:
        connection.execute("INSERT INTO t VALUES (1)")
        connection.commit()
    say("worked")
    for connection in opened:
        connection.close()
    key[:] = bytes(len(key))
    say("closed")
"""


def copies_of(key: bytes, pid: int) -> int:
    """How many times a process's writable memory holds a key, as it is or in hex."""
    spellings = (key, key.hex().encode(), key.hex().upper().encode())
    found = 0
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            first, last, rights = re.findall(r"^([0-9a-f]+)-([0-9a-f]+) (\S+)", line)[0]
            if not rights.startswith("rw"):
                continue
            try:
                memory.seek(int(first, 16))
                page = memory.read(int(last, 16) - int(first, 16))
            except (OSError, ValueError, OverflowError):  # a page of the kernel's own
                continue
            found += sum(page.count(spelled) for spelled in spellings)
    return found


def copies_over_time(mode: str, folder: Path) -> dict[str, int]:
    command = [sys.executable, "-c", CHILD, mode, str(folder), PASSPHRASES["coordinator"]]
    key, found = b"", {}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for line in child.stdout:
            step, _, masked = line.strip().partition(" ")
            key = bytes(byte ^ 0x5A for byte in bytes.fromhex(masked)) or key
            found[step] = copies_of(key, child.pid)
            child.stdin.write("\n")
            child.stdin.flush()
    assert child.returncode == 0
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads another process's memory as Linux shows it")
def test_the_data_key_is_in_memory_once_while_open_and_not_once_it_is_closed(folder: Path) -> None:
    """Once is what the program holds itself; the control, a bare driver with one wipeable key, has as many."""
    control = copies_over_time("control", folder)
    assert list(control) == ["open", "worked", "closed"]
    assert control["open"] >= 1  # the key is found where it is
    assert copies_over_time("program", folder) == control == {"open": 1, "worked": 1, "closed": 0}


# --- in the code ---------------------------------------------------------------------------------------------------

OF_STORE_KEYS = {
    "data_key",
    "data",
    "person",
    "lasting",
    "packed",
    "raw",
    "store_keys",
    "key",
    "other",
    "opening",
    "own",
}
"""What the data key, and what holds it, is called in the code."""

NOT_THE_STORES = {
    "db/users.py": "public halves that were replaced",
    "db/compartments.py": "the key of one batch, sealed to a compartment",
    "db/person_keys.py": "one person's salt",
    "kingshurst_tui/keyholding/compartments.py": "the key of one batch",
}
"""Pages where ``key`` is another one."""


def frozen_copies(tree: ast.Module) -> set[str]:
    """Calls that make a copy of a key which cannot be wiped: bytes(key), key.hex()."""
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        match node:
            case ast.Call(func=ast.Name(id="bytes" | "hexlify" | "b2a_hex" | "b64encode"), args=[of, *_]):
                pass
            case ast.Call(func=ast.Attribute(value=of, attr="hex" | "decode"), args=[]):
                pass
            case _:
                continue
        if isinstance(of, ast.Call) and "packed" not in ast.unparse(of.func):
            continue  # what a function made of a key is not the key
        names = {part.id for part in ast.walk(of) if isinstance(part, ast.Name)}
        names |= {part.attr for part in ast.walk(of) if isinstance(part, ast.Attribute)}
        if names & OF_STORE_KEYS:
            found.add(ast.unparse(node))
    return found


@pytest.mark.parametrize("package", ["db", "kingshurst_tui", "screens"])
def test_no_page_makes_a_copy_of_a_key_that_cannot_be_wiped(package: str) -> None:
    for path in sorted((ROOT / package).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name not in NOT_THE_STORES:
            assert not frozen_copies(ast.parse(path.read_text(encoding="utf-8"))), name


def test_such_a_copy_is_found() -> None:
    lines = (
        "bytes(store_keys.data)\nkey.hex()\nbytes(self.data + self.person)\nstore_keys.packed().hex()\nb64encode(raw)"
    )
    assert len(frozen_copies(ast.parse(lines))) == 5
