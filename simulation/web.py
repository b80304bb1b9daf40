"""All sites together: from host, path and query to a page, and which addresses fail at first."""

from collections.abc import Mapping
from dataclasses import dataclass

from simulation.items import ADULT, DOMESTIC, JOBS
from simulation.randomness import stream
from simulation.sites.adult import AdultDirectory
from simulation.sites.channels import ChannelPreviews
from simulation.sites.domestic import DomesticExchange
from simulation.sites.jobs import JobBoard
from simulation.sites.newsroom import NewsDesk
from simulation.sites.notice_api import NoticeApi
from simulation.sites.page import Page, Site
from simulation.sites.pictures import PictureHost
from simulation.world import World


@dataclass(frozen=True, slots=True)
class Failure:
    """What the first request of an address gets instead of the page."""

    status: int
    retry_after: str | None


BUSY = Failure(429, "1")
BROKEN = Failure(500, None)
AWAY = Failure(503, "1")


class Web:
    """The practice web as a function of addresses."""

    def __init__(self, world: World) -> None:
        sites: list[Site] = [
            AdultDirectory(world),
            DomesticExchange(world),
            JobBoard(world),
            ChannelPreviews(world),
            NewsDesk(world),
            NoticeApi(world),
            PictureHost(world),
        ]
        self._sites = {host: site for site in sites for host in site.hosts}
        self.failures = _failures(world)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host name that is answered for."""
        return tuple(self._sites)

    def page(self, host: str, path: str, query: Mapping[str, str]) -> Page | None:
        """The page, or None for an unknown host or path."""
        site = self._sites.get(host)
        return site.page(host, path, query) if site else None


def _failures(world: World) -> dict[tuple[str, str], Failure]:
    """Addresses (host, path with query) whose first request fails; few, so that a crawl stays quick."""
    random = stream(world.seed, "failures")
    offers = random.sample(world.items[JOBS], 5)
    failures = {("www.nordsudjobs.test", f"/offer/{item.external_id}"): BUSY for item in offers[:2]}
    failures |= {("www.nordsudjobs.test", f"/offer/{item.external_id}"): BROKEN for item in offers[2:]}
    city = random.choice([item.city for item in world.items[ADULT]])
    failures[("www.lunaguide.test", f"/{city}/")] = BUSY
    failures[(DOMESTIC, "/region/es")] = BROKEN
    failures[("telegram.test", "/s/citycontacts")] = AWAY
    failures[("policedesk.test", random.choice(world.newsroom.articles).path)] = BROKEN
    return failures
