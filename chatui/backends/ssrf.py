"""Whether the app may connect to a URL that somebody typed: the server must not become their way into the network.

`read_target` is pure: it takes only what every reader of URLs understands in the same way. `checked` then resolves the
host and looks at every address behind it: so is a URL judged that an admin adds. A name may lead elsewhere a moment
later, so every connection is made through a `Reach`, which resolves and judges anew. Redirects are not followed
anywhere in the backends.

What the operator names when the app starts, by flag or environment, may be in every zone but the forbidden one: who
starts the process can reach all of this without it. What an admin adds in a browser may be where the settings say.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

from chatui.backends.addresses import DEFAULT_PORTS, clean_url
from chatui.backends.zones import Address, Zone, zone_of
from chatui.domain.errors import AddressRefused

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]

LONGEST_URL: Final = 2_048
MOST_ADDRESSES: Final = 32
RESOLVE_WITHIN: Final = timedelta(seconds=5)
EVERYWHERE: Final = frozenset({Zone.PUBLIC, Zone.LAN, Zone.LOOPBACK})
PUBLIC_ALONE: Final = frozenset({Zone.PUBLIC})

_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?", re.ASCII)
# Some readers take a name whose last label is a number for an IPv4 address, in octal, in hex, or with parts left out.
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_PATH: Final = re.compile(r"(/[A-Za-z0-9._~-]+)*", re.ASCII)


class AddressFlaw(StrEnum):
    """What is wrong with a URL."""

    UNREADABLE = "unreadable"  # no URL of a server, or not read by everybody in the same way
    ODD_HOST = "odd_host"  # an address in disguise: a number, octal, hex, mapped, with a zone, outside of ASCII
    UNKNOWN_HOST = "unknown_host"  # the name leads nowhere
    FORBIDDEN = "forbidden"  # an address where no backend is
    NOT_ALLOWED = "not_allowed"  # LAN or loopback, which the settings do not allow
    KNOWN = "known"  # there is a backend already


@dataclass(frozen=True, slots=True)
class Target:
    """A server that a URL names. `literal` is its address where the host is one."""

    url: str
    host: str
    port: int
    literal: Address | None


@dataclass(frozen=True, slots=True)
class PinnedTarget:
    """A server that may be connected to, at these addresses and no others."""

    url: str
    host: str
    port: int
    addresses: tuple[Address, ...]


async def checked(text: str, allowed: frozenset[Zone], resolve: Resolver) -> PinnedTarget:
    """Read a URL, resolve its host and check each address against the `allowed` zones.

    Raises AddressRefused, also when only some of the addresses are not allowed: the choice among them is not ours.
    """
    target = read_target(text)
    found = [target.literal] if target.literal is not None else await _resolved(target.host, target.port, resolve)
    require_allowed(found, allowed)
    return PinnedTarget(target.url, target.host, target.port, tuple(found))


def read_target(text: str) -> Target:
    """Read a URL without asking anybody; raises AddressRefused unless it can be read in one way only."""
    if len(text) > LONGEST_URL or "\\" in text or not text.isascii():
        flaw = AddressFlaw.ODD_HOST if not text.isascii() else AddressFlaw.UNREADABLE
        raise AddressRefused(flaw, text[:100])
    try:
        url = clean_url(text)
    except ValueError as error:
        raise AddressRefused(AddressFlaw.UNREADABLE, str(error)) from None
    parts = urlsplit(url)
    if not _PATH.fullmatch(parts.path) or "/.." in parts.path:
        raise AddressRefused(AddressFlaw.UNREADABLE, parts.path)
    host = parts.hostname or ""
    return Target(url, host, parts.port or DEFAULT_PORTS[parts.scheme], _literal(host))


def require_allowed(addresses: Iterable[Address], allowed: frozenset[Zone]) -> None:
    """Raise AddressRefused unless every address is in an allowed zone."""
    for address in addresses:
        zone = zone_of(address)
        if zone is Zone.FORBIDDEN:
            raise AddressRefused(AddressFlaw.FORBIDDEN, str(address))
        if zone not in allowed:
            raise AddressRefused(AddressFlaw.NOT_ALLOWED, str(address))


async def resolve_by_system(host: str, port: int) -> Sequence[str]:
    """Ask the system for the addresses of a host; raises OSError when there are none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(where[0]) for *_, where in found]


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a client may connect to: the zones, and who tells what a name leads to."""

    zones: frozenset[Zone] = EVERYWHERE
    resolve: Resolver = resolve_by_system

    async def addresses(self, host: str, port: int) -> Sequence[Address]:
        """Tell the addresses of a host that may be connected to now; raises AddressRefused when there is none.

        Others that the host has, too, are left out: nobody goes there.
        """
        found = await self._found(host, port)
        allowed = [address for address in found if zone_of(address) in self.zones]
        if not allowed:
            require_allowed(found, self.zones)
        return allowed

    async def _found(self, host: str, port: int) -> Sequence[Address]:
        try:
            return [ip_address(host)]
        except ValueError:
            return await _resolved(host, port, self.resolve)


def _literal(host: str) -> Address | None:
    """Read a host as an address, in the one form that has no second reading; None for a name."""
    if ":" in host:
        return _plain_ipv6(host)
    labels = host.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressRefused(AddressFlaw.ODD_HOST, host)
    if not _NUMBER.fullmatch(labels[-1]):
        return None
    try:
        return IPv4Address(host)
    except ValueError:
        raise AddressRefused(AddressFlaw.ODD_HOST, host) from None


def _plain_ipv6(host: str) -> IPv6Address:
    """Read an IPv6 address that stands for itself: with no zone, and no IPv4 address wrapped in it."""
    try:
        address = IPv6Address(host)
    except ValueError:
        raise AddressRefused(AddressFlaw.ODD_HOST, host) from None
    if address.scope_id is not None or address.ipv4_mapped is not None or "." in host:
        raise AddressRefused(AddressFlaw.ODD_HOST, host)
    return address


async def _resolved(host: str, port: int, resolve: Resolver) -> list[Address]:
    try:
        async with asyncio.timeout(RESOLVE_WITHIN.total_seconds()):
            texts = await resolve(host, port)
        addresses = [ip_address(text) for text in dict.fromkeys(texts)]
    except (OSError, ValueError) as error:  # TimeoutError is an OSError
        raise AddressRefused(AddressFlaw.UNKNOWN_HOST, host) from error
    if not 0 < len(addresses) <= MOST_ADDRESSES:
        raise AddressRefused(AddressFlaw.UNKNOWN_HOST, host)
    # What a house's own names (gpu-box.local) lead to besides: the same machine, by an address of the cable.
    return [address for address in addresses if not _is_scoped(address)] or addresses


def _is_scoped(address: Address) -> bool:
    return isinstance(address, IPv6Address) and address.scope_id is not None
