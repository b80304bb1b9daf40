"""Ids of measuring services in the source of pages; all invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.extraction.analytics_ids import find_analytics_ids


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
