"""What must be nowhere in the bytes that a run of the program writes, and how so many bytes are looked through."""

from __future__ import annotations

import base64
import csv
from pathlib import Path

import numpy as np

from kingshurst_tui import vaults
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.session import Session

TYPED = "Quillfeather asked me to write this down"
"""A reason, typed at a prompt and given to a command."""
DECIDED = "Marmaduke Quillfeather shall be visited first"
"""Words of a decision, typed into its form."""
DRAFTED = "Aurelia Quillfeather opens the door to one visitor only"
"""Words of the same, from a draft."""
PLANTED = "Zebediah Quillfeather"
"""Somebody who is in no record that is shown: held by the program when it stops because of a fault."""


def needles_of(demo: DemoStore) -> dict[str, bytes]:
    """Return everything that must be nowhere, by what it is: names, dates of birth, numbers, passphrases, keys."""
    found: dict[str, bytes] = {}

    def add(what: str, text: str) -> None:
        found.update({f"{what} {text}": text.encode(), f"{what} {text} (UTF-16)": text.encode("utf-16-le")})

    with (demo.folder / "truth" / "people.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for name in (row["surname"], row["forename"]):
                if len(name) >= 6:
                    add("name", name)
                    add("name", name.upper())
            add("born", row["date_of_birth"])
            if number := row.get("nhs_number"):
                add("NHS number", number)
            if postcode := row.get("postcode"):
                add("postcode", postcode)
                add("postcode", postcode.replace(" ", ""))
    add("typed", TYPED)
    add("decided", DECIDED)
    add("drafted", DRAFTED)
    add("planted", PLANTED)
    return found | secrets_of(demo)


def secrets_of(demo: DemoStore) -> dict[str, bytes]:
    """Return the passphrases, and the keys as bytes and in the forms that text would carry."""
    found = {f"passphrase of {name}": words.encode() for name, words in demo.passphrases.items()}
    found |= forms_of_recovery_key((demo.folder / "passphrases" / "RECOVERY").read_text("ascii").strip())
    with demo.signed_in("coordinator") as session:
        return found | keys_of(session)


def keys_of(session: Session, when: str = "") -> dict[str, bytes]:
    """Return a store's keys as bytes and in the forms that text would carry."""
    found: dict[str, bytes] = {}
    kept = session.keys_for_upkeep()
    for name in ("data", "person", "lasting"):
        key = bytes(getattr(kept, name))
        assert len(key) == 32
        found |= {
            f"{name} key{when}": key,
            f"{name} key in hex{when}": key.hex().encode(),
            f"{name} key in HEX{when}": key.hex().upper().encode(),
            f"{name} key in base64{when}": base64.b64encode(key).rstrip(b"="),
        }
    return found


def keys_in(store: Path, user: str, passphrase: str, when: str) -> dict[str, bytes]:
    """Return the keys that a store has now."""
    session = vaults.open_session(store, user, passphrase)
    try:
        return keys_of(session, when)
    finally:
        session.close()


def forms_of_recovery_key(printed: str, whose: str = "") -> dict[str, bytes]:
    """Return a recovery key as it is printed and as somebody or something else may write it."""
    bare = printed.replace("-", "")
    forms = (printed, printed.lower(), bare, bare.lower())
    return {f"recovery key{whose} {number}": form.encode() for number, form in enumerate(forms)}


def hits(content: bytes, needles: dict[str, bytes]) -> list[str]:
    """Return which needles stand in so many bytes."""
    # A hundred megabytes and a thousand needles: looked for together, by their first three bytes.
    by_head: dict[int, list[str]] = {}
    for what, needle in needles.items():
        by_head.setdefault(int.from_bytes(needle[:3], "little"), []).append(what)
    heads = np.zeros(1 << 24, dtype=bool)
    heads[list(by_head)] = True
    each = np.frombuffer(content, dtype=np.uint8).astype(np.uint32)
    windows = each[:-2] | each[1:-1] << 8 | each[2:] << 16
    found: set[str] = set()
    for at in np.flatnonzero(heads[windows]):
        for what in by_head[int(windows[at])]:
            if what not in found and content.startswith(needles[what], at):
                found.add(what)
    return [what for what in needles if what in found]
