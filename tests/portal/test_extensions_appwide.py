"""Icons, swappable parts, what plugins have on all their pages, analytics, and utility APIs that are replaced."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.template import Context, Template
from django.test import Client, RequestFactory

from portal.config import override_config
from portal.entities import EntityRef
from portal.errors import NotAllowedError
from portal.extensions import get_api, get_tree
from portal.extensions.icons import is_known, kind_icon, render_icon
from portal.extensions.utility import (
    alert_api,
    analytics_api,
    config_api,
    entity_presentation_api,
    error_api,
    identity_api,
    permission_api,
    toast_api,
)
from portal.permissions import Permission
from portal.testing.rendering import page_context

Install = Callable[..., None]


def html_of(client: Client, path: str = "/testplugin") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


# --- Icons ---


def test_a_bundle_gives_a_name_to_an_icon_and_draws_kinds_another_way(install: Install):
    install("""
class Ours(IconBundle):
    name = "ours"
    icons = {"team-rocket": "rocket", "kind:component": "cpu"}
""")
    assert is_known("team-rocket")
    assert not is_known("team-submarine")
    assert render_icon("team-rocket", size=16) == render_icon("rocket", size=16)
    assert render_icon(kind_icon("Component"), size=16) == render_icon("cpu", size=16)
    assert kind_icon("API") == "plug"


def test_an_icon_may_be_an_svg_of_ones_own_and_its_label_is_escaped(install: Install):
    install(
        """
class Ours(IconBundle):
    name = "ours"
    icons = {"logo": "made/logo.svg"}
""",
        logo_svg='<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>',
    )
    svg = render_icon("logo", size=24, css="big", label='A "logo"')
    assert svg.startswith("<svg")
    assert 'width="24"' in svg
    assert 'aria-label="A &quot;logo&quot;"' in svg
    assert "M0 0h8v8z" in svg


def test_what_is_not_an_svg_is_left_out_and_named(install: Install):
    install('class Ours(IconBundle):\n    name = "ours"\n    icons = {"logo": "made/logo.svg"}\n', logo_svg="<html/>")
    assert "'made/logo.svg', which is neither" in get_tree().nodes["icon-bundle:app/ours"].reason


def test_an_icon_has_no_nodes_but_its_shapes():
    svg = render_icon("rocket", size=16)
    assert svg.startswith('<svg width="16" height="16"')
    assert "xmlns" not in svg
    assert "> <" not in svg
    assert "\n" not in svg
    assert svg.count("<path") == 1


def test_without_the_api_icons_are_lucides():
    with override_config({"app": {"extensions": [{"api:app/icons": False}]}}):
        assert render_icon("rocket", size=16).startswith("<svg")


# --- Parts that can be swapped ---


def test_a_module_draws_a_part_another_way(install: Install, client: Client):
    install(
        """
class Lost(SwappableComponent):
    name = "core-not-found-error-page"
    template_name = "made/lost.html"
""",
        lost_html="<h1>Lost at {{ request.path }}</h1>",
    )
    client.get("/testplugin")
    response = client.get("/nowhere/<b>")
    assert response.status_code == 404
    assert "<h1>Lost at /nowhere/&lt;b&gt;</h1>" in response.content.decode()


def test_a_module_arranges_pages_another_way(install: Install, client: Client):
    install(
        """
class Layout(SwappableComponent):
    name = "core-page-layout"
    template_name = "made/layout.html"
""",
        layout_html='{% extends "base.html" %}{% block content %}<h1>Mine</h1>{% block page %}{% endblock %}'
        "{% endblock %}",
    )
    assert "<h1>Mine</h1>" in html_of(client, "/visualizer/text")


def test_progress_says_what_it_waits_for():
    text = '{% load portal %}{% component "core-progress" label=what %}'
    html = Template(text).render(Context({"request": RequestFactory().get("/"), "what": "Fetching <all>"}))
    assert 'role="status"' in html
    assert "Fetching &lt;all&gt;" in html


def test_an_unknown_part_names_the_known_ones():
    with pytest.raises(LookupError, match="there is no component 'core-x'; there are: core-progress"):
        Template('{% load portal %}{% component "core-x" %}').render(Context({}))


# --- On all pages of a plugin ---

ON_PAGES = """
class Button(PluginHeaderAction):
    name = "button"
    namespace = "testplugin"
    template_name = "made/part.html"
    media = Media(css=["made/button.css"])

class Frame(PluginWrapper):
    name = "frame"
    namespace = "testplugin"
    template_name = "made/frame.html"
"""


def test_header_actions_and_wrappers_are_on_the_pages_of_their_plugin_only(install: Install, client: Client):
    install(ON_PAGES, part_html="<button>Do it</button>", frame_html="<div class=frame>{{ content }}</div>")
    html = html_of(client)
    assert '<div data-extension="plugin-header-action:testplugin/button"><button>Do it</button></div>' in html
    assert "made/button.css" in html
    assert html.index("class=frame") < html.index("Second on panel:testplugin/second")
    other = html_of(client, "/settings/feature-flags")
    assert "Do it" not in other
    assert "class=frame" not in other
    assert "button.css" not in other


# --- Analytics ---

ANALYTICS = """
told = []

class Broken(AnalyticsImplementation):
    name = "broken"

    def capture(self, event):
        raise RuntimeError("no line")

class Listening(AnalyticsImplementation):
    name = "listening"

    def capture(self, event):
        told.append(event)
"""
EVENT = {"action": "click", "subject": "Sign out", "attributes": {"to": "/x"}, "context": {"pluginId": "catalog"}}


def told() -> list[Any]:
    node = get_tree().nodes["analytics:app/listening"]
    return vars(__import__(node.spec.extension.__module__, fromlist=["told"]))["told"]


def test_nobody_listens_at_first_and_pages_report_nothing(client: Client):
    assert not get_api(analytics_api).is_heard
    html = html_of(client)
    assert "analytics.js" not in html
    assert "data-analytics" not in html
    assert client.post("/-/analytics", json.dumps(EVENT), content_type="application/json").status_code == 204


def test_every_implementation_is_told_whatever_another_one_does(install: Install, client: Client):
    install(ANALYTICS)
    assert 'data-analytics="/-/analytics"' in html_of(client)
    assert client.post("/-/analytics", json.dumps(EVENT), content_type="application/json").status_code == 204
    [event] = told()
    assert (event.action, event.subject, event.user_entity_ref) == ("click", "Sign out", "user:default/guest")
    assert event.context == {"pluginId": "catalog"}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"action": 1, "subject": "x"}',
        '{"action": "a", "subject": "b", "value": "c"}',
        pytest.param("[" * 100_000, id="nested"),
    ],
)
def test_what_is_not_an_event_is_refused(install: Install, client: Client, body: str):
    install(ANALYTICS)
    html_of(client)
    assert client.post("/-/analytics", body, content_type="application/json").status_code == 400


# --- Utility APIs ---


@pytest.fixture
def request_() -> Any:
    from django.contrib.messages.storage.cookie import CookieStorage

    request = page_context(get_tree().nodes["app/nav"]).request
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    return request


def test_the_core_provides_backstages_apis():
    expected = {
        "core.config",
        "core.identity",
        "plugin.permission.api",
        "core.featureflags",
        "core.error",
        "core.toast",
    }
    expected |= {"core.analytics", "core.alert", "core.applanguage", "core.apptheme", "core.icons", "core.translation"}
    expected |= {"core.swappable-components", "core.plugin-header-actions", "core.plugin-wrapper"}
    expected |= {"plugin.catalog.service", "plugin.catalog.entity-presentation"}
    assert expected <= set(get_tree().apis)


def test_they_say_who_asks_and_what_is_configured(request_: Any):
    identity = get_api(identity_api).identity(request_)
    assert identity is not None
    assert identity.user_entity_ref == "user:default/jane"
    assert "group:default/team-a" in identity.ownership_entity_refs
    assert get_api(config_api).get("app.title") == "Test portal"
    assert not get_api(config_api).has("app.nothing")
    assert get_api(permission_api).is_allowed(request_, Permission("some.thing.read", "read"))


def test_errors_and_alerts_become_toasts_and_inner_details_stay_inside(request_: Any):
    get_api(error_api).post(request_, NotAllowedError("You may not."))
    get_api(error_api).post(request_, RuntimeError("password=1"))
    get_api(error_api).post(request_, RuntimeError("quiet"), hidden=True)
    get_api(alert_api).post(request_, "Hello", severity="success")
    shown = [(message.level_tag, message.message) for message in get_messages(request_)]
    assert shown == [("error", "You may not."), ("error", "Something didn't work."), ("success", "Hello")]


def test_entities_are_presented_by_the_models_rules():
    shown = get_api(entity_presentation_api).of(EntityRef("component", "shop", "till"))
    assert (shown.primary_title, shown.secondary_title, shown.icon) == ("shop/till", "component:shop/till", "box")


def test_a_module_replaces_a_utility_api(install: Install, request_: Any):
    install("""
class Silence(ToastApi):
    def post(self, request, message, *, severity="info"):
        pass

class OurToasts(Api):
    name = "toast"
    ref = toast_api

    def create(self):
        return Silence()
""")
    get_api(alert_api).post(request_, "Hello")
    get_api(toast_api).post(request_, "Hello")
    assert list(get_messages(request_)) == []
