"""The demonstration against its planted truth: `python -m benchmarks.demonstration [HOME]`.

Reads the home that `make run` made (the restricted snapshot, the truth file, the server's access log) and prints what
was planted, what was found and what was found wrongly. Nothing else reads the truth.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from benchmarks.command_line import words_asked
from benchmarks.quality_measures import actor_scores, true_items
from simulation.truth import Truth, load_truth

KINDS = ("phone", "email", "username")


@dataclass(frozen=True)
class Score:
    """Found rightly, found wrongly, missed."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 1 where nothing was found."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of what is there that was found; 1 where nothing is there."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.3f}  recall {self.recall:.3f}  "
            f"({self.right} right, {self.wrong} wrong, {self.missed} missed)"
        )


def of_sets(found: set, true: set) -> Score:
    """Score of one set against another."""
    return Score(len(found & true), len(found - true), len(true - found))


def found_items(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """site, key, item_id, actor_id of every item in the snapshot."""
    return connection.sql("""
        WITH items AS (
            SELECT item_id, site, external_id AS key FROM listings
            UNION ALL
            SELECT item_id, site, message_id::VARCHAR AS key FROM messages
        )
        SELECT items.*, actor_members.actor_id
        FROM items
        LEFT JOIN actor_members ON member_kind = 'item' AND member_id = item_id
    """).pl()


def identifiers(
    connection: duckdb.DuckDBPyConnection, truth: Truth, kind: str, obscured: bool | None
) -> Score:
    """(site, key, value) of one kind of identifier; of items with obscured ones only, if asked."""
    rows = connection.execute(
        """
        WITH items AS (
            SELECT item_id, site, external_id AS key FROM listings
            UNION ALL
            SELECT item_id, site, message_id::VARCHAR AS key FROM messages
        )
        SELECT DISTINCT items.site, items.key, value
        FROM mentions INNER JOIN items USING (item_id) WHERE kind = ?
        """,
        [kind],
    ).fetchall()
    true, wanted = set(), set()
    for item in truth.items:
        key = item.external_id if item.key.startswith("http") else item.key.rpartition("/")[2]
        if obscured is not None and item.obscured != obscured:
            continue
        wanted.add((item.site, key))
        true |= {(item.site, key, i.value) for i in item.identifiers if i.kind == kind}
    return of_sets({row for row in rows if row[:2] in wanted}, true)


def ties(connection: duckdb.DuckDBPyConnection, truth: Truth) -> Score:
    """Tied pairs of sites."""
    found = {
        tuple(row) for row in connection.sql("SELECT site_a, site_b FROM site_links WHERE is_tie").fetchall()
    }
    return of_sets(found, {tuple(sorted(pair)) for pair in truth.site_ties})


def surge_lines(connection: duckdb.DuckDBPyConnection, truth: Truth) -> Iterable[str]:
    """The planted influx and what was found of it, then what else was raised."""
    found = connection.sql("""
        SELECT site, lower(place) AS place, nationality, start_date::VARCHAR, observed, round(expected, 1),
               round(largest_actor_share, 2), row_number() OVER (ORDER BY rank_score DESC) AS rank
        FROM surges
    """).fetchall()
    matched = set()
    for planted in truth.surges:
        if planted.kind != "influx":
            continue
        hits = [
            row
            for row in found
            if row[0] == planted.site
            and row[2] == planted.nationality
            and (row[1] is None or (planted.place or "") in row[1])
        ]
        matched |= {row[7] for row in hits}
        where = f"{planted.site} × {planted.place} × {planted.nationality} from {planted.start}"
        yield f"planted {where}: " + (
            "; ".join(
                f"found at rank {row[7]} from {row[3]}, {row[4]} where {row[5]} were expected, largest actor {row[6]}"
                for row in hits
            )
            or "MISSED"
        )
    yield f"other surges raised: {len(found) - len(matched)}"


def lead_lines(connection: duckdb.DuckDBPyConnection, truth: Truth, items: pl.DataFrame) -> Iterable[str]:
    """Leads on people: how many rest on planted items, how many planted controllers and minors are among them."""
    evidence = connection.sql("""
        SELECT lead_id, type, item_id FROM leads INNER JOIN lead_evidence USING (lead_id) WHERE type LIKE 'potential_%'
    """).pl()
    known = evidence.join(items.select("item_id", "controller", "age"), on="item_id", how="left")
    per_lead = known.group_by("lead_id", "type").agg(
        pl.col("controller").is_not_null().any().alias("planted"),
        ((pl.col("age") > 0) & (pl.col("age") < 18)).any().alias("minor"),
    )
    for kind, group in sorted(per_lead.group_by("type"), key=lambda pair: str(pair[0])):
        planted = group.filter(pl.col("planted") | pl.col("minor")).height
        yield f"{kind[0]}: {planted} of {group.height} rest on planted items"
    for role, types in (
        ("exploiter", ["potential_exploiter"]),
        ("recruiter", ["potential_recruiter", "potential_facilitator"]),
    ):
        wanted = {controller.id for controller in truth.controllers if controller.role == role}
        hit = set(known.filter(pl.col("type").is_in(types))["controller"].drop_nulls()) & wanted
        yield f"planted {role}s with a lead as {' or '.join(types)}: {len(hit)} of {len(wanted)}"
    yield from lead_quality(connection, truth, items)
    minors = set(items.filter((pl.col("age") > 0) & (pl.col("age") < 18))["item_id"])
    seen = set(known.filter(pl.col("type") == "potential_victim")["item_id"])
    yield f"probable minors with a lead: {len(minors & seen)} of {len(minors)}"


def right_leads(connection: duckdb.DuckDBPyConnection, truth: Truth, items: pl.DataFrame) -> pl.DataFrame:
    """Every lead on a person with its rank and whether it is right: lead_id, type, rank, is_right, controllers.

    Right means: for a potential victim, most of its evidence advertises somebody whom a planted controller controls or
    who is under 18; for the others, most of it is of one planted controller of that role.
    """
    evidence = connection.sql("""
        SELECT lead_id, type, rank, item_id
        FROM (SELECT *, row_number() OVER (ORDER BY score DESC, lead_id) AS rank
              FROM leads WHERE type LIKE 'potential_%') AS ranked
        INNER JOIN lead_evidence USING (lead_id)
    """).pl()
    roles = pl.DataFrame(
        [(controller.id, controller.role) for controller in truth.controllers],
        schema=["controller", "role"],
        orient="row",
    )
    known = evidence.join(
        items.select("item_id", "controller", "age").drop_nulls("item_id"), on="item_id", how="left"
    ).join(roles, on="controller", how="left")
    fits = (
        pl.when(pl.col("type") == "potential_victim")
        .then(pl.col("controller").is_not_null() | pl.col("age").is_between(1, 17))
        .when(pl.col("type") == "potential_exploiter")
        .then(pl.col("role") == "exploiter")
        .otherwise(pl.col("role") == "recruiter")
    )
    return (
        known.with_columns(fits.fill_null(False).alias("fits"))
        .group_by("lead_id", "type", "rank")
        .agg(
            (pl.col("fits").mean() > 0.5).alias("is_right"),
            pl.col("controller").filter("fits").drop_nulls().unique().alias("controllers"),
        )
        .sort("rank")
    )


def lead_quality(
    connection: duckdb.DuckDBPyConnection, truth: Truth, items: pl.DataFrame, first: int = 50
) -> Iterable[str]:
    """Precision among the first leads on persons, over all and by type, and recall by type."""
    leads = right_leads(connection, truth, items)
    top = leads.head(first)
    yield f"lead precision at {first}, all types on persons: {top['is_right'].sum()} of {top.height}"
    for kind in ("victim", "exploiter", "recruiter", "facilitator"):
        of_kind = leads.filter(pl.col("type") == f"potential_{kind}")
        top = of_kind.head(first)
        yield f"lead precision at {first}, potential_{kind}: {top['is_right'].sum()} of {top.height}"
    hit = leads.filter("is_right")
    for role, kinds in (
        ("exploiter", ["potential_exploiter"]),
        ("recruiter", ["potential_recruiter", "potential_facilitator"]),
    ):
        wanted = {controller.id for controller in truth.controllers if controller.role == role}
        found = set(hit.filter(pl.col("type").is_in(kinds))["controllers"].explode().drop_nulls())
        yield f"lead recall, {role}s: {len(wanted & found)} of {len(wanted)}"


def operation_lines(connection: duckdb.DuckDBPyConnection, truth: Truth) -> Iterable[str]:
    """Names and figures of the newsroom's invented operations."""

    def plain(name: str) -> str:
        words = name.casefold().replace("operation", " ").replace("operación", " ").replace("operação", " ")
        return " ".join(words.replace("opération", " ").replace("operațiunea", " ").split())

    names = {
        plain(row[0])
        for row in connection.sql("""
        SELECT name FROM operations WHERE origin = 'published' AND name IS NOT NULL""").fetchall()
    }
    yield f"operation names: {of_sets(names, {plain(operation.name) for operation in truth.operations})}"
    figures = {
        tuple(row)
        for row in connection.sql("""
        SELECT metric, value FROM operation_metrics WHERE source <> 'own'""").fetchall()
    }
    true = {(m.metric, float(m.value)) for operation in truth.operations for m in operation.metrics}
    yield f"operation figures: {of_sets(figures, true)}"


def screening_lines(connection: duckdb.DuckDBPyConnection, truth: Truth) -> Iterable[str]:
    """Of what was planted on lists, how much was met, by strength; and what else was."""
    hits = connection.execute("""
        WITH shown AS (
            SELECT item_id, account FROM listings UNION ALL SELECT item_id, account FROM messages
        )
        SELECT screening_hits.query_kind, coalesce(identifiers.value, shown.account) AS value,
            coalesce(notices.notice_id, screening_hits.entry_reference) AS entry, screening_hits.strength
        FROM screening_hits
        LEFT JOIN identifiers ON identifiers.identifier_id = screening_hits.query_id
        LEFT JOIN shown ON screening_hits.query_kind = 'person' AND shown.item_id = screening_hits.evidence_item_id
        LEFT JOIN notices ON notices.item_id = screening_hits.entry_item_id
    """).fetchall()
    # A user name is looked up with its platform, which the truth does not name.
    met = {
        (value.rpartition(":")[2] if kind == "messenger" else value, entry): how
        for kind, value, entry, how in hits
    }
    for same, words in ((True, "on a list"), (False, "namesakes of somebody on a list")):
        planted = {(sought.value, sought.entry) for sought in truth.sought if sought.same == same}
        yield f"planted {words}: {len(planted & set(met))} of {len(planted)} met"
    known = {(sought.value, sought.entry) for sought in truth.sought}
    for kind in ("possible", "likely", "strong"):
        found = {pair for pair, how in met.items() if how == kind}
        yield f"{kind} hits: {len(found)}, of them not planted: {len(found - known)}"
    checks = connection.execute("SELECT count(*) FROM screening_checks").fetchone()
    yield f"checks: {checks[0] if checks else 0}"


def requests(home: Path, truth: Truth) -> Iterable[str]:
    """What the server saw: requests, those for what robots.txt closes."""
    lines = [json.loads(line) for line in (home / "simulation" / "access.jsonl").open(encoding="utf-8")]
    closed = [
        line
        for line in lines
        if f"http://{line['host']}{line['path']}".startswith(tuple(truth.disallowed_paths))
    ]
    yield f"requests answered: {len(lines)}; for disallowed pages: {len(closed)}"


def main() -> None:
    """Print the figures."""
    words = words_asked(__doc__)
    home = Path(words[0] if words else os.environ.get("STORMLANTERN_HOME", "data")).resolve()
    truth = load_truth(home / "simulation" / "truth.json")
    with duckdb.connect(str((home / "restricted.duckdb").resolve()), read_only=True) as connection:
        found = found_items(connection)
        items = true_items(truth).join(found, on=["site", "key"], how="left")
        missing = items["item_id"].null_count()
        print(
            f"items planted: {items.height}; in the snapshot: {items.height - missing}; foreign: "
            f"{found.join(true_items(truth), on=['site', 'key'], how='anti').height}"
        )
        for measure, agreement in actor_scores(items).items():
            print(f"actors, {measure} (precision / recall / F1): {agreement}")
        for kind in KINDS:
            print(f"{kind}s: {identifiers(connection, truth, kind, None)}")
        print(f"phones in items with obscured handles: {identifiers(connection, truth, 'phone', True)}")
        print(f"site ties: {ties(connection, truth)}")
        for part in (surge_lines, operation_lines, screening_lines):
            for line in part(connection, truth):
                print(line)
        for line in lead_lines(connection, truth, items):
            print(line)
    for line in requests(home, truth):
        print(line)


if __name__ == "__main__":
    main()
