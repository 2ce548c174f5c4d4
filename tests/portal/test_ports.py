"""A port that is taken is told before a server starts, even where it could be shared."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from django.core.management.base import CommandError

from portal.management.ports import require_free


@pytest.fixture
def listening() -> Iterator[int]:
    """Listen as granian does, and give the port."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_port_that_somebody_listens_on_is_refused_with_another_one_to_take(listening: int):
    with pytest.raises(CommandError, match=f"127.0.0.1:{listening}: .*make serve PORT={listening + 1}"):
        require_free("127.0.0.1", listening)


def test_a_port_is_free_once_nobody_listens(listening: int):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
    require_free("127.0.0.1", port)


def test_an_address_that_is_none_is_named():
    with pytest.raises(CommandError, match="There is no address 'no such host'"):
        require_free("no such host", 8000)
