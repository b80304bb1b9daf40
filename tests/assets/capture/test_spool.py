"""The spool keeps bodies until a part has them, and goes away then."""

import os
from pathlib import Path

import pytest

from assets.capture.spool import Spool


def files(home: Path) -> list[str]:
    return sorted(file.name for file in (home / "landing").iterdir())


def test_bodies_come_back_as_they_went_in(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    bodies = [b"one", None, b"", b"x" * 100_000, b"\0\xff"]
    first = spool.append(bodies)
    second = spool.append([b"later"])
    for body, extent in zip([*bodies, b"later"], [*first, *second], strict=True):
        assert (None if extent is None else spool.read(extent)) == body
    assert len(files(tmp_path)) == 1
    spool.close()


def test_only_what_nobody_names_and_nobody_writes_is_swept(tmp_path: Path) -> None:
    writer, other = Spool(tmp_path), Spool(tmp_path)
    [extent] = writer.append([b"body"])
    assert extent is not None
    # Its writer lives, so it may be about to be named.
    assert other.sweep(lambda: set()) == 0
    writer.close()
    assert other.sweep(lambda: {extent.file}) == 0
    assert other.read(extent) == b"body"
    assert other.sweep(lambda: set()) == 1
    assert files(tmp_path) == []


def test_a_body_that_is_cut_short_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    [extent] = spool.append([b"0123456789"])
    assert extent is not None
    os.truncate(tmp_path / "landing" / extent.file, 4)
    with pytest.raises(OSError, match=f"landing/{extent.file} ends at 4"):
        spool.read(extent)
    spool.close()


def test_after_a_failed_write_the_next_bodies_begin_a_new_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path)
    [good] = spool.append([b"good"])

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "fdatasync", full)
        with pytest.raises(OSError, match="No space"):
            spool.append([b"lost"])
    [later] = spool.append([b"later"])
    assert good is not None
    assert later is not None
    assert later.file != good.file
    assert (later.offset, later.length) == (0, 5)
    assert spool.read(good) == b"good"
    spool.close()
