"""The planted few: one person behind many accounts, who rotates numbers, names and pictures over listings.

No single identifier appears in all of a controller's items. Account k shows the identifiers k and k+1 of the ring, so
that the whole only comes together along a chain, across sites and languages. One account in twenty is a burner: its
number is used nowhere else, and only re-used words or pictures give it away.
"""

from datetime import datetime
from random import Random

from simulation.innocents import Shared, generic_identifiers
from simulation.items import (
    ADULT,
    CONTACTS_CHANNEL,
    DOMESTIC,
    EXPORT,
    JOBS,
    JOBS_CHANNEL,
    Controller,
    Identifier,
    Item,
)
from simulation.persons import AGE_DRAW, CITY_DRAW, NATIONALITY_DRAW, Registry
from simulation.places import CITY, LANGUAGES, NATIONALITY
from simulation.randomness import Weighted
from simulation.timeline import Timeline

OBSCURED = 0.25
BURNERS = 0.05
_ROLE = {ADULT: "ad", DOMESTIC: "domestic", JOBS: "offer", JOBS_CHANNEL: "offer", CONTACTS_CHANNEL: "ad"}
_DECEPTION = (
    "high_pay",
    "no_experience",
    "travel_advanced",
    "messenger_only",
    "passport_kept",
    "debt",
    "confined",
)
# EUR; 12,000 is the round sum that travels from offer to offer.
_DEBTS = Weighted((12_000, 12_000, 12_000, 8_000, 15_000, 6_500, 30_000), (1,) * 7)


class Cast:
    """Invents controllers and writes their items into `items`."""

    def __init__(self, registry: Registry, shared: Shared, items: dict[str, list[Item]]) -> None:
        self.registry = registry
        self.random = registry.random
        self.shared = shared
        self.items = items
        self.controllers: list[Controller] = []

    def controller(self, role: str) -> Controller:
        """A new controller of `role` (exploiter or recruiter) with three to five identifiers and more pictures."""
        random, registry = self.random, self.registry
        stem = random.choice(
            ("mila", "luna", "rosa", "nova", "stella", "bella", "work", "dream", "euro", "vip")
        )
        ring: list[Identifier] = [
            registry.controller_phone(),
            registry.username(stem),
            registry.controller_phone(),
        ]
        if random.random() < 0.5:
            ring.append(registry.email(stem))
        if random.random() < 0.5:
            ring.append(registry.controller_phone())
        languages = tuple(random.sample(LANGUAGES, random.choice((2, 3))))
        images = tuple(registry.image() for _ in range(random.randint(3, 5)))
        made = Controller(f"controller-{len(self.controllers) + 1:02d}", role, languages, tuple(ring), images)
        self.controllers.append(made)
        return made

    def items_of(
        self, controller: Controller, count: int, timelines: dict[str, Timeline], second_site: str
    ) -> None:
        """Write `count` items of `controller` over accounts on its main site, on `second_site` and seldom elsewhere."""
        random = self.random
        main = ADULT if controller.role == "exploiter" else JOBS
        sites = [main, second_site, main, main, second_site, main]
        if controller.role == "recruiter" and second_site != EXPORT and random.random() < 0.3:
            sites.append(EXPORT)
        position, written = 0, 0
        while written < count:
            posts = min(count - written, 2 if position < 2 else random.choice((2, 2, 3, 3, 4, 5)))
            site = sites[position % len(sites)]
            self.account(controller, site, posts, position, timelines[site])
            written += posts
            position += 1

    def account(
        self,
        controller: Controller,
        site: str,
        posts: int,
        position: int,
        timeline: Timeline,
        city: str | None = None,
        nationality: str | None = None,
        moments: list[datetime] | None = None,
    ) -> None:
        """One account with `posts` items; `position` turns the ring of identifiers."""
        random, ring = self.random, controller.identifiers
        role = _ROLE.get(site, "offer")
        nation = NATIONALITY[nationality] if nationality else NATIONALITY_DRAW.draw(random)
        place = CITY[city] if city else CITY_DRAW.draw(random)
        name = random.choice(nation.names) if role != "offer" else self.registry.firm()
        age, account = AGE_DRAW.draw(random), self.registry.account(name)
        language = controller.languages[position % len(controller.languages)]
        if site in (JOBS_CHANNEL, EXPORT):
            account = self.registry.colleague() if site == EXPORT else account
        window = [ring[position % len(ring)], ring[(position + 1) % len(ring)]]
        burner = position > 3 and random.random() < BURNERS
        if burner:
            window = [self.registry.controller_phone()]
        for post in range(posts):
            shown = list(window)
            if random.random() < 0.15:
                shown = [random.choice(window)]
            elif random.random() < 0.2 and not burner:
                shown.append(ring[(position + 2) % len(ring)])
            signs, debt = self._signs(role, random)
            shown_age = random.choice((16, 17, 17)) if "probable_minor" in signs else age
            images: tuple[str, ...] = ()
            if role != "offer":
                first = (position + post) % len(controller.images)
                images = (controller.images[first], controller.images[(first + 1) % len(controller.images)])
            self.items[site].append(
                Item(
                    site=site,
                    role=role,
                    person=controller.id,
                    controller=controller.id,
                    account=account,
                    posted=moments[post] if moments else timeline.draw(random),
                    language=language,
                    city=place.slug if city or random.random() < 0.7 else CITY_DRAW.draw(random).slug,
                    nationality=nation.code,
                    age=shown_age,
                    name=name,
                    identifiers=tuple(shown) + generic_identifiers(self.shared, site, random),
                    images=images,
                    signs=signs,
                    obscured=any(i.kind == "phone" for i in shown) and random.random() < OBSCURED,
                    template=f"{controller.id}-{random.randrange(2)}",
                    debt=debt,
                )
            )
        controller.sites.add(site)
        controller.item_count += posts

    def _signs(self, role: str, random: Random) -> tuple[tuple[str, ...], int]:
        if role == "offer":
            chosen = random.sample(_DECEPTION, random.choice((3, 4, 4, 5)))
            signs = tuple(sign for sign in _DECEPTION if sign in chosen)
            return (*signs, "deceptive_job"), _DEBTS.draw(random) if "debt" in signs else 0
        if role == "ad" and random.random() < 0.03:
            return ("probable_minor",), 0
        chances = (("third_party", 0.3), ("newly_arrived", 0.35), ("debt", 0.07))
        signs = tuple(sign for sign, share in chances if random.random() < share)
        return signs, _DEBTS.draw(random) if "debt" in signs else 0
