"""Files become captures byte for byte; known bytes leave a small row."""

from datetime import date
from pathlib import Path

import polars as pl

from assets.capture.crawling import crawl
from assets.capture.files import files_of
from assets.capture.policy import CapturePolicy
from assets.capture.rows import capture_schema
from assets.capture.source import Expected, Source
from assets.capture.unit_run import Unit
from warehouse.parts import PartStore

DAY = date(2026, 3, 1)


def documents(folder: Path, **section: object) -> Source:
    return Source.model_validate(
        {"name": "inbox", "kind": "documents", "path": folder, **({"documents": section} if section else {})}
    )


def fill(folder: Path) -> None:
    (folder / "deep").mkdir(parents=True)
    (folder / "a.TXT").write_bytes(b"one\xff")
    (folder / "deep" / "b.html").write_text("<p>two")
    (folder / "skip.doc").write_text("three")
    (folder / ".hidden.txt").write_text("four")


def captures(store: PartStore) -> pl.DataFrame:
    return store.scan("captures", capture_schema()).collect()


def test_a_folder_of_documents(tmp_path: Path) -> None:
    fill(tmp_path / "in")
    store = PartStore(tmp_path / "home")
    [outcome] = crawl([Unit(documents(tmp_path / "in"), DAY)], store, CapturePolicy())
    assert (outcome.state, outcome.captured) == ("complete", 2)
    rows = captures(store).sort("url")
    assert rows["url"].to_list() == ["file:a.TXT", "file:deep/b.html"]
    assert rows["body"].to_list() == [b"one\xff", b"<p>two"]
    assert set(rows["robots_verdict"]) == {"not_applicable"}
    assert set(rows["method"]) == {"FILE"}


def test_only_what_changed_is_kept_again(tmp_path: Path) -> None:
    fill(tmp_path / "in")
    store = PartStore(tmp_path / "home")
    crawl([Unit(documents(tmp_path / "in"), DAY)], store, CapturePolicy())
    first = captures(store)
    (tmp_path / "in" / "a.TXT").write_bytes(b"changed")
    (tmp_path / "in" / "c.txt").write_bytes(b"new")
    [outcome] = crawl([Unit(documents(tmp_path / "in"), date(2026, 3, 2))], store, CapturePolicy())
    assert (outcome.captured, outcome.unchanged) == (2, 1)
    again = captures(store).filter(pl.col("unit_date") == date(2026, 3, 2))
    small = again.filter(pl.col("outcome") == "unchanged").row(0, named=True)
    assert (small["url"], small["body"]) == ("file:deep/b.html", None)
    assert small["same_as_capture_id"] == first.filter(pl.col("url") == "file:deep/b.html")["capture_id"][0]


def test_links_out_of_the_folder_and_subfolders_by_wish_are_left_out(tmp_path: Path) -> None:
    fill(tmp_path / "in")
    secret = tmp_path / "secret.txt"
    secret.write_text("not yours")
    (tmp_path / "in" / "link.txt").symlink_to(secret)
    assert [name for name, _ in files_of(documents(tmp_path / "in"))] == ["a.TXT", "deep/b.html"]
    flat = documents(tmp_path / "in", recursive=False, patterns=["*.txt"])
    assert [name for name, _ in files_of(flat)] == ["a.TXT"]


def test_chat_exports_by_folder_or_file(tmp_path: Path) -> None:
    (tmp_path / "in" / "chat").mkdir(parents=True)
    (tmp_path / "in" / "chat" / "result.json").write_text("{}")
    (tmp_path / "in" / "photo.json").write_text("{}")
    for path, names in (
        (tmp_path / "in", ["chat/result.json"]),
        (tmp_path / "in/chat/result.json", ["result.json"]),
    ):
        source = Source(name="chat", kind="telegram_export", path=path)
        assert [name for name, _ in files_of(source)] == names


def test_an_empty_folder_says_what_it_looked_for(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    [outcome] = crawl([Unit(documents(tmp_path / "in"), DAY)], PartStore(tmp_path / "home"), CapturePolicy())
    assert outcome.state == "failed"
    assert "*.pdf" in (outcome.detail or "")
    patient = documents(tmp_path / "in").model_copy(update={"expected": Expected(min_items=0)})
    [outcome] = crawl([Unit(patient, DAY)], PartStore(tmp_path / "home"), CapturePolicy())
    assert (outcome.state, outcome.captured) == ("complete", 0)


def test_parts_stay_small(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for n in range(25):
        (tmp_path / "in" / f"{n}.txt").write_text(str(n))
    store = PartStore(tmp_path / "home")
    crawl([Unit(documents(tmp_path / "in"), DAY)], store, CapturePolicy(part_rows=10))
    assert [part.rows for part in store.parts("captures")] == [10, 10, 5]


def test_the_pictures_of_an_export_come_along_where_the_source_asks_for_them(tmp_path: Path) -> None:
    folder = tmp_path / "in" / "chat"
    (folder / "photos").mkdir(parents=True)
    (folder / "result.json").write_text("{}")
    for name in ("a.jpg", "a_thumb.jpg", "large.png"):
        (folder / "photos" / name).write_bytes(b"x" * (2_000 if name == "large.png" else 10))

    def source(**images: object) -> Source:
        return Source.model_validate(
            {"name": "chat", "kind": "telegram_export", "path": tmp_path / "in", "images": images}
        )

    store = PartStore(tmp_path / "home")
    asked = Unit(source(fetch=True, max_bytes=1_000), DAY)
    [outcome] = crawl([asked], store, CapturePolicy())
    assert outcome.state == "complete"
    found = captures(store).sort("url").select("url", "role", "outcome").rows()
    assert found == [
        ("file:chat/photos/a.jpg", "image", "ok"),
        ("file:chat/photos/large.png", "image", "failed"),
        ("file:chat/result.json", "file", "ok"),
    ]
    [again] = crawl([asked], store, CapturePolicy())
    assert again.skipped == {"known_picture": 1}
    assert [name for name, _ in files_of(source())] == ["chat/result.json"]
