"""Which SQLite, SQLCipher and OpenSSL the driver carries, and the oldest of each that a store is opened with.

All three are inside the driver's wheel, so the lock file pins them; these numbers hold where somebody builds the driver
against another. Class of control: client-enforced.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import sqlcipher3.dbapi2 as driver


class Numbers(NamedTuple):
    """A release by its three numbers, so that 3.9 comes before 3.51."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return ".".join(map(str, self))


#: The first release after the WAL-reset bug.
OLDEST_SQLITE = Numbers(3, 51, 3)
#: The release that everything here was measured on.
OLDEST_SQLCIPHER = Numbers(4, 19, 0)
#: The long-term release of the same days and with the same fixes as 3.6.0, which is in the wheel.
OLDEST_OPENSSL = Numbers(3, 5, 4)

_NUMBERS = re.compile(r"(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?")


class Carried(NamedTuple):
    """What the driver says of itself, word for word; empty where it says nothing."""

    sqlite: str
    sqlcipher: str
    provider: str


def carried(connection: driver.Connection) -> Carried:
    """Return what lies under a connection whose key is set; without one SQLCipher names no provider."""

    def said(pragma: str) -> str:
        row = connection.execute(f"PRAGMA {pragma}").fetchone()
        return str(row[0]) if row and row[0] is not None else ""

    return Carried(driver.sqlite_version, said("cipher_version"), said("cipher_provider_version"))


def inside_the_driver() -> Carried:
    """Return what the installed driver carries, without a store: a database in memory under a key of zeros."""
    connection = driver.connect(":memory:")
    try:
        connection.set_key(bytearray(b"x'" + b"00" * 32 + b"'"))
        return carried(connection)
    finally:
        connection.close()


def numbers(said: str, name: str = "") -> Numbers | None:
    """Return the release in what a library says of itself, or None where it is another library or says none.

    Args:
        said: such as ``OpenSSL 3.6.0 1 Oct 2025`` or ``4.19.0 community``.
        name: the word before the number; empty where the number comes first.
    """
    start = f"{name} " if name else ""
    found = _NUMBERS.match(said, len(start)) if said.startswith(start) else None
    return Numbers(int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def too_old(said: Carried) -> list[str]:
    """Return what of it no store is opened with, each with what is needed; empty where all is well.

    A provider other than OpenSSL counts as too old: nothing here was measured on it.
    """
    return [
        f"{title} {oldest} or newer is needed; this is {word or 'none'}"
        for title, word, found, oldest in (
            ("SQLite", said.sqlite, numbers(said.sqlite), OLDEST_SQLITE),
            ("SQLCipher", said.sqlcipher, numbers(said.sqlcipher), OLDEST_SQLCIPHER),
            ("OpenSSL", said.provider, numbers(said.provider, "OpenSSL"), OLDEST_OPENSSL),
        )
        if found is None or found < oldest
    ]
