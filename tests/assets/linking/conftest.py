"""The planted world of the benchmarks, for tests too: one generator, not two."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def planted() -> ModuleType:
    """Module `benchmarks/planted_actors.py`: `planted_world`, `agreement`."""
    file = Path(__file__).parents[3] / "benchmarks" / "planted_actors.py"
    specification = importlib.util.spec_from_file_location("planted_actors", file)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module
