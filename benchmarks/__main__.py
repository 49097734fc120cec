"""``make bench``: every question, one after the other, each in a process of its own.

usage: python -m benchmarks [QUESTION ...]
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
QUESTIONS = sorted(
    path.stem
    for path in HERE.glob("*.py")
    if '\nif __name__ == "__main__":' in path.read_text() and path.stem != "__main__"
)
"""Every module here that can be run by itself."""


def main(chosen: list[str]) -> int:
    unknown = sorted(set(chosen) - set(QUESTIONS))
    if unknown:
        print(f"no such question: {', '.join(unknown)}; there are {', '.join(QUESTIONS)}", file=sys.stderr)
        return 2
    failed = []
    for question in chosen or QUESTIONS:
        print(f"\n== {question}", flush=True)
        run = subprocess.run([sys.executable, "-m", f"benchmarks.{question}"], cwd=HERE.parent, check=False)
        if run.returncode:
            failed.append(question)
    if failed:
        print(f"\nnot answered: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


raise SystemExit(main(sys.argv[1:]))
