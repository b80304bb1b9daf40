"""What items' texts say, kept so that templates are read without opening the tables of every day.

Texts lie in runs that are never changed, each sorted by a hash of the item. A day adds a run with the texts of its
items; of an item that is in several runs the last one counts.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from assets.linking import column_files
from assets.linking.stretches import among, stretches
from assets.linking.text_runs import together_from
from assets.linking.text_shingles import ranges
from assets.linking.text_spans import SPANS

_ARRAYS = ("keys", "span_keys", "span_starts", "span_ends", "span_kinds")
_TEXTS, _DESCRIPTION = "texts", "texts.json"


@dataclass(frozen=True)
class WordingRun:
    """Texts and the spans in them, by items.

    `keys`: uint64, hashes of the items' ids, ascending, each once; `texts`: String, theirs. `span_keys`: uint64,
    ascending; `span_starts`, `span_ends`: uint32; `span_kinds`: uint8, places in `kinds`; those of one item in the
    order in which they were told.
    """

    keys: np.ndarray
    texts: pl.Series
    span_keys: np.ndarray
    span_starts: np.ndarray
    span_ends: np.ndarray
    span_kinds: np.ndarray
    kinds: list[str]

    def save(self, folder: Path) -> None:
        """Write the run into an empty folder."""
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))
        described = column_files.write(self.texts, folder / _TEXTS, None)
        (folder / _DESCRIPTION).write_text(json.dumps({"texts": described, "kinds": self.kinds}))

    @classmethod
    def load(cls, folder: Path) -> "WordingRun":
        """What `save` wrote, read as it is needed. `OSError` or `ValueError` if it cannot be."""
        arrays = {name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r")) for name in _ARRAYS}
        description = json.loads((folder / _DESCRIPTION).read_text())
        texts = column_files.read("text", pl.String(), folder / _TEXTS, description["texts"])
        if len(texts) != len(arrays["keys"]):
            raise ValueError("of other rows")
        return cls(**arrays, texts=texts, kinds=description["kinds"])


def _run(texts: pl.DataFrame, spans: pl.DataFrame) -> WordingRun:
    """A run of texts (key, text), each once, and of spans (key, span_start, span_end, kind)."""
    texts = texts.sort("key")
    spans = spans.sort("key", maintain_order=True)
    kinds = spans["kind"].unique().sort().to_list()
    return WordingRun(
        keys=texts["key"].to_numpy(),
        texts=texts["text"],
        span_keys=spans["key"].to_numpy(),
        span_starts=spans["span_start"].cast(pl.UInt32).to_numpy(),
        span_ends=spans["span_end"].cast(pl.UInt32).to_numpy(),
        span_kinds=spans["kind"].cast(pl.Enum(kinds)).to_physical().cast(pl.UInt8).to_numpy(),
        kinds=kinds,
    )


class Wordings:
    """The texts of items in runs."""

    def __init__(self, runs: Sequence[WordingRun] = (), names: Sequence[str] = ()) -> None:
        """`names` of the first runs, where they are stored."""
        self.runs = list(runs)
        self.names = list(names)

    def add(self, items: pl.DataFrame, spans: pl.DataFrame) -> None:
        """Add items (item_id, text: String, may be null), each once, with the spans of their texts (`SPANS`)."""
        key = pl.col("item_id").hash().alias("key")
        texts = items.select(key, "text").drop_nulls("text").unique("key")
        if texts.is_empty():
            return
        self.runs.append(_run(texts, spans.select(key, "span_start", "span_end", "kind").drop_nulls()))
        first = together_from([len(run.keys) for run in self.runs])
        if first is not None:
            self._put_together(first)

    def of_items(self, ids: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The texts of these items (each once) that are there: item_id, text; and their spans (`SPANS`)."""
        asked = pl.DataFrame({"item_id": ids, "key": ids.hash()}).sort("key")
        texts, spans = self._taken(asked["key"].to_numpy(), 0)
        # An item has one text, and each span is of one that is asked for.
        named = [frame.join(asked, on="key", maintain_order="left") for frame in (texts, spans)]
        return named[0].select("item_id", "text"), named[1].select(*SPANS)

    def _taken(self, keys: np.ndarray, first: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The texts (key, text) and spans of items in the runs from `first` on; `keys` ascending."""
        texts = [pl.DataFrame(schema={"key": pl.UInt64(), "text": pl.String()})]
        spans = [pl.DataFrame(schema={"key": pl.UInt64(), **SPANS}).drop("item_id")]
        for run in reversed(self.runs[first:]):
            known = among(keys, run.keys)
            here, keys = keys[known], keys[~known]
            places = ranges(*stretches(run.span_keys, here))
            kinds = pl.Series(run.kinds, dtype=pl.String)
            texts.append(pl.DataFrame({"key": here, "text": run.texts[np.searchsorted(run.keys, here)]}))
            spans.append(
                pl.DataFrame(
                    {
                        "key": run.span_keys[places],
                        "span_start": run.span_starts[places].astype(np.int64),
                        "span_end": run.span_ends[places].astype(np.int64),
                        "kind": kinds[run.span_kinds[places].astype(np.int64)],
                    }
                )
            )
        return pl.concat(texts), pl.concat(spans)

    def _put_together(self, first: int) -> None:
        keys = np.unique(np.concatenate([run.keys for run in self.runs[first:]]))
        self.runs[first:] = [_run(*self._taken(keys, first))]
        self.names = self.names[:first]
