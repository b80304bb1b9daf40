"""The host of pictures: `/p/<name>.jpg` as they were taken, `/u/<name>.jpg` copies that others uploaded."""

from collections.abc import Mapping

from simulation.pictures import file_of, placeholder
from simulation.sites.page import Page, text_page
from simulation.uploads import HOST, PLACEHOLDER
from simulation.world import World

ROBOTS = "User-agent: *\nDisallow: /private/\n"


class PictureHost:
    """Draws each picture when it is asked for."""

    hosts = (HOST,)

    def __init__(self, world: World) -> None:
        self._pictures = world.pictures

    def page(self, host: str, path: str, query: Mapping[str, str]) -> Page | None:
        """See `Site.page`."""
        if path == "/robots.txt":
            return text_page(ROBOTS)
        address = f"http://{host}{path}"
        if address == PLACEHOLDER:
            return Page(placeholder(), "image/png")
        picture = self._pictures.get(address)
        if picture is None:
            return None
        return Page(file_of(picture, None if address == picture else address), "image/jpeg")
