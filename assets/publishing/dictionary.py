"""The data dictionary, from the contracts: every table, its grain, its columns, who may see what."""

import re
from collections.abc import Mapping
from pathlib import Path

from assets.publishing.ddl import duckdb_type
from assets.publishing.pseudonyms import KEYED_IDS, LOCATORS
from quality.contract import Column, Contract, Sensitivity
from quality.contracts import CONTRACTS, health
from warehouse import sql

STAGES = {
    "capture": "What was received",
    "parsing": "What the captures say",
    "extraction": "What is read from the texts",
    "linking": "What belongs together",
    "detection": "What deserves a look",
    "screening": "What was looked up in lists",
    "statistics": "What operations achieved",
    "publishing": "The pipeline's own health",
}
_SHOWN = {
    Sensitivity.open: "as it is",
    Sensitivity.handle: "pseudonym, unless a suspect's",
    Sensitivity.address: "pseudonym after the host on a potential victim's page",
    Sensitivity.name: "pseudonym",
    Sensitivity.text: "absent",
}
_INTRODUCTION = """# Tables

<!-- Generated from quality/contracts by assets/publishing/dictionary.py; a test keeps it in step. -->

Every table of the published snapshots. *Analysts see* says what the analysts' snapshot (`warehouse.duckdb`) shows;
the restricted snapshot (`restricted.duckdb`) shows every column as it is, and its table `pseudonyms` leads from each
pseudonym back to what it stands for. The same words are the comments of the tables and columns in DuckDB
(`SELECT * FROM duckdb_columns()`).
"""


def render_dictionary(contracts: Mapping[str, Contract] = CONTRACTS) -> str:
    """The dictionary as Markdown: a section per stage, a table per contract, in the order the data flows."""
    sections = [_INTRODUCTION]
    for stage, title in STAGES.items():
        of_stage = [contract for contract in contracts.values() if _section(contract) == stage]
        if of_stage:
            sections.append(f"## {title}\n")
            sections += [_table(contract) for contract in of_stage]
    return "\n".join([*sections, _views()])


def write_dictionary(file: Path) -> None:
    """Write the dictionary to a file."""
    file.write_text(render_dictionary(), encoding="utf-8")


def _section(contract: Contract) -> str:
    return "publishing" if contract in health.CONTRACTS else contract.stage


def _views() -> str:
    """The views and macros, by the comments in their SQL files."""
    comment = re.compile(r"COMMENT ON (VIEW|MACRO TABLE) (\w+) IS '((?:[^']|'')*)'")
    rows = [
        f"| `{name}`{' (macro)' if kind != 'VIEW' else ''} | {_escape(meaning.replace(chr(39) * 2, chr(39)))} |"
        for _, script in sql.scripts()
        for kind, name, meaning in comment.findall(script)
    ]
    return "\n".join(["## Views and macros", "", "| name | answers |", "|---|---|", *rows, ""])


def _table(contract: Contract) -> str:
    rows = [
        f"| `{column.name}` | {duckdb_type(column)} | {_escape(column.meaning)} | {_analysts_see(contract, column)} |"
        for column in contract.columns
        if column.published
    ]
    rules = [rule for rule in contract.all_rules if rule.meaning]
    return "\n".join(
        [
            f"### `{contract.table}`",
            "",
            f"{contract.meaning} One row: {contract.grain}. "
            f"Key: {', '.join(f'`{name}`' for name in contract.key)}.",
            "",
            "| column | type | meaning | analysts see |",
            "|---|---|---|---|",
            *rows,
            "",
            "Rules: " + "; ".join(_escape(rule.meaning) for rule in rules) + ".",
            "",
        ]
    )


def _analysts_see(contract: Contract, column: Column) -> str:
    if contract.table == "leads" and column.name == "subject_label":
        return "kind and number, or the pseudonym"
    if column.name in KEYED_IDS:
        return "keyed"
    if column.name in LOCATORS:
        return "absent for a potential victim's item"
    return _SHOWN[column.sensitivity]


def _escape(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    write_dictionary(Path(__file__).parents[2] / "docs" / "tables.md")
