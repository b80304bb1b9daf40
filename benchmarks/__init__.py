"""Benchmarks: quality against planted truth, speed and memory beside a named peer in the same run."""
