"""What an invented house holds beside its items and leads: screening, statistics and verdicts of gates."""

from assets.screening.stage import count_screening
from assets.statistics.own_operation import own_operation_tables
from tests.assets.publishing.house_rows import (
    BYSTANDER_PHONE,
    DAY_ONE,
    DAY_THREE,
    DAY_TWO,
    LISTS,
    NOW,
    OPERATION,
    SUSPECT_PHONE,
    VICTIM_PHONE,
    House,
    check,
    frame,
    hit,
    identity,
    watch_list,
)

Row = dict[str, object]


def screened(house: House, victim: Row, job: Row, bystander: Row, message: Row, notice: Row) -> None:
    """Three lists, and who was found on them."""
    house.write("screening_lists", [watch_list(name, kind) for name, kind in LISTS])
    looked_up = [
        check("file:partner", "phone", identity("phone", VICTIM_PHONE), victim, "GB"),
        check("file:partner", "phone", identity("phone", SUSPECT_PHONE), job, "GB,RO"),
        check("file:partner", "phone", identity("phone", BYSTANDER_PHONE), bystander, None),
        check("notices:notices", "person", identity("person", "chat.test", "boss"), message, "RO"),
        check("notices:lost", "person", identity("person", "chat.test", "boss"), message, "RO"),
        check("notices:notices", "person", identity("person", "ads.test", "lucia"), victim, "GB"),
    ]
    house.write("screening_checks", looked_up)
    met = [hit(looked_up[number], "P-1") for number in (0, 1)]
    met += [hit(looked_up[number], None, notice["item_id"]) for number in (3, 4, 5)]
    house.write("screening_hits", met)
    counts = count_screening(frame("screening_checks", looked_up), frame("screening_hits", met))
    house.write("screening_counts", counts.to_dicts())


def counted(house: House, document: Row) -> None:
    """Units, and statistics of a published operation and of the own one."""
    house.write(
        "units",
        [
            {
                "source": source,
                "unit_date": day,
                "kind": kind,
                "captures": 2,
                "not_modified": 0,
                "errors": 0,
                "items": 2,
                "problems": 0,
                "expected_min": 1,
                "expected_max": 100,
            }
            for source, day, kind in (("ads", DAY_ONE, "listings"), ("newsroom", DAY_ONE, "newsroom"))
        ],
    )
    own_tables = (
        *("leads", "lead_evidence", "listings", "messages", "units"),
        *("screening_lists", "screening_checks", "screening_hits"),
    )
    counted = {table: frame(table, house.tables[table]) for table in own_tables}
    counted["places"] = (
        frame("facts", house.tables["facts"]).filter(kind="place").select("item_id", country="unit")
    )
    own = own_operation_tables(OPERATION, counted, DAY_THREE)
    published = identity("operation", "invented")
    house.write(
        "operations",
        [
            {
                "operation_id": published,
                "name": "Operation Invented",
                "normalised_name": "invented",
                "start_date": "2026-02-01",
                "end_date": "2026-02-05",
                "role": "main",
                "origin": "published",
                "country_count": 2,
                "document_count": 1,
                "lang": "en",
            },
            *own.operations.to_dicts(),
        ],
    )
    house.write(
        "operation_countries",
        [
            *({"operation_id": published, "country": country} for country in ("GB", "RO")),
            *own.operation_countries.to_dicts(),
        ],
    )
    house.write(
        "operation_metrics",
        [
            {
                "operation_metric_id": identity("metric"),
                "operation_id": published,
                "metric": "arrests",
                "value": 12.0,
                "qualifier": "exact",
                "quote": "Twelve arrested",
                "source": "newsroom",
                "document_item_id": document["item_id"],
                "is_best": True,
            },
            *own.operation_metrics.to_dicts(),
        ],
    )
    house.write("operation_conflicts", [])


def judged(house: House) -> None:
    """One failed rule, and what lies in quarantine."""
    house.write(
        "quality_results",
        [
            {
                "quality_result_id": identity("quality"),
                "run_id": "run-1",
                "judged_at": NOW,
                "table_name": "listings",
                "rule": "has_text",
                "severity": "critical",
                "success": False,
                "expectation": "unexpected_rows_expectation",
                "checked": 10,
                "unexpected": 1,
            }
        ],
    )
    house.write(
        "quarantine_counts",
        [
            {
                "table_name": "units",
                "source": "changed",
                "unit_date": DAY_TWO,
                "rows": 1,
                "rule": "items_reach_minimum",
            },
            {"table_name": "listings", "source": "ads", "unit_date": DAY_ONE, "rule": "has_text", "rows": 1},
        ],
    )
