"""What an answer means for a crawl: decode it, compare it with what is known, make its capture row."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from assets.capture.body import BodyError, DecodedBody, read_body
from assets.capture.fetching import Answer, Headers
from assets.capture.frontier import Validator
from assets.capture.policy import CapturePolicy
from assets.capture.robots import Verdict
from assets.capture.rows import CaptureRow, Origin, as_json, capture_row

# RFC 9110 and practice: the server asks for time, or stumbled; the same request may succeed later.
HOST_WIDE_RETRY = frozenset({429, 503})
RETRY = frozenset({408, 425, 500, 502, 504, 520, 521, 522, 523, 524})
REFUSALS = frozenset({401, 403, 451})
# How `Answer.error` begins when there is no status: our own deadline, and aiohttp's errors of connections.
_NO_ANSWER = ("timeout: no answer", "ClientConnect", "ClientOSError", "ServerDisconnected", "ConnectionTimeout",
              "SocketTimeout", "ServerTimeout", "OSError", "Connection")  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """An answer understood: its row, and its decoded body where there is one to read (all of it, or its beginning)."""

    row: CaptureRow
    decoded: DecodedBody | None


def conditional_headers(validator: Validator | None) -> Headers:
    """`If-None-Match` and `If-Modified-Since` from the last answer (RFC 9110, 13.1)."""
    headers: Headers = []
    if validator is not None and validator.etag:
        headers.append(("If-None-Match", validator.etag))
    if validator is not None and validator.last_modified:
        headers.append(("If-Modified-Since", validator.last_modified))
    return headers


def retry_after(answer: Answer, limit: float) -> float | None:
    """Seconds that a `Retry-After` asks for (a number or a date, RFC 9110, 10.2.3), at most `limit`."""
    value = (answer.header("retry-after") or "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:12]), limit)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - datetime.now(UTC)).total_seconds(), 0.0), limit)


def invites_retry(answer: Answer) -> bool:
    """The same request may succeed later: the host says so, or the exchange broke on the way."""
    broken = answer.error is not None and not answer.error.startswith("limit")
    return answer.status in HOST_WIDE_RETRY | RETRY or (broken and not answer.address_refused)


def has_no_answer(reason: str | None) -> bool:
    """Whether a page failed, as its reason says, because no connection was to be had or it broke before any answer."""
    return reason is not None and reason.startswith(_NO_ANSWER)


def backoff(attempts: int, policy: CapturePolicy) -> float:
    """Seconds to wait after so many attempts: exponential, with jitter, so that hosts that fail together part."""
    longest = min(policy.backoff_seconds * 2.0 ** (attempts - 1), policy.backoff_limit_seconds)
    return longest * random.uniform(0.5, 1.0)


def hop_of(answer: Answer) -> dict[str, object]:
    """What a redirect chain keeps of one redirect."""
    return {
        "url": answer.url,
        "status": answer.status,
        "location": answer.redirect_target,
        "remote_address": answer.remote_address,
    }


def read_answer(
    origin: Origin,
    answer: Answer,
    *,
    validator: Validator | None,
    verdict: Verdict,
    hops: Sequence[dict[str, object]],
    attempts: int,
    decoded_limit: int,
    head_bytes: int = 0,
    error: str | None = None,
) -> Reading:
    """The row of a final answer. `error` overrides the outcome of an answer that the crawl cannot follow.

    Of the decoded body the first `head_bytes` are kept for who reads it further.
    """
    decoded: DecodedBody | None = None
    body_sha256: str | None = None
    outcome, problem, same_as = "ok", error or answer.error, None
    body: bytes | None = answer.body if answer.status else None
    wire_sha256: str | None = None
    if not answer.status:
        outcome = "failed"
    elif answer.status == 304:
        body = None
        outcome = "not_modified" if validator is not None else "http_error"
        same_as = validator.capture_id if validator is not None else None
        body_sha256 = validator.body_sha256 if validator is not None else None
    elif not answer.complete:
        outcome = "truncated"
    else:
        try:
            decoded = read_body(answer.body, answer.content_encoding, decoded_limit, head_bytes)
            body_sha256 = decoded.sha256
            wire_sha256 = body_sha256 if not answer.content_encoding else None
        except BodyError as failure:
            outcome, problem = "truncated", f"body: {failure}"
        if not 200 <= answer.status < 300:
            outcome, decoded = "http_error", None
        elif validator is not None and body_sha256 is not None and body_sha256 == validator.body_sha256:
            outcome, body, same_as = "unchanged", None, validator.capture_id
    if error is not None and outcome == "ok":
        outcome, decoded = "http_error", None
    row = capture_row(
        origin,
        answer.fetched_at,
        body,
        wire_sha256 if body is not None else None,
        url=answer.url,
        status=answer.status,
        elapsed_ms=answer.elapsed_ms,
        request_headers=as_json(answer.request_headers),
        response_headers=as_json(answer.headers),
        content_type=answer.header("content-type"),
        content_encoding=answer.content_encoding,
        decoded_bytes=decoded.size if decoded is not None else None,
        body_sha256=body_sha256,
        redirect_chain=as_json(hops),
        robots_rule=verdict.rule,
        remote_address=answer.remote_address,
        tls_certificate_sha256=answer.tls_certificate_sha256,
        first_byte_ms=answer.first_byte_ms,
        outcome=outcome,
        same_as_capture_id=same_as,
        error=problem,
        attempts=attempts,
    )
    # The bytes did travel, even when the row keeps none of them.
    row["wire_bytes"] = len(answer.body)
    return Reading(row, decoded)
