"""The things of the practice web: identifiers, items, controllers, and the names of its sites."""

from dataclasses import dataclass, field
from datetime import datetime

from simulation.phones import Phone

ADULT = "lunaguide.test"
DOMESTIC = "casahelp.test"
JOBS = "nordsudjobs.test"
JOBS_CHANNEL = "workabroadnow.telegram.test"
CONTACTS_CHANNEL = "citycontacts.telegram.test"
EXPORT = "roomsandwork.telegram.test"
LISTING_SITES = (ADULT, DOMESTIC, JOBS)
CHANNELS = (JOBS_CHANNEL, CONTACTS_CHANNEL)
SITES = (*LISTING_SITES, *CHANNELS, EXPORT)
# The country in which a site's readers dial without a calling code.
HOME_REGION = {
    ADULT: "FR",
    DOMESTIC: "DE",
    JOBS: "GB",
    JOBS_CHANNEL: "ES",
    CONTACTS_CHANNEL: "FR",
    EXPORT: "ES",
}


@dataclass(frozen=True, slots=True)
class Identifier:
    """A handle shown in an item. `value` is normalised: E.164, lower-case name without @, address.

    `generic` marks what belongs to nobody in the truth: help desks, advice pages.
    """

    kind: str
    value: str
    phone: Phone | None = None
    generic: bool = False


@dataclass(slots=True)
class Item:
    """One advertisement, offer or message, as decided before any text is written.

    `person` is the truth of who posted it; `controller` is set for planted ones. `template` names the wording that
    the author re-uses (None: written afresh). `role` says which sentences fit: ad, offer, domestic, chat.
    """

    site: str
    role: str
    person: str
    controller: str | None
    account: str
    posted: datetime
    language: str
    city: str
    nationality: str
    age: int
    name: str
    identifiers: tuple[Identifier, ...] = ()
    images: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    obscured: bool = False
    template: str | None = None
    debt: int = 0
    number: int = 0
    external_id: str = ""
    key: str = ""


@dataclass(slots=True)
class Controller:
    """One planted person behind many accounts. `role` is exploiter or recruiter."""

    id: str
    role: str
    languages: tuple[str, ...]
    identifiers: tuple[Identifier, ...]
    images: tuple[str, ...]
    sites: set[str] = field(default_factory=set)
    item_count: int = 0


@dataclass(frozen=True, slots=True)
class Surge:
    """A planted rise. `kind`: influx (one controller), season (many independent persons) or growth (whole site)."""

    site: str
    place: str | None
    nationality: str | None
    kind: str
    start: str
    controller: str | None
    factor: float
