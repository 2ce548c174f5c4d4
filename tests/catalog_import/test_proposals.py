"""Proposing a file to a repository that has none: a pull request where the portal may open one, else a file to copy."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from apps.catalog.processing import ProcessingError
from apps.catalog_import.queries import is_file
from portal.config import override_config
from portal.testing import signed_in_client
from portal.testing.rendering import SOMEBODY
from tests.catalog.pages import Page
from tests.portal.source_hosts.server import Answer, Asked, HttpServer, answer_json

pytestmark = pytest.mark.django_db(databases=["default", "catalog", "catalog_import"])

START = "/catalog-import"
REPOSITORY = "https://github.com/acme/shop"
REFUSAL = ProcessingError("InputError", "spec.owner is nobody")
EVIL = "</textarea><script>alert(1)</script>"


class FakeGitHub:
    """acme/shop on a GitHub, which takes branches, files and pull requests; ``refused`` names what it doesn't take."""

    def __init__(self) -> None:
        self.server = HttpServer(self.respond)
        self.refused = ""
        self.done: list[tuple[str, str, Any]] = []

    @property
    def config(self) -> dict[str, Any]:
        """What is configured for it."""
        entry = {"host": "github.com", "apiBaseUrl": f"http://127.0.0.1:{self.server.port}", "token": "hub-secret"}
        return {"integrations": {"github": [entry]}}

    def respond(self, asked: Asked) -> Answer:
        if asked.authorization != "Bearer hub-secret":
            return answer_json({"message": "Not Found"}, 404)
        step = f"{asked.method} {asked.path.removeprefix('/repos/acme/shop')}"
        self.done.append((step, asked.method, json.loads(asked.body or b"null")))
        if self.refused and self.refused in step:
            return answer_json({"message": "Reference already exists"}, 422)
        answers = {
            "GET ": {"default_branch": "trunk"},
            "GET /git/ref/heads/trunk": {"object": {"sha": "abc"}},
            "POST /git/refs": {},
            "PUT /contents/catalog-info.yaml": {},
            "POST /pulls": {"html_url": f"{REPOSITORY}/pull/7"},
            "DELETE /git/refs/heads/backstage-integration": {},
        }
        return answer_json(answers[step]) if step in answers else answer_json({"message": "Not Found"}, 404)

    @property
    def steps(self) -> list[str]:
        """What was asked of it."""
        return [step for step, _, _ in self.done]

    def sent(self, step: str) -> Any:
        """Return the body of a step."""
        return next(body for name, _, body in self.done if name == step)


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    """A GitHub that the portal has a token for."""
    fake = FakeGitHub()
    with override_config(fake.config):
        yield fake
    fake.server.close()


@pytest.fixture
def client() -> Client:
    """Somebody who may do everything."""
    return signed_in_client(SOMEBODY)


def proposal(client: Client, url: str = REPOSITORY) -> tuple[str, Page]:
    """Ask for a repository, and return the token of its proposal and the page."""
    response = client.get(START, {"url": url})
    assert response.status_code == 302, response.content.decode()
    token = response["Location"].partition("?of=")[2]
    return token, Page(client, response["Location"])


def changing_steps(github: FakeGitHub) -> list[str]:
    """Return what was asked after the repository was looked into, which is all that changes it."""
    return [step for step in github.steps if step != "GET "]


def filled(token: str, **changes: str) -> dict[str, str]:
    """Return the form as somebody fills it in."""
    return {
        "of": token,
        "name": "shop",
        "owner": "group:default/team-a",
        "title": "Add catalog-info.yaml config file",
        "body": "Please",
        "branch": "backstage-integration",
        "do": "open",
        **changes,
    }


def test_the_form_has_the_words_that_backstage_has(client: Client, github: FakeGitHub):
    _, page = proposal(client)
    values = {
        element.attributes["name"]: element.attributes.get("value", "")
        for element in page.all("input")
        if "name" in element.attributes
    }
    assert values["name"] == "shop"
    assert values["title"] == "Add catalog-info.yaml config file"
    assert values["branch"] == "backstage-integration"
    assert "**Backstage entity metadata file**" in page.all("textarea")[0].text
    assert "github.com/project-slug: acme/shop" in page.all("code")[-1].text
    assert changing_steps(github) == []


def test_a_pull_request_is_a_branch_a_file_and_words(client: Client, github: FakeGitHub):
    token, _ = proposal(client)
    response = client.post(f"{START}/proposal", filled(token))
    assert response.status_code == 302, response.content.decode()
    assert changing_steps(github) == [
        "GET /git/ref/heads/trunk",
        "POST /git/refs",
        "PUT /contents/catalog-info.yaml",
        "POST /pulls",
    ]
    assert github.sent("POST /git/refs") == {"ref": "refs/heads/backstage-integration", "sha": "abc"}
    content = base64.b64decode(github.sent("PUT /contents/catalog-info.yaml")["content"]).decode()
    assert "owner: group:default/team-a" in content
    assert github.sent("POST /pulls") == {
        "title": "Add catalog-info.yaml config file",
        "body": "Please",
        "head": "backstage-integration",
        "base": "trunk",
    }
    page = Page(client, response["Location"])
    assert page.links[f"{REPOSITORY}/pull/7"] == f"{REPOSITORY}/pull/7"
    assert page.all("input", name="target")[0].attributes["value"] == f"{REPOSITORY}/blob/trunk/catalog-info.yaml"


def test_a_branch_that_is_there_is_said_and_nothing_else_is_done(client: Client, github: FakeGitHub):
    github.refused = "POST /git/refs"
    token, _ = proposal(client)
    response = client.post(f"{START}/proposal", filled(token))
    said = response.content.decode()
    assert response.status_code == 200
    assert "Couldn&#x27;t create a new branch with name &#x27;backstage-integration&#x27;" in said
    assert "Reference already exists" in said
    assert github.steps[-1] == "POST /git/refs"


def test_a_branch_that_comes_to_nothing_is_removed(client: Client, github: FakeGitHub):
    github.refused = "POST /pulls"
    token, _ = proposal(client)
    said = client.post(f"{START}/proposal", filled(token)).content.decode()
    assert "Couldn&#x27;t create a pull request for backstage-integration branch" in said
    assert github.steps[-1] == "DELETE /git/refs/heads/backstage-integration"


def test_a_preview_opens_nothing_and_asks_the_catalog(client: Client, github: FakeGitHub):
    token, _ = proposal(client)
    html = client.post(
        f"{START}/proposal",
        filled(token, do="preview", name="renamed"),
        headers={"HX-Request": "true", "HX-Target": "import-preview"},
    ).content.decode()
    assert html.lstrip().startswith('<section class="card" id="import-preview"')
    assert "name: renamed" in html
    assert "The catalog would take it." in html
    assert changing_steps(github) == []


@pytest.mark.parametrize(
    "mistake", [{"name": "no spaces"}, {"owner": ""}, {"branch": "a..b"}, {"branch": "-x.lock"}, {"title": ""}]
)
def test_a_form_with_a_mistake_opens_nothing(client: Client, github: FakeGitHub, mistake: dict[str, str]):
    token, _ = proposal(client)
    response = client.post(f"{START}/proposal", filled(token, **mistake))
    assert response.status_code == 200
    assert 'aria-invalid="true"' in response.content.decode()
    assert changing_steps(github) == []


def test_what_the_catalog_would_refuse_opens_nothing(
    client: Client, github: FakeGitHub, monkeypatch: pytest.MonkeyPatch
):
    token, _ = proposal(client)
    monkeypatch.setattr("apps.catalog.api.validation.validate_entity", lambda entity, **_: [REFUSAL])
    html = client.post(f"{START}/proposal", filled(token)).content.decode()
    assert "spec.owner is nobody" in html
    assert changing_steps(github) == []


def test_who_may_not_validate_is_told_and_opens_nothing(client: Client, github: FakeGitHub, fake_permissions: Any):
    fake_permissions.deny("catalog.entity.validate")
    token, _ = proposal(client)
    assert "catalog.entity.validate" in client.post(f"{START}/proposal", filled(token)).content.decode()
    assert changing_steps(github) == []


def test_a_file_that_nobody_proposes_is_there_to_copy(client: Client):
    with override_config({"integrations": {"bitbucketServer": [{"host": "git.example"}]}}):
        token, page = proposal(client, "https://git.example/projects/ACME/repos/shop")
        assert not page.all("input", name="branch")
        assert "Create PR" not in [button.text for button in page.all("button")]
        data = {"of": token, "name": "shop", "owner": "team-a", "do": "open"}
        html = client.post(f"{START}/proposal", data).content.decode()
    assert "owner: team-a" in html
    assert "Add it at the root of the repository" in html


def test_without_credentials_the_file_is_there_to_copy(client: Client):
    _, page = proposal(client)
    assert not page.all("input", name="branch")
    assert "Add &#x27;- host: github.com&#x27;" in page.html


def test_pull_requests_can_be_switched_off(client: Client, github: FakeGitHub):
    with override_config(
        {**github.config, "app": {"extensions": [{"page:catalog-import": {"config": {"pullRequests": False}}}]}}
    ):
        _, page = proposal(client)
    assert not page.all("input", name="branch")


def test_nothing_that_is_typed_is_markup(client: Client, github: FakeGitHub):
    token, _ = proposal(client)
    html = client.post(
        f"{START}/proposal", filled(token, body=EVIL, title=EVIL, owner=EVIL, do="preview")
    ).content.decode()
    assert EVIL not in html


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://git.example/a/b/blob/main/catalog-info.yaml", True),
        ("https://git.example/a/b/blob/main/x.YML", True),
        ("https://dev.azure.com/o/p/_git/r?path=/catalog-info.yaml", True),
        ("https://git.example/a/b/blob/main/**/catalog-info.yaml", True),
        ("https://git.example/a/b", False),
        ("https://git.example/a/b?x=y.yaml", False),
    ],
)
def test_a_file_is_told_from_a_repository_by_its_address(url: str, expected: bool):
    assert is_file(url) is expected
