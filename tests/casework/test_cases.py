"""Cases: every change with its reason; a lead that passes is beside the decision; a restricted case is its list's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from db.views import OPEN_VIEWS
from kingshurst_tui.casework import (
    actions,
    case_access,
    cases,
    decisions,
    lead_transfers,
    profile_records,
    profiles,
    referrals,
    search,
)
from kingshurst_tui.casework.in_lines import profile_lines
from kingshurst_tui.errors import InputRejected, NotFound, Refused, StaleRecord
from kingshurst_tui.linkage import review
from kingshurst_tui.vocabulary import Operation, Thing
from tests.casework.conftest import PANEL, WORDS
from tests.casework.test_decisions import FIELDS, MARKED

if TYPE_CHECKING:
    from kingshurst_tui.session import Session
    from tests.casework.conftest import Town

WHY = "A colleague of the housing office lives next door."
HANDOVER = "They trust Mrs Okafor; the door was promised for June."


def _decided(town: Town, lead: str = "SCH") -> str:
    who = town.open_person().pseudonym
    form = decisions.open_form(town.coordinator, who, PANEL)
    fields: dict[str, Any] = {**FIELDS, "lead_agency": lead}
    if form.police_lead_stopped:
        fields |= {"health_member": "A nurse", "police_lead_why": "Asked for"}
    decisions.sign(town.coordinator, who, fields, MARKED, version=form.version, reason=PANEL)
    return who


def test_a_case_goes_from_state_to_state_each_with_its_reason(town: Town) -> None:
    who = town.open_person().pseudonym
    with pytest.raises(InputRejected):
        cases.set_state(town.practitioner, who, cases.OPEN, "ok", PANEL)
    cases.set_state(town.practitioner, who, cases.OPEN, "The panel asked us to begin.", PANEL)
    with pytest.raises(InputRejected) as rejected:
        cases.set_state(town.practitioner, who, cases.REOPENED, "The panel asked us to begin.", PANEL)
    assert rejected.value.hint == "It can become: monitoring, closed, stood down."
    cases.set_state(town.coordinator, who, cases.CLOSED, "They have moved to Dudley.", PANEL)
    with pytest.raises(StaleRecord):
        cases.set_state(town.practitioner, who, cases.MONITORING, "Nothing is to be done.", PANEL, over=cases.OPEN)
    cases.set_state(town.coordinator, who, cases.REOPENED, "They are back in Kingshurst.", PANEL)
    shown = cases.read(town.coordinator, who, PANEL)
    assert [each.state for each in shown.states] == ["reopened", "closed", "open"]
    assert shown.states[1].why == "They have moved to Dudley."
    assert [each.pseudonym for each in cases.listed(town.supervisor, PANEL, "reopened")] == [who]


def test_somebody_masked_can_be_stood_down_and_no_word_of_why_is_on_the_mask(town: Town) -> None:
    who = town.masked_adult().pseudonym
    with pytest.raises(Refused):
        cases.set_state(town.coordinator, who, cases.OPEN, "The panel asked us to begin.", PANEL)
    cases.set_state(town.coordinator, who, cases.STOOD_DOWN, "They live in another district.", PANEL)
    (state,) = cases.read(town.practitioner, who, PANEL).states
    assert (state.state, state.why, state.lead_agency) == ("stood-down", "", "")


def test_a_handover_taken_leaves_the_signed_decision_as_it_was_and_says_who_leads_now(town: Town) -> None:
    who = _decided(town, "EDU")
    with pytest.raises(Refused):
        lead_transfers.ask(town.practitioner, who, "SCH", WHY, HANDOVER, PANEL)
    number = lead_transfers.ask(town.coordinator, who, "SCH", WHY, HANDOVER, PANEL)
    with pytest.raises(StaleRecord):
        lead_transfers.ask(town.coordinator, who, "WMFS", WHY, HANDOVER, PANEL)
    with pytest.raises(Refused):
        lead_transfers.answer(town.coordinator, number, accepted=True, words="", reason=PANEL)
    with town.practitioner.act(Operation.CONSULT, Thing.CASE, reason=PANEL) as act:
        [waiting] = lead_transfers.waiting(act)
    assert (waiting.number, waiting.handover) == (number, HANDOVER)
    town.later(timedelta(hours=1))
    lead_transfers.answer(town.practitioner, number, accepted=True, words="We know them well", reason=PANEL)
    profile = profiles.open_profile(town.coordinator, who, WORDS)
    assert isinstance(profile, profile_records.Profile)
    assert profile.lead is not None
    assert (profile.lead.agency, profile.decisions[0].lead_agency) == ("SCH", "EDU")
    assert profile.lead.because == f"handover {number} of decision {profile.decisions[0].number}"
    assert profile.decisions[0].signature_holds
    assert profile.state is not None
    assert (profile.state.state, profile.state.lead_agency) == ("open", "SCH")
    # A later decision goes before it.
    town.later(timedelta(hours=1))
    fields = {**FIELDS, "lead_agency": "WMFS"}
    decisions.sign(town.coordinator, who, fields, MARKED, version=profile.version, reason=PANEL)
    lead = cases.read(town.coordinator, who, PANEL).lead
    assert lead is not None
    assert lead.agency == "WMFS"


def test_a_handover_refused_or_taken_back_changes_nobody_who_leads(town: Town) -> None:
    who = _decided(town, "EDU")
    refused = lead_transfers.ask(town.coordinator, who, "SCH", WHY, HANDOVER, PANEL)
    with pytest.raises(InputRejected):
        lead_transfers.answer(town.practitioner, refused, accepted=False, words="", reason=PANEL)
    lead_transfers.answer(town.practitioner, refused, accepted=False, words="We do not house them.", reason=PANEL)
    back = lead_transfers.ask(town.coordinator, who, "SCH", WHY, HANDOVER, PANEL)
    lead_transfers.withdraw(town.coordinator, back, "The panel meets before that.", PANEL)
    with pytest.raises(StaleRecord):
        lead_transfers.answer(town.practitioner, back, accepted=True, words="", reason=PANEL)
    lead = cases.read(town.coordinator, who, PANEL).lead
    assert lead is not None
    assert lead.agency == "EDU"


def _rows(session: Session, pseudonym: str) -> dict[str, int]:
    """Return how many rows of one person each open view shows, at the level of SQL."""
    with session.act(Operation.CONSULT, Thing.PROFILE, reason=WORDS) as act:
        number = act.connection.exec_driver_sql(
            "SELECT profile_id FROM masked_profile WHERE pseudonym = ?", (pseudonym,)
        ).scalar()
        found = {}
        for view in OPEN_VIEWS:
            if view == "combined_incident_place":
                continue  # counts by place; no column of it leads to a person
            columns = act.connection.exec_driver_sql(f"SELECT * FROM {view} LIMIT 0").keys()
            if "profile_id" in columns:
                counted = f"SELECT count(*) FROM {view} WHERE profile_id = ?"
            elif view == "open_incident":
                counted = (
                    "SELECT count(*) FROM open_incident i JOIN incident_contact c ON c.incident_id = i.id "
                    "JOIN contact t ON t.id = c.contact_id JOIN profile_member m "
                    "ON m.source_record_id = t.source_record_id WHERE m.profile_id = ?"
                )
            else:
                raise AssertionError(f"{view}: whose rows are they?")
            found[view] = act.connection.exec_driver_sql(counted, (number,)).scalar() or 0
    return found


def test_a_reader_who_is_not_on_the_list_reads_nothing_by_any_open_view(town: Town) -> None:
    who = _decided(town)
    actions.add(town.coordinator, who, "Visit", owner_agency="SCH", due_on=town.demo.clock.today(), reason=PANEL)
    lead_transfers.ask(town.coordinator, who, "WMFS", WHY, HANDOVER, PANEL)
    before, keepers = _rows(town.practitioner, who), _rows(town.coordinator, who)
    assert {"open_record", "open_decision", "open_action", "open_lead_transfer"} <= {
        view for view, rows in before.items() if rows
    }
    case_access.restrict(town.supervisor, who, WHY, ["coordinator"], PANEL)
    # An incident shared with somebody else whose profile is open is read through theirs.
    assert not any(rows for view, rows in _rows(town.practitioner, who).items() if view != "open_incident")
    assert _rows(town.coordinator, who) == keepers
    case_access.let_in(town.coordinator, who, "practitioner", "They visit the person every week", PANEL)
    assert _rows(town.practitioner, who) == before
    case_access.take_off(town.coordinator, who, "practitioner", PANEL)
    assert not any(rows for view, rows in _rows(town.practitioner, who).items() if view != "open_incident")
    case_access.end(town.coordinator, who, "The colleague has moved away.", PANEL)
    assert _rows(town.practitioner, who) == before


def test_a_mask_says_plainly_that_the_case_is_restricted_and_whom_to_ask(town: Town) -> None:
    who, name = town.open_person().pseudonym, town.open_person().name

    def found_by_name() -> bool:
        hits = search.search(town.practitioner, name, WORDS)
        return who in {hit.pseudonym for hit in hits.hits}

    assert found_by_name()
    case_access.restrict(town.coordinator, who, WHY, ["supervisor"], PANEL)
    # What a session holds in memory to search names in is made anew.
    assert not found_by_name()
    masked = profiles.open_profile(town.practitioner, who, WORDS)
    assert masked.is_masked
    said = "\n".join(profile_lines(masked))
    assert "restricted to those on its list, by coordinator" in said
    assert "You are not on it" in said
    assert "next door" not in said
    with pytest.raises(Refused) as refused:
        decisions.open_form(town.practitioner, who, PANEL)
    assert "restricted to those on its list" in refused.value.title
    assert not profiles.open_profile(town.supervisor, who, WORDS).is_masked
    [line] = [line for line in town.lines() if line.pseudonym == who]
    assert line.is_open


def test_who_may_keep_a_list(town: Town) -> None:
    who = town.open_person().pseudonym
    with pytest.raises(Refused):
        case_access.restrict(town.practitioner, who, WHY, [], PANEL)
    with pytest.raises(InputRejected) as rejected:
        case_access.restrict(town.coordinator, who, WHY, ["nobody", "administrator"], PANEL)
    assert rejected.value.problems == (
        "nobody: is no user of this store",
        "administrator: sees no case, being administrator",
    )
    with pytest.raises(NotFound):
        case_access.end(town.coordinator, who, "The colleague has moved away.", PANEL)
    case_access.restrict(town.coordinator, who, WHY, ["practitioner"], PANEL)
    with pytest.raises(StaleRecord):
        case_access.restrict(town.supervisor, who, WHY, [], PANEL)
    with pytest.raises(Refused):
        case_access.end(town.supervisor, who, "I would like to read it.", PANEL)
    with pytest.raises(Refused):
        case_access.let_in(town.supervisor, who, "supervisor", "I would like to read it.", PANEL)
    with pytest.raises(Refused):
        case_access.let_in(town.practitioner, who, "supervisor", "They would like to read it.", PANEL)
    with pytest.raises(InputRejected):
        case_access.take_off(town.coordinator, who, "coordinator", PANEL)
    # Whoever watches over others can see to it that somebody keeps the list, and not read it themselves.
    case_access.let_in(town.supervisor, who, "governance", "They answer for the register.", PANEL)
    assert profiles.open_profile(town.supervisor, who, WORDS).is_masked
    [(listed, restriction)] = case_access.listed(town.supervisor, PANEL)
    assert (listed, [each.user_name for each in restriction.on_list], restriction.why) == (
        who, ["coordinator", "governance", "practitioner"], "",
    )  # fmt: skip


def test_every_part_of_a_restricted_case_stays_restricted_and_its_referral_is_asked_anew(town: Town) -> None:
    with town.coordinator.act(Operation.COMBINE, Thing.LINK, reason=PANEL, combine=True) as act:
        who, record = act.connection.exec_driver_sql(
            "SELECT p.pseudonym, max(r.record_id) FROM open_record r JOIN masked_profile p "
            "ON p.profile_id = r.profile_id WHERE p.is_open GROUP BY p.pseudonym HAVING count(*) > 2 LIMIT 1"
        ).one()
    case_access.restrict(town.coordinator, who, WHY, ["supervisor"], PANEL)
    number = referrals.send(
        town.coordinator,
        {
            "to": "SCH", "from_agency": "WMFS", "surname": "Someone", "postcode": "B37 6AA", "person_knows": "agreed",
            "urgency": "soon", "why": WHY, "asked": WHY, "lawful_basis": "Care Act 2014 s.42",
        },
        PANEL,
        pseudonym=who,
    )  # fmt: skip
    before = {line.pseudonym for line in town.lines()}
    review.split(town.coordinator, review.find(town.coordinator, who), [record], "This is somebody else's record")
    after = {line.pseudonym for line in town.lines()}
    restricted = {pseudonym for pseudonym, _ in case_access.listed(town.coordinator, PANEL)}
    assert restricted == {who} | (after - before)
    assert after - before
    with town.coordinator.act(Operation.COMBINE, Thing.REFERRAL, reason=PANEL, combine=True) as act:
        assert act.connection.exec_driver_sql(
            "SELECT profile_id, reconciled FROM combined_referral WHERE id = ?", (number,)
        ).one() == (None, "waiting")
