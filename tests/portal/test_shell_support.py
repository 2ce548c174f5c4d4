"""Where people find help: ``app.support``."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from portal.checks import check_configuration
from portal.config import all_sections, current, frontend_tree, override_config
from portal.shell.support import OTHER_ICON, support
from tests.catalog.pages import Page

EVIL = "<script>alert(1)</script>"
SUPPORT: dict[str, Any] = {
    "url": "https://help.example/",
    "items": [
        {"title": "Chat", "icon": "chat", "links": [{"url": "slack://channel?id=1", "title": EVIL}]},
        {"title": "Mail", "icon": "no-such-icon", "links": [{"url": "mailto:help@acme.example"}]},
        {"title": "Nothing more"},
    ],
}


def configured(value: Any) -> Any:
    """Configure the support."""
    return override_config({"app": {"support": value}})


def test_pages_show_where_there_is_help(client: Client) -> None:
    with configured(SUPPORT):
        page = Page(client, "/testplugin")
    assert "plugin-header-action:app/support" in page.extensions
    assert page.links[f"{EVIL} Chat"] == "slack://channel?id=1"
    assert page.links["mailto:help@acme.example Mail"] == "mailto:help@acme.example"
    assert page.links["Contact support"] == "https://help.example/"
    assert EVIL not in page.html
    assert "Nothing more" in page.text
    assert "portal/support.css" in page.html


def test_tabs_show_it_too(client: Client) -> None:
    with configured({"url": "/help"}):
        assert Page(client, "/settings/feature-flags").links["Contact support"] == "/help"


def test_without_support_there_is_no_button(client: Client) -> None:
    page = Page(client, "/testplugin")
    assert "plugin-header-action:app/support" not in page.extensions
    assert "portal/support.css" not in page.html
    assert "Contact support" not in client.get("/nowhere").content.decode()


def test_the_button_can_be_switched_off(client: Client) -> None:
    off = {"extensions": [{"plugin-header-action:app/support": False}]}
    with override_config({"app": {"support": SUPPORT, **off}}):
        assert "Contact support" not in Page(client, "/testplugin").links


def test_pages_of_errors_lead_to_it(client: Client) -> None:
    with configured(SUPPORT):
        html = client.get("/nowhere").content.decode()
    assert '<a href="https://help.example/">Contact support</a>' in html


def test_icons_are_those_of_backstage_by_their_keys() -> None:
    with configured(SUPPORT):
        assert [item.icon for item in support().items] == ["message-circle", OTHER_ICON, OTHER_ICON]


@pytest.mark.parametrize(
    "value", [{"url": "javascript:alert(1)"}, {"items": [{"icon": "x"}]}, {"items": "x"}, {"url": "//evil.example"}]
)
def test_a_mistake_costs_the_button_and_is_named(client: Client, value: Any) -> None:
    with configured(value):
        assert not support()
        assert Page(client, "/testplugin").extensions
        (message,) = (found for found in check_configuration() if "app.support" in found.msg)
    assert message.id == "portal.E104"


def test_every_visitor_may_see_it() -> None:
    with configured(SUPPORT):
        tree = frontend_tree(current().get(), all_sections())
    assert tree["app"]["support"] == SUPPORT  # type: ignore[index,call-overload]
