"""What an amount of money is: seized, recovered, lost, paid by a victim, or the value of goods.

Amounts have no noun of their own: the governing action decides, with the corrections of `_refined_money_action`.
"""

import re
from dataclasses import replace

from assets.statistics.governing import best_action
from assets.statistics.lexicon import ACTION, FUNDS, THING, Lexicon, rules
from assets.statistics.numbers import Quantity
from assets.statistics.scene import Figure, Scene, made

# A debt or fee of one person above this, in a hard currency, is the turnover of a group.
HIGHEST_VICTIM_PAYMENT = 500_000
# "seizures worth 3.6 million, including 33 kg of cocaine": goods told of this soon are what the value is of.
GOODS_LIST_REACH = 60
# Characters between a loss and the amount at which it is estimated.
LOSS_ESTIMATED = 40
IN_OTHER_CURRENCY = re.compile(r"\(\s*(?:[^\W\d]{1,12}[\s:]\s*){0,2}$")


def with_shared_currency(scene: Scene, quantity: Quantity, words: Lexicon) -> Quantity | None:
    """ "199 million dollars in cash and 101 million in virtual assets": the second amount is money too."""
    if quantity.kind != "count":
        return None
    if quantity.value < 100_000 or not quantity.has_separator:
        return None
    amounts = [
        other for other in scene.quantities if other.kind == "money" and 0 <= quantity.start - other.end <= 40
    ]
    follows = any(0 <= label.start - quantity.end <= 6 for label in scene.of(FUNDS))
    return replace(quantity, kind="money", unit=amounts[-1].unit) if amounts and follows else None


def money_figure(scene: Scene, quantity: Quantity, words: Lexicon) -> Figure | None:
    """Figure of an amount of money by its action, or None: fines and amounts told again are none."""
    before = scene.folded[: quantity.start]
    if IN_OTHER_CURRENCY.search(before) and any(
        other.kind == "money" and 0 <= quantity.start - other.end <= 24 for other in scene.quantities
    ):
        return None
    beside = [
        label
        for label in scene.of(FUNDS)
        if "," not in scene.folded[label.end : quantity.start]
        and label.start - quantity.end < 28
        and quantity.start - label.end < 30
        and (label.end <= quantity.start or label.start >= quantity.end)
    ]
    funds = bool(beside)
    if _is_fine(scene, quantity):
        return None
    table = rules().money["with_funds" if funds else "actions"]
    known: dict[str, str | None] = dict(table)
    nearest = min(beside, key=lambda label: abs(label.start - quantity.end), default=None)
    if nearest is not None and words.cash.fullmatch(scene.folded[nearest.start : nearest.end]):
        # Cash that the police recover is seized; what goes back to its owner is an account's money.
        known["recover"] = "money_seized"
    if quantity.unit in rules().hard_currencies and quantity.value > HIGHEST_VICTIM_PAYMENT:
        del known["pay"]
    action, _ = best_action(scene, known, quantity.start, quantity.end, words)
    action = _refined_money_action(scene, quantity, action, words)
    if action is None and scene.sentence.is_list_item and funds:
        action = "seize"
    metric = known.get(action) if action else None
    if metric is None:
        return None
    return made(scene, quantity, metric, quantity.start, quantity.end)


# Characters between an amount and what is paid back with it.
RECOVERED_REACH = 24
# Fines stand this many characters before their amount.
FINE_REACH = 60


def _is_fine(scene: Scene, quantity: Quantity) -> bool:
    """ "fines of 7,600 euros": what is imposed is neither seized nor lost."""
    return any(
        label.name == "citation"
        and 0 <= quantity.start - label.end <= FINE_REACH
        and not any(
            act.name == "seize" and label.end <= act.start < quantity.start for act in scene.of(ACTION)
        )
        and not re.search(r"[,;.](?!\d)", scene.folded[label.end : quantity.start])
        for label in scene.of(THING)
    )


def _refined_money_action(scene: Scene, quantity: Quantity, action: str | None, words: Lexicon) -> str | None:
    """Four corrections to the nearest action of an amount of money.

    "seizures worth 3 million" are money seized; "prevented losses of" is a loss prevented; "fraudulent sale of
    art worth" is a loss where nothing was seized; "1.2 million of narcotics" is the value of the goods.
    """
    actions = {label.name for label in scene.of(ACTION)}
    goods = [
        label
        for label in scene.of(THING)
        if label.name in rules().goods
        and 0 <= label.start - quantity.end <= 22
        and words.amount_of.fullmatch(scene.folded[quantity.end : label.start])
    ]
    if action == "value" and not goods:
        recovers = [
            label for label in scene.of(ACTION) if label.name == "recover" and label.start >= quantity.end
        ]
        if recovers and recovers[0].start - quantity.end < RECOVERED_REACH:
            # "no valor de 500 mil, por indenização".
            return "recover"
    if words.worth_of.match(scene.folded, quantity.end):
        return "value"
    if goods and not any(
        label.name == "funds" and label.start == goods[0].start for label in scene.of(FUNDS)
    ):
        return "value"
    for seizure in scene.of(ACTION):
        if action == "value" and seizure.name == "seize":
            goods_follow = any(
                label.name in rules().goods and 0 < label.start - quantity.end < GOODS_LIST_REACH
                for label in scene.of(THING)
            )
            worth = [v for v in scene.of(ACTION) if v.name == "value" and 0 <= v.start - seizure.end <= 3]
            if worth and 0 <= quantity.start - worth[0].end <= 3 and not goods_follow:
                return "seize"
    if action == "lose":
        for loss in scene.of(ACTION):
            if loss.name == "lose" and any(
                label.name == "prevent" and 0 <= loss.start - label.end <= 30 for label in scene.of(ACTION)
            ):
                return "prevent"
    for loss in scene.of(ACTION):
        # "the damage is estimated at 1.06 million": the value is the loss's.
        between = scene.folded[loss.end : quantity.start]
        is_near = loss.name == "lose" and 0 <= quantity.start - loss.end <= LOSS_ESTIMATED
        if action == "value" and is_near and not re.search(r"[,;.\d]", between):
            return "lose"
    nothing_seized = "seize" not in actions and "recover" not in actions
    if action == "value" and nothing_seized:
        losses = [label for label in scene.of(ACTION) if label.name == "lose"]
        if any(0 <= quantity.start - label.end <= 60 for label in losses):
            return "lose"
    return action
