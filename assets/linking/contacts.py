"""Contacts: the identifiers of a set of items as whole numbers, one contact spelled two ways being one.

`+49 30 …` as a phone and `wa.me/4930…` as a messenger link are one way to reach one person; counted as two
pieces of evidence they would let a single recycled number glue strangers. A name that nobody else would think of is
one, too, before an @ and on any platform (`own_names`).
"""

import numpy as np
import polars as pl
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from assets.linking.accounts import account_name
from assets.linking.own_names import is_own_name

# How much one shared thing of a kind says at most. Photos are stolen, texts copied, addresses quoted; a handle by
# which one is paid or reached is not. A measuring service's id is often the platform's; place and price are many's.
TEXT = "text"
TERMS = "terms"
KIND_WEIGHT = {
    "phone": 1.0,
    "email": 1.0,
    "messenger": 1.0,
    "crypto": 1.0,
    "username": 1.0,
    "url": 0.5,
    "image": 0.5,
    "analytics": 0.5,
    TEXT: 0.5,
    TERMS: 0.25,
}
REASON_ORDER = ("phone", "messenger", "username", "email", "crypto", "url", "image", "analytics", TEXT, TERMS)
# What items may have in common without being identifiers; the edges that rest on it name none.
NO_IDENTIFIERS = (TEXT, TERMS)
# An item is nobody's by these alone: they say what it looks like, not whose it is.
NOT_A_HANDLE = (TEXT, TERMS, "analytics")
STRONG_WEIGHT = 1.0
# A support or agency line stands beside each poster's own contact: in this share of its items, beside this many
# different ones, which are this many for its items or simply many.
LINE_COMPANIONED = 0.4
LINE_COMPANIONS = 4
LINE_COMPANIONS_PER_ITEM = 0.2
LINE_MANY_COMPANIONS = 8
# A platform's line stands on one site. On several sites it takes so many companions: fewer may be accounts of one
# controller, each with a number of its own beside his.
LINE_SITE_SHARE = 0.8
LINE_COMPANIONS_ANYWHERE = 8
# It is no line of strangers when this share of the accounts that show it, and so many, have something else in common
# that no more accounts than this show; unless so many others show it, who may make a line of it by themselves: a
# controller may be among a platform's clients.
LINE_CIRCLE_SHARE = 0.4
LINE_CIRCLE_LEAST = 3
LINE_CIRCLE_OTHERS = 8
LINE_RARE = 12
LINE_WEIGHT = 0.5
# One handle of these kinds is one way to reach somebody, whichever of them it is written as.
HANDLE_KINDS = ("phone", "messenger", "username")
_MAILBOX_NAME = r"^([a-z0-9._-]+)@"
_NAME_ON_A_PLATFORM = r"^[a-z-]+:\s*([^/:@]+)$"
_DIGITS_OF_A_PHONE = r"^\+?[0-9]{7,15}$"
# Mailboxes that are nobody's: of the network itself (RFC 2142), or where nobody reads.
_NOBODYS_MAILBOX = (
    r"^(?:(?:no|do[-_.]?not)[-_.]?reply|mailer-daemon|abuse|noc|security|postmaster|hostmaster|webmaster)@"
)
# Numbers that are typed where a form wants one: eight times one digit, or eight that follow each other.
_RUNS = [digit * 8 for digit in "0123456789"]
_RUNS += [run[start : start + 8] for run in ("0123456789012", "9876543210987") for start in range(6)]
_PLACEHOLDER = rf"(?:^|[:/])\+?[0-9]*(?:{'|'.join(_RUNS)})$"


def number_items(items: pl.DataFrame) -> pl.DataFrame:
    """The items once each, oldest first, with their place in that order as `item` (UInt32).

    Order: first day seen, then posting time, then id: the day we saw an item never changes, so later finds of old
    posts renumber nobody.
    """
    return (
        items.select("item_id", "site", "account", "first_seen", "last_seen", "posted_at")
        .sort("item_id", "first_seen", "posted_at", nulls_last=True)
        .unique("item_id", keep="first", maintain_order=True)
        .sort("first_seen", "posted_at", "item_id", nulls_last=True)
        .with_row_index("item")
        .with_columns(pl.col("item").cast(pl.UInt32))
    )


def number_contacts(mentions: pl.DataFrame, numbered: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The contacts and where they occur.

    `mentions`: item_id, identifier_id, kind, value, and optionally `distinct` (0 to 1: part of its kind's weight that
    a thing has, 1 where null). Returns `contacts` (contact UInt64, identifier_id, kind, weight Float32, is_line; one
    row per contact, the identifier being the one named as evidence) and `uses` (item UInt32, contact UInt64; each
    pair once). `numbered` as from `number_items`. Mentions of unknown items are left out. Lines that stand beside
    other contacts weigh less, and so do mailboxes of the sites.
    """
    if "distinct" not in mentions.columns:
        mentions = mentions.with_columns(pl.lit(1.0).alias("distinct"))
    identifiers = with_contacts(
        mentions.select("identifier_id", "kind", "value", "distinct").unique("identifier_id")
    )
    uses = (
        mentions.select("item_id", "identifier_id")
        .join(numbered.select("item_id", "item"), on="item_id")
        .join(identifiers.select("identifier_id", "contact"), on="identifier_id")
        .select("item", "contact")
        .unique()
        .sort("item", "contact")
    )
    uses = without_names_alone(uses, names_alone(identifiers))
    weighed = weigh_contacts(identifiers, numbered["site"].unique())
    return mark_lines(weighed, uses, numbered), uses


def with_contacts(identifiers: pl.DataFrame) -> pl.DataFrame:
    """The identifiers (kind, value, …) with `contact` (UInt64): the number of what they reach.

    It is a hash, so that what others show never changes it: two of ten million contacts have one number with a
    probability of 3 in a million.
    """
    return _with_contact_keys(identifiers).with_columns(pl.col("contact_key").hash().alias("contact"))


def weigh_contacts(identifiers: pl.DataFrame, sites: pl.Series) -> pl.DataFrame:
    """The contacts of these identifiers: contact, identifier_id, kind, weight (Float32), is_mailbox; sorted.

    `identifiers`: contact, identifier_id, kind, value, distinct, each once; of those of one contact the one most
    telling of it is named, of one on several platforms its name. `sites`: all sites; a mailbox at the site's own
    address is the platform's, whoever's advertisement it stands in. So are mailboxes that are
    nobody's, and placeholders for a number.
    """
    of_sites = sites.str.strip_prefix("www.").implode()
    mailbox = pl.col("value").str.extract(r"@([^@]+)$", 1).is_in(of_sites)
    mailbox |= pl.col("value").str.to_lowercase().str.contains(_NOBODYS_MAILBOX)
    is_mailbox = ((pl.col("kind") == "email") & mailbox) | (
        pl.col("kind").is_in(HANDLE_KINDS) & pl.col("value").str.contains(_PLACEHOLDER)
    )
    # What is one on several platforms is the name, not the account on one of these.
    is_alone = (pl.col("kind") == "username") & (
        pl.col("kind").is_in(["messenger", "email"]).sum().over("contact") > 1
    )
    is_alone &= ~pl.col("value").str.contains(_DIGITS_OF_A_PHONE)
    return (
        identifiers.with_columns(
            pl.when(is_alone).then(-1).otherwise(_reason_rank()).alias("rank"),
            is_mailbox.fill_null(False).any().over("contact").alias("is_mailbox"),
        )
        .sort("contact", "rank", "identifier_id")
        .unique("contact", keep="first", maintain_order=True)
        .select(
            "contact",
            "identifier_id",
            "kind",
            (
                pl.col("kind").replace_strict(KIND_WEIGHT, default=0.5, return_dtype=pl.Float32)
                * pl.col("distinct").fill_null(1.0)
            )
            .cast(pl.Float32)
            .alias("weight"),
            "is_mailbox",
        )
    )


def mark_lines(weighed: pl.DataFrame, uses: pl.DataFrame, numbered: pl.DataFrame) -> pl.DataFrame:
    """The contacts with the weights of lines: contact, identifier_id, kind, weight (Float32), is_line."""
    lines = _support_lines(weighed, uses, numbered)
    is_line = pl.col("contact").is_in(lines.implode()) | pl.col("is_mailbox")
    return weighed.select(
        "contact",
        "identifier_id",
        "kind",
        pl.when(is_line).then(LINE_WEIGHT).otherwise("weight").cast(pl.Float32).alias("weight"),
        is_line.alias("is_line"),
    )


def identifiers_of(contacts: pl.DataFrame, mentions: pl.DataFrame) -> pl.Series:
    """Every identifier_id (String, sorted) of the mentions that is one of these contacts, however it is spelled.

    `contacts`: identifier_id. `mentions`: identifier_id, kind, value.
    """
    if contacts.is_empty():
        return pl.Series("identifier_id", [], dtype=mentions.schema["identifier_id"])
    # Only handles are spelled in several ways, names in mail addresses among them.
    own = mentions.join(contacts.select("identifier_id"), on="identifier_id", how="semi")
    spelled = mentions.filter(pl.col("kind").is_in([*HANDLE_KINDS, "email"]))
    keyed = _with_contact_keys(
        pl.concat([part.select("identifier_id", "kind", "value") for part in (own, spelled)]).unique(
            "identifier_id"
        )
    )
    keys = keyed.join(own, on="identifier_id", how="semi").select("contact_key")
    return keyed.join(keys, on="contact_key", how="semi")["identifier_id"].sort()


def terms_of(facts: pl.DataFrame) -> pl.DataFrame:
    """Places and prices that items state: item_id, terms (String), items that state both only, sorted.

    `facts`: item_id, kind, value, number, unit, as in their contract. Equal terms: the same places and amounts.
    """
    place = pl.when(pl.col("kind") == "place").then(pl.col("value").str.to_lowercase())
    amount = pl.when(pl.col("kind") == "price").then(
        pl.col("number").cast(pl.String) + pl.lit(" ") + pl.col("unit").fill_null("")
    )
    return (
        facts.filter(pl.col("kind").is_in(["place", "price"]))
        .select("item_id", place.alias("place"), amount.alias("amount"))
        .group_by("item_id")
        .agg(pl.col("place", "amount").drop_nulls().unique().sort())
        .filter((pl.col("place").list.len() > 0) & (pl.col("amount").list.len() > 0))
        .select(
            "item_id",
            (pl.col("place").list.join(",") + pl.lit("|") + pl.col("amount").list.join(",")).alias("terms"),
        )
        .sort("item_id")
    )


def rarer(weight: pl.Expr, holders: pl.Expr) -> pl.Expr:
    """What sharing a thing of this weight says when so many hold it: weight / log2(holders), in full for two.

    The weight of a common neighbour by Adamic and Adar, "Friends and neighbors on the Web" (2003).
    """
    return pl.when(holders <= 2).then(weight).otherwise(weight / holders.cast(pl.Float64).log(2))


def _support_lines(contacts: pl.DataFrame, uses: pl.DataFrame, numbered: pl.DataFrame) -> pl.Series:
    """Contacts (UInt64) that stand beside other people's own contacts: platform support, agencies."""
    strong = uses.join(
        contacts.filter(pl.col("weight") >= STRONG_WEIGHT).select("contact"), on="contact", how="semi"
    )
    spread = strong.group_by("contact").agg(pl.len().alias("items"))
    several = strong.filter(pl.len().over("item") > 1)
    beside = (
        several.join(several, on="item", suffix="_companion")
        .filter(pl.col("contact") != pl.col("contact_companion"))
        .join(spread.rename({"items": "companion_items"}), left_on="contact_companion", right_on="contact")
        .join(spread, on="contact")
        # The companion is the rarer of the two: the poster's own.
        .filter(pl.col("companion_items") < pl.col("items"))
        .group_by("contact")
        .agg(
            pl.col("item").n_unique().alias("companioned"),
            pl.col("contact_companion").n_unique().alias("companions"),
            pl.col("items").first(),
        )
        .filter(
            (pl.col("companions") >= LINE_COMPANIONS)
            & (pl.col("companioned") >= LINE_COMPANIONED * pl.col("items"))
            & (
                (pl.col("companions") >= LINE_COMPANIONS_PER_ITEM * pl.col("items"))
                | (pl.col("companions") >= LINE_MANY_COMPANIONS)
            )
        )
    )
    on_one_site = (
        strong.join(beside.select("contact"), on="contact", how="semi")
        .join(numbered.select("item", "site"), on="item")
        .group_by("contact", "site")
        .agg(pl.len().alias("on_site"))
        .group_by("contact")
        .agg(pl.col("on_site").max())
    )
    lines = beside.join(on_one_site, on="contact").filter(
        (pl.col("on_site") >= LINE_SITE_SHARE * pl.col("items"))
        | (pl.col("companions") >= LINE_COMPANIONS_ANYWHERE)
    )
    kept = lines.join(
        _of_one_circle(lines.select("contact"), contacts, uses, numbered), on="contact", how="anti"
    )
    return kept.sort("contact")["contact"]


def _of_one_circle(
    lines: pl.DataFrame, contacts: pl.DataFrame, uses: pl.DataFrame, numbered: pl.DataFrame
) -> pl.DataFrame:
    """Of these lines those whose holders have other things in common that few have, or are few: contact.

    Posters who stand beside a platform's line are strangers; accounts of one controller with a number of their own
    each share a second line or photos. Texts tell nothing here: strangers write alike. One poster may have as many
    numbers as a line has companions: it takes as many posters, too.
    """
    units = _units(lines, contacts, uses, numbered)
    telling = contacts.filter(~pl.col("kind").is_in(["url", *NOT_A_HANDLE])).select("contact")
    shown = uses.join(telling, on="contact", how="semi")
    line = lines.select(pl.col("contact").alias("line"))
    holders = (
        shown.join(line, left_on="contact", right_on="line", how="semi")
        .rename({"contact": "line"})
        .join(units.filter("is_somebodys"), on="item")
        .select("line", "unit")
        .unique()
    )
    among = units.join(holders.select("unit").unique(), on="unit", how="semi")
    theirs = shown.join(among.select("item"), on="item", how="semi").select("contact").unique()
    held = (
        shown.join(theirs, on="contact", how="semi").join(units, on="item").select("contact", "unit").unique()
    )
    rare = held.filter(pl.len().over("contact") <= LINE_RARE).join(
        line, left_on="contact", right_on="line", how="anti"
    )
    return (
        holders.join(rare, on="unit", how="left")
        .with_columns(
            ((pl.len().over("line", "contact") > 1) & pl.col("contact").is_not_null()).alias("shares")
        )
        .group_by("line", "unit")
        .agg(pl.col("shares").any())
        .group_by("line")
        .agg(pl.col("shares").sum().alias("sharing"), pl.len().alias("units"))
        .filter(
            (pl.col("units") < LINE_COMPANIONS)
            | (
                (pl.col("sharing") >= LINE_CIRCLE_LEAST)
                & (pl.col("sharing") >= LINE_CIRCLE_SHARE * pl.col("units"))
                & (pl.col("units") - pl.col("sharing") < LINE_CIRCLE_OTHERS)
            )
        )
        .select(pl.col("line").alias("contact"))
    )


def _units(
    lines: pl.DataFrame, contacts: pl.DataFrame, uses: pl.DataFrame, numbered: pl.DataFrame
) -> pl.DataFrame:
    """Whose items are, as far as the lines' holders are asked: item, unit (String), is_somebodys.

    An account's of a site, or nobody's but its own. Of items without account that show a line whoever shows the
    contacts beside it is one, however many items these are; an item of nothing but lines is nobody's.
    """
    named = numbered.select("item", (pl.col("site") + "|" + account_name()).alias("unit"))
    own = contacts.filter((pl.col("weight") >= STRONG_WEIGHT) & ~pl.col("is_mailbox")).join(
        lines, on="contact", how="anti"
    )
    holding = uses.join(lines, on="contact", how="semi")["item"].unique()
    beside = (
        uses.join(own, on="contact", how="semi")
        .filter(pl.col("item").is_in(holding.implode()))
        .join(named.filter(pl.col("unit").is_null()), on="item", how="semi")
    )
    item, contact = (beside[name].rank("dense").to_numpy().astype(np.int64) - 1 for name in beside.columns)
    posters = pl.DataFrame({"item": beside["item"], "poster": posters_of(item, contact)}).unique()
    return named.join(posters, on="item", how="left").select(
        "item",
        pl.coalesce("unit", pl.format("poster {}", "poster"), pl.format("item {}", "item")).alias("unit"),
        (
            pl.col("unit").is_not_null()
            | pl.col("poster").is_not_null()
            | ~pl.col("item").is_in(holding.implode())
        ).alias("is_somebodys"),
    )


def posters_of(item: np.ndarray, contact: np.ndarray) -> np.ndarray:
    """A number of whom each item, of those that show each of these contacts, comes from: items that a contact connects
    have one. `item`, `contact`: numbers from 0 (int64), a row for each time that an item shows one."""
    if not len(item):
        return item
    items = int(item.max()) + 1
    size = items + int(contact.max()) + 1
    graph = coo_matrix((np.ones(len(item), dtype=np.int8), (item, contact + items)), shape=(size, size))
    poster: np.ndarray = connected_components(graph, directed=False)[1][item]
    return poster


def _with_contact_keys(identifiers: pl.DataFrame) -> pl.DataFrame:
    """The identifiers (kind, value, …) with `contact_key`: the phone number, handle or identifier that one reaches."""
    folded = _folded()
    last_part = folded.str.replace(r"[?#].*$", "").str.extract(r"([^/:@]+)/?$", 1)
    # A name of several words is one name: by its last word alone two people of one family would be one.
    handle = (
        pl.when(folded.str.contains(r"\s")).then(folded).otherwise(pl.coalesce(last_part, pl.col("value")))
    )
    reached = (
        pl.when(handle.str.contains(_DIGITS_OF_A_PHONE))
        .then(pl.lit("phone:") + handle.str.strip_chars_start("+"))
        .when(_is_bound())
        .then(pl.lit("messenger:") + folded)
        .otherwise(pl.lit("handle:") + handle)
    )
    # Each branch only for its rows: taking millions of values apart takes seconds.
    is_handle = pl.col("kind").is_in(HANDLE_KINDS)
    is_number = is_handle & pl.col("value").str.contains(_DIGITS_OF_A_PHONE)
    is_mail = pl.col("kind") == "email"
    mailbox = _folded().str.extract(_MAILBOX_NAME, 1)
    as_it_is = pl.col("kind") + pl.lit(":") + pl.col("value")
    branches = (
        (is_number, pl.lit("phone:") + pl.col("value").str.strip_chars_start("+")),
        (is_handle & ~is_number, reached),
        (is_mail, pl.when(is_own_name(mailbox)).then(pl.lit("handle:") + mailbox).otherwise(as_it_is)),
        (~is_handle & ~is_mail, as_it_is),
    )
    return pl.concat(
        [identifiers.filter(rows).with_columns(key.alias("contact_key")) for rows, key in branches]
    )


def _folded() -> pl.Expr:
    return pl.col("value").str.to_lowercase().str.strip_chars()


def _is_bound() -> pl.Expr:
    """Whether what a messenger link (`value`) reaches is known by its platform, too: others may have its name there."""
    name = _folded().str.extract(_NAME_ON_A_PLATFORM, 1)
    is_name = name.is_not_null() & ~name.str.contains(_DIGITS_OF_A_PHONE)
    return (pl.col("kind") == "messenger") & is_name & ~is_own_name(name)


def names_alone(identifiers: pl.DataFrame) -> pl.DataFrame:
    """What accounts of one platform are called, of these identifiers (contact, kind, value): bound, named (UInt64:
    their contact and that of their name alone).
    """
    bound = identifiers.filter(pl.col("kind") == "messenger").filter(_is_bound())
    name = _folded().str.extract(_NAME_ON_A_PLATFORM, 1).alias("value")
    alone = bound.select(pl.col("contact").alias("bound"), pl.lit("username").alias("kind"), name).unique()
    return with_contacts(alone).select("bound", pl.col("contact").alias("named"))


def without_names_alone(uses: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """What items show (item, contact, …) without the names of accounts that they show; `names` from `names_alone`.

    A text that says `Telegram: @vip_madrid` shows the account and the name, which others may have elsewhere.
    """
    shown = uses.select("item", "contact").join(names, left_on="contact", right_on="bound")
    if shown.is_empty():
        return uses
    return uses.join(
        shown, left_on=["item", "contact"], right_on=["item", "named"], how="anti", maintain_order="left"
    )


def _reason_rank() -> pl.Expr:
    ranks = {kind: rank for rank, kind in enumerate(REASON_ORDER)}
    return pl.col("kind").replace_strict(ranks, default=len(ranks), return_dtype=pl.Int8)
