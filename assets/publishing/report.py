"""The report of an operation: one HTML file that opens offline, on paper and on a phone.

It is made from the analysts' snapshot alone and so shows what that shows: pseudonyms, no free text. It has no
script, loads nothing and says so in its Content-Security-Policy.
"""

import os
import re
from datetime import date
from pathlib import Path

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from assets.publishing.charts import daily_bars, day_bars
from assets.publishing.country_map import country_map, without_tile
from assets.publishing.findings import PAST_DAYS, Findings, read_findings
from assets.publishing.network_chart import network_chart
from assets.publishing.operation_figures import COUNTRY_METRICS, DAY_METRICS
from assets.publishing.rows import Row
from assets.publishing.shareable import LEFT_OUT
from assets.publishing.small_cells import Hidden
from assets.publishing.summary import words

_TERRITORIES = Locale("en").territories
_PSEUDONYM = re.compile(r"\b(p_[0-9a-f]{8})[0-9a-f]{8}\b")
_SHOWN_DAYS = 31
_TEMPLATES = Path(__file__).with_name("templates")


def render_report(snapshot_file: Path, output: Path) -> Path:
    """Write the full report of a published snapshot to `output`; returns it."""
    return write_html(read_findings(snapshot_file), output)


def write_html(found: Findings, output: Path) -> Path:
    """Write the report of these findings to `output` (folders are made); returns it.

    Written under a temporary name first, so that a reader never opens half a report.
    """
    html = report_html(found)
    output.parent.mkdir(parents=True, exist_ok=True)
    temporary = output.with_name(f".{output.name}.tmp")
    temporary.write_text(html, encoding="utf-8")
    os.replace(temporary, output)
    return output


def report_html(found: Findings) -> str:
    """The report as text."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(["html", "j2"], default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "words": words,
        "number": number,
        "country": country_name,
        "countries": country_names,
        "short": shortened,
        "shared_kinds": shared_kinds,
        "megabytes": lambda count: f"{(count or 0) / 1e6:,.1f} MB",
    }
    by_country = {row["country"]: row["leads"] for row in found.leads_by_country}
    return environment.get_template("report.html.j2").render(
        found=found,
        charts={surge["surge_id"]: _chart(surge, found.surge_days) for surge in found.surges},
        map=country_map(by_country, country_name, "leads"),
        without_tile=without_tile(by_country),
        day_chart=_day_chart(found.days[-_SHOWN_DAYS:]),
        shown_days=_SHOWN_DAYS,
        network_picture=network_chart(found.network, words, shortened),
        network_accounts=_accounts(found),
        comparable_metrics=_comparable_metrics(found.comparable),
        country_metrics=COUNTRY_METRICS,
        day_metrics=DAY_METRICS,
        left_out=LEFT_OUT,
        **vars(found),
    )


def number(value: float | Hidden | None) -> str:
    """A figure with thousands separators and no more decimals than it needs; an en dash for none."""
    if value is None:
        return "–"
    if isinstance(value, Hidden):
        return str(value)
    if float(value).is_integer() or abs(value) >= 100:
        return f"{round(value):,}"
    return f"{value:,.1f}" if abs(value) >= 1 else f"{value:.2g}"


def shortened(text: str) -> str:
    """Pseudonyms cut to eight digits, for reading; the snapshot has them whole."""
    return _PSEUDONYM.sub(r"\1…", text)


def shared_kinds(tie: Row) -> str:
    """What two tied sites share, in words: "(48 contacts, 2 texts)"; empty where nothing is told apart."""
    names = ("contacts", "images", "texts", "accounts", "analytics")
    told = [f"{number(tie[f'shared_{name}'])} {name}" for name in names if tie[f"shared_{name}"]]
    told += [f"{number(tie['direct_links'])} direct links"] if tie["direct_links"] else []
    return f"({', '.join(told)})" if told else ""


def country_name(code: str) -> str:
    """English short name of an ISO 3166 alpha-2 code (CLDR); the code itself where there is none."""
    return str(_TERRITORIES.get(code, code))


def country_names(codes: str | None, most: int = 8) -> str:
    """Names of comma-separated codes, the first `most` of them; how many more there are."""
    names = [country_name(code.strip()) for code in (codes or "").split(",") if code.strip()]
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return (", ".join(names[:most]) or "–") + more


def _chart(surge: Row, days: dict[str, dict[date, int]]) -> Markup | None:
    series = days.get(surge["surge_id"])
    if not series:
        return None
    return daily_bars(series, surge["start_date"], surge["end_date"], PAST_DAYS, surge["expected"])


def _day_chart(days: list[Row]) -> Markup | None:
    """Leads by day, where there are days to compare and none of them is hidden."""
    series = {row["day"]: row["new_leads"] for row in days}
    if len(series) < 2 or any(isinstance(count, Hidden) for count in series.values()):
        return None
    return day_bars(series)


def _accounts(found: Findings) -> list[Row]:
    """The network account by account: `actor`, `account`, `site`, `identifiers`."""
    short = {actor["actor_id"]: actor["short_id"] for actor in found.network.actors}
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for link in found.network.links:
        key = (short[link["actor_id"]], link["account"], link["site"])
        grouped.setdefault(key, []).append(f"{link['value'] or 'withheld'} ({link['items']})")
    return [
        {"actor": actor, "account": account, "site": site, "identifiers": ", ".join(identifiers)}
        for (actor, account, site), identifiers in grouped.items()
    ]


def _comparable_metrics(operations: list[Row]) -> list[Row]:
    """A row for each metric that two operations share, ours among them: `metric`, `unit`, `own`, `figures`.

    `figures` has a figure or None for each operation, in their order.
    """
    found: dict[tuple[str, str | None], Row] = {}
    for number_, operation in enumerate(operations):
        for figure in operation["figures"]:
            row = found.setdefault(
                (figure["metric"], figure["unit"]),
                {"metric": figure["metric"], "unit": figure["unit"], "own": figure["own"]}
                | {"figures": [None] * len(operations)},
            )
            row["figures"][number_] = figure
    shared = [
        row for row in found.values() if row["own"] is not None or len([f for f in row["figures"] if f]) > 1
    ]
    return sorted(
        shared, key=lambda row: (row["own"] is None, -len([f for f in row["figures"] if f]), row["metric"])
    )
