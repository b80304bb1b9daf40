"""Sites that show the pictures of many strangers of another: one is filled from the other.

One picture may be a thief's. But where many posters of a site show pictures of as many posters of another, and nobody
who shows one is on both, whoever runs or fills one of them copied it. That ties the sites, not the posters; it is
tested by itself (`site_ties`), against what all other pairs of sites have in common. Texts are not tested so: templates
go round among strangers of a country and a trade, on few sites, too.
"""

import polars as pl

from assets.linking.site_evidence import PAIR

# Fewer than this many posters of either site tie nobody: one thief with several accounts is not known for one. In 200
# drawn worlds in which three thieves in ten have up to twelve accounts (`benchmarks.site_ties_null`), with 8 there were
# 28 false ties, with 15 five.
MIN_COPIERS = 15
# Nor does less than this share of what the smaller site shows: thieves take some pictures from everywhere.
MIN_COPIED = 0.05
# Nor can more be told where hardly other sites show any: of four, five other pairs tell what chance does.
MIN_SITES_SHOWING = 4
# One poster in two hundred shows what he found on any other given site, as many as use a second one without reason
# (`site_ties`; assumed), and copies have to be three times what is expected.
BASE_COPYING = 0.005
MIN_COPY_LIFT = 3.0
# How many pictures sites show.
PICTURES = {"site": pl.String(), "things": pl.Int64()}
COPIES = {"site_a": pl.String(), "site_b": pl.String(), "copied": pl.Int64(), "copiers": pl.Int64()}


def pairs_that_may_be(pictures: pl.DataFrame) -> int:
    """How many pairs of sites show so many pictures that they could be tied by them: the others are no tests (Tarone
    1990, as in `site_trades`)."""
    sites = int((pictures["things"] >= MIN_COPIERS).sum())
    return max(sites * (sites - 1) // 2, 1)


def strangers_pictures(pairs: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Pairs of sites with how many pictures both show that nobody shows on both: site_a, site_b, copied (Int64).

    `pairs`: site_a, site_b, shared_images. `held`: site_a, site_b, a row per picture that somebody shows on both.
    """
    own = held.group_by(PAIR).agg(pl.len().cast(pl.Int64).alias("own"))
    return (
        pairs.select(*PAIR, "shared_images")
        .join(own, on=PAIR, how="left")
        .select(*PAIR, (pl.col("shared_images") - pl.col("own").fill_null(0)).alias("copied"))
        .filter(pl.col("copied") > 0)
    )


def pictures_of_sites(copied: pl.DataFrame, on_sites: pl.DataFrame) -> pl.DataFrame:
    """How many pictures sites show (site, things); none where no pair has enough in common (`copied`) to be copied.

    `on_sites`: site, a row per picture.
    """
    counted = on_sites.group_by("site").agg(pl.len().cast(pl.Int64).alias("things"))
    return counted if (copied["copied"] >= MIN_COPIERS).any() else counted.clear()


def may_be_copied(copied: pl.DataFrame, pictures: pl.DataFrame) -> pl.DataFrame:
    """The pairs of sites (site_a, site_b) with so much in common that one may be copied from the other.

    `copied` from `strangers_pictures`, `pictures` from `pictures_of_sites`.
    """
    if pictures.height < MIN_SITES_SHOWING:
        return copied.select(PAIR).clear()
    return (
        copied.filter(pl.col("copied") >= MIN_COPIERS)
        .join(pictures.rename({"site": "site_a", "things": "of_a"}), on="site_a")
        .join(pictures.rename({"site": "site_b", "things": "of_b"}), on="site_b")
        .filter(pl.col("copied") >= MIN_COPIED * pl.min_horizontal("of_a", "of_b"))
        .select(PAIR)
    )


def with_copiers(copied: pl.DataFrame, asked: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """`copied` (`strangers_pictures`) with how many posters of either site show what others show on the other, of the
    pairs that are `asked`: copiers (Int64; null for others).

    `shown`: key, site, poster (an actor, or an item of nobody), of pictures on few sites. Of the two numbers of posters
    the smaller counts: one who takes from fifty is one.
    """
    one, other = (
        asked.join(shown.rename({"site": side}), on=side).select(*PAIR, "key", "poster").unique()
        for side in PAIR
    )
    on_both = one.join(other, on=[*PAIR, "key"], how="semi")
    own = one.join(other, on=[*PAIR, "key", "poster"], how="semi").select(*PAIR, "key").unique()
    sides = [
        side.join(on_both, on=[*PAIR, "key"], how="semi")
        .join(own, on=[*PAIR, "key"], how="anti")
        .group_by(PAIR)
        .agg(pl.col("poster").n_unique().cast(pl.Int64).alias("copiers"))
        for side in (one, other)
    ]
    copiers = pl.concat(sides).group_by(PAIR).agg(pl.col("copiers").min())
    return copied.join(copiers, on=PAIR, how="left")
