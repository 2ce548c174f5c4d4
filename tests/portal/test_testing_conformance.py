"""A plugin or a module that keeps to nothing is found out by its conformance tests."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from pytest_django.fixtures import Settings

from portal.http.access import public
from portal.testing import ModuleConformance, PluginConformance
from portal.testing.api import api_routes

# --- A plugin that breaks every rule ---

APPS = """
from portal.plugins import PluginConfig

class FaultyPlugin(PluginConfig):
    name = __package__
    label = plugin_id = "faulty"
"""
CONF = """
from portal.config import Key, Section

class FaultyConf(Section, listed=False):
    prefix = "faulty"
    size = Key.integer("size", default=1)
"""
API = """
from django.urls import path
from portal.http.access import public
from portal.http.json import json_response

def broken(request, **parameters):
    raise RuntimeError("broken")

@public
def open_to_all(request):
    return json_response({})

urlpatterns = [path("things/<int:id>", broken), path("open", open_to_all)]
"""
PERMISSIONS = """
from portal.permissions import Permission

READ = Permission("faulty.thing.read", "read")
"""
EXTENSIONS = """
from portal.extensions import EntityCard, Page
from portal.http.pages import PageView

class OpenView(PageView):
    auth_policy = "unauthenticated"
    template_name = "page.html"

class BrokenView(PageView):
    template_name = "page.html"

    def context(self, **parameters):
        raise RuntimeError("the page is broken")

class OpenPage(Page):
    path = "/faulty-open"
    view = OpenView

class BrokenPage(Page):
    name = "broken"
    path = "/faulty-broken"
    view = BrokenView

class ThingPage(Page):
    name = "thing"
    path = "/faulty/:name"
    view = OpenView

class BrokenCard(EntityCard):
    name = "broken"
    template_name = "page.html"

    def context(self, page):
        raise RuntimeError("the card is broken")

class NobodysCard(EntityCard):
    name = "nobodys"
    template_name = "page.html"
    filter = {"kind": "spaceship"}

class LostCard(EntityCard):
    name = "lost"
    attach_to = ("page:catalog", "cards")
"""


@pytest.fixture
def faulty(make_package: Callable[..., str], settings: Settings, monkeypatch: pytest.MonkeyPatch) -> PluginConformance:
    """The conformance tests of an installed plugin that keeps to nothing."""
    name = make_package(
        apps=APPS,
        conf=CONF,
        permissions=PERMISSIONS,
        extensions=EXTENSIONS,
        api_urls=API,
        helpers="import nothing_at_all",
    )
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, name]
    from portal.http.plugin_api import api_urlpatterns
    from portal.routes.urls import page_urlpatterns
    from portal.shell.urls import urlpatterns as shell_urlpatterns

    urls: Any = ModuleType("urls_with_faulty")
    urls.urlpatterns = [*api_urlpatterns(), *shell_urlpatterns, *page_urlpatterns()]
    settings.ROOT_URLCONF = urls
    made: PluginConformance = type("TestFaulty", (PluginConformance,), {"plugin": name})()
    return made


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("test", "message"),
    [
        ("test_every_file_is_in_a_room", r"^helpers is no room\..*state it in own_rooms\.$"),
        ("test_its_api_answers_programs", r"^GET /api/faulty/things/1 answers 500 to a program\. Request failed$"),
        ("test_system_checks_find_nothing_wrong_with_it", r"portal\.E205.*'entity-card:faulty/lost'"),
        (
            "test_its_pages_can_be_opened",
            (
                r"^/faulty-broken of page:faulty/broken answers 500\. Request failed: [^\n]*the page is broken[^\n]*\n"
                r"/faulty/:name has parameters; state values for them in page_parameters\.$"
            ),
        ),
        (
            "test_its_extensions_can_be_shown",
            (
                r"^entity-card:faulty/broken, given entity, fails with RuntimeError: the card is broken\n"
                r"entity-card:faulty/nobodys is shown for none of the values tried; override values_for\.$"
            ),
        ),
    ],
)
def test_a_plugin_that_keeps_to_nothing_is_found_out(faulty, test, message):
    with pytest.raises(pytest.fail.Exception, match=f"(?s){message}"):
        getattr(faulty, test)()


@pytest.mark.django_db
def test_what_is_closed_is_not_complained_about(faulty):
    faulty.test_its_api_is_closed()
    faulty.test_its_pages_are_closed()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("test", "message"),
    [
        ("test_its_api_is_closed", r"^GET /api/faulty/things/1 answers 404 to nobody in particular; it must be 401"),
        ("test_its_pages_are_closed", r"^/faulty-broken of page:faulty/broken answers 404 to nobody in particular"),
    ],
)
def test_what_is_not_mounted_is_not_closed(faulty, settings, test, message):
    settings.ROOT_URLCONF = ModuleType("no_urls")
    settings.ROOT_URLCONF.urlpatterns = []
    with pytest.raises(pytest.fail.Exception, match=message):
        getattr(faulty, test)()


def test_a_plugin_that_is_not_installed_says_so():
    absent: PluginConformance = type("TestAbsent", (PluginConformance,), {"plugin": "portal_absent"})()
    with pytest.raises(pytest.fail.Exception, match="The plugin 'portal_absent' isn't installed; there are: portal, "):
        absent.test_every_file_is_in_a_room()


MODELS = """
from django.contrib.auth.models import User
from django.db import models

class Note(models.Model):
    author = models.ForeignKey(User, models.CASCADE, related_name="+")

    class Meta:
        app_label = "faultydata"
"""


def test_data_that_keep_to_nothing_are_found_out(
    make_package: Callable[..., str], settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    name = make_package(apps=APPS.replace('"faulty"', '"faultydata"'), models=MODELS)
    settings.INSTALLED_APPS = installed = [*settings.INSTALLED_APPS, name]
    made: PluginConformance = type("TestFaultyData", (PluginConformance,), {"plugin": name})()
    with pytest.raises(AssertionError, match="There is no database 'faultydata'"):
        made.test_its_tables_are_in_its_database()
    with pytest.raises(pytest.fail.Exception, match=r"Create model Note: not in a migration\. Run: manage\.py makemig"):
        made.test_no_migration_is_missing()
    monkeypatch.setitem(settings.DATABASES, "faultydata", settings.DATABASES["default"])
    settings.INSTALLED_APPS = [*installed]
    made.test_its_tables_are_in_its_database()
    with pytest.raises(pytest.fail.Exception, match=r"portal\.E101"):
        made.test_system_checks_find_nothing_wrong_with_it()


# --- Routes of an API ---


def view(request: HttpRequest, **parameters: object) -> HttpResponse:
    return HttpResponse()


def routes_of(monkeypatch: pytest.MonkeyPatch, *patterns: Any) -> list[Any]:
    urls = ModuleType("urls")
    urls.urlpatterns = patterns  # type: ignore[attr-defined]
    monkeypatch.setattr("portal.testing.api.room", lambda app, name: urls)
    plugin: Any = apps.get_app_config("testplugin")
    return list(api_routes(plugin))


def test_parameters_of_routes_are_filled_in(monkeypatch: pytest.MonkeyPatch):
    found = routes_of(
        monkeypatch,
        path("things/<int:number>/<slug:name>", view),
        path("<uuid:id>/", include([path("<path:rest>", public(view)), path("", view)])),
    )
    assert [route.path for route in found] == [
        "/api/testplugin/things/1/x",
        "/api/testplugin/00000000-0000-4000-8000-000000000000/x",
        "/api/testplugin/00000000-0000-4000-8000-000000000000/",
    ]
    assert {(tuple(route.methods), route.policy) for route in found} == {(("get",), "unauthenticated")}


def test_a_route_that_nobody_can_fill_in_is_refused(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(LookupError, match=r"is a regular expression\. Write it with path"):
        routes_of(monkeypatch, re_path("^things/(?P<id>[0-9]+)$", view))


def test_a_module_that_cannot_be_imported_is_found_out(faulty):
    with pytest.raises(ModuleNotFoundError, match="nothing_at_all"):
        faulty.test_every_module_can_be_imported()


def test_a_readme_is_asked_for_and_then_for_everything(faulty):
    with pytest.raises(AssertionError, match=r"There is no README\.md in .* or beside its pyproject\.toml"):
        faulty.test_its_readme_tells_what_it_brings()
    (faulty.package / "README.md").write_text("# Faulty\n\n`page:faulty`, `/faulty-broken`, entity-card:faulty/lost")
    with pytest.raises(pytest.fail.Exception) as caught:
        faulty.test_its_readme_tells_what_it_brings()
    assert str(caught.value).splitlines() == [
        f"The README doesn't mention {what}."
        for what in (
            "the extension 'page:faulty/thing'",
            "the extension 'entity-card:faulty/broken'",
            "the extension 'entity-card:faulty/nobodys'",
            "its API",
            "the permission 'faulty.thing.read'",
            "the configuration key 'faulty.size'",
        )
    ]


# --- Modules ---


def module_tests(name: str, **config: Any) -> ModuleConformance:
    return type("ModuleTests", (ModuleConformance,), {"module": name, "config": config})()


@pytest.fixture
def undocumented(settings: Settings) -> ModuleConformance:
    """Tests of a module that no README mentions."""
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.catalog.files_module"]
    return module_tests("tests.catalog.files_module", nobody={"reads": "this"})


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("test_its_configuration_is_written_about", r"doesn't mention tests\.catalog\.files_module"),
        ("test_its_configuration_is_declared", "No section declares 'nobody'"),
    ],
)
def test_what_a_module_lacks_is_named(undocumented: ModuleConformance, rule: str, fault: str):
    with pytest.raises(pytest.fail.Exception, match=fault):
        getattr(undocumented, rule)()


def test_a_module_that_adds_nothing_is_found(undocumented: ModuleConformance, monkeypatch: pytest.MonkeyPatch):
    undocumented.test_it_extends_its_plugin()
    monkeypatch.setattr(type(undocumented.app), "extend", lambda self, points: None)
    with pytest.raises(pytest.fail.Exception, match=r"It adds nothing: extend\(\) uses none of .*CatalogProcessing"):
        undocumented.test_it_extends_its_plugin()
