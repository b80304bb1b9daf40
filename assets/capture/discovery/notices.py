"""Discovery in a notice API that caps the results of one query: split a query until it fits below the cap.

The state of the walk is the query itself: country, then a range of ages, then the page. So each answer
decides on the next requests alone, and a walk resumes anywhere.
"""

import math
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

import orjson

from assets.capture.canonical import canonical_url
from assets.capture.discovery.page import Page, Request
from assets.capture.source import Notices, Source

# ISO 3166-1 alpha-2, officially assigned codes.
_CODES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
    BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
    ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
    HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
    LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
    NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
    SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
    UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = tuple(_CODES.split())
AGE_RANGE = (0, 120)


def starts(source: Source) -> list[Request]:
    """The whole list, first page: its total tells whether it must be split."""
    mapping = source.notices_mapping
    requests = []
    for address in source.start:
        url = canonical_url(address)
        if url is not None:
            requests.append(Request(_with(url, mapping, page=1), "api", named=True))
    return requests


def discover(source: Source, page: Page) -> list[Request]:
    """The queries, pages and details that follow from one answer of the API."""
    if page.role != "api":
        return []
    mapping = source.notices_mapping
    try:
        answer = orjson.loads(page.body)
    except orjson.JSONDecodeError:
        return []
    requests = _details(mapping, answer, page)
    total = _at(answer, mapping.total)
    query = dict(parse_qsl(page.url.partition("?")[2]))
    names = mapping.parameters
    if not isinstance(total, int) or query.get(names["page"], "1") != "1":
        return requests
    if total > mapping.cap:
        queries = _split(source, page.url, query)
        if queries:
            return requests + [Request(url, "api") for url in queries]
    # Below the cap, or so narrow that nothing is left to split by: read what the API shows.
    pages = math.ceil(min(total, mapping.cap) / mapping.page_size)
    return requests + [Request(_with(page.url, mapping, page=n), "api") for n in range(2, pages + 1)]


def total_of(source: Source, body: bytes) -> int | None:
    """The total that an answer claims; None when it claims none."""
    try:
        total = _at(orjson.loads(body), source.notices_mapping.total)
    except orjson.JSONDecodeError:
        return None
    return total if isinstance(total, int) else None


def reconcile(source: Source, totals: Mapping[str, int]) -> tuple[list[Request], int]:
    """What the walk has left out, given the totals that first pages (by address) claimed.

    A split query whose parts claim less than itself hides notices without the property it was split by (no known
    age, no country). Its own pages are read as far as the cap shows them: these are the requests. The second value
    is how many notices may still be out of reach.
    """
    mapping = source.notices_mapping
    requests: list[Request] = []
    beyond = 0
    for url, total in totals.items():
        if total <= mapping.cap:
            continue
        query = dict(parse_qsl(url.partition("?")[2]))
        parts = _split(source, url, query)
        if not parts:
            beyond += total - mapping.cap
        elif all(part in totals for part in parts):
            missing = total - sum(totals[part] for part in parts)
            if missing > 0:
                pages = math.ceil(mapping.cap / mapping.page_size)
                requests += [Request(_with(url, mapping, page=n), "api") for n in range(2, pages + 1)]
                # What the cap shows of the whole may be notices that the parts have shown already.
                beyond += min(missing, total - mapping.cap)
    return requests, beyond


def _split(source: Source, url: str, query: dict[str, str]) -> list[str]:
    mapping = source.notices_mapping
    names = mapping.parameters
    if names["country"] not in query:
        return [_with(url, mapping, page=1, country=country) for country in mapping.countries or COUNTRIES]
    low = int(query.get(names["age_min"], AGE_RANGE[0]))
    high = int(query.get(names["age_max"], AGE_RANGE[1]))
    if low >= high:
        return []
    middle = (low + high) // 2
    return [
        _with(url, mapping, page=1, ages=(low, middle)),
        _with(url, mapping, page=1, ages=(middle + 1, high)),
    ]


def _with(
    url: str, mapping: Notices, *, page: int, country: str | None = None, ages: tuple[int, int] | None = None
) -> str:
    address, _, text = url.partition("?")
    query = dict(parse_qsl(text, keep_blank_values=True))
    names = mapping.parameters
    query[names["page_size"]] = str(mapping.page_size)
    query[names["page"]] = str(page)
    if country is not None:
        query[names["country"]] = country
    if ages is not None:
        query[names["age_min"]], query[names["age_max"]] = str(ages[0]), str(ages[1])
    return f"{address}?{urlencode(query)}"


def _details(mapping: Notices, answer: object, page: Page) -> list[Request]:
    items = _at(answer, mapping.items)
    if mapping.detail is None or not isinstance(items, list):
        return []
    found = (_at(item, mapping.detail) for item in items)
    return [
        Request(url, "item")
        for href in found
        if isinstance(href, str) and (url := canonical_url(href, page.url)) is not None
    ]


def _at(value: object, path: str) -> object:
    """The value at a dotted path of a JSON answer; None when a step is missing. An empty path is the
    whole.
    """
    for key in path.split(".") if path else []:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value
