"""What linking remembers, written and read: nothing of it is lost, and what is gone does not stay in its files."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from assets.linking.standing import IDENTIFIERS, MENTIONS, SITES, STANDS, nothing_standing, overwritten
from assets.linking.standing_files import FOLDER, Growing, keep_only, load, save


def _sites(first: int, count: int) -> pl.DataFrame:
    numbers = range(first, first + count)
    columns = {
        "site": [f"a-site-with-a-long-name-{number}.example" for number in numbers],
        "alone": list(numbers),
        **{name: [1] * count for name in SITES if name not in ("site", "alone")},
    }
    return pl.DataFrame(columns, schema=SITES)


def _mentions(shown: list[int | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "item": [0, 0, 1],
            "key": [7, 8, 9],
            "shown": shown,
            "kind": ["phone", "image", "image"],
            "obscured": [True, False, False],
            "stands": [True, True, False],
        },
        schema={**MENTIONS, **STANDS},
    )


@pytest.mark.parametrize("shown", [[7, 8, 9], [7, 8, 8], [7, 8, None]])
def test_what_was_written_is_read_in_one_piece(tmp_path: Path, shown: list[int | None]):
    sites = pl.concat([_sites(0, 3), _sites(3, 4)])
    state = replace(nothing_standing(), site_numbers=sites, mentions=_mentions(shown))
    save(state, tmp_path, "inputs")
    read = load(tmp_path, "inputs")
    assert read is not None
    for field in fields(read):
        was, now = getattr(state, field.name), getattr(read, field.name)
        assert now.schema == was.schema, field.name
        assert now.equals(was, null_equal=True), field.name
        assert max(now.n_chunks("all")) <= 1, field.name
    assert load(tmp_path, "other inputs") is None


def test_the_next_state_shares_what_stands_and_leaves_the_former_as_it_is(tmp_path: Path):
    save(replace(nothing_standing(), mentions=_mentions([7, 8, 9])), tmp_path, "first")
    former = load(tmp_path, "first")
    assert former is not None
    # A run that was killed after it wrote another state.
    more = pl.concat([former.mentions, _mentions([7, 8, 9])])
    save(
        replace(former, mentions=pl.concat([more, more])),
        tmp_path,
        "killed",
        Growing(former, tmp_path, "first"),
    )
    save(replace(former, mentions=more), tmp_path, "second", Growing(former, tmp_path, "first"))
    assert load(tmp_path, "killed") is None
    for inputs, wanted in (("first", _mentions([7, 8, 9])), ("second", more)):
        state = load(tmp_path, inputs)
        assert state is not None
        assert state.mentions.equals(wanted, null_equal=True)
    files = [tmp_path / FOLDER / inputs / "mentions.key" for inputs in ("first", "second")]
    assert files[0].samefile(files[1])
    keep_only(tmp_path, "second")
    assert load(tmp_path, "first") is None
    assert former.mentions.equals(_mentions([7, 8, 9]), null_equal=True)


def test_files_do_not_grow_by_the_strings_of_rows_that_are_gone(tmp_path: Path):
    file = tmp_path / FOLDER / "inputs" / "site_numbers.arrow"
    generator = np.random.default_rng(1)
    state = replace(nothing_standing(), site_numbers=_sites(0, 5_000))
    sizes, named = [], set(range(5_000))
    for day in range(12):
        save(state, tmp_path, "inputs")
        sizes.append(file.stat().st_size)
        read = load(tmp_path, "inputs")
        assert read is not None
        assert set(read.site_numbers["alone"]) == named
        stays = pl.Series(generator.random(5_000) > 0.2)
        kept = read.site_numbers.filter(stays)
        rows = pl.concat([kept, _sites(5_000 * (day + 1), 5_000 - kept.height)])
        state, named = replace(read, site_numbers=rows), set(rows["alone"])
    assert max(sizes) < 1.5 * sizes[0]


def test_rows_are_written_over_in_a_copy_and_in_the_same_pieces():
    generator = np.random.default_rng(1)
    kinds = ["phone", "email", "image"]
    frame = pl.DataFrame(
        {
            "key": np.arange(300),
            "kind": generator.choice(kinds, 300),
            "actor_count": generator.integers(0, 9, 300),
            "is_super_connector": generator.random(300) < 0.5,
            "damped_because": [None if number % 3 else "everybody" for number in range(300)],
        }
    )
    frame = frame.select(pl.col(name).cast(IDENTIFIERS[name]) for name in frame.columns)
    frame = pl.concat([frame[:200], frame[200:]])
    before = frame.to_dicts()
    places = generator.permutation(300)[:50]
    rows = frame.drop("key")[generator.integers(0, 300, 50)]
    after = overwritten(frame, places, rows)
    assert frame.to_dicts() == before
    wanted = list(before)
    for place, row in zip(places, rows.to_dicts(), strict=True):
        wanted[place] = {"key": before[place]["key"], **row}
    assert after.to_dicts() == wanted
    assert after.schema == frame.schema
    assert set(after.n_chunks("all")) == {2}
