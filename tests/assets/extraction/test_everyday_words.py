"""Everyday work, homes and households use the words of exploitation and tell none of it; their twins do."""

import pytest

from assets.detection.indicators import load_indicators
from tests.assets.extraction.test_concepts import signs

HEAVY = {one.indicator_id for one in load_indicators() if one.weight >= 2.5}


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Employees may ask for an advance on their wages after three months"),
        ("en", "You will lock up the shop at night and switch off the lights"),
        ("en", "Carer for a lady who is not able to leave the house without help"),
        ("en", "My boss still owes me two days' holiday from last year"),
        ("en", "Bakery apprenticeship from 16 with day release at college"),
        ("en", "My daughter of 17 babysits on Saturdays, ask her mother"),
        ("es", "Se puede pedir un anticipo de la nómina a partir del tercer mes"),
        ("es", "Acompaño a personas mayores que no pueden salir solas de casa"),
        ("es", "Me quitaron los puntos del carnet y ahora voy en autobús"),
        ("es", "Se ofrecen prácticas para jóvenes de 16 a 18 años"),
        ("pt", "Pode pedir adiantamento do ordenado depois de três meses de casa"),
        ("pt", "Estágio para jovens a partir dos 16 anos com acordo da escola"),
        ("fr", "Vous fermez la boutique à clé le soir"),
        ("fr", "Ma fille de 17 ans fait du baby-sitting le samedi"),
        ("fr", "On est restés enfermés une heure dans l'ascenseur"),
        ("de", "Ein Vorschuss auf den Lohn ist nach drei Monaten möglich"),
        ("de", "Ich begleite Menschen, die nicht mehr allein aus dem Haus können"),
        ("de", "Wir waren eine Stunde im Aufzug eingesperrt"),
        ("it", "È possibile chiedere un anticipo sulla busta paga dopo tre mesi"),
        ("it", "Chiude il negozio a chiave la sera e mette l'allarme"),
        ("nl", "Een voorschot op je loon kan na drie maanden"),
        ("nl", "Ze hebben mijn rijbewijs een maand ingenomen, te hard gereden"),
        ("pl", "Towarzyszę osobom, które same już nie wychodzą z domu"),
        ("pl", "Wieczorem zamykasz sklep na klucz i włączasz alarm"),
        ("ro", "După trei luni se poate cere avans din salariu"),
        ("ro", "În prima zi facem o copie după buletin și vi-l dăm imediat înapoi"),
        ("hu", "Olyan időseket kísérek, akik egyedül már nem tudnak kimenni"),
        ("ru", "Папа выходит и теряется, поэтому дверь закрыта на ключ"),
        ("ru", "Сопровождаю пожилых, которые сами уже не выходят"),
        ("uk", "Супроводжую літніх людей, які самі вже не виходять"),
    ],
)
def test_everyday_work_and_homes_tell_no_heavy_sign(lang: str, text: str) -> None:
    assert not signs(text, lang) & HEAVY


@pytest.mark.parametrize(
    ("lang", "text", "sign"),
    [
        ("en", "He locks us in the shop every night and takes the key home", "movement_restricted"),
        ("en", "I'm 16 and they told me it was babysitting, it's a club", "claimed_age_under_18"),
        ("en", "I look after an old lady and they won't let me leave the house alone", "movement_restricted"),
        ("es", "Tengo 16 años y me dijeron que era para cuidar niños, es un club", "claimed_age_under_18"),
        ("es", "Cuido a una anciana y no me dejan salir sola de la casa", "movement_restricted"),
        ("fr", "J'ai 16 ans, on m'avait promis du baby-sitting et c'est un bar", "claimed_age_under_18"),
        ("de", "Ich pflege eine alte Frau und darf das Haus nicht allein verlassen", "movement_restricted"),
        ("it", "Curo un anziano e non mi lasciano uscire da sola", "movement_restricted"),
        ("pt", "Tenho 16 anos e disseram que era para cuidar de crianças", "claimed_age_under_18"),
        ("pl", "Opiekuję się starszą panią, zabrali mi paszport i zamykają mnie na klucz", "documents_held"),
    ],
)
def test_the_same_words_tell_it_where_it_is_done(lang: str, text: str, sign: str) -> None:
    assert sign in signs(text, lang)
