"""Flags in the store: raised, corrected, withdrawn, and left alone when nothing changed."""

from __future__ import annotations

from tests.flags.conftest import Town, evidence


def own(town: Town, **kwargs: str) -> list[tuple[int, str, str]]:
    return [(row[0], row[2], row[3]) for row in town.flags(**kwargs) if row[1] == "repeat-contact"]


def test_three_incidents_from_two_agencies_raise_a_flag_that_lapses_by_itself(town: Town) -> None:
    person = town.person()
    town.told(person, "WMP", town.day(80), town.day(40), category="noise")
    town.told(person, "SCH", town.day(5), category="tenancy")
    town.recompute([person])
    # The oldest leaves the window of 90 days after its 90th day.
    assert own(town) == [(person, town.day(5), town.day(-10))]
    (rests_on,) = evidence(town, "repeat-contact")
    assert [incident["agencies"] for incident in rests_on["incidents"]] == [["WMP"], ["WMP"], ["SCH"]]


def test_one_incident_told_to_three_agencies_raises_nothing(town: Town) -> None:
    person = town.person()
    for agency in ("WMP", "SCH", "SMBC"):
        town.told(person, agency, town.day(5))
    town.recompute([person])
    assert town.flags() == []
    assert town.ask("SELECT count(*), count(DISTINCT incident_id) FROM incident_contact") == [(3, 1)]


def test_computing_again_writes_nothing(town: Town) -> None:
    person = town.person()
    town.told(person, "WMP", town.day(80), town.day(40))
    town.told(person, "SCH", town.day(5), town.day(40))
    first = town.recompute([person])
    assert first.raised > 0
    before = town.ask("SELECT * FROM combined_flag"), town.ask("SELECT * FROM open_incident")
    for again in (town.recompute([person]), town.recompute()):
        assert (again.raised, again.corrected, again.withdrawn, again.incidents) == (0, 0, 0, 0)
    assert before == (town.ask("SELECT * FROM combined_flag"), town.ask("SELECT * FROM open_incident"))


def test_a_recall_withdraws_and_a_return_restores_the_same_flag(town: Town) -> None:
    person = town.person()
    town.told(person, "WMP", town.day(80), town.day(40))
    town.told(person, "SCH", town.day(5))
    town.recompute([person])
    (before,) = town.ask("SELECT id FROM combined_flag WHERE rule_code = 'repeat-contact'")
    town.run("UPDATE import_batch SET status = 'recalled' WHERE agreement_ref = 'SCH-1'")
    town.recompute([person])
    assert own(town) == []
    assert len(own(town, status="withdrawn")) == 1
    town.run("UPDATE import_batch SET status = 'accepted' WHERE agreement_ref = 'SCH-1'")
    town.recompute([person])
    assert town.ask("SELECT id FROM combined_flag WHERE rule_code = 'repeat-contact'") == [before]
    assert len(own(town)) == 1


def test_a_late_contact_moves_the_flag_and_keeps_its_id(town: Town) -> None:
    person = town.person()
    town.told(person, "WMP", town.day(80), town.day(40))
    town.told(person, "SCH", town.day(5))
    town.recompute([person])
    (before,) = town.ask("SELECT id FROM combined_flag WHERE rule_code = 'repeat-contact'")
    town.told(person, "SMBC", town.day(20), category="homelessness")
    town.recompute([person])
    assert town.ask("SELECT id FROM combined_flag WHERE rule_code = 'repeat-contact'") == [before]
    assert own(town) == [(person, town.day(20), town.day(-50))]


def test_victims_are_never_counted_by_a_rule_on_somebody_else_and_assessments_are_not_facts(town: Town) -> None:
    suspect, judged = town.person(), town.person()
    town.told(suspect, "WMP", town.day(60), town.day(40), town.day(20), role="suspect")
    town.told(judged, "WMP", town.day(60), town.day(40), town.day(20), standing="assessment")
    town.recompute()
    assert not [row for row in town.flags() if row[1] == "asb-case-review-solihull"]
    harmed = town.person()
    town.told(harmed, "WMP", town.day(60), town.day(40), town.day(20), role="victim")
    town.recompute([harmed])
    assert [row[0] for row in town.flags() if row[1] == "asb-case-review-solihull"] == [harmed]


def test_no_rule_rests_on_police_contact_under_ten(town: Town) -> None:
    # Turns 18 in nine years: nine years old today.
    child = town.person(adult_on=f"{town.clock.today().year + 9}-01-01")
    town.told(child, "WMP", town.day(60), town.day(40), category="noise")
    town.told(child, "SCH", town.day(20), category="tenancy")
    older = town.person(adult_on=f"{town.clock.today().year + 7}-01-01")
    town.told(older, "WMP", town.day(60), town.day(40), category="noise")
    town.told(older, "SCH", town.day(20), category="tenancy")
    town.recompute()
    assert {row[0] for row in town.flags()} == {older}


def test_a_rule_for_adults_leaves_out_children_and_people_of_unknown_age(town: Town) -> None:
    adult, child, unknown = town.person(), town.person(adult_on="2030-01-01"), town.person(adult_on=None)
    for person in (adult, child, unknown):
        days = [town.day(back) for back in range(2, 26, 4)]
        town.told(person, "NHS", *days, category="emergency-attendance", priority_area="other", role="subject")
    town.recompute()
    assert [row[0] for row in town.flags() if row[1] == "high-intensity-use"] == [adult]


def test_marac_repeat_counts_one_pair_at_a_time(town: Town) -> None:
    victim, first, second = town.person(), town.person(), town.person()
    batch = town.batch("WMP")
    parties = {person: town.record(person, "WMP", batch) for person in (victim, first, second)}
    for back, other in ((200, first), (100, second), (10, first)):
        town.contact(
            parties[victim],
            "WMP",
            batch,
            town.day(back),
            category="domestic-abuse",
            counterpart_id=parties[other],
        )
    town.recompute()
    assert len([row for row in town.flags() if row[1] == "marac-repeat"]) == 1
    (rests_on,) = evidence(town, "marac-repeat")
    assert rests_on["counterpart"] == first
    assert [incident["day"] for incident in rests_on["incidents"]] == [town.day(200), town.day(10)]


def test_a_figure_counts_from_its_threshold(town: Town) -> None:
    often, hardly, rarely = town.person(), town.person(), town.person()
    for person, measure in ((often, 9.9), (hardly, 10.0), (rarely, 50.5)):
        town.told(person, "EDU", town.day(20), category="school-absence", priority_area="other", measure=measure)
    town.recompute()
    flagged = {(row[0], row[1]) for row in town.flags()}
    assert flagged == {
        (hardly, "school-persistent-absence"),
        (rarely, "school-persistent-absence"),
        (rarely, "school-severe-absence"),
    }


def test_a_closed_gate_closes_the_flag_that_day_and_an_open_one_shows_it_again(town: Town) -> None:
    person = town.person(opened=True)
    town.told(person, "WMP", town.day(80), town.day(40))
    town.told(person, "SCH", town.day(5))
    town.recompute()
    assert town.ask("SELECT count(*) FROM masked_flag") != [(0,)]
    town.run("UPDATE gate SET closes = ? WHERE agreement_ref = 'SCH-1'", (town.day(1),))
    assert town.ask("SELECT count(*) FROM open_flag WHERE rule_code = 'repeat-contact'") == [(0,)]
    town.run("UPDATE gate SET closes = ? WHERE agreement_ref = 'SCH-1'", (town.day(-100),))
    assert town.ask("SELECT count(*) FROM open_flag WHERE rule_code = 'repeat-contact'") == [(1,)]


def test_a_split_moves_flags_with_the_contacts(town: Town) -> None:
    whole, other = town.person(), town.person()
    town.told(whole, "WMP", town.day(80), town.day(40))
    town.told(whole, "SCH", town.day(5))
    town.recompute()
    assert own(town)
    town.run(
        "UPDATE profile_member SET profile_id = ? WHERE source_record_id IN "
        "(SELECT id FROM source_record WHERE agency_code = 'SCH')",
        (other,),
    )
    town.recompute([whole, other])
    assert own(town) == []


def test_a_ruling_outlives_recomputation(town: Town) -> None:
    person = town.person()
    (police,) = town.told(person, "WMP", town.day(5))
    (landlord,) = town.told(person, "SCH", town.day(5))
    town.recompute()
    assert town.ask("SELECT count(*) FROM incident_contact") == [(2,)]
    town.run(
        "INSERT INTO incident_ruling (left_contact_id, right_contact_id, ruling, why, ruled_by, ruled_at) "
        "VALUES (?, ?, 'separate', 'two calls', 'coordinator', 'x')",
        (police, landlord),
    )
    town.recompute([person])
    assert town.ask("SELECT count(*) FROM incident_contact") == [(0,)]
    assert town.ask("SELECT count(*) FROM open_incident") == [(0,)]
