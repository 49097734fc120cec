"""The keyring as a second factor, where there is none, a wrong one or another one; a real one: make test-keyring."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from db import second_factor
from db.second_factor import KeyringRefused
from db.slots import seal_slot
from db.vault import HEADER, changing_header, open_slot, read_header
from kingshurst_tui import vaults
from kingshurst_tui.errors import IntegrityFailure, KingshurstError, StoreLocked, WrongPassphrase
from tests.conftest import ROOT
from tests.trust.conftest import PASSPHRASES, Open

SECRET = bytes(range(32))
WORDS = PASSPHRASES["coordinator"]


@pytest.fixture
def bound(folder: Path, opened: Open) -> Path:
    """The copy, where the coordinator's slot wants a keyring's secret as well."""
    session = opened("coordinator")
    pairs, store_keys = session._pairs, session._store_keys
    with changing_header(folder, store_keys) as draft:
        slot = draft.header.slot("coordinator")
        assert slot is not None
        sealed = seal_slot(
            draft.header.vault, slot.user, slot.role, slot.agency, WORDS, pairs, store_keys, secret=SECRET
        )
        draft.write(draft.header.with_slot(sealed))
    return folder


def run(code: str, tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a few lines where no keyring answers and nothing of this login is in reach."""
    private = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_DATA_HOME": str(tmp_path)}
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHON_KEYRING_BACKEND", "DISPLAY")}
    nowhere = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/nobody"}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=env | private | nowhere | environment,
        capture_output=True,
        text=True,
        check=False,
    )


ASK = """
from db import second_factor
try:
    second_factor.keep_in_keyring("vault", "user", bytes(32))
except second_factor.KeyringRefused as refused:
    print(refused.title, "|", refused.detail, "|", refused.hint)
"""


def test_both_are_needed_and_neither_opens_alone(bound: Path) -> None:
    header = read_header(bound)
    open_slot(header, "coordinator", WORDS, secret_of=lambda vault, user: SECRET)
    with pytest.raises(WrongPassphrase):
        open_slot(header, "coordinator", "not this one", secret_of=lambda vault, user: SECRET)


def test_a_keyring_that_changed_is_said_in_clear_words_with_the_way_back(bound: Path) -> None:
    with pytest.raises(StoreLocked) as refused:
        open_slot(read_header(bound), "coordinator", WORDS, secret_of=lambda vault, user: bytes(32))
    assert not isinstance(refused.value, WrongPassphrase)
    assert "another secret" in refused.value.title
    assert "kingshurst recover STORE" in refused.value.hint


def test_every_leaf_of_a_bound_slot_is_guarded(bound: Path) -> None:
    written = json.loads((bound / HEADER).read_text())
    place = next(at for at, slot in enumerate(written["slots"]) if slot["factor"])
    for leaf, value in written["slots"][place].items():
        for changed in ("", "0" + str(value)) if isinstance(value, str) else (value + 1,):
            document = json.loads(json.dumps(written))
            document["slots"][place][leaf] = changed
            (bound / HEADER).write_text(json.dumps(document))
            with pytest.raises(KingshurstError):
                open_slot(read_header(bound), "coordinator", WORDS, secret_of=lambda vault, user: SECRET)
            with pytest.raises((IntegrityFailure, WrongPassphrase)):
                open_slot(read_header(bound), "supervisor", PASSPHRASES["supervisor"])


def test_with_no_keyring_passphrases_alone_work_and_the_tool_says_so(bound: Path, tmp_path: Path) -> None:
    said = run(ASK, tmp_path).stdout
    assert "There is no keyring here" in said
    assert "Passphrases alone open a store" in said
    code = f"""
import sys
from pathlib import Path
from kingshurst_tui import vaults
vaults.open_session(Path({str(bound)!r}), "supervisor", {PASSPHRASES["supervisor"]!r}).close()
print("keyring" in sys.modules)
vaults.open_session(Path({str(bound)!r}), "coordinator", {WORDS!r}).close()
"""
    opening = run(code, tmp_path)
    assert opening.stdout == "False\n", "keyring takes 50 ms to import, and nobody needed it"
    assert "KeyringRefused: There is no keyring here" in opening.stderr


def test_a_keyring_in_plain_text_is_refused_and_given_nothing(tmp_path: Path) -> None:
    """A stand-in for keyrings.alt, found as that one is; make test-keyring installs the real one."""
    package = tmp_path / "alt"
    (package / "keyrings" / "alt").mkdir(parents=True)
    (package / "keyrings" / "alt" / "file.py").write_text(
        "from keyring.backend import KeyringBackend\n"
        "class PlaintextKeyring(KeyringBackend):\n"
        "    priority = 0.5\n"
        "    def get_password(self, service, username):\n"
        "        raise SystemExit('asked')\n"
        "    def set_password(self, service, username, password):\n"
        "        raise SystemExit('given')\n"
        "    def delete_password(self, service, username):\n"
        "        pass\n"
    )
    about = package / "keyrings.alt-5.0.2.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: keyrings.alt\nVersion: 5.0.2\n")
    (about / "entry_points.txt").write_text("[keyring.backends]\nfile = keyrings.alt.file\n")
    asked = run(ASK, tmp_path, PYTHONPATH=str(package))
    assert "may keep secrets in plain text" in asked.stdout, asked.stderr
    assert "keyrings.alt.file.PlaintextKeyring" in asked.stdout


@pytest.mark.parametrize(
    "name",
    [
        "PYTHON_KEYRING_BACKEND",
        "KEYRING_PROPERTY_KEYRING_KEY",
        "KEYCHAIN_PATH",
        "SECRET_BACKEND",
        "SECRET_FILE_TEST_PASSWORD",
        "SECRET_FILE_TEST_PATH",
        "SECRET_SERVICE_BUS_NAME",
    ],
)
def test_an_environment_that_redirects_is_refused(name: str, tmp_path: Path) -> None:
    said = run(ASK, tmp_path, **{name: "somewhere.else.Keyring"}).stdout
    assert "environment says which keyring" in said
    assert name in said


def test_no_allowed_keyring_reads_a_variable_that_was_not_looked_at() -> None:
    """Read in the text of the installed package: a newer one that follows another variable is to be looked at."""
    import keyring.backends

    harmless = {
        "XDG_CURRENT_DESKTOP",  # kwallet: which of two allowed keyrings is preferred
    }
    read = set()
    for name in {name.rpartition(".")[0] for name in second_factor.ALLOWED}:
        place = Path(keyring.backends.__path__[0]) / name.rpartition(".")[2]
        for path in place.rglob("*.py") if place.is_dir() else [place.with_suffix(".py")]:
            text = path.read_text(encoding="utf-8")
            found = re.findall(r"""(?:environ\.get\(|getenv\(|environ\[)\s*["'](\w+)["']""", text)
            assert len(found) == len(re.findall(r"\b(?:environ|getenv)\b", text)), path.name
            read |= set(found)
    assert read - harmless <= second_factor.REDIRECTS
    assert "KEYCHAIN_PATH" in read


def test_a_settings_file_that_redirects_is_refused_before_it_is_followed(tmp_path: Path) -> None:
    settings = tmp_path / "config" / "python_keyring" / "keyringrc.cfg"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"[backend]\ndefault-keyring = evil.Keyring\nkeyring-path = {tmp_path}\n")
    (tmp_path / "evil.py").write_text("raise SystemExit('followed')\n")
    said = run(ASK, tmp_path)
    assert "settings file says which keyring" in said.stdout, said.stderr
    assert "followed" not in said.stderr


def test_only_keyrings_that_the_login_encrypts_are_on_the_list() -> None:
    """Each name is one that the keyring package has: a misspelt one would refuse a system that is right."""
    import importlib.util

    for name in second_factor.ALLOWED:
        module = name.rpartition(".")[0]
        assert importlib.util.find_spec(module) is not None, module
    assert issubclass(KeyringRefused, StoreLocked)


def test_it_cannot_be_turned_on_without_a_recovery_key(opened: Open, folder: Path) -> None:
    from kingshurst_tui.keyholding import factor

    with pytest.raises(KingshurstError, match="recovery key first"):
        factor.turn_on(opened("coordinator"), WORDS)
    vaults.open_session(folder, "coordinator", WORDS).close()
