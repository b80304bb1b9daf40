"""Services for whoever moves and exploits people, told by ideas; and what is ordinary of the same trades."""

import pytest

from tests.assets.extraction.test_concepts import signs

SERVICES = {
    "papers_arranged",
    "papers_made",
    "marriage_for_papers",
    "crossing_arranged",
    "driver_for_girls",
    "rooms_for_working_girls",
    "money_passed_on",
}
OFFERED = [
    ("Work permit for any EU country, no interview, nobody asks", "en", "papers_arranged"),
    ("We know an employer that signs for you, you need not come to work", "en", "papers_arranged"),
    ("Passports and driving licences, registered in the system", "en", "papers_made"),
    ("EU husband found for you, papers in two weeks", "en", "marriage_for_papers"),
    ("We take you across the border at night, no passport needed", "en", "crossing_arranged"),
    ("Chauffeur takes your girls to hotels and waits downstairs", "en", "driver_for_girls"),
    ("Rooms for working girls by the day, cash only", "en", "rooms_for_working_girls"),
    ("I pick up the cash and carry money home without a bank", "en", "money_passed_on"),
    ("Permiso de residencia sin entrevista, nadie pregunta", "es", "papers_arranged"),
    ("Habitaciones para chicas por días, sin contrato", "es", "rooms_for_working_girls"),
    ("Te cruzamos por la frontera sin pasaporte", "es", "crossing_arranged"),
    ("Titre de séjour sans rendez-vous, garanti", "fr", "papers_arranged"),
    ("Faux diplômes et permis de conduire sur commande", "fr", "papers_made"),
    ("Wir bringen dich über die Grenze, ohne Pass", "de", "crossing_arranged"),
    ("Zimmer für Damen, tageweise, ohne Mietvertrag", "de", "rooms_for_working_girls"),
    ("Camere per ragazze a giornata, senza contratto", "it", "rooms_for_working_girls"),
    ("Permesso di soggiorno senza colloquio, garantito", "it", "papers_arranged"),
    ("Rijbewijzen en paspoorten, geregistreerd in het systeem", "nl", "papers_made"),
    ("Karta pobytu bez rozmowy, nikt nie pyta", "pl", "papers_arranged"),
    ("Przewozimy ludzi przez granicę, bez dokumentów", "pl", "crossing_arranged"),
    ("Diplomas e cartas de condução falsas por encomenda", "pt", "papers_made"),
    ("Trecem oameni granița fără pașaport", "ro", "crossing_arranged"),
    ("Șofer pentru fete, hotel și apartamente, așteaptă jos", "ro", "driver_for_girls"),
    ("Паспорта и права под заказ, внесены в базу", "ru", "papers_made"),
    ("Комнаты для девушек посуточно, без договора", "ru", "rooms_for_working_girls"),
    ("Перевеземо людей через кордон без паспорта", "uk", "crossing_arranged"),
    ("Шлюб з громадянином ЄС за два тижні", "uk", "marriage_for_papers"),
]
ORDINARY = [
    ("Our lawyers help with visa applications, book an appointment", "en"),
    ("Please bring your passport, payslips and bank statements for your application", "en"),
    ("Room to rent for students, girls only, 400 per month, bills included", "en"),
    ("Taxi and airport transfer, hotels, ladies' night offers", "en"),
    ("Removal van to Spain every Monday, pay on arrival", "en"),
    ("Lonely European man looks for marriage, not for games", "en"),
    ("No border crossing without passport, passengers must show papers", "en"),
    ("Translation of birth certificates and diplomas, sworn translator", "en"),
    ("Buy your train tickets for the crossing by boat online", "en"),
    ("Gestoría: tramitamos tu NIE con cita, trae tu pasaporte", "es"),
    ("Se alquila habitación para chica estudiante, 350 al mes con contrato", "es"),
    ("Chófer con experiencia busca trabajo, aeropuertos y hoteles", "es"),
    ("Traductrice assermentée pour diplômes et actes de naissance", "fr"),
    ("Chambre à louer pour étudiante, bail et quittance", "fr"),
    ("Hochzeitsfotograf für deine Trauung, schnell gebucht", "de"),
    ("Fahrdienst für Senioren zum Arzt, wir warten vor der Tür", "de"),
    ("Wohnung zu vermieten, bitte Gehaltsnachweise mitbringen", "de"),
    ("Traslochi con camion in tutta Europa, pagamento all'arrivo", "it"),
    ("Rijschool: haal snel je rijbewijs, gratis proefles", "nl"),
    ("Przewóz osób do Niemiec, busy codziennie, dokumenty wymagane", "pl"),
    ("Transporte de encomendas para a fronteira todas as segundas", "pt"),
    ("Traduceri de acte, diplome și certificate, rapid", "ro"),
    ("Водитель с личным авто, аэропорт и гостиницы", "ru"),
    ("Пасажирські перевезення через кордон, паспорт обов'язковий", "uk"),
]


@pytest.mark.parametrize(("text", "lang", "sign"), OFFERED)
def test_a_service_is_told_by_ideas(text: str, lang: str, sign: str) -> None:
    assert sign in signs(text, lang)


@pytest.mark.parametrize(("text", "lang"), ORDINARY)
def test_the_ordinary_trade_is_no_sign(text: str, lang: str) -> None:
    assert not SERVICES & signs(text, lang)
