"""robots.txt after RFC 9309, and Google's own cases for it."""

import json
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.capture.robots import RobotsRules, is_allowed, path_of

GOOGLE_CASES = Path(__file__).parents[4] / "shared/conformance/robots_conformance/google_cases.jsonl"
PROTEGO_CASES = GOOGLE_CASES.with_name("protego_cases.jsonl")


@pytest.mark.skipif(not GOOGLE_CASES.exists(), reason="the conformance cases are not on this machine")
def test_google_cases() -> None:
    cases = [json.loads(line) for line in GOOGLE_CASES.read_text(encoding="utf-8").splitlines()]
    wrong = [
        case["test"]
        for case in cases
        if is_allowed(case["robots_txt"], case["agent"], case["url"]).allowed != case["allowed"]
    ]
    assert len(cases) == 142
    assert wrong == []


# Where we differ from protego, by the name of its test: how many of its calls, and why.
ACCEPTED_DIFFERENCES = {
    "test_allowed_wildcards": (
        22,
        "agents called Rule1TestBot: a product token has no digits (RFC 9309, 2.2.1)",
    ),
    "test_1996rfc_examples": (
        4,
        "three agents called 2bot, 5bot, 6bot; and an Allow that matches only decoded",
    ),
    "test_unicode_url_and_useragent": (
        4,
        "agents called UnicödeBöt: a product token is ASCII (RFC 9309, 2.2.1)",
    ),
    "test_generosity": (3, "agents called `harry potter` and `foo*bot`: no product tokens"),
    "test_user_agent_precedence": (
        5,
        "a group names the whole product token, not its beginning (RFC 9309, 2.2.1)",
    ),
    "test_grouping_unknown_keys": (3, "unknown lines end no group (google/robotstxt), so more is refused"),
    "test_escaped_url": (2, "an Allow that matches only one of the two readings does not open what / closes"),
    "test_unescaped_url": (2, "as above"),
    "test_percentage_encoding": (3, "as above; Google's cases want it so"),
    "test_special_symbols_dual_behaviour": (2, "a final $ is the end of the path alone (RFC 9309, 2.2.3)"),
    "test_with_absolute_urls": (1, "a rule that does not begin with / or * matches no path"),
}


@pytest.mark.skipif(not PROTEGO_CASES.exists(), reason="the conformance cases are not on this machine")
def test_protego_cases_but_for_the_accepted_differences() -> None:
    cases = [json.loads(line) for line in PROTEGO_CASES.read_text(encoding="utf-8").splitlines()]
    asked = [case for case in cases if case["method"] == "can_fetch"]
    assert len(asked) == 376
    different: Counter[str] = Counter()
    for case in asked:
        url, agent = case["args"]
        if is_allowed(case["robots_txt"], agent, url).allowed != case["expected"]:
            different[case["test"].rpartition("::")[2].partition("[")[0]] += 1
    assert different == {name: count for name, (count, _) in ACCEPTED_DIFFERENCES.items()}


ROBOTS = """
User-agent: *
Disallow: /private
Crawl-delay: 7

User-agent: Stormlantern
User-agent: OtherBot
Allow: /ads/open
Disallow: /ads/
Disallow: /*.php$
Disallow: /search?*sort=
Crawl-delay: 2.5
Sitemap: http://a.test/sitemap.xml
"""


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("http://a.test/", None),
        ("http://a.test/private", None),
        ("http://a.test/ads/open/1", "Allow: /ads/open"),
        ("http://a.test/ads/1", "Disallow: /ads/"),
        ("http://a.test/x/index.php", "Disallow: /*.php$"),
        ("http://a.test/x/index.php?a=1", None),
        ("http://a.test/search?q=1&sort=up", "Disallow: /search?*sort="),
        ("http://a.test/search?q=1", None),
    ],
)
def test_the_longest_rule_of_our_group_decides(url: str, rule: str | None) -> None:
    verdict = is_allowed(ROBOTS, "stormlantern", url)
    assert verdict.rule == rule
    assert verdict.allowed == (rule is None or rule.startswith("Allow"))


def test_delay_and_sitemaps_are_read() -> None:
    rules = RobotsRules(ROBOTS, "Stormlantern")
    assert (rules.crawl_delay, rules.sitemaps) == (2.5, ["http://a.test/sitemap.xml"])
    assert RobotsRules(ROBOTS, "Nobody").crawl_delay == 7


def test_percent_encoding_is_no_way_around_a_rule() -> None:
    robots = "User-agent: *\nDisallow: /secret\nDisallow: /caf%c3%a9\nDisallow: /~home\n"
    assert not is_allowed(robots, "x", "http://a.test/%73ecret").allowed
    assert not is_allowed(robots, "x", "http://a.test/caf%C3%A9").allowed
    assert not is_allowed(robots, "x", "http://a.test/%7Ehome").allowed
    assert not is_allowed("User-agent: *\nDisallow: /%7Ehome", "x", "http://a.test/~home").allowed
    assert is_allowed("User-agent: *\nDisallow: /a%2Fb", "x", "http://a.test/a/b").allowed


def test_hostile_patterns_cost_no_time() -> None:
    robots = "User-agent: *\nDisallow: /" + "*a" * 500 + "$\n" + "Disallow: *****************/****.js\n"
    rules = RobotsRules(robots, "x")
    started = time.process_time()
    assert rules.verdict("http://a.test/" + "a" * 1990 + "b").allowed
    assert time.process_time() - started < 0.5


@given(st.text(max_size=300), st.text(max_size=60))
def test_any_text_gives_a_verdict(robots: str, path: str) -> None:
    verdict = is_allowed(robots, "stormlantern", "http://a.test/" + path)
    assert verdict.allowed or verdict.rule is not None


@given(st.from_regex(r"/[a-z/]{0,12}", fullmatch=True), st.from_regex(r"/[a-z/]{0,12}", fullmatch=True))
def test_a_plain_rule_forbids_exactly_its_prefix(rule: str, path: str) -> None:
    verdict = is_allowed(f"User-agent: *\nDisallow: {rule}\n", "x", "http://a.test" + path)
    assert verdict.allowed != path.startswith(rule)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://a.test", "/"),
        ("http://a.test/x?y=1#z", "/x?y=1"),
        ("http://a.test?q=a://b", "/?q=a://b"),
        ("//a.test/x", "/x"),
        ("a.test/x", "/x"),
        ("", "/"),
    ],
)
def test_path_of(url: str, path: str) -> None:
    assert path_of(url) == path
