"""Where an IP address leads: out into the world, into the house, to this machine, or where no backend ever is."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class Zone(StrEnum):
    """The part of the network that an address is in."""

    PUBLIC = "public"
    LAN = "lan"
    LOOPBACK = "loopback"
    FORBIDDEN = "forbidden"  # no server of models: metadata, link-local, multicast, reserved, tunnels


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)


# Clouds answer here with the keys of the machine. Some of these lie in networks that are harmless otherwise.
_METADATA: Final = _networks(
    "169.254.0.0/16",  # link-local, and nearly every cloud's
    "100.100.100.200/32",  # Alibaba
    "168.63.129.16/32",  # Azure's host
    "192.0.0.192/32",  # Oracle's old one
    "fd00:ec2::/32",  # AWS
    "fd20:ce::254/128",  # Google
)
_LOOPBACK: Final = _networks("127.0.0.0/8", "::1/128")
_LAN: Final = _networks(
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",  # shared by a provider's customers, and by overlay networks
    "fc00::/7",
)
# The special-purpose registries of IANA, as far as nobody serves there.
_FORBIDDEN: Final = _networks(
    "0.0.0.0/8",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
)
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_FORBIDDEN_UNICAST: Final = _networks(
    "2001::/23",  # protocol assignments, Teredo's tunnels among them
    "2001:db8::/32",
    "2002::/16",  # 6to4: another address in a tunnel
    "2620:4f:8000::/48",
    "3fff::/20",
)
_NAT64: Final = IPv6Network("64:ff9b::/96")
# The last half of an ISATAP address: the mark of the tunnel, then the address that it leads to.
_ISATAP_MARKS: Final = (0x0000_5EFE, 0x0200_5EFE)
_LOW_32_BITS: Final = 0xFFFF_FFFF


def zone_of(address: Address) -> Zone:
    """Tell the zone of an address; of one that only wraps an IPv4 address, the zone of that."""
    if isinstance(address, IPv6Address):
        return _zone_of_ipv6(address)
    return _listed_zone(address) or (Zone.FORBIDDEN if _is_in(address, _FORBIDDEN) else Zone.PUBLIC)


def _zone_of_ipv6(address: IPv6Address) -> Zone:
    if address.scope_id is not None:
        return Zone.FORBIDDEN
    if address.ipv4_mapped is not None:
        return zone_of(address.ipv4_mapped)
    # What a resolver behind NAT64 makes of a server that has IPv4 alone.
    if address in _NAT64:
        return zone_of(IPv4Address(int(address) & _LOW_32_BITS))
    if int(address) >> 32 & _LOW_32_BITS in _ISATAP_MARKS:
        return Zone.FORBIDDEN
    return _listed_zone(address) or _zone_of_unicast(address)


def _zone_of_unicast(address: IPv6Address) -> Zone:
    served = address in _GLOBAL_UNICAST and not _is_in(address, _FORBIDDEN_UNICAST)
    return Zone.PUBLIC if served else Zone.FORBIDDEN


def _listed_zone(address: Address) -> Zone | None:
    """The zone of a network that is listed; metadata first, since it hides inside the others."""
    listed = ((_METADATA, Zone.FORBIDDEN), (_LOOPBACK, Zone.LOOPBACK), (_LAN, Zone.LAN))
    return next((zone for networks, zone in listed if _is_in(address, networks)), None)


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
