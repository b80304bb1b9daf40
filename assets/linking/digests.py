"""Stable keys: the first 24 hex digits of a SHA-256 over what a row is."""

import hashlib

import polars as pl

KEY_DIGITS = 24


def key_of(*parts: str | None) -> str:
    """24 hex digits over the parts, joined by `|`; a missing part counts as empty."""
    joined = "|".join(part or "" for part in parts)
    return hashlib.sha256(joined.encode("utf-8", "replace")).hexdigest()[:KEY_DIGITS]


def key_column(frame: pl.DataFrame, *columns: str) -> pl.Series:
    """`key_of` each row's named columns (cast to strings, packed keys spelled); String, as long as the frame."""
    joined = frame.select(
        pl.concat_str([_spelled(frame, column).fill_null("") for column in columns], separator="|").alias(
            "joined"
        )
    )["joined"]
    digest = hashlib.sha256
    keys = [digest(text.encode("utf-8", "replace")).hexdigest()[:KEY_DIGITS] for text in joined]
    return pl.Series("key", keys, dtype=pl.String)


def _spelled(frame: pl.DataFrame, column: str) -> pl.Expr:
    if frame.schema[column] == pl.Binary:
        return pl.col(column).bin.encode("hex")
    return pl.col(column).cast(pl.String)
