"""From an invented town to a store a panel can sit down to: every step by the same functions as a real one."""

from __future__ import annotations

import csv
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.agreements import gates
from kingshurst_tui.agreements.standing_today import WAITING
from kingshurst_tui.casework import consent_receiving, consent_review, rulebook
from kingshurst_tui.casework.consent_giving import HELD
from kingshurst_tui.clock import Clock, SystemClock
from kingshurst_tui.commands.recovery_words import write_private
from kingshurst_tui.demo import geography
from kingshurst_tui.demo import panels as held_panels
from kingshurst_tui.demo.layouts_more import REPORTS_BY_AREA
from kingshurst_tui.demo.town import DATA_SETS, TownSummary, write_town
from kingshurst_tui.demo.writers import CsvWriter
from kingshurst_tui.errors import InputRejected, Refused
from kingshurst_tui.granting import grants, role_lines
from kingshurst_tui.intake import imports
from kingshurst_tui.keyholding import recovery, users
from kingshurst_tui.linkage import approval
from kingshurst_tui.linkage import run as linking
from kingshurst_tui.linkage.run import LinkRun
from kingshurst_tui.places import forecast_approval, look_ups, place_rules, standing_out
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import ReasonCode, Role

DEFAULT_PEOPLE = 2_000
DEFAULT_SEED = 1
EXPECTED_BEFORE = 3
"""Months of which it was said what is expected before they came."""

Tell = Callable[[str], None]

_INTAKE = Reason(ReasonCode.INTAKE)
_CONSENT = Reason(ReasonCode.CONSENT)


@dataclass
class DemoStore:
    """A demonstration as it stands on disk.

    Attributes:
        folder: holds ``kingshurst`` (the store), ``partners``, ``truth`` and ``passphrases``.
        stopped: data sets that a gate or a check kept out, with what it said.
    """

    folder: Path
    clock: Clock
    passphrases: dict[str, str] = field(repr=False)
    town: TownSummary
    batches: dict[str, int] = field(default_factory=dict)
    stopped: dict[str, str] = field(default_factory=dict)
    link_run: LinkRun | None = None

    @property
    def store(self) -> Path:
        """The store's own folder."""
        return self.folder / "kingshurst"

    @contextmanager
    def signed_in(self, name: str) -> Iterator[Session]:
        """Open the store as one of its users: coordinator, practitioner, supervisor, governance, administrator."""
        session = vaults.open_session(self.store, name, self.passphrases[name], clock=self.clock)
        try:
            yield session
        finally:
            session.close()


def build(
    folder: Path,
    *,
    people: int = DEFAULT_PEOPLE,
    seed: int = DEFAULT_SEED,
    clock: Clock | None = None,
    tell: Tell | None = None,
    panels: bool = False,
) -> DemoStore:
    """Invent a town and bring it through every gate into a new store.

    Args:
        folder: new or empty.
        people: 200 to 1,000,000.
        seed: which town; the same seed, size and day give the same extracts.
        clock: what day it is.
        tell: told what is being done now.
        panels: whether three panels were held and one is to come; everything else was then set up a fortnight ago.

    Raises: Refused (the folder is in use), StoreUnavailable, InputRejected.
    """
    now = clock or SystemClock()
    clock = held_panels.Before(now, timedelta(days=held_panels.BEGUN)) if panels else now
    say = tell or (lambda line: None)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(folder.iterdir()):
        raise Refused("The folder is not empty.", f"{folder} was not touched.", "Choose a new folder.")
    say(f"Inventing {people:,} people")
    town = write_town(folder, people, seed, clock.today())
    demo = DemoStore(folder, clock, _passphrases(folder), town)
    say("Making the store and its users")
    _make_store(demo)
    say("Signing agreements, rules and the linkage model")
    _sign(demo)
    say("Receiving consents and extracts")
    _import(demo, say, earlier=panels)
    say("Linking records, counting incidents, raising flags")
    with demo.signed_in("coordinator") as session:
        demo.link_run = linking.run(session, _INTAKE)
        _agree(session)
        if panels:
            # A look at places, so that what stands out today does so since then.
            standing_out.standing_out(session)
    if panels:
        held_panels.hold(demo, now, say)
    return demo


def _passphrases(folder: Path) -> dict[str, str]:
    """Make a passphrase for each user and keep it in a private file; only a demonstration ever does."""
    place = folder / "passphrases"
    place.mkdir(mode=0o700)
    made = {role.value: secrets.token_urlsafe(18) for role in Role}
    for name, passphrase in made.items():
        handle = os.open(place / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(passphrase + "\n")
    return made


def _make_store(demo: DemoStore) -> None:
    accounts = {row["name"]: row for row in _rows(demo.folder / "partners" / "users.csv")}
    first = accounts[Role.ADMINISTRATOR.value]
    passphrase = demo.passphrases[first["name"]]
    vaults.create(demo.store, first["name"], first["agency"], passphrase, clock=demo.clock, demonstration=True)
    with demo.signed_in(first["name"]) as session:
        _keep_recovery_key(demo, session)
        for name, row in accounts.items():
            if name != first["name"]:
                role = Role(row["role"])
                users.add_user(session, name, row["display_name"], row["agency"], role, demo.passphrases[name])
    _confirm_roles(demo)


def _confirm_roles(demo: DemoStore) -> None:
    """Give each role its second signature: supervisor and officer confirm each other, and then the rest."""
    with demo.signed_in(Role.SUPERVISOR) as supervisor:
        grants.confirm(supervisor, Role.GOVERNANCE)
    with demo.signed_in(Role.GOVERNANCE) as officer:
        for line in role_lines.waiting_for_me(officer):
            grants.confirm(officer, line.user)


def _keep_recovery_key(demo: DemoStore, session: Session) -> None:
    """Make a recovery key and leave it beside the passphrases; only a demonstration ever does."""
    place = demo.folder / "passphrases" / "RECOVERY"
    write_private(place, recovery.propose())
    kept = place.read_text(encoding="utf-8").strip()
    recovery.confirm(session, kept, kept)


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _sign(demo: DemoStore) -> None:
    """Add every agreement; a supervisor gives the second signature that amber ones and the rules need."""
    with demo.signed_in(Role.GOVERNANCE) as officer, demo.signed_in(Role.SUPERVISOR) as supervisor:
        for path in sorted((demo.folder / "partners" / "agreements").glob("*.toml")):
            try:
                standing = gates.add(officer, path.read_text(encoding="utf-8"), reason=_INTAKE)
            except (Refused, InputRejected) as stopped:
                demo.stopped[path.stem.upper()] = _why(stopped)
                continue
            if standing.state == WAITING:
                gates.sign(supervisor, standing.agreement.reference, reason=_INTAKE)
        rulebook.install_shipped(officer)
        rulebook.approve(supervisor)
        approval.install(officer)
        approval.approve(supervisor)
        place_rules.decide(supervisor, 1)
        forecast_approval.install(officer)
        forecast_approval.approve(supervisor)


def _agree(session: Session) -> None:
    """Be the second person for the consents that match exactly; those that do not are left for the panel's review."""
    consent_review.agree_to_exact(session, _CONSENT)
    for each in consent_review.review_queue(session, _CONSENT):
        same = [one for one in each.candidates if _is_the_same(one)]
        if each.because == HELD and len(same) == 1:
            consent_review.settle(session, each.number, same[0].pseudonym, "", _CONSENT)


def look_ahead(demo: DemoStore, tell: Tell) -> None:
    """Keep what is expected of the data set whose months are enough to hold the model to account; it takes seconds."""
    from kingshurst_tui.places import looking_ahead

    tell("Looking ahead at places")
    with demo.signed_in(Role.COORDINATOR) as session:
        looking_ahead.expect(session, REPORTS_BY_AREA.reference)


def _look_ahead_from_before(session: Session, path: Path, today: date) -> None:
    """Take the data set in as it was some months ago and keep what was expected then: what came stands beside it."""
    from kingshurst_tui.places import looking_ahead

    began = today.replace(day=1) - timedelta(days=28 * EXPECTED_BEFORE)
    shape = REPORTS_BY_AREA
    with path.open(encoding=shape.encoding, newline="") as file:
        header, *rows = csv.reader(file, delimiter=shape.delimiter)
    month = next(at for at, (_, ours) in enumerate(shape.columns) if ours == "area.month")
    before = path.with_name(f"{path.stem}_before.csv")
    out = CsvWriter(before, header, shape.encoding, shape.delimiter)
    out.rows(row for row in rows if row[month][3:] + row[month][:2] < f"{began:%Y%m}")
    out.close()
    imports.import_file(session, before, shape.reference, reason=_INTAKE, as_at=began.replace(day=5))
    looking_ahead.expect(session, shape.reference)


def _is_the_same(candidate: consent_review.Candidate) -> bool:
    compared = dict(candidate.compared)
    return all(compared[name] == "the same" for name in ("forename", "surname", "date of birth"))


def _why(stopped: Refused | InputRejected) -> str:
    """Return what stopped a data set: each problem where there are some."""
    return " ".join(stopped.problems) if isinstance(stopped, InputRejected) and stopped.problems else stopped.title


def _import(demo: DemoStore, say: Tell, *, earlier: bool) -> None:
    partners = demo.folder / "partners"
    with demo.signed_in(Role.GOVERNANCE) as officer:
        consent_receiving.receive_register(officer, partners / "consents.csv", _CONSENT)
    with demo.signed_in(Role.COORDINATOR) as session:
        say("  places")
        for name in geography.FILES:
            look_ups.import_file(session, partners / "places" / name, reason=_INTAKE)
        for reference, data_set in DATA_SETS.items():
            if reference in demo.stopped:
                continue
            say(f"  {reference}")
            if earlier and data_set is REPORTS_BY_AREA:
                _look_ahead_from_before(session, partners / data_set.file, demo.clock.today())
            try:
                done = imports.import_file(session, partners / data_set.file, reference, reason=_INTAKE)
            except (Refused, InputRejected) as stopped:
                demo.stopped[reference] = _why(stopped)
                continue
            if done.batch is not None:
                demo.batches[reference] = done.batch
