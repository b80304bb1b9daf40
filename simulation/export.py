"""A group chat as the desktop program exports it: one folder with `result.json`."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from simulation.items import EXPORT, Item
from simulation.randomness import stream, token
from simulation.wording import write
from simulation.world import World

NAME = "roomsandwork"
# Exports carry the local time of the machine that made them; this one stood in Madrid's winter.
_LOCAL = timedelta(hours=1)
_PARTS = re.compile(
    r"(?P<link>https?://\S+)|(?P<mention>@[a-z0-9_]{5,})|(?P<email>[\w.-]+@[\w-]+\.example)|(?P<phone>\+\d{9,14})"
)


def write_export(world: World, folder: Path) -> Path:
    """Write `result.json` into `folder` (made if need be); returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "result.json"
    messages: list[dict[str, Any]] = []
    for position, item in enumerate(world.items[EXPORT]):
        if position % 40 == 0:
            messages.append(_service(item))
        messages.append(_message(item, world.seed))
    document = {
        "name": "Rooms & Work",
        "type": "public_supergroup",
        "id": 1_990_000_000 + world.seed,
        "messages": messages,
    }
    # Whole or not at all: a crawl may be reading the file of an earlier start.
    temporary = file.with_suffix(".part")
    temporary.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    return temporary.replace(file)


def _service(item: Item) -> dict[str, Any]:
    """Someone joins; numbered so that no message's number is taken."""
    return {
        "id": 1_000_000 + item.number,
        "type": "service",
        "date": f"{item.posted + _LOCAL:%Y-%m-%dT%H:%M:%S}",
        "date_unixtime": str(int(item.posted.timestamp())),
        "actor": item.account,
        "actor_id": _member(item),
        "action": "join_group_by_link",
        "inviter": "Group",
        "text": "",
        "text_entities": [],
    }


def _member(item: Item) -> str:
    return f"user{int(token(12, item.account), 16) % 10**9 + 5_000_000_000}"


def _message(item: Item, seed: int) -> dict[str, Any]:
    random = stream(seed, "export", item.number)
    words = write(item, seed)
    text = f"{words.title}\n{words.text}" if words.title else words.text
    entities = _entities(text)
    plain_only = len(entities) == 1 and entities[0]["type"] == "plain"
    message: dict[str, Any] = {
        "id": item.number,
        "type": "message",
        "date": f"{item.posted + _LOCAL:%Y-%m-%dT%H:%M:%S}",
        "date_unixtime": str(int(item.posted.timestamp())),
        "from": item.account,
        "from_id": _member(item),
    }
    if item.role == "chat" and item.number > 50 and random.random() < 0.25:
        message["reply_to_message_id"] = item.number - random.randint(1, 40)
    if random.random() < 0.03:
        message["forwarded_from"] = f"Board {token(4, seed, random.randrange(20))}"
    if random.random() < 0.05:
        edited = item.posted + timedelta(minutes=random.randint(1, 90))
        message["edited"] = f"{edited + _LOCAL:%Y-%m-%dT%H:%M:%S}"
        message["edited_unixtime"] = str(int(edited.timestamp()))
    if random.random() < 0.04:
        message["photo"] = f"photos/photo_{item.number}.jpg"
        message["width"], message["height"] = 960, 1280
    # In `text` plain stretches are bare strings and only the others are objects; `text_entities` has objects alone.
    message["text"] = text if plain_only else [e["text"] if e["type"] == "plain" else e for e in entities]
    message["text_entities"] = entities
    return message


def _entities(text: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    end = 0
    for match in _PARTS.finditer(text):
        if match.start() > end:
            found.append({"type": "plain", "text": text[end : match.start()]})
        found.append({"type": str(match.lastgroup), "text": match[0]})
        end = match.end()
    if end < len(text) or not found:
        found.append({"type": "plain", "text": text[end:]})
    return found
