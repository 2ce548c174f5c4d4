"""Which store is used, and what a configuration that makes no sense gets."""

import importlib.util
import os

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.views.debug import SafeExceptionReporterFilter

from portal.config import Config
from portal.config.sources import Layer
from portal.errors import ConfigError
from portal.services import cache
from portal.services.cache import definition
from portal.services.cache.configured import caches_from, definition_from
from tests.cache_stores import cache_config, configured_cache


def config(**options) -> Config:
    return Config([Layer("app-config.yaml", {"backend": {"cache": options}})])


def test_without_configuration_the_cache_is_in_memory():
    assert definition_from(Config(), {}).store == "memory"


def test_settings_get_djangos_cache_in_the_same_store_with_keys_of_its_own():
    caches = caches_from(config(store="redis", connection="redis://c:1", redis={"client": {"namespace": "acme"}}), {})
    assert caches["default"]["LOCATION"] == "redis://c:1"
    assert caches["default"]["KEY_PREFIX"] == "acme:django"


@pytest.mark.parametrize(
    ("store", "connection", "location", "username", "password"),
    [
        ("redis", "redis://cache", "redis://cache", "", ""),
        ("redis", "redis://cache:6380/2", "redis://cache:6380/2", "", ""),
        ("redis", "rediss://anna:p%40ss%2Fword@cache:6380", "rediss://cache:6380", "anna", "p@ss/word"),
        ("redis", "redis://:pass@[::1]:6379/0", "redis://[::1]:6379/0", "", "pass"),
        ("redis", {"url": "redis://:pass@cache"}, "redis://cache", "", "pass"),
        ("redis", "redis://cache/0?password=pass&ssl=1", "redis://cache/0?ssl=1", "", "pass"),
        ("redis", "unix://:pass@/run/redis.sock?db=1", "unix:///run/redis.sock?db=1", "", "pass"),
        ("valkey", "valkey://cache:6379", "redis://cache:6379", "", ""),
        ("valkey", "valkeys://:pass@cache:6379", "rediss://cache:6379", "", "pass"),
        ("valkey", "redis://cache:6379", "redis://cache:6379", "", ""),
    ],
)
def test_credentials_are_taken_out_of_a_url(store, connection, location, username, password):
    found = definition_from(config(store=store, connection=connection), {})
    assert found.store == store
    assert found.location == location
    assert (found.options["USERNAME"], found.options["PASSWORD"]) == (username, password)


@pytest.mark.parametrize(
    ("connection", "servers"),
    [
        ("cache:11211", ["cache:11211"]),
        ("cache", ["cache"]),
        ("a:1, b:2", ["a:1", "b:2"]),
        ("memcache://cache:11211", ["cache:11211"]),
        ("[::1]:11211", ["[::1]:11211"]),
        ("unix:/run/memcached.sock", ["unix:/run/memcached.sock"]),
    ],
)
def test_memcached_is_given_by_host_and_port(connection, servers):
    assert definition_from(config(store="memcache", connection=connection), {}).location == servers


@pytest.mark.parametrize(
    ("options", "location", "name", "account"),
    [
        ({}, ["http://127.0.0.1:11222"], "cache", ("", "")),
        ({"infinispan": {"servers": {"host": "i"}}}, ["http://i:11222"], "cache", ("", "")),
        (
            {"infinispan": {"servers": [{"host": "a", "port": 1}, {"host": "b"}], "cacheName": "portal"}},
            ["http://a:1", "http://b:11222"],
            "portal",
            ("", ""),
        ),
        (
            {
                "infinispan": {
                    "ssl": {"enabled": True},
                    "authentication": {"enabled": True, "userName": "anna", "password": "wonder"},
                }
            },
            ["https://127.0.0.1:11222"],
            "cache",
            ("anna", "wonder"),
        ),
        (
            {"infinispan": {"authentication": {"userName": "anna", "password": "wonder"}}},
            ["http://127.0.0.1:11222"],
            "cache",
            ("", ""),
        ),
        (
            {"connection": "infinispans://anna:w%2F@i/portal", "infinispan": {"servers": {"host": "unused"}}},
            ["https://i:11222"],
            "portal",
            ("anna", "w/"),
        ),
    ],
)
def test_infinispan_is_configured_as_in_backstage_or_by_a_url(options, location, name, account):
    found = definition_from(config(store="infinispan", **options), {})
    assert found.location == location
    assert found.options["CACHE"] == name
    assert (found.options["USERNAME"], found.options["PASSWORD"]) == account


@pytest.mark.parametrize(
    ("url", "store", "location"),
    [
        ("redis://cache:6379/1", "redis", "redis://cache:6379/1"),
        ("rediss://cache:6379", "redis", "rediss://cache:6379"),
        ("valkey://cache:6379", "valkey", "redis://cache:6379"),
        ("memcache://a:11211,b:11211", "memcache", ["a:11211", "b:11211"]),
        ("pymemcache://a:11211", "memcache", ["a:11211"]),
        ("locmem://", "memory", "django"),
        ("locmemcache://anything", "memory", "django"),
        ("infinispan://cache:11222/portal", "infinispan", ["http://cache:11222"]),
    ],
)
def test_cache_url_beats_the_configuration(url, store, location):
    found = definition_from(config(store="redis", connection="redis://other:1"), {"CACHE_URL": url})
    assert (found.store, found.location) == (store, location)


def test_cache_url_leaves_the_namespace_to_the_configuration():
    options = {"store": "memory", "redis": {"client": {"namespace": "acme"}}}
    assert definition_from(config(**options), {"CACHE_URL": "redis://cache"}).prefix == "acme:"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"store": "mongodb"}, r"backend\.cache\.store.*memory or memcache or redis or valkey or infinispan"),
        ({"store": "redis"}, r"backend\.cache\.connection.*redis://user:password@host:6379/0"),
        ({"store": "valkey", "connection": ""}, r"backend\.cache\.connection.*valkey://"),
        ({"store": "redis", "connection": "s3cr3t@cache:6379"}, r"backend\.cache\.connection: must be a URL"),
        ({"store": "redis", "connection": "http://s3cr3t@cache:6379"}, "must be a URL"),
        ({"store": "redis", "connection": "redis://:s3cr3t@cache:port"}, "must be a URL"),
        ({"store": "redis", "connection": "redis://:s3cr3t@"}, "must be a URL"),
        ({"store": "redis", "connection": "redis://[s3cr3t"}, "must be a URL"),
        ({"store": "redis", "connection": "redis://:s3cr3t@cache/first"}, "number of a database"),
        ({"store": "redis", "connection": "valkey://:s3cr3t@cache"}, "must be a URL"),
        ({"store": "redis", "connection": {"host": "cache"}}, "an object with such a url"),
        ({"store": "redis", "connection": 6379}, "must be a URL"),
        ({"store": "memcache"}, r"backend\.cache\.connection.*host:port"),
        ({"store": "memcache", "connection": "anna:s3cr3t@cache:11211"}, "names a user"),
        ({"store": "memcache", "connection": "cache:s3cr3t"}, "host:port"),
        ({"store": "memcache", "connection": "a:1,,b:2"}, "host:port"),
        ({"store": "memcache", "connection": {"url": "cache"}}, "host:port"),
        ({"store": "infinispan", "connection": "redis://:s3cr3t@cache"}, "infinispan://"),
        ({"store": "infinispan", "connection": 5}, "infinispan://"),
        ({"store": "infinispan", "infinispan": {"mediaType": "text/html"}}, r"backend\.cache\.infinispan\.mediaType"),
        ({"store": "infinispan", "infinispan": {"servers": ["cache"]}}, r"backend\.cache\.infinispan\.servers"),
        (
            {"store": "infinispan", "infinispan": {"authentication": {"enabled": True, "userName": "anna"}}},
            r"backend\.cache\.infinispan\.authentication\.password",
        ),
    ],
)
def test_what_makes_no_sense_is_named_with_its_file_and_rule_but_never_quoted(options, message):
    with pytest.raises(ConfigError, match=message) as caught:
        definition_from(config(**options), {})
    assert "app-config.yaml" in str(caught.value)
    assert "s3cr3t" not in str(caught.value)
    assert "s3cr3t" not in repr(caught.value.__cause__)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mongodb://:s3cr3t@cache", "CACHE_URL must begin with one of .*redis://.*infinispan://"),
        ("s3cr3t", "CACHE_URL must begin with one of"),
        ("redis://:s3cr3t@cache:x", "CACHE_URL must be a URL such as redis://"),
        ("memcache://anna:s3cr3t@cache", "CACHE_URL names a user"),
    ],
)
def test_a_cache_url_that_makes_no_sense_is_named(url, message):
    with pytest.raises(ConfigError, match=message) as caught:
        caches_from(Config(), {"CACHE_URL": url})
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    ("store", "module", "command"),
    [
        ("redis", "django_redis", r"pip install -e '\.\[redis\]'"),
        ("valkey", "django_redis", r"pip install -e '\.\[redis\]'"),
        ("memcache", "pymemcache", r"pip install -e '\.\[memcached\]'"),
    ],
)
def test_a_client_that_is_not_installed_is_named_with_the_command_that_installs_it(store, module, command, monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(definition, "find_spec", lambda name: None if name == module else find_spec(name))
    with pytest.raises(ConfigError, match=command):
        definition_from(config(store=store, connection="redis://cache"), {})


@pytest.mark.parametrize(
    "options",
    [{"store": "mongodb"}, {"store": "redis", "connection": "s3cr3t"}, {"store": "memory", "defaultTtl": "soon"}],
    ids=["store", "connection", "defaultTtl"],
)
def test_the_system_check_reports_it(options):
    with cache_config(**options):
        messages = cache.check()
    assert [message.id for message in messages] == ["portal.E311"]
    assert f"backend.cache.{[*options][-1]}" in messages[0].msg
    assert "s3cr3t" not in messages[0].msg


def test_manage_py_check_stops_at_it():
    with (
        cache_config(store="mongodb"),
        pytest.raises(SystemCheckError, match=r"backend\.cache\.store.*mongodb"),
    ):
        call_command("check")


def test_a_good_configuration_passes_the_check():
    with cache_config(store="redis", connection="redis://cache", defaultTtl="1h"):
        assert cache.check() == []


def test_error_pages_do_not_show_the_password():
    settings = caches_from(config(store="redis", connection="redis://anna:s3cr3t@cache"), {})
    assert "s3cr3t" in repr(settings)
    assert "s3cr3t" not in repr(SafeExceptionReporterFilter().cleanse_setting("CACHES", settings))


def test_the_environment_of_the_process_counts(monkeypatch):
    with cache_config(store="memory"):
        monkeypatch.setitem(os.environ, "CACHE_URL", "memcache://cache:11211")
        assert configured_cache().definition.store == "memcache"
