"""A small web of our own for whole runs: a listing site, a channel and a folder, none of them the simulator's."""

import contextlib
import functools
import http.server
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

OFFERS = 30
PER_PAGE = 10


def offer_page(number: int) -> str:
    """One page of a listing site, laid out as table rows; every third offer shares a number and an account."""
    first = number * PER_PAGE
    today = datetime.now(UTC).date()
    phones = {key: "01 02" if key % 3 == 0 else f"{key:02d} 77" for key in range(OFFERS)}
    rows = "".join(
        f"""<tr class="ad" data-ref="R{key}"><td class="head"><a href="/ad/{key}">Room help {key}</a></td>
        <td class="body">Kind person number {key} seeks work in Lyon. Tel 06 39 98 {phones[key]}</td>
        <td class="who">{"lena_0" if key % 3 == 0 else f"poster_{key}"}</td>
        <td class="when">{(today - timedelta(days=key)).isoformat()}</td></tr>"""
        for key in range(first, min(first + PER_PAGE, OFFERS))
    )
    following = f'<a class="older" href="/page/{number + 1}">older</a>' if first + PER_PAGE < OFFERS else ""
    return f"<html lang='en'><body><h1>Offers</h1><table>{rows}</table>{following}</body></html>"


@dataclass
class SmallWeb:
    """A running server: its address, the paths it was asked for, and pages that a test puts in place of others."""

    address: str
    asked: list[str] = field(default_factory=list)
    instead: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


class _Handler(http.server.BaseHTTPRequestHandler):
    def __init__(self, web: SmallWeb, *arguments: object) -> None:
        self.web = web
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer one request."""
        self.web.asked.append(self.path)
        if self.path in self.web.instead:
            return self._answer(200, self.web.instead[self.path])
        if self.path == "/robots.txt":
            return self._answer(200, "User-agent: *\nDisallow: /closed/\n", "text/plain")
        if self.path == "/":
            return self._answer(200, offer_page(0))
        if self.path.startswith("/page/"):
            return self._answer(200, offer_page(int(self.path.rpartition("/")[2])))
        return self._answer(404, "nothing here")

    def _answer(self, status: int, body: str, kind: str = "text/html; charset=utf-8") -> None:
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving() -> Iterator[SmallWeb]:
    """The server, on a free port of loopback."""
    web = SmallWeb("")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, web))
    web.address = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def small_web() -> Iterator[SmallWeb]:
    """The server for the length of one test."""
    with serving() as web:
        yield web


def offers_source(address: str) -> dict[str, object]:
    """A source file for the listing site."""
    return {
        "kind": "listings",
        "start": [f"{address}/"],
        "region": "FR",
        "language": "en",
        "politeness": {"delay_seconds": 0},
        "expected": {"min_items": 5},
        "listings": {
            "category": "domestic",
            "follow": ["a.older"],
            "item": "tr.ad",
            "fields": {
                "external_id": {"selector": "", "attribute": "data-ref"},
                "title": ".head",
                "text": ".body",
                "account": ".who",
                "posted_at": ".when",
                "url": ".head a@href",
            },
        },
    }


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, free of the machine's own settings, with loopback open."""
    for name in [name for name in os.environ if name.startswith(("STORMLANTERN_", "DAGSTER_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("STORMLANTERN_ALLOW_LOOPBACK", "true")
    monkeypatch.setenv("STORMLANTERN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def describe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Write source files and point the settings at them: `describe(offers={...})`."""

    def write(**sources: dict[str, object]) -> None:
        folder = tmp_path / "sources"
        folder.mkdir(exist_ok=True)
        for name, source in sources.items():
            (folder / f"{name}.yaml").write_text(yaml.safe_dump(source), encoding="utf-8")
        monkeypatch.setenv("STORMLANTERN_SOURCES", str(folder))

    return write
