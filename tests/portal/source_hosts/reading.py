"""Readers of the hosts of tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from portal.services.url_reader import ScmReader
from portal.services.url_reader.predicate import BUILT_IN
from tests.portal.source_hosts.fake_host import FakeHost

H = TypeVar("H", bound=FakeHost)

READERS = {reader.__name__.removesuffix("Reader"): reader for reader in BUILT_IN if issubclass(reader, ScmReader)}


def reader_of(host: FakeHost, /, **changes: Any) -> Any:
    """Return the reader of a host; ``changes`` are merged into the host's entry in the configuration."""
    integrations = host.integrations(**changes)
    kind: Any = READERS[type(host).__name__.removeprefix("Fake")]
    return kind(integrations=lambda: integrations, transport=host.server.transport)


@contextmanager
def running(kind: type[H]) -> Iterator[H]:
    """Start a host, and stop it afterwards."""
    host = kind()
    try:
        yield host
    finally:
        host.server.close()
