"""A store on another machine's disk is refused, at opening and at making, before anything is touched."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from db.network_disks import mounted, refuse_network
from kingshurst_tui.errors import StoreUnavailable
from tests.conftest import ROOT
from tests.trust.conftest import PASSPHRASES, folder, pristine

__all__ = ["folder", "pristine"]

LOCAL = "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
SHARED = "31 22 0:44 / {place} rw,relatime shared:9 - {kind} server:/export rw,vers=4.2\n"


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    return tmp_path / "mountinfo"


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "fuse.rclone", "ceph", "virtiofs"])
def test_a_folder_on_a_network_file_system_is_refused(mounts: Path, kind: str) -> None:
    mounts.write_text(LOCAL + SHARED.format(place="/srv/partnership", kind=kind))
    with pytest.raises(StoreUnavailable, match="another machine") as refused:
        refuse_network(Path("/srv/partnership/stores/town"), mounts)
    assert kind in refused.value.detail
    refuse_network(Path("/srv/partnership-of-ours/town"), mounts)
    refuse_network(Path("/home/town"), mounts)


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "fuseblk", "fuse.gocryptfs"])
def test_a_disk_of_this_machine_is_not(mounts: Path, kind: str) -> None:
    mounts.write_text(LOCAL + SHARED.format(place="/srv/partnership", kind=kind))
    refuse_network(Path("/srv/partnership/town"), mounts)


def test_the_mount_that_is_seen_counts(mounts: Path) -> None:
    over = SHARED.format(place="/srv", kind="nfs4") + SHARED.format(place="/srv/disk\\040two", kind="ext4")
    mounts.write_text(LOCAL + over + SHARED.format(place="/mnt", kind="ext4") + SHARED.format(place="/mnt", kind="nfs"))
    assert mounted(Path("/srv/town"), mounts) == ("nfs4", "/srv")
    assert mounted(Path("/srv/disk two/town"), mounts) == ("ext4", "/srv/disk two")
    assert mounted(Path("/mnt/town"), mounts) == ("nfs", "/mnt")


def test_a_link_to_another_machine_is_followed(mounts: Path, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "near").symlink_to(tmp_path / "far")
    mounts.write_text(LOCAL + SHARED.format(place=tmp_path / "far", kind="nfs4"))
    with pytest.raises(StoreUnavailable):
        refuse_network(tmp_path / "near" / "town", mounts)


def test_where_the_system_does_not_say_nothing_is_refused(tmp_path: Path) -> None:
    refuse_network(tmp_path, tmp_path / "nothing")
    (tmp_path / "odd").write_bytes(b"\xff\xfe - \n\n1 2 3\n22 1 0:1 / / rw - \n")
    refuse_network(tmp_path, tmp_path / "odd")


MOUNTED = 'mount --bind "$1" /proc/$$/mountinfo && shift && exec "$@"'
"""Runs a program that is told of other mounts than there are: in a mount namespace of its own."""


@pytest.mark.parametrize("command", ["user list", "init"])
def test_the_program_refuses_at_opening_and_at_making(folder: Path, tmp_path: Path, mounts: Path, command: str) -> None:
    away = tmp_path / "away"
    (folder.rename(away) if command == "user list" else away.mkdir())
    mounts.write_text(LOCAL + SHARED.format(place=away, kind="nfs4"))
    key = tmp_path / "administrator"
    key.write_text(PASSPHRASES["administrator"] + "\n")
    key.chmod(0o600)
    asked = [*command.split(), str(away), "--user", "administrator", "--passphrase-file", str(key)]
    if command == "init":
        asked += ["--agency", "SMBC", "--recovery-file", str(tmp_path / "recovery")]
    before = sorted((path.name, path.stat().st_mtime_ns) for path in away.iterdir())
    run = subprocess.run(
        ["unshare", "-m", "sh", "-c", MOUNTED, "sh", str(mounts), sys.executable, "-m", "kingshurst_tui", *asked],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    if "unshare" in run.stderr or "mount:" in run.stderr or "not permitted" in run.stderr:
        pytest.skip("only root may tell a program of other mounts")
    assert run.returncode == 1
    assert "another machine" in run.stderr
    assert sorted((path.name, path.stat().st_mtime_ns) for path in away.iterdir()) == before
