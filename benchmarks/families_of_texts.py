"""Families of short texts with a known disguise, among strangers of the same trade. Everything is invented.

Rooms, lessons, repairs and second-hand goods in five languages; it shares no word list with the simulated web.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

# Per language: qualities, things, what is offered, where, and stock phrases that everybody uses.
_VOCABULARY = {
    "en": (
        "quiet sturdy patient bright spotless roomy honest careful cheap tidy warm seasoned nimble local fresh "
        "polite steady simple modern antique lively sunny spare handy fair",
        "bicycle sofa piano lesson cellar garden fridge wardrobe tutor carpenter roof lamp violin bakery ladder kettle "
        "window mattress desk scooter camera plumber painter carpet heater",
        "repaired collected taught delivered measured rented painted cleaned tuned built lent restored swapped "
        "explained fitted carried",
        "by the river|near the old market|behind the town hall|in the upper village|two stops from the centre|at "
        "your place|in our yard|across the bridge|next to the library|on the ring road",
        "Call or write any time, we answer fast.|No hidden costs, ask for details.|Only serious enquiries "
        "please.|Open every day of the week, also late.|Satisfaction guaranteed, many happy customers.",
    ),
    "es": (
        "tranquilo firme paciente claro limpio amplio honrado barato ordenado cálido ágil cercano fresco amable "
        "moderno antiguo alegre soleado justo nuevo pequeño fuerte ligero",
        "bicicleta sofá piano clase sótano jardín nevera armario profesor carpintero tejado lámpara violín panadería "
        "escalera ventana colchón mesa cámara fontanero pintor alfombra estufa",
        "reparamos recogemos enseñamos entregamos medimos alquilamos pintamos limpiamos afinamos construimos "
        "prestamos restauramos cambiamos explicamos montamos",
        "junto al río|cerca del mercado viejo|detrás del ayuntamiento|en el barrio alto|a dos paradas del centro|en "
        "su casa|en nuestro patio|al otro lado del puente|al lado de la biblioteca",
        "Llame o escriba a cualquier hora, respondemos rápido.|Sin gastos ocultos, pregunte.|Solo consultas serias "
        "por favor.|Abierto todos los días de la semana.",
    ),
    "de": (
        "ruhig stabil geduldig hell sauber geräumig ehrlich günstig ordentlich warm flink nah frisch höflich schlicht "
        "modern antik fröhlich sonnig fair neu klein stark leicht",
        "Fahrrad Sofa Klavier Unterricht Keller Garten Kühlschrank Lehrer Tischler Dach Lampe Geige Leiter Fenster "
        "Matratze Schreibtisch Kamera Klempner Maler Teppich Heizung Roller",
        "repariert abgeholt unterrichtet geliefert vermessen vermietet gestrichen gereinigt gestimmt gebaut verliehen "
        "restauriert getauscht erklärt montiert",
        "am Fluss|beim alten Markt|hinter dem Rathaus|im oberen Dorf|zwei Stationen vom Zentrum|bei Ihnen zu Hause|in "
        "unserem Hof|jenseits der Brücke|neben der Bücherei",
        "Rufen Sie jederzeit an oder schreiben Sie uns.|Keine versteckten Kosten, einfach fragen.|Nur ernst gemeinte "
        "Anfragen bitte.|Täglich geöffnet, auch spät.",
    ),
    "ro": (
        "liniștit solid răbdător luminos curat spațios cinstit ieftin ordonat cald iute apropiat proaspăt politicos "
        "simplu modern vechi vesel însorit corect nou mic puternic ușor",
        "bicicletă canapea pian lecție pivniță grădină frigider dulap profesor tâmplar acoperiș lampă vioară scară "
        "fereastră saltea birou cameră instalator zugrav covor sobă",
        "reparăm ridicăm predăm livrăm măsurăm închiriem vopsim curățăm acordăm construim împrumutăm restaurăm "
        "schimbăm explicăm montăm",
        "lângă râu|aproape de piața veche|în spatele primăriei|în satul de sus|la două stații de centru|"
        "la voi acasă|în curtea noastră|peste pod|lângă bibliotecă",
        "Sunați sau scrieți oricând, răspundem repede.|Fără costuri ascunse, întrebați.|Doar cereri serioase vă "
        "rugăm.|Deschis în fiecare zi.",
    ),
    "ru": (
        "тихий прочный терпеливый светлый чистый просторный честный дешёвый аккуратный тёплый ловкий близкий свежий "
        "вежливый простой новый старинный весёлый солнечный малый сильный лёгкий",
        "велосипед диван рояль урок подвал сад холодильник шкаф учитель плотник крыша лампа скрипка лестница окно "
        "матрас стол камера сантехник маляр ковёр печь",
        "чиним забираем учим доставляем измеряем сдаём красим моем настраиваем строим одалживаем восстанавливаем "
        "меняем объясняем собираем",
        "у реки|возле старого рынка|за ратушей|в верхней деревне|в двух остановках от центра|у вас дома|в нашем "
        "дворе|за мостом|рядом с библиотекой",
        "Звоните или пишите в любое время, отвечаем быстро.|Без скрытых расходов, спрашивайте.|Только серьёзные "
        "запросы, пожалуйста.|Открыто каждый день недели.",
    ),
}
_WORDS = {
    language: [part.split("|") if "|" in part else part.split() for part in parts]
    for language, parts in _VOCABULARY.items()
}
_NAMES = "Orla Bastien Minka Teodor Yrsa Calum Ilka Rutger Savina Pelle Odile Zoran Nela Ferran Liv Matei"
_TOWNS = "Ostwick|Valdora|Grünhafen|Piatra Mică|Карпинск|Lower Fenn|Santa Brisa|Nordkap"
_FURNITURE = (
    "Advert number listed by the member. Report this advert to the moderators if it breaks the house rules.",
    "Publicado por un usuario registrado. Denuncie este anuncio si incumple las normas del portal.",
    "Eingestellt von einem Mitglied. Melden Sie diese Anzeige, wenn sie gegen die Regeln verstößt.",
)
_LEET = str.maketrans({"o": "0", "i": "1", "e": "3", "a": "4", "s": "5", "t": "7"})
_LOOKS_LIKE = str.maketrans("aeopcyxiнкмтвсоеа", "аеорсухінкmтbcoea")
_MARKS = "\u0301\u0308\u0302\u0323\u0336"
_EMOJI = ("✨", "🔥", "🌹", "💎", "👉", "⭐", "🏡", "‼️", "~*~", "...", " ★ ", "!!")


@dataclass(frozen=True)
class Families:
    """`items`: item_id, text, holder. `truth`: item_id, family (Int64), disguise (of the family)."""

    items: pl.DataFrame
    truth: pl.DataFrame


def _sentence(rng: random.Random, language: str) -> str:
    qualities, things, offers, places, _ = _WORDS[language]
    parts = [rng.choice(qualities), rng.choice(things), rng.choice(offers)]
    if rng.random() < 0.6:
        parts += [rng.choice(qualities), rng.choice(things)]
    if rng.random() < 0.5:
        parts.insert(rng.randrange(2), rng.choice(offers))
    if rng.random() < 0.7:
        parts.append(rng.choice(places))
    rng.shuffle(parts)
    clause = " ".join(parts)
    return clause[0].upper() + clause[1:]


def _base(rng: random.Random) -> tuple[list[str], str]:
    language = rng.choice(list(_WORDS))
    sentences = [_sentence(rng, language) for _ in range(rng.randint(4, 8))]
    stock = _WORDS[language][4]
    for phrase in rng.sample(stock, rng.randint(0, 3)):
        sentences.insert(rng.randrange(len(sentences) + 1), phrase.rstrip("."))
    sentences[rng.randrange(len(sentences))] += " — {name}, {town}, {price} €, {phone}"
    return sentences, rng.choice(_FURNITURE) if rng.random() < 0.3 else ""


def _filled(rng: random.Random, text: str) -> str:
    return text.format(
        name=rng.choice(_NAMES.split()),
        town=rng.choice(_TOWNS.split("|")),
        price=rng.randrange(15, 400),
        phone=f"600 000 {rng.randrange(1000):03d}",
    )


def _some_letters(rng: random.Random, text: str, share: float, change: Callable[[str], str]) -> str:
    return "".join(change(letter) if rng.random() < share else letter for letter in text)


def _typo(rng: random.Random, text: str) -> str:
    letters = list(text)
    for place in range(len(letters) - 1):
        if letters[place].isalpha() and rng.random() < 0.04:
            slip = rng.randrange(3)
            if slip == 0:
                letters[place] = ""
            elif slip == 1:
                letters[place], letters[place + 1] = letters[place + 1], letters[place]
            else:
                letters[place] = rng.choice("etaonrish")
    return "".join(letters)


def _decorated(rng: random.Random, text: str) -> str:
    words = [
        word[:-1] + word[-1] * rng.randint(2, 5) if word[-1:].isalpha() and rng.random() < 0.2 else word
        for word in text.split()
    ]
    return "".join(word + (rng.choice(_EMOJI) if rng.random() < 0.4 else "") + " " for word in words)


def _disguised(rng: random.Random, sentences: list[str], furniture: str, disguise: str, values: str) -> str:
    sentences = list(sentences)
    mixture = {"reordered", "leet", "typos", "decorated", "retemplated"} if disguise == "all" else {disguise}
    if "reordered" in mixture:
        rng.shuffle(sentences)
    text = ". ".join(sentences) + ". " + furniture
    fresh = random.Random(values) if "retemplated" not in mixture else rng
    text = _filled(fresh, text)
    if "typos" in mixture:
        text = _typo(rng, text)
    if "leet" in mixture:
        text = _some_letters(rng, text, 0.5, lambda letter: letter.lower().translate(_LEET))
    if "homoglyphs" in mixture:
        text = _some_letters(rng, text, 0.5, lambda letter: letter.translate(_LOOKS_LIKE))
    if "diacritics" in mixture:
        text = _some_letters(rng, text, 0.4, lambda c: c + rng.choice(_MARKS) if c.isalpha() else c)
    if "extended" in mixture:
        text += " ".join(_sentence(rng, rng.choice(list(_WORDS))) + "." for _ in range(2))
    return _decorated(rng, text) if "decorated" in mixture else text


DISGUISES = (
    "none",
    "reordered",
    "leet",
    "homoglyphs",
    "diacritics",
    "typos",
    "decorated",
    "retemplated",
    "extended",
    "all",
)


def families(size: int, seed: int) -> Families:
    """About `size` texts: half of the families are a single text, the others two to eight with one disguise."""
    rng = random.Random(seed)
    ids: list[str] = []
    texts: list[str] = []
    family: list[int] = []
    disguises: list[str] = []
    number = 0
    while len(texts) < size:
        sentences, furniture = _base(rng)
        disguise = rng.choice(DISGUISES)
        copies = 1 if rng.random() < 0.5 else rng.randint(2, 8)
        for copy in range(copies):
            kind = "none" if copy == 0 else disguise
            texts.append(_disguised(rng, sentences, furniture, kind, f"{seed} {number}"))
            # Ids say nothing of the family, so that no order of the texts helps to find it.
            ids.append(f"{rng.getrandbits(96):024x}")
            family.append(number)
            disguises.append(disguise)
        number += 1
    items = pl.DataFrame({"item_id": ids, "text": texts}).with_columns(pl.col("item_id").alias("holder"))
    truth = pl.DataFrame({"item_id": ids, "family": family, "disguise": disguises})
    return Families(items, truth)
