"""Across cases on a real store: figures of ten people or none, nobody named, no rule retired by the machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from kingshurst_tui.casework import home, profiles, rulebook
from kingshurst_tui.casework.people import PersonLine
from kingshurst_tui.errors import InputRejected, NotFound, Refused, StaleRecord, UsageError
from kingshurst_tui.learning import consistency, misses, usefulness
from kingshurst_tui.learning.what_works import HIDDEN, what_works
from kingshurst_tui.leaving.suppression import rounded
from kingshurst_tui.oversight.dips import drawn
from kingshurst_tui.panels import settings
from kingshurst_tui.vocabulary import Operation, Thing
from tests.casework.conftest import PANEL
from tests.trust.attacks import with_the_data_key

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tests.casework.conftest import Town

WHY = "nobody could have acted on it"


def decided_long_ago(town: Town, people: list[PersonLine], lead: str) -> None:
    """Let decisions stand since last October, as a store has them that was begun then."""
    with with_the_data_key(town.demo.store, town.demo.passphrases["administrator"]) as connection:
        connection.exec_driver_sql(
            "INSERT INTO decision (profile_id, purpose, lead_agency, document, review_on, signed_by, signed_at, "
            "signature) SELECT id, 'repeat-contact', ?, '{}', '2026-06-01', 'coordinator', '2025-10-06T10:00:00Z', x'' "
            "FROM profile WHERE pseudonym IN (SELECT value FROM json_each(?))",
            (lead, json.dumps([each.pseudonym for each in people])),
        )


def test_few_decisions_are_hidden_and_many_are_counted_and_say_what_they_cannot_show(town: Town) -> None:
    few = what_works(town.supervisor)
    assert (few.decided, few.all.words, few.by_lead) == (None, HIDDEN, ())

    flagged = town.lines("flagged")
    decided_long_ago(town, flagged[: len(flagged) // 2], "SCH")
    many = what_works(town.user("governance"))
    assert many.decided == rounded(len(flagged) // 2)
    assert any("does not show" in each for each in many.said)
    assert many.by_lead[0].title == "SCH"
    told = json.dumps([many.all.words, [row.words for row in many.by_lead], many.said])
    assert not any(each.pseudonym in told for each in flagged)
    with pytest.raises(Refused):
        what_works(town.practitioner)


def test_leads_are_parted_by_a_protected_characteristic_only_where_the_basis_is_stated(town: Town) -> None:
    decided_long_ago(town, town.lines("flagged")[:30], "WMP")
    officer = town.user("governance")
    with pytest.raises(Refused, match="sex"):
        consistency.consistency(officer, "sex")
    with pytest.raises(InputRejected):
        consistency.state_basis(officer, "sex", "ok")
    with pytest.raises(Refused):
        consistency.state_basis(town.coordinator, "sex", "DPA 2018 Schedule 1 paragraph 8")
    consistency.state_basis(officer, "sex", "DPA 2018 Schedule 1 paragraph 8")
    found = consistency.consistency(officer, "sex")
    assert found.agencies == ("WMP",)
    with pytest.raises(UsageError):
        consistency.consistency(officer, "surname")
    consistency.state_basis(officer, "sex", "")
    with pytest.raises(Refused):
        consistency.consistency(officer, "sex")


def test_no_small_cell_of_who_leads_can_be_had_by_taking_one_from_another(town: Town) -> None:
    lines = town.lines("flagged")
    decided_long_ago(town, lines[:3], "EDU")
    decided_long_ago(town, lines[3:40], "SCH")
    found = consistency.consistency(town.supervisor, "area")
    shown = {(g, a): found.table.value(g, a) for g in found.groups for a in found.agencies}
    assert all(value is None or value == 0 or value >= 10 for value in shown.values())
    assert "EDU" in found.agencies
    assert all(found.table.value(group, "EDU") in (None, 0) for group in found.groups)


def test_a_noisy_rule_comes_before_governance_and_stays_until_people_say_otherwise(town: Town) -> None:
    officer = town.user("governance")
    by_rule: dict[str, list[int]] = {}
    for line in town.lines("flagged"):
        profile = profiles.open_profile(town.coordinator, line.pseudonym, PANEL)
        for flag in profile.flags:
            if flag.rule_code:
                by_rule.setdefault(flag.rule_code, []).append(flag.flag_id)
    code, flags = max(by_rule.items(), key=lambda each: len(each[1]))
    assert len(flags) >= usefulness.FEWEST
    with pytest.raises(InputRejected):
        usefulness.judge(town.coordinator, flags[0], "not-useful")
    for number in flags[: usefulness.FEWEST]:
        usefulness.judge(town.coordinator, number, "not-useful", WHY)

    def record() -> usefulness.RuleRecord:
        return next(each for each in usefulness.records(officer) if each.rule_code == code)

    def on_home() -> set[str | int]:
        sections = {each.code: each for each in home.what_waits(officer)}
        return {item.thing_id for item in sections["noisy-rules"].items}

    assert record().before_governance
    settings.change(officer, usefulness.SETTING, 5, "only what nobody finds of use is looked at")
    assert not record().noisy
    settings.change(officer, usefulness.SETTING, 50, "as it was before")
    assert code in on_home()
    assert code in {rule.code for rule in rulebook.rule_set(officer).rules}

    usefulness.keep(officer, code, "the next refresh may mend it")
    assert not record().before_governance
    assert code not in on_home()
    with pytest.raises(NotFound):
        usefulness.keep(officer, code, "the next refresh may mend it")
    # One's own word may change, and nobody else's: where people differ evenly, it counts as neither.
    usefulness.judge(town.practitioner, flags[0], "useful")
    assert (record().useful.of, record().differing) == (usefulness.FEWEST - 1, 1)
    usefulness.judge(town.coordinator, flags[0], "useful")
    assert (record().useful.count, record().useful.of) == (1, usefulness.FEWEST)


def test_unflagged_people_are_drawn_by_the_trail_and_looked_at_once(town: Town) -> None:
    with pytest.raises(Refused):
        misses.draw(town.coordinator, 5)
    sample = misses.draw(town.supervisor, 5)
    assert (sample.size, sample.waiting) == (5, 5)
    assert len(set(drawn(sample.seed, sample.drawn_from, 5))) == 5
    people = misses.looks(town.coordinator, sample.number)
    flagged = {line.pseudonym for line in town.lines("flagged")}
    assert not flagged & {each.pseudonym for each in people}
    for at, each in enumerate(people):
        misses.look(town.coordinator, each.number, "should-have-been" if at == 0 else "rightly-not", WHY)
    with pytest.raises(StaleRecord):
        misses.look(town.practitioner, people[0].number, "rightly-not", WHY)
    done = misses.samples(town.supervisor)[0]
    assert (done.missed.count, done.missed.of, done.waiting) == (1, 5, 0)
    assert "20" not in done.words or "%" in done.words
    assert misses.referred(town.supervisor).flagged is None


def test_how_many_referred_people_were_flagged_is_rounded(town: Town) -> None:
    flagged = [line.profile_id for line in town.lines("flagged")]
    others = [line.profile_id for line in town.lines() if line.profile_id not in flagged]
    _refer(town, [*flagged[:11], *others[:11]])
    before = misses.referred(town.supervisor)
    assert before.flagged is not None
    assert (before.flagged.count, before.flagged.of) == (10, 20)
    # Whoever refers one more learns nothing from it: neither that they are known, nor that a rule flags them.
    _refer(town, flagged[11:12])
    assert misses.referred(town.supervisor) == before


def _refer(town: Town, people: list[int]) -> None:
    def write(connection: Connection) -> None:
        for number in people:
            connection.exec_driver_sql(
                "INSERT INTO referral (profile_id, purpose, from_agency, sent_by, sent_at, document, lawful_basis, "
                "disclosed, answer, feedback) VALUES (?, 'repeat-contact', 'SCH', 'practitioner', '2026-05-04T09:00', "
                "'{}', '', '', '', '')",
                (number,),
            )

    town.coordinator.stage(Operation.COLLECT, Thing.REFERRAL, write)
