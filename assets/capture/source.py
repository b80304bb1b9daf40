"""A source: one place we may capture, described by one YAML file.

The model is the contract of `docs/sources.md`. A file that does not fit raises `SourceError`, which names the
file, the field and the remedy. Parsing rules are data here; the code that applies them lives in
`assets.capture.discovery` (which pages to ask for) and `assets.parsing` (what a page says).
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    field_validator,
    model_validator,
)

Kind = Literal["newsroom", "listings", "telegram_preview", "telegram_export", "notices", "documents"]
Category = Literal["adult", "job_offer", "domestic", "other"]

# A list of texts; one text alone is a list of one.
Texts = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)
]

WEB_KINDS: frozenset[str] = frozenset({"newsroom", "listings", "telegram_preview", "notices"})
FOLDER_KINDS: frozenset[str] = frozenset({"telegram_export", "documents"})
PICTURE_KINDS: frozenset[str] = frozenset({"listings", "telegram_preview", "telegram_export"})


class SourceError(ValueError):
    """A source file that cannot be used; the message names the file, the field and the remedy."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Politeness(_Strict):
    """How gently a host is asked. A longer `Crawl-delay` in robots.txt always wins."""

    delay_seconds: Annotated[float, Field(ge=0)] = 1.0
    max_retries: Annotated[int, Field(ge=0, le=10)] = 3


class Scope(_Strict):
    """What belongs to the source. `allow` and `deny` are regular expressions searched in the whole URL."""

    hosts: Texts = ()
    allow: Texts = ()
    deny: Texts = ()
    max_depth: Annotated[int, Field(ge=0)] = 200
    max_pages: Annotated[int, Field(ge=1)] = 5000
    max_bytes: Annotated[int, Field(ge=1)] = 2_000_000_000
    since_days: Annotated[int, Field(ge=1)] | None = None

    @field_validator("allow", "deny")
    @classmethod
    def _compiles(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"not a regular expression: {pattern!r} ({error})") from None
        return patterns


class Images(_Strict):
    """Whether, and how many of, the pictures that items show are captured as well.

    They are asked for after the pages, each address once; after `again_after_days` once more, conditionally. `hosts`
    serve pictures beside the hosts of the source; `*.` names subdomains.
    """

    fetch: bool = False
    hosts: Texts = ()
    max_per_item: Annotated[int, Field(ge=1)] = 5
    max_pictures: Annotated[int, Field(ge=1)] = 2000
    max_bytes: Annotated[int, Field(ge=1)] = 5_000_000
    again_after_days: Annotated[int, Field(ge=1)] = 30


class Expected(_Strict):
    """Volume bounds of one unit. Below the minimum the unit is blocked; above the maximum it is blocked
    too.
    """

    min_items: Annotated[int, Field(ge=0)] = 1
    max_items: Annotated[int, Field(ge=1)] = 1_000_000


class FieldRule(_Strict):
    """Where one field stands: the first match of `selector` (CSS), its text or one `attribute`.

    `pattern` keeps its first group (or the whole match) of that text; `format` (strptime) or `languages` help
    to read dates; `all` joins every match with a line break. An empty `selector` means the item's own
    element.
    """

    selector: str = ""
    attribute: str | None = None
    pattern: str | None = None
    format: str | None = None
    languages: Texts = ()
    all: bool = False
    required: bool = False
    value: str | None = None

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"not a regular expression: {pattern!r} ({error})") from None
        return pattern


def _rule(value: object) -> object:
    """Read `"h1"` as `{selector: "h1"}` and `"a@href"` as `{selector: "a", attribute: "href"}`."""
    if isinstance(value, str):
        selector, _, attribute = value.rpartition("@") if re.search(r"@[\w:-]+$", value) else (value, "", "")
        return {"selector": selector.strip(), "attribute": attribute or None}
    return value


class _Fields(_Strict):
    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, data: object) -> object:
        return {key: _rule(value) for key, value in data.items()} if isinstance(data, dict) else data

    def given(self) -> dict[str, FieldRule]:
        """The fields that the file names."""
        return {name: rule for name, rule in self if isinstance(rule, FieldRule)}


class ListingFields(_Fields):
    """The fields of an advertisement or job offer that a page can show; only `text` or `title` is needed."""

    external_id: FieldRule | None = None
    url: FieldRule | None = None
    title: FieldRule | None = None
    text: FieldRule | None = None
    account: FieldRule | None = None
    posted_at: FieldRule | None = None
    phone: FieldRule | None = None
    contact: FieldRule | None = None
    place: FieldRule | None = None
    nationality: FieldRule | None = None
    age: FieldRule | None = None
    price: FieldRule | None = None
    images: FieldRule | None = None
    category: FieldRule | None = None
    language: FieldRule | None = None


class Listings(_Strict):
    """CSS selectors of a listing site.

    `follow` are links to further index pages (pagination, categories); `item_link` are links to detail pages.
    `item` marks one advertisement on a page: with `item_link` absent, items are read from the index pages
    themselves; with `item_link` given, the detail page is one item (or its `item` elements, if named).
    `leave_out` are parts of a page that are not the poster's: they are read by no field.
    """

    category: Category = "other"
    follow: Texts = ()
    item_link: str | None = None
    item: str | None = None
    leave_out: Texts = ()
    fields: ListingFields

    @model_validator(mode="after")
    def _some_way_to_items(self) -> Self:
        if self.item_link is None and self.item is None:
            raise ValueError(
                "give `item_link` (links to detail pages) or `item` (one advertisement on a page)"
            )
        if self.fields.text is None and self.fields.title is None:
            raise ValueError("give at least one of `fields.text` and `fields.title`")
        return self


class DocumentFields(_Fields):
    """Optional selectors of an article; without them the main text is found by content extraction."""

    title: FieldRule | None = None
    text: FieldRule | None = None
    published_at: FieldRule | None = None
    language: FieldRule | None = None


class Newsroom(_Strict):
    """How articles are found: by links on index pages, by feeds (RSS, Atom, JSON Feed) or by sitemaps."""

    follow: Texts = ()
    article_link: str | None = None
    feeds: Texts = ()
    sitemaps: Texts = ()
    article_pattern: str | None = None
    fields: DocumentFields = DocumentFields()

    @model_validator(mode="after")
    def _some_way_to_articles(self) -> Self:
        if not (self.article_link or self.feeds or self.sitemaps):
            raise ValueError("give `article_link`, `feeds` or `sitemaps`")
        return self


class Notices(_Strict):
    """Mapping of a notice API that answers JSON and caps the results of one query.

    `parameters` names the query parameters for country, lowest age, highest age, page and page size; `result`
    names dotted paths in the answer. A query whose total exceeds `cap` is split: by country, then by age.
    """

    cap: Annotated[int, Field(ge=1)] = 160
    page_size: Annotated[int, Field(ge=1)] = 20
    parameters: dict[Literal["country", "age_min", "age_max", "page", "page_size"], str] = {
        "country": "arrestWarrantCountryId",
        "age_min": "ageMin",
        "age_max": "ageMax",
        "page": "page",
        "page_size": "resultPerPage",
    }
    countries: Texts = ()
    kind: Literal["wanted", "missing", "other"] = "wanted"
    total: str = "total"
    items: str = "_embedded.notices"
    fields: dict[str, str] = {
        "notice_id": "entity_id",
        "name": "name",
        "forename": "forename",
        "birth_date": "date_of_birth",
        "nationalities": "nationalities",
        "url": "_links.self.href",
    }
    detail: str | None = None


class Documents(_Strict):
    """What a folder of documents holds."""

    patterns: Texts = ("*.txt", "*.html", "*.htm", "*.pdf")
    recursive: bool = True
    publisher: str | None = None


class Source(_Strict):
    """One source. See `docs/sources.md` for every field, with examples."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,62}$")]
    kind: Kind
    description: str = ""
    enabled: bool = True
    start: Texts = ()
    path: Path | None = None
    site: str | None = None
    jurisdiction: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] | None = None
    region: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    cadence: Literal["hourly", "daily", "weekly"] = "daily"
    reliability: Literal["A", "B", "C", "D", "E", "F"] = "F"
    politeness: Politeness = Politeness()
    scope: Scope = Scope()
    images: Images = Images()
    expected: Expected = Expected()
    retention_days: Annotated[int, Field(ge=1)] = 365
    listings: Listings | None = None
    newsroom: Newsroom | None = None
    notices: Notices | None = None
    documents: Documents = Documents()
    owners: Texts = ()
    _file_sha256: str | None = PrivateAttr(None)

    @property
    def sha256(self) -> str | None:
        """SHA-256 of the file that this source was read from, as `sha256sum` prints it; None when made in code."""
        return self._file_sha256

    @model_validator(mode="after")
    def _kind_has_its_part(self) -> Self:
        if self.kind in WEB_KINDS and not self.start:
            raise ValueError(f"a source of kind {self.kind} needs `start` (a list of addresses)")
        if self.kind in FOLDER_KINDS and self.path is None:
            raise ValueError(f"a source of kind {self.kind} needs `path` (a folder or file)")
        for part in ("listings", "newsroom"):
            if self.kind == part and getattr(self, part) is None:
                raise ValueError(f"a source of kind {self.kind} needs a `{part}:` section")
        if self.images.fetch and self.kind not in PICTURE_KINDS:
            raise ValueError(f"a source of kind {self.kind} shows no pictures: leave out `images.fetch`")
        if self.images.fetch and self.listings is not None and self.listings.fields.images is None:
            raise ValueError("`images.fetch` needs `listings.fields.images`, where the pictures stand")
        for address in self.start:
            if not re.match(r"https?://", address) and self.kind != "telegram_preview":
                raise ValueError(f"`start` needs http:// or https:// addresses, not {address!r}")
        return self

    @property
    def notices_mapping(self) -> Notices:
        """The mapping of the notice API; the public default where the file gives none."""
        return self.notices or Notices()


def _meant(problem: Mapping[str, Any]) -> str:
    """The field that a misspelt one most resembles, among those of all parts of a source file."""
    if problem["type"] != "extra_forbidden":
        return ""
    parts = [part for part in globals().values() if isinstance(part, type) and issubclass(part, BaseModel)]
    names = {name for part in parts for name in part.model_fields}
    close = get_close_matches(str(problem["loc"][-1]), sorted(names), n=1)
    return f" (is `{close[0]}` meant?)" if close else ""


def load_source(file: Path, home: Path) -> Source:
    """Read one source file. Raises `SourceError`.

    `path` may begin with `$STORMLANTERN_HOME`; a relative one is resolved against the file's folder.
    """
    try:
        raw = file.read_bytes()
        data = yaml.safe_load(raw.decode("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SourceError(f"{file}: cannot be read as YAML: {error}") from error
    if not isinstance(data, dict):
        raise SourceError(f"{file}: a source is a YAML mapping (name, kind, start, …); see docs/sources.md")
    try:
        source = Source.model_validate({"name": file.stem, **data})
    except ValidationError as error:
        problems = "; ".join(
            f"field `{'.'.join(str(part) for part in item['loc']) or 'source'}`: {item['msg']}{_meant(item)}"
            for item in error.errors(include_input=False)
        )
        raise SourceError(f"{file}: {problems}. See docs/sources.md for the fields.") from None
    if source.path is not None:
        path = Path(str(source.path).replace("$STORMLANTERN_HOME", str(home.resolve())))
        source = source.model_copy(update={"path": (file.parent / path.expanduser()).resolve()})
    source._file_sha256 = hashlib.sha256(raw).hexdigest()
    return source


def load_sources(places: Iterable[Path], home: Path = Path("data")) -> dict[str, Source]:
    """Read source files, or every `*.yaml` of a folder; names must be unique. Raises `SourceError`."""
    sources: dict[str, Source] = {}
    origin: dict[str, Path] = {}
    for place in places:
        if not place.exists():
            raise SourceError(f"{place}: no such file or folder of sources")
        for file in sorted(place.glob("*.y*ml")) if place.is_dir() else [place]:
            source = load_source(file, home)
            if source.name in sources:
                raise SourceError(
                    f"{file}: the name {source.name!r} is taken by {origin[source.name]}; rename one"
                )
            sources[source.name], origin[source.name] = source, file
    return sources
