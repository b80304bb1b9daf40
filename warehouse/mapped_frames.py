"""Frames in files of Arrow that are mapped into memory."""

from pathlib import Path

import polars as pl
import pyarrow
import pyarrow.ipc


def mapped(file: Path) -> pl.DataFrame:
    """A frame that lies in its file: what of it is looked at is read, and may be read after the file's name is gone.

    Raises OSError or `pyarrow.ArrowInvalid` where the file is not there or is no whole file of Arrow.
    """
    with pyarrow.memory_map(str(file)) as source:
        frame = pl.from_arrow(pyarrow.ipc.open_file(source).read_all())
    assert isinstance(frame, pl.DataFrame)
    return frame
