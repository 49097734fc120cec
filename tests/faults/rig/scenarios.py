"""What people do to a store while the disk fails them. One line a scenario in ``SCENARIOS``; add yours there.

A step is acknowledged when it returns 0: from then on it must outlast anything. A scenario begins on a copy of one of
the stores that start.py makes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kingshurst_tui.errors import ExitCode, KingshurstError
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from tests.faults.rig.settings import CLOCK

PASSPHRASE = "lantern wet ferry hill {}"
NEWER = "granite otter {} violin dusk"


@dataclass
class Place:
    """Where a scenario runs.

    Attributes:
        disk: the folder that is watched and broken; holds the store.
        files: extracts, passphrases and forms, on a disk of their own that never fails.
        acknowledge: says, in the middle of a step, that something was committed and may be relied on.
    """

    disk: Path
    files: Path
    acknowledge: Callable[[str], None] = field(default=lambda text: None)

    @property
    def store(self) -> Path:
        """The store's folder."""
        return self.disk / "store"

    @property
    def copies(self) -> Path:
        """Where copies of it go; on the same disk, so that they are watched and broken too."""
        return self.disk / "copies"

    def file(self, name: str) -> str:
        """Return the path of an input."""
        return str(self.files / name)

    def fact(self, name: str) -> str:
        """Return what start.py wrote down about the store: a pseudonym, a number."""
        return (self.files / name).read_text(encoding="utf-8")

    def passphrase(self, user: str) -> str:
        """Return the file that holds a user's first passphrase."""
        return self.file(f"{user}.passphrase")

    def cli(self, *words: str, user: str) -> int:
        """Run one command line, as somebody; return its exit code."""
        from kingshurst_tui import cli

        command = [word.replace("STORE", str(self.store)).replace("COPIES", str(self.copies)) for word in words]
        return cli.main([*command, "--user", user, "--passphrase-file", self.passphrase(user)])


@dataclass(frozen=True)
class Step:
    """One thing somebody asks for.

    Attributes:
        done_already: exit codes that also mean success when the step is tried again after a failure that came too late
            to undo it (a name is taken, a file is in).
    """

    name: str
    do: Callable[[Place], int]
    done_already: tuple[int, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """Something people do, step by step, beginning from a store of ``start``.

    Attributes:
        passphrases: by user, the passphrases that may open their slot: the first one, and those that steps give them,
            each with the number of the step that gave it.
        makes_store: there is no store before it.
        makes_copy: it makes a backup, which must be whole wherever there is one.
        older: it begins with a store of an older version, which must be brought to this one before it opens.
        left_for_later: tables of which a try that was cut off may leave rows nobody sees; the next import removes them.
        unentered: rows that are lacking, by table, where a try got so far that its file stands, whole, and could not
            enter it: the retry must be refused in the words of ``refused``, and nothing else may be missing.
        begun_waits: where the entry that it begins cannot be written it goes on: then, and only then, one is lacking.
        stands: a query for how many things stand that a step makes stand by one commit. A step that made one more may
            not say that it was undone, even where it failed before it was at its end.
        slow: ``make test`` takes a smaller sample of it.
        threads: it leaves threads behind, so that no process which forks may run it.
    """

    name: str
    start: str
    steps: tuple[Step, ...]
    passphrases: dict[str, tuple[int, str]] = field(default_factory=dict)
    makes_store: bool = False
    makes_copy: bool = False
    older: bool = False
    left_for_later: tuple[str, ...] = ()
    unentered: dict[str, int] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    begun_waits: bool = False
    stands: str = ""
    slow: bool = False
    threads: bool = False


def _cli(name: str, *words: str, user: str, files: tuple[str, ...] = (), done_already: tuple[int, ...] = ()) -> Step:
    """A step that is one command; a word of ``files`` is the name of an input."""

    def do(place: Place) -> int:
        given = [place.file(word[1:]) if word.startswith("@") else word for word in words]
        given = [place.fact(word[1:]) if word.startswith("=") else word for word in given]
        return place.cli(*given, user=user)

    return Step(name, do, done_already)


def _told(do: Callable[[Place], None]) -> Callable[[Place], int]:
    """Do something without the command line, and tell of what goes wrong as it would."""

    def done(place: Place) -> int:
        try:
            do(place)
        except KingshurstError as wrong:
            sys.stderr.write(f"{wrong.title}\n{wrong.detail}\n{wrong.hint}\n")
            return int(wrong.exit_code)
        return 0

    return done


@_told
def _many_acts(place: Place) -> None:
    """Thirty small acts in one session, each of which may be relied on as soon as it is done."""
    import db.users
    from kingshurst_tui import vaults
    from kingshurst_tui.acts import Reason

    session = vaults.open_session(place.store, "administrator", PASSPHRASE.format("administrator"), clock=CLOCK)
    try:
        for number in range(30):
            with session.act(Operation.ADMINISTER, Thing.STORE, reason=Reason(ReasonCode.MAINTENANCE)) as act:
                act.write(db.users.put_setting, f"note {number % 7}", "x" * (37 * number % 4096))
            place.acknowledge(f"act {number}")
    finally:
        session.close()


def _init(place: Place) -> int:
    """Make a store; where it was made and only its recovery key is missing, make that."""
    key = place.disk / "recovery-key"
    key.unlink(missing_ok=True)
    option = ("--recovery-file", str(key))
    made = place.cli("init", "STORE", "--agency", "SMBC", *option, user="administrator")
    if made == ExitCode.REFUSED:
        return place.cli("user", "recovery", "STORE", *option, user="administrator")
    return made


ACCEPTED = "SELECT count(*) FROM import_batch WHERE status = 'accepted'"

SCENARIOS = {
    each.name: each
    for each in (
        Scenario("acts", "users", (Step("thirty acts", _many_acts),)),
        Scenario(
            "init",
            "nothing",
            (Step("init", _init),),
            makes_store=True,
        ),
        Scenario(
            "user added",
            "users",
            (
                _cli(
                    "add a user",
                    *("user", "add", "STORE", "newcomer", "--role", "practitioner", "--agency", "WMFS"),
                    *("--new-passphrase-file", "@newcomer.passphrase"),
                    user="administrator",
                ),
            ),
            passphrases={"newcomer": (0, PASSPHRASE.format("newcomer"))},
        ),
        Scenario(
            "passphrase changed",
            "users",
            (
                _cli(
                    "change a passphrase",
                    *("user", "passphrase", "STORE", "--new-passphrase-file", "@coordinator.newer"),
                    user="coordinator",
                    done_already=(5,),
                ),
            ),
            passphrases={"coordinator": (0, NEWER.format("coordinator"))},
        ),
        Scenario(
            "user suspended",
            "users",
            (
                _cli("suspend a user", "user", "suspend", "STORE", "practitioner", user="administrator"),
                _cli("restore a user", "user", "restore", "STORE", "practitioner", user="administrator"),
            ),
        ),
        Scenario(
            "backup",
            "linked",
            (_cli("copy", "backup", "STORE", "COPIES/town", user="administrator", done_already=(4,)),),
            begun_waits=True,
            unentered={"backup_copy": 1, "committed_total": 1},
            refused=(
                "A backup is never written over anything.",
                "Nothing was written.",
                "Name a file that is not there",
            ),
            makes_copy=True,
            slow=True,
        ),
        Scenario(
            "restore",
            "copied away",
            (_cli("restore", "restore", "COPIES/town", "STORE", user="governance", done_already=(3,)),),
            makes_store=True,
            slow=True,
        ),
        Scenario(
            "restore in place",
            "copied",
            (_cli("restore", "restore", "COPIES/town", "STORE", "--replace", user="governance"),),
            slow=True,
        ),
        Scenario(
            "upgrade",
            "older",
            (_cli("upgrade", "upgrade", "STORE", user="administrator"),),
            older=True,
            slow=True,
        ),
        Scenario("rotation", "linked", (_cli("rotate", "rotate", "STORE", user="administrator"),), slow=True),
        Scenario(
            "import",
            "signed",
            (
                _cli("import", "import", "STORE", "@police.csv", "--agreement", "WMP-TEST", user="coordinator"),
                _cli("import more", "import", "STORE", "@housing.csv", "--agreement", "SCH-TEST", user="coordinator"),
            ),
            stands=ACCEPTED,
            slow=True,
        ),
        Scenario(
            "recall",
            "linked",
            (_cli("recall a batch", "recall", "STORE", "1", user="coordinator", done_already=(3, 4)),),
            left_for_later=("source_record", "record_detail", "contact", "relationship", "incident_contact"),
            stands="SELECT count(*) FROM import_batch WHERE status = 'recalled'",
        ),
        Scenario(
            "erasure of a person",
            "linked",
            (
                _cli("ask", "erase", "ask", "STORE", "--person", "=person", user="governance"),
                _cli("confirm", "erase", "confirm", "STORE", "1", "--no-more", user="supervisor", done_already=(3,)),
            ),
        ),
        Scenario(
            "erasure of a data set",
            "linked",
            (
                _cli("ask", "erase", "ask", "STORE", "--data-set", "SCH-TEST", user="governance"),
                _cli("confirm", "erase", "confirm", "STORE", "1", "--no-more", user="supervisor", done_already=(3,)),
            ),
        ),
        Scenario("link", "imported", (_cli("link", "link", "STORE", user="coordinator"),), slow=True, threads=True),
        Scenario(
            "link again",
            "linked",
            (
                _cli("import", "import", "STORE", "@more.csv", "--agreement", "WMP-TEST", user="coordinator"),
                _cli("link", "link", "STORE", user="coordinator"),
            ),
            stands=ACCEPTED,
            slow=True,
            threads=True,
        ),
        Scenario(
            "decision",
            "linked",
            (
                _cli("sign", "decision", "sign", "STORE", "=person", "--file", "@decision.json", user="coordinator"),
                _cli(
                    "act",
                    *("action", "add", "STORE", "=person", "--text", "Ring them.", "--agency", "SCH"),
                    *("--due", "2026-06-01"),
                    user="coordinator",
                ),
            ),
        ),
    )
}
