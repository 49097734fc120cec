"""Whose signatures count for an erasure is what the trail introduced; each way round that is tried."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

import db.audit
import db.erasing
import db.users
from db import commitments, keys
from db.erasure_lists import signed_subjects
from db.vault import open_slot, read_header
from kingshurst_tui.acts import Reason
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.granting import grants
from kingshurst_tui.keyholding import recovery, users
from kingshurst_tui.oversight import erasure
from kingshurst_tui.upkeep import backups, erasure_list
from kingshurst_tui.upkeep.drills import Opener
from kingshurst_tui.upkeep.replaced_store import look_at
from kingshurst_tui.upkeep.restoring import Restored, restore
from kingshurst_tui.upkeep.upgrading import upgrade
from kingshurst_tui.vocabulary import ReasonCode, Role
from tests.older import OF_GRANTS, make_older
from tests.trust.attacks import rebuild, with_the_data_key
from tests.trust.erased import keys_of, raw

RIGHTS = Reason(ReasonCode.RIGHTS)
BOTH = ("governance", "supervisor")
AT = "2026-05-01T00:00:00Z"
Smuggle = Callable[[Connection, bytes], None]


def _people(connection: Connection) -> set[str]:
    return set(connection.exec_driver_sql("SELECT pseudonym FROM profile WHERE status <> 'erased'").scalars())


def _somebody(demo: DemoStore) -> str:
    with demo.signed_in("governance") as session:
        return min(session.look(_people))


def _pairs(demo: DemoStore, name: str) -> keys.UserKeys:
    return open_slot(read_header(demo.store), name, demo.passphrases[name])[1]


def _document(person: str) -> bytes:
    return keys.canonical({"erase": "person", "subject": person, "also": [], "records": []})


def _row(document: bytes, person: str, first: bytes, second: bytes, names: tuple[str, str] = BOTH) -> dict[str, Any]:
    return {
        "kind": "person",
        "subject": person,
        "document": document.decode(),
        "asked_by": names[0],
        "asked_at": AT,
        "signature": first,
        "confirmed_by": names[1],
        "confirmed_at": AT,
        "confirmation": second,
        "status": "confirmed",
    }


def _insert(connection: Connection, row: dict[str, Any]) -> None:
    marks = ",".join("?" * len(row))
    connection.exec_driver_sql(f"INSERT INTO erasure ({','.join(row)}) VALUES ({marks})", tuple(row.values()))
    connection.commit()


def _signed_row(demo: DemoStore, person: str, names: tuple[str, str] = BOTH) -> dict[str, Any]:
    """A row that both of them signed for, and that was cut off before it was carried out."""
    document = _document(person)
    first, second = (_pairs(demo, name).sign(document) for name in names)
    return _row(document, person, first, second, names)


def _among_earlier_keys(connection: Connection, public: bytes) -> None:
    for name in BOTH:
        db.users.put_setting(connection, db.users.EARLIER_KEYS + name, public.hex())


def _in_the_table_of_users(connection: Connection, public: bytes) -> None:
    for name in BOTH:
        connection.exec_driver_sql('UPDATE "user" SET signing_public = ? WHERE name = ?', (public, name))


def _forge(demo: DemoStore, person: str, smuggle: Smuggle) -> None:
    """What a practitioner writes with the data key and their own key pair, in two other people's names."""
    pairs, document = _pairs(demo, "practitioner"), _document(person)
    signature = pairs.sign(document)
    with raw(demo) as connection:
        smuggle(connection, pairs.signing_public)
        _insert(connection, _row(document, person, signature, signature))


def _backed_up(demo: DemoStore, path: Path) -> None:
    with demo.signed_in("administrator") as session:
        assert backups.backup(session, path).verified


def _restored(demo: DemoStore, copy: Path, to: Path, listed: Path | None = None) -> Restored:
    officer = Opener("governance", demo.passphrases["governance"])
    return restore(copy, to, officer, replace_store=to == demo.store, erasures=listed, clock=demo.clock)


def _is_there(demo: DemoStore, person: str) -> bool:
    with demo.signed_in("coordinator") as session:
        return person in session.look(_people)


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    """A row as a list has it."""
    leaves = {name: leaf.hex() if isinstance(leaf, bytes) else leaf for name, leaf in row.items() if name != "status"}
    return leaves | {"subjects": [row["subject"]]}


def _by_list(demo: DemoStore, folder: Path, entries: list[dict[str, Any]]) -> Restored:
    """Restore the copy in a folder by a list that somebody else wrote into."""
    with demo.signed_in("governance") as session:
        erasure_list.write(session, folder / "list")
    said = json.loads((folder / "list").read_bytes())
    said["list"]["erasures"] = entries
    (folder / "changed").write_text(json.dumps(said))
    return _restored(demo, folder / "copy", folder / "again", folder / "changed")


SMUGGLED = pytest.mark.parametrize(
    "smuggle", [_among_earlier_keys, _in_the_table_of_users], ids=lambda smuggle: smuggle.__name__.strip("_")
)


# --- whose signatures do not count -----------------------------------------------------------------------------------


@SMUGGLED
def test_one_key_smuggled_in_as_two_peoples_erases_nobody(smuggle: Smuggle, demo_copy: DemoStore) -> None:
    """Cryptographic, as far as a checkpoint covers the trail: a table does not say whose key is whose."""
    _forge(demo_copy, person := _somebody(demo_copy), smuggle)
    with demo_copy.signed_in("coordinator") as session:
        assert person in session.look(_people)
        assert [row.status for row in session.look(db.erasing.every)] == ["refused"]


@SMUGGLED
def test_one_key_smuggled_into_a_store_that_is_replaced_erases_nobody(
    smuggle: Smuggle, demo_copy: DemoStore, tmp_path: Path
) -> None:
    _backed_up(demo_copy, tmp_path / "copy")
    _forge(demo_copy, person := _somebody(demo_copy), smuggle)
    done = _restored(demo_copy, tmp_path / "copy", demo_copy.store)
    assert (done.erased_again, done.not_replayed) == (0, 1)
    assert _is_there(demo_copy, person)


def test_a_list_in_two_names_and_one_hand_erases_nobody(demo_copy: DemoStore, tmp_path: Path) -> None:
    """The copy was made after the key was smuggled in."""
    person = _somebody(demo_copy)
    pairs, document = _pairs(demo_copy, "practitioner"), _document(person)
    with raw(demo_copy) as connection, connection.begin():
        _among_earlier_keys(connection, pairs.signing_public)
        commitments.recount(connection, keys_of(demo_copy).commitment_key())
    _backed_up(demo_copy, tmp_path / "copy")
    signature = pairs.sign(document)
    done = _by_list(demo_copy, tmp_path, [_entry(_row(document, person, signature, signature))])
    assert (done.erased_again, done.not_replayed, done.list_whole) == (0, 1, False)


def test_an_administrator_who_invents_two_people_erases_nobody(demo_copy: DemoStore, tmp_path: Path) -> None:
    """Whom one person introduced alone holds no role yet, and signs for nothing."""
    _backed_up(demo_copy, tmp_path / "copy")
    person, names = _somebody(demo_copy), ("invented", "imagined")
    with demo_copy.signed_in("administrator") as session:
        for name, role in zip(names, (Role.GOVERNANCE, Role.SUPERVISOR), strict=True):
            demo_copy.passphrases[name] = "seven lanterns under wet hill"
            users.add_user(session, name, name.title(), "SMBC", role, demo_copy.passphrases[name])
    with raw(demo_copy) as connection:
        _insert(connection, _signed_row(demo_copy, person, names))
    assert _is_there(demo_copy, person)
    with raw(demo_copy) as connection:
        _insert(connection, _signed_row(demo_copy, person, names))
    done = _restored(demo_copy, tmp_path / "copy", demo_copy.store)
    assert (done.erased_again, done.not_replayed) == (0, 1)
    assert _is_there(demo_copy, person)


def test_a_replaced_store_whose_trail_was_written_anew_introduces_nobody(demo_copy: DemoStore, tmp_path: Path) -> None:
    """Every introduction in it holds, by the one key that signed them all; it is not the trail that was copied."""
    _backed_up(demo_copy, tmp_path / "copy")
    person, pairs = _somebody(demo_copy), _pairs(demo_copy, "practitioner")
    with with_the_data_key(demo_copy.store, demo_copy.passphrases["administrator"]) as connection:
        connection.exec_driver_sql("DELETE FROM role_grant")
        for entry in list(db.audit.entries(connection)):
            body = json.loads(entry.body)
            if body["thing"] not in ("user", "role-grant"):
                continue
            facts = {name: fact for name, fact in body["facts"].items() if name not in OF_GRANTS}
            if "signing_public" in facts:
                facts["signing_public"] = pairs.signing_public.hex()
            canonical = keys.canonical(body | {"facts": facts})
            connection.exec_driver_sql(
                "UPDATE audit_entry SET body = ?, signature = ? WHERE seq = ?",
                (canonical, pairs.sign(canonical), entry.seq),
            )
        rebuild(connection)
    _forge(demo_copy, person, lambda *_: None)
    done = _restored(demo_copy, tmp_path / "copy", demo_copy.store)
    assert (done.erased_again, done.not_replayed) == (0, 1)
    assert _is_there(demo_copy, person)


# --- whose do --------------------------------------------------------------------------------------------------------


def test_what_two_people_signed_for_is_completed_whoever_of_them_left_or_has_another_key(
    demo_copy: DemoStore,
) -> None:
    row = _signed_row(demo_copy, person := _somebody(demo_copy))
    _another_officer(demo_copy)
    with demo_copy.signed_in("administrator") as session:
        users.leave(session, "governance")
    _new_keys(demo_copy, "supervisor")
    with raw(demo_copy) as connection:
        _insert(connection, row)
    assert not _is_there(demo_copy, person)


def test_who_was_given_another_key_signs_with_it(demo_copy: DemoStore) -> None:
    _new_keys(demo_copy, "supervisor")
    with raw(demo_copy) as connection:
        _insert(connection, _signed_row(demo_copy, person := _somebody(demo_copy)))
    assert not _is_there(demo_copy, person)


def _new_keys(demo: DemoStore, name: str) -> None:
    paper = (demo.folder / "passphrases" / "RECOVERY").read_text(encoding="utf-8").strip()
    demo.passphrases[name] = "eight lanterns over dry hill"
    recovery.recover(demo.store, name, paper, demo.passphrases[name], clock=demo.clock)


def _another_officer(demo: DemoStore) -> None:
    demo.passphrases["newcomer"] = "seven lanterns under wet hill"
    with demo.signed_in("administrator") as session:
        users.add_user(session, "newcomer", "New Comer", "SMBC", Role.GOVERNANCE, demo.passphrases["newcomer"])
    with demo.signed_in("supervisor") as session:
        grants.confirm(session, "newcomer")


@pytest.mark.parametrize("listed", [False, True])
def test_whoever_came_after_the_copy_and_left_again_is_known_by_the_replaced_trail(
    listed: bool, demo_copy: DemoStore, tmp_path: Path
) -> None:
    _backed_up(demo_copy, tmp_path / "copy")
    person = _somebody(demo_copy)
    _another_officer(demo_copy)
    with demo_copy.signed_in("newcomer") as session:
        number = erasure.ask(session, "person", person, RIGHTS)
    with demo_copy.signed_in("supervisor") as session:
        erasure.confirm(session, number, RIGHTS, also=())
    with demo_copy.signed_in("newcomer") as session:
        erasure_list.write(session, tmp_path / "list")
    with demo_copy.signed_in("administrator") as session:
        users.leave(session, "newcomer")
    if listed:
        with raw(demo_copy) as connection, connection.begin():
            connection.exec_driver_sql("DELETE FROM tombstone")
            connection.exec_driver_sql("DELETE FROM erasure")
    copy, path = tmp_path / "copy", tmp_path / "list"
    alone = _restored(demo_copy, copy, tmp_path / "alone", path)
    assert (alone.erased_again, alone.not_replayed, alone.list_whole) == (0, 1, False)
    done = _restored(demo_copy, copy, demo_copy.store, path if listed else None)
    assert (done.erased_again, done.not_replayed, done.list_whole) == (1, 0, True)
    assert not _is_there(demo_copy, person)


def test_what_was_signed_for_before_there_were_grants_is_completed(demo_copy: DemoStore) -> None:
    """Nobody has confirmed the roles of these two since; the trail says that they had them."""
    person = _somebody(demo_copy)
    make_older(demo_copy.store, demo_copy.passphrases)
    upgrade(demo_copy.store, "administrator", demo_copy.passphrases["administrator"], clock=demo_copy.clock)
    with raw(demo_copy) as connection:
        _insert(connection, _signed_row(demo_copy, person))
    with demo_copy.signed_in("coordinator") as session:
        assert session.user.is_waiting
        assert person not in session.look(_people)


def test_a_replaced_store_of_before_there_were_grants_says_who_signed(demo_copy: DemoStore, tmp_path: Path) -> None:
    person = _somebody(demo_copy)
    make_older(demo_copy.store, demo_copy.passphrases)
    done = upgrade(demo_copy.store, "administrator", demo_copy.passphrases["administrator"], clock=demo_copy.clock)
    assert done.copy is not None
    with raw(demo_copy) as connection:
        _insert(connection, _signed_row(demo_copy, person))
    restored = _restored(demo_copy, done.copy, demo_copy.store)
    assert (restored.erased_again, restored.not_replayed) == (1, 0)


def test_a_replaced_store_whose_tables_are_older_than_grants_is_read_all_the_same(
    demo_copy: DemoStore, tmp_path: Path
) -> None:
    _backed_up(demo_copy, tmp_path / "copy")
    person = _somebody(demo_copy)
    with raw(demo_copy) as connection:
        _insert(connection, _signed_row(demo_copy, person))
    make_older(demo_copy.store, demo_copy.passphrases, "0002")
    old = look_at(demo_copy.store, Opener(BOTH[0], demo_copy.passphrases[BOTH[0]]), keys_of(demo_copy))
    assert old.signers.known.keys() == set(BOTH)
    done = _restored(demo_copy, tmp_path / "copy", demo_copy.store)
    assert (done.erased_again, done.not_replayed) == (1, 0)


def test_entries_of_no_form_at_all_keep_no_copy_from_being_brought_back(demo_copy: DemoStore, tmp_path: Path) -> None:
    _backed_up(demo_copy, tmp_path / "copy")
    person = _somebody(demo_copy)
    with raw(demo_copy) as connection:
        _insert(connection, _signed_row(demo_copy, person))
    with with_the_data_key(demo_copy.store, demo_copy.passphrases["administrator"]) as connection:
        connection.exec_driver_sql("UPDATE audit_entry SET body = CAST(body AS TEXT) WHERE seq = 3")
    done = _restored(demo_copy, tmp_path / "copy", demo_copy.store)
    assert (done.erased_again, done.not_replayed) == (1, 0)


# --- leaves of another type ------------------------------------------------------------------------------------------

WRONG: dict[str, Any] = {
    "kind": b"person",
    "subject": b"KH",
    "document": b"{}",
    "asked_by": b"governance",
    "asked_at": b"2026",
    "signature": "text",
    "confirmed_by": b"supervisor",
    "confirmed_at": b"2026",
    "confirmation": "text",
}


@pytest.mark.parametrize("leaf", WRONG)
def test_a_row_with_a_leaf_of_another_type_is_one_that_nobody_signed(leaf: str, demo_copy: DemoStore) -> None:
    person = _somebody(demo_copy)
    with raw(demo_copy) as connection:
        _insert(connection, _signed_row(demo_copy, person) | {leaf: WRONG[leaf]})
    for _ in range(2):
        with demo_copy.signed_in("coordinator") as session:
            assert person in session.look(_people)
            assert [row.status for row in session.look(db.erasing.every)] == ["refused"]


def test_rows_with_leaves_of_another_type_keep_no_copy_from_being_brought_back(
    demo_copy: DemoStore, tmp_path: Path
) -> None:
    _backed_up(demo_copy, tmp_path / "copy")
    with demo_copy.signed_in("governance") as session:
        one, *others = sorted(session.look(_people))
    with raw(demo_copy) as connection:
        _insert(connection, _signed_row(demo_copy, one))
        for person, (leaf, wrong) in zip(others, WRONG.items(), strict=False):
            _insert(connection, _signed_row(demo_copy, person) | {leaf: wrong})
        connection.exec_driver_sql(
            "INSERT INTO tombstone (erasure_id, subject, counts, erased_at) VALUES (1, ?, '{}', ?)", (b"KH", AT)
        )
        connection.commit()
    done = _restored(demo_copy, tmp_path / "copy", demo_copy.store)
    assert (done.erased_again, done.not_replayed) == (1, len(WRONG))
    with demo_copy.signed_in("coordinator") as session:
        assert session.look(_people) == set(others)


def test_a_listed_erasure_with_a_leaf_of_another_type_is_one_that_nobody_signed(
    demo_copy: DemoStore, tmp_path: Path
) -> None:
    _backed_up(demo_copy, tmp_path / "copy")
    entry = _entry(_signed_row(demo_copy, person := _somebody(demo_copy)))
    wrong: list[dict[str, Any]] = [{name: leaf} for name in entry for leaf in (1, None, ["x"], {"x": 1})]
    wrong += [{"subjects": [person, None]}, {"signature": "not hex"}]
    others = [entry | each for each in wrong if "subjects" not in each or each["subjects"] != ["x"]]
    done = _by_list(demo_copy, tmp_path, others)
    assert done.erased_again == 0
    assert done.not_replayed > 0


WHOM = [("KH-0000-0001", also) for also in ([1, None], ["KH", 1], [["KH"]], "KH", None, 3, {"KH": 1})]


@pytest.mark.parametrize(("subject", "also"), [*WHOM, *((each, ["KH-0000-0001"]) for each in (1, None, ["KH"]))])
def test_a_document_in_which_a_subject_is_no_string_takes_nobody(subject: object, also: object) -> None:
    assert signed_subjects(json.dumps({"subject": subject, "also": also})) == frozenset()
