"""Everything that exists in one practice web, decided once from seed, size and anchor date."""

from collections import Counter
from datetime import date, timedelta
from itertools import combinations

from simulation.controllers import Cast
from simulation.innocents import USUAL_NOISE, Innocents, Noise, shared_things
from simulation.items import (
    ADULT,
    CHANNELS,
    CONTACTS_CHANNEL,
    DOMESTIC,
    EXPORT,
    JOBS,
    JOBS_CHANNEL,
    SITES,
    Controller,
    Item,
    Surge,
)
from simulation.news import Newsroom
from simulation.notices import Notices
from simulation.persons import Registry
from simulation.places import CITIES, CITY, NATIONALITIES, NATIONALITY
from simulation.randomness import stream
from simulation.scale import scale
from simulation.sought import partner_list, plant_notices
from simulation.timeline import DAYS, Timeline
from simulation.uploads import upload

# Growth of each site over the window (end / start) and over its last 60 days.
_GROWTH = {ADULT: (1.5, 1.0), DOMESTIC: (1.1, 2.0), JOBS: (1.0, 1.0), JOBS_CHANNEL: (1.2, 1.0)}
INFLUX_DAYS = 35
INFLUX_FACTOR = 4.0
SEASON_DAYS = 60
_ADDRESSES = {
    ADULT: "http://www.lunaguide.test/ad/{}",
    DOMESTIC: "http://casahelp.test/anzeige/{}",
    JOBS: "http://www.nordsudjobs.test/offer/{}",
}


class World:
    """The practice web for one seed, size and anchor (the day after the last posting), more or less noisy.

    With `uploads` every account uploads its pictures itself; otherwise a picture has one address. `pictures` leads
    from each address to that of the picture as it was taken.
    """

    def __init__(
        self, seed: int, size: str, anchor: date, noise: Noise = USUAL_NOISE, *, uploads: bool = False
    ) -> None:
        self.seed, self.size, self.anchor = seed, size, anchor
        self.scale = scale(size)
        self.items: dict[str, list[Item]] = {site: [] for site in SITES}
        self.surges: list[Surge] = []
        self.timelines = {site: Timeline(anchor, *_GROWTH.get(site, (1.0, 1.0))) for site in SITES}
        registry = Registry(seed, stream(seed, "registry"))
        self.shared = shared_things(registry.phones)
        self.cast = Cast(registry, self.shared, self.items)
        self.innocents = Innocents(registry, self.shared, self.items, noise)
        self._plant()
        if noise != USUAL_NOISE:
            for controller in self.controllers:
                self.shared.images.extend(controller.images)
                self.shared.phones.extend(i for i in controller.identifiers if i.kind == "phone")
        self._season()
        for site in SITES:
            self.innocents.populate(site, self.scale.items[site], self.timelines[site])
            self._number(site)
        if uploads:
            self.pictures = upload(self.items, seed)
        else:
            shown = (image for of_site in self.items.values() for item in of_site for image in item.images)
            self.pictures = {image: image for image in shown}
        self.newsroom = Newsroom(seed, anchor, self.scale.articles, self.scale.operations)
        planted, persons = plant_notices(seed, anchor, self.items[EXPORT])
        self.notices = Notices(seed, anchor, self.scale.notices, planted)
        self.partner_rows, contacts = partner_list(seed, self.controllers)
        self.sought = [*persons, *contacts]

    @property
    def controllers(self) -> list[Controller]:
        """The planted controllers."""
        return self.cast.controllers

    def _plant(self) -> None:
        random = stream(self.seed, "plant")
        sizes = [4, 6, 9, 12, 16, 20, 25, 30, 36, 44, 52, 60]
        for number in range(self.scale.controllers - 1):
            role = "recruiter" if number % 5 in (1, 3) else "exploiter"
            controller = self.cast.controller(role)
            count = sizes[number % len(sizes)] + random.randint(0, 3)
            if role == "exploiter":
                second = CONTACTS_CHANNEL if number % 10 == 4 else DOMESTIC
            else:
                second = EXPORT if number % 10 == 8 else JOBS_CHANNEL
            self.cast.items_of(controller, count, self.timelines, second)
        self._influx()

    def _influx(self) -> None:
        """Four times the usual of one nationality in one city of the adult directory, mostly by one controller."""
        random = stream(self.seed, "influx")
        place = random.choice(("paris", "madrid"))
        nationality = random.choice(("VE", "PY", "HU", "TH"))
        start = DAYS - INFLUX_DAYS
        usual = self._usual_per_day(place, nationality)
        extra = max(24, round((INFLUX_FACTOR - 1) * usual * INFLUX_DAYS))
        controller = self.cast.controller("exploiter")
        timeline = self.timelines[ADULT]
        moments = [timeline.at(random.randrange(start, DAYS), random) for _ in range(extra)]
        own, position = round(extra * 0.85), 0
        while own:
            posts = min(own, random.choice((2, 3, 3, 4)))
            mine, moments = moments[:posts], moments[posts:]
            self.cast.account(controller, ADULT, posts, position, timeline, place, nationality, mine)
            own -= posts
            position += 1
        self.cast.account(controller, DOMESTIC, 4, position, self.timelines[DOMESTIC])
        self.cast.account(controller, DOMESTIC, 3, position + 1, self.timelines[DOMESTIC])
        for moment in moments:
            self.innocents.person(ADULT, 1, timeline, place, nationality, [moment])
        self.surges.append(
            Surge(
                ADULT,
                place,
                nationality,
                "influx",
                (timeline.first + timedelta(days=start)).isoformat(),
                controller.id,
                INFLUX_FACTOR,
            )
        )
        for site in (ADULT, DOMESTIC):
            late = self.anchor - timedelta(days=60 if site == DOMESTIC else DAYS)
            factor = max(_GROWTH[site])
            self.surges.append(Surge(site, None, None, "growth", late.isoformat(), None, factor))

    def _season(self) -> None:
        """Twice the usual of another nationality in another city, by persons who share nothing."""
        random = stream(self.seed, "season")
        place, nationality = "london", random.choice(("RO", "BR"))
        usual = self._usual_per_day(place, nationality)
        timeline = self.timelines[ADULT]
        for _ in range(max(8, round(usual * SEASON_DAYS))):
            day = DAYS - 1 - int(SEASON_DAYS * (1 - random.random() ** 0.5))
            self.innocents.person(ADULT, 1, timeline, place, nationality, [timeline.at(day, random)])
        start = (timeline.first + timedelta(days=DAYS - SEASON_DAYS)).isoformat()
        self.surges.append(Surge(ADULT, place, nationality, "season", start, None, 2.0))

    def _usual_per_day(self, place: str, nationality: str) -> float:
        city_share = CITY[place].weight / sum(city.weight for city in CITIES)
        share = NATIONALITY[nationality].weight / sum(n.weight for n in NATIONALITIES)
        return self.scale.items[ADULT] * city_share * share / DAYS

    def _number(self, site: str) -> None:
        """Sort by time and give each item its identity on the site."""
        items = self.items[site]
        items.sort(key=lambda item: (item.posted, item.person, item.account))
        random = stream(self.seed, "numbers", site)
        number = 0
        for item in items:
            # Deleted posts and rejected advertisements leave gaps, as they do everywhere.
            number += 1 if random.random() < 0.93 else random.randint(2, 4)
            item.number = number
            if site in _ADDRESSES:
                prefix = {ADULT: "L", DOMESTIC: "h", JOBS: "j"}[site]
                item.external_id = f"{prefix}{100_000 + number}"
                item.key = _ADDRESSES[site].format(item.external_id)
            else:
                item.external_id = str(number)
                # A channel's post shows one picture, the chat none.
                item.images = item.images[:1] if site in CHANNELS else ()
                item.key = f"{site.split('.')[0]}/{number}"

    def site_ties(self) -> list[tuple[str, str]]:
        """Pairs of sites that at least three controllers join, sorted."""
        ties: Counter[tuple[str, str]] = Counter()
        for controller in self.controllers:
            ties.update(combinations(sorted(controller.sites), 2))
        return sorted(pair for pair, count in ties.items() if count >= 3)
