"""The address that the app listens on."""

from __future__ import annotations

import socket


class AddressUnusable(Exception):
    """The app cannot listen there; the message is one sentence."""


def bind(host: str, port: int) -> socket.socket:
    """Take the address before anything else is started; raises `AddressUnusable`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named asyncio sends small pieces at once; without it the second of two waits 40 ms for the
    # reader's acknowledgement of the first.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        raise AddressUnusable(f"{host}:{port} cannot be used: {error.strerror}. Choose another with --port.") from error
    return listener


def url_of(listener: socket.socket) -> str:
    """The address as people open it."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
