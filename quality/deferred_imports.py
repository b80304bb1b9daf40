"""Imports that wait until somebody needs them.

`import great_expectations` loads scipy.stats (for its Kullback-Leibler expectation) and altair (for its data
documents), which no rule here uses: 1.0 of 2.6 CPU seconds and 77 MB, paid by every process that gates.
"""

import gc
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any


class _Deferred(ModuleType):
    """Stands for a module in `sys.modules` until one of its attributes is asked for; then the module itself does."""

    def __getattr__(self, name: str) -> Any:
        # Whoever imports looks at __spec__ and __path__; that is no use of the module yet.
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_load(self), name)


def _load(deferred: ModuleType) -> ModuleType:
    name = deferred.__name__
    if sys.modules.get(name) is deferred:
        del sys.modules[name]
    module = importlib.import_module(name)
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)
    return module


@contextmanager
def deferred(*names: str) -> Iterator[None]:
    """Within the block, importing these modules gives stand-ins that load on first use, now or later.

    A module that is loaded already stays what it is. After the block an import loads the module as ever.
    """
    stand_ins: dict[str, ModuleType] = {}
    for name in names:
        if name in sys.modules:
            continue
        parent, _, child = name.rpartition(".")
        stand_ins[name] = sys.modules[name] = _Deferred(name)
        if parent:
            setattr(importlib.import_module(parent), child, stand_ins[name])
    try:
        yield
    finally:
        for name, stand_in in stand_ins.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]
                parent, _, child = name.rpartition(".")
                if parent and vars(sys.modules[parent]).get(child) is stand_in:
                    delattr(sys.modules[parent], child)


@contextmanager
def without_collections() -> Iterator[None]:
    """No garbage collection within the block: an import makes a million objects, and keeps them.

    What exists at its end is exempt from collections from then on.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
