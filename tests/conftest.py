"""What all tests share.

Property tests search the same examples each time, so that a failure is everybody's; `explore` searches others:
`HYPOTHESIS_PROFILE=explore pytest …` is how new counter-examples are found; each becomes a test of its own.
"""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("reproducible", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "reproducible"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole runs take longest: they come first, so that at the end no core waits for the other."""
    items.sort(key=lambda item: "pipelines" not in item.path.parts)


@pytest.fixture(autouse=True, scope="session")
def nothing_waits_for_the_disk() -> Iterator[None]:
    """What is written stays written when a process is killed, which tests do; they do not cut the power."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield
