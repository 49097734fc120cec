"""What the files are enciphered with, worked out without SQLCipher; and that nobody's salt lies beside their data."""

from __future__ import annotations

import hashlib
import hmac
from contextlib import closing
from pathlib import Path

import pytest

from db.connecting import connect
from db.person_keys import person_keys_file
from db.store import data_file
from db.vault import StoreKeys, open_slot, read_header
from kingshurst_tui.demo.build import DemoStore
from tests.trust.pages import PAGE, RESERVED, SALT, decrypted

IV, MAC = 16, 64


def _keys(demo: DemoStore) -> tuple[int, StoreKeys]:
    header = read_header(demo.store)
    return header.generation, open_slot(header, "administrator", demo.passphrases["administrator"])[2]


def _macs_that_do_not_hold(raw: bytes, key: bytes) -> list[int]:
    """Pages whose HMAC-SHA512 over ciphertext, vector and number is not that under the file's key (SQLCipher 4)."""
    salt = bytes(each ^ 0x3A for each in raw[:SALT])
    mac_key = hashlib.pbkdf2_hmac("sha512", key, salt, 2, 32)
    wrong = []
    for number, at in enumerate(range(0, len(raw), PAGE), start=1):
        covered = raw[at + (SALT if number == 1 else 0) : at + PAGE - RESERVED + IV]
        expected = hmac.digest(mac_key, covered + number.to_bytes(4, "little"), "sha512")
        if expected != raw[at + PAGE - RESERVED + IV : at + PAGE - RESERVED + IV + MAC]:
            wrong.append(number)
    return wrong


def _pseudonym(salt: bytes) -> str:
    """Forty bits of an HMAC-SHA256 under the person's own salt, in Crockford's letters: without the salt, nothing."""
    number = int.from_bytes(hmac.digest(salt, b"kingshurst/subject/1", "sha256")[:5])
    letters = "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number >> shift & 31] for shift in range(35, -1, -5))
    return f"KH-{letters[:4]}-{letters[4:]}"


@pytest.mark.parametrize("part", ["data", "person"])
def test_every_page_is_aes_256_with_an_hmac_sha512_under_the_files_own_key(part: str, demo_store: DemoStore) -> None:
    generation, store_keys = _keys(demo_store)
    place = data_file if part == "data" else person_keys_file
    file: Path = place(demo_store.store, generation)
    key, other = (store_keys.data, store_keys.person) if part == "data" else (store_keys.person, store_keys.data)
    raw = file.read_bytes()
    assert len(raw) > 2 * PAGE
    assert _macs_that_do_not_hold(raw, bytes(key)) == []
    assert len(_macs_that_do_not_hold(raw, bytes(other))) == len(raw) // PAGE
    assert b"CREATE TABLE" in b"".join(decrypted(file, bytes(key)))
    assert b"CREATE TABLE" not in b"".join(decrypted(file, bytes(other)))
    swapped = raw[:PAGE] + raw[2 * PAGE : 3 * PAGE] + raw[PAGE : 2 * PAGE]
    if len(raw) > 3 * PAGE:
        assert _macs_that_do_not_hold(swapped, bytes(key)) == [2, 3]


def test_a_pseudonym_is_that_of_a_salt_which_lies_nowhere_beside_the_data(demo_store: DemoStore) -> None:
    generation, store_keys = _keys(demo_store)
    with closing(connect(person_keys_file(demo_store.store, generation), store_keys.person)) as connection:
        people = [(str(name), bytes(salt)) for name, salt in connection.execute("SELECT * FROM person_salt")]
    assert len(people) > 100
    assert [name for name, salt in people if _pseudonym(salt) != name] == []
    assert len({salt for _, salt in people}) == len(people)
    beside = b"".join(decrypted(data_file(demo_store.store, generation), bytes(store_keys.data)))
    assert people[0][0].encode() in beside
    assert [name for name, salt in people if salt in beside or salt.hex().encode() in beside] == []
