"""The days by which statistics are counted that stand still until there is a good deal more to count.

What the whole of all items says, as how rare a word is, moves a little with every item; if it were counted anew each
day, every day would change everything. So it is counted among the items of a base, which begins as those of the first
day and is taken anew on the first day on which they are a quarter more. That depends on nothing but how many items
were first seen on which day, so a build from scratch finds the same base as one that went from day to day.
"""

from datetime import date

import polars as pl

# Growth at which the base is taken anew: at 1 % of new items a day every 22 days.
GROWTH = 1.25


def last_day_of_base(first_seen: pl.Series) -> date | None:
    """The last day whose items are in the base; None without days.

    `first_seen`: Date, the first day of each item (null: of none).
    """
    return last_day_counted(first_seen.drop_nulls().value_counts(name="items"))


def last_day_counted(items_of_days: pl.DataFrame) -> date | None:
    """`last_day_of_base` of items counted by days: day (Date), items."""
    last: date | None = None
    held = total = 0
    for day, items in items_of_days.sort(pl.first()).iter_rows():
        total += items
        if last is None or total >= GROWTH * held:
            last, held = day, total
    return last
