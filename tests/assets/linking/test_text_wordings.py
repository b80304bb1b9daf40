"""What items' texts say, told day by day, is what was told last."""

import random
from pathlib import Path

import polars as pl
import pytest

from assets.linking import text_runs
from assets.linking.text_spans import SPANS
from assets.linking.text_wordings import WordingRun, Wordings

_ID = {"item_id": pl.Binary()}


def _told(rng: random.Random, numbers: list[int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Items of these numbers with texts of any length, some with spans in them, which may overlap."""
    ids = [number.to_bytes(12) for number in numbers]
    texts = [rng.choice(["", "Bell.", "Ring twice at the blue gate, señor. ", "門の前で"]) * 3 for _ in ids]
    spans = [
        (item, start, start + rng.randrange(1, 9), rng.choice(["phone", "price", "place"]))
        for item in ids
        for start in [rng.randrange(40) for _ in range(rng.randrange(4))]
    ]
    items = pl.DataFrame({"item_id": ids, "text": texts}, schema={**_ID, "text": pl.String()})
    return items, pl.DataFrame(spans, schema={**SPANS, **_ID}, orient="row")


@pytest.mark.parametrize("most_runs", [2, 8])
def test_the_last_text_of_an_item_counts_with_its_spans_in_their_order(
    most_runs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_runs, "MOST_RUNS", most_runs)
    rng = random.Random(most_runs)
    wordings = Wordings()
    texts: dict[bytes, str] = {}
    spans: dict[bytes, list[tuple[int, int, str]]] = {}
    for day in range(12):
        numbers = rng.sample(range(400), 200 if day == 0 else 20)
        items, marked = _told(rng, numbers)
        wordings.add(items, marked)
        # An index is read from its files each day.
        for number, run in enumerate(wordings.runs):
            folder = tmp_path / f"{day}-{number}"
            folder.mkdir()
            run.save(folder)
            wordings.runs[number] = WordingRun.load(folder)
        for item, text in items.iter_rows():
            texts[item], spans[item] = text, []
        for item, *span in marked.iter_rows():
            spans[item].append(tuple(span))
    assert len(wordings.runs) <= most_runs
    asked = pl.Series("item_id", [number.to_bytes(12) for number in range(0, 500, 2)], dtype=pl.Binary())
    found, marked = wordings.of_items(asked)
    assert dict(found.iter_rows()) == {item: texts[item] for item in asked if item in texts}
    told: dict[bytes, list[tuple[int, int, str]]] = {item: [] for item in found["item_id"]}
    for item, *span in marked.iter_rows():
        told[item].append(tuple(span))
    assert told == {item: spans[item] for item in told}


def test_a_file_that_is_torn_is_told(tmp_path: Path) -> None:
    wordings = Wordings()
    wordings.add(*_told(random.Random(1), list(range(50))))
    wordings.runs[0].save(tmp_path)
    file = tmp_path / "texts"
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(OSError, match="shorter"):
        WordingRun.load(tmp_path)
