"""No spelling, redirect, second DNS answer or proxy of the environment leads the crawl to a private address."""

import asyncio
import socket
from collections.abc import Iterator

import pytest
from aiohttp.connector import _DNSCacheTable

from assets.capture.policy import CapturePolicy
from assets.capture.single import fetch_one
from assets.capture.source import Source
from assets.capture.transport import CaptureTransport, MappingResolver
from tests.assets.capture.loopback import LoopbackWeb, response

SOURCE = Source.model_validate(
    {
        "name": "board",
        "kind": "listings",
        "start": ["http://a.test/"],
        "politeness": {"delay_seconds": 0, "max_retries": 0},
        "listings": {"follow": ["a"], "item": "p", "fields": {"text": "p"}},
    }
)
# The one address that the guard is told to let through: where the test's own host lives.
OURS = "127.0.0.9"

HOSTS = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0x7F.0x0.0x0.0x1", "0177.0.0.1",
    "017700000001", "0177.0x0.0.1", "127.0.0.1.", "１２７.0.0.1", "①②⑦.⓪.⓪.①", "127。0。0。1", "127｡0｡0｡1",
    "%31%32%37.0.0.1", "127.0.0.2", "0.0.0.0", "0", "localhost", "localhost.", "LOCALHOST", "ｌｏｃａｌｈｏｓｔ",
    "[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[::7f00:1]",
    "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]", "[2001:0:7f00:1::]", "[2001:0:808:808:0:0:80ff:fffe]", "[fe80::1]", "[febf::1]",
    "[fec0::1]", "[fc00::1]", "[fd00::1]", "[ff02::1]", "[2001:db8::1]", "[100::1]", "10.1.2.3", "0xa000001",
    "172.16.0.1", "192.168.0.1", "3232235521", "169.254.1.1", "169.254.169.254", "2852039166", "0xA9FEA9FE",
    "0251.0376.0251.0376", "[::ffff:169.254.169.254]", "[fd00:ec2::254]", "169.254.170.2", "100.100.100.200",
    "192.0.0.192", "100.64.0.1", "100.127.255.255", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "198.18.0.1", "192.88.99.1", "user:secret@127.0.0.1",
]  # fmt: skip


@pytest.fixture
def everywhere() -> Iterator[LoopbackWeb]:
    """A server on every address of this machine: whoever gets past the guard is answered."""
    with LoopbackWeb(address="0.0.0.0") as server:
        server.pages["/"] = "<p>inside</p>"
        yield server


def policy(web: LoopbackWeb, **settings: object) -> CapturePolicy:
    values: dict[str, object] = {
        "allow_private_addresses": (f"{OURS}/32",),
        "resolve": {"a.test": f"{OURS}:{web.port}"},
        "connect_timeout_seconds": 1.0,
        "total_deadline_seconds": 2.0,
        **settings,
    }
    return CapturePolicy(**values)  # type: ignore[arg-type]  # names checked by the dataclass


@pytest.mark.parametrize("host", HOSTS)
def test_no_spelling_passes_asked_for_or_redirected_to(everywhere: LoopbackWeb, host: str) -> None:
    target = f"http://{host}:{everywhere.port}/"
    row = fetch_one(SOURCE, target, policy(everywhere))
    assert row["outcome"] == "failed"
    # Not every system's resolver knows `localhost` with a dot.
    assert "address_refused" in row["error"] or (host == "localhost." and "DNSError" in row["error"])
    assert everywhere.asked == []

    everywhere.pages["a.test/"] = response("", 302, {"Location": target.encode().decode("latin-1")})
    row = fetch_one(SOURCE, "http://a.test/", policy(everywhere))
    assert {asked.host for asked in everywhere.asked} == {"a.test"}
    assert row["outcome"] != "ok"


@pytest.mark.parametrize("name", ["metadata.internal.test", "printer.test"])
@pytest.mark.parametrize("address", ["169.254.169.254", "10.0.0.1", "127.0.0.1", "::1", "64:ff9b::a00:1"])
def test_no_name_that_resolves_inside_passes(everywhere: LoopbackWeb, name: str, address: str) -> None:
    bracketed = f"[{address}]" if ":" in address else address
    settings = policy(everywhere, resolve={name: f"{bracketed}:{everywhere.port}"})
    row = fetch_one(SOURCE, f"http://{name}/", settings)
    assert "address_refused" in row["error"]
    assert everywhere.asked == []


def test_a_name_that_moves_inside_after_its_first_answer_is_refused_at_the_connection(
    everywhere: LoopbackWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([OURS, "127.0.0.1", "10.0.0.7"])
    given: list[str] = []

    async def resolve(self: MappingResolver, host: str, port: int = 0, family: object = None) -> object:
        given.append(next(answers))
        return [{"hostname": host, "host": given[-1], "port": everywhere.port, "family": socket.AF_INET,
                 "proto": socket.IPPROTO_TCP, "flags": socket.AI_NUMERICHOST}]  # fmt: skip

    monkeypatch.setattr(MappingResolver, "resolve", resolve)
    # Names are kept for minutes; here every connection asks anew.
    monkeypatch.setattr(_DNSCacheTable, "expired", lambda *_: True)
    everywhere.pages["/robots.txt"] = response("", 404, {"Connection": "close"})
    row = fetch_one(SOURCE, "http://rebinding.test/", policy(everywhere))
    assert given[:2] == [OURS, "127.0.0.1"]
    assert (row["outcome"], row["status"]) == ("failed", 0)
    assert row["error"] == "address refused: 127.0.0.1 is a loopback address"
    assert [asked.path for asked in everywhere.asked] == ["/robots.txt"]


def test_a_name_with_addresses_inside_and_outside_never_connects_inside(
    everywhere: LoopbackWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    async def resolve(self: MappingResolver, host: str, port: int = 0, family: object = None) -> object:
        return [
            {"hostname": host, "host": address, "port": everywhere.port, "family": socket.AF_INET,
             "proto": socket.IPPROTO_TCP, "flags": socket.AI_NUMERICHOST}
            for address in ("10.0.0.7", "127.0.0.1", OURS)
        ]  # fmt: skip

    loop_connect = asyncio.SelectorEventLoop.sock_connect

    async def watched(self: asyncio.SelectorEventLoop, sock: socket.socket, address: tuple[str, int]) -> None:
        tried.append(address[0])
        await loop_connect(self, sock, address)

    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", watched)
    monkeypatch.setattr(MappingResolver, "resolve", resolve)
    fetch_one(SOURCE, "http://both.test/", policy(everywhere))
    assert set(tried) <= {OURS}


PROXY_NAMES = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


@pytest.mark.parametrize("name", PROXY_NAMES)
def test_proxies_of_the_environment_are_left_alone(
    everywhere: LoopbackWeb, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with LoopbackWeb(address=OURS) as proxy:
        monkeypatch.setenv(name, f"http://{OURS}:{proxy.port}")
        row = fetch_one(SOURCE, "http://a.test/", policy(everywhere))
        assert (row["outcome"], row["body"]) == ("ok", b"<p>inside</p>")
        assert proxy.asked == []


@pytest.mark.parametrize(("no_proxy", "through"), [("", True), ("a.test", False)])
def test_a_setting_lets_the_environment_name_a_proxy(
    everywhere: LoopbackWeb, monkeypatch: pytest.MonkeyPatch, no_proxy: str, through: bool
) -> None:
    for name in PROXY_NAMES:
        monkeypatch.delenv(name, raising=False)
    with LoopbackWeb(address=OURS) as proxy:
        monkeypatch.setenv("http_proxy", f"http://{OURS}:{proxy.port}")
        monkeypatch.setenv("no_proxy", no_proxy)
        proxy.pages["a.testhttp://a.test/"] = "<p>by proxy</p>"
        row = fetch_one(SOURCE, "http://a.test/", policy(everywhere, trust_env=True))
        assert row["body"] == (b"<p>by proxy</p>" if through else b"<p>inside</p>")
        assert bool(proxy.asked) is through


def test_a_transport_without_the_setting_never_reads_the_environment() -> None:
    async def trusts() -> bool:
        transport = CaptureTransport(CapturePolicy())
        session = transport._open()
        await session.close()
        return session.trust_env

    assert asyncio.run(trusts()) is False
