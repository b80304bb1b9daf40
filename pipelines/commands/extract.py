"""`stormlantern extract`: the extraction rooms alone, on files or standard input."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson


def _records(file: Path | None) -> Iterator[dict[str, object]]:
    """Records of a JSON Lines stream, or one record for a text file."""
    if file is not None and file.suffix.lower() not in {".jsonl", ".ndjson", ".json"}:
        yield {"id": file.name, "text": file.read_text(encoding="utf-8", errors="replace")}
        return
    name = file.name if file is not None else "standard input"
    with file.open("rb") if file is not None else sys.stdin.buffer as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            try:
                record = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise SystemExit(f"stormlantern: {name}, line {number}: not JSON ({error.msg})") from None
            if not isinstance(record, dict):
                raise SystemExit(f"stormlantern: {name}, line {number}: give an object with `id` and `text`")
            yield record


def _all_records(files: Iterable[Path]) -> Iterator[dict[str, object]]:
    for file in files:
        yield from _records(file)


def identifiers(files: list[Path]) -> None:
    """JSON Lines of `{"id","text","region"?,"lang"?}` in; `{"id","identifiers":[…]}` out, in the same order."""
    from assets.extraction.single import extract_texts

    records = _all_records(files) if files else _records(None)
    try:
        for found in extract_texts(records):
            sys.stdout.buffer.write(orjson.dumps(found, option=orjson.OPT_APPEND_NEWLINE))
    except ValueError as error:
        raise SystemExit(f"stormlantern: {error}") from None
    sys.stdout.buffer.flush()


def statistics(files: list[Path]) -> int:
    """Documents in; per document one JSON line in the shape of the gold files. Returns 1 if one was unreadable."""
    from assets.parsing.documents import document_text
    from assets.statistics.extract import extract_operations

    unreadable = 0
    for file in files:
        try:
            content = document_text(file.read_bytes(), file.name)
        except (OSError, ValueError) as error:
            sys.stderr.write(f"stormlantern: {file}: {error}\n")
            unreadable += 1
            continue
        published = content.published_at.date() if content.published_at else None
        found = extract_operations(content.text, doc_id=file.stem, lang=content.language, published=published)
        sys.stdout.buffer.write(orjson.dumps(found, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()
    return 1 if unreadable else 0
