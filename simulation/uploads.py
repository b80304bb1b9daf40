"""Uploads: every account gives its pictures itself, so that one picture stands at as many addresses as it has users.

Without this, a picture of the practice web has one address wherever it is shown, and links by it alone.
"""

from collections.abc import Mapping, Sequence

from simulation.items import DOMESTIC, Item
from simulation.randomness import stream, token

HOST = "img.pictures.test"
PLACEHOLDER = f"http://{HOST}/static/no-photo.png"
# Advertisements for help at home that show the site's own picture in the place of one.
_PLACEHOLDERS = 0.3


def upload(items: Mapping[str, Sequence[Item]], seed: int) -> dict[str, str]:
    """Give each account's copy of a picture an address of its own, in place; address → address of the picture itself.

    The first account that shows a picture has it as it was taken. Advertisements for help at home that show none may
    get the placeholder of the host.
    """
    pictures: dict[str, str] = {}
    first: dict[str, tuple[str, str]] = {}
    for site, of_site in items.items():
        for item in of_site:
            holder = (site, item.account)
            shown = []
            for picture in item.images:
                taken = first.setdefault(picture, holder) == holder
                address = picture if taken else _address(seed, picture, *holder)
                pictures[address] = picture
                shown.append(address)
            random = stream(seed, "placeholder", site, item.external_id)
            if not shown and site == DOMESTIC and random.random() < _PLACEHOLDERS:
                shown.append(PLACEHOLDER)
            item.images = tuple(shown)
    return pictures


def _address(seed: int, picture: str, site: str, account: str) -> str:
    return f"http://{HOST}/u/{token(16, seed, 'upload', picture, site, account)}.jpg"
