"""From scores to shares of right leads: isotonic regression on planted truth, tested across seeds."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import yaml

FILE = Path(__file__).parents[1] / "assets" / "detection" / "calibration.yaml"
COMMAND = "python -m benchmarks.quality --fit"
BANDS = (0.0, 2.5, 3.5, 4.5, 5.5, 7.0, 10.0, 99.0)
# A level rests on at least so many subjects; shares are drawn towards a half by one either way (Laplace).
LEAST_SUBJECTS = 20


def isotonic(scores: Sequence[float], right: Sequence[bool]) -> list[tuple[float, float, int]]:
    """Levels of the non-decreasing step function nearest to the subjects, lowest first: from score, share, subjects.

    Pool-adjacent-violators (Ayer et al. 1955); levels of few are pooled with the next. Shares are
    (right + 1) / (subjects + 2), and never fall.
    """
    values, place = np.unique(np.asarray(scores, dtype=float), return_inverse=True)
    counts = np.bincount(place)
    sums = np.bincount(place, weights=np.asarray(right, dtype=float))
    levels: list[list[float]] = []
    for value, count, total in zip(values, counts, sums, strict=True):
        levels.append([float(value), float(total), float(count)])
        while len(levels) > 1 and (
            levels[-2][2] < LEAST_SUBJECTS or levels[-2][1] / levels[-2][2] >= levels[-1][1] / levels[-1][2]
        ):
            _, total_above, count_above = levels.pop()
            levels[-1][1] += total_above
            levels[-1][2] += count_above
    if len(levels) > 1 and levels[-1][2] < LEAST_SUBJECTS:
        _, total_above, count_above = levels.pop()
        levels[-1][1] += total_above
        levels[-1][2] += count_above
    shares = np.maximum.accumulate([(total + 1) / (count + 2) for _, total, count in levels])
    return [(level[0], float(share), int(level[2])) for level, share in zip(levels, shares, strict=True)]


def share_of(levels: Sequence[tuple[float, float, int]], scores: np.ndarray) -> np.ndarray:
    """The share that a map gives each score; below its first level, that of the first."""
    begins = np.array([level[0] for level in levels])
    place = np.maximum(np.searchsorted(begins, scores, side="right") - 1, 0)
    shares: np.ndarray = np.array([level[1] for level in levels])[place]
    return shares


def _leads(results: Sequence[dict[str, Any]], seeds: set[int]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Per type the scores of the leads of these seeds, and whether each is right."""
    found: dict[str, tuple[list[float], list[bool]]] = {}
    for result in results:
        if result["run"]["seed"] in seeds:
            for kind, score, right in result["subjects"]:
                scores, truths = found.setdefault(kind, ([], []))
                scores.append(score)
                truths.append(right)
    return {kind: (np.array(scores), np.array(truths)) for kind, (scores, truths) in sorted(found.items())}


def write_calibration(results: Sequence[dict[str, Any]], file: Path = FILE) -> None:
    """Fit every type of subjects enough on all runs and write the map; not a type of which no world plants any."""
    seeds = {result["run"]["seed"] for result in results}
    levels = {
        kind: [
            {"score": score, "share": round(share, 3), "subjects": count}
            for score, share, count in isotonic(scores.tolist(), right.tolist())
        ]
        for kind, (scores, right) in _leads(results, seeds).items()
        if len(scores) >= LEAST_SUBJECTS and right.any()
    }
    head = (
        "# Share of subjects that were right on planted worlds, by type and score: one has the share of the highest\n"
        f"# level whose score it reaches. Isotonic regression, made by `{COMMAND}`; do not edit.\n"
        "# What is right in an invented world says how scores order subjects, not how many are right on real sites.\n"
    )
    file.write_text(head + yaml.safe_dump(levels, sort_keys=True, default_flow_style=None), encoding="utf-8")


def calibration_lines(results: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The section of docs/quality.md: reliability by band of the score, and of the map on seeds it did not see."""
    seeds = {result["run"]["seed"] for result in results if result["subjects"]}
    commits = ", ".join(sorted({result["commit"] for result in results if result["subjects"]}))
    everything = _leads(results, seeds)
    yield "\n## Calibration\n"
    yield (
        "Every subject with indicators enough, also below the threshold of a lead: share of right ones by band of the "
        f"score (sum of contributions), over the runs above of commit {commits}.\n"
    )
    bands = [f"{low:g} to {high:g}" for low, high in pairwise(BANDS)]
    bands[0], bands[-1] = f"below {BANDS[1]:g}", f"{BANDS[-2]:g} and more"
    yield "| type | " + " | ".join(bands) + " |"
    yield "|---|" + "---|" * len(bands)
    for kind, (scores, right) in everything.items():
        cells = []
        for low, high in pairwise(BANDS):
            inside = right[(scores >= low) & (scores < high)]
            cells.append(f"{inside.mean():.2f} of {len(inside):,}" if len(inside) else "")
        yield f"| {kind.replace('_', ' ')} | " + " | ".join(cells) + " |"
    yield (
        "\nThe map from score to share (`assets/detection/calibration.yaml`, isotonic regression) was fitted on all "
        "seeds but one and tested on that one: the share it expects beside the share that was right, the mean squared "
        "error (Brier), and that of expecting the type's mean.\n"
    )
    yield "| type | subjects | expected | right | Brier | of the mean |"
    yield "|---|---|---|---|---|---|"
    for kind in everything:
        expected, right, means = [], [], []
        for seed in sorted(seeds):
            train = _leads(results, seeds - {seed}).get(kind)
            test = _leads(results, {seed}).get(kind)
            if train is None or test is None:
                continue
            expected.append(share_of(isotonic(train[0].tolist(), train[1].tolist()), test[0]))
            means.append(np.full(len(test[0]), train[1].mean()))
            right.append(test[1].astype(float))
        if not expected:
            continue
        given, true, mean = (np.concatenate(parts) for parts in (expected, right, means))
        yield (
            f"| {kind.replace('_', ' ')} | {len(true):,} | {given.mean():.3f} | {true.mean():.3f} | "
            f"{((given - true) ** 2).mean():.3f} | {((mean - true) ** 2).mean():.3f} |"
        )
