"""Memory that is free, but kept for later, goes back to the system.

The C library keeps what large pages and their trees took, in pieces between smaller things; after a crawl of large
pages that was 40 to 80 MB. To give it back takes some milliseconds, so only after large work.
"""

import ctypes
import sys

import pyarrow

# Below this size of a body, what was taken is soon used again.
LARGE_BYTES = 1024 * 1024


def give_back() -> None:
    """Give free memory back to the system, where the C library can (glibc)."""
    pyarrow.default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
