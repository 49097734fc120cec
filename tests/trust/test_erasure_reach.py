"""What an erasure once left: words of searches, drafts typed on, merged profiles, why copies left."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import String

import db.audit
import db.erasure_traces
import db.profiles
import db.whom_erased
from db import keys
from db.connecting import connect
from db.person_keys import person_keys_file
from db.schema import metadata, table_class
from db.trail import TrailFilter
from db.vault import read_header
from kingshurst_tui.acts import Reason
from kingshurst_tui.agreements import gates, standing_today
from kingshurst_tui.casework import drafts, profiles, referrals, search
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.leaving import letters
from kingshurst_tui.linkage import review
from kingshurst_tui.oversight import dips, erasing, erasure
from kingshurst_tui.upkeep import backups
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from tests.casework.conftest import PANEL, Identity, Town
from tests.leaving.test_back_to_partners import LETTER, decided
from tests.trust.erased import TENANTS, erased_by, joinable, keys_of, raw
from tests.trust.test_erasure import ASKED, _kept


def _typed(demo: DemoStore) -> list[str]:
    """Everything that was ever typed for an entry and still opens."""
    key = keys.derive(keys_of(demo).lasting, "kingshurst/words/1")
    with raw(demo) as connection:
        numbers = connection.exec_driver_sql("SELECT seq FROM audit_words").scalars().all()
        return [db.audit.typed_words(connection, seq, key) or "" for seq in numbers]


def _tenants(demo: DemoStore) -> dict[str, int]:
    """Whom this one data set knows and no other: profiles by pseudonym."""
    with raw(demo) as connection:
        rows = connection.exec_driver_sql(
            "SELECT p.pseudonym, p.id FROM profile p JOIN profile_member m ON m.profile_id = p.id "
            "JOIN source_record r ON r.id = m.source_record_id GROUP BY p.id "
            "HAVING min(r.agreement_ref = ?) = 1 ORDER BY p.id",
            (TENANTS,),
        )
        return {str(row[0]): int(row[1]) for row in rows}


def _tenant(town: Town) -> Identity:
    theirs = _tenants(town.demo)
    is_open = {line.pseudonym for line in town.lines() if line.is_open}
    return next(
        each[0]
        for pseudonym, each in town.identities().items()
        if pseudonym in theirs.keys() - is_open and each[0].surname.isalpha() and len(each[0].surname) > 5
    )


def test_a_search_for_somebody_masked_keeps_no_name_of_theirs(town: Town) -> None:
    who = town.masked_adult()
    for words in (f"{who.forename} {who.surname}", who.surname.upper(), who.born):
        search.search(town.practitioner, words, PANEL)
    search.search(town.practitioner, "Nobodyatall", PANEL)
    erased_by(town, erasing.PERSON, who.pseudonym)
    left = "\n".join(_typed(town.demo))
    assert who.surname.casefold() not in left.casefold()
    assert who.born not in left
    assert "Nobodyatall" in left


def test_a_refusal_that_names_them_goes_with_them(town: Town) -> None:
    who = town.open_person()
    number = erasure.ask(town.user("governance"), erasing.PERSON, who.pseudonym, ASKED)
    erasure.refuse(town.supervisor, number, Reason(ReasonCode.OTHER, f"{who.name} rang and took it back"))
    erased_by(town, erasing.PERSON, who.pseudonym)
    assert [words for words in _typed(town.demo) if who.name in words] == []


def test_drafts_of_answers_to_a_dip_sample_go_with_whom_the_entry_names(town: Town) -> None:
    who = town.open_person()
    profiles.open_profile(town.coordinator, who.pseudonym, PANEL)
    sample = dips.draw_sample(town.supervisor, TrailFilter(pseudonym=who.pseudonym), 5)
    asked = dips.sample_in_full(town.supervisor, sample.number).questions[0].number
    for session, thing in ((town.coordinator, Thing.SAMPLE_ANSWER), (town.supervisor, Thing.SAMPLE)):
        drafts.keep(session, Operation.ALTER, thing, f"form-{thing}-{asked}", 0, {"words": "TRACE: she had rung us"})
    erased_by(town, erasing.PERSON, who.pseudonym)
    assert [table for table, text in _kept(town.demo) if "TRACE" in text] == []


def test_why_a_letter_left_goes_with_whom_it_was_to(town: Town, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    who = next(
        each for each in town.lines("flagged") if each.is_open and each.under_18 is False and not each.do_not_approach
    )
    decided(town, who.pseudonym)
    letters.letter(
        town.coordinator,
        who.pseudonym,
        LETTER,
        form="txt",
        into=tmp_path / "out",
        why=f"TRACE: {who.name} asked for it",
        reason=PANEL,
    )
    erased_by(town, erasing.PERSON, who.pseudonym)
    assert [table for table, text in _kept(town.demo) if "TRACE" in text] == []


def test_why_an_agreement_was_suspended_and_a_member_absent_goes_with_whom_it_names(town: Town) -> None:
    who = next(line for line in town.lines("flagged") if line.is_open)
    theirs = f"TRACE {who.name} was linked wrongly"
    gates.suspend(town.user("governance"), TENANTS, theirs, reason=ASKED)
    gates.suspend(town.supervisor, TENANTS, "As he says", reason=ASKED, over=f"suspended by governance: {theirs}")
    with raw(town.demo) as connection:
        connection.exec_driver_sql("UPDATE panel_member SET attendance_why = ?", (f"TRACE {who.name} says so",))
        connection.commit()
    erased_by(town, erasing.PERSON, who.pseudonym)
    assert [table for table, text in _kept(town.demo) if "TRACE" in text] == []
    gone = "(taken away with whom it named)"
    said = standing_today.show(town.supervisor, TENANTS).why
    assert said == f"suspended by governance: {gone}; suspended by supervisor: {gone}"


def test_what_reads_like_somebody_who_suspended_is_taken_away_where_no_user_has_that_name(town: Town) -> None:
    who = next(line for line in town.lines("flagged") if line.is_open)
    typed = f"TRACE see letter; suspended by {who.name}: TRACE he says so"
    gates.suspend(town.user("governance"), TENANTS, typed, reason=ASKED)
    erased_by(town, erasing.PERSON, who.pseudonym)
    assert [table for table, text in _kept(town.demo) if "TRACE" in text or str(who.name) in text] == []
    said = standing_today.show(town.supervisor, TENANTS).why
    assert said == "suspended by governance: (taken away with whom it named)"


WHAT_NAMES_NOBODY = {
    "agreement": {"title", "document"},  # what two agencies signed, of kinds of data
    "algo_care": {"answers"},  # of the instrument as a whole
    "dip_sample": {"document"},  # numbers of entries, and a filter by pseudonym
    "disclosure": {"data_sets"},
    "disclosure_recipient": {"name"},  # of an agency or a colleague; of a letter, "the person" themselves
    "erasure": {"document"},
    "forecast": {"record"},
    "import_batch": {"report", "quality"},  # counts, by field
    "link_model": {"document"},
    "manifest": {"document"},  # pseudonyms and digests
    "manifest_signature": {"entered_for", "document"},
    "minutes": {"document"},  # signed; put before whoever confirms
    "panel": {"title", "areas", "place", "quorum"},
    "panel_member": {"display_name", "deputy_for"},
    "partner_agency": {"name"},
    "place": {"name"},
    "place_rule": {"document"},
    "place_source": {"title", "file_name"},
    "place_standing": {"evidence_first", "evidence_last", "cleared_why"},  # counts, and which rule changed
    "publication": {"periods", "categories", "details"},
    "purpose": {"question"},
    "rejected_row": {"column_name"},
    "role_grant": {"document"},
    "rule": {"title", "document"},
    "setting": {"value"},
    "tombstone": {"counts"},
    "user": {"display_name"},
}
"""Columns long enough for a sentence in rows that stay when a person goes, which nobody types a person's name into."""


def test_every_column_of_words_goes_with_the_person_is_searched_or_names_nobody() -> None:
    stays: dict[str, set[str]] = {}
    for table in (each for each in metadata.sorted_tables if table_class(each) != "personal"):
        texts = {each.name: each.type.length for each in table.columns if isinstance(each.type, String)}
        long = {name for name, length in texts.items() if length is None or length >= 100}
        stays[table.name] = {name for name in long if (table.name, name) not in db.erasure_traces.REASONS}
    assert {table: columns for table, columns in stays.items() if columns} == WHAT_NAMES_NOBODY


def test_what_names_somebody_of_an_erased_data_set_goes_as_well(town: Town) -> None:
    who = _tenant(town)
    search.search(town.practitioner, f"{who.forename} {who.surname}", PANEL)
    form = {
        "to": "panel", "forename": who.forename, "surname": who.surname, "date_of_birth": who.born, "postcode": "",
        "own_reference": "", "why": "TRACE-OF-A-REFERRAL, who calls us every week.",
        "asked": "Somebody who talks to them.", "person_knows": "told", "urgency": "routine",
        "lawful_basis": "Crime and Disorder Act 1998 s.115", "disclosed": "",
    }  # fmt: skip
    referrals.send(town.practitioner, form, ASKED)
    keep = (Operation.COLLECT, Thing.REFERRAL, "form-referral", 0)
    drafts.keep(town.practitioner, *keep, {"why": f"TRACE-OF-A-DRAFT {who.forename} {who.surname}"})
    erased_by(town, erasing.DATA_SET, TENANTS)
    assert [table for table, text in _kept(town.demo) if "TRACE-OF" in text] == []
    assert [words for words in _typed(town.demo) if who.surname in words] == []


def test_a_profile_that_was_merged_goes_with_an_erased_data_set(town: Town) -> None:
    older, younger = joinable(town, set(_tenants(town.demo)))
    review.join(town.coordinator, older.profile_id, younger.profile_id, "TRACE: one person, says the landlord")
    erased_by(town, erasing.DATA_SET, TENANTS)
    header = read_header(town.demo.store)
    with raw(town.demo) as connection:
        assert db.whom_erased.profile_of(connection, younger.pseudonym) is None
    with closing(connect(person_keys_file(town.demo.store, header.generation), keys_of(town.demo).person)) as salts:
        kept = {row[0] for row in salts.execute("SELECT pseudonym FROM person_salt")}
    assert kept.isdisjoint({older.pseudonym, younger.pseudonym})


def test_whoever_confirms_sees_that_another_profile_may_be_the_same_person(demo_copy: DemoStore) -> None:
    with raw(demo_copy) as connection:
        who, other = connection.exec_driver_sql(
            "SELECT p.pseudonym, q.pseudonym FROM link l "
            "JOIN profile_member a ON a.source_record_id = l.left_record_id "
            "JOIN profile_member b ON b.source_record_id = l.right_record_id "
            "JOIN profile p ON p.id = a.profile_id JOIN profile q ON q.id = b.profile_id "
            "WHERE l.state = 'review' AND p.id <> q.id"
        ).fetchone() or ("", "")
    with demo_copy.signed_in("governance") as governance, demo_copy.signed_in("supervisor") as supervisor:
        number = erasure.ask(governance, erasing.PERSON, who, ASKED)
        with pytest.raises(InputRejected) as looked:
            erasure.confirm(supervisor, number, ASKED)
        assert f"{other} waits to be reviewed" in looked.value.detail
        erasure.confirm(supervisor, number, ASKED, also=())


def test_no_copy_is_made_in_the_store_s_own_folder(demo_copy: DemoStore) -> None:
    with demo_copy.signed_in("administrator") as session:
        for place in (demo_copy.store / "copy", demo_copy.store / "heads" / "copy"):
            with pytest.raises(InputRejected, match="own folder"):
                backups.backup(session, place)
