"""`stormlantern doctor`: what is missing on this machine; whether a source works."""

import importlib.metadata
import re
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from pipelines.settings import Settings

GIB = 1024**3
LEAST_FREE_GIB = 2
PACKAGES = ("dagster", "dagster-webserver", "duckdb", "polars", "pyarrow", "great-expectations", "httpx")
# Fields shown as they are; the others only by their shape, since a terminal keeps what is printed.
SHOWN = frozenset(
    {"category", "posted_at", "published_at", "language", "price_text", "age_text", "message_type", "format"}
)

Finding = tuple[str, str]  # ("ok" | "missing" | "note", what and remedy)


def _machine(settings: Settings) -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield ("ok" if sys.version_info >= (3, 11) else "missing"), f"Python {version} (3.11 or newer is needed)"
    for package in PACKAGES:
        try:
            yield "ok", f"{package} {importlib.metadata.version(package)}"
        except importlib.metadata.PackageNotFoundError:
            yield "missing", f"{package} is not installed: run `make setup`"
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        probe = settings.home / ".doctor"
        probe.write_bytes(b"")
        probe.unlink()
        free = shutil.disk_usage(settings.home).free / GIB
        state = "ok" if free >= LEAST_FREE_GIB else "missing"
        yield state, f"home {settings.home} is writable, {free:.0f} GiB free ({LEAST_FREE_GIB} are needed)"
    except OSError as error:
        yield "missing", f"home {settings.home} is not writable ({error.strerror}): set STORMLANTERN_HOME"
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    remedy = "absent; only the browser tests of `make test-all` need it: apt-get install chromium"
    yield ("ok", "chromium for the browser tests") if browser else ("note", f"chromium: {remedy}")


def _house(settings: Settings) -> Iterator[Finding]:
    enabled = [source.name for source in settings.all_sources.values() if source.enabled]
    yield "ok", f"{len(settings.all_sources)} sources described, {len(enabled)} enabled"
    operation = settings.load_operation()
    settings.sources_of(operation)
    yield "ok", f"the operation is '{operation.name}'"
    snapshot = settings.home / "warehouse.duckdb"
    yield (
        ("ok", f"snapshot {snapshot.resolve().stem}")
        if snapshot.exists()
        else ("note", "no snapshot: run `make run`")
    )


def _shape(value: object) -> str:
    """A value's shape: letters as x, digits as 9, at most 60 characters."""
    text = re.sub(r"\s+", " ", str(value))
    shape = re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "x", text))
    return shape if len(shape) <= 60 else f"{shape[:57]}… ({len(text)} characters)"


def _try_source(settings: Settings, file: Path, url: str | None) -> Iterator[Finding]:
    from assets.capture.discovery import discover
    from assets.capture.discovery.page import Page
    from assets.capture.sample import sample_unit
    from assets.capture.source import load_source
    from assets.parsing.parse import parse_unit, table_of
    from pipelines.house import capture_policy

    source = load_source(file, settings.home)
    yield "ok", f"{file} describes source '{source.name}' of kind {source.kind}"
    captures = sample_unit(source, capture_policy(settings, None), url=url, day=datetime.now(UTC).date())
    _ = (discover, Page, date)
    for row in captures.iter_rows(named=True):
        state = "ok" if row["outcome"] == "ok" else "missing"
        yield (
            state,
            f"{row['role']} page answered {row['status'] or row['error']} with {row['wire_bytes'] or 0} bytes",
        )
    unit = parse_unit(source, captures)
    items = getattr(unit, table_of(source))
    found = "ok" if items.height else "missing"
    yield found, f"{items.height} {table_of(source)} on {captures.height} pages"
    for problem in unit.problems.select("rule", "detail").unique(maintain_order=True).iter_rows():
        yield "note", f"{problem[0]}: {problem[1]}"
    hidden = {"item_id", "source", "unit_date", "capture_id", "content_sha256", "detail_json"}
    for column in (name for name in items.columns if name not in hidden):
        values = items[column].drop_nulls()
        sample = values[0] if len(values) else None
        shown = "—" if sample is None else str(sample) if column in SHOWN else _shape(sample)
        yield (
            ("ok" if len(values) else "note"),
            f"  {column}: in {len(values)} of {items.height}, such as {shown}",
        )


def doctor(settings: Settings, source: Path | None, url: str | None) -> int:
    """Print findings; returns 1 if something needed is missing."""
    findings = (
        _try_source(settings, source, url)
        if source
        else (item for part in (_machine, _house) for item in part(settings))
    )
    missing = False
    for state, text in findings:
        missing = missing or state == "missing"
        sys.stdout.write(f"{state:8}{text}\n")
    return 1 if missing else 0
