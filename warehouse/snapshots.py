"""Snapshots: versioned, immutable DuckDB files behind two symlinks.

A version is a pair of files, `warehouse/<version>.duckdb` for analysts and `restricted/<version>.duckdb` with
personal data in clear. A file is built under a temporary name, flushed, renamed, and only then do the symlinks
move, one atomic rename each. A kill at any moment leaves the old pair readable; what it left behind is removed
when the next publisher takes the lock.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from warehouse.part_files import sync_path

TEMPORARY_SUFFIX = ".tmp"
KEPT_VERSIONS = 5

_FILE_SUFFIX = ".duckdb"
_ANALYSTS_FOLDER = "warehouse"
_RESTRICTED_FOLDER = "restricted"


@dataclass(frozen=True)
class VersionFiles:
    """The two files of one version, final and temporary names."""

    version: str
    warehouse: Path
    restricted: Path

    @property
    def temporary_warehouse(self) -> Path:
        """Where the analysts' file is built."""
        return self.warehouse.with_name(self.warehouse.name + TEMPORARY_SUFFIX)

    @property
    def temporary_restricted(self) -> Path:
        """Where the restricted file is built."""
        return self.restricted.with_name(self.restricted.name + TEMPORARY_SUFFIX)

    @property
    def complete(self) -> bool:
        """Both files bear their final names, so both were finished and passed the privacy gate."""
        return self.warehouse.is_file() and self.restricted.is_file()


def version_name(moment: datetime, digest: str) -> str:
    """`<UTC moment>-<first 8 hex digits of the inputs' digest>`; sorts by time."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%S%fZ}-{digest[:8]}"


def version_files(home: Path, version: str) -> VersionFiles:
    """The paths of a version under the home, whether they exist or not."""
    name = version + _FILE_SUFFIX
    return VersionFiles(version, home / _ANALYSTS_FOLDER / name, home / _RESTRICTED_FOLDER / name)


def current_version(home: Path) -> str | None:
    """The version that both symlinks point to; None where there is none or they differ (a kill between)."""
    targets = [_link_target(link) for link in _links(home)]
    return targets[0] if targets[0] is not None and targets[0] == targets[1] else None


@contextmanager
def publishing_lock(home: Path) -> Iterator[None]:
    """Hold the home's only right to publish; creates the folders and removes what a dead publisher left.

    Blocks while another process publishes. The restricted folder is closed to other users.
    """
    (home / _ANALYSTS_FOLDER).mkdir(parents=True, exist_ok=True)
    (home / _RESTRICTED_FOLDER).mkdir(mode=0o700, exist_ok=True)
    (home / _RESTRICTED_FOLDER).chmod(0o700)
    with (home / _ANALYSTS_FOLDER / ".publishing.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _remove_leftovers(home)
        yield


def place(files: VersionFiles) -> None:
    """Give both finished temporary files their final names; the data is on disk before the names are."""
    files.temporary_restricted.chmod(0o600)
    for temporary, final in (
        (files.temporary_restricted, files.restricted),
        (files.temporary_warehouse, files.warehouse),
    ):
        sync_path(temporary)
        temporary.rename(final)
        sync_path(final.parent)


def point_to(home: Path, version: str) -> None:
    """Move both symlinks to a complete version, the analysts' last. Raises `FileNotFoundError` if it is not."""
    files = version_files(home, version)
    if not files.complete:
        raise FileNotFoundError(f"version {version} is not complete under {home}")
    for link, target in zip(_links(home)[::-1], (files.restricted, files.warehouse), strict=True):
        temporary = link.with_name(f".{link.name}{TEMPORARY_SUFFIX}")
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(target.relative_to(home))
        os.replace(temporary, link)
    sync_path(home)


def prune(home: Path, keep: int = KEPT_VERSIONS) -> list[str]:
    """Remove all but the newest `keep` versions; never one that a symlink points to. Returns the removed."""
    linked = {target for link in _links(home) if (target := _link_target(link)) is not None}
    versions = sorted(
        {
            file.name.removesuffix(_FILE_SUFFIX)
            for folder in (_ANALYSTS_FOLDER, _RESTRICTED_FOLDER)
            for file in (home / folder).glob("*" + _FILE_SUFFIX)
        }
    )
    removed = [version for version in versions[: -max(keep, 1)] if version not in linked]
    for version in removed:
        files = version_files(home, version)
        files.warehouse.unlink(missing_ok=True)
        files.restricted.unlink(missing_ok=True)
    return removed


def _links(home: Path) -> tuple[Path, Path]:
    return home / "warehouse.duckdb", home / "restricted.duckdb"


def _link_target(link: Path) -> str | None:
    """The version a symlink names, if its file exists."""
    if not link.is_symlink() or not link.is_file():
        return None
    return Path(os.readlink(link)).name.removesuffix(_FILE_SUFFIX)


def _remove_leftovers(home: Path) -> None:
    """Temporary files, their write-ahead logs and half-made symlinks; call only under the lock."""
    leftovers = [home / f".{link.name}{TEMPORARY_SUFFIX}" for link in _links(home)]
    for folder in (home / _ANALYSTS_FOLDER, home / _RESTRICTED_FOLDER):
        leftovers += [*folder.glob("*" + TEMPORARY_SUFFIX), *folder.glob("*" + TEMPORARY_SUFFIX + ".*")]
    for file in leftovers:
        file.unlink(missing_ok=True)
