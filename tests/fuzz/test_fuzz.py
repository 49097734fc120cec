"""No bytes upset a reader of strangers' files: the kept ones, and some made from them (``make fuzz``: many more)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.fuzz.mutation import mutated
from tests.fuzz.targets import TARGETS

EXAMPLES = max(150, settings().max_examples)


@pytest.mark.parametrize(("target", "name"), [(target, name) for target in TARGETS for name in TARGETS[target].kept()])
def test_what_is_kept_upsets_nobody(target: str, name: str, tmp_path: Path) -> None:
    TARGETS[target].run(TARGETS[target].kept()[name], tmp_path)


@pytest.mark.parametrize("target", TARGETS)
def test_nor_does_what_is_made_from_it(target: str, tmp_path: Path) -> None:
    chosen = TARGETS[target]

    @settings(max_examples=EXAMPLES)
    @given(mutated(list(chosen.kept().values()), chosen.words))
    def reads(content: bytes) -> None:
        chosen.run(content, tmp_path)

    reads()


def test_the_kept_files_reach_what_they_are_kept_for(tmp_path: Path) -> None:
    """Sound files are sound: what is made from rubbish alone would try the first line of a reader and no other."""
    from db.vault import HEADER, read_header
    from kingshurst_tui.agreements import checks, document
    from kingshurst_tui.oversight import verifier
    from tests.conftest import NOON
    from tests.fuzz.targets import CORPUS, HELD, STORE_KEYS

    for name in ("format-1.json", "format-2.json"):
        (tmp_path / HEADER).write_bytes((CORPUS / "header" / name).read_bytes())
        read_header(tmp_path).check(STORE_KEYS)
    for name in ("contacts.toml", "persons.toml", "areas.toml"):
        agreement = document.from_text(document.read_text(CORPUS / "agreement" / name))
        assert checks.problems(agreement, {"repeat-contact"}, NOON.date()) == []
    assert verifier.main([str(CORPUS / "export" / "seventeen-entries"), str(HELD)]) == 0
