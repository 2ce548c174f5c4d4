"""Infinispan's REST API, as its server's source has it (see `tests.infinispan_server`)."""

import logging

import pytest
from django.core.cache.backends.base import BaseCache

from portal.services import cache
from portal.services.cache.definition import CacheDefinition
from portal.services.cache.infinispan_backend import InfinispanCache
from tests.cache_stores import cache_config, configured_cache
from tests.infinispan_server import InfinispanServer
from tests.server import free_port


@pytest.fixture
def server():
    with InfinispanServer() as server:
        yield server


def options(server, **more):
    return {"store": "infinispan", "infinispan": {"servers": [{"host": "127.0.0.1", "port": server.port}], **more}}


def test_an_entry_is_one_resource_with_plain_text_keys(server):
    with cache_config(**options(server)):
        cache.for_plugin("catalog").set("key", {"a": 1}, ttl=89.2)
    method, path, headers = server.requests[0]
    assert (method, path) == ("PUT", "/rest/v2/caches/cache/catalog:a2V5")
    assert headers["timeToLiveSeconds"] == "90"
    assert headers["Key-Content-Type"] == "text/plain"
    assert headers["Content-Type"] == "text/plain"
    assert server.entries["cache"]["catalog:a2V5"][0].startswith(b'{"value":{"a":1},"expires":')


def test_a_value_without_ttl_outlives_the_lifetime_that_the_server_is_configured_with():
    with InfinispanServer(default_lifetime=0) as server, cache_config(**options(server)):
        cache.for_plugin("catalog").set("key", 1)
        assert server.requests[0][2]["timeToLiveSeconds"] == "-1"
        assert cache.for_plugin("catalog").get("key") == 1


def test_slashes_and_pluses_in_keys_survive_a_server_that_decodes_the_path_before_it_splits_it(server):
    with cache_config(**options(server)):
        catalog = cache.for_plugin("catalog")
        catalog.set("ü?>~", 1)  # "w7w/Pn4=" in base64
        catalog.set("û>?", 2)  # "w7s+Pw=="
        assert [catalog.get("ü?>~"), catalog.get("û>?")] == [1, 2]
    assert sorted(server.entries["cache"]) == ["catalog:w7s~2BPw==", "catalog:w7w~2FPn4="]


def test_the_cache_is_the_configured_one(server):
    with cache_config(**options(server, cacheName="portal cache", mediaType="application/json")):
        cache.for_plugin("catalog").set("key", 1)
        assert cache.for_plugin("catalog").get("key") == 1
    assert list(server.entries["portal cache"]) == ["catalog:a2V5"]
    assert server.requests[0][2]["Content-Type"] == "application/json"


def test_a_cache_that_does_not_exist_is_a_refusal(server, caplog):
    with cache_config(**options(server, cacheName="absent")), caplog.at_level(logging.WARNING):
        cache.for_plugin("catalog").set("key", 1)
        assert cache.for_plugin("catalog").get("key") is None
    assert "answered PUT on /rest/v2/caches/absent with 404" in caplog.text


@pytest.mark.parametrize("scheme", ["digest", "basic"])
def test_the_server_chooses_how_to_sign_in_and_is_not_asked_twice(scheme):
    account = {"enabled": True, "userName": "anna", "password": "wonder/land", "saslMechanism": "PLAIN"}
    with InfinispanServer(scheme=scheme) as server, cache_config(**options(server, authentication=account)):
        catalog = cache.for_plugin("catalog")
        catalog.set("key", 1)
        before = len(server.requests)
        assert catalog.get("key") == 1
        catalog.delete("key")
        assert catalog.get("key") is None
        assert len(server.requests) == before + 3


@pytest.mark.parametrize("scheme", ["digest", "basic"])
def test_a_wrong_password_means_misses_and_stays_out_of_the_log(scheme, caplog):
    account = {"enabled": True, "userName": "anna", "password": "s3cr3t"}
    with (
        InfinispanServer(scheme=scheme) as server,
        cache_config(**options(server, authentication=account)),
        caplog.at_level(logging.DEBUG),
    ):
        cache.for_plugin("catalog").set("key", 1)
        assert cache.for_plugin("catalog").get("key") is None
        assert "401" in cache.problem()
    assert "with 401" in caplog.text
    assert "s3cr3t" not in caplog.text


@pytest.mark.parametrize("status", [403, 500, 503])
def test_a_server_in_trouble_is_left_alone(server, status):
    with cache_config(**options(server)):
        server.trouble = status
        for _ in range(5):
            assert cache.for_plugin("catalog").get("key") is None
    assert len(server.requests) == 2  # the operation, and its second attempt


def test_another_server_of_the_list_takes_over(server):
    servers = [{"host": "127.0.0.1", "port": free_port()}, {"host": "127.0.0.1", "port": server.port}]
    with cache_config(store="infinispan", infinispan={"servers": servers}):
        cache.for_plugin("catalog").set("key", 1)
        assert cache.for_plugin("catalog").get("key") == 1


def test_a_proxy_of_the_environment_is_not_used(server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    with cache_config(**options(server)):
        cache.for_plugin("catalog").set("key", 1)
        assert cache.for_plugin("catalog").get("key") == 1


def test_adding_does_not_replace(server):
    with cache_config(**options(server)):
        backend: BaseCache = configured_cache().backend
        assert backend.add("key", b"1")
        assert not backend.add("key", b"2")
        assert backend.get("key") == b"1"
    assert [method for method, _, _ in server.requests] == ["POST", "POST", "GET"]


def test_unknown_authorities_are_trusted_from_files_only(tmp_path):
    definition = CacheDefinition("infinispan", "", "")
    assert definition.prefix == ""
    with pytest.raises(FileNotFoundError):
        InfinispanCache(
            "https://127.0.0.1:1",
            {"OPTIONS": {"CACHE": "c", "MEDIA_TYPE": "t/p", "SECONDS": 1, "CA_FILES": [str(tmp_path / "no.pem")]}},
        )
