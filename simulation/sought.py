"""Who of the practice web stands on lists: a few planted persons among the notices, a few contacts on a partner's list.

Half of the names are written as another office would write them. One notice is of a namesake: another person, whom a
search for the name must find as well. Only `truth` says who is who.
"""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from simulation.items import Controller, Item
from simulation.notices import COUNTRIES, Notice
from simulation.persons import ascii_name
from simulation.places import FAMILY_NAMES, NATIONALITIES
from simulation.randomness import stream

if TYPE_CHECKING:
    from simulation.world import World

WATCH_LIST = "partner_contacts"
_PLANTED, _CONTACTS, _STRANGERS = 4, 3, 40
_FIELDS = ("id", "name", "forename", "birth_date", "phone", "email", "username")


@dataclass(frozen=True, slots=True)
class Sought:
    """One thing of the web that stands on a list. `kind` is person, phone, email or username; `value` the account's
    name or the identifier; `entry` the list's own number; `same` is false for a namesake."""

    listed: str
    entry: str
    kind: str
    value: str
    same: bool


def plant_notices(seed: int, anchor: date, items: list[Item]) -> tuple[list[Notice], list[Sought]]:
    """Notices of persons who write in the chat, under their full names; the last one is another's of the same name."""
    random = stream(seed, "sought")
    accounts = {item.account: item for item in items if item.controller is not None and " " in item.account}
    members = {item.account for item in items if item.controller is None and len(item.account.split()) == 2}
    chosen = [(name, True) for name in random.sample(sorted(accounts), min(_PLANTED, len(accounts)))]
    chosen += [(name, False) for name in random.sample(sorted(members), min(1, len(members)))]
    notices, truth = [], []
    for number, (account, same) in enumerate(chosen):
        given, family = account.split()[0], account.split()[-1]
        age = random.randint(24, 58)
        birth = anchor - timedelta(days=age * 365 + age // 4 + random.randrange(1, 364))
        written = f"{ascii_name(family)} {ascii_name(random.choice(FAMILY_NAMES))}" if number % 2 else family
        notice = Notice(
            entity_id=f"{anchor.year - 1}/{99_900 + number}",
            name=written.upper(),
            forename=(ascii_name(given) if number % 2 else given).upper(),
            sex=random.choice("MF"),
            year=birth.year,
            birth=birth,
            nationalities=(random.choice(NATIONALITIES).code,),
            warrants=((COUNTRIES.draw(random), "Trafficking in human beings"),),
            age=age,
        )
        notices.append(notice)
        truth.append(Sought("notices", notice.entity_id, "person", account, same))
    return notices, truth


def partner_list(seed: int, controllers: list[Controller]) -> tuple[list[dict[str, str]], list[Sought]]:
    """Rows of a partner's list of contacts (`_FIELDS`): those of a few planted controllers, and strangers."""
    random = stream(seed, "partner list")
    rows: list[dict[str, str]] = []
    truth: list[Sought] = []
    shown = [controller for controller in controllers if controller.item_count > 0]
    for controller in random.sample(shown, min(_CONTACTS, len(shown))):
        entry = f"P-{len(rows) + 1:03d}"
        row = {"id": entry}
        for identifier in controller.identifiers[:2]:
            row.setdefault(identifier.kind, identifier.value)
            truth.append(Sought(WATCH_LIST, entry, identifier.kind, identifier.value, True))
        rows.append(row)
    for _ in range(_STRANGERS):
        number = len(rows) + 1
        family = random.choice(FAMILY_NAMES)
        rows.append(
            {
                "id": f"P-{number:03d}",
                "name": f"{family} Testerova",
                "forename": "Unlisted",
                "email": f"{ascii_name(family)}.{number}@nobody.test",
            }
        )
    return rows, truth


def write_watch_list(world: "World", folder: Path) -> Path:
    """Write the partner's list as CSV into `folder` (made if need be), whole or not at all; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{WATCH_LIST}.csv"
    temporary = file.with_suffix(".part")
    with temporary.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, _FIELDS)
        writer.writeheader()
        writer.writerows(world.partner_rows)
    return temporary.replace(file)
