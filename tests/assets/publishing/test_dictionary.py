"""The data dictionary is the contracts in words, and in step with them."""

from pathlib import Path

from assets.publishing.dictionary import STAGES, render_dictionary
from quality.contracts import CONTRACTS

FILE = Path(__file__).parents[3] / "docs" / "tables.md"


def test_the_file_is_in_step_with_the_contracts() -> None:
    remedy = "docs/tables.md is out of date: run `python -m assets.publishing.dictionary`"
    assert FILE.read_text(encoding="utf-8") == render_dictionary(), remedy


def test_every_published_column_is_told() -> None:
    text = render_dictionary()
    for contract in CONTRACTS.values():
        section = text.split(f"### `{contract.table}`\n")[1].split("\n### ")[0]
        for column in contract.columns:
            assert (f"| `{column.name}` |" in section) == column.published
        assert contract.stage in STAGES


def test_what_analysts_see_follows_sensitivity() -> None:
    listings = render_dictionary().split("### `listings`")[1].split("### `")[0]
    assert "| `text` | VARCHAR | Text as shown | absent |" in listings
    assert "| `account` | VARCHAR | Account or display name that posted it | pseudonym |" in listings
    assert "`lead_chain`" in render_dictionary()
