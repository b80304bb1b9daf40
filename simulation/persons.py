"""Inventing identifiers: names of accounts, handles, mail addresses, pages and pictures that exist nowhere."""

import unicodedata
from random import Random

from simulation.items import Identifier
from simulation.phones import PhoneBook
from simulation.places import CITIES, FAMILY_NAMES, GIVEN_NAMES, NATIONALITIES
from simulation.randomness import Weighted, token

CITY_DRAW = Weighted(CITIES, [city.weight for city in CITIES])
NATIONALITY_DRAW = Weighted(NATIONALITIES, [nationality.weight for nationality in NATIONALITIES])
AGE_DRAW = Weighted(range(18, 50), [max(1, 34 - abs(age - 26) * 2) for age in range(18, 50)])
# Where callers of a city's listings usually have their number; elsewhere France, which keeps the largest range.
_DIAL = {
    "FR": "FR",
    "GB": "GB",
    "DE": "DE",
    "ES": "ES",
    "PT": "PT",
    "RO": "RO",
    "IE": "GB",
    "AT": "DE",
    "CH": "DE",
}
_MAIL_HOSTS = ("postbox.example", "quickmail.example", "letters.example", "mail.example")
_FIRM_WORDS = (
    "Gastro",
    "Logistik",
    "Hotel",
    "Casa",
    "Nord",
    "Sud",
    "Alba",
    "Vista",
    "Atlas",
    "Delta",
    "Orion",
    "Terra",
)
_FIRM_ENDS = ("Group", "& Co", "Services", "Partner", "House", "Team", "Works", "Plus")


def ascii_name(text: str) -> str:
    """Lower-case ASCII letters of `text` (ă → a)."""
    folded = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ł", "l"))
    return "".join(sign for sign in folded.lower() if "a" <= sign <= "z")


class Registry:
    """Hands out identifiers, each once, from one random stream."""

    def __init__(self, seed: int, random: Random) -> None:
        self.random = random
        self.phones = PhoneBook(random)
        self._seed = seed
        self._colleagues: set[str] = set()
        self._count = 0

    def phone(self, country: str) -> Identifier:
        """A number fitting a place in `country` (ISO code); one in six comes from abroad."""
        roll = self.random.random()
        if roll < 0.06:
            phone = self.phones.take_unlisted(self.random.choice(("FR", "GB")))
        elif roll < 0.22:
            phone = self.phones.take(self.random.choice(("FR", "GB", "US", "DE", "SE", "CO", "BR", "RO")))
        else:
            phone = self.phones.take(_DIAL.get(country, "FR"))
        return Identifier("phone", phone.e164, phone)

    def controller_phone(self) -> Identifier:
        """A number that number-plan libraries accept, of any large range."""
        phone = self.phones.take(self.random.choice(("FR", "FR", "FR", "GB", "GB", "DE", "US", "ES", "PT")))
        return Identifier("phone", phone.e164, phone)

    def _stem(self, name: str) -> str:
        # Messenger names end at 32 characters; the stem leaves room for glue and suffix.
        return ascii_name(name)[:20] or "anon"

    def suffix(self) -> str:
        """A short ending, so that no invented handle is a real person's."""
        self._count += 1
        return token(5, self._seed, "suffix", self._count)

    def username(self, name: str) -> Identifier:
        """A messenger name."""
        glue = self.random.choice(("_", "_x", "_vip_", "_me_"))
        return Identifier("username", f"{self._stem(name)}{glue}{self.suffix()}")

    def email(self, name: str) -> Identifier:
        """A mail address of an `.example` host."""
        glue = self.random.choice((".", "-", "_"))
        return Identifier(
            "email", f"{self._stem(name)}{glue}{self.suffix()}@{self.random.choice(_MAIL_HOSTS)}"
        )

    def url(self, name: str) -> Identifier:
        """A page of one's own."""
        return Identifier("url", f"https://{self._stem(name)}-{self.suffix()}.example/")

    def image(self) -> str:
        """An address of a picture, which `sites.pictures` draws."""
        self._count += 1
        return f"http://img.pictures.test/p/{token(16, self._seed, 'image', self._count)}.jpg"

    def account(self, name: str) -> str:
        """A user name on a site."""
        return f"{self._stem(name)}{self.random.choice(('', '_', '-'))}{self.suffix()[:4]}{self._count % 100:02d}"

    def firm(self) -> str:
        """A firm's name."""
        return f"{self.random.choice(FAMILY_NAMES)} {self.random.choice(_FIRM_WORDS)} {self.random.choice(_FIRM_ENDS)}"

    def colleague(self) -> str:
        """A given and a family name; a second given name, then a number, where the name is taken."""
        given, family = self.random.choice(GIVEN_NAMES), self.random.choice(FAMILY_NAMES)
        name = f"{given} {family}"
        while name in self._colleagues:
            second = self.random.choice(GIVEN_NAMES)
            name = (
                f"{given} {second} {family}"
                if self.random.random() < 0.7
                else f"{given} {len(self._colleagues)}"
            )
        self._colleagues.add(name)
        return name
