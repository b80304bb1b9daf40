"""Sentences from rules: `{rule}` expands, `{one|other}` chooses, `<slot>` waits for its value.

The rules live in `simulation/phrases/*.yaml` as `language: rule: [alternatives]`. A rule that a language does not have
is a KeyError, so a missing phrase shows in the first test. Expanding first and filling slots afterwards lets one
author re-use a template word for word while names and numbers change.
"""

import re
from functools import cache
from pathlib import Path
from random import Random

import yaml

PHRASES = Path(__file__).parent / "phrases"
_CHOICE = re.compile(r"\{([^{}]*)\}")
_SLOT = re.compile(r"<([a-z_]+)>")


class Grammar:
    """The rules of one subject in one language."""

    def __init__(self, rules: dict[str, list[str]]) -> None:
        self.rules = rules

    def expand(self, rule: str, random: Random) -> str:
        """One sentence of `rule`, slots still open. Raises KeyError for an unknown rule."""
        text = random.choice(self.rules[rule])
        while "{" in text:
            text = _CHOICE.sub(lambda match: self._choose(match[1], random), text)
        return text

    def _choose(self, inside: str, random: Random) -> str:
        return random.choice(inside.split("|")) if "|" in inside else random.choice(self.rules[inside])


def fill(text: str, **slots: object) -> str:
    """`text` with each `<slot>` replaced; a slot without value raises KeyError."""
    return _SLOT.sub(lambda match: str(slots[match[1]]), text)


@cache
def grammars(subject: str) -> dict[str, Grammar]:
    """The grammars of `simulation/phrases/<subject>.yaml` by language code."""
    data = yaml.load((PHRASES / f"{subject}.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {language: Grammar(rules) for language, rules in data.items()}
