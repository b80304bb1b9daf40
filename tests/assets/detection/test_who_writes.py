"""From words to leads: who tells, in a channel of jobs, what is done to herself or another is no recruiter."""

import logging
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from assets.detection.stage import detect_all
from assets.extraction.stage import facts_of, mentions_of
from assets.house import House
from assets.linking.digests import key_column
from assets.linking.stage import link_all
from assets.operation import Operation
from quality.contracts import CONTRACTS
from warehouse.parts import PartStore, PartWrite

DAY = date(2026, 11, 20)
OFFERS = (
    "Waitress wanted in Leeds, 1,500 pounds a month, contract",
    "Buscamos camarera en Valencia, 1.200 € al mes, contrato",
    "Koch gesucht in Köln, 2.000 Euro im Monat",
    "Căutăm ospătar în Cluj, 4.000 lei pe lună",
    "Szukamy kelnerki w Krakowie, 4.500 zł miesięcznie",
    "On cherche serveuse à Lyon, 1.500 € par mois",
)
OF_HERSELF_OR_ANOTHER = (
    "Anyone been through this? Seven months cleaning rooms, the manageress has my passport in her safe.",
    "The girl downstairs told me her employer took her papers and she never leaves the flat.",
    "llevo un año de interna y la familia me tiene los papeles bajo llave, no sé a quién acudir",
    "Estou há 5 meses numa quinta, o dono ficou-me com o passaporte e só paga comida",
    "Ça fait six mois que je garde leurs enfants, Madame a mis mes papiers sous clé et ne me paie pas",
    "Die Frau aus dem Nagelstudio darf nie allein raus und ihren Pass hat der Besitzer",
    "Verișoara mea e la o familie în Italia, i-au luat pașaportul și n-o lasă afară",
    "Od pół roku pracuję na farmie, szef zabrał nam paszporty i nie płaci",
    "Работаю сиделкой четвёртый месяц, хозяйка забрала мой паспорт и денег не даёт",
    "Fél éve takarítok egy háznál, az asszony elvette az útlevelemet és nem fizet",
)
OF_WHO_HIRES = (
    "Girls wanted for bar work in Cyprus, flight advanced, you pay it back, passport is handed in at the office.",
    "Hôtesses pour club à Chypre, billet avancé à rembourser sur salaire, passeport déposé au bureau",
    "Mädchen für Bar in Zürich gesucht, Flug zahlen wir vor, wird abgearbeitet, Pass bleibt bei uns",
    "Angajăm fete pentru club în Grecia, avansăm biletul și îl dai înapoi din salariu, pașaportul se predă la birou",
    "Нужны девушки в клуб в Турции, билет оплачиваем, потом отработаешь, паспорт сдаёшь в офис",
)
WARNINGS = (
    "If an agency keeps your passport or makes you pay for the job, ring the hotline.",
    "Chicas, nunca dejen que el jefe se quede con su pasaporte",
)


def _messages(texts: list[str]) -> pl.DataFrame:
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    frame = pl.DataFrame(
        {
            "site": "jobs.test",
            "source": "jobs",
            "channel": "jobs",
            "unit_date": DAY,
            "message_id": range(len(texts)),
            "message_type": "text",
            "account": [f"poster {number}" for number in range(len(texts))],
            "posted_at": [moment + timedelta(hours=number) for number in range(len(texts))],
            "first_seen": DAY,
            "last_seen": DAY,
            "text": texts,
        }
    )
    frame = frame.with_columns(
        key_column(frame.with_columns(pl.col("message_id").cast(pl.String)), "site", "message_id").alias(
            "item_id"
        )
    ).with_columns(pl.col("item_id").alias("capture_id"))
    return CONTRACTS["messages"].completed(frame)


def test_only_who_sets_the_rules_is_a_recruiter(tmp_path: Path) -> None:
    house = House(
        home=tmp_path,
        store=PartStore(tmp_path),
        sources={},
        operation=Operation(code="words", name="words"),
        run_id="run",
        key=b"k" * 32,
        log=logging.getLogger("test"),
        now=lambda: datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC),
    )
    texts = [*OFFERS * 2, *OF_HERSELF_OR_ANOTHER, *OF_WHO_HIRES, *WARNINGS]
    frame = _messages(texts)
    tables = {
        "messages": frame,
        "mentions": mentions_of(frame, "messages"),
        "facts": facts_of(frame, "messages"),
    }
    house.store.commit([PartWrite(name, rows, "jobs", DAY, inputs="words") for name, rows in tables.items()])
    link_all(house)
    detect_all(house)

    def read(table: str) -> pl.DataFrame:
        return house.store.scan(table, CONTRACTS[table].schema).collect()

    told = (
        read("lead_evidence")
        .join(read("leads"), on="lead_id")
        .join(frame.select("item_id", "text"), on="item_id")
    )
    types = {text: set(rows["type"]) for (text,), rows in told.group_by("text")}
    assert [types.get(text) for text in OF_HERSELF_OR_ANOTHER] == [{"potential_victim"}] * len(
        OF_HERSELF_OR_ANOTHER
    )
    assert [types.get(text) for text in OF_WHO_HIRES] == [{"potential_recruiter"}] * len(OF_WHO_HIRES)
    assert not types.keys() & {*OFFERS, *WARNINGS}
