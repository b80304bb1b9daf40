"""When things are posted: 180 days before the anchor, with a weekly rhythm and a growth of each site."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random

from simulation.randomness import Weighted

DAYS = 180
# Monday to Sunday; advertisements thin out on Sundays and peak on Thursdays.
_WEEK = (1.0, 1.02, 1.05, 1.15, 1.1, 0.9, 0.78)
_HOURS = Weighted(range(24), [1, 1, 1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 9, 8, 8, 9, 9, 9, 8, 8, 7, 6, 4, 2])


class Timeline:
    """Draws times of posting. `growth` is the site's volume at the end over that at the start of the window."""

    def __init__(self, anchor: date, growth: float = 1.0, late_growth: float = 1.0) -> None:
        self.first = anchor - timedelta(days=DAYS)
        weights = []
        for day in range(DAYS):
            level = 1 + (growth - 1) * day / DAYS
            if day >= DAYS - 60:
                level *= 1 + (late_growth - 1) * (day - (DAYS - 60)) / 60
            weights.append(level * _WEEK[(self.first + timedelta(days=day)).weekday()])
        self._days = Weighted(range(DAYS), weights)

    def draw(self, random: Random) -> datetime:
        """Any time of the window (UTC)."""
        return self.at(self._days.draw(random), random)

    def at(self, day: int, random: Random) -> datetime:
        """Some time on the `day`-th day of the window."""
        moment = time(_HOURS.draw(random), random.randrange(60), random.randrange(60), tzinfo=UTC)
        return datetime.combine(self.first + timedelta(days=day), moment)
