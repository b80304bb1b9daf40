"""Precision and recall of identifiers per language and spelling, on an evaluation set of our own.

Run: python -m benchmarks.extraction_quality [COUNT]    (texts per stratum and language, default 20)

Two sets of spellings: the first follows the list of the work plan, the second was thought out afterwards from how
writers of advertisements write, and was measured before anything was mended for it. Each text stands in a sentence of
its language; the region is given, half of the time by the language alone. Words, obscurings and innocent numbers are
lists of `benchmarks` that share nothing with the extractor.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

import polars as pl

from assets.extraction.identifiers import extract_identifiers
from benchmarks.command_line import words_asked
from benchmarks.innocent_numbers import INNOCENT
from benchmarks.spelled_addresses import ADDRESSES, NOBODY
from benchmarks.spellings import NATIONAL, NOT_OBSCURED, SPELLINGS, number
from benchmarks.spellings_of_writers import WRITERS

# Sentences around the identifier, with and without a word for calling.
SENTENCES = {
    "en": (
        "{}",
        "Call me {} any time",
        "lovely and discreet, new photos. {} kisses",
        "Hi guys! My name is Anna.\n{}\nSee you soon",
        "WhatsApp: {}",
        "room 3, second floor - {} - ask for Anna",
    ),
    "es": (
        "{}",
        "Llámame al {} cuando quieras",
        "chica nueva en la ciudad, trato amable. {} besos",
        "¡Hola! Me llamo Ana.\n{}\nHasta pronto",
        "WhatsApp: {}",
        "piso 3, segunda puerta - {} - pregunta por Ana",
    ),
    "pt": (
        "{}",
        "Liga para {} quando quiseres",
        "menina nova na cidade, bom trato. {} beijos",
        "Olá! Chamo-me Ana.\n{}\nAté já",
        "WhatsApp: {}",
        "3.º andar, segunda porta - {} - pergunta pela Ana",
    ),
    "fr": (
        "{}",
        "Appelle-moi au {} quand tu veux",
        "nouvelle en ville, très douce. {} bisous",
        "Bonjour ! Je m'appelle Anna.\n{}\nÀ bientôt",
        "WhatsApp : {}",
        "3e étage, porte de gauche - {} - demande Anna",
    ),
    "de": (
        "{}",
        "Ruf mich an unter {} jederzeit",
        "neu in der Stadt, sehr diskret. {} Küsse",
        "Hallo! Ich heiße Anna.\n{}\nBis bald",
        "WhatsApp: {}",
        "3. Stock, zweite Tür - {} - nach Anna fragen",
    ),
    "it": (
        "{}",
        "Chiamami al {} quando vuoi",
        "nuova in città, molto dolce. {} baci",
        "Ciao! Mi chiamo Anna.\n{}\nA presto",
        "WhatsApp: {}",
        "terzo piano, porta a destra - {} - chiedi di Anna",
    ),
    "ro": (
        "{}",
        "Sună-mă la {} oricând",
        "nouă în oraș, foarte drăguță. {} pupici",
        "Bună! Mă numesc Ana.\n{}\nPe curând",
        "WhatsApp: {}",
        "etajul 3, ușa din dreapta - {} - întreabă de Ana",
    ),
    "nl": (
        "{}",
        "Bel me op {} wanneer je wilt",
        "nieuw in de stad, heel lief. {} kusjes",
        "Hoi! Ik heet Anna.\n{}\nTot snel",
        "WhatsApp: {}",
        "derde verdieping - {} - vraag naar Anna",
    ),
    "pl": (
        "{}",
        "Zadzwoń pod {} kiedy chcesz",
        "nowa w mieście, bardzo miła. {} całuski",
        "Cześć! Mam na imię Anna.\n{}\nDo zobaczenia",
        "WhatsApp: {}",
        "trzecie piętro - {} - pytaj o Annę",
    ),
    "ru": (
        "{}",
        "Звони мне {} в любое время",
        "новая в городе, очень милая. {} целую",
        "Привет! Меня зовут Анна.\n{}\nДо встречи",
        "WhatsApp: {}",
        "третий этаж - {} - спроси Анну",
    ),
}


@dataclass(frozen=True)
class Case:
    """A text, and the one identifier that it holds (`kind`, `value`; no value when it holds none of that kind)."""

    part: str
    stratum: str
    lang: str
    region: str | None
    text: str
    kind: str
    value: str | None
    obscured: bool | None


def cases(count: int, seed: int) -> list[Case]:
    """`count` texts per stratum and language."""
    r = random.Random(seed)
    made: list[Case] = []
    for lang, (region, _, _) in NATIONAL.items():
        for part, table in (("phones", SPELLINGS), ("writers' phones", WRITERS)):
            for stratum, spell in table.items():
                for _ in range(count):
                    who = number(lang, r)
                    text = r.choice(SENTENCES[lang]).format(spell(who, r))
                    hidden = stratum not in NOT_OBSCURED if part == "phones" else None
                    hint = region if r.random() < 0.5 else None
                    made.append(Case(part, stratum, lang, hint, text, "phone", who.value, hidden))
        for stratum, address in ADDRESSES.items():
            for _ in range(count):
                spelled, kind, value = address(lang, r)
                text = r.choice(SENTENCES[lang][:4]).format(spelled)
                made.append(Case("addresses", stratum, lang, region, text, kind, value, None))
        for stratum, innocent in INNOCENT.items():
            for _ in range(count):
                text = r.choice(SENTENCES[lang][2:4]).format(innocent(lang, r))
                made.append(Case("innocent", stratum, lang, region, text, "phone", None, None))
        for _ in range(count):
            text = r.choice(SENTENCES[lang][2:4]).format(r.choice(NOBODY))
            made.append(Case("innocent", "nobody's name", lang, region, text, "handle", None, None))
    return made


@dataclass
class Score:
    """Counts of one stratum: texts, those whose identifier was found, other values found, flags that are right."""

    texts: int = 0
    found: int = 0
    wrong: int = 0
    flagged: int = 0


_HANDLES = frozenset({"username", "messenger", "email", "url"})


def scores(made: list[Case]) -> tuple[dict[tuple[str, str, str], Score], list[tuple[Case, list[str]]]]:
    """Score per (part, stratum, language), and the cases that went wrong with what was found instead."""
    frame = pl.DataFrame(
        [(str(place), case.text, case.region, case.lang) for place, case in enumerate(made)],
        schema={"id": pl.String, "text": pl.String, "region": pl.String, "lang": pl.String},
        orient="row",
    )
    mentions: list[dict[str, dict[str, bool]]] = [{} for _ in made]
    for identity, kind, value, hidden in (
        extract_identifiers(frame).select("id", "kind", "value", "obscured").rows()
    ):
        mentions[int(identity)].setdefault(kind, {})[value] = hidden
    table: dict[tuple[str, str, str], Score] = {}
    astray: list[tuple[Case, list[str]]] = []
    for case, found in zip(made, mentions, strict=True):
        score = table.setdefault((case.part, case.stratum, case.lang), Score())
        kinds = _HANDLES if case.kind == "handle" else {case.kind}
        values = {value: hidden for kind in kinds for value, hidden in found.get(kind, {}).items()}
        wrong = [value for value in values if value != case.value]
        if case.kind not in ("phone", "handle"):
            wrong += list(found.get("phone", {}))
        score.texts += 1
        score.wrong += len(wrong)
        if case.value is not None:
            score.found += case.value in values
            score.flagged += case.obscured is None or values.get(case.value) in (None, case.obscured)
        if wrong or (case.value is not None and case.value not in values):
            astray.append((case, [f"{kind} {value}" for kind in found for value in found[kind]]))
    return table, astray


def main() -> None:
    """Print recall and precision per stratum (lowest language beside the mean) and per language."""
    words = words_asked(__doc__)
    count = int(words[0]) if words and words[0].isdigit() else 20
    table, astray = scores(cases(count, seed=5))
    for part in dict.fromkeys(key[0] for key in table):
        print(
            f"\n{part:<22} {'texts':>6} {'recall':>7} {'lowest':>11} {'precision':>9} {'wrong':>5} {'flag':>6}"
        )
        rows = [(key[1], key[2], score) for key, score in table.items() if key[0] == part]
        for stratum in [*dict.fromkeys(row[0] for row in rows), ""]:
            _line(stratum or "all", [(lang, score) for name, lang, score in rows if stratum in ("", name)])
        if part != "innocent":
            print(
                "  "
                + "  ".join(
                    f"{lang} {_recall([s for _, at, s in rows if at == lang]):.3f}" for lang in NATIONAL
                )
            )
    if "--astray" in words:
        shown: Counter[tuple[str, str, str]] = Counter()
        for case, found in astray:
            shown[case.part, case.stratum, case.lang] += 1
            if shown[case.part, case.stratum, case.lang] <= 2:
                print(f"{case.stratum} | {case.lang} {case.region} | {case.text!r} | {case.value} | {found}")


def _recall(listed: list[Score]) -> float:
    return sum(score.found for score in listed) / max(1, sum(score.texts for score in listed))


def _line(title: str, listed: list[tuple[str, Score]]) -> None:
    texts, found = sum(s.texts for _, s in listed), sum(s.found for _, s in listed)
    wrong, flagged = sum(s.wrong for _, s in listed), sum(s.flagged for _, s in listed)
    per_language = {lang: _recall([s for at, s in listed if at == lang]) for lang, _ in listed}
    lowest = min(per_language, key=lambda lang: per_language[lang])
    precision = found / (found + wrong) if found + wrong else 1.0
    print(
        f"{title:<22} {texts:>6} {found / texts:>7.3f} {per_language[lowest]:>8.2f} {lowest} {precision:>9.3f} "
        f"{wrong:>5} {flagged / texts:>6.3f}"
    )


if __name__ == "__main__":
    main()
