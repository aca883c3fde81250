"""By which names the app may be reached. Any other Host means a name that somebody made point here (DNS rebinding)."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address


class TrustedHosts:
    """Names and addresses in a request's Host. Names of `secure` are reached through https alone.

    An address cannot be made to point elsewhere, so that any of `addresses` will do; a name has to be known.
    """

    def __init__(self, addresses: Callable[[Address], bool], names: Iterable[str]) -> None:
        self._addresses = addresses
        self._names = {name.casefold().rstrip(".") for name in names}
        self.secure: set[str] = set()

    def trusts(self, host: str) -> bool:
        """Tell whether a request for that Host header is for us."""
        name = name_of(host)
        if name is None:
            return False
        address = _address(name)
        if address is not None:
            return self._addresses(address)
        return name == "localhost" or name.endswith(".localhost") or name in self._names or name in self.secure

    def is_secure(self, host: str) -> bool:
        """Tell whether people reach that Host through https, whatever the last part of the way is."""
        return name_of(host) in self.secure


def hosts_for(bound: str, names: Iterable[str]) -> TrustedHosts:
    """Trust what fits the address that is listened on, and `names`; beyond loopback also this machine's own name."""
    if bound == "localhost" or _is_loopback(bound):
        return TrustedHosts(lambda address: address.is_loopback, names)
    own = socket.gethostname()
    return TrustedHosts(lambda _: True, [*names, own, f"{own.partition('.')[0]}.local"])


def name_of(host: str) -> str | None:
    """Give the name or address of a Host header, without its port; None for one that is not to be read."""
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return None
    return name.rstrip(".") if name else None


def _is_loopback(bound: str) -> bool:
    address = _address(bound.strip("[]"))
    return address is not None and address.is_loopback


def _address(name: str) -> Address | None:
    try:
        return ip_address(name)
    except ValueError:
        return None
