"""Cryptocurrency addresses whose checksum holds; a typing error or a random token is none."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from assets.extraction.found import Found

_CANDIDATE = re.compile(
    r"(?<![A-Za-z0-9])(?:0x[0-9a-fA-F]{40}|(?:bc1|BC1|ltc1|LTC1)[A-Za-z0-9]{8,71}|[13TLMD][1-9A-HJ-NP-Za-km-z]{25,34})"
    r"(?![A-Za-z0-9])"
)
_BASE58 = {c: i for i, c in enumerate("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")}
_BECH32 = {c: i for i, c in enumerate("qpzry9x8gf2tvdw0s3jn54khce6mua7l")}
# First byte of a Base58Check payload of 21 bytes, by the coins' chain parameters.
_VERSIONS = {0x00: "btc", 0x05: "btc", 0x41: "tron", 0x30: "ltc", 0x32: "ltc", 0x1E: "doge"}


def find_crypto(text: str) -> Iterator[Found]:
    """Addresses of the folded `text`; value is `<coin>:<address>` (btc, ltc, doge, tron, eth)."""
    for match in _CANDIDATE.finditer(text):
        address = match.group()
        value = None
        if address.startswith("0x"):
            value = f"eth:{address.lower()}" if _valid_ethereum(address) else None
        elif address[:3].lower() in ("bc1", "ltc"):
            if _valid_segwit(address):
                value = f"{'btc' if address[:2].lower() == 'bc' else 'ltc'}:{address.lower()}"
        else:
            coin = _base58_coin(address)
            value = f"{coin}:{address}" if coin else None
        if value is not None:
            yield Found("crypto", value, match.start(), match.end(), False, "checksum")


def _base58_coin(address: str) -> str | None:
    """Coin of a Base58Check address: 21 bytes and the first four bytes of their double SHA-256."""
    number = 0
    for character in address:
        number = number * 58 + _BASE58[character]
    if number.bit_length() > 200:
        return None
    data = number.to_bytes(25, "big")
    if hashlib.sha256(hashlib.sha256(data[:21]).digest()).digest()[:4] != data[21:]:
        return None
    return _VERSIONS.get(data[0])


def _valid_segwit(address: str) -> bool:
    """BIP 173 (witness version 0) and BIP 350 (others)."""
    if address.lower() != address and address.upper() != address:
        return False
    prefix, _, data = address.lower().rpartition("1")
    if prefix not in ("bc", "ltc") or not 14 <= len(data) <= 71 or any(c not in _BECH32 for c in data):
        return False
    values = [_BECH32[character] for character in data]
    expanded = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    return _bech32_polymod(expanded + values) == (1 if values[0] == 0 else 0x2BC830A3)


def _bech32_polymod(values: list[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            checksum ^= generator if top >> place & 1 else 0
    return checksum


def _valid_ethereum(address: str) -> bool:
    """EIP-55: the case of the letters follows the Keccak-256 digest; all of one case carries no checksum."""
    body = address[2:]
    if body in (body.lower(), body.upper()):
        return len(set(body.lower())) > 4
    digest = keccak_256(body.lower().encode()).hex()
    return all(
        not character.isalpha() or character.isupper() == (int(digest[place], 16) >= 8)
        for place, character in enumerate(body)
    )


_ROUNDS = (
    0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000,
    0x000000000000808B, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
    0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
)  # fmt: skip
_ROTATIONS = (
    (0, 36, 3, 41, 18),
    (1, 44, 10, 45, 2),
    (62, 6, 43, 15, 61),
    (28, 55, 25, 21, 56),
    (27, 20, 39, 8, 14),
)
_MASK = (1 << 64) - 1


def keccak_256(data: bytes) -> bytes:
    """Keccak-256 with the original padding 0x01 (hashlib's sha3_256 pads with 0x06). Keccak reference, section 1."""
    rate = 136
    padded = bytearray(data + b"\x01" + b"\x00" * (-len(data) - 1 + rate * ((len(data) // rate) + 1)))
    padded[-1] |= 0x80
    state = [[0] * 5 for _ in range(5)]
    for offset in range(0, len(padded), rate):
        for lane in range(rate // 8):
            word = int.from_bytes(padded[offset + 8 * lane : offset + 8 * lane + 8], "little")
            state[lane % 5][lane // 5] ^= word
        _keccak_permutation(state)
    return b"".join(state[lane % 5][lane // 5].to_bytes(8, "little") for lane in range(4))


def _rotate(word: int, by: int) -> int:
    return ((word << by) | (word >> (64 - by))) & _MASK if by else word


def _keccak_permutation(state: list[list[int]]) -> None:
    for constant in _ROUNDS:
        columns = [state[x][0] ^ state[x][1] ^ state[x][2] ^ state[x][3] ^ state[x][4] for x in range(5)]
        for x in range(5):
            parity = columns[(x - 1) % 5] ^ _rotate(columns[(x + 1) % 5], 1)
            for y in range(5):
                state[x][y] ^= parity
        moved = [[0] * 5 for _ in range(5)]
        for x in range(5):
            for y in range(5):
                moved[y][(2 * x + 3 * y) % 5] = _rotate(state[x][y], _ROTATIONS[x][y])
        for x in range(5):
            for y in range(5):
                state[x][y] = moved[x][y] ^ (~moved[(x + 1) % 5][y] & moved[(x + 2) % 5][y] & _MASK)
        state[0][0] ^= constant
