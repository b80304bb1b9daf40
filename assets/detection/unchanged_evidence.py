"""Evidence of leads that were looked at again and that is what it was: most of it, and not written once more."""

import numpy as np
import polars as pl

from assets.detection.leads import LeadTables
from assets.detection.notes import EVIDENCE, Notes
from assets.linking.round_memory import typed
from assets.parsing.packed import unpacked


def rows_of_evidence(tables: LeadTables) -> pl.DataFrame:
    """The rows of evidence, in their order, as the notes have them (`EVIDENCE`)."""
    leads = _beginnings(tables.lead_evidence["lead_id"].str.decode("hex"))
    rows = pl.DataFrame({"lead": leads, "item": tables.items, "signs": tables.lead_evidence["signs"]})
    return typed(rows, EVIDENCE)


def renewed_evidence(
    former: Notes, looked_at: pl.DataFrame, told: pl.DataFrame
) -> tuple[pl.DataFrame, np.ndarray, pl.DataFrame]:
    """The evidence of all leads now (`EVIDENCE`); which rows of what is `told` are in the table already; the rows of
    the table that are not told any more: lead_id, item_id (String).

    `looked_at`: lead_id (Binary) of the leads that stood and were looked at again; `told`: the evidence of these now.
    An item that was read again has another number, so that a row with the same one says the same.
    """
    leads = looked_at.with_columns(_beginnings(looked_at["lead_id"]))
    is_theirs = former.evidence["lead"].is_in(leads["lead"].implode())
    before = former.evidence.filter(is_theirs)
    row = list(EVIDENCE)
    stays = told.with_row_index("place").join(before, on=row, how="semi")["place"].to_numpy()
    gone = before.join(told, on=row, how="anti").join(leads, on="lead")
    named = gone.select("lead_id", former.items["item_id"].gather(gone["item"]))
    return pl.concat([former.evidence.filter(~is_theirs), told]), stays, unpacked(named)


def _beginnings(lead_ids: pl.Series) -> pl.Series:
    """The first eight bytes of each id (Binary), as a number: keys are joined slowly."""
    return lead_ids.bin.slice(0, 8).bin.reinterpret(dtype=EVIDENCE["lead"], endianness="big").alias("lead")
