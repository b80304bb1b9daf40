"""Quality on simulated worlds of three sizes, three seeds, three levels of noise: `python -m benchmarks.quality`.

Each run's findings go to a JSON file in `--folder`; runs that are there are not repeated. `--write docs/quality.md`
writes the page, `--fit` the calibration of scores (`assets/detection/calibration.yaml`) from all of them.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.calibration import calibration_lines, write_calibration
from simulation.innocents import USUAL_NOISE, Noise

SEEDS = (7, 8, 9)
NOISE = (USUAL_NOISE, Noise(0.05, 0.005), Noise(0.1, 0.01))
COMMAND = "python -m benchmarks.quality --write docs/quality.md"


@dataclass(frozen=True)
class Run:
    """One world. `way`: crawl (served, captured, parsed, …) or straight (items put into the tables of parsing)."""

    size: str
    seed: int
    noise: Noise
    way: str

    @property
    def name(self) -> str:
        """Of its file."""
        return (
            f"{self.way}-{self.size}-{self.seed}-{self.noise.stolen_photos:g}-{self.noise.recycled_phones:g}"
        )


def runs() -> list[Run]:
    """2,000 items crawled, 20,000 straight at each noise and once crawled as well, 60,000 straight."""
    return [
        *(Run("2000", seed, USUAL_NOISE, "crawl") for seed in SEEDS),
        Run("20000", SEEDS[0], USUAL_NOISE, "crawl"),
        *(Run("20000", seed, noise, "straight") for noise in NOISE for seed in SEEDS),
        *(Run("60000", seed, USUAL_NOISE, "straight") for seed in SEEDS),
    ]


def measure(run: Run) -> dict[str, Any]:
    """Make the world, find what is in it, and compare."""
    from benchmarks import quality_measures as measures
    from benchmarks.simulated_house import crawl, put_straight

    with tempfile.TemporaryDirectory(prefix="quality-") as folder:
        home = Path(folder)
        (crawl if run.way == "crawl" else put_straight)(home, run.seed, run.size, run.noise)
        found = measures.read_home(home)
        scored = measures.scored_subjects(home, found)
    judged = measures.judged_leads(found)
    surges = measures.surge_findings(found)
    persons = judged.filter(judged["type"].is_in(measures.PERSON_TYPES))
    precision = {"all persons": _top(persons["is_right"].to_list(), measures.FIRST)}
    for kind in (*measures.PERSON_TYPES, *measures.HANDLE_TYPES):
        precision[kind] = _top(judged.filter(judged["type"] == kind)["is_right"].to_list(), measures.FIRST)
    return {
        "run": asdict(run),
        "commit": _commit(),
        "items": found.items.height,
        "unseen": found.items["item_id"].null_count(),
        "controllers": len(found.truth.controllers),
        "actors": {name: asdict(score) for name, score in measures.actor_scores(found.items).items()},
        "ties": measures.tie_counts(found),
        "surges": asdict(surges) | {"series_years": found.series_years},
        "precision": precision,
        "recall": measures.recall_by_type(found, judged),
        "subjects": scored.select("type", "score", "is_right").rows(),
    }


def _commit() -> str:
    """The commit that is measured, as git abbreviates it; empty outside a checkout."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def _top(right: list[bool], first: int) -> tuple[int, int]:
    return sum(right[:first]), len(right[:first])


def _f1(score: dict[str, float]) -> str:
    precision, recall = score["precision"], score["recall"]
    both = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return f"{precision:.3f} / {recall:.3f} / **{both:.3f}**"


def _head(result: dict[str, Any]) -> str:
    run = result["run"]
    noise = run["noise"]
    return (
        f"| {result['items']:,} | {noise['stolen_photos']:.0%}, {noise['recycled_phones']:.1%} | {run['seed']} "
        f"| {run['way']} | {result['commit']} |"
    )


def page(results: list[dict[str, Any]]) -> Iterator[str]:
    """The lines of docs/quality.md."""
    yield "# Quality on simulated worlds\n"
    yield f"Made by `{COMMAND}` on {datetime.now(UTC).date()}; do not edit.\n"
    yield (
        "The worlds are invented (`simulation/`): private posters, families, firms, chats, and few controllers with "
        "many accounts who rotate numbers, names and pictures. What is found is compared with what was planted. "
        "*Crawl*: served on loopback, captured, parsed, extracted, linked, detected, published, as `make run` does. "
        "*Straight*: the same items and texts put into the tables of parsing, then extracted, linked and detected. "
        "Noise: share of innocent persons with somebody else's photo, and with a number that was somebody else's. "
        "These figures tell how the parts work together; they are no promise for real sites.\n"
    )
    head = "| items | noise | seed | way | commit |"
    yield "## Actors\n\nPrecision / recall / F1 of pairs, and B-cubed.\n"
    yield (
        "One account in twenty of a planted controller shows a number that is used nowhere else, beside the "
        "controller's photos and words. A thief of photos and words looks the same, so such accounts stay apart "
        "(docs/leads.md); the last column is without them.\n"
    )
    names = list(results[0]["actors"])
    yield f"{head} " + " | ".join(names) + " |"
    yield "|---|---|---|---|---|" + "---|" * len(names)
    for result in results:
        yield f"{_head(result)} " + " | ".join(_f1(result["actors"][name]) for name in names) + " |"
    yield "\n## Site ties and surges\n"
    yield (
        "Pairs of sites that at least three controllers join are ties, those that one or two join count neither way. "
        "Influxes are fourfold rises (24 items at least), most of each by one controller: `items a day` before and in "
        "it. `day`: of the rise, when the alarm was raised; `known`: when whoever knows the usual rate, of posters who "
        "come one by one, could have raised it first at 0.05 false alarms per series-year. A rise of season (twofold, "
        "by many persons) is real: it counts neither as found nor as false. "
        "`python -m benchmarks.surges` measures the method itself on thousands of series (docs/leads.md).\n"
    )
    columns = (
        "ties right, wrong, missed | influxes found | items a day | day | known | rank | false alarms | series-years "
        "| per series-year"
    )
    yield f"{head} {columns} |"
    yield "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"
    for result in results:
        surges = result["surges"]
        years = surges["series_years"]
        rates = zip(surges["usual"], surges["risen"], strict=True)
        yield (
            f"{_head(result)} {', '.join(str(count) for count in result['ties'])} | "
            f"{surges['found']} of {surges['planted']} | "
            f"{'; '.join(f'{usual:.2f}, {risen:.2f}' for usual, risen in rates)} "
            f"| {', '.join(map(str, surges['delays']))} | {', '.join(map(str, surges['possible']))} | "
            f"{', '.join(map(str, surges['ranks']))} | {surges['false_alarms']} | {years:.0f} | "
            f"{surges['false_alarms'] / years if years else 0:.3f} |"
        )
    yield "\n## Leads\n\nRight among the first 50 by score (of those there are), and planted subjects found.\n"
    kinds, subjects = list(results[0]["precision"]), list(results[0]["recall"])
    yield f"{head} " + " | ".join([*(kind.replace("_", " ") for kind in kinds), *subjects]) + " |"
    yield "|---|---|---|---|---|" + "---|" * (len(kinds) + len(subjects))
    for result in results:
        cells = [f"{right} of {all_}" for right, all_ in (result["precision"][kind] for kind in kinds)]
        cells += [f"{found} of {planted}" for found, planted in (result["recall"][name] for name in subjects)]
        yield f"{_head(result)} " + " | ".join(cells) + " |"
    yield from calibration_lines(results)


def main() -> None:
    """Run what is missing, then write what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "stormlantern-quality")
    parser.add_argument("--only", help="runs whose name contains this")
    parser.add_argument("--run", help="one run by its name, in this process")
    parser.add_argument("--write", type=Path)
    parser.add_argument("--fit", action="store_true")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    wanted = [run for run in runs() if not given.only or given.only in run.name]
    if given.run:
        chosen = next(run for run in runs() if run.name == given.run)
        file = given.folder / f"{chosen.name}.json"
        file.write_text(json.dumps(measure(chosen)), encoding="utf-8")
        return
    for run in wanted:
        if not (given.folder / f"{run.name}.json").exists():
            print(run.name, flush=True)
            # A process each: what the interpreter keeps of one world does not burden the next.
            command = [
                sys.executable,
                "-m",
                "benchmarks.quality",
                "--folder",
                str(given.folder),
                "--run",
                run.name,
            ]
            subprocess.run(command, check=True)
    results = [
        json.loads((given.folder / f"{run.name}.json").read_text(encoding="utf-8"))
        for run in wanted
        if (given.folder / f"{run.name}.json").exists()
    ]
    if not results:
        parser.error(f"no run is called {given.only}; known: {', '.join(run.name for run in runs())}")
    if given.fit:
        write_calibration(results)
    text = "\n".join(page(results)) + "\n"
    if given.write:
        given.write.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
