"""Serve a practice web on loopback: `python -m simulation.serve --seed 7 --size demo --anchor 2026-11-20`.

One port answers for all hosts by the Host header. When it listens, a JSON object goes to standard output and to
`--ready`: `{"hosts": {name: "127.0.0.1:PORT"}, "folders": {source name: path}}`. It ends when its standard input
closes or on SIGTERM, so that it never outlives who started it.
"""

import argparse
import asyncio
import gzip
import json
import os
import signal
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from pathlib import Path
from typing import TextIO

from aiohttp import web

from simulation.export import write_export
from simulation.innocents import USUAL_NOISE, Noise
from simulation.sites.page import Page
from simulation.sought import write_watch_list
from simulation.truth import write_truth
from simulation.web import Web
from simulation.world import World

EXPORT_SOURCE = "demo_telegram_export"
_CACHED_PAGES = 8_192
_TRICKLE_STEPS = 12


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page ready to send."""

    page: Page
    headers: dict[str, str]
    packed: bytes | None
    etag: str | None


class Server:
    """Answers requests; keeps rendered pages and which failures it has already played."""

    def __init__(self, site: Web, access_log: TextIO | None = None) -> None:
        self._web = site
        self._log = access_log
        self._cache: OrderedDict[tuple[str, str], Rendered | None] = OrderedDict()
        self._failed: set[tuple[str, str]] = set()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """One request."""
        host = (request.host or "").partition(":")[0].lower()
        response = await self._answer(request, host)
        if self._log is not None:
            entry = {"host": host, "path": request.path_qs, "status": response.status}
            entry["agent"] = request.headers.get("User-Agent", "")
            entry["time"] = datetime.now(UTC).isoformat(timespec="milliseconds")
            self._log.write(json.dumps(entry) + "\n")
        return response

    async def _answer(self, request: web.BaseRequest, host: str) -> web.StreamResponse:
        address = (host, request.path_qs)
        failure = self._web.failures.get(address)
        if failure is not None and address not in self._failed:
            self._failed.add(address)
            wait = {"Retry-After": failure.retry_after} if failure.retry_after else {}
            return web.Response(status=failure.status, text="Try again later.", headers=wait)
        rendered = self._rendered(request, address)
        if rendered is None:
            return web.Response(status=404, text="Not found.")
        if rendered.page.status == 200 and _unchanged(request, rendered):
            kept = {k: v for k, v in rendered.headers.items() if k in ("ETag", "Last-Modified")}
            return web.Response(status=304, headers=kept)
        return await self._send(request, rendered)

    def _rendered(self, request: web.BaseRequest, address: tuple[str, str]) -> Rendered | None:
        if address in self._cache:
            self._cache.move_to_end(address)
            return self._cache[address]
        page = self._web.page(address[0], request.path, request.query)
        rendered = _render(page) if page is not None else None
        self._cache[address] = rendered
        if len(self._cache) > _CACHED_PAGES:
            self._cache.popitem(last=False)
        return rendered

    async def _send(self, request: web.BaseRequest, rendered: Rendered) -> web.StreamResponse:
        page, headers, body = rendered.page, rendered.headers, rendered.page.body
        if page.repeat > 1:
            return await _stream(request, headers, [body] * page.repeat, 0.0)
        if page.trickle_seconds:
            step = max(1, -(-len(body) // _TRICKLE_STEPS))
            pieces = [body[i : i + step] for i in range(0, len(body), step)]
            return await _stream(request, headers, pieces, page.trickle_seconds / len(pieces))
        if page.broken_gzip and rendered.packed is not None:
            return web.Response(
                body=rendered.packed[: len(rendered.packed) // 2],
                headers={**headers, "Content-Encoding": "gzip"},
            )
        if rendered.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
            return web.Response(body=rendered.packed, headers={**headers, "Content-Encoding": "gzip"})
        return web.Response(status=page.status, body=body, headers=headers)


def _render(page: Page) -> Rendered:
    headers = {"Content-Type": page.content_type or "application/octet-stream"}
    etag = f'"{blake2b(page.body, digest_size=8).hexdigest()}"' if page.etag and page.repeat == 1 else None
    if page.location is not None:
        headers["Location"] = page.location
    if etag is not None:
        headers["ETag"] = etag
    if page.modified is not None:
        headers["Last-Modified"] = format_datetime(page.modified.astimezone(UTC), usegmt=True)
    if page.gzip:
        headers["Vary"] = "Accept-Encoding"
    # Level 1 and a fixed time stamp: quick, and the same bytes on every start.
    packed = gzip.compress(page.body, 1, mtime=0) if page.gzip else None
    return Rendered(page, headers, packed, etag)


def _unchanged(request: web.BaseRequest, rendered: Rendered) -> bool:
    """RFC 9110, 13.2.2: If-None-Match decides alone; If-Modified-Since only without it."""
    asked = request.headers.get("If-None-Match")
    if asked is not None:
        return rendered.etag is not None and rendered.etag in [
            tag.strip().removeprefix("W/") for tag in asked.split(",")
        ]
    since = request.headers.get("If-Modified-Since")
    modified = rendered.page.modified
    if since is None or modified is None:
        return False
    try:
        return modified.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False


async def _stream(
    request: web.BaseRequest, headers: dict[str, str], pieces: Sequence[bytes], pause: float
) -> web.StreamResponse:
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    try:
        for piece in pieces:
            await response.write(piece)
            if pause:
                await asyncio.sleep(pause)
        await response.write_eof()
    except ConnectionError:
        # The reader had enough, as it should of an endless body.
        pass
    return response


def _ends_with_stdin(stop: asyncio.Event, loop: asyncio.AbstractEventLoop) -> None:
    def wait() -> None:
        while os.read(0, 4_096):
            pass
        loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=wait, name="stdin", daemon=True).start()


async def serve(site: Web, ready: Path | None, folders: dict[str, str], access_log: TextIO | None) -> None:
    """Listen on 127.0.0.1 until stopped; announce the hosts on standard output and in `ready`."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    runner = web.ServerRunner(web.Server(Server(site, access_log).handle))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=512).start()
    bound = runner.addresses[0][1]
    announcement = json.dumps({"hosts": dict.fromkeys(site.hosts, f"127.0.0.1:{bound}"), "folders": folders})
    if ready is not None:
        ready.parent.mkdir(parents=True, exist_ok=True)
        temporary = ready.with_name(f"{ready.name}.part")
        temporary.write_text(announcement, encoding="utf-8")
        temporary.replace(ready)
    print(announcement, flush=True)
    _ends_with_stdin(stop, loop)
    while not stop.is_set():
        try:
            await asyncio.wait_for(stop.wait(), 0.25)
        except TimeoutError:
            if access_log is not None:
                access_log.flush()
    await runner.cleanup()


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line, build the world, write what is asked for, serve."""
    parser = argparse.ArgumentParser(prog="python -m simulation.serve", description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--size", default="demo", help="small, demo, large or a number of items")
    parser.add_argument(
        "--anchor", type=date.fromisoformat, default=datetime.now(UTC).date(), help="YYYY-MM-DD"
    )
    parser.add_argument("--stolen-photos", type=float, help="share of innocent persons; 0.02 if not given")
    parser.add_argument("--recycled-phones", type=float, help="share of innocent persons; 0.001 if not given")
    parser.add_argument("--truth", type=Path, help="write the planted truth here")
    parser.add_argument("--access-log", type=Path, help="one JSON line per request")
    parser.add_argument("--export-folder", type=Path, help="write the chat export here")
    parser.add_argument("--watch-list-folder", type=Path, help="write a partner's watch-list here")
    parser.add_argument("--ready", type=Path, help="write the announcement here")
    given = parser.parse_args(arguments)
    try:
        noise = Noise(
            USUAL_NOISE.stolen_photos if given.stolen_photos is None else given.stolen_photos,
            USUAL_NOISE.recycled_phones if given.recycled_phones is None else given.recycled_phones,
        )
        world = World(given.seed, given.size, given.anchor, noise)
    except ValueError as error:
        parser.error(str(error))
    if given.truth is not None:
        write_truth(world, given.truth)
    folders = {}
    if given.export_folder is not None:
        write_export(world, given.export_folder)
        folders[EXPORT_SOURCE] = str(given.export_folder.resolve())
    if given.watch_list_folder is not None:
        write_watch_list(world, given.watch_list_folder)
    if given.access_log is None:
        asyncio.run(serve(Web(world), given.ready, folders, None))
        return
    given.access_log.parent.mkdir(parents=True, exist_ok=True)
    with given.access_log.open("a", encoding="utf-8") as log:
        asyncio.run(serve(Web(world), given.ready, folders, log))


if __name__ == "__main__":
    main()
