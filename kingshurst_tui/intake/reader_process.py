"""The process that reads a stranger's file: it holds no key, can open and write nothing, and says rows or a refusal.

Started by `apart` with the extract as its standard input and a pipe as its standard output. What it is to read comes in
the environment, as JSON. Its first line says that everything it needs is loaded; from then on it is confined.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from typing import IO, Any

from kingshurst_tui import hardening
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake import frames
from kingshurst_tui.intake.extract import GEOJSON, ReadAs
from kingshurst_tui.vocabulary import ExtractKind

INSTRUCTIONS = "KINGSHURST_READING"
OUT_OF_MEMORY = 3
"""The exit code that says so."""


def main() -> None:
    """Read the extract on standard input, hand its rows to standard output, and end."""
    hardening.write_nothing()
    told = json.loads(os.environ.pop(INSTRUCTIONS))
    form = ReadAs(**told["form"])
    most_memory, most_seconds, patience = told["most_memory"], told["most_seconds"], told["patience"]
    read = _reader(form.kind)
    # Rows make no cycles, and what is loaded stays: looking for either is time lost.
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)
    handle = os.fdopen(os.dup(0), "rb")
    handle.seek(0)
    teller = _Teller(os.fdopen(os.dup(1), "wb", buffering=0), patience)
    teller.state(ready=True)
    hardening.confine(most_memory=most_memory, most_seconds=most_seconds)
    hardening.allow_seconds(patience)
    try:
        extract = read(handle, form, told["wanted"])
        teller.state(header=extract.header, first_row=extract.first_row)
        teller.done = extract.done
        frames.say_rows(extract.rows, teller.say)
        teller.state(end=True)
    except InputRejected as refused:
        teller.refuse(refused)
    except MemoryError:
        # There may be none left even for saying so.
        os._exit(OUT_OF_MEMORY)
    except Exception as failed:  # noqa: BLE001 - whatever breaks a reader, its kind is all that is told
        teller.state(broken=type(failed).__name__)


class _Teller:
    """Writes frames, and asks for a little more time at each."""

    def __init__(self, out: IO[bytes], patience: int) -> None:
        self.done: Callable[[], float] = lambda: 0.0
        self._out = out
        self._patience = patience
        self._enough = 0.0

    def say(self, letter: bytes, content: bytes) -> None:
        self._out.write(frames.HEAD.pack(letter, len(content), self.done()) + content)
        if (used := time.process_time()) > self._enough:
            self._enough = used + 0.5
            hardening.allow_seconds(self._patience)

    def state(self, **said: Any) -> None:
        self.say(b"S", frames.encoded(said))

    def refuse(self, refused: InputRejected) -> None:
        self.state(refused=[refused.title, refused.detail, refused.hint, refused.problems])


def _reader(kind: str) -> Any:
    """Return what reads this kind of file, with all it will need loaded: nothing can be opened later."""
    import encodings.aliases
    import encodings.ascii
    import encodings.cp437  # of names within an archive
    import encodings.cp1252
    import encodings.latin_1
    import encodings.utf_8_sig
    import encodings.utf_16
    import encodings.utf_16_be
    import encodings.utf_16_le  # noqa: F401

    # They are heavy, and what is read here needs neither.
    sys.modules["numpy"] = sys.modules["pandas"] = None  # type: ignore[assignment]
    if kind == ExtractKind.CSV:
        from kingshurst_tui.intake.csv_extract import read_csv

        return lambda handle, form, _wanted: read_csv(handle, form)
    if kind == GEOJSON:
        from kingshurst_tui.intake.geojson_extract import read_geojson

        return lambda handle, _form, _wanted: read_geojson(handle)
    if kind == "xlsx":
        from kingshurst_tui.intake.xlsx_extract import load, read_xlsx

        load()
        return lambda handle, form, _wanted: read_xlsx(handle, form)
    from kingshurst_tui.intake.parquet_extract import load, read_parquet

    load()
    return lambda handle, _form, wanted: read_parquet(handle, wanted)
