"""The invented house of `furnished_house.py` as fixtures."""

from collections.abc import Callable
from pathlib import Path

import pytest

from assets.publishing.warehouse import Snapshot
from tests.assets.publishing.furnished_house import furnish
from tests.assets.publishing.house_rows import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A furnished house of the test's own, unpublished."""
    return furnish(House(tmp_path / "home"))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[House, Snapshot]:
    """A furnished, published house that the tests of a module share and only read."""
    house = furnish(House(tmp_path_factory.mktemp("published") / "home"))
    return house, house.publish()


@pytest.fixture
def empty_house(tmp_path: Path) -> Callable[[], House]:
    """Makes a house without any part."""
    return lambda: House(tmp_path / "empty")
