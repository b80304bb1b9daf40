"""Memory that arrays of numbers leave behind is used again, not given back to the system.

Arrays of millions of numbers live for one expression. The C library maps each such array afresh and gives it back at
once, so that the next one waits for the same pages again: of a day's 150,000 first touches of a page at a million items
this saves 10,000.
"""

import ctypes

# Parameters of mallopt (glibc's malloc.h).
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
# Bytes: so much may lie unused at the end of the heap, and no array up to this size is mapped by itself. The library
# takes neither more than it can count in an int.
_KEPT = 2**30


def keep_freed_memory() -> None:
    """From now on let this process use again what its arrays leave. Without effect where the C library is another one.

    For runs that look at what changed: what a run over everything leaves would stand beside what it needs next.
    """
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return
    for parameter in (_TRIM_THRESHOLD, _MMAP_THRESHOLD):
        set_option(parameter, _KEPT)
