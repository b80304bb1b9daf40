"""The robots policy of origins: fetched as RFC 9309 asks, kept in the manifest for at most a day.

Stated policy on answers to `GET /robots.txt`:
- 2xx: parsed, the first 500 KiB of it.
- 401 and 403: everything is refused. The RFC lets a crawler read on; a site that hides even its rules from us has
  said enough.
- 429 and 5xx, no answer, a redirect without end: everything is refused for now (RFC 9309, 2.3.1.4), and asked
  again after a while.
- other 4xx: everything is allowed (2.3.1.3).
"""

import time
from dataclasses import dataclass, replace

from assets.capture.body import BodyError, read_body
from assets.capture.canonical import canonical_url
from assets.capture.fetching import Answer, Fetcher
from assets.capture.policy import CapturePolicy
from assets.capture.robots import RobotsRules, Verdict
from warehouse.manifest import Manifest

_SCHEMA = """CREATE TABLE IF NOT EXISTS robots (
    origin TEXT PRIMARY KEY, status INTEGER NOT NULL, text TEXT NOT NULL, error TEXT,
    fetched_at REAL NOT NULL, expires_at REAL NOT NULL)"""


@dataclass(frozen=True)
class RobotsPolicy:
    """What an origin allows us. `state` is `rules`, `all_allowed`, `all_refused` or `unreachable`.

    `trouble` is set when nobody answered, and says why: the network is to blame as likely as the origin.
    """

    state: str
    rules: RobotsRules
    status: int
    address_refused: bool = False
    trouble: str | None = None

    def verdict(self, url: str) -> Verdict:
        """Whether an address of the origin may be requested, and by which rule."""
        if self.state == "rules":
            return self.rules.verdict(url)
        if self.state == "all_allowed":
            return Verdict(True, None)
        return Verdict(False, f"robots.txt: {self.trouble or self.status or 'no answer'}")

    @property
    def refusal(self) -> str:
        """The reason that a refused address is filed under."""
        if self.address_refused:
            return "address_refused"
        return "robots_unreachable" if self.state == "unreachable" else "robots"


class RobotsCache:
    """Robots policies by origin; kept in a manifest when one is given, else in memory only."""

    def __init__(self, policy: CapturePolicy, manifest: Manifest | None = None) -> None:
        self._policy = policy
        self._manifest = manifest
        self._known: dict[str, tuple[RobotsPolicy, float]] = {}
        self._unsaved: list[tuple[str, int, str, str | None, float, float]] = []
        if manifest is not None:
            with manifest.transaction() as connection:
                connection.execute(_SCHEMA)

    def get(self, origin: str) -> RobotsPolicy | None:
        """The policy of an origin if it is known and fresh."""
        entry = self._known.get(origin)
        if entry is None and self._manifest is not None:
            row = self._manifest.read().execute("SELECT * FROM robots WHERE origin = ?", (origin,)).fetchone()
            if row is not None:
                entry = (self._policy_of(row["status"], row["text"]), row["expires_at"])
                # A refusal for trouble on the way is not carried from run to run: the new run may ask once.
                if entry[0].state == "unreachable":
                    entry = (entry[0], 0.0)
                self._known[origin] = entry
        # A clock that jumped back must not stretch an entry's life.
        if entry is None or not 0 < entry[1] - time.time() <= self._policy.robots_ttl_seconds:
            return None
        return entry[0]

    def forget(self, origin: str) -> None:
        """Drop what this crawl knows of an origin, so that it is asked again."""
        self._known[origin] = (self._policy_of(0, ""), 0.0)

    async def fetch(self, fetcher: Fetcher, origin: str) -> tuple[RobotsPolicy, Answer]:
        """Ask an origin for its robots.txt, following at most `max_redirects` redirects (also to other hosts)."""
        url = f"{origin}/robots.txt"
        answer = await fetcher.get(url, max_bytes=self._policy.robots_max_bytes)
        for _ in range(self._policy.max_redirects):
            target = canonical_url(answer.redirect_target, answer.url) if answer.redirect_target else None
            if target is None:
                break
            answer = await fetcher.get(target, max_bytes=self._policy.robots_max_bytes)
        return self._keep(origin, answer), answer

    def _keep(self, origin: str, answer: Answer) -> RobotsPolicy:
        status = answer.status
        text = ""
        # A body beyond the limit is used as far as it was read; a broken one is no answer.
        at_limit = answer.error is not None and answer.error.startswith("limit")
        if 200 <= status < 300 and (answer.complete or at_limit):
            try:
                most = self._policy.robots_max_bytes
                body = read_body(answer.body, answer.content_encoding, self._policy.max_decoded_bytes, most)
                text = body.head.decode("utf-8-sig", "replace")
            except BodyError:
                status = 0
        elif 200 <= status < 300:
            status = 0
        policy = self._policy_of(status, text, answer.address_refused)
        if not answer.status and not answer.address_refused:
            policy = replace(policy, trouble=answer.error or "no answer")
        lifetime = self._policy.robots_ttl_seconds
        if policy.state == "unreachable":
            lifetime = min(lifetime, self._policy.robots_unreachable_ttl_seconds)
        now = time.time()
        self._known[origin] = (policy, now + lifetime)
        self._unsaved.append((origin, status, text, answer.error, now, now + lifetime))
        return policy

    def save(self) -> None:
        """Keep what was learnt since the last call in the manifest; an fsync per origin would hold up all hosts."""
        unsaved, self._unsaved = self._unsaved, []
        if self._manifest is not None and unsaved:
            with self._manifest.transaction() as connection:
                connection.executemany("INSERT OR REPLACE INTO robots VALUES (?, ?, ?, ?, ?, ?)", unsaved)

    def _policy_of(self, status: int, text: str, address_refused: bool = False) -> RobotsPolicy:
        rules = RobotsRules(text, self._policy.product_token)
        if 200 <= status < 300:
            return RobotsPolicy("rules", rules, status)
        if status in (401, 403):
            return RobotsPolicy("all_refused", rules, status)
        if 400 <= status < 500 and status != 429:
            return RobotsPolicy("all_allowed", rules, status)
        return RobotsPolicy("unreachable", rules, status, address_refused)
