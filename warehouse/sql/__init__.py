"""Views and macros of the snapshots, as SQL files; each works on the analysts' and on the restricted file."""

from pathlib import Path


def scripts() -> list[tuple[str, str]]:
    """Name and text of every SQL file, in the order they are to be run (their names sort)."""
    return [(file.name, file.read_text("utf-8")) for file in sorted(Path(__file__).parent.glob("*.sql"))]
