"""Signs told by ideas that meet in a sentence, whatever words tell them."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.extraction.concepts import concept_bits, concept_rules, find_concepts, lexicon
from assets.extraction.facts import extract_facts
from assets.extraction.lexicons import Lexicon
from assets.extraction.reading import read
from assets.extraction.rule_files import languages_with, read_yaml
from assets.extraction.signs import SIGNS

LANGUAGES = ("de", "en", "es", "fr", "hu", "it", "nl", "pl", "pt", "ro", "ru", "uk")

DECEPTIVE = "deceptive_offer_contradiction"


def signs(text: str, lang: str, region: str | None = None) -> set[str]:
    frame = pl.DataFrame(
        {"id": ["1"], "text": [text], "lang": [lang], "region": [region]},
        schema_overrides={"region": pl.String},
    )
    return set(extract_facts(frame).filter(pl.col("kind") == "sign")["value"])


@pytest.mark.parametrize(
    ("text", "lang", "sign"),
    [
        ("Your papers rest in the office drawer with our agent", "en", "documents_held"),
        ("Once you land, your passport goes into the boss's safe", "en", "documents_held"),
        ("La cédula la custodia la dueña mientras dure la temporada", "es", "documents_held"),
        ("Den Ausweis hebt die Chefin im Büro auf", "de", "documents_held"),
        ("Les papiers restent dans le tiroir du gérant", "fr", "documents_held"),
        ("Dowody leżą u kierownika", "pl", "documents_held"),
        ("I soldi arrivano solo alla fine della raccolta", "it", "pay_withheld"),
        ("Wir haben seit Wochen keinen Lohn gesehen", "de", "pay_withheld"),
        ("Nobody sets foot outside the flat on her own", "en", "movement_restricted"),
        ("As raparigas só saem com o motorista", "pt", "movement_restricted"),
        ("De poort gaat 's avonds op slot, we zien geen loon", "nl", "movement_restricted"),
        ("Ce que tu dois pour le billet, tu le rembourses en travaillant", "fr", "debt_owed"),
        ("Сначала отработаешь дорогу, потом будет зарплата", "ru", "debt_owed"),
        ("Не кажи вдома ні слова про поїздку", "uk", "secrecy_required"),
        ("Nu scăpa o vorbă față de părinți", "ro", "secrecy_required"),
        ("Erase this conversation once you have read it", "en", "secrecy_required"),
        ("My cousin handles her appointments", "en", "third_party_wording"),
        ("7 girls, new faces weekly", "en", "several_persons_offered"),
        ("Mis papeles los guarda otra persona", "es", "documents_held"),
        ("I miei documenti stanno dal padrone", "it", "documents_held"),
        ("Ich bin neu, mein Pass ist beim Chef", "de", "documents_held"),
        ("Ses papiers sont entre les mains du gérant", "fr", "documents_held"),
        ("Mi-au luat pașaportul", "ro", "documents_held"),
        ("De baas heeft mijn paspoort", "nl", "documents_held"),
        ("У меня забрали документы", "ru", "documents_held"),
        ("Outra pessoa marca os encontros por mim", "pt", "third_party_wording"),
        ("Gli appuntamenti me li prende un signore", "it", "third_party_wording"),
        ("Mes rendez-vous sont pris par une autre personne", "fr", "third_party_wording"),
        ("Mijn afspraken worden door iemand anders gemaakt", "nl", "third_party_wording"),
        ("Hello, on Monday they send me to another town", "en", "short_stay_wording"),
        ("Danach wird sie in eine andere Stadt gebracht", "de", "short_stay_wording"),
        ("Acaba de llegar, seis días aquí y después la trasladan", "es", "third_party_wording"),
        ("Мене перевозять в іншу квартиру", "uk", "short_stay_wording"),
        ("Lo mío me lo pagan más adelante", "es", "pay_withheld"),
        ("Ce câștig ține șeful", "ro", "pay_withheld"),
        ("Moje pieniądze trzyma ktoś inny", "pl", "pay_withheld"),
        ("Het geld gaat helemaal naar de baas", "nl", "pay_withheld"),
        ("He tells me what time and with whom", "en", "third_party_wording"),
    ],
)
def test_a_sign_is_told_by_what_its_words_stand_for(text: str, lang: str, sign: str) -> None:
    assert sign in signs(text, lang)


@pytest.mark.parametrize(
    ("text", "lang", "sign"),
    [
        ("We never hold on to your passport", "en", "documents_held"),
        ("You keep your own passport with you, we only need a copy", "en", "documents_held"),
        ("Does the boss keep your passport?", "en", "documents_held"),
        ("Beware of offers where the boss keeps your passport", "en", "documents_held"),
        ("Police said the boss kept the passports", "en", "documents_held"),
        ("Housing is provided by the employer but optional", "en", "accommodation_tied"),
        ("Alojamento gratuito opcional, vaga de cozinha", "pt", "accommodation_tied"),
        ("Kein Chef behält deinen Pass", "de", "documents_held"),
        ("She is a teacher and she has a dog", "en", "third_party_wording"),
        ("Ella es profesora y tiene un perro", "es", "third_party_wording"),
        ("Cook without experience, 1,200 euros a month", "en", "high_pay_no_experience"),
        ("New restaurant in town, two women run it", "en", "third_party_wording"),
        ("I lost my passport, the lady at the desk was kind", "en", "documents_held"),
        ("Mein Pass ist gültig und ich reise allein", "de", "documents_held"),
        ("Perdí mi pasaporte y el jefe me llevó a la policía", "es", "documents_held"),
        ("Pașaportul meu este la mine", "ro", "documents_held"),
        ("You may bring a friend, I arrange the time", "en", "third_party_wording"),
        ("Un ami m'a conseillé ce site, je réponds vite", "fr", "third_party_wording"),
        ("Mi trasferisco in un'altra città", "it", "short_stay_wording"),
        ("Ik reis elke week naar een andere stad", "nl", "short_stay_wording"),
        ("They moved me to tears, another great show", "en", "third_party_wording"),
        ("Mein Geld verdiene ich selbst", "de", "pay_withheld"),
        ("O meu dinheiro é meu", "pt", "pay_withheld"),
        ("My boss has asked for my ID for the contract", "en", "documents_held"),
        ("Mijn baas heeft mijn paspoort gekopieerd", "nl", "documents_held"),
        ("Ein Freund organisiert Partys", "de", "third_party_wording"),
        ("Mis padres me llevan a otra ciudad", "es", "third_party_wording"),
        ("Vând motocicletă, actele sunt la fratele meu", "ro", "documents_held"),
        ("My husband answers the phone in the evening, cot for sale", "en", "third_party_wording"),
        ("O meu chefe decide os turnos", "pt", "third_party_wording"),
        ("La empresa guarda una copia del DNI", "es", "documents_held"),
        ("We keep a copy of your passport", "en", "documents_held"),
        ("Ia buletinul cu tine la interviu", "ro", "documents_held"),
        ("Wages are paid at the end of the month", "en", "pay_withheld"),
        ("Der Lohn wird am Ende des Monats gezahlt", "de", "pay_withheld"),
        ("Le salaire est payé à la fin du mois", "fr", "pay_withheld"),
        ("Зарплату платят в конце месяца", "ru", "pay_withheld"),
    ],
)
def test_what_is_denied_asked_warned_of_or_told_of_others_is_no_sign(text: str, lang: str, sign: str) -> None:
    assert sign not in signs(text, lang, "ES")


@pytest.mark.parametrize(
    ("text", "lang", "sign", "told"),
    [
        ("No tengo mi pasaporte, lo guarda la señora del piso", "es", "documents_held", True),
        ("Meinen Ausweis hat der Chef", "de", "documents_held", True),
        ("O meu passaporte está com a patroa", "pt", "documents_held", True),
        ("мой паспорт у хозяина", "ru", "documents_held", True),
        ("My passport is with me", "en", "documents_held", False),
        ("Der Personalausweis liegt beim Amt zur Abholung", "de", "documents_held", False),
        ("Welchen Ausweis hat die Schule verlangt?", "de", "documents_held", False),
        ("Am Telefon ist mein Bekannter, er macht alle Termine für mich", "de", "third_party_wording", True),
        ("A friend picks up the parcel", "en", "third_party_wording", False),
        ("Wir suchen einen DJ, ein Freund organisiert alles", "de", "third_party_wording", False),
        ("4 días en Sevilla y luego la mueven a otra plaza", "es", "short_stay_wording", True),
        ("A dos calles de la plaza mayor", "es", "several_persons_offered", False),
        ("Chica de plaza, rotación cada semana", "es", "several_persons_offered", True),
        ("Hi guys, I'm a Polish girl of 28 years", "en", "several_persons_offered", False),
        ("Hi guys, 28 Polish girls here", "en", "several_persons_offered", True),
        ("Chicas, 30 euros la media hora", "es", "several_persons_offered", False),
        ("Ricevo in ambiente riservato", "it", "secrecy_required", False),
        ("Then help me move her sofa elsewhere", "en", "short_stay_wording", False),
        ("Waitress wanted. Girls only, send full body pictures", "en", DECEPTIVE, True),
        ("Men and women wanted as extras, full body photo please", "en", DECEPTIVE, False),
    ],
)
def test_who_has_the_papers_answers_the_phone_and_moves_her(
    text: str, lang: str, sign: str, told: bool
) -> None:
    assert (sign in signs(text, lang, "ES")) is told


def test_nothing_to_pay_is_not_no_experience() -> None:
    """Ideas that belong together have to stand together, wherever the pay stands."""
    asked = "2 100 € par mois, payés le 28. Un an d'expérience exigé. Rien à payer maintenant"
    assert "high_pay_no_experience" not in signs(asked, "fr", "FR")
    assert "high_pay_no_experience" in signs(
        "2 100 € par mois, payés le 28. Pas besoin d'expérience", "fr", "FR"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_words_for_every_idea_that_a_rule_cannot_do_without(language: str) -> None:
    assert language in languages_with("concepts")
    assert lexicon(language) is not None
    listed = set(read_yaml(f"concepts/{language}.yaml")["concepts"])
    own_sources = {
        "news",
        "country",
        "town",
        *(entry["idea"] for entry in read_yaml("concept_rules.yaml")["joined"]),
    }
    assert set(concept_bits()) - own_sources <= listed


def test_every_rule_names_a_known_sign_and_has_a_name_of_its_own() -> None:
    rules = concept_rules()
    assert len({rule.id for rule in rules}) == len(rules)
    assert {rule.meaning for rule in rules} <= SIGNS
    assert all(0 < rule.confidence < 0.9 and rule.citation for rule in rules)


def test_a_fault_in_a_lexicon_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def with_entry(concept: str, entry: str) -> None:
        table = {"concepts": {concept: [entry], "others": ["anyone"]}}
        monkeypatch.setattr("assets.extraction.lexicons.read_yaml", lambda _: table)
        Lexicon("xx", concept_bits())

    concept_bits()
    with pytest.raises(ValueError, match="asks for 'colour'"):
        with_entry("colour", "red")
    with pytest.raises(ValueError, match="not of words alone"):
        with_entry("document", "form 12")


@pytest.mark.parametrize(
    ("text", "lang", "sign"),
    [
        ("Sie haben mir den Reisepass weggenommen", "de", "documents_held"),
        ("Me kitaron el pasaporte cuando llegue", "es", "documents_held"),
        ("Quello che incasso lo consegno tutto a lui", "it", "pay_withheld"),
        ("Ça fait des mois que je travaille et je n'ai pas vu un centime", "fr", "pay_withheld"),
        (
            "Ora on nous change d'appartement, toutes les semaines un autre appartement",
            "fr",
            "short_stay_wording",
        ),
        ("Szefowa decyduje, kogo przyjmuję", "pl", "third_party_wording"),
        ("Si alguien pregunta, decid q sois primas", "es", "secrecy_required"),
        ("Nimeni nu trebuie să afle de munca asta", "ro", "secrecy_required"),
        ("They charged her for finding her the job", "en", "recruitment_fee"),
        ("De schuld wordt elke week groter", "nl", "debt_owed"),
        ("Долг только растёт", "ru", "debt_owed"),
        ("Борг тільки зростає", "uk", "debt_owed"),
        ("As raparigas não têm chaves da casa", "pt", "movement_restricted"),
        ("Je mehr ich arbeite, desto mehr schulde ich ihnen", "de", "debt_owed"),
        ("M-au adus gratis și acum vor zece mii", "ro", "debt_owed"),
        ("The gangmaster collected everyone's passports", "en", "documents_held"),
        ("Geld von den Kunden geht direkt an die Chefin", "de", "pay_withheld"),
        ("Ci fanno girare per le case", "it", "short_stay_wording"),
        ("Un gardien ne nous laisse pas sortir", "fr", "movement_restricted"),
    ],
)
def test_ideas_meet_in_any_order_and_person(text: str, lang: str, sign: str) -> None:
    assert sign in signs(text, lang)


@pytest.mark.parametrize(
    ("text", "lang", "sign"),
    [
        ("El dueño tiene los papeles del coche", "es", "documents_held"),
        ("La señora tiene su DNI en regla", "es", "documents_held"),
        ("Le garage garde les papiers de la voiture", "fr", "documents_held"),
        ("C'est moi qui réponds au téléphone", "fr", "third_party_wording"),
        ("Mein Hund darf nicht alleine raus", "de", "movement_restricted"),
        ("Letzte Tage im Ausverkauf in Ulm", "de", "short_stay_wording"),
        ("Don't tell anyone your password", "en", "secrecy_required"),
        ("Il contratto della luce costa 90 euro al mese", "it", "recruitment_fee"),
        ("Kilka koleżanek przyszło na ślub", "pl", "several_persons_offered"),
        ("Datoria țării crește", "ro", "debt_owed"),
        ("O cliente paga no final da obra", "pt", "pay_withheld"),
        ("My boss has a French passport", "en", "documents_held"),
        ("Elle a pris son passeport et elle est partie", "fr", "documents_held"),
        ("Der Wächter lässt uns hier nicht parken", "de", "movement_restricted"),
        ("Si alguien pregunta di que vuelvo a las cinco", "es", "secrecy_required"),
        ("La ditta mi manda ogni mese in un'altra città", "it", "short_stay_wording"),
    ],
)
def test_things_authorities_and_everyday_life_take_a_sign_back(text: str, lang: str, sign: str) -> None:
    assert sign not in signs(text, lang)


def test_papers_of_a_thing_beside_a_persons_own_do_not_hide_these() -> None:
    assert "documents_held" in signs("He keeps the papers of the car and my passport", "en")
    assert "documents_held" not in signs("He keeps the papers of the car", "en")


def test_a_phrase_leaves_room_for_other_words_but_not_for_a_sentence() -> None:
    assert "documents_held" in signs("Hand all of your papers in to our office", "en")
    assert "documents_held" not in signs("Hand your bag to me. Papers go in. Our office is open", "en")


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.sampled_from("passport kept by us not 3 girls wages? until.\n,;:-é")),
    st.sampled_from(LANGUAGES),
)
def test_no_text_makes_it_fail_and_what_is_told_lies_in_the_text(text: str, language: str) -> None:
    reading = read(text, (language,))
    ideas = find_concepts(reading, language, {})
    for told in ideas.told if ideas is not None else ():
        assert 0 <= told.first <= told.last < len(reading.words)


@pytest.mark.parametrize(
    ("text", "lang", "sign", "said"),
    [
        ("Sin prisa \U0001f48b Todavía le debo 6.000 a la señora que me trajo", "es", "debt_owed", True),
        ("No rechazo a nadie \U0001f48b Mi pasaporte lo guarda el encargado", "es", "documents_held", True),
        ("No rush\u2665 I still owe the man who brought me over", "en", "debt_owed", True),
        ("No rush * He has my passport * call me", "en", "documents_held", True),
        ("no clock watching \U0001f48b See you soon", "en", "pay_withheld", False),
        ("por isso só de manhã \u2764\ufe0f\u2764\ufe0f Zap", "pt", "messenger_only_contact", False),
    ],
)
def test_a_picture_between_words_ends_a_sentence(text: str, lang: str, sign: str, said: bool) -> None:
    assert (sign in signs(text, lang)) is said


def test_pictures_in_words_and_numbers_and_arrows_end_nothing() -> None:
    kept = "622 \U0001f48b 000, pass\u2665port, Kyiv \u27a1 Rome, *my* name"
    assert read(kept).parted == kept.lower()
    assert read("Ada \u2b50\u2b50 Rome").parted == "ada ;; rome"


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Az útlevelek a munkaadónál maradnak az irodában", "documents_held"),
        ("A művezető összeszedte az útleveleket", "documents_held"),
        ("Kértem az útlevelemet, de kinevettek", "documents_held"),
        ("Fizetést csak a szezon végén kapsz", "pay_withheld"),
        ("A béreket a cég őrzi a szerződés végéig", "pay_withheld"),
        ("Tilos elhagyni a szállást", "movement_restricted"),
        ("A telefonokat begyűjtik az első napon", "movement_restricted"),
        ("Megelőlegezzük a jegyet, aztán visszafizeted", "debt_owed"),
        ("Töröld ezt a beszélgetést", "secrecy_required"),
        ("Az időpontjaimat egy férfi intézi", "third_party_wording"),
        ("Három csaj egy lakásban, hívj", "several_persons_offered"),
        ("A közvetítői díjat előre kell fizetni, 300 euró", "recruitment_fee"),
        ("A repülőjegyet mi fizetjük, pultos munka Bécsben", "transport_paid"),
        ("Csak whatsappon írj", "messenger_only_contact"),
        ("Tapasztalat nem kell, havi 4000 euró", "high_pay_no_experience"),
    ],
)
def test_hungarian_ideas_tell_signs(text: str, sign: str) -> None:
    assert sign in signs(text, "hu")


@pytest.mark.parametrize(
    "text",
    [
        "Az útlevelem nálam van, mindig magamnál tartom",
        "Hozd magaddal az útleveledet az interjúra",
        "A recepciós lemásolta az útlevelünket",
        "Anyám őrzi az irataimat otthon",
        "A fizetést minden hónap végén utaljuk",
        "Nem kaptam még fizetést, holnap utalják",
        "A gyerekek csak kísérővel hagyhatják el az iskolát",
        "Ma este nem mehetek ki, beteg vagyok",
        "Tartozom neked egy sörrel",
        "Ne mondd el senkinek, meglepetés buli lesz",
        "Az időpontokat a titkárnő intézi, fogorvosi rendelő",
        "Három lány nyerte meg a kézilabda meccset",
        "Tanfolyam regisztrációs díj 20 ezer forint",
        "A cég fizeti az utazást a konferenciára",
        "Szőke lány, 25 éves, saját lakás, diszkrét, csak úriemberek",
        "Ha valaki elveszi az útleveledet, hívd a segélyvonalat",
    ],
)
def test_hungarian_words_of_ordinary_life_tell_none(text: str) -> None:
    assert not signs(text, "hu")
