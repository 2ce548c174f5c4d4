"""Keys in a store are Backstage's: ``<prefix><plugin id>:<normalised key>``."""

import base64
import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from portal.services import cache
from portal.services.cache.keys import normalise_key
from tests.cache_stores import cache_config


@pytest.mark.parametrize(
    ("key", "normalised"),
    [
        ("locations", "bG9jYXRpb25z"),
        ("", ""),
        ("ü/~?", "w7wvfj8="),
        # 147 bytes are 196 characters of base64, 148 are 200: one too many.
        ("a" * 147, base64.b64encode(b"a" * 147).decode()),
        ("a" * 148, base64.b64encode(hashlib.sha256(b"a" * 148).digest()).decode()),
    ],
)
def test_a_key_is_base64_and_a_long_one_the_base64_of_its_hash(key, normalised):
    assert normalise_key(key) == normalised


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_different_keys_stay_different_and_fit_everywhere(one, other):
    assert (normalise_key(one) == normalise_key(other)) == (one == other)
    assert len(normalise_key(one)) < 200
    assert ":" not in normalise_key(one)


@pytest.mark.parametrize(
    ("store", "options", "expected"),
    [
        ("redis", {}, "catalog:a2V5"),
        ("redis", {"redis": {"client": {"namespace": "acme"}}}, "acme:catalog:a2V5"),
        ("redis", {"redis": {"client": {"namespace": "acme", "keyPrefixSeparator": "::"}}}, "acme::catalog:a2V5"),
        ("redis", {"redis": {"client": {"keyPrefixSeparator": "::"}}}, "catalog:a2V5"),
        ("redis", {"valkey": {"client": {"keyPrefix": "acme:"}}}, "catalog:a2V5"),
        ("valkey", {}, "catalog:a2V5"),
        ("valkey", {"valkey": {"client": {"keyPrefix": "acme-"}}}, "acme-catalog:a2V5"),
        ("valkey", {"redis": {"client": {"namespace": "acme"}}}, "catalog:a2V5"),
    ],
)
def test_redis_and_valkey_have_a_prefix_before_the_plugin_id(store, options, expected, valkey_url):
    with cache_config(store=store, connection=valkey_url, **options):
        server = Redis.from_url(valkey_url)
        server.flushdb()
        cache.for_plugin("catalog").set("key", ["value"])
        assert server.keys() == [expected.encode()]
        assert server.get(expected) == b'{"value":["value"]}'
        assert server.ttl(expected) == -1
        server.close()


def test_redis_is_told_the_time_to_live_in_whole_seconds(valkey_url):
    with cache_config(store="valkey", connection=valkey_url), Redis.from_url(valkey_url) as server:
        before = server.time()
        cache.for_plugin("catalog").set("brief", 1, ttl=59.1)
        seconds, milliseconds = divmod(server.pexpiretime("catalog:YnJpZWY="), 1000)
        assert before <= (seconds - 60, milliseconds * 1000 + 999)
        assert (seconds - 60, milliseconds * 1000) <= server.time()


def test_a_key_in_memcached_has_no_prefix(memcached_address):
    from pymemcache.client.base import Client

    options: dict[str, Any] = {"redis": {"client": {"namespace": "acme"}}, "valkey": {"client": {"keyPrefix": "acme:"}}}
    with cache_config(store="memcache", connection=memcached_address, **options):
        cache.for_plugin("catalog").set("key", ["value"])
        client = Client(memcached_address)
        assert client.get("catalog:a2V5") == b'{"value":["value"]}'
        client.close()


def test_what_another_program_wrote_the_same_way_can_be_read(valkey_url):
    with cache_config(store="valkey", connection=valkey_url):
        server = Redis.from_url(valkey_url)
        server.set("catalog:Zm9yZWlnbg==", '{"value":{"a":1},"expires":null}')
        server.set("catalog:ZGVhZA==", '{"value":1,"expires":1600000000000}')
        assert cache.for_plugin("catalog").get("foreign") == {"a": 1}
        assert cache.for_plugin("catalog").get("dead") is None
        server.close()
