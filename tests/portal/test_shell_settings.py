"""Settings: the profile, the appearance, feature flags; and what a browser remembers of the shell."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from portal.config import override_config
from portal.errors import ServiceUnavailableError
from portal.shell import settings_pages

JANE = {
    "kind": "User",
    "metadata": {"name": "guest", "namespace": "default"},
    "spec": {"profile": {"displayName": "Jane <b>", "email": "jane@example.com", "picture": "javascript:alert(1)"}},
}


class FakeCatalog:
    """Has one entity, or can't be asked."""

    def __init__(self, entity: dict[str, Any] | None = None, error: Exception | None = None) -> None:
        self._entity = entity
        self._error = error

    def acting_for(self, *_: object) -> FakeCatalog:
        return self

    def get_entity(self, ref: str) -> dict[str, Any] | None:
        if self._error is not None:
            raise self._error
        return self._entity


@pytest.fixture
def catalog(monkeypatch: pytest.MonkeyPatch) -> Any:
    def use(entity: dict[str, Any] | None = None, error: Exception | None = None) -> None:
        monkeypatch.setattr(settings_pages, "catalog", FakeCatalog(entity, error))

    use()
    return use


def html_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_settings_lead_to_the_first_tab(client: Client):
    assert client.get("/settings").headers["Location"] == "/settings/general"


def test_tabs_can_be_disabled(client: Client):
    with override_config({"app": {"extensions": [{"sub-page:user-settings/general": False}]}}):
        assert client.get("/settings").headers["Location"] == "/settings/feature-flags"


# --- The profile ---


@pytest.mark.usefixtures("catalog")
def test_the_profile_says_who_one_is_and_whose_possessions_are_ones_own(client: Client):
    html = html_of(client, "/settings/general")
    assert '<dd class="mono">user:default/guest</dd>' in html
    assert 'title="group:default/team-a"' in html
    assert "group:team-a" not in html


def test_the_profile_is_the_catalogs_and_hostile_data_is_escaped(client: Client, catalog: Any):
    catalog(JANE)
    html = html_of(client, "/settings/general")
    assert "Jane &lt;b&gt;" in html
    assert "<span>J&lt;</span>" in html
    assert "mailto:jane@example.com" in html
    assert "javascript:" not in html


def test_a_catalog_that_is_down_costs_the_profile_its_name_only(client: Client, catalog: Any):
    catalog(error=ServiceUnavailableError("The catalog is down."))
    html = html_of(client, "/settings/general")
    assert "user:default/guest" in html
    assert "The catalog is down." not in html


# --- The appearance ---


@pytest.mark.usefixtures("catalog")
def test_the_sidebar_is_collapsed_and_pinned_without_scripts(client: Client):
    assert 'data-sidebar="pinned"' in html_of(client, "/settings/general")
    response = client.post("/-/sidebar", {"sidebar": "collapsed", "next": "/testplugin"})
    assert response.headers["Location"] == "/testplugin"
    assert 'data-sidebar="collapsed"' in html_of(client, "/settings/general")
    client.post("/-/sidebar", {"sidebar": "pinned"})
    assert 'data-sidebar="pinned"' in html_of(client, "/settings/general")


@pytest.mark.parametrize(
    ("path", "values", "complaint"),
    [
        ("/-/sidebar", {"sidebar": "gone"}, "can be &#x27;collapsed&#x27; or &#x27;pinned&#x27;"),
        ("/-/language", {"language": "xx"}, "the languages are: en, de"),
        ("/-/announcement", {"announcement": "../x"}, "isn&#x27;t named by its key"),
    ],
)
def test_what_is_not_a_choice_is_refused(client: Client, path: str, values: dict[str, str], complaint: str):
    response = client.post(path, values)
    assert response.status_code == 400
    assert complaint in response.content.decode()


@pytest.mark.parametrize("path", ["/-/sidebar", "/-/language", "/-/announcement"])
def test_what_changes_something_takes_a_post_with_the_token_of_the_form(path: str):
    client = Client(enforce_csrf_checks=True)
    assert client.get(path).status_code == 405
    assert client.post(path).status_code == 403


# --- Feature flags ---


def test_declared_flags_are_listed_with_who_declares_them(client: Client):
    html = html_of(client, "/settings/feature-flags")
    assert 'id="flag-experiments">experiments</h3>' in html
    assert "Shows what isn&#x27;t finished" in html
    assert '<span class="badge">testplugin</span>' in html


def test_a_flag_is_switched_for_this_browser_and_extensions_follow(client: Client):
    assert client.get("/testplugin/tabbed/flagged").status_code == 404
    response = client.post("/settings/feature-flags", {"flag": "experiments", "active": "on"}, follow=True)
    assert "“experiments” is on." in response.content.decode()
    assert client.get("/testplugin/tabbed/flagged").status_code == 200
    client.post("/settings/feature-flags", {"flag": "experiments"})
    assert client.get("/testplugin/tabbed/flagged").status_code == 404


def test_another_flag_stays_as_it_is(client: Client):
    html_of(client, "/settings/feature-flags")
    client.cookies["featureFlags"] = "of-a-plugin-that-is-gone"
    client.post("/settings/feature-flags", {"flag": "experiments", "active": "on"})
    assert client.cookies["featureFlags"].value == "experiments,of-a-plugin-that-is-gone"


def test_an_undeclared_flag_is_refused(client: Client):
    html_of(client, "/settings/feature-flags")
    assert client.post("/settings/feature-flags", {"flag": "nonsense", "active": "on"}).status_code == 400


def test_flags_are_found_by_their_words(client: Client):
    assert "flag-experiments" in html_of(client, "/settings/feature-flags?q=FINISHED test")
    html = html_of(client, "/settings/feature-flags?q=nonsense")
    assert "flag-experiments" not in html
    assert "Show all flags" in html


@pytest.mark.usefixtures("without_testplugin")
def test_without_flags_the_page_says_how_there_are_some(client: Client):
    assert "<code>FeatureFlag</code>" in html_of(client, "/settings/feature-flags")


# --- Announcements ---

ANNOUNCEMENT = "announcement:app/configured"


def announcing(**config: str) -> Any:
    return override_config({"app": {"extensions": [{ANNOUNCEMENT: {"config": config}}]}})


def test_an_announcement_is_on_every_page_until_it_is_put_away_and_comes_back_when_it_changes(client: Client):
    with announcing(text="We move on <Friday>", severity="warning", url="/testplugin"):
        html = html_of(client, "/testplugin")
        assert "We move on &lt;Friday&gt;" in html
        assert "notice-warning" in html
        key = re.search(r'name="announcement" value="(\w+)"', html)
        assert key is not None
        assert client.post("/-/announcement", {"announcement": key[1], "next": "/testplugin"}).status_code == 302
        assert "We move" not in html_of(client, "/testplugin")
    with announcing(text="We moved"):
        assert "We moved" in html_of(client, "/testplugin")


@pytest.mark.parametrize("config", [{}, {"text": "x", "url": "javascript:alert(1)"}])
def test_a_wrong_announcement_is_left_out(client: Client, config: dict[str, str]):
    with announcing(**config):
        assert "announcement" not in html_of(client, "/testplugin")
        assert ANNOUNCEMENT in html_of(client, "/visualizer/detailed")


# --- The style guide, and the list of keys ---


def test_the_style_guide_is_there_in_development_only(client: Client, settings: Settings):
    settings.PORTAL_ENV = "development"
    html = html_of(client, "/styleguide")
    for token in ("accent-soft", "size-6", "s7"):
        assert f"<code>{token}</code>" in html
    settings.PORTAL_ENV = "production"
    client.post("/sign-out")
    assert client.get("/styleguide").status_code != 200


def test_keys_are_listed_on_a_page_and_for_the_dialog(client: Client):
    page, part = html_of(client, "/-/shortcuts"), html_of(client, "/-/shortcuts?part")
    assert "<html" in page
    assert "<html" not in part
    for html in (page, part):
        assert re.search(r'<kbd class="kbd">g</kbd> <kbd class="kbd">t</kbd> </dt><dd>Test page</dd>', html)
