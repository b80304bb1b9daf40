"""What is planted, and that the same seed plants it again."""

import os
import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from simulation.grammar import PHRASES, grammars
from simulation.items import ADULT, DOMESTIC, JOBS, JOBS_CHANNEL, SITES
from simulation.phones import is_reserved
from simulation.places import LANGUAGES
from simulation.scale import scale
from simulation.truth import Truth, load_truth, truth_of, write_truth
from simulation.wording import write
from simulation.world import World

ANCHOR = date(2026, 11, 20)
# Words (whole, or stems with a star) that no text of the simulated web may hold, whatever the language.
EXPLICIT = re.compile(
    r"\b(sexo?|sexe|sexu\w*|nude\w*|naked|nackt\w*|desnud\w*|dezbrăcat\w*|eroti\w*|érotiq\w*|porn\w*|oral|anal|orgas\w*|"
    r"fetis\w*|"
    r"fetich\w*|busty|hot|sexy|caliente|gostosa|fuck\w*|fick\w*|puta\w*|escorts?|ass|breasts?|busen|tetas?|seios?|seins|"
    r"kiss\w*|besos?|beijos?|bisous?|küss\w*|kuss|sărut\w*|virgin\w*|jungfrau|lolita|teens?|xxx)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def demo() -> World:
    return World(7, "demo", ANCHOR)


@pytest.fixture(scope="module")
def truth(demo: World) -> Truth:
    return truth_of(demo)


def test_the_demonstration_has_its_twenty_thousand_items(truth: Truth) -> None:
    counts = Counter(item.site for item in truth.items)
    assert counts[ADULT] == 9_800
    assert counts[DOMESTIC] == 3_000
    assert counts[JOBS] == 1_500
    assert 19_000 <= counts.total() + truth.notices + 60 <= 21_000
    assert len({(item.site, item.external_id) for item in truth.items}) == len(truth.items)


def test_the_same_seed_gives_the_same_truth_and_another_seed_another() -> None:
    assert truth_of(World(3, "small", ANCHOR)) == truth_of(World(3, "small", ANCHOR))
    assert truth_of(World(3, "small", ANCHOR)) != truth_of(World(4, "small", ANCHOR))


def test_bytes_do_not_hang_on_the_hash_seed_of_the_process() -> None:
    program = (
        "import hashlib,datetime\nfrom simulation.world import World\nfrom simulation.web import Web\n"
        "web=Web(World(5,'small',datetime.date(2026,11,20)))\ndigest=hashlib.sha256()\n"
        "for host,path in (('www.lunaguide.test','/paris/'),('casahelp.test','/region/es'),"
        "('www.nordsudjobs.test','/en/offers'),('telegram.test','/s/workabroadnow'),('policedesk.test','/news'),"
        "('notices.test','/notices/v1/red')):\n    digest.update(web.page(host,path,{}).body)\n"
        "print(digest.hexdigest())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_controllers_stand_behind_many_accounts_on_several_sites_in_several_languages(truth: Truth) -> None:
    assert len(truth.controllers) == 25
    assert {controller.role for controller in truth.controllers} == {"exploiter", "recruiter"}
    for controller in truth.controllers:
        own = [item for item in truth.items if item.controller == controller.id]
        assert controller.item_count == len(own) >= 4
        assert {item.site for item in own} == set(controller.sites)
        assert {item.person for item in own} == {controller.id}
        assert len({item.account for item in own}) >= 2
        assert len(controller.sites) >= 2
    spoken = [
        {i.lang for i in truth.items if i.controller == c.id} for c in truth.controllers if c.item_count > 12
    ]
    assert all(len(languages) >= 2 for languages in spoken)


def test_no_identifier_is_in_all_items_of_a_controller_yet_they_hang_together(truth: Truth) -> None:
    for controller in truth.controllers:
        own = [item for item in truth.items if item.controller == controller.id]
        shown = [{i.value for i in item.identifiers if i.kind != "image" and not i.generic} for item in own]
        if len(own) > 12:
            assert not set.intersection(*shown)
        reached, frontier = set(shown[0]), list(shown)
        while True:
            joined = [values for values in frontier if values & reached]
            if not joined:
                break
            reached |= set.union(*joined)
            frontier = [values for values in frontier if not values & reached]
        assert len(frontier) <= 0.3 * len(own), "all but the burners"


def test_a_persons_own_identifiers_are_shared_by_few_others(truth: Truth) -> None:
    holders: dict[str, set[str]] = {}
    for item in truth.items:
        for identifier in item.identifiers:
            if not identifier.generic:
                holders.setdefault(f"{identifier.kind}:{identifier.value}", set()).add(item.person)
    several = {value for value, persons in holders.items() if len(persons) > 1}
    phones = [value for value in several if value.startswith("phone:")]
    images = [value for value in several if value.startswith("image:")]
    assert 1 <= len(phones) <= 30, "recycled numbers are noise, one in a thousand"
    assert len(images) >= 20, "stolen pictures are noise, one person in fifty"
    assert not [v for v in several if v.startswith(("username:", "email:"))]
    planted = {i.value for c in truth.controllers for i in c.identifiers}
    assert not {value.split(":", 1)[1] for value in several} & planted


def test_help_desks_appear_in_hundreds_of_unrelated_items(truth: Truth) -> None:
    desk = Counter(
        i.value
        for item in truth.items
        if item.site == ADULT
        for i in item.identifiers
        if i.generic and i.kind == "phone"
    )
    assert desk.most_common(1)[0][1] > 300


def test_the_influx_multiplies_one_series_and_one_controller_holds_most_of_it(truth: Truth) -> None:
    surge = next(s for s in truth.surges if s.kind == "influx")
    series = [
        i
        for i in truth.items
        if (i.site, i.place, i.nationality) == (surge.site, surge.place, surge.nationality)
    ]
    before = [i for i in series if i.posted[:10] < surge.start]
    since = [i for i in series if i.posted[:10] >= surge.start]
    days = (ANCHOR - date.fromisoformat(surge.start)).days
    ratio = (len(since) / days) / (len(before) / (180 - days))
    assert 2.8 <= ratio <= 6.5
    holders = Counter(item.person for item in since)
    assert holders.most_common(1)[0][0] == surge.controller
    assert holders[surge.controller or ""] > len(since) * 0.5


def test_the_season_rises_without_anyone_behind_it(truth: Truth) -> None:
    season = next(s for s in truth.surges if s.kind == "season")
    series = [
        i
        for i in truth.items
        if (i.site, i.place, i.nationality) == (season.site, season.place, season.nationality)
    ]
    since = [i for i in series if i.posted[:10] >= season.start]
    assert len(since) / 60 > 1.5 * (len(series) - len(since)) / 120
    assert Counter(item.person for item in since).most_common(1)[0][1] <= 6


def test_the_adult_and_domestic_sites_are_tied_and_the_job_board_to_neither(truth: Truth) -> None:
    ties = {frozenset(tie) for tie in truth.site_ties}
    assert frozenset((ADULT, DOMESTIC)) in ties
    assert frozenset((JOBS, JOBS_CHANNEL)) in ties
    assert frozenset((JOBS, DOMESTIC)) not in ties
    own: dict[str, set[str]] = {site: set() for site in SITES}
    generic: dict[str, set[str]] = {site: set() for site in SITES}
    for item in truth.items:
        for identifier in item.identifiers:
            (generic if identifier.generic else own)[item.site].add(identifier.value)
    assert generic[JOBS] & generic[DOMESTIC], "they share a help desk and advice pages"
    assert len(own[JOBS] & own[DOMESTIC]) <= 4, "beyond that only a recycled number or two"
    assert len(own[ADULT] & own[DOMESTIC]) >= 20


def test_every_sign_is_planted_and_innocent_items_carry_some_by_chance(truth: Truth) -> None:
    planted = Counter(sign for item in truth.items if item.controller for sign in item.signs)
    chance = Counter(sign for item in truth.items if not item.controller for sign in item.signs)
    for sign in (
        "debt",
        "probable_minor",
        "third_party",
        "newly_arrived",
        "deceptive_job",
        "high_pay",
        "passport_kept",
    ):
        assert planted[sign] >= 5, sign
    assert chance["newly_arrived"] > 100
    assert chance["no_experience"] > 50
    assert chance["deceptive_job"] == 0


def test_items_spread_over_the_180_days_before_the_anchor(truth: Truth) -> None:
    moments = [datetime.fromisoformat(item.posted) for item in truth.items]
    assert min(moments) >= datetime(2026, 11, 20, tzinfo=UTC) - timedelta(days=180)
    assert max(moments) < datetime(2026, 11, 20, tzinfo=UTC)
    weekdays = Counter(moment.weekday() for moment in moments)
    assert weekdays[3] > weekdays[6] * 1.2
    grown = [item.posted[:10] for item in truth.items if item.site == DOMESTIC]
    last = sum(day >= "2026-10-01" for day in grown)
    assert last > 1.4 * sum("2026-06-01" <= day <= "2026-07-20" for day in grown)


def test_only_reserved_numbers_and_invented_hosts_appear(truth: Truth) -> None:
    for item in truth.items:
        for identifier in item.identifiers:
            if identifier.kind == "phone":
                assert is_reserved(identifier.value), "not a number kept for fiction"
            elif identifier.kind in ("email", "url"):
                assert re.search(r"\.example(/|$)", identifier.value)
            elif identifier.kind == "image":
                assert ".test/" in identifier.value


def test_no_text_is_explicit(demo: World) -> None:
    for site in SITES:
        for item in demo.items[site]:
            words = write(item, demo.seed)
            assert not EXPLICIT.search(f"{words.title} {words.text}")
    for subject in PHRASES.glob("*.yaml"):
        for grammar in grammars(subject.stem).values():
            assert not [text for texts in grammar.rules.values() for text in texts if EXPLICIT.search(text)]


def test_a_probable_minor_is_told_by_an_age_and_nothing_else(demo: World) -> None:
    minors = [item for item in demo.items[ADULT] if "probable_minor" in item.signs]
    assert 8 <= len(minors) <= 60
    for item in minors:
        assert item.age in (16, 17)
        assert item.signs == ("probable_minor",)
        assert str(item.age) in write(item, demo.seed).text
    assert all(item.age >= 18 for item in demo.items[ADULT] if "probable_minor" not in item.signs)


def test_all_six_languages_have_the_same_rules() -> None:
    for subject in PHRASES.glob("*.yaml"):
        rules = {language: set(grammar.rules) for language, grammar in grammars(subject.stem).items()}
        assert set(rules) == set(LANGUAGES)
        assert all(names == rules["en"] for names in rules.values()), subject.stem


def test_the_truth_survives_its_file(truth: Truth, tmp_path: Path, demo: World) -> None:
    write_truth(demo, tmp_path / "truth.json")
    assert load_truth(tmp_path / "truth.json") == truth


@pytest.mark.parametrize("size", ["tiny", "0", "499", "400001"])
def test_an_impossible_size_says_so(size: str) -> None:
    with pytest.raises(ValueError, match="size must"):
        scale(size)
