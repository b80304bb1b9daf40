"""Posts of channels, from previews and from exports of Telegram Desktop."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.parsing.telegram import (
    TelegramFormatError,
    channel_address,
    read_count,
    read_export,
    read_preview,
)

PREVIEW = """<section class="tgme_channel_history"><div class="tgme_widget_message_wrap">
<div class="tgme_widget_message js-widget_message" data-post="jobs_example/41">
<a class="tgme_widget_message_reply" href="https://t.me/jobs_example/40">
 <div class="tgme_widget_message_text js-message_reply_text">quoted words</div></a>
<div class="tgme_widget_message_text js-message_text">Work in <b>Vi</b><i>go</i>, call +34 600 <b>000</b> 001<br/>
 or <a href="https://t.me/agent_example">write</a></div>
<span class="tgme_widget_message_views">1.2K</span><span class="tgme_widget_message_meta">
<a class="tgme_widget_message_date" href="https://t.me/jobs_example/41">
<time datetime="2026-07-01T08:00:00+00:00"></time>
</a></span></div></div></section>"""


def test_a_preview_post_reads_as_shown_and_leaves_out_what_it_quotes() -> None:
    (message,) = read_preview(PREVIEW)
    assert message.text == "Work in Vigo, call +34 600 000 001\nor write"
    assert message.reply_to_id == 40
    assert message.views == 1200
    assert message.links == ("https://t.me/agent_example",)
    assert message.created_at == datetime(2026, 7, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("shown", "count"),
    [
        ("2", 2),
        ("436.6K", 436600),
        ("3.1M", 3100000),
        ("1 204", 1204),
        ("1,204", 1204),
        ("", None),
        ("many", None),
    ],
)
def test_shortened_counts(shown: str, count: int | None) -> None:
    assert read_count(shown) == count


def test_spellings_of_a_channel() -> None:
    for written in (
        "@jobs_example",
        "jobs_example",
        "t.me/jobs_example/7",
        "https://t.me/s/jobs_example?before=9",
    ):
        assert channel_address(written) == "https://t.me/s/jobs_example"


def export_of(*messages: dict[str, Any], **chat: Any) -> dict[str, Any]:
    return {"name": "Jobs", "type": "public_channel", "id": 99, "messages": list(messages), **chat}


def message_of(number: int, **changes: Any) -> dict[str, Any]:
    return {"id": number, "type": "message", "date": "2026-07-01T10:00:00", "text": "hello", **changes}


def test_an_export_of_one_chat() -> None:
    export = export_of(
        message_of(1, **{"from": "Rosa", "date_unixtime": "1782892800"}),
        message_of(
            2,
            text=[
                "Call ",
                {"type": "phone", "text": "+34 600 000 001"},
                " or ",
                {"type": "text_link", "text": "here", "href": "https://jobs.example/"},
                {"type": "mention", "text": "@agent_example"},
            ],
            edited="2026-07-02T10:00:00",
            edited_unixtime="1782979200",
            reply_to_message_id=1,
            forwarded_from="Other",
            photo="photos/1.jpg",
        ),
        {
            "id": 3,
            "type": "service",
            "date": "2026-07-01T10:00:00",
            "action": "pin_message",
            "text": "",
            "actor": "Rosa",
        },
        message_of(4, text="", poll={"question": "Go?", "answers": [{"text": "yes"}, {"text": "no"}]}),
        message_of(5, text="", media_type="voice_message", file="(File not included)"),
    )
    plain, rich, service, poll, voice = read_export(orjson.dumps(export))
    assert (plain.channel, plain.author) == ("Jobs", "Rosa")
    assert plain.created_at == datetime(2026, 7, 1, 8, tzinfo=UTC)
    assert rich.text == "Call +34 600 000 001 or here@agent_example"
    assert rich.links == ("tel:+34600000001", "https://jobs.example/", "https://t.me/agent_example")
    assert rich.edited_at == datetime(2026, 7, 2, 8, tzinfo=UTC)
    assert (rich.reply_to_id, rich.forwarded_author, rich.type) == (1, "Other", "photo")
    assert (service.type, service.text) == ("service", "pin message")
    assert (poll.type, poll.poll) == ("poll", ("Go?", "yes", "no"))
    assert (voice.type, voice.media) == ("audio", ())


def test_a_full_export_has_every_chat() -> None:
    full = {"chats": {"list": [export_of(message_of(1)), export_of(message_of(1), name="Other")]}}
    assert [message.channel for message in read_export(orjson.dumps(full))] == ["Jobs", "Other"]


def test_members_who_show_one_name_are_told_apart() -> None:
    """By the members' numbers; a name that one member shows stays as it is, and so does one without a number."""
    shown = (("Maria", "user7"), ("Rosa", "user8"), ("Maria", "user9"), ("Maria", "user7"), ("Rosa", None))
    named = [
        message_of(number, **{"from": name} | ({} if member is None else {"from_id": member}))
        for number, (name, member) in enumerate(shown)
    ]
    authors = [message.author for message in read_export(orjson.dumps(export_of(*named[:4])))]
    assert authors == ["Maria (user7)", "Rosa", "Maria (user9)", "Maria (user7)"]
    assert [message.author for message in read_export(orjson.dumps(export_of(*named)))][4] == "Rosa"


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b'{"chats": {}}', b"\xff\xfe"])
def test_another_file_is_refused_with_the_remedy(data: bytes) -> None:
    with pytest.raises(TelegramFormatError, match=r"export"):
        read_export(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**12) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["text", "href", "type"]), inner)
    ),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "id",
                "text",
                "date",
                "date_unixtime",
                "edited",
                "photo",
                "poll",
                "views",
                "from",
                "type",
                "media_type",
            ]
        ),
        json_values,
    )
)
def test_odd_messages_never_make_the_export_raise(message: dict[str, Any]) -> None:
    read_export(orjson.dumps(export_of({"id": 1, **message})))
