"""What linking remembers from one run to the next, by numbers, so that a day costs what it changes.

Its files are those of `standing_files`.

An item's number is its place in the order of `number_items`; an identifier's is the beginning of its id, a contact's a
hash (`contacts.with_contacts`), so that neither depends on what others show. Of ten million identifiers two have one
number with a probability of 3 in a million.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.linking import starts
from assets.linking.best_partner import EDGES
from assets.linking.holders import CLAIMS
from assets.linking.phone_regions import REGIONS
from assets.linking.round_memory import KINDS, MEMORY_SCHEMAS, RoundMemory
from assets.linking.super_connectors import BECAUSE
from assets.linking.things_on_sites import ON_BOTH, RARE, THINGS, Things
from assets.parsing.changes import PARTS, SIGHTINGS, UNITS, Seen
from quality.contracts import CONTRACTS
from quality.contracts.columns import IDENTIFIER_KINDS

# Frames whose rows stand no more are made without them once these are so many of all.
MOST_GONE = 0.25
ITEMS = {
    "item_id": pl.Binary(),
    "site": pl.String(),
    "account": pl.String(),
    "first_seen": pl.Date(),
    "last_seen": pl.Date(),
    "posted_at": pl.Datetime("us", "UTC"),
    "is_compared": pl.Boolean(),
    "name": pl.UInt64(),
    "text": pl.UInt64(),
    "is_placed": pl.Boolean(),
    "start": pl.UInt32(),
    "label": pl.UInt32(),
    **CLAIMS,
    "is_talk": pl.Boolean(),
    "trade": pl.UInt8(),
}
# What the items under a number of their own do not carry over from their former rows.
OF_A_RUN = ("text", "is_placed", "start", "label")
KIND = pl.Enum(IDENTIFIER_KINDS)
MENTIONS = {
    "item": pl.UInt32(),
    "key": pl.UInt64(),
    "shown": pl.UInt64(),
    "kind": KIND,
    "obscured": pl.Boolean(),
}
USES: dict[str, pl.DataType] = {"item": pl.UInt32(), "contact": pl.UInt64()}
CONTACTS: dict[str, pl.DataType] = {
    "contact": pl.UInt64(),
    "identifier_id": pl.Binary(),
    "kind": KINDS,
    "weight": pl.Float32(),
    "is_mailbox": pl.Boolean(),
    "is_line": pl.Boolean(),
}
SLOT_MARKS: dict[str, pl.DataType] = {
    "is_mailbox": pl.Boolean(),
    "is_line": pl.Boolean(),
    "is_beside": pl.Boolean(),
    "is_private": pl.Boolean(),
}
SHOWN_SLOTS: dict[str, pl.DataType] = {"item": pl.UInt32(), "slot": pl.UInt32()}
ACCOUNTS: dict[str, pl.DataType] = {**starts.ACCOUNTS, "name": pl.UInt64()}
# What sites show (`site_following`). A site's number is its place; `alone`: its items of nobody, `measured`: those that
# show a measuring id, `adult` and `work`: those of these trades (`site_trades`), of all its `items`.
SITES: dict[str, pl.DataType] = {
    "site": pl.String(),
    "alone": pl.UInt32(),
    "measured": pl.UInt32(),
    "items": pl.UInt32(),
    "adult": pl.UInt32(),
    "work": pl.UInt32(),
}
# The first actor who shows a thing on both sites, of things on few; sorted by key.
HOLDERS: dict[str, pl.DataType] = {
    "key": pl.UInt64(),
    "what": pl.UInt8(),
    "site_a": pl.UInt32(),
    "site_b": pl.UInt32(),
    "holder": pl.UInt32(),
}
# Who shows a strong identifier on several sites, of those on few; sorted by key.
CROSSINGS: dict[str, pl.DataType] = {"key": pl.UInt64(), "label": pl.UInt32(), "site": pl.UInt32()}
# Where actors are: `is_present` by their accounts, `is_several`: they have several accounts or numbers.
ACTOR_SITES: dict[str, pl.DataType] = {
    "label": pl.UInt32(),
    "site": pl.UInt32(),
    "is_present": pl.Boolean(),
    "is_several": pl.Boolean(),
}
# Whose pages addresses are, by a hash of the host; sorted by key.
ADDRESSES: dict[str, pl.DataType] = {"key": pl.UInt64(), "host": pl.UInt64()}
# Near-duplicate texts and who shows them; columns as in the contract `text_templates`.
TEXTS: dict[str, pl.DataType] = {
    "contact": pl.UInt64(),
    "text_cluster_id": pl.Binary(),
    "item_count": pl.Int64(),
    "holder_count": pl.Int64(),
    "actor_count": pl.Int64(),
    "site_count": pl.Int64(),
    "first_seen": pl.Date(),
    "last_seen": pl.Date(),
    "distinctness": pl.Float64(),
}
HELD = {"label": pl.UInt32(), "key": pl.UInt64(), "items": pl.Int64(), "belongs": pl.Boolean()}
STANDS: dict[str, pl.DataType] = {"stands": pl.Boolean()}


def _packed_schema(schema: Mapping[str, pl.DataType], *keys: str) -> dict[str, pl.DataType]:
    return {name: pl.Binary() if name in keys else kind for name, kind in schema.items()}


# The columns of the table, keys packed; a million items show more identifiers than a million.
TOLD_IDENTIFIERS = _packed_schema(CONTRACTS["identifiers"].schema, "identifier_id")
IDENTIFIERS = {
    "key": pl.UInt64(),
    "contact": pl.UInt64(),
    **{
        name: pl.UInt32() if kind == pl.Int64 else kind
        for name, kind in TOLD_IDENTIFIERS.items()
        if name != "weight"
    },
    # Whether it weighs nothing: with kind, actor_count and damped_because that says what it weighs.
    "is_ignored": pl.Boolean(),
    "kind": KIND,
    "region": pl.Enum(REGIONS),
    "damped_because": pl.Enum(BECAUSE),
}
# What of an identifier is counted over its mentions, and what the groups say of it that show it.
COUNTED = ("mention_count", "item_count", "site_count", "obscured_count", "first_seen", "last_seen")
DAMPED = ("actor_count", "is_ignored", "is_super_connector", "damped_because")
NUMBERED_EDGES = {
    **EDGES,
    "actor_id": pl.Binary(),
    "actor_edge_id": pl.Binary(),
    "reason": pl.String(),
    "identifier_id": pl.Binary(),
}
ACTORS = {"label": pl.UInt32(), **_packed_schema(CONTRACTS["actors"].schema, "actor_id")}


@dataclass(frozen=True)
class Standing(RoundMemory):
    """The state after a run, with what its rounds of joining did; each frame with the columns of the constant of its
    name.

    `parts`, `units`, `sightings`: what was seen (`assets.parsing.changes.Seen`). `items`: a row per item in the order
    of their numbers; `name` is a hash of the account as it is compared, `start` and `label` are the numbers of the
    oldest items of the group it starts in and of its last (of whose actor it is where it `is_placed`), `is_compared`
    says that its text is long enough to be compared, `is_talk` that it may be talk (`quoting`), `text` is
    the number of the contact that near-duplicates of it count as. `mentions`: `key` is the identifier as it stands,
    `shown` what it counts as (a captured picture is known by what it shows; null: counts for nothing).
    `held`: how many items of a group show an identifier, and whether that belongs to the actor.
    `accounts`: what the items under each name of a site show. `edges` with the number of the contact, which is null for
    one account. `site_numbers` (`SITES`) to `addresses`: what sites show;
    `things` and `changed_things` as of `Things`. `texts`: who shows near-duplicate texts.
    Rows of `mentions`, `accounts`, `edges`, `held`, `actors` and `texts` keep their places, some standing no more
    (`stands`, `put_behind`).
    `slot_marks`: of each of the slots; `shown_slots`: what items show, texts too, by slots, each once, sorted by item.
    """

    parts: pl.DataFrame
    units: pl.DataFrame
    sightings: pl.DataFrame
    items: pl.DataFrame
    mentions: pl.DataFrame
    identifiers: pl.DataFrame
    contacts: pl.DataFrame
    accounts: pl.DataFrame
    edges: pl.DataFrame
    held: pl.DataFrame
    actors: pl.DataFrame
    site_numbers: pl.DataFrame
    things: pl.DataFrame
    changed_things: pl.DataFrame
    rare_things: pl.DataFrame
    things_of_pairs: pl.DataFrame
    holders: pl.DataFrame
    crossings: pl.DataFrame
    actor_sites: pl.DataFrame
    addresses: pl.DataFrame
    texts: pl.DataFrame
    slot_marks: pl.DataFrame
    shown_slots: pl.DataFrame

    @property
    def things_on_sites(self) -> Things:
        """What stands on which sites."""
        return Things(self.things, self.changed_things)

    @property
    def seen(self) -> Seen:
        """What had been looked at."""
        return Seen(self.parts, self.units, self.sightings)


SCHEMAS: dict[str, dict[str, pl.DataType]] = {
    "parts": dict(PARTS),
    "units": dict(UNITS),
    "sightings": dict(SIGHTINGS),
    "items": ITEMS,
    "mentions": {**MENTIONS, **STANDS},
    "identifiers": IDENTIFIERS,
    "contacts": CONTACTS,
    "accounts": {**ACCOUNTS, **STANDS},
    "edges": {**NUMBERED_EDGES, **STANDS},
    "held": {**HELD, **STANDS},
    "actors": {**ACTORS, **STANDS},
    "site_numbers": SITES,
    "things": THINGS,
    "changed_things": THINGS,
    "rare_things": RARE,
    "things_of_pairs": ON_BOTH,
    "holders": HOLDERS,
    "crossings": CROSSINGS,
    "actor_sites": ACTOR_SITES,
    "addresses": ADDRESSES,
    "texts": {**TEXTS, **STANDS},
    **MEMORY_SCHEMAS,
    "slot_marks": SLOT_MARKS,
    "shown_slots": SHOWN_SLOTS,
}


def identifier_number(column: str = "identifier_id") -> pl.Expr:
    """The number (UInt64) of a packed identifier_id: its first eight bytes."""
    return pl.col(column).bin.slice(0, 8).bin.reinterpret(dtype=pl.UInt64, endianness="big")


# What puts rows behind those of a frame of the state: given the frame's name, the frame as it stands, and the rows.
Behind = Callable[[str, pl.DataFrame, pl.DataFrame], pl.DataFrame]


def put_together(_name: str, stood: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """A `Behind` where no files grow."""
    return rows if stood.is_empty() else pl.concat([stood, rows])


def put_behind(
    frame: pl.DataFrame, gone: np.ndarray, rows: pl.DataFrame, behind: Behind = put_together, name: str = ""
) -> pl.DataFrame:
    """`frame`, whose rows `gone` (bool) stand no more, with others behind; `stands` says which do.

    So that rows keep their places, those that stand no more stay until they are `MOST_GONE` of all. `behind` is given
    `name`.
    """
    rows = rows.with_columns(pl.lit(True).alias("stands"))
    if frame.is_empty():
        return rows
    stands = frame["stands"].to_numpy() & ~gone
    if stands.sum() < (1 - MOST_GONE) * len(stands):
        return pl.concat([frame.filter(pl.Series(stands)), rows.select(frame.columns)])
    return behind(name, frame.with_columns(pl.Series("stands", stands)), rows.select(frame.columns))


def overwritten(frame: pl.DataFrame, places: np.ndarray, rows: pl.DataFrame) -> pl.DataFrame:
    """`frame` with the columns of `rows` as these say at these places; other columns, and those of which nothing
    differs, as they are, not copied."""
    if not len(places):
        return frame
    at, columns = pl.Series(places), []
    for name in rows.columns:
        if frame[name].gather(at).equals(rows[name], null_equal=True):
            continue
        column = frame[name].clone().scatter(at, rows[name])
        # Columns that do not lie in pieces of the same length are all copied together at the next look.
        ends = np.cumsum(frame[name].chunk_lengths())
        pieces = [column[begin:end] for begin, end in zip([0, *ends[:-1]], ends, strict=True)]
        columns.append(pl.concat(pieces))
    return frame.with_columns(columns)


def nothing_standing() -> Standing:
    """The state before a first run."""
    return Standing(**{name: pl.DataFrame(schema=schema) for name, schema in SCHEMAS.items()})
