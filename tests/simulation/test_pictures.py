"""Pictures of the practice web: the same on every start, copies that are copies, uploads as many as accounts."""

import io
from datetime import date

import pytest
from PIL import Image

from simulation.pictures import HEIGHT, WIDTH, file_of
from simulation.uploads import PLACEHOLDER
from simulation.web import Web
from simulation.world import World


@pytest.fixture(scope="module")
def world() -> World:
    """A small world whose accounts upload their pictures themselves."""
    return World(5, "small", date(2026, 3, 1), uploads=True)


def test_a_picture_is_the_same_on_every_start_and_a_copy_is_another_file() -> None:
    assert file_of("one") == file_of("one") != file_of("other")
    copy = file_of("one", "uploaded here")
    assert copy == file_of("one", "uploaded here") != file_of("one")
    with Image.open(io.BytesIO(file_of("one"))) as taken, Image.open(io.BytesIO(copy)) as image:
        assert taken.size == (WIDTH, HEIGHT) != image.size


def test_every_shown_picture_is_served_and_no_two_accounts_share_an_address(world: World) -> None:
    web = Web(world)
    holders: dict[str, set[tuple[str, str]]] = {}
    for site, items in world.items.items():
        for item in items:
            for address in item.images:
                holders.setdefault(address, set()).add((site, item.account))
    placed = holders.pop(PLACEHOLDER)
    assert len(placed) > 1
    assert all(len(accounts) == 1 for accounts in holders.values())
    assert holders.keys() == world.pictures.keys()
    assert len(set(world.pictures.values())) < len(holders) - 20
    for address in [*list(holders)[:5], PLACEHOLDER]:
        page = web.page("img.pictures.test", address.removeprefix("http://img.pictures.test"), {})
        assert page is not None
        assert (page.content_type or "").startswith("image/")
    assert web.page("img.pictures.test", "/p/none.jpg", {}) is None


def test_without_uploads_the_world_shows_each_picture_at_one_address(world: World) -> None:
    plain = World(5, "small", date(2026, 3, 1))
    assert all(address == picture for address, picture in plain.pictures.items())
    assert set(world.pictures.values()) == set(plain.pictures)
