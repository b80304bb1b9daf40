"""From bytes to characters: which encoding a page is really in."""

import codecs
import re
from typing import NamedTuple

from charset_normalizer import from_bytes

_BYTE_ORDER_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HEADER_LABEL = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE)
_META_LABEL = re.compile(
    rb"<(?:meta\b[^>]{0,300}?charset|\?xml\b[^>]{0,100}?encoding)\s*=\s*[\"']?\s*([\w.:+-]+)", re.I
)
# The WHATWG Encoding Standard reads these labels as windows-1252, a superset of Latin-1.
_LATIN_1_LABELS = frozenset(
    {"iso-8859-1", "latin1", "latin-1", "iso8859-1", "us-ascii", "ascii", "l1", "cp819"}
)
# HTML declares its encoding within the first 1,024 bytes (WHATWG HTML, "prescan a byte stream"); many pages do later.
_PRESCAN_BYTES = 2048
_SAMPLE_BYTES = 65536
# In cp1252 the Romanian s-cedilla of cp1250 becomes an ordinal sign that follows no number.
_STRAY_ORDINAL = re.compile(r"(?<![\d.nNrR])[ºª](?=[a-zà-ÿ])")
_PAGE_LANGUAGE = re.compile(rb"<html\b[^>]{0,300}?\blang\s*=\s*[\"']?([a-z]{2})\b", re.IGNORECASE)
# The legacy encoding by language, after the table of WHATWG HTML ("locale's default encoding").
_LEGACY_BY_LANGUAGE: dict[str, str] = {
    **dict.fromkeys(("cs", "hr", "hu", "pl", "ro", "sk", "sl", "bs"), "cp1250"),
    **dict.fromkeys(("be", "bg", "mk", "ru", "sr", "uk"), "cp1251"),
    **dict.fromkeys(
        ("ca", "da", "de", "en", "es", "fi", "fr", "is", "it", "nl", "no", "nb", "pt", "sv"), "cp1252"
    ),
    "el": "cp1253",
    "tr": "cp1254",
    "he": "cp1255",
    "ar": "cp1256",
    "fa": "cp1256",
    **dict.fromkeys(("et", "lt", "lv"), "cp1257"),
    "vi": "cp1258",
    "th": "cp874",
    "ja": "cp932",
    "ko": "cp949",
    "zh": "gb18030",
}
# What Western European writing uses beyond ASCII; a guess of cp1250 gives way when cp1252 yields nothing else.
_WESTERN = frozenset(
    "áéíóúàèìòùâêîôûäëïöüãõñçåæøœßÿýÁÉÍÓÚÀÈÌÒÙÂÊÎÔÛÄËÏÖÜÃÕÑÇÅÆØŒ¿¡ªº°«»‹›“”‘’„–—…·•€£¥©®™´\xa0\xad"
)


class DecodedText(NamedTuple):
    """`text`; the `encoding` used; `damaged`: characters that no encoding could give (U+FFFD or control bytes)."""

    text: str
    encoding: str
    damaged: int


def _codec(label: str) -> str | None:
    name = label.strip().lower()
    if name in _LATIN_1_LABELS:
        return "windows-1252"
    try:
        "".encode(name)
        return codecs.lookup(name).name
    except (LookupError, ValueError, UnicodeError):
        return None


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _small_damage(text: str) -> bool:
    """Whether UTF-8 read with replacements is UTF-8 with a scar (a cut end, one bad byte among many good)."""
    replaced = text.count("\ufffd")
    sound = sum(character > "\x7f" for character in text) - replaced
    return replaced * 5 <= sound or (replaced == 1 and text.endswith("\ufffd"))


def _detect(sample: bytes, language: str | None) -> str | None:
    """The likeliest legacy encoding of bytes that are not UTF-8."""
    if b"\x00" in sample:
        return None
    by_language = _LEGACY_BY_LANGUAGE.get(language or "")
    if by_language and _strict(sample, by_language) is not None:
        return by_language
    western = _strict(sample, "cp1252")
    plain = western is not None and all(character in _WESTERN for character in western if character > "\x7f")
    if western is not None and plain and not _STRAY_ORDINAL.search(western):
        return "cp1252"
    best = from_bytes(sample).best()
    return best.encoding if best is not None else None


def decode_text(data: bytes, content_type: str | None = None, language: str | None = None) -> DecodedText:
    """Decode a page or file. Never raises. `language` is an ISO 639-1 hint for pages that declare none.

    Order: byte order mark, strict UTF-8 (text that is not UTF-8 practically never passes), the label of the
    `Content-Type` header, the label in the document, the usual legacy encoding of the page's language, detection
    by charset-normalizer, windows-1252. A label that the bytes contradict is passed over, so Latin-1 bytes
    labelled UTF-8 are read as what they are, and an 8-bit label on UTF-8 bytes does no harm.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            text = data.decode(encoding, "replace")
            return DecodedText(text, encoding, text.count("\ufffd"))
    labels = [match[1] for match in [_HEADER_LABEL.search(content_type or "")] if match]
    labels += [
        match[1].decode("ascii", "replace") for match in [_META_LABEL.search(data[:_PRESCAN_BYTES])] if match
    ]
    named = [codec for codec in map(_codec, labels) if codec]
    # 7-bit encodings pass for UTF-8, and UTF-16 of plain text does too: their labels are believed.
    if not any(codec.startswith(("iso2022", "hz", "utf-7", "utf-16", "utf-32")) for codec in named):
        strict = _strict(data, "utf-8")
        if strict is not None:
            return DecodedText(strict, "utf-8", strict.count("\ufffd") + strict.count("\x00"))
        lenient = data.decode("utf-8", "replace")
        if _small_damage(lenient):
            return DecodedText(lenient, "utf-8", lenient.count("\ufffd"))
    for codec in named:
        strict = _strict(data, codec)
        if strict is not None:
            return DecodedText(strict, codec, 0)
    declared = _PAGE_LANGUAGE.search(data[:_PRESCAN_BYTES])
    hint = declared[1].decode("ascii").lower() if declared else language
    # A sample must not end within a character of a multi-byte encoding: cut it at a line or tag where possible.
    sample = data if len(data) <= _SAMPLE_BYTES else data[: max(data.rfind(b"<", 0, _SAMPLE_BYTES), 1)]
    detected = _detect(sample, hint)
    if detected is not None and (strict := _strict(data, detected)) is not None:
        return DecodedText(strict, detected, 0)
    text = data.decode("cp1252", "replace")
    damaged = text.count("\ufffd") + sum(
        character < " " and character not in "\t\n\r\f" for character in text
    )
    return DecodedText(text, "cp1252", damaged)
