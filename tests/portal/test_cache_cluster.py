"""A cluster of two real Valkey servers."""

import logging
from typing import Any

import pytest
from django.core.cache import caches
from django.test import override_settings
from redis import Redis

from portal.config import current
from portal.errors import ConfigError
from portal.services import cache
from portal.services.cache.configured import caches_from
from tests import services
from tests.cache_stores import cache_config, configured_cache
from tests.server import free_port
from tests.service_fixtures import require
from tests.waiting import wait_until

HALVES = ((0, 8191), (8192, 16383))


@pytest.fixture(scope="module")
def nodes():
    """Two servers that share the slots, as ``[(server, client), …]``."""
    servers = [
        require(services.start_valkey, "--cluster-enabled", "yes", "--cluster-port", str(free_port())) for _ in HALVES
    ]
    clients = [Redis(port=server.port, decode_responses=True) for server in servers]
    for client, half in zip(clients, HALVES, strict=True):
        client.execute_command("CLUSTER ADDSLOTSRANGE", *half)
    bus_port = clients[1].config_get("cluster-port")["cluster-port"]
    clients[0].execute_command("CLUSTER MEET", "127.0.0.1", servers[1].port, bus_port)
    wait_until(lambda: all(client.execute_command("CLUSTER INFO")["cluster_state"] == "ok" for client in clients))
    yield list(zip(servers, clients, strict=True))
    for server, client in zip(servers, clients, strict=True):
        client.close()
        server.stop()


def cluster(nodes, store="valkey", **more):
    root_nodes = [{"url": f"redis://127.0.0.1:{server.port}"} for server, _ in nodes]
    cache: dict[str, Any] = {store: {"cluster": {"rootNodes": root_nodes, **more}}}
    return cache_config(store=store, **cache)


@pytest.mark.parametrize("store", ["redis", "valkey"])
def test_values_are_spread_over_the_nodes_and_come_back(nodes, store):
    for _, client in nodes:
        client.flushall()
    with cluster(nodes, store):
        catalog = cache.for_plugin("catalog")
        for number in range(30):
            catalog.set(f"key-{number}", number, ttl=60)
        assert [catalog.get(f"key-{number}") for number in range(30)] == list(range(30))
        assert cache.problem() == ""
        sizes = [client.dbsize() for _, client in nodes]
        assert sum(sizes) == 30
        assert min(sizes) > 5
        for number in range(30):
            catalog.delete(f"key-{number}")
    assert [client.dbsize() for _, client in nodes] == [0, 0]


def test_djangos_many_key_operations_work_across_nodes(nodes):
    with cluster(nodes), override_settings(CACHES=caches_from(current(), {})):
        django = caches["default"]
        values = {f"key-{number}": number for number in range(20)}
        assert django.set_many(values, 60) == []
        assert django.get_many([*values, "nothing"]) == values
        django.delete_many(list(values))
        assert django.get_many(list(values)) == {}
        assert django.add("number", 1)
        assert django.incr("number") == 2
        django.clear()
        assert django.get("number") is None


def test_one_reachable_root_node_is_enough(nodes):
    (server, _), _ = nodes
    root_nodes = [{"socket": {"host": "127.0.0.1", "port": port}} for port in (free_port(), server.port)]
    with cache_config(store="valkey", valkey={"cluster": {"rootNodes": root_nodes}}):
        cache.for_plugin("catalog").set("key", 1)
        assert cache.for_plugin("catalog").get("key") == 1


def test_a_cluster_that_is_not_there_is_empty(caplog):
    root_nodes = [{"url": f"redis://:s3cr3t@127.0.0.1:{free_port()}"} for _ in range(2)]
    caplog.set_level(logging.INFO)
    with cache_config(store="redis", redis={"cluster": {"rootNodes": root_nodes}}):
        catalog = cache.for_plugin("catalog")
        for _ in range(5):
            catalog.set("key", 1)
            assert catalog.get("key") is None
    assert [record.msg["event"] for record in caplog.records if record.name == "portal.app"] == [
        "The cache can't be reached; until it can, everything is a miss"
    ]
    assert "s3cr3t" not in caplog.text


def test_accounts_and_encryption_are_those_of_the_defaults_or_of_a_node():
    root_nodes = [{"url": "rediss://anna:w%2F@a:1"}, {"socket": {"host": "b"}}]
    with cache_config(store="redis", redis={"cluster": {"rootNodes": root_nodes}}):
        definition = configured_cache().definition
        assert definition.location == ["rediss://a:1", "rediss://b:6379"]
        assert definition.options["CLUSTER"]["username"] == "anna"
        assert definition.options["CLUSTER"]["password"] == "w/"
        assert definition.options["CLUSTER"]["ssl"] is True
    defaults = {"username": "ben", "password": "pass"}
    with cache_config(store="redis", redis={"cluster": {"rootNodes": root_nodes, "defaults": defaults}}):
        assert configured_cache().definition.options["CLUSTER"]["username"] == "ben"


def test_a_cluster_without_nodes_is_one_server():
    with cache_config(store="redis", connection="redis://cache", redis={"cluster": {"useReplicas": True}}):
        assert configured_cache().definition.location == "redis://cache"


@pytest.mark.parametrize(
    "node", [{"url": "cache:6379"}, {"url": "unix:///run/redis.sock"}, {"socket": {"port": 1}}, "cache:6379"]
)
def test_a_node_that_makes_no_sense_is_named_by_its_place(node):
    root_nodes = [{"url": "redis://a"}, node]
    with (
        cache_config(store="redis", redis={"cluster": {"rootNodes": root_nodes}}),
        pytest.raises(
            ConfigError, match=r"backend\.cache\.redis\.cluster\.rootNodes(\[1\]|: must be a list of objects)"
        ),
    ):
        _ = configured_cache().definition
