"""Numbers as they are said in ten languages, 0 to 999: the evaluation's own lists, shared with no extractor.

Sources: the grammars' spelling of cardinal numbers; where usage differs (French of Belgium, "zwo") one form is taken.
"""

from __future__ import annotations

UNITS = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis "
    "diecisiete dieciocho diecinueve",
    "pt": "zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezasseis dezassete "
    "dezoito dezanove",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept "
    "dix-huit dix-neuf",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
    "siebzehn achtzehn neunzehn",
    "it": "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici "
    "sedici diciassette diciotto diciannove",
    "ro": "zero unu doi trei patru cinci șase șapte opt nouă zece unsprezece doisprezece treisprezece paisprezece "
    "cincisprezece șaisprezece șaptesprezece optsprezece nouăsprezece",
    "nl": "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien "
    "zeventien achttien negentien",
    "pl": "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć jedenaście dwanaście trzynaście "
    "czternaście piętnaście szesnaście siedemnaście osiemnaście dziewiętnaście",
    "ru": "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать "
    "четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать",
}
TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "pt": "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa",
    "fr": "vingt trente quarante cinquante soixante soixante-dix quatre-vingts quatre-vingt-dix",
    "de": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "it": "venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
    "ro": "douăzeci treizeci patruzeci cincizeci șaizeci șaptezeci optzeci nouăzeci",
    "nl": "twintig dertig veertig vijftig zestig zeventig tachtig negentig",
    "pl": "dwadzieścia trzydzieści czterdzieści pięćdziesiąt sześćdziesiąt siedemdziesiąt osiemdziesiąt "
    "dziewięćdziesiąt",
    "ru": "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто",
}
HUNDREDS = {
    "es": "cien doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos",
    "pt": "cem duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos",
    "pl": "sto dwieście trzysta czterysta pięćset sześćset siedemset osiemset dziewięćset",
    "ru": "сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот",
}
_FULL_HUNDRED = {"es": "ciento", "pt": "cento"}


def said(number: int, lang: str) -> str:
    """The words for `number` (0 to 999) in `lang`. Raises ValueError outside that range."""
    if not 0 <= number <= 999:
        raise ValueError(f"{number} is not in 0..999")
    if number < 100:
        return _below_hundred(number, lang)
    hundreds, rest = divmod(number, 100)
    head = _hundreds(hundreds, rest, lang)
    if not rest:
        return head
    tail = _below_hundred(rest, lang)
    if lang in ("de", "it", "nl"):
        return head + tail
    return f"{head}{' e ' if lang == 'pt' else ' and ' if lang == 'en' else ' '}{tail}"


def _hundreds(hundreds: int, rest: int, lang: str) -> str:
    if lang in HUNDREDS:
        if hundreds == 1 and rest:
            return _FULL_HUNDRED.get(lang, HUNDREDS[lang].split()[0])
        return HUNDREDS[lang].split()[hundreds - 1]
    unit = UNITS[lang].split()[hundreds]
    if lang == "en":
        return f"{unit} hundred"
    if lang == "fr":
        return "cent" if hundreds == 1 else f"{unit} cent{'' if rest else 's'}"
    if lang == "ro":
        return "o sută" if hundreds == 1 else f"{'două' if hundreds == 2 else unit} sute"
    stem = "" if hundreds == 1 and lang != "de" else "ein" if hundreds == 1 else unit
    return stem + {"de": "hundert", "it": "cento", "nl": "honderd"}[lang]


def _below_hundred(number: int, lang: str) -> str:
    units, tens = UNITS[lang].split(), TENS[lang].split()
    if number < 20:
        return units[number]
    ten, unit = divmod(number, 10)
    if lang == "fr" and ten in (7, 9):
        head = "soixante" if ten == 7 else "quatre-vingt"
        joined = " et onze" if number == 71 else f"-{units[10 + unit]}"
        return head + joined
    head = tens[ten - 2]
    if not unit:
        return head
    if lang == "es":
        accented = units[unit].replace("dos", "dós").replace("tres", "trés").replace("seis", "séis")
        return f"veinti{accented}" if ten == 2 else f"{head} y {units[unit]}"
    if lang in ("de", "nl"):
        first = "ein" if lang == "de" and unit == 1 else units[unit]
        join = "und" if lang == "de" else ("ën" if units[unit].endswith("e") else "en")
        return first + join + head
    if lang == "it":
        stem = head[:-1] if unit in (1, 8) else head
        return stem + ("tré" if unit == 3 else units[unit])
    if lang == "fr":
        return f"{head} et un" if unit == 1 and ten != 8 else f"{head.removesuffix('s')}-{units[unit]}"
    join = {"en": "-", "pt": " e ", "ro": " și "}.get(lang, " ")
    return head + join + units[unit]
