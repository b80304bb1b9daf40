"""Of whom a sign is told: of the reader, of oneself, of another; and who warns."""

import pytest

from tests.assets.extraction.test_facts import facts, values


@pytest.mark.parametrize(
    ("lang", "text", "to_reader"),
    [
        (
            "en",
            "If the agent keeps your passport until you have paid, ring us free of charge, any hour",
            True,
        ),
        ("es", "Si la señora te quita el pasaporte, llámame: atendemos sin cita", True),
        ("de", "Wenn der Chef deinen Pass behält, ruf mich an", True),
        (
            "pt",
            "O chefe ficou com os seus documentos? O patrão reteve o seu passaporte, atendemos sem marcação",
            True,
        ),
        ("ro", "Patronul îți ține pașaportul, tu poți cere ajutor", True),
        ("en", "The agent keeps my passport, can you help", False),
        ("en", "They took her passport and you cannot reach her any more", False),
        ("es", "La señora me quitó el pasaporte, no sé si tú puedes ayudar", False),
        ("fr", "Le patron garde son passeport, elle ne sort plus", False),
    ],
)
def test_who_speaks_to_the_reader_alone_tells_of_nobody(lang: str, text: str, to_reader: bool) -> None:
    signs = values(facts(text, lang=lang), "sign")
    assert "documents_held" in signs
    assert ("addressed_to_reader" in signs) == to_reader


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "They kept my passport since the first week and I sleep above the kitchen."),
        ("en", "I worked three months in that bar and they have not paid me my wages, can you help?"),
        ("en", "We are locked in at night and I cannot go out alone."),
        ("en", "I owe them 4000 euros for the flight and work it off every night."),
        ("es", "Trabajé cuatro meses para esa agencia y no me devuelven el pasaporte."),
        ("es", "No me dejan salir sola a la calle, ¿alguien sabe qué puedo hacer?"),
        ("es", "Me cobraron 1.500 euros por el puesto y el trabajo no existe."),
        ("pt", "O patrão ficou com o meu passaporte e não me deixa sair de casa."),
        ("fr", "La patronne m'a pris mon passeport et ne me laisse pas sortir."),
        ("it", "Il capo tiene il mio passaporto e non mi paga da due mesi."),
        ("de", "Der Chef hat meinen Pass behalten und lässt mich nicht allein aus dem Haus."),
        ("nl", "De baas heeft mijn paspoort afgepakt en ik mag niet alleen naar buiten."),
        ("ro", "Patronul mi-a luat pașaportul și nu mă lasă să ies singură."),
        ("pl", "Szef zabrał mi paszport i nie pozwala mi wychodzić samej."),
        ("ru", "Хозяин забрал у меня паспорт и не выпускает меня из дома."),
        ("uk", "Господар забрав мій паспорт і не випускає мене з дому."),
        ("hu", "A főnök elvette az útlevelemet és nem enged ki egyedül."),
    ],
)
def test_who_tells_what_is_done_to_her_tells_it_of_herself(lang: str, text: str) -> None:
    assert "told_of_oneself" in values(facts(text, lang=lang), "sign")


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "You hand over your passport to me on arrival and get it back when the debt is paid."),
        ("en", "We keep the passports of all girls until the flight is paid off."),
        ("en", "She owes me 3000 euros for the flight and works it off."),
        ("en", "Passports of my girls are kept in my office until the debt is paid."),
        ("de", "Der Pass bleibt bei mir, bis die Schulden abgezahlt sind."),
        ("fr", "Le passeport reste chez moi jusqu'au remboursement de la dette."),
        ("ru", "Паспорт хранится у меня до отработки долга."),
        ("es", "Al llegar entregas tu pasaporte y te lo devuelvo cuando termines de pagar la deuda."),
        ("es", "El pasaporte se queda en la oficina hasta pagar el viaje, escríbeme."),
        ("pt", "O passaporte fica comigo até pagares a viagem."),
        ("fr", "Tu me donnes ton passeport à l'arrivée, tu le récupères quand la dette est payée."),
        ("it", "Mi consegni il passaporto all'arrivo e lo riprendi quando hai pagato il debito."),
        ("de", "Du gibst mir deinen Pass bei der Ankunft, zurück gibt es ihn nach der Abzahlung."),
        ("nl", "Je geeft mij je paspoort bij aankomst en krijgt het terug als de schuld is afbetaald."),
        ("ro", "Pașaportul îl predai la sosire, rămâne la mine până plătești datoria."),
        ("pl", "Paszport oddajesz mi po przyjeździe i dostajesz go po spłacie długu."),
        ("ru", "Паспорт отдаёшь мне по приезде, вернём после отработки долга."),
        ("uk", "Паспорт віддаєш мені після приїзду, повернемо після відпрацювання боргу."),
        ("hu", "Az útleveledet leadod nekem érkezéskor, a tartozás után visszakapod."),
    ],
)
def test_who_holds_papers_or_a_debt_tells_nothing_of_himself(lang: str, text: str) -> None:
    told = values(facts(text, lang=lang), "sign")
    assert {"documents_held", "debt_owed"} & set(told)
    assert "told_of_oneself" not in told


@pytest.mark.parametrize(
    ("lang", "text", "told_of_another"),
    [
        (
            "en",
            "The boss took my cousin's passport and does not let her go out.",
            True,
        ),
        ("es", "El patrón le quitó el pasaporte a mi prima y no la deja salir.", True),
        ("fr", "Le patron garde le passeport de ma voisine.", True),
        ("de", "Der Vermittler meiner Nachbarin hat ihren Pass bei sich zu Hause.", True),
        ("pl", "Szef zabrał paszport mojej kuzynce i jej nie wypuszcza.", True),
        ("en", "The passport stays in our office until the flight is paid off.", False),
        ("es", "El pasaporte se queda en la oficina hasta que pagues el viaje.", False),
        ("es", "El pasaporte se queda en la oficina hasta pagar el viaje, escríbeme.", False),
        ("de", "Wir behalten den Pass, bis der Flug abgezahlt ist.", False),
    ],
)
def test_who_tells_of_others_speaks_neither_to_a_reader_nor_for_a_firm(
    lang: str, text: str, told_of_another: bool
) -> None:
    told = values(facts(text, lang=lang), "sign")
    assert {"documents_held", "debt_owed"} & set(told)
    assert ("told_of_another" in told) == told_of_another


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("es", "Aviso para todas: no entreguen sus documentos a la agencia."),
        ("es", "Chicas, no entreguéis nunca el pasaporte."),
        ("hu", "Ne hagyd az útleveledet a főnöknél."),
    ],
)
def test_advice_not_to_give_papers_away_is_a_warning(lang: str, text: str) -> None:
    assert "documents_held" not in values(facts(text, lang=lang), "sign")
