"""Columns and words that several tables share, so that one name means one thing everywhere."""

import polars as pl

from quality.contract import Column, Sensitivity

TEXT = pl.String()
WHOLE = pl.Int64()
REAL = pl.Float64()
FLAG = pl.Boolean()
DAY = pl.Date()
MOMENT = pl.Datetime("us", "UTC")
WORDS = pl.List(pl.String())

ITEM_TABLES = ("listings", "messages", "documents", "notices")
IDENTIFIER_KINDS = ("phone", "email", "username", "url", "messenger", "crypto", "image", "analytics")

SOURCE = Column("source", TEXT, "Name of the source, as in its YAML file")
UNIT_DATE = Column("unit_date", DAY, "Day (UTC) of the unit that brought the row")
SITE = Column("site", TEXT, "Site the item stands on: the host without www., or the source's own word")
ITEM_ID = Column("item_id", TEXT, "Item: first 24 hex digits of a SHA-256 over table, source and natural key")
ITEM_TABLE = Column("item_table", TEXT, "Table that holds the item: listings, messages, documents or notices")
CAPTURE_ID = Column("capture_id", TEXT, "Capture that holds the bytes the item was read from")
CONTENT_SHA256 = Column("content_sha256", TEXT, "SHA-256 of the normalised text: equal texts, equal digests")
FIRST_SEEN = Column("first_seen", DAY, "First day (UTC) on which we saw it", stored=False)
LAST_SEEN = Column("last_seen", DAY, "Last day (UTC) on which we saw it", stored=False)


def item_columns(url_sensitivity: Sensitivity = Sensitivity.address) -> tuple[Column, ...]:
    """The columns with which every item table begins."""
    url = Column("url", TEXT, "Address of the item's own page, where it has one", url_sensitivity)
    return (ITEM_ID, SOURCE, UNIT_DATE, CAPTURE_ID, SITE, url)
