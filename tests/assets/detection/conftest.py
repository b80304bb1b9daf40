"""A small planted world at the level of tables: ordinary posters and five kinds of what we look for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

START = date(2026, 3, 1)
DAYS = 180
LAST = START + timedelta(days=DAYS)
SITES = {"adult": "ads.example", "job_offer": "work.example", "domestic": "home.example"}


@dataclass
class PlantedWorld:
    """Rows as they are added, and what was planted: role → item ids by subject."""

    rng: np.random.Generator
    rows: list[dict[str, object]] = field(default_factory=list)
    mention_rows: list[dict[str, object]] = field(default_factory=list)
    fact_rows: list[dict[str, object]] = field(default_factory=list)
    planted: dict[str, list[set[str]]] = field(default_factory=dict)

    def add(
        self,
        category: str,
        account: str | None,
        phone: str | None,
        *,
        day: int | None = None,
        signs: tuple[str, ...] = (),
        age: int | None = None,
        nationality: str | None = None,
        place: str = "Porto",
        obscured: bool = False,
        site: str | None = None,
        text: str = "words of our own",
    ) -> str:
        """Add one item; its id."""
        item_id = f"{len(self.rows):024x}"
        site = site or SITES[category]
        posted = START + timedelta(days=int(self.rng.integers(DAYS)) if day is None else day)
        self.rows.append(
            {
                "item_id": item_id,
                "item_table": "listings",
                "source": site.split(".")[0],
                "unit_date": LAST,
                "capture_id": f"c{item_id}",
                "site": site,
                "url": None,
                "account": account,
                "category": category,
                "posted_at": datetime(posted.year, posted.month, posted.day, 12, tzinfo=UTC),
                "first_seen": LAST,
                "last_seen": LAST,
                "text": text,
                "title": None,
                "language": "en",
            }
        )
        if phone:
            self.mention_rows.append(
                {
                    "item_id": item_id,
                    "identifier_id": f"phone:{phone}",
                    "kind": "phone",
                    "value": phone,
                    "site": site,
                    "obscured": obscured,
                }
            )
        for kind, value, number, unit in (
            *(("sign", sign, None, None) for sign in signs),
            *((("age", str(age), float(age), None),) if age else ()),
            *((("nationality", nationality, None, None),) if nationality else ()),
            ("place", place, None, "PT"),
        ):
            self.fact_rows.append(
                {
                    "item_id": item_id,
                    "kind": kind,
                    "value": value,
                    "number": number,
                    "unit": unit,
                    "confidence": 0.9,
                    "rule_id": f"planted.{kind}",
                    "field": "text",
                    "span_start": 0,
                    "span_end": 1,
                }
            )
        return item_id

    def plant(self, role: str, items: set[str]) -> None:
        """Remember one planted subject."""
        self.planted.setdefault(role, []).append(items)

    @property
    def items(self) -> pl.DataFrame:
        """The items, as detection reads them."""
        return pl.DataFrame(
            self.rows,
            schema_overrides={
                "posted_at": pl.Datetime("us", "UTC"),
                "url": pl.String,
                "title": pl.String,
                "account": pl.String,
            },
            infer_schema_length=None,
        )

    @property
    def mentions(self) -> pl.DataFrame:
        """The mentions."""
        return pl.DataFrame(self.mention_rows)

    @property
    def facts(self) -> pl.DataFrame:
        """The facts."""
        return pl.DataFrame(
            self.fact_rows,
            schema_overrides={"number": pl.Float64, "unit": pl.String},
            infer_schema_length=None,
        ).with_columns(pl.lit(None, pl.String).alias(name) for name in ("origin", "destination"))


def _phone(number: int) -> str:
    return f"+1555555{number:04d}"


def build(seed: int, noise: float, ordinary: int = 1500) -> PlantedWorld:
    """A world in which `noise` is the share of ordinary items that show a weak sign by chance."""
    world = PlantedWorld(np.random.default_rng(seed))
    rng = world.rng
    weak = {
        "adult": ("short_stay_wording", "new_in_town", "youth_wording", "third_party_wording"),
        "job_offer": ("accommodation_tied", "abroad_offer", "transport_paid", "messenger_only_contact"),
        "domestic": ("accommodation_tied", "trust_wording", "messenger_only_contact"),
    }
    for number in range(ordinary):
        category = str(rng.choice(["adult", "job_offer", "domestic"]))
        for _ in range(int(rng.geometric(0.6))):
            world.add(
                category,
                f"user{number}",
                _phone(number),
                signs=(str(rng.choice(weak[category])),) if rng.random() < noise else (),
                age=int(rng.integers(20, 45)) if category == "adult" else None,
                nationality=str(rng.choice(["ES", "RO", "BR", "FR", "CO", "PT"])),
                obscured=bool(rng.random() < 0.3),
            )
    for number in range(8):
        person = {
            world.add("adult", f"girl{number}", _phone(3000 + number), age=16, signs=("youth_wording",))
            for _ in range(2)
        }
        world.plant("potential_victim", person)
    for number in range(8):
        signs = ("debt_owed", "movement_restricted") if number % 2 else ("documents_held", "pay_withheld")
        world.plant(
            "potential_victim",
            {world.add("adult", f"kept{number}", _phone(3100 + number), signs=signs, age=23)},
        )
    for number in range(5):
        items = {
            world.add(
                "adult",
                f"front{number}x{account}",
                _phone(3200 + number),
                nationality=str(rng.choice(["UA", "BR", "TH", "NG"])),
                age=int(rng.integers(19, 30)),
                place=str(rng.choice(["Porto", "Braga", "Faro", "Lisboa"])),
                signs=("third_party_wording",) if account % 2 else (),
                site=str(rng.choice(["ads.example", "ads2.example"])),
            )
            for account in range(12)
        }
        world.plant("potential_exploiter", items)
    for number in range(6):
        items = {
            world.add(
                "job_offer",
                f"agent{number}",
                _phone(3300 + number),
                signs=("recruitment_fee", "high_pay_no_experience", "abroad_offer"),
            )
            for _ in range(3)
        }
        world.plant("potential_recruiter", items)
    return world


@pytest.fixture(scope="session")
def planted_world() -> Callable[[int, float], PlantedWorld]:
    """Builder of worlds: (seed, noise) → world."""
    return build
