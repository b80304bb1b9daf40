"""Surges: series of new items (site, place, claimed nationality, kind) that rise beyond past and growth."""

from datetime import date

import numpy as np
import polars as pl

from assets.detection.common_contacts import CONTACT_KINDS, ShownContacts, common_contacts
from assets.detection.following_rises import follow_rises
from assets.detection.numbering import in_numbers
from assets.detection.rises import SERIES_WORDS
from assets.detection.series import Known, numbered_series
from assets.linking.accounts import account_name, is_given_name
from assets.linking.digests import key_column
from quality.contracts import CONTRACTS

SURGES = CONTRACTS["surges"].schema
# By excess alone fifty people come before one person's fifty accounts; a site without accounts counts one.
_ACTOR_SCORE = (
    pl.col("largest_actor_share") * (pl.col("excess") * pl.col("largest_actor_accounts").clip(1)).sqrt()
).alias("actor_score")
_SERIES = ("site", "place", "nationality", "kind")


def detect_surges(
    items: pl.DataFrame,
    facts: pl.DataFrame,
    actor_members: pl.DataFrame,
    as_of: date | None = None,
    mentions: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Rises of new items up to `as_of` (default: the last day we saw an item), highest rank first.

    `items`: item_id, site, category, account, posted_at, first_seen, last_seen. `facts`, `actor_members` and `mentions`
    as in their contracts; without mentions no contact is known that a rise has in common. A day is that of posting, or
    the first on which we saw the item. Series: items with a claimed nationality, per place and over all places (place
    null). A rise seen both ways is reported once. Returns the frame of contract `surges`.
    """
    if items.is_empty():
        return pl.DataFrame(schema=SURGES)
    last = as_of or items["last_seen"].max()
    assert isinstance(last, date)
    dated = _dated(items, facts, actor_members)
    found = rises_of(dated, last)
    if found.is_empty():
        return pl.DataFrame(schema=SURGES)
    shown = items.head(0).select("item_id", identifier_id="item_id", kind=pl.lit("phone"))
    return ranked_rises(found, dated, shown_contacts(dated, shown if mentions is None else mentions))[0]


def shown_contacts(dated: pl.DataFrame, mentions: pl.DataFrame) -> ShownContacts:
    """Who shows which contacts. `dated`: item_id, site, day; `mentions`: item_id, identifier_id, kind."""
    shown = (
        mentions.filter(pl.col("kind").is_in(CONTACT_KINDS))
        .select("item_id", pl.col("identifier_id").alias("contact"))
        .unique()
    )
    placed = shown.join(dated.select("item_id", "site", "day"), on="item_id")
    return ShownContacts(
        shown,
        lambda asked: placed.filter(pl.col("contact").is_in(asked.implode())).drop("item_id"),
        dated.group_by("site", "day").agg(pl.len().alias("items")),
    )


def rises_of(items: pl.DataFrame, last: date) -> pl.DataFrame:
    """The rises of all series up to a day, each once, as `ranked_rises` takes them.

    `items`: item_id, site, kind, place, nationality, account_key (words), day.
    """
    dated = items.select(
        *("item_id", "site", "place", "nationality", "day"),
        category="kind",
        stands=pl.lit(True),
        poster=pl.when(~is_given_name(pl.col("account_key"))).then(
            (pl.col("site") + "|" + pl.col("account_key")).hash()
        ),
    )
    coded, words = in_numbers(dated, SERIES_WORDS, pl.Series("word", [], dtype=pl.String))
    series, number = numbered_series(Known().series, coded)
    come = np.arange(items.height)
    rising = follow_rises(Known(series), coded.with_columns(number), come, come[:0], last)
    return in_words(rising.found, words)


def in_words(found: pl.DataFrame, words: pl.Series) -> pl.DataFrame:
    """Rises (`rises.RISES`) as `ranked_rises` takes them: site, place, nationality, kind in words."""
    told = found.with_columns(words.gather(found[name]).alias(name) for name in SERIES_WORDS)
    return told.rename({"category": "kind"})


def _dated(items: pl.DataFrame, facts: pl.DataFrame, actor_members: pl.DataFrame) -> pl.DataFrame:
    """One row per item: item_id, site, kind, place, nationality, day, actor_id, account_key."""
    actors = actor_members.filter(pl.col("member_kind") == "item").select(
        pl.col("member_id").alias("item_id"), "actor_id"
    )
    return (
        items.unique("item_id")
        .select(
            "item_id",
            "site",
            pl.col("category").alias("kind"),
            account_name().alias("account_key"),
            pl.coalesce(pl.col("posted_at").dt.date(), "first_seen").alias("day"),
        )
        .join(main_facts(facts), on="item_id", how="left")
        .join(actors, on="item_id", how="left")
    )


def main_facts(facts: pl.DataFrame) -> pl.DataFrame:
    """Each item's surest claimed nationality and place: item_id, nationality, place (`City, CC`), place_country."""

    def surest(kind: str) -> pl.DataFrame:
        told = facts.filter(pl.col("kind") == kind)
        several = told["item_id"].is_duplicated()
        first = (
            told.filter(several)
            .sort(["item_id", "confidence", "span_start", "value"], descending=[False, True, False, False])
            .unique("item_id", keep="first", maintain_order=True)
        )
        return pl.concat([told.filter(~several), first])

    places = surest("place").select(
        "item_id",
        pl.when(pl.col("value").str.contains(", ") | pl.col("unit").is_null())
        .then("value")
        .otherwise(pl.col("value") + ", " + pl.col("unit"))
        .alias("place"),
        pl.col("unit").alias("place_country"),
    )
    nationalities = surest("nationality").select("item_id", pl.col("value").alias("nationality"))
    return nationalities.join(places, on="item_id", how="full", coalesce=True)


def ranked_rises(
    found: pl.DataFrame, dated: pl.DataFrame, contacts: ShownContacts
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The contract's frame: with the actors behind each rise, the rise of one holder's many accounts first, or of many
    who have a contact in common; and these contacts (`common_contacts`).

    `found` from `rises_of`, `dated` the items, or at least those in a rise.
    """
    found = found.with_columns(key_column(found, *_SERIES, "alarm_date").alias("surge_id"))
    inside = surge_items(found, dated)
    actors = (
        inside.group_by("surge_id", "actor")
        .agg(
            pl.len().alias("n"),
            pl.col("actor_id").first(),
            pl.col("account_key").drop_nulls().n_unique().cast(pl.Int64).alias("accounts"),
        )
        .sort(["surge_id", "n", "actor"], descending=[False, True, False])
        .group_by("surge_id", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("actor_count"),
            pl.col("actor_id").first().alias("largest_actor_id"),
            (pl.col("n").first() / pl.col("n").sum()).alias("largest_actor_share"),
            pl.col("accounts").first().alias("largest_actor_accounts"),
        )
    )
    ranked = found.join(actors, on="surge_id").with_columns(_ACTOR_SCORE)
    # Forty numbers of forty women that one handle stands beside are forty actors.
    common = common_contacts(ranked, inside, contacts)
    of_contacts = common.group_by("surge_id").agg(pl.col("contact_score").max())
    surges = (
        ranked.join(of_contacts, on="surge_id", how="left")
        .with_columns(pl.max_horizontal("actor_score", "contact_score").alias("rank_score"))
        .select(*SURGES)
        .sort(["rank_score", "surge_id"], descending=[True, False])
    )
    return surges, common


def common_in(surges: pl.DataFrame, dated: pl.DataFrame, mentions: pl.DataFrame) -> pl.DataFrame:
    """The contacts that rises have in common (`common_contacts`). `surges` and `mentions` as in their contracts;
    `dated` as for `surge_items`, all items."""
    rises = surges.with_columns((pl.col("observed") - pl.col("expected")).alias("excess"))
    inside = surge_items(surges, dated)
    return common_contacts(rises.with_columns(_ACTOR_SCORE), inside, shown_contacts(dated, mentions))


def surge_items(surges: pl.DataFrame, dated: pl.DataFrame) -> pl.DataFrame:
    """The items of each surge: surge_id, item_id, site, account_key, actor_id, actor (the item itself if it has none).

    `surges`: surge_id, site, place, nationality, kind, start_date, end_date; `dated` one row per item with the
    same words, its `day`, `actor_id` and `account_key`.
    """
    return in_rises(surges, dated).select(
        "surge_id",
        "item_id",
        "site",
        "account_key",
        "actor_id",
        pl.coalesce("actor_id", "item_id").alias("actor"),
    )


def in_rises(rises: pl.DataFrame, dated: pl.DataFrame) -> pl.DataFrame:
    """The rows that lie in each rise, with the rise. `rises`: site, place, nationality, kind, start_date, end_date;
    `dated` with the same words (or an Enum of them) and a `day`."""
    words = [pl.col(name).cast(dated.schema[name]) for name in _SERIES]
    return (
        rises.with_columns(words)
        .join(dated, on=["site", "nationality", "kind"], suffix="_of_item")
        .filter(
            pl.col("day").is_between("start_date", "end_date")
            & (pl.col("place").is_null() | (pl.col("place") == pl.col("place_of_item")))
        )
    )
