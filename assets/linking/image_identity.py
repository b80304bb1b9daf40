"""Pictures as evidence: what shows one picture shows one identifier, whatever its addresses.

An address says little: one picture stands at many, and `1/1.jpg` is another picture on every site. Where the picture
itself was captured, its cluster takes the place of its address.
"""

import polars as pl

from assets.capture.canonical import canonical_url


def same_pictures(mentions: pl.DataFrame, images: pl.DataFrame, clusters: pl.DataFrame) -> pl.DataFrame:
    """The `mentions` (contract) with one identifier for all addresses of one picture: identifier_id and value.

    `images` and `clusters` as in the contracts `images` and `image_clusters`. It is one that belongs to this picture
    alone. Left out are mentions of damped pictures (blank ones, icons), which show nobody, and those whose address on
    other sites is another picture's and that have no better one. Pictures that were not captured stay as they are.
    """
    if images.is_empty():
        return mentions
    shown = mentions.filter(pl.col("kind") == "image")
    captured = _captured(shown, images.join(clusters, on="image_id"))
    if captured.is_empty():
        return mentions
    names = _names(captured)
    replaced = (
        captured.filter(pl.col("damped_because").is_null())
        .select("mention_id", "image_cluster_id")
        .join(names, on="image_cluster_id")
        .select("mention_id", pl.col("name").alias("named_id"), pl.col("name_value").alias("named_value"))
    )
    rest = mentions.join(captured.select("mention_id"), on="mention_id", how="anti")
    renamed = (
        mentions.join(replaced, on="mention_id")
        .with_columns(pl.col("named_id").alias("identifier_id"), pl.col("named_value").alias("value"))
        .select(mentions.columns)
    )
    return pl.concat([rest, renamed])


def _captured(shown: pl.DataFrame, images: pl.DataFrame) -> pl.DataFrame:
    """Mentions whose picture was captured: mention_id, identifier_id, value, image_cluster_id, damped_because."""
    latest = images.sort("fetched_at", "image_id").unique(["source", "image_url"], keep="last")
    shown = shown.join(latest.select("source").unique(), on="source", how="semi")
    written = shown.select("raw").unique()
    written = written.with_columns(
        pl.Series("image_url", [canonical_url(raw) or raw for raw in written["raw"]], pl.String)
    )
    return (
        shown.join(written, on="raw")
        .join(
            latest.select("source", "image_url", "image_cluster_id", "damped_because"),
            on=["source", "image_url"],
        )
        .select("mention_id", "identifier_id", "value", "image_cluster_id", "damped_because")
    )


def _names(captured: pl.DataFrame) -> pl.DataFrame:
    """The identifier that stands for each cluster: image_cluster_id, name, name_value."""
    pairs = captured.select("identifier_id", "value", "image_cluster_id").unique()
    own = pairs.filter(pl.len().over("identifier_id") == 1)
    return own.group_by("image_cluster_id").agg(
        pl.col("identifier_id").min().alias("name"),
        pl.col("value").sort_by("identifier_id").first().alias("name_value"),
    )
