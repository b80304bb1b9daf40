"""What an item says: title, text, telephone field and price, written from the grammar in the item's own stream."""

from dataclasses import dataclass
from random import Random

from simulation.grammar import fill, grammars
from simulation.items import CONTACTS_CHANNEL, HOME_REGION, LISTING_SITES, Identifier, Item
from simulation.obscuring import obscured, plain
from simulation.phones import Phone
from simulation.places import CITY, NATIONALITY
from simulation.randomness import stream

_SUBJECT = {"ad": "adult", "domestic": "domestic", "offer": "jobs", "chat": "chatter"}
# Rules of the grammar for the signs of advertisements; those of offers carry the sign's own name.
_SIGN_RULE = {"third_party": "sign_third", "newly_arrived": "sign_new", "debt": "sign_debt"}
BOILERPLATE = 0.12


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one item. `phone` is set when the number stands in its own field instead of the text."""

    title: str
    text: str
    phone: str | None
    price: str


def amount(value: int, language: str, random: Random) -> str:
    """A sum of euros as written in `language`."""
    if language == "en":
        return random.choice((f"EUR {value:,}", f"€{value:,}", f"{value:,} euros"))
    dotted = f"{value:,}".replace(",", "\u202f" if language == "fr" and random.random() < 0.3 else ".")
    if language == "fr":
        dotted = f"{value:,}".replace(",", random.choice((" ", "\u202f")))
    if language == "ro":
        return random.choice((f"{dotted} EUR", f"{dotted} de euro", f"{dotted} €"))
    if language == "de":
        return random.choice((f"{dotted} Euro", f"{dotted} €", f"EUR {dotted}"))
    return random.choice((f"{dotted} €", f"{dotted} euros", f"EUR {dotted}"))


def write(item: Item, seed: int) -> Wording:
    """The wording of `item`; the same for the same seed, however often and in whatever order it is asked for."""
    random = stream(seed, "item", item.site, item.number)
    template = item.template
    if template is None and item.role != "chat" and random.random() < BOILERPLATE:
        template = f"boilerplate-{item.site}-{random.randrange(40)}"
    words = stream(seed, "words", template or item.key, item.language)
    grammar = grammars(_SUBJECT[item.role])[item.language]
    price = amount(random.choice((50, 60, 70, 80, 90, 100, 120, 150)), item.language, random)
    if item.role == "domestic":
        price = amount(random.randint(11, 19), item.language, random)
    deceptive = "deceptive_job" in item.signs

    if item.role == "chat":
        title, sentences = "", [grammar.expand("chat" if random.random() < 0.96 else "notice", words)]
    elif "probable_minor" in item.signs:
        title, sentences = "<name>", [grammar.expand("minor", words)]
    elif deceptive:
        title, sentences = grammar.expand("offer", words), [grammar.expand("firmline", words)]
        sentences += [grammar.expand(sign, words) for sign in item.signs if sign != "deceptive_job"]
    else:
        title, sentences = grammar.expand("title", words), [grammar.expand("main", words)]
        sentences += [grammar.expand(_SIGN_RULE.get(sign, sign), words) for sign in item.signs]
    if deceptive and item.site not in LISTING_SITES:
        sentences[0] = ""

    field, contacts = _contacts(item, random)
    body = " ".join(sentence for sentence in sentences if sentence)
    if item.site == CONTACTS_CHANNEL:
        body = f"📍 <city> · <nat> · <age>\n{body}"
    glue = random.choice((" ", " ", "\n", "\n\n"))
    body = glue.join(
        (contacts[0], body, *contacts[1:]) if contacts and random.random() < 0.1 else (body, *contacts)
    )
    city = CITY[item.city]
    slots: dict[str, object] = {
        "name": item.name,
        "age": item.age,
        "nat": NATIONALITY[item.nationality].word(item.language) if item.nationality else "",
        "city": city.name,
        "district": words.choice(city.districts),
        "price": price,
        "pay": amount(words.randrange(1_300, 2_500, 50), item.language, words),
        "bigpay": amount(words.randrange(4_000, 9_500, 500), item.language, words),
        "amount": amount(item.debt or 12_000, item.language, random),
        "firm": item.name if item.role == "offer" else "Nordhaus",
        "sector": words.choice(grammar.rules["lure" if deceptive else "sector"])
        if item.role == "offer"
        else "",
    }
    text = " ".join(fill(body, **slots).replace("\n", " \n ").split(" "))
    return Wording(fill(title, **slots).strip(), _tidy(text), field, price)


def _tidy(text: str) -> str:
    return "\n".join(line.strip() for line in text.split("\n")).strip()


def _contacts(item: Item, random: Random) -> tuple[str | None, list[str]]:
    """The telephone field (or None) and the sentences that give every other identifier."""
    region, rules = HOME_REGION[item.site], grammars("contacts")[item.language]
    field: str | None = None
    sentences = []
    hide = item.obscured
    for identifier in item.identifiers:
        if identifier.generic:
            shown = _plain(identifier, region, random)
            rule = {"phone": "support", "username": "placed"}.get(identifier.kind, "safety")
        elif identifier.phone is not None:
            if hide:
                shown = obscured(identifier.phone, region, item.language, random)
                hide = False
            elif field is None and item.site in LISTING_SITES and random.random() < 0.35:
                field = plain(identifier.phone, region, random)
                continue
            else:
                shown = _messenger(identifier.phone, random) or plain(identifier.phone, region, random)
            rule = "phone"
        else:
            shown = f"@{identifier.value}" if identifier.kind == "username" else identifier.value
            rule = identifier.kind
        sentences.append(fill(rules.expand(rule, random), contact=shown))
    return field, sentences


def _plain(identifier: Identifier, region: str, random: Random) -> str:
    if identifier.phone is not None:
        return plain(identifier.phone, region, random)
    return f"@{identifier.value}" if identifier.kind == "username" else identifier.value


def _messenger(phone: Phone, random: Random) -> str | None:
    """A link that opens a chat with `phone`; the number is all it holds."""
    return f"https://wa.me/{phone.e164[1:]}" if random.random() < 0.08 else None
