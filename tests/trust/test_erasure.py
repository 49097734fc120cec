"""What two people erased is in no page of no file; the trail still verifies; a cut-off is finished on opening."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from types import SimpleNamespace

import pytest

import db.audit_verification
import db.commitments
import db.erasing
import db.schema
import db.whole_files
import db.whom_erased
from db.connecting import connect
from db.consents import Sighting
from db.erasure_traces import Unmatched
from db.person_keys import person_keys_file
from db.schema import table_class
from db.store import administering, data_file
from db.vault import open_slot, read_header
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import agenda, drafts, home, profiles, referrals
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.errors import InputRejected, NotFound, Refused, StoreUnavailable
from kingshurst_tui.oversight import erasing, erasure
from kingshurst_tui.oversight.erasure_traces import alike
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from tests.casework.conftest import Town
from tests.trust.pages import decrypted, unused

ASKED = Reason(ReasonCode.RIGHTS, "The person asked for it in a letter of 2 May 2026.")


def _frequent(demo: DemoStore) -> str:
    """The pseudonym of somebody on the agenda."""
    with demo.signed_in("coordinator") as coordinator:
        return agenda.open_agenda(coordinator).rows[0].pseudonym


def _kept(demo: DemoStore) -> Iterator[tuple[str, str]]:
    """Every value of every row of both files, as (table, text)."""
    header = read_header(demo.store)
    _, _, store_keys = open_slot(header, "administrator", demo.passphrases["administrator"])
    for file, key in (
        (data_file(demo.store, header.generation), store_keys.data),
        (person_keys_file(demo.store, header.generation), store_keys.person),
    ):
        with closing(connect(file, key)) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in tables:
                for row in connection.execute(f'SELECT * FROM "{table}"'):
                    yield from ((table, str(value)) for value in row if value is not None)


def _files(demo: DemoStore) -> Iterator[tuple[Path, bytes]]:
    """Both files and the keys of their pages."""
    header = read_header(demo.store)
    _, _, store_keys = open_slot(header, "administrator", demo.passphrases["administrator"])
    yield data_file(demo.store, header.generation), bytes(store_keys.data)
    yield person_keys_file(demo.store, header.generation), bytes(store_keys.person)


def _pages(demo: DemoStore) -> bytes:
    """Every page of both files, free ones too, decrypted as they lie; their logs are empty."""
    found = b""
    for file, key in _files(demo):
        found += b"".join(decrypted(file, key))
        assert not (log := file.with_name(file.name + "-wal")).exists() or log.stat().st_size == 0
    return found


def _identifiers(demo: DemoStore, pseudonym: str) -> set[str]:
    """What only this person's records hold: references, keys, days of birth with names."""
    header = read_header(demo.store)
    _, _, store_keys = open_slot(header, "administrator", demo.passphrases["administrator"])
    with administering(demo.store, header.generation, store_keys.data) as connection:
        profile = db.whom_erased.profile_of(connection, pseudonym)
        assert profile is not None
        records = db.whom_erased.records_of(connection, [profile])
        marks = ",".join("?" * len(records))
        mine: set[str] = set()
        for table, columns in (
            ("source_record", ("person_key", "partner_reference")),
            ("record_detail", ("nhs_number", "detail_digest", "address")),
            ("contact", ("contact_key", "partner_reference")),
        ):
            by = "id" if table == "source_record" else "source_record_id"
            for column in columns:
                others = f"SELECT {column} FROM {table} WHERE {by} NOT IN ({marks}) AND {column} IS NOT NULL"
                rows = connection.exec_driver_sql(
                    f"SELECT DISTINCT {column} FROM {table} WHERE {by} IN ({marks}) AND {column} NOT IN ({others})",
                    (*records, *records),
                )
                mine |= {str(row[0]) for row in rows if len(str(row[0])) > 6}
    assert len(mine) > 8
    return mine


def _left_behind(demo: DemoStore) -> tuple[str, bytes]:
    """Move rows about until somebody's salt lies in a part of a page that no row uses; return whose, and the salt."""
    drawn = random.Random(7)
    _, (file, key) = _files(demo)
    with closing(connect(file, bytearray(key))) as salts:
        people = [(str(name), bytes(salt)) for name, salt in salts.execute("SELECT pseudonym, salt FROM person_salt")]
        beside: list[tuple[str, bytes]] = []
        for _ in range(1_000):
            more = [(drawn.choice(people)[0] + str(drawn.random()), bytes(drawn.randrange(300))) for _ in range(40)]
            salts.executemany("INSERT INTO person_salt VALUES (?, ?)", more)
            beside += more
            drawn.shuffle(beside)
            gone, beside = beside[:30], beside[30:]
            salts.executemany("DELETE FROM person_salt WHERE pseudonym = ?", [row[:1] for row in gone])
            salts.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            left = b"".join(unused(file, key))
            for name, salt in people:
                if salt in left:
                    return name, salt
    pytest.fail("no row was moved")


def _erase(demo: DemoStore, kind: str, subject: str) -> erasing.Erased:
    with demo.signed_in("governance") as governance:
        number = erasure.ask(governance, kind, subject, ASKED)
    with demo.signed_in("supervisor") as supervisor:
        return erasure.confirm(supervisor, number, ASKED, also=())


def test_of_an_erased_person_no_page_of_any_file_holds_anything(demo_copy: DemoStore) -> None:
    who = _frequent(demo_copy)
    mine = _identifiers(demo_copy, who)
    before = _pages(demo_copy)
    assert all(text.encode() in before for text in mine)

    erased = _erase(demo_copy, erasing.PERSON, who)

    assert erased.counts["contact"] >= 3
    assert erased.counts["profile"] >= 1
    left = {(table, text) for table, text in _kept(demo_copy) for needle in mine if needle in text}
    assert left == set()
    pages = _pages(demo_copy)
    assert [text for text in mine if text.encode() in pages] == []


def test_what_unused_parts_of_pages_kept_of_somebody_goes_as_well(demo_copy: DemoStore) -> None:
    who, salt = _left_behind(demo_copy)
    _erase(demo_copy, erasing.PERSON, who)
    assert salt not in _pages(demo_copy)


def test_who_is_signed_in_meanwhile_works_on_and_meets_the_erased_no_more(demo_copy: DemoStore) -> None:
    with demo_copy.signed_in("coordinator") as coordinator:
        rows = agenda.open_agenda(coordinator).rows
        erased = _erase(demo_copy, erasing.PERSON, rows[0].pseudonym)
        left = agenda.open_agenda(coordinator).rows
        assert {row.pseudonym for row in left} == {row.pseudonym for row in rows} - set(erased.subjects)
        with pytest.raises(NotFound):
            profiles.open_profile(coordinator, rows[0].pseudonym, Reason(ReasonCode.PANEL))


def test_where_there_is_no_room_home_says_so_and_an_opening_finishes_it(
    demo_copy: DemoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = _frequent(demo_copy)
    mine = _identifiers(demo_copy, who)
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=4096))
        with pytest.raises(StoreUnavailable, match="not enough room to write the store anew"):
            _erase(demo_copy, erasing.PERSON, who)
        with demo_copy.signed_in("governance") as governance:
            (said,) = [each for each in home.what_waits(governance) if each.code == "erased"]
            assert "Free some space" in said.items[0].words
    left = {(table, text) for table, text in _kept(demo_copy) for needle in mine if needle in text}
    assert left == set()

    with demo_copy.signed_in("governance") as governance:
        assert "erased" not in {each.code for each in home.what_waits(governance)}

    pages = _pages(demo_copy)
    assert [text for text in mine if text.encode() in pages] == []


def test_where_somebody_reads_on_an_opening_after_it_finishes_it(
    demo_copy: DemoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = _frequent(demo_copy)
    mine = _identifiers(demo_copy, who)
    monkeypatch.setattr(db.whole_files, "READERS_HAVE", 1)
    (file, key), _ = _files(demo_copy)
    with closing(connect(file, bytearray(key))) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM contact").fetchone()
        with pytest.raises(StoreUnavailable, match="Somebody went on reading"):
            _erase(demo_copy, erasing.PERSON, who)
        reader.execute("COMMIT")
    with demo_copy.signed_in("administrator") as administrator:
        assert not administrator.look(db.erasing.bytes_due)
    pages = _pages(demo_copy)
    assert [text for text in mine if text.encode() in pages] == []


def test_what_names_the_person_otherwise_or_is_half_written_goes_as_well(demo_copy: DemoStore) -> None:
    with ExitStack() as stack:
        town = Town(demo_copy, stack)
        who = town.masked_adult()
        mistyped = who.surname[1] + who.surname[0] + who.surname[2:]
        form = {
            "to": "panel", "forename": "Somebody", "surname": mistyped, "date_of_birth": who.born, "postcode": "",
            "own_reference": "", "why": "TRACE-OF-A-REFERRAL, who calls us every week.",
            "asked": "Somebody who talks to them.", "person_knows": "told", "urgency": "routine",
            "lawful_basis": "Crime and Disorder Act 1998 s.115", "disclosed": "",
        }  # fmt: skip
        number = referrals.send(town.practitioner, form, ASKED)
        for name, words in (("form-referral", f"TRACE-OF-A-DRAFT {mistyped}"), ("form-panel-call", "STAYS-WRITTEN")):
            keep = (Operation.COLLECT, Thing.REFERRAL, name, 0, {"why": words})
            drafts.keep(town.practitioner, *keep)
        asked = erasure.ask(town.supervisor, erasing.PERSON, who.pseudonym, ASKED)
        governance = town.user("governance")
        with pytest.raises(InputRejected) as looked:
            erasure.confirm(governance, asked, ASKED)
        assert f"referral-{number}" in looked.value.detail
        assert mistyped not in looked.value.detail
        assert who.surname not in looked.value.detail
        erased = erasure.confirm(governance, asked, ASKED, also=[f"referral-{number}"])
        assert (erased.counts["referral"], erased.counts["draft"]) == (1, 1)
    pages = _pages(demo_copy)
    left = "\n".join(text for _, text in _kept(demo_copy))
    for trace in ("TRACE-OF-A-REFERRAL", "TRACE-OF-A-DRAFT"):
        assert trace not in left
        assert trace.encode() not in pages
    assert "STAYS-WRITTEN" in left


@pytest.mark.parametrize(
    ("forename", "surname", "born", "postcode", "is_alike"),
    [
        ("Jon", "Quillfether", "1961-02-03", "", True),
        ("Quillfeather", "Jonathan", "1961-03-02", "", True),
        ("Jonathan", "Quillfeather", "1990-01-01", "", True),
        ("Mary", "Quillfeather", "1990-01-01", "B37 6AA", False),
        ("", "Quillfeather", "", "B37 6AA", True),
        ("Amir", "Okafor", "1961-02-03", "B37 6AA", False),
    ],
)
def test_who_is_like_a_person_and_who_is_not(
    forename: str, surname: str, born: str, postcode: str, is_alike: bool
) -> None:
    record = Sighting(1, 1, "Jonathan", "Quillfeather", None, "1961-02-03", None, "B37 6AA")
    given = Unmatched("referral", 1, forename, surname, born or None, postcode or None, "SCH", "2026-05-04")
    assert bool(alike(given, [record])) is is_alike


def test_after_an_erasure_the_trail_verifies_and_everything_adds_up(demo_copy: DemoStore) -> None:
    who = _frequent(demo_copy)
    erased = _erase(demo_copy, erasing.PERSON, who)
    header = read_header(demo_copy.store)
    _, _, store_keys = open_slot(header, "administrator", demo_copy.passphrases["administrator"])
    with administering(demo_copy.store, header.generation, store_keys.data) as connection:
        assert db.audit_verification.verify(connection, {}).holds
        assert db.commitments.compare(connection, store_keys.commitment_key()) == []
        assert all(db.erasing.is_erased(connection, subject) for subject in erased.subjects)
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
        salts = connect(person_keys_file(demo_copy.store, header.generation), store_keys.person)
        with closing(salts):
            kept = {row[0] for row in salts.execute("SELECT pseudonym FROM person_salt")}
        assert kept.isdisjoint(erased.subjects)
    with demo_copy.signed_in("coordinator") as coordinator:
        assert who not in {row.pseudonym for row in agenda.open_agenda(coordinator).rows}


def test_nobody_erases_alone_and_no_role_but_two_may_ask(demo_copy: DemoStore) -> None:
    who = _frequent(demo_copy)
    for role in ("coordinator", "practitioner", "administrator"):
        with demo_copy.signed_in(role) as session, pytest.raises(Refused):
            erasure.ask(session, erasing.PERSON, who, ASKED)
    with demo_copy.signed_in("governance") as governance:
        number = erasure.ask(governance, erasing.PERSON, who, ASKED)
        with pytest.raises(Refused, match="Nobody confirms what they asked for themselves"):
            erasure.confirm(governance, number, ASKED)
        with pytest.raises(NotFound):
            erasure.ask(governance, erasing.PERSON, "KH-0000-0000", ASKED)
    with demo_copy.signed_in("supervisor") as supervisor:
        erasure.refuse(supervisor, number, ASKED)
        with pytest.raises(NotFound):
            erasure.confirm(supervisor, number, ASKED)
    assert any(text == who for table, text in _kept(demo_copy) if table == "profile")


def test_an_erasure_that_was_signed_and_cut_off_is_finished_by_whoever_opens_the_store_next(
    demo_copy: DemoStore,
) -> None:
    who = _frequent(demo_copy)
    with demo_copy.signed_in("governance") as governance:
        number = erasure.ask(governance, erasing.PERSON, who, ASKED)
    header = read_header(demo_copy.store)
    _, pairs, store_keys = open_slot(header, "supervisor", demo_copy.passphrases["supervisor"])
    with administering(demo_copy.store, header.generation, store_keys.data) as connection:
        row = db.erasing.by_number(connection, number)
        assert row is not None
        # The store as a kill leaves it between the second signature and the deed; tests/faults kills a real process.
        db.erasing.settle(
            connection,
            number,
            status="confirmed",
            confirmed_by="supervisor",
            confirmed_at="2026-05-04T11:00:00Z",
            confirmation=pairs.sign(row.document.encode()),
        )
        connection.commit()
    with demo_copy.signed_in("practitioner") as practitioner:
        assert practitioner.look(db.erasing.every, "confirmed") == []
        assert practitioner.look(db.erasing.is_erased, who)


def test_a_partner_is_erased_with_all_that_it_sent_and_nothing_of_the_others(demo_copy: DemoStore) -> None:
    def of_agency(code: str) -> int:
        return sum(1 for table, text in _kept(demo_copy) if table == "source_record" and text == code)

    police, fire = of_agency("WMP"), of_agency("WMFS")
    assert min(police, fire) > 0
    _erase(demo_copy, erasing.PARTNER, "WMFS")
    assert (of_agency("WMP"), of_agency("WMFS")) == (police, 0)
    header = read_header(demo_copy.store)
    _, _, store_keys = open_slot(header, "administrator", demo_copy.passphrases["administrator"])
    with administering(demo_copy.store, header.generation, store_keys.data) as connection:
        assert db.commitments.compare(connection, store_keys.commitment_key()) == []
        empty = connection.exec_driver_sql("SELECT count(*) FROM profile WHERE status = 'empty'").scalar()
        flags = connection.exec_driver_sql(
            "SELECT count(*) FROM flag_agreement WHERE agreement_ref IN ('WMFS-VISITS', 'WMFS-INCIDENTS')"
        ).scalar()
    assert (empty, flags) == (0, 0)


def test_every_table_about_people_is_reached_by_an_erasure() -> None:
    reached = {"contact", "source_record", "profile", "incident", "flag_agreement", "draft"}
    reached |= db.erasing.BY_RECORD.keys() | db.erasing.BY_CONTACT.keys()
    reached |= {table.name for table in db.erasing.by_profile()}
    about_people = {t.name for t in db.schema.metadata.tables.values() if table_class(t) == "personal"}
    assert about_people == reached
