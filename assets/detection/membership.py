"""The rows of `actor_members`, by number, as far as they were read.

A part of them is read once: what a later commit takes out is named by file and row, so that nothing has to be looked up
in the old file again.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.detection.notes import MEMBER_PARTS, MEMBERS, Notes
from assets.parsing.packed import packed
from quality.admission import QUARANTINE
from quality.contracts import CONTRACTS
from warehouse.parts import Part, PartStore

TABLE = "actor_members"
MEMBER_COLUMNS = ("actor_id", "member_kind", "member_id")


@dataclass(frozen=True)
class MemberRows:
    """What is new of the table since the notes were taken, or all of it (`anew`).

    `added`: the rows of new parts in order (actor_id, member_id (Binary), is_item, stands). `gone`: places of rows of
    the notes that are gone since. `parts` (`MEMBER_PARTS`), `removals_part`: what is read now.
    """

    added: pl.DataFrame
    gone: np.ndarray
    parts: pl.DataFrame
    removals_part: int
    anew: bool


def read_members(store: PartStore, notes: Notes, *, anew: bool) -> MemberRows:
    """Read what is new of the table; all of it where it was written anew, where its actors did not all pass their gate
    (members of a rejected one count for nothing), or where it is asked for."""
    parts, removals = store.parts_and_removals(TABLE)
    known = notes.member_parts["part_id"].to_list()
    anew = (
        anew
        or not known
        or not set(known) <= {part.part_id for part in parts}
        or store.rows(QUARANTINE + "actors") > 0
    )
    new = [part for part in parts if anew or part.part_id not in known]
    added = packed(
        store.scan_parts(new, CONTRACTS[TABLE].schema, columns=MEMBER_COLUMNS), "actor_id", "member_id"
    ).select("actor_id", "member_id", (pl.col("member_kind") == "item").alias("is_item"))
    rows = added.with_columns(pl.lit(True).alias("stands")).collect()
    if anew:
        actors = packed(store.scan("actors", CONTRACTS["actors"].schema, columns=["actor_id"]), "actor_id")
        passed = actors.collect()["actor_id"]
        rows = rows.with_columns(pl.col("actor_id").is_in(passed.implode()).alias("stands"))
    listed = [
        *([] if anew else notes.member_parts.iter_rows()),
        *((part.part_id, part.path, part.rows) for part in new),
    ]
    held = pl.DataFrame(listed, schema=MEMBER_PARTS, orient="row")
    before = 0 if anew else notes.members.height
    since = [part for part in removals if anew or part.part_id > notes.removals_part]
    gone = _gone(store, held, since)
    taken = np.ones(rows.height, dtype=bool)
    taken[gone[gone >= before] - before] = False
    return MemberRows(
        rows.with_columns(pl.col("stands") & pl.Series(taken)),
        gone[gone < before],
        held,
        max((part.part_id for part in removals), default=0),
        anew,
    )


def _gone(store: PartStore, held: pl.DataFrame, removals: list[Part]) -> np.ndarray:
    """The places, among the rows of these parts, of those that are named as gone."""
    starts = held.select("path", (pl.col("rows").cum_sum() - pl.col("rows")).alias("start"))
    named = [pl.DataFrame(schema={"path": pl.String(), "row": pl.Int64()})]
    named += [pl.read_parquet(store.home / part.path, columns=["path", "row"]) for part in removals]
    places: np.ndarray = (
        pl.concat(named)
        .join(starts, on="path")
        .select(pl.col("row") + pl.col("start"))
        .to_series()
        .to_numpy()
    )
    return places


def members_now(notes: Notes, read: MemberRows, numbered: pl.DataFrame) -> pl.DataFrame:
    """All rows (`MEMBERS`). `numbered`: the added ones as such."""
    if read.anew:
        return numbered.select(*MEMBERS)
    stands = notes.members["stands"].to_numpy().copy()
    stands[read.gone] = False
    former = notes.members.with_columns(pl.Series("stands", stands))
    return pl.concat([former, numbered.select(*MEMBERS)])
