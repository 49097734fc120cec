"""Whether a store is one that people could go on working with: opened as they open it, then looked through whole."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db import copies
from db.connecting import connect
from db.errors import WrongPassphrase
from db.person_keys import person_keys_file
from db.store import data_file
from db.vault import HEADER, Header, StoreKeys, open_slot, read_header
from kingshurst_tui import vaults
from kingshurst_tui.oversight.trail import verify_trail
from kingshurst_tui.upkeep.upgrading import upgrade
from tests.faults.rig.scenarios import PASSPHRASE, Scenario
from tests.faults.rig.settings import CLOCK


class Broken(AssertionError):
    """A store is not what it must be."""


@dataclass(frozen=True, slots=True)
class State:
    """What a store holds, for comparing.

    Attributes:
        header: which users may open it, in which role and state, and with the passphrase of which step.
        data: a digest of every row of every table, before anybody opened the store.
        person: a digest of the per-person keys.
        counts: rows by table.
        entries: how many entries the audit trail has.
        stands: what the scenario's query counts.
        agree: whether header and tables know the same users, in the same roles and states. In the middle of a change
            they may not: a slot opens nothing without its user.
    """

    header: tuple[Any, ...] = ()
    data: str = ""
    person: str = ""
    counts: tuple[tuple[str, int], ...] = ()
    entries: int = 0
    stands: int = 0
    agree: bool = True

    @property
    def exists(self) -> bool:
        """Whether there is a store at all."""
        return bool(self.header)


NO_STORE = State()


Known = dict[tuple[object, ...], State]
"""What was found in stores that were looked through, by everything that tells one from another."""


def look_through(folder: Path, scenario: Scenario, known: Known | None = None) -> State:
    """Open a store and check all that can be checked; return what it holds. Raises: Broken, KingshurstError.

    The digests are of a copy that nobody has opened: opening may itself go on with what was cut off.

    Args:
        known: stores looked through before. One that has the same rows in both databases, the same bytes in every other
            file and files of the same names gets both of SQLCipher's checks and is not opened again as people do.
    """
    if scenario.makes_copy:
        _whole_copy(folder.parent / "copies" / "town")
    if scenario.makes_store and not (folder / HEADER).exists():
        return NO_STORE
    header = read_header(folder)
    _, store_keys = _unlocked(folder, header, scenario)
    if known is None:
        return _looked_through(folder, header, scenario, _untouched(folder, header, store_keys))
    found = _untouched(folder, header, store_keys, sound=True)
    same = scenario.name, *found, _other_files(folder.parent)
    if same not in known:
        known[same] = _looked_through(folder, header, scenario, found)
    return known[same]


def _looked_through(folder: Path, header: Header, scenario: Scenario, untouched: tuple[str, str]) -> State:
    opened_with, _ = _unlocked(folder, header, scenario)
    if scenario.older:
        upgrade(
            folder, "administrator", PASSPHRASE.format("administrator"), copy=folder.parent / "going in", clock=CLOCK
        )
        header = read_header(folder)
    _go_in(folder, header, opened_with, scenario)
    header = read_header(folder)
    _, store_keys = _unlocked(folder, header, scenario)
    return _contents(folder, header, store_keys, opened_with, untouched, scenario.stands)


def glance(folder: Path, scenario: Scenario) -> tuple[object, ...]:
    """Return what tells two sound states of a scenario apart, without opening the store as people do."""
    if scenario.makes_store and not (folder / HEADER).exists():
        return ()
    header = read_header(folder)
    copied = scenario.makes_copy and (folder.parent / "copies" / "town").exists()
    return (folder / HEADER).read_bytes(), *_untouched(folder, header, _unlocked(folder, header, scenario)[1]), copied


_UNLOCKED: dict[tuple[str, bytes], tuple[dict[str, int], StoreKeys]] = {}
"""What was found out about a header, by scenario and its bytes: thousands of images have the same one."""


def _unlocked(folder: Path, header: Header, scenario: Scenario) -> tuple[dict[str, int], StoreKeys]:
    """Open everybody's slot; return with which step's passphrase each opens, and the store's keys."""
    known = scenario.name, (folder / HEADER).read_bytes()
    if known not in _UNLOCKED:
        opened_with: dict[str, int] = {}
        store_keys: StoreKeys | None = None
        for slot in header.users:
            opened_with[slot.user], found = _open_slot(header, slot.user, scenario)
            store_keys = found or store_keys
        if store_keys is None:
            raise Broken("no user can open the store")
        _UNLOCKED[known] = opened_with, store_keys
    return _UNLOCKED[known]


def _passphrases(user: str, scenario: Scenario) -> Iterator[tuple[int, str]]:
    yield -1, PASSPHRASE.format(user)
    if user in scenario.passphrases:
        yield scenario.passphrases[user]


def _open_slot(header: Header, user: str, scenario: Scenario) -> tuple[int, StoreKeys | None]:
    """Return which step's passphrase opens a user's slot (-1 is the first one), and the keys unless suspended."""
    for step, passphrase in _passphrases(user, scenario):
        try:
            return step, open_slot(header, user, passphrase)[2]
        except WrongPassphrase:
            continue
        except Exception as failed:
            slot = header.slot(user)
            if slot is not None and slot.status != "active":
                return -1, None
            raise Broken(f"the slot of {user} does not open: {failed}") from failed
    raise Broken(f"no passphrase opens the slot of {user}")


def _go_in(folder: Path, header: Header, opened_with: dict[str, int], scenario: Scenario) -> None:
    """Open the store as its supervisor or only user does, which finishes what was cut off; verify the trail."""
    for user in ("supervisor", "administrator"):
        slot = header.slot(user)
        if slot is None or slot.status != "active":
            continue
        passphrase = next(phrase for step, phrase in _passphrases(user, scenario) if step == opened_with[user])
        session = vaults.open_session(folder, user, passphrase, clock=CLOCK)
        try:
            if user == "supervisor":
                found = verify_trail(session)
                if not found.holds:
                    raise Broken(f"entry {found.first_bad} of the trail: {found.problem}")
        finally:
            session.close()
        return
    raise Broken("nobody is there to open the store")


@contextmanager
def _bare(path: Path, key: bytearray) -> Iterator[Any]:
    connection = connect(path, key)
    try:
        yield connection
    finally:
        connection.close()


def _untouched(folder: Path, header: Header, store_keys: StoreKeys, *, sound: bool = False) -> tuple[str, str]:
    """Return the digests of the data and of the per-person keys as they are found; check them too if ``sound``."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        copy = Path(name)
        for path in (data_file(folder, header.generation), person_keys_file(folder, header.generation)):
            for suffix in ("", "-wal", "-journal"):
                found = path.with_name(path.name + suffix)
                if found.exists():
                    shutil.copyfile(found, copy / found.name)
        with _bare(data_file(copy, header.generation), store_keys.data) as connection:
            data, _ = digest(connection)
            if sound:
                _sound(connection, "data")
        with _bare(person_keys_file(copy, header.generation), store_keys.person) as connection:
            person, _ = digest(connection)
            if sound:
                _sound(connection, "person-keys")
    return data, person


_DATABASES = (".db", ".db-wal", ".db-shm", ".db-journal")
_COPIES = ("copies/", "store.before-")


def _other_files(disk: Path) -> frozenset[tuple[str, bytes]]:
    """Return the name of everything on a disk, less its numbers, and the bytes of what is neither database nor copy.

    No two copies of one store have a page in common; of them it is the size that counts.
    """
    found = set()
    for path in disk.rglob("*"):
        name = unnumbered(str(path.relative_to(disk)))
        holds = b""
        if path.is_file() and not name.endswith(_DATABASES):
            holds = str(path.stat().st_size).encode() if name.startswith(_COPIES) else path.read_bytes()
        found.add((name, holds))
    return frozenset(found)


def unnumbered(name: str) -> str:
    """Return words without their numbers, which tell one try from another."""
    return re.sub("[0-9]+", "#", name)


def _whole_copy(file: Path) -> None:
    """Compare a copy, if there is one, with its manifest; the data come last, without them there is none."""
    names = copies.Names(file)
    if names.data.exists():
        with tempfile.TemporaryDirectory(dir=file.parent) as place:
            copies.lay_out(names, copies.read_manifest(names), Path(place) / "vault")


def _contents(
    folder: Path,
    header: Header,
    store_keys: StoreKeys,
    opened_with: dict[str, int],
    untouched: tuple[str, str],
    stands: str,
) -> State:
    with _bare(data_file(folder, header.generation), store_keys.data) as connection:
        _sound(connection, "data")
        _, counts = digest(connection)
        users = {row[0]: (row[1], row[2]) for row in connection.execute('SELECT name, role, status FROM "user"')}
        pseudonyms = {row[0] for row in connection.execute("SELECT pseudonym FROM profile")}
        entries = connection.execute("SELECT coalesce(max(seq), 0) FROM audit_entry").fetchone()[0]
        standing = connection.execute(stands).fetchone()[0] if stands else 0
    with _bare(person_keys_file(folder, header.generation), store_keys.person) as connection:
        _sound(connection, "person-keys")
        salted = {row[0] for row in connection.execute("SELECT pseudonym FROM person_salt")}
    if pseudonyms - salted:
        raise Broken(f"{len(pseudonyms - salted)} profiles have no salt")
    slots = {slot.user: (slot.role, slot.status) for slot in header.users}
    if missing := {user for user, (_, status) in users.items() if status != "left"} - set(slots):
        raise Broken(f"users without a slot: {sorted(missing)}")
    who = tuple(sorted((user, *slots[user], opened_with[user]) for user in slots))
    said = (header.generation, header.recovery is not None, who)
    return State(said, *untouched, counts, entries, standing, agree=slots == users)


def _sound(connection: Any, name: str) -> None:
    """Run both of SQLCipher's checks after a checkpoint, and that of foreign keys."""
    busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy[0]:
        raise Broken(f"{name}: the log cannot be written back")
    if found := connection.execute("PRAGMA cipher_integrity_check").fetchall():
        raise Broken(f"{name}: {found[0][0]}")
    found = connection.execute("PRAGMA integrity_check").fetchall()
    if found != [("ok",)]:
        raise Broken(f"{name}: {found[0][0]}")
    if found := connection.execute("PRAGMA foreign_key_check").fetchall():
        raise Broken(f"{name}: foreign key of {found[0][0]}")


def digest(connection: Any) -> tuple[str, tuple[tuple[str, int], ...]]:
    """Return a digest of every row of every table, and how many rows each has."""
    names = [
        row[0]
        for row in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        )
    ]
    told = hashlib.blake2b(digest_size=16)
    counts = {}
    for name in names:
        rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()
        counts[name] = len(rows)
        for row in sorted(map(repr, rows)):
            told.update(row.encode())
        told.update(name.encode())
    return told.hexdigest(), tuple(counts.items())
