"""The shell: sidebar, themes, signing in and out, the visualizer, and what a module of the core may replace."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from portal.config import override_config
from portal.extensions import Extension, get_tree
from portal.shell.extensions import AppRoot


@pytest.fixture
def guest(client: Client) -> Client:
    """A client that is signed in as the guest."""
    assert client.get("/visualizer/text").status_code == 200
    return client


def html_of(client: Client, path: str = "/testplugin") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


# --- Markup that every page has ---


def test_a_page_has_landmarks_and_a_link_past_the_navigation(guest: Client):
    html = html_of(guest)
    assert html.startswith("<!doctype html>\n<html lang=")
    assert '<a class="skip-link" href="#content">' in html
    assert '<main id="content"' in html
    assert '<header data-extension="app/nav" class="sidebar">' in html
    assert '<nav class="nav" aria-label="Pages">' in html
    assert html.count("<h1") == 1


def test_there_is_no_script_or_style_in_a_page(guest: Client):
    html = html_of(guest)
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", html, re.DOTALL)
    assert scripts
    assert not any(script.strip() for script in scripts)
    assert "<style" not in html
    assert not re.search(r"<[^>]+\sstyle=", html)
    assert not re.search(r"<[^>]+\son\w+=", html)


def test_htmx_is_told_not_to_evaluate_or_inject_anything(guest: Client):
    assert '"allowEval": false, "allowScriptTags": false, "includeIndicatorStyles": false' in html_of(guest)


def test_the_titles_come_from_the_configuration(guest: Client):
    with override_config({"app": {"title": "Ops & <Co>"}}):
        html = html_of(guest)
    assert "<title>Test page | Ops &amp; &lt;Co&gt;</title>" in html


def test_no_configured_title_is_greenroom(guest: Client):
    with override_config({"app": {"title": None}}):
        assert "<title>Test page | Greenroom</title>" in html_of(guest)


def test_the_current_page_is_marked_in_the_navigation(guest: Client):
    assert '<a class="nav-link" href="/testplugin" aria-current="page"' in html_of(guest)


def test_the_navigation_can_be_disabled_and_the_page_stays(guest: Client):
    with override_config({"app": {"extensions": [{"app/nav": False}]}}):
        html = html_of(guest)
    assert 'data-extension="app/nav"' not in html
    assert "Second on panel:testplugin/second" in html


def test_an_element_of_the_root_is_on_every_page(guest: Client):
    with override_config({"app": {"extensions": ["app-root-element:testplugin/banner"]}}):
        assert '<div data-extension="app-root-element:testplugin/banner"><p>A banner</p>' in html_of(guest)
        assert "A banner" in html_of(guest, "/visualizer/text")


def test_an_unknown_address_is_an_error_page_in_the_shell(guest: Client):
    response = guest.get("/nowhere")
    assert response.status_code == 404
    assert '<nav class="nav" aria-label="Pages">' in response.content.decode()


def test_browsers_find_the_icon_where_they_look_for_it(client: Client):
    response = client.get("/favicon.ico")
    assert (response.status_code, response["Location"]) == (302, "/static/portal/logo.svg")


def test_a_broken_shell_still_shows_the_page(guest: Client, monkeypatch: pytest.MonkeyPatch):
    def fail(self: Extension, page: object) -> dict[str, object]:
        raise RuntimeError("no navigation")

    monkeypatch.setattr(type(get_tree().nodes["app/nav"].extension), "context", fail)
    html = html_of(guest)
    assert "<code>app/nav</code> failed" in html
    assert "Second on panel:testplugin/second" in html


# --- A module of the core ---


@pytest.mark.usefixtures("shell_module")
def test_a_module_of_the_core_replaces_the_sidebars_content(guest: Client):
    html = html_of(guest)
    own = re.search(r'<nav aria-label="Own">(.*?)</nav>', html)
    assert own is not None
    assert own[1].startswith("Test page:")
    assert "Visualizer" in own[1]
    assert 'aria-label="Pages"' not in html


@pytest.mark.usefixtures("shell_module")
def test_a_module_of_the_core_replaces_the_sign_in_page(client: Client):
    html = client.get("/sign-in?next=/testplugin").content.decode()
    assert "Ask for an account, then go to /testplugin" in html
    assert "Enter as a guest" not in html


@pytest.mark.usefixtures("shell_module")
def test_a_module_of_the_core_brings_a_theme_whose_stylesheet_is_loaded_while_it_is_chosen(guest: Client):
    with override_config({"app": {"extensions": [{"nav-content:app": False}]}}):
        html = html_of(guest)
        assert 'data-theme-choice="contrast"' in html
        assert "contrast.css" not in html
    guest.cookies["portal_theme"] = "contrast"
    html = html_of(guest)
    assert 'data-theme="contrast"' in html
    assert "testplugin/contrast.css" in html


def test_the_sign_in_page_is_open_to_modules_of_the_core_only():
    assert AppRoot.inputs["signInPage"].internal
    assert AppRoot.inputs["wrappers"].internal


# --- Themes ---


@pytest.mark.parametrize(
    ("cookie", "theme"), [(None, "auto"), ("dark", "dark"), ("light", "light"), ('"><script>', "auto")]
)
def test_the_page_comes_in_the_chosen_theme(guest: Client, cookie: str | None, theme: str):
    if cookie is not None:
        guest.cookies["portal_theme"] = cookie
    html = html_of(guest)
    assert f'data-theme="{theme}"' in html
    assert html.count('aria-pressed="true"') == 1
    assert f'data-theme-choice="{theme}" aria-pressed="true"' in html


def test_a_theme_is_chosen_without_scripts_and_one_comes_back_to_the_page(guest: Client):
    response = guest.post("/-/theme", {"theme": "dark", "next": "/testplugin?a=1"})
    assert response.headers["Location"] == "/testplugin?a=1"
    assert 'data-theme="dark"' in html_of(guest)


def test_an_unknown_theme_is_refused_with_the_known_ones(guest: Client):
    response = guest.post("/-/theme", {"theme": "sepia"})
    assert response.status_code == 400
    assert "the themes are: auto, light, dark" in response.content.decode()


def test_choosing_a_theme_needs_the_token_of_the_form(settings: Settings):
    client = Client(enforce_csrf_checks=True)
    assert client.post("/-/theme", {"theme": "dark"}).status_code == 403


def test_a_disabled_theme_is_not_offered(guest: Client):
    with override_config({"app": {"extensions": [{"theme:app/dark": False}]}}):
        guest.cookies["portal_theme"] = "dark"
        html = html_of(guest)
    assert 'data-theme="auto"' in html
    assert 'value="dark"' not in html


# --- Signing in and out ---


def test_a_guest_is_offered_to_enter(client: Client):
    html = client.get("/sign-in").content.decode()
    assert "Enter as a guest" in html
    assert 'data-extension="sign-in-page:app"' in html
    assert "<h1>Sign in to Acme</h1>" in html


def test_entering_leads_to_where_one_wanted_to_go(client: Client):
    assert client.post("/sign-in", {"next": "/testplugin?a=1"}).headers["Location"] == "/testplugin?a=1"
    assert client.get("/testplugin").status_code == 200


@pytest.mark.parametrize("destination", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil"])
def test_signing_in_leads_nowhere_else(client: Client, destination: str):
    assert client.post("/sign-in", {"next": destination}).headers["Location"] == "/"


def test_where_guests_are_not_let_in_the_page_says_so_and_a_post_is_refused(client: Client, settings: Settings):
    settings.PORTAL_ENV = "production"
    html = client.get("/sign-in").content.decode()
    assert "Guests aren&#x27;t let in here" in html or "Guests aren't let in here" in html
    assert "Enter as a guest" not in html
    assert client.post("/sign-in").status_code == 403


def test_whoever_is_signed_in_needs_no_sign_in_page(guest: Client):
    assert guest.get("/sign-in?next=/testplugin").headers["Location"] == "/testplugin"


def test_signing_out_shows_the_sign_in_page_and_pages_ask_for_it(guest: Client):
    assert guest.post("/sign-out").headers["Location"] == "/sign-in"
    assert guest.get("/testplugin").headers["Location"] == "/sign-in?next=%2Ftestplugin"


def test_signing_out_takes_a_post(guest: Client):
    assert guest.get("/sign-out").status_code == 405


def test_a_disabled_sign_in_page_says_so(client: Client):
    with override_config({"app": {"extensions": [{"sign-in-page:app": False}]}}):
        assert "This portal has no sign-in page" in client.get("/sign-in").content.decode()


def test_the_person_is_named_in_the_sidebar(guest: Client):
    assert '<span class="nav-label truncate">guest</span>' in html_of(guest)


# --- The visualizer ---


def test_the_visualizer_leads_to_its_first_tab(guest: Client):
    assert guest.get("/visualizer").headers["Location"] == "/visualizer/tree"


def test_the_tree_shows_everything_and_why_something_is_not_there(guest: Client):
    html = html_of(guest, "/visualizer/tree")
    for node in get_tree().nodes.values():
        assert f'<span class="mono">{node.id}</span>' in html
    assert "disabled unless app.extensions mentions it" in html


def test_the_details_name_who_brought_what_and_where_it_is_attached(guest: Client):
    html = html_of(guest, "/visualizer/detailed")
    row = re.search(r'<th scope="row" class="mono">panel:testplugin/first</th>(.*?)</tr>', html, re.DOTALL)
    assert row is not None
    assert "tests.testplugin" in row[1]
    assert 'page:testplugin <span class="muted">panels</span>' in row[1]


def test_the_text_is_what_the_command_prints(guest: Client):
    assert "panel:testplugin/first" in html_of(guest, "/visualizer/text")


@pytest.mark.parametrize("tab", ["detailed", "text"])
def test_the_visualizer_shows_on_what_an_extension_depends(guest: Client, tab: str):
    html = unescape(html_of(guest, f"/visualizer/{tab}"))
    assert 'if {"featureFlags": {"$contains": "experiments"}}' in html


def test_the_visualizer_names_what_is_wrong(guest: Client):
    with override_config({"app": {"extensions": ["page:testplugn"], "routes": {"bindings": {"a.b": False}}}}):
        html = html_of(guest, "/visualizer/tree")
    assert "page:testplugn" in html
    assert "portal.W201" in html
    assert "portal.W231" in html
