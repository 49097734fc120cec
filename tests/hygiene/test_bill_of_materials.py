"""The bill of materials lists what the lock file installs and what is inside the driver, the same bytes every time."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.model.bom import Bom

from db.versions import Carried, inside_the_driver
from kingshurst_tui.version import VERSION
from tests.conftest import ROOT
from tools.bill_of_materials import bill, pinned

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    written: dict[str, Any] = json.loads(bill(LOCK, VERSION, inside_the_driver()))
    return written


def test_every_pin_is_listed_with_its_version_and_hashes(document: dict[str, Any]) -> None:
    pins = re.findall(r"^([a-z0-9.-]+)==(\S+)", LOCK, re.M)
    assert len(pins) > 40
    assert sorted((part["name"], part["version"]) for part in document["components"]) == sorted(pins)
    references = [part["externalReferences"][0] for part in document["components"]]
    hashes = [entry["content"] for reference in references for entry in reference["hashes"]]
    assert sorted(hashes) == sorted(re.findall(r"sha256:(\w+)", LOCK))


def test_the_libraries_inside_the_driver_are_listed(document: dict[str, Any]) -> None:
    (inside,) = [part["components"] for part in document["components"] if part["name"] == "sqlcipher3"]
    carried = inside_the_driver()
    for part in inside:
        assert any(part["version"] in word for word in carried)
    assert {part["name"] for part in inside} == {"SQLCipher", "SQLite", "OpenSSL"}
    # By these names advisories are found.
    assert {part["cpe"].split(":")[4] for part in inside} == {"sqlcipher", "sqlite", "openssl"}


def test_it_says_of_which_version_and_who_needs_what(document: dict[str, Any]) -> None:
    assert document["metadata"]["component"]["version"] == VERSION
    needs = {entry["ref"]: entry.get("dependsOn", []) for entry in document["dependencies"]}
    named = {ref: {need.partition("@")[0] for need in wanted} for ref, wanted in needs.items()}
    assert {"textual", "sqlcipher3", "cryptography"} <= named["kingshurst"]
    assert [wanted for ref, wanted in named.items() if ref.startswith("argon2-cffi@")] == [{"argon2-cffi-bindings"}]
    # Nothing stands in the list that nobody needs.
    assert {part["bom-ref"] for part in document["components"]} <= {ref for wanted in needs.values() for ref in wanted}


def test_another_lock_another_serial_number_the_same_the_same(document: dict[str, Any]) -> None:
    carried = inside_the_driver()
    assert json.loads(bill(LOCK, VERSION, carried)) == document
    assert json.loads(bill(LOCK, VERSION + "1", carried))["serialNumber"] != document["serialNumber"]
    assert "timestamp" not in document["metadata"]


def test_it_is_read_again_by_the_library(document: dict[str, Any]) -> None:
    read = Bom.from_json(data=document)  # type: ignore[attr-defined]
    assert len(read.components) == len(document["components"])


def test_a_pin_without_a_hash_and_a_silent_driver_make_none() -> None:
    with pytest.raises(ValueError, match="without a hash"):
        pinned("colorama==0.4.6\n    # via click\n")
    with pytest.raises(ValueError, match="OpenSSL"):
        bill(LOCK, VERSION, Carried("3.53.4", "4.19.0 community", ""))


def test_two_runs_write_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        subprocess.run(
            [sys.executable, "tools/bill_of_materials.py", str(tmp_path / name)],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
