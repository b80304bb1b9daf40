"""Contacts that much of a rise has in common, by which whoever hides behind many numbers shows.

A contact that as much of the rest of the site shows on the same days (the line of a platform, printed into every
advertisement) says nothing of a rise. It is counted by how much more of the rise shows it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import gammaln

from assets.detection.circles import LEAST_POSTERS
from assets.detection.numbering import ranges

# A contact that is no commoner in a rise than chance makes one now and then is none of it.
CHANCE = 0.05
# A rise is one controller's when he, or whoever shows one contact, makes this share of it.
CONTROLLER_SHARE = 0.5
# By these somebody is reached.
CONTACT_KINDS = ("phone", "messenger", "username", "email", "crypto")


@dataclass(frozen=True)
class ShownContacts:
    """Who shows which contacts, as far as it is asked.

    `of_rises`: item_id, contact (any key of it; each pair once), of the items in rises. `elsewhere`: gives for contacts
    all items that show them: contact, site, day. `site_days`: site, day, items: all that there are.
    """

    of_rises: pl.DataFrame
    elsewhere: Callable[[pl.Series], pl.DataFrame]
    site_days: pl.DataFrame


def common_contacts(rises: pl.DataFrame, inside: pl.DataFrame, contacts: ShownContacts) -> pl.DataFrame:
    """The contacts that rises have in common: surge_id, contact, posters, share, contact_score (what it makes of the
    rise's rank).

    `rises`: surge_id, site, start_date, end_date, observed, excess, actor_score; `inside` from `surges.surge_items`.
    The score is that of an actor: share times √(excess × accounts), where the share is that of the rise less that of
    the site's other items of the same days, and actors count who show it where these are more than the accounts. Left
    out are contacts whose score could not be higher than the actor's, and those that would stand in as many items of
    the rise by chance (Fisher's exact test).
    """
    told_of_each = ("surge_id", "contact", "posters", "share")
    spread = (
        inside.select("surge_id", "item_id", "account_key", "actor")
        .join(contacts.of_rises, on="item_id")
        .group_by("surge_id", "contact")
        .agg(
            pl.len().cast(pl.Int64).alias("shown"),
            pl.max_horizontal(pl.col("account_key").drop_nulls().n_unique(), pl.col("actor").n_unique())
            .cast(pl.Int64)
            .alias("posters"),
        )
        .join(rises, on="surge_id")
        .with_columns(
            (pl.col("shown") / pl.col("observed")).alias("share"),
            (pl.col("excess") * pl.col("posters")).sqrt().alias("size"),
        )
        .filter(pl.col("share") * pl.col("size") > pl.col("actor_score"))
    )
    if spread.is_empty():
        return spread.select(*told_of_each, pl.lit(None, pl.Float64).alias("contact_score"))
    asked = spread.select("surge_id", "contact", "site", "start_date", "end_date")
    on_these_days = pl.col("day").is_between("start_date", "end_date")
    everywhere = (
        asked.join(contacts.elsewhere(spread["contact"].unique()), on=["contact", "site"])
        .filter(on_these_days)
        .group_by("surge_id", "contact")
        .agg(pl.len().cast(pl.Int64).alias("shown_on_site"))
    )
    totals = (
        asked.drop("contact")
        .unique()
        .join(contacts.site_days, on="site")
        .filter(on_these_days)
        .group_by("surge_id")
        .agg(pl.col("items").sum().cast(pl.Int64).alias("on_site"))
    )
    told = spread.join(everywhere, on=["surge_id", "contact"], how="left").join(
        totals, on="surge_id", how="left"
    )
    told = told.with_columns(
        pl.col("shown_on_site").fill_null(pl.col("shown")), pl.col("on_site").fill_null(pl.col("observed"))
    )
    # Fisher's exact test: so many of the site's items of these days show it, and so many of them are in the rise.
    numbers = (told[name].to_numpy() for name in ("shown", "on_site", "shown_on_site", "observed"))
    shown, on_site, shown_on_site, observed = numbers
    chance = hypergeometric_tail(shown, on_site, shown_on_site, observed)
    usual = (pl.col("shown_on_site") - pl.col("shown")) / (pl.col("on_site") - pl.col("observed"))
    return (
        told.with_columns(pl.Series("chance", chance))
        # Corrected for the contacts of a rise that were looked at (Bonferroni).
        .filter((pl.col("chance") * pl.len().over("surge_id") <= CHANCE) & (usual < pl.col("share")))
        .with_columns((pl.col("share") - usual).alias("share"))
        .select(*told_of_each, (pl.col("share") * pl.col("size")).alias("contact_score"))
    )


def hypergeometric_tail(
    seen: np.ndarray, all_there: np.ndarray, marked: np.ndarray, drawn: np.ndarray
) -> np.ndarray:
    """Probability that so many or more of those drawn from all are marked ones; arrays of whole numbers.

    The sum of its terms: scipy.stats, which gives the same, takes a second to import.
    """
    most = np.minimum(marked, drawn)
    terms = ranges(seen, most + 1)
    row = np.repeat(np.arange(len(seen)), most + 1 - seen)
    of_each = (
        _log_ways(marked[row], terms)
        + _log_ways((all_there - marked)[row], drawn[row] - terms)
        - _log_ways(all_there, drawn)[row]
    )
    tail: np.ndarray = np.bincount(row, weights=np.exp(of_each), minlength=len(seen))
    return tail


def _log_ways(of: np.ndarray, some: np.ndarray) -> np.ndarray:
    """ln of the number of ways to choose some of so many; minus infinity where there is none."""
    ways: np.ndarray = gammaln(of + 1) - gammaln(some + 1) - gammaln(of - some + 1)
    return ways


def contacts_behind(common: pl.DataFrame) -> pl.DataFrame:
    """Contacts that make most of a rise by many posters: contact, rises (Int64), sorted. `common` from
    `common_contacts`."""
    most = common.filter((pl.col("share") >= CONTROLLER_SHARE) & (pl.col("posters") >= LEAST_POSTERS))
    return most.group_by("contact").agg(pl.len().cast(pl.Int64).alias("rises")).sort("contact")
