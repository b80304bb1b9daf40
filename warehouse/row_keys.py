"""What tells the rows of a part apart, kept beside it, so that rows are found without reading the part.

Of a part whose rows may be replaced a file of Arrow lies under `work/keys`: two hashes of the columns of the key, in
the order of the rows. Of ten million rows two have both in common with a probability of 1e-25. The file says nothing
that the part does not; where it is not there, it is made of the part again.
"""

import hashlib
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import polars as pl
import pyarrow

from warehouse.mapped_frames import mapped
from warehouse.row_replacement import ROW

FOLDER = Path("work/keys")
_HASHES = ("first", "second")


def places_of(
    home: Path, parts: Mapping[str, int], keys: pl.DataFrame, kinds: Mapping[str, pl.DataType]
) -> pl.Series:
    """Which rows (`ROW`), numbered over all parts, equal a row of `keys`, a null being equal to a null.

    `parts`: rows of each part by its path, in order. `kinds`: types of the columns of `keys` there.
    """
    wanted = keys.select(_hashes(keys.columns)).unique()
    rows = pl.concat([kept_keys(home, path, count, kinds) for path, count in parts.items()], rechunk=False)
    return (
        rows.with_row_index(ROW)
        .filter(pl.col("first").is_in(wanted["first"].implode()))
        .join(wanted, on=_HASHES, how="semi")[ROW]
    )


def kept_keys(home: Path, part: str, rows: int, kinds: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The hashes (first, second: UInt64) of the columns of a part that `kinds` names; made where they are not there."""
    file = _file(home, part, list(kinds))
    known = _read(file)
    if known is not None and known.height == rows:
        return known
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{uuid.uuid4().hex}.tmp")
    scan = pl.scan_parquet(
        home / part, schema=dict(kinds), extra_columns="ignore", hive_partitioning=False, glob=False
    )
    made = scan.select(_hashes(list(kinds))).collect()
    try:
        made.write_ipc(temporary, compat_level=pl.CompatLevel.newest())
        temporary.rename(file)
    finally:
        temporary.unlink(missing_ok=True)
    return made


def forget(home: Path, parts: Collection[str]) -> None:
    """Remove what is kept of parts that are gone."""
    stems = {_stem(part) for part in parts}
    _remove(home, lambda stem: stem in stems)


def forget_others(home: Path, parts: Collection[str]) -> None:
    """Remove what is kept of all but these parts."""
    stems = {_stem(part) for part in parts}
    _remove(home, lambda stem: stem not in stems)


def _remove(home: Path, is_gone: Callable[[str], bool]) -> None:
    for file in (home / FOLDER).glob("*.arrow"):
        if is_gone(file.stem.rpartition("-")[0]):
            file.unlink(missing_ok=True)


def _read(file: Path) -> pl.DataFrame | None:
    try:
        return mapped(file)
    except (OSError, pyarrow.ArrowInvalid):
        # Not there, or cut off by the loss of power.
        return None


def _hashes(columns: Sequence[str]) -> list[pl.Expr]:
    """Two hashes of the columns together, each of other seeds."""
    return [
        pl.sum_horizontal(
            pl.col(column).hash(number + len(columns) * place) for place, column in enumerate(columns)
        ).alias(name)
        for number, name in enumerate(_HASHES)
    ]


def _file(home: Path, part: str, columns: Sequence[str]) -> Path:
    # Polars promises the same hashes only of the same version.
    about = hashlib.sha256("|".join([pl.__version__, *columns]).encode()).hexdigest()[:8]
    return home / FOLDER / f"{_stem(part)}-{about}.arrow"


def _stem(part: str) -> str:
    # Number and digest of a part: no other ever has both.
    return Path(part).stem
