"""Webhooks of source hosts: who may send them, and what becomes of them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.test import Client, override_settings

from portal.config import override_config
from portal.services import services
from portal.services.events import ImmediateEvents
from portal.services.scheduler.rooms import register_rooms

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "events"])

NAMES = ("azure", "bitbucket_cloud", "bitbucket_server", "gerrit", "gitea", "github", "gitlab")
MODULES = [f"apps.events.modules.{name}" for name in NAMES]
BODY = b'{"zen": "Keep it logically awesome.", "n": 1.0}'


@contextmanager
def installed(config: dict[str, Any]) -> Iterator[ImmediateEvents]:
    """Install the modules under a configuration, in a process that has set up its background work."""
    apps = [*settings.INSTALLED_APPS, *MODULES]
    with override_config(config), override_settings(INSTALLED_APPS=apps):
        services["events"] = events = ImmediateEvents()
        assert register_rooms(["events"]) == {}
        yield events


def secrets(**modules: str) -> dict[str, Any]:
    """Return a configuration with a secret for each module."""
    return {"events": {"modules": {name: {"webhookSecret": secret} for name, secret in modules.items()}}}


def signature(secret: str, body: bytes = BODY) -> str:
    """Sign a body as GitHub does."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def send(topic: str, headers: Mapping[str, str] | None = None, *, body: bytes = BODY) -> Any:
    """Send a webhook."""
    return Client().generic("POST", f"/api/events/http/{topic}", body, content_type="application/json", headers=headers)


def topics(events: ImmediateEvents) -> list[str]:
    """Return the topics of what was published."""
    return [event.topic for event in events.published]


# GitHub


def test_a_webhook_that_github_signed_is_published_and_sorted() -> None:
    with installed(secrets(github="s3cret")) as events:
        response = send("github", {"X-Hub-Signature-256": signature("s3cret"), "X-GitHub-Event": "push"})

    assert response.status_code == 202
    assert topics(events) == ["github.push", "github"] or topics(events) == ["github", "github.push"]
    assert all(event.payload == orjson.loads(BODY) for event in events.published)
    assert all(event.metadata["x-github-event"] == "push" for event in events.published)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Hub-Signature-256": ""},
        {"X-Hub-Signature-256": signature("other")},
        {"X-Hub-Signature-256": signature("s3cret", BODY + b" ")},
        {"X-Hub-Signature-256": signature("s3cret").removeprefix("sha256=")},
        {"X-Hub-Signature-256": "sha256=ü"},
        {"X-Hub-Signature": signature("s3cret")},
    ],
)
def test_any_other_is_refused(headers: dict[str, str]) -> None:
    with installed(secrets(github="s3cret")) as events:
        response = send("github", headers)

    assert (response.status_code, response.json()) == (403, {"message": "invalid signature"})
    assert topics(events) == []


def test_each_github_app_has_a_secret_of_its_own() -> None:
    apps = [{"appId": 1, "webhookSecret": "first"}, {"appId": 2}, {"appId": 3, "webhookSecret": "third"}]
    config = {"integrations": {"github": [{"host": "github.com"}, {"host": "ghe.example.net", "apps": apps}]}}
    with installed({**config, **secrets(github="s3cret")}):
        for secret in ("first", "third", "s3cret"):
            assert send("github", {"X-Hub-Signature-256": signature(secret)}).status_code == 202
        assert send("github", {"X-Hub-Signature-256": signature("second")}).status_code == 403


@pytest.mark.parametrize(
    "topic", ["azureDevOps", "bitbucketCloud", "bitbucketServer", "gerrit", "gitea", "github", "gitlab"]
)
def test_without_a_secret_the_door_is_closed(topic: str) -> None:
    with installed({}):
        assert send(topic).status_code == 404


@pytest.mark.parametrize("event", ["", ".a", "a..b", "a:", ":", "line break", "a\n", "x" * 101, "ü"])
def test_what_is_no_name_is_no_sub_topic(event: str) -> None:
    with installed({"events": {"http": {"topics": ["github"]}}}) as events:
        assert send("github", {"X-GitHub-Event": event}).status_code == 202
    assert topics(events) == ["github"]


# GitLab


def test_a_webhook_with_gitlabs_token_is_published_and_sorted() -> None:
    with installed(secrets(gitlab="s3cret")) as events:
        refused = [send("gitlab", headers) for headers in ({}, {"X-Gitlab-Token": "other"})]
        response = send("gitlab", {"X-Gitlab-Token": "s3cret"}, body=b'{"event_name": "push"}')

    assert [(one.status_code, one.json()) for one in refused] == [(403, {"message": "invalid token"})] * 2
    assert response.status_code == 202
    assert sorted(topics(events)) == ["gitlab", "gitlab.push"]
    assert "s3cret" not in str(events.published)


@pytest.mark.parametrize(
    ("body", "sub_topic"),
    [
        (b'{"event_name": "repository_update", "object_kind": "x"}', ["gitlab.repository_update"]),
        (b'{"object_kind": "merge_request"}', ["gitlab.merge_request"]),
        (b'{"event_name": 7}', []),
        (b"{}", []),
        (b"[]", []),
    ],
)
def test_gitlab_says_what_has_happened_in_the_payload(body: bytes, sub_topic: list[str]) -> None:
    with installed(secrets(gitlab="s3cret")) as events:
        send("gitlab", {"X-Gitlab-Token": "s3cret"}, body=body)
    assert [topic for topic in topics(events) if topic != "gitlab"] == sub_topic


# Bitbucket and Gitea

SIGNED = [
    ("bitbucketCloud", "X-Hub-Signature", "sha256=", "X-Event-Key", "repo:push"),
    ("bitbucketServer", "X-Hub-Signature", "sha256=", "X-Event-Key", "repo:refs_changed"),
    ("gitea", "X-Gitea-Signature", "", "X-Gitea-Event", "pull_request"),
]


@pytest.mark.parametrize(("topic", "header", "prefix", "event_header", "event"), SIGNED)
def test_a_webhook_that_the_host_signed_is_published_and_sorted(
    topic: str, header: str, prefix: str, event_header: str, event: str
) -> None:
    signed = prefix + signature("s3cret").removeprefix("sha256=")
    with installed(secrets(**{topic: "s3cret"})) as events:
        response = send(topic, {header: signed, event_header: event})

    assert response.status_code == 202
    assert sorted(topics(events)) == [topic, f"{topic}.{event}"]
    assert all(event.payload == orjson.loads(BODY) for event in events.published)


@pytest.mark.parametrize(("topic", "header", "prefix", "event_header", "event"), SIGNED)
def test_one_that_somebody_else_signed_is_refused(
    topic: str, header: str, prefix: str, event_header: str, event: str
) -> None:
    right, wrong = (signature(secret).removeprefix("sha256=") for secret in ("s3cret", "other"))
    with installed(secrets(**{topic: "s3cret"})) as events:
        for headers in ({}, {header: prefix + wrong}, {header: f"{prefix}{right}0"}, {header: f"sha1={right}"}):
            response = send(topic, {**headers, event_header: event})
            assert (response.status_code, response.json()) == (403, {"message": "invalid signature"})
    assert topics(events) == []


# Gerrit and Azure DevOps, which sign nothing


@pytest.mark.parametrize(
    ("topic", "body", "sub_topic"),
    [
        ("gerrit", b'{"type": "change-merged"}', ["gerrit.change-merged"]),
        ("gerrit", b'{"type": {}}', []),
        ("azureDevOps", b'{"eventType": "git.pullrequest.created"}', ["azureDevOps.git.pullrequest.created"]),
        ("azureDevOps", b'{"eventType": "git..push"}', []),
        ("azureDevOps", b"[1]", []),
        ("azureDevOps", b"null", []),
    ],
)
def test_a_host_that_signs_nothing_is_sorted_where_its_topic_is_open(
    topic: str, body: bytes, sub_topic: list[str]
) -> None:
    with installed({"events": {"http": {"topics": [topic]}}}) as events:
        assert send(topic, body=body).status_code == 202
    assert [one for one in topics(events) if one != topic] == sub_topic
