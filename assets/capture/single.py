"""One page of a source, for a person who writes or checks its description; robots.txt and the guard apply."""

import asyncio
from datetime import UTC, datetime

from assets.capture.answers import hop_of, read_answer
from assets.capture.canonical import bare_host, canonical_url, hostname, origin
from assets.capture.fetching import Answer, Fetcher
from assets.capture.policy import CapturePolicy
from assets.capture.robots import Verdict
from assets.capture.robots_cache import RobotsCache
from assets.capture.rows import CaptureRow, Origin
from assets.capture.source import Source


def fetch_one(source: Source, url: str, policy: CapturePolicy, role: str = "item") -> CaptureRow:
    """Fetch one page and return its capture row (not stored); `body` holds the wire bytes.

    Redirects are followed up to the policy's limit. A refusal (robots.txt, address guard) is a row with outcome
    `failed` that says so in `error`. Raises `ValueError` when `url` is not a web address.
    """
    address = canonical_url(url)
    if address is None:
        raise ValueError("not a web address: give a full http:// or https:// address")
    return asyncio.run(_fetch(source, address, policy, role))


async def _fetch(source: Source, address: str, policy: CapturePolicy, role: str) -> CaptureRow:
    robots = RobotsCache(policy)
    hops: list[dict[str, object]] = []
    target = address
    async with Fetcher(policy) as fetcher:
        while True:
            host_policy = robots.get(origin(target)) or (await robots.fetch(fetcher, origin(target)))[0]
            verdict = host_policy.verdict(target)
            if not verdict.allowed:
                answer = Answer(target, datetime.now(UTC), 0.0, [])
                answer.error = f"refused ({host_policy.refusal}): {verdict.rule}"
                return _row(source, address, role, answer, verdict, hops, policy)
            await asyncio.sleep(source.politeness.delay_seconds)
            answer = await fetcher.get(target)
            following = canonical_url(answer.redirect_target, target) if answer.redirect_target else None
            if following is None or len(hops) >= policy.max_redirects:
                return _row(source, address, role, answer, verdict, hops, policy)
            hops.append(hop_of(answer))
            target = following


def _row(
    source: Source,
    address: str,
    role: str,
    answer: Answer,
    verdict: Verdict,
    hops: list[dict[str, object]],
    policy: CapturePolicy,
) -> CaptureRow:
    found = Origin(
        source=source.name,
        unit_date=answer.fetched_at.date(),
        round=0,
        role=role,
        request_url=address,
        site=source.site or bare_host(hostname(answer.url)),
        depth=0,
        referrer_url=None,
        crawler=policy.user_agent,
        source_sha256=source.sha256,
    )
    return read_answer(
        found,
        answer,
        validator=None,
        verdict=verdict,
        hops=hops,
        attempts=1,
        decoded_limit=policy.max_decoded_bytes,
    ).row
