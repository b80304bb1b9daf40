"""Visible text of HTML, with the line breaks that a reader would see."""

import hashlib
import html
import re
import unicodedata

# The input is HTML as a parser serialises it: tags lower-case and closed, `"` and `>` escaped in attributes.
_ATTRIBUTES = r'[^>"]*(?:"[^"]*"[^>"]*)*'
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_UNSEEN = re.compile(
    rf"<(script|style|template|noscript|svg|iframe|select|datalist|canvas|head)\b{_ATTRIBUTES}>.*?</\1>",
    re.DOTALL,
)
_PAIRED = (
    ("<!--", "-->"),
    *(
        (f"<{name}", f"</{name}>")
        for name in ("script", "style", "template", "noscript", "svg", "iframe", "select", "datalist", "canvas", "head",
                     "pre", "textarea")
    ),
)  # fmt: skip
_MOST_LOOSE = 50
_PREFORMATTED = re.compile(rf"<(pre|textarea)\b{_ATTRIBUTES}>(.*?)</\1>", re.DOTALL)
_LIST_ITEM = re.compile(rf"<li\b{_ATTRIBUTES}>")
_CELL = re.compile(rf"<t[dh]\b{_ATTRIBUTES}>")
_BLOCK = re.compile(
    r"</?(?:address|article|aside|blockquote|body|br|button|caption|center|dd|details|dialog|div|dl|dt|fieldset"
    r"|figcaption|figure|footer|form|h[1-6]|header|hgroup|hr|html|legend|li|main|menu|nav|ol|optgroup|option|p|pre"
    rf"|section|summary|table|tbody|textarea|tfoot|thead|tr|ul)\b{_ATTRIBUTES}>"
)
# Sites draw single characters, digits too, as small pictures; their `alt` is what a reader sees.
_SMALL_PICTURE = re.compile(rf'<img\b(?=[^>]*\balt="([^"]{{1,3}})"){_ATTRIBUTES}>')
_TAG = re.compile(rf"</?[a-z!?]{_ATTRIBUTES}>", re.IGNORECASE)
_SPACES = re.compile(r"[^\S\n]+")
_LONE_BULLET = re.compile(r"^-\n(?!-)", re.MULTILINE)
_BREAKS = re.compile(r" ?\n[ \n]*")


def visible_text(serialised: str, *, structure: bool = False) -> str:
    """The text of serialised HTML (str → str): blocks and `<br>` end lines, other white space is one space.

    `structure=True` writes list items as `- item` and separates table cells by ` | `, as documents need it.
    Text hidden by CSS is kept: sites hide telephone numbers that way.
    """
    if "<" not in serialised:
        return " ".join(html.unescape(serialised).split())
    body = _COMMENT.sub("", _without_loose_openings(serialised))
    body = _UNSEEN.sub(" ", body)
    if "<pre" in body or "<textarea" in body:
        body = _PREFORMATTED.sub(lambda match: f"<pre>{match[2].replace(chr(10), '<br>')}</pre>", body)
    body = body.replace("\n", " ").replace("\r", " ").replace("\t", " ")
    body = _CELL.sub(" | ", _LIST_ITEM.sub("\n- ", body)) if structure else _CELL.sub(" ", body)
    if "<img" in body:
        body = _SMALL_PICTURE.sub(r"\1", body)
    body = _TAG.sub("", _BLOCK.sub("\n", body))
    text = _BREAKS.sub("\n", _SPACES.sub(" ", html.unescape(body))).strip()
    if not structure:
        return text
    # A paragraph within a list item or a first cell begins a line: take its mark to it, or away.
    return _LONE_BULLET.sub("- ", text).replace("\n| ", "\n").removeprefix("| ")


def _without_loose_openings(body: str) -> str:
    """The text up to where comments and the like are opened again and again but never closed.

    A parser closes what it serialises, but for such openings in attributes and in old raw-text elements. Each would
    be searched to the end of the page.
    """
    for opening, closing in _PAIRED:
        if opening in body:
            last = body.rfind(closing) + 1
            if body.count(opening, last) > _MOST_LOOSE:
                body = body[: body.find(opening, last)]
    return body


def clean_text(text: str) -> str:
    """Plain text with lines kept, runs of spaces and of empty lines shortened, line ends made alike (str → str)."""
    lines = (
        _SPACES.sub(" ", line).strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    )
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def content_digest(text: str) -> str:
    """sha256 (hex) of the text after NFKC, case folding and white space made single: equal for re-used texts."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return hashlib.sha256(folded.encode("utf-8", "replace")).hexdigest()


def item_key(table: str, source: str, natural_key: str) -> str:
    """`item_id`: the first 24 hex digits of sha256 over table, source and natural key."""
    return hashlib.sha256(f"{table}|{source}|{natural_key}".encode("utf-8", "replace")).hexdigest()[:24]
