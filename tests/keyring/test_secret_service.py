"""The second factor in a real Secret Service; `make test-keyring` starts one, and nothing else runs these."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from db import second_factor
from db.second_factor import KeyringRefused
from db.vault import read_header
from kingshurst_tui import vaults
from kingshurst_tui.cli import main
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.errors import Refused, StoreLocked, WrongPassphrase
from kingshurst_tui.keyholding import factor, recovery, users
from kingshurst_tui.keyholding.rotation import rotate
from kingshurst_tui.oversight.trail import verify_trail
from kingshurst_tui.session import Session
from tests.conftest import NOON, ROOT

if os.environ.get("KINGSHURST_SECRET_SERVICE") != "1":
    pytest.skip("make test-keyring starts a Secret Service for these", allow_module_level=True)

FIRST, OTHER = "administrator lantern wet ferry hill", "another lantern dry ferry hill"


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keyring") / "store"
    vaults.create(folder, "administrator", "SMBC", FIRST, clock=FixedClock(NOON))
    return folder


@pytest.fixture
def folder(pristine: Path, tmp_path: Path) -> Path:
    shutil.copytree(pristine, tmp_path / "store")
    return tmp_path / "store"


@pytest.fixture
def enter(folder: Path, clock: FixedClock) -> Iterator[Callable[..., Session]]:
    sessions: list[Session] = []

    def opening(passphrase: str = FIRST) -> Session:
        sessions.append(vaults.open_session(folder, "administrator", passphrase, clock=clock))
        return sessions[-1]

    yield opening
    for session in sessions:
        session.close()


@pytest.fixture
def paper(folder: Path, clock: FixedClock) -> str:
    session = vaults.open_session(folder, "administrator", FIRST, clock=clock)
    proposed = recovery.propose()
    recovery.confirm(session, proposed, proposed)
    session.close()
    return proposed


def secret_is(vault: str, found: bytes | None) -> None:
    """Put another secret into the keyring, or take it out."""
    import base64

    import keyring

    if found is None:
        keyring.delete_password(second_factor.SERVICE, f"{vault}/administrator")
    else:
        keyring.set_password(second_factor.SERVICE, f"{vault}/administrator", base64.b64encode(found).decode())


def test_it_is_never_the_only_way_in(enter: Callable[..., Session], folder: Path) -> None:
    with pytest.raises(Refused, match="recovery key first"):
        factor.turn_on(enter(), FIRST)
    assert read_header(folder).users[0].factor == ""


def test_the_passphrase_needs_the_keyring_beside_it(
    enter: Callable[..., Session], folder: Path, paper: str, clock: FixedClock
) -> None:
    factor.turn_on(enter(), FIRST)
    header = read_header(folder)
    assert header.users[0].factor == "keyring"
    enter().close()
    with pytest.raises(WrongPassphrase):
        enter("not this one at all")
    clock.move(timedelta(seconds=2))
    kept = second_factor.keyring_secret(header.vault, "administrator")
    # Another secret, and none: clear words, the passphrase is not tried, and the way back is named.
    for other in (bytes(32), None):
        secret_is(header.vault, other)
        with pytest.raises(StoreLocked) as refused:
            enter()
        assert not isinstance(refused.value, WrongPassphrase)
        assert "keyring" in refused.value.title
        assert "kingshurst recover STORE" in refused.value.hint
    secret_is(header.vault, kept)
    enter().close()


def test_a_new_passphrase_keeps_the_factor_and_turning_it_off_drops_the_secret(
    enter: Callable[..., Session], folder: Path, paper: str
) -> None:
    session = enter()
    factor.turn_on(session, FIRST)
    users.change_passphrase(session, OTHER)
    again = enter(OTHER)
    assert read_header(folder).users[0].factor == "keyring"
    with pytest.raises(WrongPassphrase):
        factor.turn_off(again, FIRST)
    factor.turn_off(again, OTHER)
    assert read_header(folder).users[0].factor == ""
    with pytest.raises(KeyringRefused, match="holds nothing"):
        second_factor.keyring_secret(read_header(folder).vault, "administrator")
    enter(OTHER)
    assert verify_trail(again).holds


def test_rotation_and_recovery_go_through(
    enter: Callable[..., Session], folder: Path, paper: str, clock: FixedClock
) -> None:
    session = enter()
    factor.turn_on(session, FIRST)
    session.close()
    rotate(folder, "administrator", FIRST, clock=clock)
    enter().close()
    secret_is(read_header(folder).vault, None)
    recovery.recover(folder, "administrator", paper, OTHER, clock=clock)
    assert read_header(folder).users[0].factor == ""
    enter(OTHER)


def test_on_the_command_line(folder: Path, paper: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own"
    own.write_text(FIRST + "\n")
    own.chmod(0o600)
    common = [str(folder), "--passphrase-file", str(own), "--json"]
    assert main(["user", "factor", *common[:1], "on", *common[1:]]) == 0
    assert json.loads(capsys.readouterr().out)["factor"] == "keyring"
    assert main(["user", "list", *common]) == 0
    assert json.loads(capsys.readouterr().out)["users"][0]["factor"] == "keyring"
    assert main(["user", "factor", *common[:1], "off", *common[1:]]) == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring"),
        ("KEYRING_PROPERTY_SCHEME", "KeePassXC"),
    ],
)
def test_an_environment_that_redirects_is_refused(
    enter: Callable[..., Session], paper: str, name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(KeyringRefused, match="environment"):
        factor.turn_on(enter(), FIRST)


def test_keyrings_alt_beside_the_secret_service_is_refused(folder: Path, paper: str) -> None:
    """The chainer would put both in a row; its children are looked at."""
    beside = os.environ.get("KINGSHURST_KEYRINGS_ALT")
    if not beside:
        pytest.skip("keyrings.alt could not be installed beside the program")
    run = subprocess.run(
        [sys.executable, "-c", "from db import second_factor; second_factor.keyring_secret('v', 'u')"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": beside},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "KeyringRefused: A keyring is installed here that may keep secrets in plain text" in run.stderr


def everything_kept() -> list[bytes]:
    """Return all that the keyring holds: labels, attributes and secrets of every item of every collection."""
    import secretstorage

    found: list[bytes] = []
    bus = secretstorage.dbus_init()
    for collection in secretstorage.get_all_collections(bus):
        for item in collection.get_all_items():
            found += [item.get_label().encode(), repr(item.get_attributes()).encode(), item.get_secret()]
    return found


def test_the_keyring_holds_no_passphrase_no_key_and_no_name(
    enter: Callable[..., Session], folder: Path, paper: str
) -> None:
    import base64

    factor.turn_on(enter(), FIRST)
    session = enter()
    kept = session.keys_for_upkeep()
    needles = {"passphrase": FIRST.encode(), "recovery key": paper.encode(), "folder": str(folder).encode()}
    for name in ("data", "person", "lasting"):
        key = bytes(getattr(kept, name))
        needles |= {
            f"{name} key": key,
            f"{name} key in hex": key.hex().encode(),
            f"{name} key in base64": base64.b64encode(key).rstrip(b"="),
        }
    held = everything_kept()
    assert any(second_factor.SERVICE.encode() in each for each in held), "the keyring was not looked into"
    assert [what for what, needle in needles.items() if any(needle in each for each in held)] == []
    files = [path for path in Path(os.environ["HOME"]).rglob("*") if path.is_file() and "alt" not in path.parts]
    written = {str(path): path.read_bytes() for path in files}
    assert any("keyring" in path for path in written)
    assert [(what, path) for what, needle in needles.items() for path in written if needle in written[path]] == []
