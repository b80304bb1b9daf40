"""Who is a lead's person: who hires and who offers herself, which items speak of one woman, who advertises several."""

from typing import Any

import polars as pl

from assets.detection.item_signs import item_signs
from assets.detection.scoring import score_findings
from tests.assets.detection.test_leads import SUSPECTS, Builder, _evidence, _of, _types_by_item


def _naming_a_job(world: Any, item_id: str) -> str:
    row = next(row for row in world.fact_rows if row["item_id"] == item_id)
    world.fact_rows.append({**row, "kind": "job", "value": "carer", "number": None, "unit": "5322"})
    return item_id


def test_where_domestic_work_is_offered_and_sought_the_one_who_hires_is_a_recruiter(
    planted_world: Builder,
) -> None:
    world = planted_world(16, 0.05)
    heavy = ("documents_held", "debt_owed")
    # "Carer wanted, you hand over your passport" by one account; its next post names neither a job nor a person.
    wanted = _naming_a_job(world, world.add("domestic", "hires", "+15555559500", signs=heavy))
    bare = world.add("domestic", "hires", "+15555559500", signs=heavy)
    flown = world.add("domestic", "flies", "+15555559502", signs=("transport_paid", "movement_restricted"))
    # Words of their own.
    next(row for row in world.fact_rows if row["item_id"] == flown).update(span_start=5, span_end=6)
    # Somebody who offers herself, names the job, too, and whose employer keeps her papers.
    nurse = world.add("domestic", "carer", "+15555559501", signs=heavy, nationality="PE", age=31)
    found = _types_by_item(_of(world))
    assert found[wanted] & SUSPECTS == {"potential_recruiter"} == found[bare] & SUSPECTS
    assert "potential_victim" not in found[wanted] | found[bare] | found.get(flown, set())
    assert found[nurse] == {"potential_victim"}
    _naming_a_job(world, nurse)
    assert _types_by_item(_of(world))[nurse] == {"potential_victim"}


def test_who_tells_the_reader_alone_of_rules_hires_and_a_help_line_accuses_nobody(
    planted_world: Builder,
) -> None:
    world = planted_world(24, 0.05)
    told = ("documents_held", "addressed_to_reader")
    # "Barmaids, you give your passport at the desk": no job was read.
    hires = world.add("domestic", "bar", "+15555559710", signs=told)
    offers = _naming_a_job(world, world.add("other", "crew", "+15555559711", signs=told, site="board.test"))
    helps = world.add("other", "line", "+15555559712", signs=told, site="board.test")
    tells = world.add("other", "sister", "+15555559713", signs=("documents_held",), site="talk.test")
    found = _types_by_item(_of(world))
    assert found[hires] == found[offers] == {"potential_recruiter"}
    assert helps not in found
    assert found[tells] == {"potential_victim"}


def test_who_tells_what_was_done_to_her_among_offers_of_work_is_no_recruiter(
    planted_world: Builder,
) -> None:
    """ "They kept my passport and pay me 300 a month" on a board of jobs."""
    world = planted_world(25, 0.05)
    for account in range(6):
        world.add("job_offer", f"firm{account}", f"+1555555976{account}", site="work.test")
    told = ("documents_held", "recruitment_fee", "told_of_oneself")
    found = {}
    for place, category in enumerate(("message", "other", "job_offer", "domestic")):
        item = world.add(category, f"her{place}", f"+1555555977{place}", signs=told, site="work.test")
        row = next(row for row in world.fact_rows if row["item_id"] == item)
        world.fact_rows.append({**row, "kind": "pay", "value": None, "number": 300.0, "unit": "EUR/month"})
        found[item] = category
    # The same without her own words is an offer's.
    offered = world.add("message", "him", "+15555559779", signs=told[:2], site="work.test")
    leads = _types_by_item(_of(world))
    assert leads[offered] == {"potential_recruiter"}
    assert {leads[item] == {"potential_victim"} for item in found} == {True}


def test_a_witness_among_offers_of_work_is_no_recruiter(planted_world: Builder) -> None:
    """ "My cousin's boss has her passport" on a board of jobs; beside a job, or by one who hires, it is an offer."""
    world = planted_world(27, 0.05)
    for account in range(6):
        world.add("job_offer", f"firm{account}", f"+1555555982{account}", site="work.test")
    told = ("documents_held", "told_of_another")
    sees = world.add("other", "cousin", "+15555559830", signs=told, site="work.test")
    hires = _naming_a_job(world, world.add("other", "crew", "+15555559831", signs=told, site="work.test"))
    world.add("job_offer", "agent", "+15555559832", site="work.test")
    rule = world.add("other", "agent", "+15555559832", signs=told, site="work.test")
    found = _types_by_item(_of(world))
    assert found[sees] == {"potential_victim"}
    assert found[hires] & SUSPECTS == found[rule] & SUSPECTS == {"potential_recruiter"}


def test_who_gives_her_age_and_nationality_is_advertised_and_not_hired(planted_world: Builder) -> None:
    """ "Natalia, 26, Colombian, all she earns goes to the house" in a channel of jobs, one for whom a fee is due."""
    world = planted_world(26, 0.05)
    for account in range(6):
        world.add("job_offer", f"firm{account}", f"+1555555978{account}", site="work.test")
    keeps, fee = ("documents_held",), ("documents_held", "recruitment_fee")
    hers = [
        world.add(
            "other", "natalia", "+15555559790", signs=keeps, age=26, nationality="CO", site="work.test"
        ),
        world.add("domestic", "perla", "+15555559791", signs=fee, age=25, nationality="DO"),
    ]
    wanted = [
        # "Brazilian women wanted", "18 and older", and a job that is named.
        world.add("other", "seeks", "+15555559792", signs=fee, nationality="BR", site="work.test"),
        world.add("other", "club", "+15555559793", signs=fee, age=18, site="work.test"),
        _naming_a_job(
            world,
            world.add("other", "bar", "+15555559794", signs=fee, age=18, nationality="BR", site="work.test"),
        ),
    ]
    for item in (hers[0], *wanted):
        row = next(row for row in world.fact_rows if row["item_id"] == item)
        world.fact_rows.append({**row, "kind": "pay", "value": None, "number": 1500.0, "unit": "EUR/month"})
    found = _types_by_item(_of(world))
    assert [found[item] for item in hers] == [{"potential_victim"}] * 2
    assert [found[item] & SUSPECTS for item in wanted] == [{"potential_recruiter"}] * 3


def test_a_job_beside_persons_who_are_offered_is_no_offer_and_households_hire_too(
    planted_world: Builder,
) -> None:
    world = planted_world(21, 0.05)
    number = "+15555559510"
    for account in range(3):
        world.add("adult", f"flat{account}", number, nationality="BR", age=25)
    for account in range(2):
        _naming_a_job(
            world, world.add("domestic", f"flat{account}", number, signs=("several_persons_offered",))
        )
        _naming_a_job(world, world.add("domestic", f"home{account}", number))
    tables = _of(world)
    assert "jobs_and_adult_contact" not in set(tables.lead_indicators["indicator_id"])
    assert not _evidence(tables, "potential_recruiter") & {row["item_id"] for row in world.rows[-4:]}


def test_one_thing_that_holds_a_woman_is_enough_for_a_lead_about_her(planted_world: Builder) -> None:
    world = planted_world(22, 0.05)
    heavy = [
        world.add("adult", f"held{number}", f"+155555596{number:02d}", signs=(sign,))
        for number, sign in enumerate(
            ("debt_owed", "documents_held", "movement_restricted", "pay_withheld"), start=50
        )
    ]
    light = world.add("adult", "young", "+15555559660", signs=("third_party_wording",))
    tables = _of(world)
    assert set(heavy) <= _evidence(tables, "potential_victim")
    assert light not in set(tables.lead_evidence["item_id"])


def test_an_offer_of_work_that_keeps_papers_is_a_recruiter_s_and_one_that_advances_the_flight_is_not(
    planted_world: Builder,
) -> None:
    world = planted_world(23, 0.05)
    keeps = world.add("job_offer", "keeps", "+15555559680", signs=("documents_held",))
    advances = world.add("job_offer", "advances", "+15555559681", signs=("debt_owed",))
    recruiting = _evidence(_of(world), "potential_recruiter")
    assert keeps in recruiting
    assert advances not in recruiting


def test_women_of_one_controller_are_told_apart_by_what_their_accounts_claim(planted_world: Builder) -> None:
    world = planted_world(17, 0.05)
    number, heavy = "+15555559600", ("debt_owed", "movement_restricted")
    world.add("adult", "other", number, age=31, nationality="NG")
    romanian = [world.add("adult", "velvet", number, age=19, nationality="RO", signs=heavy) for _ in range(2)]
    romanian.append(world.add("adult", "velvet", number, signs=("pay_withheld",)))
    nigerian = world.add("adult", "nadia", number, age=19, nationality="NG", signs=heavy)
    unclaimed = world.add("adult", "third", number, age=19, signs=heavy)
    tables = _of(world)
    victims = tables.leads.filter(pl.col("type") == "potential_victim").join(
        tables.lead_evidence, on="lead_id"
    )
    of_lead = {
        frozenset(of["item_id"]): set(of["origin_countries"].explode())
        for _, of in victims.group_by("lead_id")
    }
    assert of_lead[frozenset(romanian)] == {"RO"}
    assert of_lead[frozenset([nigerian])] == {"NG"}
    assert frozenset([unclaimed]) in of_lead


def test_what_one_woman_s_advertisements_say_is_told_together_however_she_is_reached(
    planted_world: Builder,
) -> None:
    world = planted_world(18, 0.05)
    with_phone = world.add("adult", "alone", "+15555559610", age=22, signs=("third_party_wording",))
    without = world.add("adult", "alone", None, signs=("youth_wording",))
    tables = _of(world)
    lead = tables.lead_evidence.filter(pl.col("item_id") == with_phone)["lead_id"]
    assert set(tables.lead_evidence.filter(pl.col("lead_id").is_in(lead.implode()))["item_id"]) == {
        with_phone,
        without,
    }


def test_who_keeps_papers_in_offers_of_work_alone_is_no_facilitator(planted_world: Builder) -> None:
    world = planted_world(19, 0.05)
    signs = ("documents_held", "accommodation_tied", "abroad_offer")
    offers = {world.add("job_offer", "firm", "+15555559620", signs=signs[:2]) for _ in range(2)}
    offers.add(world.add("job_offer", "firm", "+15555559620", signs=(signs[2],)))
    assert not offers & _evidence(_of(world), "potential_facilitator")


def test_who_advertises_several_women_where_no_accounts_are_named_is_an_exploiter(
    planted_world: Builder,
) -> None:
    world = planted_world(20, 0.05)
    items = {
        world.add(
            "adult",
            None,
            "+15555559630",
            nationality=("RO", "BR", "NG")[number % 3],
            age=19 + 2 * number,
            signs=("debt_owed", "third_party_wording"),
        )
        for number in range(6)
    }
    # What one account claims over the years may be one person's.
    fickle = {
        world.add(
            "adult",
            "changes",
            "+15555559631",
            nationality=("RO", "BR", "NG")[number % 3],
            age=19 + 2 * number,
            signs=("debt_owed", "third_party_wording"),
        )
        for number in range(6)
    }
    exploited = _evidence(_of(world), "potential_exploiter")
    assert items <= exploited
    assert not fickle & exploited


def test_who_advertises_two_women_of_whom_both_signs_tell_is_an_exploiter(planted_world: Builder) -> None:
    world = planted_world(25, 0.05)

    def two(
        accounts: tuple[str, str], phone: str, ages: tuple[int, int], told: tuple[bool, bool]
    ) -> set[str]:
        signs = ("debt_owed", "third_party_wording")
        return {
            world.add("adult", account, phone, age=age, signs=signs if says else ())
            for account, age, says in zip(accounts, ages, told, strict=True)
        }

    led = two(("one", "other"), "+15555559640", (21, 28), (True, True))
    # One woman with two accounts; a woman beside somebody else's number; one account whose age grows.
    herself = two(("first", "second"), "+15555559641", (21, 22), (True, True))
    beside = two(("held", "free"), "+15555559642", (21, 28), (True, False))
    older = two(("same", "same"), "+15555559643", (21, 28), (True, True))
    exploited = _evidence(_of(world), "potential_exploiter")
    assert led <= exploited
    assert not (herself | beside | older) & exploited


def test_what_a_sign_says_depends_on_the_trade() -> None:
    hired = ("domestic", "job", "carer")
    told = {
        # A household that looks for a carer: it is the grandmother who does not go out, the girls are children.
        "household": (hired, ("movement_restricted", "youth_wording"), []),
        "keeper": (
            hired,
            ("movement_restricted", "documents_held"),
            ["documents_held", "movement_restricted"],
        ),
        "helper": (("domestic", "nationality", "PE"), ("movement_restricted",), ["movement_restricted"]),
        "woman": (("adult", "debt", None), ("pay_withheld",), ["debt_owed", "earnings_taken"]),
        "firm": (("job_offer", "job", "cook"), ("pay_withheld",), ["pay_withheld"]),
        "talk": (("message", "debt", None), (), []),
        "helpline": (
            ("other", "place", "Porto"),
            ("documents_held", "addressed_to_reader"),
            ["addressed_to_reader"],
        ),
        "hiring": (
            ("other", "job", "waitress"),
            ("documents_held", "addressed_to_reader"),
            ["addressed_to_reader", "documents_held"],
        ),
        "writer": (("other", "place", "Porto"), ("documents_held",), ["documents_held"]),
        "pupil": (("adult", "place", "Porto"), ("school_age_wording",), ["claimed_age_under_18"]),
        "tutor": (("other", "place", "Porto"), ("school_age_wording",), ["school_age_wording"]),
        "moved": (
            ("adult", "place", "Porto"),
            ("short_stay_wording", "third_party_wording"),
            ["moved_on_by_others", "short_stay_wording", "third_party_wording"],
        ),
        "jobs": (
            ("job_offer", "place", "Porto"),
            ("short_stay_wording", "third_party_wording"),
            ["short_stay_wording", "third_party_wording"],
        ),
    }
    items = [(item, category) for item, ((category, _, _), _, _) in told.items()]
    facts = [
        (item, kind, value)
        for item, ((_, named, what), signs, _) in told.items()
        for kind, value in ((named, what), *(("sign", sign) for sign in signs))
    ]
    found = item_signs(
        pl.DataFrame(items, schema=["item_id", "category"], orient="row"),
        pl.DataFrame(schema={"item_id": pl.String, "kind": pl.String, "obscured": pl.Boolean}),
        pl.DataFrame(facts, schema=["item_id", "kind", "value"], orient="row").with_columns(
            number=pl.lit(None, pl.Float64),
            unit=pl.lit(None, pl.String),
            field=pl.lit("text"),
            span_start=pl.lit(0),
            span_end=pl.lit(9),
            confidence=pl.lit(0.9),
            rule_id=pl.lit("a"),
        ),
    )
    shown = {item: found.filter(item_id=item)["indicator_id"].to_list() for item in told}
    assert shown == {item: signs for item, (_, _, signs) in told.items()}


def test_a_service_in_an_advertised_person_s_words_is_told_by_rules_only() -> None:
    """ "From 80 euros the appointment" is no fixer's price, however sure the learned model is of it."""
    cases = {
        "hers": ("adult", "age", "papers_arranged", "de.learned.papers_arranged", False),
        "hers by nation": ("adult", "nationality", "driver_for_girls", "de.learned.driver_for_girls", False),
        "hers by rule": ("adult", "age", "papers_arranged", "de.papers.fixer", True),
        "nobody's": ("adult", "place", "papers_arranged", "de.learned.papers_arranged", True),
        "a fixer's": ("message", "nationality", "papers_arranged", "es.learned.papers_arranged", True),
        "her control": ("adult", "age", "documents_held", "de.learned.documents_held", True),
    }
    facts = [
        row
        for item, (_, claim, sign, rule, _) in cases.items()
        for row in ((item, claim, "30", "a.claim"), (item, "sign", sign, rule))
    ]
    found = item_signs(
        pl.DataFrame({"item_id": list(cases), "category": [case[0] for case in cases.values()]}),
        pl.DataFrame(schema={"item_id": pl.String, "kind": pl.String, "obscured": pl.Boolean}),
        pl.DataFrame(facts, schema=["item_id", "kind", "value", "rule_id"], orient="row").with_columns(
            number=pl.lit(None, pl.Float64),
            unit=pl.lit(None, pl.String),
            field=pl.lit("text"),
            span_start=pl.lit(0),
            span_end=pl.lit(9),
            confidence=pl.lit(0.9),
        ),
    )
    assert set(found["item_id"]) == {item for item, case in cases.items() if case[-1]}


def test_an_address_of_many_accounts_that_leads_to_a_suspect_is_a_lead() -> None:
    handles = pl.DataFrame(
        {
            "subject_id": ["known", "known", "popular", "popular"],
            "indicator_id": [
                *("controls_lead_subject", "many_accounts_one_controller"),
                *("several_sites", "many_accounts_one_controller"),
            ],
        }
    ).with_columns(occurrences=pl.lit(4), explanation=pl.lit(""), evidence_item_id=pl.lit("i"))
    assert set(score_findings("url", handles)["subject_id"]) == {"known"}
