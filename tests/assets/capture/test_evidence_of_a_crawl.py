"""From a server's bytes to a reader's: a real crawl, its chain verified, its export compared with what was sent."""

import asyncio
import gzip
from datetime import date
from pathlib import Path

from fastwarc.warc import ArchiveIterator as FastIterator

from assets.capture.crawling import crawl
from assets.capture.custody import verify_custody
from assets.capture.source import Source
from assets.capture.unit_run import Unit
from assets.capture.warc_export import export_warc
from tests.assets.capture.loopback import Asked, LoopbackWeb
from warehouse.parts import PartStore

DAY = date(2026, 3, 1)
INDEX = b'<a class="item" href="/ad/1">one</a><a class="item" href="/ad/2">two</a>'
PACKED = gzip.compress("<p>zażółć</p>".encode() * 50, mtime=0)

INDEX_HEAD = (
    b'HTTP/1.1 200 OK\r\nserver: S\r\nX-Twice: 1\r\nETag: "i"\r\nx-twice: 2\r\nContent-Length: %d\r\n\r\n'
    % len(INDEX)
)
CHUNKED_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\nX-Bytes: \xe9\xff\r\n\r\n"
)
PLAIN_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\n"


def chunks(data: bytes, size: int = 20) -> bytes:
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def test_an_export_of_a_crawl_holds_what_the_server_sent(web: LoopbackWeb, tmp_path: Path) -> None:
    async def index(asked: Asked, _: asyncio.StreamWriter) -> bytes:
        if asked.headers.get("if-none-match") == '"i"':
            return b'HTTP/1.1 304 Not Modified\r\nETag: "i"\r\n\r\n'
        return INDEX_HEAD + INDEX

    web.pages |= {"/": index, "/ad/1": CHUNKED_HEAD + chunks(PACKED), "/ad/2": PLAIN_HEAD + b"two"}
    source = Source.model_validate(
        {
            "name": "board",
            "kind": "listings",
            "start": ["http://a.test/"],
            "politeness": {"delay_seconds": 0},
            "listings": {"follow": ["a.next"], "item_link": "a.item", "fields": {"text": "p"}},
        }
    )
    home = tmp_path / "home"
    for _ in range(2):
        crawl([Unit(source, DAY)], PartStore(home), web.policy())
    report = verify_custody(home)
    assert report.intact, report.differences
    assert (report.rows, report.bodies) == (6, 3)
    file = tmp_path / "crawl.warc.gz"
    summary = export_warc(home, file)
    assert summary.records == {"warcinfo": 1, "response": 3, "revisit": 3, "request": 6, "metadata": 6}
    blocks: dict[tuple[str, str], bytes] = {}
    for record in FastIterator(str(file), parse_http=False):
        headers = record.headers
        if headers["WARC-Type"] in ("response", "revisit"):
            assert record.verify_block_digest()
            blocks[headers["WARC-Type"], headers["WARC-Target-URI"]] = record.reader.read()
    renamed = CHUNKED_HEAD.replace(b"Transfer-Encoding", b"X-Crawler-Transfer-Encoding")
    assert blocks == {
        ("response", "http://a.test/"): INDEX_HEAD + INDEX,
        ("response", "http://a.test/ad/1"): renamed + PACKED,
        ("response", "http://a.test/ad/2"): PLAIN_HEAD + b"two",
        ("revisit", "http://a.test/"): b'HTTP/1.1 304 Not Modified\r\nETag: "i"\r\n\r\n',
        ("revisit", "http://a.test/ad/1"): renamed,
        ("revisit", "http://a.test/ad/2"): PLAIN_HEAD,
    }
