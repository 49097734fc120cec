"""A store as an older version of the program made it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from alembic.command import upgrade as run_steps
from alembic.config import Config

import db.audit
from db import keys, triggers
from db.connecting import connect
from db.migrations import running
from db.rotation import rows_of
from db.store import administering, data_file
from db.vault import StoreKeys, open_slot, read_header
from kingshurst_tui.upkeep.upgrading import FIRST_WITH_GRANTS
from tests.trust.attacks import rebuild, with_the_data_key

OF_GRANTS = ("grant", "document", "founding", "step")
"""Facts of entries about users that older stores do not have."""


def without_grants(folder: Path, passphrases: dict[str, str]) -> None:
    """Write the trail as it was when an administrator's word alone gave a role."""
    header = read_header(folder)
    pairs = {name: open_slot(header, name, passphrase)[1] for name, passphrase in passphrases.items()}
    roles = {slot.user: slot.role for slot in header.users}
    with with_the_data_key(folder, passphrases["administrator"]) as connection:
        for entry in list(db.audit.entries(connection)):
            body = json.loads(entry.body)
            facts = {key: value for key, value in body["facts"].items() if key not in OF_GRANTS}
            thing, role = body["thing"].replace("role-grant", "user"), roles[body["actor"]]
            canonical = keys.canonical(body | {"facts": facts, "thing": thing, "role": role})
            signature = pairs[body["actor"]].sign(canonical)
            connection.exec_driver_sql(
                "UPDATE audit_entry SET body = ?, signature = ?, thing = ? WHERE seq = ?",
                (canonical, signature, thing, entry.seq),
            )
        rebuild(connection)
    shutil.rmtree(folder / "heads", ignore_errors=True)


def keys_of(folder: Path, user: str, passphrase: str) -> StoreKeys:
    """Return the keys of a store as one of its users opens it."""
    return open_slot(read_header(folder), user, passphrase)[2]


def make_older(folder: Path, passphrases: dict[str, str], step: str = "0001") -> dict[str, int]:
    """Put the rows of a new store into the tables of an older step; return how many each has."""
    store_keys = keys_of(folder, "administrator", passphrases["administrator"])
    if step < FIRST_WITH_GRANTS:
        without_grants(folder, passphrases)
    newer = folder / "newer"
    data_file(folder, 1).rename(newer)
    with administering(folder, 1, store_keys.data) as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(running.__file__).parent))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        with connection.begin():
            run_steps(config, step)
    source, target = connect(newer, store_keys.data), connect(data_file(folder, 1), store_keys.data)
    target.execute("PRAGMA foreign_keys=OFF")
    target.execute("BEGIN")
    for table in rows_of(target):
        if table == "alembic_version":
            continue
        both = [
            {row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')} for connection in (source, target)
        ]
        names = ", ".join(f'"{name}"' for name in sorted(both[0] & both[1]))
        rows = source.execute(f'SELECT {names} FROM "{table}"').fetchall()
        marks = ", ".join("?" * len(both[0] & both[1]))
        target.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)
    there = rows_of(target)
    for statement in triggers.statements():
        if statement.split(" ON ")[1].split()[0] in there:
            target.execute(statement)
    target.execute("COMMIT")
    source.close()
    target.close()
    newer.unlink()
    return there
