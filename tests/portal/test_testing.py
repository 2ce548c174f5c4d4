"""The test kit's tools: clients, fakes, samples, surroundings."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

import portal.testing
from portal.config import current
from portal.credentials import Credentials, UserPrincipal
from portal.entities import apply_policies, parse_ref, validate_kind
from portal.errors import ConflictError, InputError, NotAllowedError, NotFoundError, NotModifiedError
from portal.extensions import get_tree
from portal.permissions import Condition, Conditional, Permission
from portal.services import cache, logger, permissions, scheduler, services, url_reader
from portal.services.cache import ConfiguredCache
from portal.services.cache.base import CacheService
from portal.testing import (
    SAMPLE_ENTITIES,
    FakeCache,
    FakeClock,
    FakeLogger,
    FakePermissions,
    FakeScheduler,
    FakeUrlReader,
    external_access,
    render,
    sample_entity,
)
from portal.testing.environment import prepare

ROOT = Path(__file__).parents[2]
READ = Permission("testplugin.thing.read", "read", "testplugin-thing")
SOMEBODY = Credentials(UserPrincipal("user:default/jane"))


# --- Clients ---


def principal_of(answer: Any) -> Any:
    """Return who the request was taken to be from."""
    return answer.wsgi_request.credentials.principal


@pytest.mark.django_db
def test_a_person_who_is_signed_in_sees_pages(signed_in: Callable[..., Client]):
    page = signed_in("user:default/mary").get("/testplugin")
    assert page.status_code == 200
    assert "mary" in page.content.decode()


@pytest.mark.django_db
def test_a_person_who_is_signed_in_owns_what_is_said(signed_in: Callable[..., Client]):
    answer = signed_in("user:default/mary", owns=["group:default/a"]).get("/testplugin")
    assert principal_of(answer).ownership_refs == ("user:default/mary", "group:default/a")


@pytest.mark.django_db
def test_a_guest_is_who_the_configuration_says(guest_client: Client):
    assert principal_of(guest_client.get("/testplugin")).subject == "user:default/guest"


@pytest.mark.django_db
def test_a_program_is_known_by_its_token(service_client: Client):
    answer = service_client.get("/api/testplugin/.backstage/scheduler/v1/tasks")
    assert answer.status_code == 200
    assert principal_of(answer).subject == "test-service"


@pytest.mark.django_db
def test_a_token_is_good_for_as_long_as_the_context_lasts():
    path = "/api/testplugin/.backstage/scheduler/v1/tasks"
    configured = current().get("backend.auth.externalAccess")
    with external_access("printer") as token:
        assert current().get("backend.auth.externalAccess")[:-1] == configured
        assert Client(headers={"Authorization": f"Bearer {token}"}).get(path).status_code == 200
    assert Client(headers={"Authorization": f"Bearer {token}"}).get(path).status_code == 401


# --- Rendering ---


def test_an_extension_is_rendered_by_itself(render_extension: Callable[..., str]):
    assert "Second" in render_extension("panel:testplugin/second")


def test_what_an_extension_raises_comes_out(monkeypatch: pytest.MonkeyPatch):
    panel = get_tree().nodes["panel:testplugin/second"].spec.extension
    monkeypatch.setattr(panel, "context", lambda self, page: {"text": page.owner})
    assert "Jane" in render("panel:testplugin/second", owner="Jane")
    with pytest.raises(AttributeError, match="the page passes no 'owner' to its extensions; it passes: none"):
        render("panel:testplugin/second")
    with pytest.raises(LookupError, match="'panel:testplugin/broken' is disabled"):
        render("panel:testplugin/broken")
    with pytest.raises(LookupError, match="no installed plugin has an extension 'panel:testplugin/absent'"):
        render("panel:testplugin/absent")


# --- Samples ---


@pytest.mark.parametrize("entity", SAMPLE_ENTITIES, ids=lambda entity: entity["kind"])
def test_samples_are_valid_and_of_a_kind_each(entity):
    given = {name: value for name, value in entity.items() if name != "relations"}
    assert validate_kind(apply_policies(given))
    assert [one["kind"] for one in SAMPLE_ENTITIES].count(entity["kind"]) == 1
    assert all(parse_ref(relation["targetRef"]) for relation in entity["relations"])


def test_a_sample_may_be_changed():
    sample_entity("component")["metadata"]["name"] = "changed"
    assert sample_entity("Component")["metadata"]["name"] == "web-shop"
    with pytest.raises(LookupError, match="no sample of kind 'spaceship'; there are: Component, API"):
        sample_entity("spaceship")


# --- Fakes: each keeps to the contract of what it stands for ---


@pytest.mark.parametrize("fake", [FakeCache, FakeLogger, FakePermissions, FakeScheduler, FakeUrlReader])
def test_a_fake_takes_the_same_arguments_as_the_real_one(fake):
    contract = next(base for base in fake.__mro__[1:] if base.__module__.endswith(".base"))
    for name, method in vars(contract).items():
        if inspect.isfunction(method) and not name.startswith("_"):
            given, expected = inspect.signature(getattr(fake, name)), inspect.signature(method)
            assert list(given.parameters.values()) == list(expected.parameters.values()), name


@pytest.fixture(params=[FakeCache, ConfiguredCache])
def any_cache(request: pytest.FixtureRequest) -> CacheService:
    made: CacheService = request.param()
    return made


def test_fake_and_real_cache_keep_values_apart_by_plugin(any_cache):
    mine, theirs = any_cache.for_plugin("fake-a"), any_cache.for_plugin("fake-b")
    mine.set("key", {"a": (1, 2)})
    assert mine.get("key") == {"a": [1, 2]}
    assert theirs.get("key") is None
    mine.delete("key")
    mine.delete("key")
    assert mine.get("key") is None


def test_fake_and_real_cache_take_json_only(any_cache):
    with pytest.raises(TypeError):
        any_cache.for_plugin("fake-a").set("key", object())


@pytest.mark.parametrize("ttl", [0, -1, timedelta(0)])
def test_fake_and_real_cache_remove_what_lives_no_longer(any_cache, ttl):
    plugin = any_cache.for_plugin("fake-a")
    plugin.set("key", 1)
    plugin.set("key", 2, ttl=ttl)
    assert plugin.get("key") is None
    plugin.with_options(default_ttl=0).set("key", 3)
    assert plugin.get("key") is None
    plugin.with_options(default_ttl=0).set("key", 4, ttl=60)
    assert plugin.get("key") == 4


def test_the_fake_caches_time_is_the_tests(fake_cache: FakeCache):
    cache.for_plugin("hello").set("short", 1, ttl=timedelta(minutes=1))
    cache.for_plugin("hello").set("long", [2])
    assert fake_cache.values("hello") == {"short": 1, "long": [2]}
    fake_cache.clock.advance(60)
    assert fake_cache.values("hello") == {"long": [2]}


def test_a_fake_cache_that_is_down_answers_as_an_empty_one(fake_cache: FakeCache):
    cache.for_plugin("hello").set("key", 1)
    fake_cache.down = True
    cache.for_plugin("hello").set("key", 2)
    cache.for_plugin("hello").delete("key")
    assert cache.for_plugin("hello").get("key") is None
    assert "down" in cache.problem()
    fake_cache.down = False
    assert (cache.for_plugin("hello").get("key"), cache.problem()) == (1, "")


def test_the_fake_logger_remembers(fake_logger: FakeLogger):
    logger.for_plugin("hello").bind(task="sync").warning("Slow", seconds=3)
    logger.error("Broken")
    assert fake_logger.lines == [
        ("hello", "warning", "Slow", {"task": "sync", "seconds": 3}),
        ("app", "error", "Broken", {}),
    ]
    assert fake_logger.events("error") == ["Broken"]
    assert fake_logger.events() == ["Slow", "Broken"]


def test_fake_permissions_are_the_tests(fake_permissions: FakePermissions):
    permissions.require(READ, SOMEBODY)
    fake_permissions.deny(READ.name)
    with pytest.raises(NotAllowedError, match=r"testplugin\.thing\.read"):
        permissions.require(READ, SOMEBODY)
    conditional = Conditional("testplugin", "testplugin-thing", Condition("IS_OWN", "testplugin-thing", {}))
    fake_permissions.answer(READ.name, conditional)
    assert permissions.authorize_conditional(READ, SOMEBODY) is conditional
    assert not permissions.authorize(READ, SOMEBODY).allowed
    assert fake_permissions.asked == [READ.name] * 4


def test_the_fake_scheduler_runs_a_task_when_it_is_triggered(fake_scheduler: FakeScheduler):
    runs: list[str] = []
    mine = scheduler.for_plugin("hello")
    assert not fake_scheduler.has_tasks("hello")
    minute = timedelta(minutes=1)
    mine.schedule(id="sync", fn=lambda: runs.append("sync"), frequency=minute, timeout=minute)
    mine.schedule(id="tidy", fn=lambda: runs.append("tidy"), frequency=minute, timeout=minute, listed=False)
    assert (fake_scheduler.has_tasks("hello"), runs) == (True, [])
    mine.trigger("sync")
    assert runs == ["sync"]
    assert fake_scheduler.for_plugin("hello").scheduled["sync"].frequency == minute
    assert [task["taskId"] for task in mine.tasks()] == ["sync"]
    with pytest.raises(ConflictError, match="'sync' already"):
        mine.schedule(id="sync", fn=runs.clear, frequency=minute, timeout=minute)
    with pytest.raises(NotFoundError, match="no scheduled task 'x'; there are: sync, tidy"):
        mine.trigger("x")
    with pytest.raises(ConflictError):
        mine.cancel("sync")


def test_the_fake_url_reader_serves_files(fake_url_reader: FakeUrlReader):
    fake_url_reader.files = {"https://a/x.yaml": "x", "https://a/y.yaml": b"y", "https://b/z": OSError("away")}
    answer = url_reader.read_url("https://a/x.yaml")
    assert answer.content == b"x"
    with pytest.raises(NotModifiedError):
        url_reader.read_url("https://a/x.yaml", etag=answer.etag)
    with pytest.raises(NotFoundError):
        url_reader.read_url("https://a/absent")
    with pytest.raises(InputError, match="larger than 0 bytes"):
        url_reader.read_url("https://a/x.yaml", max_bytes=0)
    with pytest.raises(OSError, match="away"):
        url_reader.read_url("https://b/z")
    assert fake_url_reader.read[:2] == ["https://a/x.yaml"] * 2


def test_the_fake_url_reader_finds_files(fake_url_reader: FakeUrlReader):
    fake_url_reader.files = {"https://a/y.yaml": b"y", "https://a/x.yaml": "x", "https://b/z": "z"}
    found = url_reader.search("https://a/*.yaml")
    assert [(file.url, file.content) for file in found.files] == [
        ("https://a/x.yaml", b"x"),
        ("https://a/y.yaml", b"y"),
    ]
    with pytest.raises(NotModifiedError):
        url_reader.search("https://a/*.yaml", etag=found.etag)
    fake_url_reader.files["https://a/x.yaml"] = "new"
    assert url_reader.search("https://a/*.yaml", etag=found.etag).etag != found.etag


def test_the_fake_url_reader_reads_folders(fake_url_reader: FakeUrlReader):
    fake_url_reader.files = {"https://a/docs/index.md": "i", "https://a/docs/deep/b.md": "b", "https://a/x": "x"}
    with url_reader.read_tree("https://a/docs") as tree:
        assert {file.path: file.read() for file in tree.files} == {"index.md": b"i", "deep/b.md": b"b"}
        etag = tree.etag
    with url_reader.read_tree("https://a/docs/", filter=lambda path, size: path.startswith("deep")) as tree:
        assert [file.path for file in tree.files] == ["deep/b.md"]
    with pytest.raises(NotModifiedError):
        url_reader.read_tree("https://a/docs", etag=etag)
    with pytest.raises(NotFoundError):
        url_reader.read_tree("https://a/nothing")


def test_a_clock_moves_when_it_is_moved():
    clock = FakeClock()
    now, mark = clock.now(), clock.monotonic()
    clock.advance(90)
    assert (clock.now() - now, clock.monotonic() - mark) == (timedelta(seconds=90), 90)
    clock.set_back(30)
    assert (clock.now() - now, clock.monotonic() - mark) == (timedelta(seconds=60), 90)


@pytest.mark.parametrize("first", [True, False])
def test_a_fake_is_gone_for_the_next_test(first):
    assert not isinstance(services["cache"], FakeCache)
    services["cache"] = FakeCache()


# --- Surroundings ---


def test_the_surroundings_are_nobodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    developers = {"DATABASE_URL": "postgresql://production", "APP_CONFIG_app_title": "Mine", "CACHE_URL": "redis://x"}
    monkeypatch.setattr(os, "environ", {**developers, "PATH": "/bin"})
    prepare(plugins=["portal_a", "portal_b"], config=[tmp_path / "one.yaml", tmp_path / "two.yaml"])
    environment = dict(os.environ)
    assert not set(environment) & set(developers)
    assert environment["PATH"] == "/bin"
    assert environment["PORTAL_PLUGINS"] == "portal_a,portal_b"
    assert environment["PORTAL_CONFIG"] == f"{tmp_path}/one.yaml:{tmp_path}/two.yaml"
    assert Path(environment["PORTAL_DATA_DIR"]).is_dir()
    prepare(database_url="postgresql://test")
    assert os.environ["DATABASE_URL"] == "postgresql://test"
    assert os.environ["PORTAL_DATA_DIR"] == environment["PORTAL_DATA_DIR"]
    assert "Test portal" in Path(os.environ["PORTAL_CONFIG"]).read_text()


def test_the_pytest_plugin_can_be_loaded_before_there_are_settings():
    program = "import portal.testing.pytest_plugin; from django.conf import settings; assert not settings.configured"
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, check=True, timeout=60)


def test_the_kit_is_what_it_lists():
    for name in portal.testing.__all__:
        assert getattr(portal.testing, name) is not None
    with pytest.raises(AttributeError, match=r"module 'portal\.testing' has no attribute 'FakeDatabase'"):
        _: Any = portal.testing.FakeDatabase
