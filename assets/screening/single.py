"""Screening alone: queries against one list, as the command line needs it."""

from collections.abc import Iterator

from assets.screening.match import find_hits
from assets.screening.subjects import Subjects


def answers(queries: Subjects, entries: Subjects) -> Iterator[dict[str, object]]:
    """For each query, in order, its id and its hits, best first.

    A hit has `entry` (its id), `score`, `strength` and `contributions` (`name`, `points`, `reason`).
    """
    found: dict[str, list[dict[str, object]]] = {}
    for row in find_hits(queries, entries).iter_rows(named=True):
        query = row.pop("query_id")
        found.setdefault(query, []).append({"entry": row.pop("entry_id"), **row})
    for query in queries.persons["subject_id"]:
        yield {"query": query, "hits": found.get(query, [])}
