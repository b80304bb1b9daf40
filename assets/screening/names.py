"""Names of persons, made comparable: script, accents, order of the parts and common ways to spell a sound.

A name is its parts without order. Two names are alike when every part of the shorter one is found in the longer one,
and there are at least two: an alias of one part says nothing.
"""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import yaml
from rapidfuzz.distance import OSA

FEWEST_PARTS = 2
# How like two parts are, from alike to just alike enough; the order is what matters (docs/screening.md).
SAME, SAME_SOUND, ONE_EDIT, SAME_CONSONANTS = 1.0, 0.95, 0.88, 0.85
EXTRA_PART = 0.03
_MOST_EXTRA = 3
# One wrong letter in a short part makes another name of it ("Lena", "Lina").
_SHORTEST_FOR_AN_EDIT, _SHORTEST_FOR_TWO = 5, 9
_FEWEST_CONSONANTS = 3
_LONGEST = 200
_WORD = re.compile(r"[^\W\d_]+")
_VOWELS = re.compile("[aeiou]")
_GLIDE, _DOUBLE = re.compile("i+([aeou])"), re.compile(r"(.)\1+")
_APOSTROPHES = str.maketrans("", "", "'’ʼ`´")


class NameMatch(NamedTuple):
    """How like two names are (0 to 1), and how many parts of the longer one have no counterpart."""

    similarity: float
    extra: int


@lru_cache(1)
def _rules() -> tuple[dict[int, str], tuple[tuple[str, str], ...], frozenset[str]]:
    file = Path(__file__).parent / "rules" / "transliteration.yaml"
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    letters = {**data["cyrillic"], **data["greek"], **data["latin"]}
    sounds = tuple((spelled, heard) for spelled, heard in data["sounds"])
    return {ord(letter): latin for letter, latin in letters.items()}, sounds, frozenset(data["particles"])


@lru_cache(1 << 16)
def name_parts(name: str) -> tuple[str, ...]:
    """The parts of a name in Latin small letters without accents, sorted; initials, particles and digits left out.

    Words of other scripts than Latin, Greek and Cyrillic stay as they are. Only the first 200 characters count.
    """
    letters, _, particles = _rules()
    # й and ё decompose, too: the table goes first.
    plain = unicodedata.normalize("NFC", name[:_LONGEST]).lower().translate(_APOSTROPHES).translate(letters)
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(sign))
    # Compatibility forms (full width, ligatures) show their letters only now.
    plain = plain.lower().translate(_APOSTROPHES).translate(letters)
    words = _WORD.findall(plain)
    return tuple(sorted(word for word in words if len(word) > 1 and word not in particles))


def is_full_name(name: str) -> bool:
    """Whether a name has at least two parts that tell: one alone is an alias, and never looked up."""
    return len(set(name_parts(name))) >= FEWEST_PARTS


@lru_cache(1 << 16)
def sound(part: str) -> str:
    """The part with one spelling for each sound, no glide before a vowel ("iu", "ia"), and double letters once."""
    for spelled, heard in _rules()[1]:
        if spelled in part:
            part = part.replace(spelled, heard)
    return _DOUBLE.sub(r"\1", _GLIDE.sub(r"\1", part))


@lru_cache(1 << 16)
def consonants(part: str) -> str:
    """The first letter of the sound and its consonants."""
    heard = sound(part)
    return heard[:1] + re.sub("[aeiouh]", "", heard[1:])


@lru_cache(1 << 18)
def part_similarity(left: str, right: str) -> float:
    """How like two parts are: 1, 0.95 (one sound), 0.88 (an edit), 0.85 (other vowels only), or 0.

    An edit is a letter added, left out, changed, or swapped with its neighbour (optimal string alignment).
    """
    if left == right:
        return SAME
    one, other = sound(left), sound(right)
    if one == other:
        return SAME_SOUND
    shortest = min(len(one), len(other))
    edits = 2 if shortest >= _SHORTEST_FOR_TWO else 1 if shortest >= _SHORTEST_FOR_AN_EDIT else 0
    if edits and OSA.distance(one, other, score_cutoff=edits) <= edits:
        return ONE_EDIT
    # "Mohamed", "Muhamad": vowels in the same places, not "Novak", "Nowicki".
    same = _VOWELS.sub("*", one) == _VOWELS.sub("*", other)
    return SAME_CONSONANTS if same and len(consonants(left)) >= _FEWEST_CONSONANTS else 0.0


def compare_names(left: tuple[str, ...], right: tuple[str, ...]) -> NameMatch | None:
    """Compare the parts of two names; None unless each part of the shorter one (two at least) has a counterpart."""
    shorter, longer = (left, right) if len(left) <= len(right) else (right, left)
    if len(set(shorter)) < FEWEST_PARTS:
        return None
    free = list(longer)
    total = 0.0
    # What is equal is taken first, so that a part that is only similar does not get it.
    for part in sorted(shorter, key=lambda part: part not in longer):
        best = max(free, key=lambda other: part_similarity(part, other))
        likeness = part_similarity(part, best)
        if not likeness:
            return None
        total += likeness
        free.remove(best)
    extra = len(free)
    return NameMatch(total / len(shorter) - EXTRA_PART * min(extra, _MOST_EXTRA), extra)


def blocking_keys(parts: tuple[str, ...]) -> set[str]:
    """Keys of which two alike names nearly always share one: the consonants of a part with an end of another.

    An error in one part leaves the consonants of another, and the start or the end of itself.
    """
    bones = {part: consonants(part) for part in set(parts)}
    pairs = [(bones[one], sound(other)) for one in bones for other in bones if one != other]
    return {f"{bone}|{heard[:2]}" for bone, heard in pairs} | {
        f"{bone}|.{heard[-2:]}" for bone, heard in pairs
    }
