"""Numbers from 0 to 99 in words, for telephone numbers told in pairs of digits."""

from simulation.words import words

DIGIT_WORDS: dict[str, tuple[str, ...]] = {
    "en": words("zero one two three four five six seven eight nine"),
    "es": words("cero uno dos tres cuatro cinco seis siete ocho nueve"),
    "pt": words("zero um dois três quatro cinco seis sete oito nove"),
    "fr": words("zéro un deux trois quatre cinq six sept huit neuf"),
    "de": words("null eins zwei drei vier fünf sechs sieben acht neun"),
    "ro": words("zero unu doi trei patru cinci șase șapte opt nouă"),
}
_TEENS: dict[str, tuple[str, ...]] = {
    "en": words("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"),
    "es": words("diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve"),
    "pt": words("dez onze doze treze catorze quinze dezasseis dezassete dezoito dezanove"),
    "fr": words("dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf"),
    "de": words("zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn"),
    "ro": words(
        "zece unsprezece doisprezece treisprezece paisprezece cincisprezece șaisprezece șaptesprezece "
        "optsprezece nouăsprezece"
    ),
}
_TENS: dict[str, tuple[str, ...]] = {
    "en": words("twenty thirty forty fifty sixty seventy eighty ninety"),
    "es": words("veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa"),
    "pt": words("vinte trinta quarenta cinquenta sessenta setenta oitenta noventa"),
    "fr": words("vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt"),
    "de": words("zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig"),
    "ro": words("douăzeci treizeci patruzeci cincizeci șaizeci șaptezeci optzeci nouăzeci"),
}
_SPANISH_TWENTIES = words(
    "veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve"
)


def number_word(value: int, language: str) -> str:
    """`value` (0 to 99) in words of `language`. Raises IndexError beyond."""
    digits, teens, tens = DIGIT_WORDS[language], _TEENS[language], _TENS[language]
    if value < 10:
        return digits[value]
    if value < 20:
        return teens[value - 10]
    ten, unit = divmod(value, 10)
    if language == "fr":
        return _french(ten, unit)
    if unit == 0:
        return tens[ten - 2]
    if language == "es" and ten == 2:
        return _SPANISH_TWENTIES[unit - 1]
    if language == "de":
        return f"{'ein' if unit == 1 else digits[unit]}und{tens[ten - 2]}"
    glue = {"en": "-", "es": " y ", "pt": " e ", "ro": " și "}[language]
    return f"{tens[ten - 2]}{glue}{digits[unit]}"


def _french(ten: int, unit: int) -> str:
    """Seventies and nineties count on from sixty and eighty; `et` before one and eleven, but not after eighty."""
    base = _TENS["fr"][ten - 2]
    if ten in (7, 9):
        rest = _TEENS["fr"][unit]
        return f"{base} et {rest}" if ten == 7 and unit == 1 else f"{base}-{rest}"
    if unit == 0:
        return f"{base}s" if ten == 8 else base
    if unit == 1 and ten != 8:
        return f"{base} et un"
    return f"{base}-{DIGIT_WORDS['fr'][unit]}"
