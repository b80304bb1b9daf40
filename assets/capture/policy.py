"""The capture policy: every setting of the crawl engine, with its default."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class CapturePolicy:
    """How the engine behaves towards hosts and how much it is ready to take in. Times are seconds.

    `resolve` sends a host name to a fixed "address:port" (as curl's --resolve does); the address must still
    pass the guard. `allow_private_addresses` are networks in CIDR notation that the guard lets through.
    """

    user_agent: str = "Stormlantern/0.1 (+https://stormlantern.example/crawler)"
    contact: str | None = None
    accept_language: str = "*"

    # Processes that share the hosts of a crawl among them.
    processes: int = 1
    # Requests under way at once, in each process.
    concurrency: int = 128
    connect_timeout_seconds: float = 15.0
    read_timeout_seconds: float = 30.0
    total_deadline_seconds: float = 60.0
    max_wire_bytes: int = 16 * MEBIBYTE
    max_decoded_bytes: int = 64 * MEBIBYTE
    max_header_bytes: int = 32 * 1024
    # So many bodies above this size are read at once, and one of those that are huge.
    large_bodies: int = 4
    large_body_bytes: int = MEBIBYTE // 4
    huge_body_bytes: int = 2 * MEBIBYTE
    max_redirects: int = 5
    trust_env: bool = False

    allow_loopback: bool = False
    allow_private_addresses: tuple[str, ...] = ()
    resolve: Mapping[str, str] = field(default_factory=dict)

    # RFC 9309, 2.4: a cached robots.txt is used for at most 24 hours; 2.5: at least 500 KiB are parsed.
    robots_ttl_seconds: float = 86_400.0
    robots_unreachable_ttl_seconds: float = 600.0
    robots_max_bytes: int = 500 * 1024
    robots_attempts: int = 3
    # A host that asks for more than a minute between requests gets a minute: one page an hour is no crawl.
    crawl_delay_limit_seconds: float = 60.0

    retry_after_limit_seconds: float = 300.0
    backoff_seconds: float = 1.0
    backoff_limit_seconds: float = 60.0
    host_retry_budget: int = 100
    refusals_before_leaving: int = 3
    failures_before_leaving: int = 6

    max_url_length: int = 2_000
    max_query_parameters: int = 12
    max_index_pages_per_template: int = 2_000

    # Answers land when they are so old or so large together; at twice that size hosts are not asked on.
    landing_seconds: float = 0.5
    landing_bytes: int = 8 * MEBIBYTE
    # What has landed becomes parts at so many rows, bytes or seconds.
    part_rows: int = 10_000
    part_seconds: float = 300.0
    part_bytes: int = 512 * MEBIBYTE
    progress_seconds: float = 1.0

    @property
    def product_token(self) -> str:
        """The name that robots.txt groups are matched against (RFC 9309, 2.2.1): letters, `_` and `-`
        only.
        """
        match = re.match(r"[A-Za-z_-]+", self.user_agent)
        return match.group() if match else "*"
