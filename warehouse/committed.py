"""Committed parts as the manifest has them."""

import threading
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from warehouse.manifest import Manifest


class Part(NamedTuple):
    """One committed Parquet file. `path` is relative to the home, `bytes` is its size, `sha256` its
    digest.
    """

    part_id: int
    table: str
    source: str | None
    unit_date: date | None
    sequence: int
    path: str
    rows: int
    bytes: int
    sha256: str
    inputs: str | None
    run_id: str | None
    committed_at: datetime
    chain: str | None


# The columns of the manifest in the order of the fields.
_COLUMNS = ", ".join("table_name" if field == "table" else field for field in Part._fields)


class CommittedParts:
    """The parts that a manifest names.

    Those of whole tables are kept by each thread until something is committed: a table has thousands, which cost some
    0.01 CPU seconds for every thousand, and a stage asks for them several times.
    """

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._kept = threading.local()

    def of(self, *tables: str) -> dict[str, list[Part]]:
        """The parts of these tables as of one moment, each table's oldest first; the lists are the caller's."""
        while True:
            version = self._manifest.version()
            if version is None:
                return {table: self._read("table_name = ?", table) for table in tables}
            if getattr(self._kept, "version", None) != version:
                self._kept.version, self._kept.parts = version, {}
            kept: dict[str, list[Part]] = self._kept.parts
            missing = [table for table in tables if table not in kept]
            if not missing:
                return {table: list(kept[table]) for table in tables}
            # Another process may commit meanwhile; then the next look finds another version, and reads again.
            kept |= {table: self._read("table_name = ?", table) for table in missing}

    def of_unit(self, table: str, source: str | None, unit_date: date | None) -> list[Part]:
        """The parts of a table, oldest first, of one source, one day or both."""
        values = {"source": source, "unit_date": unit_date.isoformat() if unit_date is not None else None}
        given = {name: value for name, value in values.items() if value is not None}
        where = " AND ".join(["table_name = ?", *(f"{name} = ?" for name in given)])
        return self._read(where, table, *given.values())

    def _read(self, where: str, *values: str) -> list[Part]:
        cursor = self._manifest.read().cursor()
        # Rows by name would cost as much as all the rest.
        cursor.row_factory = None
        query = f"SELECT {_COLUMNS} FROM parts WHERE {where} ORDER BY part_id"
        return [_part_of(*row) for row in cursor.execute(query, values)]


def _part_of(part_id: int, table: str, source: str | None, day: str | None, *more: Any) -> Part:
    sequence, path, rows, size, sha256, inputs, run_id, committed_at, chain = more
    committed = datetime.fromisoformat(committed_at)
    return Part(
        *(part_id, table, source, _day(day), sequence, path, rows, size, sha256, inputs, run_id),
        committed_at=committed,
        chain=chain,
    )


@lru_cache(maxsize=4096)
def _day(spelled: str | None) -> date | None:
    return date.fromisoformat(spelled) if spelled else None
