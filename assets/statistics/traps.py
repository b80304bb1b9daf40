"""Numbers that count nothing an operation did: telephone numbers, ages, years, terms, shares, context."""

import re

from assets.statistics.lexicon import ACTION, THING, WORD, Lexicon
from assets.statistics.numbers import Quantity
from assets.statistics.ranges import other_end
from assets.statistics.scene import Scene, near

PHONE = re.compile(
    r"(?<![\w.])(?:\+\d[\d\s().-]{6,24}\d|0\d[\d\s().-]{6,24}\d|1-\d{3}-[\w-]+"
    r"|0(?:[ .]\d{2,4}){3,5}|\d{3}(?: \d{2}){3}"
    r"|\(?\d{3}\)?[ -]\d{3}-\d{4}|\d{3}-\d{4})(?!\w)"
)
ADDRESS = re.compile(
    r"https?://\S+|www\.\S+|[\w.+-]{1,64}@[\w.-]{1,100}\.\w+|\b[\w-]+\.(?:com|org|gov|net|int|eu|nl|de|fr|es|it|br|pt|ar|mx)(?:/\S*)?\b"
)
CLOCK = re.compile(r"(?<!\d)\d{1,2}[:h]\d{2}(?!\d)|(?<!\d)\d{1,3}/\d{1,5}(?!\d)")
# Words that may stand between an article and the age in brackets behind one person ("a known dealer (25)").
WORDS_OF_ONE = 3
AGE_AFTER_NAME = re.compile(r",\s?\(?$")


def masked_spans(text: str) -> list[tuple[int, int]]:
    """Spans whose digits count nothing: addresses, telephone numbers, clock times, fractions such as 24/7."""
    return [match.span() for pattern in (ADDRESS, PHONE, CLOCK) for match in pattern.finditer(text)]


def is_no_count(scene: Scene, quantity: Quantity, words: Lexicon) -> bool:
    """Whether a number counts nothing an operation did; the ends of a range stand and fall together."""
    other = other_end(scene, quantity, words)
    return _counts_nothing(scene, quantity, words) or (
        other is not None and _counts_nothing(scene, other, words)
    )


def _counts_nothing(scene: Scene, quantity: Quantity, words: Lexicon) -> bool:
    folded = scene.folded
    after = folded[quantity.number_end : quantity.number_end + 40]
    before = folded[max(0, quantity.number_start - 24) : quantity.number_start]
    if quantity.kind == "count" and words.ignore_after.match(after):
        return True
    if words.ignore_before.search(before) or words.vague_before.search(
        folded[max(0, quantity.start - 40) : quantity.start]
    ):
        return True
    if (
        quantity.is_word
        and quantity.value == 1
        and words.partitive.match(folded, quantity.end)
        and not words.of_which_after.match(folded, quantity.end)
    ):
        # "one of the largest operations" counts nothing.
        return True
    # What a victim pays is told by the month or the day; of everything else that is a rate, not an outcome.
    is_payment = quantity.kind == "money" and any(label.name == "pay" for label in scene.of(ACTION))
    # So many officers a day are an effort all the same.
    is_effort = any(
        label.name == "officer" and 0 <= label.start - quantity.end <= 1 for label in scene.of(THING)
    )
    if not (is_payment or is_effort) and near(folded, quantity, words.context, 60):
        return True
    if quantity.value <= 0 or words.ratio.search(before):
        # "one in ten employers".
        return True
    bare_year = (
        quantity.kind == "count"
        and not quantity.has_separator
        and not quantity.is_word
        and 1900 <= quantity.value <= 2100
        and quantity.qualifier == "exact"
    )
    if bare_year:
        following = WORD.search(folded, quantity.number_end)
        direct = following and following.start() - quantity.number_end <= 1
        if (
            not direct
            or following is None
            or not any(role == THING for role, _ in words.word_roles(following.group()))
        ):
            return True
    if before.endswith("(") and after.startswith(")") and 13 < quantity.value < 100 and not quantity.is_word:
        previous = WORD.findall(folded, max(0, quantity.number_start - 60), quantity.number_start)[
            -WORDS_OF_ONE:
        ]
        if any(token in words.articles for token in previous):
            return True
    aged = AGE_AFTER_NAME.search(before) and re.match(r"\s?\)?,", after) and 5 < quantity.value < 100
    if (
        aged
        and not quantity.is_word
        and scene.sentence.text[: max(1, quantity.start)].strip()[-2:-1].isalpha()
    ):
        previous = WORD.findall(scene.sentence.text[: quantity.number_start])
        if previous and previous[-1][:1].isupper():
            return True
    return False
