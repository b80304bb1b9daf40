"""What a benchmark was asked on the command line."""

import sys


def words_asked(documentation: str | None) -> list[str]:
    """The words behind the module's name; with --help prints the module's documentation and ends."""
    words = sys.argv[1:]
    if "--help" in words or "-h" in words:
        print((documentation or "").strip())
        raise SystemExit(0)
    return words
