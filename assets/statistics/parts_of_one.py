"""Articles that stand for a part of one: "two in Austria and one in Spain" where "one" is no number word."""

from assets.statistics.lexicon import THING, WORD, Lexicon, rules
from assets.statistics.numbers import Quantity

# Characters of the persons counted before "and a woman".
PERSONS_BEHIND = 24


def with_single_parts(text: str, folded: str, quantities: list[Quantity], words: Lexicon) -> list[Quantity]:
    """The numbers of a sentence, with a 1 where an article stands before a place or "of them".

    Only behind another number of the sentence, of which it can be a part: "tre in Francia, uno a Barcellona",
    "4 arguidos, um dos quais foi detido".
    """
    if not quantities:
        return quantities
    found = list(quantities)
    for match in words.single_part.finditer(folded, quantities[0].end):
        start, end = match.span("one")
        in_place = match.group("place") and text[match.end() : match.end() + 1].isupper()
        before = WORD.findall(folded[max(0, start - 12) : start])
        is_elsewhere = bool(before) and before[-1] in words.in_places | words.part_prepositions
        if not (in_place or match.group("of_which")) or is_elsewhere:
            continue
        if any(quantity.start < end and start < quantity.end for quantity in quantities):
            continue
        found.append(Quantity(start, end, start, end, 1.0, "exact", "count", None, True, False))
    for match in words.introduced_article.finditer(folded, quantities[0].end):
        start, end = match.span("one")
        is_person = any(
            role == THING and name in rules().persons for role, name in words.word_roles(match.group("noun"))
        )
        is_subject = match.group("noun") in words.stop and match.group("of_which") is not None
        if (is_person or is_subject) and not any(q.start < end and start < q.end for q in found):
            # "15 migranti, di cui una donna".
            found.append(Quantity(start, end, start, end, 1.0, "exact", "count", None, True, False))
    for match in words.joined_article.finditer(folded, quantities[0].end):
        start, end = match.span("one")
        noun = match.group("noun")
        is_person = any(role == THING and name in rules().persons for role, name in words.word_roles(noun))
        counted_before = any(0 < match.start() - quantity.end <= PERSONS_BEHIND for quantity in quantities)
        if is_person and counted_before and not any(q.start < end and start < q.end for q in found):
            # "vier mannen en een vrouw".
            found.append(Quantity(start, end, start, end, 1.0, "exact", "count", None, True, False))
    return sorted(found, key=lambda quantity: quantity.start)
