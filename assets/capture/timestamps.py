"""Time-stamps (RFC 3161): an authority outside of the house signs that the head of the chain existed at a moment.

The head's hexadecimal digits, as ASCII, are what is stamped; so that with the head in a file, without a line break,
`openssl ts -verify -data FILE -in RESPONSE -CAfile ROOTS` checks the same without us.
"""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from warehouse.part_files import CHAINED_TABLE
from warehouse.parts import PartStore

TIMEOUT_SECONDS = 10.0
# A response holds one signature and a few certificates: some kilobytes.
MAX_RESPONSE_BYTES = 1_000_000
# RFC 3161, 3.4.
QUERY_TYPE, REPLY_TYPE = "application/timestamp-query", "application/timestamp-reply"
GRANTED = 0
SHA256 = "2.16.840.1.101.3.4.2.1"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS timestamps (
    timestamp_id INTEGER PRIMARY KEY AUTOINCREMENT,
    part_id      INTEGER NOT NULL,
    head         TEXT NOT NULL,
    authority    TEXT NOT NULL,
    stamped_at   TEXT NOT NULL,
    response     BLOB NOT NULL
)
"""


class TimestampError(Exception):
    """An authority that gave no usable time-stamp; the message says why, in one line."""


@dataclass(frozen=True)
class StampedHead:
    """A time-stamp as stored: the part whose link `head` is, the moment that the authority states, its response."""

    part_id: int
    head: str
    authority: str
    stamped_at: datetime
    response: bytes


def request_timestamp(head: str, authority: str, *, trust_env: bool = False) -> tuple[datetime, bytes]:
    """Ask an authority (an address) to stamp a head; returns the moment it states, and its response in DER.

    Raises `TimestampError` when it does not answer, refuses, or stamps something else.
    """
    request = (
        TimestampRequestBuilder()
        .data(head.encode("ascii"))
        .hash_algorithm(HashAlgorithm.SHA256)
        .nonce(nonce=True)
        .cert_request(cert_request=True)
        .build()
    )
    data = _post(authority, request.as_bytes(), trust_env)
    response = _decoded(data)
    if response.status != GRANTED:
        raise TimestampError(f"it refused with PKI status {response.status}")
    if response.tst_info.nonce != request.nonce:
        raise TimestampError("its response belongs to another request")
    if not _is_of(response, head):
        raise TimestampError("it stamped another digest")
    return response.tst_info.gen_time, data


def stamp_head(store: PartStore, authority: str, *, trust_env: bool = False) -> datetime | None:
    """Have the head of the chain stamped and keep the response in the manifest; returns the moment stated.

    None when nothing was captured yet, or when this head has its time-stamp. Raises `TimestampError`.
    """
    with store.manifest.transaction() as connection:
        connection.execute(_SCHEMA)
    last = (
        store.manifest.read()
        .execute(
            "SELECT part_id, chain FROM parts WHERE table_name = ? ORDER BY part_id DESC LIMIT 1",
            (CHAINED_TABLE,),
        )
        .fetchone()
    )
    if last is None:
        return None
    known = (
        store.manifest.read().execute("SELECT 1 FROM timestamps WHERE head = ?", (last["chain"],)).fetchone()
    )
    if known is not None:
        return None
    # Asked outside of a transaction: an authority may take its time, and others write meanwhile.
    moment, response = request_timestamp(last["chain"], authority, trust_env=trust_env)
    with store.manifest.transaction() as connection:
        connection.execute(
            "INSERT INTO timestamps (part_id, head, authority, stamped_at, response) VALUES (?, ?, ?, ?, ?)",
            (last["part_id"], last["chain"], _named(authority), moment.astimezone(UTC).isoformat(), response),
        )
    return moment


def stamped_heads(manifest: sqlite3.Connection) -> list[StampedHead]:
    """The time-stamps of a manifest, oldest first; none where none were ever asked for."""
    if manifest.execute("SELECT 1 FROM sqlite_master WHERE name = 'timestamps'").fetchone() is None:
        return []
    rows = manifest.execute(
        "SELECT part_id, head, authority, stamped_at, response FROM timestamps ORDER BY timestamp_id"
    )
    return [
        StampedHead(part_id, head, authority, datetime.fromisoformat(stamped_at), bytes(response))
        for part_id, head, authority, stamped_at, response in rows
    ]


def load_roots(file: Path) -> list[x509.Certificate]:
    """The certificates of a PEM file. Raises `TimestampError` when there are none."""
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError) as error:
        raise TimestampError(f"{file} holds no certificates in PEM form: {type(error).__name__}") from None


def timestamp_faults(
    stamps: Sequence[StampedHead], links: dict[int, str], roots: Sequence[x509.Certificate] = ()
) -> Iterator[tuple[int, str, str]]:
    """(part_id, expected, found) of each time-stamp that does not fit the chain.

    `links` are the links by part. Always compared: the link, the stated moment and the digest inside of the
    response. With `roots` (self-signed ones are trusted, others help to reach them) the signature and its
    certificates are checked as well, at the moment that is stated.
    """
    verifier = None
    if roots:
        trusted = [certificate for certificate in roots if certificate.issuer == certificate.subject]
        between = [certificate for certificate in roots if certificate.issuer != certificate.subject]
        verifier = VerifierBuilder(roots=trusted or between, intermediates=between).build()
    for stamp in stamps:
        if links.get(stamp.part_id) != stamp.head:
            yield (
                stamp.part_id,
                stamp.head,
                links.get(stamp.part_id, "no such part: the chain was cut or rewritten"),
            )
            continue
        try:
            response = _decoded(stamp.response)
            if not _is_of(response, stamp.head):
                yield (
                    stamp.part_id,
                    _imprint(stamp.head).hex(),
                    response.tst_info.message_imprint.message.hex(),
                )
            elif response.tst_info.gen_time.astimezone(UTC) != stamp.stamped_at:
                yield stamp.part_id, stamp.stamped_at.isoformat(), response.tst_info.gen_time.isoformat()
            elif verifier is not None:
                verifier.verify(response, _imprint(stamp.head))
        except TimestampError as error:
            yield stamp.part_id, "a time-stamp response", str(error)
        except (VerificationError, ValueError):
            yield stamp.part_id, "a signature under the given roots", "none that holds"


def _post(authority: str, query: bytes, trust_env: bool) -> bytes:
    headers = {"Content-Type": QUERY_TYPE, "Accept": REPLY_TYPE}
    try:
        with (
            httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=trust_env) as client,
            client.stream("POST", authority, content=query, headers=headers) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise TimestampError(f"it answered with status {answer.status_code}")
            data = b""
            for piece in answer.iter_bytes():
                data += piece
                if len(data) > MAX_RESPONSE_BYTES:
                    raise TimestampError(f"its response exceeds {MAX_RESPONSE_BYTES} bytes")
            return data
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        # Not the library's text: it may repeat an address with a password in it.
        raise TimestampError(f"it could not be asked: {type(error).__name__}") from None


def _decoded(data: bytes) -> TimeStampResponse:
    try:
        return decode_timestamp_response(data)
    except ValueError:
        raise TimestampError("its response is not one of RFC 3161 in DER") from None


def _imprint(head: str) -> bytes:
    return hashlib.sha256(head.encode("ascii")).digest()


def _is_of(response: TimeStampResponse, head: str) -> bool:
    imprint = response.tst_info.message_imprint
    return imprint.hash_algorithm.dotted_string == SHA256 and imprint.message == _imprint(head)


def _named(authority: str) -> str:
    """The address without user, password and query, which can be secrets."""
    parts = urlsplit(authority)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
