"""A copy made into a store again: under new keys, in a new folder, and found to be what was copied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import sqlcipher3.dbapi2 as driver

from db import commitments, copies, fitting, rotation
from db.checking import StoreChecked, check_store
from db.connecting import connect, translated
from db.errors import IntegrityFailure, StoreUnavailable
from db.migrations.running import NEWEST, migrate
from db.person_keys import PersonKeys, person_keys_file
from db.slots import StoreKeys
from db.store import administering, data_file
from db.vault import Header, read_header, write_header

NOT_CHANGED = "Nothing was changed."
ROOM = 3.2
"""So many times a copy's size must be free to bring it back: what lies as it was copied, and twice under new keys."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BroughtBack:
    """A store made from a copy; it lies in a folder of its own and nobody uses it yet.

    Attributes:
        wrong: how it differs from what was copied, in words; empty where it does not.
    """

    folder: Path
    header: Header
    manifest: copies.Manifest
    checked: StoreChecked
    wrong: tuple[str, ...]

    def refuse_wrong(self) -> None:
        """Raises: IntegrityFailure where it is not what was copied."""
        if self.wrong:
            raise IntegrityFailure(
                "The backup does not hold what was copied.",
                f"{' '.join(f'{line}.' for line in self.wrong)} {NOT_CHANGED}",
                "Take another copy of this backup, or an earlier backup.",
            )


def refuse_newer(manifest: copies.Manifest) -> None:
    """Raises: StoreUnavailable where a newer program made the copy."""
    if manifest.schema > NEWEST:
        raise StoreUnavailable(
            "This backup was made by a newer version of Kingshurst.",
            f"Its tables are at step {manifest.schema}, this program knows {NEWEST}. {NOT_CHANGED}",
            f"Install the newer version (it was made by {manifest.software}).",
        )


def bring_back(
    names: copies.Names,
    manifest: copies.Manifest,
    folder: Path,
    copy_keys: StoreKeys,
    new_keys: StoreKeys,
    generation: int,
    tell: Tell | None = None,
) -> BroughtBack:
    """Make a store of a laid-out copy, under new keys, and check all of it.

    Args:
        folder: where the copy was laid out (db/copies.py ``lay_out``); the store is made there.
        copy_keys: what the copy's own header holds.
        generation: of the new store; above the copy's own.

    Raises: IntegrityFailure, StoreUnavailable.
    """
    say = tell or (lambda _: None)
    header = read_header(folder)
    header.check(copy_keys)
    say("Putting it under new keys")
    copies.copy_file(
        data_file(folder, manifest.generation), copy_keys.data, data_file(folder, generation), new_keys.data
    )
    salts = person_keys_file(folder, manifest.generation)
    whole = salts.exists()
    if whole:
        copies.copy_file(salts, copy_keys.person, person_keys_file(folder, generation), new_keys.person)
    else:
        PersonKeys(folder, generation, new_keys.person).close()
    rotation.discard(folder, manifest.generation)
    # Users to whom the copy is not sealed have their slots again: sealing needs their public halves alone.
    header = header.for_generation(generation, new_keys).signed(new_keys)
    write_header(folder, header)
    wrong = _unlike(folder, generation, new_keys, manifest, whole)
    if not wrong and manifest.schema != NEWEST:
        # The trail of an older step is verified once its tables are this program's.
        say(f"Bringing the tables from step {manifest.schema} to {NEWEST}")
        to_newest(folder, generation, new_keys)
    if not wrong:
        fitting.note_incomplete(folder, generation, new_keys)
    anchors = {slot.user: bytes.fromhex(slot.signing_public) for slot in header.slots}
    checked = check_store(folder, generation, new_keys, anchors, say)
    wrong.extend(f"{each.check}: {problem}" for each in checked.findings for problem in each.problems)
    if not wrong and (checked.entries, checked.root) != (manifest.entries, manifest.root):
        wrong.append("the audit trail is not the one that was copied")
    return BroughtBack(folder, header, manifest, checked, tuple(wrong))


def to_newest(folder: Path, generation: int, store_keys: StoreKeys) -> None:
    """Bring the tables of a store that nobody uses to this program's version, and count its rows anew.

    Raises: IntegrityFailure, StoreUnavailable.
    """
    with administering(folder, generation, store_keys.data) as connection:
        migrate(connection)
        connection.rollback()
        with connection.begin():
            commitments.recount(connection, store_keys.commitment_key())


def _unlike(folder: Path, generation: int, new_keys: StoreKeys, manifest: copies.Manifest, salts: bool) -> list[str]:
    found: dict[str, int] = {}
    for path, key in (
        (data_file(folder, generation), new_keys.data),
        (person_keys_file(folder, generation), new_keys.person),
    ):
        try:
            connection = connect(path, key)
            try:
                found |= rotation.rows_of(connection)
            finally:
                connection.close()
        except driver.Error as failed:
            raise translated(failed) from failed
    wanted = manifest.rows if salts else {name: rows for name, rows in manifest.rows.items() if name in found}
    if not salts:
        found = {name: rows for name, rows in found.items() if name != SALTS}
        wanted = {name: rows for name, rows in wanted.items() if name != SALTS}
    unlike = sorted(name for name in found | wanted if found.get(name) != wanted.get(name))
    return [f"{name} has {found.get(name, 'no')} rows where {wanted.get(name, 'no')} were copied" for name in unlike]


SALTS = "person_salt"


def with_header(brought: BroughtBack, header: Header, new_keys: StoreKeys) -> BroughtBack:
    """Write another header over a store that nobody uses yet. Raises: StoreUnavailable."""
    signed = header.signed(new_keys)
    write_header(brought.folder, signed)
    return replace(brought, header=signed)
