"""What plugins may rely on, whatever the store."""

import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.cache import caches
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymemcache import Client

from portal.config import current
from portal.services import cache
from portal.services.cache import configured
from portal.services.cache.configured import caches_from
from portal.testing.clock import FakeClock
from tests.cache_stores import cache_config, configured_cache, store  # noqa: F401 (a fixture)
from tests.waiting import wait_until

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def catalog(store):  # noqa: F811
    return cache.for_plugin(f"catalog-{uuid4().hex[:8]}")


@pytest.fixture
def clock(monkeypatch):
    """The wall clock of this process, which stands still until the test moves it."""
    clock = FakeClock()
    monkeypatch.setattr(time, "time", lambda: clock.now().timestamp())
    return clock


def test_a_value_comes_back(catalog):
    catalog.set("key", {"a": [1, 2.5, None, True, "ü"]})
    assert catalog.get("key") == {"a": [1, 2.5, None, True, "ü"]}


def test_a_missing_key_is_none(catalog):
    assert catalog.get("nothing") is None


def test_the_last_value_wins(catalog):
    catalog.set("key", 1)
    catalog.set("key", 2)
    assert catalog.get("key") == 2


def test_a_deleted_key_is_missing(catalog):
    catalog.set("key", 1)
    catalog.delete("key")
    catalog.delete("key")
    assert catalog.get("key") is None


def test_plugins_do_not_see_each_others_values(store):  # noqa: F811
    name = uuid4().hex[:8]
    cache.for_plugin(f"{name}-a").set("key", "a")
    assert cache.for_plugin(f"{name}-b").get("key") is None
    cache.for_plugin(f"{name}-b").delete("key")
    assert cache.for_plugin(f"{name}-a").get("key") == "a"


def test_two_views_of_one_plugin_share_values(store):  # noqa: F811
    name = uuid4().hex
    cache.for_plugin(name).set("key", "a")
    assert cache.for_plugin(name).with_options(default_ttl=10).get("key") == "a"


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(key=st.text(), value=JSON)
def test_any_text_is_a_key_and_any_json_a_value(catalog, key, value):
    catalog.set(key, value)
    assert catalog.get(key) == value


@pytest.mark.parametrize("ttl", [30.5, timedelta(seconds=30.5)], ids=["seconds", "timedelta"])
def test_a_value_expires_after_its_ttl_to_the_fraction_of_a_second(catalog, ttl, clock):
    catalog.set("key", 1, ttl=ttl)
    clock.advance(30.4)
    assert catalog.get("key") == 1
    clock.advance(0.2)
    assert catalog.get("key") is None


def test_memcached_forgets_an_expired_value_itself(memcached_address):
    with cache_config(store="memcache", connection=memcached_address):
        plugin = f"catalog-{uuid4().hex[:8]}"
        catalog, backend = cache.for_plugin(plugin), configured_cache().backend
        with closing(Client(memcached_address)) as client:
            stored = client.stats()[b"total_items"]
            catalog.set("key", 1, ttl=0.5)
            catalog.set("kay", 1, ttl=600)
            assert client.stats()[b"total_items"] == stored + 2
        # It counts whole seconds, on a clock of its own.
        wait_until(lambda: backend.get(f"{plugin}:a2V5") is None)
        assert backend.get(f"{plugin}:a2F5") is not None


def test_a_value_without_ttl_does_not_expire(catalog, clock):
    catalog.set("key", 1)
    clock.advance(3e9)
    assert catalog.get("key") == 1


def test_a_long_ttl_is_not_taken_for_a_date(catalog):
    catalog.set("key", 1, ttl=timedelta(days=400))
    assert catalog.get("key") == 1


@pytest.mark.parametrize("ttl", [0, -5, timedelta(seconds=-1)])
def test_a_ttl_in_the_past_removes_the_key(catalog, ttl):
    catalog.set("key", 1)
    catalog.set("key", 2, ttl=ttl)
    assert catalog.get("key") is None


def test_the_default_ttl_can_be_set_for_a_view(catalog, clock):
    brief = catalog.with_options(default_ttl=5)
    brief.set("brief", 1)
    brief.set("long", 1, ttl=10)
    brief.with_options(default_ttl=None).set("endless", 1)
    catalog.set("other", 1)
    clock.advance(6)
    assert [catalog.get(key) for key in ("brief", "long", "endless", "other")] == [None, 1, 1, 1]


@pytest.mark.parametrize(("default_ttl", "kept"), [(1500, 1.5), ({"minutes": 2}, 120), ("1h", 3600), (0, 1e9)])
def test_the_default_ttl_of_the_configuration_counts_in_milliseconds(default_ttl, kept, clock):
    with cache_config(store="memory", defaultTtl=default_ttl):
        plugin = cache.for_plugin(uuid4().hex)
        plugin.set("key", 1)
        clock.advance(kept - 0.1)
        assert plugin.get("key") == 1
        clock.advance(0.2)
        assert plugin.get("key") == (1 if default_ttl == 0 else None)


@pytest.mark.parametrize(
    "value",
    [datetime.now(UTC), object(), {1: 2}, b"bytes", 2**70],
    ids=["datetime", "object", "number as key", "bytes", "huge number"],
)
def test_a_value_that_is_not_json_is_refused_by_name(value):
    with cache_config(store="memory"), pytest.raises(TypeError, match="The value for the key 'k1' in catalog:"):
        cache.for_plugin("catalog").set("k1", value)


def test_a_changed_value_does_not_change_the_cached_one():
    with cache_config(store="memory"):
        value = {"a": [1]}
        plugin = cache.for_plugin(uuid4().hex)
        plugin.set("key", value)
        value["a"].append(2)
        plugin.get("key")["a"].append(3)
        assert plugin.get("key") == {"a": [1]}


def test_the_memory_store_is_bounded_and_keeps_what_was_used_last(monkeypatch):
    monkeypatch.setattr(configured, "MEMORY_ENTRIES", 30)
    with cache_config(store="memory"):
        configured_cache().backend.clear()
        plugin = cache.for_plugin("catalog")
        for number in range(100):
            plugin.set("used", "often")
            plugin.set(str(number), number)
        assert plugin.get("used") == "often"
        assert plugin.get("99") == 99
        assert sum(plugin.get(str(number)) is not None for number in range(100)) <= 30


def test_a_value_that_somebody_else_wrote_is_a_miss_and_is_removed(catalog):
    name = catalog._key("key")
    for rubbish in (b"{}", b"[1]", b'"x"', b"not json"):
        configured_cache().backend.set(name, rubbish)
        assert catalog.get("key") is None
        assert configured_cache().backend.get(name) is None


def test_django_and_plugins_share_a_store_and_no_keys(store):  # noqa: F811
    with override_settings(CACHES=caches_from(current(), {})):
        name = uuid4().hex
        caches["default"].set(f"plugin:{name}", {"any": {"python", "value"}})
        assert caches["default"].get(f"plugin:{name}") == {"any": {"python", "value"}}
        assert cache.for_plugin("plugin").get(name) is None


def test_djangos_cache_api_works_on_every_store(store):  # noqa: F811
    with override_settings(CACHES=caches_from(current(), {})):
        django, key, other = caches["default"], uuid4().hex, f"{uuid4().hex}/ü+~%2F?#"
        assert django.add(key, 5, 60)
        assert not django.add(key, 6, 60)
        assert django.incr(key) == 6
        assert django.decr(key, 2) == 4
        assert django.touch(key, 60)
        assert not django.touch(other, 60)
        assert django.set_many({key: 1, other: [2]}, 60) == []
        assert django.get_many([key, other, "nothing"]) == {key: 1, other: [2]}
        assert key in django
        django.delete_many([key])
        assert key not in django
        assert django.get_or_set(key, lambda: "made", 60) == "made"
        assert django.delete(other)
        assert not django.delete(other)
        with pytest.raises(ValueError, match="not found"):
            django.incr(uuid4().hex)
        django.set(key, 1, 0)
        assert django.get(key, "default") == "default"
        assert django.add(key, 1, 0)
        assert django.get(key) is None
        django.set(key, 1)
        django.clear()
        assert django.get(key) is None
