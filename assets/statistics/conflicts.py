"""Which of several values for one figure of an operation is kept, and why.

Figures are compared across documents by (metric, country, subset, unit). Within one document different values are
different parts (arrests in two towns), never a contradiction; so only values of different documents conflict, and
only where each of the two documents gives a single value for that figure.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Claim:
    """One value said by one document; value in `unit` (a count if None), times without zone.

    is_own_release: the document is a release on that operation, not one that looks back on it.
    """

    metric: str
    value: float
    qualifier: str
    unit: str | None
    country: str | None
    subset: str | None
    quote: str | None
    document: str
    source: str
    published_at: datetime | None
    is_own_release: bool = True


@dataclass(frozen=True)
class Conflict:
    """A value that lost, the value that won, and the rule that decided."""

    kept: Claim
    other: Claim
    rule: str


# Amounts of money or weight of one operation are many (one case, one country, the total); values further apart than
# this factor are taken as different amounts. Counts are compared whatever their size: totals grow with each release.
PART_RATIO = 3.0

OWN_RELEASE = "own_release_over_mention"
LATEST = "latest_publication"
EXACT_FIRST = "exact_over_approximate"
FIRST_READ = "first_by_document_id"


def resolve(claims: list[Claim]) -> tuple[list[tuple[Claim, bool]], list[Conflict]]:
    """Distinct claims with whether each is the best value, and the conflicts among them.

    The same value said twice counts once (an exact wording is kept before an approximate one). Of conflicting
    values the one published last is best; at the same time of publication, exact before approximate; then the
    smallest document id, so that the result does not depend on order. Losing values stay, as not best.
    """
    by_figure: defaultdict[tuple[str, str | None, str | None, str | None], list[Claim]] = defaultdict(list)
    for claim in _told_once(claims):
        by_figure[claim.metric, claim.country, claim.subset, claim.unit].append(claim)
    kept: list[tuple[Claim, bool]] = []
    conflicts: list[Conflict] = []
    for group in by_figure.values():
        distinct = _distinct(group)
        values_by_document: defaultdict[str, set[float]] = defaultdict(set)
        for claim in group:
            values_by_document[claim.document].add(claim.value)
        several = len(values_by_document) > 1
        comparable = [claim for claim in distinct if several and len(values_by_document[claim.document]) == 1]
        if len({claim.value for claim in comparable}) < 2:
            kept.extend((claim, True) for claim in distinct)
            continue
        ranked = sorted(comparable, key=_rank)
        best = ranked[0]
        losers = [claim for claim in ranked[1:] if claim.value != best.value and not _is_part(claim, best)]
        kept.extend((claim, claim not in losers) for claim in distinct)
        conflicts.extend(Conflict(best, loser, _rule(best, loser)) for loser in losers)
    return kept, conflicts


# From this value on, the same number in two documents is the same figure, whatever part or country either names.
TELLING_VALUE = 100


def _told_once(claims: list[Claim]) -> list[Claim]:
    """Claims without those that repeat, in other words, a figure of another document.

    A part is told in the words of its language ("12 minors", "12 menores"), and a translation may leave out the
    country that the original names; equal metric, unit and value in two documents are then one figure. The best
    ranked wording stays.
    """
    groups: defaultdict[tuple[str, str | None, float], list[Claim]] = defaultdict(list)
    for claim in sorted(claims, key=_rank):
        groups[claim.metric, claim.unit, claim.value].append(claim)
    kept: list[Claim] = []
    for group in groups.values():
        seen: list[Claim] = []
        for claim in group:
            if not any(_is_same_figure(claim, other) for other in seen):
                seen.append(claim)
        kept.extend(seen)
    return kept


def _is_same_figure(claim: Claim, other: Claim) -> bool:
    if claim.document == other.document:
        return False
    both_parts = claim.subset is not None and other.subset is not None
    if both_parts:
        return claim.country == other.country or None in (claim.country, other.country)
    same_whole = claim.subset == other.subset
    return claim.value >= TELLING_VALUE and (same_whole or claim.country == other.country)


def _is_part(claim: Claim, other: Claim) -> bool:
    """Whether two measured amounts are too far apart to be one figure told twice."""
    if claim.unit is None:
        return False
    low, high = sorted((abs(claim.value), abs(other.value)))
    return low * PART_RATIO < high


def _distinct(group: list[Claim]) -> list[Claim]:
    by_value: dict[float, Claim] = {}
    for claim in sorted(group, key=_rank):
        by_value.setdefault(claim.value, claim)
    return list(by_value.values())


def _rank(claim: Claim) -> tuple[bool, float, bool, str]:
    published = claim.published_at
    seconds = (published - datetime(1970, 1, 1)).total_seconds() if published else float("-inf")
    return (not claim.is_own_release, -seconds, claim.qualifier != "exact", claim.document)


def _rule(best: Claim, other: Claim) -> str:
    if best.is_own_release != other.is_own_release:
        return OWN_RELEASE
    if best.published_at != other.published_at:
        return LATEST
    if (best.qualifier == "exact") != (other.qualifier == "exact"):
        return EXACT_FIRST
    return FIRST_READ
