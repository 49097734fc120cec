"""The page on keys names a class for each control and a test that tries to go round it; the tests are there."""

from __future__ import annotations

import re

from tests.conftest import ROOT

CLASSES = ("cryptographic", "server-enforced", "client-enforced")


def test_every_control_has_a_class_and_a_test_that_is_there() -> None:
    page = (ROOT / "docs" / "passphrases-and-keys.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| (.+?) \| `(tests/\S+?)::(\w+)` \|$", page, re.M)
    assert len(rows) > 20
    for control, enforced, file, name in rows:
        assert enforced.startswith(CLASSES), control
        assert re.search(rf"^(?:async )?def {name}\(", (ROOT / file).read_text(encoding="utf-8"), re.M), name
