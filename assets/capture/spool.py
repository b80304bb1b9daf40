"""The spool: wire bodies between their arrival and their Parquet part.

One append-only file per writer and a while. A body is safe once `append` returns; what names it (file, offset, length)
is committed to the manifest after that, so a kill in between leaves bytes that nothing names, and no name without
bytes. Bodies do not wait in memory, and they are written once, not twice as through SQLite's write-ahead log.
"""

import fcntl
import os
import threading
import uuid
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

FOLDER = "landing"
_SUFFIX = ".spool"
# A file goes when all of its bodies are in parts; many small ones go sooner than one large one.
_FILE_BYTES = 64 * 1024 * 1024


class Extent(NamedTuple):
    """Where a body lies: file name, offset and length in bytes."""

    file: str
    offset: int
    length: int


class Spool:
    """The spool under one home, for one thread; several processes may each have one. `read` is for any thread."""

    def __init__(self, home: Path) -> None:
        self._folder = home / FOLDER
        self._folder.mkdir(parents=True, exist_ok=True)
        self._writing: IO[bytes] | None = None
        self._name = ""
        self._reading: dict[str, int] = {}
        self._opening = threading.Lock()

    def append(self, bodies: Sequence[bytes | None]) -> list[Extent | None]:
        """Write the bodies and wait until they are on disk; where each of them lies. Raises `OSError`."""
        if not any(bodies):
            return [None if body is None else Extent("", 0, 0) for body in bodies]
        # Not after the writing: until these bodies are named, the lock on an open file keeps them from `sweep`.
        if self._writing is not None and self._writing.tell() > _FILE_BYTES:
            self.rotate()
        handle = self._open()
        extents: list[Extent | None] = []
        offset = handle.tell()
        for body in bodies:
            if body is None:
                extents.append(None)
                continue
            extents.append(Extent(self._name, offset, len(body)))
            offset += len(body)
        try:
            handle.writelines(body for body in bodies if body)
            handle.flush()
            os.fdatasync(handle.fileno())
        except BaseException:
            # The file's end is unknown now; what was written before stays good.
            self.rotate()
            raise
        return extents

    def read(self, extent: Extent) -> bytes:
        """A body. Raises `OSError` when the file does not hold all of it."""
        if not extent.length:
            return b""
        with self._opening:
            descriptor = self._reading.get(extent.file)
            if descriptor is None:
                descriptor = self._reading[extent.file] = os.open(self._folder / extent.file, os.O_RDONLY)
        body = os.pread(descriptor, extent.length, extent.offset)
        if len(body) != extent.length:
            raise OSError(f"{FOLDER}/{extent.file} ends at {extent.offset + len(body)}: a body is cut short")
        return body

    def rotate(self) -> None:
        """Let the next body begin a new file. Only for when all bodies of this one are named, or lost."""
        handle, self._writing = self._writing, None
        if handle is not None:
            with suppress(OSError):
                handle.close()

    def sweep(self, named: Callable[[], Collection[str]]) -> int:
        """Remove the files that nobody writes and `named` does not name; returns how many.

        `named` is asked while the files are locked: before that, their writer may still be about to name them.
        """
        self._forget()
        locked: list[tuple[Path, IO[bytes]]] = []
        try:
            for file in self._folder.glob(f"*{_SUFFIX}"):
                with suppress(FileNotFoundError):
                    handle: IO[bytes] = file.open("rb")
                    try:
                        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except BlockingIOError:
                        handle.close()
                    else:
                        locked.append((file, handle))
            names = named() if locked else ()
            abandoned = [file for file, _ in locked if file.name not in names]
            for file in abandoned:
                file.unlink(missing_ok=True)
            return len(abandoned)
        finally:
            for _, handle in locked:
                handle.close()

    def close(self) -> None:
        """Close what is open."""
        self.rotate()
        self._forget()

    def _forget(self) -> None:
        for descriptor in self._reading.values():
            os.close(descriptor)
        self._reading.clear()

    def _open(self) -> IO[bytes]:
        if self._writing is None:
            self._name = f"{uuid.uuid4().hex}{_SUFFIX}"
            handle: IO[bytes] = (self._folder / self._name).open("xb")
            # The lock says that this file's writer is alive; a kill releases it.
            fcntl.flock(handle, fcntl.LOCK_EX)
            descriptor = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            self._writing = handle
        return self._writing
