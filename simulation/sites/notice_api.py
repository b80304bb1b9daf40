"""The notice API: `simulation.notices` as JSON."""

import json
from collections.abc import Mapping

from simulation.sites.page import Page
from simulation.world import World

HOST = "notices.test"
_BASE = "/notices/v1/red"


class NoticeApi:
    """`/notices/v1/red` searches, `/notices/v1/red/<id>` shows one notice; no robots.txt."""

    hosts = (HOST,)

    def __init__(self, world: World) -> None:
        self._notices = world.notices

    def page(self, host: str, path: str, query: Mapping[str, str]) -> Page | None:
        """See `Site.page`."""
        if path == _BASE:
            answer = self._notices.search(query)
        elif path.startswith(f"{_BASE}/"):
            found = self._notices.one(path.removeprefix(f"{_BASE}/"))
            if found is None:
                return None
            answer = found
        else:
            return None
        return Page(json.dumps(answer, ensure_ascii=False).encode(), "application/json", gzip=True)
