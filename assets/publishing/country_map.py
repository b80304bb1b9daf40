"""A schematic map of the world as inline SVG: one equal tile for each country, shaded by a figure."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from markupsafe import Markup, escape

from assets.publishing.small_cells import HIDDEN, Count, Hidden

_LAYOUT = Path(__file__).with_name("layouts") / "countries.txt"
_TILE, _GAP = 29, 2
_SHADES = 4


@cache
def tiles() -> Mapping[str, tuple[int, int]]:
    """(column, row) by country code. Raises `ValueError` for a layout that names a country twice."""
    found: dict[str, tuple[int, int]] = {}
    lines = [line for line in _LAYOUT.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    for row, line in enumerate(lines):
        for column, code in enumerate(line.split()):
            if code == "..":
                continue
            if code in found:
                raise ValueError(f"{_LAYOUT.name} has two tiles for {code}")
            found[code] = (column, row)
    return found


def steps(figures: Mapping[str, Count]) -> list[int]:
    """The upper bounds of up to four shades: a quarter of the highest figure and its double and so on, rounded up."""
    highest = max((figure for figure in figures.values() if not isinstance(figure, Hidden)), default=0)
    # Halving from the top keeps the many small countries apart, which equal steps would put into one shade.
    bounds = {-(-highest // 2**power) for power in range(_SHADES)}
    return sorted(bound for bound in bounds if bound > 0)


def country_map(figures: Mapping[str, Count], name: Callable[[str], str], counted: str) -> Markup | None:
    """The map of `figures` by country code, or None where no country has one.

    `name` gives a country's name, `counted` says what is counted ("leads"). Hidden figures are dotted, countries
    without one are empty.
    """
    if not any(code in tiles() for code in figures):
        return None
    bounds = steps(figures)
    drawn = [_tile(code, *place, figures.get(code), bounds, name, counted) for code, place in tiles().items()]
    width = (max(column for column, _ in tiles().values()) + 1) * (_TILE + _GAP)
    map_height = (max(row for _, row in tiles().values()) + 1) * (_TILE + _GAP)
    named = sum(figure is HIDDEN or bool(figure) for code, figure in figures.items() if code in tiles())
    return Markup(
        f'<svg class="map" viewBox="0 0 {width} {map_height + 34}" role="img" aria-labelledby="map-name map-words">'
        f'<title id="map-name">Schematic map of {escape(counted)} by country</title>'
        f'<desc id="map-words">One tile for each country, darker for more; {named} countries have a figure. The '
        "table by country says the same in numbers.</desc>"
        f"{''.join(drawn)}{_legend(bounds, map_height + 8, any(f is HIDDEN for f in figures.values()))}</svg>"
    )


def without_tile(figures: Mapping[str, Count]) -> list[str]:
    """Codes with a figure that the layout has no tile for."""
    return sorted(code for code in figures if code not in tiles())


def _shade(figure: Count | None, bounds: list[int]) -> str:
    if isinstance(figure, Hidden):
        return "hidden"
    if not figure:
        return "none"
    return f"shade-{_SHADES - len(bounds) + 1 + sum(figure > bound for bound in bounds)}"


def _tile(
    code: str,
    column: int,
    row: int,
    figure: Count | None,
    bounds: list[int],
    name: Callable[[str], str],
    counted: str,
) -> str:
    x, y = column * (_TILE + _GAP), row * (_TILE + _GAP)
    shade = _shade(figure, bounds)
    says = "none" if shade == "none" else str(figure)
    number = "" if shade in ("none", "hidden") else f'<text x="{x + _TILE / 2}" y="{y + 24}">{figure}</text>'
    return (
        f'<g class="tile {shade}"><title>{escape(name(code))}: {says} {escape(counted) if number else ""}</title>'
        f'<rect x="{x}" y="{y}" width="{_TILE}" height="{_TILE}" rx="3"/>'
        f'<text class="code" x="{x + _TILE / 2}" y="{y + (13 if number else 18)}">{code}</text>{number}</g>'
    )


def _legend(bounds: list[int], y: float, any_hidden: bool) -> str:
    entries = [("none", "none named")]
    low = 1
    for bound in bounds:
        entries.append((_shade(bound, bounds), str(bound) if bound == low else f"{low}–{bound}"))
        low = bound + 1
    if any_hidden:
        entries.append(("hidden", "hidden"))
    return "".join(
        f'<g class="tile {shade}"><rect x="{number * 110}" y="{y}" width="18" height="18" rx="3"/></g>'
        f'<text x="{number * 110 + 24}" y="{y + 14}">{text}</text>'
        for number, (shade, text) in enumerate(entries)
    )
