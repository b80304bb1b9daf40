"""The extraction stage: new or changed items become mentions and facts.

Every field of an item that can carry a handle or a fact is read as a text of its own, so that spans always
refer to one field. Documents carry no handles of subjects (a release's telephone number is the press office's): only
ids of measuring services, which a report names to show that sites belong together, are read from them. Notices are
not read here.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from assets.capture.body import BodyError, decode_body
from assets.extraction.analytics_ids import find_analytics_ids, may_name_ids
from assets.extraction.facts import extract_facts
from assets.extraction.home_regions import with_home_regions
from assets.extraction.identifiers import IDENTIFIER_SCHEMA, extract_identifiers
from assets.extraction.image_addresses import image_value
from assets.extraction.made_from import table_digest
from assets.extraction.sentence_vectors import why_missing
from assets.extraction.title_and_text import find_title_and_text
from assets.extraction.web_addresses import canonical_url
from assets.house import House, digest_of
from assets.parsing.forwarded import forwarded_page
from assets.parsing.stage import changed_units
from quality.admission import Admission, Candidate, admit
from quality.contracts import CONTRACTS
from quality.gate import UnitKey
from warehouse.parts import Part, PartStore

# Fields read for identifiers, and those read for facts, per item table.
IDENTIFIER_FIELDS = {
    "listings": ("text", "title", "phone_text", "contact_text"),
    "messages": ("text", "links"),
    "documents": ("title", "text"),
}
FACT_FIELDS = {
    "listings": ("text", "title", "place_text", "nationality_text", "age_text", "price_text"),
    "messages": ("text",),
}
# What a form field is about; its words stand alone ("francesa", "19") and are read as such.
ABOUT = {"place_text": "place", "nationality_text": "nationality", "age_text": "age", "price_text": "price"}
SEPARATOR = "\x1f"
TABLES = ("mentions", "facts")
# Per table the item tables that it is read from.
READ_FROM = {"mentions": tuple(IDENTIFIER_FIELDS), "facts": tuple(FACT_FIELDS)}
# Units whose table has to be made again, with the digest of what it is made from.
Todo = Mapping[str, Mapping[UnitKey, str]]
# Ids of services stand in a page's head; what lies beyond is not looked at.
_MOST_PAGE_BYTES = 4_000_000


@dataclass(frozen=True)
class ExtractionReport:
    """What the stage did: units read and left alone, rows found, the gates' verdicts."""

    extracted: tuple[UnitKey, ...]
    unchanged: int
    mentions: int
    obscured: int
    facts: int
    admission: Admission


def identifier_id(kind: str, value: str) -> str:
    """Key of an identifier: first 24 hex digits of SHA-256 over kind and value."""
    return hashlib.sha256(f"{kind}|{value}".encode()).hexdigest()[:24]


def field_texts(items: pl.DataFrame, table: str, fields: tuple[str, ...]) -> pl.DataFrame:
    """One row per item and non-empty field: id (item and field), text, region, lang, about (all String)."""
    frames = []
    for name in fields:
        text = pl.col(name).list.join("\n") if items.schema[name] == pl.List(pl.String) else pl.col(name)
        frames.append(
            items.select(
                pl.format("{}" + SEPARATOR + "{}", pl.col("item_id"), pl.lit(name)).alias("id"),
                text.alias("text"),
                pl.col("region"),
                pl.col("language").alias("lang"),
                pl.lit(ABOUT.get(name), pl.String).alias("about"),
            )
        )
    texts = pl.concat(frames)
    return texts.filter(pl.col("text").is_not_null() & (pl.col("text").str.strip_chars() != ""))


def _keys(frame: pl.DataFrame, *columns: str) -> pl.Series:
    """First 24 hex digits of SHA-256 over the columns, row by row."""
    joined = frame.select(
        pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in columns], separator="|")
    ).to_series()
    return pl.Series([hashlib.sha256(word.encode()).hexdigest()[:24] for word in joined], dtype=pl.String)


def _with_items(found: pl.DataFrame, items: pl.DataFrame, table: str) -> pl.DataFrame:
    split = pl.col("id").str.split_exact(SEPARATOR, 1)
    return (
        found.with_columns(
            split.struct.field("field_0").alias("item_id"),
            split.struct.field("field_1").alias("field"),
            pl.lit(table).alias("item_table"),
        )
        .rename({"start": "span_start", "end": "span_end"})
        .join(items.select("item_id", "source", "unit_date", "site"), on="item_id", how="inner")
    )


def mentions_of(items: pl.DataFrame, table: str, captures: pl.DataFrame | None = None) -> pl.DataFrame:
    """Mentions (contract `mentions`) in the items of one item table.

    `captures` (capture_id, body, content_encoding) are the pages that the items stand on; the ids of measuring
    services in a page's source become mentions of the first item on it, in the field `page`. Numbers without a country
    code are read in the source's region, else in the country of the item's place, else in those of its language.
    """
    if table == "documents":
        found, images = _measuring_ids(items), pl.DataFrame(schema=IDENTIFIER_SCHEMA)
    else:
        at_home = with_home_regions(items)
        found = extract_identifiers(field_texts(at_home, table, IDENTIFIER_FIELDS[table]))
        found = (
            _without_sources(found, items) if table == "messages" else _with_titles_numbers(found, at_home)
        )
        images = _image_mentions(items)
    pages = (
        _page_mentions(items, captures) if captures is not None else pl.DataFrame(schema=IDENTIFIER_SCHEMA)
    )
    rows = pl.concat(
        [_with_items(some, items, table) for some in (found, images, pages)], how="diagonal_relaxed"
    )
    return (
        rows.with_columns(_keys(rows, "kind", "value").alias("identifier_id"))
        .with_columns(
            _keys(rows, "item_id", "field", "span_start", "span_end", "kind", "value").alias("mention_id")
        )
        .unique("mention_id", keep="first", maintain_order=True)
        .select(pl.col(name).cast(kind) for name, kind in CONTRACTS["mentions"].schema.items())
    )


def _with_titles_numbers(found: pl.DataFrame, listings: pl.DataFrame) -> pl.DataFrame:
    """`found` (`IDENTIFIER_SCHEMA`) with the numbers that a title begins and its text ends.

    The head in the title, which may pass for a short number, is none then.
    """
    numbers = find_title_and_text(listings)
    if numbers.is_empty():
        return found
    heads = numbers.select(
        pl.format("{}" + SEPARATOR + "title", "id").alias("id"), pl.lit("phone").alias("kind"), "head_start"
    )
    without = (
        found.join(heads, on=["id", "kind"], how="left", maintain_order="left")
        .filter(pl.col("head_start").is_null() | (pl.col("end") <= pl.col("head_start")))
        .drop("head_start")
    )
    told = numbers.drop("head_start").with_columns(pl.format("{}" + SEPARATOR + "text", "id").alias("id"))
    return pl.concat([without, told])


def _without_sources(found: pl.DataFrame, messages: pl.DataFrame) -> pl.DataFrame:
    """`found` (`IDENTIFIER_SCHEMA`), the pages that messages were forwarded from being addresses only.

    Whoever forwards others is not reached by their names; taken for contacts they would make one of many.
    """
    pages = messages.select(
        pl.format("{}" + SEPARATOR + "links", pl.col("item_id")).alias("id"), forwarded_page().alias("raw")
    ).drop_nulls()
    if pages.is_empty():
        return found
    sources = found.filter(pl.col("kind").is_in(["messenger", "username"])).join(
        pages, on=["id", "raw"], how="semi"
    )
    addresses = sources.unique(["id", "start"], keep="first", maintain_order=True).with_columns(
        pl.lit("url").alias("kind"),
        pl.col("raw").map_elements(canonical_url, return_dtype=pl.String).alias("value"),
    )
    others = found.join(sources, on=found.columns, how="anti", nulls_equal=True, maintain_order="left")
    return pl.concat([others, addresses.drop_nulls("value")])


def _measuring_ids(documents: pl.DataFrame) -> pl.DataFrame:
    """Ids of measuring services that documents name, as from `extract_identifiers`."""
    items = documents.with_columns(pl.lit(None, pl.String).alias("region"))
    texts = field_texts(items, "documents", IDENTIFIER_FIELDS["documents"])
    found = extract_identifiers(texts.filter(may_name_ids(texts["text"])))
    return found.filter(pl.col("kind") == "analytics")


def _image_mentions(items: pl.DataFrame) -> pl.DataFrame:
    """Images by address."""
    return (
        items.select("item_id", "image_urls")
        .explode("image_urls", empty_as_null=False)
        .filter(pl.col("image_urls").is_not_null())
        .select(
            pl.format("{}" + SEPARATOR + "image_urls", "item_id").alias("id"),
            pl.lit("image").alias("kind"),
            image_value(pl.col("image_urls")).alias("value"),
            pl.col("image_urls").alias("raw"),
            pl.lit(None, pl.Int64).alias("start"),
            pl.lit(None, pl.Int64).alias("end"),
            pl.lit(False).alias("obscured"),
            pl.lit("image_address").alias("method"),
        )
    )


def _page_mentions(items: pl.DataFrame, captures: pl.DataFrame) -> pl.DataFrame:
    """Ids of measuring services in the pages, one row per page and id."""
    first = items.group_by("capture_id").agg(pl.col("item_id").min())
    pages = captures.filter(pl.col("body").is_not_null()).join(first, on="capture_id").sort("capture_id")
    rows: list[tuple[str, str, str, str]] = []
    for item, body, encoding in pages.select("item_id", "body", "content_encoding").iter_rows():
        try:
            page = decode_body(body, encoding, _MOST_PAGE_BYTES).decode("latin-1")
        except BodyError:
            continue
        rows += [
            (f"{item}{SEPARATOR}page", found.kind, found.value, page[found.start : found.end])
            for found in find_analytics_ids(page)
        ]
    schema = {name: IDENTIFIER_SCHEMA[name] for name in ("id", "kind", "value", "raw")}
    return pl.DataFrame(rows, schema=schema, orient="row").select(
        "id",
        "kind",
        "value",
        "raw",
        pl.lit(None, pl.Int64).alias("start"),
        pl.lit(None, pl.Int64).alias("end"),
        pl.lit(False).alias("obscured"),
        pl.lit("page_source").alias("method"),
    )


def facts_of(items: pl.DataFrame, table: str) -> pl.DataFrame:
    """Facts (contract `facts`) in the items of one item table."""
    found = extract_facts(field_texts(items, table, FACT_FIELDS[table]))
    # The language of an item is that of its text; a place or a price field has none of its own.
    rows = _with_items(found, items, table).filter(
        (pl.col("kind") != "language") | (pl.col("field") == "text")
    )
    return (
        rows.with_columns(
            _keys(
                rows, "item_id", "field", "span_start", "span_end", "kind", "value", "number", "rule_id"
            ).alias("fact_id")
        )
        .unique("fact_id", keep="first", maintain_order=True)
        .select(pl.col(name).cast(kind) for name, kind in CONTRACTS["facts"].schema.items())
    )


def extraction_inputs(store: PartStore) -> dict[str, dict[UnitKey, str]]:
    """Per table the digest of what each unit's rows would be read from: its items, and the rules of that table."""
    digests: dict[str, dict[UnitKey, str]] = {}
    for table in TABLES:
        parts: dict[UnitKey, list[Part]] = {}
        for item_table in READ_FROM[table]:
            for part in store.parts(item_table):
                if part.source is not None and part.unit_date is not None and part.rows:
                    parts.setdefault((part.source, part.unit_date), []).append(part)
        digests[table] = {unit: digest_of(group, table_digest(table)) for unit, group in parts.items()}
    return digests


def changed_tables(store: PartStore, inputs: Todo) -> dict[str, dict[UnitKey, str]]:
    """Per table those units whose rows were not made from these inputs."""
    return {table: changed_units(store, table, inputs[table]) for table in TABLES}


def extract_changed(house: House, todo: Todo, unchanged: int) -> ExtractionReport:
    """Read the units in `todo` (table → unit → digest of its inputs), gate mentions and facts, commit together."""
    frames: dict[str, list[pl.DataFrame]] = {
        table: [pl.DataFrame(schema=CONTRACTS[table].schema)] for table in TABLES
    }
    units = sorted(set(todo["mentions"]) | set(todo["facts"]))
    if todo["facts"] and (missing := why_missing()) is not None:
        house.log.warning(f"signs are weighed by words alone, fewer are found: {missing}")
    for name, day in units:
        wanted = [table for table in TABLES if (name, day) in todo[table]]
        if len(wanted) < len(TABLES):
            house.log.info(f"{name} {day}: only its {wanted[0]} are read")
        for table in IDENTIFIER_FIELDS:
            items = house.store.scan(table, CONTRACTS[table].schema, source=name, unit_date=day).collect()
            if not items.height:
                continue
            if "mentions" in wanted:
                frames["mentions"].append(
                    mentions_of(items, table, _pages(house.store, items, table, name, day))
                )
                found = frames["mentions"][-1]
                house.log.info(
                    f"read {items.height} {table} of {name} {day}: {found.height} mentions "
                    f"({found['obscured'].sum()} obscured)"
                )
            if "facts" in wanted and table in READ_FROM["facts"]:
                frames["facts"].append(facts_of(items, table))
                house.log.info(
                    f"read {items.height} {table} of {name} {day}: {frames['facts'][-1].height} facts"
                )
    found, read = pl.concat(frames["mentions"]), pl.concat(frames["facts"])
    candidates = [
        Candidate(CONTRACTS[table], frame, todo[table])
        for table, frame in (("mentions", found), ("facts", read))
        if todo[table]
    ]
    admission = admit(house.store, candidates, run_id=house.run_id)
    return ExtractionReport(
        tuple(units), unchanged, found.height, int(found["obscured"].sum()), read.height, admission
    )


def _pages(store: PartStore, items: pl.DataFrame, table: str, source: str, day: date) -> pl.DataFrame | None:
    """The captured pages that listings stand on; messages stand on pages of their platform and have none."""
    if table != "listings":
        return None
    schema = {name: CONTRACTS["captures"].schema[name] for name in ("capture_id", "body", "content_encoding")}
    wanted = items["capture_id"].unique().to_list()
    pages = store.scan("captures", schema, source=source, unit_date=day)
    return pages.filter(pl.col("capture_id").is_in(wanted)).collect()
