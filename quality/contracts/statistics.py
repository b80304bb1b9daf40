"""Contracts of what operations achieved: published ones and our own, in one vocabulary."""

from quality.contract import Column, Contract, between, in_set, matches, not_null, violates
from quality.contracts.columns import FLAG, MOMENT, REAL, TEXT, WHOLE

OPERATION_ID = Column(
    "operation_id", TEXT, "First 24 hex digits of SHA-256 over its name and time, or document"
)
QUALIFIERS = ("exact", "at_least", "approx", "nearly")
PARTIAL_DATE = r"^\d{4}(-\d{2}(-\d{2})?)?$"

OPERATIONS = Contract(
    table="operations",
    stage="statistics",
    grain="one named police action, or our own operation",
    meaning="Operations read from documents, and our own.",
    key=("operation_id",),
    columns=(
        OPERATION_ID,
        Column("name", TEXT, "Name as published"),
        Column("normalised_name", TEXT, "Name as compared: lower case, no accents, no 'operation'"),
        Column("start_date", TEXT, "First day, ISO, cut to month or year where no more is known"),
        Column("end_date", TEXT, "Last day, likewise"),
        Column("role", TEXT, "main, past, cumulative or mention"),
        Column("origin", TEXT, "published, or own"),
        Column("country_count", WHOLE, "Participating countries as stated"),
        Column("crime_areas", TEXT, "Crime areas, comma-separated"),
        Column("document_count", WHOLE, "Documents that tell of it"),
        Column("first_published_at", MOMENT, "Earliest publication (UTC)"),
        Column("lang", TEXT, "Language of the first document (ISO 639-1)"),
    ),
    rules=(
        in_set("origin", ("published", "own")),
        in_set("role", ("main", "past", "cumulative", "mention")),
        matches("start_date", PARTIAL_DATE),
        matches("end_date", PARTIAL_DATE),
        between("country_count", 1, 250, severity="warning"),
    ),
)

OPERATION_COUNTRIES = Contract(
    table="operation_countries",
    stage="statistics",
    grain="one country of one operation",
    meaning="Countries that took part.",
    key=("operation_id", "country"),
    columns=(OPERATION_ID, Column("country", TEXT, "ISO 3166 alpha-2")),
    rules=(matches("country", "^[A-Z]{2}$"),),
)

OPERATION_METRICS = Contract(
    table="operation_metrics",
    stage="statistics",
    grain="one figure of one operation (metric, country, subset, unit, document)",
    meaning="Outcomes and efforts in one vocabulary, published ones with their quote.",
    key=("operation_metric_id",),
    columns=(
        Column("operation_metric_id", TEXT, "First 24 hex digits of SHA-256 over all that tells it apart"),
        OPERATION_ID,
        Column("metric", TEXT, "Name in the metric vocabulary; see docs/metrics.md"),
        Column("value", REAL, "The figure"),
        Column("qualifier", TEXT, "exact, at_least, approx or nearly"),
        Column("unit", TEXT, "Null for a count, else unit or ISO 4217 currency"),
        Column("country", TEXT, "ISO 3166 alpha-2, if of one country only"),
        Column("subset", TEXT, "What part, if it is a part"),
        Column("quote", TEXT, "The words that state it"),
        Column("document_item_id", TEXT, "Document that states it"),
        Column("source", TEXT, "Source of that document; own for our own figures"),
        Column("is_best", FLAG, "The value chosen where documents differ"),
    ),
    rules=(
        not_null("metric"),
        not_null("value"),
        in_set("qualifier", QUALIFIERS),
        between("value", 0, None),
        matches("country", "^[A-Z]{2}$"),
        violates(
            "published_has_quote",
            "coalesce(source, '') <> 'own' AND coalesce(quote, '') = ''",
            "a published figure has its quote",
        ),
    ),
)

OPERATION_CONFLICTS = Contract(
    table="operation_conflicts",
    stage="statistics",
    grain="two documents that state different values for one figure",
    meaning="Where sources disagree, both quotes and the rule that chose.",
    key=("operation_conflict_id",),
    columns=(
        Column("operation_conflict_id", TEXT, "First 24 hex digits of SHA-256 over figure and documents"),
        OPERATION_ID,
        Column("metric", TEXT, "Name in the metric vocabulary"),
        Column("country", TEXT, "ISO 3166 alpha-2, if of one country only"),
        Column("subset", TEXT, "What part, if it is a part"),
        Column("unit", TEXT, "Unit or currency"),
        Column("value_kept", REAL, "Value kept"),
        Column("value_other", REAL, "The other value"),
        Column("quote_kept", TEXT, "Words behind the value kept"),
        Column("quote_other", TEXT, "Words behind the other"),
        Column("document_kept", TEXT, "Document behind the value kept"),
        Column("document_other", TEXT, "Document behind the other"),
        Column("rule", TEXT, "Rule that chose"),
    ),
    rules=(violates("values_differ", "value_kept = value_other", "a conflict has two values"),),
)

CONTRACTS = (OPERATIONS, OPERATION_COUNTRIES, OPERATION_METRICS, OPERATION_CONFLICTS)
