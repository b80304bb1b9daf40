"""Selectors of source files: dialect, validity, and reading."""

from selectolax.lexbor import LexborHTMLParser

from assets.capture.field_rules import absolute_url, compile_rules, dialect
from assets.capture.source import FieldRule, Source
from assets.parsing.selectors import check_selectors, read
from assets.parsing.text import visible_text


def test_other_spellings_of_contains_are_understood() -> None:
    for written in (':contains("City")', ":contains('City')", ":contains(City)", ':-soup-contains("City")'):
        assert dialect(f"dt{written} + dd") == 'dt:lexbor-contains("City" i) + dd'
    assert dialect("li:not(.x) > a") == "li:not(.x) > a"


def test_each_selector_that_is_not_css_is_named() -> None:
    source = Source.model_validate(
        {
            "name": "site_one",
            "kind": "listings",
            "start": ["https://ads.example/"],
            "listings": {
                "follow": ["a.next@href", "a:contains('Next')"],
                "item_link": "a:lexbor-contains('More' i)",
                "item": "li[",
                "fields": {"text": "p:contains('x')", "phone": "a[href^='tel:']@href", "place": "> b"},
            },
        }
    )
    assert [problem.field for problem in check_selectors(source)] == [
        "listings.follow.1",
        "listings.item",
        "listings.fields.place",
    ]


def test_a_pattern_keeps_its_group_and_a_script_can_be_read() -> None:
    tree = LexborHTMLParser("<div><script>var ad = {'id': 42};</script><p>Age: 24</p></div>")
    rules = compile_rules(
        {
            "text": FieldRule(selector="p", pattern=r"Age|Alter"),
            "age": FieldRule(selector="p", pattern=r"Age: (\d+)|Alter (\d+)"),
            "external_id": FieldRule(selector="script", pattern=r"'id': (\d+)"),
            "price": FieldRule(selector="p", pattern="EUR"),
        }
    )
    root = tree.root
    assert root is not None
    assert {name: read(rule, root) for name, rule in rules.items()} == {
        "text": "Age",
        "age": "24",
        "external_id": "42",
        "price": None,
    }


def test_addresses_become_absolute_or_nothing() -> None:
    base = "https://ads.example/list/page?n=1"
    assert absolute_url(base, "../ad/7#photos") == "https://ads.example/ad/7"
    assert absolute_url(base, "?n=2") == "https://ads.example/list/page?n=2"
    assert absolute_url(base, "//cdn.example/a b.jpg") == "https://cdn.example/a%20b.jpg"
    for nothing in (
        "javascript:void(0)",
        "data:image/png;base64,AA",
        "mailto:a@mail.example",
        "",
        "http://[::",
    ):
        assert absolute_url(base, nothing) is None


def test_text_is_what_a_reader_sees() -> None:
    def seen(html: str, *, structure: bool = False) -> str:
        body = LexborHTMLParser(html).body
        assert body is not None
        return visible_text(body.html or "", structure=structure)

    assert seen('<p>a<!-- > " --><span title="5 > 3">b</span>c') == "abc"
    assert seen('<p>6<b>0</b>0&nbsp;<img alt="0" src=x>00<img alt="a picture">1') == "600 0001"
    assert seen("a\n b<br>c<div>d</div><script>x < y</script>") == "a b\nc\nd"
    assert seen("<pre>one\n  two</pre>") == "one\ntwo"
    assert seen("<ul><li>one<li><p>two</p></ul><table><tr><td>a<td>b</table>", structure=True) == (
        "- one\n- two\na | b"
    )
    assert seen("1 &lt; 2 &amp;amp; 3") == "1 < 2 &amp; 3"
