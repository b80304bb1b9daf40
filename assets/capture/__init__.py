"""Capture: responses and imported files, kept as received."""
