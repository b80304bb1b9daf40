"""Circles: posters whom linking holds apart by contacts of their own, beside which one handle stands in all they post.

Such a handle is a platform's line, an agency's, or that of one controller who gives each woman a number to throw away.
Clients of an agency come from anywhere and one by one; so do the posters of a platform. A circle is narrow where nearly
all of it claim one nationality and came within a few days, and as many posters drawn from those of their sites would
hardly ever. Where everybody claims one nationality, or the site has just begun, that says nothing.
"""

from collections.abc import Callable

import numpy as np
import polars as pl
from scipy.special import betainc

# Fewer posters may be friends, or colleagues who share a flat.
LEAST_POSTERS = 8
# What is said of a circle must hold of this share of it (assumed): a few numbers are misread or given on.
MOST_OF_CIRCLE = 0.9
# Within so many days they came, tried from the shortest (assumed).
WINDOWS = (7, 14, 28, 56)
# Probability that any of the handles of one look is narrow by chance.
CHANCE = 0.05
# A handle in more items than these, and than this share of the largest site's, is a platform's; it is not looked at.
MANY_ITEMS, MANY_OF_SITE = 1000, 0.1
CIRCLE_KINDS = ("phone", "messenger", "username", "email")
ITEM_COLUMNS = ("contact", "account_key", "site", "category", "nationality", "day")
_SECTION = ["site", "category"]


def circles_in(context: pl.DataFrame, mentions: pl.DataFrame, identifiers: pl.DataFrame) -> pl.DataFrame:
    """The narrow circles (`narrow_circles`) among all items; handles as `mentions` name them.

    `context` from `context.item_context`; `mentions` (each identifier of an item once) and `identifiers` as in their
    contracts.
    """
    most = most_items(int(context["site"].value_counts()["count"].to_numpy().max(initial=0)))
    asked = identifiers.filter(
        pl.col("kind").is_in(CIRCLE_KINDS) & pl.col("item_count").is_between(LEAST_POSTERS, most)
    )
    beside = (
        mentions.select("item_id", pl.col("identifier_id").alias("handle"))
        .join(asked.select(pl.col("identifier_id").alias("handle")), on="handle", how="semi")
        .join(context.rename({"actor_id": "actor"}).drop_nulls("actor"), on="item_id")
        .filter(pl.col("contact") != pl.col("handle").hash())
        .select("handle", "actor", *ITEM_COLUMNS)
    )
    return narrow_circles(
        beside, lambda sites: context.filter(pl.col("site").is_in(sites.implode())).select(ITEM_COLUMNS)
    )


def most_items(largest_site: int) -> int:
    """In how many items a handle may stand to be looked at, where the largest site has so many."""
    return max(MANY_ITEMS, int(MANY_OF_SITE * largest_site))


def narrow_circles(beside: pl.DataFrame, of_sites: Callable[[pl.Series], pl.DataFrame]) -> pl.DataFrame:
    """The handles with a narrow circle: handle, posters (Int64), told (String), sorted.

    `beside`: handle, actor, contact, account_key, site, category, nationality, day: a row for each item of an actor in
    which a handle stands beside a rarer contact. `of_sites`: gives for sites the same columns, but for handle and
    actor, of all their items.

    Posters are the actors. Both measures are tails of the binomial distribution, and both must hold: (1) so many claim
    one nationality, each by its share of those who claim any in the section (site and category), or of the others who
    came there in the same days (by Laplace's rule), whichever is more: a nationality that comes in great numbers comes
    to handles, too; times the nationalities there are. (2) So many accounts were new within so many days, by the
    largest share of the section's that began within as many, times posters (each may be the first) and lengths tried.
    Posters of several sections have the mean of their shares: the binomial tail is an upper bound then (Hoeffding, "On
    the distribution of the number of successes in independent trials", 1956). Corrected for the handles of as many
    posters (Bonferroni), whatever they turn out to be.
    """
    beside = beside.with_columns(_poster())
    persons = beside.group_by("handle", "actor").agg(_first(), _claim())
    persons = persons.filter(pl.len().over("handle") >= LEAST_POSTERS)
    handles = persons["handle"].n_unique()
    of_each = persons.drop_nulls("nationality").group_by("handle", "nationality").len()
    of_most = of_each.group_by("handle").agg(
        pl.col("len").max().alias("most"), pl.col("len").sum().alias("all")
    )
    claiming = of_most.filter(
        (pl.col("all") >= LEAST_POSTERS) & (pl.col("most") >= MOST_OF_CIRCLE * pl.col("all"))
    )
    of_one = persons.join(claiming, on="handle", how="semi")
    plausible = {
        handle: part
        for (handle,), part in of_one.partition_by("handle", as_dict=True).items()
        # They stood beside the handle within days of each other.
        if _most_within(_days(part["day"]), WINDOWS[-1]) >= MOST_OF_CIRCLE * part.height
    }
    told = []
    if plausible:
        shown = beside.filter(pl.col("handle").is_in(list(plausible)))
        came = of_sites(shown["site"].unique()).with_columns(_poster())
        came = came.group_by(*_SECTION, "poster").agg(_first(), _claim())
        for handle, part in plausible.items():
            words = _told(part, shown.filter(pl.col("handle") == handle), came, handles)
            told += [] if words is None else [(handle, part.height, words)]
    schema = {"handle": beside.schema["handle"], "posters": pl.Int64(), "told": pl.String()}
    return pl.DataFrame(told, schema=schema, orient="row").sort("handle")


def _poster() -> pl.Expr:
    """Whose an item is as far as a site tells: an account's, else whose contact it is."""
    return pl.coalesce("account_key", "contact").alias("poster")


def _first() -> pl.Expr:
    return pl.col("day").min()


def _claim() -> pl.Expr:
    """The one nationality that is claimed; null where none is, or several are."""
    claims = pl.col("nationality").drop_nulls()
    return pl.when(claims.n_unique() == 1).then(claims.first()).alias("nationality")


def _days(days: pl.Series) -> np.ndarray:
    found: np.ndarray = np.sort(days.to_physical().to_numpy())
    return found


def _most_within(days: np.ndarray, length: int) -> int:
    """The most of these days (rising) that lie within so many consecutive ones."""
    return int(_each_within(days, length).max(initial=0))


def _each_within(days: np.ndarray, length: int) -> np.ndarray:
    """How many of these days (rising) lie within so many from each on."""
    found: np.ndarray = np.searchsorted(days, days + length) - np.arange(len(days))
    return found


def _told(persons: pl.DataFrame, shown: pl.DataFrame, came: pl.DataFrame, handles: int) -> str | None:
    """What is said of one handle's circle; None where it is not narrow.

    `persons`: actor, nationality; `shown`: the items behind them; `came`: site, category, poster, day (the first),
    nationality of all posters of these sites; `handles`: how many were looked at.
    """
    own = shown.select(*_SECTION, "poster", "actor").unique()
    first = own.join(came, on=[*_SECTION, "poster"]).group_by("actor").agg(_first())
    days = _days(first["day"])
    sections = own.select(*_SECTION, "actor").unique()
    came = came.join(sections, on=_SECTION, how="semi")
    most_by_chance = CHANCE / handles
    within = None
    for length in WINDOWS:
        count, chance = _span(days, length, sections, came)
        if count >= MOST_OF_CIRCLE * len(days) and chance * len(WINDOWS) <= most_by_chance:
            within = length, count
            break
    if within is None:
        return None
    length, count = within
    begin = int(days[np.argmax(_each_within(days, length))])
    in_these_days = pl.col("day").to_physical().is_between(begin, begin + length - 1)
    others = came.filter(in_these_days).join(own, on=[*_SECTION, "poster"], how="anti")
    claiming = persons.drop_nulls("nationality")
    of_one, chance = _one_nationality(claiming, sections, came, others)
    if chance > most_by_chance:
        return None
    accounts, contacts = shown["account_key"].drop_nulls().n_unique(), shown["contact"].n_unique()
    return (
        f"beside {contacts} other contacts of {len(days)} posters with {accounts} accounts: {of_one} of "
        f"{claiming.height} claim one nationality, {count} came within {length} days"
    )


def _span(days: np.ndarray, length: int, sections: pl.DataFrame, came: pl.DataFrame) -> tuple[int, float]:
    """How many of these days lie within so many, and how probable that is for posters of these sections."""
    count = _most_within(days, length)
    shares = [
        (*section, _most_within(_days(part["day"]), length) / part.height)
        for section, part in came.partition_by(_SECTION, as_dict=True).items()
    ]
    schema = {**{name: came.schema[name] for name in _SECTION}, "share": pl.Float64()}
    share = _mean(pl.DataFrame(shares, schema=schema, orient="row"), sections)
    return count, len(days) * _tail(count - 1, len(days) - 1, share)


def _one_nationality(
    claiming: pl.DataFrame, sections: pl.DataFrame, came: pl.DataFrame, others: pl.DataFrame
) -> tuple[int, float]:
    """How many of the posters claim the nationality that most claim, and how probable that is for posters of their
    sections, by all who `came` there, or by the `others` who came in the same days."""
    nationality, count = claiming["nationality"].value_counts().sort("count", descending=True).row(0)
    is_of_it = pl.col("nationality") == nationality

    def shares(posters: pl.DataFrame, added: int) -> pl.DataFrame:
        share = (is_of_it.sum() + added) / (pl.len() + 2 * added)
        return posters.drop_nulls("nationality").group_by(_SECTION).agg(share.alias("share"))

    either = pl.concat([shares(came, 0), shares(others, 1)]).group_by(_SECTION).agg(pl.col("share").max())
    share = _mean(either, sections.join(claiming, on="actor", how="semi"))
    nationalities = came["nationality"].drop_nulls().n_unique()
    return count, nationalities * _tail(count, claiming.height, share)


def _mean(shares: pl.DataFrame, sections: pl.DataFrame) -> float:
    """The mean share of posters: of each the highest of its sections. `sections`: site, category, actor."""
    of_each = sections.join(shares, on=_SECTION).group_by("actor").agg(pl.col("share").max())
    # In order: a sum of floating point numbers depends on it.
    return float(np.mean(np.sort(of_each["share"].to_numpy())))


def _tail(count: int, of: int, share: float) -> float:
    """Probability of so many or more; 1 where about as many are to be expected, as the bound does not hold there.

    The binomial tail by its form as an incomplete beta function: scipy.stats, which gives the same, takes a second to
    import.
    """
    return 1.0 if count < of * share + 1 else float(betainc(count, of - count + 1, share))
