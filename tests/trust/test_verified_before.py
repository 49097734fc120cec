"""A trail that was verified before is compared by hash: whatever was changed since is found, wherever it lies."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection

import db.audit
from db import audit_verification, keys, verified_before
from db.audit import BLOCK
from db.store import administering
from db.vault import open_slot, read_header
from db.verified_before import Verified
from kingshurst_tui.cli import main
from kingshurst_tui.errors import ExitCode
from kingshurst_tui.session import Session
from kingshurst_tui.upkeep.checking import check
from tests.trust.attacks import open_again, rebuild, with_the_data_key
from tests.trust.conftest import PASSPHRASES, Open

AT = "2026-05-04T11:00:00.000000Z"
EARLY, LATE = 700, BLOCK + 300


def _grown(session: Session, size: int) -> None:
    """Let the trail have so many entries, as many acts would."""
    entry: dict[str, object] = {
        "time": AT,
        "actor": session.user.name,
        "role": session.user.role.value,
        "agency": session.user.agency,
        "session": session.mark,
        "operation": "consult",
        "thing": "profile",
        "purpose": "",
        "reason": "panel-business",
        "result": "done",
        "facts": {},
        "software": "0",
    }
    with session.store.acting(session._acting_as("none")) as connection:
        while (have := db.audit.size(connection)) < size:
            body = entry | {"subjects": [f"KH-0000-{have % 50:04d}"]}
            db.audit.append(connection, session._pairs, body, words_key=session._words_key)


def _with_the_data_key(folder: Path, does: Callable[[Connection], object]) -> None:
    with with_the_data_key(folder) as connection:
        does(connection)


@pytest.fixture(scope="module")
def long(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Verified]:
    """A store whose trail is longer than a block, and what was verified of it. For reading: harm a copy."""
    folder = tmp_path_factory.mktemp("long") / "store"
    shutil.copytree(pristine, folder)
    session = open_again(folder)
    _grown(session, LATE + 20)
    session.close()
    _, verified = _verify(folder, None)
    assert verified is not None
    return folder, verified


@pytest.fixture
def kept(long: tuple[Path, Verified], folder: Path) -> tuple[Path, Verified]:
    """A copy of it."""
    shutil.rmtree(folder)
    shutil.copytree(long[0], folder)
    return folder, long[1]


def _verify(folder: Path, before: Verified | None) -> tuple[audit_verification.Verification, Verified | None]:
    header = read_header(folder)
    anchors = {slot.user: bytes.fromhex(slot.signing_public) for slot in header.slots}
    _, _, store_keys = open_slot(header, "administrator", PASSPHRASES["administrator"])
    with administering(folder, header.generation, store_keys.data) as connection:
        return verified_before.verify(connection, anchors, before, AT)


@pytest.mark.parametrize("size", [0, BLOCK - 1, BLOCK, BLOCK + 1])
def test_by_blocks_the_same_is_found_as_entry_by_entry(opened: Open, folder: Path, size: int) -> None:
    session = opened("coordinator")
    _grown(session, size)
    one_by_one = session.look(audit_verification.verify, {})
    found, verified = _verify(folder, None)
    assert found == one_by_one
    again, kept = _verify(folder, verified)
    assert again == one_by_one
    assert kept == verified
    assert (verified is None) == (size < BLOCK)


def test_what_came_since_is_verified_and_kept(opened: Open, folder: Path) -> None:
    session = opened("coordinator")
    _grown(session, LATE)
    _, verified = _verify(folder, None)
    _grown(session, 2 * BLOCK + 9)
    found, kept = _verify(folder, verified)
    assert found.holds
    assert found.root == session.look(audit_verification.verify, {}).root
    assert kept is not None
    assert kept.size == 2 * BLOCK


def _text_changed(connection: Connection, seq: int) -> None:
    connection.exec_driver_sql(
        "UPDATE audit_entry SET body = CAST(replace(CAST(body AS TEXT), 'KH-0000-', 'KH-1111-') AS BLOB) WHERE seq = ?",
        (seq,),
    )
    rebuild(connection)


def _signature_changed(connection: Connection, seq: int) -> None:
    connection.exec_driver_sql(
        "UPDATE audit_entry SET signature = (SELECT signature FROM audit_entry WHERE seq = ?) WHERE seq = ?",
        (seq - 1, seq),
    )
    rebuild(connection)


def _copy_changed(connection: Connection, seq: int) -> None:
    connection.exec_driver_sql("UPDATE audit_entry SET actor = 'supervisor' WHERE seq = ?", (seq,))


def _hash_changed(connection: Connection, seq: int) -> None:
    connection.exec_driver_sql("UPDATE audit_node SET hash = zeroblob(32) WHERE level = 0 AND position = ?", (seq - 1,))


@pytest.mark.parametrize("seq", [EARLY, LATE])
@pytest.mark.parametrize("forge", [_text_changed, _signature_changed, _copy_changed, _hash_changed])
def test_a_changed_entry_is_named_wherever_it_lies(
    kept: tuple[Path, Verified], forge: Callable[[Connection, int], None], seq: int
) -> None:
    folder, verified = kept
    _with_the_data_key(folder, lambda connection: forge(connection, seq))
    found, again = _verify(folder, verified)
    assert (found.first_bad, again) == (seq, None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (f"DELETE FROM audit_subject WHERE seq = {EARLY}", "who is named"),
        ("UPDATE audit_block SET entries = entries - 1 WHERE actor = '*' AND block = 0", "counts"),
        (f"DELETE FROM audit_entry WHERE seq = {EARLY}", "entries are missing"),
    ],
)
def test_what_lies_beside_the_entries_is_compared_too(kept: tuple[Path, Verified], change: str, said: str) -> None:
    folder, verified = kept
    _with_the_data_key(folder, lambda connection: connection.exec_driver_sql(change))
    found, _ = _verify(folder, verified)
    assert not found.holds
    assert said in found.problem


def test_history_that_its_own_signer_wrote_anew_is_found(kept: tuple[Path, Verified]) -> None:
    """Every signature holds then, and the tree: that it is another history, only what was verified before tells."""
    folder, verified = kept
    session = open_again(folder)

    def anew(connection: Connection) -> None:
        (body,) = connection.exec_driver_sql("SELECT body FROM audit_entry WHERE seq = ?", (EARLY,)).one()
        canonical = keys.canonical(json.loads(body) | {"reason": "safeguarding"})
        connection.exec_driver_sql(
            "UPDATE audit_entry SET body = ?, signature = ? WHERE seq = ?",
            (canonical, session._pairs.sign(canonical), EARLY),
        )
        rebuild(connection)

    session.close()
    _with_the_data_key(folder, anew)
    found, again = _verify(folder, verified)
    assert not found.holds
    assert "not those that you verified on 2026-05-04" in found.problem
    assert again is None
    assert _verify(folder, None)[0].holds


def test_only_ones_own_statement_counts(kept: tuple[Path, Verified], opened: Open) -> None:
    """Somebody with the data key writes history anew and says in a supervisor's name that it was verified."""
    folder = kept[0]
    supervisor, coordinator = opened("supervisor"), opened("coordinator")
    assert check(supervisor).whole
    vault, mine = read_header(folder).vault, supervisor.signing_public
    assert verified_before.held(folder, vault, "supervisor", mine) is not None

    coordinator.close()
    _with_the_data_key(folder, lambda connection: _text_changed(connection, EARLY))
    forged = Verified(BLOCK, "00" * 32, "", "", "", "", 0, {}, AT)
    document = keys.canonical(verified_before.statement(vault, "supervisor", forged))
    verified_before.keep(folder, "supervisor", document, coordinator._pairs.sign(document))
    assert verified_before.held(folder, vault, "supervisor", mine) is None
    wrong = [each.problems for each in check(supervisor).findings if each.problems]
    assert wrong == [(f"entry {EARLY}: its signature is not that of the person it names as acting",)]


@pytest.mark.parametrize("text", [b"", b"x", b"00 {}", b"zz {}", b"\xff\xfe", b"00 " + b"[" * 100_000])
def test_a_statement_that_is_none_is_none(folder: Path, text: bytes) -> None:
    verified_before.file_of(folder, "supervisor").write_bytes(text)
    assert verified_before.held(folder, read_header(folder).vault, "supervisor", bytes(32)) is None


def test_the_command_says_what_was_verified_when(
    kept: tuple[Path, Verified], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, passphrase = kept[0], tmp_path / "passphrase"
    passphrase.touch(0o600)
    passphrase.write_text(PASSPHRASES["supervisor"], encoding="utf-8")
    line = ["check", str(folder), "--user", "supervisor", "--passphrase-file", str(passphrase)]
    for more, said in (([], False), ([], True), (["--all"], False)):
        assert main([*line, *more]) == ExitCode.DONE
        assert (f"the signatures of {BLOCK} were verified before" in capsys.readouterr().out) is said
