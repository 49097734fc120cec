"""Draw docs/picture.svg: the agenda of the invented town, from the running program without a terminal.

usage: python docs/make_picture.py
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from kingshurst_tui.session import Session

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "picture.svg"
SIZE = (100, 30)
AGENDA_KEY = "2"
PEOPLE = "400"


def demo_town(folder: Path) -> Path:
    """Leave a demonstration store in a folder and return the folder."""
    subprocess.run(
        [
            sys.executable,
            "-m",
            "kingshurst_tui",
            "demo",
            "--plain",
            "--people",
            PEOPLE,
            "--store",
            str(folder),
        ],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return folder


async def draw(folder: Path) -> str:
    """Open the program on the store, go to the agenda, and return the screen as SVG."""
    from screens.app import KingshurstApp

    passphrase = (folder / "passphrases" / "coordinator").read_text(encoding="utf-8").strip()

    def open_session(user: str, given: str) -> Session:
        from kingshurst_tui import vaults

        return vaults.open_session(folder / "kingshurst", user, given)

    app = KingshurstApp(
        open_session,
        user_name="coordinator",
        store_name="Kingshurst",
        demo=True,
        sign_in=lambda: open_session("coordinator", passphrase),
    )
    async with app.run_test(size=SIZE) as pilot:
        await _settled(pilot)
        await pilot.press(AGENDA_KEY)
        await _settled(pilot)
        return app.export_screenshot(title="Kingshurst")


async def _settled(pilot: Pilot[int]) -> None:
    """Wait until no work of the screens is under way and the last answer is drawn."""
    for _ in range(3):
        await pilot.app.workers.wait_for_complete()
        await pilot.pause(0.3)


def main() -> None:
    """Draw the picture."""
    with tempfile.TemporaryDirectory() as folder:
        svg = asyncio.run(draw(demo_town(Path(folder) / "demo")))
    # A picture that fetches fonts from the network when it is looked at would tell who looks.
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.S)
    PICTURE.write_text(svg, encoding="utf-8")
    print(PICTURE.relative_to(ROOT))


if __name__ == "__main__":
    main()
