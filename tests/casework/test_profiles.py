"""A profile as the panel may see it: opened or masked, with its reason entered and what is unknown said."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

import db.audit
import db.profiles
from db.case_reading import MonthCount
from kingshurst_tui.acts import Reason
from kingshurst_tui.agreements import gates
from kingshurst_tui.casework import people, profiles, search
from kingshurst_tui.casework.freshness import AgencyCounts, counted_by_month
from kingshurst_tui.casework.in_lines import _summed
from kingshurst_tui.casework.profile_records import MaskedProfile, Profile
from kingshurst_tui.casework.sources import Source
from kingshurst_tui.errors import NotFound, ReasonNeeded, UsageError
from kingshurst_tui.vocabulary import ANOTHER_AGENCY, Operation, ReasonCode, Thing
from tests.casework.conftest import PANEL, WORDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from kingshurst_tui.casework.people import PersonLine
    from tests.casework.conftest import Town


def _opened(town: Town) -> Profile:
    profile = profiles.open_profile(town.coordinator, town.open_person().pseudonym, PANEL)
    assert isinstance(profile, Profile)
    return profile


def _unexpected(town: Town) -> PersonLine:
    """Return somebody who is not on the agenda."""
    flagged = {line.pseudonym for line in town.lines("flagged")}
    return next(line for line in town.lines() if line.pseudonym not in flagged)


def _entries(town: Town) -> int:
    with town.supervisor.act(Operation.CONSULT, Thing.AUDIT, reason=PANEL) as act:
        return act.read(db.audit.size)


def test_an_open_profile_tells_who_what_when_and_where_from(town: Town) -> None:
    profile = _opened(town)
    assert profile.who.name
    assert all(known.sources for known in (*profile.who.names, *profile.who.born, *profile.who.addresses))
    days = [row.day for row in profile.timeline]
    assert days == sorted(days, reverse=True)
    assert {row.data_set for row in profile.timeline} <= {source.reference for source in profile.coverage}
    assert all(row.as_at for row in profile.timeline)
    assert any(flag.incidents for flag in profile.flags)
    assert {agency.name for agency in profile.counts} >= {row.agency for row in profile.timeline}
    assert ANOTHER_AGENCY not in {agency.name for agency in profile.counts}


def test_counts_are_of_incidents_and_of_the_contacts_behind_them(town: Town) -> None:
    profile = _opened(town)
    for agency in profile.counts:
        mine = [row for row in profile.timeline if row.agency == agency.name]
        recent = [row for row in mine if row.day.isoformat()[:7] >= profile.first_month]
        assert sum(count or 0 for count in agency.contacts) == len(recent)
        assert sum(count or 0 for count in agency.incidents) <= len(recent)


def test_a_month_after_the_last_extract_is_unknown_and_not_zero(town: Town) -> None:
    profile = _opened(town)
    for agency in profile.counts:
        latest = [source.known_to for source in profile.coverage if source.agency == agency.name and source.known_to]
        if latest and max(latest).month < 5 and not any(row.day.month == 5 for row in profile.timeline):
            assert agency.contacts[-1] is None
            return
    raise AssertionError("every agency's extract reaches today")


def test_a_closed_gate_takes_its_contacts_out_of_every_profile_that_day(town: Town) -> None:
    before = _opened(town)
    closed = before.timeline[0].data_set
    gates.suspend(town.user("governance"), closed, "found to be wrong", reason=WORDS)
    after = profiles.open_profile(town.coordinator, before.pseudonym, WORDS)
    assert isinstance(after, Profile)
    assert closed not in {row.data_set for row in after.timeline}
    assert closed not in {record.data_set for record in after.records}


def test_a_mask_shows_counts_and_the_own_agencys_contacts(town: Town) -> None:
    for line in town.lines("flagged"):
        profile = profiles.open_profile(town.practitioner, line.pseudonym, PANEL)
        if isinstance(profile, MaskedProfile) and profile.own_contacts:
            break
    else:
        raise AssertionError("no masked person is known to the practitioner's agency")
    assert profile.own_references
    own = next(agency for agency in profile.counts if agency.name == town.practitioner.user.agency)
    assert sum(count or 0 for count in own.contacts) == len(
        [row for row in profile.own_contacts if row.day.isoformat()[:7] >= profile.first_month]
    )
    assert {agency.name for agency in profile.counts}.isdisjoint({"NHS", "WMAS"})
    # The coordinator's agency contributed nothing and is told nothing of references.
    theirs = profiles.open_profile(town.coordinator, profile.pseudonym, PANEL)
    assert isinstance(theirs, MaskedProfile)
    assert not theirs.own_references
    assert not theirs.own_contacts


def test_somebody_off_the_agenda_is_opened_for_a_reason_only(town: Town) -> None:
    line = _unexpected(town)
    for usual in (PANEL, Reason(ReasonCode.CASELOAD)):
        with pytest.raises(ReasonNeeded):
            profiles.open_profile(town.coordinator, line.pseudonym, usual)
    assert profiles.open_profile(town.coordinator, line.pseudonym, WORDS).pseudonym == line.pseudonym
    profiles.keep_in_caseload(town.coordinator, line.pseudonym, WORDS)
    profiles.open_profile(town.coordinator, line.pseudonym, Reason(ReasonCode.CASELOAD))
    with pytest.raises(ReasonNeeded):
        profiles.open_profile(town.practitioner, line.pseudonym, Reason(ReasonCode.CASELOAD))
    profiles.keep_in_caseload(town.coordinator, line.pseudonym, WORDS, keep=False)
    with pytest.raises(ReasonNeeded):
        profiles.open_profile(town.coordinator, line.pseudonym, Reason(ReasonCode.CASELOAD))


def _trail(town: Town, since: int = 0) -> list[dict[str, Any]]:
    with town.supervisor.act(Operation.CONSULT, Thing.AUDIT, reason=WORDS) as act:
        rows = act.connection.exec_driver_sql("SELECT seq, body FROM audit_entry WHERE seq > ? ORDER BY seq", (since,))
        return [json.loads(body) | {"seq": seq} for seq, body in rows]


def _since(town: Town, actor: str) -> Callable[[], list[tuple[Any, ...]]]:
    last = _trail(town)[-1]["seq"]
    return lambda: [
        (each["thing"], each["reason"], each["result"], tuple(each["subjects"]))
        for each in _trail(town, last)
        if each["actor"] == actor
    ]


def test_the_reason_that_is_entered_is_the_one_that_holds(town: Town) -> None:
    pseudonym = next(line.pseudonym for line in town.lines("flagged") if line.is_open)
    entered = _since(town, "coordinator")
    profiles.open_profile(town.coordinator, pseudonym, Reason(ReasonCode.CASELOAD))
    profiles.open_profile(town.coordinator, pseudonym, Reason(ReasonCode.FINDING))
    profiles.open_profile(town.coordinator, pseudonym, Reason(ReasonCode.RIGHTS))
    search.search(town.coordinator, "somebody", Reason(ReasonCode.FINDING))
    reasons = [reason for thing, reason, _, _ in entered() if thing == "profile"]
    assert reasons == ["panel-business", "panel-business", "rights-request"]
    assert {reason for thing, reason, _, _ in entered() if thing == "search"} == {"finding-somebody"}


def test_guessing_and_opening_without_a_reason_leave_an_entry(town: Town) -> None:
    line = _unexpected(town)
    entered = _since(town, "coordinator")
    for guess in ("KH-2222-2222", "kh 3333 3333", "Bryn Holt"):
        with pytest.raises(NotFound):
            profiles.open_profile(town.coordinator, guess, WORDS)
    with pytest.raises(ReasonNeeded):
        profiles.open_profile(town.coordinator, line.pseudonym, Reason(ReasonCode.FINDING))
    assert entered() == [
        *[("profile", "other", "refused", ())] * 3,
        ("profile", "finding-somebody", "refused", (line.pseudonym,)),
    ]
    assert "Holt" not in json.dumps(_trail(town))


def test_what_is_searched_for_is_bounded(town: Town) -> None:
    with pytest.raises(UsageError, match="longer than 500 letters"):
        search.search(town.coordinator, "x" * 100_000, WORDS)
    search.search(town.coordinator, "x" * 500, WORDS)


def test_opening_is_one_entry_and_opening_again_within_an_agenda_item_none(town: Town) -> None:
    pseudonym = town.open_person().pseudonym
    before = _entries(town)
    profiles.open_profile(town.coordinator, pseudonym, PANEL, within="item-1")
    assert _entries(town) == before + 2  # and the one for looking at the trail
    profiles.open_profile(town.coordinator, pseudonym, PANEL, within="item-1")
    assert _entries(town) == before + 3
    profiles.open_profile(town.coordinator, pseudonym, PANEL)
    assert _entries(town) == before + 5


@pytest.mark.parametrize("typed", ["KH-0000-0000", "kh", "", "x'; DROP TABLE profile", "Donna Hale"])
def test_a_pseudonym_that_is_nobodys_reads_like_any_other(town: Town, typed: str) -> None:
    with pytest.raises(NotFound) as none:
        profiles.open_profile(town.coordinator, typed, WORDS)
    assert typed == "" or typed not in none.value.title + none.value.detail


def test_a_pseudonym_is_read_in_any_way_of_typing_it(town: Town) -> None:
    line = town.open_person()
    typed = line.pseudonym.lower().replace("-", " ")
    assert profiles.open_profile(town.coordinator, typed, WORDS).pseudonym == line.pseudonym


def test_the_pseudonym_of_a_merged_profile_leads_to_the_one_that_was_kept(town: Town) -> None:
    older, younger = (line for line in town.lines()[:2])
    with town.coordinator.act(Operation.COMBINE, Thing.LINK, reason=PANEL, combine=True) as act:
        act.write(db.profiles.merge, younger.profile_id, older.profile_id, "2026-05-04T11:00:00.000Z")
    assert profiles.open_profile(town.coordinator, younger.pseudonym, WORDS).pseudonym == older.pseudonym


def test_a_page_of_a_list_is_entered_with_those_whom_it_names_and_once(town: Town) -> None:
    before = _entries(town)
    listed = people.open_list(town.coordinator, PANEL)
    pages = [people.page(town.coordinator, listed, first, 50) for first in range(0, listed.total, 50)]
    assert sum(len(page) for page in pages) == listed.total
    named_on = [names for page in pages if (names := {line.pseudonym for line in page if line.name})]
    assert named_on
    # The list, each page with a name on it, and reading the trail itself.
    assert _entries(town) == before + 1 + len(named_on) + 1
    with town.supervisor.act(Operation.CONSULT, Thing.AUDIT, reason=PANEL) as act:
        rows = act.connection.exec_driver_sql("SELECT body FROM audit_entry ORDER BY seq").scalars().all()
    entered = [set(body["subjects"]) for body in map(json.loads, rows) if body["facts"].get("named")]
    assert entered[-len(named_on) :] == named_on
    again = _entries(town)
    people.page(town.coordinator, listed, 0, 50)
    assert _entries(town) == again + 1
    assert all(bool(line.name) == line.is_open for page in pages for line in page)


def _source(reference: str, **known: Any) -> Source:
    told: dict[str, Any] = {
        "reference": reference,
        "title": reference,
        "agency": "WMP",
        "kind": "police",
        "categories": frozenset(),
        "priority_areas": frozenset(),
        "covers_from": date(2024, 1, 1),
        "known_to": date(2026, 4, 30),
        "fresh_to": date(2026, 5, 30),
        "sensitive": False,
        "is_live": True,
        "is_shared": True,
    }
    return Source(**{**told, **known})


@pytest.mark.parametrize(
    "known",
    [{"is_shared": False}, {"is_live": False}, {"known_to": None}, {"covers_from": date(2026, 4, 1)}],
)
def test_one_data_set_that_cannot_tell_leaves_a_month_unknown(known: dict[str, Any]) -> None:
    seen = [MonthCount("WMP", "2026-02", 2, 1)]
    names = {"A": "WMP", "B": "WMP"}
    (told,) = counted_by_month(seen, [_source("A"), _source("B")], names, date(2026, 4, 30))
    assert told.contacts[-4:] == (0, 2, 0, 0)
    (told,) = counted_by_month(seen, [_source("A"), _source("B", **known)], names, date(2026, 4, 30))
    assert told.contacts[-4:-1] == (None, 2, None)
    # What is counted is named beside it.
    assert any(words.startswith("A: known from") for words in told.coverage)


def test_unknown_months_are_not_summed_to_zero() -> None:
    unknown = AgencyCounts("NHS", (None, None), (None, None), ())
    partly = AgencyCounts("SCH", (None, 2), (None, 1), ())
    assert _summed(unknown, []) == "unknown in every month"
    assert _summed(partly, [1]) == "1 incident, 2 contacts in 1 known month, 1 month unknown"
