"""Who says in other words than a number of years that she is below eighteen, or goes to a school of minors."""

import polars as pl
import pytest

from assets.extraction.facts import extract_facts
from assets.extraction.minors import minor_rules
from assets.extraction.rule_files import languages_with

_OF_MINORS = {"claimed_age_under_18", "school_age_wording"}


def told(text: str, lang: str) -> set[str]:
    frame = pl.DataFrame({"id": ["1"], "text": [text], "lang": [lang]})
    return _OF_MINORS.intersection(extract_facts(frame).filter(pl.col("kind") == "sign")["value"])


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("es", "Recién cumplo los dieciocho en noviembre, escríbeme"),
        ("es", "Los 18 los cumplo en primavera, por ahora con discreción"),
        ("es", "Me faltan cuatro meses para los 18"),
        ("es", "El próximo año seré mayor de edad"),
        ("es", "Aún no puedo entrar en discotecas por mi edad"),
        ("es", "Para viajar necesito la firma de mis padres"),
        ("pt", "Dezoito só faço em outubro"),
        ("pt", "Viro de maior em março"),
        ("pt", "Faltam três meses pra completar 18"),
        ("pt", "Ainda não posso comprar bebidas"),
        ("en", "My 18th is in October so be patient"),
        ("en", "I'm only going to be eighteen next spring"),
        ("en", "three months till I'm legal"),
        ("en", "Can't even get into clubs yet"),
        ("fr", "Encore deux mois avant ma majorité"),
        ("fr", "Je serai majeure au printemps"),
        ("fr", "Mes dix-huit ans, je les fête en avril"),
        ("it", "I diciotto li compio a novembre"),
        ("it", "Sarò maggiorenne a primavera, anzi in primavera"),
        ("it", "Mi mancano due mesi ai 18"),
        ("de", "Volljährig werde ich erst im Frühling"),
        ("de", "Ich darf noch nicht in Clubs"),
        ("de", "Es dauert noch drei Monate, bis ich 18 bin"),
        ("nl", "Nog twee maanden tot ik meerderjarig ben"),
        ("nl", "Pas in de herfst word ik meerderjarig"),
        ("ro", "Abia la primăvară împlinesc optsprezece"),
        ("ro", "Mai am două luni până fac 18"),
        ("pl", "Dopiero jesienią będę pełnoletnia"),
        ("pl", "Osiemnastkę obchodzę w grudniu"),
        ("hu", "Ősszel töltöm be a 18-at"),
        ("hu", "Nyáron leszek nagykorú"),
        ("ru", "Совершеннолетней стану только осенью"),
        ("uk", "Повнолітньою стану лише навесні"),
        ("bg", "Ставам пълнолетна чак през май"),
    ],
)
def test_a_birthday_ahead_tells_a_minor(lang: str, text: str) -> None:
    assert "claimed_age_under_18" in told(text, lang)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("es", "Voy en quinto de secundaria, salgo a las dos"),
        ("es", "Estoy en tercero medio, nos vemos por la tarde"),
        ("es", "Curso segundo de bachillerato"),
        ("es", "Solo puedo después del cole"),
        ("pt", "Tô no terceirão, livre de tarde"),
        ("pt", "Frequento o 10.º ano"),
        ("en", "I'm in tenth grade, afternoons only"),
        ("en", "Just finishing year eleven, got GCSEs in June, homework first"),
        ("en", "still in the sixth form"),
        ("fr", "Je suis en première générale, dispo le soir"),
        ("fr", "Je passe mon bac en juin"),
        ("it", "Faccio la terza liceo, libera di pomeriggio"),
        ("it", "A giugno ho la maturità"),
        ("de", "Ich gehe in die 11. Klasse"),
        ("de", "Bin noch Schülerin und habe nachmittags Zeit"),
        ("nl", "Ik zit in 4 havo"),
        ("nl", "Ik doe dit jaar eindexamen"),
        ("ro", "Sunt în clasa a XI-a, liberă după ore"),
        ("ro", "Încă merg la liceu"),
        ("pl", "Jestem w trzeciej klasie technikum"),
        ("pl", "W maju zdaję maturę"),
        ("hu", "Tizenegyedikes vagyok, suli után ráérek"),
        ("hu", "Idén érettségizem"),
        ("ru", "Учусь в 11 классе, готовлюсь к ЕГЭ"),
        ("uk", "Вчуся в одинадцятому класі"),
        ("bg", "Уча в 11 клас, свободна съм следобед"),
    ],
)
def test_the_classes_and_schools_of_a_country_tell_a_pupil(lang: str, text: str) -> None:
    assert "school_age_wording" in told(text, lang)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("es", "Solo mayores de 18, no atiendo a menores de edad"),
        ("es", "Tengo 22 años, soy mayor de edad, en marzo estaré en Vigo"),
        ("es", "Nuestro club cumple 18 años en mayo"),
        ("es", "Mi hermana cumple 18 en junio"),
        ("es", "Mi perra cumple 18 años en abril"),
        ("es", "Disfraz de colegiala, voy al cole de tus sueños"),
        ("es", "Voy en segundo de carrera, libre por las tardes"),
        ("es", "Doy clases a alumnos de segundo de bachillerato"),
        ("es", "Piso cerca del instituto, libre por la tarde"),
        ("es", "En junio hago 18 horas a la semana"),
        ("pt", "Dou explicações ao 9.º ano, só depois das aulas"),
        ("pt", "Estou na faculdade, terceiro ano, livre à tarde"),
        ("pt", "Quando andava no 11.º ano já sonhava viajar"),
        ("pt", "A minha filha faz 18 anos em maio"),
        ("pt", "Fantasia de colegial e depois da escola uma surpresa"),
        ("en", "You must be 18 or over, if you are not of age yet leave now"),
        ("en", "My daughter turns 18 in May, party hall wanted"),
        ("en", "When I was in year ten I dreamt of dancing"),
        ("en", "I tutor year eleven pupils after school"),
        ("en", "School uniform costume available, I'm in my thirties"),
        ("en", "I have 18 years of experience, free in March"),
        ("en", "Our business turns 18 in June"),
        ("en", "I can't vote for my favourite, still here in May"),
        ("en", "Only 18 in stock, I'll be 18 minutes late in March"),
        ("fr", "J'ai 18 ans et je suis majeure, dispo en mai"),
        ("fr", "Mon fils aura 18 ans en juin"),
        ("fr", "Tenue d'écolière, je suis en première position"),
        ("fr", "Je donne des cours aux élèves de terminale après les cours"),
        ("fr", "Mineurs s'abstenir, il faut être majeur"),
        ("it", "Ho fatto la maturità anni fa, ora libera nel pomeriggio"),
        ("it", "Il nostro locale compie 18 anni a maggio"),
        ("it", "Ripetizioni per la terza media, dopo scuola"),
        ("it", "Sono al terzo anno di università, libera il pomeriggio"),
        ("de", "Mit 17 habe ich Abitur gemacht, im Mai komme ich nach Köln"),
        ("de", "Meine Tochter wird im Mai 18"),
        ("de", "Nachhilfe für die 10. Klasse, nachmittags"),
        ("de", "Ich bin im Mai in Wien, täglich bis 18 Uhr"),
        ("de", "Termine noch zwei frei bis 18 Uhr"),
        ("nl", "Mijn zoon zit in vier vmbo en na school werk ik"),
        ("nl", "Ik word in mei 30"),
        ("ro", "Fata mea e în clasa a XI-a, o fetiță cuminte, copilul meu"),
        ("ro", "Sunt studentă la facultate, liberă după-amiaza"),
        ("pl", "Jestem jeszcze dziś do 18, potem wyjazd"),
        ("pl", "Mam 24 lata, studiuję, popołudniami wolna"),
        ("hu", "A lányom májusban tölti be a 18-at"),
        ("hu", "Esti gimnáziumba járok felnőtt fejjel, 34 éves vagyok"),
        ("ru", "Готовлю к ЕГЭ, репетитор, после уроков"),
        ("ru", "Сыну в мае исполнится 18 лет"),
        ("uk", "Моїй сестрі навесні виповниться 18"),
        ("bg", "Дъщеря ми е в 11 клас и следобед е сама"),
    ],
)
def test_readers_children_teachers_costumes_and_the_past_tell_none(lang: str, text: str) -> None:
    assert told(text, lang) == set()


@pytest.mark.parametrize("language", languages_with("minors"))
def test_every_turn_compiles_and_asks_for_strings(language: str) -> None:
    for rule in minor_rules(language):
        assert rule.compiled.search("-") is None
        assert rule.required
