"""Countries of the routes that items state: where they begin, what they pass and where they end.

That a country is named beside the place advertised says nothing: agencies list branches, posters their languages.
"""

import polars as pl

ORIGIN, TRANSIT, DESTINATION = "origin", "transit", "destination"
# The country at the end of "City, CC", or CC alone.
_COUNTRY = r"(?:^|, )([A-Z]{2})$"


def route_countries(facts: pl.DataFrame) -> pl.DataFrame:
    """Countries on stated routes: item_id, part (origin, transit, destination), country (ISO 3166 alpha-2), once each.

    `facts`: item_id, kind, value, origin, destination (contract `facts`); movements whose value is route or transit.
    """
    movements = facts.filter((pl.col("kind") == "movement") & pl.col("value").is_in(["route", "transit"]))
    is_route = pl.col("value") == "route"
    ends = (
        movements.filter(is_route).select("item_id", pl.lit(ORIGIN).alias("part"), place="origin"),
        movements.select(
            "item_id",
            pl.when(is_route).then(pl.lit(DESTINATION)).otherwise(pl.lit(TRANSIT)).alias("part"),
            place="destination",
        ),
    )
    return (
        pl.concat(ends)
        .select("item_id", "part", pl.col("place").str.extract(_COUNTRY).alias("country"))
        .drop_nulls()
        .unique(maintain_order=True)
    )
