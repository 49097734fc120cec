"""A store is opened with no SQLite, SQLCipher or OpenSSL that is older than the oldest allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.connecting import connect
from db.versions import OLDEST_OPENSSL, OLDEST_SQLCIPHER, OLDEST_SQLITE, Carried, Numbers, carried, numbers, too_old

GOOD = Carried("3.53.4", "4.19.0 community", "OpenSSL 3.6.0 1 Oct 2025")


def test_what_is_installed_is_new_enough_and_says_all_three(tmp_path: Path) -> None:
    connection = connect(tmp_path / "data.db", bytearray(32))
    said = carried(connection)
    connection.close()
    assert all(said)
    assert too_old(said) == []


def test_what_reads_other_files_is_not_built_in(tmp_path: Path) -> None:
    connection = connect(tmp_path / "data.db", bytearray(32))
    built_in = {name for (name,) in connection.execute("PRAGMA module_list")}
    connection.close()
    # SECURITY.md says so of a fault in one of them.
    assert not built_in & {"zipfile", "csv", "fsdir", "sqlite_dbpage", "sqlite_dbdata"}


@pytest.mark.parametrize(
    ("said", "wanting"),
    [
        (GOOD, []),
        (Carried(str(OLDEST_SQLITE), str(OLDEST_SQLCIPHER), f"OpenSSL {OLDEST_OPENSSL} 30 Sep 2025"), []),
        (GOOD._replace(provider="OpenSSL 4.0.0 14 Apr 2026"), []),
        (GOOD._replace(provider="OpenSSL 3.5.10 1 Jan 2027"), []),
        (GOOD._replace(provider="OpenSSL 3.5.3 16 Sep 2025"), ["OpenSSL"]),
        (GOOD._replace(provider="OpenSSL 3.0.19 27 Jan 2026"), ["OpenSSL"]),
        (GOOD._replace(provider="OpenSSL 1.1.1w  11 Sep 2023"), ["OpenSSL"]),
        (GOOD._replace(provider="LibreSSL 4.1.0"), ["OpenSSL"]),
        (GOOD._replace(provider="7.0.0"), ["OpenSSL"]),
        (GOOD._replace(provider=""), ["OpenSSL"]),
        (GOOD._replace(sqlite="3.51.2"), ["SQLite"]),
        (GOOD._replace(sqlite="3.9.9"), ["SQLite"]),
        (GOOD._replace(sqlcipher="4.18.2 community"), ["SQLCipher"]),
        (GOOD._replace(sqlcipher="4.9.0 community"), ["SQLCipher"]),
        # Plain SQLite says nothing, and would write everything in plain text.
        (Carried("3.53.4", "", ""), ["SQLCipher", "OpenSSL"]),
    ],
)
def test_one_that_is_too_old_or_another_is_refused_and_named(said: Carried, wanting: list[str]) -> None:
    assert [line.split()[0] for line in too_old(said)] == wanting


@given(st.tuples(*[st.integers(0, 999)] * 3), st.tuples(*[st.integers(0, 999)] * 3))
def test_releases_are_compared_by_number(one: tuple[int, int, int], other: tuple[int, int, int]) -> None:
    a, b = numbers(str(Numbers(*one))), numbers(f"OpenSSL {Numbers(*other)} 1 Oct 2025", "OpenSSL")
    assert a is not None
    assert b is not None
    assert (a < b) == (one < other)


@given(st.text())
def test_words_of_any_kind_are_a_release_or_none(said: str) -> None:
    assert all(isinstance(line, str) for line in too_old(Carried(said, said, said)))
