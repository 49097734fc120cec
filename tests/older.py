"""A store as it was made before roles were granted by two people."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import db.audit
from db import keys
from db.vault import open_slot, read_header
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
