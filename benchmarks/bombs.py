"""What does a file made to exhaust its reader cost before it is refused?

Each bomb of tests/intake/bombs.py is read as an import reads it: in a process of its own, watched. Asked: refused
within 5 seconds and 256 MB above what that process holds before it sees the file.

usage: python -m benchmarks.bombs [--only WORDS]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from benchmarks.stores import KEPT
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake import apart
from kingshurst_tui.intake import extract as files
from kingshurst_tui.intake.extract import ReadAs
from tests.intake.bombs import BOMBS


def cost(path: Path, kind: str) -> tuple[float, float, int, str]:
    """Return the seconds, those of them that starting the reader took, the bytes it held above that, what was said."""
    readers: list[apart.Reader] = []
    begin = apart.Reader.__init__

    def watched(self: apart.Reader, *given: object) -> None:
        readers.append(self)
        begin(self, *given)  # type: ignore[arg-type]

    setattr(apart.Reader, "__init__", watched)  # noqa: B010 - to ask each reader afterwards
    start, rows = time.perf_counter(), 0
    try:
        with files.open_file(path) as handle:
            files.digest_of(handle)
            extract = files.read_extract(handle, ReadAs(kind, "utf-8", ",", "", 1), ["Incident No"])
            try:
                rows = sum(1 for _ in extract.rows)
            finally:
                extract.close()
        said = f"harmless: {rows:,} rows are read"
    except InputRejected as refused:
        said = refused.title
    finally:
        setattr(apart.Reader, "__init__", begin)  # noqa: B010
    took = time.perf_counter() - start
    began = max((reader.start for reader in readers), default=0.0)
    return took, began, max((reader.most for reader in readers), default=0), said


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="", help="only those whose name holds this")
    wanted = parser.parse_args().only
    path = KEPT / "bomb"
    path.parent.mkdir(exist_ok=True)
    for name, (kind, make) in BOMBS.items():
        if wanted in name:
            path.write_bytes(make())
            seconds, began, most, said = cost(path, kind)
            over = "" if seconds <= 5 and most <= 256_000_000 else "  OVER"
            size = path.stat().st_size / 1e6
            print(
                f"{name:54} {size:6.1f} MB on disk {seconds:5.2f} s (start {began:4.2f})",
                f"{most / 1e6:4.0f} MB{over}  {said}",
                flush=True,
            )
    path.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
