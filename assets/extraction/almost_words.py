"""Number words as they are written by ear, by mistake or with digits for letters: "fyve", "sseis", "zer0", "восем".

A word found here is a guess. It counts only among sure parts of a number, and only if the whole is a telephone number
(`loose_rows`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from assets.extraction.misspelt_numbers import misspellings
from assets.extraction.number_words import number_words, split_token

# How far a guess is from the word: by ear, with a digit for a letter or a letter too many, a letter wrong.
BY_EAR, DISTORTED, MISTYPED = 0.5, 0.3, 0.9
# A digit that looks like the letter it stands for.
LEET = 0.2
# By ear, and some vowels are missing ("sbn").
_SKELETON = 0.8
# Fewest letters of a token, and of the word, when a letter is wrong, missing or too many.
_FEWEST_LETTERS = 3
_LONGEST = 24
# Most words that one token is taken for.
_MOST = 4
# Digits for the letters they look like; a one passes for two.
_LOOKS = ("01345789@$26", "oieastbgaszg")
_LEET_TABLES = tuple(str.maketrans(_LOOKS[0], _LOOKS[1].replace("i", letter, 1)) for letter in ("i", "l"))
_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = "aeiouyjаеёиійоуыэюяєїαεηιουωйь"
# What sounds alike in most of the languages, in the order of application. Source: the classes of Soundex and of the
# Kölner Phonetik, widened to languages where b is v and c is s.
_SOUNDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("sch|sh|cz|sz|ch(?=[ei])|th(?=r)", "s"),
        ("ow", "o"),
        ("ph|[bvwfpбвфпβφπ]", "f"),
        ("тс|дс|[тд]ь?с|ц", "с"),
        ("[кгґqckgκγ](?![eiy])|[кгґqkgκγ]", "k"),
        ("[cszçxсзжшщчσςζξ]", "s"),
        ("[dtдтδτθ]", "t"),
        ("[lłлλ]", "l"),
        ("[rрρ]", "r"),
        ("[mмμ]", "m"),
        ("[nñнν]", "n"),
        ("[hхъ'χ]", ""),
        (f"[{_VOWELS}]+", "a"),
    )
)


def sound(token: str) -> str:
    """Roughly how small letters sound, whatever language they are in; words that sound alike have the same."""
    for pattern, letter in _SOUNDS:
        token = pattern.sub(letter, token)
    token = _DOUBLED.sub(r"\1", token)
    return token[:-1] if token.endswith("a") and len(token) > 2 else token


@cache
def _words_by_sound(language: str) -> dict[str, tuple[str, ...]]:
    """The number words by how they sound, and by their consonants alone."""
    found: dict[str, list[str]] = {}
    for word in sorted(number_words(language).words):
        key = sound(word)
        found.setdefault(key, []).append(word)
        if (consonants := key.replace("a", "")) != key:
            found.setdefault(consonants, []).append(word)
    return {key: tuple(words) for key, words in found.items()}


# Words that together are one number ("dix huit"), with the distance of the token from them.
_Guess = tuple[tuple[str, ...], float]


@cache
def _misspelt(language: str) -> dict[str, tuple[str, ...]]:
    phrases = {value: phrase for phrase, value in reversed(number_words(language).values.items())}
    return {
        spelling: phrases[value] for spelling, value in misspellings(language).items() if value in phrases
    }


@cache
def _words_without_a_letter(language: str) -> dict[str, tuple[str, ...]]:
    """The number words by what is left of them without one of their letters, and by themselves."""
    found: dict[str, set[str]] = {}
    for word in number_words(language).words:
        if len(word) >= _FEWEST_LETTERS:
            for short in _shortened(word):
                found.setdefault(short, set()).add(word)
    return {short: tuple(sorted(words)) for short, words in found.items()}


def _shortened(word: str) -> set[str]:
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


@lru_cache(maxsize=20_000)
def guesses(token: str, language: str) -> tuple[_Guess, ...]:
    """Number words of `language` (as `number_words` takes it) that `token` (folded) may stand for, each with its
    distance: mostly one word, for glued ones several; the nearest first, none for most tokens.

    A word spelled right is no guess: its distance is 0.
    """
    languages = language.split("+")
    if len(languages) > 1:
        return _nearest(guess for one in languages for guess in guesses(token, one))
    if len(token) > _LONGEST:
        return ()
    lower = _small(token)
    if lower.isalpha():
        exact = split_token(lower, language)
        if exact is not None:
            return ((tuple(word for word, _, _ in exact), 0.0),)
    table = number_words(language)
    found: list[_Guess] = []
    for letters in _spellings(lower):
        spelled = 0.0 if letters == lower else LEET
        found += ((words, spelled + far) for words, far in _near(letters, language, _FEWEST_LETTERS))
        for cut in range(2, len(letters) - 1) if len(letters) >= 6 else ():
            for left, far in _near(letters[:cut], language, 4):
                for right, further in _near(letters[cut:], language, 4):
                    if far + further <= MISTYPED:
                        found.append(((*left, *right), spelled + far + further))
    if not lower.isalpha():
        found += ((word, DISTORTED) for word in _with_digits(lower, language))
    # "Sixes" needs a count before it, which is more than a guess can tell.
    return _nearest((words, far) for words, far in found if table.plurals.keys().isdisjoint(words))


def _nearest(found: Iterable[_Guess]) -> tuple[_Guess, ...]:
    nearest: dict[tuple[str, ...], float] = {}
    for words, far in found:
        nearest[words] = min(far, nearest.get(words, far))
    return tuple(sorted(nearest.items(), key=lambda guess: guess[1])[:_MOST])


def _small(token: str) -> str:
    """In small letters; a capital I among them is an l ("nuII")."""
    inside = token[1:]
    if "I" in inside and any(letter.islower() for letter in token):
        token = token[0] + inside.replace("I", "l")
    return token.lower()


def _spellings(lower: str) -> list[str]:
    """The token with letters for its digits, in each way that has more letters than digits; itself without digits."""
    digits = sum(not character.isalpha() for character in lower)
    if not digits:
        return [lower]
    if digits * 2 > len(lower) or len(lower) < _FEWEST_LETTERS:
        return []
    return sorted({lower.translate(table) for table in _LEET_TABLES})


def _with_digits(lower: str, language: str) -> Iterable[tuple[str]]:
    """Words of the token's length that differ from it only where it has a digit ("fi5e")."""
    if sum(map(str.isdigit, lower)) > 1 + len(lower) // 6:
        return
    for word in sorted(number_words(language).words):
        if len(word) == len(lower) >= 4 and all(
            a == b or a.isdigit() for a, b in zip(lower, word, strict=True)
        ):
            yield (word,)


def _near(letters: str, language: str, fewest: int) -> Iterable[_Guess]:
    """Single words (and what is listed as misspelt) that `letters` may stand for, short ones only if they are known."""
    if letters in number_words(language).words:
        return [((letters,), 0.0)]
    if letters in _misspelt(language):
        return [(_misspelt(language)[letters], BY_EAR)]
    return _single(letters, language) if len(letters) >= fewest else []


@lru_cache(maxsize=20_000)
def _single(letters: str, language: str) -> tuple[_Guess, ...]:
    found: list[_Guess] = []
    plain, key = _DOUBLED.sub(r"\1", letters), sound(letters)
    for word in number_words(language).words:
        if plain == _DOUBLED.sub(r"\1", word):
            found.append(((word,), DISTORTED))
    for word in _words_by_sound(language).get(key, ()) if len(key) > 1 else ():
        apart = abs(len(word) - len(letters))
        found.append(((word,), BY_EAR + 0.1 * apart + 0.1 * (word[0] != letters[0])))
    consonants = key.replace("a", "")
    for word in _words_by_sound(language).get(consonants, ()) if len(consonants) > 2 else ():
        if len(letters) < len(word):
            found.append(((word,), _SKELETON))
    for short in _shortened(letters):
        for word in _words_without_a_letter(language).get(short, ()):
            # Whoever mistypes a word seldom does so at its first letter.
            if _one_apart(word, letters) and sound(word[0]) == sound(letters[0]):
                found.append(((word,), MISTYPED + (0.3 if min(len(word), len(letters)) < 4 else 0.0)))
    return _nearest(found)


def _one_apart(word: str, letters: str) -> bool:
    """One letter wrong, missing or too many, or two neighbours exchanged."""
    if len(word) != len(letters):
        long, short = (word, letters) if len(word) > len(letters) else (letters, word)
        return short in _shortened(long)
    differing = [place for place, (a, b) in enumerate(zip(word, letters, strict=True)) if a != b]
    if len(differing) == 2:
        first, second = differing
        return second == first + 1 and word[first] == letters[second] and word[second] == letters[first]
    return len(differing) == 1
