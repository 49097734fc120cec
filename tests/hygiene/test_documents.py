"""The tables in the documents are those of the program: `make documents` writes them again."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET

from tests.conftest import ROOT


def test_keys_and_roles_are_those_of_the_program() -> None:
    run = subprocess.run(
        [sys.executable, "docs/write_tables.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, f"run make documents: {run.stdout}{run.stderr}"


def test_the_picture_is_of_the_program_and_says_that_people_are_invented() -> None:
    picture = ET.parse(ROOT / "docs" / "picture.svg").getroot()  # noqa: S314  our own picture
    words = " ".join("".join(picture.itertext()).replace("\xa0", " ").split())
    assert "Kingshurst" in words
    assert "Invented people" in words
