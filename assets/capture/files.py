"""Import of files: folders of documents and chat exports become captures, byte for byte."""

import fnmatch
import hashlib
import mimetypes
from datetime import UTC, datetime
from pathlib import Path

from assets.capture.discovery import Role
from assets.capture.frontier import Batch, Frontier, Validator
from assets.capture.policy import CapturePolicy
from assets.capture.rows import CaptureRow, Origin, capture_row
from assets.capture.source import Source
from assets.capture.unit_run import UnitRun

# Parquet counts the bytes of one value in 31 bits; the page around it needs room as well.
MAX_FILE_BYTES = 2_000_000_000
_COMMIT_BYTES = 32 * 1024 * 1024
_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif")


def files_of(source: Source) -> list[tuple[str, Path]]:
    """The files of a folder source, as (name relative to the folder, file), sorted by name.

    A chat export is every `result.json` under the folder (or the file itself), and its pictures, where the source asks
    for them. Documents are matched by the source's patterns, without regard to case. Hidden files, previews of
    pictures, and links that lead out of the folder, are left out.
    """
    root = source.path
    if root is None:
        return []
    if root.is_file():
        return [(root.name, root)]
    exports = source.kind == "telegram_export"
    patterns = ("result.json",) if exports else source.documents.patterns
    if exports and source.images.fetch:
        patterns += tuple(f"*{ending}" for ending in _PICTURES)
    recursive = True if exports else source.documents.recursive
    inside = root.resolve()
    found: list[tuple[str, Path]] = []
    for file in root.rglob("*") if recursive else root.glob("*"):
        name = file.relative_to(root).as_posix()
        if any(part.startswith(".") for part in name.split("/")) or not file.is_file():
            continue
        if not file.resolve().is_relative_to(inside) or (exports and file.stem.endswith("_thumb")):
            continue
        if any(fnmatch.fnmatch(file.name.lower(), pattern.lower()) for pattern in patterns):
            found.append((name, file))
    return sorted(found)


def import_files(run: UnitRun, frontier: Frontier, policy: CapturePolicy) -> None:
    """Capture the files of a unit; those whose bytes are known from an earlier capture leave a small row."""
    rows: list[CaptureRow] = []
    batch = Batch()
    size = 0
    for name, file in files_of(run.source):
        url = f"file:{name}"
        if url in run.seen:
            continue
        role = _role(run.source, name)
        if over := run.over_budget(role):
            run.skipped[over] += 1
            continue
        run.seen.add(url)
        validator = frontier.validator(run.source.name, url)
        if role == "image" and validator is not None and not run.asks_again(url):
            run.skipped["known_picture"] += 1
            continue
        row = _file_row(run, url, role, file, validator)
        state = "failed" if row["outcome"] == "failed" else "done"
        batch.added.append((run.round.round_id, url, role, 0, None, state, row["error"]))
        if row["outcome"] == "ok":
            known = Validator(None, None, row["capture_id"], row["body_sha256"], [])
            batch.validators[(run.source.name, url)] = known
        rows.append(row)
        run.keep(row)
        size += row["wire_bytes"]
        if len(rows) >= policy.part_rows or size >= _COMMIT_BYTES:
            frontier.commit_files(run.source.name, run.unit.date, rows, batch)
            rows, batch, size = [], Batch(), 0
    if rows:
        frontier.commit_files(run.source.name, run.unit.date, rows, batch)


def file_problem(source: Source) -> str | None:
    """Why a folder source has nothing to import, or None."""
    if source.path is None or not source.path.exists():
        return f"path: no such file or folder ({source.path.name if source.path else 'not given'})"
    if not any(_role(source, name) == "file" for name, _ in files_of(source)):
        wanted = "result.json" if source.kind == "telegram_export" else ", ".join(source.documents.patterns)
        return f"path: the folder {source.path.name} holds no file that matches {wanted}"
    return None


def _role(source: Source, name: str) -> Role:
    is_picture = source.kind == "telegram_export" and name.lower().endswith(_PICTURES)
    return "image" if is_picture else "file"


def _file_row(run: UnitRun, url: str, role: Role, file: Path, validator: Validator | None) -> CaptureRow:
    origin = Origin(
        source=run.source.name,
        unit_date=run.unit.date,
        round=run.round.number,
        role=role,
        request_url=url,
        site=run.source.site or run.source.name,
        depth=0,
        referrer_url=None,
        crawler=run.policy.user_agent,
        source_sha256=run.source.sha256,
    )
    body: bytes | None = None
    error: str | None = None
    try:
        most = run.source.images.max_bytes if role == "image" else MAX_FILE_BYTES
        if file.stat().st_size > most:
            error = f"file exceeds {most} bytes" + (": split it" if role == "file" else "")
        else:
            body = file.read_bytes()
    except OSError as problem:
        error = f"{type(problem).__name__}: {problem.strerror}"
    digest = hashlib.sha256(body).hexdigest() if body is not None else None
    unchanged = validator is not None and digest is not None and validator.body_sha256 == digest
    row = capture_row(
        origin,
        datetime.now(UTC),
        None if unchanged else body,
        method="FILE",
        robots_verdict="not_applicable",
        content_type=mimetypes.guess_type(file.name)[0],
        decoded_bytes=len(body) if body is not None else None,
        body_sha256=digest,
        outcome="failed" if body is None else "unchanged" if unchanged else "ok",
        same_as_capture_id=validator.capture_id if unchanged and validator is not None else None,
        error=error,
    )
    row["wire_bytes"] = len(body) if body is not None else 0
    return row
