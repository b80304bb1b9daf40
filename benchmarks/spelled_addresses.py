"""E-mail addresses, pages, user names and messenger links, plain and written around, to evaluate extraction on."""

from __future__ import annotations

import random
from collections.abc import Callable

# (text, kind, value) per address.
Address = Callable[[str, random.Random], tuple[str, str, str]]
_AT = {
    "en": "at",
    "es": "arroba",
    "pt": "arroba",
    "fr": "arobase",
    "de": "at",
    "it": "chiocciola",
    "ro": "arond",
    "nl": "apenstaartje",
    "pl": "małpa",
    "ru": "собака",
}
_DOT = {
    "en": "dot",
    "es": "punto",
    "pt": "ponto",
    "fr": "point",
    "de": "punkt",
    "it": "punto",
    "ro": "punct",
    "nl": "punt",
    "pl": "kropka",
    "ru": "точка",
}
_SLASH = {
    "en": "slash",
    "es": "barra",
    "pt": "barra",
    "fr": "slash",
    "de": "Schrägstrich",
    "it": "barra",
    "ro": "bară",
    "nl": "schuine streep",
    "pl": "ukośnik",
    "ru": "слэш",
}
_HYPHEN = {
    "en": "dash",
    "es": "guion",
    "pt": "hífen",
    "fr": "tiret",
    "de": "minus",
    "it": "trattino",
    "ro": "liniuță",
    "nl": "streepje",
    "pl": "myślnik",
    "ru": "дефис",
}
_MAIL = (
    "gmail.com",
    "hotmail.com",
    "mail.example",
    "post.test",
    "proton.me",
    "gmx.de",
    "libero.it",
    "wp.pl",
    "casa-blu.example",
)
_STEMS = ("ana", "luna", "mia", "bella", "sofia", "kika", "nora", "alex", "rose", "lola", "vera", "dana")
_PLATFORM = {
    "telegram": ("t.me/{}", "https://t.me/{}", "telegram.me/{}"),
    "instagram": ("instagram.com/{}", "https://www.instagram.com/{}/"),
    "facebook": ("facebook.com/{}", "https://m.facebook.com/{}"),
    "tiktok": ("https://www.tiktok.com/@{}", "tiktok.com/@{}"),
    "twitter": ("https://x.com/{}", "twitter.com/{}"),
    "vk": ("vk.com/{}", "https://vk.com/{}"),
    "snapchat": ("https://www.snapchat.com/add/{}", "snapchat.com/add/{}"),
    "onlyfans": ("onlyfans.com/{}", "https://onlyfans.com/{}"),
}
_LABELS = {
    "telegram": ("Telegram: {}", "tg: @{}", "Telegram @{}", "TG - @{}", "telegram = {}"),
    "instagram": ("insta: {}", "IG: @{}", "Instagram @{}", "ig - {}"),
    "snapchat": ("snap: {}", "Snapchat: {}", "sc: {}"),
    "skype": ("skype: {}", "Skype: live:{}"),
    "wechat": ("WeChat: {}", "wechat id: {}"),
    "discord": ("discord: {}", "Discord @{}"),
    "kik": ("kik: {}", "KIK {}"),
    "line": ("LINE ID: {}", "line: {}"),
    "tiktok": ("TikTok: @{}", "tiktok @{}"),
    "onlyfans": ("OnlyFans: {}", "OF: @{}"),
    "facebook": ("fb: {}", "Facebook: {}"),
    "threema": ("Threema: {}",),
}


def name(r: random.Random) -> str:
    """An invented user name."""
    return r.choice(["{a}_{b}{n}", "{a}.{b}{n}", "{a}{b}{n}", "{a}_{n}", "x{a}{n}x"]).format(
        a=r.choice(_STEMS), b=r.choice(_STEMS), n=r.randrange(10, 1000)
    )


def _plain_name(r: random.Random) -> str:
    return f"{r.choice(_STEMS)}{r.choice(['_', ''])}{r.choice(_STEMS)}{r.randrange(10, 1000)}"


def _email(form: str) -> Address:
    def make(lang: str, r: random.Random) -> tuple[str, str, str]:
        local, domain = f"{r.choice(_STEMS)}{r.choice(['.', '_', ''])}{r.randrange(10, 99)}", r.choice(_MAIL)
        host, top = domain.rsplit(".", 1)
        text = form.format(
            local=local, host=host, top=top, at=_AT[lang], dot=_DOT[lang], AT=_AT[lang].upper()
        )
        return text, "email", f"{local}@{domain}"

    return make


def _page(*forms: str) -> Address:
    def make(lang: str, r: random.Random) -> tuple[str, str, str]:
        host = f"{r.choice(_STEMS)}-{r.choice(_STEMS)}{r.randrange(100)}"
        top = r.choice(["example", "test", "com", "es", "ru", "com.br", "co.uk", "xyz"])
        path = r.choice(["", "/anuncio/12", "/a/b?id=7"])
        text = r.choice(forms).format(host=host, top=top, path=path, dot=_DOT[lang])
        scheme = "http" if text.startswith(("http:", "hxxp:")) else "https"
        www = "www." if "www" in text else ""
        return text, "url", f"{scheme}://{www}{host}.{top}{path or '/'}"

    return make


def _dictated_page(lang: str, r: random.Random) -> tuple[str, str, str]:
    first, second, page = r.choice(_STEMS), r.choice(_STEMS), f"{r.choice(_STEMS)}{r.randrange(10)}"
    top = r.choice(["example", "test", "com", "net"])
    form = r.choice(
        [
            "{a}-{b} {dot} {top} {slash} {page}",
            "{a} {hyphen} {b} {dot} {top} {slash} {page}",
            "{a}-{b}({dot}){top}({slash}){page}",
            "{a}-{b} . {top} / {page}",
            "{a}-{b}.{top} {slash} {page}",
            "www {dot} {a}-{b} {dot} {top} {slash} {page}",
        ]
    )
    words = {"dot": _DOT[lang], "slash": _SLASH[lang], "hyphen": _HYPHEN[lang]}
    text = form.format(a=first, b=second, top=top, page=page, **words)
    www = "www." if text.startswith("www") else ""
    return text, "url", f"https://{www}{first}-{second}.{top}/{page}"


def _link(lang: str, r: random.Random) -> tuple[str, str, str]:
    platform = r.choice(list(_PLATFORM))
    who = _plain_name(r)
    return r.choice(_PLATFORM[platform]).format(who), "messenger", f"{platform}:{who}"


def _label(lang: str, r: random.Random) -> tuple[str, str, str]:
    platform = r.choice(list(_LABELS))
    who = _plain_name(r)
    return r.choice(_LABELS[platform]).format(who), "messenger", f"{platform}:{who}"


def _spaced_link(lang: str, r: random.Random) -> tuple[str, str, str]:
    who = _plain_name(r)
    form = r.choice(["t . me / {}", "t.me / {}", "t[.]me/{}", "t(dot)me/{}", "t {dot} me / {}", "t .me/{}"])
    return form.format(who, dot=_DOT[lang]), "messenger", f"telegram:{who}"


def _at_name(lang: str, r: random.Random) -> tuple[str, str, str]:
    who = name(r)
    return r.choice(["@{}", "(@{})", "@{}!", "->@{}"]).format(who), "username", who


ADDRESSES: dict[str, Address] = {
    "email plain": _email("{local}@{host}.{top}"),
    "email words": _email("{local} {at} {host} {dot} {top}"),
    "email shouted": _email("{local} {AT} {host}.{top}"),
    "email brackets": _email("{local}(at){host}(dot){top}"),
    "email square": _email("{local} [at] {host} [dot] {top}"),
    "email local brackets": _email("{local}({at}){host}({dot}){top}"),
    "email spaced": _email("{local} @ {host} . {top}"),
    "email spaced at": _email("{local} @{host}.{top}"),
    "page plain": _page(
        "https://{host}.{top}{path}",
        "http://{host}.{top}{path}",
        "{host}.{top}{path}",
        "www.{host}.{top}{path}",
    ),
    "page brackets": _page(
        "{host}[.]{top}{path}",
        "hxxps://{host}[.]{top}{path}",
        "{host}(.){top}{path}",
        "{host}(dot){top}{path}",
    ),
    "page words": _page("www {dot} {host} {dot} {top}{path}", "{host} ({dot}) {top}{path}"),
    "page dictated": _dictated_page,
    "social link": _link,
    "labelled name": _label,
    "spaced link": _spaced_link,
    "name with at": _at_name,
}
# Prose with at signs, platforms' names and dots that name nobody.
NOBODY = (
    "open @ 10am every day",
    "2 girls @ 50 each",
    "meet at the station. we are open",
    "signal: strong, line: busy",
    "telegram or whatsapp ok",
    "follow us on instagram: new photos daily",
    "see you at home.please call",
    "hola.que tal",
    "end of text.Next one",
    "a.m. or p.m., no. 7",
    "snap: I love it",
    "my insta is private",
    "session: two hours",
    "line: straight ahead",
    "skype: not now",
    "discord between them",
    "facebook: no thanks",
    "write me on telegram: always online",
    "price @100 or @ 80",
    "10@20 deal",
    "e.g. this, i.e. that, etc.etc.",
    "Mr.Smith and St.John",
    "U.S.A. and U.K.",
    "node.js is fine",
    "vs. them",
    "escribe por telegram: respuesta rápida",
    "line up: first come",
    "tg: да",
    "ig: sí",
    "tiktok: videos nuevos cada día",
    "all @ home or @ work",
    "contact @ reception",
    "rate: 3.5/5 stars",
    "version 2.0.Next",
    "slash and burn, dot your i's",
    "la barra del bar, punto de encuentro",
    "Der Punkt ist klar / so weit",
    "good . To / from the airport",
    "salida / regreso . Info en barra",
    "barre de son, point de vente",
)
