"""How big a practice web is: item counts per site from a name or a number of items."""

from dataclasses import dataclass

from simulation.items import ADULT, CONTACTS_CHANNEL, DOMESTIC, EXPORT, JOBS, JOBS_CHANNEL

NAMED = {"small": 2_000, "demo": 20_000, "large": 200_000}
# Shares of the demonstration; its notices and articles come on top.
_SHARES = {
    ADULT: 0.49,
    DOMESTIC: 0.15,
    JOBS: 0.075,
    JOBS_CHANNEL: 0.06,
    CONTACTS_CHANNEL: 0.06,
    EXPORT: 0.125,
}


@dataclass(frozen=True, slots=True)
class Scale:
    """Counts of what is planted. Notices never fall below 420, so that a query can always exceed the cap."""

    items: dict[str, int]
    controllers: int
    notices: int
    articles: int
    operations: int


def scale(size: str) -> Scale:
    """The scale for small, demo, large or a number of items (500 to 400,000). Raises ValueError otherwise."""
    try:
        total = NAMED.get(size) or int(size)
    except ValueError:
        raise ValueError(f"size must be {', '.join(NAMED)} or a number of items, not {size!r}") from None
    if not 500 <= total <= 400_000:
        raise ValueError(f"size must lie between 500 and 400000 items, not {total}")
    return Scale(
        items={site: round(total * share) for site, share in _SHARES.items()},
        controllers=max(6, min(400, total // 800)),
        notices=max(420, min(6_900, round(total * 0.035))),
        articles=max(36, min(2_000, round(total * 0.003))),
        operations=15,
    )
