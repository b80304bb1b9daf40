"""Which modules and rule files a table is made from, so that a changed rule re-reads only what it touches."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

from assets.extraction.sentence_vectors import version
from assets.house import code_digest

_FOLDER = Path(__file__).parent
# The modules that the tables begin with. `stage` shapes both.
ENTRIES = {
    "mentions": (
        "stage.py",
        "identifiers.py",
        "analytics_ids.py",
        "home_regions.py",
        "image_addresses.py",
        "title_and_text.py",
    ),
    "facts": ("stage.py", "facts.py"),
}
_IMPORT = re.compile(r"^\s*from assets\.extraction\.(\w+) import", re.MULTILINE)
_RULES = re.compile(r"(?:read_yaml|read_lines|languages_with|rule_path)\(\s*f?\"([\w./-]+)")


def files_of(table: str) -> list[Path]:
    """The Python and rule files that `table` (`mentions` or `facts`) is made from, sorted."""
    modules: set[Path] = set()
    waiting = [_FOLDER / name for name in ENTRIES[table]]
    while waiting:
        module = waiting.pop()
        if module in modules or not module.exists():
            continue
        modules.add(module)
        # The stage imports the entries of both tables; only one of them is this table's.
        if module.name != "stage.py":
            waiting += [_FOLDER / f"{name}.py" for name in _IMPORT.findall(module.read_text("utf-8"))]
    rules = {
        file
        for module in modules
        for name in _RULES.findall(module.read_text("utf-8"))
        for file in _rules(name)
    }
    return sorted(modules | rules)


def _rules(name: str) -> list[Path]:
    path = _FOLDER / "rules" / name
    return list(path.rglob("*.*")) if path.is_dir() else [path] if path.is_file() else []


@cache
def table_digest(table: str) -> str:
    """Digest of the code, the rules and the library's model that `table` is made from."""
    code = code_digest(*files_of(table))
    return code if table != "facts" else hashlib.sha256(f"{code} {version()}".encode()).hexdigest()
