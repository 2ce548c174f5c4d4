"""``enabled_if``: predicates over feature flags and permissions, asked for each request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.http import HttpRequest
from django.template import RequestContext, Template
from django.test import Client, RequestFactory

from portal.config import override_config
from portal.credentials import Credentials, UserPrincipal
from portal.extensions import Tree, get_tree
from portal.extensions.conditions import feature_flags, is_enabled
from portal.extensions.registry import reset_tree
from portal.permissions import ALLOW, DENY, Decision, Permission, PermissionPolicy, PolicyUser
from portal.routes import AnyRouteRef, ExternalRouteRef, RoutePath, RouteRef, RouteTable, SubRouteRef
from portal.routes.urls import link_for
from portal.services import services
from portal.services.permissions import PolicyPermissions
from tests.portal.conftest import Install
from tests.portal.trees import contents, spec, thing, tree_of

MAY_READ = {"permissions": {"$contains": "toys.ball.read#read"}}
EXPERIMENTS = {"featureFlags": {"$contains": "experiments"}}


class OnlyRead(PermissionPolicy):
    """Allows reading, and counts how often it is asked."""

    asked: list[str]

    def __init__(self) -> None:
        self.asked = []

    def handle(self, permission: Permission, user: PolicyUser | None) -> Decision:
        self.asked.append(permission.name)
        return ALLOW if permission.action == "read" else DENY


@pytest.fixture
def policy() -> Any:
    with override_config({"permission": {"enabled": True}}):
        service = PolicyPermissions()
        policy = service.policy = OnlyRead()
        services["permissions"] = service
        yield policy


@pytest.fixture
def request_(rf: RequestFactory) -> HttpRequest:
    request = rf.get("/")
    request.credentials = Credentials(UserPrincipal("user:default/jane"))  # type: ignore[attr-defined]
    return request


def ball_in(predicate: dict[str, Any], **box: Any) -> Any:
    tree: Tree = tree_of(thing("ball", enabled_if=predicate))
    return tree.nodes["thing:toys/ball"]


def test_without_a_predicate_it_is_there(request_: HttpRequest):
    assert is_enabled(tree_of(thing("ball")).nodes["thing:toys/ball"], request_)


def test_a_feature_flag_is_a_name_in_the_cookie(request_: HttpRequest):
    assert feature_flags(request_) == []
    assert not is_enabled(ball_in(EXPERIMENTS), request_)
    request_.COOKIES["featureFlags"] = " experiments, dark-mode,"
    assert feature_flags(request_) == ["dark-mode", "experiments"]
    assert is_enabled(ball_in(EXPERIMENTS), request_)


def test_a_permission_is_asked_of_the_policy(request_: HttpRequest, policy: OnlyRead):
    assert is_enabled(ball_in(MAY_READ), request_)
    assert not is_enabled(ball_in({"permissions": {"$contains": "toys.ball.delete#delete"}}), request_)


def test_a_permission_is_asked_once_for_each_request(request_: HttpRequest, policy: OnlyRead):
    node = ball_in({"$all": [MAY_READ, {"$not": {"permissions": {"$contains": "toys.ball.delete#delete"}}}]})
    assert is_enabled(node, request_)
    assert is_enabled(node, request_)
    assert sorted(policy.asked) == ["toys.ball.delete", "toys.ball.read"]


def test_without_a_permission_in_the_predicate_the_policy_is_not_asked(request_: HttpRequest, policy: OnlyRead):
    is_enabled(ball_in(EXPERIMENTS), request_)
    assert policy.asked == []


def test_what_hangs_from_an_extension_that_is_not_there_is_not_there_either(request_: HttpRequest):
    from tests.portal.trees import Box

    secret = type("Secret", (Box,), {"name": "big", "enabled_if": EXPERIMENTS})
    node = tree_of(thing("ball"), box=secret).nodes["thing:toys/ball"]
    assert not is_enabled(node, request_)


@pytest.mark.parametrize(
    "predicate",
    [{"flags": {"$contains": "x"}}, {"$all": [{"featureFlags": {"$contains": "x"}}, {"$not": {"flags": 1}}]}],
)
def test_a_predicate_on_what_there_is_not_is_an_error(predicate: dict[str, Any]):
    tree = tree_of(thing("one", enabled_if=predicate))
    [problem] = tree.problems
    assert "its enabled_if asks for flags; there is only featureFlags and permissions" in problem.msg


def test_what_is_no_map_is_no_predicate():
    [problem] = tree_of(thing("one", enabled_if="experiments")).problems
    assert "its enabled_if is 'experiments'; it must be a map" in problem.msg


# --- Of a plugin or module as a whole ---


def test_the_predicate_of_a_plugin_holds_for_each_of_its_extensions(request_: HttpRequest):
    tree = tree_of(spec(thing("ball"), app_condition=EXPERIMENTS), spec(thing("car"), "other"))
    assert not is_enabled(tree.nodes["thing:toys/ball"], request_)
    assert is_enabled(tree.nodes["thing:other/car"], request_)
    request_.COOKIES["featureFlags"] = "experiments"
    assert is_enabled(tree.nodes["thing:toys/ball"], request_)


def test_both_predicates_must_hold(request_: HttpRequest, policy: OnlyRead):
    delete = {"permissions": {"$contains": "toys.ball.delete#delete"}}
    tree = tree_of(
        spec(thing("ball", enabled_if=MAY_READ), app_condition=EXPERIMENTS),
        spec(thing("bomb", enabled_if=delete), app_condition=EXPERIMENTS),
    )
    assert not is_enabled(tree.nodes["thing:toys/ball"], request_)
    request_.COOKIES["featureFlags"] = "experiments"
    assert is_enabled(tree.nodes["thing:toys/ball"], request_)
    assert not is_enabled(tree.nodes["thing:toys/bomb"], request_)


def test_a_module_that_replaces_an_extension_brings_its_own_predicate_instead(request_: HttpRequest):
    module = spec(thing("ball"), origin="apps.toys.modules.better", is_module=True)
    tree = tree_of(spec(thing("ball", enabled_if=EXPERIMENTS), app_condition=EXPERIMENTS), module)
    assert is_enabled(tree.nodes["thing:toys/ball"], request_)


def test_a_wrong_predicate_of_a_plugin_is_told_once_and_leaves_its_extensions_out():
    wrong = {"flags": {"$contains": "x"}}
    tree = tree_of(*(spec(thing(name), app_condition=wrong) for name in ("ball", "car")), spec(thing("kite"), "other"))
    [problem] = tree.problems
    assert (problem.id, problem.obj) == ("portal.E203", "apps.toys")
    assert "The extensions of apps.toys are left out: its enabled_if asks for flags" in problem.msg
    assert tree.nodes["thing:toys/car"].reason == problem.msg
    assert contents(tree) == ["thing:other/kite"]


@pytest.fixture
def experimental_plugin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The test plugin, for those who have switched experiments on."""
    monkeypatch.setattr(apps.get_app_config("testplugin"), "enabled_if", EXPERIMENTS)
    reset_tree()
    yield
    monkeypatch.undo()
    reset_tree()


@pytest.mark.usefixtures("experimental_plugin")
def test_a_plugin_as_a_whole_is_there_for_those_who_may(client: Client):
    assert 'href="/testplugin"' not in client.get("/settings/feature-flags").content.decode()
    assert client.get("/testplugin").status_code == 404
    assert client.get("/testplugin/tabbed/first").status_code == 404
    client.cookies["featureFlags"] = "experiments"
    assert 'href="/testplugin"' in client.get("/settings/feature-flags").content.decode()
    assert client.get("/testplugin").status_code == 200
    assert client.get("/testplugin/tabbed/first").status_code == 200


def test_a_sidebar_of_somebody_elses_can_have_a_predicate(client: Client, install: Install):
    facts = f'template_name, enabled_if = "made/nav.html", {EXPERIMENTS}'
    install(f"class Own(NavContent):\n    {facts}", nav_html="<p>My own sidebar</p>")
    html = client.get("/testplugin").content.decode()
    assert "My own sidebar" not in html
    assert 'aria-label="Pages"' in html
    client.cookies["featureFlags"] = "experiments"
    html = client.get("/testplugin").content.decode()
    assert "My own sidebar" in html
    assert 'aria-label="Pages"' not in html


@pytest.mark.django_db(databases=["default", "catalog", "home"])
def test_a_layout_of_the_home_page_can_have_a_predicate(client: Client, install: Install):
    facts = f'template_name, enabled_if = "made/layout.html", {EXPERIMENTS}'
    install(f"class Own(HomePageLayout):\n    {facts}", layout_html="<p>{{ widgets|length }} of my own</p>")
    assert "of my own" not in client.get("/home").content.decode()
    client.cookies["featureFlags"] = "experiments"
    assert "3 of my own" in client.get("/home").content.decode()


def test_what_is_there_for_everybody_cannot_have_a_predicate(install: Install):
    install(f"class Own(Theme):\n    name, title, enabled_if = 'own', 'Own', {EXPERIMENTS}")
    node = get_tree().nodes["theme:app/own"]
    assert not node.is_active
    assert "it has an enabled_if, but theme extensions are there for everybody or for nobody" in node.reason


# --- Links ---


def test_a_link_to_a_page_that_is_not_there_for_the_person_is_left_out(request_: HttpRequest, install: Install):
    imports = "from portal.http.pages import PageView\nfrom portal.routes import RouteRef\n"
    page = "class P(Page):\n    path, title, view = '/own', 'Own', PageView\n    route_ref = RouteRef('own.root')\n"
    install(f"{imports}{page}    enabled_if = {EXPERIMENTS}")
    link = Template('{% load portal %}{% route "own.root" %}')
    assert link.render(RequestContext(request_)) == ""
    assert link_for(request_, "own.root") is None
    request_.COOKIES["featureFlags"] = "experiments"
    assert link.render(RequestContext(request_)) == link_for(request_, "own.root") == "/own"


def test_a_bound_link_and_one_below_a_page_follow_the_page(request_: HttpRequest):
    parent = RouteRef("toys.root")
    refs: list[AnyRouteRef] = [
        parent,
        SubRouteRef("toys.part", parent=parent, path="/part"),
        ExternalRouteRef("zoo.toys"),
    ]
    node = tree_of(thing("ball")).nodes["thing:toys/ball"]
    table = RouteTable(
        mounts={"toys.root": RoutePath.parse("/toys")},
        nodes={"toys.root": node},
        refs=refs,
        bindings={"zoo.toys": "toys.part"},
    )
    assert table.node_of("zoo.toys") is table.node_of("toys.part") is table.node_of(parent) is node
    assert table.node_of("unknown.ref") is None
