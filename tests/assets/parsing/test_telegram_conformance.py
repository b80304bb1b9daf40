"""The channel preview parser against the cases of PythonicCafe/tchan (kept outside the repository)."""

import json
from pathlib import Path
from typing import Any

import pytest

from assets.parsing.telegram import ChannelMessage, channel_address, read_preview, read_preview_info

_FOLDER = Path(__file__).resolve().parents[4] / "shared" / "conformance" / "telegram_preview_tchan"
_CASES = (
    [json.loads(line) for line in (_FOLDER / "cases.jsonl").read_text(encoding="utf-8").splitlines()]
    if (_FOLDER / "cases.jsonl").exists()
    else []
)

pytestmark = pytest.mark.skipif(not _CASES, reason="the conformance cases are not on this machine")


def as_case(message: ChannelMessage) -> dict[str, Any]:
    """Our message in the cases' vocabulary: their text is the text nodes, a line each (joined in service posts)."""
    service = message.type == "service"
    urls: list[list[str]] = [["photo", url] for url in message.emoji_images[:1]]
    renamed = {"sticker": "photo", "location": "link"}
    urls += [[renamed.get(medium.kind, medium.kind), medium.url] for medium in message.media]
    urls += [["link", url] for url in message.links]
    urls += [[medium.kind, medium.url] for medium in message.thumbnails]
    case: dict[str, Any] = {
        "id": message.id,
        "created_at": repr(message.created_at),
        "type": message.type,
        "channel": message.channel,
        "urls": urls,
        "author": message.author,
        "edited": message.edited,
        "text": ("" if service else "\n").join(message.text_runs) or None,
        "views": message.views,
        "reply_to_id": message.reply_to_id,
        "forwarded_author": message.forwarded_author,
        "forwarded_author_url": message.forwarded_author_url,
    }
    if message.preview is not None:
        card = message.preview
        case |= {
            "preview_url": card.url,
            "preview_image_url": card.image_url,
            "preview_site_name": card.site_name,
            "preview_title": card.title,
            "preview_description": card.description,
        }
    return case


@pytest.mark.parametrize("case", _CASES, ids=[case["test"] for case in _CASES])
def test_a_preview_page_reads_as_the_case_expects(case: dict[str, Any]) -> None:
    expected = case["expected"]
    if expected and expected[0]["_type"] == "ChannelInfo":
        info = read_preview_info(case["html"])
        wanted = {key: value for key, value in expected[0].items() if key != "_type"}
        found = {
            "username": info.username,
            "title": info.title,
            "image_url": info.image_url,
            "description": info.description,
            **info.counters,
        }
        assert found == wanted
        return
    channel = expected[0]["channel"] if expected else ""
    messages = read_preview(case["html"], f"https://t.me/s/{channel}")
    assert len(messages) == len(expected)
    for message, wanted in zip(messages, expected, strict=True):
        found = as_case(message)
        assert found["created_at"] == wanted["created_at"]
        for key, value in wanted.items():
            if key not in ("_type", "created_at"):
                assert found.get(key) == value, key


def test_every_spelling_of_a_channel_becomes_its_preview_address() -> None:
    for written, wanted in json.loads((_FOLDER / "normalize_url.json").read_text(encoding="utf-8")):
        assert channel_address(written) == wanted
