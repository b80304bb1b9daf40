"""How well a clustering agrees with the truth: pairwise and B-cubed precision, recall and F1."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Agreement:
    """`precision`: of what was put together, the share that belongs together; `recall`: the other way round."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of both; 0 where both are."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def __str__(self) -> str:
        return f"{self.precision:.3f} / {self.recall:.3f} / {self.f1:.3f}"


def _alone(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with a number per row, and null clusters and labels replaced by ones of their own."""
    numbered = frame.select(
        pl.col("cluster").cast(pl.String), pl.col("label").cast(pl.String)
    ).with_row_index("row")
    own = pl.format("alone {}", "row")
    return numbered.with_columns(pl.coalesce("cluster", own), pl.coalesce("label", own))


def pairwise(frame: pl.DataFrame) -> Agreement:
    """Agreement on unordered pairs of rows. `frame`: cluster, label; null means a group of one."""
    rows = _alone(frame)

    def pairs(*by: str) -> int:
        sizes = rows.group_by(*by).len()["len"].cast(pl.Int64)
        return int((sizes * (sizes - 1) // 2).sum())

    both = pairs("cluster", "label")
    return Agreement(both / max(pairs("cluster"), 1), both / max(pairs("label"), 1))


def b_cubed(frame: pl.DataFrame) -> Agreement:
    """B-cubed (Bagga & Baldwin 1998): a row's share of its cluster with its label, and of its label in its cluster.

    `frame`: cluster, label; null means a group of one. Means over the rows, so that large groups do not outweigh all
    others as they do in pairs.
    """
    rows = _alone(frame).with_columns(
        pl.len().over("cluster", "label").alias("both"),
        pl.len().over("cluster").alias("together"),
        pl.len().over("label").alias("same"),
    )
    if rows.is_empty():
        return Agreement(1.0, 1.0)
    shares = rows.select(
        (pl.col("both") / pl.col("together")).mean().alias("precision"),
        (pl.col("both") / pl.col("same")).mean().alias("recall"),
    ).row(0)
    return Agreement(*shares)
