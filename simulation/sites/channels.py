"""Public previews of two messenger channels: twenty posts a page, older ones behind `?before=`."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from html import escape

from simulation.items import CHANNELS, Item
from simulation.randomness import stream, token
from simulation.sites.page import Page, html
from simulation.wording import write
from simulation.world import World

HOST = "telegram.test"
PER_PAGE = 20
TITLES = {"workabroadnow": "Work Abroad Now 🌍", "citycontacts": "City Contacts"}
_LINK = re.compile(r"https?://[^\s<]+|(?<![\w.-])@[a-z0-9_]{5,}")


class ChannelPreviews:
    """`/s/<channel>`, with `?before=` or `?after=` a message number."""

    hosts = (HOST,)

    def __init__(self, world: World) -> None:
        self._seed = world.seed
        self._items = {site.split(".")[0]: world.items[site] for site in CHANNELS}
        self._numbers = {channel: [item.number for item in items] for channel, items in self._items.items()}

    def page(self, host: str, path: str, query: Mapping[str, str]) -> Page | None:
        """See `Site.page`."""
        channel = path.removeprefix("/s/")
        if not path.startswith("/s/") or channel not in self._items:
            return None
        items, numbers = self._items[channel], self._numbers[channel]
        before, after = query.get("before", ""), query.get("after", "")
        end = len(items)
        if before.isascii() and before.isdigit():
            end = bisect_left(numbers, int(before))
        elif after.isascii() and after.isdigit():
            end = min(end, bisect_right(numbers, int(after)) + PER_PAGE)
        shown = items[max(0, end - PER_PAGE) : end]
        messages = "".join(self._message(channel, item) for item in shown)
        if shown and shown[0] is items[0]:
            messages = _service(channel, shown[0]) + messages
        elif shown:
            older = shown[0].number
            messages = (
                '<div class="tgme_widget_message_centered js-messages_more_wrap">'
                f'<a href="/s/{channel}?before={older}" class="tme_messages_more js-messages_more" '
                f'data-before="{older}"></a></div>\n{messages}'
            )
        return Page(
            html(f"{TITLES[channel]} – Telegram", _frame(channel, messages, len(items))),
            modified=shown[-1].posted if shown else None,
            gzip=True,
        )

    def _message(self, channel: str, item: Item) -> str:
        random = stream(self._seed, "message", channel, item.number)
        words = write(item, self._seed)
        text = f"{words.title}\n{words.text}" if words.title else words.text
        address = f"https://t.me/{channel}/{item.number}"
        views = random.randint(40, 90_000)
        shown_views = f"{views / 1000:.1f}K" if views >= 1000 else str(views)
        photo = ""
        if item.images:
            photo = (
                f'<a class="tgme_widget_message_photo_wrap" href="{address}" style="width:800px;background-image:'
                f'url(\'{item.images[0]}\')"><div class="tgme_widget_message_photo"></div></a>'
            )
        forwarded = ""
        if item.controller is None and random.random() < 0.06:
            origin = token(6, self._seed, "origin", channel, random.randrange(30))
            forwarded = (
                '<div class="tgme_widget_message_forwarded_from accent_color">Forwarded from&nbsp;'
                f'<a class="tgme_widget_message_forwarded_from_name" href="https://t.me/board_{origin}">'
                f'<span dir="auto">Board {origin}</span></a></div>'
            )
        reply = ""
        if item.role == "chat" and item.number > 40 and random.random() < 0.1:
            other = item.number - random.randint(1, 30)
            reply = (
                f'<a class="tgme_widget_message_reply" href="https://t.me/{channel}/{other}"><div '
                f'class="tgme_widget_message_text js-message_reply_text" dir="auto">…</div></a>'
            )
        edited = "edited &nbsp;" if random.random() < 0.04 else ""
        return (
            '<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message '
            f'text_not_supported_wrap js-widget_message" data-post="{channel}/{item.number}">'
            f'<div class="tgme_widget_message_user"><a href="https://t.me/{channel}">'
            f'<i class="tgme_widget_message_user_photo bgcolor3" data-content="{channel[0].upper()}"></i></a></div>'
            '<div class="tgme_widget_message_bubble">'
            f'<div class="tgme_widget_message_author accent_color"><a class="tgme_widget_message_owner_name" '
            f'href="https://t.me/{channel}"><span dir="auto">{_emoji(escape(TITLES[channel]))}</span></a></div>\n'
            f"{forwarded}{reply}{photo}"
            f'<div class="tgme_widget_message_text js-message_text" dir="auto">{_rich(text)}</div>\n'
            '<div class="tgme_widget_message_footer compact js-message_footer">'
            '<div class="tgme_widget_message_info short js-message_info">'
            f'<span class="tgme_widget_message_views">{shown_views}</span><span class="copyonly"> views</span>'
            '<span class="tgme_widget_message_meta"><span class="tgme_widget_message_from_author" dir="auto">'
            f'{escape(item.account)}</span>, {edited}<a class="tgme_widget_message_date" href="{address}">'
            f'<time datetime="{item.posted:%Y-%m-%dT%H:%M:%S+00:00}" class="time">{item.posted:%H:%M}</time></a>'
            "</span></div></div></div></div></div>\n"
        )


def _rich(text: str) -> str:
    """Message text as the preview shows it: links, mentions, line breaks, emoji in their own elements."""

    def link(match: re.Match[str]) -> str:
        found = match[0]
        target = f"https://t.me/{found[1:]}" if found[0] == "@" else found
        return f'<a href="{target}" target="_blank" rel="noopener">{found}</a>'

    return _emoji(_LINK.sub(link, escape(text, quote=False))).replace("\n", "<br/>")


def _emoji(text: str) -> str:
    for sign in ("📍", "☎", "🌍"):
        text = text.replace(
            sign,
            f'<i class="emoji" style="background-image:url(\'//img.test/{ord(sign):X}.png\')"><b>{sign}</b></i>',
        )
    return text


def _service(channel: str, first: Item) -> str:
    """The post that opens a channel; it is no message of anybody."""
    return (
        '<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message '
        f'text_not_supported_wrap service_message js-widget_message" data-post="{channel}/0"><div '
        'class="tgme_widget_message_bubble"><div class="tgme_widget_message_text js-message_text" dir="auto">'
        'Channel created</div><div class="tgme_widget_message_footer compact js-message_footer">'
        '<div class="tgme_widget_message_info short"><span class="tgme_widget_message_meta">'
        f'<a class="tgme_widget_message_date" href="https://t.me/{channel}/0"><time '
        f'datetime="{first.posted:%Y-%m-%dT00:00:00+00:00}" class="time">00:00</time></a>'
        "</span></div></div></div></div></div>\n"
    )


def _frame(channel: str, messages: str, count: int) -> str:
    return (
        f'<header class="tgme_header"><div class="tgme_channel_info"><div class="tgme_channel_info_header_username">'
        f'<a href="https://t.me/{channel}">@{channel}</a></div><div class="tgme_channel_info_counters"><div '
        f'class="tgme_channel_info_counter"><span class="counter_value">{count * 7}</span> <span class="counter_type">'
        f'subscribers</span></div></div></div></header>\n<main class="tgme_main"><section class="tgme_channel_history '
        f'js-message_history">\n{messages}</section></main>'
    )
