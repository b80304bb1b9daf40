"""From the text of one release to its operations, in the shape of the gold files.

{"doc", "lang", "operations": [{"name", "aliases", "start", "end", "countries", "country_count", "crime_areas", "role",
  "metrics": [{"metric", "value", "qualifier", "unit", "country", "subset", "quote", "start", "end"}]}]}
"""

import re
from collections import Counter
from datetime import date
from typing import Any

from assets.statistics.countries import (
    CountryMention,
    country_of_address,
    country_of_authority,
    country_of_forces,
    country_of_publisher,
    find_countries,
)
from assets.statistics.dates import DateMention, find_dates, operation_dates
from assets.statistics.folding import fold
from assets.statistics.language_data import language_data
from assets.statistics.lexicon import ACTION, THING, WORD, lexicon
from assets.statistics.metrics import find_figures
from assets.statistics.names import (
    NamedOperation,
    find_aliases,
    find_operation_name,
    normalise_name,
    operations_named,
)
from assets.statistics.numbers import find_quantities
from assets.statistics.periods import Period, other_periods
from assets.statistics.repeats import without_repeats
from assets.statistics.scene import Figure
from assets.statistics.sentences import Sentence, read_header, split_sentences
from assets.statistics.shares import share_out
from assets.statistics.spans import ByStart
from assets.statistics.text_language import detect_language
from assets.statistics.traps import masked_spans

# Releases are pages, not books: what lies beyond is cut so that one huge page cannot hold up a run.
MAXIMUM_CHARACTERS = 100_000
FULL_DATE = len("2024-05-06")
LIST_LENGTH = 4
MENTIONED_AREA = 2


def extract_operations(
    text: str,
    *,
    doc_id: str,
    lang: str | None = None,
    published: date | None = None,
    url: str | None = None,
) -> dict[str, Any]:
    """Operations of one release.

    text: plain text, optionally headed by lines with address, publisher and ISO date; lang: ISO 639-1, detected
    if None; published and url: of the release, winning over the header's. Never raises on any text. Returns
    the gold shape; quotes are literal, `start`/`end` of a metric are its span in `text`.
    """
    text = text[:MAXIMUM_CHARACTERS]
    header = read_header(text)
    body = text[header.body_start :]
    language = language_data(lang or detect_language(body)).code
    reference = published or header.published
    sentences = split_sentences(text, header.body_start, language)
    body_end = sentences[-1].start + len(sentences[-1].text) if sentences else header.body_start
    article = " " * header.body_start + text[header.body_start : body_end]
    dates = find_dates(article, language, reference)
    address = url or header.url
    countries = find_countries(article, language)
    home = (
        country_of_publisher(header.publisher)
        or country_of_authority(address)
        or country_of_forces(article, countries)
    )
    quantities = find_quantities(article, language, home)
    masks = [*masked_spans(article), *((mention.start, mention.end) for mention in dates)]
    figures = find_figures(article, language, sentences, quantities, masks, countries)
    name = find_operation_name(article[header.body_start :], language)
    start, end = operation_dates(article, language, sentences, dates, name, reference)
    periods = other_periods(article, language, sentences, dates, start, reference)
    if periods:
        name = find_operation_name(_without(article, periods)[header.body_start :], language)
        start, end = operation_dates(article, language, sentences, dates, name, reference)
    taking_part = participating_countries(article, language, sentences, countries, figures, home)
    if not taking_part:
        by_address = country_of_address(address)
        taking_part = [by_address] if by_address else []
    shares = share_out(article, language, sentences, figures, name, periods)
    operations: list[dict[str, Any]] = []
    for share in shares:
        share.figures = without_repeats(share.figures)
        is_main = share.role == "main" and share.year is None and not share.spans
        first, last = (start, end) if is_main else (share.first or share.year, share.last or share.year)
        if share.role == "main" and share.spans and share.year is None:
            inside = [mention for mention in dates if share.holds(mention.start)]
            first, last = operation_dates(article, language, sentences, inside, share.name, reference)
            days = [mention for mention in inside if len(mention.first) == FULL_DATE]
            if first is None and days:
                # A section of its own operation: its first day is the operation's.
                first, last = days[0].first, days[0].last
        operations.append(
            {
                "name": share.name,
                "aliases": find_aliases(article, language, share.name),
                "start": first,
                "end": last,
                "countries": taking_part
                if is_main or share.role == "cumulative"
                else share.countries(countries) or ([home] if home else []),
                "country_count": _country_count(share.figures, taking_part if is_main else []),
                "crime_areas": crime_areas(article, language),
                "role": share.role,
                "metrics": [_metric(figure) for figure in share.figures],
            }
        )
    operations += _only_named(article, header.body_start, language, operations, sentences, dates)
    return {"doc": doc_id, "lang": lang or language, "operations": operations}


def _only_named(
    text: str,
    body_start: int,
    language: str,
    known: list[dict[str, Any]],
    sentences: list[Sentence],
    dates: list[DateMention],
) -> list[dict[str, Any]]:
    """Operations that the text names and tells no figures of; their days where the sentence of the name gives one."""
    keys = {normalise_name(name) for one in known for name in (one["name"], *one["aliases"]) if name}
    found: dict[str, NamedOperation] = {}
    for named in operations_named(text, language):
        # Another writing of a known name, longer or shorter, is no other operation.
        is_known = any(key and (named.key in key or key in named.key) for key in keys)
        if named.start >= body_start and not is_known:
            found.setdefault(named.key, named)
    ordered, ordered_dates = ByStart(sentences), ByStart(dates)
    told: list[dict[str, Any]] = []
    for named in found.values():
        sentence = ordered.last_before(named.start)
        end = sentence.start + len(sentence.text) if sentence else named.start
        days = ordered_dates.within(sentence.start, end) if sentence else []
        first = days[0] if len(days) == 1 or (days and days[0].is_range) else None
        told.append(
            {
                "name": named.name,
                "aliases": [],
                "start": first.first if first else None,
                "end": first.last if first else None,
                "countries": [],
                "country_count": None,
                "crime_areas": [],
                "role": "mention",
                "metrics": [],
            }
        )
    return told


def _without(text: str, periods: list[Period]) -> str:
    """The text with the sentences of other times blanked, same length."""
    kept = list(text)
    for period in periods:
        kept[period.start : period.end] = " " * (period.end - period.start)
    return "".join(kept)


def _metric(figure: Figure) -> dict[str, Any]:
    whole = figure.value == int(figure.value)
    return {
        "metric": figure.metric,
        "value": int(figure.value) if whole else figure.value,
        "qualifier": figure.qualifier,
        "unit": figure.unit,
        "country": figure.country,
        "subset": figure.subset,
        "quote": figure.quote,
        "start": figure.start,
        "end": figure.end,
    }


def _country_count(figures: list[Figure], countries: list[str]) -> int | None:
    written = [int(figure.value) for figure in figures if figure.metric == "countries"]
    if written:
        return written[0]
    return len(countries) if len(countries) > LIST_LENGTH or len(countries) == 1 else None


def crime_areas(text: str, language: str) -> list[str]:
    """Crime areas whose words occur at least twice, most frequent first; the single best one otherwise."""
    folded = fold(text)
    counts: Counter[str] = Counter()
    for area, patterns in language_data(language).operations["crime_areas"].items():
        counts[area] = sum(len(re.findall(pattern, folded)) for pattern in patterns)
    ranked = [area for area, count in counts.most_common() if count >= MENTIONED_AREA]
    if not ranked:
        ranked = [area for area, count in counts.most_common(1) if count]
    return ranked[:4]


# So many countries named beside a search or an arrest are those it was made in.
COUNTRIES_OF_ACTS = 3


def _tells_of_acts(sentence: str, mentions: list[CountryMention], language: str) -> bool:
    """Whether a sentence without figures tells of acts in several countries."""
    if len({mention.code for mention in mentions if not mention.is_demonym}) < COUNTRIES_OF_ACTS:
        return False
    words = lexicon(language)
    if words.country_context.search(sentence) or words.origin_context.search(sentence):
        return False
    return any(
        role == ACTION and name in ("search", "arrest", "rescue")
        for word in WORD.findall(sentence)
        for role, name in words.word_roles(word)
    ) or any(
        role == THING and name in ("search", "arrest")
        for word in WORD.findall(sentence)
        for role, name in words.word_roles(word)
    )


def participating_countries(
    text: str,
    language: str,
    sentences: list[Sentence],
    mentions: list[CountryMention],
    figures: list[Figure],
    home: str | None,
) -> list[str]:
    """Codes of the countries that took part: those of a list, else those named where something was done.

    A list is a sentence or line with at least four names that follows a cue ("participating countries") or is
    made of little else. Without one: the publisher's own country (home), countries of sentences that carry a figure,
    and countries named twice; a demonym counts before an authority ("Spanish police"), a name not where it tells
    whence someone comes.
    """
    cue = re.compile("|".join(language_data(language).operations["country_lists"]))
    listed: list[str] = []
    cued_line = -10
    ordered = ByStart(mentions)
    for sentence in sentences:
        end = sentence.start + len(sentence.text)
        inside = [m for m in ordered.within(sentence.start, end) if not m.is_demonym]
        codes = list(dict.fromkeys(mention.code for mention in inside))
        covered = sum(mention.end - mention.start for mention in inside)
        dense = covered > 0.5 * len(sentence.text.strip())
        cued = bool(cue.search(fold(sentence.text))) or 0 <= sentence.line - cued_line <= 3
        if cue.search(fold(sentence.text)):
            cued_line = sentence.line
        if len(codes) >= LIST_LENGTH and (cued or dense or len(codes) >= 8):
            listed.extend(codes)
        elif (
            codes
            and dense
            and cued_line >= 0
            and sentence.line - cued_line <= 120
            and len(sentence.text) < 60
        ):
            listed.extend(codes)
            cued_line = sentence.line
    listed = list(dict.fromkeys(listed))
    if len(listed) >= LIST_LENGTH:
        # "with 15 other countries": a list of partners leaves out whose release it is.
        return listed if home is None or home in listed else [home, *listed]
    acting: Counter[str] = Counter()
    ordered_figures = ByStart(figures)
    words = lexicon(language)
    folded = fold(text)
    for sentence in sentences:
        end = sentence.start + len(sentence.text)
        from_there = -1
        carries = bool(ordered_figures.within(sentence.start, end)) or _tells_of_acts(
            folded[sentence.start : end], ordered.within(sentence.start, end), language
        )
        for mention in ordered.within(sentence.start, end):
            if mention.is_demonym:
                around = folded[max(0, mention.start - 30) : mention.end + 30]
                acts = words.authority.search(around) is not None
                partner = False
            else:
                # "Led by the Netherlands with the help of Romania": named once, and part of it all the same.
                partner = words.partner_before.search(folded, sentence.start, mention.start) is not None
                gap = folded[from_there : mention.start] if from_there >= 0 else None
                is_origin = words.origin_before.search(
                    folded[max(0, mention.start - 30) : mention.start]
                ) or (gap is not None and (gap == ", " or words.conjunction.fullmatch(gap)))
                from_there = mention.end if is_origin else -1
                acts = not is_origin
            if acts:
                acting[mention.code] += 2 if carries or partner else 1
    named = [code for code, weight in acting.items() if weight >= 2]
    return [home, *(code for code in named if code != home)] if home else named
