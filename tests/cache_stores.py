"""The cache service on each of its stores, for tests: every store is a real server, but for Infinispan's stand-in."""

import contextlib
import os
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest

from portal.config import override_config
from portal.services import services as core_services
from portal.services.cache import ConfiguredCache
from tests import services
from tests.infinispan_server import InfinispanServer
from tests.service_fixtures import require
from tests.waiting import PATIENCE

STORES = ("memory", "memcache", "redis", "valkey", "infinispan")


@contextlib.contextmanager
def cache_config(*, patience: float = PATIENCE, **cache: Any) -> Iterator[None]:
    """Run with this ``backend.cache``, whatever the environment says.

    ``patience``: seconds that a server gets to answer. A portal prefers a miss to waiting half a second, and a busy
    machine that runs tests may well need that long.
    """
    with contextlib.ExitStack() as stack:
        for store in ("infinispan", "memcache", "redis"):
            stack.enter_context(mock.patch(f"portal.services.cache.{store}_config.PATIENCE", patience))
        stack.enter_context(mock.patch.dict(os.environ))
        os.environ.pop("CACHE_URL", None)
        stack.enter_context(override_config({"backend": {"cache": {"connection": None, **cache}}}))
        yield


def configured_cache() -> ConfiguredCache:
    """Return the service behind the proxy, whose store and definition the contract doesn't show."""
    service = core_services["cache"]
    assert isinstance(service, ConfiguredCache)
    return service


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run the test on each store in turn; gives its name."""
    with contextlib.ExitStack() as stack:
        match request.param:
            case "memory":
                config: dict[str, Any] = {}
            case "memcache":
                config = {"connection": require(services.memcached)}
            case "redis":
                config = {"connection": require(services.redis)}
            case "valkey":
                config = {"connection": require(services.valkey).replace("redis:", "valkey:")}
            case _:
                server = stack.enter_context(InfinispanServer())
                config = {"infinispan": {"servers": [{"host": "127.0.0.1", "port": server.port}]}}
        stack.enter_context(cache_config(store=request.param, **config))
        yield request.param
