"""What every stage works with: the store, the sources, the operation, the run.

One `House` is opened per run by `pipelines.resources`; tests open one on a temporary folder.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

from assets.capture.policy import CapturePolicy
from assets.capture.source import Source
from assets.operation import Operation
from warehouse.parts import Part, PartStore


class Speaker(Protocol):
    """Where a stage says what it does; a Dagster log manager or a `logging.Logger` fits."""

    def info(self, msg: str) -> None: ...

    def warning(self, msg: str) -> None: ...


@dataclass
class House:
    """The settled surroundings of one run.

    `key` is the secret of the pseudonyms. `open_web` yields host overrides (logical host → address:port) for
    operations on a simulated web, and an empty mapping otherwise. `timestamp_authority` is the address of an
    RFC 3161 authority.
    """

    home: Path
    store: PartStore
    sources: Mapping[str, Source]
    operation: Operation
    run_id: str
    key: bytes
    log: Speaker
    keep_snapshots: int = 5
    timestamp_authority: str | None = None
    open_web: Callable[[], AbstractContextManager[Mapping[str, str]]] = lambda: nullcontext({})
    policy: CapturePolicy = field(default_factory=CapturePolicy)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def today(self) -> date:
        """The current day (UTC)."""
        return self.now().date()


def digest_of(parts: Iterable[Part], *more: str) -> str:
    """SHA-256 over the digests of parts and further words: equal inputs, equal digest."""
    words = sorted(part.sha256 for part in parts)
    return hashlib.sha256("|".join([*words, "", *more]).encode()).hexdigest()


def code_digest(*files: Path) -> str:
    """SHA-256 over source and data files: a changed rule makes its stage run again on what it touches."""
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(file.name.encode())
        total.update(file.read_bytes())
    return total.hexdigest()


def package_digest(package_file: str) -> str:
    """Digest of every source and data file of the package that `package_file` (its `__file__`) belongs to."""
    folder = Path(package_file).parent
    return code_digest(
        *(file for file in folder.rglob("*") if file.is_file() and file.parent.name != "__pycache__")
    )
