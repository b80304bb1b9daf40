"""Contracts of the items: what the captures say."""

from quality.contract import Column, Contract, Rule, Sensitivity, between, in_set, matches, not_null, violates
from quality.contracts.columns import (
    CONTENT_SHA256,
    FIRST_SEEN,
    LAST_SEEN,
    MOMENT,
    TEXT,
    WHOLE,
    WORDS,
    item_columns,
)

LANGUAGE = Column("language", TEXT, "Language as the page or the source declares it (ISO 639-1)")
REGION = Column("region", TEXT, "Default region of the source (ISO 3166 alpha-2), for reading phone numbers")
POSTED_AT = Column("posted_at", MOMENT, "When it says it was posted (UTC)")
IMAGES = Column("image_urls", WORDS, "Addresses of its images", Sensitivity.text)
TITLE = Column("title", TEXT, "Title as shown", Sensitivity.text)
BODY = Column("text", TEXT, "Text as shown", Sensitivity.text)

# A page can show a slightly wrong clock; a date a month ahead is a reading error.
NOT_FROM_THE_FUTURE = "CAST({} AS DATE) > unit_date + INTERVAL 31 DAY"


def _item_rules(*moments: str) -> tuple[Rule, ...]:
    return (
        matches("item_id", "^[0-9a-f]{24}$"),
        not_null("capture_id"),
        not_null("site"),
        not_null("source"),
        not_null("unit_date"),
        *(
            violates(
                f"{moment}_not_in_the_future",
                NOT_FROM_THE_FUTURE.format(moment),
                f"{moment} is not later than a month after the unit",
            )
            for moment in moments
        ),
        *(
            violates(
                f"{moment}_not_before_the_web",
                f"{moment} < TIMESTAMPTZ '1995-01-01 00:00:00+00'",
                f"{moment} is later than 1995",
            )
            for moment in moments
        ),
    )


HAS_TEXT = violates("has_text", "coalesce(trim(\"text\"), '') = ''", "it says something")

LISTINGS = Contract(
    table="listings",
    stage="parsing",
    grain="one advertisement or job offer",
    meaning="Advertisements and job offers, as last seen.",
    key=("item_id",),
    per_unit=True,
    columns=(
        *item_columns(),
        Column("external_id", TEXT, "The site's own number for it"),
        Column("category", TEXT, "adult, job_offer, domestic or other"),
        Column("account", TEXT, "Account or display name that posted it", Sensitivity.name),
        TITLE,
        BODY,
        POSTED_AT,
        Column("phone_text", TEXT, "Phone field as shown", Sensitivity.text),
        Column("contact_text", TEXT, "Contact field and contact links as shown", Sensitivity.text),
        Column("place_text", TEXT, "Place field as shown"),
        Column("nationality_text", TEXT, "Nationality field as shown"),
        Column("age_text", TEXT, "Age field as shown"),
        Column("price_text", TEXT, "Price field as shown"),
        IMAGES,
        LANGUAGE,
        REGION,
        CONTENT_SHA256,
        FIRST_SEEN,
        LAST_SEEN,
    ),
    rules=(
        *_item_rules("posted_at"),
        in_set("category", ("adult", "job_offer", "domestic", "other")),
        HAS_TEXT,
    ),
)

MESSAGES = Contract(
    table="messages",
    stage="parsing",
    grain="one post of a channel",
    meaning="Posts of public channels, from previews and exports.",
    key=("item_id",),
    per_unit=True,
    columns=(
        *item_columns(),
        Column("channel", TEXT, "Channel's username or title"),
        Column("message_id", WHOLE, "Number of the post in its channel"),
        Column("message_type", TEXT, "text, photo, video, service …"),
        Column("account", TEXT, "Author, where one is shown", Sensitivity.name),
        BODY,
        POSTED_AT,
        Column("edited_at", MOMENT, "When it was last edited (UTC)"),
        Column(
            "forwarded_from",
            TEXT,
            "Who it was forwarded from, and the page of whoever has one",
            Sensitivity.name,
        ),
        Column("reply_to", WHOLE, "Number of the post it answers"),
        Column("views", WHOLE, "Views as shown"),
        Column("links", WORDS, "Addresses it links to", Sensitivity.text),
        IMAGES,
        LANGUAGE,
        REGION,
        CONTENT_SHA256,
        FIRST_SEEN,
        LAST_SEEN,
    ),
    rules=(
        *_item_rules("posted_at"),
        not_null("channel"),
        between("message_id", 0, None),
        between("views", 0, None),
    ),
)

DOCUMENTS = Contract(
    table="documents",
    stage="parsing",
    grain="one press release, article or report",
    meaning="Releases, articles and reports, from newsrooms and folders.",
    key=("item_id",),
    per_unit=True,
    columns=(
        *item_columns(Sensitivity.open),
        Column("title", TEXT, "Title"),
        Column("publisher", TEXT, "Who published it"),
        BODY,
        Column("published_at", MOMENT, "When it was published (UTC)"),
        LANGUAGE,
        Column("format", TEXT, "html, txt, pdf or json"),
        CONTENT_SHA256,
        FIRST_SEEN,
        LAST_SEEN,
    ),
    rules=(*_item_rules("published_at"), HAS_TEXT, in_set("format", ("html", "txt", "pdf", "json"))),
)

NOTICES = Contract(
    table="notices",
    stage="parsing",
    grain="one wanted or missing person notice",
    meaning="Notices of wanted or missing persons, as last seen.",
    key=("item_id",),
    per_unit=True,
    columns=(
        *item_columns(),
        Column("notice_id", TEXT, "The publisher's own number for it"),
        Column("notice_kind", TEXT, "wanted, missing or other"),
        Column("name", TEXT, "Family name", Sensitivity.name),
        Column("forename", TEXT, "Forename", Sensitivity.name),
        Column("birth_date", TEXT, "Date of birth, ISO, cut to what is known", Sensitivity.name),
        Column("nationalities", WORDS, "Nationalities (ISO 3166 alpha-2)"),
        Column("warrant_countries", WORDS, "Countries that want the person (ISO 3166 alpha-2)"),
        Column("sex", TEXT, "Sex as stated"),
        Column("detail_json", TEXT, "The notice as received", Sensitivity.text),
        CONTENT_SHA256,
        FIRST_SEEN,
        LAST_SEEN,
    ),
    rules=(
        *_item_rules(),
        not_null("notice_id"),
        in_set("notice_kind", ("wanted", "missing", "other")),
        matches("birth_date", r"^\d{4}(-\d{2}(-\d{2})?)?$", severity="warning"),
    ),
)

CONTRACTS = (LISTINGS, MESSAGES, DOCUMENTS, NOTICES)
