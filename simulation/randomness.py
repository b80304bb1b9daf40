"""Named random streams: the same seed and names give the same numbers, whatever else was drawn before."""

from collections.abc import Sequence
from hashlib import blake2b
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

Value = TypeVar("Value")


def stream(*names: object) -> Random:
    """A generator of its own for `names` (seed first, by custom), independent of every other stream."""
    digest = blake2b("\x1f".join(map(str, names)).encode(), digest_size=8).digest()
    return Random(int.from_bytes(digest, "big"))


def token(length: int, *names: object) -> str:
    """A stable hexadecimal token of `length` (at most 64) characters for `names`."""
    return blake2b("\x1f".join(map(str, names)).encode(), digest_size=32).hexdigest()[:length]


class Weighted(Generic[Value]):
    """Draws from `values` in proportion to `weights`; cumulates once, so that many draws stay cheap."""

    def __init__(self, values: Sequence[Value], weights: Sequence[float]) -> None:
        self.values = values
        self._cumulated = list(accumulate(weights))

    def draw(self, random: Random) -> Value:
        """One value."""
        return random.choices(self.values, cum_weights=self._cumulated)[0]
