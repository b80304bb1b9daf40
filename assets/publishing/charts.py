"""Small charts as inline SVG: no script, no request, colours from the page's style sheet."""

from collections.abc import Mapping
from datetime import date, timedelta

from markupsafe import Markup

_WIDTH, _HEIGHT, _BASE, _TOP = 440, 150, 128, 22
_LEFT = 26


def daily_bars(days: Mapping[date, int], start: date, end: date, past_days: int, expected: float) -> Markup:
    """Items per day as bars: the past muted, the rise from `start` to `end` in the accent colour.

    `expected` is the number expected over the whole rise; its daily mean is the dashed line. For screen readers the
    chart is an image with these figures in its name.
    """
    first = start - timedelta(days=past_days)
    calendar = [first + timedelta(days=number) for number in range((end - first).days + 1)]
    mean = expected / ((end - start).days + 1)
    top = max([*(days.get(day, 0) for day in calendar), mean, 1])
    step = (_WIDTH - _LEFT) / len(calendar)

    def height(value: float) -> float:
        return value / top * (_BASE - _TOP)

    bars = "".join(
        f'<rect class="{"rise" if day >= start else "past"}" x="{_LEFT + number * step:.1f}" '
        f'y="{_BASE - height(days[day]):.1f}" width="{max(step - 1, 0.8):.1f}" height="{height(days[day]):.1f}"/>'
        for number, day in enumerate(calendar)
        if days.get(day)
    )
    onset = _LEFT + past_days * step
    level = _BASE - height(mean)
    # The label of the onset stands over the past, which is lower than the rise.
    anchor, label_x = ("end", onset - 5) if onset > _WIDTH / 2 else ("start", onset)
    rise = sum(count for day, count in days.items() if start <= day <= end)
    past = sum(count for day, count in days.items() if first <= day < start)
    return Markup(
        f"{_opened(f'Items by day: {past} from {first} to {start - timedelta(days=1)}, {rise} from {start} to {end}')}"
        f'<line class="axis" x1="{_LEFT}" y1="{_BASE}" x2="{_WIDTH}" y2="{_BASE}"/>'
        f"{bars}"
        f'<line class="expected" x1="{onset:.1f}" y1="{level:.1f}" x2="{_WIDTH}" y2="{level:.1f}"/>'
        f'<text x="{_LEFT - 5}" y="{_TOP + 6}" text-anchor="end">{top:.0f}</text>'
        f'<text x="{_LEFT - 5}" y="{_BASE}" text-anchor="end">0</text>'
        f'<text class="strong" x="{label_x:.1f}" y="14" text-anchor="{anchor}">from {start.isoformat()}</text>'
        f'<text x="{_LEFT}" y="{_HEIGHT - 6}">{first.isoformat()}</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT - 6}" text-anchor="end">{end.isoformat()}</text>'
        "</svg>"
    )


def day_bars(days: Mapping[date, int]) -> Markup:
    """A bar for each day from the first to the last, in the accent colour, an image as `daily_bars` is."""
    first, last = min(days), max(days)
    calendar = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    top = max([*days.values(), 1])
    step = (_WIDTH - _LEFT) / len(calendar)
    width = min(max(step - 2, 0.8), 40)
    bars = "".join(
        f'<rect class="rise" x="{_LEFT + number * step + (step - width) / 2:.1f}" '
        f'y="{_BASE - days[day] / top * (_BASE - _TOP):.1f}" width="{width:.1f}" '
        f'height="{days[day] / top * (_BASE - _TOP):.1f}"/>'
        for number, day in enumerate(calendar)
        if days.get(day)
    )
    highest = max(days, key=lambda day: (days[day], day))
    return Markup(
        f"{_opened(f'By day from {first} to {last}: {sum(days.values())}, most on {highest} ({days[highest]})')}"
        f'<line class="axis" x1="{_LEFT}" y1="{_BASE}" x2="{_WIDTH}" y2="{_BASE}"/>{bars}'
        f'<text x="{_LEFT - 5}" y="{_TOP + 6}" text-anchor="end">{top}</text>'
        f'<text x="{_LEFT - 5}" y="{_BASE}" text-anchor="end">0</text>'
        f'<text x="{_LEFT}" y="{_HEIGHT - 6}">{first.isoformat()}</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT - 6}" text-anchor="end">{last.isoformat()}</text></svg>'
    )


def _opened(name: str) -> str:
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{name}">'
