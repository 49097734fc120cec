"""Rules as people read, edit and approve them."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kingshurst_tui.agreements.algo_care import problems, unanswered
from kingshurst_tui.casework import rulebook
from kingshurst_tui.casework.rules import read_rule, shipped_rules
from kingshurst_tui.cli import main
from kingshurst_tui.errors import InputRejected, Refused
from tests.flags.conftest import PASSPHRASE, Town

OWN = next(rule for rule in shipped_rules() if rule.code == "repeat-contact")


@pytest.fixture
def editable(town: Town) -> Any:
    """The town, whose rules are put back as they were shipped."""
    kept = town.ask("SELECT code, version, status FROM rule"), town.ask("SELECT version FROM algo_care")
    yield town
    for code, version, _ in set(town.ask("SELECT code, version, status FROM rule")) - set(kept[0]):
        if (code, version) not in {row[:2] for row in kept[0]}:
            town.run("DELETE FROM rule WHERE code = ? AND version = ?", (code, version))
    for code, version, status in kept[0]:
        town.run("UPDATE rule SET status = ? WHERE code = ? AND version = ?", (status, code, version))
    for (version,) in set(town.ask("SELECT version FROM algo_care")) - set(kept[1]):
        town.run("DELETE FROM algo_care WHERE version = ?", (version,))


def test_every_shipped_rule_cites_its_source_and_counts_against_nobody() -> None:
    for rule in shipped_rules():
        assert rule.source
        assert rule.source_says
        assert rule.tell
        assert rule.bearing in ("entitles", "coordination")
        if set(rule.roles) & {"victim", "caller"}:
            assert not set(rule.roles) & {"suspect", "convicted"}
        assert read_rule(json.loads(json.dumps(rule.as_document()))) == rule


def test_no_rule_that_counts_against_a_person_can_be_written() -> None:
    with pytest.raises(InputRejected, match="not accepted") as rejected:
        read_rule({**OWN.as_document(), "bearing": "against"})
    assert any("against a person" in problem for problem in rejected.value.problems)


def test_all_that_is_wrong_is_said_at_once() -> None:
    document = {
        **OWN.as_document(),
        "title": "",
        "roles": ["villain"],
        "min_age": -1,
        "any_of": [{"at_least": 0, "within_days": "ninety", "weight": 3}],
        "score": 7,
    }
    with pytest.raises(InputRejected) as rejected:
        read_rule(document)
    said = "\n".join(rejected.value.problems)
    for words in ("title", "villain", "min_age", "at_least", "within_days", "weight", "score"):
        assert words in said


@given(
    st.dictionaries(
        st.sampled_from([*OWN.as_document(), "unheard"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
            max_leaves=6,
        ),
        max_size=6,
    )
)
def test_any_document_is_read_or_rejected(changes: dict[str, Any]) -> None:
    # Anything but a rejection fails the test.
    with contextlib.suppress(InputRejected):
        read_rule({**OWN.as_document(), **changes})


def test_the_shipped_answers_answer_every_question_and_say_that_they_are_invented() -> None:
    entries = rulebook.shipped_answers()
    answers = [rulebook.read_answer(entry) for entry in entries]
    assert problems(answers) == []
    assert unanswered(answers) == []
    assert all("Invented for the demonstration." in answer.evidence for answer in answers)


def test_an_edited_rule_waits_for_somebody_else_and_then_counts_everybody_anew(editable: Town) -> None:
    town = editable
    person = town.person()
    town.told(person, "WMP", town.day(60), category="violence", priority_area="other")
    town.told(person, "SCH", town.day(5), category="tenancy", priority_area="other")
    town.recompute()
    assert town.flags() == []
    document = {**OWN.as_document(), "any_of": [{"at_least": 2, "within_days": 90, "agencies_at_least": 2}]}
    officer, supervisor = town.session("governance"), town.session("supervisor")
    record = rulebook.edit(officer, document)
    assert (record.version, record.status) == (2, "draft")
    town.recompute()
    assert town.flags() == []
    with pytest.raises(Refused, match="edited"):
        rulebook.approve(officer)
    assert rulebook.approve(supervisor).raised == 1
    assert [row[:2] for row in town.flags()] == [(person, "repeat-contact")]
    assert rulebook.show(officer, "repeat-contact").version == 2
    # Back to three: what the second version raised is of an older version now, and kept.
    rulebook.edit(officer, OWN.as_document())
    assert rulebook.approve(supervisor).superseded == 1
    assert town.flags() == []
    assert [row[:2] for row in town.flags(status="superseded")] == [(person, "repeat-contact")]


def test_a_coordinator_edits_no_rule(town: Town) -> None:
    with pytest.raises(Refused):
        rulebook.edit(town.session("coordinator"), OWN.as_document())


def test_rules_flags_and_agenda_at_the_command_line(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def answer(*words: str, user: str = "coordinator") -> tuple[int, dict[str, Any]]:
        secret = tmp_path / user
        secret.write_text(PASSPHRASE.format(user))
        secret.chmod(0o600)
        code = main([*words, "--user", user, "--passphrase-file", str(secret), "--json"])
        return code, json.loads(capsys.readouterr().out)

    store = str(town.folder)
    code, listed = answer("rule", "list", store)
    assert code == 0
    assert listed["approved"]
    assert {rule["code"] for rule in listed["rules"]} >= {rule.code for rule in shipped_rules()}
    code, shown = answer("rule", "show", store, "asb-case-review-solihull")
    assert shown["rule"]["document"]["tell"] == "Tell them they can ask for a case review."
    code, none = answer("rule", "show", store, "no-such-rule")
    assert (code, none["error"]["code"]) == (3, "none")
    person = town.person()
    town.told(person, "WMP", town.day(60), town.day(40))
    town.told(person, "SCH", town.day(5))
    code, flagged = answer("flag", store, "--as-of", town.clock.today().isoformat())
    assert (code, flagged["people"]) == (0, 1)
    code, opened = answer("agenda", store, "--as-of", town.clock.today().isoformat(), "--sort", "incidents")
    assert [row["incidents"] for row in opened["rows"]] == [3]
    pseudonym = opened["rows"][0]["pseudonym"]
    code, triaged = answer("agenda", store, "--set", pseudonym, "--triage", "not-now")
    assert (code, triaged["error"]["code"]) == (4, "rejected")
    code, triaged = answer("agenda", store, "--set", pseudonym, "--triage", "panel")
    assert (code, triaged["triage"]) == (0, "panel")
    code, refused = answer("flag", store, user="practitioner")
    assert (code, refused["error"]["code"]) == (3, "refused")


def test_the_page_on_rules_names_every_shipped_rule() -> None:
    page = (Path(__file__).parents[2] / "docs" / "rules.md").read_text("utf-8")
    named = set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE))
    assert named == {rule.code for rule in shipped_rules()}
