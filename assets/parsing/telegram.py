"""Telegram channels: the public preview (`t.me/s/<channel>`) and exports of Telegram Desktop (`result.json`)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import ada_url
import orjson
from selectolax.lexbor import LexborHTMLParser, LexborNode

from assets.parsing.dates import parse_date
from assets.parsing.text import visible_text

_BACKGROUND = re.compile(r"background-image:\s*url\(\s*['\"]?(.*?)['\"]?\s*\)")
_COUNT = re.compile(r"^\s*([\d.,\s]+?)\s*([KMB]?)\s*$", re.IGNORECASE)
_MAGNITUDE = {"": 1, "K": 1_000, "M": 1_000_000, "B": 1_000_000_000}


class TelegramFormatError(ValueError):
    """A file that is no export of Telegram Desktop; the message says what is missing."""


class Media(NamedTuple):
    """An attachment: `kind` (photo, video, round-video, audio, sticker, location, thumbnail-…) and `url`."""

    kind: str
    url: str


@dataclass(frozen=True, slots=True)
class LinkPreview:
    """The card that Telegram shows under a message for its first link."""

    url: str | None
    image_url: str | None
    site_name: str | None
    title: str | None
    description: str | None


@dataclass(frozen=True, slots=True)
class ChannelMessage:
    """One post of a channel, whichever way it was obtained.

    `text` reads as shown (inline marks joined, `<br>` as line break); `text_runs` are its stripped text nodes.
    `type`: text, photo, video, round-video, audio, sticker, location, poll, document, multimedia or service.
    """

    channel: str
    id: int
    created_at: datetime | None
    type: str
    text: str
    text_runs: tuple[str, ...] = ()
    author: str | None = None
    edited: bool = False
    edited_at: datetime | None = None
    views: int | None = None
    reply_to_id: int | None = None
    forwarded_author: str | None = None
    forwarded_author_url: str | None = None
    links: tuple[str, ...] = ()
    media: tuple[Media, ...] = ()
    thumbnails: tuple[Media, ...] = ()
    emoji_images: tuple[str, ...] = ()
    preview: LinkPreview | None = None
    poll: tuple[str, ...] = ()
    document_title: str | None = None


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """What the header of a preview says about its channel."""

    username: str | None
    title: str | None
    image_url: str | None
    description: str | None
    counters: dict[str, int] = field(default_factory=dict)


def channel_address(written: str) -> str:
    """The address of a channel's public preview for a name, `@name`, or any `t.me` address of it (str → str)."""
    path = urlsplit(written.strip()).path
    if path.startswith("t.me/"):
        path = path.removeprefix("t.me")
    name = path.removeprefix("/s/").lstrip("/").removeprefix("@").partition("/")[0]
    return f"https://t.me/s/{name}"


def read_count(text: str | None) -> int | None:
    """A shortened count ("436.6K", "3.1M", "1 204") as a number; None if it is none."""
    match = _COUNT.match(text or "")
    if match is None:
        return None
    digits = re.sub(r"\s", "", match[1])
    magnitude = _MAGNITUDE[match[2].upper()]
    if magnitude == 1:
        digits = re.sub(r"[.,]", "", digits)
    try:
        return round(float(digits.replace(",", ".")) * magnitude)
    except ValueError:
        return None


def _join(base: str, address: str | None) -> str | None:
    if not address:
        return None
    try:
        return ada_url.join_url(base, address)
    except ValueError:
        return None


def _background(base: str, node: LexborNode) -> str | None:
    match = _BACKGROUND.search(node.attributes.get("style") or "")
    return _join(base, match[1]) if match else None


def _runs(node: LexborNode | None) -> tuple[str, ...]:
    if node is None:
        return ()
    texts = (child.text_content or "" for child in node.traverse(include_text=True) if child.is_text_node)
    return tuple(text.strip() for text in texts if text.strip())


def _text(node: LexborNode | None) -> str | None:
    return (visible_text(node.html or "") or None) if node is not None else None


def _attributes(base: str, node: LexborNode, selector: str, attribute: str) -> list[str]:
    urls = (_join(base, found.attributes.get(attribute)) for found in node.css(selector))
    return list(dict.fromkeys(url for url in urls if url))


def read_preview_info(html: str) -> ChannelInfo:
    """The channel's name, title, picture, description and counters from a preview page."""
    tree = LexborHTMLParser(html)

    def meta(name: str) -> str | None:
        node = tree.css_first(f'meta[property="og:{name}"]')
        return node.attributes.get("content") if node is not None else None

    username = _text(tree.css_first(".tgme_channel_info_header_username"))
    counters: dict[str, int] = {}
    for counter in tree.css(".tgme_channel_info_counter"):
        kind, value = _text(counter.css_first(".counter_type")), _text(counter.css_first(".counter_value"))
        count = read_count(value)
        if kind and count is not None:
            counters[kind if kind.endswith("s") else kind + "s"] = count
    return ChannelInfo(username.lstrip("@") if username else None, meta("title"), meta("image"),
                       meta("description"), counters)  # fmt: skip


def read_preview(html: str, url: str = "https://t.me/s/") -> list[ChannelMessage]:
    """The messages of a preview page in page order (oldest first). A page without posts gives an empty list."""
    tree = LexborHTMLParser(html)
    messages = []
    for node in tree.css("[data-post]"):
        message = _preview_message(node, url)
        if message is not None:
            messages.append(message)
    return messages


def _preview_message(node: LexborNode, base: str) -> ChannelMessage | None:
    channel, _, number = (node.attributes.get("data-post") or "").rpartition("/")
    if not channel or not re.fullmatch(r"[0-9]{1,15}", number):
        return None
    # A reply quotes the other message's text within its own link: that is not this message's text.
    texts = [
        found
        for found in node.css(".tgme_widget_message_text")
        if found.parent is None
        or "tgme_widget_message_reply" not in (found.parent.attributes.get("class") or "")
    ]
    body = texts[0] if texts else None
    text, runs = _text(body) or "", _runs(body)
    classes = (node.attributes.get("class") or "").split()
    service = "service_message" in classes
    meta = node.css_first(".tgme_widget_message_meta")
    stamp = node.css_first(".tgme_widget_message_date time[datetime]") or node.css_first("time[datetime]")
    created = None
    if stamp is not None:
        created = parse_date(stamp.attributes.get("datetime"), reference=datetime.now(UTC))
    reply = node.css_first("a.tgme_widget_message_reply")
    replied = (
        (reply.attributes.get("href") or "").rpartition("/")[2].partition("?")[0] if reply is not None else ""
    )
    forwarded = node.css_first(".tgme_widget_message_forwarded_from_name")
    media, kind = _attachments(node, base, body is not None, service)
    thumbnails = [
        Media(f"thumbnail-{place}", found)
        for place in ("reply", "video", "roundvideo")
        for thumb in node.css(f"i.tgme_widget_message_{place}_thumb")
        if (found := _background(base, thumb))
    ]
    emoji = [
        found
        for image in (body.css("i.emoji") if body is not None else [])
        if (found := _background(base, image))
    ]
    return ChannelMessage(
        channel=channel,
        id=int(number),
        created_at=created,
        type=kind,
        text=text,
        text_runs=runs,
        author=_text(node.css_first(".tgme_widget_message_from_author")),
        edited=meta is not None and "edited" in meta.text(deep=False),
        views=read_count(_text(node.css_first(".tgme_widget_message_views"))),
        reply_to_id=int(replied) if re.fullmatch(r"[0-9]{1,15}", replied) else None,
        forwarded_author=_text(forwarded) or _text(node.css_first(".tgme_widget_message_forwarded_from")),
        forwarded_author_url=forwarded.attributes.get("href") if forwarded is not None else None,
        links=() if service or body is None else tuple(_attributes(base, body, "a[href]", "href")),
        media=tuple(media),
        thumbnails=() if service else tuple(thumbnails),
        emoji_images=() if service else tuple(emoji),
        preview=_link_preview(node, base),
        poll=tuple(
            found
            for part in node.css(".tgme_widget_message_poll_question, .tgme_widget_message_poll_option_text")
            if (found := _text(part))
        ),
        document_title=_text(node.css_first(".tgme_widget_message_document_title")),
    )


def _attachments(node: LexborNode, base: str, has_text: bool, service: bool) -> tuple[list[Media], str]:
    """Media in the order sticker, location, audio, photos, videos, and the message type that they make."""
    if service:
        return [
            Media("photo", url) for url in _attributes(base, node, "a[class*=service_photo] img", "src")
        ], "service"
    media: list[Media] = []
    kinds: list[str] = []

    def add(kind: str, urls: list[str], *, present: bool = False) -> None:
        media.extend(Media(kind, url) for url in urls)
        if (urls or present) and kind not in kinds:
            kinds.append(kind)

    add("sticker", _attributes(base, node, "i.tgme_widget_message_sticker", "data-webp"))
    add("location", _attributes(base, node, "a.tgme_widget_message_location_wrap", "href"))
    add("audio", _attributes(base, node, "audio[src]", "src"))
    if node.css_first(".tgme_widget_message_document") is not None:
        add("document", [], present=True)
    if node.css_first(".tgme_widget_message_poll") is not None:
        add("poll", [], present=True)
    photos = (_background(base, photo) for photo in node.css("a.tgme_widget_message_photo_wrap"))
    add("photo", [url for url in photos if url])
    add("round-video", _attributes(base, node, "video.tgme_widget_message_roundvideo", "src"))
    videos = _attributes(base, node, "video.tgme_widget_message_video", "src")
    add("video", videos, present=node.css_first("a.tgme_widget_message_video_player") is not None)
    if not kinds:
        return media, "text"
    return media, kinds[0] if len(kinds) == 1 else "multimedia"


def _link_preview(node: LexborNode, base: str) -> LinkPreview | None:
    card = node.css_first("a.tgme_widget_message_link_preview")
    if card is None:
        return None
    image = card.css_first("i[class*=link_preview_]")
    return LinkPreview(
        url=card.attributes.get("href"),
        image_url=_background(base, image) if image is not None else None,
        site_name=_text(card.css_first(".link_preview_site_name")),
        title=_text(card.css_first(".link_preview_title")),
        description=_text(card.css_first(".link_preview_description")),
    )


def read_export(data: bytes) -> list[ChannelMessage]:
    """The messages of a Telegram Desktop export in JSON: one chat, or all chats (`chats.list`).

    Text may be a string or a list of strings and entities. Raises `TelegramFormatError` on anything else.
    """
    try:
        content = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise TelegramFormatError(
            f"not JSON (byte {error.pos} of {len(data)}); export again as JSON"
        ) from None
    chats: list[Any] = []
    if isinstance(content, dict):
        if isinstance(content.get("messages"), list):
            chats = [content]
        else:
            for part in ("chats", "left_chats"):
                listed = content.get(part)
                chats += listed.get("list") or [] if isinstance(listed, dict) else []
    if not chats:
        raise TelegramFormatError(
            "neither `messages` nor `chats.list` found; export a chat as JSON (result.json)"
        )
    messages: list[ChannelMessage] = []
    for chat in chats:
        if isinstance(chat, dict) and isinstance(chat.get("messages"), list):
            messages.extend(_exported_messages(chat))
    return messages


def _exported_messages(chat: dict[str, Any]) -> Iterator[ChannelMessage]:
    channel = str(chat.get("username") or chat.get("name") or chat.get("id") or "unnamed")
    members: dict[str, set[str]] = {}
    for message in chat["messages"]:
        if isinstance(message, dict) and (name := _words(message.get("from"))):
            members.setdefault(name, set()).add(str(message.get("from_id")))
    for message in chat["messages"]:
        if not isinstance(message, dict) or _whole(message.get("id")) is None:
            continue
        runs, links = _exported_text(message.get("text") or message.get("text_entities"))
        text = "".join(runs).strip()
        if message.get("type") == "service":
            kind = "service"
            action = str(message.get("action") or "").replace("_", " ")
            text = text or " ".join(part for part in (action, str(message.get("title") or "")) if part)
        else:
            kind = _exported_kind(message)
        media = [
            Media("photo" if key == "photo" else kind, path)
            for key in ("photo", "file")
            if isinstance(path := message.get(key), str) and not path.startswith("(")
        ]
        poll = message.get("poll")
        answers: list[str] = []
        if isinstance(poll, dict):
            options = poll.get("answers") if isinstance(poll.get("answers"), list) else []
            answers = [str(poll.get("question") or "")]
            answers += [str(option.get("text") or "") for option in options or [] if isinstance(option, dict)]
        yield ChannelMessage(
            channel=channel,
            id=message["id"],
            created_at=_exported_time(message, "date"),
            type=kind,
            text=text,
            text_runs=tuple(run.strip() for run in runs if run.strip()),
            author=_words(message.get("author")) or _exported_author(message, members),
            edited=bool(message.get("edited")),
            edited_at=_exported_time(message, "edited"),
            views=_whole(message.get("views")),
            reply_to_id=_whole(message.get("reply_to_message_id")),
            forwarded_author=_words(message.get("forwarded_from")),
            links=tuple(dict.fromkeys(links)),
            media=tuple(media),
            poll=tuple(answer for answer in answers if answer),
            document_title=_words(message.get("file_name")),
        )


def _exported_author(message: dict[str, Any], members: dict[str, set[str]]) -> str | None:
    """Who wrote a message: the name shown, with the member's number where several members show it.

    `members`: of each name the numbers.
    """
    name = _words(message.get("from") or message.get("actor"))
    if name is None or len(members.get(name, ())) < 2 or message.get("from_id") is None:
        return name
    return f"{name} ({message['from_id']})"


def _whole(value: object) -> int | None:
    """A whole number that fits a column."""
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63 else None


def _words(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _exported_text(text: object) -> tuple[list[str], list[str]]:
    """Text runs and links of a message: a string, or a list of strings and `{type, text, href?}` entities."""
    if isinstance(text, str):
        return [text], []
    runs: list[str] = []
    links: list[str] = []
    for part in text if isinstance(text, list) else []:
        if isinstance(part, str):
            runs.append(part)
        elif isinstance(part, dict):
            words = part.get("text") if isinstance(part.get("text"), str) else ""
            runs.append(words or "")
            kind = part.get("type")
            if kind == "text_link" and isinstance(part.get("href"), str):
                links.append(part["href"])
            elif kind == "link" and words:
                links.append(words if "://" in words else f"https://{words}")
            elif kind == "mention" and words:
                links.append(f"https://t.me/{words.lstrip('@')}")
            elif kind == "phone" and words:
                links.append("tel:" + re.sub(r"[^\d+]", "", words))
            elif kind == "email" and words:
                links.append(f"mailto:{words}")
    return runs, links


def _exported_kind(message: dict[str, Any]) -> str:
    named = message.get("media_type")
    kinds = {"video_message": "round-video", "video_file": "video", "animation": "video", "voice_message": "audio",
             "audio_file": "audio", "sticker": "sticker"}  # fmt: skip
    if isinstance(named, str):
        return kinds.get(named, "document")
    for key, kind in (
        ("photo", "photo"),
        ("poll", "poll"),
        ("location_information", "location"),
        ("file", "document"),
    ):
        if message.get(key):
            return kind
    return "text"


def _exported_time(message: dict[str, Any], key: str) -> datetime | None:
    """Unix seconds where given; the plain date is in the exporter's own time zone, read as UTC."""
    seconds = message.get(f"{key}_unixtime")
    if isinstance(seconds, str | int) and re.fullmatch(r"[0-9]{1,10}", str(seconds)):
        return datetime.fromtimestamp(int(seconds), tz=UTC)
    written = message.get(key)
    return parse_date(written, reference=datetime.now(UTC)) if isinstance(written, str) else None
