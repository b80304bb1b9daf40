"""How far a lead can be trusted, where and when: Admiralty code, countries, days.

Grading: NATO AJP-2.1 / Admiralty code; source reliability A to F, information credibility 1 to 6.

Leads and items are numbers here, and what a lead's evidence shows is marked in arrays of leads × sources, sites or
countries, which are few: joining and grouping their names costs ten times as much.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl
import pyarrow as pa

from assets.detection.routes import DESTINATION, ORIGIN, TRANSIT

UNKNOWN_RELIABILITY = "F"
# Credibility by independence of what confirms it. 1 (confirmed) is left to humans; 4 and 5 need contradiction.
SEVERAL_SITES_CREDIBILITY = "2"
SEVERAL_ITEMS_CREDIBILITY = "3"
SINGLE_ITEM_CREDIBILITY = "6"
COUNTRY = "^[A-Z]{2}$"


def grade_leads(evidence: pl.DataFrame, items: pl.DataFrame, reliability: Mapping[str, str]) -> pl.DataFrame:
    """What the evidence says of each lead: grade, first_seen, last_seen, evidence_count; in order of leads.

    `evidence`: lead, item, once each: numbers from 0, of leads that all have some, and of rows of `items` (site,
    source, first_seen, last_seen). `reliability`: source name to A–F (F if absent); of several sources the one with
    most of the evidence counts, the less reliable when they tie. Credibility: 2 with evidence on several sites from
    several sources, 3 with several items, 6 with one.
    """
    evidence = evidence.sort("lead")
    lead, item = (evidence[name].to_numpy() for name in ("lead", "item"))
    begin = np.flatnonzero(np.diff(lead, prepend=-1))
    count = np.diff(begin, append=len(lead))
    # The least reliable source is the first.
    letter_of = {name: reliability.get(name, UNKNOWN_RELIABILITY) for name in items["source"].unique().sort()}
    sources = sorted(letter_of, key=lambda name: letter_of[name], reverse=True)
    of_source = _marked(lead, _numbered(items["source"], sources)[item], len(begin), len(sources))
    sites = items["site"].unique().sort().to_list()
    of_site = _marked(lead, _numbered(items["site"], sites)[item], len(begin), len(sites))
    letters = pl.Series([letter_of[name] for name in sources], dtype=pl.String)
    independent = ((of_site > 0).sum(axis=1) > 1) & ((of_source > 0).sum(axis=1) > 1)
    said = pl.DataFrame({"several_sites": independent, "evidence_count": count.astype(np.int64)})
    credibility = (
        pl.when("several_sites")
        .then(pl.lit(SEVERAL_SITES_CREDIBILITY))
        .when(pl.col("evidence_count") > 1)
        .then(pl.lit(SEVERAL_ITEMS_CREDIBILITY))
        .otherwise(pl.lit(SINGLE_ITEM_CREDIBILITY))
    )
    first, last = (
        pl.Series(name, extreme.reduceat(items[name].to_physical().to_numpy()[item], begin)).cast(pl.Date)
        for name, extreme in (("first_seen", np.minimum), ("last_seen", np.maximum))
    )
    return said.select(
        (letters.gather(of_source.argmax(axis=1)) + credibility).alias("grade"),
        first,
        last,
        "evidence_count",
    )


def lead_countries(evidence: pl.DataFrame, items: pl.DataFrame, routes: pl.DataFrame) -> pl.DataFrame:
    """Where the persons behind each lead come from, may have passed, and are exploited; in order of leads.

    `evidence` as for `grade_leads`, `items` with nationality and place_country; `routes`: item, part, country (as
    `route_countries`, of rows of `items`). Columns: origin_countries (nationalities claimed in the evidence, and where
    stated routes begin), transit_countries (said to be passed through; it may be one of the others, too),
    exploitation_countries (of the place that each item advertises, and where stated routes end), countries (origin and
    exploitation): ISO 3166 alpha-2, sorted, comma-separated; null when none is known. A claimed nationality is
    advertising, so an origin is a claim.
    """
    told = (items["nationality"], items["place_country"], routes["country"])
    names = pl.concat([each.unique().cast(pl.String).alias("country") for each in told]).unique().drop_nulls()
    names = names.filter(names.str.contains(COUNTRY)).sort()
    listed = names.to_list()
    lead, item = (evidence[name].to_numpy() for name in ("lead", "item"))
    leads = int(lead.max()) + 1
    stated = evidence.join(routes, on="item")

    def countries(part: str, claims: pl.Series | None = None) -> np.ndarray:
        of_part = stated.filter(pl.col("part") == part)
        marked = _marked(
            of_part["lead"].to_numpy(), _numbered(of_part["country"], listed), leads, len(listed)
        )
        if claims is not None:
            marked += _marked(lead, _numbered(claims, listed)[item], leads, len(listed))
        return marked > 0

    origin, transit = countries(ORIGIN, items["nationality"]), countries(TRANSIT)
    exploitation = countries(DESTINATION, items["place_country"])
    found = {
        "origin_countries": origin,
        "transit_countries": transit,
        "exploitation_countries": exploitation,
        "countries": origin | exploitation,
    }
    return pl.DataFrame([_listed(marked, names).alias(name) for name, marked in found.items()])


def _numbered(words: pl.Series, listed: list[str]) -> np.ndarray:
    """The place of each word in the list; behind its end where it is not there."""
    found = words.cast(pl.String).cast(pl.Enum(listed), strict=False).to_physical().cast(pl.Int64)
    return found.fill_null(len(listed)).to_numpy()


def _marked(lead: np.ndarray, number: np.ndarray, leads: int, many: int) -> np.ndarray:
    """How often each of so many numbers stands beside each lead: leads × numbers."""
    cells = np.bincount(lead.astype(np.int64) * (many + 1) + number, minlength=leads * (many + 1))
    return cells.reshape(leads, many + 1)[:, :many]


def _listed(marked: np.ndarray, names: pl.Series) -> pl.Series:
    """The names that are marked in each row, comma-separated; null where none is."""
    row, number = np.nonzero(marked)
    ends = np.cumsum(np.bincount(row, minlength=len(marked)))
    lists = pa.LargeListArray.from_arrays(np.append(0, ends), names.gather(number).to_arrow())
    joined = pl.Series("joined", lists).list.join(",")
    return joined.replace("", None)
