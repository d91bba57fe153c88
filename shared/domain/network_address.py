"""Whose address it is: a person has one IPv4 address, or a whole network of IPv6 addresses to choose from."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Network, ip_address

# What a provider gives to one customer at least (RFC 6177).
_IPV6_PREFIX = 64


def place_of(address: str) -> str:
    """The place a network address stands for: itself for IPv4, the network /64 for IPv6. What is no address stays."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((int(found), _IPV6_PREFIX), strict=False))
