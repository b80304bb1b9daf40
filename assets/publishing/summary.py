"""The end of a run in a few lines for the terminal."""

from dataclasses import dataclass
from pathlib import Path

from assets.publishing.findings import Findings, read_findings
from assets.publishing.rows import Row

_SHOWN = 5


@dataclass(frozen=True)
class RunSummary:
    """What a snapshot holds. Lines are finished, without personal data; dictionaries keep their order.

    `blocked` names the sources whose newest unit is blocked.
    """

    version: str
    operation: str
    captures: int
    items: dict[str, int]
    leads_by_type: dict[str, int]
    strongest_actor: str | None
    surges: list[str]
    site_ties: list[str]
    operations_read: int
    figures_read: int
    blocked: list[str]
    quarantined: int

    def render(self) -> str:
        """The lines to print."""
        items = ", ".join(f"{count:,} {table}" for table, count in self.items.items() if count)
        leads = ", ".join(f"{count:,} {words(kind)}" for kind, count in self.leads_by_type.items() if count)
        lines = [
            f"Snapshot {self.version} of operation {self.operation}",
            f"  captured     {self.captures:,} responses → {items or 'no items'}",
            f"  leads        {leads or 'none'}",
            f"  actor        {self.strongest_actor or 'none'}",
            *_list("surges", self.surges),
            *_list("site ties", self.site_ties),
            f"  operations   {self.operations_read:,} read from documents, with {self.figures_read:,} figures",
            *_list("blocked", self.blocked),
            f"  quarantined  {self.quarantined:,} rows",
        ]
        return "\n".join(lines) + "\n"


def summary(snapshot_file: Path) -> RunSummary:
    """The figures of a published snapshot."""
    found = read_findings(snapshot_file)
    return RunSummary(
        version=str(found.snapshot.get("version", "")),
        operation=str((found.operation or {}).get("name") or found.snapshot.get("operation", "")),
        captures=found.counts["captures"],
        items={table: found.counts[table] for table in ("listings", "messages", "documents", "notices")},
        leads_by_type={row["type"]: row["leads"] for row in found.leads_by_type},
        strongest_actor=actor_sentence(found),
        surges=[surge_sentence(surge) for surge in found.surges],
        site_ties=[
            f"{tie['site_a']} – {tie['site_b']}: tied by {tie['tied_by'] or 'all together'}; "
            f"{tie['shared_identifiers']} shared identifiers where {tie['expected']:.1f} were expected, "
            f"{tie['shared_controllers']} controllers of several accounts on both"
            for tie in found.site_ties
        ],
        operations_read=found.counts["operations_read"],
        figures_read=found.counts["figures_read"],
        blocked=[
            f"{unit['source']} on {unit['unit_date']}: {unit['detail'] or unit['quarantine_rules']}"
            for unit in found.units
            if unit["is_blocked"] and unit["is_newest"]
        ],
        quarantined=found.counts["quarantined"],
    )


def words(name: str) -> str:
    """A name of ours in words: `potential_victim` → `potential victim`."""
    return name.replace("_", " ")


def actor_sentence(found: Findings) -> str | None:
    """The strongest actor in one line."""
    actor = found.actor
    if actor is None:
        return None
    lead = f", {words(actor['type'])} with score {actor['score']:.1f}" if actor["type"] else ""
    return (
        f"{actor['short_id']}: {actor['item_count']:,} items of {actor['account_count']:,} accounts on "
        f"{actor['site_count']} sites, {actor['identifier_count']:,} identifiers{lead}"
    )


def surge_sentence(surge: Row) -> str:
    """A surge in one line."""
    place = f" in {surge['place']}" if surge["place"] else ""
    return (
        f"{surge['site']}{place}: {words(surge['kind'])} items claiming {surge['nationality']}, "
        f"{surge['observed']:,} where {surge['expected']:.1f} were expected, from {surge['start_date']} to "
        f"{surge['end_date']}"
    )


def _list(title: str, lines: list[str]) -> list[str]:
    if not lines:
        return [f"  {title:<12} none"]
    shown = [f"  {title if number == 0 else '':<12} {line}" for number, line in enumerate(lines[:_SHOWN])]
    more = len(lines) - _SHOWN
    return [*shown, f"  {'':<12} and {more} more"] if more > 0 else shown
