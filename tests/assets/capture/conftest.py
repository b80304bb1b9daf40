"""Fixtures of the capture tests."""

from collections.abc import Iterator

import pytest

from tests.assets.capture.loopback import LoopbackWeb


@pytest.fixture
def web() -> Iterator[LoopbackWeb]:
    """An empty web server on loopback."""
    with LoopbackWeb() as server:
        yield server
