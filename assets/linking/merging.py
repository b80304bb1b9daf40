"""What items show, brought up to date: the numbers of what came, went and changed are merged into those that stand."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from assets.linking.accounts import account, account_name
from assets.linking.contacts import (
    NOT_A_HANDLE,
    TERMS,
    TEXT,
    names_alone,
    weigh_contacts,
    with_contacts,
    without_names_alone,
)
from assets.linking.identifiers import count_mentions, count_on, counted, with_days, with_regions
from assets.linking.merged_mentions import merged_mentions, show_pictures, those_of
from assets.linking.quoting import spoken_of
from assets.linking.round_memory import typed
from assets.linking.shares import shares_of
from assets.linking.standing import (
    CONTACTS,
    COUNTED,
    DAMPED,
    IDENTIFIERS,
    ITEMS,
    KIND,
    MENTIONS,
    OF_A_RUN,
    USES,
    Behind,
    Standing,
    overwritten,
    put_together,
)
from assets.linking.stretches import stretches
from assets.linking.text_shingles import ranges

CHANGED_ITEMS = {name: ITEMS[name] for name in ITEMS if name not in ("name", *OF_A_RUN)}
CHANGED_MENTIONS = {"row": pl.UInt32(), "key": pl.UInt64(), "kind": KIND, "obscured": pl.Boolean()}
CHANGED_IDENTIFIERS = {
    "key": pl.UInt64(),
    "identifier_id": pl.Binary(),
    "kind": pl.String(),
    "value": pl.String(),
}
CHANGED_TERMS = {"row": pl.UInt32(), "contact": pl.UInt64()}
# What of `CONTACTS` is known before it is known who shows them.
WEIGHED = {name: kind for name, kind in CONTACTS.items() if name != "is_line"}
ORDER = ("first_seen", "posted_at", "item_id")


@dataclass
class ChangedItems:
    """The items that may have changed.

    `ids`: item_id of all. `items` (`CHANGED_ITEMS`): those that still stand. `mentions` (`CHANGED_MENTIONS`): theirs,
    by the row of their item; `identifiers` (`CHANGED_IDENTIFIERS`): each of these once. `terms` (`CHANGED_TERMS`):
    what those from `contacts.terms_of` count as. In a first run all this is a copy of everything; so what is looked at
    is taken out of it.
    """

    ids: pl.DataFrame
    items: pl.DataFrame
    mentions: pl.DataFrame
    identifiers: pl.DataFrame
    terms: pl.DataFrame

    def take(self, name: str) -> pl.DataFrame:
        """One of the frames, which is empty from now on."""
        frame: pl.DataFrame = getattr(self, name)
        setattr(self, name, frame.clear())
        return frame


@dataclass(frozen=True)
class Merged:
    """The items and what they show, up to date; columns as in `Standing`.

    `renumbered`: new number of each former one (Int64, -1: gone). `former`: the numbers that changed items had.
    `changed`: those that they have, where they stand (Int64). `worded`: numbers (Int64) of items that show another text
    than before. `items` still have former labels and actors. `touched`: numbers of identifiers (UInt64) that changed
    items show or showed, `touched_contacts` those of contacts. `contacts` with the columns `WEIGHED`. `uses` (`USES`):
    all that items show that are changed or worded, each contact once.
    """

    items: pl.DataFrame
    mentions: pl.DataFrame
    identifiers: pl.DataFrame
    uses: pl.DataFrame
    contacts: pl.DataFrame
    renumbered: np.ndarray
    former: np.ndarray
    changed: np.ndarray
    touched: pl.Series
    touched_contacts: pl.Series
    worded: np.ndarray

    @cached_property
    def keeps_numbers(self) -> bool:
        """Whether all former items have the numbers that they had."""
        return np.array_equal(self.renumbered, np.arange(len(self.renumbered)))

    def numbers_of(self, former: np.ndarray) -> np.ndarray:
        """The numbers (Int64) of these former items: the new ones, or ones behind all others of those that are gone."""
        numbers: np.ndarray = self.renumbered[former]
        return np.where(numbers >= 0, numbers, self.items.height + former)


def merge(
    standing: Standing, changed: ChangedItems, pictures: pl.DataFrame, behind: Behind = put_together
) -> Merged:
    """Merge the changed items, which are taken out of `changed`, into what stands; texts stay as they were
    (`merged_texts.with_texts`).

    `pictures` from `image_identity.picture_names`, for all items. `behind` puts new rows behind those that stand.
    """
    items, renumbered, former, numbers = _merged_items(standing.items, changed, behind)
    of_changed = np.zeros(len(renumbered), dtype=bool)
    of_changed[former] = True
    before = standing.mentions
    # Where no picture is captured, all count as what they are: one column says both.
    is_plain = not pictures.height and before["shown"].equals(before["key"], null_equal=True)
    left, is_out = those_of(before, of_changed)
    came = _of_items(changed.take("mentions"), numbers).with_columns(pl.col("key").alias("shown"))
    mentions = merged_mentions(
        before.drop("shown") if is_plain else before, is_out, left, came, renumbered, behind
    )
    if is_plain:
        mentions = mentions.with_columns(pl.col("key").alias("shown")).select(*MENTIONS, "stands")
    touched = pl.concat([left["key"], came["key"]]).unique()
    identifiers, places = _merged_identifiers(
        standing, changed.take("identifiers"), left, came, mentions, items, behind
    )

    looked_at = np.sort(numbers)
    again = np.zeros(items.height, dtype=bool)
    again[looked_at] = True
    spoken = spoken_of(items, mentions)
    if not is_plain or spoken is not None:
        shown_then = mentions["shown"]
        mentions = show_pictures(mentions, items, pictures)
        if spoken is not None:
            mentions = mentions.with_columns(mentions["shown"].set(pl.Series(spoken), None))
        differs = shown_then.ne_missing(mentions["shown"]) & mentions["stands"]
        again[mentions["item"].filter(differs).to_numpy()] = True
        looked_at = np.flatnonzero(again)
        came = mentions.filter(pl.Series(again.take(mentions["item"].to_numpy())) & mentions["stands"])
        is_shown = identifiers["key"].is_in(came["shown"].drop_nulls().unique().implode())
        places = np.flatnonzero(is_shown.to_numpy())
    # What is only spoken of is described as a contact, too, as it may have been shown before.
    only_named = (
        mentions["key"].clear() if spoken is None else mentions["key"].filter(pl.Series(spoken)).unique()
    )
    of_named = identifiers["contact"].filter(identifiers["key"].is_in(only_named.implode()))
    shown = came.select("item", pl.col("shown").alias("key")).drop_nulls()
    del came
    uses, contacts, touched_contacts, reachable = _merged_uses(
        standing,
        identifiers,
        places,
        shown,
        of_named,
        items,
        _of_items(changed.take("terms"), numbers),
        renumbered,
        of_changed,
        again,
        behind,
    )
    named = items.select("account")[looked_at].select(account())["account"]
    is_placed = items["is_placed"].fill_null(False).to_numpy().copy()
    is_placed[looked_at] = named.is_not_null().to_numpy() | reachable[looked_at]
    items = items.with_columns(pl.Series("is_placed", is_placed))
    return Merged(
        items,
        mentions,
        identifiers,
        uses,
        contacts,
        renumbered,
        former,
        looked_at,
        touched,
        touched_contacts,
        np.empty(0, np.int64),
    )


def _of_items(frame: pl.DataFrame, numbers: np.ndarray) -> pl.DataFrame:
    """The frame (row, …) by the number of its items, `item` (UInt32). `numbers`: of each row."""
    item = numbers[frame["row"].to_numpy()].astype(np.uint32)
    return frame.drop("row").with_columns(pl.Series("item", item, pl.UInt32))


def _merged_items(
    standing: pl.DataFrame, changed: ChangedItems, behind: Behind
) -> tuple[pl.DataFrame, np.ndarray, np.ndarray, np.ndarray]:
    """The items in order, the new number of each former one, the former numbers of the changed ones, and the number
    (Int64) of each row of `changed.items`.

    An item keeps its place while its day and time stay; others are put in where they belong.
    """
    count = standing.height
    theirs = np.flatnonzero(standing["item_id"].is_in(changed.ids["item_id"].implode()).to_numpy())
    place = changed.ids.join(
        standing.select("item_id")[theirs].with_columns(
            pl.Series("former", theirs, dtype=pl.get_index_type())
        ),
        on="item_id",
    )
    rows = (
        changed.take("items")
        .with_row_index("row")
        .join(place, on="item_id", how="left")
        .sort(*ORDER, nulls_last=True)
        .with_columns(account_name())
        .with_columns(pl.when(pl.col("name").is_not_null()).then(pl.col("name").hash()).alias("name"))
    )
    numbers = np.empty(rows.height, dtype=np.int64)
    if not count:
        numbers[rows["row"].to_numpy()] = np.arange(rows.height)
        nobody = standing.select(*OF_A_RUN).clear(rows.height)
        return rows.hstack(nobody).select(*ITEMS), np.empty(0, np.int64), np.empty(0, np.int64), numbers
    former_rows = rows["former"]
    known = former_rows.is_not_null()
    before = standing.select(*OF_A_RUN)[former_rows.fill_null(0)]
    rows = rows.with_columns(
        pl.when(known).then(before[name]).otherwise(None).alias(name) for name in before.columns
    )
    then = standing.select("first_seen", "posted_at")[former_rows.fill_null(0)]
    same = (
        known
        & then["first_seen"].eq_missing(rows["first_seen"])
        & then["posted_at"].eq_missing(rows["posted_at"])
    ).to_numpy()
    source = np.arange(count, dtype=np.int64)
    kept = np.ones(count, dtype=bool)
    former = place["former"].to_numpy().astype(np.int64)
    kept[former] = False
    staying = np.flatnonzero(same)
    places = former_rows.fill_null(0).to_numpy().astype(np.int64)
    kept[places[staying]] = True
    source[places[staying]] = count + staying
    both = pl.concat([frame.select(*ORDER) for frame in (standing, rows)])
    order = source[kept]
    coming = count + np.flatnonzero(~same)
    if len(coming):
        # Only what is not older than the oldest that comes has to be put in order again.
        oldest = rows["first_seen"].filter(pl.Series(~same)).min()
        days = standing["first_seen"].filter(pl.Series(kept))
        cut = int((days < oldest).sum()) if len(order) else 0
        tail = np.concatenate([order[cut:], coming])
        keys = both[tail].with_columns(pl.Series("source", tail)).sort(*ORDER, nulls_last=True)
        order = np.concatenate([order[:cut], keys["source"].to_numpy()])
    renumbered = np.full(count, -1, dtype=np.int64)
    old = order < count
    renumbered[order[old]] = np.flatnonzero(old)
    ahead = order[~old] - count
    was = known.to_numpy()[ahead]
    renumbered[places[ahead[was]]] = np.flatnonzero(~old)[was]
    numbers[rows["row"].to_numpy()[ahead]] = np.flatnonzero(~old)
    in_order = _in_order(standing.select(*ITEMS), rows.select(*ITEMS), order, behind)
    return in_order, renumbered, former, numbers


def _in_order(standing: pl.DataFrame, rows: pl.DataFrame, order: np.ndarray, put: Behind) -> pl.DataFrame:
    """Both frames' rows, numbered one after the other, in this order."""
    count = standing.height
    ahead, behind = order[:count], order[count:]
    fixed = (ahead < count) & (ahead != np.arange(len(ahead)))
    if len(ahead) < count or fixed.any() or (behind < count).any():
        return pl.concat([standing, rows])[order]
    # All stay where they were: of what is remembered only what changed is written again.
    places = np.flatnonzero(ahead >= count)
    return overwritten(put("items", standing, rows[behind - count]), places, rows[ahead[places] - count])


def _merged_identifiers(
    standing: Standing,
    fresh: pl.DataFrame,
    left: pl.DataFrame,
    came: pl.DataFrame,
    mentions: pl.DataFrame,
    items: pl.DataFrame,
    behind: Behind,
) -> tuple[pl.DataFrame, np.ndarray]:
    """The identifiers with what is counted over their mentions, and the places of those concerned; what depends on
    actors stays as it was.

    `left`: mentions that are gone, by former numbers of items, `came`: those in their place, `mentions`: all. Those
    that stay keep their rows, and columns of which nothing changes are not written again; new ones stand behind.
    """
    before = standing.identifiers
    touched = pl.concat([left["key"], came["key"]]).unique()
    stood = np.flatnonzero(before["key"].is_in(touched.implode()).to_numpy())
    known = before.select("key", "kind", *COUNTED)[stood].with_columns(pl.Series("place", stood))
    schema = {name: IDENTIFIERS[name] for name in ("key", *COUNTED)}
    again, new = [pl.DataFrame(schema=schema)], [before.clear()]
    left, came = (frame.select("item", "key", "obscured") for frame in (left, came))
    for share in shares_of(touched.len()):
        theirs = with_days(came.filter(share("key")), items)
        some = known.filter(share("key"))
        if some.height:
            gone = with_days(left.filter(share("key")), standing.items)
            is_known = theirs["key"].is_in(some["key"].implode())
            counts, doubtful = count_on(
                some.select("key", *COUNTED), gone, theirs.filter(is_known), _known_sites(standing, some)
            )
            again.append(typed(counts, schema))
            if doubtful.len():
                is_doubtful = mentions["key"].is_in(doubtful.implode()) & mentions["stands"]
                shown = mentions.select("item", "key", "obscured").filter(is_doubtful)
                again.append(typed(count_mentions(shown, items), schema))
            theirs = theirs.filter(~is_known)
        first = with_regions(with_contacts(fresh.join(counted(theirs), on="key")))
        nobody = pl.DataFrame(
            {name: [None] for name in DAMPED}, schema={name: IDENTIFIERS[name] for name in DAMPED}
        )
        new.append(typed(first.join(nobody, how="cross"), IDENTIFIERS))
    now = known.select("key", "place").join(pl.concat(again), on="key")
    merged = behind("identifiers", before, pl.concat(new, rechunk=True))
    merged = overwritten(merged, now["place"].to_numpy(), now.select(*COUNTED))
    if now.height < known.height:
        stays = np.ones(merged.height, dtype=bool)
        stays[known.join(now, on="key", how="anti")["place"].to_numpy()] = False
        merged = merged.filter(pl.Series(stays))
        return merged, np.flatnonzero(merged["key"].is_in(touched.implode()).to_numpy())
    return merged, np.concatenate([stood, np.arange(before.height, merged.height)])


def _known_sites(standing: Standing, identifiers: pl.DataFrame) -> pl.DataFrame:
    """On which sites identifiers (key, kind) stood: key, site. None of pictures: these count as what they show; and
    none of what some items only speak of (`quoting`), which is not on their sites."""
    asked = pl.col("kind") != "image"
    shown = standing.mentions["shown"]
    if shown.null_count():
        asked &= ~pl.col("key").is_in(standing.mentions["key"].filter(shown.is_null()).unique().implode())
    keys = identifiers.filter(asked)["key"].sort().to_numpy()
    things = standing.things_on_sites.of(keys)
    return things.select("key", standing.site_numbers["site"].gather(things["site"]))


def used_by(standing: Standing, numbers: np.ndarray) -> pl.DataFrame:
    """What items (numbers, ascending) showed beside their texts: item (UInt32), contact, kind."""
    shown = standing.shown_slots
    used = shown[ranges(*stretches(shown["item"].to_numpy(), numbers))]
    slots = standing.slots.select("contact", "kind")[used["slot"].to_numpy()]
    return used.select("item").hstack(slots).filter(pl.col("kind") != TEXT)


def _merged_uses(
    standing: Standing,
    identifiers: pl.DataFrame,
    places: np.ndarray,
    shown: pl.DataFrame,
    of_named: pl.Series,
    items: pl.DataFrame,
    terms: pl.DataFrame,
    renumbered: np.ndarray,
    of_changed: np.ndarray,
    again: np.ndarray,
    behind: Behind,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.Series, np.ndarray]:
    """What items show that are looked at again, contacts (`WEIGHED`), those (UInt64) whose users or spellings changed,
    which of the items (bool) show a handle.

    `of_changed`: former items whose rows are replaced; `again`: items that are looked at again; the latter may be more.
    `shown`: what these show (item, key); `of_named`: contacts that some only speak of; `places`: where the
    identifiers stand that they show, others among them.
    """
    stays = renumbered >= 0
    stays[stays] = again[renumbered[stays]]
    left = used_by(standing, np.flatnonzero(of_changed | stays))
    # Of an item that shows another picture than before the mentions are known; its terms stay.
    kept_terms = left.filter((pl.col("kind") == TERMS) & ~pl.Series(of_changed[left["item"].to_numpy()]))
    kept_terms = kept_terms.with_columns(
        pl.Series("item", renumbered[kept_terms["item"].to_numpy()].astype(np.uint32))
    )
    reachable = np.zeros(items.height, dtype=bool)
    of_kind = identifiers.select("key", "contact", "kind")[places].with_columns(
        (~pl.col("kind").is_in(NOT_A_HANDLE)).alias("is_handle")
    )
    messengers = places[(identifiers["kind"] == "messenger").to_numpy()[places]]
    names = names_alone(identifiers.select("contact", "kind", "value")[messengers])
    fresh = [kept_terms.select(*USES), terms.select(*USES)]
    for share in shares_of(shown.height):
        some = shown.filter(share("item")).join(of_kind, on="key")
        reachable[some.filter("is_handle")["item"].to_numpy()] = True
        fresh.append(without_names_alone(some.select(*USES).unique(), names))
    del of_kind
    uses = pl.concat(fresh)
    touched = pl.concat([left["contact"], uses["contact"], of_named]).unique()
    sites = items["site"].unique()
    came_or_went = set(sites) ^ set(standing.items["site"].unique())
    if came_or_went:
        mailboxes = identifiers.filter(pl.col("kind") == "email")["contact"]
        touched = pl.concat([touched, mailboxes]).unique()
    contacts = _merged_contacts(standing.contacts, identifiers, terms, touched, sites, behind)
    return uses, contacts, touched, reachable


def _merged_contacts(
    standing: pl.DataFrame,
    identifiers: pl.DataFrame,
    terms: pl.DataFrame,
    touched: pl.Series,
    sites: pl.Series,
    behind: Behind,
) -> pl.DataFrame:
    """The contacts (`WEIGHED`), those touched described anew; they keep their rows, new ones stand behind."""
    is_term = terms.select("contact").unique()
    places = np.flatnonzero(identifiers["contact"].is_in(touched.unique().implode()).to_numpy())
    of_touched = identifiers.select("contact", "identifier_id", "kind", "value")[places]
    described = [standing.select(*WEIGHED).clear()]
    for share in shares_of(touched.len()):
        some = pl.concat(
            [
                of_touched.filter(share("contact")).with_columns(pl.col("kind").cast(pl.String)),
                is_term.filter(share("contact")).select(
                    "contact",
                    pl.lit(None, pl.Binary).alias("identifier_id"),
                    pl.lit(TERMS).alias("kind"),
                    pl.lit(None, pl.String).alias("value"),
                ),
            ]
        )
        weighed = weigh_contacts(some.with_columns(pl.lit(1.0).alias("distinct")), sites)
        described.append(typed(weighed, WEIGHED))
    now = pl.concat(described)
    if standing.is_empty():
        return now
    stood = np.flatnonzero(standing["contact"].is_in(touched.implode()).to_numpy())
    before = standing.select(*WEIGHED)[stood].with_columns(pl.Series("place", stood))
    differing = now.join(before, on=list(WEIGHED), how="anti", nulls_equal=True)
    again = differing.join(before.select("contact", "place"), on="contact")
    new = differing.join(before, on="contact", how="anti").rechunk()
    merged = behind("contacts", standing.select(*WEIGHED), new)
    merged = overwritten(merged, again["place"].to_numpy(), again.drop("contact", "place"))
    # Terms are no identifiers: none of them speaks for those that nobody states any more.
    gone = before.filter(pl.col("kind") != TERMS).join(now, on="contact", how="anti")
    if gone.height:
        stays = np.ones(merged.height, dtype=bool)
        stays[gone["place"].to_numpy()] = False
        merged = merged.filter(pl.Series(stays))
    return merged
