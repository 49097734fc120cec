"""Batches come out in any order, and what is left is what the others say."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import db.agreements
from kingshurst_tui.errors import NotFound, Refused, StoreLocked
from kingshurst_tui.intake import recall
from tests.intake.conftest import NOTHING, REASON, Town, incident

#: (incident, person, role, category, postcode of the person)
Told = tuple[int, int, str, str, str]

TOLD = st.tuples(
    st.integers(1, 3),
    st.integers(1, 3),
    st.sampled_from(["Victim", "Suspect"]),
    st.sampled_from(["ASB", "Violence"]),
    st.sampled_from(["B36 8LR", "B37 5TJ", "B37 6AA"]),
)
BRING = st.tuples(st.just("bring"), st.lists(TOLD, min_size=1, max_size=5, unique_by=lambda told: told[:3]))
TAKE = st.tuples(st.just("take"), st.integers(0, 9))


class Naive:
    """What stands is what the accepted batches say, the last word counting."""

    def __init__(self) -> None:
        self.batches: dict[int, list[Told]] = {}

    def contacts(self) -> set[tuple[str, str, str, str]]:
        last = {told[0]: batch for batch, rows in sorted(self.batches.items()) for told in rows}
        return {
            (f"20/{number:06d}/26", f"N{person}", role.lower(), category)
            for batch, rows in self.batches.items()
            for number, person, role, category, _ in rows
            if last[number] == batch
        }

    def people(self) -> dict[str, str]:
        said: dict[str, str] = {}
        for _, rows in sorted(self.batches.items()):
            for _, person, _, _, postcode in rows:
                said[f"N{person}"] = postcode
        return said


CATEGORY = {"anti-social-behaviour": "ASB", "violence": "Violence"}


def check(town: Town, model: Naive) -> None:
    contacts = town.ask(
        "SELECT c.partner_reference, r.partner_reference, c.role, c.category FROM open_contact c "
        "LEFT JOIN open_record r ON r.record_id = c.record_id"
    )
    assert len(contacts) == len(set(contacts))
    assert {(ref, person, role, CATEGORY[category]) for ref, person, role, category in contacts} == model.contacts()
    people = town.records("partner_reference, postcode")
    assert len(people) == len({person for person, _ in people})
    assert dict(people) == model.people()


def play(town: Town, steps: list[tuple[str, list[Told] | int]]) -> None:
    """Play the steps on a store and on the naive model, comparing after each; then take everything out."""
    model = Naive()
    for _, step in steps:
        if isinstance(step, list):
            # A nominal repeated in one extract must not differ in what the test compares it by: the last row counts.
            rows = [
                incident(number, Nominal=f"N{person}", Involvement=role, Type=category, Postcode=postcode)
                for number, person, role, category, postcode in step
            ]
            # Blank rows make the file another one, so that the same rows may come in again.
            done = town.incidents(*rows, *([[""] * 10] * (town.written + 1)))
            assert done.batch is not None
            model.batches[done.batch] = step
        elif model.batches:
            batch = sorted(model.batches)[step % len(model.batches)]
            town.recall(batch)
            del model.batches[batch]
        check(town, model)
    while model.batches:
        batch = sorted(model.batches)[len(model.batches) // 2]
        town.recall(batch)
        del model.batches[batch]
        check(town, model)
    assert town.stored() == NOTHING


@settings(max_examples=25)
@given(st.data())
def test_any_order_of_imports_and_recalls_leaves_what_a_naive_model_says(town: Town, data: st.DataObject) -> None:
    if not town.session().look(db.agreements.every):
        town.sign()
    play(town, data.draw(st.lists(st.one_of(BRING, BRING, TAKE), min_size=2, max_size=7)))


def test_the_middle_one_of_three_comes_out_first(town: Town) -> None:
    town.sign()
    one: list[Told] = [(1, 1, "Victim", "ASB", "B36 8LR"), (1, 2, "Suspect", "ASB", "B36 8LR")]
    two: list[Told] = [(1, 1, "Victim", "Violence", "B37 5TJ"), (2, 3, "Victim", "ASB", "B37 5TJ")]
    three: list[Told] = [(1, 2, "Suspect", "ASB", "B37 6AA")]
    play(town, [("bring", one), ("bring", two), ("bring", three), ("take", 1), ("take", 1), ("bring", two)])


def test_a_recall_lists_what_the_batch_had_built_first(town: Town) -> None:
    town.sign()
    town.incidents(incident(1), incident(2))
    done = town.incidents(incident(1, Type="Violence"), incident(3))
    assert done.batch is not None
    made = recall.plan(town.session(), done.batch)
    wanted = {"records": 2, "contacts": 2, "replaced_contacts": 1, "replaced_records": 1}
    assert {name: made.built[name] for name in wanted} == wanted
    assert town.recall(done.batch).built == made.built
    assert len(town.contacts()) == 2


def test_a_batch_comes_out_once_and_only_if_it_is_there(town: Town) -> None:
    town.sign()
    done = town.incidents(incident(1))
    town.recall(done.batch)
    with pytest.raises(Refused, match="it is recalled"):
        town.recall(done.batch)
    with pytest.raises(NotFound):
        town.recall(99_999)


def test_an_import_and_a_recall_do_not_cross(town: Town) -> None:
    town.sign()
    done = town.incidents(incident(1))
    assert done.batch is not None
    with town.session("governance").store.alone_at_staging() as alone:
        assert alone
        with pytest.raises(StoreLocked):
            town.recall(done.batch)
        with pytest.raises(StoreLocked):
            town.incidents(incident(2))
    assert len(town.contacts()) == 1


def test_a_supervisor_does_not_recall(town: Town) -> None:
    town.sign()
    done = town.incidents(incident(1))
    assert done.batch is not None
    with pytest.raises(Refused):
        recall.recall(town.session("supervisor"), done.batch, reason=REASON)
    assert len(town.contacts()) == 1
