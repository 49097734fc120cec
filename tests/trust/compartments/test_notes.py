"""Restricted notes: superseded and never written over, by whom and about whom."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kingshurst_tui import cli
from kingshurst_tui.casework import restricted_notes
from kingshurst_tui.casework.profiles import open_profile
from kingshurst_tui.errors import InputRejected, Refused
from tests.trust.compartments.sealed import (
    DRAFTED,
    NOTE,
    SAFEGUARDING,
    Town,
)


def test_a_note_is_superseded_and_never_overwritten(town: Town) -> None:
    first = town.opened().notes[0]
    with town.signed_in("practitioner") as session:
        second = restricted_notes.write(session, town.who, "It is a nephew", SAFEGUARDING, supersedes=first.number)
        with pytest.raises(InputRejected):
            restricted_notes.write(session, town.who, "Again", SAFEGUARDING, supersedes=first.number)
    notes = {note.number: note for note in town.opened().notes}
    assert (notes[first.number].text, notes[first.number].status) == (NOTE, "superseded")
    assert notes[first.number].superseded_by == second.number
    assert notes[second.number].supersedes == first.number
    assert all(note.signature_holds for note in notes.values())
    with town.raw() as connection, pytest.raises(Exception, match="superseded, never edited"):
        connection.exec_driver_sql("UPDATE restricted_note SET sealed = x'00'")


def test_a_note_says_who_wrote_it_whatever_the_table_says(town: Town) -> None:
    from db import triggers

    with town.raw() as connection:
        for name in triggers.names():
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        connection.exec_driver_sql("UPDATE restricted_note SET written_by = 'supervisor'")
    note = town.opened().notes[0]
    assert note.text == ""
    assert "not what was sealed" in note.problem


def test_who_may_write_and_about_whom(town: Town) -> None:
    for user in ("governance", "administrator"):
        with town.signed_in(user) as session, pytest.raises(Refused):
            restricted_notes.write(session, town.who, "No", SAFEGUARDING)
    with town.raw() as connection:
        masked = connection.exec_driver_sql(
            "SELECT pseudonym FROM profile WHERE status = 'open' AND id NOT IN (SELECT profile_id FROM opening) LIMIT 1"
        ).scalar_one()
    with town.signed_in("coordinator") as session:
        with pytest.raises(Refused):
            restricted_notes.write(session, masked, "No", SAFEGUARDING)
        with pytest.raises(InputRejected):
            restricted_notes.write(session, town.who, "  \n ", SAFEGUARDING)


def test_a_draft_comes_back_to_its_writer_and_goes_with_the_note(town: Town) -> None:
    with town.signed_in("practitioner") as session:
        number = open_profile(session, town.who, SAFEGUARDING).profile_id
        (draft,) = restricted_notes.drafts_of(session, number)
        assert draft.written == {"text": DRAFTED}
        restricted_notes.write(session, town.who, DRAFTED, SAFEGUARDING, begun=(draft,))
        assert restricted_notes.drafts_of(session, number) == ()


def test_at_the_command_line_the_text_comes_from_a_file(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    passphrase = town.demo.folder / "passphrases" / "supervisor"
    text = tmp_path / "note.txt"
    text.write_text("Sapphire umbrella\nOn two lines", encoding="utf-8")
    common = [str(town.store), town.who, "--user", "supervisor", "--passphrase-file", str(passphrase)]
    assert cli.main(["note", "add", *common, "--file", str(text), "--reason", "safeguarding", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["note"]["text"] == "Sapphire umbrella\nOn two lines"
    assert cli.main(["note", "list", *common, "--reason", "safeguarding", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["notes"]
    assert [note["text"] for note in listed] == ["Sapphire umbrella\nOn two lines", NOTE]
    assert cli.main(["note", "list", *common, "--reason", "safeguarding"]) == 0
    assert "written by coordinator on 4 May 2026 (signature holds)" in capsys.readouterr().out
    refused = [str(passphrase.with_name("governance")) if part == str(passphrase) else part for part in common]
    refused = ["governance" if part == "supervisor" else part for part in refused]
    assert cli.main(["note", "list", *refused]) == 3
