"""Pages at their paths: mounting, tabs, redirects, navigation, and what isn't there for everybody."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory

from portal.config import override_config
from portal.extensions import get_tree
from portal.routes.mounting import get_routes, mounts_of, url_for
from portal.routes.nav import NavItem, NavItems, nav_items


@pytest.fixture
def guest(client: Client) -> Client:
    """A client that is signed in as the guest."""
    assert client.get("/visualizer/text").status_code == 200
    return client


def configured(*entries: object, **app: Any) -> Any:
    return override_config({"app": {"extensions": list(entries), **app}})


def nav_of(request: HttpRequest) -> dict[str, str]:
    return {item.id: item.url for item in nav_items(request)}


def test_a_page_answers_at_its_path(guest: Client):
    response = guest.get("/testplugin")
    assert response.status_code == 200
    assert "<title>Test page | Test portal</title>" in response.content.decode()


def test_a_slash_at_the_end_is_as_good(guest: Client):
    assert guest.get("/testplugin/").status_code == 200


def test_parameters_of_the_path_reach_the_view_decoded(guest: Client):
    assert "name=a b" in guest.get("/testplugin/things/a%20b").content.decode()


def test_a_sub_view_gets_the_parameters_of_both_paths(guest: Client):
    html = guest.get("/testplugin/things/clock/parts/hand").content.decode()
    assert "name=clock" in html
    assert "part=hand" in html


def test_a_page_moves_with_its_configured_path(guest: Client):
    with configured({"page:testplugin": {"config": {"path": "/elsewhere", "title": "Moved"}}}):
        assert guest.get("/elsewhere").status_code == 200
        assert guest.get("/testplugin").status_code == 404
        assert url_for("testplugin.root") == "/elsewhere"
    assert guest.get("/testplugin").status_code == 200


def test_a_disabled_page_is_not_found_and_no_link_leads_to_it(guest: Client):
    with configured({"page:testplugin/thing": False}):
        assert guest.get("/testplugin/things/clock").status_code == 404
        assert url_for("testplugin.thing", name="clock") is None


def test_a_configured_path_without_the_parameters_of_its_route_is_an_error():
    with configured({"page:testplugin/thing": {"config": {"path": "/things"}}}):
        [problem] = get_tree().problems
    assert problem.id == "portal.E203"
    assert "must have the parameters of its route ref 'testplugin.thing' (name)" in problem.msg


def test_a_tab_that_repeats_a_parameter_of_its_page_is_an_error():
    tab = {"config": {"path": "/:name"}, "attachTo": {"id": "page:testplugin/thing", "input": "pages"}}
    with configured({"sub-page:testplugin/first": tab}):
        [problem] = get_tree().problems
        assert get_routes().problems == []
    assert problem.obj == "page:testplugin/thing"
    assert "the path of 'sub-page:testplugin/first' repeats its parameter name" in problem.msg


def test_a_path_that_is_the_servers_own_is_an_error():
    with configured({"page:testplugin": {"config": {"path": "/api/test"}}}):
        [problem] = get_tree().problems
    assert "begins with '/api'" in problem.msg


def test_two_pages_at_one_path_are_an_error_and_the_first_is_shown(guest: Client):
    with configured({"page:testplugin/tabbed": {"config": {"path": "/testplugin"}}}):
        problems = get_routes().problems
        assert [problem.id for problem in problems] == ["portal.E220"]
        assert "'page:testplugin/tabbed'" in problems[0].msg
        assert "'page:testplugin'" in problems[0].msg
        assert guest.get("/testplugin").status_code == 302


def test_the_more_specific_of_two_paths_answers():
    mounts, problems = mounts_of(get_tree())
    assert problems == []
    keys = [mount.path.sort_key for mount in mounts]
    assert keys == sorted(keys)


# --- Tabs ---


def test_a_page_of_tabs_leads_to_the_first_one_and_keeps_the_query(guest: Client):
    assert guest.get("/testplugin/tabbed?a=1").headers["Location"] == "/testplugin/tabbed/first?a=1"


def test_tabs_are_shown_and_the_current_one_is_marked(guest: Client):
    html = guest.get("/testplugin/tabbed/first").content.decode()
    assert '<a href="/testplugin/tabbed/first" aria-current="page">' in html
    assert "Flagged tab" not in html


def test_a_tab_whose_predicate_does_not_hold_is_not_found(guest: Client):
    assert guest.get("/testplugin/tabbed/flagged").status_code == 404


def test_a_tab_is_there_for_those_with_its_feature_flag(guest: Client):
    guest.cookies["featureFlags"] = "other,experiments"
    assert guest.get("/testplugin/tabbed/flagged").status_code == 200
    assert "Flagged tab" in guest.get("/testplugin/tabbed/first").content.decode()


# --- The front page, redirects, errors ---


def test_the_front_page_is_the_first_of_the_navigation(guest: Client):
    with configured("page:testplugin"):
        assert guest.get("/?x=1").headers["Location"] == "/testplugin?x=1"


def test_a_page_may_claim_the_front_page(guest: Client):
    with configured({"page:testplugin": {"config": {"path": "/"}}}):
        assert guest.get("/").status_code == 200


def redirecting(source: str, target: str) -> Any:
    return configured({"app/routes": {"config": {"redirects": [{"from": source, "to": target}]}}})


@pytest.mark.parametrize(
    ("source", "target", "url", "location"),
    [
        ("/old", "/testplugin", "/old?q=1", "/testplugin?q=1"),
        ("/old/:name", "/testplugin/things/:name", "/old/a%20b", "/testplugin/things/a%20b"),
        ("/old/*", "/new/*", "/old/a/b", "/new/a/b"),
        ("/old/*", "/new/*", "/old", "/new"),
    ],
)
def test_a_redirect_keeps_parameters_and_query(guest: Client, source: str, target: str, url: str, location: str):
    with redirecting(source, target):
        assert guest.get(url).headers["Location"] == location


@pytest.mark.parametrize(
    ("source", "target", "complaint"),
    [
        ("old", "/new", "must start with '/'"),
        ("/old", "/new/:name", "has the parameter name, which /old lacks"),
        ("/old", "https://example.com", "must start with '/'"),
        ("/api/old", "/testplugin", "'/api' is the server's own"),
    ],
)
def test_a_wrong_redirect_is_left_out_and_named_while_pages_stay(
    guest: Client, source: str, target: str, complaint: str
):
    with redirecting(source, target):
        [problem] = get_routes().problems
        assert (problem.id, problem.obj) == ("portal.E227", "app/routes")
        assert complaint in problem.msg
        assert guest.get("/testplugin").status_code == 200
        assert guest.get("/old").status_code == 404


def test_a_redirect_from_everywhere_answers_where_no_page_does(guest: Client):
    with redirecting("/*", "/testplugin"):
        assert guest.get("/testplugin").status_code == 200
        assert guest.get("/nowhere/at/all").headers["Location"] == "/testplugin"


def test_redirects_that_lead_to_each_other_are_left_out(guest: Client):
    ring = [{"from": "/a/:x", "to": "/b/:x"}, {"from": "/b/:x", "to": "/a/:x"}]
    with configured({"app/routes": {"config": {"redirects": ring}}}):
        assert [problem.id for problem in get_routes().problems] == ["portal.E227", "portal.E227"]
        assert "it leads back to itself" in get_routes().problems[0].msg
        assert guest.get("/a/1").status_code == 404


def test_what_a_page_does_not_find_is_an_error_page_in_the_shell(guest: Client):
    response = guest.get("/testplugin/things/missing")
    assert response.status_code == 404
    html = response.content.decode()
    assert "There is no thing &#x27;missing&#x27;." in html
    assert 'aria-label="Pages"' in html


# --- htmx ---


def test_htmx_gets_the_fragment_for_the_element_that_asks(guest: Client):
    response = guest.get("/testplugin", headers={"HX-Request": "true", "HX-Target": "panels"})
    html = response.content.decode()
    assert html.startswith('<section data-extension="panel:testplugin/first" class="panel">')
    assert "<html" not in html
    assert {"HX-Request", "HX-Target"} <= {name.strip() for name in response.headers["Vary"].split(",")}


@pytest.mark.parametrize(
    "headers",
    [
        {"HX-Request": "true", "HX-Target": "unknown"},
        {"HX-Request": "true"},
        {"HX-Request": "true", "HX-Target": "panels", "HX-Boosted": "true"},
        {"HX-Request": "true", "HX-Target": "panels", "HX-History-Restore-Request": "true"},
        {"HX-Target": "panels"},
    ],
)
def test_everybody_else_gets_the_whole_page(guest: Client, headers: dict[str, str]):
    assert guest.get("/testplugin", headers=headers).content.decode().startswith("<!doctype html>")


# --- Links in templates ---


def test_a_link_is_encoded_and_one_to_what_is_not_installed_is_not_there(guest: Client):
    html = guest.get("/testplugin").content.decode()
    assert '<a id="thing" href="/testplugin/things/a%20b%2Fc">' in html
    assert 'id="elsewhere"' not in html


def test_a_link_can_be_bound_by_configuration(guest: Client):
    with override_config({"app": {"routes": {"bindings": {"testplugin.elsewhere": "testplugin.root"}}}}):
        assert '<a id="elsewhere" href="/testplugin">' in guest.get("/testplugin").content.decode()


def test_links_by_name_follow_defaults_and_sub_routes():
    assert url_for("testplugin.homewards") == "/testplugin"
    assert url_for("testplugin.part", name="clock", part="hand") == "/testplugin/things/clock/parts/hand"


def test_an_empty_parameter_gives_no_link():
    from django.template import Context, Template

    source = '{% load portal %}{% route "testplugin.thing" name=name as url %}[{{ url }}]'
    assert Template(source).render(Context({"name": ""})) == "[]"
    assert Template(source).render(Context({})) == "[]"
    assert Template(source).render(Context({"name": "x"})) == "[/testplugin/things/x]"


# --- Navigation ---


def test_the_navigation_has_enabled_pages_with_title_icon_and_a_route_without_parameters(rf: RequestFactory):
    items = nav_of(rf.get("/"))
    assert items["page:testplugin"] == "/testplugin"
    assert items["page:app-visualizer"] == "/visualizer"
    assert "page:testplugin/thing" not in items
    assert "page:testplugin/tabbed" not in items


def test_the_navigation_follows_the_order_of_the_configuration(rf: RequestFactory):
    with configured("page:testplugin"):
        assert next(iter(nav_of(rf.get("/")))) == "page:testplugin"


def test_home_comes_first_unless_the_configuration_lists_other_pages(rf: RequestFactory):
    assert next(iter(nav_of(rf.get("/")))) == "page:home"
    with configured("page:testplugin", "page:home"):
        assert list(nav_of(rf.get("/")))[:2] == ["page:testplugin", "page:home"]


def test_a_disabled_page_is_not_in_the_navigation(rf: RequestFactory):
    with configured({"page:testplugin": False}):
        assert "page:testplugin" not in nav_of(rf.get("/"))


@pytest.mark.parametrize(
    ("path", "current"),
    [("/testplugin", True), ("/testplugin/things/x", True), ("/testplugins", False), ("/visualizer", False)],
)
def test_the_item_of_the_page_or_of_one_above_it_is_current(rf: RequestFactory, path: str, current: bool):
    item = nav_items(rf.get(path)).take("page:testplugin")
    assert item is not None
    assert item.is_current is current


def test_items_that_are_taken_are_not_in_the_rest():
    items = NavItems([NavItem("a", "Zebra", "/a", "x"), NavItem("b", "Ape", "/b", "x"), NavItem("c", "Fox", "/c", "x")])
    taken = items.take("a")
    assert taken is not None
    assert taken.title == "Zebra"
    assert items.take("a") is None
    assert [item.id for item in items.rest()] == ["b", "c"]
    assert [item.id for item in items.rest(sort_by=lambda item: item.title)] == ["b", "c"]
    assert len(items) == 2
