"""The language of a text, told by its function words, and of a short text by the words of the lexicons too."""

import re
from collections import Counter
from functools import lru_cache

from assets.statistics.language_data import FALLBACK_LANGUAGE, languages, read_data
from assets.statistics.lexicon import WORD, lexicon

# Words looked at; releases change their language only in their menus.
WORDS_READ = 1500
# A text of fewer words has too few function words to tell ("Festnahmen: 24"); what it counts tells then.
SHORT_TEXT = 80
# A word that a lexicon knows weighs this much of a function word of one language only.
LEXICON_WEIGHT = 0.5

_LETTERS = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=1)
def _stopwords() -> dict[str, frozenset[str]]:
    return {code: frozenset(read_data(f"operations/{code}.yaml")["stopwords"]) for code in languages()}


def detect_language(text: str) -> str:
    """The language with the most function words among the first words; English if no word is known.

    A word that several languages share ("de", "en") weighs the less the more of them share it.
    """
    lowered = text.lower()
    words = Counter(_LETTERS.findall(lowered)[:WORDS_READ])
    shared = Counter(word for stopwords in _stopwords().values() for word in stopwords)
    counts = {
        code: sum(words[word] / shared[word] ** 2 for word in stopwords)
        for code, stopwords in _stopwords().items()
    }
    if words.total() < SHORT_TEXT:
        letters = [word for word in WORD.findall(lowered) if not word.isdigit()]
        knowing = {
            word: [code for code in languages() if lexicon(code).word_roles(word)] for word in set(letters)
        }
        for word in letters:
            for code in knowing[word]:
                counts[code] += LEXICON_WEIGHT / len(knowing[word]) ** 2
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] > 0 else FALLBACK_LANGUAGE
