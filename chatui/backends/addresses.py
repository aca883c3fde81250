"""Where a backend is: URLs as people write them, checked and made uniform."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

import httpx

from chatui.backends.base import BackendKind

OLLAMA_PORT = 11434
DEFAULT_PORTS = {"http": 80, "https": 443}
LOOPBACK = "127.0.0.1"

HIGHEST_PORT = 65_535
LONGEST_HOST = 253


@dataclass(frozen=True, slots=True)
class BackendAddress:
    """A server at `url`, which has no slash at its end; `kind` is None until it is found out."""

    url: str
    kind: BackendKind | None = None

    @property
    def name(self) -> str:
        """The short name of the backend there: host and port, and the path if there is one."""
        parts = urlsplit(self.url)
        return parts.netloc + parts.path


def parse_backend(text: str) -> BackendAddress:
    """Read `URL`, `ollama=URL` or `openai=URL`; raises ValueError with one sentence on what is wrong."""
    prefix, separator, rest = text.strip().partition("=")
    if not separator or "://" in prefix:
        return BackendAddress(_url_for_client(text))
    if prefix not in {BackendKind.OLLAMA, BackendKind.OPENAI}:
        raise ValueError(f"A backend is ollama=URL, openai=URL or a URL alone, and {prefix!r} is none of them.")
    return BackendAddress(_url_for_client(rest), BackendKind(prefix))


def parse_ollama_host(value: str) -> BackendAddress:
    """Read what `OLLAMA_HOST` may hold, as Ollama's own client does; raises ValueError like `parse_backend`.

    A host, a port after a colon, both, or a URL. Port 11434 is meant where neither scheme nor port is given; an address
    that a server listens on at every interface means this machine.
    """
    scheme, separator, rest = value.strip().partition("://")
    if not separator:
        scheme, rest = "http", value.strip()
    host_and_port, _, path = rest.partition("/")
    if _is_ipv6(host_and_port):
        host_and_port = f"[{host_and_port}]"
    parts = _split(f"{scheme}://{host_and_port}/{path}", value)
    host = parts.hostname or LOOPBACK
    port = parts.port or (DEFAULT_PORTS.get(scheme, 0) if separator else OLLAMA_PORT)
    host = LOOPBACK if _is_every_interface(host) else host
    bracketed = f"[{host}]" if ":" in host else host
    userinfo = "@" if "@" in parts.netloc else ""
    url = _url_for_client(f"{scheme}://{userinfo}{bracketed}:{port}{parts.path}")
    return BackendAddress(url, BackendKind.OLLAMA)


def clean_url(text: str) -> str:
    """Check a URL and write it in one way: no slash at its end, no `/v1`, the host in small letters.

    Raises ValueError with one sentence on what is wrong.
    """
    text = text.strip()
    parts = _split(text, text)
    host, port = _host(parts, text), parts.port
    bracketed = f"[{host}]" if ":" in host else host
    port_part = "" if port is None or port == DEFAULT_PORTS[parts.scheme] else f":{port}"
    path = parts.path.rstrip("/").removesuffix("/v1").rstrip("/")
    return f"{parts.scheme}://{bracketed}{port_part}{path}"


def _url_for_client(text: str) -> str:
    """Write a URL in one way, and be as strict as the client: with odd numbers in a host, and with other alphabets."""
    url = clean_url(text)
    try:
        httpx.URL(url)
    except httpx.InvalidURL:
        raise ValueError(f"{text!r} has no host that can be read.") from None
    return url


def _split(url: str, shown: str) -> SplitResult:
    if any(character.isspace() or not character.isprintable() for character in url):
        raise ValueError(f"{shown!r} has a space or a control character in it.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"{shown!r} is not a URL: its host or its port cannot be read.") from None
    if parts.scheme not in DEFAULT_PORTS:
        raise ValueError(f"{shown!r} must begin with http:// or https://.")
    if port == 0:
        raise ValueError(f"{shown!r} has port 0, and ports go from 1 to {HIGHEST_PORT}.")
    return parts


def _host(parts: SplitResult, shown: str) -> str:
    if "@" in parts.netloc:
        raise ValueError("A backend's URL must not carry a user name or a password.")
    if parts.query or parts.fragment:
        raise ValueError(f"{shown!r} must end with its path: no ? and no #.")
    host = parts.hostname or ""
    try:
        fits = 0 < len(host.encode("idna")) <= LONGEST_HOST
    except UnicodeError:
        fits = False
    if not fits:
        raise ValueError(f"{shown!r} has no host that can be read.")
    return host


def _is_every_interface(host: str) -> bool:
    """Whether a server listens there, which is no address to connect to."""
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False


def _is_ipv6(text: str) -> bool:
    try:
        return ip_address(text).version == 6  # noqa: PLR2004 - the protocol's number
    except ValueError:
        return False
