"""Files made to exhaust whoever reads them, and a reader's process that can do nothing but read."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake import apart, frames
from kingshurst_tui.intake import extract as files
from kingshurst_tui.intake.extract import ReadAs
from tests.conftest import ROOT
from tests.intake.bombs import BOMBS, ROW, SHEET_HEAD, SHEET_TAIL, noise, varied, workbook
from tests.intake.conftest import NOTHING, Town, agreement

AS_CSV = ReadAs("csv", "utf-8", ",", "", 1)
MOST = 256_000_000

QUICK = (
    "xlsx: one part a thousand times its size",
    "xlsx: sizes that the directory lies about",
    "xlsx: elements within elements",
    "xlsx: styles without end",
    "xlsx: a billion laughs",
    "xlsx: archives within archives",
    "xlsx: a gzip file renamed",
    "csv: NUL after the first page",
    "csv: a gzip file renamed",
    "parquet: a footer of four thousand million bytes",
    "parquet: lists within lists",
    "parquet: one text 30,000 times",
    "parquet: a page of 400 MB",
    "parquet: 40,000,000 empty cells",
)
"""Those that are made and refused in a moment. Their memory is asserted here, and no seconds: nothing timed is in a
test, which a busy machine would decide. benchmarks/bombs.py measures seconds and memory of all of them."""


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[apart.Reader]]:
    """Every reader that is started, to ask it afterwards what it took."""
    started: list[apart.Reader] = []
    before = apart.Reader.__init__

    def begin(self: apart.Reader, *given: object) -> None:
        started.append(self)
        before(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(apart.Reader, "__init__", begin)
    yield started
    assert all(reader.ended_with is not None for reader in started), "a reader was left running"


def read_all(path: Path, kind: str) -> None:
    with (
        files.open_file(path) as handle,
        closing(files.read_extract(handle, replace(AS_CSV, kind=kind), ["Incident No"])) as extract,
    ):
        for _ in extract.rows:
            pass


def refused(path: Path, kind: str = "csv") -> InputRejected:
    with pytest.raises(InputRejected) as caught:
        read_all(path, kind)
    assert caught.value.exit_code == 4
    return caught.value


@pytest.mark.parametrize("bomb", QUICK)
def test_a_bomb_is_refused_and_takes_no_more_than_a_reader_may(
    bomb: str, tmp_path: Path, readers: list[apart.Reader]
) -> None:
    kind, make = BOMBS[bomb]
    (tmp_path / "bomb").write_bytes(make())
    assert "Nothing was stored" in refused(tmp_path / "bomb", kind).detail
    assert max((reader.most for reader in readers), default=0) < MOST


def test_a_workbook_that_kills_its_reader_is_refused_and_the_store_is_as_it_was(own_town: Town) -> None:
    own_town.sign(agreement(form={"kind": "xlsx"}))
    with pytest.raises(InputRejected, match=r"more memory than an honest extract needs|far longer than"):
        own_town.bring(BOMBS["xlsx: elements within elements"][1]())
    assert own_town.stored() == NOTHING


def endless(path: Path) -> Path:
    path.write_text("Incident No\n" + "".join(f"{number}\n" for number in range(2_000_000)))
    return path


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="ends a process as other systems cannot")
def test_a_reader_that_is_killed_is_a_clear_error_and_not_the_end_of_the_file(
    tmp_path: Path, readers: list[apart.Reader]
) -> None:
    with files.open_file(endless(tmp_path / "long.csv")) as handle:
        extract = files.read_extract(handle, AS_CSV, [])
        next(iter(extract.rows))
        os.kill(readers[0].process_id, signal.SIGKILL)
        with pytest.raises(InputRejected, match="ended by it"):
            list(extract.rows)
        extract.close()


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="stops a process as other systems cannot")
def test_a_reader_that_takes_no_time_but_lets_one_wait_is_ended_by_the_clock(
    tmp_path: Path, readers: list[apart.Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "LONGEST", 0.2)
    with files.open_file(endless(tmp_path / "long.csv")) as handle:
        extract = files.read_extract(handle, AS_CSV, [])
        os.kill(readers[0].process_id, signal.SIGSTOP)
        with pytest.raises(InputRejected, match="far longer than what it holds is worth"):
            list(extract.rows)
        extract.close()


def test_a_sheet_that_goes_on_without_a_row_is_refused_early(tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(workbook(SHEET_HEAD + ROW + noise(20_000_000)))
    assert "without a row" in refused(tmp_path / "noise", "xlsx").title


def test_a_large_sheet_that_does_not_say_its_size_is_read(tmp_path: Path) -> None:
    row = b'<row><c t="inlineStr"><is><t>%s</t></is></c></row>' % (b"x" * 300)
    (tmp_path / "large").write_bytes(
        workbook(SHEET_HEAD + ROW + varied(row.replace(b"xx", b"%d", 1), 12_000_000) + SHEET_TAIL)
    )
    with files.open_file(tmp_path / "large") as handle:
        extract = files.read_extract(handle, replace(AS_CSV, kind="xlsx"), [])
        assert sum(1 for _ in extract.rows) > 3_000
        extract.close()


def test_a_reader_ends_when_nobody_reads_it_any_more(tmp_path: Path, readers: list[apart.Reader]) -> None:
    with files.open_file(endless(tmp_path / "long.csv")) as handle:
        extract = files.read_extract(handle, AS_CSV, [])
        next(iter(extract.rows))
        extract.close()


CONFINED = """
import ctypes, json, os, socket, subprocess, sys
sys.path.insert(0, {root!r})
from kingshurst_tui import hardening
before = sorted(map(int, os.listdir("/proc/self/fd")))
hardening.write_nothing()
def tried(what):
    try:
        what()
        return "done"
    except (OSError, MemoryError) as refused:
        return type(refused).__name__ + " " + str(getattr(refused, "errno", ""))
says = {{
    "write": tried(lambda: open({folder!r} + "/made", "w")),
    "change": tried(lambda: open({folder!r} + "/there", "r+").write("x")),
    "cut": tried(lambda: os.truncate({folder!r} + "/there", 0)),
    "folder": tried(lambda: os.mkdir({folder!r} + "/made")),
    "remove": tried(lambda: os.remove({folder!r} + "/there")),
    "run": tried(lambda: subprocess.run(["true"])),
}}
hardening.confine(most_memory=50_000_000, most_seconds=20)
says |= {{
    "read": tried(lambda: open({folder!r} + "/there")),
    "connect": tried(lambda: socket.socket()),
    "unix": tried(lambda: socket.socket(socket.AF_UNIX)),
    "pipe": tried(os.pipe),
    "memory": tried(lambda: bytearray(200_000_000)),
}}
print(json.dumps(says))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="what only Linux can forbid")
def test_a_confined_process_can_write_open_start_and_connect_to_nothing(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("as it was")
    source = CONFINED.format(root=str(ROOT), folder=str(tmp_path))
    done = subprocess.run([sys.executable, "-B", "-c", source], capture_output=True, text=True, check=True)
    says = json.loads(done.stdout)
    if says["folder"] == "done":
        pytest.skip("this kernel has no Landlock: only limits on resources hold here")
    assert {what for what, how in says.items() if how == "done"} == set(), says
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    assert (tmp_path / "there").read_text() == "as it was"


@pytest.mark.skipif(sys.platform != "linux", reason="looks at a process through /proc")
def test_a_reader_holds_nothing_of_the_process_that_started_it(
    tmp_path: Path, readers: list[apart.Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET", "xyzzy-in-the-environment")
    kept_open = (tmp_path / "store.db").open("w")
    os.set_inheritable(kept_open.fileno(), True)
    with files.open_file(endless(tmp_path / "long.csv")) as handle:
        extract = files.read_extract(handle, AS_CSV, [])
        try:
            there = Path(f"/proc/{readers[0].process_id}")
            held = sorted(os.readlink(path) for path in (there / "fd").iterdir())
            assert [name for name in held if "store.db" in name] == []
            assert {name for name in held if not name.startswith(("pipe:", "/dev/null"))} == {
                str(tmp_path / "long.csv")
            }
            assert b"xyzzy" not in (there / "environ").read_bytes()
            assert b"long.csv" not in (there / "cmdline").read_bytes()
            assert os.getsid(readers[0].process_id) != os.getsid(0), "no terminal to write to or type into"
        finally:
            extract.close()
            kept_open.close()


def test_a_workbook_of_shared_texts_reads_as_it_did(own_town: Town) -> None:
    strings = b"".join(
        b"<si>%s</si>" % each
        for each in (
            b"<t>Incident No</t>",
            b"<r><t>12</t></r><r><rPr><b/></rPr><t>3</t></r><rPh><t>no</t></rPh>",
            b"<t/>",
        )
    )
    head = b'<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row><c t="s"><v>0</v></c></row><row><c t="s"><v>1</v></c></row><row><c t="s"><v>2</v></c></row>'
        b"</sheetData></worksheet>"
    )
    path = own_town.file(workbook(sheet, head + strings + b"</sst>"))
    with files.open_file(path) as handle:
        extract = files.read_extract(handle, replace(AS_CSV, kind="xlsx"), [])
        assert (extract.header, [list(row) for row in extract.rows]) == (["Incident No"], [["123"], [""]])
        extract.close()


@given(st.binary(max_size=400))
def test_whatever_a_reader_says_is_rows_or_unreadable(said: bytes) -> None:
    source = io.BytesIO(said)
    try:
        while True:
            letter, share, found = frames.next_frame(source)
            assert 0.0 <= share <= 1.0
            assert type(found) is (dict if letter == b"S" else list)
    except frames.Unreadable:
        return


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=False),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.text(alphabet=st.characters(categories=None), max_size=30),
)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=6), max_size=30))
def test_rows_come_out_of_a_frame_as_they_went_in(rows: list[list[object]]) -> None:
    sent = io.BytesIO()
    frames.say_rows(iter(rows), lambda letter, content: _sent(sent, letter, content))
    sent.seek(0)
    back: list[list[object]] = []
    while len(back) < len(rows):
        back += frames.next_frame(sent)[2]
    assert back == rows


def _sent(source: io.BytesIO, letter: bytes, content: bytes) -> None:
    source.write(frames.HEAD.pack(letter, len(content), 0.5) + content)
