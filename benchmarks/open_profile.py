"""How long does opening a profile with 500 contacts take, its audit entry committed, alone and beside an import?

The profile is opened as the screen opens it: one act, signed and committed, everything read that is shown. Asked: at
most 50 ms of work. Beside it, for scale, the bare commit of an entry without a profile.

usage: python -m benchmarks.open_profile [--runs N] [--rows N]
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.extracts import AGREEMENT, HEADER, police_extract
from benchmarks.measure import Times, bound, percentile, spell, timed
from benchmarks.stores import KEPT, PROGRAM, Town, run, town

if TYPE_CHECKING:
    from kingshurst_tui.session import Session

SURNAME, FORENAME, BORN, POSTCODE = "QUILLFEATHER", "Zelda", date(1984, 3, 5), "B37 6AA"
CONTACTS = 500


def met_often(path: Path) -> Path:
    """Write an extract in which one invented person has 500 contacts."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(CONTACTS):
            day = date.today() - timedelta(days=20 + number)  # noqa: DTZ011  the invented town ends today too
            when = (f"99/{number:06d}/X", f"L{number}", f"{day:%d/%m/%Y}", "12:00", f"{day:%d/%m/%Y}")
            what = ("Concern for safety", "Aggrieved", "NOM9999999")
            who = (SURNAME, FORENAME, "", f"{BORN:%d/%m/%Y}", "Female", "1 Alcott Lane", POSTCODE)
            writer.writerow((*when, *what, *who, POSTCODE, "", "KH01", ""))
    return path


def agreed(path: Path) -> Path:
    """Write a register in which that person agrees to engage."""
    consent = {
        "kind": "engage",
        "purpose": "repeat-contact",
        "agreement": "",
        "forename": FORENAME,
        "surname": SURNAME.title(),
        "date_of_birth": BORN.isoformat(),
        "postcode": POSTCODE,
        "nhs_number": "",
        "given_by": "self",
        "authority": "self",
        "given_on": (date.today() - timedelta(days=5)).isoformat(),  # noqa: DTZ011  as above
        "expires_on": "",
        "evidence": "a form",
    }
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, consent)
        writer.writeheader()
        writer.writerow(consent)
    return path


def prepared() -> Town:
    """Return a town in which that profile is open."""
    base = town(2_000).copied_to(KEPT / "profile-here")
    signed_in = base.signed_in("coordinator")
    extract, register = met_often(KEPT / "met-often.csv"), agreed(KEPT / "agreed.csv")
    run([PROGRAM, "import", str(base.store), str(extract), "--agreement", AGREEMENT, *signed_in])
    run([PROGRAM, "link", str(base.store), *signed_in])
    run([PROGRAM, "consent", "add", str(base.store), "--file", str(register), *signed_in])
    run([PROGRAM, "consent", "agree", str(base.store), *base.signed_in("governance")])
    return base


def opener(session: Session) -> Callable[[], None]:
    """Return what opens that profile once, under an entry of its own."""
    from kingshurst_tui.acts import Reason
    from kingshurst_tui.casework import profiles, search
    from kingshurst_tui.vocabulary import ReasonCode

    reason = Reason(ReasonCode.OVERSIGHT)
    (hit,) = search.find(session, f"{FORENAME} {SURNAME}", reason).hits

    def once() -> None:
        profile = profiles.open_profile(session, hit.pseudonym, reason)
        assert not profile.is_masked
        assert len(profile.timeline) == CONTACTS  # type: ignore[union-attr]

    return once


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--rows", type=int, default=200_000, help="rows of the import beside it")
    options = parser.parse_args()
    from kingshurst_tui import vaults

    base = prepared()
    session = vaults.open_session(base.store, "coordinator", base.passphrase("coordinator"))
    once = opener(session)
    once()
    taken, worked = [], []
    for _ in range(options.runs):
        before = time.process_time()
        taken.append(timed(once))
        worked.append(time.process_time() - before)
    bound(Times("alone, by the wall clock", tuple(taken)), 0.050)
    bound(Times("alone, processor time", tuple(worked)), 0.050)
    extract = police_extract(KEPT / f"extract-{options.rows}.csv", options.rows)
    command = [PROGRAM, "import", str(base.store), str(extract), "--agreement", AGREEMENT]
    importing = subprocess.Popen([*command, *base.signed_in("coordinator")], stdout=subprocess.DEVNULL)
    time.sleep(3)  # past the start of the interpreter, into the rows
    taken, worked = [], []
    while importing.poll() is None and len(taken) < options.runs:
        before = time.process_time()
        taken.append(timed(once))
        worked.append(time.process_time() - before)
        time.sleep(0.05)  # as people open profiles: one after the other, not in a loop
    assert importing.poll() is None, "the import ended too soon; give it more --rows"
    importing.terminate()
    importing.wait()
    bound(Times("beside an import, by the wall clock", tuple(taken)), 0.050)
    bound(Times("beside an import, processor time", tuple(worked)), 0.050)
    print(f"99 of 100 beside an import within {spell(percentile(taken, 0.99))}")
    session.close()


if __name__ == "__main__":
    main()
