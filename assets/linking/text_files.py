"""An index of texts in files, as it stood for some inputs.

A folder holds segments, which are never changed, and for each inputs that an index stands for a small file that names
its segments and the folder of what changes from day to day. That file is written last, so an index is there whole or
not at all; what no such file names is removed by `keep_only`.
"""

import hashlib
import json
import shutil
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from assets.linking.text_index import Near, TextIndex
from assets.linking.text_rarity import Rarity
from assets.linking.text_segments import Segment, Segments
from warehouse.part_files import sync_path

_SEGMENT, _RARITY, _STATE = "segment", "rarity", "state"


def load(folder: Path, inputs: str) -> tuple[TextIndex, dict[str, str]] | None:
    """The index that stands for these inputs and what was noted of it; None where it cannot be read."""
    try:
        named = json.loads(_file(folder, inputs).read_text())
        rarity = Rarity.load(folder / named[_RARITY])
        state = folder / named[_STATE]
        names = named[_SEGMENT]
        texts = Segments([Segment.load(folder / name) for name in names], rarity, names)
        near = Near(*(np.load(state / f"{name}.npy") for name in ("codes", "similarity", "containment")))
        alive = np.load(state / "alive.npy")
        items = pl.read_ipc(state / "items.arrow")
        if len(alive) != texts.texts:
            return None
        return TextIndex(rarity, texts, alive, items, near), named["notes"]
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
        return None


def save(index: TextIndex, folder: Path, inputs: str, notes: dict[str, str], like: str | None = None) -> None:
    """Write an index as the one that stands for these inputs; segments that lie there already are not written again.

    `like`: inputs of the index that it was loaded as, whose rarity it has.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if like is not None:
        rarity = str(_named(folder, like)[_RARITY])
    else:
        rarity = _new(folder, _RARITY)
        index.rarity.save(folder / rarity)
        _sync(folder / rarity)
    for segment in index.texts.parts[len(index.texts.names) :]:
        name = _new(folder, _SEGMENT)
        segment.save(folder / name)
        _sync(folder / name)
        index.texts.names.append(name)
    state = _new(folder, _STATE)
    for name in ("codes", "similarity", "containment"):
        np.save(folder / state / f"{name}.npy", getattr(index.near, name))
    np.save(folder / state / "alive.npy", index.alive)
    index.items.write_ipc(folder / state / "items.arrow")
    _sync(folder / state)
    named = {_RARITY: rarity, _SEGMENT: index.texts.names, _STATE: state, "notes": notes}
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
    kept = {_file(folder, inputs).name, named[_RARITY], named[_STATE], *named[_SEGMENT]}
    for path in folder.iterdir():
        if path.name not in kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


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
