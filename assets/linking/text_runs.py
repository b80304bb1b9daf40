"""When the runs in which texts, pairs and items lie, one more each day, are put together."""

from collections.abc import Sequence

# Runs are looked into one by one: those behind the first are put together when there are more, and all are once what
# lies behind the first is this part of it.
MOST_RUNS = 8
MOST_BEHIND = 0.25


def together_from(lengths: Sequence[int]) -> int | None:
    """From which run on (a place) runs of so many rows each are to be put together; None: they may stay as they are."""
    if sum(lengths[1:]) > MOST_BEHIND * sum(lengths[:1]):
        return 0
    return 1 if len(lengths) > MOST_RUNS else None
