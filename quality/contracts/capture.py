"""Contract of `captures`: what was received, as received."""

import polars as pl

from quality.contract import Column, Contract, Sensitivity, between, in_set, matches, not_null, violates
from quality.contracts.columns import CAPTURE_ID, MOMENT, REAL, SITE, SOURCE, TEXT, UNIT_DATE, WHOLE

DIGEST = "^[0-9a-f]{64}$"

CAPTURES = Contract(
    table="captures",
    stage="capture",
    grain="one response or imported file",
    meaning="Responses and files as received; the bytes stay in the parts, under their digest.",
    key=("capture_id",),
    per_unit=True,
    columns=(
        CAPTURE_ID,
        SOURCE,
        UNIT_DATE,
        Column("round", pl.Int32(), "Which crawl of the unit on that day, from 1"),
        Column(
            "role",
            TEXT,
            "What was asked for: index, item, article, feed, sitemap, api, preview, image or file",
        ),
        Column("request_url", TEXT, "Address that was asked for", Sensitivity.address),
        Column(
            "url", TEXT, "Address that answered, after redirects; file:NAME for imports", Sensitivity.address
        ),
        SITE,
        Column("method", TEXT, "HTTP method; FILE for imports", published=False),
        Column("status", pl.Int32(), "HTTP status; 0 for files and failed transports"),
        Column("fetched_at", MOMENT, "When the response was complete (UTC)"),
        Column("elapsed_ms", REAL, "Time from request to last byte, milliseconds"),
        Column("request_headers", TEXT, "Headers sent, JSON list of pairs", published=False),
        Column("response_headers", TEXT, "Headers received, JSON list of pairs in order", published=False),
        Column("body", pl.Binary(), "Wire bytes, content encoding intact", published=False),
        Column("content_type", TEXT, "Content-Type as received"),
        Column("content_encoding", TEXT, "Content-Encoding as received"),
        Column("wire_bytes", WHOLE, "Bytes of the body on the wire"),
        Column("decoded_bytes", WHOLE, "Bytes of the body after content decoding"),
        Column("wire_sha256", TEXT, "SHA-256 of the wire bytes"),
        Column("body_sha256", TEXT, "SHA-256 of the decoded body"),
        Column(
            "redirect_chain",
            TEXT,
            "Redirects followed, JSON list of url, status, location, remote_address",
            Sensitivity.text,
        ),
        Column("robots_verdict", TEXT, "allowed, or not_applicable for files"),
        Column("robots_rule", TEXT, "Line of robots.txt that decided, where one did"),
        Column("remote_address", TEXT, "Address connected to"),
        Column("tls_certificate_sha256", TEXT, "SHA-256 of the host's certificate (DER); null without TLS"),
        Column("first_byte_ms", REAL, "Time from request to the head of the answer, milliseconds"),
        Column("outcome", TEXT, "ok, not_modified, unchanged, http_error, failed or truncated"),
        Column("same_as_capture_id", TEXT, "Earlier capture that holds the same body"),
        Column("error", TEXT, "Kind of failure, where there was one"),
        Column("attempts", pl.Int32(), "Requests it took"),
        Column("depth", pl.Int32(), "Links followed from a start address"),
        Column("referrer_url", TEXT, "Page that led here", Sensitivity.text),
        Column("crawler", TEXT, "Name and version of the crawler"),
        Column("source_sha256", TEXT, "SHA-256 of the source file that asked for it"),
        Column("part_path", TEXT, "File under the home that holds the capture", stored=False),
        Column("part_row", WHOLE, "Row of that file, from 0", stored=False),
    ),
    rules=(
        matches("capture_id", "^[0-9a-f]{24}$"),
        not_null("fetched_at"),
        in_set("role", ("index", "item", "article", "feed", "sitemap", "api", "preview", "image", "file")),
        in_set("outcome", ("ok", "not_modified", "unchanged", "http_error", "failed", "truncated")),
        in_set("robots_verdict", ("allowed", "not_applicable")),
        between("status", 0, 599),
        matches("wire_sha256", DIGEST),
        matches("body_sha256", DIGEST),
        matches("tls_certificate_sha256", DIGEST),
        matches("source_sha256", DIGEST),
        violates(
            "ok_has_digest",
            "outcome = 'ok' AND wire_sha256 IS NULL",
            "a complete capture has the digest of its bytes",
        ),
        violates(
            "not_modified_names_its_body",
            "outcome IN ('not_modified', 'unchanged') AND same_as_capture_id IS NULL",
            "an unchanged page names the capture that holds its body",
        ),
    ),
)

CONTRACTS = (CAPTURES,)
