"""``enabled_if``: predicates over feature flags and permissions, asked for each request."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from portal.config import override_config
from portal.credentials import Credentials, UserPrincipal
from portal.extensions import Tree
from portal.extensions.conditions import feature_flags, is_enabled
from portal.permissions import ALLOW, DENY, Decision, Permission, PermissionPolicy, PolicyUser
from portal.services import services
from portal.services.permissions import PolicyPermissions
from tests.portal.trees import thing, tree_of

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
