"""Publish: from the committed parts to a new pair of snapshot files, or to the finding that nothing is new."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from assets.house import package_digest
from assets.operation import Operation
from assets.publishing.analyst_tables import SHOWN, add_pseudonym_table, build_analyst_tables
from assets.publishing.clear_tables import CLEAR, add_rows, build_clear_tables, relation
from assets.publishing.privacy import check_privacy
from assets.publishing.pseudonyms import derive_pseudonyms, set_key
from quality.contract import literal, quoted
from quality.contracts import CONTRACTS
from quality.contracts.columns import ITEM_TABLES
from quality.gate import gate
from warehouse import snapshots, sql
from warehouse.connections import reading, writing
from warehouse.parts import Part, PartStore, PartWrite
from warehouse.row_replacement import removals_of

# A run may replace parts while we read; we then begin again with what is committed by then.
_ATTEMPTS = 3


@dataclass(frozen=True)
class Snapshot:
    """A published version. `is_new` is false when the inputs were those of the version already published."""

    version: str
    inputs_sha256: str
    warehouse: Path
    restricted: Path
    is_new: bool
    rows: Mapping[str, int]


def publish(
    store: PartStore,
    home: Path,
    *,
    run_id: str,
    operation: Operation,
    key: bytes,
    now: datetime,
    keep: int = snapshots.KEPT_VERSIONS,
    memory_limit: str | None = None,
) -> Snapshot:
    """Build both snapshot files from the committed parts, pass the privacy gate, and move the symlinks.

    `key` (at least 16 bytes) makes the pseudonyms; with another key all of them change. `now` is an aware datetime.
    Raises `PrivacyViolation` and leaves the last snapshot untouched when the analysts' file would leak.
    """
    home = home.resolve()
    with snapshots.publishing_lock(home):
        parts = committed_parts(store)
        digest = inputs_digest(parts, key, operation)
        history = store.scan("snapshots", CONTRACTS["snapshots"].schema).collect().sort("version")
        finished = _finished_version(home, history, digest)
        if finished is not None:
            # Published before; or complete, with a kill before the symlinks moved.
            if snapshots.current_version(home) != finished:
                snapshots.point_to(home, finished)
            return _snapshot(home, finished, digest, is_new=False)
        for attempt in range(1, _ATTEMPTS + 1):
            files = snapshots.version_files(home, snapshots.version_name(now, digest))
            row: dict[str, object] = {
                "version": files.version,
                "published_at": now,
                "run_id": run_id,
                "operation": operation.code,
                "inputs_sha256": digest,
            }
            try:
                versions = _build(home, files, parts, key, history, row, memory_limit)
                break
            except duckdb.IOException:
                # Only a part that was replaced meanwhile is worth another attempt.
                replaced = any(not (home / part.path).is_file() for group in parts.values() for part in group)
                if not replaced or attempt == _ATTEMPTS:
                    raise
                parts = committed_parts(store)
                digest = inputs_digest(parts, key, operation)
        snapshots.place(files)
        store.commit([PartWrite("snapshots", gate(CONTRACTS["snapshots"], versions).valid)], run_id=run_id)
        snapshots.point_to(home, files.version)
        snapshots.prune(home, keep)
        return _snapshot(home, files.version, digest, is_new=True)


def committed_parts(store: PartStore) -> dict[str, list[Part]]:
    """The committed parts of every contract's table, and of what names their rows that are gone, as of one moment."""
    connection = store.manifest.read()
    connection.execute("BEGIN")
    try:
        removals = {name: store.parts(name) for name in map(removals_of, CONTRACTS)}
        return {table: store.parts(table) for table in CONTRACTS} | {
            name: parts for name, parts in removals.items() if parts
        }
    finally:
        connection.execute("ROLLBACK")


def inputs_digest(parts: Mapping[str, Sequence[Part]], key: bytes, operation: Operation) -> str:
    """SHA-256 (hex) over all that a snapshot depends on: parts, contracts, views, this package, key, operation.

    The list of snapshots is no input: it changes with every publication.
    """
    digest = hashlib.sha256()
    for table, group in sorted(parts.items()):
        if table != "snapshots":
            digest.update(f"{table}:{','.join(sorted(part.sha256 for part in group))}\n".encode())
    for contract in CONTRACTS.values():
        digest.update(repr((contract.table, contract.columns, contract.key)).encode())
    for name, script in sql.scripts():
        digest.update(f"{name}\n{script}".encode())
    # A changed rule of what analysts may see must not wait for new captures.
    digest.update(package_digest(__file__).encode())
    digest.update(hashlib.sha256(b"pseudonym key|" + key).digest())
    digest.update(operation.code.encode())
    return digest.hexdigest()


def _finished_version(home: Path, history: pl.DataFrame, digest: str) -> str | None:
    same = history.filter(pl.col("inputs_sha256") == digest)["version"].to_list()
    complete = [version for version in same if snapshots.version_files(home, version).complete]
    return complete[-1] if complete else None


def _build(
    home: Path,
    files: snapshots.VersionFiles,
    parts: Mapping[str, Sequence[Part]],
    key: bytes,
    history: pl.DataFrame,
    row: dict[str, object],
    memory_limit: str | None,
) -> pl.DataFrame:
    """Write both temporary files; returns the list of snapshots with the new one."""
    for temporary in (files.temporary_restricted, files.temporary_warehouse):
        temporary.unlink(missing_ok=True)
        temporary.with_name(temporary.name + ".wal").unlink(missing_ok=True)
    with writing(memory_limit=memory_limit) as connection:
        # Until it has its name, a file is worth nothing: no log is written to recover it by.
        unlogged = "(RECOVERY_MODE no_wal_writes)"
        connection.execute(f"ATTACH {literal(str(files.temporary_restricted))} AS {CLEAR} {unlogged}")
        files.temporary_restricted.chmod(0o600)
        connection.execute(f"ATTACH {literal(str(files.temporary_warehouse))} AS {SHOWN} {unlogged}")
        build_clear_tables(connection, home, parts)
        history = pl.concat([history, _snapshot_row(connection, row)]).sort("version")
        add_rows(connection, CLEAR, "snapshots", history)
        set_key(connection, key)
        mentions = [home / part.path for part in parts.get("mentions", ())]
        derive_pseudonyms(
            connection, relation(connection, CONTRACTS["mentions"], mentions, home) if mentions else None
        )
        build_analyst_tables(connection)
        add_pseudonym_table(connection)
        for catalog in (CLEAR, SHOWN):
            connection.execute(f"USE {catalog}")
            for _, script in sql.scripts():
                connection.execute(script)
        connection.execute("USE memory")
        check_privacy(connection)
        for catalog in (CLEAR, SHOWN):
            connection.execute(f"CHECKPOINT {catalog}")
            connection.execute(f"DETACH {catalog}")
    return history


def _snapshot_row(connection: duckdb.DuckDBPyConnection, row: dict[str, object]) -> pl.DataFrame:
    counts = {
        "captures": _count(connection, "captures"),
        "items": sum(_count(connection, table) for table in ITEM_TABLES),
        "leads": _count(connection, "leads"),
    }
    return pl.DataFrame([row | counts], schema=CONTRACTS["snapshots"].schema)


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    found = connection.execute(f"SELECT count(*) FROM {CLEAR}.main.{quoted(table)}").fetchone()
    return int(found[0]) if found else 0


def _snapshot(home: Path, version: str, digest: str, *, is_new: bool) -> Snapshot:
    files = snapshots.version_files(home, version)
    with reading(files.warehouse) as connection:
        counts = " UNION ALL ".join(
            f"SELECT {literal(table)}, count(*) FROM {quoted(table)}" for table in CONTRACTS
        )
        rows = {str(table): int(size) for table, size in connection.execute(counts).fetchall()}
    return Snapshot(version, digest, files.warehouse, files.restricted, is_new, rows)
