"""The score of a pair: a sum of named contributions, each with its reason. A hit is a hypothesis, never a verdict."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from rapidfuzz.distance import OSA

from assets.screening.names import NameMatch


class Contribution(NamedTuple):
    """One named part of a score: points (may be negative) and what agreed, in words without personal data."""

    name: str
    points: float
    reason: str


@dataclass(frozen=True, slots=True)
class Birth:
    """What one side knows of a birth: the date as told (ISO, may be cut), and the days it allows."""

    told: str | None
    earliest: date
    latest: date
    is_claimed: bool


@lru_cache(1)
def points() -> dict[str, float]:
    """Points by name of the contribution (`rules/points.yaml`)."""
    return {name: float(value) for name, value in _rules().items() if name != "strengths"}


@lru_cache(1)
def strengths() -> dict[str, float]:
    """The least score of each strength, weakest first."""
    return dict(sorted(_rules()["strengths"].items(), key=lambda pair: float(pair[1])))


@lru_cache(1)
def _rules() -> dict[str, Any]:
    file = Path(__file__).parent / "rules" / "points.yaml"
    loaded: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return loaded


def of_key(kind: str) -> Contribution:
    """An exact key that both sides have."""
    words = {
        "messenger": "user name and platform",
        "crypto": "wallet address",
        "url": "address of a page",
        "username": "user name, platform not told by both",
        "document": "document number",
        "phone": "phone number",
        "email": "e-mail address",
    }
    return Contribution(f"{kind}_equal", points()[f"{kind}_equal"], f"{words.get(kind, kind)} equal")


def of_name(match: NameMatch, alike: int) -> Contribution:
    """Names that are alike; `alike` counts the entries of the list that this name fits as well as this one."""
    others = f"; {alike} entries of the list fit this name" if alike > 1 else ""
    extra = f", {match.extra} more on one side" if match.extra else ""
    reason = f"name {match.similarity:.2f} alike{extra}{others}"
    return Contribution("name_alike", round(points()["name_alike"] * match.similarity, 3), reason)


def of_births(query: Birth | None, entry: Birth | None) -> Contribution | None:
    """What two births say of each other; None where one is unknown."""
    if query is None or entry is None:
        return None
    agree = query.earliest <= entry.latest and entry.earliest <= query.latest
    if query.is_claimed or entry.is_claimed:
        return _named("claimed_age_fits" if agree else "claimed_age_differs", "age claimed in advertisements")
    exact = query.earliest == query.latest and entry.earliest == entry.latest
    if not exact:
        if agree:
            return _named("birth_year_agrees", "birth date agrees as far as it is known")
        return _named("birth_date_differs", "birth date")
    if agree:
        return _named("birth_date_equal", "birth date equal")
    if _slipped(query.earliest, entry.earliest):
        return _named("birth_date_slip", "birth date differs by one digit, or day and month are swapped")
    return _named("birth_date_differs", "birth date")


def of_nationalities(query: list[str], entry: list[str]) -> Contribution | None:
    """Nationalities that both sides tell, or none in common; None where one side tells none."""
    if not query or not entry:
        return None
    if set(query) & set(entry):
        return _named("nationality_agrees", "nationality agrees")
    return _named("nationality_differs", "nationality")


def strength_of(score: float) -> str | None:
    """possible, likely or strong; None below the threshold of a hit."""
    reached = [name for name, least in strengths().items() if score >= least - 1e-9]
    return reached[-1] if reached else None


def _named(name: str, words: str) -> Contribution:
    differs = name.endswith("differs")
    fits = name.endswith("fits")
    return Contribution(
        name, points()[name], f"{words} differs" if differs else f"{words} fits" if fits else words
    )


def _slipped(one: date, other: date) -> bool:
    swapped = (one.year, one.month, one.day) == (other.year, other.day, other.month)
    return swapped or OSA.distance(one.isoformat(), other.isoformat(), score_cutoff=1) <= 1
