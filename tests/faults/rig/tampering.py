"""What somebody who can write the files, and holds no key, can do to them; and whether opening and checking say so.

Every page of both files by six changes; every frame of the log by five; a log, a file or the whole vault put back. What
is not found must carry no meaning: everything that the store holds is then what was last written.
"""

from __future__ import annotations

import contextlib
import io
import random
import shutil
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from db.connecting import connect
from db.errors import IntegrityFailure
from db.person_keys import person_keys_file
from db.store import data_file
from db.vault import HEADER, open_slot, read_header
from kingshurst_tui import vaults
from kingshurst_tui.oversight.cosigning import cosign
from kingshurst_tui.oversight.held_checkpoints import held_file
from kingshurst_tui.session import Session
from kingshurst_tui.upkeep.checking import check
from tests.faults.rig.checking import digest
from tests.faults.rig.scenarios import PASSPHRASE, SCENARIOS, Place
from tests.faults.rig.settings import CLOCK

PAGE = 4096
LOG_HEAD, FRAME = 32, 24 + PAGE


@dataclass(frozen=True, slots=True)
class Stores:
    """One store at two moments, each with its newest acts in the log alone, as a kill leaves it, and written back.

    Attributes:
        earlier: before everything that ``later`` has besides; with a log in ``earlier_logged``.
        later: what stands, the same with a log in ``logged``.
        held: what a supervisor holds outside: a checkpoint over all of ``later``.
        contents: everything that ``later`` holds.
    """

    earlier: Path
    earlier_logged: Path
    later: Path
    logged: Path
    held: bytes
    contents: str


@dataclass(frozen=True, slots=True)
class Tampering:
    """One thing done to the files of a copy of ``begins_with``."""

    kind: str
    where: str
    begins_with: Path
    does: Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one: by what it was found, or else whether the store holds anything other than it did."""

    tampering: Tampering
    found_by: str
    changed: str = ""

    @property
    def right(self) -> bool:
        """Whether it was found, or changed nothing."""
        return bool(self.found_by) or not self.changed

    def __str__(self) -> str:
        became = self.found_by or self.changed or "not found, and nothing is other than it was"
        return f"{self.tampering.kind} at {self.tampering.where}: {became}"


# --- the stores ------------------------------------------------------------------------------------------------------


def make(starts: Path, place: Path) -> Stores:
    """Make the stores below ``place`` of those that start.py made; while the rig's settings hold."""
    with contextlib.redirect_stdout(io.StringIO()):
        return _made(starts, place)


def _made(starts: Path, place: Path) -> Stores:
    shutil.copytree(starts / "linked", place / "work")
    doing = Place(place / "work", starts / "files")
    earlier_logged = _acted(doing, place / "earlier logged")
    _settle(doing.store)
    earlier = Path(shutil.copytree(doing.store, place / "earlier"))
    for name in ("decision", "link again", "erasure of a data set"):
        for step in SCENARIOS[name].steps:
            _done(step.do(doing))
    _done(SCENARIOS["user suspended"].steps[0].do(doing))
    _done(doing.cli("erase", "ask", "STORE", "--person", doing.fact("person"), user="governance"))
    _done(doing.cli("erase", "confirm", "STORE", "2", "--no-more", user="supervisor"))
    logged = _acted(doing, place / "logged")
    _settle(doing.store)
    later = Path(shutil.copytree(doing.store, place / "later"))
    held = held_file(read_header(later).vault).read_bytes()
    return Stores(earlier, earlier_logged, later, logged, held, contents(later))


def _done(code: int) -> None:
    if code:
        raise AssertionError(f"a step ended with {code}")


def _acted(doing: Place, logged: Path) -> Path:
    """Do thirty acts and cosign them; copy the store while somebody has it open, so that they are in its log alone."""
    with closing(_signed_in(doing.store, "administrator")):
        _done(SCENARIOS["acts"].steps[0].do(doing))
        with closing(_signed_in(doing.store, "supervisor")) as supervisor:
            cosign(supervisor)
        return Path(shutil.copytree(doing.store, logged, ignore=shutil.ignore_patterns("*-shm")))


def _signed_in(folder: Path, user: str, *, checking: bool = False) -> Session:
    return vaults.open_session(folder, user, PASSPHRASE.format(user), clock=CLOCK, checking=checking)


def _settle(folder: Path) -> None:
    for path, key in _files(folder):
        with closing(connect(path, key)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _files(folder: Path) -> list[tuple[Path, bytearray]]:
    header = read_header(folder)
    _, _, keys = open_slot(header, "supervisor", PASSPHRASE.format("supervisor"))
    return [
        (data_file(folder, header.generation), keys.data),
        (person_keys_file(folder, header.generation), keys.person),
    ]


def contents(folder: Path) -> str:
    """Return a digest of all rows of both files, and who may open them. Raises: where they cannot be read."""
    told = []
    for path, key in _files(folder):
        with closing(connect(path, key)) as connection:
            told.append(digest(connection)[0])
    who = sorted((slot.user, slot.role, slot.status, slot.signing_public) for slot in read_header(folder).users)
    return repr((told, who))


# --- what is done to them --------------------------------------------------------------------------------------------


def all_of(stores: Stores, chance: random.Random) -> list[Tampering]:
    """Return everything that is tried."""
    return [*_pages(stores, chance), *_log(stores, chance), *_put_back(stores)]


def _pages(stores: Stores, chance: random.Random) -> Iterator[Tampering]:
    for path, _ in _files(stores.later):
        name = path.name
        now, then = path.read_bytes(), (stores.earlier / name).read_bytes()
        count = len(now) // PAGE
        for page in range(count):
            at = _at(page)
            other = chance.choice([each for each in range(count) if each != page])
            changes = {
                "bit flipped": _with(now, at, _flipped(now[at], chance)),
                "zeroed": _with(now, at, bytes(PAGE)),
                "swapped with another": _with(_with(now, at, _page(now, other)), _at(other), now[at]),
                "file cut before it": now[: at.start] if page else now[: PAGE // 2],
                "appended at the end": now + now[at],
            }
            if at.stop <= len(then) and then[at] != now[at]:
                changes["older one put back"] = _with(now, at, then[at])
            for kind, changed in changes.items():
                yield _written(f"page: {kind}", f"{name} page {page + 1}", stores.later, name, changed)
        for byte in range(16):
            flipped = _with(now, slice(byte, byte + 1), _flipped(now[byte : byte + 1], chance))
            yield _written("salt: bit flipped", f"{name} byte {byte}", stores.later, name, flipped)
        for more in (1, PAGE - 1, PAGE, 3 * PAGE):
            longer = now + chance.randbytes(more)
            yield _written("file: rubbish appended", f"{name}, {more} bytes", stores.later, name, longer)


def _log(stores: Stores, chance: random.Random) -> Iterator[Tampering]:
    name = f"{_files(stores.logged)[0][0].name}-wal"
    log = (stores.logged / name).read_bytes()
    frames = [log[at : at + FRAME] for at in range(LOG_HEAD, len(log), FRAME)]
    newest: dict[bytes, int] = {}
    for number, frame in enumerate(frames):
        begin = LOG_HEAD + number * FRAME
        where = f"{name} frame {number + 1} of {len(frames)}"
        changes = {
            "cut before it": log[:begin],
            "cut within it": log[: begin + chance.randrange(1, FRAME)],
            "bit flipped": _with(log, slice(begin, begin + FRAME), _flipped(frame, chance)),
            "bit flipped, sums made anew": _summed(
                log, [*frames[:number], frame[:24] + _flipped(frame[24:], chance), *frames[number + 1 :]]
            ),
        }
        if frame[4:8] == bytes(4):  # one that ends a transaction is the cut before it
            changes["left out, sums made anew"] = _summed(log, [*frames[:number], *frames[number + 1 :]])
        before = newest.get(frame[:4])
        if before is not None:
            older = frame[:24] + frames[before][24:]
            changes["older one put back, sums made anew"] = _summed(
                log, [*frames[:number], older, *frames[number + 1 :]]
            )
        newest[frame[:4]] = number
        for kind, made in changes.items():
            yield _written(f"log: {kind}", where, stores.logged, name, made)
    yield Tampering("log: removed", name, stores.logged, lambda folder: (folder / name).unlink())
    older_log = (stores.earlier_logged / name).read_bytes()
    for begins_with in (stores.later, stores.logged):
        yield _written("log: older one put back", f"{name} of {begins_with.name}", begins_with, name, older_log)


def _put_back(stores: Stores) -> Iterator[Tampering]:
    for earlier in (stores.earlier, stores.earlier_logged):
        yield Tampering("vault: all of it put back", earlier.name, earlier, lambda folder: None)
    for path in (*(path for path, _ in _files(stores.later)), stores.later / HEADER, stores.later / "heads"):
        yield Tampering("file: older one put back", path.name, stores.later, partial(_from, stores.earlier, path.name))
    data, salts = (path.name for path, _ in _files(stores.later))
    for names in ((data, salts), (data, salts, "heads"), (data, "heads")):
        does = partial(_from, stores.earlier, *names)
        yield Tampering("files: older ones put back", " and ".join(names), stores.later, does)


def _from(earlier: Path, *names_and_folder: str | Path) -> None:
    *names, folder = names_and_folder
    for name in names:
        if (earlier / name).is_dir():
            shutil.rmtree(Path(folder) / name)
            shutil.copytree(earlier / name, Path(folder) / name)
        else:
            shutil.copyfile(earlier / name, Path(folder) / name)


def _written(kind: str, where: str, begins_with: Path, name: str, changed: bytes) -> Tampering:
    return Tampering(kind, where, begins_with, partial(_write, name, changed))


def _write(name: str, changed: bytes, folder: Path) -> None:
    (folder / name).write_bytes(changed)


def _at(page: int) -> slice:
    return slice(page * PAGE, (page + 1) * PAGE)


def _page(whole: bytes, page: int) -> bytes:
    return whole[_at(page)]


def _with(whole: bytes, at: slice, changed: bytes) -> bytes:
    return whole[: at.start] + changed + whole[at.stop :]


def _flipped(part: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(part))
    return _with(part, slice(at, at + 1), bytes([part[at] ^ 1 << chance.randrange(8)]))


def _summed(log: bytes, frames: Sequence[bytes]) -> bytes:
    """Return a log of these frames with the sums by which SQLite knows what was written whole; they hold no key."""
    order = ">" if log[3] & 1 else "<"
    sums = struct.unpack(">2I", log[24:32])
    made = [log[:LOG_HEAD]]
    for frame in frames:
        sums = _sums(order, frame[24:], _sums(order, frame[:8], sums))
        made.append(frame[:16] + struct.pack(">2I", *sums) + frame[24:])
    return b"".join(made)


def _sums(order: str, data: bytes, sums: tuple[int, ...]) -> tuple[int, int]:
    one, two = sums
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for first, second in zip(words[::2], words[1::2], strict=True):
        one = (one + first + two) & 0xFFFFFFFF
        two = (two + second + one) & 0xFFFFFFFF
    return one, two


# --- whether it is found ---------------------------------------------------------------------------------------------


def tried(stores: Stores, chosen: Iterable[Tampering], place: Path) -> Iterator[Outcome]:
    """Do each to a copy of its own, and open and check that as a supervisor does who holds a checkpoint."""
    held = held_file(read_header(stores.later).vault)
    held.parent.mkdir(parents=True, exist_ok=True)
    for each in chosen:
        folder = place / "tampered"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(each.begins_with, folder)
        each.does(folder)
        held.write_bytes(stores.held)
        before = place / "looked at"
        shutil.rmtree(before, ignore_errors=True)
        shutil.copytree(folder, before)
        found_by = _found_by(folder)
        yield Outcome(each, found_by, "" if found_by else _changed(before, stores))


def _found_by(folder: Path) -> str:
    """Return what says that something is wrong, in one opening and one check; empty where nothing does."""
    try:
        session = _signed_in(folder, "supervisor", checking=True)
    except IntegrityFailure as failed:
        return f"opening: {failed.title}"
    with closing(session):
        try:
            found = check(session)
        except IntegrityFailure as failed:
            return f"check: {failed.title}"
    return ", ".join(dict.fromkeys(each.check for each in found.findings if each.problems))


def _changed(folder: Path, stores: Stores) -> str:
    try:
        return "" if contents(folder) == stores.contents else "NOT FOUND, and what the store holds is another"
    except Exception as failed:  # noqa: BLE001 - whatever it is, it was not found
        return f"NOT FOUND, and the store cannot be read: {failed}"
