"""Pictures as evidence: what shows one picture shows one identifier, whatever its addresses.

An address says little: one picture stands at many, and `1/1.jpg` is another picture on every site. Where the picture
itself was captured, its cluster takes the place of its address.
"""

import polars as pl

from assets.capture.canonical import canonical_url

CAPTURED = {
    "item_id": pl.String(),
    "identifier_id": pl.String(),
    "value": pl.String(),
    "image_cluster_id": pl.String(),
    "damped_because": pl.String(),
}


def captured_pictures(shown: pl.DataFrame, images: pl.DataFrame, clusters: pl.DataFrame) -> pl.DataFrame:
    """Which captured picture stands behind which mention: the columns of `CAPTURED`, a row per item and identifier.

    `shown`: item_id, source, identifier_id, value and raw of mentions of the kind `image`; `images`: image_id, source,
    image_url, fetched_at; `clusters` as in the contract `image_clusters`. Of an address whose picture was changed, the
    latest counts.
    """
    if images.is_empty() or shown.is_empty():
        return pl.DataFrame(schema=CAPTURED)
    latest = (
        images.sort("fetched_at", "image_id")
        .unique(["source", "image_url"], keep="last")
        .join(clusters.select("image_id", "image_cluster_id", "damped_because"), on="image_id")
    )
    shown = shown.join(latest.select("source").unique(), on="source", how="semi")
    written = shown.select("raw").unique()
    written = written.with_columns(
        pl.Series("image_url", [canonical_url(raw) for raw in written["raw"]], pl.String)
    )
    on_the_web = shown.join(written, on="raw").join(latest, on=["source", "image_url"])
    return (
        pl.concat([on_the_web.select(list(CAPTURED)), _in_folders(shown, latest)])
        .sort(list(CAPTURED))
        .unique(["item_id", "identifier_id"], keep="first", maintain_order=True)
    )


def _in_folders(shown: pl.DataFrame, latest: pl.DataFrame) -> pl.DataFrame:
    """Mentions of files beside an export, by their paths in it; of a path that several exports have, none."""
    name = r"([^/]+)$"
    path = pl.col("image_url").str.strip_prefix("file:")
    files = latest.filter(pl.col("image_url").str.starts_with("file:")).with_columns(
        path.alias("path"), path.str.extract(name).alias("name")
    )
    return (
        shown.with_columns(pl.col("raw").str.extract(name).alias("name"))
        .join(files, on=["source", "name"])
        .filter((pl.lit("/") + pl.col("path")).str.ends_with(pl.lit("/") + pl.col("raw")))
        .filter(pl.len().over("item_id", "identifier_id") == 1)
        .select(list(CAPTURED))
    )


def same_pictures(mentions: pl.DataFrame, captured: pl.DataFrame) -> pl.DataFrame:
    """The `mentions` with one identifier for all addresses of one picture: identifier_id and value.

    `mentions`: item_id, identifier_id, value and any more columns; `captured` as from `captured_pictures`. The
    identifier is one that belongs to this picture alone. Left out are mentions of damped pictures (blank ones, icons),
    which show nobody, and those whose address elsewhere is another picture's and that have no better one. Pictures
    that were not captured stay as they are.
    """
    if captured.is_empty():
        return mentions
    replaced = (
        captured.filter(pl.col("damped_because").is_null())
        .select("item_id", "identifier_id", "image_cluster_id")
        .join(_names(captured), on="image_cluster_id")
        .select("item_id", "identifier_id", "name", "name_value")
    )
    pair = ["item_id", "identifier_id"]
    renamed = (
        mentions.join(replaced, on=pair)
        .with_columns(pl.col("name").alias("identifier_id"), pl.col("name_value").alias("value"))
        .select(mentions.columns)
    )
    return pl.concat([mentions.join(captured, on=pair, how="anti"), renamed])


def picture_names(captured: pl.DataFrame) -> pl.DataFrame:
    """What mentions of captured pictures count as: item_id, identifier_id, name (identifier_id; null: nothing).

    The same as `same_pictures` does, by the identifiers alone.
    """
    names = _names(captured).select("image_cluster_id", "name")
    telling = pl.col("damped_because").is_null()
    return captured.join(names, on="image_cluster_id", how="left").select(
        "item_id", "identifier_id", pl.when(telling).then("name").alias("name")
    )


def _names(captured: pl.DataFrame) -> pl.DataFrame:
    """The identifier that stands for each cluster: image_cluster_id, name, name_value."""
    pairs = captured.select("identifier_id", "value", "image_cluster_id").unique()
    own = pairs.filter(pl.len().over("identifier_id") == 1)
    return own.group_by("image_cluster_id").agg(
        pl.col("identifier_id").min().alias("name"),
        pl.col("value").sort_by("identifier_id").first().alias("name_value"),
    )
