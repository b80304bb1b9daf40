"""`stormlantern doctor`: what is missing on this machine; whether a source works."""

import importlib.metadata
import re
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.settings import Settings

if TYPE_CHECKING:
    import polars as pl

GIB = 1024**3
LEAST_FREE_GIB = 2
MOST_SHOWN = 10
PACKAGES = ("dagster", "dagster-webserver", "duckdb", "polars", "pyarrow", "great-expectations", "httpx")
# Fields shown as they are; the others only by their shape, since a terminal keeps what is printed.
SHOWN = frozenset(
    {
        *("category", "posted_at", "published_at", "language", "region", "site"),
        *("price_text", "age_text", "message_type", "format"),
    }
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
    from assets.extraction import sentence_vectors

    missing = sentence_vectors.why_missing()
    yield (
        ("note", f"signs are weighed by words alone, fewer are found: {missing}")
        if missing
        else ("ok", f"{sentence_vectors.version()}: signs are weighed by what sentences mean, too")
    )
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
    words = " ".join(value) if isinstance(value, list) else str(value)
    text = re.sub(r"\s+", " ", words)
    shape = re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "x", text))
    return shape if len(shape) <= 60 else f"{shape[:57]}… ({len(text)} characters)"


def _captures(captures: "pl.DataFrame") -> Iterator[Finding]:
    from assets.capture.stage import PRIVATE_ADDRESS, REFUSED_ADDRESS

    for row in captures.head(MOST_SHOWN).iter_rows(named=True):
        state = "ok" if row["outcome"] == "ok" else "missing"
        answer = row["error"] if row["outcome"] == "failed" else f"{row['status'] or 'read'}"
        yield (
            state,
            f"{row['role']} {row['url'] or row['request_url']}: {answer}, {row['wire_bytes'] or 0} bytes",
        )
    if captures["error"].str.contains(REFUSED_ADDRESS).any():
        yield "missing", PRIVATE_ADDRESS
    if captures.height > MOST_SHOWN:
        yield "note", f"and {captures.height - MOST_SHOWN} more"


def _items(items: "pl.DataFrame") -> Iterator[Finding]:
    hidden = {"item_id", "source", "unit_date", "capture_id", "content_sha256", "detail_json"}
    for column in (name for name in items.columns if name not in hidden):
        values = items[column].drop_nulls()
        if values.dtype.is_nested():
            values = values.filter(values.list.len() > 0)
        sample = values.head(1).to_list()[0] if len(values) else None
        shown = "nothing" if sample is None else str(sample) if column in SHOWN else _shape(sample)
        yield (
            ("ok" if len(values) else "note"),
            f"  {column}: in {len(values)} of {items.height}, such as {shown}",
        )


def _try_source(settings: Settings, file: Path, url: str | None) -> Iterator[Finding]:
    from assets.capture.files import file_problem
    from assets.capture.source import FOLDER_KINDS, load_source
    from assets.parsing.parse import parse_unit, table_of
    from assets.parsing.selectors import check_selectors
    from pipelines.commands.sample import sample_captures
    from pipelines.house import capture_policy

    source = load_source(file, settings.home)
    yield "ok", f"{file} describes source '{source.name}' of kind {source.kind}"
    problems = check_selectors(source)
    for problem in problems:
        yield "missing", f"{problem.field}: {problem.selector!r} is not a CSS selector"
    if problems:
        return
    absent = file_problem(source) if source.kind in FOLDER_KINDS else None
    if absent is not None:
        yield "missing", absent
        return
    captures = sample_captures(source, capture_policy(settings, None), url, datetime.now(UTC).date())
    yield from _captures(captures)
    unit = parse_unit(source, captures)
    items = getattr(unit, table_of(source))
    yield (
        ("ok" if items.height else "missing"),
        f"{items.height} {table_of(source)} in {captures.height} captures",
    )
    for rule, detail in unit.problems.select("rule", "detail").unique(maintain_order=True).iter_rows():
        yield "note", f"{rule}: {detail}"
    if items.height:
        yield from _items(items)


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
