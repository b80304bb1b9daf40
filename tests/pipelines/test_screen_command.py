"""`stormlantern screen`: two tables in, scored hits with their reasons out."""

import json
from pathlib import Path

from tests.pipelines.test_commands import stormlantern


def test_queries_are_answered_with_scored_hits_and_reasons(tmp_path: Path):
    queries, watch_list = tmp_path / "queries.csv", tmp_path / "list.jsonl"
    queries.write_text(
        "id;name;birth_date;phone\nq1;Юлия Иванова;04.05.1990;\nq2;Somebody Else;;+44 7700 900123\nq3;Lena;;\n",
        encoding="utf-8",
    )
    entries = [
        {"id": "A", "name": "IVANOVA IULIIA", "birth_date": "1990-05-04"},
        {"id": "B", "name": "Lena", "phone": ["+447700900123", "+447700900456"]},
    ]
    watch_list.write_text("\n".join(map(json.dumps, entries)), encoding="utf-8")
    done = stormlantern("screen", str(queries), "--against", str(watch_list))
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["query"] for answer in answers] == ["q1", "q2", "q3"]
    [first], [second], none = (answer["hits"] for answer in answers)
    assert (first["entry"], first["strength"]) == ("A", "strong")
    assert first["score"] == sum(part["points"] for part in first["contributions"])
    assert (second["entry"], second["contributions"][0]["name"]) == ("B", "phone_equal")
    assert none == []


def test_a_table_that_tells_nobody_is_named_without_its_values(tmp_path: Path):
    queries = tmp_path / "queries.csv"
    queries.write_text("colour\nsecretive\n", encoding="utf-8")
    done = stormlantern("screen", str(queries), "--against", str(queries))
    assert done.returncode == 1
    assert "queries.csv" in done.stderr
    assert "secretive" not in done.stderr
