"""Columns in files of their own: what a state wrote is shared with the next one, and stays what it was."""

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from assets.linking import column_files
from assets.linking.column_files import add, as_described, read, share, write

_KIND = pl.Enum(["phone", "email", "image"])
_LONG = "a text of more than twelve bytes, number"


def _columns(first: int, count: int) -> pl.DataFrame:
    numbers = range(first, first + count)
    return pl.DataFrame(
        {
            "number": list(numbers),
            "packed": [number.to_bytes(12, "big") for number in numbers],
            "text": [None if n % 5 == 3 else f"{n}" if n % 2 else f"{_LONG} {n} ü" for n in numbers],
            "site": [f"one-of-three-sites-{number % 3}.example" for number in numbers],
            "kind": [_KIND.categories[number % 3] for number in numbers],
            "day": [None if number % 7 == 1 else date(2026, 1, 1 + number % 28) for number in numbers],
            "time": [datetime(2026, 1, 1, tzinfo=UTC)] * count,
        },
        schema={
            "number": pl.UInt64,
            "packed": pl.Binary,
            "text": pl.String,
            "site": pl.String,
            "kind": _KIND,
            "day": pl.Date,
            "time": pl.Datetime("us", "UTC"),
        },
    )


def _written(
    frame: pl.DataFrame, folder: Path, former: tuple[pl.DataFrame, Path, dict] | None = None
) -> dict:
    folder.mkdir()
    described = {}
    for column in frame:
        name = column.name
        stood = None if former is None else (former[0][name], former[1] / name, former[2][name])
        described[name] = write(column, folder / name, stood)
    return described


def _read(frame: pl.DataFrame, folder: Path, described: dict) -> pl.DataFrame:
    return pl.DataFrame([read(n, kind, folder / n, described[n]) for n, kind in frame.schema.items()])


@pytest.mark.parametrize("first", [1, 4, 8, 61])
def test_a_column_is_added_to_where_it_lies_and_shared(tmp_path: Path, first: int):
    begun = _columns(0, first)
    of_begun = _written(begun, tmp_path / "first")
    stood = _read(begun, tmp_path / "first", of_begun)
    for last in (first + 90, first, first + 3):
        more, folder = _columns(first, last - first), tmp_path / f"second{last}"
        folder.mkdir()
        described = {}
        for name, column in stood.to_dict().items():
            grown = as_described(column, tmp_path / "first" / name, of_begun[name])
            for piece in (more[name][:2], more[name][2:]):
                grown = add(grown, piece)
            assert grown.column.equals(pl.concat([begun[name], more[name]]), null_equal=True)
            described[name] = share(grown, folder / name)
        whole = pl.concat([begun, more])
        assert _read(whole, folder, described).equals(whole, null_equal=True)
        assert _read(begun, tmp_path / "first", of_begun).equals(begun, null_equal=True)


@pytest.mark.parametrize("first", [0, 4, 61])
def test_a_column_that_grew_is_written_behind_what_stands(tmp_path: Path, first: int):
    begun = _columns(0, first)
    of_begun = _written(begun, tmp_path / "first")
    stood = _read(begun, tmp_path / "first", of_begun)
    grown = pl.concat([stood, _columns(first, 40)])
    of_grown = _written(grown, tmp_path / "second", (stood, tmp_path / "first", of_begun))
    read_again = _read(grown, tmp_path / "second", of_grown)
    assert read_again.equals(grown, null_equal=True)
    assert read_again.n_chunks("all") == [1] * grown.width
    assert _read(begun, tmp_path / "first", of_begun).equals(begun, null_equal=True)
    for name in begun.columns if first else ():
        assert (tmp_path / "first" / name).samefile(tmp_path / "second" / name)


def test_what_a_killed_run_added_is_written_over(tmp_path: Path):
    begun = _columns(0, 50)
    of_begun = _written(begun, tmp_path / "first")
    stood = _read(begun, tmp_path / "first", of_begun)
    former = (stood, tmp_path / "first", of_begun)
    _written(pl.concat([stood, _columns(500, 300)]), tmp_path / "killed", former)
    grown = pl.concat([stood, _columns(50, 20)])
    of_grown = _written(grown, tmp_path / "second", former)
    assert _read(grown, tmp_path / "second", of_grown).equals(grown, null_equal=True)
    assert stood.equals(begun, null_equal=True)
    # Nothing new: the former's own length stands.
    same = _written(stood, tmp_path / "third", former)
    assert _read(begun, tmp_path / "third", same).equals(begun, null_equal=True)


def test_a_file_system_that_gives_no_second_names_has_the_rows_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def no_link(*_: object) -> None:
        raise OSError("no second names")

    monkeypatch.setattr(column_files.os, "link", no_link)
    begun = _columns(0, 50)
    of_begun = _written(begun, tmp_path / "first")
    stood = _read(begun, tmp_path / "first", of_begun)
    grown = pl.concat([stood, _columns(50, 20)])
    of_grown = _written(grown, tmp_path / "second", (stood, tmp_path / "first", of_begun))
    assert _read(grown, tmp_path / "second", of_grown).equals(grown, null_equal=True)
    assert _read(begun, tmp_path / "first", of_begun).equals(begun, null_equal=True)


def test_a_column_with_other_rows_is_written_anew_and_the_former_stays(tmp_path: Path):
    begun = _columns(0, 50)
    of_begun = _written(begun, tmp_path / "first")
    stood = _read(begun, tmp_path / "first", of_begun)
    for number, other in enumerate((stood[1:], stood[::-1], stood[:20], stood[:0])):
        folder = tmp_path / f"other{number}"
        described = _written(other, folder, (stood, tmp_path / "first", of_begun))
        assert _read(other, folder, described).equals(other, null_equal=True)
    assert _read(begun, tmp_path / "first", of_begun).equals(begun, null_equal=True)


def test_texts_are_written_once_where_many_are_the_same_and_found_in_buffers_of_any_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(column_files, "_BUFFER_BITS", 10)
    frame = _columns(0, 3_000)
    described = _written(frame, tmp_path / "first")
    assert described["site"]["texts"] == 3 * len("one-of-three-sites-0.example")
    assert described["text"]["texts"] > 50 * 2**10
    assert _read(frame, tmp_path / "first", described).equals(frame, null_equal=True)
    some = np.random.default_rng(1).integers(0, 3_000, 500)
    assert _read(frame, tmp_path / "first", described)[some].equals(frame[some], null_equal=True)


def test_a_file_that_is_cut_off_or_of_other_categories_is_not_read(tmp_path: Path):
    frame = _columns(0, 50)
    described = _written(frame, tmp_path / "first")
    for name in ("number", "text", "text.texts", "text.nulls"):
        file = tmp_path / "first" / name
        whole = file.read_bytes()
        file.write_bytes(whole[:-1])
        with pytest.raises(OSError, match="shorter"):
            _read(frame, tmp_path / "first", described)
        file.write_bytes(whole)
    others = pl.Enum(["email", "phone", "image"])
    with pytest.raises(ValueError, match="categories"):
        read("kind", others, tmp_path / "first" / "kind", described["kind"])
