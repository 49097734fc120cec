"""Source records made comparable, in a DuckDB that can neither spill nor reach anything outside itself."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from kingshurst_tui.linkage.comparisons import BLOCKING, BLOCKING_CONDITION

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

FIELDS = (
    "record_id",
    "forename",
    "middle_names",
    "surname",
    "former_surname",
    "born",
    "sex",
    "nhs_number",
    "upn",
    "uprn",
    "address",
    "postcode",
)
"""What the model reads of a source record, in the order in which rows are given: all text but the first."""

MEMORY_LIMIT = "8GB"
"""The most that one run may hold. A million records need 2 GB (LINKAGE.md section 3); without spilling, more than
this is an error and not a file on disk."""

_NOT_NAMES = "('unknown', 'not known', 'n/k', 'nk', 'none', 'null', 'na', 'baby', 'male', 'female', 'unnamed', 'test')"


def connect(threads: int = 2) -> duckdb.DuckDBPyConnection:
    """Return an in-memory DuckDB without spill files; call :func:`lock` once the records are in.

    Args:
        threads: how many cores to use.
    """
    import duckdb

    # Only temp_directory='' given at connection keeps plaintext off the disk (LINKAGE.md section 7).
    return duckdb.connect(":memory:", config={"temp_directory": "", "memory_limit": MEMORY_LIMIT, "threads": threads})


def lock(connection: duckdb.DuckDBPyConnection) -> None:
    """Shut the file system, the network and the settings for the rest of the connection's life."""
    for setting in (
        "enable_external_access=false",
        "autoinstall_known_extensions=false",
        "autoload_known_extensions=false",
        "lock_configuration=true",
    ):
        connection.execute(f"set {setting}")


def as_table(rows: Iterable[Sequence[Any]]) -> pa.Table:
    """Return rows in the order of :data:`FIELDS` as an Arrow table."""
    import pyarrow as pa

    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * len(FIELDS)
    return pa.Table.from_arrays([_numbers(columns[0]), *map(_texts, columns[1:])], names=list(FIELDS))


# Arrays are made from buffers: pa.array would import pandas, a third of a second, to ask whether it was given any.


def _numbers(values: Sequence[int]) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(np.array(values, np.int64))])


def _texts(values: Sequence[str | None]) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    encoded = [value.encode() if value else b"" for value in values]
    offsets = np.zeros(len(values) + 1, np.int64)
    np.cumsum([len(text) for text in encoded], out=offsets[1:])
    known = np.packbits(np.fromiter(map(bool, encoded), np.bool_, len(values)), bitorder="little")
    buffers = [pa.py_buffer(known), pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.large_string(), len(values), buffers)


def load(connection: duckdb.DuckDBPyConnection, records: pa.Table) -> int:
    """Prepare the table ``people`` from source records and lock the connection.

    Text is folded to lower case without accents, because DuckDB compares bytes; what stands for "not known"
    becomes null, because an empty text would agree with another.

    Returns:
        How many blocking keys were left out because too many records share them.
    """
    connection.register("raw", records)
    connection.execute(_CLEAN)
    connection.unregister("raw")
    names = [
        name
        for (name,) in connection.execute("select distinct forename from clean where forename is not null").fetchall()
    ]
    import pyarrow as pa

    connection.register(
        "forms",
        pa.table(
            {
                "name": _texts(names),
                "forms": _texts(["|".join(forms_of(name)) for name in names]),
                "sound": _texts([sound_of(name) for name in names]),
            }
        ),
    )
    connection.execute(_PEOPLE)
    connection.unregister("forms")
    connection.execute("drop table clean")
    lock(connection)
    return _leave_out_large_blocks(connection)


def _leave_out_large_blocks(connection: duckdb.DuckDBPyConnection) -> int:
    left_out = 0
    for column, (_, _, largest) in zip(block_columns(), BLOCKING, strict=True):
        large = connection.execute(
            f"select {column} from people where {column} is not null group by 1 having count(*) > {largest}"
        ).fetchall()
        if large:
            left_out += len(large)
            keys = ", ".join(str(int(key)) for (key,) in large)
            connection.execute(f"update people set {column} = null where {column} in ({keys})")
    return left_out


def block_columns() -> list[str]:
    """Return the names of the blocking columns of ``people``."""
    return [f"b{number}" for number in range(1, len(BLOCKING) + 1)]


def blocking_rules() -> list[str]:
    """Return the rules that name candidate pairs, in Splink's words."""
    return [
        f"l.{column} = r.{column}" + (f" and {BLOCKING_CONDITION[name]}" if name in BLOCKING_CONDITION else "")
        for column, (name, _, _) in zip(block_columns(), BLOCKING, strict=True)
    ]


@cache
def _nicknames() -> Any:
    from nicknames import NickNamer

    return NickNamer()


@cache
def _families() -> dict[str, str]:
    """Return the name under which each spelling meets the others of its name."""
    text = (resources.files("kingshurst_tui.linkage") / "spellings.toml").read_text("utf-8")
    families: dict[str, list[str]] = tomllib.loads(text)["families"]
    return {spelling: f"={name}" for name, others in families.items() for spelling in (name, *others)}


def forms_of(forename: str) -> list[str]:
    """Return the names that a folded forename may stand for: itself, its first part, its full forms, its family."""
    forms = {forename}
    first = forename.split(" ")[0]
    if len(first) > 2:
        forms.add(first)
    for name in tuple(forms):
        forms |= set(_nicknames().canonicals_of(name))
    forms |= {families[name] for name in tuple(forms) if name in (families := _families())}
    return sorted(forms)


_SPELLINGS = (("ph", "f"), ("ck", "k"), ("q", "k"), ("c", "k"), ("z", "s"), ("v", "w"))


def sound_of(forename: str) -> str | None:
    """Return the consonants of a folded forename, or None where fewer than three remain.

    Names written over from another script differ in their vowels and doubled letters (Mohammed, Muhammad), which
    no measure of typing errors forgives.
    """
    text = forename.replace(" ", "")
    for written, kept in _SPELLINGS:
        text = text.replace(written, kept)
    text = re.sub(r"(.)\1+", r"\1", text)
    text = text[:1] + re.sub("[aeiouyh]", "", text[1:])
    return text if len(text) >= 3 else None


def _name(column: str) -> str:
    folded = f"trim(regexp_replace(strip_accents(lower({column})), '[^\\p{{L}}]+', ' ', 'g'))"
    # An apostrophe joins (O'Brien), anything else parts.
    folded = folded.replace(f"lower({column})", f"replace(replace(lower({column}), '''', ''), '’', '')")
    return f"case when {folded} in {_NOT_NAMES} then null else nullif({folded}, '') end"


_CLEAN = f"""
create table clean as
with folded as (
    select record_id as unique_id,
        {_name("forename")} as forename,
        split_part({_name("middle_names")}, ' ', 1) as middle,
        {_name("surname")} as surname,
        {_name("former_surname")} as former,
        -- 1900 and 1901 stand for "not known" in partners' systems.
        case when born < '1902-01-01' and born >= '1900-01-01' then null else nullif(born, '') end as dob,
        nullif(upper(sex), '') as sex,
        nullif(nhs_number, '') as nhs,
        nullif(upn, '') as upn,
        nullif(ltrim(uprn, '0'), '') as uprn,
        nullif(trim(regexp_replace(strip_accents(lower(address)), '[^\\p{{L}}0-9]+', ' ', 'g')), '') as address,
        nullif(regexp_replace(upper(postcode), '[^A-Z0-9]', '', 'g'), '') as postcode
    from raw
)
select *,
    -- Sorted: "Flat 2, 11" and "11/2" are one dwelling.
    nullif(array_to_string(list_sort(regexp_extract_all(address, '\\b[0-9]+[a-z]?\\b')), ' '), '') as numbers
from folded
"""

_KEYS = ",\n    ".join(
    f"case when ({sql}) is not null then hash({sql}) end as b{number}" for number, (_, sql, _) in enumerate(BLOCKING, 1)
)

_PEOPLE = f"""
create table people as
with keyed as (
    select clean.*,
        case when postcode is not null and numbers is not null then postcode || '/' || numbers end as dwelling,
        string_split(forms.forms, '|') as forms, forms.sound,
        substr(dob, 1, 4) as dob_y, substr(dob, 6) as dob_md,
        substr(forename, 1, 1) as f1, substr(surname, 1, 1) as s1, substr(surname, 1, 4) as s4
    from clean left join forms on clean.forename = forms.name
)
select *,
    {_KEYS}
from keyed
"""
