"""Bad input on the command line: what is printed, the documented exit code, and the store as it was."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from db.migrations import running
from kingshurst_tui import cli
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.oversight.trail import verify_trail
from tests.conftest import NOON
from tests.intake.conftest import CONTACT_COLUMNS, PASSPHRASE, Town, agreement, csv_text, incident
from tests.intake.test_bad_files import GOOD, HEADER, SHEET, as_book, zip_of

# The commands run on the day itself, so the terms must hold on it.
LONG: dict[str, Any] = {"starts": "@2020-01-01", "expires": "@2099-12-31"}


class Line:
    """The command line on one store, as one of its users."""

    def __init__(self, folder: Path, passphrases: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._passphrases, self._capsys = folder, passphrases, capsys

    def __call__(self, user: str, *words: str, code: int = 0, passphrase: str = "") -> dict[str, Any]:
        file = self._passphrases / f"{user}.passphrase"
        file.touch(mode=0o600)
        file.write_text(passphrase or PASSPHRASE.format(user), encoding="utf-8")
        split = 2 if words[0] in ("agreement", "audit", "user") else 1
        given = [*words[:split], str(self._folder), *words[split:]]
        found = cli.main([*given, "--user", user, "--passphrase-file", str(file), "--json"])
        printed = self._capsys.readouterr()
        assert found == code, printed.err
        answer: dict[str, Any] = json.loads(printed.out)
        assert answer["ok"] is (code == 0)
        if code:
            wrong = answer["error"]
            for said in (wrong["title"], wrong["detail"]):
                assert said, "what happened, and what was not changed"
            assert wrong["hint"], "what to do next"
            assert wrong["title"] in printed.err
            assert "Traceback" not in printed.err
            assert "Holt" not in printed.out + printed.err
        return answer


@pytest.fixture(scope="module")
def steady(empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One store for all that is refused: it holds one batch, and nothing else from the first test to the last."""
    folder = tmp_path_factory.mktemp("bad-input")
    shutil.copytree(empty_store, folder / "store")
    (folder / "files").mkdir()
    made = Town(folder / "store", FixedClock(NOON), folder / "files")
    made.sign(agreement(**LONG))
    made.sign(agreement(reference="WMP-XLSX", form={"kind": "xlsx", "sheet": "Data", "header_row": 3}, **LONG))
    made.sign(agreement(reference="WMP-OVER", starts="@2020-01-01", expires="@2026-05-04"))
    made.incidents(incident(1))
    yield made
    assert verify_trail(made.session("supervisor")).holds
    made.close()


@pytest.fixture
def line(steady: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Line]:
    before = steady.stored(), steady.contacts()
    yield Line(steady.folder, tmp_path, capsys)
    assert (steady.stored(), steady.contacts()) == before


FILES: dict[str, tuple[bytes, str, str]] = {
    "missing column": (GOOD.replace("Surname", "Sirname").encode(), "columns are not those", "'Surname' is missing"),
    "column twice": (GOOD.replace("Forename", "Surname").encode(), "columns are not those", "is there 2 times"),
    "wrong encoding": (GOOD.replace("Bryn", "Br\xfcn").encode("latin-1"), "is not utf-8", ""),
    "empty file": (b"", "is empty", ""),
    "header alone": (HEADER.encode(), "but no row", ""),
    "a zip named .csv": (zip_of(extract=GOOD.encode()), "is a zip archive", ""),
    "a 50 MB cell": ((HEADER + '\nx,"' + "y" * 50_000_000 + '"').encode(), "a cell of more than", ""),
    "a million empty columns": (("," * 1_000_000).encode() + b"\n", "has 1,000,001 columns", ""),
    "dates out of range": (
        csv_text(list(CONTACT_COLUMNS), [incident(2, Date="31/12/9999"), incident(3, Date="01/01/1879")]).encode(),
        "2 of 2 rows",
        "outside",
    ),
    "ids repeated with other content": (
        csv_text(list(CONTACT_COLUMNS), [incident(2, Nominal="N1", Type="ASB"), *(
            incident(2, Nominal="N1", Type="Violence", Postcode=f"B36 {n}LR") for n in (7, 8, 9)
        )]).encode(),
        "3 of 4 rows",
        "reference of an earlier row, with other content",
    ),
}  # fmt: skip


@pytest.mark.parametrize("step", ["import", "check"])
@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_rejected_by_import_and_by_its_check(steady: Town, line: Line, name: str, step: str) -> None:
    content, title, problem = FILES[name]
    words = ["import", str(steady.file(content)), "--agreement", "WMP-TEST"]
    found = line("coordinator", *words, *(["--check"] if step == "check" else []), code=4)["error"]
    said = f"{found['title']} {found['detail']}"
    assert found["code"] == "rejected"
    assert problem in said
    assert "Nothing was stored" in said
    if step == "import" or not problem:
        assert title in said or name == "header alone"


def test_an_xlsx_bomb_is_rejected(steady: Town, line: Line) -> None:
    bomb = as_book(SHEET % (b"<row>" + b"<c><v>1</v></c>" * 3_000_000 + b"</row>"))
    for words in ((), ("--check",)):
        path = str(steady.file(bomb, "bomb.xlsx"))
        found = line("coordinator", "import", path, "--agreement", "WMP-XLSX", *words, code=4)["error"]
        assert "over a hundred times" in found["title"]


def test_a_lapsed_agreement_refuses_and_says_who_can_open_it(steady: Town, line: Line) -> None:
    path = str(steady.file(GOOD))
    for words in ((), ("--check",)):
        found = line("coordinator", "import", path, "--agreement", "WMP-OVER", *words, code=3)["error"]
        assert "lapsed on 4 May 2026" in found["title"]
        assert "governance officer can open it" in found["hint"]
    shown = line("governance", "agreement", "show", "WMP-OVER")
    assert (shown["state"], shown["batches"]) == ("lapsed", [])


def test_a_wrong_passphrase_opens_nothing(own_town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own_town.sign(agreement(**LONG))
    own_town.close()
    line = Line(own_town.folder, tmp_path, capsys)
    before = _bytes_of(own_town.folder)
    path = str(own_town.file(GOOD))
    for words in (("import", path, "--agreement", "WMP-TEST"), ("people",), ("agreement", "list")):
        found = line("coordinator", *words, code=5, passphrase="not the one at all")["error"]
        assert found["code"] in ("wrong-passphrase", "try-later"), "further tries wait"
    assert _bytes_of(own_town.folder) == before


def test_no_permission_is_refused_and_audited(steady: Town, line: Line) -> None:
    path = str(steady.file(GOOD))
    terms = str(steady.file(agreement(reference="WMP-MORE", **LONG), "more.toml"))
    attempts = (
        ("practitioner", "import", path, "--agreement", "WMP-TEST"),
        ("supervisor", "import", path, "--agreement", "WMP-TEST", "--check"),
        ("practitioner", "recall", "1"),
        ("coordinator", "agreement", "add", terms),
        ("coordinator", "audit", "list"),
        ("practitioner", "agreement", "suspend", "WMP-TEST", "--why", "no reason"),
        ("supervisor", "link"),
    )
    before = verify_trail(steady.session("supervisor")).entries
    for user, *words in attempts:
        assert line(user, *words, code=3)["error"]["code"] == "refused"
    assert verify_trail(steady.session("supervisor")).entries == before + len(attempts)


def test_a_store_of_a_newer_version_is_not_touched(
    own_town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own_town.sign(agreement(**LONG))
    own_town.close()
    line = Line(own_town.folder, tmp_path, capsys)
    before = _bytes_of(own_town.folder)
    # A program that knows no later step than an earlier one: to it this store is of a newer version.
    monkeypatch.setattr(running, "NEWEST", "0000")
    for words in (("people",), ("import", str(own_town.file(GOOD)), "--agreement", "WMP-TEST")):
        found = line("coordinator", *words, code=1)["error"]
        assert found["code"] == "store-unavailable"
        assert "a newer version of Kingshurst" in found["title"]
    assert _bytes_of(own_town.folder) == before
    header = own_town.folder / "vault.json"
    document = json.loads(header.read_text())
    header.write_text(json.dumps(document | {"format": "kingshurst-vault/99"}))
    assert "newer version" in line("coordinator", "people", code=1)["error"]["title"]


def _bytes_of(folder: Path) -> dict[str, bytes]:
    # The log and its index come and go with whoever has the store open.
    return {
        path.name: path.read_bytes() for path in folder.iterdir() if path.name == "vault.json" or path.suffix == ".db"
    }


EVERYTHING = (
    "Column 'Surname' is missing. The extract has 'Sur-name': is that the one?",
    "Column 'Postcode' is there 2 times",
    "Column 'NHS' is missing.",
    "Row 3, column 'Date': not a date",
    "Row 4, column 'Type': ",
    "Row 5, column 'Involvement': ",
    "Column 'DOB': 1 cell holds not a date in the agreement's form (row 6).",
    "Column 'DOB': 1 cell holds a date outside the sane range (row 7).",
)


def test_a_check_says_all_that_is_wrong_with_columns_and_rows_at_once(steady: Town, line: Line) -> None:
    rows = [
        incident(10),
        incident(11, Date="32/13/2026"),
        incident(12, Type="Parking"),
        incident(13, Involvement="Bystander"),
        incident(14, DOB="yesterday"),
        incident(15, DOB="04/05/2126"),
    ]
    text = csv_text(list(CONTACT_COLUMNS), rows).replace("Surname", "Sur-name").replace("NHS", "Postcode")
    path = str(steady.file(text))
    found = line("coordinator", "import", path, "--agreement", "WMP-TEST", "--check", code=4)["error"]
    for wanted in EVERYTHING:
        assert wanted in found["detail"], wanted
    assert "3 of 6 rows" in found["title"]
    assert "no role of the person" not in found["detail"]


def test_a_missing_needed_column_is_said_once_and_not_for_every_row(steady: Town, line: Line) -> None:
    text = csv_text(list(CONTACT_COLUMNS), [incident(20), incident(21, DOB="never")])
    for column in ("Date", "Type", "Involvement", "Nominal"):
        text = text.replace(column, column[::-1], 1)
    path = str(steady.file(text))
    found = line("coordinator", "import", path, "--agreement", "WMP-TEST", "--check", code=4)["error"]
    assert "0 of 2 rows" in found["title"]
    assert found["detail"].count(" is missing.") == 4
    assert "Column 'DOB': 1 cell holds" in found["detail"]
    assert "(row 3)" in found["detail"]


def test_an_area_extract_is_checked_to_its_end_too(steady: Town, line: Line) -> None:
    if not any(each.row.reference == "AREAS" for each in _standings(steady)):
        steady.sign(agreement(reference="AREAS", form={"shape": "areas"}, **LONG))
    rows = [
        ["E01010108", "03/2026", "ASB", "1"],
        ["B36 8LR", "2026-03", "ASB", "*"],
        ["E01010108", "2026-03", "x", "*"],
    ]
    for header in (["LSOA", "Month", "Category", "Count"], ["LSOA", "Month", "Kind", "Kind"]):
        path = str(steady.file(csv_text(header, rows)))
        found = line("coordinator", "import", path, "--agreement", "AREAS", "--check", code=4)["error"]
        assert "Row 2, column 'Month': not a month" in found["detail"]
        assert "Row 3, column 'LSOA': a finer area than the agreement allows." in found["detail"]
        if header[2] == "Category":
            assert "Row 4, column 'Count'" in found["detail"]


def _standings(town: Town) -> list[Any]:
    from kingshurst_tui.agreements import standing_today

    return standing_today.listed(town.session())


@pytest.fixture
def small_disk(tmp_path: Path, own_town: Town) -> Iterator[Town]:
    """A disk of its own, 8 MiB, with the store on it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("a disk of its own can only be mounted by root")
    own_town.sign(agreement(**LONG))
    own_town.incidents(incident(1))
    own_town.close()
    shutil.copytree(own_town.folder, disk / "store")
    made = Town(disk / "store", own_town.clock, own_town.files)
    yield made
    made.close()
    subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.parametrize("state", ["read-only", "full", "full in the middle"])
def test_a_disk_that_takes_nothing_is_said_and_the_store_is_as_it_was(
    small_disk: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str], state: str
) -> None:
    disk, line = small_disk.folder.parent, Line(small_disk.folder, tmp_path, capsys)
    many = str(small_disk.file(csv_text(list(CONTACT_COLUMNS), [incident(number) for number in range(40_000)])))
    before = _bytes_of(small_disk.folder)
    if state == "read-only":
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    elif state == "full":
        subprocess.run(["dd", "if=/dev/zero", f"of={disk / 'filler'}", "bs=4096"], capture_output=True)
    words = {"read-only": "cannot be written", "full": "The disk is full", "full in the middle": "The disk is full"}
    found = line("coordinator", "import", many, "--agreement", "WMP-TEST", code=1)["error"]
    assert found["code"] == "store-unavailable"
    assert words[state] in found["title"]
    if state != "full in the middle":
        assert line("coordinator", "people", code=1)["error"]["code"] == "store-unavailable"
    subprocess.run(["mount", "-o", "remount,rw,size=64m", str(disk)], check=True)
    if state != "full in the middle":
        assert _bytes_of(small_disk.folder) == before
    (disk / "filler").unlink(missing_ok=True)
    assert small_disk.contacts("partner_reference") == [("20/000001/26",)]
    assert line("supervisor", "audit", "verify")["holds"] is True
    assert line("coordinator", "import", many, "--agreement", "WMP-TEST")["rows_accepted"] == 40_000
