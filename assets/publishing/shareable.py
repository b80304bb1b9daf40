"""The shareable variant of a report: counts of persons only where there are enough of them, and nobody singled out.

What goes: cards of single leads, the actor and its network, pseudonyms, names of sites and sources, places below a
country, charts by day, and every count of persons from 1 to the minimum - 1, with as many others as it takes that no
small one can be computed from the rest. `LEFT_OUT` says so to the reader, with the reasons.
"""

from collections.abc import Iterable
from dataclasses import replace

from assets.publishing.actor_network import Network
from assets.publishing.findings import Findings
from assets.publishing.rows import Row
from assets.publishing.small_cells import DEFAULT_MINIMUM, HIDDEN, Cell, Count, Sum, cells_to_hide, is_small
from assets.statistics.own_operation import CHECK_METRICS, LEAD_METRICS

LEFT_OUT = (
    (
        "Small counts",
        "a few persons can be recognised by those who know the place or the trade",
    ),
    ("Single leads, their scores and signs", "a lead is about one person, and an unverified suspicion"),
    (
        "Actors and their networks, with every pseudonym",
        "a pseudonym joins what two reports say of one person",
    ),
    (
        "Names of sites and of sources",
        "no site here is proven to serve traffickers, and its name leads to the people",
    ),
    ("Places below a country and figures per day in a surge", "few people are behind them"),
    (
        "Texts and contacts that several accounts share",
        "they lead to the accounts",
    ),
    ("Lists that were looked into", "their names, and single hits, lead to persons"),
    ("Ties between sites", "they are about named sites; their number stands among the key figures"),
)

# Counts of persons, or of what stands for one, among the metrics of an operation.
PERSON_METRICS = (*LEAD_METRICS, "urls")
# Types of leads that are not on persons.
_THINGS = frozenset({"site", "url"})
_KEY_FIGURES = frozenset(
    {"leads", "actors_of_several", "surges", "site_ties", "items", "sites", "captures", "operations_read"}
    | {"figures_read", "blocked_units", "quarantined"}
)


def shareable(found: Findings, minimum: int = DEFAULT_MINIMUM) -> Findings:
    """The findings without persons; hidden figures are `HIDDEN`. Raises `ValueError` for a minimum below 2."""
    if minimum < 2:
        raise ValueError("the smallest count of persons to show must be 2 or more")
    cells, sums, unshown = _cells(found)
    hide = cells_to_hide(cells, sums, minimum, unshown)

    def figure(cell: Cell, value: int) -> Count:
        return HIDDEN if cell in hide else value

    counts = {name: value for name, value in found.counts.items() if name in _KEY_FIGURES}
    counts |= {name: figure((name,), found.counts[name]) for name in ("leads", "items", "actors_of_several")}
    return replace(
        found,
        minimum_cell=minimum,
        counts=counts,
        leads_by_type=[
            _type(row, figure(("type", row["type"]), row["leads"])) for row in found.leads_by_type
        ],
        leads_by_country=_hidden(found.leads_by_country, "country", ("leads", *_ROLES), hide),
        leads_by_grade=_hidden(found.leads_by_grade, "grade", ("leads",), hide),
        leads_by_state=_hidden(found.leads_by_state, "state", ("leads",), hide),
        own_by_country=_hidden(found.own_by_country, "country", PERSON_METRICS, hide, "own_country"),
        days=_hidden(found.days, "day", ("new_items", "new_leads", *PERSON_METRICS), hide),
        coverage=_hidden(found.coverage, "item_table", ("items", *_COVERED), hide),
        comparison=[
            row | {"own": figure(("own", row["metric"]), row["own"])}
            if row["metric"] in (*PERSON_METRICS, *CHECK_METRICS) and row["own"] is not None
            else row
            for row in found.comparison
        ],
        comparable=[
            operation | {"figures": [_compared(row, hide, minimum) for row in operation["figures"]]}
            for operation in found.comparable
        ],
        surges=[_surge(surge, minimum) for surge in found.surges],
        surge_days={},
        top_leads=[],
        actor=None,
        actor_edges=[],
        network=Network([], []),
        site_ties=[],
        text_templates=[],
        damped=[],
        screened=[],
        units=_units_by_kind(found.units),
        quarantined=_quarantined_by_table(found.quarantined),
    )


_ROLES = ("potential_victims", "origin", "transit", "exploitation")
_COVERED = ("with_identifier", "with_place", "with_nationality", "with_language")


def _cells(found: Findings) -> tuple[dict[Cell, int], list[Sum], frozenset[Cell]]:
    """Every count of persons as a cell, the sums that bind them, and the remainders that no table shows."""
    cells: dict[Cell, int] = {
        ("leads",): found.counts["leads"],
        ("items",): found.counts["items"],
        ("actors_of_several",): found.counts["actors_of_several"],
    }
    sums: list[Sum] = []
    unshown: set[Cell] = set()

    def rest(whole: Cell, parts: Iterable[Cell]) -> None:
        """Bind parts to a whole; what they leave over is a cell that nobody shows."""
        chosen = tuple(parts)
        left = ("rest", whole, chosen)
        cells[left] = cells[whole] - sum(cells[part] for part in chosen)
        if cells[left] < 0:
            # Parts that overlap do not bind their whole.
            del cells[left]
            return
        if cells[left] == 0:
            # A reader may guess that nothing is left over.
            del cells[left]
            sums.append(Sum((whole,), chosen))
            return
        unshown.add(left)
        sums.append(Sum((whole,), (*chosen, left)))

    def column(rows: list[Row], table: str, key: str, name: str) -> tuple[Cell, ...]:
        added = tuple((table, str(row[key]), name) for row in rows)
        cells.update({cell: int(row[name]) for cell, row in zip(added, rows, strict=True)})
        return added

    # Sites and addresses are no persons; their number is shown, and so known.
    things = {row["type"]: int(row["leads"]) for row in found.leads_by_type if row["type"] in _THINGS}
    persons = [("type", row["type"]) for row in found.leads_by_type if row["type"] not in _THINGS]
    cells.update(
        {("type", row["type"]): row["leads"] for row in found.leads_by_type if row["type"] not in _THINGS}
    )
    sums.append(Sum((("leads",),), tuple(persons), -sum(things.values())))
    rest(("leads",), column(found.leads_by_grade, "grade", "grade", "leads"))
    rest(("leads",), column(found.leads_by_state, "state", "state", "leads"))
    for name in ("leads", *_ROLES):
        named = column(found.leads_by_country, "country", "country", name)
        sums.append(_named(named, cells))
    for row in found.leads_by_country:
        for name in _ROLES:
            rest(("country", row["country"], "leads"), [("country", row["country"], name)])

    own = {
        row["metric"]: row["own"] for row in found.comparison if row["own"] is not None and not row["unit"]
    }
    cells.update({("own", metric): int(own[metric]) for metric in CHECK_METRICS if metric in own})
    day_leads = column(found.days, "day", "day", "new_leads")
    rest(("leads",), day_leads)
    for metric in PERSON_METRICS:
        by_day = column(found.days, "day", "day", metric)
        by_country = column(found.own_by_country, "own_country", "country", metric)
        sums.append(_named(by_country, cells))
        if metric not in own:
            continue
        cells[("own", metric)] = int(own[metric])
        rest(("own", metric), by_day)
        if metric not in LEAD_METRICS:
            continue
        # Rejected leads are in the types and not in the metrics.
        kinds = LEAD_METRICS[metric]
        whole = ("types of", metric)
        cells[whole] = sum(cells[("type", kind)] for kind in kinds)
        unshown.add(whole)
        sums.append(Sum((whole,), tuple(("type", kind) for kind in kinds)))
        rest(whole, [("own", metric)])
    for row in found.days:
        day = str(row["day"])
        rest(("day", day, "new_leads"), [("day", day, metric) for metric in LEAD_METRICS])
    for row in found.own_by_country:
        country = row["country"]
        if ("country", country, "leads") in cells:
            rest(("country", country, "leads"), [("own_country", country, metric) for metric in LEAD_METRICS])
            rest(("country", country, "potential_victims"), [("own_country", country, "potential_victims")])
    rest(("items",), column(found.days, "day", "day", "new_items"))
    rest(("items",), column(found.coverage, "item_table", "item_table", "items"))
    read = [row for row in found.coverage if row["with_identifier"] is not None]
    for name in _COVERED:
        column(read, "item_table", "item_table", name)
        for row in read:
            rest(("item_table", row["item_table"], "items"), [("item_table", row["item_table"], name)])
    return cells, sums, frozenset(unshown)


def _named(parts: tuple[Cell, ...], cells: dict[Cell, int]) -> Sum:
    """As if the sum over the countries were known, though a lead may name several and no table shows the sum."""
    return Sum((), parts, sum(cells[cell] for cell in parts))


def _hidden(
    rows: list[Row], key: str, names: tuple[str, ...], hide: set[Cell], table: str | None = None
) -> list[Row]:
    return [
        row | {name: HIDDEN for name in names if (table or key, str(row[key]), name) in hide} for row in rows
    ]


def _type(row: Row, leads: Count) -> Row:
    # The highest score is that of one person.
    return {
        "type": row["type"],
        "leads": leads,
        "middle": HIDDEN if leads is HIDDEN else row["middle"],
        "highest": None,
    }


def _compared(row: Row, hide: set[Cell], minimum: int) -> Row:
    if row["metric"] not in (*PERSON_METRICS, *CHECK_METRICS):
        return row
    return row | {
        "own": HIDDEN if ("own", row["metric"]) in hide or is_small(row["own"], minimum) else row["own"]
    }


def _surge(surge: Row, minimum: int) -> Row:
    small = is_small(surge["observed"], minimum)
    place = surge["place"]
    return surge | {
        "surge_id": None,
        "site": "a site",
        "place": place.rsplit(", ", 1)[1] if place and ", " in place else None,
        "observed": HIDDEN if small else surge["observed"],
        "expected": HIDDEN if small else surge["expected"],
        "ratio": HIDDEN if small else surge["ratio"],
        "actor_count": HIDDEN if is_small(surge["actor_count"], minimum) else surge["actor_count"],
        "largest_actor": None,
        "largest_actor_share": None,
        "largest_actor_accounts": None,
    }


def _units_by_kind(units: list[Row]) -> list[Row]:
    """One row per kind of source and day; counts of pages, not of what stands on them."""
    kinds: dict[tuple[str, object], Row] = {}
    for unit in units:
        row = kinds.setdefault(
            (unit["kind"] or "not captured", unit["unit_date"]),
            {"source": f"sources of kind {unit['kind'] or 'not captured'}", "unit_date": unit["unit_date"]}
            | {"kind": unit["kind"], "is_blocked": False, "is_newest": unit["is_newest"], "units": 0}
            | {"captures": 0, "not_modified": 0, "errors": 0, "items": None, "problems": None}
            | {"quarantined_rows": None, "quarantine_rules": None, "detail": None},
        )
        row["units"] += 1
        row["is_blocked"] |= bool(unit["is_blocked"])
        for name in ("captures", "not_modified", "errors"):
            row[name] += unit[name] or 0
    return list(kinds.values())


def _quarantined_by_table(quarantined: list[Row]) -> list[Row]:
    found: dict[tuple[str, str], Row] = {}
    for row in quarantined:
        kept = found.setdefault((row["table_name"], row["rule"]), row | {"source": None, "rows": 0})
        kept["rows"] += row["rows"]
    return list(found.values())
