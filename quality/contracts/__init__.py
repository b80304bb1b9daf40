"""The registry of contracts: every table of the house, by name, in the order the data flows."""

from quality.contract import Contract
from quality.contracts import (
    capture,
    detection,
    extraction,
    health,
    images,
    items,
    linking,
    screening,
    statistics,
)

CONTRACTS: dict[str, Contract] = {
    contract.table: contract
    for module in (capture, items, extraction, images, linking, detection, screening, statistics, health)
    for contract in module.CONTRACTS
}
