"""Access to Microsoft Graph: refusals, the portal's own identity, and the configuration."""

from __future__ import annotations

import sys
from typing import Any
from unittest import mock

import pytest

from apps.catalog.modules.msgraph.conf import read_configs
from portal.config import override_config
from portal.errors import ConfigError, InputError, NotFoundError, PortalError, ServiceUnavailableError
from portal.plugins import ModuleFailed
from tests.catalog.modules.graph_host import NOT_FOUND, TENANT, FakeGraph, refused
from tests.catalog.modules.kit import installed, refresh, running, unprocessed
from tests.catalog.modules.msgraph_kit import MODULE, NAME, ROOT, config, found, users_in
from tests.portal.source_hosts.server import Answer

KEY = "catalog.providers.microsoftGraphOrg.acme"


# What goes wrong


@pytest.mark.parametrize(
    ("path", "answer", "error", "message"),
    [
        (
            "users",
            refused(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."),
            InputError,
            r"403 Forbidden: Authorization_RequestDenied, Insufficient .*operation\. Give .* User\.Read\.All",
        ),
        ("groups", refused(401, "InvalidAuthenticationToken", "Expired."), InputError, rf"Check tenantId.* in {KEY}"),
        ("groups/group-web/members", Answer(status=500), ServiceUnavailableError, "can't be read now: .*answered 500"),
        ("users", Answer(b"<html>Sign in</html>"), ServiceUnavailableError, "did not answer in JSON"),
        ("users", Answer(b"[]"), ServiceUnavailableError, "is no object"),
        (
            "groups",
            Answer(b'{"@odata.nextLink": "https://evil.example/v1.0/x"}'),
            ServiceUnavailableError,
            "leads on to",
        ),
        (f"organization/{TENANT}", NOT_FOUND, NotFoundError, rf"Check {KEY}\.target, tenantId and paths"),
        ("groups", Answer(status=429, headers={"Retry-After": "90"}), ServiceUnavailableError, "for 90 seconds"),
    ],
)
def test_a_failure_says_what_where_and_what_to_do_and_changes_nothing(
    graph: FakeGraph, path: str, answer: Answer, error: type[PortalError], message: str
) -> None:
    before = found(graph)
    graph.users.clear()
    respond = graph.answer
    graph.answer = lambda asked: answer if asked.path == f"/v1.0/{path}" else respond(asked)  # type: ignore[method-assign]
    with pytest.raises(error, match=message):
        found(graph)
    assert unprocessed() == before


def test_a_wrong_filter_is_shown_with_what_microsoft_says(graph: FakeGraph) -> None:
    with pytest.raises(InputError, match=rf"BadRequest, Invalid filter clause: 'x y'\. Check filter, .* in {KEY}"):
        found(graph, user={"filter": "x y"})


def test_a_wrong_secret_is_named_with_its_key(graph: FakeGraph) -> None:
    with pytest.raises(InputError, match=rf"no token for {KEY}\.clientSecret: .*401.*Check the id and the secret"):
        found(graph, clientSecret="wrong")


def test_a_host_that_is_gone_is_named(graph: FakeGraph) -> None:
    with pytest.raises(ServiceUnavailableError, match=r"127\.0\.0\.1:1/.* can't be reached"):
        found(graph, authority="http://127.0.0.1:1")


def test_a_failure_now_and_then_is_borne(graph: FakeGraph) -> None:
    graph.faults = [Answer(status=502), Answer(status=500)]
    assert users_in(found(graph))


def test_it_waits_where_it_is_asked_to(graph: FakeGraph) -> None:
    graph.faults = [Answer(status=429, headers={"Retry-After": "0"})]
    with installed(MODULE, config(graph)), running():
        refresh(NAME)
    assert users_in(unprocessed())


# The portal's own identity


def test_without_a_secret_the_identity_of_the_machine_is_shown(graph: FakeGraph) -> None:
    asked: list[Any] = []

    class Identity:
        """What azure-identity finds."""

        def __init__(self, **options: Any) -> None:
            asked.append(options)

        def __enter__(self) -> Identity:
            return self

        def __exit__(self, *error: object) -> None:
            asked.append("closed")

        def get_token(self, *scopes: str, **options: Any) -> Any:
            asked.append((scopes, options))
            return mock.Mock(token=graph.token, expires_on=4e9)

    with mock.patch("azure.identity.DefaultAzureCredential", Identity):
        assert users_in(found(graph, clientId=None, clientSecret=None))
    assert asked == [
        {"authority": graph.url},
        (("http://127.0.0.1/.default",), {"tenant_id": TENANT}),
        "closed",
    ]


def test_without_an_identity_the_message_says_so(graph: FakeGraph) -> None:
    from azure.core.exceptions import ClientAuthenticationError

    failing = mock.MagicMock()
    failing.return_value.__enter__.return_value.get_token.side_effect = ClientAuthenticationError("Nothing found.")
    with (
        mock.patch("azure.identity.DefaultAzureCredential", failing),
        pytest.raises(InputError, match=rf"{KEY} has no clientId and clientSecret, and no identity.*Nothing found"),
    ):
        found(graph, clientId=None, clientSecret=None)


def test_without_the_package_the_message_says_what_to_install(graph: FakeGraph) -> None:
    with (
        mock.patch.dict(sys.modules, {"azure.identity": None}),
        pytest.raises(ConfigError, match=rf"{KEY} has no clientId.*machine: .*\[azure\]"),
    ):
        found(graph, clientId=None, clientSecret=None)


# Configuration


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tenantId": None}, "tenantId: is missing"),
        ({"clientSecret": None}, "clientSecret: is missing, and its other half is there"),
        ({"clientId": None}, "clientId: is missing, and its other half is there"),
        ({"target": "graph.microsoft.com"}, "target: must be a URL"),
        ({"queryMode": "fast"}, "queryMode: must be 'basic' or 'advanced'; found 'fast'"),
        ({"user": {"filter": "a"}, "userGroupMember": {"filter": "b"}}, r"userGroupMember\.filter: .*Leave one"),
        ({"user": {"filter": "a"}, "userGroupMember": {"search": "b"}}, r"userGroupMember\.search: .*Leave one"),
        ({"schedule": {"frequency": {"minutes": 5}}}, "schedule: is no schedule"),
    ],
)
def test_mistakes_in_the_configuration_are_named(graph: FakeGraph, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ModuleFailed, match=message), installed(MODULE, config(graph, **changes)):
        pass


def test_a_single_provider_may_go_without_an_id(graph: FakeGraph) -> None:
    with installed(MODULE, {"catalog": {"providers": {"microsoftGraphOrg": graph.provider()}}}):
        refresh("MicrosoftGraphOrgEntityProvider:default")
    assert unprocessed()[ROOT]["key"] == "msgraph-org-provider:default"


def test_what_is_left_out_is_what_microsoft_has() -> None:
    section = {"tenantId": TENANT, "target": "https://graph.microsoft.us/v1.0/"}
    with override_config(
        {"catalog": {"providers": {"microsoftGraphOrg": {"us": section, "world": {"tenantId": "t"}}}}}
    ):
        us, world = read_configs()
    assert (us.target, us.authority) == ("https://graph.microsoft.us/v1.0", "https://login.microsoftonline.com")
    assert (world.target, world.users.path, world.groups.path) == (
        "https://graph.microsoft.com/v1.0",
        "users",
        "groups",
    )
    assert world.load_photos
    assert world.members_of is None


def test_the_secret_is_a_secret(graph: FakeGraph) -> None:
    with override_config(config(graph)) as current:
        assert "app-secret" in current.secrets()
