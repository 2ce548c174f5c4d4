"""Utility APIs: what a module puts in the place of one is seen on pages, and pages go on without one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from portal.clients import CatalogClient, catalog
from portal.config import override_config
from portal.entities import EntityRef
from portal.errors import ServiceUnavailableError
from portal.extensions import get_tree
from portal.extensions.presentation import title_of

Install = Callable[..., None]


def html_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


#: What replaces a utility API, and a page on which that is seen.
REPLACED = {
    "config": (
        "config_api",
        "ConfigApi",
        """
    def get(self, path, default=None):
        return "Somewhere else" if path == "app.title" else default

    def has(self, path):
        return False
""",
        "/testplugin",
        "Somewhere else",
    ),
    "identity": (
        "identity_api",
        "IdentityApi",
        """
    def identity(self, request):
        return Identity("user:default/somebody-else")
""",
        "/testplugin",
        "somebody-else",
    ),
    "entity-presentation": (
        "entity_presentation_api",
        "EntityPresentationApi",
        """
    def of(self, entity, *, default_kind=None, default_namespace="default"):
        return EntityPresentation("Whatsits name", "", EntityRef("user", "default", "x"), "box")
""",
        "/settings/general",
        "Whatsits name",
    ),
    "permission": (
        "permission_api",
        "PermissionApi",
        """
    def is_allowed(self, request, permission):
        return permission.name == "fun.had"

class Fun(AppRootElement):
    name = "fun"
    enabled_if = {"permissions": {"$contains": "fun.had#use"}}

    def render(self, page):
        return "Have fun"
""",
        "/testplugin",
        "Have fun",
    ),
    "feature-flags": (
        "feature_flags_api",
        "FeatureFlagsApi",
        """
    def registered(self):
        return [FeatureFlag("sunshine", "Always")]

    def active(self, request):
        return ["sunshine"]

    def save(self, response, active, *, secure):
        pass
""",
        "/settings/feature-flags",
        "sunshine",
    ),
    "app-language": (
        "app_language_api",
        "AppLanguageApi",
        """
    def available(self):
        return [Language("de", "Deutsch")]

    def chosen(self, request):
        return "de"
""",
        "/settings/general",
        "Einstellungen",
    ),
    "app-theme": (
        "app_theme_api",
        "AppThemeApi",
        """
    def choices(self):
        return [ThemeChoice("sepia", "Sepia tone", "sun")]
""",
        "/settings/general",
        "Sepia tone",
    ),
    "analytics": (
        "analytics_api",
        "AnalyticsApi",
        """
    is_heard = True

    def capture(self, event):
        pass
""",
        "/testplugin",
        "analytics",
    ),
}
REPLACING = """
from portal.entities import EntityRef
from portal.extensions.flags import FeatureFlagsApi, feature_flags_api
from portal.extensions.language import AppLanguageApi, Language, app_language_api
from portal.shell.themes import AppThemeApi, ThemeChoice, app_theme_api

class Ours{interface}({interface}):{body}

class Replacing(Api):
    namespace = {namespace!r}
    name = {name!r}
    ref = {ref}

    def create(self):
        return Ours{interface}()
"""


@pytest.mark.parametrize("name", REPLACED)
def test_what_replaces_a_utility_api_is_seen_on_pages(install: Install, client: Client, name: str):
    ref, interface, body, path, seen = REPLACED[name]
    assert seen not in html_of(client, path)
    namespace = "catalog" if name == "entity-presentation" else "app"
    install(REPLACING.format(ref=ref, interface=interface, body=body, name=name, namespace=namespace))
    assert seen in html_of(client, path)


def test_every_client_of_the_catalog_is_the_one_that_is_provided(install: Install):
    install("""
from portal.clients import CatalogClient
from portal.clients.catalog import catalog_api

class OurClient(CatalogClient):
    def get_entity(self, ref):
        return {"kind": "Ours", "metadata": {"name": ref}}

class Replacing(Api):
    namespace = "catalog"
    ref = catalog_api

    def create(self):
        return OurClient()
""")
    assert catalog.acting_for("home").get_entity("anything") == {"kind": "Ours", "metadata": {"name": "anything"}}


@pytest.mark.parametrize(
    "off",
    [
        "api:app/identity",
        "api:app/feature-flags",
        "api:app/toast",
        "api:app/permission",
        "api:app/config",
        "api:app/swappable-components",
        "component:app/core-not-found-error-page",
        "api:catalog/entity-presentation",
    ],
)
def test_pages_go_on_without_an_api(client: Client, off: str):
    with override_config({"app": {"extensions": [{off: False}]}}):
        assert client.get("/settings/general").status_code == 200
        assert client.get("/settings/feature-flags").status_code == 200
        assert client.get("/nowhere").status_code == 404


def test_a_catalog_that_fails_costs_no_page_while_nobody_takes_errors(
    client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    def fail(asked: object, *args: object, **kwargs: object) -> None:
        raise ServiceUnavailableError("The catalog is away.")

    monkeypatch.setattr(CatalogClient, "get_entity", fail)
    monkeypatch.setattr(CatalogClient, "query_entities", fail)
    with override_config({"app": {"extensions": [{"api:app/error": False}]}}):
        assert client.get("/settings/general").status_code == 200
        assert client.get("/-/palette", {"q": "cart"}).status_code == 200
    assert caplog.text.count("A page went on without a part of it") == 2


@pytest.mark.parametrize(
    ("off", "path", "sent"),
    [
        ("api:app/app-theme", "/-/theme", {"theme": "dark"}),
        ("api:app/app-language", "/-/language", {"language": "de"}),
        ("api:app/feature-flags", "/settings/feature-flags", {"flag": "anything"}),
    ],
)
def test_nothing_is_chosen_without_the_api_that_knows_the_choices(
    client: Client, off: str, path: str, sent: dict[str, str]
):
    client.get("/settings/general")
    with override_config({"app": {"extensions": [{off: False}]}}):
        assert client.post(path, sent).status_code == 400


def test_a_presentation_that_fails_leaves_the_models_rules(install: Install, client: Client):
    install("""
class Broken(EntityPresentationApi):
    def of(self, entity, *, default_kind=None, default_namespace="default"):
        raise RuntimeError("no luck")

class Replacing(Api):
    namespace = "catalog"
    name = "entity-presentation"
    ref = entity_presentation_api

    def create(self):
        return Broken()
""")
    assert title_of(EntityRef("component", "shop", "till")) == "shop/till"
    assert "guest" in html_of(client, "/settings/general")


class Failing:
    """Raises whatever it is asked for."""

    def __getattr__(self, name: str) -> None:
        raise RuntimeError(f"no {name} today")


@pytest.mark.parametrize(
    "extension_id",
    [
        "api:app/analytics",
        "api:app/app-language",
        "api:app/app-theme",
        "api:app/config",
        "api:app/icons",
        "api:app/identity",
        "api:app/permission",
        "api:app/swappable-components",
        "api:app/translations",
        "api:catalog/entity-presentation",
    ],
)
def test_an_api_that_fails_costs_no_page_and_is_logged(
    client: Client, extension_id: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    assert client.get("/settings/general").status_code == 200
    monkeypatch.setattr(get_tree().nodes[extension_id].extension, "api", Failing())
    for path, status in (("/testplugin", 200), ("/settings/general", 200), ("/nowhere", 404)):
        assert client.get(path).status_code == status
    assert f"'extension': '{extension_id}'" in caplog.text
