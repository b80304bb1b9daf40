"""References between captures: an unchanged page names the capture that holds its body, under the same digest."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

# The join spills to disk beyond this, so that an archive of any size can be checked.
MEMORY_LIMIT = "300MB"

# The files in the order of the chain, so that the first fault is the oldest one.
_FAULTS = """
WITH captures AS (
    SELECT list_position({paths}, filename) AS part, file_row_number AS part_row,
           capture_id, same_as_capture_id, body_sha256
    FROM read_parquet({paths}, union_by_name = true, hive_partitioning = false,
                      filename = true, file_row_number = true)
),
twice AS (
    SELECT max(part) AS part, arg_max(part_row, (part, part_row)) AS part_row, capture_id
    FROM captures GROUP BY capture_id HAVING count(*) > 1
),
faults AS (
    SELECT part, part_row, 'capture_id' AS kind, 'one capture of that id' AS expected, capture_id AS found FROM twice
    UNION ALL
    SELECT captures.part, captures.part_row, 'same_as_capture_id', captures.same_as_capture_id, NULL
    FROM captures
    WHERE captures.same_as_capture_id IS NOT NULL
      AND captures.same_as_capture_id NOT IN (SELECT capture_id FROM captures)
      AND captures.same_as_capture_id NOT IN (SELECT capture_id FROM quarantined)
    UNION ALL
    SELECT captures.part, captures.part_row, 'body_sha256 of same_as_capture_id',
           original.body_sha256, captures.body_sha256
    FROM captures
    JOIN captures AS original ON original.capture_id = captures.same_as_capture_id
    WHERE captures.body_sha256 <> original.body_sha256
)
SELECT part, part_row, kind, expected, found FROM faults ORDER BY part, part_row, kind
"""


def reference_faults(
    home: Path, captures: Sequence[str], quarantined: Sequence[str]
) -> Iterator[tuple[str, int, str, str | None, str | None]]:
    """(part, row, kind, expected, found) of each capture that names an unknown capture, or one of another body.

    An id that two captures share is a fault as well. `captures` and `quarantined` are paths of Parquet files under
    the home, the former oldest first; a capture in quarantine may be named, since it was received.
    """
    if not captures:
        return
    with tempfile.TemporaryDirectory(prefix="custody-") as folder, duckdb.connect() as connection:
        connection.execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false")
        connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        connection.execute(f"SET temp_directory = {_quoted(folder)}")
        connection.execute("CREATE TEMP TABLE quarantined (capture_id VARCHAR)")
        if quarantined:
            connection.execute(
                "INSERT INTO quarantined SELECT capture_id FROM read_parquet("
                f"{_listed(home, quarantined)}, union_by_name = true, hive_partitioning = false)"
            )
        result = connection.execute(_FAULTS.format(paths=_listed(home, captures)))
        while rows := result.fetchmany(1_000):
            for part, row, kind, expected, found in rows:
                yield captures[part - 1], row, kind, expected, found


def _listed(home: Path, paths: Sequence[str]) -> str:
    # Literals, not parameters: DuckDB loads pandas to look at a parameter that is a list, which takes seconds.
    return "[" + ", ".join(_quoted(str(home / path)) for path in paths) + "]"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
