"""Countries that a text says one passes through: behind "via" and its like, or in the middle of a route.

That a country is named beside the place advertised says nothing: agencies list branches, posters their languages.
Transit is what lies between (UNODC, Toolkit to Combat Trafficking in Persons, 2008: origin, transit, destination).
"""

import polars as pl

# What stands before a place that is passed: prepositions and nouns of the languages that extraction reads. "Via" with a
# capital and "Gran Vía" are streets; German "über" and "durch" stand before much else and need a word of travel.
_VIA = (
    r"via|vía|passing through|pass through|travell?ing through|travel through|transit(?:ing)? (?:through|in|via)|"
    r"(?:stop ?over|lay ?over) in|pasando por|a través de|tránsito (?:por|en)|escala en|passando (?:por|per)|"
    r"através d[eao]|trânsito (?:por|em)|escala em|en passant par|transit (?:par|en|à|durch|door)|escale (?:à|en)|"
    r"reise über|weiter über|flug über|zwischenstopp in|attraverso|scalo a|transito (?:per|in)|reis(?:t|en)? via|"
    r"tussenstop in|prin|tranzit prin|escală (?:în|la)|przez|przesiadka w|проездом через|транзитом через|через|"
    r"пересадка (?:в|у)"
)
_ARTICLE = r"(?:the|la|el|le|les|los|l'|die|den|der|das|o|a|os|as|il|lo|gli|de|het)"
_BEFORE = rf"(?:^|[^\p{{L}}])(?:{_VIA})\s+(?:{_ARTICLE}\s+)?$"
_STREET = r"(?i:(?:gran|la|calle|en)\s+vía\s+$)|\bVia\s+$"
# Between the places of one route: arrows and spaced dashes, nothing else.
_ROUTE = r"^\s*(?:→|➔|➡️?|->|=>|>)\s*$|^\s+[-–—]\s+$"
# Behind one that is passed another may follow: "through Serbia and Hungary".
_AND = r"^\s*(?:,|and|y|e|et|und|i|en|și|и|та|й)\s*$"
_LOOK_BACK = 40


def transit_countries(facts: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Countries that items say one passes through: item_id, country (ISO 3166 alpha-2), once each.

    `facts`: item_id, kind, value, unit, field, span_start, span_end (contract `facts`; places and countries in the
    field `text` are read). `texts`: item_id, text. Not read: the first and the last place of a route.
    """
    # A country and a place may be read in the same words; the route goes through both once.
    named = (
        facts.filter(pl.col("kind").is_in(["place", "country"]) & (pl.col("field") == "text"))
        .select(
            "item_id",
            pl.when(pl.col("kind") == "place").then("unit").otherwise("value").alias("country"),
            "span_start",
            "span_end",
        )
        .filter(pl.col("country").str.contains("^[A-Z]{2}$") & pl.col("span_start").is_not_null())
        .unique(["item_id", "span_start"], keep="any")
        .join(texts.select("item_id", "text").drop_nulls().unique("item_id"), on="item_id")
        .sort("item_id", "span_start")
        # Sorted by items: what stands one row above or below is the item's own or of another.
        .with_columns(
            (pl.col("item_id") == pl.col("item_id").shift(1)).fill_null(False).alias("is_further"),
            (pl.col("item_id") == pl.col("item_id").shift(-1)).fill_null(False).alias("has_further"),
        )
        .with_columns(pl.when("is_further").then(pl.col("span_end").shift(1)).alias("last_end"))
        .with_columns(
            pl.col("text")
            .str.slice(
                pl.max_horizontal(pl.col("span_start") - _LOOK_BACK, 0),
                pl.min_horizontal(pl.col("span_start"), _LOOK_BACK),
            )
            .alias("before"),
            pl.when(pl.col("span_start") >= pl.col("last_end"))
            .then(pl.col("text").str.slice("last_end", pl.col("span_start") - pl.col("last_end")))
            .alias("between"),
        )
        .with_columns(
            (
                pl.col("before").str.to_lowercase().str.contains(_BEFORE)
                & ~pl.col("before").str.contains(_STREET)
            ).alias("passed"),
            pl.col("between").str.contains(_ROUTE).fill_null(False).alias("comes_from"),
            pl.col("between").str.contains(_AND).fill_null(False).alias("goes_on"),
        )
        .with_columns(
            (pl.col("has_further") & pl.col("comes_from").shift(-1)).fill_null(False).alias("goes_to"),
            (pl.col("goes_on") & pl.col("is_further") & pl.col("passed").shift(1))
            .fill_null(False)
            .alias("passed_too"),
        )
    )
    middle = pl.col("comes_from") & pl.col("goes_to")
    return (
        named.filter(pl.col("passed") | pl.col("passed_too") | middle).select("item_id", "country").unique()
    )
