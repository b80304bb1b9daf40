"""The transport: aiohttp's connections, guarded at connect time.

It sends the address byte for byte as given (no second normalisation), keeps the content-encoding of the
answer, and reports which address really answered, and with which certificate.
"""

import hashlib
import os
import socket
import ssl
from functools import lru_cache

import aiohttp
import certifi
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import Connection
from multidict import CIMultiDict

from assets.capture.addresses import AddressGuard
from assets.capture.policy import CapturePolicy

Headers = list[tuple[str, str]]


class MappingResolver(AbstractResolver):
    """Answers for hosts of a mapping with a fixed address and port; asks the system for all others."""

    def __init__(self, mapping: dict[str, tuple[str, int]]) -> None:
        self._mapping = mapping
        self._system = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host, in aiohttp's form."""
        fixed = self._mapping.get(host.lower())
        if fixed is None:
            return await self._system.resolve(host, port, family)
        address, fixed_port = fixed
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=fixed_port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        """Nothing to release but the system resolver."""
        await self._system.close()


class TimedResponse(aiohttp.ClientResponse):
    """Remembers, before the connection goes back to the pool, who answered and with which certificate."""

    remote_address: str | None = None
    tls_certificate_sha256: str | None = None

    async def start(self, connection: Connection) -> "aiohttp.ClientResponse":
        if connection.transport is not None:
            peer = connection.transport.get_extra_info("peername")
            if peer:
                self.remote_address = f"[{peer[0]}]:{peer[1]}" if ":" in peer[0] else f"{peer[0]}:{peer[1]}"
            tls = connection.transport.get_extra_info("ssl_object")
            certificate = tls.getpeercert(binary_form=True) if tls is not None else None
            if certificate:
                self.tls_certificate_sha256 = hashlib.sha256(certificate).hexdigest()
        return await super().start(connection)


class CaptureTransport:
    """Sends one request per call.

    Raises what aiohttp raises: `aiohttp.ClientError`, `TimeoutError`, `OSError` (`AddressRefused` among its
    causes). Redirects are answers like any other.
    """

    def __init__(self, policy: CapturePolicy) -> None:
        self._policy = policy
        self._session: aiohttp.ClientSession | None = None

    def _open(self) -> aiohttp.ClientSession:
        policy = self._policy
        guard = AddressGuard(
            allow_loopback=policy.allow_loopback, allow_networks=policy.allow_private_addresses
        )
        mapping = {host.lower(): _address_and_port(target) for host, target in policy.resolve.items()}
        connector = aiohttp.TCPConnector(
            resolver=MappingResolver(mapping),
            socket_factory=guard.socket_factory(),
            ssl=_tls_settings(policy.trust_env),
            limit=0,
            limit_per_host=2,
            keepalive_timeout=90,
            ttl_dns_cache=300,
        )
        session = aiohttp.ClientSession(
            connector=connector,
            response_class=TimedResponse,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=policy.trust_env,
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
            max_line_size=policy.max_header_bytes,
            max_field_size=policy.max_header_bytes,
            timeout=aiohttp.ClientTimeout(
                total=None,
                sock_connect=policy.connect_timeout_seconds,
                sock_read=policy.read_timeout_seconds,
            ),
        )
        # aiohttp repeats a GET at once when a kept-alive connection breaks. Repeating is the engine's decision,
        # after a pause; the switch has no public name (aiohttp's own test client sets it, too).
        session._retry_connection = False
        return session

    async def send(self, url: str, headers: Headers) -> TimedResponse:
        """GET an address; the answer's head has been read, its body waits in `content`. The caller closes it."""
        if self._session is None:
            self._session = self._open()
        response = await self._session.request(
            "GET", yarl.URL(url, encoded=True), headers=CIMultiDict(headers), allow_redirects=False
        )
        assert isinstance(response, TimedResponse)
        return response

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


@lru_cache(maxsize=2)
def _tls_settings(trust_env: bool) -> ssl.SSLContext:
    """Certificates are always checked; reading the list of authorities takes 30 ms, once per process.

    The authorities are those of Mozilla (certifi), or of SSL_CERT_FILE and SSL_CERT_DIR if the environment is trusted.
    """
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if trust_env and (file or folder):
        return ssl.create_default_context(cafile=file or None, capath=folder or None)
    return ssl.create_default_context(cafile=certifi.where())


def _address_and_port(target: str) -> tuple[str, int]:
    address, _, port = target.rpartition(":")
    return address.strip("[]"), int(port)
