"""Certificates: the digest of the one that answered is kept, and one that cannot be trusted ends the exchange."""

import hashlib
import ipaddress
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from assets.capture import transport
from assets.capture.crawling import crawl
from assets.capture.rows import capture_schema
from assets.capture.single import fetch_one
from assets.capture.source import Source
from assets.capture.unit_run import Unit
from tests.assets.capture.loopback import Asked, LoopbackWeb, response
from warehouse.parts import PartStore

DAY = date(2026, 3, 1)


@dataclass
class Authority:
    """A certificate authority made up for a test."""

    folder: Path

    def __post_init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._sign("Invented Authority", self.key.public_key(), None, timedelta(days=2))
        (self.folder / "authority.pem").write_bytes(self._pem(self.certificate))

    def context(self, host: str, *, expired: bool = False) -> tuple[ssl.SSLContext, str]:
        """A server's TLS settings for a host, and the SHA-256 of its certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(host, key.public_key(), host, timedelta(hours=-1 if expired else 24))
        file = self.folder / f"{host}{expired}.pem"
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.write_bytes(secret + self._pem(certificate))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context, hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()

    def _sign(
        self, name: str, key: ec.EllipticCurvePublicKey, host: str | None, life: timedelta
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer = subject if host is None else self.certificate.subject
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=5))
            .not_valid_after(now + life)
            .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
        )
        if host is not None:
            names: list[x509.GeneralName] = [
                x509.DNSName(host),
                x509.IPAddress(ipaddress.ip_address("127.0.0.3")),
            ]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self.key, hashes.SHA256())

    @staticmethod
    def _pem(certificate: x509.Certificate) -> bytes:
        return certificate.public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """An authority that the environment names, as `trust_env` reads it; no proxies."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    transport._tls_settings.cache_clear()
    yield made
    transport._tls_settings.cache_clear()


def source(*paths: str) -> Source:
    return Source.model_validate(
        {
            "name": "board",
            "kind": "listings",
            "start": [f"https://a.test/{path}" for path in paths or ("",)],
            "politeness": {"delay_seconds": 0, "max_retries": 1},
            "listings": {"follow": ["a"], "item": "p", "fields": {"text": "p"}},
        }
    )


def test_the_digest_of_the_certificate_is_recorded_with_every_answer(
    authority: Authority, tmp_path: Path
) -> None:
    context, digest = authority.context("a.test")
    with LoopbackWeb(tls=context) as web:
        web.pages.update(
            {"/": "<p>one</p>", "/old": response("", 301, {"Location": "/new"}), "/new": "<p>new</p>"}
        )
        store = PartStore(tmp_path / "home")
        [outcome] = crawl([Unit(source("", "old", "lost"), DAY)], store, web.policy("a.test", trust_env=True))
        assert (outcome.state, outcome.captured) == ("complete", 2)
        rows = store.scan("captures", capture_schema()).collect()
        assert rows.height == 3
        assert set(rows["tls_certificate_sha256"]) == {digest}
        assert set(rows["remote_address"]) == {f"127.0.0.1:{web.port}"}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("untrusted", "unable to get local issuer certificate"),
        ("expired", "certificate has expired"),
        ("wrong_host", "Hostname mismatch"),
    ],
)
def test_a_certificate_that_cannot_be_trusted_is_refused_and_said(
    authority: Authority, tmp_path: Path, fault: str, words: str
) -> None:
    context, _ = authority.context(
        "b.test" if fault == "wrong_host" else "a.test", expired=fault == "expired"
    )
    with LoopbackWeb(tls=context) as web:
        web.pages["/"] = "<p>secret</p>"
        policy = web.policy("a.test", trust_env=fault != "untrusted", robots_attempts=1)
        store = PartStore(tmp_path / "home")
        [outcome] = crawl([Unit(source(), DAY)], store, policy)
        assert outcome.state == "failed"
        assert words in (outcome.detail or "")
        row = fetch_one(source(), "https://a.test/", policy)
        assert (row["outcome"], row["body"], row["tls_certificate_sha256"]) == ("failed", None, None)
        assert words in row["error"]
        assert web.asked == []


@pytest.mark.parametrize("fault", ["expired", "wrong_host"])
def test_a_certificate_that_goes_bad_during_the_crawl_is_kept_as_failed_captures(
    authority: Authority, tmp_path: Path, fault: str
) -> None:
    context, digest = authority.context("a.test")
    bad, _ = authority.context("b.test" if fault == "wrong_host" else "a.test", expired=fault == "expired")
    with LoopbackWeb(tls=context) as web:

        async def last(_: Asked, __: object) -> bytes:
            # New connections see the other certificate, and there will be a new one.
            context.load_cert_chain(
                tmp_path / ("b.testFalse.pem" if fault == "wrong_host" else "a.testTrue.pem")
            )
            return response("<p>one</p>", headers={"Connection": "close"})

        web.pages.update({"/": last, "/two": "<p>two</p>"})
        store = PartStore(tmp_path / "home")
        policy = web.policy("a.test", trust_env=True)
        [outcome] = crawl([Unit(source("", "two"), DAY)], store, policy)
        rows = {
            row["url"]: row
            for row in store.scan("captures", capture_schema()).collect().iter_rows(named=True)
        }
        assert bad is not context
        assert rows["https://a.test/"]["tls_certificate_sha256"] == digest
        failed = rows["https://a.test/two"]
        assert (failed["outcome"], failed["status"], failed["attempts"]) == ("failed", 0, 2)
        assert "CERTIFICATE_VERIFY_FAILED" in failed["error"]
        assert (outcome.captured, outcome.errors) == (1, 1)
