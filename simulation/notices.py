"""Invented persons sought, behind an API that never shows more than 160 of them to one query."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from simulation.places import FAMILY_NAMES, NATIONALITIES
from simulation.randomness import Weighted, stream

CAP = 160
PAGE_SIZE = 20
BASE = "http://notices.test/notices/v1/red"
# Two countries exceed the cap in the demonstration, so that their notices must be asked for by age.
COUNTRIES = Weighted(
    (
        "BR",
        "RO",
        "CO",
        "ES",
        "FR",
        "DE",
        "PT",
        "GB",
        "IT",
        "HU",
        "UA",
        "MD",
        "NG",
        "TH",
        "PY",
        "DO",
        "VE",
        "PE",
        "AR",
        "PH",
    ),
    (44, 26, 4, 3, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 0.5, 0.5),
)
_CHARGES = (
    "Trafficking in human beings",
    "Participation in a criminal organisation",
    "Facilitating unlawful entry for gain",
    "Exploitation of the labour of others",
    "Money laundering",
    "Fraud",
    "Use of forged documents",
    "Illegal possession of firearms",
)


@dataclass(frozen=True, slots=True)
class Notice:
    """One person sought; `birth` is None when only the year is known."""

    entity_id: str
    name: str
    forename: str
    sex: str
    year: int
    birth: date | None
    nationalities: tuple[str, ...]
    warrants: tuple[tuple[str, str], ...]
    age: int

    def brief(self) -> dict[str, Any]:
        """The object of a result list."""
        address = f"{BASE}/{self.entity_id.replace('/', '-')}"
        return {
            "forename": self.forename,
            "date_of_birth": self.birth.strftime("%Y/%m/%d") if self.birth else str(self.year),
            "entity_id": self.entity_id,
            "nationalities": list(self.nationalities) or None,
            "name": self.name,
            "_links": {"self": {"href": address}, "images": {"href": f"{address}/images"}},
        }

    def detail(self) -> dict[str, Any]:
        """The object of the notice's own address."""
        return {
            "arrest_warrants": [
                {"issuing_country_id": country, "charge": charge, "charge_translation": None}
                for country, charge in self.warrants
            ],
            "sex_id": self.sex,
            "country_of_birth_id": self.nationalities[0] if self.nationalities else None,
            "languages_spoken_ids": [],
            "distinguishing_marks": None,
            **self.brief(),
        }


class Notices:
    """All notices, and the answers of the API."""

    def __init__(self, seed: int, anchor: date, count: int, planted: Iterable["Notice"] = ()) -> None:
        random = stream(seed, "notices")
        self.all: list[Notice] = []
        for number in range(count):
            nation = random.choice(NATIONALITIES)
            age = min(78, max(18, round(random.gauss(38, 11))))
            birth = anchor - timedelta(days=age * 365 + age // 4 + random.randrange(1, 364))
            sex = random.choice("MMMF")
            warrants = [(COUNTRIES.draw(random), random.choice(_CHARGES))]
            if random.random() < 0.06:
                warrants.append((COUNTRIES.draw(random), random.choice(_CHARGES)))
            given = (
                random.choice(nation.names)
                if sex == "F"
                else random.choice(["Ilario", "Benedo", "Tavian", "Corvin"])
            )
            self.all.append(
                Notice(
                    entity_id=f"{birth.year % 7 + anchor.year - 7}/{10_000 + number * 7 % 89_999}",
                    name=f"{random.choice(FAMILY_NAMES)} {random.choice(FAMILY_NAMES)}".upper(),
                    forename=given.upper(),
                    sex=sex,
                    year=birth.year,
                    birth=birth if random.random() < 0.97 else None,
                    nationalities=(nation.code,) if random.random() < 0.97 else (),
                    warrants=tuple(warrants),
                    age=_age(birth, anchor),
                )
            )
        self.all.extend(planted)
        self.all.sort(key=lambda notice: notice.entity_id)
        self._by_id = {notice.entity_id.replace("/", "-"): notice for notice in self.all}

    def one(self, entity_id: str) -> dict[str, Any] | None:
        """The detail of `entity_id` (with a dash), or None."""
        notice = self._by_id.get(entity_id)
        return notice.detail() if notice else None

    def search(self, query: Mapping[str, str]) -> dict[str, Any]:
        """One page of results. `total` is honest, but results after the 160th are never shown."""
        found = [notice for notice in self.all if _matches(notice, query)]
        size = min(CAP, max(1, _number(query, "resultPerPage", PAGE_SIZE)))
        page = max(1, _number(query, "page", 1))
        shown = found[:CAP][(page - 1) * size : page * size]
        last = max(1, -(-min(len(found), CAP) // size))
        kept = "&".join(f"{key}={value}" for key, value in sorted(query.items()) if key != "page")

        def link(number: int) -> dict[str, str]:
            return {"href": f"{BASE}?{kept}&page={number}" if kept else f"{BASE}?page={number}"}

        links = {"self": link(page), "first": link(1), "last": link(last)}
        if page < last:
            links["next"] = link(page + 1)
        return {
            "total": len(found),
            "query": {"page": page, "resultPerPage": size, **{k: v for k, v in query.items() if k != "page"}},
            "_embedded": {"notices": [notice.brief() for notice in shown]},
            "_links": links,
        }


def _age(birth: date, today: date) -> int:
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    value = query.get(name, "")
    return int(value) if value.isascii() and value.isdigit() else default


def _matches(notice: Notice, query: Mapping[str, str]) -> bool:
    country = query.get("arrestWarrantCountryId")
    if country and all(country != issuing for issuing, _ in notice.warrants):
        return False
    if query.get("nationality") and query["nationality"] not in notice.nationalities:
        return False
    if query.get("sexId") and query["sexId"] != notice.sex:
        return False
    if query.get("name") and query["name"].upper() not in notice.name:
        return False
    return _number(query, "ageMin", 0) <= notice.age <= _number(query, "ageMax", 200)
