"""Benchmarks: quality against planted truth, speed and memory beside a named peer in the same run."""

import os

# Polars lets its allocator give memory back after half a second; the next pass over the rows then waits for fresh pages
# of the system. Ten seconds are the allocator's own default. It is read once, when Polars is loaded.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:10000")
