"""Digests by which a stage knows that its own code or rules changed."""

from pathlib import Path

import pytest

from assets.house import package_digest


@pytest.mark.parametrize(
    "name", ["rules/words.txt", "rules/words.yaml", "page.css", "deep/er/query.sql", "code.py"]
)
def test_a_change_of_any_file_of_the_package_changes_its_digest(name: str, tmp_path: Path) -> None:
    module = tmp_path / "__init__.py"
    module.write_text("")
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("one")
    before = package_digest(str(module))
    file.write_text("two")
    assert package_digest(str(module)) != before


def test_what_python_compiles_does_not_change_it(tmp_path: Path) -> None:
    module = tmp_path / "__init__.py"
    module.write_text("")
    before = package_digest(str(module))
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "stage.cpython-311.pyc").write_bytes(b"x")
    assert package_digest(str(module)) == before
