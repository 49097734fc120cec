"""Whoever rewrites, cuts or rolls back the trail is caught by what a supervisor holds; nobody cosigns two histories."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

import db.audit
from db import heads, keys, merkle, notes
from db.vault import read_header
from kingshurst_tui import session as sessions
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.errors import InputRejected, IntegrityFailure, KingshurstError, Refused
from kingshurst_tui.oversight.checkpoints import make_checkpoint, standing, take_away
from kingshurst_tui.oversight.cosigning import cosign
from kingshurst_tui.oversight.held_checkpoints import held_file
from kingshurst_tui.oversight.trail import verify_trail
from kingshurst_tui.vocabulary import Operation, Thing
from tests.trust.attacks import consult, cut, entries, open_again, rewrite_history, sizes, with_the_data_key
from tests.trust.conftest import Open


def test_closing_writes_a_checkpoint_and_nothing_where_nothing_was_appended(folder: Path) -> None:
    session = open_again(folder)
    consult(session)
    size = entries(session)
    session.close()
    assert sizes(folder)[-1] == size
    before = {path: path.stat().st_mtime_ns for path in (folder / "heads").iterdir()}
    open_again(folder).close()
    assert {path: path.stat().st_mtime_ns for path in (folder / "heads").iterdir()} == before


def test_a_checkpoint_is_written_at_least_every_so_many_entries(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "CHECKPOINT_EVERY", 10)
    session = open_again(folder)
    start = entries(session)
    consult(session, 35)
    covered = sizes(folder)
    assert covered[-1] > start + 35 - 10
    assert all(after - before <= 10 for before, after in pairwise(covered) if before >= start)
    session.close()


def test_a_session_of_a_thousand_entries_writes_one_before_it_closes(folder: Path) -> None:
    """Users are told that at most the newest 1,000 entries are under no checkpoint (docs/audit.md)."""
    assert sessions.CHECKPOINT_EVERY <= 1_000
    session = open_again(folder)
    covered, start = sizes(folder)[-1], entries(session)
    body = json.loads(session.look(lambda each: list(db.audit.entries(each)))[-1].body)
    said = {name: value for name, value in body.items() if name not in ("seq", "format")}
    with session.store.acting(session._acting_as("none")) as connection:  # in one commit: a commit each takes seconds
        while db.audit.size(connection) < covered + 998:
            db.audit.append(connection, session._pairs, said, words_key=session._words_key)
    assert entries(session) > start
    assert sizes(folder)[-1] == covered
    consult(session, 2)
    assert sizes(folder)[-1] == covered + 1_000
    session.close()


def test_refusals_count_towards_the_next_checkpoint(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "CHECKPOINT_EVERY", 10)
    session = open_again(folder, "administrator")
    start = entries(session)
    for _ in range(25):
        with pytest.raises(Refused):
            consult(session)
    assert sizes(folder)[-1] > start + 25 - 10
    session.close()


def test_heads_are_for_their_owner_alone_and_do_not_pile_up(
    folder: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "KEPT_UNCOSIGNED", 5)
    supervisor, coordinator = opened("supervisor"), opened("coordinator")
    cosigned = cosign(supervisor).entries
    for _ in range(25):
        consult(coordinator)
        make_checkpoint(coordinator)
    assert cosigned in sizes(folder)
    assert len(sizes(folder)) <= 12
    assert sizes(folder)[-1] == entries(coordinator)
    for path in [folder / "heads", *(folder / "heads").iterdir()]:
        assert path.stat().st_mode & 0o077 == 0, path.name


def test_who_signed_and_cosigned_is_shown_with_a_code(opened: Open, clock: FixedClock) -> None:
    supervisor, coordinator = opened("supervisor"), opened("coordinator")
    consult(coordinator, 3)
    found = cosign(supervisor)
    assert found.cosigned is not None
    assert found.newest == found.cosigned == found.held
    assert [(each.user, each.role, each.at[:16]) for each in found.cosigned.cosigners] == [
        ("supervisor", "supervisor", "2026-05-04T11:00")
    ]
    assert found.since_cosigned == 0
    consult(coordinator, 4)
    found = standing(supervisor)
    assert (found.since_newest, found.since_cosigned) == (4, 4)
    assert make_checkpoint(coordinator).since_newest == 0


@pytest.mark.parametrize("name", ["coordinator", "practitioner", "governance", "administrator"])
def test_only_supervisors_cosign(name: str, opened: Open, folder: Path) -> None:
    session = opened(name)
    with pytest.raises(Refused):
        cosign(session)
    header = read_header(folder)
    assert not held_file(header.vault).exists()
    known = session.look(heads.known_keys, header)
    found = heads.newest_first(folder, heads.origin(header.vault), known)
    assert not any(notes.signers(each, known).cosigned for each in found)


def test_cosigning_again_without_a_new_entry_writes_none(opened: Open) -> None:
    supervisor = opened("supervisor")
    first = cosign(supervisor)
    assert cosign(supervisor) == first


def test_a_history_written_anew_with_the_data_key_does_not_extend_what_is_held(folder: Path, opened: Open) -> None:
    supervisor, coordinator = opened("supervisor"), opened("coordinator")
    cosign(supervisor)
    agreed = entries(supervisor)
    consult(coordinator, 8)
    target = entries(coordinator) - 2
    held = cosign(supervisor)
    rewrite_history(folder, target)
    shutil.rmtree(folder / "heads")  # whoever can rewrite the store can empty the folder
    with pytest.raises(IntegrityFailure) as refused:
        cosign(supervisor)
    assert f"entries 1 to {held.entries:,} are in doubt" in refused.value.detail
    with pytest.raises(IntegrityFailure):
        open_again(folder)
    assert agreed < target


@pytest.mark.parametrize("with_its_hash", [False, True])
def test_an_entry_changed_under_a_tree_that_is_left_alone_is_named_on_cosigning(
    with_its_hash: bool, folder: Path, opened: Open
) -> None:
    supervisor, coordinator = opened("supervisor"), opened("coordinator")
    consult(coordinator, 6)
    cosign(supervisor)
    target = entries(coordinator) - 3
    with with_the_data_key(folder) as connection:
        said = connection.exec_driver_sql("SELECT body FROM audit_entry WHERE seq = ?", (target,)).scalar_one()
        body = keys.canonical(json.loads(said) | {"reason": "safeguarding"})
        signature = coordinator._pairs.sign(body)  # of one's own entry: the signature is right
        connection.exec_driver_sql(
            "UPDATE audit_entry SET body = ?, signature = ? WHERE seq = ?", (body, signature, target)
        )
        if with_its_hash:
            connection.exec_driver_sql(
                "UPDATE audit_node SET hash = ? WHERE level = 0 AND position = ?",
                (merkle.leaf_hash(signature + body), target - 1),
            )
    consult(coordinator)
    with pytest.raises(IntegrityFailure, match=r"is not what it was|entry \d"):
        cosign(supervisor)
    found = verify_trail(supervisor).first_bad
    assert found is not None
    assert target <= found <= target + 1  # a pair's own hash is the first that cannot be made to fit


def test_an_earlier_checkpoint_narrows_down_which_entries_are_in_doubt(folder: Path, opened: Open) -> None:
    supervisor, coordinator = opened("supervisor"), opened("coordinator")
    agreed = cosign(supervisor).entries
    consult(coordinator, 8)
    target = entries(coordinator) - 2
    held = cosign(supervisor).entries
    rewrite_history(folder, target)
    with pytest.raises(IntegrityFailure) as refused:
        open_again(folder)
    assert f"entries {agreed + 1:,} to {held:,} are in doubt" in refused.value.detail


def test_a_trail_cut_off_is_noticed_by_the_heads_beside_it(folder: Path) -> None:
    session = open_again(folder)
    consult(session, 5)
    size = entries(session)
    session.close()
    cut(folder, size - 3)
    with pytest.raises(IntegrityFailure) as refused:
        open_again(folder)
    assert f"entries {size - 2:,} to {size:,} are gone" in refused.value.detail
    assert refused.value.exit_code == 6


def test_an_older_copy_of_the_whole_vault_put_back_is_noticed_by_what_is_held(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "older")
    supervisor = open_again(folder, "supervisor")
    held = cosign(supervisor).entries
    supervisor.close()
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "older", folder)
    with pytest.raises(IntegrityFailure) as refused:
        open_again(folder)
    assert f"to {held:,} are gone" in refused.value.detail
    assert str(held_file(read_header(folder).vault)) in refused.value.detail


def test_without_what_is_held_elsewhere_an_older_copy_opens_and_the_documents_say_so(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(folder, tmp_path / "older")
    supervisor = open_again(folder, "supervisor")
    cosign(supervisor)
    supervisor.close()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another terminal"))
    open_again(tmp_path / "older").close()


def test_checking_still_works_in_a_store_that_is_in_doubt_and_nothing_else_does(folder: Path) -> None:
    session = open_again(folder)
    consult(session, 5)
    size = entries(session)
    session.close()
    cut(folder, size - 3)
    before = sizes(folder)
    checking = open_again(folder, checking=True)
    assert verify_trail(checking).holds  # what is left was written so; the checkpoint tells what is missing
    assert isinstance(checking.doubt, IntegrityFailure)
    with pytest.raises(IntegrityFailure):
        consult(checking)
    with pytest.raises(IntegrityFailure):
        checking.stage(Operation.COLLECT, Thing.BATCH, db.audit.size)
    checking.close()
    assert sizes(folder) == before


def test_a_cosigned_head_deleted_is_named_and_an_older_one_in_its_place_too(folder: Path, opened: Open) -> None:
    supervisor, coordinator = opened("supervisor"), opened("coordinator")
    cosign(supervisor)
    older = {path.name: path.read_bytes() for path in (folder / "heads").glob("*.checkpoint")}
    consult(coordinator, 2)
    by_entry = cosign(supervisor).entries
    (folder / "heads" / f"{by_entry:012d}.checkpoint").unlink()
    assert standing(supervisor).missing_after == by_entry
    newest = max(older)
    (folder / "heads" / f"{by_entry:012d}.checkpoint").write_bytes(older[newest])
    assert standing(supervisor).missing_after == by_entry
    (folder / "heads" / f"{by_entry:012d}.checkpoint").unlink()
    cosign(supervisor)  # from what she holds
    assert standing(supervisor).missing_after is None


def test_a_forged_cosignature_counts_for_nothing(folder: Path, opened: Open) -> None:
    coordinator = opened("coordinator")
    consult(coordinator)
    make_checkpoint(coordinator)
    path = sorted((folder / "heads").glob("*.checkpoint"))[-1]
    plain = notes.read(path.read_bytes())
    forger = keys.UserKeys.generate()
    path.write_bytes(notes.cosigned(plain, "supervisor", forger, 1_777_892_400).text)
    found = standing(coordinator)
    assert found.newest is not None
    assert found.newest.cosigners == ()
    # The right key's name under a wrong signature makes the whole note worthless.
    header = read_header(folder)
    (public,) = coordinator.look(heads.known_keys, header)["supervisor"]
    (line,) = (each for each in notes.cosigned(replace(plain, lines=()), "supervisor", forger, 1_777_892_400).lines)
    line = replace(line, key_id=notes.key_id(line.name, notes.COSIGNED, public))
    path.write_bytes(plain.with_lines([line]).text)
    assert plain.size not in [
        each.size for each in heads.newest_first(folder, plain.origin, coordinator.look(heads.known_keys, header))
    ]


@pytest.mark.parametrize("content", [b"", b"\xff" * 50, b"kingshurst/x\n9\nAAAA\n\n", b"x" * 200_000])
def test_a_head_that_is_none_stops_nobody(content: bytes, folder: Path) -> None:
    (folder / "heads" / "999999999999.checkpoint").write_bytes(content)
    session = open_again(folder)
    consult(session)
    session.close()
    assert open_again(folder).doubt is None


def test_what_is_held_is_written_before_the_cosignature(
    folder: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor = opened("supervisor")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(heads, "put", killed)
        with pytest.raises(KeyboardInterrupt):
            cosign(supervisor)
    vault = read_header(folder).vault
    held = heads.read_held(held_file(vault))
    assert held is not None
    assert held.size == entries(supervisor)
    assert standing(supervisor).cosigned is None
    found = cosign(supervisor)
    assert found.cosigned is not None
    assert (found.cosigned.size, found.entries) == (held.size, held.size)


def test_a_first_cosigning_verifies_everything(folder: Path, opened: Open) -> None:
    supervisor, coordinator = opened("supervisor"), opened("coordinator")
    consult(coordinator, 3)
    target = entries(coordinator) - 1
    rewrite_history(folder, target)
    with pytest.raises(IntegrityFailure, match=f"entry {target}"):
        cosign(supervisor)


def test_what_is_held_may_lie_anywhere_and_must_be_of_this_store(opened: Open, tmp_path: Path) -> None:
    supervisor = opened("supervisor")
    place = tmp_path / "stick" / "held.checkpoint"
    cosign(supervisor, place)
    assert notes.read(place.read_bytes()).size == entries(supervisor)
    other = replace(notes.read(place.read_bytes()), origin="kingshurst/another")
    place.write_bytes(other.text)
    with pytest.raises(InputRejected, match="another store"):
        cosign(supervisor, place)
    place.write_bytes(b"garbage")
    with pytest.raises(IntegrityFailure, match="cannot be read"):
        cosign(supervisor, place)


def test_a_checkpoint_is_taken_away_to_a_new_file_only(opened: Open, tmp_path: Path) -> None:
    supervisor = opened("supervisor")
    found = cosign(supervisor)
    assert take_away(supervisor, tmp_path / "away") == found.cosigned
    with pytest.raises(KingshurstError):
        take_away(supervisor, tmp_path / "away")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KingshurstError):
        take_away(supervisor, tmp_path / "link")
    assert not (tmp_path / "elsewhere").exists()


def test_a_store_rolled_back_under_an_open_session_is_noticed_at_its_next_checkpoint(
    folder: Path, opened: Open
) -> None:
    coordinator = opened("coordinator")
    consult(coordinator, 4)
    make_checkpoint(coordinator)
    cut(folder, entries(coordinator) - 2)
    consult(coordinator)
    with pytest.raises(IntegrityFailure):
        make_checkpoint(coordinator)


def test_a_newer_head_over_a_history_written_anew_does_not_hide_the_cosigned_one(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor, coordinator = open_again(folder, "supervisor"), open_again(folder)
    consult(coordinator, 4)
    held = cosign(supervisor).entries
    supervisor.close()
    rewrite_history(folder, held - 2)
    # The coordinator signs the new history as if it had always been so, at a terminal where nothing is held.
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another terminal"))
    consult(coordinator)
    header = read_header(folder)
    now = coordinator.look(heads.current, heads.origin(header.vault))
    heads.put(folder, notes.signed(now, "coordinator", coordinator._pairs), coordinator.look(heads.known_keys, header))
    coordinator.close()
    with pytest.raises(IntegrityFailure) as refused:
        open_again(folder)
    assert f"to {held:,} are in doubt" in refused.value.detail
    assert "signed by supervisor" in refused.value.detail
