"""The handler of core services: one instance for the process, chosen by a setting, reset with what it depends on."""

from __future__ import annotations

import importlib
import threading
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

import portal.services
from portal.config import override_config
from portal.services import Service, ServiceHandler, ServiceProxy, UnknownService, cache, services
from portal.services.defaults import DEFAULT_SERVICES

HERE = __name__


class Counter(Service):
    """A service that knows how many there are of it, and whether it was closed."""

    service_name = "counter"
    made: list[Counter] = []

    def __init__(self, start: int = 0) -> None:
        self.value = start
        self.closed = False
        Counter.made.append(self)

    def for_plugin(self, plugin_id: str) -> str:
        return f"{plugin_id}:{self.value}"

    def close(self) -> None:
        self.closed = True


class Stubborn(Counter):
    """One that can't be closed."""

    def close(self) -> None:
        raise OSError("the door is stuck")


@pytest.fixture
def handler() -> ServiceHandler:
    """A handler apart from the process's."""
    Counter.made = []
    return ServiceHandler()


def configured(**specs: dict[str, object]) -> override_settings:
    return override_settings(PORTAL_SERVICES=specs)


def counter(name: str = "Counter", **options: object) -> dict[str, object]:
    return {"BACKEND": f"{HERE}.{name}", "OPTIONS": options}


def test_a_service_is_made_on_first_use_and_kept(handler):
    with configured(counter=counter(start=3)):
        assert Counter.made == []
        assert handler["counter"] is handler["counter"]
        assert handler["counter"].value == 3
        assert len(Counter.made) == 1


def test_threads_that_ask_at_once_get_one_instance(handler):
    together = threading.Barrier(16)

    def ask(_: int) -> Counter:
        together.wait()
        found: Counter = handler["counter"]
        return found

    with configured(counter=counter()), ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(ask, range(16)))) == 1
    assert len(Counter.made) == 1


def test_a_service_may_use_another_while_it_is_made(handler, monkeypatch):
    monkeypatch.setattr(Counter, "__init__", lambda self: setattr(self, "clock", handler["logger"]))
    with configured(counter={"BACKEND": f"{HERE}.Counter"}):
        assert handler["counter"].clock is handler["logger"]


# --- The setting ---


def test_the_setting_is_laid_over_the_defaults():
    with configured(counter=counter()):
        assert set(services) == {*DEFAULT_SERVICES, "counter"}
        assert services.specs["cache"] == DEFAULT_SERVICES["cache"]


def test_options_alone_keep_the_default_backend():
    with configured(health={"OPTIONS": {"ttl": 9}}):
        assert services.specs["health"] == {**DEFAULT_SERVICES["health"], "OPTIONS": {"ttl": 9}}


def test_an_unknown_service_is_refused_with_those_that_there_are(handler):
    with pytest.raises(
        UnknownService, match=r"No core service 'telepathy'; PORTAL_SERVICES knows: auditor, auth, cache, .*tasks"
    ):
        handler["telepathy"]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({}, r"PORTAL_SERVICES\['counter'\] has no BACKEND; it must be the dotted path of a class"),
        ({"BACKEND": "portal.nowhere.Service"}, r"PORTAL_SERVICES\['counter'\]: BACKEND can't be loaded: .*nowhere"),
        ({"BACKEND": f"{HERE}.Absent"}, r"PORTAL_SERVICES\['counter'\]: BACKEND can't be loaded: .*Absent"),
        (counter(stop=1), r"PORTAL_SERVICES\['counter'\]: OPTIONS don't fit .*Counter: .*'stop'"),
    ],
)
def test_a_wrong_entry_is_named_with_what_is_wrong(handler, spec, message):
    with configured(counter=spec), pytest.raises(ImproperlyConfigured, match=message):
        handler["counter"]


def test_an_error_of_the_service_itself_passes_through(handler):
    broken = mock.patch.object(Counter, "__init__", side_effect=OSError("no disk"))
    with configured(counter=counter(start=1)), broken, pytest.raises(OSError, match="no disk"):
        handler["counter"]


# --- Replaced and reset ---


def test_a_fake_takes_the_place_of_a_service_until_it_is_taken_out(handler):
    fake = object()
    with configured(counter=counter()):
        handler["counter"] = fake
        assert handler["counter"] is fake
        del handler["counter"]
        assert isinstance(handler["counter"], Counter)


def test_a_reset_closes_what_was_made_and_forgets_it(handler):
    with configured(counter=counter()):
        first = handler["counter"]
        handler["stranger"] = object()
        handler.reset()
        assert first.closed
        assert handler["counter"] is not first


def test_a_service_that_cannot_be_closed_keeps_no_other_open(handler):
    with configured(one=counter("Stubborn"), two=counter()):
        stubborn, good = handler["one"], handler["two"]
        with pytest.raises(ExceptionGroup, match="Not every core service could be closed") as caught:
            handler.reset()
        assert [str(error) for error in caught.value.exceptions] == ["the door is stuck"]
        assert good.closed
        assert handler["one"] is not stubborn


@pytest.mark.parametrize(
    "change",
    [
        lambda: override_settings(PORTAL_SERVICES={"counter": counter(start=2)}),
        lambda: override_settings(INSTALLED_APPS=["portal"]),
        lambda: override_config({"app": {"title": "Another"}}),
    ],
    ids=["PORTAL_SERVICES", "INSTALLED_APPS", "configuration"],
)
def test_services_are_made_anew_when_what_they_depend_on_changes(change):
    with configured(counter=counter()):
        before = services["counter"]
        with change():
            during = services["counter"]
            assert during is not before
            assert before.closed
        assert services["counter"] is not during


# --- Proxies ---


def test_a_proxy_passes_everything_on_to_the_instance_of_the_moment(handler):
    proxy = ServiceProxy(handler, "counter")
    with configured(counter=counter()):
        assert proxy.for_plugin("catalog") == "catalog:0"
        proxy.value = 7
        assert handler["counter"].value == 7
        handler["counter"] = lambda *args, **kwargs: (args, kwargs)
        assert proxy(1, two=2) == ((1,), {"two": 2})


def test_what_is_set_on_a_proxy_can_be_taken_off_again(handler):
    proxy = ServiceProxy(handler, "counter")
    with configured(counter=counter()):
        with mock.patch.object(proxy, "for_plugin", return_value="patched"):
            assert handler["counter"].for_plugin("x") == "patched"
        assert proxy.for_plugin("x") == "x:0"
        assert "for_plugin" not in vars(handler["counter"])


def test_a_proxy_is_named_without_making_the_service(handler):
    assert repr(ServiceProxy(handler, "counter")) == "<core service counter>"
    assert Counter.made == []


@pytest.mark.parametrize("name", sorted(DEFAULT_SERVICES))
def test_every_service_has_a_proxy_that_its_package_does_not_hide(name):
    package = importlib.import_module(f"portal.services.{name}")
    setattr(portal.services, name, package)  # as Python does where a package is imported for the first time
    proxy = getattr(portal.services, name)
    assert isinstance(proxy, ServiceProxy)
    assert repr(proxy) == f"<core service {name}>"


def test_a_proxy_follows_a_replacement():
    fake = mock.Mock()
    services["cache"] = fake
    cache.for_plugin("catalog")
    fake.for_plugin.assert_called_once_with("catalog")
