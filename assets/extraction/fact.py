"""One fact found in one folded text, before it becomes a row."""

from __future__ import annotations

from dataclasses import dataclass

# In the rule_id of a sign that no rule tells, but the model learned from sentences.
LEARNED = ".learned."
# Signs of whom a text speaks to or of: it speaks to its reader alone; what is done to somebody is done to its
# writer, or to another person by another.
ADDRESSED = "addressed_to_reader"
TOLD_OF_ONESELF, TOLD_OF_ANOTHER = "told_of_oneself", "told_of_another"


@dataclass(frozen=True, slots=True)
class Fact:
    """`start` and `end` are positions in the folded text, None for a fact of the whole text; `origin` and `destination`
    are the places of a movement ("City, CC", or CC for a country)."""

    kind: str
    value: str | None
    number: float | None
    unit: str | None
    start: int | None
    end: int | None
    confidence: float
    rule_id: str
    origin: str | None = None
    destination: str | None = None

    def inside(self, other: Fact) -> bool:
        """Whether this fact's span lies within the other's; a fact of the whole text lies in none."""
        if self.start is None or self.end is None or other.start is None or other.end is None:
            return False
        return other.start <= self.start and self.end <= other.end
