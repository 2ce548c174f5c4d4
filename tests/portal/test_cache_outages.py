"""A cache that is down, slow or full costs misses and a line in the log; never an error, and hardly any time."""

import logging
import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.core.cache import caches
from django.test import override_settings
from redis import Redis

from portal.config import current
from portal.services import cache
from portal.services.cache import circuit
from portal.services.cache.circuit import Circuit
from portal.services.cache.configured import caches_from
from portal.services.cache.definition import PATIENCE
from portal.testing.clock import FakeClock
from tests import services
from tests.cache_stores import cache_config
from tests.infinispan_server import InfinispanServer
from tests.server import Server, free_port
from tests.service_fixtures import require

STARTERS: dict[str, Callable[..., Server]] = {
    "memcache": services.start_memcached,
    "redis": services.start_redis,
    "valkey": services.start_valkey,
}


@pytest.fixture(params=STARTERS)
def store(request):
    return request.param


@pytest.fixture
def server(store):
    server = require(STARTERS[store])
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The clock by which servers that failed are left alone."""
    clock = FakeClock()
    monkeypatch.setattr(circuit, "Circuit", partial(Circuit, clock=clock.monotonic))
    return clock


@pytest.fixture
def outages(monkeypatch):
    """What servers were asked in vain. Only that takes time: as long as a server gets to answer, each."""
    outages = []

    def failed(server, error):
        outages.append(error)
        note(server, error)

    note = Circuit.failed
    monkeypatch.setattr(Circuit, "failed", failed)
    return outages


@pytest.fixture
def lines(caplog):
    """The log of the core, as a function that returns ``[(level, event), …]``."""
    caplog.set_level(logging.INFO, "portal.app")
    return lambda: [(record.levelname, record.msg["event"]) for record in caplog.records if record.name == "portal.app"]


DOWN = ("WARNING", "The cache can't be reached; until it can, everything is a miss")
BACK = ("INFO", "The cache is back")
REFUSED = ("WARNING", "The cache refused an operation, which counts as a miss")


def on_port(store: str, port: int, **config):
    if store == "infinispan":
        return cache_config(store=store, infinispan={"servers": {"host": "127.0.0.1", "port": port}}, **config)
    scheme = "" if store == "memcache" else f"{store}://"
    return cache_config(store=store, connection=f"{scheme}127.0.0.1:{port}", **config)


def test_a_server_gets_half_a_second_to_answer():
    assert PATIENCE <= 0.5


@pytest.mark.parametrize("store", [*STARTERS, "infinispan"])
def test_a_store_that_is_not_there_is_empty_and_said_once(store, lines, outages):
    with on_port(store, free_port()):
        catalog = cache.for_plugin("catalog")
        for _ in range(20):
            catalog.set("key", 1)
            catalog.delete("key")
            assert catalog.get("key") is None
    assert lines() == [DOWN]
    assert len(outages) == 1


@pytest.mark.parametrize("store", [*STARTERS, "infinispan"])
def test_djangos_own_cache_degrades_as_well(store, lines):
    with on_port(store, free_port()), override_settings(CACHES=caches_from(current(), {})):
        django = caches["default"]
        assert django.get("key", "default") == "default"
        assert django.get_many(["key"]) == {}
        assert django.set_many({"key": 1}) == ["key"]
        assert django.add("key", 1) is False
        assert django.touch("key") is False
        assert django.delete("key") is False
        assert "key" not in django
        assert django.get_or_set("key", 5) == 5
        django.set("key", 1)
        django.delete_many(["key"])
        django.clear()
        with pytest.raises(ValueError, match="not found"):
            django.incr("key")
    assert lines() == [DOWN]


def test_values_are_back_when_the_server_is_and_both_are_logged_once(store, server, lines, clock):
    with on_port(store, server.port):
        catalog = cache.for_plugin("catalog")
        catalog.set("key", 1)
        server.stop()
        assert [catalog.get("key") for _ in range(10)] == [None] * 10
        again = STARTERS[store](port=server.port)
        clock.advance(Circuit.retry_seconds)
        catalog.set("key", 2)
        assert catalog.get("key") == 2
        again.stop()
    assert lines() == [DOWN, BACK]


def test_a_restart_between_two_requests_is_no_outage(store, server, lines):
    with on_port(store, server.port):
        catalog = cache.for_plugin("catalog")
        catalog.set("key", 1)
        server.stop()
        again = STARTERS[store](port=server.port)
        catalog.set("key", 2)
        assert catalog.get("key") == 2
        again.stop()
    assert lines() == []


def test_a_server_that_hangs_delays_one_request(store, server, lines, outages):
    with on_port(store, server.port, patience=0.1):
        catalog = cache.for_plugin("catalog")
        server.pause()
        assert [catalog.get("key") for _ in range(100)] == [None] * 100
        server.resume()
    assert lines() == [DOWN]
    assert len(outages) == 1


def test_a_server_that_hangs_while_many_ask_delays_them_together(store, server, lines, outages, clock):
    with on_port(store, server.port, patience=1):
        catalog = cache.for_plugin("catalog")
        catalog.set("key", 1)
        server.pause()
        threads = [threading.Thread(target=lambda: [catalog.get("key") for _ in range(20)]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert 1 <= len(outages) <= len(threads)
        server.resume()
        clock.advance(Circuit.retry_seconds)
        assert catalog.get("key") == 1
    assert lines() == [DOWN, BACK]


def test_threads_share_a_store_without_mixing_up_answers(store, server, lines):
    wrong = []

    def work(number):
        catalog = cache.for_plugin("catalog")
        for turn in range(50):
            catalog.set(f"key-{number}", [number, turn])
            if catalog.get(f"key-{number}") != [number, turn]:
                wrong.append((number, turn))

    with on_port(store, server.port):
        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert lines() == []


def test_a_value_too_large_for_memcached_replaces_the_old_one_by_nothing(lines):
    server = require(services.start_memcached)
    with on_port("memcache", server.port):
        catalog = cache.for_plugin("catalog")
        catalog.set("key", "old")
        catalog.set("other", 1)
        for _ in range(3):
            catalog.set("key", "x" * 2_000_000)
        assert catalog.get("key") is None
        assert catalog.get("other") == 1
    server.stop()
    assert lines() == [REFUSED]


def test_one_dead_server_of_several_is_left_out_and_the_others_serve(lines):
    server = require(services.start_memcached)
    with cache_config(store="memcache", connection=f"127.0.0.1:{free_port()},127.0.0.1:{server.port}"):
        catalog = cache.for_plugin("catalog")
        for number in range(20):
            catalog.set(f"key-{number}", number)
        assert [catalog.get(f"key-{number}") for number in range(20)] == list(range(20))
    server.stop()
    assert lines() == []


@pytest.mark.parametrize("store", ["redis", "valkey"])
def test_a_server_whose_memory_is_full_still_gives_what_it_has(store, lines):
    server = require(STARTERS[store], "--maxmemory", "100mb", "--maxmemory-policy", "noeviction")
    with on_port(store, server.port):
        catalog = cache.for_plugin("catalog")
        catalog.set("key", 1)
        with Redis(port=server.port) as client:
            client.config_set("maxmemory", "1")
        catalog.set("other", 1)
        assert catalog.get("other") is None
        assert catalog.get("key") == 1
    server.stop()
    assert lines() == [REFUSED]


@pytest.mark.parametrize("store", ["redis", "valkey"])
@pytest.mark.parametrize(
    "credentials", ["", ":s3cr3t-wrong@", "anna:s3cr3t-wrong@"], ids=["none", "wrong password", "wrong user"]
)
def test_a_password_that_is_not_accepted_means_misses_and_stays_out_of_the_log(store, credentials, lines, caplog):
    server = require(STARTERS[store], "--requirepass", "s3cr3t")
    with cache_config(store=store, connection=f"{store}://{credentials}127.0.0.1:{server.port}"):
        cache.for_plugin("catalog").set("key", 1)
        assert cache.for_plugin("catalog").get("key") is None
        problem = cache.problem()
    with cache_config(store=store, connection=f"{store}://:s3cr3t@127.0.0.1:{server.port}"):
        assert cache.problem() == ""
        cache.for_plugin("catalog").set("key", 1)
        assert cache.for_plugin("catalog").get("key") == 1
    server.stop()
    assert lines() == [DOWN, BACK]
    assert f"127.0.0.1:{server.port}" in problem
    assert "s3cr3t" not in problem + caplog.text


@pytest.mark.parametrize("store", [*STARTERS, "infinispan"])
def test_people_can_ask_what_is_wrong(store):
    port = free_port()
    with on_port(store, port):
        assert f"127.0.0.1:{port}" in cache.problem()
    if store == "infinispan":
        with InfinispanServer() as infinispan, on_port(store, infinispan.port):
            assert cache.problem() == ""
    else:
        server = require(STARTERS[store])
        with on_port(store, server.port):
            assert cache.problem() == ""
        server.stop()


def test_the_memory_store_has_no_problems():
    with cache_config(store="memory"):
        assert cache.problem() == ""
