"""What is really so in a practice web. Only tests and benchmarks may read it."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from simulation.items import SITES, Item
from simulation.sites import adult, jobs
from simulation.sought import Sought
from simulation.world import World


@dataclass(frozen=True, slots=True)
class TrueIdentifier:
    """`kind` is phone, username, email, url or image; `generic` ones belong to nobody."""

    kind: str
    value: str
    generic: bool


@dataclass(frozen=True, slots=True)
class TrueItem:
    """One item. `person` names who is behind it, `controller` is set where that person is planted.

    `key` is the address of a listing, or `channel/number` of a message. `signs` are those in its text; `posted` is
    ISO 8601 in UTC; `place` a city's slug; `nationality` an ISO code or empty; `age` 0 where none is claimed.
    """

    site: str
    key: str
    external_id: str
    controller: str | None
    person: str
    account: str
    identifiers: tuple[TrueIdentifier, ...]
    obscured: bool
    signs: tuple[str, ...]
    lang: str
    place: str
    nationality: str
    age: int
    posted: str


@dataclass(frozen=True, slots=True)
class TrueController:
    """One planted person behind many accounts; `role` is exploiter or recruiter."""

    id: str
    role: str
    sites: tuple[str, ...]
    item_count: int
    identifiers: tuple[TrueIdentifier, ...]


@dataclass(frozen=True, slots=True)
class TrueSurge:
    """A planted rise; `kind` influx is to be found, season and growth are benign. `place` is a city's slug."""

    site: str
    place: str | None
    nationality: str | None
    kind: str
    start: str
    controller: str | None
    factor: float


@dataclass(frozen=True, slots=True)
class TrueMetric:
    """One figure of an operation."""

    metric: str
    value: int
    qualifier: str
    unit: str | None
    country: str | None
    quote: str


@dataclass(frozen=True, slots=True)
class TrueOperation:
    """One invented operation; dates are ISO, countries ISO 3166 alpha-2."""

    name: str
    start: str
    end: str
    language: str
    countries: tuple[str, ...]
    url: str
    metrics: tuple[TrueMetric, ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """All of it. `disallowed_paths` are address prefixes that robots.txt closes: no request may begin with one."""

    anchor: str
    seed: int
    size: str
    items: tuple[TrueItem, ...]
    controllers: tuple[TrueController, ...]
    surges: tuple[TrueSurge, ...]
    site_ties: tuple[tuple[str, str], ...]
    disallowed_paths: tuple[str, ...]
    operations: tuple[TrueOperation, ...]
    notices: int
    sought: tuple[Sought, ...]


DISALLOWED = (
    f"http://{adult.HOST}{adult.CLOSED}",
    f"http://{jobs.HOST}{jobs.CLOSED}",
    f"http://{jobs.HOST}/apply/",
    "http://policedesk.test/drafts/",
)


def truth_of(world: World) -> Truth:
    """The truth of `world`."""
    return Truth(
        anchor=world.anchor.isoformat(),
        seed=world.seed,
        size=world.size,
        items=tuple(_items(world)),
        controllers=tuple(
            TrueController(
                controller.id,
                controller.role,
                tuple(sorted(controller.sites)),
                controller.item_count,
                tuple(TrueIdentifier(i.kind, i.value, i.generic) for i in controller.identifiers),
            )
            for controller in world.controllers
        ),
        surges=tuple(TrueSurge(**asdict(surge)) for surge in world.surges),
        site_ties=tuple(world.site_ties()),
        disallowed_paths=DISALLOWED,
        operations=tuple(
            TrueOperation(
                operation.name,
                operation.start,
                operation.end,
                operation.language,
                operation.countries,
                operation.url,
                tuple(TrueMetric(**asdict(metric)) for metric in operation.metrics),
            )
            for operation in world.newsroom.operations
        ),
        notices=len(world.notices.all),
        sought=tuple(world.sought),
    )


def _items(world: World) -> Iterator[TrueItem]:
    for site in SITES:
        for item in world.items[site]:
            yield _item(item)


def _item(item: Item) -> TrueItem:
    identifiers = [TrueIdentifier(i.kind, i.value, i.generic) for i in item.identifiers]
    identifiers += [TrueIdentifier("image", image, False) for image in item.images]
    return TrueItem(
        site=item.site,
        key=item.key,
        external_id=item.external_id,
        controller=item.controller,
        person=item.person,
        account=item.account,
        identifiers=tuple(identifiers),
        obscured=item.obscured,
        signs=item.signs,
        lang=item.language,
        place=item.city,
        nationality=item.nationality,
        age=item.age,
        posted=f"{item.posted:%Y-%m-%dT%H:%M:%SZ}",
    )


def write_truth(world: World, file: Path) -> None:
    """Write the truth of `world` to `file` as JSON, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f"{file.name}.part")
    temporary.write_text(json.dumps(asdict(truth_of(world)), ensure_ascii=False), encoding="utf-8")
    temporary.replace(file)


def load_truth(path: Path) -> Truth:
    """Read a file of `write_truth`."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))

    def identifiers(rows: list[dict[str, Any]]) -> tuple[TrueIdentifier, ...]:
        return tuple(TrueIdentifier(**row) for row in rows)

    data["items"] = tuple(
        TrueItem(**{**row, "identifiers": identifiers(row["identifiers"]), "signs": tuple(row["signs"])})
        for row in data["items"]
    )
    data["controllers"] = tuple(
        TrueController(
            **{**row, "identifiers": identifiers(row["identifiers"]), "sites": tuple(row["sites"])}
        )
        for row in data["controllers"]
    )
    data["surges"] = tuple(TrueSurge(**row) for row in data["surges"])
    data["site_ties"] = tuple((first, second) for first, second in data["site_ties"])
    data["disallowed_paths"] = tuple(data["disallowed_paths"])
    data["sought"] = tuple(Sought(**row) for row in data["sought"])
    data["operations"] = tuple(
        TrueOperation(
            **{
                **row,
                "countries": tuple(row["countries"]),
                "metrics": tuple(TrueMetric(**metric) for metric in row["metrics"]),
            }
        )
        for row in data["operations"]
    )
    return Truth(**data)
