"""The actor network as inline SVG: sites, accounts and identifiers in three columns, a band for each actor.

Three columns and not a force-directed layout: the same data always gives the same picture, labels never overlap,
and every line runs from left to right. Nodes stand near the mean height of their neighbours (the barycentre rule
of layered drawing, Sugiyama, Tagawa and Toda 1981), which keeps crossings few.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

from markupsafe import Markup, escape

from assets.publishing.actor_network import Network
from assets.publishing.rows import Row

_WIDTH, _ROW, _BOX, _HEAD = 900, 26, 20, 30
_SITE_X, _SITE_WIDTH = 4, 200
_ACCOUNT_X, _ACCOUNT_WIDTH = 330, 190
_IDENTIFIER_X, _IDENTIFIER_WIDTH = 660, 232
_TITLES = 24
# Characters of 11 px that fit a box.
_SITE_LETTERS, _ACCOUNT_LETTERS, _IDENTIFIER_LETTERS = 30, 28, 34

Account = tuple[str, str, str]
Key = TypeVar("Key", bound=Hashable)


def network_chart(
    network: Network, words: Callable[[str], str], shorten: Callable[[str], str]
) -> Markup | None:
    """The picture, described for screen readers; None without a link. `words` and `shorten` make the labels."""
    if not network.links:
        return None
    bands: list[str] = []
    nodes: list[str] = []
    account_y: dict[Account, float] = {}
    identifier_y: dict[str, float] = {}
    top: float = _TITLES
    for number, actor in enumerate(network.actors):
        links = [link for link in network.links if link["actor_id"] == actor["actor_id"]]
        if not links:
            continue
        accounts = sorted({_account(link) for link in links})
        labels = {
            link["identifier_id"]: _label(link, shorten)
            for link in links
            if link["identifier_id"] not in identifier_y
        }
        count = max(len(accounts), len(labels))
        height = _HEAD + count * _ROW
        bands.append(
            f'<rect class="band band-{number % 2}" x="{_ACCOUNT_X - 14}" y="{top:.0f}" '
            f'width="{_WIDTH - _ACCOUNT_X + 14}" height="{height - 6}" rx="6"/>'
            f'<text class="strong" x="{_ACCOUNT_X - 4}" y="{top + 18:.0f}">Actor {escape(actor["short_id"])} · '
            f"{escape(words(actor['type']))}, score {actor['score']:.1f}</text>"
        )
        first = top + _HEAD
        account_y |= _spread(accounts, first, count)
        order = _by_mean(labels, links, account_y)
        identifier_y |= _spread(order, first, count)
        for account in accounts:
            nodes.append(
                _box(
                    "account",
                    _ACCOUNT_X,
                    account_y[account],
                    _ACCOUNT_WIDTH,
                    shorten(account[2]),
                    _ACCOUNT_LETTERS,
                )
            )
        for identifier in order:
            nodes.append(
                _box(
                    *("identifier", _IDENTIFIER_X, identifier_y[identifier], _IDENTIFIER_WIDTH),
                    *(labels[identifier], _IDENTIFIER_LETTERS),
                )
            )
        top += height
    site_y = _sites(account_y, top)
    nodes += [_box("site", _SITE_X, y, _SITE_WIDTH, site, _SITE_LETTERS) for site, y in site_y.items()]
    edges = [
        _edge(_SITE_X + _SITE_WIDTH, site_y[account[1]], _ACCOUNT_X, y, 1, "posted")
        for account, y in account_y.items()
    ]
    edges += [_shown(link, account_y, identifier_y) for link in network.links]
    heads = "".join(
        f'<text x="{x}" y="14">{text}</text>'
        for x, text in ((_SITE_X, "Sites"), (_ACCOUNT_X, "Accounts"), (_IDENTIFIER_X, "Identifiers"))
    )
    return Markup(
        f'<svg class="network" viewBox="0 0 {_WIDTH} {top:.0f}" role="img" '
        'aria-labelledby="network-name network-words">'
        '<title id="network-name">Network of the strongest actors</title>'
        f'<desc id="network-words">{_description(account_y, identifier_y, site_y)}</desc>'
        f"{heads}{''.join(bands)}{''.join(edges)}{''.join(nodes)}</svg>"
    )


def _account(link: Row) -> Account:
    return (link["actor_id"], link["site"], link["account"])


def _label(link: Row, shorten: Callable[[str], str]) -> str:
    """The identifier, with its kind where the value does not say it."""
    value = shorten(str(link["value"] or "withheld"))
    return value if value.startswith(f"{link['kind']}:") else f"{link['kind']} {value}"


def _spread(keys: list[Key], first: float, count: int) -> dict[Key, float]:
    """Heights of the middles of `keys`, evenly over `count` rows."""
    step = count * _ROW / len(keys) if keys else 0
    return {key: first + (number + 0.5) * step - 3 for number, key in enumerate(keys)}


def _by_mean(labels: Mapping[str, str], links: list[Row], account_y: Mapping[Account, float]) -> list[str]:
    heights: dict[str, list[float]] = defaultdict(list)
    for link in links:
        heights[link["identifier_id"]].append(account_y[_account(link)])
    return sorted(labels, key=lambda one: (sum(heights[one]) / len(heights[one]), labels[one], one))


def _sites(account_y: Mapping[Account, float], bottom: float) -> dict[str, float]:
    """Each site near the mean height of its accounts, boxes not overlapping."""
    heights: dict[str, list[float]] = defaultdict(list)
    for (_, site, _), y in account_y.items():
        heights[site].append(y)
    wanted = sorted((sum(ys) / len(ys), site) for site, ys in heights.items())
    placed: dict[str, float] = {}
    free = float(_TITLES + _BOX)
    for number, (y, site) in enumerate(wanted):
        # Room must stay below for the sites that follow.
        latest = bottom - (len(wanted) - number) * _ROW
        placed[site] = max(free, min(y, latest))
        free = placed[site] + _ROW
    return placed


def _box(kind: str, x: float, y: float, width: float, label: str, letters: int) -> str:
    text = label if len(label) <= letters else label[: letters - 1] + "…"
    return (
        f'<g class="{kind}"><title>{escape(label)}</title>'
        f'<rect x="{x}" y="{y - _BOX / 2:.1f}" width="{width}" height="{_BOX}" rx="4"/>'
        f'<text x="{x + 8}" y="{y + 4:.1f}">{escape(text)}</text></g>'
    )


def _edge(x1: float, y1: float, x2: float, y2: float, items: int, kind: str) -> str:
    middle = (x1 + x2) / 2
    width = 1 + min(items, 9) / 3
    return (
        f'<path class="edge {kind}" stroke-width="{width:.1f}" '
        f'd="M{x1},{y1:.1f}C{middle},{y1:.1f} {middle},{y2:.1f} {x2},{y2:.1f}"/>'
    )


def _shown(link: Row, account_y: Mapping[Account, float], identifier_y: Mapping[str, float]) -> str:
    start, end = account_y[_account(link)], identifier_y[link["identifier_id"]]
    return _edge(_ACCOUNT_X + _ACCOUNT_WIDTH, start, _IDENTIFIER_X, end, link["items"], "shows")


def _description(
    account_y: Mapping[Account, float], identifier_y: Mapping[str, float], site_y: Mapping[str, float]
) -> str:
    return (
        f"{len({actor for actor, _, _ in account_y})} actors with {len(account_y)} accounts on {len(site_y)} sites, "
        f"joined by {len(identifier_y)} identifiers. The table below says the same in words."
    )
