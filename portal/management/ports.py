"""Whether a port is free: server processes may share one, so that a second portal would get it without a word."""

from __future__ import annotations

import socket

from django.core.management.base import CommandError


def require_free(host: str, port: int) -> None:
    """Raise ``CommandError`` if somebody listens there already, and say what to do."""
    try:
        [(family, kind, protocol, _, address), *_] = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except socket.gaierror as error:
        raise CommandError(f"There is no address {host!r} to listen at: {error.strerror}.") from error
    with socket.socket(family, kind, protocol) as tried:
        # What was closed a moment ago doesn't count; what listens does.
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(address)
        except OSError as error:
            raise CommandError(
                f"Nothing can listen at {host}:{port}: {error.strerror}. If another portal runs there, stop it, or "
                f"take another port:  make serve PORT={port + 1}"
            ) from error
