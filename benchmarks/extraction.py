"""Identifiers per CPU second beside phonenumbers.PhoneNumberMatcher on the same texts, and recall per obscuring.

Run: python -m benchmarks.extraction [TEXTS]    (default 50000)

Both read the same batches in turn, so that a busy machine slows both alike; peak memory is that of processes of their
own, over and above the texts.

The texts come from a generator of this file that shares no table with the extractor: its number words and its
obscurings are written out here. A fifth of the texts has a plain number, a tenth an obscured one, the rest has
prices, dates and other digits, addresses, or nothing. Every text without a number counts for false phones.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import phonenumbers
import polars as pl

from assets.extraction.identifiers import extract_identifiers
from benchmarks.command_line import words_asked

SPOKEN = {
    "en": "zero one two three four five six seven eight nine",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "pt": "zero um dois três quatro cinco seis sete oito nove",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun",
    "it": "zero uno due tre quattro cinque sei sette otto nove",
    "ro": "zero unu doi trei patru cinci șase șapte opt nouă",
}
PROSE = {
    "en": "lovely quiet place near the station clean rooms friendly staff good tips paid every evening open all week "
    "please write first before you come we answer quickly parking behind the house",
    "es": "piso limpio cerca del centro ambiente tranquilo buen trato horario flexible trabajo de temporada escribe "
    "antes de venir respondemos pronto aparcamiento detrás de la casa gracias",
    "pt": "apartamento limpo perto do centro ambiente calmo bom trato horário flexível trabalho sazonal escreva antes "
    "de vir respondemos depressa estacionamento atrás da casa obrigado",
    "fr": "appartement propre près du centre ambiance calme bon accueil horaires souples travail saisonnier écrivez "
    "avant de venir nous répondons vite parking derrière la maison merci",
    "de": "saubere wohnung nahe am zentrum ruhige lage nette kollegen flexible zeiten saisonarbeit bitte vorher "
    "schreiben wir antworten schnell parkplatz hinter dem haus danke",
    "it": "appartamento pulito vicino al centro ambiente tranquillo orario flessibile lavoro stagionale scrivi prima "
    "di venire rispondiamo presto parcheggio dietro la casa grazie",
    "ro": "apartament curat aproape de centru ambient liniștit program flexibil muncă sezonieră scrieți înainte de a "
    "veni răspundem repede parcare în spatele casei mulțumim",
}
BATCH = 10_000
# National numbers: fiction ranges where the country has some, else plainly invented. As many as there are, so that
# few texts show a number that was read before.
_BRITISH = (
    "07700900", "01632960", "02079460", "01134960", "01144960", "01154960", "01164960", "01174960", "01184960",
    "01214960", "01314960", "01414960", "01514960", "01614960",
)  # fmt: skip
_FRENCH = ("019900", "026191", "035301", "046571", "053649", "063998")
_GERMAN = ("03023125", "06990009", "04066969", "02214710", "08999998", "017604069")
NATIONAL: dict[str, tuple[str, str, Callable[[random.Random], str]]] = {
    "en": ("GB", "44", lambda r: f"{r.choice(_BRITISH)}{r.randrange(1000):03d}"),
    "es": ("ES", "34", lambda r: f"{r.choice(('60', '61', '70', '91', '93'))}00000{r.randrange(100):02d}"),
    "pt": ("PT", "351", lambda r: f"{r.choice(('91', '92', '93', '96', '21'))}00000{r.randrange(100):02d}"),
    "fr": ("FR", "33", lambda r: f"{r.choice(_FRENCH)}{r.randrange(10_000):04d}"),
    "de": ("DE", "49", lambda r: f"{r.choice(_GERMAN)}{r.randrange(1000):03d}"),
    "it": (
        "IT",
        "39",
        lambda r: f"{r.choice(('333', '347', '328', '339', '320'))}00000{r.randrange(100):02d}",
    ),
    "ro": ("RO", "40", lambda r: f"{r.choice(('0722', '0733', '0744', '0755'))}000{r.randrange(1000):03d}"),
}


def _day(r: random.Random) -> str:
    return f"{r.randrange(1, 29)}.{r.randrange(1, 13)}.{r.randrange(2019, 2027)}"


def _hour(r: random.Random) -> str:
    return f"{r.randrange(24):02d}:{r.choice((0, 15, 30, 45)):02d}"


# Other digits, hardly any of them twice.
OTHER: tuple[Callable[[random.Random], str], ...] = (
    lambda r: f"{_day(r)} - {_day(r)}",
    lambda r: f"{r.randrange(2, 40)}0 € / {r.randrange(40, 90)}0 €",
    lambda r: f"ref. {r.randrange(10**8, 10**9)}",
    lambda r: f"order no. {r.randrange(10**8, 10**9)}",
    lambda r: f"{_hour(r)}-{_hour(r)}",
    lambda r: f"{r.randrange(1, 9)}.{r.randrange(100, 999)}.000 lei",
    lambda r: (
        f"{r.randrange(150, 190)} cm {r.randrange(45, 90)} kg {r.randrange(80, 99)}-{r.randrange(55, 75)}-90"
    ),
    lambda r: (
        f"{r.randrange(36, 60)}.{r.randrange(10**5, 10**6)}, {r.randrange(1, 30)}.{r.randrange(10**5, 10**6)}"
    ),
    lambda r: "IBAN DE89 3704 0044 0532 0130 00",
    lambda r: "ISBN 978-3-16-148410-0",
    lambda r: f"30 min {r.randrange(30, 90)}, 1h {r.randrange(90, 180)}, 2h {r.randrange(180, 300)}, 3h 350",
    lambda r: f"https://shop.example/item/{r.randrange(10**8)}?utm_source=x",
    lambda r: f"foo{r.randrange(10**4)}@mail.example",
    lambda r: f"@name_{r.randrange(10**4)}",
)


def _grouped(digits: str, r: random.Random) -> str:
    size = r.choice((2, 3, 4))
    return r.choice((" ", "-", ".", "")).join(digits[i : i + size] for i in range(0, len(digits), size))


def _words(digits: str, lang: str, gap: str = " ") -> str:
    return gap.join(SPOKEN[lang].split()[int(d)] for d in digits)


OBSCURINGS: dict[str, Callable[[str, str, random.Random], str]] = {
    "words": lambda d, lang, r: _words(d, lang),
    "glued words": lambda d, lang, r: _words(d, lang, ""),
    "capital glued": lambda d, lang, r: "".join(w.capitalize() for w in _words(d, lang).split()),
    "mixed": lambda d, lang, r: " ".join(_words(c, lang) if r.random() < 0.5 else c for c in d),
    "keycaps": lambda d, lang, r: "".join(c + "\ufe0f\u20e3" for c in d),
    "full width": lambda d, lang, r: "".join(chr(0xFF10 + int(c)) for c in d),
    "circled": lambda d, lang, r: "".join("⓪①②③④⑤⑥⑦⑧⑨"[int(c)] for c in d),
    "mathematical": lambda d, lang, r: "".join(chr(0x1D7EC + int(c)) for c in d),
    "arabic-indic": lambda d, lang, r: "".join(chr(0x660 + int(c)) for c in d),
    "spaced": lambda d, lang, r: " ".join(d),
    "dotted": lambda d, lang, r: ".".join(d),
    "emoji between": lambda d, lang, r: r.choice("💋🌹✨🔥").join(d),
    "brackets": lambda d, lang, r: "".join(f"({c})" for c in d),
    "zero width": lambda d, lang, r: "\u200b".join(d),
    "letters for digits": lambda d, lang, r: d.replace("0", "O", d.count("0") - 1).replace("1", "l"),
    "two lines": lambda d, lang, r: d[:5] + "\n" + d[5:],
    "slashes": lambda d, lang, r: "/".join(d[i : i + 2] for i in range(0, len(d), 2)),
}


def texts(count: int, seed: int) -> list[tuple[str, str, str, str, str | None, str]]:
    """(id, text, region, language, expected E.164 or None, stratum) per text."""
    r = random.Random(seed)
    made = []
    for place in range(count):
        lang = r.choice(list(SPOKEN))
        region, code, number = NATIONAL[lang]
        words = PROSE[lang].split()
        before, after = (" ".join(r.choices(words, k=r.randrange(5, 30))) for _ in range(2))
        share = r.random()
        expected: str | None = None
        stratum = "no phone"
        middle = "" if share > 0.8 else r.choice(OTHER)(r)
        if share < 0.3:
            digits = number(r)
            expected = f"+{code}{digits.removeprefix('0') if lang != 'it' else digits}"
            if share < 0.2:
                stratum = "plain"
                middle = _grouped(digits, r) if r.random() < 0.7 else f"+{code} {expected[len(code) + 1 :]}"
            else:
                stratum = r.choice(list(OBSCURINGS))
                middle = OBSCURINGS[stratum](digits, lang, r)
        made.append((str(place), f"{before} {middle} {after}", region, lang, expected, stratum))
    return made


def added_memory(count: int) -> float:
    """Megabytes by which the memory of this process peaks over what it held before `count` texts are read (Linux)."""
    made = texts(count, seed=11)
    frame = pl.DataFrame([row[:4] for row in made], schema=["id", "text", "region", "lang"], orient="row")
    extract_identifiers(frame.head(200))
    Path("/proc/self/clear_refs").write_text("5")
    before = _kilobytes("VmRSS")
    extract_identifiers(frame)
    return (_kilobytes("VmHWM") - before) / 1024


def _kilobytes(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def main() -> None:
    """Print recall per stratum, false phones, and the two throughputs with their ratio."""
    words = words_asked(__doc__)
    if words[:1] == ["--memory"]:
        print(f"{added_memory(int(words[1])):.0f}")
        return
    count = int(words[0]) if words else 50_000
    made = texts(count, seed=11)
    frame = pl.DataFrame([row[:4] for row in made], schema=["id", "text", "region", "lang"], orient="row")
    extract_identifiers(frame.head(200))
    ours = theirs = 0.0
    phones: dict[str, set[str]] = {}
    peer: dict[str, set[str]] = {}
    mentions = 0
    for place in range(0, count, BATCH):
        start = time.process_time()
        found = extract_identifiers(frame[place : place + BATCH])
        ours += time.process_time() - start
        mentions += found.height
        for identity, value in found.filter(pl.col("kind") == "phone").select("id", "value").iter_rows():
            phones.setdefault(identity, set()).add(value)
        start = time.process_time()
        for identity, text, region, *_ in made[place : place + BATCH]:
            matches = phonenumbers.PhoneNumberMatcher(text, region)
            if values := {
                phonenumbers.format_number(m.number, phonenumbers.PhoneNumberFormat.E164) for m in matches
            }:
                peer[identity] = values
        theirs += time.process_time() - start
    print(f"{'stratum':<20} {'texts':>6} {'recall':>7} {'peer':>7} {'wrong':>6} {'peer wrong':>10}")
    totals, hits, peer_hits, wrong, peer_wrong = Counter(), Counter(), Counter(), Counter(), Counter()  # type: ignore[var-annotated]
    for identity, _, _, _, expected, stratum in made:
        totals[stratum] += 1
        hits[stratum] += expected in phones.get(identity, ())
        peer_hits[stratum] += expected in peer.get(identity, ())
        wrong[stratum] += len(phones.get(identity, set()) - {expected})
        peer_wrong[stratum] += len(peer.get(identity, set()) - {expected})
    for stratum, total in totals.most_common():
        recall, other = (
            ("", "")
            if stratum == "no phone"
            else (f"{hits[stratum] / total:.3f}", f"{peer_hits[stratum] / total:.3f}")
        )
        print(
            f"{stratum:<20} {total:>6} {recall:>7} {other:>7} {wrong[stratum]:>6} {peer_wrong[stratum]:>10}"
        )
    with_digits = frame["text"].str.contains("[0-9]").sum() / count
    length = frame["text"].str.len_chars().sum() / count
    print(f"texts with digits: {with_digits:.0%}; mean length: {length:.0f} characters")
    print(f"identifiers of every kind: {mentions}; texts per CPU second: {count / ours:,.0f}")
    print(f"PhoneNumberMatcher, phones alone: {count / theirs:,.0f}; ratio {theirs / ours:.2f}")
    for size in (50_000, 200_000):
        command = [sys.executable, "-m", "benchmarks.extraction", "--memory", str(size)]
        added = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        print(f"peak memory over the texts' own at {size:,} texts: {added} MB")


if __name__ == "__main__":
    main()
