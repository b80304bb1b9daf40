"""Which queries meet which entries: by equal keys, or by names that are alike; each pair with its score."""

import itertools

import polars as pl

from assets.screening.names import NameMatch, blocking_keys, compare_names, name_parts
from assets.screening.scoring import (
    Birth,
    Contribution,
    of_births,
    of_key,
    of_name,
    of_nationalities,
    strength_of,
)
from assets.screening.subjects import Subjects

# A row per hit, best first within a query. `contributions`: name, points and reason of each, strongest first.
HITS_SCHEMA: dict[str, pl.DataType] = {
    "query_id": pl.String(),
    "entry_id": pl.String(),
    "score": pl.Float64(),
    "strength": pl.String(),
    "contributions": pl.List(pl.Struct({"name": pl.String(), "points": pl.Float64(), "reason": pl.String()})),
}
_ALIKE_AS_WELL = 0.02


def find_hits(queries: Subjects, entries: Subjects) -> pl.DataFrame:
    """All pairs of a query and an entry whose score reaches the threshold of a hit (`HITS_SCHEMA`).

    Pairs are scored that share an exact key, or have a pair of names that are alike (`names.compare_names`). Names are
    compared only where they share a blocking key; docs/screening.md says how many alike names that loses.
    """
    shared = (
        queries.keys.join(entries.keys, on=["kind", "value"], suffix="_entry")
        .select(query_id="subject_id", entry_id="subject_id_entry", kind="kind")
        .unique()
        .sort("query_id", "entry_id", "kind")
    )
    kinds: dict[tuple[str, str], list[str]] = {}
    for query, entry, kind in shared.iter_rows():
        kinds.setdefault((query, entry), []).append(kind)
    names = _alike_names(queries.persons, entries.persons)
    told = {
        side: _persons_of(frame, {pair[place] for pair in (*kinds, *names)})
        for place, (side, frame) in enumerate((("query", queries.persons), ("entry", entries.persons)))
    }
    best: dict[str, list[float]] = {}
    for (query, _), match in names.items():
        best.setdefault(query, []).append(match.similarity)
    rows = []
    for query, entry in sorted({*kinds, *names}):
        parts = [of_key(kind) for kind in _strongest_kinds(kinds.get((query, entry), []))]
        found = names.get((query, entry))
        if found is not None:
            alike = sum(other >= found.similarity - _ALIKE_AS_WELL for other in best[query])
            parts.append(of_name(found, alike))
        query_births, query_countries = told["query"].get(query, (None, []))
        entry_births, entry_countries = told["entry"].get(entry, (None, []))
        parts += [
            part
            for part in (
                of_births(query_births, entry_births),
                of_nationalities(query_countries, entry_countries),
            )
            if part is not None
        ]
        score = round(sum(part.points for part in parts), 3)
        strength = strength_of(score)
        if strength is not None:
            rows.append((query, entry, score, strength, _ordered(parts)))
    frame = pl.DataFrame(rows, schema=HITS_SCHEMA, orient="row")
    return frame.sort(["query_id", "score", "entry_id"], descending=[False, True, False])


def _ordered(parts: list[Contribution]) -> list[dict[str, object]]:
    return [part._asdict() for part in sorted(parts, key=lambda part: (-abs(part.points), part.name))]


def _strongest_kinds(kinds: list[str]) -> list[str]:
    """One agreement counts once: a page also has its domain, a user name with its platform the name alone."""
    weaker = {"domain": "url", "username": "messenger"}
    return [kind for kind in kinds if weaker.get(kind) not in kinds]


def _persons_of(persons: pl.DataFrame, wanted: set[str]) -> dict[str, tuple[Birth | None, list[str]]]:
    rows = persons.filter(pl.col("subject_id").is_in(list(wanted)))
    columns = ("subject_id", "birth_date", "earliest", "latest", "is_claimed", "nationalities")
    return {
        subject: (
            Birth(born, earliest, latest, bool(claimed))
            if earliest is not None and latest is not None
            else None,
            list(nationalities or []),
        )
        for subject, born, earliest, latest, claimed, nationalities in rows.select(columns).iter_rows()
    }


def _names_of(persons: pl.DataFrame) -> pl.DataFrame:
    """`subject_id`, `name`, `key`: each name of each subject with its blocking keys."""
    named = persons.select("subject_id", pl.col("names").alias("name")).explode("name").drop_nulls("name")
    distinct = named["name"].unique(maintain_order=True)
    keys = pl.DataFrame(
        {"name": distinct, "key": [sorted(blocking_keys(name_parts(name))) for name in distinct]},
        schema={"name": pl.String, "key": pl.List(pl.String)},
    )
    return named.join(keys.explode("key").drop_nulls("key"), on="name")


def _alike_names(queries: pl.DataFrame, entries: pl.DataFrame) -> dict[tuple[str, str], NameMatch]:
    """(query, entry) → the best match of any of their names."""
    left, right = _names_of(queries), _names_of(entries)
    pairs = left.join(right, on="key", suffix="_entry").select("name", "name_entry").unique()
    alike: dict[tuple[str, str], NameMatch] = {}
    for one, other in pairs.iter_rows():
        match = compare_names(name_parts(one), name_parts(other))
        if match is not None:
            alike[(one, other)] = match
    holders = {side: _holders(frame) for side, frame in (("query", left), ("entry", right))}
    found: dict[tuple[str, str], NameMatch] = {}
    for (one, other), match in alike.items():
        for pair in itertools.product(holders["query"][one], holders["entry"][other]):
            if pair not in found or found[pair].similarity < match.similarity:
                found[pair] = match
    return found


def _holders(names: pl.DataFrame) -> dict[str, list[str]]:
    grouped = names.select("name", "subject_id").unique(maintain_order=True)
    held = grouped.group_by("name", maintain_order=True).agg("subject_id")
    return {name: list(subjects) for name, subjects in held.iter_rows()}
