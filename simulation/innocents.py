"""The many who hide nothing: independents, families, firms and chat members, with the noise they bring."""

from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from simulation.items import (
    ADULT,
    CONTACTS_CHANNEL,
    DOMESTIC,
    EXPORT,
    JOBS,
    JOBS_CHANNEL,
    Identifier,
    Item,
)
from simulation.persons import AGE_DRAW, CITY_DRAW, NATIONALITY_DRAW, Registry
from simulation.phones import Phone, PhoneBook
from simulation.places import CITY, LANGUAGES, NATIONALITY
from simulation.randomness import Weighted
from simulation.timeline import Timeline

_POSTS = Weighted((1, 2, 3, 4, 5, 6), (40, 24, 15, 10, 6, 5))
_AGENCY_POSTS = range(10, 41)
ROLE = {ADULT: "ad", DOMESTIC: "domestic", JOBS: "offer", JOBS_CHANNEL: "offer", CONTACTS_CHANNEL: "ad"}
# Shares of innocent items that carry one sign by chance: a detector must live with them.
_CHANCE_SIGNS: dict[str, tuple[tuple[str, float], ...]] = {
    "ad": (("newly_arrived", 0.06), ("third_party", 0.006), ("probable_minor", 0.0006)),
    "domestic": (("third_party", 0.004),),
    "offer": (("no_experience", 0.12), ("housing", 0.08), ("high_pay", 0.02), ("travel_advanced", 0.006)),
    "chat": (),
}


@dataclass(frozen=True, slots=True)
class Noise:
    """Shares of innocent persons who show somebody else's picture, and of those whose number was somebody else's.

    Where they are set (not the default), pictures and numbers of controllers are taken, too.
    """

    stolen_photos: float = 0.02
    recycled_phones: float = 0.001


USUAL_NOISE = Noise()
# Where an innocent person posts once more, and how many do: sites are never wholly apart.
_ALSO_ON = {ADULT: (CONTACTS_CHANNEL, 0.001), JOBS: (JOBS_CHANNEL, 0.01), DOMESTIC: (EXPORT, 0.003)}
OBSCURED = 0.06


@dataclass(slots=True)
class Shared:
    """What unrelated people have in common: help desks, advice pages, pictures and numbers seen before.

    `placers` write advertisements for others and leave their own name in them: dozens of items each, of anybody.
    """

    support: dict[str, Identifier]
    pages: tuple[Identifier, ...]
    placers: dict[str, tuple[Identifier, ...]]
    images: list[str]
    phones: list[Identifier]


def shared_things(phones: PhoneBook) -> Shared:
    """Help desks of each site (one serves jobs and domestic help alike) and generic addresses."""

    def desk(phone: Phone) -> Identifier:
        return Identifier("phone", phone.e164, phone, generic=True)

    common = desk(phones.take("GB"))
    support = {site: desk(phones.take("FR")) for site in (ADULT, CONTACTS_CHANNEL, EXPORT)}
    support |= {JOBS: common, DOMESTIC: common, JOBS_CHANNEL: desk(phones.take("US"))}
    addresses = (
        "https://safety-advice.example/",
        "https://pay-safely.example/how-to",
        "https://verify-photos.example/start",
        "https://helpline.example/",
        "https://maps.example/route",
    )
    placers = {
        ADULT: ("ads_for_you_7d21e", "cardwriter_b90c4", "luna_helper_e55f0"),
        DOMESTIC: ("casa_texts_4f8aa",),
        JOBS: ("joblister_c3d07",),
    }
    return Shared(
        support,
        tuple(Identifier("url", address, generic=True) for address in addresses),
        {
            site: tuple(Identifier("username", name, generic=True) for name in names)
            for site, names in placers.items()
        },
        [],
        [],
    )


class Innocents:
    """Adds innocent persons' items to `items` until each site has its number."""

    def __init__(
        self, registry: Registry, shared: Shared, items: dict[str, list[Item]], noise: Noise = USUAL_NOISE
    ) -> None:
        self.registry = registry
        self.random = registry.random
        self.shared = shared
        self.items = items
        self.noise = noise
        self._persons = 0

    def populate(self, site: str, count: int, timeline: Timeline) -> None:
        """Fill `site` up to `count` items."""
        target = self.items[site]
        while len(target) < count:
            missing = count - len(target)
            if site == EXPORT or (
                ROLE[site] == "offer" and site == JOBS_CHANNEL and self.random.random() < 0.35
            ):
                self.chatter(site, min(missing, self.random.randint(1, 25)), timeline)
            elif ROLE[site] != "ad" and missing > 40 and self.random.random() < 0.02:
                self.person(site, self.random.choice(_AGENCY_POSTS), timeline)
            else:
                self.person(site, min(missing, _POSTS.draw(self.random)), timeline)

    def person(
        self,
        site: str,
        posts: int,
        timeline: Timeline,
        city: str | None = None,
        nationality: str | None = None,
        moments: list[datetime] | None = None,
    ) -> None:
        """One person with `posts` items on `site`; at given `moments`, if any."""
        random, registry = self.random, self.registry
        self._persons += 1
        place = CITY[city] if city else CITY_DRAW.draw(random)
        nation = NATIONALITY[nationality] if nationality else NATIONALITY_DRAW.draw(random)
        name = random.choice(nation.names) if ROLE[site] != "offer" else registry.firm()
        language = place.language if random.random() < 0.7 else random.choice(LANGUAGES)
        identifiers = self._identifiers(place.country, name)
        images = (
            tuple(registry.image() for _ in range(random.choice((1, 1, 2, 3)))) if ROLE[site] == "ad" else ()
        )
        if images and self.shared.images and random.random() < self.noise.stolen_photos:
            images = (random.choice(self.shared.images), *images[1:])
        self.shared.images.extend(images[:1])
        age, account = AGE_DRAW.draw(random), registry.account(name)
        own_words = f"person-{self._persons}" if random.random() < 0.5 else None
        for post in range(posts):
            role = ROLE[site]
            moment = moments[post] if moments else timeline.draw(random)
            shown = tuple(i for n, i in enumerate(identifiers) if n == 0 or random.random() < 0.5)
            signs = chance_signs(role, random)
            item = Item(
                site=site,
                role=role,
                person=f"person-{self._persons}",
                controller=None,
                account=account,
                posted=moment,
                language=language,
                city=place.slug if random.random() < 0.93 or city else CITY_DRAW.draw(random).slug,
                nationality=nation.code,
                age=17 if "probable_minor" in signs else age,
                name=name,
                identifiers=shown + self._generic(site),
                images=images[: random.randint(1, len(images))] if images else (),
                signs=signs,
                obscured=shown[0].kind == "phone" and random.random() < OBSCURED,
                template=own_words,
            )
            self.items[site].append(item)
        other, share = _ALSO_ON.get(site, (site, 0.0))
        if random.random() < share and not moments:
            role = ROLE.get(other, "chat")
            again = replace(
                item,
                site=other,
                role=role,
                account=registry.account(name) if role != "chat" else registry.colleague(),
                posted=timeline.draw(random),
                signs=(),
                images=images if role == "ad" else (),
                age=age,
            )
            self.items[other].append(again)

    def chatter(self, site: str, posts: int, timeline: Timeline) -> None:
        """One chat member who asks, answers, sells a sofa; one in ten leaves a number."""
        random = self.random
        self._persons += 1
        name = self.registry.colleague()
        place = CITY_DRAW.draw(random)
        language = place.language if random.random() < 0.5 else random.choice(LANGUAGES)
        own = self._identifiers(place.country, name)[:1] if random.random() < 0.3 else ()
        for _ in range(posts):
            shown = own if random.random() < 0.35 else ()
            self.items[site].append(
                Item(
                    site=site,
                    role="chat",
                    person=f"person-{self._persons}",
                    controller=None,
                    account=name,
                    posted=timeline.draw(random),
                    language=language if random.random() < 0.9 else random.choice(LANGUAGES),
                    city=place.slug,
                    nationality="",
                    age=0,
                    name=name,
                    identifiers=shown + self._generic(site),
                    obscured=bool(shown) and shown[0].kind == "phone" and random.random() < OBSCURED,
                )
            )

    def _identifiers(self, country: str, name: str) -> tuple[Identifier, ...]:
        random, registry = self.random, self.registry
        if self.shared.phones and random.random() < self.noise.recycled_phones:
            first = random.choice(self.shared.phones)
        elif random.random() < 0.88:
            first = registry.phone(country)
            self.shared.phones.append(first)
        else:
            first = registry.username(name)
        others = []
        if random.random() < 0.25 and first.kind != "username":
            others.append(registry.username(name))
        if random.random() < 0.12:
            others.append(registry.email(name))
        if random.random() < 0.05:
            others.append(registry.url(name))
        return (first, *others)

    def _generic(self, site: str) -> tuple[Identifier, ...]:
        return generic_identifiers(self.shared, site, self.random)


def generic_identifiers(shared: Shared, site: str, random: Random) -> tuple[Identifier, ...]:
    """The help desk of `site` in one item of twenty, an advice page in one of 25, a placer's name in one of 70."""
    found: tuple[Identifier, ...] = ()
    if random.random() < 0.05:
        found += (shared.support[site],)
    if random.random() < 0.04:
        found += (random.choice(shared.pages),)
    if site in shared.placers and random.random() < 1 / 70:
        found += (random.choice(shared.placers[site]),)
    return found


def chance_signs(role: str, random: Random) -> tuple[str, ...]:
    """Signs that an innocent item of `role` carries by chance."""
    signs = tuple(sign for sign, share in _CHANCE_SIGNS[role] if random.random() < share)
    # Such a card says nothing but name, age and number; no other sentence stands beside it.
    return ("probable_minor",) if "probable_minor" in signs else signs
