"""The address guard."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.capture.addresses import AddressGuard

REFUSED = [
    "127.0.0.1", "127.8.9.10", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::1",
    "100::1", "2001::1", "2001:0:7f00:1::", "2001:db8::1", "2002:a00:1::1", "3fff::1", "5f00::1", "fc00::1",
    "fd12::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2a00:1450::5efe:10.0.0.1",
    "not-an-address", "",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "2a00:1450:4001:80b::200e", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", REFUSED)
def test_special_addresses_are_refused(address: str) -> None:
    assert AddressGuard().refusal(address) is not None


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_pass(address: str) -> None:
    assert AddressGuard().refusal(address) is None


def test_settings_open_exactly_what_they_name() -> None:
    loopback = AddressGuard(allow_loopback=True)
    assert loopback.refusal("127.0.0.1") is None
    assert loopback.refusal("::1") is None
    assert loopback.refusal("10.0.0.1") is not None
    assert loopback.refusal("::ffff:127.0.0.1") is not None
    network = AddressGuard(allow_networks=["10.1.0.0/16"])
    assert network.refusal("10.1.2.3") is None
    assert network.refusal("10.2.0.1") is not None


@given(st.ip_addresses(v=4))
def test_a_private_address_is_refused_in_every_disguise(address: ipaddress.IPv4Address) -> None:
    guard = AddressGuard()
    plain = guard.refusal(str(address))
    number = int(address)
    disguises = [
        ipaddress.IPv6Address(0xFFFF << 32 | number),
        ipaddress.IPv6Address((0x64FF9B << 96) | number),
        ipaddress.IPv6Address((0x2002 << 112) | (number << 80)),
    ]
    if plain is not None:
        assert all(guard.refusal(str(disguise)) is not None for disguise in disguises)
