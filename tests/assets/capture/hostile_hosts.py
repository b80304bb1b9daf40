"""The battery: one table of hosts that misbehave, each by name, with what must become of its page `/bad`.

`size` scales the large ones: 1 for a quick test, more where memory is measured.
"""

import asyncio
import gzip
import json
import socket
import struct
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import brotli
from backports import zstd

from assets.capture.source import Source
from tests.assets.capture.loopback import Asked, response

Answer = bytes | str | Callable[[Asked, asyncio.StreamWriter], Awaitable[bytes | None]]
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
TEXT = b"<p>a text long enough to be packed</p>" * 200


@dataclass
class Hostile:
    """One host: its answer at `/bad`, other pages, the outcomes that `/bad` may have, and the kind of its source.

    `good` says whether the page `/good` of the same host must still be captured.
    """

    bad: Answer
    outcome: str
    pages: dict[str, Answer] = field(default_factory=dict)
    kind: str = "listings"
    good: bool = True


def raw(data: bytes, *, then: str = "close") -> Answer:
    """Send these bytes, then close, stay `silent`, or `reset`."""

    async def page(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        if then == "silent":
            await asyncio.sleep(60)
        elif then == "reset":
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()

    return page


def forever(start: bytes, piece: bytes, pause: float = 0.0) -> Answer:
    """Send the start, then the piece again and again."""

    async def page(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return page


def packed(body: bytes, encoding: str) -> bytes:
    """An answer with a content-encoding."""
    return response(body, headers={"Content-Encoding": encoding})


def redirect(location: str) -> bytes:
    """An answer that sends elsewhere."""
    return response("moved", 302, {"Location": location})


async def onward(asked: Asked, _: object) -> bytes:
    """A redirect to an address that did not exist before."""
    return redirect(asked.path + "x")


def _bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def _framing() -> dict[str, Hostile]:
    body = b"<p>five</p>"
    return {
        "status line byte by byte": Hostile(forever(b"", b"H", 0.05), "failed"),
        "header bytes dripping": Hostile(forever(OK + b"X: ", b"y", 0.05), "failed"),
        "headers dripping": Hostile(forever(OK, b"X: y\r\n", 0.05), "failed"),
        "body bytes dripping": Hostile(forever(OK + b"Content-Length: 100000\r\n\r\n", b"x", 0.05), "truncated"),
        "chunks dripping": Hostile(forever(CHUNKED, b"1\r\nx\r\n", 0.05), "truncated"),
        "silence": Hostile(raw(b"", then="silent"), "failed"),
        "silence within the head": Hostile(raw(OK + b"Content-Le", then="silent"), "failed"),
        "silence within the body": Hostile(raw(OK + b"Content-Length: 50\r\n\r\nhalf", then="silent"), "truncated"),
        "silence within a chunk": Hostile(raw(CHUNKED + b"50\r\nhalf", then="silent"), "truncated"),
        "end without an answer": Hostile(raw(b""), "failed"),
        "end within the head": Hostile(raw(OK + b"Content-Le"), "failed"),
        "end within the body": Hostile(raw(OK + b"Content-Length: 50\r\n\r\nhalf"), "truncated"),
        "end within a chunk": Hostile(raw(CHUNKED + b"50\r\nhalf"), "truncated"),
        "end without the last chunk": Hostile(raw(CHUNKED + b"4\r\nbody\r\n"), "truncated"),
        "reset without an answer": Hostile(raw(b"", then="reset"), "failed"),
        "reset within the head": Hostile(raw(OK + b"Content-Le", then="reset"), "failed"),
        "reset within the body": Hostile(raw(OK + b"Content-Length: 50\r\n\r\nhalf", then="reset"), "failed truncated"),
        "reset after the body": Hostile(raw(response(body), then="reset"), "ok failed truncated"),
        "endless body": Hostile(forever(OK + b"\r\n", b"y" * 65_536), "truncated"),
        "endless status line": Hostile(forever(b"HTTP/1.1 200 ", b"O" * 8_000), "failed"),
        "endless header line": Hostile(forever(OK + b"X: ", b"y" * 8_000), "failed"),
        "endless headers": Hostile(forever(OK, b"X-Filler: " + b"z" * 8_000 + b"\r\n"), "failed"),
        "endless small headers": Hostile(forever(OK, b"A: b\r\n" * 500), "failed"),
        "endless chunk extension": Hostile(forever(CHUNKED + b"4;", b"x" * 8_000), "failed truncated"),
        "endless chunk size": Hostile(forever(CHUNKED, b"0" * 8_000), "failed truncated"),
        "endless trailers": Hostile(
            forever(CHUNKED + b"4\r\nbody\r\n0\r\n", b"X: " + b"y" * 8_000 + b"\r\n"), "failed truncated"
        ),
        "endless small chunks": Hostile(forever(CHUNKED, b"1\r\nx\r\n" * 1_000), "truncated"),
        "chunk size beyond 64 bits": Hostile(raw(CHUNKED + b"FFFFFFFFFFFFFFFF1\r\nbody\r\n"), "failed truncated"),
        "chunk size of all bits": Hostile(raw(CHUNKED + b"FFFFFFFFFFFFFFFF\r\nbody\r\n"), "failed truncated"),
        "negative chunk size": Hostile(raw(CHUNKED + b"-4\r\nbody\r\n0\r\n\r\n"), "failed truncated"),
        "chunk size that is none": Hostile(raw(CHUNKED + b"zz\r\nbody\r\n0\r\n\r\n"), "failed truncated"),
        "chunk longer than its size": Hostile(raw(CHUNKED + b"2\r\nbody\r\n0\r\n\r\n"), "failed truncated"),
        "negative length": Hostile(raw(OK + b"Content-Length: -5\r\n\r\nbody"), "failed"),
        "length with a sign": Hostile(raw(OK + b"Content-Length: +4\r\n\r\nbody"), "failed"),
        "length that is none": Hostile(raw(OK + b"Content-Length: many\r\n\r\nbody"), "failed"),
        "length beyond 64 bits": Hostile(
            raw(OK + b"Content-Length: 99999999999999999999\r\n\r\nbody"), "failed truncated"
        ),
        "length of an exabyte": Hostile(raw(OK + b"Content-Length: 1152921504606846976\r\n\r\nbody"), "truncated"),
        "two lengths that differ": Hostile(
            raw(OK + b"Content-Length: 4\r\nContent-Length: 9\r\n\r\nbody"), "failed truncated"
        ),
        "a list of lengths": Hostile(raw(OK + b"Content-Length: 4, 4\r\n\r\nbody"), "failed"),
        "length and chunks": Hostile(
            raw(OK + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
            "failed truncated ok",
        ),
        "unknown transfer-encoding": Hostile(
            raw(OK + b"Transfer-Encoding: xchunked\r\n\r\nbody"), "failed ok truncated"
        ),
        "chunked not last": Hostile(
            raw(OK + b"Transfer-Encoding: chunked, identity\r\n\r\n4\r\nbody\r\n0\r\n\r\n"), "failed ok truncated"
        ),
        "two transfer-encodings": Hostile(
            raw(OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n4\r\nbody\r\n0\r\n\r\n"),
            "failed ok truncated",
        ),
        "body longer than declared": Hostile(raw(response(body + b"and more", length=len(body))), "failed ok"),
        "body shorter than declared": Hostile(raw(response(body, length=5_000)), "truncated"),
        "a second answer after the first": Hostile(raw(response(body) + response("<p>split</p>")), "failed ok"),
        "garbage after the answer": Hostile(raw(response(body) + b"\x00\xff\x13" * 50, then="silent"), "failed ok"),
    }  # fmt: skip


def _heads() -> dict[str, Hostile]:
    def head(line: bytes) -> Answer:
        return raw(OK + line + b"\r\nContent-Length: 11\r\n\r\n<p>five</p>")

    def first(line: bytes) -> Answer:
        return raw(line + b"\r\nContent-Length: 11\r\n\r\n<p>five</p>")

    return {
        "NUL in a header": Hostile(head(b"X: a\x00b"), "failed"),
        "control bytes in a header": Hostile(head(b"X: a\x01\x7f\x1bb"), "failed ok"),
        "bare carriage return in a header": Hostile(head(b"X: a\rSet-Cookie: b"), "failed"),
        "bytes beyond ASCII in a header": Hostile(head(b"X: \xe9\xff\xc3\xa9"), "ok"),
        "folded header": Hostile(head(b"X: a\r\n b"), "failed ok"),
        "header without a colon": Hostile(head(b"no colon"), "failed"),
        "space before the colon": Hostile(head(b"X : y"), "failed"),
        "header without a name": Hostile(head(b": y"), "failed"),
        "three thousand headers": Hostile(head(b"\r\n".join(b"X-%d: y" % n for n in range(3_000))), "failed ok"),
        "a thousand cookies": Hostile(head(b"\r\n".join(b"Set-Cookie: a%d=b" % n for n in range(1_000))), "failed ok"),
        "cookie of another host": Hostile(head(b"Set-Cookie: id=1; Domain=b.test; Path=/"), "ok"),
        "HTTP/0.9": Hostile(raw(b"<p>no head at all</p>"), "failed"),
        "HTTP/2 preface": Hostile(raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00"), "failed"),
        "another protocol": Hostile(raw(b"SSH-2.0-OpenSSH_9.9\r\n"), "failed"),
        "binary noise": Hostile(raw(b"\x00\xff\xfe" * 100), "failed"),
        "a version from the future": Hostile(first(b"HTTP/9.9 200 OK"), "failed ok"),
        "status of four digits": Hostile(first(b"HTTP/1.1 2000 OK"), "failed"),
        "status of two digits": Hostile(first(b"HTTP/1.1 20 OK"), "failed"),
        "status with a sign": Hostile(first(b"HTTP/1.1 -20 OK"), "failed"),
        "status 999": Hostile(first(b"HTTP/1.1 999 No"), "http_error failed"),
        "flood of 100s": Hostile(forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), "failed"),
        "flood of 103s": Hostile(forever(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 100), "failed"),
        "101 that nobody asked for": Hostile(
            raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nnoise"),
            "failed http_error",
        ),
        "204 with a body": Hostile(raw(response("<p>body</p>", 204)), "ok failed"),
        "205 with a body": Hostile(raw(response("<p>body</p>", 205)), "ok failed"),
        "206 that nobody asked for": Hostile(response("<p>pa", 206, {"Content-Range": "bytes 0-4/900"}), "ok"),
        "304 that nobody asked for": Hostile(response("", 304), "http_error"),
        "redirect to itself": Hostile(redirect("/bad"), "http_error"),
        "redirects in a circle over two hosts": Hostile(
            redirect("//other.test/back"), "http_error", {"other.test/back": redirect("//HOST/bad")}
        ),
        "redirects without end": Hostile(onward, "http_error", {"/bad" + "x" * n: onward for n in range(1, 12)}),
        "redirect without an address": Hostile(response("moved", 302), "http_error"),
        "redirect to an empty address": Hostile(redirect(" "), "http_error"),
        "redirect to a file": Hostile(redirect("file:///etc/hostname"), "http_error"),
        "redirect to data": Hostile(redirect("data:text/html,<p>x</p>"), "http_error"),
        "redirect to a script": Hostile(redirect("javascript:alert(1)"), "http_error"),
        "redirect to FTP": Hostile(redirect("ftp://other.test/x"), "http_error"),
        "redirect to 20 KB": Hostile(redirect("/" + "x" * 20_000), "http_error"),
        "redirect to a host out of scope": Hostile(redirect("http://elsewhere.test/"), "http_error"),
        "redirect to a port out of range": Hostile(redirect("http://other.test:99999/"), "http_error"),
    }  # fmt: skip


def _encodings(size: int) -> dict[str, Hostile]:
    zeros = bytes(size * 15_000_000)
    bombs = {
        "gzip": gzip.compress(zeros, 1),
        "deflate": zlib.compress(zeros, 1),
        "br": brotli.compress(zeros, quality=1),
        "zstd": zstd.compress(zeros),
    }
    whole = {
        "gzip": gzip.compress(TEXT),
        "deflate": zlib.compress(TEXT),
        "br": brotli.compress(TEXT),
        "zstd": zstd.compress(TEXT),
    }
    table = {f"{name} bomb": Hostile(packed(body, name), "truncated") for name, body in bombs.items()}
    table |= {
        f"{name} cut short": Hostile(packed(body[:-9], name), "truncated") for name, body in whole.items()
    }
    table |= {
        "bare deflate bomb": Hostile(packed(_bare_deflate(zeros), "deflate"), "truncated"),
        "gzip in gzip bomb": Hostile(packed(gzip.compress(bombs["gzip"], 1), "gzip, gzip"), "truncated"),
        "bomb in every encoding": Hostile(
            packed(zstd.compress(brotli.compress(bombs["gzip"])), "gzip, br, zstd"), "truncated"
        ),
        "gzip bomb of many members": Hostile(
            packed(gzip.compress(bytes(100_000)) * (size * 150), "gzip"), "truncated"
        ),
        "zstd bomb of many frames": Hostile(
            packed(zstd.compress(bytes(100_000)) * (size * 150), "zstd"), "truncated"
        ),
        "forty encodings": Hostile(packed(TEXT, ", ".join(["gzip"] * 40)), "truncated"),
        "plain text called gzip": Hostile(packed(TEXT, "gzip"), "truncated"),
        "gzip called brotli": Hostile(packed(whole["gzip"], "br"), "truncated"),
        "unknown encoding": Hostile(packed(TEXT, "rot13"), "truncated"),
        "encoding with odd bytes": Hostile(packed(TEXT, "g\xe9zip;q=1"), "truncated"),
        "garbage after gzip": Hostile(packed(whole["gzip"] + b"garbage" * 9, "gzip"), "ok truncated"),
        "gzip with a wrong checksum": Hostile(packed(whole["gzip"][:-8] + bytes(8), "gzip"), "truncated"),
    }
    return table


def _documents(size: int) -> dict[str, Hostile]:
    def html(body: bytes, content_type: str = "text/html") -> bytes:
        return response(body, headers={"Content-Type": content_type})

    link = '<a href="/good">x</a><p>text</p>'
    many = "".join(f"<a href=/{n}>" for n in range(size * 50_000)).encode()
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    laughs = (
        f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]><urlset><url><loc>http://HOST/&e11;</loc></url></urlset>'
    )
    external = (
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname"><!ENTITY h SYSTEM "http://other.test/x">]>'
        "<rss><channel><item><link>http://HOST/&f;&h;</link></item></channel></rss>"
    )
    quadratic = (
        f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]><urlset><url><loc>{"&a;" * 50_000}</loc></url></urlset>'
    )
    sitemap = "<urlset>" + "<url><loc>http://HOST/good</loc></url>" * (size * 20_000) + "</urlset>"
    return {
        "wrong charset": Hostile(html(link.encode("utf-16"), "text/html; charset=utf-8"), "ok"),
        "unknown charset": Hostile(html(link.encode(), "text/html; charset=klingon"), "ok"),
        "charset that is no text": Hostile(html(link.encode(), "text/html; charset=zlib_codec"), "ok"),
        "charset of 20 KB": Hostile(html(link.encode(), "text/html; charset=" + "x" * 20_000), "ok"),
        "UTF-7": Hostile(html(link.encode("utf-7"), "text/html; charset=utf-7"), "ok"),
        "UTF-16": Hostile(html(link.encode("utf-16-le"), "text/html; charset=utf-16le"), "ok"),
        "UTF-32": Hostile(html(link.encode("utf-32"), "text/html; charset=utf-32"), "ok"),
        "cut within a character": Hostile(html("<p>日本".encode("cp932")[:-1], "text/html; charset=shift_jis"), "ok"),
        "elements nested 100,000 deep": Hostile(html(b"<div>" * 100_000), "ok"),
        "formatting elements left open": Hostile(html(b"<b><i><font>" * 30_000 + b"<p>x" * 1_000), "ok"),
        "tables in tables": Hostile(html(b"<table><tr><td>" * 30_000), "ok"),
        "links without end": Hostile(packed(gzip.compress(many, 1), "gzip"), "ok"),
        "an attribute of megabytes": Hostile(html(b'<a href="/' + b"x" * (size * 1_900_000) + b'">'), "ok"),
        "attributes without end": Hostile(html(b"<a " + b" ".join(b"a%d=b" % n for n in range(50_000)) + b">"), "ok"),
        "a comment left open": Hostile(html(b"<!--" + b"-" * 1_500_000), "ok"),
        "a script left open": Hostile(html(b"<script>" + b"<" * 1_500_000), "ok"),
        "angle brackets": Hostile(html(b"<" * 1_500_000), "ok"),
        "closing tags": Hostile(html(b"</p>" * 300_000), "ok"),
        "character references": Hostile(html(b"&amp;&#x10FFFF;&notanentity" * 50_000), "ok"),
        "base elsewhere": Hostile(html(b'<base href="javascript:x"><a href="/good">'), "ok"),
        "binary called HTML": Hostile(html(bytes(range(256)) * 4_000), "ok"),
        "sitemap bomb": Hostile(response(gzip.compress(b"<urlset>" + bytes(60_000_000), 1)), "ok", kind="sitemap"),
        "sitemap that lists itself": Hostile(
            "<sitemapindex><sitemap><loc>http://HOST/bad</loc></sitemap></sitemapindex>", "ok", kind="sitemap"
        ),
        "small elements": Hostile(html(b"<p>" * 600_000), "ok"),
        "a page of nothing but NUL": Hostile(packed(gzip.compress(bytes(9_000_000), 1), "gzip"), "ok"),
        "XML of small elements": Hostile("<a>" + "<b/>" * 350_000, "ok", kind="feed"),
        "a long sitemap": Hostile(sitemap, "ok", kind="sitemap"),
        "billion laughs": Hostile(laughs, "ok", kind="sitemap"),
        "quadratic entities": Hostile(quadratic, "ok", kind="sitemap"),
        "external entities": Hostile(external, "ok", kind="feed"),
        "XML nested 100,000 deep": Hostile("<a>" * 100_000, "ok", kind="feed"),
        "feed with odd dates": Hostile(
            "<rss><item><link>/good</link><pubDate>31 Feb 99999 25:61 +9999</pubDate></item></rss>", "ok", kind="feed"
        ),
        "JSON nested 100,000 deep": Hostile("[" * 100_000, "ok", kind="notices"),
        "JSON with a total without end": Hostile(
            json.dumps({"total": 10**18, "_embedded": {"notices": []}}), "ok", kind="notices"
        ),
        "channel that leads to itself": Hostile(
            '<div data-post="c/5"></div><a class="tme_messages_more" data-before="5" href="?before=5"></a>',
            "ok",
            kind="preview",
        ),
    }  # fmt: skip


def _robots(size: int) -> dict[str, Hostile]:
    page = "<p>page</p>"
    rules = "User-agent: *\n" + "Disallow: /*a*a*a*a*a*a*a*a*a*a*a*b$\n" * 3_000
    return {
        "robots without end": Hostile(page, "ok", {"/robots.txt": forever(OK + b"\r\n", b"# filler\n" * 7_000)}),
        "robots of megabytes": Hostile(page, "ok", {"/robots.txt": "# x\n" * (size * 400_000)}),
        "robots bomb": Hostile(
            page, "", {"/robots.txt": packed(gzip.compress(bytes(size * 15_000_000), 1), "gzip")}, good=False
        ),
        "robots redirected without end": Hostile(
            page, "", {"/robots.txt": onward, **{"/robots.txt" + "x" * n: onward for n in range(1, 12)}}, good=False
        ),
        "robots that drip": Hostile(page, "", {"/robots.txt": forever(OK + b"\r\n", b"x", 0.05)}, good=False),
        "robots of binary noise": Hostile(page, "ok", {"/robots.txt": response(bytes(range(128, 256)) * 1_000)}),
        "robots with costly patterns": Hostile(page, "ok", {"/robots.txt": rules}),
    }  # fmt: skip


def host_of(number: int) -> str:
    """The host of a case, by its number in the table."""
    return f"h{number}.test"


def source_of(case: Hostile, number: int) -> Source:
    """A source that asks such a host for `/bad` and `/good`."""
    host = host_of(number)
    bad, good = f"http://{host}/bad", f"http://{host}/good"
    data: dict[str, object] = {
        "name": f"board_{number}",
        "kind": {"sitemap": "newsroom", "feed": "newsroom", "preview": "telegram_preview"}.get(
            case.kind, case.kind
        ),
        "start": [bad, good],
        "scope": {"hosts": [host, "other.test"], "max_pages": 20},
        "politeness": {"delay_seconds": 0, "max_retries": 0},
    }
    if case.kind == "listings":
        data["listings"] = {"follow": ["a"], "item": "p", "fields": {"text": "p"}}
    elif case.kind in ("sitemap", "feed"):
        data["start"] = [good]
        data["newsroom"] = {f"{case.kind}s": [bad], "follow": ["a"]}
    return Source.model_validate(data)


def battery(size: int) -> dict[str, Hostile]:
    """Every hostile host by name."""
    return {**_framing(), **_heads(), **_encodings(size), **_documents(size), **_robots(size)}
