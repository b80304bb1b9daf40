"""Columns in files of their own to which a day adds its rows, so that the rows of before are not written again.

A column's values lie in one file, as Arrow has them in memory; the texts of strings of more than twelve bytes in
another, which of its rows are null in a third. The files of a state have a second name in the folder of the next one,
which adds behind the rows that the former knows: how many these are stands in the description of each state. What a
killed run added is cut off before anything else is added.
"""

import os
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NotRequired, TypedDict

import numpy as np
import polars as pl
import pyarrow

# Views of Arrow: length, the first four bytes, number of the buffer, place in it; a string of up to twelve bytes lies
# in the last twelve of them.
_VIEW_BYTES = 16
_WITHIN = 12
# A place within a buffer has 31 bits: texts are taken as buffers that begin at each GiB of their file and overlap.
_BUFFER_BITS = 30
_STRINGS = (pl.String, pl.Binary)


class Described(TypedDict):
    """How many `rows` of a column stand, how many bytes of `texts`, whether some are null (`nulls`), and of an `Enum`
    its `categories`."""

    rows: int
    texts: int
    nulls: bool
    categories: NotRequired[list[str]]


def write(column: pl.Series, file: Path, former: tuple[pl.Series, Path, Described] | None) -> Described:
    """Write a column (numbers, days, times, `Enum`, String, Binary) to `file`, which is not there.

    `former`: the column that a former state has, the file in which it lies and its description. Where the column begins
    with the same rows, only the others are written.
    """
    begun, texts = 0, 0
    if former is not None and len(former[0]) and _begins_with(column, former[0]):
        begun, texts = len(former[0]), former[2]["texts"]
        _share(former[1], file, texts)
    texts = _append(column[begun:], file, begun, texts)
    return _describe(column, file, texts)


@dataclass(frozen=True)
class Grown:
    """A column with rows behind those that `own` had: how many bytes of `texts` it has, and bits that say which of its
    rows are not null (None: all)."""

    column: pl.Series
    own: Path
    texts: int
    bits: bytes | None


def share(grown: Grown, file: Path) -> Described:
    """Give the files of a column that grew another name."""
    _share(grown.own, file, grown.texts)
    return _describe(grown.column, file, grown.texts, grown.bits)


def as_described(column: pl.Series, file: Path, described: Described) -> Grown:
    """A column that lies in `file`, as one to which nothing was added yet."""
    bits = None
    if described["nulls"]:
        bits = _mapped(_nulls(file), (len(column) + 7) // 8).to_pybytes()
    return Grown(column, file, described["texts"], bits)


def add(stood: Grown, rows: pl.Series) -> Grown:
    """A column with others' rows behind, these written to its file and all mapped in one piece. What says of how many
    rows the column of the former state is stays as it is.
    """
    column, file, bits = stood.column, stood.own, stood.bits
    texts = _append(rows, file, len(column), stood.texts)
    if bits is not None or rows.null_count():
        whole = len(column) // 8
        former = np.full((len(column) + 7) // 8, 255, dtype=np.uint8)
        if bits is not None:
            former = np.frombuffer(bits, dtype=np.uint8)
        last = np.unpackbits(former[whole:], bitorder="little")[: len(column) - 8 * whole]
        more = np.concatenate([last.astype(bool), rows.is_not_null().to_numpy()])
        bits = former[:whole].tobytes() + _bits(more)
    nulls = None if bits is None else pyarrow.py_buffer(bits)
    whole_column = _mapped_column(column.name, column.dtype, len(column) + len(rows), file, texts, nulls)
    return Grown(whole_column, file, texts, bits)


def read(name: str, dtype: pl.DataType, file: Path, described: Described) -> pl.Series:
    """The column, mapped into memory in one piece.

    Raises OSError where a file is not there or too short, ValueError where it is of other categories.
    """
    rows = described["rows"]
    if isinstance(dtype, pl.Enum) and described.get("categories") != dtype.categories.to_list():
        raise ValueError("other categories")
    if not rows:
        return pl.Series(name, [], dtype=dtype)
    nulls = _mapped(_nulls(file), (rows + 7) // 8) if described["nulls"] else None
    return _mapped_column(name, dtype, rows, file, described["texts"], nulls)


def is_one(column: pl.Series, other: pl.Series) -> bool:
    """Whether two columns in one piece are the same memory."""
    if not len(column) or len(column) != len(other) or column.null_count() != other.null_count():
        return False
    if column.n_chunks() != 1 or other.n_chunks() != 1:
        return False
    own, others = _array(column), _array(other)
    return bool(own.buffers()[1].address == others.buffers()[1].address and own.offset == others.offset)


def _append(rows: pl.Series, file: Path, begun: int, texts: int) -> int:
    """Write rows behind those that were `begun`, their texts behind so many bytes of those; how many there are then."""
    width = _width(rows.dtype)
    if rows.dtype in _STRINGS:
        values, more = _views(rows, texts)
        if len(more):
            _add(_texts(file), texts, more)
        texts += len(more)
    else:
        values = _values(_array(rows), width)
    _add(file, begun * width, values)
    return texts


def _describe(column: pl.Series, file: Path, texts: int, bits: bytes | None = None) -> Described:
    """The description of a column, with what says which of its rows are null written (`bits`, where they are known)."""
    described: Described = {"rows": len(column), "texts": texts, "nulls": column.null_count() > 0}
    if described["nulls"]:
        _nulls(file).write_bytes(_bits(column.is_not_null().to_numpy()) if bits is None else bits)
    if isinstance(column.dtype, pl.Enum):
        described["categories"] = column.dtype.categories.to_list()
    return described


def _bits(is_there: np.ndarray) -> bytes:
    return np.packbits(is_there, bitorder="little").tobytes()


def _share(own: Path, file: Path, texts: int) -> None:
    for one, other in ((own, file), (_texts(own), _texts(file)))[: 2 if texts else 1]:
        try:
            os.link(one, other)
        except OSError:
            # Not every file system gives a file two names.
            shutil.copyfile(one, other)


def _mapped_column(
    name: str, dtype: pl.DataType, rows: int, file: Path, texts: int, nulls: pyarrow.Buffer | None
) -> pl.Series:
    buffers = [nulls, _mapped(file, rows * _width(dtype))]
    if texts:
        whole, begin = _mapped(_texts(file), texts), 0
        while begin < whole.size:
            buffers.append(whole.slice(begin, min(whole.size - begin, 2**31 - 1)))
            begin += 2**_BUFFER_BITS
    column = pl.Series(name, pyarrow.Array.from_buffers(_kind(dtype), rows, buffers))
    return column.cat.to(dtype) if isinstance(dtype, pl.Enum) else column


def _begins_with(column: pl.Series, former: pl.Series) -> bool:
    if len(column) < len(former):
        return False
    # Where it was added to, its first piece is often the former column itself.
    if is_one(column.get_chunks()[0], former):
        return True
    same: bool = column.head(len(former)).equals(former, null_equal=True)
    return same


def _array(column: pl.Series) -> pyarrow.Array:
    """The column in one piece; of an `Enum` the numbers of its categories."""
    numbers = column.to_physical() if isinstance(column.dtype, pl.Enum) else column
    return numbers.rechunk().to_arrow(compat_level=pl.CompatLevel.newest())


@cache
def _kind(dtype: pl.DataType) -> pyarrow.DataType:
    return _array(pl.Series(dtype=dtype)).type


def _width(dtype: pl.DataType) -> int:
    """How many bytes a value takes."""
    return _VIEW_BYTES if dtype in _STRINGS else _kind(dtype).bit_width // 8


def _values(array: pyarrow.Array, width: int) -> memoryview:
    """The bytes of an array's values, each of this width."""
    values = array.buffers()[1]
    return memoryview(b"" if values is None else values.slice(array.offset * width, len(array) * width))


def _views(column: pl.Series, begin: int) -> tuple[memoryview, memoryview]:
    """The views of a column of strings whose texts come behind `begin` bytes of others, and these texts."""
    of_rows = _values(_array(column), _VIEW_BYTES)
    views = np.frombuffer(of_rows, dtype=np.uint32).reshape(-1, 4)
    is_long = views[:, 0] > _WITHIN
    if not is_long.any():
        return of_rows, memoryview(b"")
    views = views.copy()
    # What stands where nothing is must not point anywhere.
    views[is_long & column.is_null().to_numpy()] = 0
    is_long = views[:, 0] > _WITHIN
    longer = column.filter(pl.Series(is_long))
    each, place = _once(longer)
    # In the older form strings lie one behind the other.
    texts = each.to_arrow(compat_level=pl.CompatLevel.oldest())
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int64)[texts.offset :][: len(texts) + 1]
    behind = begin + (offsets[:-1] - offsets[0])[place]
    views[is_long, 2] = behind >> _BUFFER_BITS
    views[is_long, 3] = behind & (2**_BUFFER_BITS - 1)
    return views.reshape(-1).view(np.uint8).data, memoryview(texts.buffers()[2])[offsets[0] : offsets[-1]]


def _once(strings: pl.Series) -> tuple[pl.Series, slice | np.ndarray]:
    """The strings, and the place of each among them; each once where most are there several times, as names of sites
    are."""
    rows = strings.alias("string").to_frame()
    if rows.select(pl.col("string").approx_n_unique()).item() > len(strings) / 2:
        return strings, slice(None)
    each = rows.unique().with_row_index("place")
    return each["string"], rows.join(each, on="string", how="left", maintain_order="left")["place"].to_numpy()


def _add(file: Path, begin: int, values: memoryview) -> None:
    """Write behind the first bytes of a file, and cut off what was there."""
    with file.open("r+b" if begin else "wb") as target:
        target.truncate(begin)
        target.seek(begin)
        target.write(values)


def _mapped(file: Path, size: int) -> pyarrow.Buffer:
    with pyarrow.memory_map(str(file)) as source:
        values = source.read_buffer(size)
    if values.size < size:
        raise OSError("shorter than it was")
    return values


def _texts(file: Path) -> Path:
    return file.with_name(f"{file.name}.texts")


def _nulls(file: Path) -> Path:
    return file.with_name(f"{file.name}.nulls")
