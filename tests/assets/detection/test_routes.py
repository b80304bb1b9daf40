"""Routes: what a text says begins, lies between and ends, not whatever country it names."""

import polars as pl
import pytest

from assets.detection.grading import lead_countries
from assets.detection.routes import route_countries
from assets.extraction.facts import FACT_SCHEMA, extract_facts


def _route(text: str, lang: str) -> str:
    """The countries as "origin>transit transit>destination"."""
    facts = extract_facts(pl.DataFrame({"id": ["1"], "text": [text], "lang": [lang]}))
    found = route_countries(facts.rename({"id": "item_id"}))
    return ">".join(
        " ".join(sorted(found.filter(part=part)["country"])) for part in ("origin", "transit", "destination")
    )


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ("Travel from Nigeria via Libya to Italy", "en", "NG>LY>IT"),
        ("We bring you from Morocco through Spain to France", "en", "MA>ES>FR"),
        ("You fly from Bogota with a stopover in Panama to Madrid", "en", "CO>PA>ES"),
        ("to Italy from Nigeria via Libya", "en", "NG>LY>IT"),
        ("Transit in Turkey two nights, then Greece", "en", ">TR>GR"),
        ("We fly you via Istanbul to Madrid, room included.", "en", ">TR>ES"),
        ("You pass through Serbia and Hungary first, then Vienna.", "en", ">HU RS>AT"),
        ("Route: Kabul - Istanbul - Belgrade - Vienna", "en", "AF>RS TR>AT"),
        ("Minsk → Vilnius → Berlin by van", "en", "BY>LT>DE"),
        ("De Nigeria a Italia pasando por Libia", "es", "NG>LY>IT"),
        ("Transporte desde Venezuela vía Colombia hasta Chile", "es", "VE>CO>CL"),
        ("Saímos do Brasil, passando por Marrocos, até Portugal", "pt", "BR>MA>PT"),
        ("Da Nigeria all'Italia attraverso la Libia", "it", "NG>LY>IT"),
        ("Von Moldau über Rumänien nach Deutschland", "de", "MD>RO>DE"),
        ("Flug über Wien nach Hamburg", "de", ">AT>DE"),
        ("Du Nigeria vers la France en passant par le Niger et la Libye", "fr", "NG>LY NE>FR"),
        ("Din Moldova prin România în Germania", "ro", "MD>RO>DE"),
        ("Uit Moldavië door Roemenië naar Duitsland", "nl", "MD>RO>DE"),
        ("из Украины через Польшу в Германию", "ru", "UA>PL>DE"),
        ("Du Nigeria vers la France en passant par le Niger et la Libye. We keep it", "en", "NG>LY NE>FR"),
        ("Transporte desde Venezuela vía Colombia hasta Chile. We keep your money", "en", "VE>CO>CL"),
        ("из Украины через Польшу в Германию. We keep your passport", "en", "UA>PL>DE"),
        ("Work in Spain for girls from Colombia, we also have rooms in Lisbon", "en", ">>"),
        ("Our offices: London - Paris - Milan", "en", ">>"),
        ("From Madrid to Barcelona in one day", "en", ">>"),
        ("Calle Gran Vía Madrid, 20 min", "es", ">>"),
        ("Siamo in Via Milano, vicino a Roma", "it", ">>"),
        ("Wir sprechen über Spanien", "de", ">>"),
    ],
)
def test_only_a_stated_route_has_ends_and_passes_countries(text: str, lang: str, expected: str) -> None:
    assert _route(text, lang) == expected


def test_nothing_stated_is_no_route() -> None:
    facts = pl.DataFrame(schema=FACT_SCHEMA).rename({"id": "item_id"})
    assert route_countries(facts).is_empty()


def test_a_lead_has_the_ends_and_the_middle_of_its_routes_beside_claims_and_places() -> None:
    evidence = pl.DataFrame({"lead": [0, 1, 0], "item": [0, 2, 1]})
    items = pl.DataFrame({"nationality": ["RO", None, None], "place_country": ["ES", None, "ES"]})
    routes = pl.DataFrame(
        [(1, "origin", "MA"), (1, "transit", "ES"), (1, "destination", "FR"), (2, "origin", "somewhere")],
        schema=["item", "part", "country"],
        orient="row",
    )
    told = dict(zip("xy", lead_countries(evidence, items, routes).to_dicts(), strict=True))
    assert told["x"]["origin_countries"] == "MA,RO"
    # A country passed may be the place's country, too.
    assert told["x"]["transit_countries"] == "ES"
    assert told["x"]["exploitation_countries"] == "ES,FR"
    assert told["x"]["countries"] == "ES,FR,MA,RO"
    assert (told["y"]["origin_countries"], told["y"]["transit_countries"]) == (None, None)
