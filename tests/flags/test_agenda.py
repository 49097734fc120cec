"""The agenda: masked or open, filtered, sorted by one fact, triaged; and what it never tells."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import agenda, agenda_rows, explaining, in_lines, triage
from kingshurst_tui.casework.explaining import HIDDEN_RULE
from kingshurst_tui.casework.flagging import run_rules
from kingshurst_tui.errors import InputRejected, Refused, StaleRecord, UsageError
from kingshurst_tui.vocabulary import ANOTHER_AGENCY, Operation, ReasonCode, Thing
from tests.flags.conftest import HEALTH, KINDS, Town


@pytest.fixture
def told(town: Town) -> dict[str, int]:
    """Three flagged people: a masked one over anti-social behaviour, an open one, and one whom only health knows."""
    people = {"masked": town.person(), "open": town.person(opened=True), "health": town.person()}
    town.told(people["masked"], "WMP", town.day(60), town.day(40))
    town.told(people["masked"], "SCH", town.day(20), town.day(10))
    town.told(people["open"], "WMP", town.day(50), town.day(30), category="violence", priority_area="other")
    town.told(people["open"], "SMBC", town.day(5), category="homelessness", priority_area="other")
    days = [town.day(back) for back in range(2, 26, 4)]
    town.told(people["health"], "NHS", *days, category="emergency-attendance", priority_area="other", role="subject")
    for agency in KINDS:
        if agency != "KTP":
            town.batch(agency)
    town.run("UPDATE source_record SET partner_reference = 'SCH-123' WHERE agency_code = 'SCH'")
    open_record = town.ask(
        "SELECT m.source_record_id, r.first_batch_id FROM profile_member m JOIN source_record r "
        "ON r.id = m.source_record_id WHERE m.profile_id = ? ORDER BY 1 LIMIT 1",
        people["open"],
    )[0]
    town.run(
        "INSERT INTO record_detail (source_record_id, batch_id, forename, surname, detail_digest) "
        "VALUES (?, ?, 'Wilma', 'Prendergast', 'x')",
        open_record,
    )
    town.recompute()
    return people


def pseudonym(town: Town, profile: int) -> str:
    ((found,),) = town.ask("SELECT pseudonym FROM masked_profile WHERE profile_id = ?", profile)
    return str(found)


def entries(town: Town) -> list[Any]:
    import json

    with town.session("supervisor").act(Operation.CONSULT, Thing.AUDIT, reason=Reason(ReasonCode.OVERSIGHT)) as act:
        rows = act.connection.exec_driver_sql("SELECT body FROM audit_entry ORDER BY seq").fetchall()
    return [json.loads(body) for (body,) in rows]


def test_masked_people_have_no_name_and_open_ones_have(town: Town, told: dict[str, int]) -> None:
    found = agenda.open_agenda(town.session("coordinator"))
    rows = {row.profile_id: row for row in found.rows}
    assert rows[told["open"]].who == "Wilma Prendergast"
    assert rows[told["masked"]].who == pseudonym(town, told["masked"])
    assert not rows[told["masked"]].is_open
    assert found.total == found.flagged == 3
    assert "Prendergast" not in repr(rows[told["masked"]])


def test_health_is_never_told_by_a_name_of_an_agency_or_a_rule(town: Town, told: dict[str, int]) -> None:
    for role in ("coordinator", "practitioner", "supervisor"):
        found = agenda.open_agenda(town.session(role))
        (row,) = [row for row in found.rows if row.profile_id == told["health"]]
        assert {flag.title for flag in row.flags} == {HIDDEN_RULE}
        assert row.agencies == (ANOTHER_AGENCY,)
        # Nor by a filter that lets only them through.
        assert not agenda.open_agenda(town.session(role), rule="high-intensity-use").rows
        assert "high-intensity-use" not in dict(found.rules)
        words = "\n".join(in_lines.agenda_lines(found)).casefold()
        assert "intensity" not in words
        assert "emergency" not in words


def test_an_open_profile_is_named_with_its_agencies_and_rules(town: Town) -> None:
    person = town.person(opened=True)
    days = [town.day(back) for back in range(2, 26, 4)]
    town.told(person, "NHS", *days, category="emergency-attendance", priority_area="other", role="subject")
    town.recompute()
    (row,) = agenda.open_agenda(town.session("coordinator"), rule="high-intensity-use").rows
    assert (row.profile_id, row.agencies) == (person, ("NHS",))


def test_evidence_of_a_data_set_that_is_not_shared_stays_out_of_sight(town: Town) -> None:
    person = town.person(opened=True)
    town.told(person, "WMP", town.day(80), town.day(40), category="violence", priority_area="other")
    town.told(person, "SCH", town.day(5), category="tenancy", priority_area="other")
    town.recompute()
    town.run("DELETE FROM gate_recipient WHERE agreement_ref = 'WMP-1' AND agency_code = 'SCH'")
    reason = Reason(ReasonCode.PANEL)
    with town.session("practitioner").act(Operation.CONSULT, Thing.PROFILE, reason=reason) as act:
        (flag,) = explaining.of_profile(act, person, masked=False)
    assert flag.incidents == ()
    assert any("not shared with your agency" in gap for gap in flag.gaps)


def test_what_is_not_shared_is_unknown_and_not_zero(town: Town, told: dict[str, int]) -> None:
    town.run("DELETE FROM gate_recipient WHERE agreement_ref = 'NHS-1' AND agency_code = 'SCH'")
    found = agenda.open_agenda(town.session("practitioner"), sort="incidents")
    assert found.rows[-1].profile_id == told["health"]
    row = found.rows[-1]
    assert (row.incidents, row.contacts, row.agencies) == (None, None, None)
    (line,) = [each for each in in_lines.agenda_lines(found) if "incidents and reports" in each]
    assert "unknown" in line
    assert all(each.incidents for each in found.rows[:-1])


def test_opening_the_agenda_is_one_entry_with_the_pseudonyms_on_it(town: Town, told: dict[str, int]) -> None:
    before = len(entries(town))
    agenda.open_agenda(town.session("practitioner"))
    # The look at the trail before is an entry too.
    after = entries(town)[before:]
    (entry,) = [entry for entry in after if entry["thing"] == "agenda"]
    assert entry["subjects"] == sorted(pseudonym(town, profile) for profile in told.values())
    assert entry["facts"]["shown"] == 3


def test_filters_by_priority_area_rule_and_triage(town: Town, told: dict[str, int]) -> None:
    session = town.session("coordinator")

    def who(priority: str = "", rule: str = "", triage: str = "") -> set[int]:
        found = agenda.open_agenda(session, priority=priority, rule=rule, triage=triage)
        return {row.profile_id for row in found.rows}

    assert who(priority="anti-social-behaviour") == {told["masked"]}
    assert who(rule="repeat-contact") == {told["masked"], told["open"]}
    assert who(triage="panel") == set()
    triage.set_triage(session, pseudonym(town, told["open"]), "panel")
    assert who(triage="panel") == {told["open"]}
    assert who(triage="untriaged") == {told["masked"], told["health"]}
    with pytest.raises(UsageError, match="No such triage"):
        who(triage="maybe")


@pytest.mark.parametrize("sort", list(agenda_rows.SORTS))
def test_any_one_visible_fact_sorts(town: Town, told: dict[str, int], sort: str) -> None:
    found = agenda.open_agenda(town.session("coordinator"), sort=sort)
    assert {row.profile_id for row in found.rows} == set(told.values())
    if sort == "incidents":
        counted = [row.incidents or 0 for row in found.rows]
        assert counted == sorted(counted, reverse=True)
    assert not any("score" in name for row in found.rows for name in row.__slots__)


def test_triage_wants_a_reason_and_notices_a_colleague(town: Town, told: dict[str, int]) -> None:
    session, name = town.session("coordinator"), pseudonym(town, told["masked"])
    until = session.clock.today() + timedelta(days=30)
    for why in ("", "ok", "xx", "aaaaaaaaaa aaa", "unsuitable"):
        with pytest.raises(InputRejected, match="reason is missing"):
            triage.set_triage(session, name, "not-now", why, until=until)
    for day in (None, session.clock.today(), session.clock.today() + timedelta(days=93)):
        with pytest.raises(InputRejected, match="when"):
            triage.set_triage(session, name, "not-now", "moving away next week", until=day)
    triage.set_triage(session, name, "not-now", "moving away next week", until=until, version=0)
    (row,) = [row for row in agenda.open_agenda(session).rows if row.pseudonym == name]
    assert (row.triage, row.triage_why, row.version) == ("not-now", "moving away next week", 1)
    with pytest.raises(StaleRecord):
        triage.set_triage(session, name, "panel", version=0)
    with pytest.raises(Refused):
        triage.set_triage(town.session("practitioner"), name, "panel")


def test_not_now_comes_back_by_itself_and_supervisors_list_who_was_put_off(town: Town, told: dict[str, int]) -> None:
    session, name = town.session("coordinator"), pseudonym(town, told["masked"])
    until = session.clock.today() + timedelta(days=30)
    triage.set_triage(session, name, "not-now", "in hospital until June", until=until)
    (row,) = agenda.open_agenda(town.session("supervisor"), triage=triage.AWAY).rows
    assert (row.pseudonym, row.triaged_by, row.triaged_on, row.back_on) == (
        name, session.user.name, session.clock.today(), until
    )  # fmt: skip
    assert row.triage_why == "", "a mask bears no words"
    assert any("back on" in line for line in in_lines.agenda_lines(agenda.open_agenda(session)))
    with session.act(Operation.ALTER, Thing.AGENDA, reason=Reason(ReasonCode.PANEL)) as act:
        act.connection.exec_driver_sql("UPDATE agenda_item SET back_on = ?", (session.clock.today().isoformat(),))
    assert agenda.open_agenda(town.session("supervisor"), triage=triage.AWAY).rows == ()
    (row,) = [row for row in agenda.open_agenda(session).rows if row.pseudonym == name]
    assert (row.triage, row.back_on, row.version) == ("untriaged", None, 1)


def test_a_day_in_the_past_shows_what_held_then(town: Town, told: dict[str, int]) -> None:
    session = town.session("coordinator")
    then = town.clock.today() - timedelta(days=15)
    found = {row.profile_id for row in agenda.open_agenda(session, as_of=then).rows}
    assert told["masked"] in found
    assert told["open"] not in found
    later = town.clock.today() + timedelta(days=300)
    assert not [
        flag for row in agenda.open_agenda(session, as_of=later).rows for flag in row.flags if flag.state == "current"
    ]


def test_a_flag_explains_itself(town: Town, told: dict[str, int]) -> None:
    session = town.session("coordinator")
    with session.act(Operation.CONSULT, Thing.PROFILE, reason=Reason(ReasonCode.PANEL)) as act:
        shown = explaining.of_profile(act, told["open"], masked=False)
        masked = explaining.of_profile(act, told["masked"], masked=True)
        hidden = explaining.of_profile(act, told["health"], masked=True)
    (flag,) = [flag for flag in shown if flag.rule_code == "repeat-contact"]
    assert flag.state == "current"
    assert [incident.agencies for incident in flag.incidents] == [("WMP",), ("WMP",), ("SMBC",)]
    assert flag.by_role == (("victim", 3),)
    assert flag.window[1] == town.clock.today()
    words = "\n".join(explaining.in_lines(flag))
    assert "3 or more distinct incidents from 2 or more agencies within 90 days" in words
    assert "clears by itself on" in words
    assert all(flag.incidents == () for flag in masked)
    assert all((flag.title, flag.source, flag.threshold) == (HIDDEN_RULE, "", "") for flag in hidden)


def test_a_stale_source_makes_a_lapsed_flag_unknown(town: Town) -> None:
    person = town.person()
    town.told(person, "WMP", town.day(80), town.day(40), category="violence", priority_area="other")
    town.told(person, "SCH", town.day(5), category="tenancy", priority_area="other")
    for agency in KINDS:
        if agency != "KTP":
            town.batch(agency)
    town.recompute()
    session = town.session("coordinator")
    town.clock.move(timedelta(days=20))
    # It lapsed ten days ago, and every source is fresh enough.
    assert agenda.open_agenda(session).rows == ()
    town.clock.move(timedelta(days=20))
    # Now every source is older than its refresh: nobody knows whether it holds.
    found = agenda.open_agenda(session)
    assert {flag.state for row in found.rows for flag in row.flags} == {"unknown"}
    assert any("stale" in words for words in found.unknown)
    counted = {rule.code: rule for rule in run_rules(session).rules}
    assert (counted["repeat-contact"].current, counted["repeat-contact"].unknown) == (0, 1)
    assert counted["repeat-contact"].gaps


def test_no_rule_runs_before_its_set_is_approved(town: Town) -> None:
    session = town.session("coordinator")
    assert run_rules(session).changed.rules_ran
    town.run("UPDATE algo_care SET status = 'answered'")
    try:
        with pytest.raises(Refused, match="No set of rules is approved"):
            run_rules(session)
        person = town.person()
        town.told(person, "WMP", town.day(80), town.day(40))
        town.told(person, "SCH", town.day(5))
        assert not town.recompute([person]).rules_ran
        assert town.flags() == []
    finally:
        town.run("UPDATE algo_care SET status = 'approved'")


def test_health_agencies_are_marked_sensitive_in_this_town(town: Town) -> None:
    rows = town.ask("SELECT agency_code FROM gate WHERE sensitive = 1")
    assert {code for (code,) in rows} == HEALTH
