"""Ids of measuring services in the source of pages; all invented."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.extraction.analytics_ids import find_analytics_ids, find_written_ids
from assets.extraction.identifiers import extract_identifiers


def values(page: str) -> list[str]:
    found = list(find_analytics_ids(page))
    for one in found:
        assert page[one.start : one.end] != ""
        assert one.kind == "analytics"
    return [one.value for one in found]


@pytest.mark.parametrize(
    ("page", "value"),
    [
        ("ga('create', 'UA-00000012-3', 'auto');", "google-analytics:UA-00000012"),
        (
            '<script src="https://www.googletagmanager.com/gtag/js?id=G-TEST00TEST">',
            "google-analytics:G-TEST00TEST",
        ),
        ("gtag('config', 'G-TEST00TEST');", "google-analytics:G-TEST00TEST"),
        ("(window,document,'script','dataLayer','GTM-TEST00');", "google-tag-manager:GTM-TEST00"),
        ("gtag('config', 'AW-000000012');", "google-ads:AW-000000012"),
        ('data-ad-client="ca-pub-0000000000000012"', "adsense:ca-pub-0000000000000012"),
        ("fbq('init', '000000000000012');", "meta-pixel:000000000000012"),
        ("https://www.facebook.com/tr?id=000000000000012&ev=PageView", "meta-pixel:000000000000012"),
        ('ym(00000012, "init", {clickmap:true});', "yandex-metrica:00000012"),
        ("https://mc.yandex.ru/watch/00000012", "yandex-metrica:00000012"),
        ("h._hjSettings={hjid:0000012,hjsv:6};", "hotjar:0000012"),
        ("_paq.push(['setSiteId', '7']); var u=\"//stats.test/\";", "matomo:stats.test/7"),
        ("var sc_project=00000012;", "statcounter:00000012"),
        ('<img src="//stats.test/matomo.php?idsite=7&amp;rec=1">', "matomo:stats.test/7"),
        ("pintrk('load', '0000000000012');", "pinterest-tag:0000000000012"),
        ('_tmr.push({id: "0000012", type: "pageView"});', "top-mail-ru:0000012"),
        ("hm.baidu.com/hm.js?00000000000000000000000000000012", "baidu:00000000000000000000000000000012"),
        (
            'data-website-id="00000000-0000-0000-0000-000000000012"',
            "umami:00000000-0000-0000-0000-000000000012",
        ),
        ('("clarity", "script", "test000012")', "clarity:test000012"),
    ],
)
def test_an_id_in_a_page_s_source_is_found_once(page: str, value: str) -> None:
    assert values(f"<html><head>{page}</head><body>{page}</body></html>") == [value]


@pytest.mark.parametrize(
    "page",
    [
        "vitamin G-COMPLEX12 and GTM time",
        "room UA-12",
        "_paq.push(['setSiteId', '7']);",
        "call 07700 900123",
        "clarity of mind, gtag",
    ],
)
def test_a_page_without_one_has_none(page: str) -> None:
    assert values(page) == []


@given(st.text(st.sampled_from("UAGTM-0123456789'\"(),=/fbqinitymsetSiteId. \n")))
def test_no_page_makes_it_fail(page: str) -> None:
    values(page)


@pytest.mark.parametrize(
    ("text", "value", "raw"),
    [
        (
            "both sites use UA-00000012-3, says the report",
            "google-analytics:UA-00000012",
            "UA-00000012",
        ),
        ("Analytics id: G-TEST00TEST", "google-analytics:G-TEST00TEST", "G-TEST00TEST"),
        ("same container GTM-TEST00.", "google-tag-manager:GTM-TEST00", "GTM-TEST00"),
        (
            "google.com, pub-0000000000000012, DIRECT",
            "adsense:ca-pub-0000000000000012",
            "pub-0000000000000012",
        ),
        ("Facebook Pixel ID 000000000000012 everywhere", "meta-pixel:000000000000012", "000000000000012"),
        ("номер Яндекс.Метрики: 00000012", "yandex-metrica:00000012", "00000012"),
        ("Matomo on stats.test, site id 7", "matomo:stats.test/7", "7"),
        ("paste: fbq('init', '000000000000012');", "meta-pixel:000000000000012", "000000000000012"),
    ],
)
def test_an_id_that_somebody_writes_is_a_mention_with_its_span(text: str, value: str, raw: str) -> None:
    found = extract_identifiers(pl.DataFrame({"id": ["1"], "text": [text]}))
    assert ("analytics", value, raw) in found.select("kind", "value", "raw").rows()
    assert "phone" not in found["kind"]
    for start, end, spelling in found.select("start", "end", "raw").iter_rows():
        assert text[start:end] == spelling


@pytest.mark.parametrize(
    "text",
    [
        "flight UA-1234 at 9",
        "size G-COMPLEX12",
        "a pixel phone, 07700 900123",
        "our pub-quiz",
        "metrika 12345",
        "AW-12 and GTM- nothing",
    ],
)
def test_a_text_that_names_none_has_none(text: str) -> None:
    assert list(find_written_ids(text)) == []
