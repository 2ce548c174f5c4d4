"""Pull requests on each host, against servers that answer as their documentation says."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from apps.catalog_import.operations import PullRequest, can_open_pull_requests, open_pull_request
from portal.config import override_config
from portal.errors import InputError
from portal.integrations import BitbucketCloudIntegration
from tests.portal.source_hosts.server import Answer, Asked, HttpServer, answer_json

FILE = "catalog-info.yaml"
CONTENT = "kind: Component # ü\n"
ENCODED = base64.b64encode(CONTENT.encode()).decode()
BRANCH = "add/catalog"


@dataclass(frozen=True)
class Host:
    """A host of tests: how it is configured and addressed, and what it answers to each step."""

    config: Callable[[str], dict[str, Any]]
    repository: str
    authorization: str
    answers: dict[str, Any]
    #: What was to be sent with the steps that change something.
    sent: dict[str, Any]
    link: str
    location: str
    #: What opens the request, what undoes the branch, and what is asked in between.
    opening: str
    undoing: list[str]


AZURE_API = "/acme/platform/_apis/git/repositories/shop"
AZURE = Host(
    config=lambda host: {"azure": [{"host": host, "credentials": [{"personalAccessToken": "pat"}]}]},
    repository="http://{host}/acme/platform/_git/shop",
    authorization="Basic " + base64.b64encode(b":pat").decode(),
    answers={
        f"GET {AZURE_API}": {"id": "1", "name": "shop", "defaultBranch": "refs/heads/main"},
        f"GET {AZURE_API}/refs": {
            "value": [
                {"name": "refs/heads/main-2", "objectId": "b" * 40},
                {"name": "refs/heads/main", "objectId": "a" * 40},
                {"name": f"refs/heads/{BRANCH}", "objectId": "c" * 40},
            ]
        },
        f"POST {AZURE_API}/pushes": {"refUpdates": [{"name": f"refs/heads/{BRANCH}"}]},
        f"POST {AZURE_API}/pullrequests": {
            "pullRequestId": 7,
            "repository": {"name": "shop", "webUrl": "https://azure.example/acme/platform/_git/shop"},
        },
        f"POST {AZURE_API}/refs": {"value": []},
    },
    sent={
        f"POST {AZURE_API}/pushes": {
            "refUpdates": [{"name": f"refs/heads/{BRANCH}", "oldObjectId": "a" * 40}],
            "commits": [
                {
                    "comment": "Add it",
                    "changes": [
                        {
                            "changeType": "add",
                            "item": {"path": f"/{FILE}"},
                            "newContent": {"content": CONTENT, "contentType": "rawtext"},
                        }
                    ],
                }
            ],
        },
        f"POST {AZURE_API}/pullrequests": {
            "sourceRefName": f"refs/heads/{BRANCH}",
            "targetRefName": "refs/heads/main",
            "title": "Add it",
            "description": "Please",
        },
    },
    link="https://azure.example/acme/platform/_git/shop/pullrequest/7",
    location="http://{host}/acme/platform/_git/shop?path=%2Fcatalog-info.yaml",
    opening=f"POST {AZURE_API}/pullrequests",
    undoing=[f"GET {AZURE_API}/refs", f"POST {AZURE_API}/refs"],
)

GITLAB_API = "/api/v4/projects/acme%2Fteam%2Fshop"
GITLAB = Host(
    config=lambda host: {"gitlab": [{"host": "git.example", "apiBaseUrl": f"http://{host}/api/v4", "token": "lab"}]},
    repository="https://git.example/acme/team/shop",
    authorization="Bearer lab",
    answers={
        f"GET {GITLAB_API}": {"default_branch": "main"},
        f"POST {GITLAB_API}/repository/commits": {"id": "abc"},
        f"POST {GITLAB_API}/merge_requests": {"web_url": "https://git.example/acme/team/shop/-/merge_requests/7"},
        f"DELETE {GITLAB_API}/repository/branches/add%2Fcatalog": None,
    },
    sent={
        f"POST {GITLAB_API}/repository/commits": {
            "branch": BRANCH,
            "start_branch": "main",
            "commit_message": "Add it",
            "actions": [{"action": "create", "file_path": FILE, "content": CONTENT}],
        },
        f"POST {GITLAB_API}/merge_requests": {
            "source_branch": BRANCH,
            "target_branch": "main",
            "title": "Add it",
            "description": "Please",
            "remove_source_branch": True,
        },
    },
    link="https://git.example/acme/team/shop/-/merge_requests/7",
    location="https://git.example/acme/team/shop/-/blob/main/catalog-info.yaml",
    opening=f"POST {GITLAB_API}/merge_requests",
    undoing=[f"DELETE {GITLAB_API}/repository/branches/add%2Fcatalog"],
)

GITEA_API = "/api/v1/repos/acme/shop"
GITEA = Host(
    config=lambda host: {"gitea": [{"host": host, "baseUrl": f"http://{host}", "password": "tea"}]},
    repository="http://{host}/acme/shop",
    authorization="token tea",
    answers={
        f"GET {GITEA_API}": {"default_branch": "main"},
        f"POST {GITEA_API}/contents/{FILE}": {"commit": {"sha": "abc"}},
        f"POST {GITEA_API}/pulls": {"html_url": "https://git.example/acme/shop/pulls/7"},
        f"DELETE {GITEA_API}/branches/{BRANCH}": None,
    },
    sent={
        f"POST {GITEA_API}/contents/{FILE}": {
            "branch": "main",
            "new_branch": BRANCH,
            "message": "Add it",
            "content": ENCODED,
        },
        f"POST {GITEA_API}/pulls": {"title": "Add it", "body": "Please", "head": BRANCH, "base": "main"},
    },
    link="https://git.example/acme/shop/pulls/7",
    location="http://{host}/acme/shop/src/branch/main/catalog-info.yaml",
    opening=f"POST {GITEA_API}/pulls",
    undoing=[f"DELETE {GITEA_API}/branches/{BRANCH}"],
)

BITBUCKET_API = "/2.0/repositories/acme/shop"
BITBUCKET = Host(
    config=lambda host: {"bitbucketCloud": [{"username": "jane", "token": "cloud"}]},
    repository="https://bitbucket.org/acme/shop",
    authorization="Basic " + base64.b64encode(b"jane:cloud").decode(),
    answers={
        f"GET {BITBUCKET_API}": {"mainbranch": {"name": "main"}},
        f"POST {BITBUCKET_API}/refs/branches": {"name": BRANCH},
        f"POST {BITBUCKET_API}/src": None,
        f"POST {BITBUCKET_API}/pullrequests": {
            "links": {"html": {"href": "https://bitbucket.org/acme/shop/pull-requests/7"}}
        },
        f"DELETE {BITBUCKET_API}/refs/branches/{BRANCH}": None,
    },
    sent={
        f"POST {BITBUCKET_API}/refs/branches": {"name": BRANCH, "target": {"hash": "main"}},
        f"POST {BITBUCKET_API}/pullrequests": {
            "title": "Add it",
            "description": "Please",
            "source": {"branch": {"name": BRANCH}},
            "destination": {"branch": {"name": "main"}},
            "close_source_branch": True,
        },
    },
    link="https://bitbucket.org/acme/shop/pull-requests/7",
    location="https://bitbucket.org/acme/shop/src/main/catalog-info.yaml",
    opening=f"POST {BITBUCKET_API}/pullrequests",
    undoing=[f"DELETE {BITBUCKET_API}/refs/branches/{BRANCH}"],
)

SERVER_API = "/rest/api/1.0/projects/SHOP/repos/shop"
SERVER_REPOSITORY = {"slug": "shop", "project": {"key": "SHOP"}}
SERVER = Host(
    config=lambda host: {
        "bitbucketServer": [{"host": "git.example", "apiBaseUrl": f"http://{host}/rest/api/1.0", "token": "own"}]
    },
    repository="https://git.example/projects/SHOP/repos/shop/browse",
    authorization="Bearer own",
    answers={
        f"GET {SERVER_API}/default-branch": {"id": "refs/heads/main", "displayId": "main"},
        f"POST {SERVER_API}/branches": {"id": f"refs/heads/{BRANCH}"},
        f"PUT {SERVER_API}/browse/{FILE}": {"id": "abc"},
        f"POST {SERVER_API}/pull-requests": {
            "id": 7,
            "links": {"self": [{"href": "https://git.example/projects/SHOP/repos/shop/pull-requests/7"}]},
        },
        "DELETE /rest/branch-utils/1.0/projects/SHOP/repos/shop/branches": None,
    },
    sent={
        f"POST {SERVER_API}/branches": {"name": BRANCH, "startPoint": "refs/heads/main"},
        f"POST {SERVER_API}/pull-requests": {
            "title": "Add it",
            "description": "Please",
            "fromRef": {"id": f"refs/heads/{BRANCH}", "repository": SERVER_REPOSITORY},
            "toRef": {"id": "refs/heads/main", "repository": SERVER_REPOSITORY},
        },
    },
    link="https://git.example/projects/SHOP/repos/shop/pull-requests/7",
    location="https://git.example/projects/SHOP/repos/shop/browse/catalog-info.yaml",
    opening=f"POST {SERVER_API}/pull-requests",
    undoing=["DELETE /rest/branch-utils/1.0/projects/SHOP/repos/shop/branches"],
)

every_host = pytest.mark.parametrize(
    "host", [AZURE, GITLAB, GITEA, BITBUCKET, SERVER], ids=["azure", "gitlab", "gitea", "bitbucket", "server"]
)


class Running:
    """A host that answers; the step ``refused`` isn't taken."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.server = HttpServer(self.respond)
        self.refused = ""
        self.asked: list[tuple[str, bytes]] = []

    @property
    def name(self) -> str:
        """Its host and port."""
        return f"127.0.0.1:{self.server.port}"

    @property
    def steps(self) -> list[str]:
        """What was asked of it."""
        return [step for step, _ in self.asked]

    def respond(self, asked: Asked) -> Answer:
        if asked.authorization != self.host.authorization:
            return answer_json({"message": "Who are you?"}, 401)
        step = f"{asked.method} {asked.path}"
        self.asked.append((step, asked.body))
        if step == self.refused:
            return answer_json({"message": {"base": ["is protected"]}}, 409)
        assert step in self.host.answers, step
        answer = self.host.answers[step]
        return Answer(status=204) if answer is None else answer_json(answer, 201 if asked.method == "POST" else 200)

    def wanted(self) -> PullRequest:
        """Return what is to be proposed."""
        url = self.host.repository.format(host=self.name)
        return PullRequest(url, FILE, CONTENT, branch=BRANCH, title="Add it", body="Please")


@contextmanager
def running(host: Host, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """Start a host that the portal has credentials for."""
    there = Running(host)
    monkeypatch.setattr(BitbucketCloudIntegration, "api_base_url", f"http://{there.name}/2.0")
    try:
        with override_config({"integrations": host.config(there.name)}):
            yield there
    finally:
        there.server.close()


@every_host
def test_a_pull_request_is_a_branch_with_the_file_and_words(host: Host, monkeypatch: pytest.MonkeyPatch):
    with running(host, monkeypatch) as there:
        wanted = there.wanted()
        assert can_open_pull_requests(wanted.url)
        opened = open_pull_request(wanted)
        assert opened.link == host.link
        assert opened.location == host.location.format(host=there.name)
        bodies = dict(there.asked)
        assert {step: json.loads(bodies[step]) for step in host.sent} == host.sent


@every_host
def test_a_branch_that_comes_to_nothing_is_removed(host: Host, monkeypatch: pytest.MonkeyPatch):
    with running(host, monkeypatch) as there:
        there.refused = host.opening
        with pytest.raises(InputError, match=r"Couldn't create a .* request for add/catalog branch: .*is protected"):
            open_pull_request(there.wanted())
        after = there.steps[there.steps.index(host.opening) + 1 :]
        assert after == host.undoing


@every_host
def test_a_branch_that_was_there_before_stays(host: Host, monkeypatch: pytest.MonkeyPatch):
    with running(host, monkeypatch) as there:
        there.refused = next(iter(host.sent))
        with pytest.raises(InputError, match=r"Couldn't create a .*'add/catalog'"):
            open_pull_request(there.wanted())
        assert there.steps[-1] == there.refused


@every_host
def test_without_credentials_nothing_is_opened(host: Host, monkeypatch: pytest.MonkeyPatch):
    with running(host, monkeypatch) as there:
        keys = {"host", "baseUrl", "apiBaseUrl"}
        bare = {
            kind: [{key: value for key, value in entry.items() if key in keys} for entry in entries]
            for kind, entries in host.config(there.name).items()
        }
        with override_config({"integrations": bare}):
            assert not can_open_pull_requests(there.wanted().url)
            with pytest.raises(InputError, match="A pull request takes credentials"):
                open_pull_request(there.wanted())
        assert there.steps == []


def test_bitbucket_gets_the_file_as_a_form(monkeypatch: pytest.MonkeyPatch):
    with running(BITBUCKET, monkeypatch) as there:
        open_pull_request(there.wanted())
        sent = dict(there.asked)[f"POST {BITBUCKET_API}/src"].decode()
        assert sent == ("message=Add+it&branch=add%2Fcatalog&%2Fcatalog-info.yaml=kind%3A+Component+%23+%C3%BC%0A")


def test_bitbucket_server_gets_the_file_as_a_form_in_parts(monkeypatch: pytest.MonkeyPatch):
    with running(SERVER, monkeypatch) as there:
        open_pull_request(there.wanted())
        sent = dict(there.asked)[f"PUT {SERVER_API}/browse/{FILE}"]
        boundary = sent.partition(b"\r\n")[0]
        parts = [part.partition(b"\r\n\r\n") for part in sent.split(boundary)[1:-1]]
        assert {head.strip().decode(): body.decode().removesuffix("\r\n") for head, _, body in parts} == {
            'Content-Disposition: form-data; name="branch"': BRANCH,
            'Content-Disposition: form-data; name="message"': "Add it",
            'Content-Disposition: form-data; name="content"': CONTENT,
        }


@pytest.mark.parametrize(
    ("host", "commit"),
    [(BITBUCKET, f"POST {BITBUCKET_API}/src"), (SERVER, f"PUT {SERVER_API}/browse/{FILE}")],
    ids=["bitbucket", "server"],
)
def test_the_branch_goes_if_the_file_is_refused(host: Host, commit: str, monkeypatch: pytest.MonkeyPatch):
    with running(host, monkeypatch) as there:
        there.refused = commit
        with pytest.raises(InputError, match=r"catalog-info\.yaml file added"):
            open_pull_request(there.wanted())
        assert there.steps[-1] == host.undoing[0]
