"""Signs told by turns of phrase, classes of words in an order; and what is ordinary of the same words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.extraction import turns
from assets.extraction.reading import read
from assets.extraction.rule_files import languages_with, read_yaml
from assets.extraction.rule_search import candidates
from assets.extraction.signs import SIGNS
from assets.extraction.turns import find_turns, turn_rules
from tests.assets.extraction.test_concepts import signs

LANGUAGES = languages_with("turns")
HEAVIEST = {"debt_owed", "documents_held", "movement_restricted", "pay_withheld", "secrecy_required"}


@pytest.mark.parametrize(
    ("text", "lang", "sign"),
    [
        ("my papers are in their drawer and they won't give them to me", "en", "documents_held"),
        ("la doña me escondió la cédula", "es", "documents_held"),
        ("escondeu-me o passaporte para eu não fugir", "pt", "documents_held"),
        ("il veut pas me rendre mes papiers tant que j'ai pas fini", "fr", "documents_held"),
        ("i documenti ce li ha la signora da natale", "it", "documents_held"),
        ("den Ausweis krieg ich erst am Vertragsende", "de", "documents_held"),
        ("mi-a luat buletinul si nu vrea sa mi-l dea", "ro", "documents_held"),
        ("az útlevelemet elvette a főnök", "hu", "documents_held"),
        ("llevamos meses sin pisar la calle", "es", "movement_restricted"),
        ("trancam-nos por fora quando o patrão sai", "pt", "movement_restricted"),
        ("they bolt the door from the outside", "en", "movement_restricted"),
        ("ha detto che se scappo mi trova", "it", "movement_restricted"),
        ("ne încuie cu cheia în cameră", "ro", "movement_restricted"),
        ("nem engednek kimenni egyedül", "hu", "movement_restricted"),
        ("llevo dos quincenas sin cobrar", "es", "pay_withheld"),
        ("everything i earn goes straight to him", "en", "pay_withheld"),
        ("je dois remettre toute la recette à madame", "fr", "pay_withheld"),
        ("seit März hab ich keinen Cent gesehen", "de", "pay_withheld"),
        ("hónapok óta nem fizetnek", "hu", "pay_withheld"),
        ("mientras no le termine de pagar el boleto sigo aquí", "es", "debt_owed"),
        ("enquanto não quitar a passagem não saio", "pt", "debt_owed"),
        ("wir strecken den Flug vor, du arbeitest ihn bei uns ab", "de", "debt_owed"),
        ("amíg ki nem fizetem az útiköltséget nem mehetek haza", "hu", "debt_owed"),
        ("en la aduana di que vienes de vacaciones", "es", "secrecy_required"),
        ("dis à ta mère que c'est un stage, pas un mot à tes copines", "fr", "secrecy_required"),
        ("ne szólj senkinek", "hu", "secrecy_required"),
        ("we walk you over the border at night, pay when you arrive", "en", "crossing_arranged"),
        ("contrato de trabajo garantizado, aunque no trabajes", "es", "papers_arranged"),
        ("se lascio il lavoro perdo l'alloggio", "it", "accommodation_tied"),
        ("cerco ragazzina di 13 anni per aiuto in casa", "it", "claimed_age_under_18"),
        ("la única llave la guarda el portero y a nosotras no nos da", "es", "movement_restricted"),
        ("nos hacen cambiar a otra provincia y ninguna elige", "es", "third_party_wording"),
        ("de cada servicio el 60 se lo queda la casa", "es", "pay_withheld"),
        ("te buscamos esposo para los papeles, cada uno en su casa", "es", "marriage_for_papers"),
        ("Título de bachiller sin haber estudiado", "es", "papers_made"),
        ("tiene catorce años y la tienen de criada", "es", "claimed_age_under_18"),
        ("saca 900 a la semana, cero experiencia", "es", "high_pay_no_experience"),
        ("the wages land in his account, he holds my card", "en", "pay_withheld"),
        ("no days off and the phone is taken, live in maid", "en", "movement_restricted"),
        ("we rotate our girls, new faces every week", "en", "third_party_wording"),
        ("he knows where my parents live so i can't just quit", "en", "movement_restricted"),
        ("Certificates? They look genuine. Any diploma", "en", "papers_made"),
        ("quem guarda o cartão é ele, tem o meu cartão desde o verão", "pt", "pay_withheld"),
        ("levo meninas de cliente em cliente, de cidade em cidade", "pt", "driver_for_girls"),
        ("a travessia é sem carimbo, paga quando chegar", "pt", "crossing_arranged"),
    ],
)
def test_free_speech_tells_a_sign(text: str, lang: str, sign: str) -> None:
    assert sign in signs(text, lang)


@pytest.mark.parametrize(
    ("text", "lang", "sign"),
    [
        (
            "family of four looks for a nanny, you keep your passport and we help with the bank",
            "en",
            "documents_held",
        ),
        ("key deposit 50, paid back when you leave", "en", "pay_withheld"),
        ("famiglia di Torino cerca tata per il pomeriggio", "it", "secrecy_required"),
        ("família procura babysitter, contrato e férias pagas", "pt", "secrecy_required"),
        ("estudio privado solo para caballeros, media hora 60 euros", "es", "rooms_for_working_girls"),
        ("reservo citas por la tarde, llama al siete uno dos", "es", "third_party_wording"),
        ("lady in her forties, calm place, text me", "en", "third_party_wording"),
        ("ragazza dolce riceve in centro, scrivimi", "it", "third_party_wording"),
        ("garota simpática atende no centro, vem ficar comigo", "pt", "third_party_wording"),
        ("Hallo ihr Lieben, ich bin Ina, 31, und biete Massage", "de", "third_party_wording"),
        ("Cuidadora para mi padre, no puede salir solo porque se pierde", "es", "movement_restricted"),
        ("Aide pour ma mère, elle ne peut pas sortir seule depuis sa chute", "fr", "movement_restricted"),
        ("Badante per nonno con demenza, non può uscire da solo", "it", "movement_restricted"),
        ("Apám demens, nem mehet ki egyedül", "hu", "movement_restricted"),
        ("Hoy no puedo salir, tengo examen", "es", "movement_restricted"),
        ("La farmacia chiude di notte", "it", "movement_restricted"),
        ("The garage still has the car papers", "en", "documents_held"),
        ("Si quelqu'un garde vos papiers, appelez le numéro gratuit", "fr", "documents_held"),
        ("We never keep your passport", "en", "documents_held"),
        ("mi madre me da veinte euros para comida", "es", "pay_withheld"),
        ("Mein Chef sagt, nächste Woche haben wir frei", "de", "pay_withheld"),
        ("te debo una cerveza", "es", "debt_owed"),
        ("hace un mes que no da señales de vida", "es", "pay_withheld"),
        ("não digas à tua irmã, é festa surpresa", "pt", "secrecy_required"),
        ("Vado in vacanza con mia sorella", "it", "secrecy_required"),
        ("mi empresa me manda cada mes a otra ciudad", "es", "short_stay_wording"),
        ("Does she keep your passport?", "en", "documents_held"),
        ("Nanny for two girls, 4 and 6", "en", "several_persons_offered"),
        ("mi mamá no me deja salir, castigada por las notas", "es", "movement_restricted"),
        ("Vi una serie en la que le quitan el pasaporte a la chica", "es", "documents_held"),
        ("le debo 40 a mi hermana de la cena", "es", "debt_owed"),
        ("Traer DNI original y copia a la entrevista", "es", "papers_made"),
        ("In the novel the boss keeps her passport", "en", "documents_held"),
        ("my dad won't let me go out, grounded", "en", "movement_restricted"),
        ("I take my own bookings, independent, no agency", "en", "third_party_wording"),
        ("If your boss keeps your passport, it is illegal", "en", "documents_held"),
        ("Filme: o patrão fica com o passaporte dela", "pt", "documents_held"),
        ("Vendedora sem experiência, salário mínimo de 1400 por mês", "pt", "high_pay_no_experience"),
    ],
)
def test_ordinary_speech_tells_none(text: str, lang: str, sign: str) -> None:
    assert sign not in signs(text, lang)


def test_moved_on_is_a_third_party_and_a_short_stay_in_the_same_words() -> None:
    reading = read("cada quince días nos cambian de ciudad")
    found = {fact.value: (fact.start, fact.end) for fact in find_turns(reading, list(turn_rules("es")), [])}
    assert found["third_party_wording"] == found["short_stay_wording"]


def test_a_turn_may_reach_into_the_next_sentence() -> None:
    rules = [rule for rule in turn_rules("en") if rule.meaning == "papers_made"]
    assert find_turns(read("Any diploma. Passes any check."), rules, [])
    assert (
        find_turns(
            read("Any diploma. We ask for no money and look at nothing at all, and no check is made."),
            rules,
            [],
        )
        == []
    )


def test_a_turn_stays_in_its_sentence_and_out_of_covered_ones() -> None:
    rules = list(turn_rules("en"))
    assert find_turns(read("He hid. My passport is new."), rules, []) == []
    reading = read("he hid my passport")
    assert [fact.value for fact in find_turns(reading, rules, [])] == ["documents_held"]
    assert find_turns(reading, rules, [(0, len(reading.parted))]) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_tells_the_heaviest_signs_and_names_known_ones(language: str) -> None:
    rules = turn_rules(language)
    told = {rule.meaning for rule in rules}
    table = read_yaml(f"turns/{language}.yaml")
    assert (HEAVIEST if table["turns"] else set()) <= told <= SIGNS
    assert len({(rule.id, rule.meaning) for rule in rules}) == len(rules)
    taking_back = [table["unless"], table["of_others"]]
    assert {sign for each in taking_back for sign in each} <= {*SIGNS, turns.AT_WORK}
    assert {name for each in taking_back for names in each.values() for name in names} <= set(table["words"])


def test_a_shared_turn_of_unknown_classes_is_left_out_and_an_own_one_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = {
        "words": {"not": ["no"], "papers": ["passport"]},
        "turns": {"documents_held": ["<papers> .. <who>"]},
    }
    monkeypatch.setattr(turns, "_table", lambda _: table)
    with pytest.raises(ValueError, match=r"documents_held.*who"):
        turn_rules.__wrapped__("xx")
    table["turns"] = {"documents_held": ["<papers> .. gone"]}
    assert [rule.id for rule in turn_rules.__wrapped__("xx")] == ["xx.turn.documents_held.1"]


@pytest.mark.parametrize(
    ("text", "language"),
    [("he hid my passport", "en"), ("me quitó la cédula", "es"), ("hab keine papiere, die hat er", "de")],
)
def test_the_scan_for_letters_leaves_out_no_turn_that_matches(text: str, language: str) -> None:
    rules = turn_rules(language)
    likely = set(candidates([text], rules)[0])
    assert {rule for rule in rules if rule.compiled.search(text)} <= likely


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.sampled_from("papers he she has took my no until i pay. ,;?\n3-")),
    st.sampled_from(LANGUAGES),
)
def test_no_text_makes_it_fail_and_what_is_told_lies_in_the_text(text: str, language: str) -> None:
    reading = read(text)
    for fact in find_turns(reading, list(turn_rules(language)), []):
        assert 0 <= (fact.start or 0) < (fact.end or 0) <= len(reading.parted)
