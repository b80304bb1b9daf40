"""Telephone numbers that reach nobody: ranges reserved for fiction, each number handed out once.

Sources of the ranges: NANPA (555-0100 … 0199), Ofcom (numbers for drama use), ARCEP (numbers for audiovisual works),
Bundesnetzagentur (Rufnummern für Medienproduktionen), PTS (nummer för böcker och filmer). Spain, Portugal, Romania,
Brazil and Colombia keep no such range; there a single block of zeros stands in.
"""

from dataclasses import dataclass
from random import Random

from simulation.words import words

US_AREAS = words(
    "201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 224 225 228 229 231 "
    "234 239 240 248 251 252 253 254 256 260 262 267 269 270 276 281 301 302 303 304 305 307 "
    "308 309 310 312 313 314 315 316 317 318 319 320 321 323 325 330 334 336 337 339 347 351 "
    "352 360 361 386 401 402 404 405 406 407 408 409 410 412 413 414 415 417 419 423 424 425 "
    "432 434 435 440 443 469 478 479 480 484 501 502 503 504 505 507 508 509 510 512 513 515 "
    "516 517"
)


@dataclass(frozen=True, slots=True)
class Phone:
    """One number: `e164` with its plus, ISO `country`, calling code and national digits in customary groups."""

    e164: str
    country: str
    code: str
    groups: tuple[str, ...]
    trunk: str

    @property
    def national(self) -> str:
        """The digits dialled inside the country, trunk prefix included."""
        return self.trunk + self.e164[1 + len(self.code) :]


@dataclass(frozen=True, slots=True)
class Range:
    """`prefix` (national, without trunk prefix) followed by `digits` free digits; `shape` groups all of them."""

    country: str
    code: str
    trunk: str
    prefix: str
    digits: int
    shape: tuple[int, ...]
    limit: int | None = None

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return self.limit or 10**self.digits

    def number(self, index: int) -> Phone:
        """The `index`-th number."""
        significant = f"{self.prefix}{index:0{self.digits}d}"
        dialled, groups, start = self.trunk + significant, [], 0
        for length in self.shape:
            groups.append(dialled[start : start + length])
            start += length
        return Phone(f"+{self.code}{significant}", self.country, self.code, tuple(groups), self.trunk)


_PAIRS = (2, 2, 2, 2, 2)
RANGES: dict[str, tuple[Range, ...]] = {
    "FR": tuple(
        Range("FR", "33", "0", prefix, 4, _PAIRS) for prefix in ("19900", "26191", "35301", "46571", "53649")
    ),
    "GB": (
        Range("GB", "44", "0", "207946", 4, (3, 4, 4), 1000),
        *(
            Range("GB", "44", "0", f"{area}496", 4, (4, 3, 4), 1000)
            for area in (113, 114, 115, 116, 117, 118, 121, 131, 141, 151, 161)
        ),
        Range("GB", "44", "0", "191498", 4, (4, 3, 4), 1000),
        Range("GB", "44", "0", "292018", 4, (3, 4, 4), 1000),
    ),
    "DE": (
        Range("DE", "49", "0", "3023125", 3, (3, 5, 3)),
        Range("DE", "49", "0", "6990009", 3, (3, 5, 3)),
        Range("DE", "49", "0", "4066969", 3, (3, 5, 3)),
        Range("DE", "49", "0", "2214710", 3, (4, 4, 3)),
        Range("DE", "49", "0", "8999998", 3, (3, 5, 3)),
        Range("DE", "49", "0", "17139200", 2, (4, 5, 2)),
        Range("DE", "49", "0", "176040690", 2, (4, 6, 2)),
    ),
    "US": tuple(Range("US", "1", "", f"{area}555", 4, (3, 3, 4), 200) for area in US_AREAS),
    "SE": (Range("SE", "46", "0", "7017406", 2, (3, 3, 2, 2)),),
    "ES": (Range("ES", "34", "", "600000", 3, (3, 3, 3)),),
    "PT": (Range("PT", "351", "", "910000", 3, (3, 3, 3)),),
    "RO": (Range("RO", "40", "0", "700000", 3, (4, 3, 3)),),
    "BR": (Range("BR", "55", "", "119000000", 2, (2, 5, 4)),),
    "CO": (Range("CO", "57", "", "30000000", 2, (3, 3, 4)),),
}
# Reserved too, but libphonenumber calls them impossible: kept for a small share of innocent advertisers.
UNLISTED: dict[str, Range] = {
    "FR": Range("FR", "33", "0", "63998", 4, _PAIRS),
    "GB": Range("GB", "44", "0", "7700900", 3, (5, 3, 3)),
}


def is_reserved(e164: str) -> bool:
    """Whether `e164` lies in one of the ranges above."""
    for candidate in (*(r for ranges in RANGES.values() for r in ranges), *UNLISTED.values()):
        start = f"+{candidate.code}{candidate.prefix}"
        rest = e164[len(start) :]
        if e164.startswith(start) and len(rest) == candidate.digits and _in_range(candidate, rest):
            return True
    return False


def _in_range(candidate: Range, rest: str) -> bool:
    first = 100 if candidate.country == "US" else 0
    return rest.isascii() and rest.isdigit() and first <= int(rest) < candidate.size


class PhoneBook:
    """Hands out every number at most once; a country that is used up borrows from France, Britain, then the US."""

    def __init__(self, random: Random) -> None:
        self._free: dict[str, list[tuple[Range, int]]] = {}
        self._random = random

    def take(self, country: str) -> Phone:
        """A fresh number of `country` (ISO code) or of a lender."""
        for lender in (country, "FR", "GB", "US", "DE"):
            free = self._stock(lender)
            if free:
                candidate, index = free.pop()
                return candidate.number(index)
        raise RuntimeError("every reserved telephone number is in use; choose a smaller size")

    def take_unlisted(self, country: str) -> Phone:
        """A number that number-plan libraries reject (France and Britain only), else an ordinary one."""
        if country not in UNLISTED:
            return self.take(country)
        key = f"unlisted-{country}"
        if key not in self._free:
            self._free[key] = self._shuffled((UNLISTED[country],))
        if not self._free[key]:
            return self.take(country)
        candidate, index = self._free[key].pop()
        return candidate.number(index)

    def _stock(self, country: str) -> list[tuple[Range, int]]:
        if country not in self._free:
            self._free[country] = self._shuffled(RANGES.get(country, ()))
        return self._free[country]

    def _shuffled(self, ranges: tuple[Range, ...]) -> list[tuple[Range, int]]:
        stock = [(r, i) for r in ranges for i in range(100 if r.country == "US" else 0, r.size)]
        self._random.shuffle(stock)
        return stock
