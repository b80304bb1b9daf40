"""The walk of a notice API that shows 160 results of a query: whatever the people, none is lost without a word."""

import json
from collections import Counter
from urllib.parse import parse_qs, urlsplit

from hypothesis import given, settings
from hypothesis import strategies as st

from assets.capture.discovery import Page, discover, notices, starts
from assets.capture.source import Source

CAP = 160
COUNTRIES = ("FR", "RO", "BR")
SOURCE = Source.model_validate(
    {
        "name": "sought",
        "kind": "notices",
        "start": ["http://api.test/v1/red"],
        "notices": {"countries": list(COUNTRIES), "cap": CAP},
    }
)
# A country (None: of no country, or of one that the source does not list) and an age (None: unknown).
Person = tuple[str | None, int | None]


def answer(people: list[Person], url: str) -> tuple[list[int], bytes]:
    """What a capped API shows for a query, and its body."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    low, high = query.get("ageMin"), query.get("ageMax")
    hits = [
        number
        for number, (country, age) in enumerate(people)
        if query.get("arrestWarrantCountryId") in (None, country)
        and (low is None or (age is not None and int(low) <= age <= int(high or 999)))
    ]
    size, page = int(query["resultPerPage"]), int(query["page"])
    shown = hits[:CAP][(page - 1) * size : page * size]
    listed = [{"entity_id": str(number)} for number in shown]
    return shown, json.dumps({"total": len(hits), "_embedded": {"notices": listed}}).encode()


def walk(people: list[Person]) -> tuple[set[int], list[str], int]:
    """Notices seen, addresses asked, and how many the walk says are out of reach."""
    waiting = [request.url for request in starts(SOURCE)]
    asked: list[str] = []
    seen: set[int] = set()
    totals: dict[str, int] = {}
    beyond, reconciled = 0, False
    while waiting or not reconciled:
        if not waiting:
            reconciled = True
            requests, beyond = notices.reconcile(SOURCE, totals)
            waiting += [request.url for request in requests if request.url not in asked]
            continue
        url = waiting.pop()
        if url in asked:
            continue
        asked.append(url)
        shown, body = answer(people, url)
        seen.update(shown)
        page = Page(url, "api", body, "application/json")
        total = notices.total_of(SOURCE, body)
        if total is not None:
            totals[url] = total
        waiting += [request.url for request in discover(SOURCE, page)]
    return seen, asked, beyond


GROUPS = st.lists(
    st.tuples(
        st.sampled_from([*COUNTRIES, "XX", None]),
        st.one_of(st.none(), st.integers(0, 120)),
        st.sampled_from([1, 3, 40, 159, 160, 161, 400]),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=25)
@given(GROUPS, st.randoms(use_true_random=False))
def test_every_notice_is_found_or_counted_as_out_of_reach(
    groups: list[tuple[str | None, int | None, int]], order: object
) -> None:
    people: list[Person] = [(country, age) for country, age, count in groups for _ in range(count)]
    order.shuffle(people)  # type: ignore[attr-defined]  # a random.Random
    seen, asked, beyond = walk(people)
    assert len(asked) == len(set(asked))
    assert len(people) - len(seen) <= beyond
    if len(people) <= CAP:
        assert (len(seen), beyond) == (len(people), 0)
    # Nothing is reported as lost while each country and age fits below the cap, and so do those without either.
    crowds = Counter(people)
    without = sum(1 for country, age in people if country not in COUNTRIES)
    ageless = max(
        (sum(1 for c, a in people if c == country and a is None) for country in COUNTRIES), default=0
    )
    if max(crowds.values(), default=0) <= CAP and without == 0 and ageless == 0:
        assert (len(seen), beyond) == (len(people), 0)


@settings(deadline=None, max_examples=10)
@given(GROUPS)
def test_a_walk_costs_its_pages_and_the_queries_that_split_it(
    groups: list[tuple[str | None, int | None, int]],
) -> None:
    people: list[Person] = [(country, age) for country, age, count in groups for _ in range(count)]
    _, asked, _ = walk(people)
    # Each age range that must be split costs at most the depth of the halving, 7, and its sibling at each step.
    assert (
        len(asked)
        <= 1 + len(people) / 20 + len(COUNTRIES) + 2 * 8 * (len(groups) + 1) * len(COUNTRIES) + 8 * 20
    )
