"""Where texts name what may differ between copies of one text: contacts, places, prices, ages and the like."""

import polars as pl

# Facts that vary from copy to copy while the text stays.
IN_TEXT = pl.col("field") == "text"
VARYING_FACTS = ("place", "country", "nationality", "age", "price", "pay", "fee", "debt")
SPANS = {"item_id": pl.String(), "span_start": pl.Int64(), "span_end": pl.Int64(), "kind": pl.String()}


def text_spans(mentions: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Spans (`SPANS`, in characters of the item's text) of mentions and of varying facts that stand in the text.

    `mentions` and `facts`: item_id, kind, field, span_start, span_end, as in their contracts.
    """
    spans = [
        frame.filter(IN_TEXT & wanted).select(*SPANS)
        for frame, wanted in (
            (mentions, pl.lit(True)),
            (facts, pl.col("kind").is_in(VARYING_FACTS)),
        )
    ]
    return pl.concat(spans).drop_nulls()
