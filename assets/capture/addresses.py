"""The address guard: which network addresses a crawl may connect to.

The check is made on the address of the socket about to be connected, so no spelling of a host name, no DNS answer
that changes between check and use, and no redirect can step around it.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
AddressInfo = tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]]

# IANA special-purpose registries name blocks that `ipaddress.is_global` lets through or knows only in part.
_NEVER_PUBLIC: tuple[IPNetwork, ...] = tuple(
    ipaddress.ip_network(block)
    for block in (
        "192.0.0.0/24",  # IETF protocol assignments, RFC 6890
        "192.88.99.0/24",  # 6to4 relay anycast, RFC 7526
        "224.0.0.0/4",  # multicast, RFC 5771
        "240.0.0.0/4",  # reserved, RFC 1112
        "64:ff9b:1::/48",  # local-use NAT64, RFC 8215
        "100::/64",  # discard-only, RFC 6666
        "2001::/23",  # IETF protocol assignments, RFC 2928 (Teredo is decoded below)
        "3fff::/20",  # documentation, RFC 9637
        "5f00::/16",  # segment routing SIDs, RFC 9602
        "fec0::/10",  # site-local, RFC 3879
        "ff00::/8",  # multicast, RFC 4291
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
_COMPATIBLE = ipaddress.IPv6Network("::/96")  # IPv4-compatible, RFC 4291
_TRANSLATED = ipaddress.IPv6Network("::ffff:0:0:0/96")  # IPv4-translated, RFC 2765


class AddressRefused(OSError):
    """A connection that the guard did not allow; the message names the address and why."""


def embedded_addresses(address: IPAddress) -> list[IPAddress]:
    """The address and every IPv4 address that an IPv6 transition format hides in it."""
    found: list[IPAddress] = [address]
    if isinstance(address, ipaddress.IPv6Address):
        low = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if address.ipv4_mapped is not None:
            found.append(address.ipv4_mapped)
        if address.sixtofour is not None:
            found.append(address.sixtofour)
        if address.teredo is not None:
            found.extend(address.teredo)
        if any(address in block for block in (_NAT64, _COMPATIBLE, _TRANSLATED)):
            found.append(low)
        # ISATAP (RFC 5214): interface identifier 0000:5EFE or 0200:5EFE, then the IPv4 address.
        if (int(address) >> 32) & 0xFDFFFFFF == 0x00005EFE:
            found.append(low)
    return found


class AddressGuard:
    """Decides on addresses: public ones pass, others only when a setting names them."""

    def __init__(self, *, allow_loopback: bool = False, allow_networks: Iterable[str] = ()) -> None:
        self._loopback = allow_loopback
        self._networks = tuple(ipaddress.ip_network(network) for network in allow_networks)

    def refusal(self, text: str) -> str | None:
        """Why the address (as given by the resolver) may not be connected to; None when it may."""
        try:
            address = ipaddress.ip_address(text.partition("%")[0])
        except ValueError:
            return "not an address"
        if self._loopback and address.is_loopback:
            return None
        if any(address in network for network in self._networks if network.version == address.version):
            return None
        for each in embedded_addresses(address):
            reason = _special_use(each)
            if reason is not None:
                return reason
        return None

    def socket_factory(self) -> Callable[[AddressInfo], socket.socket]:
        """A socket factory for aiohttp's connector that refuses before the connection is made."""

        def create(info: AddressInfo) -> socket.socket:
            family, kind, protocol, _, address = info
            reason = self.refusal(address[0])
            if reason is not None:
                raise AddressRefused(f"{address[0]} is {reason}")
            return socket.socket(family=family, type=kind, proto=protocol)

        return create


def _special_use(address: IPAddress) -> str | None:
    if address.is_loopback:
        return "a loopback address"
    if address.is_link_local:
        return "a link-local address"
    if address.is_multicast:
        return "a multicast address"
    if address.is_unspecified:
        return "the unspecified address"
    if any(address in block for block in _NEVER_PUBLIC if block.version == address.version):
        return "a reserved address"
    if not address.is_global:
        return "a private or reserved address"
    return None
