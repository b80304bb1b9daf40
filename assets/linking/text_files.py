"""An index of texts in files, as it stood for some inputs.

A folder holds segments of texts and runs of pairs, of items and of what their texts say, which are never changed, and
for each inputs that an index stands for a small file that names them and the folder of what changes from day to day:
which texts, pairs and items are there. That file is written last, so an index is there whole or not at all; what no
such file names is removed by `keep_only`.
"""

import hashlib
import json
import shutil
import uuid
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow

from assets.linking.text_index import TextIndex
from assets.linking.text_items import TextItems, load_run, save_run
from assets.linking.text_pairs import NearPairs, PairRun
from assets.linking.text_rarity import Rarity
from assets.linking.text_segments import Segment, Segments
from assets.linking.text_wordings import WordingRun, Wordings
from warehouse.part_files import sync_path

_SEGMENT, _RARITY, _STATE, _PAIRS, _ITEMS = "segment", "rarity", "state", "pairs", "items"
_WORDINGS = "wordings"
_RUN = "run.arrow"
_ALIVE = "alive.npy"


def load(folder: Path, inputs: str) -> tuple[TextIndex, dict[str, str]] | None:
    """The index that stands for these inputs and what was noted of it; None where it cannot be read."""
    try:
        named = json.loads(_file(folder, inputs).read_text())
        rarity = Rarity.load(folder / named[_RARITY])
        state = folder / named[_STATE]
        names = named[_SEGMENT]
        texts = Segments([Segment.load(folder / name) for name in names], rarity, names)
        pairs = [PairRun.load(folder / name) for name in named[_PAIRS]]
        near = NearPairs(pairs, _read_stands(state, _PAIRS, [len(run.codes) for run in pairs]), named[_PAIRS])
        rows = [load_run(folder / name / _RUN) for name in named[_ITEMS]]
        item_id = rows[0].schema["item_id"] if rows else pl.Binary()
        items = TextItems(
            item_id, rows, _read_stands(state, _ITEMS, [run.height for run in rows]), named[_ITEMS]
        )
        alive = np.load(state / _ALIVE)
        if len(alive) != texts.texts:
            return None
        wordings = Wordings([WordingRun.load(folder / name) for name in named[_WORDINGS]], named[_WORDINGS])
        return TextIndex(rarity, texts, alive, items, near, wordings), named["notes"]
    except (OSError, ValueError, KeyError, TypeError, pyarrow.ArrowInvalid, pl.exceptions.PolarsError):
        return None


def save(index: TextIndex, folder: Path, inputs: str, notes: dict[str, str], like: str | None = None) -> None:
    """Write an index as the one that stands for these inputs; segments and runs that lie there already are not written
    again.

    `like`: inputs of the index that it was loaded as, whose rarity it has.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if like is not None:
        rarity = str(_named(folder, like)[_RARITY])
    else:
        rarity = _new(folder, _RARITY)
        index.rarity.save(folder / rarity)
        _sync(folder / rarity)
    texts, near, items, wordings = index.texts, index.near, index.items, index.wordings
    for kind, names, saves in (
        (_SEGMENT, texts.names, [part.save for part in texts.parts]),
        (_PAIRS, near.names, [run.save for run in near.runs]),
        (_ITEMS, items.names, [partial(_save_rows, run) for run in items.runs]),
        (_WORDINGS, wordings.names, [run.save for run in wordings.runs]),
    ):
        for save_into in saves[len(names) :]:
            name = _new(folder, kind)
            save_into(folder / name)
            _sync(folder / name)
            names.append(name)
    state = _new(folder, _STATE)
    np.save(folder / state / _ALIVE, index.alive)
    _write_stands(folder / state, _PAIRS, near.stands)
    _write_stands(folder / state, _ITEMS, items.stands)
    _sync(folder / state)
    named = {
        _RARITY: rarity,
        _SEGMENT: texts.names,
        _PAIRS: near.names,
        _ITEMS: items.names,
        _WORDINGS: wordings.names,
        _STATE: state,
        "notes": notes,
    }
    temporary = folder / f".{uuid.uuid4().hex}.tmp"
    temporary.write_text(json.dumps(named))
    sync_path(temporary)
    temporary.rename(_file(folder, inputs))
    sync_path(folder)


def keep_only(folder: Path, inputs: str) -> None:
    """Remove all but the index that stands for these inputs."""
    if not _file(folder, inputs).exists():
        return
    named = _named(folder, inputs)
    kept = {_file(folder, inputs).name, named[_RARITY], named[_STATE]}
    kept.update(*(named[kind] for kind in (_SEGMENT, _PAIRS, _ITEMS, _WORDINGS)))
    for path in folder.iterdir():
        if path.name not in kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _save_rows(rows: pl.DataFrame, folder: Path) -> None:
    save_run(rows, folder / _RUN)


def _write_stands(state: Path, kind: str, stands: Sequence[np.ndarray]) -> None:
    """Write which rows of runs stand (bool for each run), a bit for each."""
    for number, of_run in enumerate(stands):
        np.save(state / f"{kind}-{number}.npy", np.packbits(of_run))


def _read_stands(state: Path, kind: str, rows: Sequence[int]) -> list[np.ndarray]:
    """What `_write_stands` wrote of runs of so many rows; `ValueError` where it is not of as many."""
    stands = []
    for number, count in enumerate(rows):
        bits = np.load(state / f"{kind}-{number}.npy")
        if len(bits) != (count + 7) // 8:
            raise ValueError("of other rows")
        stands.append(np.unpackbits(bits, count=count).view(bool))
    return stands


def _file(folder: Path, inputs: str) -> Path:
    return folder / f"{hashlib.sha256(inputs.encode()).hexdigest()[:24]}.json"


def _named(folder: Path, inputs: str) -> dict[str, Any]:
    named: dict[str, Any] = json.loads(_file(folder, inputs).read_text())
    return named


def _new(folder: Path, kind: str) -> str:
    name = f"{kind}-{uuid.uuid4().hex[:12]}"
    (folder / name).mkdir()
    return name


def _sync(folder: Path) -> None:
    for path in [*folder.iterdir(), folder]:
        sync_path(path)
